"""A score as JSON, `emrassess-score/1`. Decimals are texts, so that nobody rounds them.

A projection (missing figures assumed) has a format of its own, `emrassess-projection/1`: nothing takes it for a score.
"""

from collections.abc import Iterable
from decimal import Decimal

from emrassess.domain.pack import Pack
from emrassess.domain.readiness import Readiness
from emrassess.domain.reasons import Cause, Reason, reason_text
from emrassess.domain.schemes.base import Part
from emrassess.domain.scoring import Demand, ItemScore, LevelResult, Score
from emrassess.exchange.ratios import ratio_text

FORMAT = "emrassess-score/1"
PROJECTION_FORMAT = "emrassess-projection/1"

_POINTS = (Cause.TOTAL_SHORT, Cause.POINTS_SHORT)
_SHARES = (
    Cause.QUALITY_GATE,
    Cause.QUALITY_MISSING,
    Cause.QUALITY_SHORT,
    Cause.COVERAGE_MISSING,
    Cause.COVERAGE_SHORT,
)


def score_json(pack: Pack, score: Score, groups: Iterable[Readiness]) -> dict[str, object]:
    """`score` and the readiness of the review groups at its target as the document of formats.md.

    Points have four decimals, shares two, counts and the minimum are numbers.
    """
    document: dict[str, object] = {"format": FORMAT}
    if score.assumed is not None:
        document = {"format": PROJECTION_FORMAT, "assume_missing": ratio_text(score.assumed)}
    return document | {
        "pack": pack.id,
        "target": score.target,
        "total": _points(score.total),
        "attained": {"certain": score.certain, "possible": score.possible},
        "items": [_item(pack, score.items[item.code]) for item in pack.items],
        "levels": [_level(pack, score.levels[level]) for level in sorted(score.levels)],
        "groups": [_group(pack, group) for group in groups],
    }


def _points(value: Decimal) -> str:
    return f"{value:.4f}"


def _share(value: Decimal) -> str:
    return f"{value:.2f}"


def _item(pack: Pack, item: ItemScore) -> dict[str, object]:
    """`coverage` only in a scheme that counts it."""
    level = item.scored_level
    shares: dict[str, object] = {}
    if pack.scheme.has_coverage:
        shares["coverage"] = _share(item.coverage.get(level, Decimal(0)))
        shares["quality"] = _share(item.quality.get(level, Decimal(0)))
    return {
        "code": item.code,
        "function_level": item.function_level,
        "score": _points(item.score),
        "scored_level": level,
        **shares,
        "limits": [_reason(pack, reason) for reason in item.limits],
    }


def _level(pack: Pack, result: LevelResult) -> dict[str, object]:
    """Each demand stands under its key."""
    return {
        "level": result.level,
        "verdict": result.outcome.value,
        **{demand.key: _demand(demand) for demand in result.demands},
        "unverified": len(result.unverified_items),
        "reasons": [_reason(pack, reason) for reason in result.reasons],
    }


def _demand(demand: Demand) -> dict[str, object]:
    needed = None if demand.needed is None else int(demand.needed)
    if demand.in_points:
        return {"minimum": needed, "actual": _points(demand.actual)}
    return {"required": needed, "known": len(demand.members), "known_met": int(demand.actual)}


def _group(pack: Pack, group: Readiness) -> dict[str, object]:
    """What passes, by kind, stands under the kind's key."""
    return {
        "code": group.code,
        "name": group.name,
        **{part.key: _part(part) for part in group.parts},
        "points": _points(group.points),
        "points_at_target": _points(group.points_at_target),
        "clauses": {"ready": group.clauses_ready, "met": group.clauses_met, "total": group.clauses},
        "quality": _part(group.quality) if group.quality else None,
        "blockers": [_reason(pack, reason) for reason in group.blockers],
    }


def _part(part: Part) -> dict[str, int]:
    return {"passed": part.passed, "total": part.total}


def _reason(pack: Pack, reason: Reason) -> dict[str, object]:
    """`actual` and `needed` are texts: points, shares or counts, as the cause has it."""
    shown = _points if reason.cause in _POINTS else _share if reason.cause in _SHARES else str
    return {
        "cause": reason.cause.value,
        "level": reason.level,
        "item": reason.item,
        "clauses": list(reason.clauses),
        "items": list(reason.items),
        "roles": list(reason.roles),
        "dimensions": [dimension.value for dimension in reason.dimensions],
        "actual": shown(reason.actual),
        "needed": shown(reason.needed),
        "text": reason_text(reason, pack),
    }
