"""Drawing boxes over names: the dialog by mouse and by keys, and the ways into it."""

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.assessment import Box, Evidence
from emrassess.errors import UserError
from emrassess.gui import dialogs, mask_editor
from emrassess.gui.context import Context
from emrassess.gui.mask_editor import MaskEditor, can_mask, edit_masks
from emrassess.gui.models.evidence_strip import EvidenceStripModel, StripRole
from emrassess.gui.models.mask_boxes import MaskBoxes
from emrassess.gui.pages.clauses import ClausesPage
from emrassess.gui.pages.evidence import EvidencePage
from emrassess.services import history, masking
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session, open_workspace

CLAUSE = "01.01.4(1)"
CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
HALF = Box(0.25, 0.25, 0.5, 0.5)


def png(width: int = 400, height: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def piece(session: Session) -> Evidence:
    (added,) = add_evidence(session, [NewEvidence(png(), "医嘱.png", "医嘱界面")], [CLAUSE]).evidence
    return session.assessment.evidence[added]


Open = Callable[..., MaskEditor]


@pytest.fixture
def opened(qtbot: QtBot, context: Context, session: Session, piece: Evidence) -> Iterator[Open]:
    """Opens the editor and waits for the picture; its zoom is then 1, so that pixels are easy to count."""

    def open_editor(*boxes: Box, wait: bool = True) -> MaskEditor:
        if boxes:
            masking.mask(session, piece.id, boxes)
        context.set_session(session)
        editor = MaskEditor(context, session, session.assessment.evidence[piece.id])
        # Closed as it is, it would ask whether to drop what is drawn.
        qtbot.addWidget(editor, before_close_func=lambda _: editor.boxes.start(editor._piece.current.masks))
        with qtbot.waitActive(editor):
            editor.show()
        if wait:
            qtbot.waitUntil(editor.canvas.isEnabled)
            editor._zoom_by(1 / editor.canvas.zoom)
            assert (editor.canvas.width(), editor.canvas.height()) == (400, 300)
        return editor

    yield open_editor


def drag(canvas: QWidget, start: tuple[int, int], end: tuple[int, int], *, drop: bool = True) -> None:
    """Drag with the left button, as a hand does: in several moves."""
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NONE, QPoint(*start))
    for part in (1, 2, 3, 4):
        at = QPoint(start[0] + (end[0] - start[0]) * part // 4, start[1] + (end[1] - start[1]) * part // 4)
        QTest.mouseMove(canvas, at)
    if drop:
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, QPoint(*end))


def hover(canvas: QWidget, at: tuple[int, int]) -> None:
    """Move the mouse without a button; QTest would move the pointer of a screen that is not there."""
    spot, none = QPointF(*at), Qt.MouseButton.NoButton
    QApplication.sendEvent(canvas, QMouseEvent(QEvent.Type.MouseMove, spot, canvas.mapToGlobal(spot), none, none, NONE))


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifier)


def pixels(editor: MaskEditor) -> list[tuple[int, int, int, int]]:
    """The boxes as left, top, width, height in pixels of the 400 x 300 picture."""
    return [
        (round(box.x * 400), round(box.y * 300), round(box.w * 400), round(box.h * 300)) for box in editor.boxes.boxes
    ]


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


# --- by mouse


