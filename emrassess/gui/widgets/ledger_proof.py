"""The pictures of a finding: what the experts photographed before, and the evidence that it is mended."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QModelIndex, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from emrassess.domain.assessment import Evidence
from emrassess.domain.review import Photo
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.evidence_strip import StripRole
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label, offer
from emrassess.gui.widgets.evidence_strip import EvidenceStrip
from emrassess.gui.widgets.ledger_look import LookDialog
from emrassess.gui.widgets.review_photos import PhotoStrip, as_piece
from emrassess.gui.widgets.thumbnails import Thumbnails

NO_PHOTOS = "专家没有附照片。"
NO_PROOF = "还没有。从条款的实证里选，粘贴截图（Ctrl+V），或把文件拖到这里。"
NO_PROOF_THERE = "没有附材料。"


class ProofStrip(EvidenceStrip):
    """The evidence that proves a finding mended; Delete takes a piece down, and it stays evidence of the clause."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(theme, thumbnails, parent)
        self.setAccessibleName("整改后的材料")

    def fill_menu(self, menu: QMenu, index: QModelIndex) -> None:
        """What can be done with a piece."""
        piece = index.data(StripRole.ID)
        menu.addAction("预览", lambda: self.previewed.emit(piece))
        menu.addAction("在实证材料页打开", lambda: self.opened.emit(piece))
        if self.writable:
            menu.addAction("从这个问题取下", lambda: self.unlinked.emit(piece))


class LedgerProof(QWidget):
    """Before and after. Files can be dropped on it."""

    pick = Signal()
    add = Signal()
    paste = Signal()
    dropped = Signal(QMimeData)
    detached = Signal(str)
    opened = Signal(str)
    """A piece is asked for on the evidence page."""

    def __init__(self, context: Context, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._photos: dict[str, Photo] = {}
        self.setAcceptDrops(True)
        self.before = PhotoStrip(context.theme, thumbnails)
        self.before.setAccessibleName("整改前的照片")
        self.before.writable = False
        self.after = ProofStrip(context.theme, thumbnails)
        self._no_before, self._no_after = label("", "muted", wrap=True), label("", "muted", wrap=True)
        self.pick_button = button("选已有的…", self.pick.emit, tip="从这一条款的实证材料里选（P）")
        self.add_button = button("添加文件…", self.add.emit, tip="选择一个或多个文件（Insert）")
        self.paste_button = button("粘贴", self.paste.emit, tip="剪贴板里的截图、文件或文字（Ctrl+V）")
        self._arrange()
        self.before.previewed.connect(self._show_photo)
        self.before.outside.connect(self._show_photo)
        self.after.previewed.connect(self._show_piece)
        self.after.opened.connect(self.opened)
        self.after.unlinked.connect(self.detached)

    def _arrange(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(label("整改前（专家照片）", "heading"))
        box.addWidget(self._no_before)
        box.addWidget(self.before)
        box.addWidget(label("整改后（证明已经改好）", "heading"))
        line = QHBoxLayout()
        line.setSpacing(6)
        for made in (self.pick_button, self.paste_button, self.add_button):
            line.addWidget(made)
        line.addStretch(1)
        box.addLayout(line)
        box.addWidget(self._no_after)
        box.addWidget(self.after)

    def show_pictures(self, photos: Sequence[tuple[str, Photo]], pieces: Sequence[Evidence]) -> None:
        """Those of the finding in hand."""
        self._photos = dict(photos)
        self.before.show_photos(photos)
        self.before.setVisible(bool(photos))
        self._no_before.setText(NO_PHOTOS)
        self._no_before.setVisible(not photos)
        self.after.pieces.set_pieces(pieces)
        self.after.setVisible(bool(pieces))
        self._no_after.setVisible(not pieces)

    def set_writable(self, writable: bool, why_not: str) -> None:
        """Whether proof may be attached, and why not."""
        for made in (self.pick_button, self.add_button, self.paste_button):
            offer(made, writable, why_not)
        self.after.writable = writable
        self._no_after.setText(NO_PROOF if writable else NO_PROOF_THERE)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.after.writable and (event.mimeData().hasUrls() or event.mimeData().hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    def _show_photo(self, photo: str) -> None:
        self._look("整改前的照片", as_piece(photo, self._photos[photo]))

    def _show_piece(self, piece: str) -> None:
        found = next((p for p in self.after.pieces.pieces if p.id == piece), None)
        if found is not None:
            self._look("整改后的材料", found)

    def _look(self, title: str, piece: Evidence) -> None:
        dialog = LookDialog(self._context, title, piece, self)
        dialogs.run(dialog)
        dialog.deleteLater()
