"""The evidence page and the intake of files of every kind."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from emrassess.domain.assessment import EvidenceKind
from emrassess.errors import UserError
from emrassess.gui import dialogs, intake
from emrassess.gui.context import Context
from emrassess.gui.models.clause_rows import ClauseRows, ClauseSearch
from emrassess.gui.models.evidence_table import Column, EvidenceFilter, EvidenceTableModel
from emrassess.gui.opening import readable_copy
from emrassess.gui.pages.evidence import EvidencePage
from emrassess.gui.widgets.clause_picker import ClausePicker
from emrassess.services import history
from emrassess.services.evidence import NewEvidence, add_evidence, link_evidence
from emrassess.services.session import Session

CLAUSE = "01.01.4(1)"


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def pdf(pages: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    for number in range(pages):
        canvas.drawString(100, 700, f"page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def add(session: Session, data: bytes, name: str, title: str = "", clauses: tuple[str, ...] = ()) -> str:
    (piece,) = add_evidence(session, [NewEvidence(data, name, title)], clauses).evidence
    return piece


@pytest.fixture
def make(qtbot: QtBot, context: Context) -> Iterator[Callable[[Session], EvidencePage]]:
    pages: list[EvidencePage] = []

    def build(session: Session) -> EvidencePage:
        context.set_session(session)
        page = EvidencePage(context)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1226, 660)
        context.changed.connect(page.refresh)
        page.show_session()
        with qtbot.waitActive(page):
            page.show()
        page.setFocus()
        return page

    yield build


def saved(qtbot: QtBot, page: EvidencePage, act: Callable[[], object]) -> None:
    with qtbot.waitSignal(page.context.changed):
        act()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifier)


def test_models_keep_qts_rules(session: Session, context: Context, qtmodeltester: ModelTester) -> None:
    for number in range(4):
        add(session, b"x%d" % number, f"{number}.txt", f"材料 {number}", (CLAUSE,) if number % 2 else ())
    model = EvidenceTableModel(context.theme)
    qtmodeltester.check(model)
    found = EvidenceFilter(model)
    qtmodeltester.check(found)
    model.set_pieces(session.assessment.evidence)
    assert [model.index(row, 0).data() for row in range(4)] == ["材料 3", "材料 2", "材料 1", "材料 0"]
    found.set_wanted(CLAUSE, None, "")
    assert found.rowCount() == 2
    found.set_wanted("材料 2", EvidenceKind.NARRATIVE, "unlinked")
    assert found.rowCount() == 1
    found.set_wanted("", None, "lacking")
    assert found.rowCount() == 0
    rows = ClauseRows()
    rows.set_clauses(session.pack, session.pack.clause_by_id)
    qtmodeltester.check(rows)
    search = ClauseSearch(rows)
    search.search("01.01.4 执行科室")
    assert [search.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in range(search.rowCount())] == [CLAUSE]


def test_table_takes_additions_changes_and_removals(session: Session, context: Context) -> None:
    model = EvidenceTableModel(context.theme)
    pieces = [add(session, b"%d" % number, f"{number}.txt") for number in range(3)]
    everything = dict(session.assessment.evidence)
    model.set_pieces({piece: everything[piece] for piece in pieces[::2]})
    model.update_pieces([pieces[1]], everything)
    assert [model.row_of(piece) for piece in pieces] == [2, 1, 0]
    model.update_pieces([pieces[0], "gone"], {k: v for k, v in everything.items() if k != pieces[0]})
    assert model.rowCount() == 2
    assert model.row_of(pieces[0]) == -1


def test_an_empty_page_says_what_to_do(
    qtbot: QtBot, make: Callable, empty_session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = make(empty_session)
    assert page.stack.currentIndex() == 1
    (tmp_path / "制度.txt").write_text("一", encoding="utf-8")
    monkeypatch.setattr(dialogs, "open_files", lambda *_: [tmp_path / "制度.txt"])
    saved(qtbot, page, lambda: QTest.mouseClick(page._empty_add, Qt.MouseButton.LeftButton))
    assert page.stack.currentIndex() == 0
    assert page.form.piece is not None
    assert page.form.title.text() == "制度"


def test_a_pasted_picture_is_named_by_its_time_and_chosen(qtbot: QtBot, make: Callable, session: Session) -> None:
    page = make(session)
    add(session, b"x", "x.txt")
    page.show_session()
    page.setFocus()
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    saved(qtbot, page, lambda: press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    assert page.form.title.text().startswith("截图 20")
    assert page.form.captured.text()
    qtbot.waitUntil(lambda: page.preview._stack.currentWidget() is page.preview.picture)


def test_fields_are_saved_when_left_and_errors_said_in_place(qtbot: QtBot, make: Callable, session: Session) -> None:
    piece = add(session, png(), "a.png", "甲")
    page = make(session)
    page.form.source.setFocus()
    QTest.keyClicks(page.form.source, "HIS")
    saved(qtbot, page, lambda: press(Qt.Key.Key_Tab))
    assert session.assessment.evidence[piece].source_system == "HIS"
    page.form.captured.setFocus()
    QTest.keyClicks(page.form.captured, "yesterday")
    press(Qt.Key.Key_Return)
    assert "2026-11-21 08:30" in page.form.problem.text()
    assert page.form.captured.text() == "yesterday"
    page.form.captured.clear()
    QTest.keyClicks(page.form.captured, "2025/1/2 8:30")
    saved(qtbot, page, lambda: press(Qt.Key.Key_Return))
    assert session.assessment.evidence[piece].captured_at == "2025-01-02 08:30"
    assert page.form.captured.text() == "2025-01-02 08:30"
    assert not page.form.problem.isVisible()
    assert page.found.index(0, Column.STATE).data() == "未关联"
    page.form.title.setFocus()
    QTest.keyClicks(page.form.title, "zzz")
    press(Qt.Key.Key_Escape)
    assert page.form.title.text() == "甲"


def test_link_unlink_remove_and_undo(
    qtbot: QtBot, make: Callable, session: Session, monkeypatch: pytest.MonkeyPatch, said: list[tuple[str, str]]
) -> None:
    piece = add(session, b"x", "x.txt", "甲")
    page = make(session)

    def pick(dialog: QDialog) -> bool:
        assert isinstance(dialog, ClausePicker)
        QTest.keyClicks(dialog.search, "01.01.4(1)")
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)
        return dialog.result() == QDialog.DialogCode.Accepted

    monkeypatch.setattr(dialogs, "run", pick)
    saved(qtbot, page, page.form.link_wanted.emit)
    assert session.assessment.evidence[piece].clauses == (CLAUSE,)
    with qtbot.waitSignal(page.context.operations.failed) as refused:
        page._remove()
    assert refused.args
    assert CLAUSE in refused.args[0].error.message
    with qtbot.waitSignal(page.context.go_to) as target:
        page.form.clause_list.activated.emit(page.form.clauses.index(0))
    assert target.args == [f"clause:{CLAUSE}"]
    page.form.clause_list.setFocus()
    page.form.clause_list.setCurrentIndex(page.form.clauses.index(0))
    saved(qtbot, page, lambda: press(Qt.Key.Key_Delete))
    assert session.assessment.evidence[piece].clauses == ()
    page.table.setFocus()
    saved(qtbot, page, lambda: press(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier))
    assert not session.assessment.evidence
    assert page.stack.currentIndex() == 1
    saved(qtbot, page, lambda: page.context.operations.write("撤销", history.undo))
    assert page.form.piece is not None
    assert page.form.piece.id == piece


def test_replacing_keeps_the_earlier_revision(
    qtbot: QtBot, make: Callable, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    piece = add(session, "旧".encode(), "旧.txt", "甲")
    page = make(session)
    (tmp_path / "新.txt").write_text("新", encoding="utf-8")
    monkeypatch.setattr(dialogs, "open_file", lambda *_: tmp_path / "新.txt")
    saved(qtbot, page, page.form.replace_wanted.emit)
    assert len(session.assessment.evidence[piece].revisions) == 2
    qtbot.waitUntil(lambda: page.preview.text.toPlainText() == "新")
    page.form.revision_list.setCurrentIndex(page.form.revisions.index(1))
    qtbot.waitUntil(lambda: page.preview.text.toPlainText() == "旧")
    assert "旧版本" in page.preview.facts.text()


@pytest.mark.parametrize(
    ("data", "name", "shown"),
    [
        (png(), "a.png", "picture"),
        (pdf(3), "a.pdf", "picture"),
        ("说明".encode(), "a.txt", "text"),
        ("科室,条数\n内科,3".encode("gb18030"), "a.csv", "table"),
        (b"", "empty.png", "文件是空的"),
        (png()[:60], "broken.png", "读不出来"),
        (b"%PDF-1.4 nothing", "broken.pdf", "无法读取"),
        (b"PK\3\4 broken", "broken.xlsx", "无法读取"),
        (b"MZ\0\0", "tool.exe", "不能在程序里预览"),
    ],
)
def test_previews(qtbot: QtBot, make: Callable, session: Session, data: bytes, name: str, shown: str) -> None:
    add(session, data, name)
    preview = make(session).preview
    qtbot.waitUntil(lambda: preview._shown is not None)
    views = {"picture": preview.picture, "text": preview.text, "table": preview.table}
    if shown in views:
        assert views[shown].isVisible()
    else:
        assert shown in preview.nothing.text()


def huge_png(side: int) -> bytes:
    """A picture that claims `side` x `side` pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(10_000))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_huge_picture_is_told_not_drawn(qtbot: QtBot, make: Callable, session: Session) -> None:
    add(session, huge_png(20_000), "huge.png")
    preview = make(session).preview
    qtbot.waitUntil(lambda: "20000×20000" in preview.nothing.text())