def test_boxes_are_drawn_moved_resized_and_deleted(opened: Open) -> None:
    editor = opened()
    canvas = editor.canvas
    drag(canvas, (100, 60), (20, 30))
    assert pixels(editor) == [(20, 30, 80, 30)] and editor.boxes.current == 0
    assert editor.list.currentIndex().data() == "第 1 处　左 5% 上 10% 宽 20% 高 10%"
    drag(canvas, (200, 150), (300, 250))
    assert pixels(editor)[1] == (200, 150, 100, 100) and editor._count.text() == "遮盖框（2）"
    drag(canvas, (250, 200), (260, 180))
    assert pixels(editor)[1] == (210, 130, 100, 100)
    for start, end, wanted in (
        ((210, 130), (200, 120), (200, 120, 110, 110)),
        ((310, 230), (320, 240), (200, 120, 120, 120)),
        ((260, 120), (260, 140), (200, 140, 120, 100)),
        ((320, 190), (300, 190), (200, 140, 100, 100)),
        ((200, 240), (0, 400), (0, 140, 300, 160)),
    ):
        drag(canvas, start, end)
        assert pixels(editor)[1] == wanted
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, NONE, QPoint(50, 45))
    assert editor.boxes.current == 0
    click(editor._remove)
    assert pixels(editor) == [(0, 140, 300, 160)]
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, NONE, QPoint(390, 20))
    assert editor.boxes.current == -1 and len(editor.boxes.boxes) == 1 and not editor._remove.isEnabled()


def test_a_box_stays_within_the_picture(opened: Open) -> None:
    editor = opened(HALF)
    drag(editor.canvas, (200, 150), (900, 900))
    assert pixels(editor) == [(200, 150, 200, 150)]
    drag(editor.canvas, (300, 225), (-900, 225))
    assert pixels(editor) == [(0, 150, 200, 150)]
    drag(editor.canvas, (200, 300), (-50, -50))
    assert pixels(editor) == [(0, 150, 2, 2)]
    drag(editor.canvas, (350, 20), (700, -40))
    assert pixels(editor)[1] == (350, 0, 50, 20)


def test_the_pointer_says_what_it_would_do(opened: Open) -> None:
    editor = opened(HALF)
    editor.boxes.choose(0)
    for at, wanted in (
        ((20, 20), Qt.CursorShape.CrossCursor),
        ((200, 150), Qt.CursorShape.SizeAllCursor),
        ((100, 75), Qt.CursorShape.SizeFDiagCursor),
        ((300, 75), Qt.CursorShape.SizeBDiagCursor),
        ((200, 75), Qt.CursorShape.SizeVerCursor),
        ((300, 150), Qt.CursorShape.SizeHorCursor),
    ):
        hover(editor.canvas, at)
        assert editor.canvas.cursor().shape() == wanted, at


def test_escape_gives_a_drag_up_and_nothing_else_happens_in_it(opened: Open) -> None:
    editor = opened(HALF)
    drag(editor.canvas, (200, 150), (240, 190), drop=False)
    assert pixels(editor) == [(140, 115, 200, 150)]
    for key, modifier in ((Qt.Key.Key_Delete, NONE), (Qt.Key.Key_Z, CTRL), (Qt.Key.Key_Left, NONE)):
        press(key, modifier)
    assert len(editor.boxes.boxes) == 1
    press(Qt.Key.Key_Escape)
    assert pixels(editor) == [(100, 75, 200, 150)] and editor.isVisible() and not editor._undo.isEnabled()
    QTest.mouseRelease(editor.canvas, Qt.MouseButton.LeftButton, NONE, QPoint(240, 190))
    drag(editor.canvas, (10, 10), (50, 50), drop=False)
    press(Qt.Key.Key_Escape)
    QTest.mouseRelease(editor.canvas, Qt.MouseButton.LeftButton, NONE, QPoint(50, 50))
    assert len(editor.boxes.boxes) == 1


# --- by keys


