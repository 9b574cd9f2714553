"""Above the hospital's pages of a package that an expert opened: these are only to be looked at."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from emrassess.gui.context import HOSPITALS
from emrassess.gui.widgets.basics import button, label


class WhoseNote(QFrame):
    """`asked`: go to where opinions are written."""

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 10, 5)
        row.addWidget(label(HOSPITALS, wrap=True), 1)
        row.addWidget(button("到“专家核查”写意见", self.asked.emit, look="link"))
        self.hide()
