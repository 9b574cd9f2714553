"""Categories of items by level: what the pack knows, what a person confirmed, what is still open."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.assessment import Confirmation
from emrassess.domain.pack import LEVELS, Category, Pack
from emrassess.gui.widgets.basics import moment
from emrassess.reports.wording import CATEGORY_NAMES

if TYPE_CHECKING:
    from emrassess.services.categories import LevelCounts
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
CELL = Qt.ItemDataRole.UserRole
COUNTS = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class CategoryCell:
    """`category` None where the item has no such level; `confirmation` where a person confirmed it."""

    item: str
    level: int
    category: Category | None
    confirmation: Confirmation | None
    open_to_person: bool
    text: str


class CategoryModel(QAbstractTableModel):
    """Rows are items, columns are levels. `CELL` gives the CategoryCell, `COUNTS` of a column its LevelCounts."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pack: Pack | None = None
        self._cells: list[list[CategoryCell]] = []
        self._counts: dict[int, LevelCounts] = {}

    def show(self, session: "Session | None") -> None:
        """Show a session; the selection stays where the pack is the same."""
        from emrassess.services.categories import counts  # noqa: PLC0415 - not needed at start

        if session is None or self._pack is not session.pack:
            self.beginResetModel()
            self._pack = session.pack if session else None
            self._cells = _cells(session) if session else []
            self._counts = counts(session) if session else {}
            self.endResetModel()
            return
        self._cells, self._counts = _cells(session), counts(session)
        last = self.index(len(self._cells) - 1, len(LEVELS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(LEVELS) - 1)

    def cell(self, index: Index) -> CategoryCell:
        """The cell at an index."""
        return self._cells[index.row()][index.column()]

    def counts(self, column: int) -> "LevelCounts | None":
        """The counts of the level of a column."""
        return self._counts.get(LEVELS[column])

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() or not self._cells else len(LEVELS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        cell = self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return "—" if cell.category is None else CATEGORY_NAMES[cell.category]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.text
        return cell if role == CELL else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._pack is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            counts = self.counts(section)
            if role == COUNTS:
                return counts
            return f"{LEVELS[section]} 级" if role == Qt.ItemDataRole.DisplayRole else None
        item = self._pack.items[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return f"{item.code} {item.name}"
        return (
            int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            if role == Qt.ItemDataRole.TextAlignmentRole
            else None
        )


def _cells(session: "Session") -> list[list[CategoryCell]]:
    return [[_cell(session, item.code, level) for level in LEVELS] for item in session.pack.items]


def _cell(session: "Session", code: str, level: int) -> CategoryCell:
    item = session.pack.item_by_code[code]
    row = item.by_level.get(level)
    place = f"{code} {item.name}　{level} 级"
    if row is None:
        return CategoryCell(code, level, None, None, False, f"{place}\n标准没有这一级的要求")
    confirmation = session.assessment.categories.get((code, level))
    category = confirmation.category if confirmation else row.category
    assert category is not None  # the grid is only shown for packs that have categories
    if row.category is not Category.UNVERIFIED:
        source = "标准包里已有，不用确认"
    elif confirmation:
        source = f"{confirmation.by or '（未署名）'} 于 {moment(confirmation.at)} 对照正式文件确认"
    else:
        source = "还没有人对照正式文件确认"
    text = f"{place}：{row.summary}\n{CATEGORY_NAMES[category]}；{source}"
    return CategoryCell(code, level, category, confirmation, row.category is Category.UNVERIFIED, text)
