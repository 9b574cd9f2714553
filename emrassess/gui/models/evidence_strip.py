"""The pieces of evidence of one clause, in order, with their pictures as these get ready."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from emrassess.domain.assessment import Evidence, Revision
from emrassess.reports.wording import KIND_NAMES, size_text

Index = QModelIndex | QPersistentModelIndex


class StripRole(IntEnum):
    """What the delegate asks of a piece."""

    ID = Qt.ItemDataRole.UserRole
    LACKS = Qt.ItemDataRole.UserRole + 1
    SUFFIX = Qt.ItemDataRole.UserRole + 2
    MASKED = Qt.ItemDataRole.UserRole + 3
    PICTURE = Qt.ItemDataRole.UserRole + 4
    STATE = Qt.ItemDataRole.UserRole + 5
    """A pair: the line below the title, and the name of its colour."""


class EvidenceStripModel(QAbstractListModel):
    """`picture` gives the thumbnail of a revision, or None while there is none."""

    def __init__(self, picture: Callable[[Revision], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self.pieces: tuple[Evidence, ...] = ()

    def set_pieces(self, pieces: Sequence[Evidence]) -> None:
        """Show these pieces."""
        if self.pieces == tuple(pieces):
            return
        self.beginResetModel()
        self.pieces = tuple(pieces)
        self.endResetModel()

    def picture_ready(self, sha256: str) -> None:
        """The thumbnail of a file has come."""
        for row, piece in enumerate(self.pieces):
            if piece.current.sha256 == sha256:
                index = self.index(row)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def row_of(self, evidence: str) -> int:
        """The row of a piece, -1 where it is not here."""
        return next((row for row, piece in enumerate(self.pieces) if piece.id == evidence), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.pieces)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        piece = self.pieces[index.row()]
        title = piece.title.strip() or piece.current.file_name
        lacks = "、".join(piece.lacks)
        masked = "，已遮盖" if piece.current.masks else ""
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title
            case Qt.ItemDataRole.DecorationRole:
                return self._picture(piece.current)
            case Qt.ItemDataRole.ToolTipRole:
                facts = f"{KIND_NAMES[piece.kind]} · {piece.current.file_name} · {size_text(piece.current.size)}"
                return f"{title}{masked}\n{facts}" + (f"\n还缺：{lacks}" if lacks else "")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{KIND_NAMES[piece.kind]} {title}{masked}" + (f"，还缺{lacks}" if lacks else "")
            case StripRole.ID:
                return piece.id
            case StripRole.LACKS:
                return lacks
            case StripRole.STATE:
                return (f"缺{lacks}", "fair") if lacks else ("完整", "good")
            case StripRole.MASKED:
                return bool(piece.current.masks)
            case StripRole.PICTURE:
                return piece.current.media_type.startswith("image/")
            case StripRole.SUFFIX:
                return piece.current.file_name.rpartition(".")[2].upper()[:5]
        return None
