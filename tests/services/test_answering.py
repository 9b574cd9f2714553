"""Answers, ratios, coefficients: saved, refused, told as Changes."""

from decimal import Decimal

import pytest

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.pack import Dimension
from emrassess.errors import UserError
from emrassess.services import answering
from emrassess.services.session import Session
from tests.builders import clauses_through


def test_a_verdict_for_several_clauses(session: Session) -> None:
    changes = answering.set_verdict(session, ["01.01.4(1)", "02.01.1(1)"], Verdict.MET)
    assert changes.clauses == {"01.01.4(1)", "02.01.1(1)"} and changes.items == {"01.01", "02.01"}
    assert changes.label == changes.undo == "自评 2 条：达标"
    assert changes.redo is None and not changes.settings and changes.saved_at
    assert session.assessment.answer("02.01.1(1)").verdict is Verdict.MET


def test_the_same_again_is_no_step(session: Session) -> None:
    answering.set_verdict(session, ["01.01.4(1)"], Verdict.MET)
    again = answering.set_verdict(session, ["01.01.4(1)"], Verdict.MET)
    assert not again.clauses and len(session.workspace.audit()) == 2
    assert len(session.undo_stack) == 1


def test_an_answer_taken_back_leaves_no_row(session: Session) -> None:
    answering.set_verdict(session, ["01.01.4(1)"], Verdict.MET)
    answering.set_verdict(session, ["01.01.4(1)"], Verdict.NOT_ASSESSED)
    assert session.assessment.answers == {}


def test_notes_keep_the_verdict_and_the_reverse(session: Session) -> None:
    answering.set_verdict(session, ["01.01.4(1)"], Verdict.PARTIAL)
    answering.set_note(session, "01.01.4(1)", "缺检验\r\n接口\0\ud800")
    answering.set_demonstration(session, "01.01.4(1)", "医师站 > 医嘱")
    answer = session.assessment.answer("01.01.4(1)")
    assert answer.verdict is Verdict.PARTIAL and answer.demonstration == "医师站 > 医嘱"
    assert answer.note == "缺检验\n接口\N{REPLACEMENT CHARACTER}"


def test_many_clauses_are_one_step(session: Session) -> None:
    answering.set_verdict(session, ["01.01.5(1)"], Verdict.UNMET)
    changes = answering.set_verdict(session, clauses_through(session.pack, "01.01", 4), Verdict.MET)
    assert session.score.items["01.01"].function_level == 4
    assert session.assessment.answer("01.01.5(1)").verdict is Verdict.UNMET
    assert changes.items == {"01.01"} and len(session.undo_stack) == 2


@pytest.mark.parametrize("clause", ["01.01.9(1)", "", "99.01.1(1)", "01.01.4（1）"])
def test_unknown_clauses_are_refused(session: Session, clause: str) -> None:
    with pytest.raises(UserError, match="没有这样的条款"):
        answering.set_verdict(session, [clause], Verdict.MET)
    with pytest.raises(UserError, match="没有这样的条款"):
        answering.set_note(session, clause, "x")


def test_coverage_makes_the_score_of_the_worked_example(session: Session) -> None:
    answering.set_verdict(session, clauses_through(session.pack, "01.01", 5), Verdict.MET)
    answering.set_coverage(session, "01.01", 4, Ratio.counted(950, 1000))
    answering.set_coverage(session, "01.01", 5, Ratio.counted(700, 1000))
    scored = session.score.items["01.01"]
    assert scored.coverage[4] == Decimal("0.95") and scored.coverage[5] == Decimal("0.70")
    changes = answering.set_coverage(session, "01.01", 5, None)
    assert ("01.01", 5) not in session.assessment.coverage and changes.items == {"01.01"}


def test_coverage_where_there_is_none_to_give(session: Session) -> None:
    with pytest.raises(UserError, match="按功能评定"):
        answering.set_coverage(session, "10.01", 4, Ratio.plain("0.5"))
    with pytest.raises(UserError, match="没有这样的评价项目"):
        answering.set_coverage(session, "11.01", 4, Ratio.plain("0.5"))
    with pytest.raises(UserError, match="没有 9 级"):
        answering.set_coverage(session, "01.01", 9, Ratio.plain("0.5"))


def test_quality_is_taken_where_annex_4_asks(session: Session) -> None:
    item = next(item for item in session.pack.items if any(item.quality_rows.values()))
    level, source = next((n, row) for n, row in item.quality_rows.items() if row is not None and row.level == n)
    dimension = source.dimensions[0]
    answering.set_quality(session, item.code, level, dimension, Ratio.counted(96, 100))
    assert session.assessment.quality == {(item.code, level, dimension): Ratio.counted(96, 100)}
    other = next(d for d in Dimension if d not in source.dimensions)
    with pytest.raises(UserError, match="不要求"):
        answering.set_quality(session, item.code, level, other, Ratio.counted(96, 100))
    answering.set_quality(session, item.code, level, dimension, None)
    assert not session.assessment.quality


def test_quality_where_none_is_asked(session: Session) -> None:
    item = next(item for item in session.pack.items if not item.has_quality)
    with pytest.raises(UserError, match="没有数据质量要求"):
        answering.set_quality(session, item.code, item.rows[0].level, Dimension.CONSISTENCY, Ratio.plain("1"))


def test_quality_of_level_8_is_given_at_7(session: Session) -> None:
    inherited = [
        (item, row) for item in session.pack.items for n, row in item.quality_rows.items() if row and row.level != n
    ]
    for item, row in inherited[:1]:
        with pytest.raises(UserError, match="沿用 7 级"):
            answering.set_quality(session, item.code, 8, row.dimensions[0], Ratio.plain("1"))


def test_derived_values_are_kept_until_they_change(session: Session) -> None:
    score, states, plan = session.score, session.states, session.plan
    groups, roles = session.groups, session.roles
    assert session.score is score and session.plan is plan and session.groups is groups and session.roles is roles
    answering.set_verdict(session, ["01.01.4(1)"], Verdict.MET)
    assert session.score is not score and session.plan is not plan and session.states is states
    assert len(session.groups) == 3 and len(session.roles) == 10
