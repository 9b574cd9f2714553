"""File names that every system takes, and paths from outside that none should.

Used from both sides: what we write is safe on Windows, and what we read is refused where it is not.
"""

import re
import unicodedata

MAX_DEPTH = 20
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 1000

# Windows takes these names for devices, whatever the extension, and also with the superscript digits.
_DEVICE = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
# C0 and C1 controls, line and paragraph separators, and marks that turn the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_WINDOWS = re.compile(r'[<>:"|?*]')


def has_unseen(text: str) -> bool:
    """Whether `text` holds what no line should: controls, ends of lines, turns of the direction of writing."""
    return _UNSEEN.search(text) is not None


def without_unseen(text: str) -> str:
    """`text` with blanks in place of those."""
    return _UNSEEN.sub(" ", text)


def safe_name(name: str, most: int = 80) -> str:
    """`name` as one file name that Windows, Linux and macOS take: NFC, at most `most` characters (180 bytes).

    The extension is kept; what is not allowed becomes `_`; never empty. `%` becomes its full-width form: RFC 8493 has
    it escaped in manifests, which widely used BagIt tools do not understand.
    """
    text = unicodedata.normalize("NFC", _UNSEEN.sub("_", name)).replace("%", "％")
    text = _WINDOWS.sub("_", text.replace("/", "_").replace("\\", "_")).strip(" ").rstrip(". ")
    stem, dot, extension = text.rpartition(".")
    if not stem or len(extension) > 12:
        stem, dot, extension = text, "", ""
    tail = dot + extension
    stem = stem[: max(most - len(tail), 1)]
    while len((stem + tail).encode()) > 180:
        stem = stem[:-1]
    text = stem.rstrip(". ") + tail
    if not text.strip("._ "):
        text = "file" + tail
    return f"_{text}" if _DEVICE.match(text) else text


def path_fault(path: str, portable: bool = False) -> str:
    """Why `path` (of an entry in a bag, with `/`) is not taken, in Chinese; empty where it is.

    `portable`: also refuse what Windows cannot store.
    """
    parts = path.split("/")
    if not path:
        return "名称是空的"
    if "\\" in path:
        return "名称里有反斜杠"
    if path.startswith("/"):
        return "是绝对路径"
    if re.match(r"[A-Za-z]:", path):
        return "带盘符"
    if ".." in parts:
        return "含“..”，会指到包外面"
    if "" in parts or "." in parts:
        return "路径里有空的一段或“.”"
    if _UNSEEN.search(path):
        return "名称里有看不见的控制字符"
    if len(parts) > MAX_DEPTH:
        return f"文件夹嵌套超过 {MAX_DEPTH} 层"
    if len(path.encode()) > MAX_PATH_BYTES or any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        return "名称太长"
    return _portable_fault(parts) if portable else ""


def _portable_fault(parts: list[str]) -> str:
    for part in parts:
        if found := _WINDOWS.search(part):
            return f"名称里有 Windows 不允许的字符“{found.group()}”"
        if part[-1] in ". ":
            return "名称以点或空格结尾，Windows 不允许"
        if _DEVICE.match(part):
            return f"“{part}”是 Windows 的保留名"
    return ""


def folded(path: str) -> str:
    """`path` as systems see it that ignore case and Unicode composition: equal means the names clash."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


class Clashes:
    """Finds names that some systems cannot hold side by side."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, bool]] = {}
        self._files: set[str] = set()

    def add(self, path: str, folder: bool = False) -> str:
        """Take in one path and its parent folders; why it clashes with an earlier one (Chinese), or empty."""
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            name, is_folder = "/".join(parts[:depth]), depth < len(parts) or folder
            known = self._known.setdefault(folded(name), (name, is_folder))
            if known[0] != name:
                return f"和“{known[0]}”只差大小写或字符的组合形式"
            if known[1] != is_folder:
                return "既是文件又是文件夹"
            if depth == len(parts) and not is_folder:
                if name in self._files:
                    return "出现了两次"
                self._files.add(name)
        return ""
