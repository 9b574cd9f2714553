"""The page of the ledger, and a person at it."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from emrassess.domain.ledger import FindingState
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.pages.ledger import LedgerPage
from emrassess.services import ledger
from emrassess.services.evidence import NewEvidence
from emrassess.services.session import Session
from tests.services.ledger_samples import A1, B1, three

D = TypeVar("D", bound=QDialog)
Make = Callable[[Session], LedgerPage]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


@pytest.fixture
def make(qtbot: QtBot, context: Context) -> Make:
    def build(session: Session) -> LedgerPage:
        context.set_session(session)
        page = LedgerPage(context)
        qtbot.addWidget(page)
        page.resize(1226, 650)
        context.changed.connect(page.refresh)
        page.show_session()
        with qtbot.waitActive(page):
            page.show()
        page.setFocus()
        return page

    return build


def answer(monkeypatch: pytest.MonkeyPatch, kind: type[D], act: Callable[[D], object]) -> list[D]:
    """Have `act` stand for the person at the next dialog."""
    seen: list[D] = []

    def run(dialog: QDialog) -> bool:
        assert isinstance(dialog, kind)
        seen.append(dialog)
        dialog.show()
        act(dialog)
        if dialog.isVisible():
            dialog.reject()
        return bool(dialog.result())

    monkeypatch.setattr(dialogs, "run", run)
    return seen


def saved(qtbot: QtBot, page: LedgerPage, act: Callable[[], object]) -> None:
    """Do it, and wait until it is in the workspace."""
    with qtbot.waitSignal(page.context.changed):
        act()
    with qtbot.waitActive(page):  # again, once a dialog is gone
        page.activateWindow()


def select(page: LedgerPage, *keys: str) -> None:
    table, found = page.ledger.table, page.ledger.found
    table.clearSelection()
    for key in keys:
        place = found.place_of(key)
        assert place.isValid(), key
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        table.selectionModel().setCurrentIndex(place, flags)
    table.setFocus()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifier)


def shown(page: LedgerPage) -> list[str]:
    found = page.ledger.found
    return [found.row_at(place).id for place in range(found.rowCount())]


def notice(page: LedgerPage) -> str:
    made = page.ledger.notice
    return made.text() if made.isVisible() else ""


def ready(session: Session, key: str) -> None:
    """A finding with measures and proof."""
    ledger.assign(session, [key], measures="改了模板")
    ledger.attach_files(session, key, [NewEvidence(PICTURE + key.encode(), "改后.png", "改后")])


@pytest.fixture
def found(session: Session) -> Session:
    """Three findings: A serious and overdue, B, C."""
    three(session)
    ledger.assign(session, [A1], department="护理部", owner="李护士", deadline="2020-01-31")
    ledger.assign(session, [B1], department="检验科", deadline="2099-01-31")
    return session


def state(session: Session, key: str) -> FindingState:
    return session.assessment.findings[key].state
