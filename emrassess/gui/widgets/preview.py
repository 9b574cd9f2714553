"""The preview of a piece of evidence: pictures, PDF pages, text, tables; else what there is to know about it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.assessment import Evidence, Revision
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.mask_editor import can_mask, edit_masks
from emrassess.gui.models.sheet import SheetModel
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.picture_view import PictureView
from emrassess.reports.wording import KIND_NAMES, minute, size_text

if TYPE_CHECKING:
    from emrassess.gui.opening import Shown
    from emrassess.services.changes import Changes

PAGE_WIDTH = 1200  # pixels: sharp when fitted, readable at 100 %


class PreviewPane(QWidget):
    """Shows one revision of a piece, loaded off the GUI thread. `details`: offer the way to the evidence page; `masks`:
    offer to cover places of a picture."""

    def __init__(
        self, context: Context, parent: QWidget | None = None, *, details: bool = True, masks: bool = True
    ) -> None:
        super().__init__(parent)
        self._context = context
        self.piece: Evidence | None = None
        self._revision: Revision | None = None
        self._wish = 0
        self._page, self._pages = 0, 0
        self.title = label("", "heading", wrap=True)
        self.facts = label("", "muted", wrap=True)
        self.note = label("", "fair", wrap=True)
        self.picture = PictureView()
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("文字预览")
        self.sheet = SheetModel(self)
        self.table = QTableView()
        self.table.setModel(self.sheet)
        self.table.setAccessibleName("表格预览")
        self.table.setTabKeyNavigation(False)
        self.sheets = QComboBox()
        self.sheets.setAccessibleName("工作表")
        self.sheets.currentIndexChanged.connect(self._show_sheet)
        self.nothing = label("", "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._shown: Shown | None = None
        self._offers_masks = masks
        self._build(details)
        self.show_piece(None)

    def _build(self, details: bool) -> None:
        tabular = QWidget()
        box = QVBoxLayout(tabular)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.sheets)
        box.addWidget(self.table, 1)
        self._stack = QStackedWidget()
        for widget in (self.nothing, self.picture, self.text, tabular):
            self._stack.addWidget(widget)
        self._fit = button("100%", self._toggle_fit, tip="适合窗口 / 原始大小")
        self._back = button("‹", lambda: self._turn(-1), tip="上一页")
        self._on = button("›", lambda: self._turn(1), tip="下一页")
        self._back.setAccessibleName("上一页")
        self._on.setAccessibleName("下一页")
        self._counter = label("", "muted")
        self._open = button("打开", self.open_outside, tip="用系统里的其他程序打开")
        self._cover = button("遮盖…", self.cover, tip="盖住图片里的姓名、病历号等，原图不外发")
        self._details = button("详情", self._go_to_details, tip="到实证材料页查看和修改")
        self._offers_details = details
        pages = QHBoxLayout()
        for widget in (self._back, self._counter, self._on):
            pages.addWidget(widget)
        pages.addStretch(1)
        for widget in (self._fit, self._open, self._details):
            pages.addWidget(widget)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self._cover, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 10, 12, 10)
        outer.setSpacing(6)
        outer.addLayout(head)
        for widget in (self.facts, self.note):
            outer.addWidget(widget)
        outer.addWidget(self._stack, 1)
        outer.addLayout(pages)

    def show_piece(self, piece: Evidence | None, revision: Revision | None = None) -> None:
        """Show a piece (its revision in force, or an earlier one), or that there is none."""
        shown = revision or (piece.current if piece else None)
        same_file = bool(shown and self._revision and shown.sha256 == self._revision.sha256)
        self.piece, self._revision = piece, shown
        self._show_facts()
        if same_file and self._shown is not None:
            return
        self._page, self._pages, self._shown = 0, 0, None
        self._clear("正在读取…" if piece else "选一件实证材料，在这里看它的内容。")
        if piece is not None:
            self._load()

    def refresh(self, changes: "Changes") -> None:
        """Show what a write changed of the piece in view."""
        session = self._context.session
        if session is not None and self.piece is not None and self.piece.id in changes.evidence:
            self.show_piece(session.assessment.evidence.get(self.piece.id))

    def open_outside(self) -> None:
        """Open the file with the system's program for it."""
        from emrassess.gui.opening import readable_copy  # noqa: PLC0415 - the readers of files load here

        session, revision = self._context.session, self._revision
        if session is None or revision is None:
            return
        path = session.workspace.evidence_path(revision.sha256)
        self._context.operations.run("打开材料", readable_copy, path, revision, progress=False, done=self._hand_over)

    def cover(self) -> None:
        """Let the user cover places of the picture; nothing where the piece is none."""
        if self.piece is not None:
            edit_masks(self._context, self.piece.id, self)

    def _hand_over(self, copy: object) -> None:
        if isinstance(copy, Path) and not dialogs.open_path(copy):
            dialogs.warn(self, "打不开", "系统里没有打开这种文件的程序。", f"文件在：{copy}")

    def _load(self) -> None:
        from emrassess.gui.opening import load  # noqa: PLC0415 - the readers of files load here

        session, revision = self._context.session, self._revision
        if session is None or revision is None:
            return
        self._wish += 1
        wish, path = self._wish, session.workspace.evidence_path(revision.sha256)
        handle = self._context.operations.background(
            load, path, revision, self._page, PAGE_WIDTH, done=lambda shown: self._show(wish, shown)
        )
        handle.failed.connect(lambda _: self._clear("读不出来。") if wish == self._wish else None)

    def _show(self, wish: int, shown: "Shown") -> None:
        if wish != self._wish:
            return
        self._shown, self._page, self._pages = shown, shown.page, shown.preview.pages
        found = shown.preview
        if shown.image is not None:
            self.picture.show_image(shown.image)
            self._stack.setCurrentIndex(1)
        elif found.text:
            self.text.setPlainText(found.text)
            self._stack.setCurrentIndex(2)
        elif found.sheets:
            self._show_sheets()
            self._stack.setCurrentIndex(3)
        else:
            self._clear(shown.note or "文件里没有可以显示的内容。")
        readable = self._stack.currentIndex() != 0
        self.note.setText(shown.note if readable else "")
        self.note.setVisible(readable and bool(shown.note))
        self._show_controls()

    def _show_facts(self) -> None:
        piece, revision = self.piece, self._revision
        self.title.setVisible(piece is not None)
        self.facts.setVisible(piece is not None)
        self._open.setEnabled(piece is not None)
        self._details.setVisible(self._offers_details and piece is not None)
        in_force = piece is not None and revision is piece.current
        coverable = piece is not None and in_force and can_mask(self._context, piece.current)
        self._cover.setVisible(self._offers_masks and coverable)
        if piece is None or revision is None:
            return
        self.title.setText(piece.title or revision.file_name)
        parts = [KIND_NAMES[piece.kind], piece.source_system, minute(piece.captured_at) if piece.captured_at else ""]
        lines = [" · ".join(part for part in parts if part), f"{revision.file_name} · {size_text(revision.size)}"]
        if not in_force:
            what = "原图（不外发）" if revision.sha256 in piece.kept_back else "旧版本"
            lines.append(f"{what}，{minute(revision.added_at)} 由 {revision.added_by} 添加")
        elif revision.masks:
            lines.append(f"已遮盖 {len(revision.masks)} 处；原图留在工作区，不外发")
        if piece.lacks:
            lines.append(f"还缺：{'、'.join(piece.lacks)}")
        self.facts.setText("\n".join(lines))
        set_role(self.facts, "role", "fair" if piece.lacks else "muted")

    def _clear(self, why: str) -> None:
        self.nothing.setText(why)
        self.note.hide()
        self._stack.setCurrentIndex(0)
        self._show_controls()

    def _show_controls(self) -> None:
        several = self._pages > 1
        for widget in (self._back, self._counter, self._on):
            widget.setVisible(several)
        self._counter.setText(f"{self._page + 1}/{self._pages} 页")
        self._back.setEnabled(self._page > 0)
        self._on.setEnabled(self._page + 1 < self._pages)
        self._fit.setVisible(self._stack.currentIndex() == 1)
        self._fit.setText("100%" if self.picture.fit else "适合窗口")

    def _show_sheets(self) -> None:
        sheets = self._shown.preview.sheets if self._shown else ()
        self.sheets.blockSignals(True)
        self.sheets.clear()
        self.sheets.addItems([sheet.name or "表格" for sheet in sheets])
        self.sheets.blockSignals(False)
        self.sheets.setVisible(len(sheets) > 1)
        self._show_sheet(0)

    def _show_sheet(self, number: int) -> None:
        sheets = self._shown.preview.sheets if self._shown else ()
        if 0 <= number < len(sheets):
            self.sheet.show_rows(sheets[number].rows)
            self.table.resizeColumnsToContents()

    def _turn(self, by: int) -> None:
        self._page += by
        self._load()

    def _toggle_fit(self) -> None:
        self.picture.set_fit(not self.picture.fit)
        self._show_controls()

    def _go_to_details(self) -> None:
        if self.piece is not None:
            self._context.go_to.emit(f"evidence:{self.piece.id}")
