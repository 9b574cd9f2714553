"""Marks for another look: kept until somebody has looked."""

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Recheck
from emrassess.services.answering import set_note, set_verdict
from emrassess.services.history import undo
from emrassess.services.rechecks import looked_at
from emrassess.services.session import Session
from emrassess.storage.changes import recheck_change

CLAUSE, OTHER = "01.01.1(1)", "01.01.1(2)"


def mark(session: Session) -> None:
    for clause in (CLAUSE, OTHER):
        session.write("标记", [recheck_change(session.assessment, clause, Recheck("条款文字有改动"))])


def test_looking_takes_the_mark_away_and_leaves_the_answer(session: Session) -> None:
    mark(session)
    set_note(session, CLAUSE, "说明")
    assert CLAUSE in session.assessment.rechecks
    changes = looked_at(session, [CLAUSE])
    assert changes.rechecks and changes.clauses == {CLAUSE}
    assert session.assessment.rechecks.keys() == {OTHER} and session.assessment.answer(CLAUSE).note == "说明"
    undo(session)
    assert session.assessment.rechecks.keys() == {CLAUSE, OTHER}


def test_a_verdict_takes_the_mark_away_in_the_same_step(session: Session) -> None:
    mark(session)
    set_verdict(session, [CLAUSE, OTHER], Verdict.MET)
    assert not session.assessment.rechecks
    undo(session)
    assert session.assessment.rechecks.keys() == {CLAUSE, OTHER}
    assert session.assessment.answer(CLAUSE).verdict is Verdict.NOT_ASSESSED


def test_the_same_verdict_again_is_a_look_too(session: Session) -> None:
    set_verdict(session, [CLAUSE], Verdict.MET)
    mark(session)
    set_verdict(session, [CLAUSE], Verdict.MET)
    assert CLAUSE not in session.assessment.rechecks
