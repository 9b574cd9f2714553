"""What a report made now would rest on, and what to look at before it goes out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.scoring import Demand, LevelOutcome
from emrassess.gui.widgets.basics import points
from emrassess.reports.wording import OUTCOME_NAMES

if TYPE_CHECKING:
    from emrassess.services.session import Session


@dataclass(frozen=True)
class Caution:
    """A sentence, and where it is mended (`does` on the button, `target` of navigation)."""

    text: str
    does: str
    target: str


@dataclass(frozen=True)
class Basis:
    """The verdict in one sentence, what it rests on, and warnings."""

    headline: str
    rests_on: str
    warnings: tuple[Caution, ...]


def basis(session: "Session") -> Basis:
    """For the report page."""
    score = session.score
    result = score.levels[score.target]
    attained = f"确定达到 {score.certain} 级"
    if score.possible > score.certain:
        attained += f"，可能达到 {score.possible} 级"
    in_points = [_points(demand) for demand in result.demands if demand.in_points]
    headline = "，".join((f"{attained}；目标 {score.target} 级：{OUTCOME_NAMES[result.outcome]}", *in_points))
    scheme = session.pack.scheme
    rests = "结论不依赖待核对的评价类别。" if scheme.has_categories else scheme.level_rule
    if result.outcome is LevelOutcome.UNDETERMINED:
        rests = "结论要等待核对的评价类别确认后才能定下来。"
    elif result.unverified_items:
        rests = f"有 {len(result.unverified_items)} 项的评价类别还没有核对，但无论核对成什么，结论都一样。"
    return Basis(headline, rests, tuple(_warnings(session)))


def _points(demand: Demand) -> str:
    """The points in words: "总分 105.20（最低要求 110）", "得分 18.00（满分 40.00）"."""
    text = f"{demand.name} {points(demand.actual, demand.needed)}"
    if demand.needed is not None:
        return f"{text}（最低要求 {demand.needed}）"
    return f"{text}（满分 {points(demand.whole)}）" if demand.whole is not None else text


def _warnings(session: "Session") -> list[Caution]:
    score, states, answers = session.score, session.states, session.answers
    found: list[Caution] = []
    open_ = score.levels[score.target].unverified_items
    if open_:
        found.append(
            Caution(f"{score.target} 级还有 {len(open_)} 项的评价类别待核对", "去确认类别", "page:standard/categories")
        )
    clauses = [clause.id for item in session.pack.items for clause in item.clauses_through(score.target)]
    met = [clause for clause in clauses if answers.verdict(clause) is Verdict.MET]
    for state, text in ((None, "没有任何实证材料"), (EvidenceState.INCOMPLETE, "实证材料不完整")):
        lacking = [clause for clause in met if states.get(clause) is state]
        if lacking:
            found.append(
                Caution(f"{len(lacking)} 条自评达标的条款{text}，专家会不认", "看第一条", f"clause:{lacking[0]}")
            )
    unlinked = [piece.id for piece in session.assessment.evidence.values() if not piece.clauses]
    if unlinked:
        text = f"{len(unlinked)} 件实证材料没有关联条款，不会进入材料包"
        found.append(Caution(text, "看第一件", f"evidence:{unlinked[0]}"))
    waiting = [clause for clause in clauses if answers.verdict(clause) is Verdict.NOT_ASSESSED]
    if waiting:
        found.append(Caution(f"到目标级别还有 {len(waiting)} 条没有评", "去评第一条", f"clause:{waiting[0]}"))
    return found
