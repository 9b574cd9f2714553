"""Readiness (就绪度): how far a review group or a role is from the target."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from emrassess.domain.answers import Answers, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.pack import Category, Pack, ReviewGroup
from emrassess.domain.reasons import Cause, Reason
from emrassess.domain.scoring import Score, item_limits


@dataclass(frozen=True, slots=True)
class Part:
    """Of `total` items, `passed` pass."""

    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """The figures of one group or role at the target.

    `basic`, `optional`: items known to be so; `unverified` counts those passing as basic.
    `points` now, of `points_at_target`: each item that does not pass yet counted with full coverage and quality.
    `quality`: quality indices at and below the target at or above the threshold, where the group takes them.
    """

    code: str
    name: str
    basic: Part
    unverified: Part
    optional: Part
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
    target = score.target
    items = [item for item in pack.items if item.code in codes]
    parts: dict[Category, list[bool]] = {category: [] for category in Category}
    points_at_target = Decimal(0)
    blockers: list[tuple[tuple[int, int, int], Reason]] = []
    for item in items:
        scored = score.items[item.code]
        category = answers.category(pack, item.code, target) if target in item.by_level else None
        if category is None:
            points_at_target += scored.score
            continue
        as_optional = category is Category.OPTIONAL
        passes = target in (scored.optional_at if as_optional else scored.basic_at)
        parts[category].append(passes)
        points_at_target += scored.score if passes else max(scored.score, Decimal(target))
        if not passes:
            for reason in item_limits(pack, item, answers, scored, target, as_optional=as_optional):
                blockers.append((_badness(category, reason), reason))
    clauses = [clause for item in items for clause in item.clauses_through(target)]
    met = [c for c in clauses if answers.verdict(c.id) is Verdict.MET]
    ready = [c for c in met if states.get(c.id) is EvidenceState.COMPLETE]
    blockers.sort(key=lambda pair: pair[0])

    def part(category: Category) -> Part:
        return Part(sum(parts[category]), len(parts[category]))

    return Readiness(
        code, name, part(Category.BASIC), part(Category.UNVERIFIED), part(Category.OPTIONAL),
        sum((score.items[item.code].score for item in items), Decimal(0)), points_at_target,
        len(ready), len(met), len(clauses), _quality_part(pack, score) if takes_quality else None,
        tuple(reason for _, reason in blockers),
    )  # fmt: skip


def _badness(category: Category, reason: Reason) -> tuple[int, int, int]:
    """Sort key, worst first: basic before unverified before optional, low levels first, many clauses first."""
    order = (Category.BASIC, Category.UNVERIFIED, Category.OPTIONAL).index(category)
    return order, reason.level, -len(reason.clauses) if reason.cause is Cause.CLAUSES else 0


def _quality_part(pack: Pack, score: Score) -> Part:
    indices = [
        score.items[item.code].quality[level] >= pack.scoring.quality
        for item in pack.items
        for level, source in item.quality_rows.items()
        if source is not None and level <= score.target
    ]
    return Part(sum(indices), len(indices))
