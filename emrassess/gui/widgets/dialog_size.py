"""How large a dialog opens."""

from PySide6.QtWidgets import QDialog

from emrassess.gui.theme import Theme

LEFT = (40, 60)
"""What of the screen stays free beside and above a dialog, in pixels."""


def fit_on_screen(dialog: QDialog, theme: Theme, width: int, height: int) -> None:
    """`width` and `height` at a text size of 100 %; larger text takes more, as far as the screen has it."""
    room = dialog.screen().availableGeometry()
    dialog.resize(min(theme.px(width), room.width() - LEFT[0]), min(theme.px(height), room.height() - LEFT[1]))


def grow(dialog: QDialog) -> None:
    """Make a dialog high enough for what it says now; it never shrinks."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        dialog.resize(dialog.width(), max(dialog.height(), layout.totalHeightForWidth(dialog.width())))