def test_everything_goes_by_keys(opened: Open) -> None:
    editor = opened()
    editor._fit_in()
    editor._zoom_by(1 / editor.canvas.zoom)
    editor._add.setFocus()
    press(Qt.Key.Key_Space)
    assert pixels(editor) == [(160, 120, 80, 60)] and editor.canvas.hasFocus()
    press(Qt.Key.Key_Left)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Right, CTRL)
    assert pixels(editor) == [(156, 125, 80, 60)]
    press(Qt.Key.Key_Right, SHIFT)
    press(Qt.Key.Key_Up, SHIFT)
    press(Qt.Key.Key_Down, SHIFT | CTRL)
    assert pixels(editor) == [(156, 125, 85, 56)]
    editor._add.setFocus()
    press(Qt.Key.Key_Space)
    editor._add.setFocus()
    press(Qt.Key.Key_Space)
    editor.list.setFocus()
    editor.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert editor.boxes.current == 0
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Tab)
    assert editor.boxes.current == 2 and editor.canvas.accessibleDescription().startswith("第 3 处")
    press(Qt.Key.Key_Tab)
    assert not editor.canvas.hasFocus()
    editor.canvas.setFocus(Qt.FocusReason.BacktabFocusReason)
    press(Qt.Key.Key_Backtab, SHIFT)
    assert editor.boxes.current == 1
    press(Qt.Key.Key_Delete)
    assert len(editor.boxes.boxes) == 2


def test_the_list_chooses_and_deletes(opened: Open) -> None:
    editor = opened(HALF, Box(0, 0, 0.1, 0.1))
    editor.list.setFocus()
    editor.boxes.choose(0)
    press(Qt.Key.Key_Down)
    assert editor.boxes.current == 1
    press(Qt.Key.Key_Delete)
    assert editor.boxes.boxes == (HALF,) and editor.list.currentIndex().row() == 0


def test_undo_takes_back_step_by_step(opened: Open) -> None:
    editor = opened(HALF)
    drag(editor.canvas, (10, 10), (50, 50))
    drag(editor.canvas, (30, 30), (40, 30))
    for _ in range(5):
        press(Qt.Key.Key_Right)
    press(Qt.Key.Key_Down, SHIFT)
    press(Qt.Key.Key_Delete)
    counts = []
    while editor._undo.isEnabled():
        press(Qt.Key.Key_Z, CTRL)
        counts.append(pixels(editor)[1:])
    assert counts == [[(45, 10, 40, 45)], [(45, 10, 40, 40)], [(20, 10, 40, 40)], [(10, 10, 40, 40)], []]
    assert editor.boxes.boxes == (HALF,) and not editor._save.isEnabled()
    press(Qt.Key.Key_Z, CTRL)


