"""任务与合并: person, deadline and remark of several tasks changed at once."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QMenu
from pytestqt.qtbot import QtBot

from emrassess.domain.planning import Task
from emrassess.gui.widgets.task_edit import EditDialog
from emrassess.services import history, tasks
from emrassess.services.session import Session
from tests.gui.driving import named
from tests.gui.test_tasks_page import (
    FIRST,
    LATE,
    SECOND,
    Make,
    answer,
    make,
    planned,
    press,
    push,
    saved,
    select,
)

__all__ = ["make", "planned"]


def held(session: Session, *clauses: str) -> list[tuple[str, str, str]]:
    found: list[Task] = [session.assessment.tasks[clause] for clause in clauses]
    return [(task.person, task.deadline, task.comment) for task in found]


def test_only_what_was_changed_is_written_and_undone_in_one_step(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    select(page, FIRST, LATE)
    before = held(session, FIRST, LATE)

    def change(dialog: EditDialog) -> None:
        assert dialog.windowTitle() == "修改 2 条的分派"
        assert dialog.person.currentText() == "" and dialog.deadline.line.text() == ""  # they differ
        assert "各不相同" in str(dialog.deadline.line.placeholderText())
        dialog.person.setEditText("钱护士")
        assert named(dialog, QCheckBox, "改负责人").isChecked()
        assert not named(dialog, QCheckBox, "改期限").isChecked()
        push(dialog, "修改")

    answer(monkeypatch, EditDialog, change)
    saved(qtbot, page, lambda: press(Qt.Key.Key_E))
    assert held(session, FIRST, LATE) == [("钱护士", "2099-01-31", ""), ("钱护士", "2020-01-31", "")]
    history.undo(session)
    assert held(session, FIRST, LATE) == before


def test_what_all_have_alike_is_filled_in_and_can_be_taken_away(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    select(page, FIRST, SECOND)

    def change(dialog: EditDialog) -> None:
        assert (dialog.person.currentText(), dialog.deadline.line.text()) == ("李护士", "2099-01-31")
        assert not named(dialog, QComboBox, "负责人").findText("李护士") < 0
        dialog.deadline.line.setText("明天")
        push(dialog, "修改")
        assert "不是日期" in dialog._problem.text()
        dialog.deadline.line.clear()
        dialog.comment.setPlainText("先做这两条")
        push(dialog, "修改")

    answer(monkeypatch, EditDialog, change)
    saved(qtbot, page, lambda: push(page, "修改…"))
    assert held(session, FIRST, SECOND) == [("李护士", "", "先做这两条")] * 2


def test_what_differs_can_be_taken_away_from_all(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    select(page, FIRST, LATE)

    def change(dialog: EditDialog) -> None:
        named(dialog, QCheckBox, "改期限").click()
        push(dialog, "修改")

    answer(monkeypatch, EditDialog, change)
    saved(qtbot, page, lambda: press(Qt.Key.Key_D))
    assert held(session, FIRST, SECOND, LATE) == [("李护士", "", ""), ("李护士", "2099-01-31", ""), ("", "", "")]


def test_nothing_changed_writes_nothing(
    make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    before = session.assessment
    select(page, FIRST)
    seen = answer(monkeypatch, EditDialog, lambda dialog: push(dialog, "修改"))
    press(Qt.Key.Key_E)
    assert len(seen) == 1 and session.assessment is before


def test_clauses_without_a_department_are_named(make: Make, session: Session, planned: dict[str, str]) -> None:
    page = make(session)
    tasks.unassign(session, [SECOND])
    page.show_session()
    select(page, SECOND)
    press(Qt.Key.Key_E)
    assert "请先分派" in page.tasks._notice.text()


def test_the_context_menu_has_it(
    make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    select(page, FIRST)
    seen: list[str] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _at: seen.extend(action.text() for action in menu.actions()))
    page.tasks.table.customContextMenuRequested.emit(QPoint(5, 5))
    assert "修改…" in seen
