"""The ledger (整改台账): what the experts found, who mends it by when, and how it was closed.

A finding moves by the table MOVES; who claims that it is mended gives measures and proof, and
somebody else looks again. What is claimed stays as it was claimed until then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from emrassess.domain.planning import checked_deadline
from emrassess.domain.review import (
    ROUND_ONE,
    WORST_FIRST,
    ExpertVerdict,
    Opinion,
    Severity,
    round_name,
)
from emrassess.errors import UserError


class FindingState(StrEnum):
    """How far a finding is. DONE: by the hospital's word, to be looked at again."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CLOSED = "closed"
    REOPENED = "reopened"


FINDING_STATE_NAMES: Mapping[FindingState, str] = {
    FindingState.OPEN: "待整改",
    FindingState.IN_PROGRESS: "整改中",
    FindingState.DONE: "已整改待回看",
    FindingState.CLOSED: "已销号",
    FindingState.REOPENED: "退回再改",
}

MOVES: frozenset[tuple[FindingState, FindingState]] = frozenset(
    (
        (FindingState.OPEN, FindingState.IN_PROGRESS),
        (FindingState.OPEN, FindingState.DONE),
        (FindingState.IN_PROGRESS, FindingState.OPEN),
        (FindingState.IN_PROGRESS, FindingState.DONE),
        (FindingState.DONE, FindingState.IN_PROGRESS),
        (FindingState.DONE, FindingState.CLOSED),
        (FindingState.DONE, FindingState.REOPENED),
        (FindingState.REOPENED, FindingState.IN_PROGRESS),
        (FindingState.REOPENED, FindingState.DONE),
        (FindingState.CLOSED, FindingState.REOPENED),
    )
)
RECHECKS = frozenset(((FindingState.DONE, FindingState.CLOSED), (FindingState.DONE, FindingState.REOPENED)))
"""Moves that are somebody else's than who claimed that it was done."""
_OWN = "own"

