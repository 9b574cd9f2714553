"""Sentences that all writers share: how an item's figures and score come about and what it lacks, what would reach the
target, and what the pictures show."""

from emrassess.domain.gaps import Need
from emrassess.domain.reasons import DIMENSION_NAMES, Cause, plain
from emrassess.domain.scoring import LevelOutcome
from emrassess.reports.content import ItemSheet, ReportContent, Rung
from emrassess.reports.wording import CATEGORY_NAMES, level_text, points_of, ratio_text, two_places


def coverage_text(item: ItemSheet, rung: Rung) -> str:
    """Coverage at a level with its counts, and where the figure comes from if not from this level."""
    if item.basis.functional:
        return "按功能计"
    if rung.given is None:
        return f"{rung.coverage}（取更高级别）" if rung.coverage else "未填"
    text = ratio_text(rung.given)
    return text if rung.given.rounded == rung.coverage else f"{text}，按 {rung.coverage} 计"


def quality_text(rung: Rung) -> str:
    """Quality index with the coefficients behind it; 1.00 where the standard asks for none."""
    if not rung.coefficients:
        return "1.00（本级不评价）"
    named = [f"{DIMENSION_NAMES[d][:2]} {ratio.rounded if ratio else '未填'}" for d, ratio in rung.coefficients]
    if len(named) == 1:
        return f"{rung.quality}（{named[0]}）"
    pairs = ["、".join(named[start : start + 2]) for start in range(0, len(named), 2)]
    return "\n".join([str(rung.quality), *pairs])


def points_text(rung: Rung) -> str:
    """What a level row earns: as a product of coverage, or of the points of its clauses; a dash where nothing."""
    if rung.points is None:
        return "—"
    return two_places(rung.points) if rung.coverage is not None else points_of(rung.points, rung.whole)


def score_sentence(item: ItemSheet) -> str:
    """How the score of an item comes about."""
    rung = item.by_level.get(item.scored_level)
    if rung is None or rung.coverage is None:
        return f"得分 {plain(item.score)}：{item.working}。"
    factors = f"有效应用比例 {rung.coverage} × 数据质量指数 {rung.quality}"
    return f"得分 {item.score:.4f} ＝ {item.scored_level} 级 × {factors}。"


def standing_sentence(item: ItemSheet, target: int) -> str:
    """Category and result at the target in a few words."""
    if item.passes is None:
        return f"{target} 级没有本项要求"
    category = f"{CATEGORY_NAMES[item.category]}，" if item.category else ""
    return f"{target} 级{category}{'已通过' if item.passes else '未通过'}"


def lack_sentences(item: ItemSheet, target: int) -> tuple[str, tuple[str, ...]]:
    """A heading and the reasons: what the target lacks, or, where it is reached, the next level."""
    if item.gap and item.gap.need is Need.SPARE and item.passes:
        return f"到 {target} 级还能多得分", item.gap.brief
    if item.gap:
        return f"到 {target} 级还缺", item.gap.brief
    if item.limits:
        return "再上一级还缺", item.limits
    return "", ()


def reach_sentence(content: ReportContent) -> str:
    """What would reach the target, in one sentence."""
    plan, goal = content.plan, content.goal.result
    needed = len(plan.needed)
    if goal.outcome is LevelOutcome.MET:
        return f"{content.target} 级的要求都已满足。"
    if not needed and not plan.shortfall:
        return "没有要整改的项目" + ("；核对待核对的评价类别后即可定论。" if goal.unverified_items else "。")
    after = two_places(plan.total_after)
    first = f"按整改计划做完 {needed} 个项目，总分预计由 {two_places(plan.total_now)} 升到 {after}"
    if plan.shortfall:
        return (
            f"{first}，离最低要求 {plain(plan.minimum)} 还差 {two_places(plan.shortfall)} 分，"
            "要靠提高有效应用比例和数据质量指数补足。"
        )
    if any(reason.cause is Cause.NO_CLAUSES for reason in goal.reasons):
        return f"{first}；标准包里没有 {content.target} 级的条款，能否达到还不能判定。"
    enough = f"达到最低要求 {plain(plan.minimum)}，即可确定达到" if plan.minimum else "即可达到"
    return f"{first}，{enough} {content.target} 级{'' if plan.certain else '（待核对项都按基本项整改）'}。"


def attained_tile(content: ReportContent) -> tuple[str, str, str]:
    """The attained level: its name, the level, a remark."""
    level = level_text(content.certain)
    if not content.has_categories:
        return "已达到", level, f"目标 {content.target} 级"
    possible = f"可能达到 {level_text(content.possible)}" if content.possible > content.certain else "没有待定的级别"
    return "确定达到", level, possible


def rim_phrase(content: ReportContent) -> str:
    """What the rim of the radar stands for."""
    return "全部项目达到目标" if content.has_coverage else f"到 {content.target} 级的条款全部达标"


def goal_points_sentence(content: ReportContent) -> str:
    """What a group's or role's points at the target are."""
    if content.has_coverage:
        return "目标得分：没有通过的项目按有效应用比例和数据质量指数都是 1.00 计算。"
    return f"目标得分：到 {content.target} 级的条款全部达标时的得分。"
