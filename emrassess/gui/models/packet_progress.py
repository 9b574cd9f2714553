"""How far a department is with its packet, and what is left to do."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import EvidenceState, PacketInfo
from emrassess.domain.planning import Task, WorkState, days_left, deadline_text
from emrassess.services.tasks import planned

if TYPE_CHECKING:
    from emrassess.services.session import Session

SOON = 3
"""So many days before the deadline it is said with emphasis."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Numbers of clauses: `answered`, and `complete` (evidence lacks nothing), of `total`; `words` says more."""

    total: int
    answered: int
    complete: int
    words: str


@dataclass(frozen=True, slots=True)
class Todo:
    """Something left to do, the button for it, and where that leads."""

    text: str
    does: str
    target: str


def progress_of(session: "Session") -> Progress:
    """How far the packet is."""
    clauses, assessment = planned(session), session.assessment
    counts = Counter(assessment.answer(clause).verdict for clause in clauses)
    complete = sum(session.states.get(clause) is EvidenceState.COMPLETE for clause in clauses)
    given = [f"{VERDICT_NAMES[verdict]} {counts[verdict]} 条" for verdict in Verdict if counts[verdict]]
    return Progress(len(clauses), len(clauses) - counts[Verdict.NOT_ASSESSED], complete, "，".join(given))


def todos(session: "Session") -> Iterator[Todo]:
    """What is left to do, the most pressing first."""
    clauses, assessment = planned(session), session.assessment
    back = [c for c in clauses if (t := assessment.tasks.get(c)) and t.state is WorkState.CHANGES_REQUESTED]
    if back:
        yield Todo(f"{len(back)} 条被退回修改，意见写在条款上", "去修改", f"clause:{back[0]}")
    verdicts = {clause: assessment.answer(clause).verdict for clause in clauses}
    if left := [clause for clause, verdict in verdicts.items() if verdict is Verdict.NOT_ASSESSED]:
        begun = len(left) < len(clauses)
        yield Todo(f"{len(left)} 条还没有评", "继续填写" if begun else "开始填写", f"clause:{left[0]}")
    met = [clause for clause, verdict in verdicts.items() if verdict is Verdict.MET]
    if bare := [clause for clause in met if clause not in session.evidence_by_clause]:
        yield Todo(f"{len(bare)} 条评为达标，还没有材料", "去添加", f"clause:{bare[0]}")
    if lacking := [piece for piece in assessment.evidence.values() if piece.clauses and piece.lacks]:
        yield Todo(f"{len(lacking)} 件材料的说明不全", "去补全", f"evidence:{lacking[0].id}")


def deadline_of(packet: PacketInfo, today: date) -> tuple[str, str]:
    """The deadline in words and how it is shown: "bad" once it has passed, "fair" where it is near, else ""."""
    task = Task(packet.department, deadline=packet.deadline)
    left = days_left(task, today)
    if left is None:
        return "没有写", ""
    return deadline_text(task, today), "bad" if left < 0 else "fair" if left <= SOON else ""
