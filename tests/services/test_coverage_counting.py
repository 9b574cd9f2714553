"""Coverage counted from extracts and taken into the assessment with its definition."""

from pathlib import Path

import pytest

from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import EvidenceKind
from emrassess.errors import UserError
from emrassess.quality.coverage_file import read_definitions
from emrassess.services import history
from emrassess.services.coverage_counting import (
    CoverageCount,
    count_coverage,
    opened_definitions,
    save_definitions,
    take_coverage,
)
from emrassess.services.session import Session
from tests.services.packet_samples import A, assign, department, packs_read_once
from tests.services.quality_samples import write_extracts

__all__ = ["packs_read_once"]

DEFINITION = """format: emrassess-coverage/1
pack: emr-2018
counts:
  - item: "01.01"
    level: 4
    denominator: {file: 医嘱.csv}
    numerator:
      where:
        - {column: 医生姓名, filled: true}
        - {column: 医嘱编号, matches: {file: 药疗医嘱.csv, column: 医嘱号}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = write_extracts(tmp_path / "数据").with_name("计数.yaml")
    file.write_text(DEFINITION, encoding="utf-8")
    return file


@pytest.fixture
def counted(session: Session, file: Path) -> CoverageCount:
    return count_coverage(read_definitions(file, session.pack)[0])


def test_a_count_is_taken_in_with_what_it_takes_to_redo_it(
    session: Session, file: Path, counted: CoverageCount
) -> None:
    take_coverage(session, [counted])
    assert session.assessment.coverage["01.01", 4] == Ratio.counted(2, 4)
    (piece,) = session.assessment.evidence.values()
    assert piece.kind is EvidenceKind.STATISTIC
    assert not piece.lacks
    assert set(piece.clauses) == {c.id for c in session.pack.item_by_code["01.01"].by_level[4].clauses}
    text = session.workspace.evidence_path(piece.current.sha256).read_text(encoding="utf-8")
    assert "分子 2 ÷ 分母 4 ＝ 0.5000" in text
    assert counted.files[0].sha256 in text
    assert "“医嘱编号”在 药疗医嘱.csv 里有相同的“医嘱号”" in text
    again = file.with_name("证据.yaml")
    again.write_text(text, encoding="utf-8")
    found = count_coverage(read_definitions(again, session.pack)[0])
    assert (found.counted.numerator, found.counted.denominator) == (2, 4)
    history.undo(session)
    assert not session.assessment.coverage
    assert not session.assessment.evidence


def test_a_later_count_is_another_revision(session: Session, counted: CoverageCount, file: Path) -> None:
    take_coverage(session, [counted])
    (file.parent / "药疗医嘱.csv").write_text("医嘱号,下达时间\n1001,2026-08-01\n", encoding="utf-8")
    take_coverage(session, [count_coverage(counted.counted.definition)])
    (piece,) = session.assessment.evidence.values()
    assert len(piece.revisions) == 2
    assert session.assessment.coverage["01.01", 4] == Ratio.counted(1, 4)


def test_definitions_are_saved_and_opened(session: Session, file: Path, counted: CoverageCount) -> None:
    out = file.with_name("另存.yaml")
    save_definitions([counted.counted.definition], session.pack.id, out)
    (definition,), sources = opened_definitions(session.pack, out)
    assert definition == counted.counted.definition
    assert [source.files[0].name for source in sources] == ["医嘱.csv", "药疗医嘱.csv"]


def test_refused_in_a_packet(session: Session, tmp_path: Path, counted: CoverageCount) -> None:
    assign(session, A)
    with department(session, tmp_path / "科") as opened, pytest.raises(UserError, match="科室任务包"):
        take_coverage(opened, [counted])
