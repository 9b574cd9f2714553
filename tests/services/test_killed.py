"""kill -9 at one file operation after the other: nothing is half done, and the next run does it and tidies up."""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.review import ExpertVerdict
from emrassess.errors import LockedError, UserError
from emrassess.services import answering, merging, packets, reviewing, snapshots, tasks
from emrassess.services.packages import create_package
from emrassess.services.review_files import export_review
from emrassess.services.session import Session, close, create_workspace, open_workspace
from tests.services.packet_samples import LAB, A, B, attach, department_id, packs_read_once
from tests.services.review_samples import picture

__all__ = ["packs_read_once"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has neither fork nor kill -9")

_WRITING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "shutil.rmtree", "sqlite3.connect")
_STEP = 4


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A folder with a workspace `whole`, a packet `out.zip`, its workspace `lab` with work done, and `back.zip`; and a
    package `package.zip`, the workspace `expert` of who opened it with an opinion and a photo, and `review.zip`."""
    sound = tmp_path / "sound"
    sound.mkdir()
    session = create_workspace(sound / "whole", "示例医院", 4, "张三")
    attach(session, b"a,b\n1,2\n" * 40, A, name="统计.csv")
    tasks.assign_by_name(session, [A, B], LAB)
    packets.create_packet(session, department_id(session), sound / "out.zip")
    close(session)
    packets.open_packet(sound / "out.zip", sound / "lab", "王五")
    working(sound / "lab", lambda lab: answering.set_verdict(lab, [A, B], Verdict.MET))
    working(sound / "lab", lambda lab: attach(lab, os.urandom(50_000), B, name="新.png"))
    shutil.copytree(sound / "lab", tmp_path / "other")
    working(tmp_path / "other", lambda lab: packets.return_packet(lab, sound / "back.zip"))
    working(sound / "whole", lambda whole: create_package(whole, sound / "package.zip", sign=False))
    reviewing.open_as_expert(sound / "package.zip", sound / "expert", "专家甲", group="ward")
    working(sound / "expert", _look)
    shutil.copytree(sound / "expert", tmp_path / "other expert")
    working(tmp_path / "other expert", lambda there: export_review(there, "ward", sound / "review.zip", sign=False))
    return sound


def _look(there: Session) -> None:
    reviewing.record(there, A, verdict=ExpertVerdict.PARTLY, problem="没有时间")
    reviewing.add_photos(there, A, [(picture(), "现场.png")])


def working(folder: Path, work: Callable[[Session], object]) -> None:
    session = open_workspace(folder, "张三")
    try:
        work(session)
    finally:
        close(session)


@dataclass(frozen=True)
class Case:
    """What is done in a copy of the sound folder, and what holds once it was done, maybe after having been killed."""

    work: Callable[[Path], object]
    check: Callable[[Path], object]
    makes: str = ""


def _opened(folder: Path) -> None:
    def look(session: Session) -> None:
        assert session.assessment.scope == {A, B} and len(session.assessment.evidence) == 1

    working(folder / "new", look)
    assert not [file.name for file in (folder / "new").iterdir() if file.name.startswith(".")]


def _returned(folder: Path) -> None:
    assert packets.look_at(folder / "new.zip").files == 1
    working(folder / "lab", lambda lab: _equal(len(snapshots.listed(lab)), 1))


def _merged(folder: Path) -> None:
    def look(session: Session) -> None:
        held = session.assessment
        assert held.answer(B).verdict is Verdict.MET and len(held.evidence) == 2 and len(held.merges) == 1
        files = {piece.current.sha256 for piece in held.evidence.values()}
        assert {file.name for file in (folder / "whole" / "evidence").iterdir()} == files
        merging.undo_merge(session, next(iter(held.merges)))

    working(folder / "whole", look)


def _opened_by_expert(folder: Path) -> None:
    def look(session: Session) -> None:
        assert session.assessment.review is not None and len(session.assessment.evidence) == 1
        reviewing.record(session, A, verdict=ExpertVerdict.CONFIRMED)

    working(folder / "new", look)
    assert not [file.name for file in (folder / "new").iterdir() if file.name.startswith(".")]


def _review_exported(folder: Path) -> None:
    assert packets.look_at(folder / "new.zip").files == 1
    working(folder / "expert", lambda there: _equal(len(snapshots.listed(there)), 1))


def _review_imported(folder: Path) -> None:
    def look(session: Session) -> None:
        held = session.assessment
        assert len(held.opinions) == len(held.photos) == len(held.merges) == 1
        (finding,) = held.findings.values()
        assert finding.before == tuple(held.photos)
        files = {piece.current.sha256 for piece in held.evidence.values()}
        files |= {photo.sha256 for photo in held.photos.values()}
        assert {file.name for file in (folder / "whole" / "evidence").iterdir()} == files
        merging.undo_merge(session, next(iter(held.merges)))
        assert not session.assessment.findings and not session.assessment.opinions

    working(folder / "whole", look)


def _submitted(folder: Path) -> None:
    def look(session: Session) -> None:
        numbers = [info.number for info in snapshots.listed(session)]
        assert numbers in ([1], [1, 2])  # it was killed after the first was kept, and asked for again
        for number in numbers:
            assert len(snapshots.read(session, number).evidence) == 1

    working(folder / "whole", look)


def _equal(one: object, other: object) -> None:
    assert one == other


CASES = {
    "packet create": Case(
        lambda f: working(f / "whole", lambda s: packets.create_packet(s, department_id(s), f / "new.zip")),
        lambda f: packets.look_at(f / "new.zip"),
        "new.zip",
    ),
    "packet open": Case(lambda f: packets.open_packet(f / "out.zip", f / "new", "王五"), _opened, "new"),
    "packet return": Case(
        lambda f: working(f / "lab", lambda s: packets.return_packet(s, f / "new.zip")), _returned, "new.zip"
    ),
    "packet merge": Case(lambda f: working(f / "whole", lambda s: merging.merge(s, [f / "back.zip"])), _merged),
    "package open": Case(
        lambda f: reviewing.open_as_expert(f / "package.zip", f / "new", "专家乙", group="ward"),
        _opened_by_expert,
        "new",
    ),
    "review export": Case(
        lambda f: working(f / "expert", lambda s: export_review(s, "ward", f / "new.zip")), _review_exported, "new.zip"
    ),
    "review import": Case(
        lambda f: working(f / "whole", lambda s: merging.merge(s, [f / "review.zip"])), _review_imported
    ),
    "submit": Case(lambda f: working(f / "whole", lambda s: snapshots.submit(s, "一")), _submitted),
}


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do `work` in a process that is killed at its file operation `number`; False where it came to its end before."""
    child = os.fork()
    if child == 0:
        _die_at(number)
        try:
            work()
        except UserError:
            os._exit(2)
        except BaseException:
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _die_at(number: int) -> None:
    seen = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event == "open":
            flags = arguments[2]
            writes = isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        else:
            writes = event in _WRITING
        seen += writes
        if writes and seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


