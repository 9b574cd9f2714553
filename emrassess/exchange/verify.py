"""Verifies and opens evidence packages from outside. Verifying reads in place and leaves nothing on the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment
from emrassess.errors import FileProblems
from emrassess.exchange.bag import Bag, Progress, read_bag
from emrassess.exchange.bag_reader import (
    ANY_BAG,
    Examined,
    Kind,
    examine,
    examined,
    load_document,
    opened_bag,
    read,
    unpack,
)
from emrassess.exchange.opened import FILES, Opened, Part
from emrassess.exchange.package_format import PackageFile, assessment_of, read_package_file
from emrassess.exchange.signing import Signature
from emrassess.exchange.texts import check_texts
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, Limits, Refused, Tree

_DOCUMENT, _SCORE = "data/assessment.json", "data/score.json"


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

    `signature` is told only where nothing is wrong; None then means unsigned, which is no fault. `files` and
    `total_bytes` count what was looked at, tag files included; 0 where the file could not be read at all.
    """

    ok: bool
    problems: tuple[Fault, ...]
    summary: PackageSummary | None = None
    files: int = 0
    total_bytes: int = 0
    signature: Signature | None = None

    def as_json(self) -> dict[str, object]:
        """For `package verify --json`."""
        summary, signature = self.summary, self.signature
        return {
            "ok": self.ok,
            "problems": [{"entry": fault.entry, "message": fault.message} for fault in self.problems],
            "summary": None if summary is None else {name: getattr(summary, name) for name in summary.__slots__},
            "signature": None if signature is None else _signature_json(signature),
            "files": self.files,
            "total_bytes": self.total_bytes,
        }


def _signature_json(signature: Signature) -> dict[str, str]:
    shown = ("name", "organisation", "fingerprint", "signed_at")
    return {name: getattr(signature, name) for name in shown}


def verify(
    path: Path,
    bag_only: bool = False,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    passphrase: str | None = None,
) -> Verification:
    """Hold a package (zip or folder) against its own announcements; every fault found, not only the first.

    `bag_only`: any BagIt bag; else it must be an evidence package too. `progress(done, total, what)` counts bytes and
    may raise `Cancelled`. UserError only where `path` cannot be read at all; NeedsPassphrase or WrongPassphrase (of
    sealing.py) where it is sealed.
    """
    found = examine(path, ANY_BAG if bag_only else PACKAGE, progress, limits, passphrase)
    summary = summary_of(found.said, found) if found.said else None
    return Verification(found.ok, found.problems, summary, found.files, found.total_bytes, found.signature)


def read_package(
    path: Path, progress: Progress | None = None, limits: Limits = DEFAULT_LIMITS, passphrase: str | None = None
) -> Assessment:
    """The assessment in a package, once the package is verified. Refused with every fault otherwise.

    Each piece of evidence has one revision, the one in force when the package was made; nobody is named for it.
    """
    document, _ = read(path, PACKAGE, progress, limits, passphrase)
    return assessment_of(document)


@dataclass(frozen=True)
class OpenPackage(Opened):
    """A package whose form, documents and signature were found good; see Opened. Every piece has its path."""

    document: PackageFile

    @property
    def assessment(self) -> Assessment:
        """What the package tells; each piece of evidence has one revision."""
        return assessment_of(self.document)


@contextmanager
def opened_package(path: Path, limits: Limits = DEFAULT_LIMITS, passphrase: str | None = None) -> Iterator[OpenPackage]:
    """The package `path` (zip or folder), all but the contents of its evidence found good; errors as `read_package`."""
    with opened_bag(path, limits, passphrase) as tree:
        bag = read_bag(tree)
        kind = Kind(PACKAGE.name, PACKAGE.required, lambda _part, bag, faults: _read_to_keep(tree, bag, faults))
        found = examined(Part(tree, lambda file: not file.startswith(FILES)), bag, kind, None)
        if not found.ok or found.said is None:
            raise Refused(list(found.problems))
        yield OpenPackage(found.signature, tree, bag, found.said)


def extract(
    path: Path,
    target: Path,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    passphrase: str | None = None,
) -> PackageSummary:
    """Unpack a package into the new folder `target`, verified first; see bag_reader.unpack."""
    return summary_of(*unpack(path, target, PACKAGE, progress, limits, passphrase))


def summary_of(document: PackageFile, found: Examined[object]) -> PackageSummary:
    """What the package says in short."""
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
        files=found.files,
        total_bytes=found.total_bytes,
    )


def _read(tree: Tree, bag: Bag, faults: list[Fault]) -> PackageFile | None:
    document = _document(tree, faults)
    _check_score(tree, document, faults)
    if document:
        _check_evidence(tree, bag, document, faults)
    return document


def _read_to_keep(tree: Tree, bag: Bag, faults: list[Fault]) -> PackageFile | None:
    document = _read(tree, bag, faults)
    try:
        check_texts(document.model_dump() if document else None)
    except ValueError as error:
        faults.append(Fault(_DOCUMENT, str(error)))
    return document


def _document(tree: Tree, faults: list[Fault]) -> PackageFile | None:
    data = load_document(tree, _DOCUMENT, "emrassess-package", faults)
    if data is None:
        return None
    try:
        document = read_package_file(data, _DOCUMENT)
        del data
        assessment_of(document)
    except FileProblems as error:
        faults += [Fault(_DOCUMENT, problem.message) for problem in error.problems]
        return None
    except ValueError as error:
        faults.append(Fault(_DOCUMENT, str(error)))
        return None
    return document


def _check_score(tree: Tree, document: PackageFile | None, faults: list[Fault]) -> None:
    score = load_document(tree, _SCORE, "emrassess-score", faults)
    if score is None or document is None:
        return
    if (score.get("pack"), score.get("target")) != (document.pack.id, document.target):
        faults.append(Fault(_SCORE, "标准包或目标级别和 assessment.json 不同"))


def _check_evidence(tree: Tree, bag: Bag, document: PackageFile, faults: list[Fault]) -> None:
    """Every piece named is there with the digest and size stated, and every evidence file is named."""
    ids = [piece.id for piece in document.evidence]
    if len(set(ids)) != len(ids):
        faults.append(Fault(_DOCUMENT, "实证材料的编号有重复"))
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


PACKAGE = Kind("实证材料包", ("data/index.html", _DOCUMENT, _SCORE), _read)