def test_pages_of_a_pdf_are_turned(qtbot: QtBot, make: Callable, session: Session) -> None:
    add(session, pdf(2), "a.pdf")
    preview = make(session).preview
    qtbot.waitUntil(lambda: preview._counter.text() == "1/2 页")
    QTest.mouseClick(preview._on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: preview._counter.text() == "2/2 页")
    assert not preview._on.isEnabled()


def test_a_picture_is_fitted_or_at_its_own_size(qtbot: QtBot, make: Callable, session: Session) -> None:
    add(session, png(3000, 200), "wide.png")
    preview = make(session).preview
    qtbot.waitUntil(preview.picture.isVisible)
    assert preview.picture._label.pixmap().width() <= preview.picture.width()
    QTest.mouseClick(preview._fit, Qt.MouseButton.LeftButton)
    assert preview.picture._label.pixmap().width() == 3000


def test_filters_and_search_narrow_the_table(qtbot: QtBot, make: Callable, session: Session) -> None:
    first = add(session, b"1", "1.txt", "医嘱字典", (CLAUSE,))
    add(session, png(), "2.png", "药房接收")
    page = make(session)
    page.state.setCurrentIndex(1)
    assert page.found.rowCount() == 1
    assert "1/2 件" in page.count.text()
    page.show_target(f"evidence:{first}")
    assert page.form.piece is not None
    assert page.form.piece.id == first
    press(Qt.Key.Key_F)
    QTest.keyClicks(page.search, "2.png")
    qtbot.waitUntil(lambda: page.found.rowCount() == 1)


