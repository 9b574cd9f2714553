"""The rules of a run as rows of a table, and the filter over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from emrassess.domain.answers import half_up
from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.quality import RuleResult
from emrassess.domain.quality_comparison import TREND_NAMES, Comparison, Trend
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.theme import Theme
from emrassess.reports.quality_sheet import rule_words

if TYPE_CHECKING:
    from emrassess.domain.quality import QualityRun

Index = QModelIndex | QPersistentModelIndex
HEADS = ("依据", "检查内容", "分子／分母", "系数", "上次")
RESULT_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
NOT_EXAMINED = "—"


class RuleColumn(IntEnum):
    """Columns of the table."""

    SOURCE = 0
    WORDS = 1
    COUNTS = 2
    SHARE = 3
    BEFORE = 4


class Which(Enum):
    """Which rules to show."""

    ALL = "全部规则"
    OFFENDED = "有出错记录的"
    NOT_EXAMINED = "没有检查的"
    ROSE = "比上次上升的"
    FELL = "比上次下降的"


@dataclass(frozen=True)
class WantedRules:
    """A filter: all conditions hold. `level` 0: all levels; `words`: each in the row's texts, casefolded."""

    which: Which = Which.ALL
    level: int = 0
    item: str = ""
    dimension: Dimension | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A result with the words of its rule, its share last time and what became of it."""

    result: RuleResult
    words: str
    before: Fraction | None
    trend: Trend | None
    place: int

    @property
    def text(self) -> str:
        """What a search looks at."""
        rule = self.result.rule
        return f"{rule.id} {rule.source} {self.words} {self.result.reason}".casefold()


def rule_rows(pack: Pack, run: "QualityRun", compared: Comparison | None) -> tuple[RuleRow, ...]:
    """The rules of a run in their order."""
    before = compared.rules_before if compared else {}
    trends = compared.rules if compared else {}
    return tuple(
        RuleRow(
            result, rule_words(result.rule, pack), before.get(result.rule.id), trends.get(result.rule.id), place
        )
        for place, result in enumerate(run.rules)
    )  # fmt: skip


def share_text(share: Fraction | None) -> str:
    """Two places, half-up; but 1.00 only where it is exactly 1, and 0.00 only where it is exactly 0."""
    if share is None:
        return NOT_EXAMINED
    two = half_up(share)
    if two == 1 and share != 1:
        return ">0.99"
    return "<0.01" if two == 0 and share else str(two)


class RulesModel(QAbstractTableModel):
    """`RESULT_ROLE` gives the RuleRow."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: Sequence[RuleRow] = ()

    def show_rows(self, rows: Sequence[RuleRow]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], RuleColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return row.result.reason or row.words
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{HEADS[column]}：{self._text(row, column)}"
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(row, column)
            case _ if role == RESULT_ROLE:
                return row
            case _ if role == SORT_ROLE:
                return self._sort_key(row, column)
        return None

    def _text(self, row: RuleRow, column: RuleColumn) -> str:
        result = row.result
        match column:
            case RuleColumn.SOURCE:
                part = result.rule.source.partition("第")[2]
                dimension = DIMENSION_NAMES[result.rule.dimension]
                return f"{result.rule.item} {result.rule.level} 级 {dimension}" + (f" 第{part}" if part else "")
            case RuleColumn.WORDS:
                return row.words
            case RuleColumn.COUNTS:
                return f"{result.numerator}／{result.denominator}" if result.examined else "没有检查"
            case RuleColumn.SHARE:
                return share_text(result.coefficient)
            case RuleColumn.BEFORE:
                sign = {Trend.ROSE: " ↑", Trend.FELL: " ↓"}.get(row.trend, "") if row.trend else ""
                return "" if row.before is None else f"{share_text(row.before)}{sign}"

    def _colour(self, row: RuleRow, column: RuleColumn) -> Any:
        if not row.result.examined:
            return self._theme.colour("muted")
        if column is RuleColumn.BEFORE and row.trend in (Trend.ROSE, Trend.FELL):
            return self._theme.colour("good" if row.trend is Trend.ROSE else "bad")
        return None

    def _sort_key(self, row: RuleRow, column: RuleColumn) -> Any:
        match column:
            case RuleColumn.SHARE:
                share = row.result.coefficient
                return -1.0 if share is None else float(share)
            case RuleColumn.BEFORE:
                return -1.0 if row.before is None else float(row.before)
            case RuleColumn.COUNTS:
                return float(row.result.denominator - row.result.numerator)
            case RuleColumn.WORDS:
                return row.words
            case RuleColumn.SOURCE:
                return row.place


class RulesProxy(QSortFilterProxyModel):
    """The rules that a filter asks for; sorts by what a column means."""

    def __init__(self, source: RulesModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = WantedRules()
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)

    def show_wanted(self, wanted: WantedRules) -> None:
        """Filter by this."""
        self.wanted = wanted
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        row: RuleRow = self.sourceModel().index(source_row, 0, source_parent).data(RESULT_ROLE)
        return accepts(self.wanted, row)


def accepts(wanted: WantedRules, row: RuleRow) -> bool:
    """Whether a row is one of those."""
    result = row.result
    which = {
        Which.ALL: True,
        Which.OFFENDED: result.numerator < result.denominator,
        Which.NOT_EXAMINED: not result.examined,
        Which.ROSE: row.trend is Trend.ROSE,
        Which.FELL: row.trend is Trend.FELL,
    }
    return (
        which[wanted.which]
        and wanted.level in (0, result.rule.level)
        and wanted.item in ("", result.rule.item)
        and wanted.dimension in (None, result.rule.dimension)
        and (not wanted.words or all(word in row.text for word in wanted.words))
    )


def trend_words(compared: Comparison) -> str:
    """How many coefficients rose, fell, …; "" where none did."""
    counts = ((kind, compared.count(kind)) for kind in Trend if kind is not Trend.SAME)
    return "，".join(f"{TREND_NAMES[kind]} {count} 个" for kind, count in counts if count)
