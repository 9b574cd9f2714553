"""Clauses as a flat list: those a piece of evidence proves, or all of them to pick from."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from emrassess.domain.pack import Clause, Pack

Index = QModelIndex | QPersistentModelIndex
ID_ROLE = Qt.ItemDataRole.UserRole


class ClauseRows(QAbstractListModel):
    """Each row is a clause's id and requirement."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clauses: tuple[Clause, ...] = ()
        self._texts: tuple[str, ...] = ()

    def set_clauses(self, pack: Pack, ids: Iterable[str]) -> None:
        """Show these clauses, in this order; ids the pack does not have are left out."""
        self.beginResetModel()
        self.clauses = tuple(pack.clause_by_id[i] for i in ids if i in pack.clause_by_id)
        self._texts = tuple(f"{pack.item_by_code[clause.item].name} {clause.text}" for clause in self.clauses)
        self.endResetModel()

    def searched(self, row: int) -> str:
        """What a search looks at."""
        return f"{self.clauses[row].id} {self._texts[row]}".casefold()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.clauses)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        clause = self.clauses[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{clause.id}　{clause.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{clause.id} {self._texts[index.row()]}"
        return clause.id if role == ID_ROLE else None


class ClauseSearch(QSortFilterProxyModel):
    """Lets through clauses that hold every word."""

    def __init__(self, rows: ClauseRows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._words: tuple[str, ...] = ()
        self.setSourceModel(rows)

    def search(self, text: str) -> None:
        """Look for the words of `text` in id, item name and requirement."""
        self.beginFilterChange()
        self._words = tuple(text.casefold().split())
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002
        text = self._rows.searched(source_row)
        return all(word in text for word in self._words)
