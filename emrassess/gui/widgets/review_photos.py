"""The experts' photos of a clause as a strip, shown as evidence is."""

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from emrassess.domain.assessment import Evidence, EvidenceKind, Revision
from emrassess.domain.review import Photo
from emrassess.gui.models.evidence_strip import EvidenceStripModel, StripRole
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.evidence_strip import EvidenceStrip
from emrassess.gui.widgets.thumbnails import Thumbnails
from emrassess.reports.wording import minute


def as_piece(key: str, photo: Photo) -> Evidence:
    """A photo as the preview and the strip show pieces of evidence."""
    file = Revision(photo.sha256, photo.file_name, photo.size, photo.media_type, photo.added_at, photo.added_by)
    taken = photo.taken_at or photo.added_at
    title, source = photo.title or photo.file_name, f"现场照片（{photo.added_by}）"
    return Evidence(key, title, EvidenceKind.SCREENSHOT, source, taken, (file,), photo.clauses)


class _PhotoModel(EvidenceStripModel):
    """Who took it and when, in place of what it lacks."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid():
            piece = self.pieces[index.row()]
            if role == StripRole.STATE:
                return f"{piece.current.added_by} {minute(piece.captured_at)[5:]}", "muted"
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return f"现场照片 {piece.title}，{piece.current.added_by}，{minute(piece.captured_at)}"
        return super().data(index, role)


class PhotoStrip(EvidenceStrip):
    """Delete takes a photo away. `outside`: open it with the system's program."""

    outside = Signal(str)
    rows_of: ClassVar[type[EvidenceStripModel]] = _PhotoModel

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(theme, thumbnails, parent)
        self.setAccessibleName("现场照片")

    def show_photos(self, photos: Sequence[tuple[str, Photo]]) -> None:
        """Show these."""
        self.pieces.set_pieces([as_piece(key, photo) for key, photo in photos])

    def fill_menu(self, menu: QMenu, index: QModelIndex) -> None:
        """What can be done with a photo."""
        photo = index.data(StripRole.ID)
        menu.addAction("预览", lambda: self.previewed.emit(photo))
        menu.addAction("用其他程序打开", lambda: self.outside.emit(photo))
        if self.writable:
            menu.addAction("删除照片", lambda: self.unlinked.emit(photo))
