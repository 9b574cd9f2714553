"""The logical tables that rules look at, and how far each is mapped, as rows of a table."""

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from emrassess.gui.models.quality_draft import Draft, source_name
from emrassess.gui.theme import Theme

if TYPE_CHECKING:
    from emrassess.services.quality import TableNeed

Index = QModelIndex | QPersistentModelIndex
HEADS = ("记录", "数据文件", "字段", "规则")
NEED_ROLE = Qt.ItemDataRole.UserRole
LACKS_ROLE = Qt.ItemDataRole.UserRole + 1


class TableColumn(IntEnum):
    """Columns of the table."""

    NAME = 0
    SOURCE = 1
    FIELDS = 2
    RULES = 3


class TablesModel(QAbstractTableModel):
    """`NEED_ROLE` gives the TableNeed, `LACKS_ROLE` whether anything of it is missing."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._draft: Draft | None = None
        self._needs: Sequence[TableNeed] = ()

    def show_draft(self, draft: Draft | None) -> None:
        """Show what the plan of `draft` needs."""
        self.beginResetModel()
        self._draft, self._needs = draft, draft.plan.tables if draft else ()
        self.endResetModel()

    def update(self) -> None:
        """The draft has changed."""
        if self._needs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._needs) - 1, len(HEADS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._needs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._draft is None:
            return None
        need, column = self._needs[index.row()], TableColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(self._draft, need, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{HEADS[column]}：{self._text(self._draft, need, column)}"
            case Qt.ItemDataRole.ForegroundRole if column in (TableColumn.SOURCE, TableColumn.FIELDS):
                return self._theme.colour(self._colour(self._draft, need))
            case _ if role == NEED_ROLE:
                return need
            case _ if role == LACKS_ROLE:
                return bool(self._draft.missing(need))
        return None

    def _text(self, draft: Draft, need: "TableNeed", column: TableColumn) -> str:
        chosen = draft.chosen.get(need.key)
        match column:
            case TableColumn.NAME:
                return need.table.name
            case TableColumn.SOURCE:
                return source_name(chosen.source) if chosen else "还没有"
            case TableColumn.FIELDS:
                missing, guessed = len(draft.missing(need)), bool(chosen and chosen.guessed)
                if missing:
                    return f"缺 {missing} / {len(need.fields)}"
                return f"{len(need.fields)} 个，有猜的" if guessed else f"{len(need.fields)} 个齐"
            case TableColumn.RULES:
                return str(need.rules)

    def _colour(self, draft: Draft, need: "TableNeed") -> str:
        chosen = draft.chosen.get(need.key)
        if chosen is None:
            return "muted"
        return "bad" if chosen.source.fault else "fair" if draft.missing(need) or chosen.guessed else "good"


class TablesProxy(QSortFilterProxyModel):
    """All, or only those of which something is missing."""

    def __init__(self, source: TablesModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lacking = False
        self.setSourceModel(source)

    def show_lacking(self, lacking: bool) -> None:
        """Whether to show only those of which something is missing. What is mapped meanwhile stays in view."""
        self._lacking = lacking
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        return not self._lacking or bool(self.sourceModel().index(source_row, 0, source_parent).data(LACKS_ROLE))
