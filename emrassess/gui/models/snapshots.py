"""What was submitted as a table, and what differs between two states of an assessment as tables of words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from emrassess.domain.comparison import (
    Change,
    Comparison,
    EvidenceChange,
    FigureChange,
    LevelChange,
    ScoreChange,
    VerdictChange,
    change_text,
    lines,
)
from emrassess.domain.pack import Pack
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.widgets.basics import moment, points

if TYPE_CHECKING:
    from emrassess.services.snapshots import SnapshotInfo

Index = QModelIndex | QPersistentModelIndex
HEADS = ("提交", "时间", "提交人", "说明")
CHANGE_HEADS = ("位置", "改动", "内容")
NUMBER_ROLE = Qt.ItemDataRole.UserRole
TARGET_ROLE = Qt.ItemDataRole.UserRole
"""Where a row of changes leads: a target of navigation, or ""."""
PRESENT = 0
"""Stands for the assessment as it is now, where a number of a snapshot may stand."""


class _Table(QAbstractTableModel):
    """Read-only rows under heads; subclasses say what a row tells."""

    heads: tuple[str, ...] = ()
    rows: Sequence[Any] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show these and no others."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        text = self.cells(row)[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return text or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.heads[index.column()]}：{text or '无'}"
            case Qt.ItemDataRole.UserRole:
                return self.key(row)
        return None

    def cells(self, row: Any) -> tuple[str, ...]:
        """What the columns say of a row."""
        raise NotImplementedError

    def key(self, row: Any) -> Any:
        """What stands for a row."""
        raise NotImplementedError


class SnapshotTable(_Table):
    """Snapshots, the newest first; `NUMBER_ROLE` gives the number."""

    heads = HEADS
    rows: "Sequence[SnapshotInfo]" = ()

    def cells(self, row: "SnapshotInfo") -> tuple[str, ...]:
        same = "（与上一次内容相同）" if row.unchanged else ""
        return f"第 {row.number} 次", moment(row.at), row.who, f"{row.label}{same}"

    def key(self, row: "SnapshotInfo") -> int:
        return row.number


def snapshot_name(info: "SnapshotInfo") -> str:
    """A snapshot in one line, for a choice."""
    return "　".join(filter(None, (f"第 {info.number} 次提交", moment(info.at), info.label)))


@dataclass(frozen=True)
class ChangeLine:
    """A change in words: where, what, about what; `target`: of navigation, or ""."""

    cells: tuple[str, str, str]
    target: str


class ChangeLines(_Table):
    """Changes in words; `TARGET_ROLE` gives where a row leads."""

    heads = CHANGE_HEADS
    rows: Sequence[ChangeLine] = ()

    def cells(self, row: ChangeLine) -> tuple[str, ...]:
        return row.cells

    def key(self, row: ChangeLine) -> str:
        return row.target


@dataclass(frozen=True)
class Part:
    """Changes of a sort: what they are called, and what is said where there are none."""

    name: str
    rows: tuple[ChangeLine, ...]
    nothing: str


def parts(comparison: Comparison, pack: Pack) -> tuple[Part, ...]:
    """All that differs, sorted by what people ask after."""
    others = [change for change in comparison.verdicts if not change.step]

    def rows(changes: Iterable[Change]) -> tuple[ChangeLine, ...]:
        return tuple(_line(change, pack) for change in changes)

    return (
        Part("上升", rows(comparison.rose), "没有条款的结论变好。"),
        Part("下降", rows(comparison.fell), "没有条款的结论变差。"),
        Part("待评与未达标", rows(others), "没有条款在待评与未达标之间改动。"),
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
            name = f"数据质量系数（{DIMENSION_NAMES[change.dimension]}）" if change.dimension else "有效应用比例"
            place = f"{change.item}.{change.level} {name}"
            return place, pack.item_by_code[change.item].name, f"item:{change.item}"


def overall(comparison: Comparison) -> str:
    """The whole of both states side by side, what is the same too."""
    before, after = comparison.before, comparison.after
    facts = (
        ("目标", f"{before.target} 级", f"{after.target} 级"),
        ("总分", points(before.total), points(after.total)),
        ("确定达到", f"{before.certain} 级", f"{after.certain} 级"),
        ("可能达到", f"{before.possible} 级", f"{after.possible} 级"),
        ("达标条款", f"{before.met} 条", f"{after.met} 条"),
        ("实证材料", f"{before.evidence} 件", f"{after.evidence} 件"),
    )
    return "　　".join(f"{name} {was}" if was == now else f"{name} {was} → {now}" for name, was, now in facts)


def as_text(comparison: Comparison, pack: Pack, before: str, after: str) -> str:
    """The comparison to be pasted elsewhere: a head, then a line a change."""
    return "\n".join((f"比较：{before} → {after}", *(lines(comparison, pack) or ("没有不同。",))))
