"""Operations: one thread that writes, errors to one place, progress that can be cancelled."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.gui.context import Context
from emrassess.gui.operations import Failure
from emrassess.gui.widgets.status import Status
from emrassess.services import answering
from emrassess.services.session import Session


def test_a_write_is_saved_and_told_to_the_pages(qtbot: QtBot, context: Context, session: Session) -> None:
    context.set_session(session)
    with qtbot.waitSignal(context.changed) as told:
        context.operations.write("评条款", answering.set_verdict, ["01.01.5(1)"], Verdict.PARTIAL)
    assert told.args is not None
    assert told.args[0].clauses == {"01.01.5(1)"}
    assert session.assessment.answer("01.01.5(1)").verdict is Verdict.PARTIAL
    assert not context.operations.writing


def test_writes_run_in_order_on_one_other_thread(qtbot: QtBot, context: Context, session: Session) -> None:
    context.set_session(session)
    seen: list[tuple[int, threading.Thread]] = []

    def work(_: Session, number: int) -> int:
        seen.append((number, threading.current_thread()))
        return number

    handles = [context.operations.write("写", work, number) for number in range(5)]  # type: ignore[arg-type]
    with qtbot.waitSignal(handles[-1].done):
        pass
    assert [number for number, _ in seen] == list(range(5))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] is not threading.main_thread()


def test_a_failed_save_can_be_tried_again(qtbot: QtBot, context: Context, session: Session) -> None:
    context.set_session(session)
    full = [True]

    def work(held: Session) -> object:
        if full[0]:
            raise StorageError("磁盘满了", "请腾出空间")
        return answering.set_verdict(held, ["01.01.5(1)"], Verdict.MET)

    failures: list[Failure] = []
    context.operations.failed.connect(failures.append)
    handle = context.operations.write("评条款", work)  # type: ignore[arg-type]
    with qtbot.waitSignal(handle.failed):
        pass
    assert failures[0].unsaved
    full[0] = False
    with qtbot.waitSignal(context.changed):
        failures[0].retry()
    assert session.assessment.answer("01.01.5(1)").verdict is Verdict.MET


def test_long_work_shows_itself_and_stops_when_asked(qtbot: QtBot, context: Context) -> None:
    going = threading.Event()

    def work(progress) -> None:
        while True:
            progress(1, 10, "第一步")
            going.set()

    shown = []
    context.operations.long_running.connect(shown.append)
    with qtbot.waitSignal(context.operations.long_running, timeout=2000):
        handle = context.operations.run("长活", work)
    assert going.is_set()
    with qtbot.waitSignal(handle.failed) as failed:
        handle.cancel()
    assert shown == [handle]
    assert failed.args is not None
    assert isinstance(failed.args[0], Cancelled)


def test_progress_is_gone_before_a_dialog_says_what_came_of_it(qtbot: QtBot, context: Context) -> None:
    status = Status(context.operations)
    qtbot.addWidget(status)
    status.show()
    bar, go, seen = status.findChild(QProgressBar), threading.Event(), []
    assert bar is not None
    context.operations.run("导出", go.wait, 10, progress=False, done=lambda _: seen.append(bar.isVisible()))
    qtbot.waitUntil(bar.isVisible, timeout=2000)
    go.set()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [False]


def test_short_work_shows_no_progress(qtbot: QtBot, context: Context) -> None:
    with qtbot.assertNotEmitted(context.operations.long_running, wait=400):
        context.operations.run("短活", lambda progress: progress(1, 1, ""))


def test_a_caught_error_goes_nowhere_else(qtbot: QtBot, context: Context) -> None:
    def work() -> None:
        raise UserError("有人在用")

    caught: list[Exception] = []

    def catch(error: Exception) -> bool:
        caught.append(error)
        return True

    with qtbot.assertNotEmitted(context.operations.failed), qtbot.waitSignal(context.operations.ended):
        context.operations.open("打开", work, caught=catch)
    assert [str(error) for error in caught] == ["有人在用"]


def test_an_export_does_not_hold_up_answers(qtbot: QtBot, context: Context, session: Session) -> None:
    context.set_session(session)
    release = threading.Event()

    def export(progress) -> str:
        assert release.wait(10)
        return "done"

    long = context.operations.run("导出", export)
    with qtbot.waitSignal(context.changed):
        context.operations.write("评条款", answering.set_verdict, ["01.01.5(1)"], Verdict.MET)
    with qtbot.waitSignal(long.done):
        release.set()


def test_background_failures_bother_nobody(
    qtbot: QtBot, context: Context, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with qtbot.assertNotEmitted(context.operations.failed), qtbot.waitSignal(context.operations.ended):
        context.operations.background((tmp_path / "没有").read_bytes)


def test_nothing_starts_once_the_threads_have_ended(context: Context) -> None:
    ran: list[int] = []
    context.operations.finish()
    context.operations.background(ran.append, 1)
    context.operations.run("导出", lambda **_: ran.append(2))
    context.operations.finish()
    assert not ran


def test_what_is_read_for_somebody_who_left_is_not_shown(qtbot: QtBot, context: Context) -> None:
    release, shown = threading.Event(), []
    handle = context.operations.read("校验", lambda: release.wait(10), progress=False, done=shown.append)
    context.operations.give_up_reading()
    assert not context.operations.busy
    with qtbot.waitSignal(handle.failed) as failed:
        release.set()
    assert failed.args and isinstance(failed.args[0], Cancelled) and not shown
