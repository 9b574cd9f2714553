"""The gaps of a plan in words: in full, and summed up where there is little room."""

from dataclasses import dataclass
from decimal import Decimal

from emrassess.domain.gaps import Gap, Need, Plan
from emrassess.domain.pack import Pack
from emrassess.domain.reasons import Cause, reason_text
from emrassess.reports.wording import need_name

_CLAUSES = (Cause.CLAUSES, Cause.CLAUSES_CHOSEN)


@dataclass(frozen=True, slots=True)
class GapLine:
    """An item to mend, `why` in words. `order` counts from 1 in the order that unblocks the level, 0 for spare ones.

    `outline`: the `reasons` summed up, at most three phrases; `brief`: the same, or the reasons where they are few;
    `figures`: the reasons that speak of coverage or quality, with their levels.
    """

    order: int
    item: str
    name: str
    need: Need
    why: str
    reasons: tuple[str, ...]
    outline: tuple[str, ...]
    brief: tuple[str, ...]
    figures: tuple[tuple[int, str], ...]
    clauses: tuple[str, ...]
    effort: int
    gain: Decimal


def gap_lines(pack: Pack, plan: Plan) -> tuple[GapLine, ...]:
    """The gaps of a plan in its order."""

    def line(order: int, gap: Gap) -> GapLine:
        reasons = tuple(reason_text(reason, pack) for reason in gap.reasons)
        name = pack.item_by_code[gap.item].name
        number = 0 if gap.need is Need.SPARE else order
        outline = _outline(gap)
        brief = reasons if len(reasons) <= 3 else outline
        figures = tuple((r.level, reason_text(r, pack)) for r in gap.reasons if r.cause not in _CLAUSES)
        why = need_name(gap.need, has_categories=pack.scheme.has_categories)
        return GapLine(
            number, gap.item, name, gap.need, why, reasons, outline, brief, figures, gap.clauses, gap.effort, gap.gain
        )

    return tuple(line(order, gap) for order, gap in enumerate(plan.gaps, 1))


def _outline(gap: Gap) -> tuple[str, ...]:
    """Clauses, quality and coverage of a gap, one phrase each."""
    clauses = [reason for reason in gap.reasons if reason.cause in _CLAUSES]
    coverage = [reason for reason in gap.reasons if reason.cause in (Cause.COVERAGE_MISSING, Cause.COVERAGE_SHORT)]
    quality = [reason for reason in gap.reasons if reason not in clauses and reason not in coverage]
    found = []
    if clauses:
        by_level = "、".join(f"{reason.level} 级 {len(reason.clauses)} 条" for reason in clauses)
        what = "未达标" if clauses[0].cause is Cause.CLAUSES else "先补"
        found.append(f"{what} {sum(len(reason.clauses) for reason in clauses)} 条：{by_level}")
    if quality:
        found.append(f"数据质量系数没有填或指数不足：{'、'.join(str(reason.level) for reason in quality)} 级")
    for reason in coverage:
        now = "没有填" if reason.cause is Cause.COVERAGE_MISSING else str(reason.actual)
        found.append(f"{reason.level} 级有效应用比例 {now}，要求 {reason.needed}")
    return tuple(found)
