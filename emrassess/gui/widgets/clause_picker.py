"""A dialog that picks clauses, with a search."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from emrassess.domain.pack import Pack
from emrassess.gui.models.clause_rows import ID_ROLE, ClauseRows, ClauseSearch
from emrassess.gui.widgets.basics import button, label


class ClausePicker(QDialog):
    """Type to search, ↓ goes to the list, Enter takes what is selected there, or the first hit."""

    def __init__(self, pack: Pack, without: Iterable[str], target: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("关联条款")
        self.resize(620, 480)
        taken = set(without)
        self._rows = ClauseRows(self)
        ids = [clause.id for clause in pack.clause_by_id.values() if clause.id not in taken]
        self._rows.set_clauses(pack, sorted(ids, key=lambda i: (i[6] > str(target), i[:5])))
        self._found = ClauseSearch(self._rows, self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("编号、项目或要求中的字，如 01.01.4、医嘱 送达")
        self.search.setAccessibleName("查找条款")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._found.search)
        self.search.installEventFilter(self)
        self.list = QListView()
        self.list.setModel(self._found)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName("条款")
        self.list.activated.connect(self.accept)
        line = QHBoxLayout()
        line.addWidget(label("可按住 Ctrl 选多条", "muted"), 1)
        line.addWidget(button("取消", self.reject))
        line.addWidget(button("关联", self.accept, primary=True))
        box = QVBoxLayout(self)
        box.addWidget(self.search)
        box.addWidget(self.list, 1)
        box.addLayout(line)
        self.search.setFocus()

    @property
    def chosen(self) -> list[str]:
        """The picked clauses, in the standard's order."""
        picked = sorted(index.row() for index in self.list.selectionModel().selectedRows())
        if not picked and self.search.text().strip() and self._found.rowCount():
            picked = [0]
        return [self._found.index(row, 0).data(ID_ROLE) for row in picked]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self._found.rowCount():
                self.list.setFocus()
                self.list.setCurrentIndex(self._found.index(0, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
        return super().eventFilter(watched, event)
