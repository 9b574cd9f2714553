"""Where the official wording stands once it is imported: sources, standard, clause card, and the package if wanted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextBrowser
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs, edition_upgrade, quality_import
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.pages import reports
from emrassess.gui.pages.reports import ReportsPage
from emrassess.gui.pages.standard import StandardPage
from emrassess.gui.widgets.clause_card import ClauseCard
from emrassess.gui.widgets.standard_sources import StandardSources
from emrassess.packs.library import PackRef
from emrassess.services import editions, official
from emrassess.services.official import propose, take_over
from emrassess.services.session import Session, close, open_workspace
from tests.gui.official import choose, imported, push, take, words
from tests.packs.official.samples import clause_text

CLAUSE = "01.01.4(1)"


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, session: Session) -> Iterator[MainWindow]:
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window


# --- the sources


@pytest.fixture
def page(qtbot: QtBot, context: Context, session: Session) -> Iterator[StandardPage]:
    context.set_session(session)
    made = StandardPage(context)
    qtbot.addWidget(made)
    context.changed.connect(made.refresh)
    made.resize(1226, 660)
    made.show_session()
    made.show()
    made.show_target("page:standard/sources")
    yield made


def sources_of(page: StandardPage) -> StandardSources:
    found = page.findChild(StandardSources)
    assert found is not None and found.isVisible()
    return found


def test_the_sources_tell_the_document_and_the_pack(
    qtbot: QtBot, page: StandardPage, context: Context, session: Session, official_file: Path
) -> None:
    sources = sources_of(page)
    empty = words(sources)
    assert "还没有导入官方文件" in empty and "标准.docx" not in empty
    assert session.pack.digest[:12] in empty and session.pack.digest not in empty
    assert "还缺什么" in empty and "待核对" in empty
    assert not sources.forget.isVisible()
    imported(qtbot, context, session, official_file)
    qtbot.waitUntil(lambda: "标准.docx" in words(sources))
    full = words(sources)
    assert "电子病历系统应用水平分级评价标准（试行）" in full and "，王医生" in full
    assert "还没有导入" not in full and sources.bring.text() == "再次导入…"
    assert "全部已在本工作区确认" in full


def test_import_starts_from_the_sources_too(
    qtbot: QtBot, page: StandardPage, context: Context, session: Session, official_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    choose(monkeypatch, official_file, take)
    with qtbot.waitSignal(context.changed, timeout=20_000):
        QTest.keyClick(sources_of(page).bring, Qt.Key.Key_Space)
    assert session.assessment.wording


def test_the_wording_is_taken_out_only_when_asked(
    qtbot: QtBot, page: StandardPage, context: Context, session: Session, official_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    imported(qtbot, context, session, official_file)
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask", lambda _parent, _title, text, _detail, **_: asked.append(text))
    push(page, "移除原文")
    assert f"{len(session.assessment.wording)} 条" in asked[0] and session.assessment.wording
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: True)
    with qtbot.waitSignal(context.changed, timeout=20_000):
        push(page, "移除原文")
    assert not session.assessment.wording and session.assessment.categories
    assert "还没有导入官方文件" in words(sources_of(page))


def test_a_reader_takes_nothing_out(qtbot: QtBot, context: Context, session: Session, official_file: Path) -> None:
    take_over(session, propose(session, official_file))
    reader = open_workspace(session.workspace.folder, "李护士", write=False)
    context.set_session(reader)
    made = StandardSources(context)
    qtbot.addWidget(made)
    made.show_session()
    made.show()
    assert made.forget.isVisible() and not made.forget.isEnabled()
    context.set_session(None)
    close(reader)


def test_a_newer_edition_is_named(
    qtbot: QtBot, page: StandardPage, context: Context, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = sources_of(page)
    assert "有新版" not in words(sources)
    newer = PackRef(session.pack.id, "2.0", "编造的新版", Path(), shipped=False)
    monkeypatch.setattr(editions, "offers", lambda _session: newer)
    page.show_target("page:standard/pack")
    page.show_target("page:standard/sources")
    qtbot.waitUntil(lambda: "有新版：编造的新版 2.0 版" in words(sources))


def test_its_buttons_lead_on(page: StandardPage, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, Context]] = []
    monkeypatch.setattr(edition_upgrade, "start_upgrade", lambda context, _parent: begun.append(("upgrade", context)))
    monkeypatch.setattr(
        quality_import, "start_quality_import", lambda context, _parent: begun.append(("quality", context))
    )
    push(page, "升级到新版…")
    push(page, "导入新的数据质量表…")
    assert begun == [("upgrade", context), ("quality", context)]


# --- beside the pack's own words


def test_the_standard_shows_both_wordings(
    qtbot: QtBot, page: StandardPage, context: Context, session: Session, official_file: Path
) -> None:
    page.show_target("page:standard/01.01.4")
    text = page.findChild(QTextBrowser)
    assert text is not None and "官方原文" not in text.toPlainText()
    imported(qtbot, context, session, official_file)
    assert session.pack.clause_by_id[CLAUSE].text in text.toPlainText()
    assert f"官方原文 {clause_text(CLAUSE)}" in text.toPlainText()


def card_of(window: MainWindow, clause: str) -> ClauseCard:
    return next(c for c in window.findChildren(ClauseCard) if c.clause and c.clause.id == clause and c.isVisible())


def test_the_card_shows_the_official_wording_beside_ours(
    qtbot: QtBot, opened: MainWindow, session: Session, official_file: Path
) -> None:
    opened.go_to(f"clause:{CLAUSE}")
    card = card_of(opened, CLAUSE)
    assert not card.wording.isVisible() and clause_text(CLAUSE) not in card.accessibleDescription()
    opened.go_to("page:standard/sources")
    imported(qtbot, opened.context, session, official_file)
    opened.go_to(f"clause:{CLAUSE}")
    card = card_of(opened, CLAUSE)
    assert card.wording.isVisible() and card.wording.text.text() == clause_text(CLAUSE)
    assert card.requirement.text() == session.pack.clause_by_id[CLAUSE].text
    assert clause_text(CLAUSE) in card.accessibleDescription()
    with qtbot.waitSignal(opened.context.changed, timeout=20_000):
        opened.commands.trigger("undo")
    assert not card_of(opened, CLAUSE).wording.isVisible()


def test_the_official_wording_is_selected_with_the_mouse_and_takes_its_clause(
    qtbot: QtBot, opened: MainWindow, session: Session, official_file: Path
) -> None:
    take_over(session, propose(session, official_file))
    opened.go_to(f"clause:{CLAUSE}")
    other = card_of(opened, "01.01.4(2)")
    text = other.wording.text
    QTest.mouseClick(text, Qt.MouseButton.LeftButton)
    assert opened.page is not None and opened.page.clause == "01.01.4(2)"  # type: ignore[attr-defined]
    QTest.mouseDClick(text, Qt.MouseButton.LeftButton, pos=QPoint(30, text.height() // 2))
    assert text.selectedText() == "编造的要求" and QApplication.focusWidget() is text
    QTest.keyClick(text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == text.selectedText()
    with qtbot.waitSignal(opened.context.changed):
        QTest.keyClick(text, Qt.Key.Key_1)
    assert "01.01.4(2)" in session.assessment.answers


# --- into the package only where wanted


@pytest.mark.parametrize("wanted", [False, True])
def test_the_package_takes_the_wording_along_where_wanted(
    qtbot: QtBot, context: Context, session: Session, official_file: Path, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path, wanted: bool,
) -> None:  # fmt: skip
    given: list[dict[str, object]] = []

    def write(_session: Session, _out: Path, progress: object, **extra: object) -> None:
        given.append(extra)

    faked = tuple(replace(output, writer=lambda: write) for output in reports.OUTPUTS)
    monkeypatch.setattr(reports, "OUTPUTS", faked)
    monkeypatch.setattr(dialogs, "save_file", lambda *_: tmp_path / "包.zip")
    context.set_session(session)
    made = ReportsPage(context)
    qtbot.addWidget(made)
    context.changed.connect(made.refresh)
    made.show_session()
    made.show()
    assert not made.with_wording.isVisible()
    imported(qtbot, context, session, official_file)
    assert made.with_wording.isVisible() and not made.with_wording.isChecked()
    assert "官方文件" in made.with_wording.toolTip()
    if wanted:
        QTest.keyClick(made.with_wording, Qt.Key.Key_Space)
    with qtbot.waitSignal(context.operations.ended):
        push(made, "生成材料包…")
    with qtbot.waitSignal(context.operations.ended):
        push(made, "写 PDF 报告…")
    assert [options.get("with_wording", False) for options in given] == [wanted, False]


def test_the_choice_goes_with_the_wording(
    qtbot: QtBot, context: Context, session: Session, official_file: Path
) -> None:
    context.set_session(session)
    made = ReportsPage(context)
    qtbot.addWidget(made)
    context.changed.connect(made.refresh)
    made.show_session()
    made.show()
    imported(qtbot, context, session, official_file)
    made.with_wording.setChecked(True)
    with qtbot.waitSignal(context.changed, timeout=20_000):
        context.operations.write("移除", official.forget_wording)
    assert not made.with_wording.isVisible() and not made.with_wording.isChecked()
