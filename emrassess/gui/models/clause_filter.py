"""Which clauses the clauses page shows: up to the target or all, and those that a filter lets through."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.gaps import Need, reasons_by_clause
from emrassess.domain.pack import LEVELS, Clause, Item
from emrassess.gui.models.scope import scoped
from emrassess.gui.theme import VERDICT_NAMES
from emrassess.reports.wording import STATE_NAMES

if TYPE_CHECKING:
    from emrassess.services.session import Session


@dataclass(frozen=True)
class ClauseFilter:
    """What has to hold of a clause; empty fields let everything through.

    `blocking`: it keeps the target away; `marked`: it is marked for another look. `department`: an id, "" for clauses
    that are nobody's.
    """

    group: str = ""
    role: str = ""
    level: int = 0
    verdict: Verdict | None = None
    evidence: EvidenceState | None = None
    blocking: bool = False
    marked: bool = False
    department: str | None = None

    @property
    def active(self) -> bool:
        """Whether it holds anything back."""
        return self != EVERYTHING


EVERYTHING = ClauseFilter()
UNASSIGNED = "未分派"


def shown_clauses(
    session: "Session", wanted: ClauseFilter = EVERYTHING, *, above_target: bool = False
) -> Mapping[str, tuple[Clause, ...]]:
    """The clauses to show by item code, in the pack's order; items without one are left out.

    Without `above_target` only clauses up to the target; a filter for a level or for marks shows all it lets through,
    and so does the packet of a department, which shows nothing but its clauses.
    """
    anywhere = above_target or wanted.level or wanted.marked or session.assessment.packet
    highest = LEVELS[-1] if anywhere else session.assessment.target
    passes = _test(session, wanted)
    found = {}
    for item in _items(session, wanted):
        clauses = tuple(clause for clause in scoped(session, item.clauses_through(highest)) if passes(clause))
        if clauses:
            found[item.code] = clauses
    return found


def filter_text(session: "Session", wanted: ClauseFilter) -> str:
    """The filter in words: "病房组 · 4 级 · 未达标"."""
    groups = {group.code: group.name for group in session.assessment.review_groups(session.pack)}
    role = session.pack.role_by_code.get(wanted.role)
    parts = [
        groups.get(wanted.group, ""),
        f"{role.code} {role.name}" if role else "",
        f"{wanted.level} 级" if wanted.level else "",
        VERDICT_NAMES[wanted.verdict] if wanted.verdict else "",
        STATE_NAMES[wanted.evidence] if wanted.evidence else "",
        "只看卡住目标的" if wanted.blocking else "",
        "需再看" if wanted.marked else "",
        _department_name(session, wanted.department),
    ]
    return " · ".join(part for part in parts if part)


def blocking_clauses(session: "Session") -> Collection[str]:
    """Clauses whose lack keeps the target away."""
    return {clause for clause, gap in reasons_by_clause(session.plan).items() if gap.need is not Need.SPARE}


def _items(session: "Session", wanted: ClauseFilter) -> Iterator[Item]:
    groups = {group.code: group.items for group in session.assessment.review_groups(session.pack)}
    members = groups.get(wanted.group)
    for item in session.pack.items:
        if (members is None or item.code in members) and wanted.role in ("", item.role):
            yield item


def _department_name(session: "Session", wanted: str | None) -> str:
    if not wanted:
        return "" if wanted is None else UNASSIGNED
    department = session.assessment.departments.get(wanted)
    return department.name if department else ""


def _test(session: "Session", wanted: ClauseFilter) -> Callable[[Clause], bool]:
    assessment, states = session.assessment, session.states
    blocking = blocking_clauses(session) if wanted.blocking else frozenset()

    def department_of(clause: str) -> str:
        task = assessment.tasks.get(clause)
        return task.department if task else ""

    def passes(clause: Clause) -> bool:
        return (
            wanted.level in (0, clause.level)
            and wanted.verdict in (None, assessment.answer(clause.id).verdict)
            and wanted.evidence in (None, states.get(clause.id, EvidenceState.NONE))
            and (not wanted.blocking or clause.id in blocking)
            and (not wanted.marked or clause.id in assessment.rechecks)
            and (wanted.department is None or wanted.department == department_of(clause.id))
        )

    return passes
