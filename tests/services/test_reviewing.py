"""An expert opens a package, cannot change what the hospital says, and writes opinions of his own."""

from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.ledger import FindingState, raised
from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.errors import FileProblems, RefusedError, UserError
from emrassess.services import answering, editions, evidence, history, packages, reviewing, snapshots
from emrassess.services.reviewing import look_at_package, open_as_expert
from emrassess.services.session import Session
from emrassess.storage.changes import finding_change, opinion_change, setting_change
from tests.exchange.samples import contents
from tests.services.review_samples import (
    OUTPATIENT,
    WARD,
    A,
    B,
    C,
    at_work,
    claim,
    expert,
    packed,
    packs_read_once,
    picture,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]


@pytest.fixture
def package(session: Session, tmp_path: Path) -> Path:
    claim(session)
    return packed(session, tmp_path / "材料包.zip")


# --- opening


def test_what_the_hospital_says_is_all_there(session: Session, package: Path, tmp_path: Path) -> None:
    seen = look_at_package(package)
    assert (seen.hospital, seen.target, seen.claimed, seen.evidence, seen.round) == ("示例医院", 5, 4, 1, 1)
    with expert(package, tmp_path / "专家") as there:
        held, ours = there.assessment, session.assessment
        assert held.answers == ours.answers
        assert [piece.title for piece in held.evidence.values()] == ["医嘱界面"]
        (piece,) = held.evidence.values()
        assert there.workspace.evidence_path(piece.current.sha256).read_bytes() == picture()
        assert there.score.total == session.score.total
        assert held.review is not None
        assert (held.review.assessment, held.review.group, held.review.expert) == (ours.id, WARD, "专家甲")
        assert there.pack.digest == session.pack.digest


