"""Why a number is what it is: each score, verdict and readiness carries these, and screens and reports print them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from emrassess.domain.pack import Dimension, Pack

DIMENSION_NAMES = {
    Dimension.CONSISTENCY: "一致性",
    Dimension.COMPLETENESS: "完整性",
    Dimension.INTEGRATION: "整合性",
    Dimension.TIMELINESS: "及时性",
    Dimension.UNIQUENESS: "唯一性",
    Dimension.COMPLIANCE: "合规性",
    Dimension.IDENTITY: "同一性",
    Dimension.CURRENCY: "时效性",
}


class Cause(StrEnum):
    """Kinds of reasons, worst first."""

    CLAUSES = "clauses"
    CLAUSES_CHOSEN = "clauses_chosen"
    QUALITY_GATE = "quality_gate"
    QUALITY_MISSING = "quality_missing"
    QUALITY_SHORT = "quality_short"
    COVERAGE_MISSING = "coverage_missing"
    COVERAGE_SHORT = "coverage_short"
    POINTS_SHORT = "points_short"
    TOTAL_SHORT = "total_short"
    BASIC_FAILS = "basic_fails"
    UNVERIFIED_FAILS = "unverified_fails"
    OPTIONAL_SHORT = "optional_short"
    CATEGORIES_UNVERIFIED = "categories_unverified"
    CATEGORIES_CONTRADICT = "categories_contradict"
    ROLES_FAIL = "roles_fail"
    NO_CLAUSES = "no_clauses"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `item` is empty where a whole level or role is meant; `level` is the level row or level it speaks of.

    `clauses`: the clauses not met, or for CLAUSES_CHOSEN those of them that suffice; `items`, `roles`: those that fail;
    `actual` against `needed`: shares, points or counts.
    """

    cause: Cause
    level: int
    item: str = ""
    clauses: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    actual: Decimal = Decimal(0)
    needed: Decimal = Decimal(0)
    roles: tuple[str, ...] = ()


def _ids(ids: tuple[str, ...], most: int = 6) -> str:
    shown = "、".join(ids[:most])
    return f"{shown} 等 {len(ids)} 条" if len(ids) > most else shown


def reason_text(reason: Reason, pack: Pack) -> str:
    """The reason as one Chinese sentence without a full stop."""
    return _row_text(reason, pack) or _level_text(reason, pack)


def _row_text(reason: Reason, pack: Pack) -> str:
    """What a level row lacks; "" where the reason is about a level."""
    row = f"{reason.item}.{reason.level}" if reason.item else f"{reason.level} 级"
    gap = reason.needed - reason.actual
    match reason.cause:
        case Cause.CLAUSES:
            return f"{row} 有 {len(reason.clauses)} 条未达标：{_ids(reason.clauses)}"
        case Cause.CLAUSES_CHOSEN:
            return f"{row} 先补 {len(reason.clauses)} 条：{_ids(reason.clauses)}"
        case Cause.QUALITY_GATE:
            return f"{row} 的数据质量指数 {reason.actual} 低于 {reason.needed}，更高级别都不能计分"
        case Cause.QUALITY_MISSING:
            return f"{row} 缺数据质量系数：{'、'.join(DIMENSION_NAMES[d] for d in reason.dimensions)}（按 0 计）"
        case Cause.QUALITY_SHORT:
            return f"{row} 的数据质量指数 {reason.actual}，要求 {reason.needed}，差 {gap}"
        case Cause.COVERAGE_MISSING:
            return f"{row} 没有填有效应用比例（按 0 计），要求 {reason.needed}"
        case Cause.COVERAGE_SHORT:
            return f"{row} 的有效应用比例 {reason.actual}，要求 {reason.needed}，差 {gap}"
        case Cause.POINTS_SHORT:
            whose = f"{row} " if reason.item else f"{_roles(reason, pack)} {row}"
            return (
                f"{whose}得 {plain(reason.actual)} 分，至少要 {plain(reason.needed)} 分；"
                f"未达标 {len(reason.clauses)} 条：{_ids(reason.clauses)}"
            )
        case _:
            return ""


def _level_text(reason: Reason, pack: Pack) -> str:
    gap = reason.needed - reason.actual
    named = [f"{code} {pack.item_by_code[code].name}" for code in reason.items[:4]]
    items = "、".join(named) + (f" 等 {len(reason.items)} 项" if len(reason.items) > 4 else "")
    match reason.cause:
        case Cause.TOTAL_SHORT:
            return f"总分 {reason.actual}，最低要求 {reason.needed}，差 {gap}"
        case Cause.BASIC_FAILS:
            return f"{len(reason.items)} 个基本项未通过：{items}"
        case Cause.UNVERIFIED_FAILS:
            return (
                f"{len(reason.items)} 个待核对项按基本项未通过：{items}；"
                f"附件 2 要求待核对项中有 {reason.needed} 项是基本项"
            )
        case Cause.OPTIONAL_SHORT:
            return f"选择项通过 {reason.actual} 项，要求 {reason.needed} 项，差 {gap} 项"
        case Cause.CATEGORIES_UNVERIFIED:
            return f"{len(reason.items)} 项的评价类别待核对，其中应有 {reason.needed} 项是基本项，结论还不确定"
        case Cause.CATEGORIES_CONTRADICT:
            return f"评价类别与附件 2 矛盾：已知基本项 {reason.actual} 项，附件 2 要求 {reason.needed} 项"
        case Cause.ROLES_FAIL:
            return f"{len(reason.roles)} 个工作角色未通过：{_roles(reason, pack)}"
        case Cause.NO_CLAUSES:
            return f"标准包里没有 {reason.level} 级的条款，不能判定"
        case _:
            raise ValueError(reason.cause)


def _roles(reason: Reason, pack: Pack) -> str:
    return "、".join(f"{code} {pack.role_by_code[code].name}" for code in reason.roles)


def plain(value: Decimal) -> str:
    """Points as short as they are exact: 3, 2.5, 0.75."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
