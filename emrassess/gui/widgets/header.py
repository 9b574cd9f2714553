"""The line above the pages: hospital, target, attained level, undo, redo, search."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from emrassess.domain.pack import Level
from emrassess.domain.review import round_name
from emrassess.gui.context import Context
from emrassess.gui.widgets.basics import label, offer

FIRST = (4, 5, 6)


class Header(QWidget):
    """`target_chosen` when the user picks another target, `attained_clicked` for the reasons of the level."""

    target_chosen = Signal(int)
    attained_clicked = Signal()

    def __init__(
        self, context: Context, actions: tuple[QAction, QAction, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        self._name = ""
        self._hospital = label("", "heading")
        self._hospital.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._target = QComboBox()
        self._target.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # filled after it is first shown
        self._target.setAccessibleName("目标级别")
        self._levels: tuple[Level, ...] = ()
        self._target.activated.connect(lambda _: self.target_chosen.emit(self._target.currentData()))
        self._attained = QToolButton()
        self._attained.setProperty("look", "button")
        self._attained.setToolTip("点开看结论的依据")
        self._attained.clicked.connect(self.attained_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(self._hospital, 1)
        row.addWidget(self._target)
        row.addWidget(self._attained)
        row.addSpacing(8)
        self._tools: list[QToolButton] = []
        for action in actions:
            made = QToolButton()
            made.setDefaultAction(action)
            made.setToolButtonStyle(
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                if action.objectName() == "search"
                else Qt.ToolButtonStyle.ToolButtonIconOnly
            )
            made.setAccessibleName(action.text())
            self._tools.append(made)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(made)
        context.theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        for made in self._tools:
            made.setIconSize(QSize(self._context.theme.px(18), self._context.theme.px(18)))

    def _show_levels(self, levels: tuple[Level, ...]) -> None:
        """Offer the levels of the pack, those that hospitals aim at first."""
        if levels == self._levels:
            return
        self._levels = levels
        first = [level for level in levels if level.level in FIRST]
        others = [level for level in levels if level.level not in FIRST]
        self._target.clear()
        for level in (*first, *others):
            self._target.addItem(f"目标 {level.level} 级", level.level)
            self._target.setItemData(self._target.count() - 1, level.name, Qt.ItemDataRole.ToolTipRole)
        if first and others:
            self._target.insertSeparator(len(first))

    def _fit_name(self) -> None:
        """Shorten a name that is longer than its place; the tip has all of it."""
        fitted = self._hospital.fontMetrics().elidedText(
            self._name, Qt.TextElideMode.ElideRight, self._hospital.contentsRect().width()
        )
        self._hospital.setText(fitted)
        self._hospital.setAccessibleName(self._name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The layout gives the label its place first.
        QTimer.singleShot(0, self, self._fit_name)

    def show_state(self) -> None:
        """Show the session's hospital, target and attained level."""
        session = self._context.session
        if session is None:
            return
        assessment, score = session.assessment, session.score
        read_only = "" if session.workspace.writable else "（只读）"
        packet = assessment.packet
        part = f"　{packet.department_name}的任务包" if packet else ""
        if assessment.review:
            part = f"　{round_name(assessment.review.round)}"
        self._name = f"{assessment.hospital or '（未填写医院名称）'}{part}{read_only}"
        self._fit_name()
        self._hospital.setToolTip(f"{self._name}\n{session.workspace.folder}")
        self._show_levels(session.pack.levels)
        self._target.setCurrentIndex(self._target.findData(assessment.target))
        offer(self._target, self._context.writable and packet is None, self._context.why_not)
        self._attained.setVisible(packet is None)
        attained = f"达到等级：确定 {score.certain} 级"
        if score.possible > score.certain:
            attained += f"，可能 {score.possible} 级"
        self._attained.setText(attained)
        self._attained.setAccessibleName(attained)
        QTimer.singleShot(0, self, self._fit_name)