def test_nothing_of_the_hospitals_can_be_changed(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        (piece,) = there.assessment.evidence
        before = there.assessment
        for change in (
            lambda: answering.set_verdict(there, [A], Verdict.UNMET),
            lambda: answering.set_note(there, A, "改"),
            lambda: evidence.unlink_evidence(there, piece, A),
            lambda: evidence.add_evidence(there, [evidence.NewEvidence(b"x", "x.txt")], [A]),
        ):
            with pytest.raises(UserError, match="只能看，不能改"):
                change()
        assert there.assessment == before


def test_a_group_is_known_by_code_or_name_and_else_refused(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "一", group="门诊组") as there:
        assert there.assessment.review is not None and there.assessment.review.group == "outpatient"
        reviewing.set_group(there, "data")
        assert there.assessment.review.group == "data"
    with pytest.raises(UserError, match="没有核查组“外科”"):
        open_as_expert(package, tmp_path / "二", "专家甲", group="外科")
    with pytest.raises(UserError, match="姓名"):
        open_as_expert(package, tmp_path / "二", "  ")
    assert not (tmp_path / "二").exists()


def test_a_spoilt_package_is_refused_and_leaves_nothing(package: Path, tmp_path: Path) -> None:
    data = bytearray(package.read_bytes())
    at = data.find(picture()[-40:])
    data[at] ^= 0xFF
    broken = tmp_path / "坏.zip"
    broken.write_bytes(bytes(data))
    with pytest.raises(RefusedError):
        open_as_expert(broken, tmp_path / "专家", "专家甲")
    assert not (tmp_path / "专家").exists()
    assert [found.name for found in tmp_path.iterdir() if ".part" in found.name] == []


def test_the_folder_must_be_free(package: Path, tmp_path: Path) -> None:
    taken = tmp_path / "占用"
    taken.mkdir()
    (taken / "别的.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="已有别的内容"):
        open_as_expert(package, taken, "专家甲")


# --- opinions


def test_an_opinion_bears_who_when_and_for_which_group(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        reviewing.record(there, A, verdict=ExpertVerdict.PARTLY, problem=" 没有时间 ", severity=Severity.SERIOUS)
        reviewing.record(there, A, suggestion="补截图", place="ward")
        said = there.assessment.opinion(A)
        assert (said.verdict, said.problem, said.suggestion) == (ExpertVerdict.PARTLY, "没有时间", "补截图")
        assert (said.by, said.group, said.round, said.place) == ("专家甲", WARD, 1, "ward")
        assert said.at
        reviewing.record(there, OUTPATIENT, verdict=ExpertVerdict.CONFIRMED)
        assert there.assessment.opinion(OUTPATIENT).group == "outpatient"
    with at_work(tmp_path / "专家") as there:
        assert there.assessment.opinion(A) == said


def test_taking_everything_back_leaves_no_opinion(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        reviewing.record(there, A, verdict=ExpertVerdict.CONFIRMED, seen="看了")
        reviewing.record(there, A, verdict=ExpertVerdict.OPEN, seen="")
        assert A not in there.assessment.opinions
        history.undo(there)
        assert there.assessment.opinion(A).seen == "看了"
        entries = len(there.workspace.audit(100))
        reviewing.record(there, A, seen="看了")
        assert len(there.workspace.audit(100)) == entries


def test_only_an_expert_writes_opinions(session: Session) -> None:
    with pytest.raises(UserError, match="不是专家打开的材料包"):
        reviewing.record(session, A, verdict=ExpertVerdict.CONFIRMED)
    with pytest.raises(UserError, match="不是专家打开的材料包"):
        reviewing.add_photos(session, A, [(picture(), "图.png")])


def test_photos_come_once_each_and_only_pictures(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        reviewing.add_photos(there, A, [(picture(), "一.png"), (picture((1, 2, 3)), "二.png")], title="机房")
        reviewing.add_photos(there, B, [(picture(), "又.png")])
        photos = list(there.assessment.photos.values())
        assert [photo.clauses for photo in photos] == [(A, B), (A,)]
        assert [photo.added_by for photo in photos] == ["专家甲", "专家甲"]
        assert len(reviewing.photos_by_clause(there.assessment)[A]) == 2
        before = there.assessment
        with pytest.raises(UserError, match="不是图片"):
            reviewing.add_photos(there, A, [(picture((9, 9, 9)), "三.png"), (b"text", "记录.txt")])
        assert there.assessment == before
        reviewing.remove_photo(there, next(iter(before.photos)))
        assert len(there.assessment.photos) == 1
    with at_work(tmp_path / "专家") as there:
        (photo,) = there.assessment.photos.values()
        assert there.workspace.evidence_path(photo.sha256).is_file()


# --- opinions from a file


VERDICTS = """
"01.01.4(1)": confirmed
"01.01.4(2)": {verdict: 部分属实, problem: 没有时间, suggestion: 补, severity: 严重, place: 病房, photos: [现场.png]}
"01.02.3(1)": {verdict: not confirmed, severity: minor}
"""


def test_a_file_of_verdicts_is_one_step(package: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.yaml"
    file.write_text(VERDICTS, encoding="utf-8")
    (tmp_path / "现场.png").write_bytes(picture())
    with expert(package, tmp_path / "专家") as there:
        reviewing.record_file(there, file)
        held = there.assessment
        assert {clause: held.opinion(clause).verdict for clause in (A, B, C)} == {
            A: ExpertVerdict.CONFIRMED,
            B: ExpertVerdict.PARTLY,
            C: ExpertVerdict.NOT_CONFIRMED,
        }
        assert (held.opinion(B).severity, held.opinion(B).place) == (Severity.SERIOUS, "ward")
        assert [photo.clauses for photo in held.photos.values()] == [(B,)]
        reviewing.record_file(there, file)
        assert there.assessment == held
        history.undo(there)
        assert not there.assessment.opinions and not there.assessment.photos


@pytest.mark.parametrize(
    ("written", "meant"),
    [("major", Severity.SERIOUS), ("Moderate", Severity.ORDINARY), ("轻微", Severity.MINOR), ("low", Severity.MINOR)],
)
def test_severity_may_be_said_in_other_words(package: Path, tmp_path: Path, written: str, meant: Severity) -> None:
    file = tmp_path / "verdicts.yaml"
    file.write_text(f'"{A}": {{verdict: Partly confirmed, severity: {written}}}\n', encoding="utf-8")
    with expert(package, tmp_path / "专家") as there:
        reviewing.record_file(there, file)
        said = there.assessment.opinion(A)
        assert (said.verdict, said.severity) == (ExpertVerdict.PARTLY, meant)


def test_every_fault_of_a_file_is_named_with_its_line(package: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.yaml"
    file.write_text(
        '"99.01.4(1)": confirmed\n"01.01.4(1)": maybe\n"01.01.4(2)":\n  verdict: partly\n  colour: red\n'
        '  severity: terrible\n  photos: [没有.png]\n"01.02.3(1)": 3\n',
        encoding="utf-8",
    )
    with expert(package, tmp_path / "专家") as there:
        with pytest.raises(FileProblems) as raised:
            reviewing.record_file(there, file)
        lines = {problem.line for problem in raised.value.problems}
        assert lines == {1, 2, 5, 6, 7, 8}
        assert not there.assessment.opinions


# --- the next round


def test_the_next_package_carries_what_was_said_and_the_ledger(session: Session, tmp_path: Path) -> None:
    claim(session)
    with expert(packed(session, tmp_path / "一.zip"), tmp_path / "专家") as there:
        reviewing.record(there, A, verdict=ExpertVerdict.PARTLY, problem="没有时间")
        opinion = there.assessment.opinion(A)
    held = session.assessment
    finding = replace(raised(A, opinion, "检验科", "王五", ()), state=FindingState.DONE, claimed_by="王五")
    session.write(
        "导入",
        [
            opinion_change(held, A, opinion),
            finding_change(held, f"{A}#1", finding),
            setting_change(held, "review_round", 2),
        ],
    )
    with expert(packed(session, tmp_path / "二.zip"), tmp_path / "回看") as there:
        assert there.assessment.current_round == 2
        assert there.assessment.opinion(A) == opinion
        assert there.assessment.findings == {f"{A}#1": finding}
        with pytest.raises(UserError, match="只能看"):
            there.write("改", [finding_change(there.assessment, f"{A}#1", None)])
        reviewing.record(there, A, verdict=ExpertVerdict.PARTLY)
        assert there.assessment.opinion(A).round == 2
        assert snapshots.listed(there) == []
        reviewing.record(there, A, verdict=ExpertVerdict.CONFIRMED)
        assert not there.assessment.opinion(A).is_finding  # the problem was the earlier visit's
        reviewing.record(there, A, verdict=ExpertVerdict.OPEN)
        assert there.assessment.opinion(A) == opinion


def test_a_package_without_reviews_says_nothing_of_them(package: Path) -> None:
    document = next(content for name, content in contents(package).items() if name.endswith("assessment.json"))
    assert b'"review"' not in document


def test_a_clock_that_goes_back_loses_no_opinion(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        reviewing.record(there, A, verdict=ExpertVerdict.CONFIRMED)
        there.workspace.clock = Clock()
        reviewing.record(there, A, verdict=ExpertVerdict.PARTLY)
        assert there.assessment.opinion(A).verdict is ExpertVerdict.PARTLY


def test_what_only_the_hospital_may_send_is_refused(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        snapshots.submit(there)
        for sent in (
            lambda: packages.create_package(there, tmp_path / "冒充.zip"),
            lambda: snapshots.next_round(there, 1, tmp_path / "下一轮"),
            lambda: editions.preview(there, there.pack),
        ):
            with pytest.raises(UserError, match="这是专家打开的材料包，不能"):
                sent()
    assert not (tmp_path / "冒充.zip").exists() and not (tmp_path / "下一轮").exists()
