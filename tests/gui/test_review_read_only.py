"""In a package that an expert opened, nothing of the hospital's is offered to be changed, and it is said why."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListView
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs
from emrassess.gui.context import HOSPITALS
from emrassess.gui.main_window import MainWindow
from emrassess.gui.pages.clauses import ClausesPage
from emrassess.gui.pages.evidence import EvidencePage
from emrassess.gui.pages.review import ReviewPage
from emrassess.services.session import Session
from tests.gui.driving import named
from tests.gui.review_samples import experts, focused, package, page
from tests.services.review_samples import A

__all__ = ["experts", "package", "page"]


@pytest.fixture
def opened(window: MainWindow, page: ReviewPage) -> MainWindow:
    return window


def test_pages_of_the_hospital_alone_are_not_listed(opened: MainWindow, empty_session: Session) -> None:
    pages = opened.findChild(QListView, "pages")
    assert pages is not None
    names = [
        pages.model().index(row, 0).data() for row in range(pages.model().rowCount()) if not pages.isRowHidden(row)
    ]
    assert {"总览", "条款", "实证材料", "专家核查", "标准"} <= set(names)
    assert not {"任务与合并", "报告"} & set(names)
    assert "现场核查" in opened._header._name
    opened.go_to("page:reports")
    assert isinstance(opened.page, ReviewPage)


def test_a_note_stands_over_the_hospitals_pages(opened: MainWindow) -> None:
    assert not opened._whose.isVisible()
    opened.go_to("page:clauses")
    assert opened._whose.isVisible()
    opened._whose.asked.emit()
    assert isinstance(opened.page, ReviewPage) and not opened._whose.isVisible()


def test_answers_cannot_be_given(qtbot: QtBot, opened: MainWindow, experts: Session) -> None:
    opened.go_to(f"clause:{A}")
    clauses = opened.page
    assert isinstance(clauses, ClausesPage)
    before = experts.assessment.answers
    QTest.keyClick(focused(), Qt.Key.Key_3)
    assert experts.assessment.answers is before
    assert clauses._notice.text() == HOSPITALS
    details = clauses.details
    assert details.fields["note"].isReadOnly()
    assert not details.add_button.isEnabled() and details.add_button.toolTip() == HOSPITALS
    target = named(opened, QComboBox, "目标级别")
    assert not target.isEnabled() and target.toolTip() == HOSPITALS


def test_evidence_can_be_looked_at(opened: MainWindow, experts: Session) -> None:
    (piece,) = experts.assessment.evidence
    opened.go_to(f"evidence:{piece}")
    shown = opened.page
    assert isinstance(shown, EvidencePage)
    assert shown.preview.piece is not None and shown.form.title.isReadOnly()
    for made in (shown._add, shown._paste_button, shown._remove_button):
        assert not made.isEnabled() and made.toolTip() == HOSPITALS
    assert not shown.preview._cover.isVisible()


def test_menus_say_why(opened: MainWindow, empty_session: Session) -> None:
    for key in ("submit", "hospital", "answers_import", "official_import", "snapshots"):
        assert not opened.commands[key].isEnabled() and HOSPITALS in opened.commands[key].toolTip(), key
    assert opened.commands["answers_export"].isEnabled()


def test_another_workspace_may_be_changed_again(opened: MainWindow, empty_session: Session, experts: Session) -> None:
    opened.go_to("page:evidence")
    opened.context.set_session(empty_session)
    assert opened.commands["submit"].isEnabled()
    opened.go_to("page:evidence")
    shown = opened.page
    assert isinstance(shown, EvidencePage)
    assert shown._add.isEnabled() and HOSPITALS not in shown._add.toolTip()
    assert not opened._whose.isVisible()
    opened.context.set_session(experts)


def test_a_package_is_asked_about_once(
    qtbot: QtBot, opened: MainWindow, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "choose", lambda _parent, _title, text, *_, **__: asked.append(text) or "")
    opened.commands.open_file(package)
    qtbot.waitUntil(lambda: bool(asked), timeout=20_000)
    assert "要怎样打开" in asked[0]
