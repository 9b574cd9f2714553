"""Data quality from extracts: what is needed, guessed, computed, taken into the assessment, and compared."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import EvidenceKind
from emrassess.domain.checkup import FindingKind
from emrassess.domain.checkup_rules import findings_of
from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.quality_comparison import Trend, compare
from emrassess.errors import UserError
from emrassess.services import history
from emrassess.services.answering import set_quality
from emrassess.services.quality import (
    Examined,
    extracts_of,
    guess_mapping,
    not_examined,
    opened_extracts,
    plan,
    read_extracts,
    run_extracts,
    save_extracts,
)
from emrassess.services.quality_taking import result_piece, take_in, taken_runs, takings
from emrassess.services.session import Session, close, open_workspace
from tests.services.packet_samples import A, assign, department, packs_read_once
from tests.services.quality_samples import ORDERS, write_extracts
from tests.services.review_samples import expert, packed

__all__ = ["packs_read_once"]

CONSISTENCY = ("01.01", 3, Dimension.CONSISTENCY)
COMPLETENESS = ("01.01", 4, Dimension.COMPLETENESS)
TIMELINESS = ("01.01", 6, Dimension.TIMELINESS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_extracts(tmp_path / "数据")


@pytest.fixture
def examined(pack: Pack, file: Path) -> Examined:
    return run_extracts(pack, file)


def test_a_plan_says_what_is_needed_and_why_a_rule_cannot_run(pack: Pack, file: Path) -> None:
    whole, some = plan(pack, 8), plan(pack, 3)
    assert len(whole.rules) == 622
    assert {rule.level for rule in some.rules} == {3}
    orders = next(need for need in whole.tables if need.key == ("orders", False))
    assert {"order_no", "item_code", "ordered_at"} <= set(orders.fields)
    assert orders.items[0] == "01.01"
    extracts = read_extracts(file, pack)
    mapped = {(name, False): each.columns for name, each in extracts.tables.items()}
    mapped |= {(name, True): each.columns for name, each in extracts.dictionaries.items()}
    why = not_examined(whole, mapped)
    assert "01.01.4.completeness.1" not in why
    assert "没有对应" in why["01.01.5.completeness.1"]
    assert all("文字说明" in why[rule.id] for rule in whole.prose)


def test_guesses_become_extracts_that_compute_the_same(pack: Pack, file: Path, tmp_path: Path) -> None:
    wanted = plan(pack, 8)
    seen: list[tuple[int, int]] = []
    guessed = guess_mapping(
        wanted, sorted(file.parent.glob("*.csv")), lambda done, total, _: seen.append((done, total))
    )
    assert seen[-1] == (3, 4)
    chosen = {
        key: (guessed.sources[found.source], {field: column for field, (column, _) in found.columns.items()})
        for key, found in guessed.guesses.items()
    }
    assert set(chosen) == {
        ("orders", False), ("medication_orders", False), ("inpatient_dispensings", False), ("order_items", True),
    }  # fmt: skip
    out = file.parent / "猜.yaml"
    save_extracts(extracts_of(pack, out, None, chosen), out)
    run = run_extracts(pack, out).run
    coefficients = {(d.item, d.level, d.dimension): d.coefficient for d in run.dimensions if d.coefficient is not None}
    assert coefficients[CONSISTENCY] == Fraction(3, 4)
    assert coefficients[COMPLETENESS] == Fraction(1 + 1 + Fraction(3, 4) + 1 + 1 + Fraction(3, 4)) / 6
    assert coefficients[TIMELINESS] == Fraction(1, 2)
    extracts, sources = opened_extracts(pack, out)
    assert sources["orders", False].columns[0].name == "医嘱编号"
    assert extracts.tables["orders"].columns["order_no"] == "医嘱编号"


def test_a_run_is_taken_in_as_one_step_with_its_proof(session: Session, examined: Examined) -> None:
    set_quality(session, *COMPLETENESS, Ratio.plain("0.5"))
    set_quality(session, "01.01", 5, Dimension.INTEGRATION, Ratio.plain("0.6"))
    found = takings(session, examined.run)
    assert [(t.item, t.level, t.dimension) for t in found.taken][:2] == [CONSISTENCY, COMPLETENESS]
    assert ("01.01", 5, Dimension.INTEGRATION) in {cell[:3] for cell in found.kept}
    changes = take_in(session, examined)
    quality = session.assessment.quality
    assert quality[CONSISTENCY] == Ratio.counted(3, 4)
    assert quality[COMPLETENESS] == Ratio(Fraction(11, 12))
    assert quality["01.01", 5, Dimension.INTEGRATION] == Ratio.plain("0.6")
    (piece,) = session.assessment.evidence.values()
    assert piece.kind is EvidenceKind.STATISTIC
    assert not piece.lacks
    assert {"01.01.3(1)", "01.01.4(1)", "01.01.6(1)"} <= set(piece.clauses)
    assert not {clause for clause in piece.clauses if clause.startswith("01.01.5")} & set(changes.clauses)
    history.undo(session)
    assert session.assessment.quality[COMPLETENESS] == Ratio.plain("0.5")
    assert not session.assessment.evidence


def test_the_last_run_is_kept_to_compare_with(session: Session, pack: Pack, file: Path, examined: Examined) -> None:
    assert not taken_runs(session)
    take_in(session, examined)
    (kept,) = taken_runs(session)
    assert (kept.at, kept.files) == (examined.at, examined.files)
    assert kept.run.rules == examined.run.rules
    assert kept.run.dimensions == examined.run.dimensions
    (file.parent / "医嘱.csv").write_text(
        ORDERS.replace("C9,不在字典", "C3,血常规").replace("P4", ""), encoding="utf-8"
    )
    again = run_extracts(pack, file)
    found = compare(kept.run, again.run)
    assert found.cells[CONSISTENCY] is Trend.ROSE
    assert found.cells[COMPLETENESS] is Trend.FELL
    assert found.cells[TIMELINESS] is Trend.SAME
    assert found.rules["01.01.4.completeness.1"] is Trend.FELL
    take_in(session, again)
    piece = result_piece(session)
    assert piece
    assert len(session.assessment.evidence) == 1
    assert len(piece.revisions) == 2
    assert [each.at for each in taken_runs(session)] == [again.at, kept.at]


def test_the_check_up_takes_the_result_for_proof(session: Session, examined: Examined) -> None:
    set_quality(session, *COMPLETENESS, Ratio.plain("0.9"))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    uncounted = FindingKind.QUALITY_UNCOUNTED
    assert uncounted in {finding.kind for finding in findings_of(session.pack, session.assessment, now)}
    take_in(session, examined)
    assert uncounted not in {finding.kind for finding in findings_of(session.pack, session.assessment, now)}


def test_it_opens_anew_with_what_was_taken_in(session: Session, examined: Examined) -> None:
    take_in(session, examined)
    folder, quality = session.workspace.folder, session.assessment.quality
    close(session)
    again = open_workspace(folder, "张三")
    try:
        assert again.assessment.quality == quality
        assert taken_runs(again)
    finally:
        close(again)


def test_a_damaged_result_is_no_last_run(session: Session, examined: Examined) -> None:
    take_in(session, examined)
    piece = result_piece(session)
    assert piece
    session.workspace.evidence_path(piece.current.sha256).write_bytes(b"PK\x03\x04damaged")
    assert not taken_runs(session)


def test_refused_where_it_is_not_the_hospitals_to_do(session: Session, tmp_path: Path, examined: Examined) -> None:
    assign(session, A)
    with department(session, tmp_path / "科") as opened, pytest.raises(UserError, match="科室任务包"):
        take_in(opened, examined)
    with (
        expert(packed(session, tmp_path / "p.zip"), tmp_path / "专家") as opened,
        pytest.raises(UserError, match="专家打开的材料包"),
    ):
        take_in(opened, examined)


def test_nothing_examined_is_not_taken_in(session: Session, pack: Pack, file: Path) -> None:
    none = run_extracts(pack, file, items=["02.01"])
    with pytest.raises(UserError, match="没有一个系数可以采用"):
        take_in(session, none)


def test_a_file_that_changes_meanwhile_spoils_the_run(pack: Pack, file: Path) -> None:
    def write(_done: int, _total: int, what: str) -> None:
        if what.startswith("正在核对"):
            (file.parent / "医嘱.csv").write_text("x\n" * 9, encoding="utf-8")

    with pytest.raises(UserError, match=r"医嘱\.csv 在检查的时候被改动了"):
        run_extracts(pack, file, progress=write)


def test_nothing_mapped_is_said(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="还没有对应任何数据文件"):
        run_extracts(pack, extracts_of(pack, tmp_path / "x.yaml", None, {}))
