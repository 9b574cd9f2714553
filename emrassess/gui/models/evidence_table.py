"""All evidence as a table, newest first, and the filter over it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from emrassess.domain.assessment import Evidence, EvidenceKind
from emrassess.gui.theme import Theme
from emrassess.reports.wording import KIND_NAMES, minute, size_text

Index = QModelIndex | QPersistentModelIndex
HEADS = ("标题", "类型", "条款", "状态", "来源系统", "截取时间", "文件", "大小")
SORT_ROLE = Qt.ItemDataRole.UserRole
ID_ROLE = Qt.ItemDataRole.UserRole + 1


class Column(IntEnum):
    """Columns of the table."""

    TITLE = 0
    KIND = 1
    CLAUSES = 2
    STATE = 3
    SOURCE = 4
    CAPTURED = 5
    FILE = 6
    SIZE = 7


class EvidenceTableModel(QAbstractTableModel):
    """One row a piece. Ids ascend in the order of adding; rows descend by id."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ids: list[str] = []
        self._pieces: dict[str, Evidence] = {}

    def set_pieces(self, pieces: Mapping[str, Evidence]) -> None:
        """Show these pieces and no others."""
        self.beginResetModel()
        self._pieces = dict(pieces)
        self._ids = sorted(pieces, reverse=True)
        self.endResetModel()

    def update_pieces(self, touched: Iterable[str], pieces: Mapping[str, Evidence]) -> None:
        """Some pieces were added, changed or removed; the rest stays as it is."""
        for piece in sorted(touched):
            row = self.row_of(piece)
            if piece not in pieces:
                if row >= 0:
                    self.beginRemoveRows(QModelIndex(), row, row)
                    del self._pieces[self._ids.pop(row)]
                    self.endRemoveRows()
            elif row >= 0:
                self._pieces[piece] = pieces[piece]
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADS) - 1))
            else:
                place = self._place(piece)
                self.beginInsertRows(QModelIndex(), place, place)
                self._ids.insert(place, piece)
                self._pieces[piece] = pieces[piece]
                self.endInsertRows()

    def row_of(self, piece: str) -> int:
        """The row of a piece; -1 where it is not here."""
        place = self._place(piece)
        return place if place < len(self._ids) and self._ids[place] == piece else -1

    def piece(self, row: int) -> Evidence:
        """The piece in a row."""
        return self._pieces[self._ids[row]]

    def _place(self, piece: str) -> int:
        return bisect_left(range(len(self._ids)), True, key=lambda row: self._ids[row] <= piece)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        piece, column = self.piece(index.row()), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(piece, column)
            case Qt.ItemDataRole.ToolTipRole:
                return "、".join(piece.clauses) if column == Column.CLAUSES else _text(piece, column)
            case Qt.ItemDataRole.ForegroundRole if column == Column.STATE:
                return self._theme.colour("fair" if piece.lacks or not piece.clauses else "good")
            case Qt.ItemDataRole.TextAlignmentRole if column in (Column.CLAUSES, Column.SIZE):
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SORT_ROLE:
                return _sort_key(piece, column)
            case _ if role == ID_ROLE:
                return piece.id
        return None


class EvidenceFilter(QSortFilterProxyModel):
    """Lets through what matches a text, a kind, and a state ("", "unlinked", "lacking")."""

    def __init__(self, source: EvidenceTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._words: tuple[str, ...] = ()
        self._kind: EvidenceKind | None = None
        self._state = ""
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)

    def set_wanted(self, text: str, kind: EvidenceKind | None, state: str) -> None:
        """Filter by all words of `text` (title, file, source system, clauses), `kind` and `state`."""
        self.beginFilterChange()
        self._words, self._kind, self._state = tuple(text.casefold().split()), kind, state
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002
        piece = self._source.piece(source_row)
        if self._kind is not None and piece.kind is not self._kind:
            return False
        if (self._state == "unlinked" and piece.clauses) or (self._state == "lacking" and not piece.lacks):
            return False
        if not self._words:
            return True
        about = (piece.title, piece.current.file_name, piece.source_system, *piece.clauses)
        text = " ".join(about).casefold()
        return all(word in text for word in self._words)


def state_text(piece: Evidence) -> str:
    """What a piece lacks, and whether any clause uses it."""
    parts = [] if piece.clauses else ["未关联"]
    if piece.lacks:
        parts.append(f"缺{'、'.join(piece.lacks)}")
    return "，".join(parts) or "完整"


def _text(piece: Evidence, column: int) -> str:
    revision = piece.current
    return {
        Column.TITLE: piece.title or revision.file_name,
        Column.KIND: KIND_NAMES[piece.kind],
        Column.SOURCE: piece.source_system,
        Column.CAPTURED: minute(piece.captured_at),
        Column.CLAUSES: str(len(piece.clauses)),
        Column.STATE: state_text(piece),
        Column.FILE: revision.file_name,
        Column.SIZE: size_text(revision.size),
    }[Column(column)]


def _sort_key(piece: Evidence, column: int) -> Any:
    if column == Column.CLAUSES:
        return len(piece.clauses)
    return piece.current.size if column == Column.SIZE else _text(piece, column).casefold()