_NEXT_STEPS = {
    FindingState.OPEN: "请先开始整改，或写好整改措施、附上整改后的材料，再报完成。",
    FindingState.IN_PROGRESS: "请写好整改措施、附上整改后的材料，再报完成。",
    FindingState.DONE: "请由另一个人回看：通过就销号，不通过就退回再改。",
    FindingState.CLOSED: "已经销号；发现没有改好时，可以退回再改。",
    FindingState.REOPENED: "请先继续整改，再报完成。",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One step in a finding's history. `at`: ISO 8601 with offset; `state`: that it had from then on."""

    at: str
    who: str
    state: FindingState
    what: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the ledger.

    `raised`: number of the round that found it; `checked`: of the last one in which the experts looked at it.
    `group`: code of the review group. `department`: name, "" where nobody has it yet; `deadline`: ISO date or "".
    `before`: ids of the experts' photos; `after`: ids of the evidence that proves it mended. `supervised`: put under
    supervision (挂牌督办). `claimed_by`: who last said that it is done, while that is not yet given up. `more`: columns
    that people added in a sheet.
    """

    clause: str
    problem: str
    suggestion: str = ""
    severity: Severity = Severity.NONE
    group: str = ""
    raised: int = ROUND_ONE
    checked: int = ROUND_ONE
    raised_by: str = ""
    raised_at: str = ""
    department: str = ""
    owner: str = ""
    deadline: str = ""
    measures: str = ""
    state: FindingState = FindingState.OPEN
    supervised: bool = False
    claimed_by: str = ""
    claimed_at: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    history: tuple[Event, ...] = ()
    more: tuple[tuple[str, str], ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether the hospital has nothing to do any more, or for now."""
        return self.state in (FindingState.DONE, FindingState.CLOSED)


def finding_id(clause: str, raised: int) -> str:
    """The id of what the experts of a round found about a clause: the same each time it is imported."""
    return f"{clause}#{raised}"


def own_id(clause: str, number: int) -> str:
    """The id of the `number`th finding that the hospital itself raised about a clause."""
    return f"{clause}#{_OWN}{number}"


def is_own(key: str) -> bool:
    """Whether the hospital itself raised it: what the experts say does not touch it."""
    return key.rpartition("#")[2].startswith(_OWN)


# --- moves


def refusal(finding: Finding, to: FindingState, who: str) -> str:
    """Why `who` cannot move `finding` to `to`, Chinese without a full stop; "" where it can be done."""
    if (finding.state, to) not in MOVES:
        names = FINDING_STATE_NAMES
        return f"{finding.clause} 现在是“{names[finding.state]}”，不能改为“{names[to]}”"
    if to in (FindingState.DONE, FindingState.CLOSED) and (lacking := _lacking(finding)):
        return f"{finding.clause} 还没有{'和'.join(lacking)}，不能{'报完成' if to is FindingState.DONE else '销号'}"
    if (finding.state, to) in RECHECKS and _is_claimant(finding, who):
        return f"{finding.clause} 是“{who}”自己报的完成，不能由本人回看"
    return ""


def _lacking(finding: Finding) -> list[str]:
    needed = {"整改措施": finding.measures.strip(), "整改后的材料": finding.after}
    return [name for name, there in needed.items() if not there]


def _is_claimant(finding: Finding, who: str) -> bool:
    """Blanks and case make nobody another person."""
    return "".join(who.split()).casefold() == "".join(finding.claimed_by.split()).casefold()


def moved(finding: Finding, to: FindingState, who: str, at: str, note: str = "") -> Finding:
    """`finding` moved to `to`; UserError with the reason where that cannot be. The same state again changes nothing."""
    if finding.state is to:
        return finding
    if why := refusal(finding, to, who):
        raise UserError(why, _hint(finding, to))
    what = FINDING_STATE_NAMES[to] + (f"：{note.strip()}" if note.strip() else "")
    if to is FindingState.DONE:
        finding = replace(finding, claimed_by=who, claimed_at=at)
    elif to is FindingState.IN_PROGRESS:
        finding = replace(finding, claimed_by="", claimed_at="")
    return noted(replace(finding, state=to), who, at, what)


def _hint(finding: Finding, to: FindingState) -> str:
    if (finding.state, to) in RECHECKS and not _lacking(finding):
        return "请换一个人回看，例如质控科或专家。"
    return _NEXT_STEPS[finding.state]


def noted(finding: Finding, who: str, at: str, what: str) -> Finding:
    """`finding` with one more line in its history."""
    return replace(finding, history=(*finding.history, Event(at, who, finding.state, what)))


def choices(finding: Finding, who: str) -> tuple[FindingState, ...]:
    """The states that `who` can move it to now."""
    return tuple(state for state in FindingState if state is not finding.state and not refusal(finding, state, who))


# --- what a review brings


def raised(clause: str, opinion: Opinion, department: str, owner: str, before: Iterable[str]) -> Finding:
    """A new finding from what the experts say."""
    finding = Finding(
        clause,
        problem_of(opinion),
        opinion.suggestion,
        opinion.severity,
        opinion.group,
        opinion.round,
        opinion.round,
        opinion.by,
        opinion.at,
        department,
        owner,
        before=tuple(before),
    )
    return noted(finding, opinion.by, opinion.at, f"{round_name(opinion.round)}提出")


def problem_of(opinion: Opinion) -> str:
    """The problem in words, even where only a verdict was given."""
    if opinion.problem.strip():
        return opinion.problem
    return "所报内容部分属实" if opinion.verdict is ExpertVerdict.PARTLY else "所报内容不属实"


def reviewed(finding: Finding, opinion: Opinion, at: str, before: Iterable[str]) -> Finding:
    """`finding` once the experts say `opinion` about its clause; the same opinion again changes nothing.

    In a later round than it was raised in, that is the re-check: what is claimed done is closed where it is confirmed
    without a problem, and reopened where not; what was closed is reopened too. What was not shown proves nothing, and
    a claim that the finding has not made is not closed. In the round that raised it, it is a correction. What comes
    from an earlier round than they last looked in is no news.
    """
    if opinion.round < finding.checked:
        return finding
    again = opinion.round == finding.checked
    looked = replace(finding, checked=opinion.round, before=tuple(dict.fromkeys((*finding.before, *before))))
    if opinion.round == finding.raised:
        return _corrected(looked, opinion, at)
    if not again and not looked.is_settled:
        looked = replace(looked, claimed_by="", claimed_at="")  # what an earlier round turned down is not claimed now
    return _rechecked(looked, opinion, at, again)


def _corrected(finding: Finding, opinion: Opinion, at: str) -> Finding:
    name = round_name(opinion.round)
    if not opinion.is_finding:
        if finding.state is FindingState.CLOSED:
            return finding
        withdrawn = replace(finding, state=FindingState.CLOSED, claimed_by="", claimed_at="")
        return noted(withdrawn, opinion.by, at, f"{name}：专家更正，问题撤回")
    words = replace(_reworded(finding, opinion), suggestion=opinion.suggestion)
    if finding.state is FindingState.CLOSED and not finding.claimed_by:  # withdrawn before
        return noted(replace(words, state=FindingState.OPEN), opinion.by, at, f"{name}：专家再次提出")
    return words if words == finding else noted(words, opinion.by, at, f"{name}：专家更正了问题或建议")


def _rechecked(finding: Finding, opinion: Opinion, at: str, again: bool) -> Finding:
    """`again`: not the first that is heard from this round, so that it may correct what was said then."""
    name = round_name(opinion.round)
    fresh = not again or not finding.claimed_at or _is_later(opinion.at, finding.claimed_at)

    def to(state: FindingState, held: Finding, what: str) -> Finding:
        return noted(replace(held, state=state), opinion.by, at, f"{name}：{what}")

    if not opinion.is_finding:
        turned_down = again and finding.state is FindingState.REOPENED and finding.claimed_by
        claimed = finding.state is FindingState.DONE or turned_down
        if opinion.verdict is ExpertVerdict.CONFIRMED and claimed and fresh:
            return to(FindingState.CLOSED, finding, "通过，销号")
        return finding if again else to(finding.state, finding, _still(finding, opinion))
    words = _reworded(finding, opinion)
    if finding.is_settled and fresh:
        return to(FindingState.REOPENED, words, "没有改好，退回再改")
    if not again:
        return to(finding.state, words, "问题仍在")
    return words if words == finding else to(finding.state, words, "专家更正了问题或建议")


def _reworded(finding: Finding, opinion: Opinion) -> Finding:
    return replace(
        finding,
        problem=problem_of(opinion),
        suggestion=opinion.suggestion or finding.suggestion,
        severity=opinion.severity or finding.severity,
    )


def _still(finding: Finding, opinion: Opinion) -> str:
    """What is noted where a look changes nothing."""
    if opinion.verdict is not ExpertVerdict.CONFIRMED:
        return "没有看到，状态不变"
    return "仍然通过" if finding.state is FindingState.CLOSED else "专家认可；医院还没有报完成"


def _is_later(moment: str, other: str) -> bool:
    """Whether one ISO time is after another; not where either is none."""
    try:
        return datetime.fromisoformat(moment) > datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False


# --- looking at it


def days_left(finding: Finding, today: date) -> int | None:
    """Days to the deadline, negative once it has passed; None without one, or where nothing is to be done now."""
    if not finding.deadline or finding.is_settled:
        return None
    return (date.fromisoformat(finding.deadline) - today).days


def overdue(finding: Finding, today: date) -> bool:
    """Whether the deadline has passed and the hospital has not said that it is done."""
    left = days_left(finding, today)
    return left is not None and left < 0


def in_order(findings: Mapping[str, Finding], today: date) -> tuple[str, ...]:
    """Ids: what is under supervision first, then overdue, then worst first, by deadline; what is closed last."""

    def rank(key: str) -> tuple[object, ...]:
        finding = findings[key]
        return (
            finding.state is FindingState.CLOSED,
            not finding.supervised,
            not overdue(finding, today),
            WORST_FIRST.index(finding.severity),
            finding.deadline or "9999",
            finding.clause,
            finding.raised,
        )

    return tuple(sorted(findings, key=rank))


# --- what the hospital does about it


def assigned(
    finding: Finding,
    who: str,
    at: str,
    *,
    department: str | None = None,
    owner: str | None = None,
    deadline: str | None = None,
    measures: str | None = None,
    supervised: bool | None = None,
) -> Finding:
    """`finding` with what is given changed, and a line in its history.

    UserError for a deadline that is no date, and for measures that cannot be changed now.
    """
    wanted = {
        "department": department,
        "owner": owner,
        "deadline": None if deadline is None else checked_deadline(deadline),
        "measures": measures,
        "supervised": supervised,
    }
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(finding, name)}
    if not changed:
        return finding
    after = replace(finding, **changed)
    if "measures" in changed:
        _check_claim(after, who)
    return noted(after, who, at, "；".join(_said(name, value) for name, value in changed.items()))


