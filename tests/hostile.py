"""Sound files of every kind that comes in from outside, and what is done with them, for tests that spoil copies.

A new kind is a few lines in `Samples._kinds`: the test of hostile files and `make fuzz` then try it too.
"""

import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyzipper
from PIL import Image
from pyzipper.zipfile_aes import AESZipInfo

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment
from emrassess.domain.ledger import FindingState, finding_id
from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.domain.verified import clauses_of, tally, verified
from emrassess.errors import UserError
from emrassess.exchange.tree import Refused
from emrassess.exchange.verify import read_package
from emrassess.services import answering, incoming, ledger, merging, packages, packets, reviewing, tasks
from emrassess.services.departments import department_named
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.review_files import export_review
from emrassess.services.session import Session, close, create_workspace, open_workspace
from tests.exchange.samples import bagged

CLAUSES = ["01.01.1(1)", "01.01.2(1)"]
PASSPHRASE = "fuzz-passphrase"
TOP = "bag/"
GROUP = "ward"
DOCUMENTS = ("data/assessment.json", "data/packet.json", "data/review.json")

Files = dict[str, bytes]
"""The files of a bag by their full names in the zip."""


@dataclass(frozen=True)
class Sample:
    """A sound file. `use(file, target)` does something with it; it raises UserError where the file is refused.

    `sealed`: under PASSPHRASE. `in_full`: the contents of its evidence are read too.
    """

    name: str
    content: bytes
    use: Callable[[Path, Path], None]
    sealed: bool
    in_full: bool = True


# --- taken apart, and put together again


def unzipped(sample: Sample) -> Files:
    """The files of the sample under the top folder TOP, free to be changed."""
    return dict(_unzipped(sample.content))


@cache
def _unzipped(content: bytes) -> Files:
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(PASSPHRASE.encode())
        return {TOP + info.filename.partition("/")[2]: archive.read(info) for info in archive.infolist()}


