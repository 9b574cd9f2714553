"""Packets given back, and the tab that merges them, for the tests of merging in the window."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.merge_dialog import MergeDialog
from emrassess.gui.pages.tasks import TasksPage
from emrassess.gui.widgets.merge_tab import MergeTab
from emrassess.services import answering
from emrassess.services.packets import create_packet, open_packet, return_packet
from emrassess.services.session import Session
from tests.gui.driving import Drive, push
from tests.services.packet_samples import LAB, A, B, assign, department_id, working

OURS, THEIRS = "医嘱由护士核对并执行", "医嘱由责任护士核对、签名并执行"
PASSPHRASE = "correct horse battery"
Work = Callable[[Session], object]


@pytest.fixture
def drive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    made = Drive(qtbot)
    monkeypatch.setattr(dialogs, "run", made.run)
    yield made
    assert not made.left


@pytest.fixture
def returned(empty_session: Session, tmp_path: Path) -> Callable[..., Path]:
    """`returned(work, …)`: the packet that a department gives back after `work`; `clauses` are given to it first."""

    def make(work: Work, *, name: str = LAB, clauses: tuple[str, ...] = (A, B), **options: Any) -> Path:
        assign(empty_session, *clauses, name=name)
        folder = tmp_path / f"{name}{len(list(tmp_path.iterdir()))}"
        create_packet(empty_session, department_id(empty_session, name), folder.with_suffix(".zip"))
        open_packet(folder.with_suffix(".zip"), folder, "王五")
        out = tmp_path / f"{folder.name}-交回.zip"
        with working(folder) as there:
            work(there)
            return_packet(there, out, **options)
        return out

    return make


@pytest.fixture
def conflicting(empty_session: Session, returned: Callable[..., Path]) -> Path:
    """A packet with a verdict to take, and conflicts about a verdict and a text."""

    def work(there: Session) -> None:
        answering.set_note(there, A, THEIRS)
        answering.set_verdict(there, [A, B], Verdict.MET)

    packet = returned(work)
    answering.set_note(empty_session, A, OURS)
    answering.set_verdict(empty_session, [A], Verdict.UNMET)
    return packet


@pytest.fixture
def tab(qtbot: QtBot, window: MainWindow, empty_session: Session) -> MergeTab:
    """The tab in the window."""
    window.context.set_session(empty_session)
    window.go_to("page:tasks/merge")
    page = window.page
    assert isinstance(page, TasksPage)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return page.merging


def settled(qtbot: QtBot, context: Context) -> None:
    qtbot.waitUntil(lambda: not context.operations.busy, timeout=20_000)


def drawn(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 200), colour).save(out, "PNG")
    return out.getvalue()


def take(qtbot: QtBot) -> Callable[[MergeDialog], None]:
    return lambda dialog: push(qtbot, dialog, "合并")


def listed(tab: MergeTab) -> list[str]:
    return [str(tab.conflicts.index(row).data()) for row in range(tab.conflicts.rowCount())]
