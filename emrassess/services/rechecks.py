"""Clauses marked for another look: carried over from another edition, with the reason why."""

from collections.abc import Iterable

from emrassess.services.changes import Changes
from emrassess.services.checks import known_clauses
from emrassess.services.session import Session
from emrassess.storage.changes import Change, recheck_change


def looked_at(session: Session, clause_ids: Iterable[str]) -> Changes:
    """Take the marks of these clauses away; their answers stay. UserError for a clause that the pack does not have."""
    clauses = known_clauses(session.pack, clause_ids)
    what = clauses[0] if len(clauses) == 1 else f"{len(clauses)} 条"
    return session.write(f"{what}已看过", marks_off(session, clauses))


def marks_off(session: Session, clauses: Iterable[str]) -> list[Change]:
    """The changes that take the marks of `clauses` away; none for those without one."""
    marked = session.assessment.rechecks
    return [recheck_change(session.assessment, clause, None) for clause in clauses if clause in marked]
