"""Opening a .docx: what kind of file it really is, and its parts, read with suspicion.

The standard library is enough here, and fits better than python-docx: that reads every part into memory before anyone
can say how large it is, hides which cells continue a merge (the very thing the categories hang on), skips rows in
content controls, and brings a compiled XML library to desktops for which there may be none.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO

from emrassess.errors import RefusedError, UserError, why_unreadable
from emrassess.packs.official.xml_events import Attributes, parse_events

SAVE_AS_DOCX = (
    "请用 WPS 或 Word 打开它，选“文件”—“另存为”，文件类型选“Microsoft Word 文件（*.docx）”"
    "（Word 里叫“Word 文档（*.docx）”），再导入另存出来的文件。"
)
_FRESH_COPY = "请从发布单位或医院的公文系统重新取一份，用 WPS 或 Word 打开后另存为 .docx 再试。"

MAX_FILE = 300_000_000
MAX_ENTRIES = 5_000
MAX_DIRECTORY = 2_000_000
MAX_PART = 32_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = struct.Struct("<4s4H2LH")
_CHUNK = 4_000_000
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000


class DocxFile:
    """A Word document's parts.

    UserError where it is another kind of file, RefusedError where it is damaged or not to be trusted.
    """

    def __init__(self, file: Path) -> None:
        self.name = file.name
        try:
            self._check_kind(file)
            self._zip = zipfile.ZipFile(file)
        except OSError as error:
            raise UserError(
                f"无法读取文件 {file.name}：{why_unreadable(error)}",
                "请检查文件是否存在、能否打开；如果它正在 WPS 或 Word 里打开着，请先关闭。",
            ) from None
        except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
            raise self.damaged("压缩结构不完整") from None
        try:
            self._check_entries()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> "DocxFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def damaged(self, why: str) -> RefusedError:
        """The error for a document that cannot be read."""
        return RefusedError(f"文件 {self.name} 无法读取：{why}", _FRESH_COPY)

    def main_part(self) -> str:
        """The name of the part that holds the text."""
        target = ""

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal target
            if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                target = target or attributes.get("Target", "").lstrip("/")

        if self.has("_rels/.rels"):
            parse_events(self, "_rels/.rels", start)
        if self.has(target):
            return target
        if self.has("word/document.xml"):
            return "word/document.xml"
        raise UserError(f"文件 {self.name} 是压缩文件，但不是 Word 文档", SAVE_AS_DOCX)

    def beside(self, part: str, name: str) -> str:
        """The part `name` in the folder of `part`."""
        return str(PurePosixPath(part).parent / name)

    def has(self, part: str) -> bool:
        return part in self._sizes

    def pieces(self, part: str) -> Iterator[bytes]:
        """The bytes of a part, in pieces. RefusedError where it is too large or damaged."""
        if self._sizes[part] > MAX_PART:
            raise self._bomb(part)
        total = 0
        try:
            with self._zip.open(part) as stream:
                while piece := stream.read(_CHUNK):
                    total += len(piece)
                    if total > MAX_PART:
                        raise self._bomb(part)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise self.damaged(f"其中的 {part} 已损坏") from None

    def _bomb(self, part: str) -> RefusedError:
        return RefusedError(
            f"文件 {self.name} 里的 {part} 解开后超过 {MAX_PART // 1_000_000} MB，不像正常的文档，没有读取", _FRESH_COPY
        )

    def _check_kind(self, file: Path) -> None:
        if file.is_dir():
            raise UserError(f"{file.name} 是文件夹，不是文件", "请选择标准文件本身（.docx）。")
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(4096)
            if not head.startswith(b"PK\x03\x04"):
                raise _other_kind(file.name, head, _ole_part(stream, head))
            stream.seek(max(size - _END.size - 0xFFFF, 0))
            tail = stream.read()
        if size > MAX_FILE:
            raise RefusedError(f"文件 {file.name} 超过 {MAX_FILE // 1_000_000} MB，没有读取", _FRESH_COPY)
        self._check_directory(tail)

    def _check_directory(self, tail: bytes) -> None:
        """Refuse a directory too large before the library reads it all."""
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or at + _END.size > len(tail):
            raise self.damaged("压缩结构不完整，可能没有复制完或下载完")
        count, length = _END.unpack_from(tail, at)[4:6]
        wide = at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07"
        if wide or count > MAX_ENTRIES or length > MAX_DIRECTORY:
            raise self.damaged("里面的条目太多，不像正常的文档")

    def _check_entries(self) -> None:
        self._sizes: dict[str, int] = {}
        for entry in self._zip.infolist():
            if entry.flag_bits & _ENCRYPTED:
                raise UserError(f"文件 {self.name} 加了密码", "请先用 WPS 或 Word 打开，去掉密码后另存为 .docx 再试。")
            if entry.filename in self._sizes:
                raise self.damaged(f"其中有两个 {entry.filename}，无法确定以哪个为准")
            self._sizes[entry.filename] = entry.file_size


def _ole_part(stream: BinaryIO, head: bytes) -> str:
    """What an OLE file holds, by the names in its directory (MS-CFB 2.2: where the header says that it begins)."""
    if not head.startswith(_OLE) or len(head) < 52:
        return ""
    sector, first = 1 << min(head[30], 20), struct.unpack_from("<L", head, 48)[0]
    stream.seek((first + 1) * sector)
    rest = head + stream.read(64_000)
    for name in ("EncryptedPackage", "WordDocument", "Workbook", "PowerPoint Document"):
        if name.encode("utf-16-le") in rest:
            return name
    return ""


def _other_kind(name: str, head: bytes, ole: str) -> UserError:
    """The error for a file that is no zip, by what it holds rather than by its ending."""
    if name.startswith("~$"):
        return UserError(f"{name} 是 Word 或 WPS 打开文件时的临时文件", "请选择名称前面没有“~$”的那个文件。")
    if not head.strip(b"\0\r\n\t "):
        return UserError(f"文件 {name} 是空的", _FRESH_COPY)
    if head.startswith(_OLE):
        if ole == "EncryptedPackage":
            return UserError(f"文件 {name} 加了打开密码", "请先用 WPS 或 Word 打开，去掉密码后另存为 .docx 再试。")
        kind = {"Workbook": "旧版 Excel 表格（.xls 或 .et）", "PowerPoint Document": "旧版演示文稿（.ppt 或 .dps）"}
        return _not_docx(name, kind.get(ole, "旧格式的文档（.doc 或 .wps）"))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in start[:1024]:
        return UserError(
            f"文件 {name} 是 PDF，表格的合并关系已经丢失，不能直接导入",
            "请用标准的 Word 版本；只有 PDF 时，可以用 WPS 的“PDF 转 Word”另存为 .docx，导入后逐条核对。",
        )
    if start.startswith(b"{\\rtf"):
        return _not_docx(name, "RTF 文档")
    if start.startswith((b"<!doctype html", b"<html", b"mime-version:")) or b"<html" in start:
        return _not_docx(name, "网页")
    if start.startswith(b"<?xml") or start.startswith(b"<"):
        return _not_docx(name, "XML 文档")
    return _not_docx(name, "Word 文档以外的文件")


def _not_docx(name: str, kind: str) -> UserError:
    return UserError(f"文件 {name} 是{kind}，不能直接导入", SAVE_AS_DOCX)
