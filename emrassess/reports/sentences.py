"""Sentences about an item that all writers share: how its figures and its score come about, and what it lacks."""

from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.domain.scoring import LevelOutcome
from emrassess.reports.content import ItemSheet, ReportContent, Rung
from emrassess.reports.wording import CATEGORY_NAMES, ratio_text, two_places


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


def score_sentence(item: ItemSheet) -> str:
    """How the score of an item comes about."""
    if not item.scored_level:
        return "得分 0：还没有可以计分的级别。"
    rung = item.by_level[item.scored_level]
    factors = f"有效应用比例 {rung.coverage} × 数据质量指数 {rung.quality}"
    return f"得分 {item.score:.4f} ＝ {item.scored_level} 级 × {factors}。"


def standing_sentence(item: ItemSheet, target: int) -> str:
    """Category and result at the target in a few words."""
    if item.category is None:
        return f"{target} 级没有本项要求"
    return f"{target} 级{CATEGORY_NAMES[item.category]}，{'已通过' if item.passes else '未通过'}"


def lack_sentences(item: ItemSheet, target: int) -> tuple[str, tuple[str, ...]]:
    """A heading and the reasons: what the target lacks, or, where it is reached, the next level."""
    if item.gap:
        return f"到 {target} 级还缺", item.gap.brief
    if item.limits:
        return "再上一级还缺", item.limits
    return "", ()


def reach_sentence(content: ReportContent) -> str:
    """What would reach the target, in one sentence."""
    plan = content.plan
    needed = len(plan.needed)
    if content.goal.result.outcome is LevelOutcome.MET:
        return f"{content.target} 级的要求都已满足。"
    if not needed and not plan.shortfall:
        return "没有要整改的项目；核对待核对的评价类别后即可定论。"
    after = two_places(plan.total_after)
    first = f"按整改计划做完 {needed} 个项目，总分预计由 {two_places(plan.total_now)} 升到 {after}"
    if plan.shortfall:
        return (
            f"{first}，离最低要求 {plan.minimum} 还差 {two_places(plan.shortfall)} 分，"
            "要靠提高有效应用比例和数据质量指数补足。"
        )
    tail = "" if plan.certain else "（待核对项都按基本项整改）"
    return f"{first}，达到最低要求 {plan.minimum}，即可确定达到 {content.target} 级{tail}。"
