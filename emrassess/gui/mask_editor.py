"""Covering names on a picture: boxes are drawn on it, and burnt into a copy that goes outward in its place."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QRect, Qt
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut, QWheelEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListView, QScrollArea, QVBoxLayout, QWidget

from emrassess.domain.assessment import Evidence, Revision
from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.mask_boxes import MaskBoxes
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import button, label, rule
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.mask_canvas import MaskCanvas

if TYPE_CHECKING:
    from emrassess.services.session import Session

TITLE = "遮盖图片"
ZOOM_STEP = 1.25
SMALLEST, LARGEST, LARGEST_FIT = 0.05, 8.0, 2.0
KEYS = (
    "按住鼠标拖动：画一个框；拖框移动，拖边角改大小。",
    "方向键移动选中的框，Shift+方向键改大小，同时按 Ctrl 一次一个像素；Tab 换下一个框。",
    "Delete 删除，Ctrl+Z 撤销；Ctrl+滚轮或 +、- 缩放，0 适合窗口。",
)
OUTWARD = "保存后，材料包、报告和科室任务包里只有遮盖过的副本；原图只留在本工作区，不外发。"


def can_mask(context: Context, revision: Revision) -> bool:
    """Whether masking is to be offered: a picture, in a workspace that takes changes."""
    return context.writable and revision.media_type.startswith("image/")


def edit_masks(context: Context, evidence_id: str, parent: QWidget) -> None:
    """Let the user draw boxes on a piece of evidence, and save them; nothing where it is no picture."""
    session = context.session
    piece = session.assessment.evidence.get(evidence_id) if session else None
    if session is None or piece is None or not can_mask(context, piece.current):
        return
    editor = MaskEditor(context, session, piece, parent)
    dialogs.run(editor)
    editor.deleteLater()


def _load(session: "Session", piece: Evidence) -> tuple[QImage, str]:
    """The original as masking sees it, and what to know of it; for the background thread."""
    from emrassess.services.masking import original_of, upright  # noqa: PLC0415 - Pillow loads here

    original = original_of(piece)
    found = upright(session.workspace.evidence_path(original.sha256), original)
    image = QImage(found.rgba, found.width, found.height, 4 * found.width, QImage.Format.Format_RGBA8888)
    return image.copy(), found.note


class MaskEditor(QDialog):
    """The picture at the left, the list of boxes at the right. It closes once the copy is saved."""

    def __init__(self, context: Context, session: "Session", piece: Evidence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{TITLE}：{piece.title or piece.current.file_name}")
        fit_on_screen(self, context.theme, 1180, 680)
        self._context, self._session, self._piece = context, session, piece
        self._about = (f"file {piece.id}",)
        self._saving: Handle | None = None
        self._ready = False
        self._fit = True
        self.boxes = MaskBoxes(self)
        self.canvas = MaskCanvas(self.boxes)
        self.view = QScrollArea()
        self.list = QListView()
        self._count = label("", "heading", wrap=True)
        self._add = button("新增", self._add_box, tip="在看得见的图片中间加一个框，再用方向键移动")
        self._remove = button("删除", self.boxes.remove, tip="删除选中的框（Delete）")
        self._undo = button("撤销", self.boxes.undo, tip="撤销上一步（Ctrl+Z）")
        self._zoom_out = button("－", lambda: self._zoom_by(1 / ZOOM_STEP), tip="缩小（-）")
        self._zoom_in = button("＋", lambda: self._zoom_by(ZOOM_STEP), tip="放大（+）")
        self._to_fit = button("适合窗口", self._fit_in, tip="整张图片放进窗口（0）")
        self._percent = label("", "muted")
        self._note = label("", "fair", wrap=True)
        self._problem = label("", "bad", wrap=True)
        self._restore = button("恢复原图…", self._unmask, tip="去掉全部遮盖，让原图重新对外")
        self._cancel = button("取消", self.reject)
        self._save = button("保存", self.accept, primary=True, tip="Ctrl+S")
        self._arrange()
        self._connect()
        self._begin()

    def _arrange(self) -> None:
        self._zoom_out.setAccessibleName("缩小")
        self._zoom_in.setAccessibleName("放大")
        self.view.setWidget(self.canvas)
        self.view.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.viewport().installEventFilter(self)
        self.list.setModel(self.boxes)
        self.list.setAccessibleName("遮盖框")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        tools = QHBoxLayout()
        for widget in (self._zoom_out, self._percent, self._zoom_in, self._to_fit):
            tools.addWidget(widget)
        tools.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.view, 1)
        left.addLayout(tools)
        edits = QHBoxLayout()
        for widget in (self._add, self._remove, self._undo):
            edits.addWidget(widget)
        side = QWidget()
        side.setFixedWidth(self._context.theme.px(280))
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        right.addWidget(self._count)
        right.addWidget(self.list, 1)
        right.addLayout(edits)
        right.addWidget(rule())
        for text in (*KEYS, OUTWARD):
            right.addWidget(label(text, "" if text is OUTWARD else "muted", wrap=True))
        right.addWidget(self._note)
        right.addWidget(self._problem)
        last = QHBoxLayout()
        last.addWidget(self._restore)
        last.addStretch(1)
        last.addWidget(self._cancel)
        last.addWidget(self._save)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addLayout(left, 1)
        middle.addWidget(side)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 14, 16, 14)
        outer.setSpacing(10)
        outer.addLayout(middle, 1)
        outer.addLayout(last)

    def _connect(self) -> None:
        self.boxes.edited.connect(self._show_state)
        self.boxes.chosen.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(lambda index, _: self._on_row(index.row()))
        self.canvas.drawing.connect(self._bring_into_view)
        for keys, slot in (
            (("Ctrl+Z",), self.boxes.undo),
            (("Delete", "Backspace"), self.boxes.remove),
            (("+", "=", "Ctrl++", "Ctrl+="), lambda: self._zoom_by(ZOOM_STEP)),
            (("-", "Ctrl+-"), lambda: self._zoom_by(1 / ZOOM_STEP)),
            (("0", "Ctrl+0"), self._fit_in),
            (("Ctrl+S",), self.accept),
        ):
            shortcut = QShortcut(self)
            shortcut.setKeys([QKeySequence(key) for key in keys])
            shortcut.activated.connect(slot)

    def _begin(self) -> None:
        """Read the picture that the boxes are drawn on: the original, with the boxes it has."""
        self.boxes.start(self._piece.current.masks)
        self._say("正在读取图片…")
        self._cancel.setFocus()
        handle = self._context.operations.background(_load, self._session, self._piece)
        handle.done.connect(self._on_loaded)
        handle.failed.connect(self._on_unread)

    def _on_loaded(self, loaded: tuple[QImage, str]) -> None:
        image, note = loaded
        self._ready = True
        self.canvas.show_picture(image)
        self._say(note)
        self._fit_in()
        self.canvas.setFocus()

    def _on_unread(self, error: Exception) -> None:
        self._say(str(error) if isinstance(error, UserError) else "图片读不出来。", bad=True)

    # --- what is shown

    def _show_state(self) -> None:
        count, editable = len(self.boxes.boxes), self._ready and self._saving is None
        masked = bool(self._piece.current.masked_from)
        none = "没有框。要去掉全部遮盖，请用“恢复原图”。" if masked else "还没有遮盖框"
        self._count.setText(f"遮盖框（{count}）" if count else none)
        self._add.setEnabled(editable)
        self._remove.setEnabled(editable and self.boxes.current >= 0)
        self._undo.setEnabled(editable and self.boxes.can_undo)
        self._save.setEnabled(editable and bool(count) and self._changed)
        self._restore.setVisible(masked)
        self._restore.setEnabled(self._saving is None)
        for widget in (self.canvas, self.list, self._zoom_out, self._zoom_in, self._to_fit):
            widget.setEnabled(editable)

    @property
    def _changed(self) -> bool:
        return self.boxes.boxes != self._piece.current.masks

    def _say(self, text: str, *, bad: bool = False) -> None:
        """A note, or what is wrong."""
        for widget, shown in ((self._note, "" if bad else text), (self._problem, text if bad else "")):
            widget.setText(shown)
            widget.setVisible(bool(shown))
        self._show_state()

    def _on_chosen(self, row: int) -> None:
        self.list.selectionModel().setCurrentIndex(
            self.boxes.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self._show_state()

    def _on_row(self, row: int) -> None:
        if row >= 0:
            self.boxes.choose(row)

    def _add_box(self) -> None:
        view = self.view.viewport()
        self.canvas.add_in_view(view.rect().translated(self.canvas.mapFrom(view, view.rect().topLeft())))
        self.canvas.setFocus()

    # --- zoom

    def _fit_in(self) -> None:
        """All of the picture in the window; small ones enlarged, though not without limit."""
        self._fit = True
        size, room = self.canvas.picture_size, self.view.maximumViewportSize()
        if size.isEmpty():
            return
        shares = (room.width() - 1) / size.width(), (room.height() - 1) / size.height()
        self._zoom_to(max(min(*shares, LARGEST_FIT), SMALLEST))

    def _zoom_by(self, factor: float) -> None:
        self._fit = False
        self._zoom_to(min(max(self.canvas.zoom * factor, SMALLEST), LARGEST))

    def _zoom_to(self, zoom: float) -> None:
        """Zoom, and keep what is in the middle there."""
        bars = (self.view.horizontalScrollBar(), self.view.verticalScrollBar())
        middles = [(bar.value() + bar.pageStep() / 2) / max(bar.maximum() + bar.pageStep(), 1) for bar in bars]
        self.canvas.set_zoom(zoom)
        for bar, middle in zip(bars, middles, strict=True):
            bar.setValue(round(middle * (bar.maximum() + bar.pageStep()) - bar.pageStep() / 2))
        self._percent.setText(f"{zoom:.0%}")

    def _bring_into_view(self, place: QRect) -> None:
        self.view.ensureVisible(place.center().x(), place.center().y(), 30, 30)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_by(ZOOM_STEP if event.angleDelta().y() > 0 else 1 / ZOOM_STEP)
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fit and self._ready:
            self._fit_in()

    # --- the end

    def accept(self) -> None:
        """Save the copy; the dialog ends once it is there, and keeps the boxes where that fails."""
        from emrassess.services.masking import mask  # noqa: PLC0415

        if not self._save.isEnabled():
            return
        self._write(
            self._context.operations.write(
                TITLE, mask, self._piece.id, self.boxes.boxes, progress=True, about=self._about
            )
        )

    def reject(self) -> None:
        """Close; a copy under way is stopped first, and boxes that nobody has saved are asked about."""
        if self._saving is not None:
            self._saving.cancel()
            return
        drawn = self._ready and self._changed
        if drawn and not dialogs.ask(
            self, TITLE, "画好的遮盖框还没有保存。", "图片会和打开时一样。", yes="不保存", no="继续编辑"
        ):
            return
        super().reject()

    def _unmask(self) -> None:
        from emrassess.services.masking import unmask  # noqa: PLC0415

        detail = "以后的材料包、报告和科室任务包里，都是没有遮盖的原图。可以撤销，也会记入修改记录。"
        if dialogs.ask(self, "恢复原图", "去掉全部遮盖，让原图重新对外？", detail, yes="恢复原图", no="保留遮盖"):
            self._write(self._context.operations.write("恢复原图", unmask, self._piece.id, about=self._about))

    def _write(self, handle: Handle) -> None:
        self._saving = handle
        handle.done.connect(lambda _: self._on_saved())
        handle.failed.connect(self._on_failed)
        self._say("正在保存…")

    def _on_saved(self) -> None:
        self._saving = None
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        """Why is said by the window; here that the boxes are kept."""
        self._saving = None
        why = error.message if isinstance(error, UserError) else "程序内部出错"
        self._say(f"没有保存：{why.rstrip('。')}。框还在这里，可以再试。", bad=True)
