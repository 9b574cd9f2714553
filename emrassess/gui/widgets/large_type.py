"""Large type for a page that is used on a small tablet: text that is read standing, buttons that a finger hits."""

from emrassess.gui.theme import BASE_POINTS, Theme

LEAST_SCALE = 140
"""Per cent: where the user's own text size is larger, that holds."""
FINGER = 44
"""Pixels that a finger hits."""

_SHEET = """
QWidget {{ font-size: {text}pt; }}
QLabel[role="clause"] {{ font-size: {clause}pt; }}
QLabel[role="heading"] {{ font-size: {heading}pt; }}
QLabel[role="muted"] {{ font-size: {small}pt; }}
QPushButton, QToolButton[look="button"], QComboBox, QDialog > QLineEdit {{ min-height: {inner}px; }}
"""


def large_sheet(theme: Theme) -> str:
    """The style sheet of such a page; it stands over the window's own."""
    text = BASE_POINTS * max(theme.scale, LEAST_SCALE) / 100
    return _SHEET.format(
        text=round(text, 1), clause=round(text * 1.15, 1), heading=round(text * 1.05, 1), small=round(text * 0.9, 1),
        inner=FINGER - 10,
    )  # fmt: skip
