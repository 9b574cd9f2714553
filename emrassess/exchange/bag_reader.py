"""Reads bags of ours from outside, of whatever kind: evidence packages, and others of the same form.

Nothing is trusted, every fault is found and not only the first, and what is read is read in place: nothing is left on
the disk, but where unpacking is asked for, and there only what was found good.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from emrassess.atomic import new_folder
from emrassess.errors import StorageError, UserError, why_unreadable
from emrassess.exchange.bag import Bag, Progress, check_contents, read_bag
from emrassess.exchange.names import path_fault
from emrassess.exchange.package_format import parse_json
from emrassess.exchange.safe_zip import ZipTree
from emrassess.exchange.signing import FORMAT_NAME, SIGNATURE_FILE, SIGNED_FILE, Signature, check
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, FolderTree, Limits, Refused, Tree, read_small

T = TypeVar("T")
Said_co = TypeVar("Said_co", covariant=True)

_MAX_DOCUMENT = 64 << 20
_MAX_SIGNATURE = 1 << 20
_MOST_FAULTS = 500
_OURS = {
    "data/assessment.json": ("实证材料包", "请用“打开材料包”（package open）打开它。"),
    "data/packet.json": ("科室任务包", "请用“打开任务包”（packet open）打开它；科室交回的，请在发出它的工作区里合并。"),
    "data/review.json": ("专家的核查结果", "请在医院或同组专家的工作区里导入它（review import）。"),
}
"""Every kind of bag that we write, by the document that makes it one, and what is done with it."""
_REQUIRED_TAGS = ("bag-info.txt", "manifest-sha256.txt", SIGNED_FILE)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Said_co]):
    """A kind of bag. `name` in Chinese; `required`: files it must have.

    `read` gives what it says, None where that cannot be told, and adds the faults it finds.
    `strict`: held to the form that we write, else any BagIt bag will do.
    """

    name: str
    required: tuple[str, ...]
    read: Callable[[Tree, Bag, list[Fault]], Said_co | None]
    strict: bool = True


def _says_nothing(_tree: Tree, _bag: Bag, _faults: list[Fault]) -> None:
    """What a bag says that may be anybody's."""


ANY_BAG: Kind[None] = Kind("BagIt 包", (), _says_nothing, strict=False)


@dataclass(frozen=True, slots=True)
class Examined(Generic[Said_co]):
    """What came out. `problems` in Chinese, each with its entry; `said`: what the bag says, as its kind reads it.

    `signature` is told only where nothing is wrong; None then means unsigned. `files` and `total_bytes` count what was
    looked at, tag files included; 0 where the file could not be read at all.
    """

    problems: tuple[Fault, ...]
    said: Said_co | None = None
    signature: Signature | None = None
    files: int = 0
    total_bytes: int = 0

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def open_tree(path: Path, limits: Limits = DEFAULT_LIMITS, passphrase: str | None = None) -> Tree:
    """A zip or a folder as a tree, to be closed. Refused where its form is not trusted, UserError if unreadable.

    NeedsPassphrase or WrongPassphrase (of sealing.py) where it is sealed.
    """
    try:
        return FolderTree(path, limits) if path.is_dir() else ZipTree(path, limits, passphrase)
    except FileNotFoundError:
        raise UserError(f"找不到 {path}", "请检查位置；如果在 U 盘或网络盘上，看它是否还连着。") from None
    except OSError as error:
        raise UserError(f"无法读取 {path}：{why_unreadable(error)}", "请检查文件能否打开。") from error


def examine(
    path: Path,
    kind: Kind[T],
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    passphrase: str | None = None,
) -> Examined[T]:
    """Hold the bag `path` (zip or folder) against its own announcements.

    `progress(done, total, what)` counts bytes and may raise `Cancelled`. UserError only where `path` cannot be read at
    all; NeedsPassphrase or WrongPassphrase (of sealing.py) where it is sealed.
    """
    try:
        with opened_bag(path, limits, passphrase) as tree:
            return examined(tree, read_bag(tree), kind, progress)
    except Refused as error:
        return Examined(_limited(error.faults))


def read(
    path: Path,
    kind: Kind[T],
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    passphrase: str | None = None,
) -> tuple[T, Examined[T]]:
    """What a bag says, once it is found good; Refused with every fault otherwise, else as `examine`."""
    return _good(examine(path, kind, progress, limits, passphrase))