def proven(finding: Finding, who: str, at: str, after: Iterable[str], what: str) -> Finding:
    """`finding` with `after` as its proof, each once; `what` says so in its history. UserError where it is claimed."""
    proof = tuple(dict.fromkeys(after))
    if proof == finding.after:
        return finding
    changed = replace(finding, after=proof)
    _check_claim(changed, who)
    return noted(changed, who, at, what)


def _check_claim(after: Finding, who: str) -> None:
    """UserError where measures or proof may not become so: who looks again is to see what was claimed."""
    if after.state is FindingState.CLOSED:
        raise UserError(f"{after.clause} 已经销号，整改措施和整改后的材料不能再改", "发现没有改好时，请先退回再改。")
    if after.state is FindingState.DONE and not _is_claimant(after, who):
        raise UserError(
            f"{after.clause} 是“{after.claimed_by}”报的完成，整改措施和整改后的材料只能由本人补充",
            "请由本人补充，或先改回“整改中”。",
        )
    if after.state is FindingState.DONE and (lacking := _lacking(after)):
        raise UserError(f"{after.clause} 已经报完成，不能没有{'和'.join(lacking)}", "请先改回“整改中”，再取下或清除。")


_FIELD_NAMES = {"department": "责任科室", "owner": "责任人", "deadline": "期限", "measures": "整改措施"}


def _said(name: str, value: object) -> str:
    if name == "supervised":
        return "挂牌督办" if value else "解除挂牌督办"
    return f"{_FIELD_NAMES[name]}：{value}" if value else f"清除{_FIELD_NAMES[name]}"