def test_zoom(opened: Open) -> None:
    editor = opened()
    editor.canvas.setFocus()
    press(Qt.Key.Key_Plus)
    assert editor.canvas.zoom == 1.25 and editor._percent.text() == "125%"
    press(Qt.Key.Key_Minus)
    assert editor.canvas.width() == 400
    middle = QPointF(editor.view.viewport().rect().center())
    for _ in range(20):
        wheel = QWheelEvent(
            middle, middle, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, CTRL, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(editor.view.viewport(), wheel)
    assert editor.canvas.zoom == mask_editor.LARGEST
    assert editor.view.horizontalScrollBar().value() > 0
    editor._add_box()
    assert editor.canvas.visibleRegion().contains(editor.canvas.rect_of(editor.boxes.boxes[0]).toRect())
    press(Qt.Key.Key_0)
    room = editor.view.maximumViewportSize()
    assert editor.canvas.width() <= room.width() and editor.canvas.height() <= room.height()
    assert not editor.view.horizontalScrollBar().isVisible()
    editor.resize(900, 600)
    assert editor.canvas.width() <= editor.view.maximumViewportSize().width()


# --- saving


def test_saving_masks_the_picture(
    qtbot: QtBot, opened: Open, context: Context, session: Session, piece: Evidence
) -> None:
    editor = opened()
    assert not editor._save.isEnabled() and not editor._restore.isVisible()
    drag(editor.canvas, (100, 75), (300, 225))
    with qtbot.waitSignal(context.changed), qtbot.waitSignal(editor.accepted):
        click(editor._save)
    after = session.assessment.evidence[piece.id].current
    assert after.masks == (HALF,) and after.masked_from == piece.current.sha256
    with Image.open(session.workspace.evidence_path(after.sha256)) as image:
        assert image.convert("L").point(lambda value: 255 - value).getbbox() == (100, 75, 300, 225)


def test_what_is_masked_is_shown_and_changed(
    qtbot: QtBot, opened: Open, context: Context, session: Session, piece: Evidence
) -> None:
    editor = opened(HALF)
    assert editor.boxes.boxes == (HALF,) and editor._restore.isVisible()
    # What lies below the box can be made out: it is the original that is shown.
    assert editor.canvas._picture.toImage().pixelColor(200, 150).lightness() == 255
    editor.boxes.choose(0)
    editor.boxes.remove()
    assert "恢复原图" in editor._count.text() and not editor._save.isEnabled()
    drag(editor.canvas, (40, 30), (-5, -5))
    with qtbot.waitSignal(editor.accepted):
        press(Qt.Key.Key_S, CTRL)
    after = session.assessment.evidence[piece.id]
    assert after.current.masks == (Box(0, 0, 0.1, 0.1),) and after.current.masked_from == piece.current.sha256


def test_the_original_comes_back_only_after_a_question(
    qtbot: QtBot, opened: Open, session: Session, piece: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = opened(HALF)
    asked: list[str] = []

    def answer(yes: bool) -> Callable[..., bool]:
        return lambda _parent, _title, text, _detail, **_: asked.append(text) or yes

    monkeypatch.setattr(dialogs, "ask", answer(False))
    click(editor._restore)
    assert session.assessment.evidence[piece.id].current.masks and "原图重新对外" in asked[0]
    monkeypatch.setattr(dialogs, "ask", answer(True))
    with qtbot.waitSignal(editor.accepted):
        click(editor._restore)
    assert session.assessment.evidence[piece.id].current.sha256 == piece.current.sha256


def test_what_is_drawn_is_not_dropped_unasked(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = opened()
    drag(editor.canvas, (100, 75), (300, 225))
    answers = [False, True]
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: answers.pop(0))
    press(Qt.Key.Key_Escape)
    assert editor.isVisible() and pixels(editor) == [(100, 75, 200, 150)]
    press(Qt.Key.Key_Escape)
    assert not editor.isVisible() and not answers


def test_a_failure_keeps_the_boxes(
    qtbot: QtBot, opened: Open, context: Context, session: Session, piece: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UserError("磁盘满了。", "请清理。")

    editor = opened()
    drag(editor.canvas, (100, 75), (300, 225))
    monkeypatch.setattr(masking, "mask", fail)
    with qtbot.waitSignal(context.operations.failed):
        click(editor._save)
    assert editor.isVisible() and pixels(editor) == [(100, 75, 200, 150)]
    assert editor._problem.text() == "没有保存：磁盘满了。框还在这里，可以再试。"
    monkeypatch.undo()
    with qtbot.waitSignal(editor.accepted):
        click(editor._save)
    assert session.assessment.evidence[piece.id].current.masks == (HALF,)


def test_a_picture_that_cannot_be_read_says_why(qtbot: QtBot, opened: Open, session: Session, piece: Evidence) -> None:
    session.workspace.evidence_path(piece.current.sha256).unlink()
    editor = opened(wait=False)
    qtbot.waitUntil(lambda: "不在工作区" in editor._problem.text())
    assert not editor.canvas.isEnabled() and not editor._save.isEnabled() and not editor._add.isEnabled()
    press(Qt.Key.Key_Escape)
    assert not editor.isVisible()


# --- the ways in, and the marks


def test_only_pictures_of_a_workspace_that_takes_changes(
    qtbot: QtBot, context: Context, session: Session, piece: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QDialog] = []
    monkeypatch.setattr(dialogs, "run", shown.append)
    context.set_session(session)
    page = EvidencePage(context)
    qtbot.addWidget(page)
    page.show_session()
    page._show_piece(piece)
    assert page.preview._cover.isVisibleTo(page.preview)
    with qtbot.waitActive(page):
        page.show()
    page.table.setFocus()
    press(Qt.Key.Key_M, CTRL)
    click(page.preview._cover)
    assert [type(dialog) for dialog in shown] == [MaskEditor, MaskEditor]
    (text,) = add_evidence(session, [NewEvidence(b"text", "制度.txt")], []).evidence
    page._show_piece(session.assessment.evidence[text])
    assert not page.preview._cover.isVisibleTo(page.preview)
    edit_masks(context, text, page)
    edit_masks(context, "gone", page)
    reader = open_workspace(session.workspace.folder, "李四", write=False)
    context.set_session(reader)
    page._show_piece(piece)
    assert not page.preview._cover.isVisibleTo(page.preview) and not can_mask(context, piece.current)
    edit_masks(context, piece.id, page)
    assert len(shown) == 2
    context.set_session(session)
    reader.workspace.close()


def test_masked_pieces_are_marked(qtbot: QtBot, context: Context, session: Session, piece: Evidence) -> None:
    masking.mask(session, piece.id, [HALF])
    context.set_session(session)
    page = EvidencePage(context)
    qtbot.addWidget(page)
    context.changed.connect(page.refresh)
    page.show_session()
    page.show_target(f"evidence:{piece.id}")
    assert "已遮盖 1 处" in page.preview.facts.text()
    first, second = page.form.revisions.stringList()
    assert first.startswith("当前　已遮盖") and second.startswith("第 1 版　原图（不外发）")
    page.form.revision_list.setCurrentIndex(page.form.revisions.index(1))
    assert "原图（不外发）" in page.preview.facts.text() and not page.preview._cover.isVisibleTo(page.preview)
    with qtbot.waitSignal(context.changed):
        context.operations.write("恢复原图", masking.unmask, piece.id)
    assert not any("原图" in line for line in page.form.revisions.stringList())
    assert "已遮盖" not in page.preview.facts.text()
    with qtbot.waitSignal(context.changed):
        context.operations.write("撤销", history.undo)
    assert "已遮盖 1 处" in page.preview.facts.text()


def test_the_strip_marks_and_offers(
    qtbot: QtBot, context: Context, session: Session, piece: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    menus: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: menus.append(menu))
    monkeypatch.setattr("emrassess.gui.pages.clauses.edit_masks", lambda _context, found, _parent: shown.append(found))
    masking.mask(session, piece.id, [HALF])
    context.set_session(session)
    page = ClausesPage(context)
    qtbot.addWidget(page)
    page.resize(1226, 660)
    page.show_session()
    page.show_target(f"clause:{CLAUSE}")
    page.show()
    strip = page.details.strip
    index = strip.pieces.index(strip.pieces.row_of(piece.id))
    assert index.data(StripRole.MASKED) and "已遮盖" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.waitUntil(strip.isVisible)
    strip.customContextMenuRequested.emit(strip.visualRect(index).center())
    (menu,) = menus
    (action,) = (action for action in menu.actions() if action.text() == "遮盖…")
    action.trigger()
    assert shown == [piece.id]
    page.details.set_writable(False, "只读")
    strip.customContextMenuRequested.emit(strip.visualRect(index).center())
    assert not [action for action in menus[1].actions() if action.text() == "遮盖…"]


def test_models_keep_qts_rules(qtmodeltester: ModelTester, session: Session, piece: Evidence) -> None:
    boxes = MaskBoxes()
    boxes.start((HALF, HALF))
    qtmodeltester.check(boxes)
    boxes.add(HALF)
    boxes.remove()
    strip = EvidenceStripModel(lambda _: None)
    qtmodeltester.check(strip)
    strip.set_pieces([piece])
    assert not strip.index(0).data(StripRole.MASKED) and strip.index(0).data(StripRole.PICTURE)