def zipped(files: Files, sealed: bool, link: str = "", pack_from: int = 1 << 20) -> bytes:
    """A zip of `files`, packed from a size on; the entry `link` is marked as a symbolic link."""
    file = io.BytesIO()
    archive: Any = zipfile.ZipFile(file, "w")
    if sealed:
        archive = pyzipper.AESZipFile(file, "w", encryption=pyzipper.WZ_AES)
        archive.setpassword(PASSPHRASE.encode())
    with archive:
        for name, content in files.items():
            info: Any = (AESZipInfo if sealed else zipfile.ZipInfo)(name)
            info.create_system = 3
            info.external_attr = ((stat.S_IFLNK if name == link else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED if len(content) >= pack_from else zipfile.ZIP_STORED)
    return file.getvalue()


def rebagged(files: Files, changed: Files) -> Files:
    """With `changed` (paths in the bag) and digests to fit, as a careful attacker would; the signature is gone."""
    bare = {path.removeprefix(TOP): content for path, content in files.items()} | changed
    payload = {path.removeprefix("data/"): content for path, content in bare.items() if path.startswith("data/")}
    return {TOP + path: content for path, content in bagged(payload).items()}


def document_of(files: Files) -> str:
    return next(name for name in DOCUMENTS if TOP + name in files)


# --- the samples


class Samples:
    """The samples, as a context manager; what they need is made in the folder `home`."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> list[Sample]:
        self._session = session = create_workspace(self._home / "评价", "示例医院", 4, "示例")
        add_evidence(session, [NewEvidence(b"a,b\n1,2\n" * 40, "统计.csv", "统计")], CLAUSES)
        tasks.assign_by_name(session, ["01.01.1", "01.01.2"], "病房")
        self._experts: list[Session] = []
        self._first_visit(session)
        return [sample for passphrase in (None, PASSPHRASE) for sample in self._kinds(session, passphrase)]

    def __exit__(self, *_: object) -> None:
        for session in (*self._experts, self._session):
            close(session)

    def _first_visit(self, session: Session) -> None:
        """What experts found before: it goes along in the packages, and the next visit looks at it again."""
        package, file = self._home / "first.zip", self._home / "first review.zip"
        packages.create_package(session, package)
        there = self._expert(package, "示例专家甲", None)
        told = {"problem": "没有时间", "severity": Severity.SERIOUS, "suggestion": "补", "place": "ward"}
        reviewing.record(there, CLAUSES[0], verdict=ExpertVerdict.PARTLY, **told)  # type: ignore[arg-type]
        export_review(there, GROUP, file)
        merging.merge(session, [file])
        finding = [finding_id(CLAUSES[0], 1)]
        ledger.assign(session, finding, department="病房", owner="王五", deadline="2026-12-01", measures="改了")
        ledger.attach_proof(session, finding[0], session.assessment.evidence)
        ledger.move(session, finding, FindingState.DONE)
        ledger.start_recheck(session)

    def _kinds(self, session: Session, passphrase: str | None) -> Iterator[Sample]:
        mark = "sealed " if passphrase else ""
        package, out, back = (self._home / f"{mark}{name}.zip" for name in ("package", "out", "back"))
        packages.create_package(session, package, passphrase=passphrase)
        self._packets(session, out, back, passphrase)

        def sample(what: str, file: Path, use: Callable[[Path, Path], object], *, in_full: bool = True) -> Sample:
            def used(copy: Path, target: Path) -> None:
                use(copy, target)

            return Sample(mark + what, file.read_bytes(), used, passphrase is not None, in_full)

        yield sample("package verified", package, lambda f, _: _verify(f, passphrase))
        yield sample("package read", package, lambda f, _: read_package(f, passphrase=passphrase))
        yield sample("package unpacked", package, lambda f, to: packages.extract_package(f, to, None, passphrase))
        yield sample("packet out, looked at", out, lambda f, _: packets.look_at(f, passphrase), in_full=False)
        yield sample("packet out, opened", out, lambda f, to: packets.open_packet(f, to, "示例", passphrase=passphrase))
        yield sample("packet back, merged", back, _merging(session, passphrase, _is_answered))
        yield from self._reviews(session, package, passphrase, sample)

    def _reviews(
        self, session: Session, package: Path, passphrase: str | None, sample: Callable[..., Sample]
    ) -> Iterator[Sample]:
        def look(file: Path, _: Path) -> object:
            return reviewing.look_at_package(file, passphrase)

        def open_it(file: Path, to: Path) -> None:
            reviewing.open_as_expert(file, to, "示例专家乙", group=GROUP, passphrase=passphrase)
            _work_in(to)

        yield sample("package looked at by an expert", package, look, in_full=False)
        yield sample("package opened by an expert", package, open_it)
        review = package.with_name(f"review of {package.name}")
        self._review(package, review, passphrase)
        colleague = self._expert(package, "示例专家丙", passphrase)
        yield sample("review looked at", review, lambda f, _: incoming.look_at(f, passphrase), in_full=False)
        yield sample("review imported by the hospital", review, _merging(session, passphrase, _is_followed))
        yield sample("review imported by an expert", review, _merging(colleague, passphrase, _is_told))

    def _expert(self, package: Path, name: str, passphrase: str | None) -> Session:
        folder = self._home / f"{package.stem} {name}"
        reviewing.open_as_expert(package, folder, name, group=GROUP, passphrase=passphrase)
        self._experts.append(open_workspace(folder, name))
        return self._experts[-1]

    def _review(self, package: Path, out: Path, passphrase: str | None) -> None:
        """What an expert of the second visit says: what was found is mended, and something else is not right."""
        there = self._expert(package, "示例专家乙", passphrase)
        mended = {"verdict": ExpertVerdict.CONFIRMED, "problem": "", "seen": "都有时间"}
        reviewing.record(there, CLAUSES[0], **mended)  # type: ignore[arg-type]
        reviewing.record(there, CLAUSES[1], verdict=ExpertVerdict.NOT_CONFIRMED, problem="没有\n签名", place="ward")
        reviewing.add_photos(there, CLAUSES[1], [(_png(), "现场.png")], title="签名处")
        export_review(there, GROUP, out, passphrase=passphrase)

    def _packets(self, session: Session, out: Path, back: Path, passphrase: str | None) -> None:
        department = department_named(session, "病房")
        assert department
        packets.create_packet(session, department.id, out, passphrase=passphrase)
        packets.open_packet(out, out.with_suffix(""), "示例", passphrase=passphrase)
        at_department = open_workspace(out.with_suffix(""), "示例")
        answering.set_verdict(at_department, CLAUSES, Verdict.MET)
        add_evidence(at_department, [NewEvidence(b"x,y\n" * 90, "新.csv", "新")], CLAUSES[:1])
        packets.return_packet(at_department, back, passphrase=passphrase)
        close(at_department)


def _verify(file: Path, passphrase: str | None) -> None:
    found = packages.verify_package(file, passphrase=passphrase)
    if not found.ok:
        raise Refused(list(found.problems))


class Otherwise(Exception):
    """What came is not what the sound file brings: right only where its documents say something else."""


def _work_in(folder: Path) -> None:
    """What was taken for sound is good to work with."""
    there = open_workspace(folder, "示例专家乙")
    try:
        _look_around(there)
        reviewing.record(there, CLAUSES[1], verdict=ExpertVerdict.CONFIRMED)
        export_review(there, GROUP, folder / "核查.zip")
    except UserError as error:
        raise AssertionError(f"taken, but no good: {error}") from error
    finally:
        close(there)


def _look_around(session: Session) -> None:
    """All that is shown of opinions and findings can be made."""
    held, pack = session.assessment, session.pack
    ledger.summary(session)
    merging.conflicts(session)
    found = verified(pack, session.answers, held.opinions)
    if found.claimed != session.score:
        raise AssertionError("scored otherwise")
    for group in held.review_groups(pack):
        tally(clauses_of(pack, group, held.target), session.answers, held.opinions)


def _is_answered(held: Assessment) -> bool:
    return len(held.evidence) == 2 and all(held.answer(clause).verdict is Verdict.MET for clause in CLAUSES)


def _is_told(held: Assessment) -> bool:
    verdicts = [held.opinion(clause).verdict for clause in CLAUSES]
    return verdicts == [ExpertVerdict.CONFIRMED, ExpertVerdict.NOT_CONFIRMED] and len(held.photos) == 1


def _is_followed(held: Assessment) -> bool:
    states = {key: finding.state for key, finding in held.findings.items()}
    wanted = {finding_id(CLAUSES[0], 1): FindingState.CLOSED, finding_id(CLAUSES[1], 2): FindingState.OPEN}
    return _is_told(held) and states == wanted


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), (10, 200, 30)).save(out, "PNG")
    return out.getvalue()


def _merging(
    session: Session, passphrase: str | None, is_right: Callable[[Assessment], bool]
) -> Callable[[Path, Path], None]:
    """Merge, see that all or nothing came, and take it back."""

    def use(file: Path, _: Path) -> None:
        before, files = session.assessment, _evidence_files(session)
        outcome = merging.merge(session, [file], passphrases={file: passphrase} if passphrase else {})
        if not outcome.changes:
            if session.assessment is not before or _evidence_files(session) != files:
                raise AssertionError("half imported")
            raise UserError(outcome.files[0].refused or "nothing to merge")
        after = session.assessment
        _look_around(session)
        (merge,) = after.merges.keys() - before.merges.keys()
        merging.undo_merge(session, merge)
        if session.assessment != before:
            raise AssertionError("not taken back as a whole")
        if not is_right(after):
            raise Otherwise

    return use


def _evidence_files(session: Session) -> list[str]:
    return sorted(file.name for file in (session.workspace.folder / "evidence").iterdir())
