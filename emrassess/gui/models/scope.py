"""What a department's packet limits the window to: its clauses, and the level rows that are wholly its own."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emrassess.domain.pack import Clause, LevelRow

if TYPE_CHECKING:
    from emrassess.services.session import Session


def scoped(session: "Session", clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Those of `clauses` that the workspace is about: all of them where it is no packet."""
    scope = session.assessment.scope
    return tuple(clause for clause in clauses if scope is None or clause.id in scope)


def outside(session: "Session") -> tuple[str, ...]:
    """The clauses that the workspace is not about."""
    scope = session.assessment.scope
    return () if scope is None else tuple(clause for clause in session.pack.clause_by_id if clause not in scope)


def is_whole(session: "Session", row: LevelRow) -> bool:
    """Whether all clauses of a level row are here: its figures are for whoever has all of it."""
    return len(scoped(session, row.clauses)) == len(row.clauses)
