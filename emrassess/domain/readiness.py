"""Readiness (就绪度): how far a review group or a role is from the target."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from emrassess.domain.answers import Answers, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.reasons import Reason
from emrassess.domain.schemes.base import Part
from emrassess.domain.scoring import Score


@dataclass(frozen=True, slots=True)
class Readiness:
    """The figures of one group or role at the target.

    `parts`: what passes, by kind. `points` now, of `points_at_target` if all of its items passed.
    `quality`: quality indices at and below the target at or above the threshold, where the group takes them.
    """

    code: str
    name: str
    parts: tuple[Part, ...]
    points: Decimal
    points_at_target: Decimal
    clauses_ready: int
    clauses_met: int
    clauses: int
    quality: Part | None
    blockers: tuple[Reason, ...]

    @property
    def share(self) -> Decimal:
        """Clauses met with complete evidence / all clauses up to the target, 0..1; 1 where there are none."""
        return Decimal(self.clauses_ready) / self.clauses if self.clauses else Decimal(1)


def group_readiness(
    pack: Pack, answers: Answers, score: Score, states: Mapping[str, EvidenceState], groups: Collection[ReviewGroup]
) -> tuple[Readiness, ...]:
    """Readiness of each review group at the target. `states`: evidence state by clause, absent = none."""
    return tuple(_readiness(pack, answers, score, states, g.code, g.name, g.items, g.quality) for g in groups)


def role_readiness(
    pack: Pack, answers: Answers, score: Score, states: Mapping[str, EvidenceState]
) -> tuple[Readiness, ...]:
    """Readiness of each of the pack's roles at the target."""
    by_role = {role.code: tuple(i.code for i in pack.items if i.role == role.code) for role in pack.roles}
    return tuple(
        _readiness(pack, answers, score, states, role.code, role.name, by_role[role.code], False) for role in pack.roles
    )


def _readiness(
    pack: Pack,
    answers: Answers,
    score: Score,
    states: Mapping[str, EvidenceState],
    code: str,
    name: str,
    codes: Collection[str],
    takes_quality: bool,
) -> Readiness:
    items = [item for item in pack.items if item.code in codes]
    outlook = pack.scheme.outlook(pack, answers, score, items)
    clauses = [clause for item in items for clause in item.clauses_through(score.target)]
    met = [c for c in clauses if answers.verdict(c.id) is Verdict.MET]
    ready = [c for c in met if states.get(c.id) is EvidenceState.COMPLETE]
    return Readiness(
        code, name, outlook.parts, outlook.points, outlook.points_at_target,
        len(ready), len(met), len(clauses), _quality_part(pack, score) if takes_quality else None, outlook.blockers,
    )  # fmt: skip


def _quality_part(pack: Pack, score: Score) -> Part:
    indices = [
        score.items[item.code].quality[level] >= pack.scheme.quality_threshold
        for item in pack.items
        for level, source in item.quality_rows.items()
        if source is not None and level <= score.target
    ]
    return Part("quality", "数据质量指数", sum(indices), len(indices))
