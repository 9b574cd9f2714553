"""A picture on which boxes are drawn, moved and resized, by mouse and by keys."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from emrassess.domain.assessment import Box
from emrassess.gui.models.mask_boxes import MaskBoxes, box_text

HANDLE = 10  # pixels of the screen, as all below
REACH = 8
LEAST_DRAWN = 4
STEP, FINE_STEP = 5, 1
LEAST = 2  # pixels of the picture that a box keeps
VEIL = QColor(0, 0, 0, 190)  # what lies below can just be made out, to see that all of it is covered
LINE = QColor("#0b5cad")  # the same in light and dark: it lies on a picture
INNER = 0.2  # a new box by key takes this share of what is in view

_EDGES = [(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if x or y]
_CURSORS = {
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
}
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass
class _Drag:
    """The mouse is held down: from where, on which box as it was, and what moves: the edges (x, y), (0, 0) the whole.

    `box` None: a new one is being drawn.
    """

    start: QPointF
    box: Box | None
    edges: tuple[int, int] = (0, 0)
    begun: bool = False


class MaskCanvas(QWidget):
    """As large as the picture at its zoom: 1.0 is a pixel of the picture for one of the screen."""

    drawing = Signal(QRect)
    """What of the canvas should be in view: the box in hand, or where the mouse is."""

    def __init__(self, boxes: MaskBoxes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes = boxes
        self._picture = QPixmap()
        self._scaled = QPixmap()
        self._drag: _Drag | None = None
        self._now = QPointF()
        self.zoom = 1.0
        self.setAccessibleName("图片：按住鼠标拖出要遮盖的框")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        boxes.edited.connect(self._on_edited)
        boxes.chosen.connect(self._on_edited)

    # --- what is shown

    @property
    def picture_size(self) -> QSize:
        """In pixels of the picture."""
        return self._picture.size()

    def show_picture(self, image: QImage) -> None:
        """Draw on this picture."""
        self._picture = QPixmap.fromImage(image)
        self.set_zoom(self.zoom)

    def set_zoom(self, zoom: float) -> None:
        """Show it so large; a picture keeps at least a pixel."""
        self.zoom = zoom
        size = self._picture.size() * zoom
        self.setFixedSize(size.expandedTo(QSize(1, 1)))
        self._scaled = QPixmap()
        self.update()

    def rect_of(self, box: Box) -> QRectF:
        """Where a box lies on the canvas."""
        return QRectF(box.x * self.width(), box.y * self.height(), box.w * self.width(), box.h * self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture.isNull():
            return
        painter = QPainter(self)
        self._paint_picture(painter, event.rect())
        for row, box in enumerate(self._boxes.boxes):
            place = self.rect_of(box)
            painter.fillRect(place, VEIL)
            painter.setPen(QPen(Qt.GlobalColor.white, 1))
            painter.drawRect(place)
            if row == self._boxes.current:
                self._paint_chosen(painter, place)
        if self._drag is not None and self._drag.box is None and self._drag.begun:
            painter.setPen(QPen(LINE, 2, Qt.PenStyle.DashLine))
            painter.setBrush(VEIL)
            painter.drawRect(self._drawn())

    def _paint_picture(self, painter: QPainter, exposed: QRect) -> None:
        if self.zoom < 1:
            if self._scaled.isNull():
                self._scaled = self._picture.scaled(
                    self.size() * self.devicePixelRatioF(),
                    Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation,
                )  # fmt: skip
            painter.drawPixmap(self.rect(), self._scaled)
            return
        x, y = self._picture.width() / self.width(), self._picture.height() / self.height()
        source = QRectF(exposed.x() * x, exposed.y() * y, exposed.width() * x, exposed.height() * y)
        painter.drawPixmap(QRectF(exposed), self._picture, source)

    def _paint_chosen(self, painter: QPainter, place: QRectF) -> None:
        # A light line within a dark one is seen on any picture.
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor("white"), 4), (LINE, 2)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine if self.hasFocus() else Qt.PenStyle.DashLine))
            painter.drawRect(place)
        painter.setPen(QPen(LINE, 2))
        painter.setBrush(Qt.GlobalColor.white)
        for edges in _EDGES:
            painter.drawRect(_handle(place, edges))

    def _on_edited(self) -> None:
        box = self._boxes.box
        self.setAccessibleDescription(box_text(self._boxes.current, box) if box else "没有选中的框")
        if box and self._drag is None:
            self.drawing.emit(self.rect_of(box).toAlignedRect())
        self.update()

    # --- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._picture.isNull():
            return
        at = event.position()
        edges = self._handle_at(at)
        if edges is None:
            self._boxes.choose(self._box_at(at))
        self._now = at
        self._drag = _Drag(at, self._boxes.box, edges or (0, 0))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        drag = self._drag
        if drag is None:
            self._show_cursor(event.position())
            return
        self._now = event.position()
        if not drag.begun:
            moved = self._now - drag.start
            if max(abs(moved.x()), abs(moved.y())) < LEAST_DRAWN:
                return
            drag.begun = True
            if drag.box is not None:
                self._boxes.begin()
        if drag.box is not None:
            moved = self._now - drag.start
            self._boxes.put(self._changed(drag.box, drag.edges, moved.x(), moved.y()))
        self.drawing.emit(QRect(self._now.toPoint(), QSize(1, 1)))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag = self._drag
        if drag is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._now = event.position()
        drawn = self._drawn() if drag.box is None and drag.begun else QRectF()
        self._drag = None
        if drawn.width() >= 1 and drawn.height() >= 1:
            self._boxes.add(self._box_of(drawn))
        self._show_cursor(event.position())
        self.update()

    def _drawn(self) -> QRectF:
        """The box that is being drawn, cut to the picture."""
        if self._drag is None:
            return QRectF()
        return QRectF(self._drag.start, self._now).normalized() & QRectF(self.rect())

    def _handle_at(self, at: QPointF) -> tuple[int, int] | None:
        """The edges that the handle at a place moves; None where there is none."""
        box = self._boxes.box
        if box is None:
            return None
        place = self.rect_of(box)
        near = [
            ((at - _handle(place, edges).center()).manhattanLength(), edges)
            for edges in _EDGES
            if _handle(place, edges).adjusted(-3, -3, 3, 3).contains(at)
        ]
        return min(near)[1] if near else None

    def _box_at(self, at: QPointF) -> int:
        """The box at a place: the one in hand, else the last drawn; -1 where there is none."""
        under = [row for row, box in enumerate(self._boxes.boxes) if self.rect_of(box).contains(at)]
        return self._boxes.current if self._boxes.current in under else under[-1] if under else -1

    def _show_cursor(self, at: QPointF) -> None:
        edges = self._handle_at(at)
        if edges is not None:
            self.setCursor(_CURSORS[edges])
        else:
            over = self._box_at(at) >= 0
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor)

    # --- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        box, keys = self._boxes.box, event.modifiers()
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._give_up()
        elif event.key() in _ARROWS and box is not None and self._drag is None:
            step = FINE_STEP if keys & Qt.KeyboardModifier.ControlModifier else STEP
            x, y = (way * step for way in _ARROWS[Qt.Key(event.key())])
            resize = bool(keys & Qt.KeyboardModifier.ShiftModifier)
            edges = (int(x != 0), int(y != 0)) if resize else (0, 0)
            self._boxes.begin("resize" if resize else "move")
            self._boxes.put(self._changed(box, edges, x, y))
        else:
            super().keyPressEvent(event)

    def _give_up(self) -> None:
        """The drag never was."""
        drag, self._drag = self._drag, None
        if drag is not None and drag.box is not None:
            self._boxes.put(drag.box)
        self.update()

    def event(self, event: QEvent) -> bool:
        # While the mouse is held down, no shortcut may change the boxes under it.
        if event.type() == QEvent.Type.ShortcutOverride and self._drag is not None:
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from box to box, and on to the next control after the last."""
        row = self._boxes.current + (1 if forward else -1)
        if 0 <= row < len(self._boxes.boxes):
            self._boxes.choose(row)
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        count = len(self._boxes.boxes)
        if event.reason() == Qt.FocusReason.TabFocusReason and count:
            self._boxes.choose(0)
        elif event.reason() == Qt.FocusReason.BacktabFocusReason and count:
            self._boxes.choose(count - 1)
        self.update()

    # --- geometry

    def add_in_view(self, view: QRect) -> None:
        """A new box in the middle of `view`, a part of the canvas."""
        seen = QRectF(view & self.rect())
        size = QRectF(0, 0, seen.width() * INNER, seen.height() * INNER)
        size.moveCenter(seen.center())
        self._boxes.add(self._box_of(size))

    def _box_of(self, place: QRectF) -> Box:
        wide, high = self.width(), self.height()
        return Box(place.x() / wide, place.y() / high, place.width() / wide, place.height() / high)

    def _changed(self, box: Box, edges: tuple[int, int], x: float, y: float) -> Box:
        """`box` with these edges, or all of it, moved by pixels of the screen, within the picture."""
        least = LEAST / max(self._picture.width(), 1), LEAST / max(self._picture.height(), 1)
        left, wide = _along(box.x, box.w, edges[0], x / self.width(), whole=edges == (0, 0), least=least[0])
        top, high = _along(box.y, box.h, edges[1], y / self.height(), whole=edges == (0, 0), least=least[1])
        return Box(left, top, wide, high)


def _along(start: float, length: float, edge: int, by: float, *, whole: bool, least: float) -> tuple[float, float]:
    """Start and length in one direction after its edge (-1 the first, 1 the last), or the whole, moved by a share."""
    if whole:
        return min(max(start + by, 0.0), 1.0 - length), length
    end = start + length
    if edge < 0:
        start = min(max(start + by, 0.0), end - least)
        return start, end - start
    if edge > 0:
        return start, max(min(end + by, 1.0) - start, least)
    return start, length


def _handle(place: QRectF, edges: tuple[int, int]) -> QRectF:
    """The handle of a box that moves these edges."""
    middle = place.center() + QPointF(edges[0] * place.width() / 2, edges[1] * place.height() / 2)
    return QRectF(middle.x() - HANDLE / 2, middle.y() - HANDLE / 2, HANDLE, HANDLE)
