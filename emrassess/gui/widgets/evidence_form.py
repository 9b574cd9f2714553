"""What is known of a piece of evidence: fields to fill in, clauses it proves, its revisions."""

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.assessment import Evidence, EvidenceKind, Revision
from emrassess.gui.models.clause_rows import ID_ROLE, ClauseRows
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.captured_field import read_captured
from emrassess.reports.wording import KIND_NAMES, minute, size_text

if TYPE_CHECKING:
    from emrassess.services.session import Session


class Rows(QListView):
    """A short list: as high as its rows, within limits. Delete asks for a row's removal."""

    removed = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)

    def fit(self) -> None:
        """Take the height of the rows there are, one to six."""
        model = self.model()
        count = min(max(model.rowCount() if model else 0, 1), 6)
        self.setFixedHeight(count * (self.fontMetrics().height() + 10) + 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.removed.emit(self.currentIndex().data(ID_ROLE))
            return
        super().keyPressEvent(event)


class EvidenceForm(QWidget):
    """Edits one piece. Each field is saved when it is left or Enter is pressed; Escape takes back what was typed."""

    edited = Signal(str, dict)
    """Piece, and the fields to change: title, kind, source_system, captured_at."""
    link_wanted = Signal()
    unlinked = Signal(str, str)
    """Piece and clause."""
    clause_chosen = Signal(str)
    replace_wanted = Signal()
    revision_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.piece: Evidence | None = None
        self.title = self._edit("标题", "title")
        self.source = self._edit("来源系统", "source_system")
        self.captured = self._edit("截取时间", "captured_at")
        self.captured.setPlaceholderText("2026-11-21 08:30")
        self.source.setPlaceholderText("如 住院医生站")
        self._systems = QStringListModel(self)
        completer = QCompleter(self._systems, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.source.setCompleter(completer)
        self.kind = QComboBox()
        self.kind.setAccessibleName("类型")
        for kind in EvidenceKind:
            self.kind.addItem(KIND_NAMES[kind], kind.value)
        self.kind.activated.connect(self._on_kind)
        self.now = button("现在", self._set_now, tip="填上现在的时间")
        self.problem = label("", "bad", wrap=True)
        self.lacks = label("", "fair", wrap=True)
        self.clauses = ClauseRows(self)
        self.clause_list = Rows("证明的条款")
        self.clause_list.setModel(self.clauses)
        self.clause_list.removed.connect(self._unlink)
        self.clause_list.activated.connect(lambda index: self.clause_chosen.emit(index.data(ID_ROLE)))
        self.revisions = QStringListModel(self)
        self.revision_list = Rows("版本")
        self.revision_list.setModel(self.revisions)
        self.revision_list.selectionModel().currentChanged.connect(lambda index, _: self._on_revision(index.row()))
        self._writables = [self.kind, self.now]
        self._build(theme)

    def _edit(self, name: str, field: str) -> QLineEdit:
        edit = _Field()
        edit.setAccessibleName(name)
        edit.setMaxLength(200)
        edit.editingFinished.connect(lambda: self._on_edited(edit, field))
        edit.given_up.connect(self._show_fields)
        return edit

    def _build(self, theme: Theme) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.addWidget(label("标题"), 0, 0)
        grid.addWidget(self.title, 0, 1, 1, 4)
        grid.addWidget(label("类型"), 1, 0)
        grid.addWidget(self.kind, 1, 1)
        grid.addWidget(label("来源系统"), 1, 2)
        grid.addWidget(self.source, 1, 3, 1, 2)
        grid.addWidget(label("截取时间"), 2, 0)
        grid.addWidget(self.captured, 2, 1, 1, 3)
        grid.addWidget(self.now, 2, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.setSpacing(6)
        outer.addLayout(grid)
        outer.addWidget(self.problem)
        outer.addWidget(self.lacks)
        link = button("关联条款…", self.link_wanted.emit, tip="这件材料还能证明哪些条款")
        unlink = button("取消关联", self._unlink_current, tip="选中的条款不再用这件材料（Delete）")
        outer.addLayout(_line(label("证明的条款", "heading"), unlink, link))
        outer.addWidget(self.clause_list)
        replace = button("替换文件…", self.replace_wanted.emit, tip="换成新文件，旧版本保留")
        outer.addLayout(_line(label("版本", "heading"), replace))
        outer.addWidget(self.revision_list)
        outer.addStretch(1)
        self._writables += [link, unlink, replace]
        self.problem.hide()
        theme.changed.connect(self._fit)

    def show_piece(self, session: "Session | None", piece: Evidence | None, writable: bool) -> None:
        """Show a piece, or its new state; a field being typed in keeps what is typed."""
        another = piece is None or self.piece is None or piece.id != self.piece.id
        self.piece = piece
        self.setEnabled(piece is not None)
        for widget in self._writables:
            widget.setEnabled(writable)
        for edit in (self.title, self.source, self.captured):
            edit.setReadOnly(not writable)
        self._say("")
        if piece is None or session is None:
            return
        systems = {other.source_system for other in session.assessment.evidence.values() if other.source_system}
        self._systems.setStringList(sorted(systems))
        self._show_fields(keep_typing=not another)
        self.clauses.set_clauses(session.pack, piece.clauses)
        texts = [_revision_text(piece, number) for number in reversed(range(len(piece.revisions)))]
        if texts != self.revisions.stringList():
            self.revisions.setStringList(texts)
        self._fit()

    def flush(self) -> None:
        """Save the field that is being typed in."""
        for edit in (self.title, self.source, self.captured):
            if edit.hasFocus():
                edit.editingFinished.emit()

    def _show_fields(self, *, keep_typing: bool = False) -> None:
        piece = self.piece
        if piece is None:
            return
        captured = minute(piece.captured_at)
        for edit, text in ((self.title, piece.title), (self.source, piece.source_system), (self.captured, captured)):
            if not (keep_typing and edit.hasFocus() and edit.isModified()) and edit.text() != text:
                edit.setText(text)
        self.kind.setCurrentIndex(list(EvidenceKind).index(piece.kind))
        self.lacks.setText(f"还缺：{'、'.join(piece.lacks)}。专家会退回没有来源和时间的截图。" if piece.lacks else "")
        self.lacks.setVisible(bool(piece.lacks))

    def _on_edited(self, edit: QLineEdit, field: str) -> None:
        piece = self.piece
        if piece is None or edit.isReadOnly():
            return
        text = edit.text().strip()
        if edit is self.captured:
            if text == minute(piece.captured_at):
                self._say("")
                return
            try:
                text = read_captured(text, datetime.now())
            except ValueError as error:
                self._say(f"截取时间：{error}", self.captured)
                return
        self._say("")
        if text != getattr(piece, field):
            edit.setModified(False)
            self.edited.emit(piece.id, {field: text})

    def _on_kind(self) -> None:
        if self.piece is not None and self.kind.currentData() != self.piece.kind.value:
            self.edited.emit(self.piece.id, {"kind": EvidenceKind(self.kind.currentData())})

    def _set_now(self) -> None:
        self.captured.setText(datetime.now().strftime("%Y-%m-%d %H:%M"))
        self._on_edited(self.captured, "captured_at")

    def _unlink(self, clause: str) -> None:
        if self.piece is not None and not self.title.isReadOnly():
            self.unlinked.emit(self.piece.id, clause)

    def _unlink_current(self) -> None:
        index = self.clause_list.currentIndex()
        if not index.isValid() and self.clauses.rowCount() == 1:
            index = self.clauses.index(0)
        if index.isValid():
            self._unlink(index.data(ID_ROLE))

    def _on_revision(self, row: int) -> None:
        if self.piece is not None and 0 <= row < len(self.piece.revisions):
            chosen: Revision = self.piece.revisions[-1 - row]
            self.revision_chosen.emit(chosen)

    def _say(self, message: str, edit: QLineEdit | None = None) -> None:
        self.problem.setText(message)
        self.problem.setVisible(bool(message))
        for field in (self.title, self.source, self.captured):
            set_role(field, "invalid", field is edit)
            field.setAccessibleDescription(message if field is edit else "")

    def _fit(self) -> None:
        self.clause_list.fit()
        self.revision_list.fit()


class _Field(QLineEdit):
    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            return
        super().keyPressEvent(event)


def _line(heading: QWidget, *buttons: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.addWidget(heading, 1)
    for widget in buttons:
        line.addWidget(widget)
    return line


def _revision_text(piece: Evidence, number: int) -> str:
    revision = piece.revisions[number]
    state = "当前" if number == len(piece.revisions) - 1 else f"第 {number + 1} 版"
    if revision.sha256 in piece.kept_back:
        state += "　原图（不外发）"
    elif revision.masks:
        state += "　已遮盖"
    return f"{state}　{revision.file_name}　{size_text(revision.size)}　{minute(revision.added_at)} {revision.added_by}"
