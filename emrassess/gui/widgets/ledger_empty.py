"""What the ledger says while nothing has been found yet, and what brings the findings."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emrassess.gui.widgets.basics import button, label, offer

if TYPE_CHECKING:
    from emrassess.services.session import Session

HOSPITAL = (
    "台账里还没有问题",
    "专家核查以后会交来核查文件（.zip），一个组一个。导入以后，每条不属实、部分属实或写了问题的条款\n"
    "在这里成为一个问题：谁负责、何时改好、怎样证明，直到回看通过、销号。",
)
EXPERTS = (
    "这个材料包里没有以前的问题",
    "医院导入核查结果以后，再导出的材料包会带上整改台账；回看时在这里看得到。\n现在的核查意见请写在“专家核查”页。",
)


class LedgerEmpty(QWidget):
    """`import_wanted`: what the experts found is to be imported."""

    import_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._words = label("", "title"), label("", "muted", wrap=True)
        self.does = button("导入专家的核查结果…", self.import_wanted.emit, primary=True)
        column = QVBoxLayout(self)
        column.addStretch(1)
        for widget in (self._title, self._words):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.does)
        line.addStretch(1)
        column.addSpacing(10)
        column.addLayout(line)
        column.addStretch(2)

    def show_session(self, session: "Session", *, writable: bool) -> None:
        """What there is to say in this workspace."""
        experts = session.assessment.review is not None
        title, words = EXPERTS if experts else HOSPITAL
        self._title.setText(title)
        self._words.setText(words)
        self.does.setVisible(not experts)
        offer(self.does, writable, "工作区是以只读方式打开的，只能看，不能改。")
