"""The workspace of the demonstration and what `emrassess demo` writes beside it."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pypdf
import pytest
from pptx import Presentation

from emrassess.demonstration import Outcome, build_demonstration, demonstrate
from emrassess.demonstration.answering import clause_answers
from emrassess.demonstration.building import IDENTITY
from emrassess.demonstration.data import Demonstration
from emrassess.demonstration.evidence import pieces
from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import EvidenceKind, EvidenceState
from emrassess.domain.ledger import FindingState
from emrassess.domain.pack import Pack
from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.domain.scoring import LevelOutcome
from emrassess.errors import Cancelled, UserError
from emrassess.packs.library import load_known
from emrassess.quality.extracts import read_extracts
from emrassess.services import ledger
from emrassess.services.answering import set_note
from emrassess.services.packages import verify_package
from emrassess.services.reviewing import look_at_package
from emrassess.services.session import Session, close, create_workspace, open_workspace

pytestmark = pytest.mark.xdist_group("demonstration")


@pytest.fixture
def session(outcome: Outcome):
    opened = open_workspace(outcome.workspace, "试用", write=False)
    yield opened
    close(opened)


def test_its_verdict_tells_a_story(session: Session) -> None:
    score = session.score
    assert (score.certain, score.possible, score.target) == (3, 4, 5)
    assert score.levels[4].outcome is LevelOutcome.UNDETERMINED
    goal = score.levels[5]
    assert goal.outcome is LevelOutcome.NOT_MET
    assert 130 < score.total < session.plan.minimum
    assert {"06.01", "09.01"} <= {member.code for member in goal.demand("basic").members}
    passing = [code for code, item in score.items.items() if 5 in item.basic_at]
    assert len(passing) == 17
    assert not session.assessment.categories  # nobody has read them in the official document


def test_quality_has_a_low_index_and_a_missing_coefficient(session: Session) -> None:
    causes = {reason.cause.value for gap in session.plan.gaps for reason in gap.reasons}
    assert {"clauses", "quality_short", "quality_missing", "coverage_short"} <= causes


def test_evidence_is_of_all_kinds_and_gives_the_check_something_to_find(session: Session) -> None:
    evidence = session.assessment.evidence.values()
    assert 140 <= len(evidence) <= 170
    assert {piece.kind for piece in evidence} == set(EvidenceKind)
    assert any(len(piece.clauses) > 2 for piece in evidence)
    assert sum(bool(piece.lacks) for piece in evidence) >= 5
    states = session.states.values()
    assert EvidenceState.INCOMPLETE in states
    assert sum(state is EvidenceState.COMPLETE for state in states) > 150


def test_answers_are_those_of_the_data(session: Session, data: Demonstration, pack: Pack) -> None:
    told = {
        clause: answer
        for item in pack.items
        for clause, answer in clause_answers(item, data.hospital.items[item.code]).items()
    }
    assert session.assessment.answers == told
    assert session.assessment.coverage[("01.01", 4)] == Ratio.counted(*data.hospital.items["01.01"].coverage[4])


def test_the_same_bytes_and_times_each_time(session: Session, data: Demonstration, pack: Pack) -> None:
    some = Demonstration(data.hospital, data.tables, data.pictures[::12], data.documents)
    stored = {piece.current.sha256 for piece in session.assessment.evidence.values()}
    again = list(pieces(some, pack))
    # Pictures further down the list have another seed when some are left out: only the first is the very same.
    same = [again[0], *(piece for piece in again if not piece.file_name.endswith(".png"))]
    assert {hashlib.sha256(piece.content).hexdigest() for piece in same} <= stored
    assert session.assessment.created_at.startswith("2026-11-16T08:30")
    assert session.assessment.id == "emrassess-demonstration-hospital"


def test_everything_is_written_and_reads_back(outcome: Outcome) -> None:
    assert verify_package(outcome.package).ok
    score = json.loads(outcome.score.read_text(encoding="utf-8"))
    assert score["attained"] == {"certain": 3, "possible": 4}
    assert len(pypdf.PdfReader(outcome.pdf).pages) > 20
    assert outcome.xlsx.stat().st_size > 10_000
    assert read_extracts(outcome.extracts, load_known("emr-2018")).tables
    assert outcome.deck is not None and len(Presentation(str(outcome.deck)).slides) > 6
    assert "示例" in outcome.summary
    assert "确定 3 级，可能 4 级" in outcome.summary


def test_experts_have_been_there(session: Session) -> None:
    held = session.assessment
    groups = {opinion.group for opinion in held.opinions.values()}
    assert groups == {group.code for group in held.review_groups(session.pack)}
    assert 20 <= len(held.opinions) <= 40 and len(held.photos) >= 3
    verdicts = [opinion.verdict for opinion in held.opinions.values()]
    assert verdicts.count(ExpertVerdict.CONFIRMED) > len(verdicts) / 2
    assert {finding.severity for finding in held.findings.values()} == set(Severity) - {Severity.NONE}
    states = {finding.state for finding in held.findings.values()}
    assert states == {FindingState.OPEN, FindingState.IN_PROGRESS, FindingState.DONE}
    assert ledger.summary(session, date(2026, 11, 22)).overdue == 1
    assert any(finding.supervised for finding in held.findings.values())
    assert any(not finding.department for finding in held.findings.values())
    assert all(opinion.by.startswith("示例专家") for opinion in held.opinions.values())
    assert not held.conflicts and held.review_round == 1
    files = {photo.sha256 for photo in held.photos.values()}
    assert all(session.workspace.evidence_path(sha256).is_file() for sha256 in files)


def test_nothing_of_the_visit_is_left_to_chance(session: Session) -> None:
    """Ids and times are the same each time."""
    packets = [merge.packet for merge in session.assessment.merges.values()]
    assert len(packets) == 3
    assert all(packet.startswith("emrassess-demonstration-review-") for packet in packets)
    stamps = [opinion.at for opinion in session.assessment.opinions.values()]
    stamps += [merge.at for merge in session.assessment.merges.values()]
    assert all("2026-11-18T08:30" <= stamp < "2026-11-20" and stamp.endswith("+08:00") for stamp in stamps)


def test_the_package_is_for_the_first_visit(outcome: Outcome) -> None:
    seen = look_at_package(outcome.package)
    assert (seen.round, seen.findings) == (1, 0) and seen.signature is not None


def test_a_second_time_keeps_what_a_person_wrote(tmp_path: Path) -> None:
    session = create_workspace(tmp_path / "workspace", "示例医院", 5, "张三", assessment_id=IDENTITY)
    set_note(session, "01.01.4(1)", "我写的")
    close(session)
    (tmp_path / "score.json").write_text("旧的", encoding="utf-8")
    found = demonstrate(tmp_path)
    assert found.deck is None
    assert found.summary.startswith("已有示例")
    assert json.loads(found.score.read_text(encoding="utf-8"))["total"] == "0.0000"
    session = open_workspace(tmp_path / "workspace", "张三", write=False)
    assert session.assessment.answer("01.01.4(1)").note == "我写的"
    close(session)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "说明.txt").write_text("别人的", encoding="utf-8")
    with pytest.raises(UserError, match="已有别的内容"):
        demonstrate(tmp_path)
    with pytest.raises(UserError, match="是一个文件"):
        demonstrate(tmp_path / "说明.txt")
    assert [entry.name for entry in tmp_path.iterdir()] == ["说明.txt"]


def test_a_hospital_of_ones_own_is_refused(tmp_path: Path) -> None:
    close(create_workspace(tmp_path / "workspace", "真的医院", 4, "张三"))
    with pytest.raises(UserError, match="已有别的内容"):
        demonstrate(tmp_path)
    with pytest.raises(UserError, match="已有别的内容"):
        build_demonstration(tmp_path / "workspace")


def test_a_cancel_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, _total: int, _what: str) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        build_demonstration(tmp_path / "示例", stop)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Cancelled):
        demonstrate(tmp_path, stop)
    assert list(tmp_path.iterdir()) == []
