"""The table of the clauses to be worked on: several may be selected; the requirement takes the width that is left."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from emrassess.gui.models.tasks import ROW_ROLE, Column, TaskProxy, TaskRow
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.row_table import whole_rows

LEAST_REQUIREMENT = 180
WIDTHS = {
    Column.CLAUSE: 88, Column.DEPARTMENT: 96, Column.PERSON: 70, Column.DEADLINE: 192, Column.STATE: 74,
    Column.VERDICT: 84, Column.EVIDENCE: 84,
}  # fmt: skip
GIVE_WAY = (Column.EVIDENCE, Column.PERSON, Column.VERDICT, Column.DEPARTMENT)
"""Hidden in this order while the table is too narrow."""


class TaskTable(QTableView):
    """Never scrolls sideways; sorts by a click on a head; Enter or a double click goes to the clause."""

    opened = Signal(str)
    """A clause was asked for."""

    def __init__(self, theme: Theme, found: TaskProxy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setModel(found)
        whole_rows(self, "任务", Column.REQUIREMENT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setWordWrap(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self._open)
        theme.changed.connect(self.fit)
        self.fit()

    @property
    def selected(self) -> list[TaskRow]:
        """The selected rows, in the order they stand in."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.model().index(row, 0).data(ROW_ROLE) for row in chosen]

    def fit(self) -> None:
        """Give the columns their widths at the text size in force, and hide what does not fit."""
        theme, left = self._theme, self.viewport().width()
        widths = {column: theme.px(width) for column, width in WIDTHS.items()}
        needed = theme.px(LEAST_REQUIREMENT) + sum(widths.values())
        for column in GIVE_WAY:
            self.setColumnHidden(column, needed > left)
            if needed > left:
                needed -= widths[column]
        for column, width in widths.items():
            if not self.isColumnHidden(column):
                self.setColumnWidth(column, width)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters and digits are the page's keys."""

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(index.data(ROW_ROLE).clause.id)
