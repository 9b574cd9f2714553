"""The verdict of a clause as four clear buttons."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from emrassess.domain.answers import Verdict
from emrassess.gui.theme import VERDICT_NAMES, Theme
from emrassess.gui.widgets.signs import paint_verdict

KEYS = {Verdict.MET: "1", Verdict.PARTIAL: "2", Verdict.UNMET: "3", Verdict.NOT_ASSESSED: "0"}


class VerdictButton(QAbstractButton):
    """One verdict: sign, name and key. Checked: filled and framed in the verdict's colour."""

    def __init__(self, theme: Theme, verdict: Verdict, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.verdict = verdict
        self.setCheckable(True)
        self.setText(VERDICT_NAMES[verdict])
        self.setAccessibleName(f"自评{VERDICT_NAMES[verdict]}")
        self.setToolTip(f"自评为{VERDICT_NAMES[verdict]}（按键 {KEYS[verdict]}）")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        sign = metrics.ascent()
        return QSize(metrics.horizontalAdvance(f"{self.text()}  0") + sign + self._theme.px(26), metrics.height() + 12)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, checked = self._theme, self.isChecked()
        ink, fill = theme.verdict_colours(self.verdict)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink if checked else theme.colour("border"), 1.5 if checked else 1))
        hovered = self.underMouse() and self.isEnabled()
        painter.setBrush(fill if checked else theme.colour("raised" if hovered else "surface"))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._paint_words(painter, checked)

    def _paint_words(self, painter: QPainter, checked: bool) -> None:
        theme = self._theme
        ink, _ = theme.verdict_colours(self.verdict)
        font = self.font()
        font.setBold(checked)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        sign = metrics.ascent() * 0.85
        gap = theme.px(6)
        words = metrics.horizontalAdvance(self.text())
        key = metrics.horizontalAdvance(KEYS[self.verdict])
        left = (self.width() - sign - words - key - 2 * gap) / 2
        middle = self.height() / 2
        colour = ink if checked else theme.colour("text" if self.isEnabled() else "strong_border")
        paint_verdict(painter, QRectF(left, middle - sign / 2, sign, sign), self.verdict, colour if checked else ink)
        painter.setPen(colour)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left + sign + gap, 0, words + 2, self.height()), flags, self.text())
        painter.setPen(theme.colour("muted"))
        at = QRectF(left + sign + words + 2 * gap, 0, key + 2, self.height())
        painter.drawText(at, flags, KEYS[self.verdict])


class VerdictBar(QWidget):
    """Four buttons, in one line or, where it is narrow, in two."""

    chosen = Signal(object)
    """The verdict whose button was pressed; what is shown changes only by `set_verdict`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("自评结论")
        self._group = QButtonGroup(self)
        self.buttons = {verdict: VerdictButton(theme, verdict, self) for verdict in Verdict}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self._columns = 0
        for verdict, button in self.buttons.items():
            self._group.addButton(button)
            button.clicked.connect(lambda _=False, v=verdict: self.chosen.emit(v))
        self._verdict = Verdict.NOT_ASSESSED
        self.set_verdict(self._verdict)
        self._arrange(4)

    def set_verdict(self, verdict: Verdict) -> None:
        """Show `verdict` as the one given."""
        self._verdict = verdict
        self.buttons[verdict].setChecked(True)

    def set_reachable(self, reachable: bool) -> None:
        """Whether Tab stops at the buttons."""
        policy = Qt.FocusPolicy.StrongFocus if reachable else Qt.FocusPolicy.NoFocus
        for button in self.buttons.values():
            button.setFocusPolicy(policy)

    def minimumSizeHint(self) -> QSize:
        pairs = self._width(2)
        return QSize(pairs, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(4 if event.size().width() >= self._width(4) else 2)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange(4 if self.width() >= self._width(4) else 2)

    def _width(self, columns: int) -> int:
        widest = max(button.sizeHint().width() for button in self.buttons.values())
        each = widest if columns == 2 else sum(b.sizeHint().width() for b in self.buttons.values()) / 4
        return round(each * columns) + 6 * (columns - 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, place // columns, place % columns)