def unpack(
    path: Path,
    target: Path,
    kind: Kind[T],
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    passphrase: str | None = None,
) -> tuple[T, Examined[T]]:
    """Unpack a bag into the new folder `target` (without the zip's top folder), once it is found good.

    As `read`; StorageError where the disk does not take it or `target` exists already. After any error or cancel
    nothing stays behind. What is written is held against the digests once more, so that a file changed in between is
    noticed. `progress` counts the bytes of both passes.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StorageError(f"{target} 已经存在，没有改动它。", "请选一个新的文件夹名称。")
    both = progress and _in_two(progress)
    with opened_bag(path, limits, passphrase) as tree:
        bag = read_bag(tree)
        found = _good(examined(tree, bag, kind, both and both[0]))
        with new_folder(target) as folder:
            if faults := check_contents(tree, bag, both and both[1], copy_to=folder):
                raise Refused(faults, "文件在校验之后被改动了，请重新取一份。")
    return found


@contextmanager
def opened_bag(path: Path, limits: Limits, passphrase: str | None) -> Iterator[Tree]:
    """As `open_tree`; a disk that goes away in the middle is said plainly."""
    try:
        with open_tree(path, limits, passphrase) as tree:
            yield tree
    except OSError as error:
        raise UserError(f"读取 {path} 时出错：{why_unreadable(error)}", "请检查磁盘是否还连着。") from error


def _in_two(progress: Progress) -> tuple[Progress, Progress]:
    return (
        lambda done, total, _: progress(done, 2 * total, "正在校验"),
        lambda done, total, _: progress(total + done, 2 * total, "正在解开"),
    )


def _good(found: Examined[T]) -> tuple[T, Examined[T]]:
    if not found.ok or found.said is None:
        raise Refused(list(found.problems))
    return found.said, found


def examined(tree: Tree, bag: Bag, kind: Kind[T], progress: Progress | None) -> Examined[T]:
    """What `examine` finds, of a bag that is open already."""
    faults = list(bag.faults)
    said = kind.read(tree, bag, faults)
    if kind.strict:
        _check_form(tree, bag, kind, faults)
    signature = _signature(tree, bag, kind, faults)
    faults += check_contents(tree, bag, progress)
    signed_by = None if faults else signature
    return Examined(_limited(faults), said, signed_by, len(tree.files), sum(tree.files.values()))


def _limited(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    listed = list(dict.fromkeys(faults))
    if len(listed) > _MOST_FAULTS:
        rest = len(listed) - _MOST_FAULTS
        listed = [*listed[:_MOST_FAULTS], Fault("", f"另有 {rest} 处问题没有列出")]
    return tuple(listed)


def _check_form(tree: Tree, bag: Bag, kind: Kind[object], faults: list[Fault]) -> None:
    """What our bags are stricter in than others."""
    missing = [path for path in (*kind.required, *_REQUIRED_TAGS) if path not in tree.files]
    other = next((said for path, said in _OURS.items() if path in tree.files), None)
    if other and all(path in missing for path in kind.required):
        name, hint = other
        faults.append(Fault("", f"这是{name}，不是{kind.name}", hint))
    else:
        faults += [Fault(path, f"缺少这个文件：不是完整的{kind.name}") for path in missing]
    if bag.version != (1, 0):
        faults.append(Fault("bagit.txt", f"{kind.name}应为 BagIt 1.0 版"))
    for path in tree.files:
        if fault := path_fault(path, portable=True):
            faults.append(Fault(path, fault))
        elif not path.startswith("data/") and not _is_unlisted(path) and path not in bag.tags:
            faults.append(Fault(path, f"没有列在 {SIGNED_FILE} 里：多出的文件"))


def _is_unlisted(path: str) -> bool:
    """Whether `path` is one of the files that no manifest can list."""
    return path == SIGNATURE_FILE or path.startswith("tagmanifest-")


def load_document(
    tree: Tree, path: str, format_name: str, faults: list[Fault], most: int = _MAX_DOCUMENT
) -> dict[str, object] | None:
    """The JSON document `path` (at most `most` bytes), its `format` being `format_name`/1.

    None where it is not to be had, with the fault added; without a fault only where there is no such file.
    """
    if path not in tree.files:
        return None
    try:
        data = parse_json(read_small(tree, path, most))
    except ValueError as error:
        faults.append(Fault(path, str(error)))
        return None
    except Refused as error:
        faults += error.faults
        return None
    written = data.get("format") if isinstance(data, dict) else None
    if isinstance(data, dict) and written == f"{format_name}/1":
        return data
    newer = re.fullmatch(re.escape(format_name) + r"/(\d{1,6})", str(written))
    if newer and int(newer[1]) > 1:
        message = f"格式是第 {newer[1]} 版（{written}），本程序只认识第 1 版；请升级本程序后再打开"
    elif written == "emrassess-projection/1":
        message = "是按假设推算的结果，不是得分"
    else:
        message = f"格式应为 {format_name}/1，现在是“{str(written)[:80]}”"
    faults.append(Fault(path, message))
    return None


def _signature(tree: Tree, bag: Bag, kind: Kind[object], faults: list[Fault]) -> Signature | None:
    """Who signed the bag; None where nobody did, or the signature is broken, which is a fault."""
    if not kind.strict and not _is_ours(tree):
        return None
    document = load_document(tree, SIGNATURE_FILE, FORMAT_NAME, faults, _MAX_SIGNATURE)
    if document is None:
        return None
    try:
        if SIGNED_FILE not in tree.files:
            raise ValueError(f"签了名，却没有 {SIGNED_FILE}")
        signature = check(document, read_small(tree, SIGNED_FILE, _MAX_DOCUMENT))
    except ValueError as error:
        faults.append(Fault(SIGNATURE_FILE, str(error)))
        return None
    except Refused as error:
        faults += error.faults
        return None
    for path in tree.files:  # a manifest of another algorithm may list files that the signed one does not
        if not _is_unlisted(path) and "sha256" not in bag.expected(path):
            faults.append(Fault(path, "不在签名的范围内：多出的文件"))
    return signature


def _is_ours(tree: Tree) -> bool:
    """Other people's bags may hold a file of that name that means something else."""
    if tree.files.get(SIGNATURE_FILE, _MAX_SIGNATURE) >= _MAX_SIGNATURE:
        return False
    try:
        data = parse_json(read_small(tree, SIGNATURE_FILE, _MAX_SIGNATURE))
    except (ValueError, Refused):
        return False
    return isinstance(data, dict) and str(data.get("format")).startswith(f"{FORMAT_NAME}/")
