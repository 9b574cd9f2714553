"""The verdict of a clause as clear buttons: the hospital's own, and an expert's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from emrassess.domain.answers import Verdict
from emrassess.domain.review import EXPERT_VERDICT_NAMES, ExpertVerdict
from emrassess.gui.theme import VERDICT_NAMES, Theme
from emrassess.gui.widgets.signs import EXPERT_COLOURS, VERDICT_COLOURS, paint_expert_verdict, paint_verdict

KEYS = {Verdict.MET: "1", Verdict.PARTIAL: "2", Verdict.UNMET: "3", Verdict.NOT_ASSESSED: "0"}
EXPERT_KEYS = {
    ExpertVerdict.CONFIRMED: "1", ExpertVerdict.PARTLY: "2", ExpertVerdict.NOT_CONFIRMED: "3",
    ExpertVerdict.NOT_SHOWN: "4", ExpertVerdict.OPEN: "0",
}  # fmt: skip
GAP = 6


@dataclass(frozen=True)
class Face:
    """How a verdict looks: its name and key, colour of the theme's table, and what paints its sign."""

    verdict: Verdict | ExpertVerdict
    text: str
    key: str
    colour: str
    sign: Callable[[QPainter, QRectF, QColor], None]


class VerdictButton(QAbstractButton):
    """One verdict: sign, name and key. Checked: filled and framed in the verdict's colour."""

    def __init__(self, theme: Theme, face: Face, whose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._face = face
        self._least = 0
        self.setCheckable(True)
        self.setText(face.text)
        self.setAccessibleName(f"{whose}{face.text}")
        self.setToolTip(f"{whose}为{face.text}（按键 {face.key}）")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        sign = metrics.ascent()
        width = metrics.horizontalAdvance(f"{self.text()}  0") + sign + self._theme.px(26)
        return QSize(width, max(metrics.height() + 12, self._least))

    def set_least(self, pixels: int) -> None:
        """The least height: more for fingers."""
        self._least = pixels
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, checked = self._theme, self.isChecked()
        ink, fill = theme.colour(self._face.colour), theme.colour(f"{self._face.colour}_soft")
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
        theme, face = self._theme, self._face
        ink = theme.colour(face.colour)
        font = self.font()
        font.setBold(checked)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        sign = metrics.ascent() * 0.85
        gap = theme.px(6)
        words = metrics.horizontalAdvance(self.text())
        key = metrics.horizontalAdvance(face.key)
        left = (self.width() - sign - words - key - 2 * gap) / 2
        middle = self.height() / 2
        colour = ink if checked else theme.colour("text" if self.isEnabled() else "strong_border")
        face.sign(painter, QRectF(left, middle - sign / 2, sign, sign), colour if checked else ink)
        painter.setPen(colour)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left + sign + gap, 0, words + 2, self.height()), flags, self.text())
        painter.setPen(theme.colour("muted"))
        at = QRectF(left + sign + words + 2 * gap, 0, key + 2, self.height())
        painter.drawText(at, flags, face.key)


class FaceBar(QWidget):
    """The buttons of all faces, in one line or, where it is narrow, in two columns. The last is the one for nothing."""

    chosen = Signal(object)
    """The verdict whose button was pressed; what is shown changes only by `set_verdict`."""

    def __init__(self, theme: Theme, faces: Sequence[Face], whose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{whose}结论")
        self._group = QButtonGroup(self)
        self.buttons = {face.verdict: VerdictButton(theme, face, whose, self) for face in faces}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._columns = 0
        for verdict, button in self.buttons.items():
            self._group.addButton(button)
            button.clicked.connect(lambda _=False, v=verdict: self.chosen.emit(v))
        self.set_verdict(faces[-1].verdict)
        self._arrange(len(faces))

    def set_verdict(self, verdict: Verdict | ExpertVerdict) -> None:
        """Show `verdict` as the one given."""
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
        self._arrange(self._fitting(event.size().width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange(self._fitting(self.width()))

    def _fitting(self, width: int) -> int:
        """How many columns fit."""
        count = len(self.buttons)
        return next((columns for columns in (count, (count + 1) // 2) if width >= self._width(columns)), 2)

    def _width(self, columns: int) -> int:
        wide = [button.sizeHint().width() for button in self.buttons.values()]
        return (sum(wide) if columns == len(wide) else max(wide) * columns) + GAP * (columns - 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, place // columns, place % columns)


class VerdictBar(FaceBar):
    """The hospital's verdict on itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        faces = [
            Face(v, VERDICT_NAMES[v], KEYS[v], VERDICT_COLOURS[v], partial(_paint_own, verdict=v)) for v in Verdict
        ]
        super().__init__(theme, faces, "自评", parent)


class ExpertVerdictBar(FaceBar):
    """An expert's verdict on that."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        faces = [
            Face(v, EXPERT_VERDICT_NAMES[v], key, EXPERT_COLOURS[v], partial(_paint_experts, verdict=v))
            for v, key in EXPERT_KEYS.items()
        ]
        super().__init__(theme, faces, "核查", parent)


def _paint_own(painter: QPainter, box: QRectF, colour: QColor, verdict: Verdict) -> None:
    paint_verdict(painter, box, verdict, colour)


def _paint_experts(painter: QPainter, box: QRectF, colour: QColor, verdict: ExpertVerdict) -> None:
    paint_expert_verdict(painter, box, verdict, colour)
