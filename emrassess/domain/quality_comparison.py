"""Two runs of the same rules compared: which coefficients rose, which fell, what is examined now or no longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from emrassess.domain.pack import Dimension
from emrassess.domain.quality import QualityRun


class Trend(StrEnum):
    """What became of a coefficient."""

    ROSE = "rose"
    FELL = "fell"
    SAME = "same"
    NEW = "new"
    GONE = "gone"


TREND_NAMES = {
    Trend.ROSE: "上升",
    Trend.FELL: "下降",
    Trend.SAME: "没有变",
    Trend.NEW: "新检查的",
    Trend.GONE: "这次没有检查",
}


def trend(before: Fraction | None, after: Fraction | None) -> Trend | None:
    """None where it was examined neither time."""
    if before is None:
        return None if after is None else Trend.NEW
    if after is None:
        return Trend.GONE
    return Trend.SAME if before == after else Trend.ROSE if after > before else Trend.FELL


@dataclass(frozen=True, slots=True)
class Comparison:
    """Trends by cell (item, level, dimension) and by rule id, and the shares before."""

    cells: Mapping[tuple[str, int, Dimension], Trend]
    rules: Mapping[str, Trend]
    cells_before: Mapping[tuple[str, int, Dimension], Fraction]
    rules_before: Mapping[str, Fraction]

    def count(self, wanted: Trend) -> int:
        """How many cells are so."""
        return sum(found is wanted for found in self.cells.values())


def compare(before: QualityRun, after: QualityRun) -> Comparison:
    """`after` as seen from `before`; what neither examined is left out."""
    cells_before = {(d.item, d.level, d.dimension): d.coefficient for d in before.dimensions}
    cells_after = {(d.item, d.level, d.dimension): d.coefficient for d in after.dimensions}
    rules_before = {result.rule.id: result.coefficient for result in before.rules}
    rules_after = {result.rule.id: result.coefficient for result in after.rules}
    cells = {cell: trend(cells_before.get(cell), cells_after.get(cell)) for cell in cells_before | cells_after}
    rules = {rule: trend(rules_before.get(rule), rules_after.get(rule)) for rule in rules_before | rules_after}
    return Comparison(
        {cell: found for cell, found in cells.items() if found},
        {rule: found for rule, found in rules.items() if found},
        {cell: share for cell, share in cells_before.items() if share is not None},
        {rule: share for rule, share in rules_before.items() if share is not None},
    )
