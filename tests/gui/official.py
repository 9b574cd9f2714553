"""At the dialog of the official document: a stand-in for the picker and for the person who clicks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.official_import import OfficialDialog
from emrassess.services.official import propose, take_over
from emrassess.services.session import Session


def words(widget: QWidget) -> str:
    return "\n".join(made.text() for made in widget.findChildren(QLabel) if made.isVisible())


def push(widget: QWidget, name: str) -> None:
    """Click the visible button of that accessible name."""
    found = next(b for b in widget.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def choose(
    monkeypatch: pytest.MonkeyPatch, file: Path, act: Callable[[OfficialDialog], object]
) -> list[OfficialDialog]:
    """Have the picker give `file`, and `act` stand for the person at the dialog."""
    seen: list[OfficialDialog] = []

    def run(dialog: OfficialDialog) -> bool:
        seen.append(dialog)
        dialog.show()
        act(dialog)
        return bool(dialog.result())

    monkeypatch.setattr(dialogs, "open_file", lambda *_: file)
    monkeypatch.setattr(dialogs, "run", run)
    return seen


def take(dialog: OfficialDialog) -> None:
    push(dialog, "取用")


def imported(qtbot: QtBot, context: Context, session: Session, file: Path, **chosen: Any) -> None:
    with qtbot.waitSignal(context.changed, timeout=20_000):
        context.operations.write("取用", take_over, propose(session, file), **chosen)
