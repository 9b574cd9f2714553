"""The words and numbers that all reports share, so that PDF, table and web page say the same thing the same way."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import EvidenceKind, EvidenceState
from emrassess.domain.gaps import Need
from emrassess.domain.pack import Category
from emrassess.domain.reasons import plain
from emrassess.domain.scoring import LevelOutcome, Standing

# A sign beside each word or colour: reports are printed in black and white, and read by the colour-blind.
VERDICT_SIGNS = {Verdict.MET: "✓", Verdict.PARTIAL: "◐", Verdict.UNMET: "×", Verdict.NOT_ASSESSED: "○"}

CATEGORY_NAMES = {Category.BASIC: "基本项", Category.OPTIONAL: "选择项", Category.UNVERIFIED: "待核对"}

KIND_NAMES = {
    EvidenceKind.SCREENSHOT: "截图",
    EvidenceKind.DOCUMENT: "文件",
    EvidenceKind.STATISTIC: "统计",
    EvidenceKind.NARRATIVE: "说明",
    EvidenceKind.DEMONSTRATION: "演示脚本",
}

STATE_NAMES = {
    EvidenceState.NONE: "没有材料",
    EvidenceState.INCOMPLETE: "材料不完整",
    EvidenceState.COMPLETE: "材料完整",
}

NEED_NAMES = {
    Need.BASIC: "基本项，必须通过",
    Need.UNVERIFIED: "待核对，可能是基本项",
    Need.OPTIONAL: "选择项，补足数量",
    Need.POINTS: "角色得分不足",
    Need.SPARE: "选择项，备选",
}

OUTCOME_NAMES = {
    LevelOutcome.MET: "达到",
    LevelOutcome.UNDETERMINED: "待定",
    LevelOutcome.NOT_MET: "未达到",
}
OUTCOME_SIGNS = {LevelOutcome.MET: "✓", LevelOutcome.UNDETERMINED: "◐", LevelOutcome.NOT_MET: "×"}

STANDING_SIGNS = {
    Standing.BASIC: "●",
    Standing.OPTIONAL: "◐",
    Standing.FUNCTION: "○",
    Standing.SOME: "",
    Standing.NOTHING: "",
}
MOST_REASONS = 6  # of a level that stand in the open; where there are more, the first are the worst
ABSENT_NAME, ABSENT_SIGN = "本级没有要求", "—"  # where an item has no row at a level

_DIGITS = "零一二三四五六七八九"


def need_name(need: Need, *, has_categories: bool) -> str:
    """Why an item has to be mended; nothing is called optional where the scheme knows no such category."""
    return "备选，能多得分" if need is Need.SPARE and not has_categories else NEED_NAMES[need]


def how_many(count: int) -> str:
    """A count before its measure word: 两, 三, 十, 二十三; figures from 100 on."""
    if count == 2:
        return "两"
    if not 0 <= count < 100:
        return str(count)
    tens, ones = divmod(count, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def two_places(value: Decimal) -> str:
    """`value` with two places, half-up, for reading; exact figures are kept in the score file."""
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def points_of(points: Decimal, whole: Decimal) -> str:
    """Points of the most there are, as short as exact: `2.5/4`."""
    return f"{plain(points)}/{plain(whole)}"


def percent(value: Decimal) -> str:
    """A share 0..1 as a whole percentage; only what is complete reads 100 %, only what is nothing 0 %."""
    if 0 < value < 1:
        value = min(max(value, Decimal("0.01")), Decimal("0.99"))
    return f"{(value * 100).quantize(Decimal(1), ROUND_HALF_UP)}%"


def ratio_text(ratio: Ratio) -> str:
    """A share with the counts behind it where it was counted: `0.95（9500/10000）`."""
    if ratio.numerator is None or ratio.denominator is None:
        return str(ratio.rounded)
    return f"{ratio.rounded}（{ratio.numerator}/{ratio.denominator}）"


def level_text(level: int) -> str:
    """An attained level; 0 is said in words."""
    return f"{level} 级" if level else "0 级"


def size_text(size: int) -> str:
    """Bytes for reading, in units of 1,024."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def day(moment: datetime) -> str:
    """2026-11-21"""
    return moment.strftime("%Y-%m-%d")


def minute(iso: str) -> str:
    """An ISO time to the minute (`2026-11-21 08:30`), a date as it is; what is no time stays as written."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return day(moment) if len(iso.strip()) <= 10 else moment.strftime("%Y-%m-%d %H:%M")
