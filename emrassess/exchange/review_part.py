"""The part of an evidence package that tells of reviews: `review` in assessment.json, once experts have been there.

It goes to the experts of the next round: what was said so far, and the ledger. Photos stay with the hospital.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from emrassess.domain.assessment import Assessment
from emrassess.domain.ledger import Event, Finding, FindingState, finding_id, is_own
from emrassess.domain.review import ROUND_ONE, ExpertVerdict, Opinion, Severity
from emrassess.exchange.texts import check_line, check_time
from emrassess.typed_yaml import Model

Round = Annotated[int, Field(ge=ROUND_ONE, le=99)]
SeverityName = Literal["", "serious", "ordinary", "minor"]
StateName = Literal["open", "in_progress", "done", "closed", "reopened"]


class _Part(Model):
    model_config = ConfigDict(extra="ignore")


class OpinionPart(_Part):
    verdict: Literal["", "confirmed", "partly", "not_confirmed", "not_shown"]
    seen: str
    problem: str
    severity: SeverityName
    suggestion: str
    place: str
    at: str
    by: str
    group: str
    round: Round


class EventPart(_Part):
    at: str
    who: str
    state: StateName
    what: str


class FindingPart(_Part):
    """A line of the ledger, without what only the hospital's own sheet has."""

    clause: str
    problem: str
    suggestion: str
    severity: SeverityName
    group: str
    raised: Round
    checked: Round
    raised_by: str
    raised_at: str
    department: str
    owner: str
    deadline: str
    measures: str
    state: StateName
    supervised: bool
    claimed_by: str
    claimed_at: str
    after: list[str]
    history: list[EventPart]


class ReviewPart(_Part):
    """`round`: the visit that the package is made for."""

    round: Round
    opinions: dict[str, OpinionPart]
    findings: dict[str, FindingPart]


def review_json(assessment: Assessment) -> dict[str, object] | None:
    """What `assessment` holds of reviews; None where there has been none.

    Proof that is no evidence of a clause, and so not in the package, is left out.
    """
    if not assessment.opinions and not assessment.findings:
        return None
    going = {piece.id for piece in assessment.evidence.values() if piece.clauses}
    findings: dict[str, object] = {}
    for key, finding in assessment.findings.items():
        data = asdict(finding)
        data["after"] = [piece for piece in finding.after if piece in going]
        findings[key] = {name: data[name] for name in FindingPart.model_fields}
    opinions = {clause: asdict(opinion) for clause, opinion in assessment.opinions.items()}
    return {"round": assessment.review_round, "opinions": opinions, "findings": findings}


def opinions_of(part: ReviewPart) -> Mapping[str, Opinion]:
    """What the experts have said, by clause; ValueError (Chinese) where a time is none, or a line is not one."""
    for clause, told in part.opinions.items():
        _check(f"{clause[:40]} 的核查意见", (told.at,), (told.place, told.by, told.group), part.round >= told.round)
    return {
        clause: Opinion(
            **{**told.model_dump(), "verdict": ExpertVerdict(told.verdict), "severity": Severity(told.severity)}
        )
        for clause, told in part.opinions.items()
    }


def findings_of(part: ReviewPart) -> Mapping[str, Finding]:
    """The ledger, by id; ValueError (Chinese) as `opinions_of`, and where an id is not the finding's."""
    for key, told in part.findings.items():
        what = f"台账里的 {key[:40]}"
        if not _is_id(key, told):
            raise ValueError(f"{what} 和它的条款、轮次不符")
        times = (told.raised_at, told.claimed_at, *(event.at for event in told.history))
        lines = (told.group, told.raised_by, told.department, told.owner, told.claimed_by)
        _check(what, times, (*lines, *(e.who for e in told.history)), part.round >= told.checked >= told.raised)
        if told.deadline:
            check_time(told.deadline, date, what)
    return {key: _finding(told) for key, told in part.findings.items()}


def _check(what: str, times: tuple[str, ...], lines: tuple[str, ...], rounds: bool) -> None:
    if not rounds:
        raise ValueError(f"{what}的轮次不对")
    for text in times:
        if text:
            check_time(text, what=what)
    for line in lines:
        check_line(line, what)


def _is_id(key: str, told: FindingPart) -> bool:
    clause, _, number = key.rpartition("#")
    if is_own(key):
        return clause == told.clause and re.fullmatch(r"own[1-9][0-9]{0,8}", number) is not None
    return key == finding_id(told.clause, told.raised)


def _finding(told: FindingPart) -> Finding:
    values = {
        **told.model_dump(),
        "severity": Severity(told.severity),
        "state": FindingState(told.state),
        "after": tuple(told.after),
        "history": tuple(Event(e.at, e.who, FindingState(e.state), e.what) for e in told.history),
    }
    return Finding(**values)
