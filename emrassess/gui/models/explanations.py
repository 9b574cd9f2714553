"""What stands behind a number: a title and Chinese sentences, each leading to its item or clause."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrassess.domain.pack import Category
from emrassess.domain.readiness import Readiness
from emrassess.domain.reasons import Reason, reason_text
from emrassess.domain.scoring import LevelOutcome
from emrassess.gui.widgets.basics import points
from emrassess.reports.wording import CATEGORY_NAMES, OUTCOME_NAMES

if TYPE_CHECKING:
    from emrassess.services.session import Session

OUTCOME_SIGNS = {LevelOutcome.MET: "√", LevelOutcome.UNDETERMINED: "？", LevelOutcome.NOT_MET: "×"}
LISTED_CATEGORIES = {"basic": Category.BASIC, "optional": Category.OPTIONAL, "unverified": Category.UNVERIFIED}


@dataclass(frozen=True)
class Line:
    """A sentence. `target` leads somewhere ("" nowhere), `heading` starts a section, `good`: it holds already."""

    text: str
    target: str = ""
    heading: bool = False
    good: bool | None = None


@dataclass(frozen=True)
class Explanation:
    """`title` names the number, `lines` say where it comes from."""

    title: str
    lines: tuple[Line, ...]


def explain(session: "Session", subject: str) -> Explanation:
    """The reasons of `subject`: "attained", "total", "basic", "optional", "unverified", "clauses", "group/<code>",
    "role/<code>"; KeyError for another."""
    kind, _, code = subject.partition("/")
    if kind in LISTED_CATEGORIES:
        return _category(session, LISTED_CATEGORIES[kind])
    if kind == "group":
        return _readiness(session, next(r for r in session.groups if r.code == code))
    if kind == "role":
        return _readiness(session, next(r for r in session.roles if r.code == code))
    return {"attained": _attained, "total": _total, "clauses": _clauses}[kind](session)


def reason_target(reason: Reason) -> str:
    """Where a reason is mended: its first clause, else its item, else the category grid."""
    if reason.clauses:
        return f"clause:{reason.clauses[0]}"
    if reason.item:
        return f"item:{reason.item}"
    return f"item:{reason.items[0]}" if reason.items else ""


def reason_within_item(session: "Session", reason: Reason) -> str:
    """A reason where its item is named already: "4 级有 1 条未达标：4(1)"."""
    text = reason_text(reason, session.pack).replace(f"{reason.item}.", "")
    return text.replace(f"{reason.level} ", f"{reason.level} 级", 1)


def _reason_line(session: "Session", reason: Reason) -> Line:
    return Line(reason_text(reason, session.pack), reason_target(reason))


def _attained(session: "Session") -> Explanation:
    score = session.score
    lines = [Line("从 1 级起逐级对照附件 2：基本项全部通过、选择项够数、总分不低于最低要求，三条都满足才算达到。")]
    if score.possible > score.certain:
        lines.append(
            Line(
                "“可能”是指：评价类别还有待核对的，核对后有可能达到。到“标准”页对照正式文件确认。",
                "page:standard/categories",
            )
        )
    target_first = sorted(score.levels.items(), key=lambda pair: (pair[0] != score.target, -pair[0]))
    for level, result in target_first:
        name = f"{level} 级：{OUTCOME_SIGNS[result.outcome]} {OUTCOME_NAMES[result.outcome]}"
        lines.append(Line(name + ("（目标）" if level == score.target else ""), heading=True))
        lines += [_reason_line(session, reason) for reason in result.reasons]
        if not result.reasons:
            lines.append(
                Line(f"三条都满足：总分 {points(result.total)} ≥ {result.requirement.minimum_score}", good=True)
            )
    return Explanation("达到等级的依据", tuple(lines))


def _total(session: "Session") -> Explanation:
    score, pack = session.score, session.pack
    minimum = score.levels[score.target].requirement.minimum_score
    lines = [
        Line(f"总分 {score.total}，是 39 个项目得分之和；{score.target} 级最低要求 {minimum}。"),
        Line("项目得分 = 计分级别 × 有效应用比例 × 数据质量指数，取得分最高的级别。"),
    ]
    for role in pack.roles:
        items = [item for item in pack.items if item.role == role.code]
        subtotal = sum(score.items[item.code].score for item in items)
        lines.append(Line(f"{role.code} {role.name}：{subtotal}", heading=True))
        for item in items:
            scored = score.items[item.code]
            level = scored.scored_level
            how = f"{level} × {scored.coverage[level]} × {scored.quality[level]}" if level else "还没有可计分的级别"
            lines.append(Line(f"{item.code} {item.name}：{scored.score}（{how}）", f"item:{item.code}"))
    return Explanation("总分的来历", tuple(lines))


def _category(session: "Session", category: Category) -> Explanation:
    pack, score, answers = session.pack, session.score, session.answers
    target = score.target
    result = score.levels[target]
    wanted = result.requirement
    if category is Category.BASIC:
        text = (
            f"附件 2 要求 {target} 级的 {wanted.basic_items} 个基本项全部通过"
            f"（有效应用比例不低于 {pack.scoring.basic_coverage}）。"
        )
    elif category is Category.OPTIONAL:
        text = (
            f"附件 2 要求 {target} 级的 {wanted.optional_total} 个选择项里至少 {wanted.optional_required} 个通过"
            f"（有效应用比例不低于 {pack.scoring.optional_coverage}）。"
        )
    else:
        text = (
            f"这些项目在 {target} 级是基本项还是选择项，要对照正式文件确认；"
            f"其中 {result.basic_among_unverified} 个应是基本项。"
        )
    lines = [Line(text, "page:standard/categories" if category is Category.UNVERIFIED else "")]
    gaps = {gap.item: gap for gap in session.plan.gaps}
    passing, failing = [], []
    for item in pack.items:
        if target not in item.by_level or answers.category(pack, item.code, target) is not category:
            continue
        gap = gaps.get(item.code)
        name = f"{item.code} {item.name}"
        if gap is None:
            passing.append(Line(f"{name}：通过", f"item:{item.code}", good=True))
        else:
            failing += [Line(name, f"item:{item.code}"), *(_reason_line(session, reason) for reason in gap.reasons)]
    if failing:
        lines += [Line("未通过", heading=True), *failing]
    if passing:
        lines += [Line(f"通过 {len(passing)} 个", heading=True), *passing]
    return Explanation(f"{target} 级的{CATEGORY_NAMES[category]}", tuple(lines))


def _clauses(session: "Session") -> Explanation:
    target = session.score.target
    lines = [Line(f"到 {target} 级为止的全部条款里，自评达标而且实证材料完整的，才算就绪。")]
    for role in session.roles:
        lines.append(Line(f"{role.code} {role.name}：{role.clauses_ready}/{role.clauses}", heading=True))
        lines.append(
            Line(f"达标 {role.clauses_met} 条，其中实证完整 {role.clauses_ready} 条", f"overview:role/{role.code}")
        )
    return Explanation("条款与实证", tuple(lines))


def _readiness(session: "Session", r: Readiness) -> Explanation:
    target = session.score.target
    lines = [
        Line(f"{target} 级基本项：已知 {r.basic.total} 个，通过 {r.basic.passed} 个"),
        Line(f"待核对：{r.unverified.total} 个，按基本项通过 {r.unverified.passed} 个"),
        Line(f"选择项：已知 {r.optional.total} 个，通过 {r.optional.passed} 个"),
        Line(f"得分：{points(r.points)}；各项都通过 {target} 级时是 {points(r.points_at_target)}"),
        Line(f"条款：{r.clauses} 条里达标 {r.clauses_met} 条，达标且实证完整 {r.clauses_ready} 条"),
    ]
    if r.quality is not None:
        lines.append(Line(f"数据质量指数：{r.quality.total} 个里合格 {r.quality.passed} 个"))
    if r.blockers:
        lines.append(Line("阻碍，最要紧的在前", heading=True))
        lines += [_reason_line(session, reason) for reason in r.blockers]
    else:
        lines.append(Line("没有阻碍", good=True))
    return Explanation(f"{r.name}的就绪度", tuple(lines))
