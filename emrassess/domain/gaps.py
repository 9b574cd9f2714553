"""What is missing to the target, in the order that unblocks the level, and whether mending it would reach it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from emrassess.domain.answers import Answers
from emrassess.domain.pack import Category, Item, Pack
from emrassess.domain.reasons import Cause, Reason
from emrassess.domain.scoring import ItemScore, LevelResult, Score, item_limits


class Need(StrEnum):
    """Why an item has to be mended for the target."""

    BASIC = "basic"
    UNVERIFIED = "unverified"
    OPTIONAL = "optional"
    SPARE = "spare"


@dataclass(frozen=True, slots=True)
class Gap:
    """An item that does not pass at the target: what it needs and why, `effort` = number of things to mend.

    `gain`: points the item would gain by just passing (coverage and quality at their thresholds).
    """

    item: str
    need: Need
    reasons: tuple[Reason, ...]
    effort: int
    gain: Decimal

    @property
    def clauses(self) -> tuple[str, ...]:
        """Clauses to be met, lowest level first."""
        return tuple(clause for reason in self.reasons for clause in reason.clauses)


@dataclass(frozen=True, slots=True)
class Plan:
    """The way to the target: `gaps` in the order that unblocks it (spare ones last).

    `total_after`: total once all but the spare ones just pass. `reserves`: per item the points that full coverage and
    quality at the target would add on top, largest first; they close a `shortfall`. `certain`: the plan rests on no
    unverified category.
    """

    target: int
    gaps: tuple[Gap, ...]
    total_now: Decimal
    total_after: Decimal
    minimum: int
    certain: bool
    reserves: tuple[tuple[str, Decimal], ...] = ()

    @property
    def shortfall(self) -> Decimal:
        """Points still missing when the plan is done; 0 where it reaches the minimum."""
        return max(self.minimum - self.total_after, Decimal(0))

    @property
    def needed(self) -> tuple[Gap, ...]:
        """The gaps that have to be closed."""
        return tuple(gap for gap in self.gaps if gap.need is not Need.SPARE)


def plan_to_target(pack: Pack, answers: Answers, score: Score) -> Plan:
    """What to mend to reach the target for certain.

    Known basic items come first, then unverified ones (each may turn out basic), then as many optional items as annex
    2 still asks for, least effort first; the other optional items are spare. Within a kind the lowest blocked level
    and the largest effort come first.
    """
    target = score.target
    result = score.levels[target]
    gaps: list[Gap] = []
    for item in pack.items:
        category = answers.category(pack, item.code, target)
        if category is None or target not in item.by_level:
            continue
        if category is Category.UNVERIFIED and result.basic_among_unverified == 0:
            category = Category.OPTIONAL
        gap = _gap(pack, item, answers, score.items[item.code], target, category)
        if gap:
            gaps.append(gap)
    optional = sorted((g for g in gaps if g.need is Need.OPTIONAL), key=lambda g: (g.effort, -g.gain, g.item))
    chosen = optional[: _optional_missing(score, result)]
    spare = [replace(gap, need=Need.SPARE) for gap in optional[len(chosen) :]]
    needed = [*sorted((g for g in gaps if g.need is not Need.OPTIONAL), key=_worst_first), *chosen]
    gains = {gap.item: gap.gain for gap in needed}
    reserves = [
        (item.code, target - score.items[item.code].score - gains.get(item.code, Decimal(0)))
        for item in pack.items
        if target in item.by_level
    ]
    return Plan(
        target,
        (*needed, *spare),
        score.total,
        score.total + sum(gains.values(), Decimal(0)),
        result.requirement.minimum_score,
        not result.unverified_items,
        tuple(sorted((r for r in reserves if r[1] > 0), key=lambda r: (-r[1], r[0]))),
    )


def _optional_missing(score: Score, result: LevelResult) -> int:
    """How many more optional items must pass so that the level is reached for certain."""
    passed = result.optional_passed
    if result.basic_among_unverified:
        passed += len(result.unverified_items) - result.basic_among_unverified
    else:
        passed += sum(result.level in score.items[code].optional_at for code in result.unverified_items)
    return max(result.requirement.optional_required - passed, 0)


def _worst_first(gap: Gap) -> tuple[int, int, int, str]:
    lowest = min((r.level for r in gap.reasons), default=9)
    return (gap.need is not Need.BASIC), lowest, -gap.effort, gap.item


def _gap(pack: Pack, item: Item, answers: Answers, scored: ItemScore, target: int, category: Category) -> Gap | None:
    as_optional = category is Category.OPTIONAL
    reasons = item_limits(pack, item, answers, scored, target, as_optional=as_optional)
    if not reasons:
        return None
    effort = sum(len(r.clauses) or max(len(r.dimensions), 1) for r in reasons)
    threshold = pack.scoring.optional_coverage if as_optional else pack.scoring.basic_coverage
    coverage = Decimal(1) if item.coverage.functional else max(scored.coverage[target], threshold)
    quality = max(scored.quality[target], pack.scoring.quality)
    gain = max(target * coverage * quality - scored.score, Decimal(0))
    return Gap(item.code, Need(category.value), reasons, effort, gain)


def reasons_by_clause(plan: Plan) -> Mapping[str, Gap]:
    """The gap each unmet clause belongs to."""
    return {
        clause: gap for gap in plan.gaps for reason in gap.reasons if reason.cause is Cause.CLAUSES
        for clause in reason.clauses
    }  # fmt: skip
