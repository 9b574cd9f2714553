"""Small signs drawn in any colour: every state has its own shape, so that none rests on colour alone."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from emrassess.domain.answers import Verdict
from emrassess.domain.review import ExpertVerdict

VERDICT_COLOURS = {Verdict.MET: "good", Verdict.PARTIAL: "fair", Verdict.UNMET: "bad", Verdict.NOT_ASSESSED: "none"}
EXPERT_COLOURS = {
    ExpertVerdict.CONFIRMED: "good", ExpertVerdict.PARTLY: "fair", ExpertVerdict.NOT_CONFIRMED: "bad",
    ExpertVerdict.NOT_SHOWN: "accent", ExpertVerdict.OPEN: "none",
}  # fmt: skip
"""Names of the theme's colours."""
_LIKE = {
    ExpertVerdict.CONFIRMED: Verdict.MET, ExpertVerdict.PARTLY: Verdict.PARTIAL,
    ExpertVerdict.NOT_CONFIRMED: Verdict.UNMET, ExpertVerdict.OPEN: Verdict.NOT_ASSESSED,
}  # fmt: skip


def paint_expert_verdict(painter: QPainter, box: QRectF, verdict: ExpertVerdict, colour: QColor) -> None:
    """The sign of an expert's verdict: as the verdicts', and a barred ring for what could not be shown."""
    if verdict in _LIKE:
        paint_verdict(painter, box, _LIKE[verdict], colour)
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    thick = max(box.width() / 8, 1.4)
    painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    ring = box.adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
    painter.drawEllipse(ring)
    painter.drawLine(QPointF(ring.left() + ring.width() * 0.28, ring.center().y()),
                     QPointF(ring.right() - ring.width() * 0.28, ring.center().y()))  # fmt: skip
    painter.restore()


def paint_verdict(painter: QPainter, box: QRectF, verdict: Verdict, colour: QColor) -> None:
    """The sign of a verdict in a square `box`: tick, half disc, cross, ring."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    thick = max(box.width() / 8, 1.4)
    pen = QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    x, y, size = box.x(), box.y(), box.width()
    match verdict:
        case Verdict.MET:
            spots = ((0.1, 0.55), (0.4, 0.85), (0.92, 0.18))
            painter.drawPolyline(QPolygonF([QPointF(x + size * a, y + size * b) for a, b in spots]))
        case Verdict.PARTIAL:
            ring = box.adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
            painter.drawEllipse(ring)
            painter.setBrush(colour)
            painter.drawPie(ring, 90 * 16, 180 * 16)
        case Verdict.UNMET:
            painter.drawLine(QPointF(x + size * 0.15, y + size * 0.15), QPointF(x + size * 0.85, y + size * 0.85))
            painter.drawLine(QPointF(x + size * 0.85, y + size * 0.15), QPointF(x + size * 0.15, y + size * 0.85))
        case Verdict.NOT_ASSESSED:
            pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawEllipse(box.adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2))
    painter.restore()


def paint_block(painter: QPainter, box: QRectF, colour: QColor, *, sure: bool) -> None:
    """The mark of what blocks the target: a triangle, filled where it blocks for sure, hollow where it may."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour if sure else Qt.BrushStyle.NoBrush)
    top, left, right = QPointF(box.center().x(), box.top() + 1), box.bottomLeft(), box.bottomRight()
    painter.drawPolygon(QPolygonF([top, right - QPointF(1, 1), left + QPointF(1, -1)]))
    painter.restore()
