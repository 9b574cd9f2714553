"""What was submitted as a table, and what differs between two states of an assessment as tables of words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.comparison import (
    Change,
    Comparison,
    EvidenceChange,
    FigureChange,
    LevelChange,
    ScoreChange,
    VerdictChange,
    change_text,
    facts,
    figure_name,
    lines,
)
from emrassess.domain.pack import Pack
from emrassess.gui.widgets.basics import moment, points

if TYPE_CHECKING:
    from emrassess.services.snapshots import SnapshotInfo

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
HEADS = ("提交", "时间", "提交人", "说明")
CHANGE_HEADS = ("位置", "改动", "内容")
NUMBER_ROLE = Qt.ItemDataRole.UserRole
TARGET_ROLE = Qt.ItemDataRole.UserRole
"""Where a row of changes leads: a target of navigation, or ""."""
PRESENT = 0
"""Stands for the assessment as it is now, where a number of a snapshot may stand."""


class _Table(QAbstractTableModel, Generic[Row]):
    """Read-only rows under `heads`. `cells`: what the columns say of a row; `stands_for`: its key, at the user role."""

    def __init__(
        self,
        heads: tuple[str, ...],
        cells: Callable[[Row], tuple[str, ...]],
        stands_for: Callable[[Row], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self._heads, self._cells, self._stands_for = heads, cells, stands_for

    def show_rows(self, rows: Iterable[Row]) -> None:
        """Show these and no others."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        text = self._cells(row)[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return text or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._heads[index.column()]}：{text or '无'}"
            case Qt.ItemDataRole.UserRole:
                return self._stands_for(row)
        return None


class SnapshotTable(_Table["SnapshotInfo"]):
    """Snapshots, the newest first; `NUMBER_ROLE` gives the number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADS, _snapshot_cells, lambda info: info.number, parent)


def _snapshot_cells(info: "SnapshotInfo") -> tuple[str, ...]:
    same = "（与上一次内容相同）" if info.unchanged else ""
    return f"第 {info.number} 次", moment(info.at), info.who, f"{info.label}{same}"


def snapshot_name(info: "SnapshotInfo") -> str:
    """A snapshot in one line, for a choice."""
    return "　".join(filter(None, (f"第 {info.number} 次提交", moment(info.at), info.label)))


@dataclass(frozen=True)
class ChangeLine:
    """A change in words: where, what, about what; `target`: of navigation, or ""."""

    cells: tuple[str, str, str]
    target: str


class ChangeLines(_Table[ChangeLine]):
    """Changes in words; `TARGET_ROLE` gives where a row leads."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(CHANGE_HEADS, lambda line: line.cells, lambda line: line.target, parent)


@dataclass(frozen=True)
class Part:
    """Changes of a sort: what they are called, and what is said where there are none."""

    name: str
    rows: tuple[ChangeLine, ...]
    nothing: str


def parts(comparison: Comparison, pack: Pack) -> tuple[Part, ...]:
    """All that differs, sorted by what people ask after."""

    def rows(changes: Iterable[Change]) -> tuple[ChangeLine, ...]:
        return tuple(_line(change, pack) for change in changes)

    return (
        Part("上升", rows(comparison.rose), "没有条款的结论变好。"),
        Part("下降", rows(comparison.fell), "没有条款的结论变差。"),
        Part("待评与未达标", rows(comparison.sidestepped), "没有条款在待评与未达标之间改动。"),
        Part("得分和级别", rows((*comparison.levels, *comparison.items)), "各项得分和各级结论都没有变。"),
        Part("实证材料", rows(comparison.evidence), "实证材料没有增减，也没有更换。"),
        Part("比例和系数", rows(comparison.figures), "有效应用比例和数据质量系数都没有变。"),
    )


def _line(change: Change, pack: Pack) -> ChangeLine:
    place, about, target = _place(change, pack)
    return ChangeLine((place, change_text(change, pack).removeprefix(f"{place}："), about), target)


def _place(change: Change, pack: Pack) -> tuple[str, str, str]:
    """Where a change is as its words begin, what is there, and where to look at it."""
    match change:
        case VerdictChange():
            return change.clause, pack.clause_by_id[change.clause].text, f"clause:{change.clause}"
        case ScoreChange():
            return f"{change.item} {pack.item_by_code[change.item].name}", "", f"item:{change.item}"
        case LevelChange():
            return f"{change.level} 级", change.name, "page:overview"
        case EvidenceChange(clause=""):
            return "未关联条款的实证材料", "", "page:evidence"
        case EvidenceChange():
            return change.clause, pack.clause_by_id[change.clause].text, f"clause:{change.clause}"
        case FigureChange():
            place = f"{change.item}.{change.level} {figure_name(change)}"
            return place, pack.item_by_code[change.item].name, f"item:{change.item}"


def overall(comparison: Comparison, pack: Pack) -> str:
    """The whole of both states side by side, what is the same too."""

    def shown(value: Decimal, unit: str) -> str:
        return f"{value} {unit}" if unit else points(value)

    pairs = ((f.name, shown(f.before, f.unit), shown(f.after, f.unit)) for f in facts(comparison, pack))
    return "　　".join(f"{name} {was}" if was == now else f"{name} {was} → {now}" for name, was, now in pairs)


def as_text(comparison: Comparison, pack: Pack, before: str, after: str) -> str:
    """The comparison to be pasted elsewhere: a head, then a line a change."""
    return "\n".join((f"比较：{before} → {after}", *(lines(comparison, pack) or ("没有不同。",))))
