"""The middle of the walk: what the hospital claims, and in its place the preview of a piece or photo."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from emrassess.domain.assessment import Evidence
from emrassess.domain.review import Photo
from emrassess.gui.context import Context
from emrassess.gui.widgets.basics import button, scrolled
from emrassess.gui.widgets.preview import PreviewPane
from emrassess.gui.widgets.review_claim import ClaimView
from emrassess.gui.widgets.review_photos import as_piece
from emrassess.gui.widgets.thumbnails import Thumbnails

CLAIM, PREVIEW = range(2)


class ClaimSide(QStackedWidget):
    """`photos`: those of the clause in hand, with their ids."""

    def __init__(self, context: Context, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._photos: dict[str, Photo] = {}
        self.claim = ClaimView(context.theme, thumbnails)
        self.claim.previewed.connect(self._preview)
        self.preview = PreviewPane(context, details=False, masks=False)
        self.area = scrolled(self.claim)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setAccessibleName("医院的自评和实证")
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 6, 0, 0)
        self.back = button("‹ 回到条款", self.show_claim, tip="回到医院的自评（Esc）")
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.preview, 1)
        self.addWidget(self.area)
        self.addWidget(side)

    @property
    def previewing(self) -> bool:
        """Whether the preview is in view."""
        return self.currentIndex() == PREVIEW

    def show_clause(self, clause: str, place: str) -> None:
        """Show the claim on a clause from its beginning; `place`: where it stands on the way."""
        session = self._context.session
        if session is not None:
            self.show_claim()
            self.claim.show_clause(session, clause, place)
            self.area.verticalScrollBar().setValue(0)

    def set_photos(self, photos: Sequence[tuple[str, Photo]]) -> None:
        """The photos of the clause in hand; one that is gone is no longer previewed."""
        gone = self._photos.keys() - dict(photos).keys()
        self._photos = dict(photos)
        if self.preview.piece is not None and self.preview.piece.id in gone:
            self.show_claim()

    def show_claim(self) -> None:
        """Back from the preview."""
        self.setCurrentIndex(CLAIM)

    def preview_photo(self, photo: str) -> None:
        """Show a photo of the clause in hand."""
        if photo in self._photos:
            self._show(as_piece(photo, self._photos[photo]))

    def open_photo(self, photo: str) -> None:
        """Show a photo, and open it with the system's program."""
        self.preview_photo(photo)
        self.preview.open_outside()

    def _preview(self, piece: str) -> None:
        session = self._context.session
        if session is not None:
            self._show(session.assessment.evidence.get(piece))

    def _show(self, piece: Evidence | None) -> None:
        self.preview.show_piece(piece)
        self.setCurrentIndex(PREVIEW)