def test_dropped_files_are_added_unlinked(qtbot: QtBot, make: Callable, session: Session, tmp_path: Path) -> None:
    page = make(session)
    names = ["甲.txt", "乙.txt"]
    for name in names:
        (tmp_path / name).write_text(name, encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names])
    saved(qtbot, page, lambda: page._take_in(intake.pieces_of(mime)))
    assert page.rows.rowCount() == 2


def test_what_cannot_be_taken_is_said(tmp_path: Path, qtbot: QtBot, said: list[tuple[str, str]]) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    assert intake.checked(parent, [tmp_path, tmp_path / "没有.png"]) == []
    assert [kind for kind, _ in said] == ["warn"]


def test_over_a_gigabyte_is_asked(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    film = tmp_path / "录像.mp4"
    with film.open("wb") as file:
        file.truncate(intake.LARGE + 1)
    answers = iter([False, True])
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: next(answers))
    assert intake.checked(parent, [film]) == []
    assert intake.checked(parent, [film]) == [film]


def test_programs_are_not_opened(session: Session) -> None:
    piece = add(session, b"MZ", "安装.exe")
    revision = session.assessment.evidence[piece].current
    with pytest.raises(UserError, match="没有打开"):
        readable_copy(session.workspace.evidence_path(revision.sha256), revision)
    piece = add(session, "文".encode(), "说明.txt")
    revision = session.assessment.evidence[piece].current
    copy = readable_copy(session.workspace.evidence_path(revision.sha256), revision)
    assert copy.name == "说明.txt"
    assert copy.read_text(encoding="utf-8") == "文"


def test_a_piece_changed_elsewhere_is_shown_anew(qtbot: QtBot, make: Callable, session: Session) -> None:
    piece = add(session, b"x", "x.txt")
    page = make(session)
    saved(
        qtbot, page, lambda: page.context.operations.write("关联", link_evidence, piece, [CLAUSE, "01.01.4(2)"])
    )  # fmt: skip
    assert page.form.clauses.rowCount() == 2
    assert page.form.clause_list.height() > 0
    assert page.childAt(QPoint(20, 20)) is not None


@pytest.mark.parametrize("scale", [100, 150])
def test_the_table_never_scrolls_sideways(make: Callable, session: Session, context: Context, scale: int) -> None:
    add(session, b"x", "x.txt")
    page = make(session)
    context.theme.set_scale(scale)
    for width in (1226, 884, 1780):
        page.resize(width, 660)
        page.splitter.setSizes([width - 440, 440])
        heads = page.table.horizontalHeader()
        assert heads.length() <= page.table.viewport().width()
        shown = {column for column in Column if not heads.isSectionHidden(column)}
        assert {Column.TITLE, Column.CLAUSES, Column.STATE} <= shown
        assert scale > 100 or width < 1226 or Column.FILE in shown
    context.theme.set_scale(100)
