"""The clauses page, driven by keys and mouse."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import EvidenceKind
from emrassess.errors import StorageError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.pages.clauses import ClausesPage
from emrassess.gui.widgets.clause_details import DEMONSTRATION, NOTE
from emrassess.gui.widgets.shares import Place
from emrassess.services import answering, history
from emrassess.services.session import Session, close, open_workspace

CLAUSE = "01.01.4(1)"
FIRST = "01.01.1(1)"


@pytest.fixture
def page(qtbot: QtBot, context: Context, session: Session) -> Iterator[ClausesPage]:
    context.set_session(session)
    made = ClausesPage(context)
    qtbot.addWidget(made)
    made.resize(1226, 660)
    context.changed.connect(made.refresh)
    made.show_session()
    with qtbot.waitActive(made):
        made.show()
    made.show_target(f"clause:{CLAUSE}")
    yield made
    made.flush()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    pressed = Qt.Key(ord(key.upper())) if isinstance(key, str) else key
    QTest.keyClick(focused(), pressed, modifier)


def saved(qtbot: QtBot, page: ClausesPage, act: Callable[[], object]) -> None:
    """Do something that saves, and wait until it is saved and shown."""
    with qtbot.waitSignal(page.context.changed):
        act()


def verdict(session: Session, clause: str = CLAUSE) -> Verdict:
    return session.assessment.answer(clause).verdict


@pytest.mark.parametrize(
    ("key", "given"), [("2", Verdict.PARTIAL), ("3", Verdict.UNMET), ("0", Verdict.NOT_ASSESSED), ("1", Verdict.MET)]
)
def test_a_key_answers_and_stays(qtbot: QtBot, page: ClausesPage, session: Session, key: str, given: Verdict) -> None:
    answering.set_verdict(session, [CLAUSE], Verdict.PARTIAL if given is Verdict.MET else Verdict.MET)
    saved(qtbot, page, lambda: press(key))
    assert verdict(session) is given
    assert page.clause == CLAUSE
    card = page.list.card
    assert card is not None
    assert card.verdicts.buttons[given].isChecked()


def test_a_click_on_another_card_takes_it_in_hand_and_answers(
    qtbot: QtBot, page: ClausesPage, session: Session
) -> None:
    press("j")
    other = page.clause
    press("k")
    card = page.list._shown[other]
    saved(qtbot, page, lambda: QTest.mouseClick(card.verdicts.buttons[Verdict.UNMET], Qt.MouseButton.LeftButton))
    assert page.clause == other
    assert verdict(session, other) is Verdict.UNMET


def test_keys_move_between_clauses_and_cross_items(page: ClausesPage, session: Session) -> None:
    page.show_target(f"clause:{FIRST}")
    press(Qt.Key.Key_K)
    assert page.clause == FIRST
    assert page._notice.text() == "已经是第一条。"
    press(Qt.Key.Key_Down)
    assert page.clause == "01.01.1(2)"
    press(Qt.Key.Key_Up)
    assert page.clause == FIRST
    for _ in session.pack.item_by_code["01.01"].clauses_through(4):
        press(Qt.Key.Key_J)
    assert page.clause == "01.02.1(1)"
    assert page.item == "01.02"
    press(Qt.Key.Key_K)
    assert page.item == "01.01"


def test_another_item_is_shown_from_its_top(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    area = next(area for area in page.side.findChildren(QScrollArea) if area.widget() is page.panel)
    for item in session.pack.items[:6]:
        page.panel.shares.findChildren(QLineEdit)[0].setFocus()
        page.show_target(f"clause:{item.clauses_through(5)[-1].id}")
        qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
        assert area.verticalScrollBar().value() == 0, item.code


def test_n_goes_to_the_next_unanswered(page: ClausesPage, session: Session) -> None:
    press("n")
    assert verdict(session, page.clause) is Verdict.NOT_ASSESSED
    first = page.clause
    press("n")
    assert page.clause != first


def test_keys_are_letters_in_a_text_field_and_escape_leaves_it(
    qtbot: QtBot, page: ClausesPage, session: Session
) -> None:
    field = page.details.fields[NOTE]
    field.setFocus()
    before = verdict(session)
    QTest.keyClicks(field, "j3n")
    assert page.clause == CLAUSE
    saved(qtbot, page, lambda: press(Qt.Key.Key_Escape))
    assert verdict(session) is before
    assert session.assessment.answer(CLAUSE).note == "j3n"
    assert focused() is page.list.card


def test_a_pause_in_typing_saves(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    field = page.details.fields[DEMONSTRATION]
    field.setFocus()
    saved(qtbot, page, lambda: QTest.keyClicks(field, "HIS"))
    assert session.assessment.answer(CLAUSE).demonstration == "HIS"
    assert field.hasFocus()


def test_going_on_saves_the_note_of_the_clause_before(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    field = page.details.fields[NOTE]
    field.setFocus()
    QTest.keyClicks(field, "abc")
    saved(qtbot, page, lambda: page.show_target(f"clause:{FIRST}"))
    assert session.assessment.answer(CLAUSE).note == "abc"
    assert session.assessment.answer(FIRST).note == ""
    assert page.details.fields[NOTE].toPlainText() == ""


def test_a_failed_save_keeps_the_text_and_says_so(
    qtbot: QtBot, page: ClausesPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("磁盘已满", "请腾出空间")

    field = page.details.fields[NOTE]
    with monkeypatch.context() as broken:
        broken.setattr(session.workspace, "apply", full)
        field.setFocus()
        QTest.keyClicks(field, "abc")
        with qtbot.waitSignal(page.context.operations.failed):
            press(Qt.Key.Key_Escape)
        assert "没有保存：磁盘已满" in page.details._problems[NOTE].text()
        page.show_target(f"clause:{FIRST}")
        assert "没有保存" in page.list._shown[CLAUSE].facts.text()
        page.show_target(f"clause:{CLAUSE}")
        assert field.toPlainText() == "abc"
    field.setFocus()
    saved(qtbot, page, lambda: press(Qt.Key.Key_Escape))
    assert session.assessment.answer(CLAUSE).note == "abc"
    assert not page.details._problems[NOTE].isVisible()


def test_a_failed_verdict_is_said_on_the_card(
    qtbot: QtBot, page: ClausesPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("磁盘已满", "请腾出空间")

    monkeypatch.setattr(session.workspace, "apply", full)
    card = page.list.card
    assert card is not None
    with qtbot.waitSignal(page.context.operations.failed):
        QTest.mouseClick(card.verdicts.buttons[Verdict.UNMET], Qt.MouseButton.LeftButton)
    assert "没有保存：磁盘已满" in card.problem.text()
    assert card.verdicts.buttons[Verdict.MET].isChecked()


def test_undo_shows_what_was_before(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    saved(qtbot, page, lambda: press("3"))
    page.context.operations.write("撤销", history.undo)
    qtbot.waitUntil(lambda: verdict(session) is Verdict.MET)
    card = page.list.card
    assert card is not None
    qtbot.waitUntil(card.verdicts.buttons[Verdict.MET].isChecked)


def picture() -> QImage:
    image = QImage(320, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    return image


def test_a_pasted_screenshot_is_evidence_of_the_clause_in_hand(
    qtbot: QtBot, page: ClausesPage, session: Session
) -> None:
    QGuiApplication.clipboard().setImage(picture())
    saved(qtbot, page, lambda: press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    (piece,) = session.evidence_by_clause[CLAUSE]
    assert piece.title.startswith("截图 20")
    assert piece.kind is EvidenceKind.SCREENSHOT
    assert piece.current.file_name.endswith(".png")
    assert page.details.strip.pieces.rowCount() == 1
    with qtbot.waitSignal(page._thumbnails.ready):
        page.repaint()


def test_a_screenshot_pasted_in_the_note_is_evidence_and_text_is_text(
    qtbot: QtBot, page: ClausesPage, session: Session
) -> None:
    field = page.details.fields[NOTE]
    field.setFocus()
    QGuiApplication.clipboard().setImage(picture())
    saved(qtbot, page, lambda: press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    assert len(session.evidence_by_clause[CLAUSE]) == 1
    QGuiApplication.clipboard().setText("已上线")
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.toPlainText() == "已上线"


def test_pasted_text_is_a_narrative(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    QGuiApplication.clipboard().setText("第一步：开医嘱\n第二步：看药房")
    saved(qtbot, page, lambda: press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    (piece,) = session.evidence_by_clause[CLAUSE]
    assert piece.kind is EvidenceKind.NARRATIVE
    assert piece.title == "第一步：开医嘱"


def test_an_empty_clipboard_is_said(page: ClausesPage) -> None:
    QGuiApplication.clipboard().clear()
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "没有截图" in page._notice.text()


def drop(card: QWidget, mime: QMimeData) -> None:
    at, copy = QPoint(20, 20), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(card, QDragEnterEvent(at, copy, mime, buttons, keys))
    QApplication.sendEvent(card, QDropEvent(QPointF(at), copy, mime, buttons, keys, QEvent.Type.Drop))


def test_files_dropped_on_a_card_prove_it(
    qtbot: QtBot, page: ClausesPage, session: Session, tmp_path: Path, said: list[tuple[str, str]]
) -> None:
    files = [tmp_path / "制度.txt", tmp_path / "空.csv"]
    files[0].write_text("第一条", encoding="utf-8")
    files[1].write_bytes(b"")
    (tmp_path / "文件夹").mkdir()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in (*files, tmp_path / "文件夹", tmp_path / "没有.png")])
    page.show_target(f"clause:{FIRST}")
    card = page.list._shown[CLAUSE]
    saved(qtbot, page, lambda: drop(card, mime))
    assert {piece.current.file_name for piece in session.evidence_by_clause[CLAUSE]} == {"制度.txt", "空.csv"}
    assert page.clause == CLAUSE
    assert [kind for kind, _ in said] == ["warn", "inform"]


def test_delete_takes_a_piece_off_the_clause(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    QGuiApplication.clipboard().setText("说明")
    saved(qtbot, page, lambda: press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    strip = page.details.strip
    strip.setFocus()
    strip.setCurrentIndex(strip.pieces.index(0))
    press(Qt.Key.Key_Return)
    assert page.side.currentWidget() is page.preview
    qtbot.waitUntil(lambda: page.preview.text.toPlainText() == "说明")
    saved(qtbot, page, lambda: press(Qt.Key.Key_Delete))
    assert CLAUSE not in session.evidence_by_clause
    assert len(session.assessment.evidence) == 1


def test_filter_opens_holds_and_clears_by_keys(page: ClausesPage, session: Session) -> None:
    press("f")
    assert focused() is page.filter.group
    page.filter.verdict.setFocus()
    QTest.keyClick(page.filter.verdict, Qt.Key.Key_End)
    unanswered = [c for c in page._order if verdict(session, c) is Verdict.NOT_ASSESSED]
    assert page._order == unanswered
    assert f"（{len(unanswered)} 条）" in page.filter._state.text()
    press(Qt.Key.Key_Escape)
    assert not page.filter.open
    assert page.filter.isVisible()
    press("F", Qt.KeyboardModifier.ShiftModifier)
    assert len(page._order) > len(unanswered)
    assert not page.filter.isVisible()


def test_the_card_in_hand_keeps_its_details_through_filters(qtbot: QtBot, page: ClausesPage) -> None:
    page.filter.verdict.setCurrentIndex(4)
    page.filter.clear()
    card = page.list.card
    assert card is not None
    qtbot.waitUntil(lambda: card.height() > page.details.sizeHint().height())
    assert page.details.height() >= page.details.minimumSizeHint().height()


def test_a_filter_that_leaves_nothing_says_so(page: ClausesPage) -> None:
    page.filter.evidence.setCurrentIndex(3)
    assert page._empty.isVisible()
    press_target = page.filter
    press_target.clear()
    assert not page._empty.isVisible()


def test_an_answered_clause_stays_in_view_under_its_filter(qtbot: QtBot, page: ClausesPage) -> None:
    page.filter.verdict.setCurrentIndex(4)
    here = page.clause
    saved(qtbot, page, lambda: page.writing.give_verdict([here], Verdict.MET))
    assert page.clause == here
    assert here in page.list._shown


def test_going_to_a_hidden_clause_lifts_what_hides_it(page: ClausesPage) -> None:
    page.filter.verdict.setCurrentIndex(3)
    page.show_target("clause:01.01.7(1)")
    assert page.clause == "01.01.7(1)"
    assert page._above.isChecked()


def test_a_whole_level_row_is_met_as_one_step(
    qtbot: QtBot, page: ClausesPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = len(session.undo_stack)
    page._above.setChecked(True)
    saved(qtbot, page, lambda: QTest.mouseClick(page.list._rows[6].meet, Qt.MouseButton.LeftButton))
    row = session.pack.item_by_code["01.01"].by_level[6]
    assert all(verdict(session, clause.id) is Verdict.MET for clause in row.clauses)
    assert len(session.undo_stack) == steps + 1
    answering.set_verdict(session, [row.clauses[0].id], Verdict.UNMET)
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask", lambda *said, **_: asked.append(said[2]) is not None)
    page.writing.meet_rows([row.code])
    assert "1 条已评为" in asked[0]
    assert verdict(session, row.clauses[0].id) is Verdict.UNMET


def test_level_rows_selected_in_the_tree_are_met_together(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    page._above.setChecked(True)
    tree = page.tree
    saved(qtbot, page, lambda: page.tree.meet_rows.emit(["01.01.5", "01.01.6"]))
    assert session.score.items["01.01"].function_level == 6
    tree.expandAll()
    tree.setFocus()
    tree.setCurrentIndex(tree.nodes.index_of("01.02.3"))
    assert page.clause == "01.02.3(1)"
    assert tree.hasFocus()
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert page.clause.startswith("01.02.4")
    saved(qtbot, page, lambda: press("2"))
    assert verdict(session, page.clause) is Verdict.PARTIAL


def test_coverage_is_saved_by_enter_and_the_ladder_follows(qtbot: QtBot, page: ClausesPage, session: Session) -> None:
    field = page.panel.shares.fields[Place("01.01", 4)]
    field.numerator.setFocus()
    QTest.keyClicks(field.numerator, "1")
    QTest.keyClicks(field.denominator, "2")
    saved(qtbot, page, lambda: QTest.keyClick(field.denominator, Qt.Key.Key_Return))
    assert session.assessment.coverage["01.01", 4] == Ratio.counted(1, 2)
    ladder = page.panel.ladder.ladder
    row = [row.level for row in ladder.rows].index(4)
    assert ladder.index(row, 3).data() == "0.50"


def test_a_reason_leads_to_its_field_and_to_its_clause(page: ClausesPage) -> None:
    page.panel.missing.linkActivated.emit("coverage:4")
    assert focused() is page.panel.shares.fields[Place("01.01", 4)].numerator
    page.panel.missing.linkActivated.emit("01.01.2(1)")
    assert page.clause == "01.01.2(1)"


def test_functional_items_say_that_nothing_is_to_be_filled_in(page: ClausesPage) -> None:
    page.show_target("item:10.01")
    assert page.item == "10.01"
    assert not [place for place in page.panel.shares.fields if place.kind == "coverage"]


def test_hints_fold_for_all_clauses(page: ClausesPage) -> None:
    assert page.details.hint.isVisible()
    QTest.mouseClick(page.details.hint_button, Qt.MouseButton.LeftButton)
    press("j")
    assert not page.details.hint.isVisible()
    assert not page.context.preferences.hints


def test_nothing_can_be_changed_in_a_read_only_workspace(
    qtbot: QtBot, context: Context, session: Session, tmp_path: Path
) -> None:
    reader = open_workspace(session.workspace.folder, "李医生", write=False)
    try:
        context.set_session(reader)
        page = ClausesPage(context)
        qtbot.addWidget(page)
        page.show_session()
        with qtbot.waitActive(page):
            page.show()
        page.show_target(f"clause:{CLAUSE}")
        with qtbot.assertNotEmitted(context.changed, wait=50):
            press("3")
        assert page.details.fields[NOTE].isReadOnly()
        assert not page.details.add_button.isEnabled()
    finally:
        close(reader)


def test_without_a_session_the_page_is_empty(qtbot: QtBot, context: Context, page: ClausesPage) -> None:
    context.set_session(None)
    page.show_session()
    page.show_target("clause:01.01.1(1)")
    assert page.clause == ""
    assert page.tree.nodes.rowCount() == 0


def test_the_card_in_hand_is_seen_whatever_the_size_of_text(page: ClausesPage) -> None:
    for scale in (100, 150):
        page.context.theme.set_scale(scale)
        page.show_target("clause:01.01.4(2)")
        card = page.list.card
        assert card is not None
        top = card.mapTo(page.list.viewport(), QPoint(0, 0)).y()
        assert 0 <= top < page.list.viewport().height() - card.requirement.height()
        assert card.width() <= page.list.viewport().width()
    page.context.theme.set_scale(100)


def test_tab_goes_through_the_card_in_hand(page: ClausesPage) -> None:
    for clause in (FIRST, CLAUSE):
        page.show_target(f"clause:{clause}")
        names = []
        for _ in range(9):
            press(Qt.Key.Key_Tab)
            names.append(focused().accessibleName())
        note = names.index("自评说明")
        assert names[note : note + 4] == ["自评说明", "演示路径", "粘贴截图", "添加文件…"], names


def test_a_verdict_key_says_that_the_workspace_is_read_only(
    qtbot: QtBot, context: Context, page: ClausesPage, session: Session
) -> None:
    close(session)
    context.set_session(open_workspace(session.workspace.folder, "王医生", write=False))
    page.show_session()
    page.show_target(f"clause:{CLAUSE}")
    press("1")
    assert "只读" in page._notice.text()
    assert page._notice.isVisible()
    reading = context.session
    assert reading is not None
    close(reading)
