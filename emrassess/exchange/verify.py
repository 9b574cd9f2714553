"""Verifies and opens evidence packages from outside. Verifying reads in place and leaves nothing on the disk."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emrassess.atomic import new_folder
from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment
from emrassess.errors import FileProblems, StorageError, UserError, why_unreadable
from emrassess.exchange.bag import Bag, Progress, check_contents, read_bag
from emrassess.exchange.names import path_fault
from emrassess.exchange.package_format import PackageFile, assessment_of, parse_json, read_package_file
from emrassess.exchange.safe_zip import ZipTree
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, FolderTree, Limits, Refused, Tree, read_small

_MAX_DOCUMENT = 64 << 20
_MOST_FAULTS = 500
_REQUIRED = ("data/index.html", "data/assessment.json", "data/score.json")
_REQUIRED_TAGS = ("bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """What a package holds. `clauses_met` of `clauses_answered`; `evidence` pieces; all `files` and their bytes."""

    hospital: str
    pack: str
    pack_version: str
    target: int
    packed_at: str
    clauses_answered: int
    clauses_met: int
    evidence: int
    files: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Verification:
    """`ok`: nothing is wrong. `problems` in Chinese, each with its entry. `summary` is None for other bags.

    `files` and `total_bytes` count what was looked at, tag files included; 0 where the file could not be read at all.
    """

    ok: bool
    problems: tuple[Fault, ...]
    summary: PackageSummary | None = None
    files: int = 0
    total_bytes: int = 0

    def as_json(self) -> dict[str, object]:
        """For `package verify --json`."""
        summary = self.summary
        return {
            "ok": self.ok,
            "problems": [{"entry": fault.entry, "message": fault.message} for fault in self.problems],
            "summary": None if summary is None else {name: getattr(summary, name) for name in summary.__slots__},
            "files": self.files,
            "total_bytes": self.total_bytes,
        }


def open_tree(path: Path, limits: Limits = DEFAULT_LIMITS) -> Tree:
    """A zip or a folder as a tree, to be closed. Refused where its form is not trusted, UserError if unreadable."""
    try:
        return FolderTree(path, limits) if path.is_dir() else ZipTree(path, limits)
    except FileNotFoundError:
        raise UserError(f"找不到 {path}", "请检查位置；如果在 U 盘或网络盘上，看它是否还连着。") from None
    except OSError as error:
        raise UserError(f"无法读取 {path}：{why_unreadable(error)}", "请检查文件能否打开。") from error


def verify(
    path: Path, bag_only: bool = False, progress: Progress | None = None, limits: Limits = DEFAULT_LIMITS
) -> Verification:
    """Hold a package (zip or folder) against its own announcements; every fault found, not only the first.

    `bag_only`: any BagIt bag; else it must be an evidence package too. `progress(done, total, what)` counts bytes and
    may raise `Cancelled`. UserError only where `path` cannot be read at all.
    """
    try:
        with open_tree(path, limits) as tree:
            return _verify_tree(tree, bag_only, progress)
    except Refused as error:
        return Verification(False, error.faults[:_MOST_FAULTS])
    except OSError as error:
        raise UserError(f"读取 {path} 时出错：{why_unreadable(error)}", "请检查磁盘是否还连着。") from error


def _verify_tree(tree: Tree, bag_only: bool, progress: Progress | None) -> Verification:
    bag = read_bag(tree)
    faults = list(bag.faults)
    document: PackageFile | None = None
    if not bag_only:
        document = _document(tree, faults)
        _check_form(tree, bag, faults)
        _check_score(tree, document, faults)
        if document:
            _check_evidence(tree, bag, document, faults)
    faults += check_contents(tree, bag, progress)
    total = sum(tree.files.values())
    summary = _summary(document, len(tree.files), total) if document else None
    return Verification(not faults, _limited(faults), summary, len(tree.files), total)


def _limited(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    listed = list(dict.fromkeys(faults))
    if len(listed) > _MOST_FAULTS:
        rest = len(listed) - _MOST_FAULTS
        listed = [*listed[:_MOST_FAULTS], Fault("", f"另有 {rest} 处问题没有列出")]
    return tuple(listed)


def _summary(document: PackageFile, files: int, total: int) -> PackageSummary:
    verdicts = [answer.verdict for answer in document.answers.values()]
    return PackageSummary(
        hospital=document.hospital,
        pack=document.pack.id,
        pack_version=document.pack.version,
        target=document.target,
        packed_at=document.packed_at,
        clauses_answered=sum(verdict != Verdict.NOT_ASSESSED for verdict in verdicts),
        clauses_met=sum(verdict == Verdict.MET for verdict in verdicts),
        evidence=len(document.evidence),
        files=files,
        total_bytes=total,
    )


def _check_form(tree: Tree, bag: Bag, faults: list[Fault]) -> None:
    """What an evidence package is stricter in than other bags."""
    for path in (*_REQUIRED, *_REQUIRED_TAGS):
        if path not in tree.files:
            faults.append(Fault(path, "缺少这个文件：不是完整的实证材料包"))
    if bag.version != (1, 0):
        faults.append(Fault("bagit.txt", "实证材料包应为 BagIt 1.0 版"))
    for path in tree.files:
        if fault := path_fault(path, portable=True):
            faults.append(Fault(path, fault))
        elif not path.startswith(("data/", "tagmanifest-")) and path not in bag.tags:
            faults.append(Fault(path, "没有列在 tagmanifest-sha256.txt 里：多出的文件"))


def _load(tree: Tree, path: str, format_name: str, faults: list[Fault]) -> dict[str, object] | None:
    """A JSON document of the bag whose format we know; None, and the fault, where it is not to be had."""
    if path not in tree.files:
        return None
    try:
        data = parse_json(read_small(tree, path, _MAX_DOCUMENT))
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


def _document(tree: Tree, faults: list[Fault]) -> PackageFile | None:
    path = "data/assessment.json"
    data = _load(tree, path, "emrassess-package", faults)
    if data is None:
        return None
    try:
        document = read_package_file(data, path)
        assessment_of(document)
    except FileProblems as error:
        faults += [Fault(path, problem.message) for problem in error.problems]
        return None
    except ValueError as error:
        faults.append(Fault(path, str(error)))
        return None
    return document


def _check_score(tree: Tree, document: PackageFile | None, faults: list[Fault]) -> None:
    path = "data/score.json"
    score = _load(tree, path, "emrassess-score", faults)
    if score is None or document is None:
        return
    if (score.get("pack"), score.get("target")) != (document.pack.id, document.target):
        faults.append(Fault(path, "标准包或目标级别和 assessment.json 不同"))


def _check_evidence(tree: Tree, bag: Bag, document: PackageFile, faults: list[Fault]) -> None:
    """Every piece named is there with the digest and size stated, and every evidence file is named."""
    ids = [piece.id for piece in document.evidence]
    if len(set(ids)) != len(ids):
        faults.append(Fault("data/assessment.json", "实证材料的编号有重复"))
    for piece in document.evidence:
        path = f"data/{piece.path}"
        if path not in tree.files:
            faults.append(Fault(path, f"assessment.json 里的实证材料“{piece.title or piece.file_name}”不在包里"))
        elif bag.expected(path).get("sha256") != piece.sha256:
            faults.append(Fault(path, "assessment.json 里的校验值和清单不同"))
        elif tree.files[path] != piece.size:
            faults.append(Fault(path, "assessment.json 里的大小和文件不同"))
    named = {f"data/{piece.path}" for piece in document.evidence}
    for path in tree.files:
        if path.startswith("data/evidence/") and path not in named:
            faults.append(Fault(path, "assessment.json 里没有这份材料：多出的文件"))


def read_package(path: Path, progress: Progress | None = None, limits: Limits = DEFAULT_LIMITS) -> Assessment:
    """The assessment in a package, once the package is verified. Refused with every fault otherwise.

    Each piece of evidence has one revision, the one in force when the package was made; nobody is named for it.
    """
    _verified(path, progress, limits)
    with open_tree(path, limits) as tree:
        document = _document(tree, [])
        if document is None:
            raise Refused([Fault("data/assessment.json", "校验之后被改动了")])
        return assessment_of(document)


def extract(
    path: Path, target: Path, progress: Progress | None = None, limits: Limits = DEFAULT_LIMITS
) -> PackageSummary:
    """Unpack a package into the new folder `target` (without the zip's top folder), once it is verified.

    Refused with every fault where it is not trusted; StorageError where the disk does not take it or `target` exists
    already. After any error or cancel nothing stays behind. What is written is held against the digests once more, so
    that a file exchanged in between is noticed. `progress` counts the bytes of both passes.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StorageError(f"{target} 已经存在，没有改动它。", "请选一个新的文件夹名称。")
    both = progress and _in_two(progress)
    summary = _verified(path, both and both[0], limits)
    try:
        tree = open_tree(path, limits)
        with tree, new_folder(target) as folder:
            bag = read_bag(tree)
            if faults := check_contents(tree, bag, both and both[1], copy_to=folder):
                raise Refused(faults)
    except Refused as error:
        raise Refused(list(error.faults), "文件在校验之后被改动了，请重新取一份。") from None
    return summary


def _in_two(progress: Progress) -> tuple[Progress, Progress]:
    return (
        lambda done, total, _: progress(done, 2 * total, "正在校验"),
        lambda done, total, _: progress(total + done, 2 * total, "正在解开"),
    )


def _verified(path: Path, progress: Progress | None, limits: Limits) -> PackageSummary:
    result = verify(path, progress=progress, limits=limits)
    if not result.ok or result.summary is None:
        raise Refused(list(result.problems))
    return result.summary
