"""Dialogs that show evidence of a finding: one piece large, and those of its clause to choose from."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListView, QSizePolicy, QVBoxLayout, QWidget

from emrassess.domain.assessment import Evidence
from emrassess.gui.context import Context
from emrassess.gui.models.evidence_strip import StripRole
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.evidence_strip import EvidenceStrip
from emrassess.gui.widgets.preview import PreviewPane
from emrassess.gui.widgets.thumbnails import Thumbnails


class LookDialog(QDialog):
    """One picture or file, large."""

    def __init__(self, context: Context, title: str, piece: Evidence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.preview = PreviewPane(context, details=False, masks=False)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(button("关闭", self.accept))
        box = QVBoxLayout(self)
        box.addWidget(self.preview, 1)
        box.addLayout(line)
        fit_on_screen(self, context.theme, 900, 640)
        self.preview.show_piece(piece)


class ProofPicker(QDialog):
    """Which of `pieces` prove that a finding is mended; `chosen` holds their ids."""

    def __init__(
        self, context: Context, clause: str, pieces: Sequence[Evidence], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{clause} 的实证材料")
        self.strip = EvidenceStrip(context.theme, Thumbnails(context, self))
        self.strip.setAccessibleName("可以选的材料")
        self.strip.setWrapping(True)
        self.strip.setResizeMode(QListView.ResizeMode.Adjust)
        self.strip.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.strip.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.strip.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.strip.pieces.set_pieces(pieces)
        self._does = button("附上", self.accept, primary=True)
        self._does.setDefault(True)
        line = QHBoxLayout()
        line.addWidget(label("按住 Ctrl 或 Shift 可以选几件", "muted"), 1)
        line.addWidget(button("取消", self.reject))
        line.addWidget(self._does)
        box = QVBoxLayout(self)
        box.addWidget(self.strip, 1)
        box.addLayout(line)
        self.strip.selectionModel().selectionChanged.connect(lambda *_: self._does.setEnabled(bool(self.chosen)))
        fit_on_screen(self, context.theme, 640, 460)
        self.strip.setCurrentIndex(self.strip.pieces.index(0))
        self.strip.setFocus()

    @property
    def chosen(self) -> list[str]:
        """The picked pieces, in their order."""
        return [index.data(StripRole.ID) for index in sorted(self.strip.selectedIndexes(), key=lambda i: i.row())]
