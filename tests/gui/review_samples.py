"""Experts' workspaces in the window, for the tests of 专家核查."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.pages.review import ReviewPage
from emrassess.services.session import Session
from tests.gui.driving import Drive
from tests.services.review_samples import claim, expert, packed


@pytest.fixture
def drive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    made = Drive(qtbot)
    monkeypatch.setattr(dialogs, "run", made.run)
    yield made
    assert not made.left


@pytest.fixture
def package(empty_session: Session, tmp_path: Path) -> Path:
    """What the hospital gives to the experts."""
    claim(empty_session)
    return packed(empty_session, tmp_path / "材料包.zip")


@pytest.fixture
def experts(package: Path, tmp_path: Path) -> Iterator[Session]:
    """An expert's workspace from it."""
    with expert(package, tmp_path / "专家") as there:
        yield there


@pytest.fixture
def page(window: MainWindow, experts: Session, qtbot: QtBot) -> Iterator[ReviewPage]:
    """The page in the window, the expert's workspace open."""
    yield shown(qtbot, window, experts)
    closed(window)


def shown(qtbot: QtBot, window: MainWindow, session: Session) -> ReviewPage:
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.go_to("page:review")
    assert isinstance(window.page, ReviewPage)
    return window.page


def closed(window: MainWindow) -> None:
    window.context.set_session(None)
    window.context.operations.finish()


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def settled(qtbot: QtBot, page: ReviewPage) -> None:
    qtbot.waitUntil(lambda: not page.context.operations.busy, timeout=20_000)
