"""Small makers of labels, buttons, cards, so that all pages look the same."""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from emrassess.domain.pack import Clause
from emrassess.domain.reasons import plain


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label; `role` is one of the style sheet's: title, heading, figure, muted, good, fair, bad. Plain text only."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def button(
    text: str,
    slot: Callable[[], object],
    *,
    look: str = "",
    primary: bool = False,
    icon: QIcon | None = None,
    tip: str = "",
) -> QPushButton:
    """A push button; `look` "link" makes it a link. Its text is its accessible name."""
    made = QPushButton(text)
    made.setAccessibleName(text)
    if look:
        made.setProperty("look", look)
    if look == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setProperty("primary", primary)
    if icon:
        made.setIcon(icon)
    if tip:
        made.setToolTip(tip)
    made.setAutoDefault(False)
    made.clicked.connect(lambda *_: slot())
    return made


def offer(widget: QWidget, offered: bool, why: str) -> None:
    """Enable a widget, or disable it with `why` as its tip; its own tip comes back."""
    own = widget.property("own_tip")
    if own is None:
        own = widget.toolTip()
        widget.setProperty("own_tip", own)
    widget.setEnabled(offered)
    widget.setToolTip(own if offered else why)


def card(*, spacing: int = 8) -> tuple[QFrame, QVBoxLayout]:
    """A framed surface and its layout."""
    frame = QFrame()
    frame.setObjectName("card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(16, 14, 16, 14)
    layout.setSpacing(spacing)
    return frame, layout


def rule() -> QFrame:
    """A thin line."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def scrolled(content: QWidget) -> QScrollArea:
    """`content` in a vertical scroll area without a frame."""
    content.setObjectName("scrolled")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def set_role(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and restyle."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (entry := layout.takeAt(0)) is not None:
        if (widget := entry.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := entry.layout()) is not None:
            clear(inner)


def grows(widget: QWidget) -> QWidget:
    """Let a widget take the width that is left."""
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())
    return widget


def points(value: Decimal, needed: Decimal | int | None = None) -> str:
    """Points with two places, half-up; but never rounded up to `needed` where they fall short of it."""
    two = Decimal("0.01")
    rounded = value.quantize(two, ROUND_HALF_UP)
    if needed is not None and value < needed <= rounded:
        rounded = value.quantize(two, ROUND_DOWN)
    return str(rounded)


def worth(clause: Clause) -> str:
    """What a clause earns: "2 分"; "" in a scheme that gives clauses no points."""
    return f"{plain(clause.points)} 分" if clause.points is not None else ""


def moment(iso: str) -> str:
    """An ISO time as 2026-11-21 08:30, as it is where it is none."""
    return iso[:16].replace("T", " ") if len(iso) >= 16 and iso[10] == "T" else iso
