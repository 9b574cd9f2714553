"""The score as the experts verified it, beside the score as the hospital claims it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from emrassess.domain.answers import Answers, Verdict
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.review import NO_OPINION, ExpertVerdict, Opinion
from emrassess.domain.scoring import LevelOutcome, Score, score

_OPEN = (ExpertVerdict.OPEN, ExpertVerdict.NOT_SHOWN)


class Stands(StrEnum):
    """Whether a level that the hospital claims still stands. NOT_CLAIMED: it never did.

    OPEN: it hangs on clauses that nobody has seen, or on categories that nobody has read in the official document.
    """

    VERIFIED = "verified"
    OPEN = "open"
    FALLEN = "fallen"
    NOT_CLAIMED = "not_claimed"


STANDS_NAMES: Mapping[Stands, str] = {
    Stands.VERIFIED: "核查后成立",
    Stands.OPEN: "尚待核查",
    Stands.FALLEN: "核查后不成立",
    Stands.NOT_CLAIMED: "自评未达到",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Clauses counted: `looked_at` of `total` have a verdict; `by_verdict` has every verdict, OPEN too.

    `claimed`: claimed met by the hospital; `fallen`: of those, confirmed in part or not.
    """

    total: int
    looked_at: int
    claimed: int
    fallen: int
    findings: int
    by_verdict: Mapping[ExpertVerdict, int]


@dataclass(frozen=True)
class Verified:
    """Three scores: as `claimed`; `at_most`, with what nobody has seen counted as claimed; `at_least`, with only what
    was confirmed. `fallen`: clauses claimed met of which the experts confirmed a part or nothing, in the pack's order.

    `stands`: by level, for every level of the pack. `most_answers`, `least_answers`: what the two scores rest on.
    """

    claimed: Score
    at_most: Score
    at_least: Score
    fallen: tuple[str, ...]
    stands: Mapping[int, Stands]
    most_answers: Answers
    least_answers: Answers


def verified(pack: Pack, answers: Answers, opinions: Mapping[str, Opinion]) -> Verified:
    """Score with the experts' verdicts in place of the hospital's.

    Confirmed: the hospital's own verdict holds. Partly: at most partial; not confirmed: unmet. What was not seen or
    could not be shown is open, not failed. Coverage, quality indices and categories are the hospital's.
    """
    at_most, at_least = dict(answers.verdicts), dict(answers.verdicts)
    fallen: list[str] = []
    for clause in pack.clause_by_id:
        claim = answers.verdict(clause)
        said = opinions.get(clause, NO_OPINION).verdict
        if said in _OPEN:
            at_least[clause] = Verdict.NOT_ASSESSED
        elif said is not ExpertVerdict.CONFIRMED:
            at_most[clause] = at_least[clause] = _lowered(claim, said)
            if claim is Verdict.MET:
                fallen.append(clause)
    most_answers, least_answers = replace(answers, verdicts=at_most), replace(answers, verdicts=at_least)
    claimed, most, least = score(pack, answers), score(pack, most_answers), score(pack, least_answers)
    stands = {level: _stands(claimed, most, least, level) for level in claimed.levels}
    return Verified(claimed, most, least, tuple(fallen), stands, most_answers, least_answers)


def _lowered(claim: Verdict, said: ExpertVerdict) -> Verdict:
    if said is ExpertVerdict.PARTLY and claim in (Verdict.MET, Verdict.PARTIAL):
        return Verdict.PARTIAL
    return Verdict.UNMET


def _stands(claimed: Score, most: Score, least: Score, level: int) -> Stands:
    if claimed.levels[level].outcome is LevelOutcome.NOT_MET:
        return Stands.NOT_CLAIMED
    if most.levels[level].outcome is LevelOutcome.NOT_MET:
        return Stands.FALLEN
    return Stands.VERIFIED if least.levels[level].outcome is LevelOutcome.MET else Stands.OPEN


def clauses_of(pack: Pack, group: ReviewGroup, target: int) -> tuple[str, ...]:
    """The clauses that a group has to look at for `target`, in the pack's order."""
    items = frozenset(group.items)
    found = (item.clauses_through(target) for item in pack.items if item.code in items)
    return tuple(clause.id for clauses in found for clause in clauses)


def tally(clauses: tuple[str, ...], answers: Answers, opinions: Mapping[str, Opinion]) -> Tally:
    """How far `clauses` have been looked at, and with what result."""
    by_verdict = dict.fromkeys(ExpertVerdict, 0)
    claimed = fallen = findings = 0
    for clause in clauses:
        opinion = opinions.get(clause, NO_OPINION)
        by_verdict[opinion.verdict] += 1
        findings += opinion.is_finding
        if answers.verdict(clause) is Verdict.MET:
            claimed += 1
            fallen += opinion.verdict in (ExpertVerdict.PARTLY, ExpertVerdict.NOT_CONFIRMED)
    looked_at = len(clauses) - by_verdict[ExpertVerdict.OPEN]
    return Tally(len(clauses), looked_at, claimed, fallen, findings, by_verdict)
