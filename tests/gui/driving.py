"""Driving dialogs as a person does: what happens in each that opens, in turn."""

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

W = TypeVar("W", bound=QWidget)


class Drive:
    """Takes the place of dialogs.run: `drive(first, then, …)` says what to do in the next dialogs; `left` of those."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.left: list[Callable[[Any], object]] = []

    def __call__(self, *steps: Callable[[Any], object]) -> None:
        self.left += steps

    def run(self, dialog: QDialog) -> bool:
        """As dialogs.run."""
        dialog.show()
        self.left.pop(0)(dialog)
        self._qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=20_000)
        return dialog.result() == QDialog.DialogCode.Accepted


def named(parent: QWidget, kind: type[W], name: str) -> W:
    """The widget of that accessible name."""
    return next(w for w in parent.findChildren(kind) if w.accessibleName() == name)


def words(parent: QWidget) -> str:
    """All that labels say and one can see."""
    return "\n".join(made.text() for made in parent.findChildren(QLabel) if made.isVisible())


def push(qtbot: QtBot, parent: QWidget, name: str) -> None:
    """Click a button once it can be."""
    found = named(parent, QPushButton, name)
    qtbot.waitUntil(lambda: found.isEnabled() and found.isVisible(), timeout=20_000)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)
