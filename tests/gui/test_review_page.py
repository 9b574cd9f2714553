"""The page 专家核查 in an expert's workspace: by keys and by mouse, what is saved and what is shown."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.errors import StorageError
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.review_scope import Show
from emrassess.gui.pages.review import ReviewPage
from emrassess.gui.phrases_dialog import PhrasesDialog, joined
from emrassess.gui.widgets.review_form import PROBLEM, SEEN, SUGGESTION
from emrassess.services import reviewing
from emrassess.services.phrases import phrases
from emrassess.services.session import Session
from tests.gui.driving import Drive, named, push
from tests.gui.review_samples import closed, drive, experts, focused, package, page, settled, shown
from tests.services.review_samples import A, B, picture

__all__ = ["drive", "experts", "package", "page"]


def press(qtbot: QtBot, page: ReviewPage, *keys: Qt.Key) -> None:
    page.walk.take_focus()
    for key in keys:
        QTest.keyClick(focused(), key)
        settled(qtbot, page)


def test_it_opens_on_the_first_clause_of_the_route(page: ReviewPage) -> None:
    walk = page.walk
    assert walk.clause == "01.01.1(1)" and walk.route.tree.hasFocus()
    assert walk.side.claim.requirement.text()
    assert walk.route.rows.stops[0].code == "ward"
    assert walk.form.place.currentText() == "病房"
    assert page._who.text() == "专家甲 · 病房组 · 现场核查"
    assert walk.route.group.currentText() == "病房组（我的组）"


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (Qt.Key.Key_1, ExpertVerdict.CONFIRMED),
        (Qt.Key.Key_2, ExpertVerdict.PARTLY),
        (Qt.Key.Key_3, ExpertVerdict.NOT_CONFIRMED),
        (Qt.Key.Key_4, ExpertVerdict.NOT_SHOWN),
    ],
)
def test_keys_give_a_verdict_with_place_and_name(
    qtbot: QtBot, page: ReviewPage, experts: Session, key: Qt.Key, verdict: ExpertVerdict
) -> None:
    page.walk.reach(A)
    press(qtbot, page, key)
    said = experts.assessment.opinion(A)
    assert (said.verdict, said.by, said.place, said.group) == (verdict, "专家甲", "ward", "ward")
    assert page.walk.form.verdicts.buttons[verdict].isChecked()
    press(qtbot, page, Qt.Key.Key_0)
    assert A not in experts.assessment.opinions


def test_the_next_open_clause_is_one_key(qtbot: QtBot, page: ReviewPage) -> None:
    way = page.walk.route.rows.way
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_J)
    assert page.walk.clause == way[1]
    press(qtbot, page, Qt.Key.Key_K)
    assert page.walk.clause == way[0]
    press(qtbot, page, Qt.Key.Key_K)
    assert "第一条" in page.walk._notice.text()
    press(qtbot, page, Qt.Key.Key_J, Qt.Key.Key_2, Qt.Key.Key_K, Qt.Key.Key_N)
    assert page.walk.clause == way[2]
    assert page.walk.route.count.text().startswith(f"已核查 2/{len(way)} 条，问题 1 个")
    QTest.mouseClick(page.walk.back, Qt.MouseButton.LeftButton)
    assert page.walk.clause == way[1]


def test_buttons_and_route_by_mouse(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    tree = page.walk.route.tree
    index = page.walk.route.rows.index_of(B)
    tree.scrollTo(index)
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(index).center())
    assert page.walk.clause == B
    QTest.mouseClick(page.walk.form.verdicts.buttons[ExpertVerdict.PARTLY], Qt.MouseButton.LeftButton)
    settled(qtbot, page)
    assert experts.assessment.opinion(B).verdict is ExpertVerdict.PARTLY


def test_what_is_typed_is_saved_and_undone(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    page.walk.reach(A)
    press(qtbot, page, Qt.Key.Key_W)
    field = page.walk.form.texts[PROBLEM]
    assert field.hasFocus()
    QTest.keyClicks(field, "no time 1")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    settled(qtbot, page)
    assert experts.assessment.opinion(A).problem == "no time 1"
    assert page.walk.route.tree.hasFocus()
    page.walk.form.severity.setCurrentIndex(1)
    page.walk.form.severity.activated.emit(1)
    settled(qtbot, page)
    assert experts.assessment.opinion(A).severity is Severity.SERIOUS
    window = page.window()
    assert isinstance(window, MainWindow)
    for _ in range(2):
        window.commands["undo"].trigger()
        settled(qtbot, page)
    assert A not in experts.assessment.opinions and field.toPlainText() == ""
    window.commands["redo"].trigger()
    settled(qtbot, page)
    assert field.toPlainText() == "no time 1"


def test_another_place_goes_along_or_is_saved(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    page.walk.reach(A)
    place = page.walk.form.place
    place.setEditText("三楼护士站")
    page.walk.form.place_text.editingFinished.emit()
    settled(qtbot, page)
    assert A not in experts.assessment.opinions
    press(qtbot, page, Qt.Key.Key_1)
    assert experts.assessment.opinion(A).place == "三楼护士站"
    place.setEditText("检验科")
    page.walk.form.place_text.editingFinished.emit()
    settled(qtbot, page)
    assert experts.assessment.opinion(A).place == "laboratory"


def test_a_failed_save_keeps_what_was_typed(
    qtbot: QtBot, page: ReviewPage, experts: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageError("磁盘满了", "请腾出空间。")

    page.walk.reach(A)
    with monkeypatch.context() as broken:
        broken.setattr(experts.workspace, "apply", full)
        page.walk.form.texts[SEEN].setPlainText("看了五份")
        page.walk.flush()
        settled(qtbot, page)
        press(qtbot, page, Qt.Key.Key_3)
        assert page.walk.form.verdicts.buttons[ExpertVerdict.OPEN].isChecked()
        page.walk.take(B)
    page.walk.take(A)
    form = page.walk.form
    assert form.texts[SEEN].toPlainText() == "看了五份"
    assert "没有保存：磁盘满了" in form._problems[SEEN].text() and form._problems[SEEN].isVisible()
    window = page.window()
    assert isinstance(window, MainWindow)
    window._banner.retry()
    settled(qtbot, page)
    assert experts.assessment.opinion(A).seen == "看了五份"
    assert experts.assessment.opinion(A).verdict is ExpertVerdict.NOT_CONFIRMED
    assert not form._problems[SEEN].isVisible()


# --- photos


def test_a_screenshot_is_pasted_and_deleted(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    page.walk.reach(A)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    QGuiApplication.clipboard().setImage(image)
    page.walk.take_focus()
    QTest.keyClick(focused(), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, page)
    (photo,) = experts.assessment.photos.values()
    assert photo.clauses == (A,) and photo.file_name.startswith("截图")
    strip = page.walk.form.strip
    assert strip.isVisible() and strip.pieces.rowCount() == 1
    strip.setFocus()
    strip.setCurrentIndex(strip.pieces.index(0))
    QTest.keyClick(strip, Qt.Key.Key_Return)
    assert page.walk.side.previewing and page.walk.side.preview.piece is not None
    QTest.keyClick(page.walk.side.preview, Qt.Key.Key_Escape)
    assert not page.walk.side.previewing
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    settled(qtbot, page)
    assert not experts.assessment.photos


def test_photos_are_picked_and_dropped(
    qtbot: QtBot, page: ReviewPage, experts: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    said: list[tuple[str, str]],
) -> None:  # fmt: skip
    page.walk.reach(A)
    (tmp_path / "一.png").write_bytes(picture())
    (tmp_path / "二.png").write_bytes(picture((1, 2, 3)))
    (tmp_path / "三.txt").write_text("字")
    monkeypatch.setattr(dialogs, "open_files", lambda *_: [tmp_path / "一.png"])
    press(qtbot, page, Qt.Key.Key_Insert)
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(tmp_path / "二.png"))])
    page.walk._take_in(dropped)
    settled(qtbot, page)
    assert {photo.file_name for photo in experts.assessment.photos.values()} == {"一.png", "二.png"}
    dropped.setUrls([QUrl.fromLocalFile(str(tmp_path / "三.txt"))])
    page.walk._take_in(dropped)
    settled(qtbot, page)
    assert "不是图片" in said[-1][1] and len(experts.assessment.photos) == 2


# --- phrases


def test_a_common_finding_fills_problem_and_suggestion(
    qtbot: QtBot, page: ReviewPage, experts: Session, drive: Drive
) -> None:
    page.walk.reach(A)
    first = phrases()[0]

    def choose(dialog: PhrasesDialog) -> None:
        dialog.search.setText(first.text)
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)

    drive(choose)
    press(qtbot, page, Qt.Key.Key_P)
    said = experts.assessment.opinion(A)
    assert (said.problem, said.suggestion) == (first.text, first.suggestion)
    assert page.walk.form.texts[SUGGESTION].toPlainText() == first.suggestion
    qtbot.waitUntil(lambda: phrases(first.text)[0].used == 1, timeout=10_000)


def test_what_is_written_is_remembered_and_can_be_forgotten(qtbot: QtBot, page: ReviewPage, drive: Drive) -> None:
    page.walk.reach(A)
    field = page.walk.form.texts[PROBLEM]
    field.setPlainText("叫号屏没有接入系统")
    press(qtbot, page, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: bool(phrases("叫号屏")), timeout=10_000)

    def forget(dialog: PhrasesDialog) -> None:
        dialog.search.setText("叫号屏")
        push(qtbot, dialog, "忘掉这条")
        assert not named(dialog, QPushButton, "采用").isEnabled()
        dialog.reject()

    drive(forget)
    press(qtbot, page, Qt.Key.Key_P)
    assert not phrases("叫号屏")


def test_a_phrase_joins_what_is_written() -> None:
    assert joined("", "甲") == "甲"
    assert joined("甲", "乙") == "甲\n乙"
    assert joined("甲\n乙", "乙") == "甲\n乙"
    assert joined("甲", "") == "甲"


# --- filter, large type


def test_the_filter_and_groups(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    route = page.walk.route
    press(qtbot, page, Qt.Key.Key_F)
    assert route.show_what.hasFocus()
    route.choose(Show.CLAIMED)
    route.filtered.emit()
    assert set(route.rows.way) == {A, B, "01.02.3(1)"}
    route.choose(Show.PROBLEMS)
    route.filtered.emit()
    assert page.walk._empty.isVisible() and page.walk.clause == ""
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_J, Qt.Key.Key_N)
    assert not experts.assessment.opinions
    route.choose(Show.ALL, "outpatient")
    route.filtered.emit()
    assert route.rows.stops[0].code == "outpatient"
    page.show_target(f"page:review/{A}")
    assert page.walk.clause == A


def test_large_type_for_fingers(qtbot: QtBot, page: ReviewPage) -> None:
    walk = page.walk
    small = walk.side.claim.requirement.fontMetrics().height()
    press(qtbot, page, Qt.Key.Key_L)
    assert walk.side.claim.requirement.fontMetrics().height() > 1.3 * small
    assert not walk.route.isVisible() and page.context.preferences.large
    buttons = [*walk.form.verdicts.buttons.values(), walk.back, walk.on, walk.next_one, walk.large_button,
               walk.form.phrases, walk.form.severity, walk.form.place, walk.form.add_button]  # fmt: skip
    QApplication.processEvents()
    assert min(made.height() for made in buttons) >= 44
    press(qtbot, page, Qt.Key.Key_M)
    assert walk.route.isVisible()
    QTest.mouseClick(walk.large_button, Qt.MouseButton.LeftButton)
    assert walk.side.claim.requirement.fontMetrics().height() == small


def test_the_route_model_is_sound(page: ReviewPage) -> None:
    QAbstractItemModelTester(page.walk.route.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert page.walk.route.rows.rowCount() > 1


# --- the score


def test_the_score_as_verified_names_the_claims_that_fell(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    reviewing.record(experts, A, verdict=ExpertVerdict.NOT_CONFIRMED, problem="没有")
    page.tabs.setCurrentWidget(page.score)
    qtbot.waitUntil(lambda: page.score.fallen.rowCount() == 1, timeout=10_000)
    assert page.score.headline.text() == "目标 4 级：自评未达到"
    assert page.score.groups.rowCount() == 4
    table = page.score.fallen_table
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(0, 0)).center()
    )
    assert page.tabs.currentWidget() is page.walk and page.walk.clause == A


def test_what_is_shown_follows_while_the_score_is_in_view(qtbot: QtBot, page: ReviewPage, experts: Session) -> None:
    page.tabs.setCurrentWidget(page.score)
    qtbot.waitUntil(lambda: page.score.groups.rowCount() == 4, timeout=10_000)
    page.walk.writing.give_verdict(A, ExpertVerdict.PARTLY, "ward")
    qtbot.waitUntil(lambda: page.score.fallen.rowCount() == 1, timeout=10_000)


def test_many_opinions_and_photos_open_at_once(qtbot: QtBot, window: MainWindow, experts: Session) -> None:
    """Thumbnails come later: nothing is read of photos that are not in view."""
    for number, clause in enumerate(experts.pack.clause_by_id):
        if number % 20 == 0:
            reviewing.add_photos(experts, clause, [(picture((number % 250, 1, 2)), f"{number}.png")])
    page = shown(qtbot, window, experts)
    assert page.walk.side.isVisible()
    assert page.walk.form.strip.pieces.rowCount() == 1
    closed(window)
