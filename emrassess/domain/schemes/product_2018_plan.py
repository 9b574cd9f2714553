"""Readiness and the way to the target in the scheme of 2018."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from emrassess.domain.answers import Answers
from emrassess.domain.gaps import Gap, Need, Plan
from emrassess.domain.pack import Category, Item, Pack
from emrassess.domain.reasons import Cause, Reason
from emrassess.domain.schemes.base import Outlook, Part
from emrassess.domain.scoring import LevelResult, Score

if TYPE_CHECKING:
    from emrassess.domain.schemes.product_2018 import Product2018

_PARTS = ((Category.BASIC, "基本项"), (Category.UNVERIFIED, "待核对"), (Category.OPTIONAL, "选择项"))


def outlook(scheme: "Product2018", pack: Pack, answers: Answers, score: Score, items: Sequence[Item]) -> Outlook:
    """See `Scheme.outlook`. Unverified items are counted as passing where they pass as basic; an item that does not
    pass yet counts the target's points in full."""
    target = score.target
    passing: dict[Category, list[bool]] = {category: [] for category in Category}
    points_at_target = Decimal(0)
    blockers: list[tuple[tuple[int, int, int], Reason]] = []
    for item in items:
        scored = score.items[item.code]
        category = answers.category(pack, item.code, target) if target in item.by_level else None
        if category is None:
            points_at_target += scored.score
            continue
        passes = scored.passes(target, category)
        passing[category].append(passes)
        points_at_target += scored.score if passes else max(scored.score, Decimal(target))
        if not passes:
            limits = scheme.item_limits(item, answers, scored, target, category)
            blockers += [(_badness(category, reason), reason) for reason in limits]
    blockers.sort(key=lambda pair: pair[0])
    return Outlook(
        tuple(Part(c.value, name, sum(passing[c]), len(passing[c])) for c, name in _PARTS),
        sum((score.items[item.code].score for item in items), Decimal(0)),
        points_at_target,
        tuple(reason for _, reason in blockers),
    )


def _badness(category: Category, reason: Reason) -> tuple[int, int, int]:
    """Sort key, worst first: basic before unverified before optional, low levels first, many clauses first."""
    order = (Category.BASIC, Category.UNVERIFIED, Category.OPTIONAL).index(category)
    return order, reason.level, -len(reason.clauses) if reason.cause is Cause.CLAUSES else 0


def plan(scheme: "Product2018", pack: Pack, answers: Answers, score: Score) -> Plan:
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
        if gap := _gap(scheme, item, answers, score, category):
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
        result.demand("total").needed or Decimal(0),
        not result.unverified_items,
        tuple(sorted((r for r in reserves if r[1] > 0), key=lambda r: (-r[1], r[0]))),
    )


def _optional_missing(score: Score, result: LevelResult) -> int:
    """How many more optional items must pass so that the level is reached for certain."""
    optional = result.demand("optional")
    passed, required = int(optional.actual), int(optional.needed or 0)
    if result.basic_among_unverified:
        passed += len(result.unverified_items) - result.basic_among_unverified
    else:
        passed += sum(result.level in score.items[code].optional_at for code in result.unverified_items)
    return max(required - passed, 0)


def _worst_first(gap: Gap) -> tuple[int, int, int, str]:
    lowest = min((r.level for r in gap.reasons), default=9)
    return (gap.need is not Need.BASIC), lowest, -gap.effort, gap.item


def _gap(scheme: "Product2018", item: Item, answers: Answers, score: Score, category: Category) -> Gap | None:
    target, scored = score.target, score.items[item.code]
    reasons = scheme.item_limits(item, answers, scored, target, category)
    if not reasons:
        return None
    effort = sum(len(r.clauses) or max(len(r.dimensions), 1) for r in reasons)
    least = scheme.needed_coverage(category)
    coverage = Decimal(1) if item.coverage.functional else max(scored.coverage[target], least)
    quality = max(scored.quality[target], scheme.quality_threshold)
    gain = max(target * coverage * quality - scored.score, Decimal(0))
    return Gap(item.code, Need(category.value), reasons, effort, gain)
