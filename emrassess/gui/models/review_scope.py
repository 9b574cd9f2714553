"""Which clauses experts look at, and how far each is: by group, and by what is left to do."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from emrassess.domain.answers import Verdict
from emrassess.domain.ledger import FindingState
from emrassess.domain.review import NO_OPINION, ROUND_ONE, ExpertVerdict, Opinion
from emrassess.domain.verified import clauses_of

if TYPE_CHECKING:
    from emrassess.domain.assessment import Assessment
    from emrassess.domain.ledger import Finding
    from emrassess.services.session import Session

ALL_GROUPS = ""


class Show(StrEnum):
    """What of the way is listed. RECHECK: clauses with a finding that is not closed."""

    ALL = "all"
    OPEN = "open"
    PROBLEMS = "problems"
    CLAIMED = "claimed"
    RECHECK = "recheck"


SHOW_NAMES: Mapping[Show, str] = {
    Show.ALL: "全部条款",
    Show.OPEN: "还没有核查",
    Show.PROBLEMS: "有问题的",
    Show.CLAIMED: "自评达标的",
    Show.RECHECK: "要回看的",
}


def said_now(assessment: "Assessment") -> Mapping[str, Opinion]:
    """The opinions of the visit that is on; in the hospital's own workspace those of all visits."""
    review = assessment.review
    if review is None or review.round == ROUND_ONE:
        return assessment.opinions
    return {clause: opinion for clause, opinion in assessment.opinions.items() if opinion.round >= review.round}


def opinion_now(assessment: "Assessment", clause: str) -> Opinion:
    """What is said of a clause in the visit that is on."""
    opinion, review = assessment.opinion(clause), assessment.review
    return opinion if review is None or opinion.round >= review.round else NO_OPINION


def opinion_before(assessment: "Assessment", clause: str) -> Opinion | None:
    """What experts said of a clause in an earlier visit, as the package told it; None where they said nothing."""
    from emrassess.services.reviewing import earlier_opinion  # noqa: PLC0415 - loads the ciphers

    review = assessment.review
    return None if review is None or review.round == ROUND_ONE else earlier_opinion(review, clause)


def findings_of(assessment: "Assessment", clause: str) -> "tuple[tuple[str, Finding], ...]":
    """The lines of the ledger about a clause, with their ids."""
    return tuple((key, finding) for key, finding in assessment.findings.items() if finding.clause == clause)


def group_clauses(session: "Session", group: str) -> tuple[str, ...]:
    """The clauses that a review group looks at for the target, ALL_GROUPS for all of them, in the pack's order."""
    held, pack = session.assessment, session.pack
    found = {
        c for g in held.review_groups(pack) if group in (g.code, ALL_GROUPS) for c in clauses_of(pack, g, held.target)
    }
    return tuple(clause for clause in pack.clause_by_id if clause in found)


def listed(session: "Session", group: str, show: Show, kept: Collection[str] = ()) -> tuple[str, ...]:
    """The clauses of a group that `show` lets through, and those `kept`: what is in hand does not vanish."""
    held = session.assessment
    now = said_now(held)
    recheck = {f.clause for f in held.findings.values() if f.state is not FindingState.CLOSED}

    def passes(clause: str) -> bool:
        opinion = now.get(clause, NO_OPINION)
        match show:
            case Show.OPEN:
                return opinion.verdict is ExpertVerdict.OPEN
            case Show.PROBLEMS:
                return opinion.is_finding
            case Show.CLAIMED:
                return held.answer(clause).verdict is Verdict.MET
            case Show.RECHECK:
                return clause in recheck
            case _:
                return True

    return tuple(clause for clause in group_clauses(session, group) if clause in kept or passes(clause))