@pytest.mark.parametrize("name", CASES)
def test_killed_at_any_file_operation(sound: Path, tmp_path: Path, name: str) -> None:
    case, number = CASES[name], 1
    while True:
        folder = tmp_path / f"{number}"
        shutil.copytree(sound, folder)
        before = {path.name for path in folder.iterdir()}
        killed = killed_at(number, lambda folder=folder: case.work(folder))
        made = bool(case.makes) and (folder / case.makes).exists()
        if killed and not (made and case.makes == "new"):  # a folder that is there is not made anew
            case.work(folder)
        case.check(folder)
        assert {path.name for path in folder.iterdir()} == before | ({case.makes} - {""})
        shutil.rmtree(folder)
        if not killed:
            break
        number += _STEP
    assert number > _STEP


def test_two_programs_at_once(sound: Path) -> None:
    """One imports, the other is told that the workspace is in use; it reads what is there, and nothing is half done."""
    first = open_workspace(sound / "whole", "张三")
    with pytest.raises(LockedError):
        open_workspace(sound / "whole", "李四")
    second = open_workspace(sound / "whole", "李四", write=False)
    with pytest.raises(UserError):
        merging.merge(second, [sound / "review.zip"])
    merging.merge(first, [sound / "review.zip"])
    close(second)
    _equal(len(first.assessment.findings), 1)
    close(first)
    _review_imported(sound)
