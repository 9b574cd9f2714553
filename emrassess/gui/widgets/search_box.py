"""Ctrl+F: a box over the window that finds clauses, notes and evidence as one types."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.models.scope import outside
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.two_lines import DETAIL, TwoLines

if TYPE_CHECKING:
    from emrassess.services.search import Hit, Search

ROOT = QModelIndex()
MOST = 200  # hits
MOVES = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class HitModel(QAbstractListModel):
    """Hits of a search: what they are, then the excerpt."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[Hit, ...] = ()
        self._titles: tuple[str, ...] = ()
        self._details: tuple[str, ...] = ()

    def show(self, hits: "tuple[Hit, ...]", titles: tuple[str, ...], details: tuple[str, ...]) -> None:
        """Show other hits; `titles` and `details` are their two lines."""
        self.beginResetModel()
        self._hits, self._titles, self._details = hits, titles, details
        self.endResetModel()

    def hit(self, row: int) -> "Hit":
        """The hit in a row."""
        return self._hits[row]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[index.row()]
        if role in (DETAIL, Qt.ItemDataRole.ToolTipRole):
            return self._details[index.row()]
        return None


class SearchBox(QFrame):
    """Floats over the middle of the window. Enter or a click goes to the hit, Escape closes."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("card")
        self._context = context
        self._window = window
        self._index: Search | None = None
        context.session_changed.connect(self._forget)
        self._field = QLineEdit()
        self._field.setAccessibleName("搜索")
        self._field.setPlaceholderText("搜索条款、说明、实证标题和文件名，如 危急值 或 01.03.5")
        self._field.setClearButtonEnabled(True)
        self._model = HitModel(self)
        self._list = QListView()
        self._list.setAccessibleName("搜索结果")
        self._list.setModel(self._model)
        self._list.setItemDelegate(TwoLines(context.theme))
        self._list.setUniformItemSizes(True)
        self._count = label("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 10)
        layout.addWidget(self._field)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._count)
        self._field.textChanged.connect(self._search)
        self._list.clicked.connect(self._go)
        self._list.activated.connect(self._go)
        self._field.installEventFilter(self)
        self._list.installEventFilter(self)
        self.hide()

    def _forget(self) -> None:
        self._index = None
        self._field.clear()
        self.hide()

    def open(self) -> None:
        """Show the box, what was typed last selected."""
        if self._context.session is None:
            return
        width = min(self._window.width() - 40, self._context.theme.px(720))
        height = min(self._window.height() - 120, self._context.theme.px(460))
        self.setGeometry((self._window.width() - width) // 2, 64, width, height)
        self.show()
        self.raise_()
        self._field.setFocus()
        self._field.selectAll()
        self._search(self._field.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            inside = self.isAncestorOf(self._window.focusWidget() or self._window)
            if not inside and self.isVisible():
                self.hide()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(watched, event)
        return super().eventFilter(watched, event)

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return True
        if watched is self._field and event.key() in MOVES:
            row = self._list.currentIndex().row() + (1 if event.key() in (MOVES[0], MOVES[2]) else -1)
            self._list.setCurrentIndex(self._model.index(min(max(row, 0), self._model.rowCount() - 1), 0))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(self._list.currentIndex())
            return True
        return False

    def _search(self, text: str) -> None:
        session = self._context.session
        if session is None or not self.isVisible():
            return
        if self._index is None:
            from emrassess.services.search import Search  # noqa: PLC0415 - not needed before the first search

            self._index = Search(session.pack)
        # All that there is, so that enough of it lies within the packet of a department.
        elsewhere = frozenset(outside(session))
        found = self._index.search(session.assessment, text, len(session.pack.clause_by_id) if elsewhere else MOST)
        hits = tuple(hit for hit in found if hit.evidence or hit.clause not in elsewhere)[:MOST]
        self._model.show(hits, tuple(map(self._title, hits)), tuple(map(self._detail, hits)))
        if hits:
            self._list.setCurrentIndex(self._model.index(0, 0))
            self._count.setText(f"{len(hits)} 个结果，回车前往，↑ ↓ 选择，Esc 关闭")
        else:
            self._count.setText("没有找到，换一个说法试试" if text.strip() else "输入几个字即可，不用输完整")

    def _title(self, hit: "Hit") -> str:
        session = self._context.session
        if session is None:
            return ""
        field = f"〔{hit.field}〕"
        if hit.evidence:
            piece = session.assessment.evidence.get(hit.evidence)
            return f"{field}　{piece.title or piece.current.file_name}" if piece else field
        item = session.pack.item_by_code[hit.clause[:5]]
        return f"{hit.clause}　{item.name}　{field}"

    def _detail(self, hit: "Hit") -> str:
        """The excerpt; the clause itself where it was found by a name, which stands in the title already."""
        session = self._context.session
        if session is not None and hit.clause and not hit.evidence and hit.field.name in ("CLAUSE_ID", "ITEM"):
            return session.pack.clause_by_id[hit.clause].text
        return hit.excerpt

    def _go(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        hit = self._model.hit(index.row())
        self._leave()
        self._context.go_to.emit(f"evidence:{hit.evidence}" if hit.evidence else f"clause:{hit.clause}")

    def _leave(self) -> None:
        self.hide()
        self._window.setFocus()
