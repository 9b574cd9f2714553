"""The evidence page: everything that proves something, with what it lacks, a preview, and where it is used."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFocusEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.assessment import Evidence, EvidenceKind
from emrassess.gui import actions, dialogs, intake
from emrassess.gui.checkup_panel import CheckupPanel
from emrassess.gui.context import Context
from emrassess.gui.models.checkup import TARGET, checkup_of
from emrassess.gui.models.evidence_table import ID_ROLE, EvidenceFilter, EvidenceTableModel
from emrassess.gui.models.scope import outside
from emrassess.gui.page import Page
from emrassess.gui.widgets.basics import button, label, offer, scrolled
from emrassess.gui.widgets.clause_picker import ClausePicker
from emrassess.gui.widgets.evidence_form import EvidenceForm
from emrassess.gui.widgets.evidence_table import EvidenceTable
from emrassess.gui.widgets.preview import PreviewPane
from emrassess.reports.wording import KIND_NAMES
from emrassess.services import evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from emrassess.services.changes import Changes

SEARCH_PAUSE_MS = 120
MATERIALS, CHECKUP = range(2)
STATES = (("全部状态", ""), ("没有关联条款", "unlinked"), ("有缺项", "lacking"))


class EvidencePage(Page):
    """A table at the left; preview and form of the piece in hand at the right. A second tab holds the check-up."""

    key = "evidence"
    title = "实证材料"
    icon = "evidence"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setAcceptDrops(True)
        self.rows = EvidenceTableModel(context.theme, self)
        self.found = EvidenceFilter(self.rows, self)
        self.table = EvidenceTable(context.theme, self.found)
        self.search = QLineEdit()
        self.search.setPlaceholderText("查找标题、文件、来源系统、条款编号")
        self.search.setAccessibleName("查找实证材料")
        self.search.setClearButtonEnabled(True)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.kind, self.state = QComboBox(), QComboBox()
        self.count = label("", "muted", wrap=True)
        self.preview = PreviewPane(context, details=False)
        self.form = EvidenceForm(context.theme)
        self.checkup = CheckupPanel(context)
        self.tabs = QTabWidget()
        self._shared_out = False
        self._build()
        self._connect()
        self._make_actions()

    # --- building

    def _build(self) -> None:
        for kind in EvidenceKind:
            self.kind.addItem(KIND_NAMES[kind], kind.value)
        self.kind.insertItem(0, "全部类型", "")
        self.kind.setCurrentIndex(0)
        self.kind.setAccessibleName("按类型筛选")
        for text, value in STATES:
            self.state.addItem(text, value)
        self.state.setAccessibleName("按状态筛选")
        self._add = button("添加文件…", self._pick, primary=True, tip="选择一个或多个文件（Insert）")
        self._paste_button = button("粘贴", self._paste, tip="剪贴板里的截图、文件或文字（Ctrl+V）")
        self._remove_button = button("删除", self._remove, tip="删除没有条款使用的材料，可撤销（Ctrl+Delete）")
        first = QHBoxLayout()
        for widget, stretch in ((self.search, 1), (self.kind, 0), (self.state, 0)):
            first.addWidget(widget, stretch)
        second = QHBoxLayout()
        for widget, stretch in ((self.count, 1), (self._remove_button, 0), (self._paste_button, 0), (self._add, 0)):
            second.addWidget(widget, stretch)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(14, 10, 8, 10)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.table, 1)
        right = QSplitter(Qt.Orientation.Vertical)
        right.setChildrenCollapsible(False)
        right.addWidget(self.preview)
        right.addWidget(scrolled(self.form))
        right.setSizes([360, 300])
        self.splitter = splitter = QSplitter()
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 1)
        left.setMinimumWidth(340)
        right.setMinimumWidth(320)
        self.stack = QStackedWidget()
        self.stack.addWidget(splitter)
        self.stack.addWidget(self._empty_state())
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("全部材料、送审前体检")
        self.tabs.addTab(self.stack, "全部材料")
        self.tabs.addTab(self.checkup, "")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.tabs)

    def _empty_state(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        words = (
            "在条款页对着条款按 Ctrl+V 粘贴截图最快：它直接成为该条款的实证。\n"
            "也可以先把一批文件拖到这里，再逐件关联条款。"
        )
        self._empty_add = button("添加文件…", self._pick, primary=True)
        to_clauses = button("到条款页", lambda: self.context.go_to.emit("page:clauses"))
        for widget in (label("还没有实证材料", "title"), label(words, "muted", wrap=True)):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(to_clauses)
        line.addWidget(self._empty_add)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(2)
        return page

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._filter)
        self.state.currentIndexChanged.connect(self._filter)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.found.modelReset.connect(self._show_count)
        form = self.form
        form.edited.connect(self._save)
        form.link_wanted.connect(self._link)
        form.unlinked.connect(lambda piece, clause: self._write("取消关联", evidence.unlink_evidence, piece, clause))
        form.clause_chosen.connect(lambda clause: self.context.go_to.emit(f"clause:{clause}"))
        form.replace_wanted.connect(self._replace)
        form.revision_chosen.connect(lambda revision: self.preview.show_piece(form.piece, revision))
        self.table.activated.connect(lambda _: self.form.title.setFocus())
        self.context.theme.changed.connect(self._share_width)
        checkup_of(self.context).changed.connect(self._name_checkup)
        self.tabs.currentChanged.connect(self._on_tab)
        self._name_checkup()

    def _make_actions(self) -> None:
        slots = {
            "evidence.add": self._pick,
            "evidence.paste": self._paste,
            "evidence.open": self.preview.open_outside,
            "evidence.mask": self.preview.cover,
            "evidence.remove": self._remove,
            "evidence.find": self.search.setFocus,
        }
        self._actions = [actions.make(key, self, slot) for key, slot in slots.items()]

    # --- what the window asks

    def show_session(self) -> None:
        session = self.context.session
        self.rows.set_pieces(session.assessment.evidence if session else {})
        writable = self.context.writable
        for widget in (self._add, self._empty_add, self._paste_button, self._remove_button):
            offer(widget, writable, self.context.why_not)
        self._choose("")
        self._show_count()

    def refresh(self, changes: "Changes") -> None:
        session = self.context.session
        if session is None or not changes.evidence:
            return
        pieces = session.assessment.evidence
        new = [piece for piece in sorted(changes.evidence) if piece in pieces and self.rows.row_of(piece) < 0]
        self.rows.update_pieces(changes.evidence, pieces)
        self._show_count()
        if new:
            self._choose(new[-1])
        elif self.form.piece is not None and self.form.piece.id in changes.evidence:
            self._show_piece(pieces.get(self.form.piece.id))

    def show_target(self, target: str) -> None:
        if target == TARGET:
            self.tabs.setCurrentIndex(CHECKUP)
            self.checkup.take_focus()
            return
        kind, _, piece = target.partition(":")
        if kind != "evidence" or self.rows.row_of(piece) < 0:
            return
        self.tabs.setCurrentIndex(MATERIALS)
        if not self.found.mapFromSource(self.rows.index(self.rows.row_of(piece), 0)).isValid():
            self.search.clear()
            self.kind.setCurrentIndex(0)
            self.state.setCurrentIndex(0)
            self._filter()
        self._choose(piece)
        self.table.setFocus()

    def flush(self) -> None:
        self.form.flush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shared_out:
            self._shared_out = True
            self._share_width()

    def _share_width(self) -> None:
        right = min(self.context.theme.px(440), round(self.width() * 0.46))
        self.splitter.setSizes([self.width() - right, right])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.tabs.currentIndex() == CHECKUP:
            self.checkup.take_focus()
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what is shown

    def _name_checkup(self) -> None:
        run = checkup_of(self.context)
        self.tabs.setTabText(CHECKUP, f"送审前体检（{len(run.open)}）" if run.run else "送审前体检")

    def _on_tab(self, tab: int) -> None:
        # Keys of the table must not reach it while it is out of sight.
        for action in self._actions:
            action.setEnabled(tab == MATERIALS)

    def _filter(self) -> None:
        self._pause.stop()
        kind = EvidenceKind(self.kind.currentData()) if self.kind.currentData() else None
        self.found.set_wanted(self.search.text(), kind, self.state.currentData() or "")
        self._show_count()

    def _show_count(self) -> None:
        session = self.context.session
        pieces = session.assessment.evidence.values() if session else ()
        shown, total = self.found.rowCount(), len(pieces)
        unlinked = sum(not piece.clauses for piece in pieces)
        lacking = sum(bool(piece.lacks) for piece in pieces)
        parts = [f"{shown}/{total} 件" if shown != total else f"{total} 件"]
        parts += [f"{unlinked} 件没有关联"] if unlinked else []
        parts += [f"{lacking} 件有缺项"] if lacking else []
        self.count.setText("，".join(parts))
        self.stack.setCurrentIndex(0 if total else 1)

    def _choose(self, piece: str) -> None:
        """Select a piece, or the first row where there is none of that id."""
        row = self.rows.row_of(piece)
        index = self.found.mapFromSource(self.rows.index(row, 0)) if row >= 0 else self.found.index(0, 0)
        if index.isValid():
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)
            self._on_row(index)
        else:
            self._show_piece(None)

    def _on_row(self, index: QModelIndex) -> None:
        session = self.context.session
        piece = session.assessment.evidence.get(index.data(ID_ROLE)) if session and index.isValid() else None
        self._show_piece(piece)

    def _show_piece(self, piece: Evidence | None) -> None:
        if self.form.piece is not None and (piece is None or piece.id != self.form.piece.id):
            self.form.flush()
        self.form.show_piece(self.context.session, piece, self.context.writable)
        self.preview.show_piece(piece)
        offer(self._remove_button, self.context.writable and piece is not None, self.context.why_not)

    # --- what people do

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        materials = self.tabs.currentIndex() == MATERIALS
        if materials and self.context.writable and (mime.hasUrls() or mime.hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        pieces = intake.pieces_of(event.mimeData())
        QTimer.singleShot(0, self, lambda: self._take_in(pieces))

    def _pick(self) -> None:
        if self.context.writable:
            self._take_in(list(dialogs.open_files(self, "选择实证材料", intake.PICKED)))

    def _paste(self) -> None:
        self._take_in(intake.pieces_of(QGuiApplication.clipboard().mimeData()))

    def _take_in(self, pieces: list[intake.Piece]) -> None:
        if not pieces or not self.context.writable:
            return
        taken = intake.checked(self, pieces)
        if taken:
            self.context.operations.write("添加实证材料", intake.add_pieces, taken, [], progress=True)

    def _save(self, piece: str, fields: dict) -> None:
        about = [f"{name} {piece}" for name in fields]
        self._write("修改材料说明", evidence.edit_evidence, piece, about=about, **fields)

    def _link(self) -> None:
        session, piece = self.context.session, self.form.piece
        if session is None or piece is None:
            return
        picker = ClausePicker(session.pack, (*piece.clauses, *outside(session)), session.assessment.target, self)
        if dialogs.run(picker) and picker.chosen:
            self._write("关联条款", evidence.link_evidence, piece.id, picker.chosen)
        picker.deleteLater()

    def _replace(self) -> None:
        piece = self.form.piece
        chosen = dialogs.open_file(self, "选择新文件", intake.PICKED) if piece is not None else None
        taken = intake.checked(self, [chosen]) if chosen else []
        if piece is not None and chosen and taken:
            self.context.operations.write(
                "替换文件", evidence.replace_evidence, piece.id, chosen, chosen.name, progress=True
            )

    def _remove(self) -> None:
        if self.form.piece is not None:
            self._write("删除材料", evidence.remove_evidence, self.form.piece.id)

    def _write(self, what: str, work: "Callable[..., Changes]", *args: Any, **fields: Any) -> None:
        if self.context.writable:
            self.context.operations.write(what, work, *args, **fields)
