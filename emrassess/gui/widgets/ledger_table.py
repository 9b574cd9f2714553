"""The table of the ledger: several findings may be selected; the problem takes the width that is left."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from emrassess.gui.models.ledger import Column, LedgerProxy, LedgerRow
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.row_table import whole_rows

LEAST_PROBLEM = 170
WIDTHS = {
    Column.ID: 112, Column.SEVERITY: 76, Column.DEPARTMENT: 84, Column.OWNER: 66, Column.DEADLINE: 118,
    Column.STATE: 74, Column.SUPERVISED: 70, Column.ROUND: 80,
}  # fmt: skip
GIVE_WAY = (Column.ROUND, Column.OWNER, Column.SEVERITY, Column.SUPERVISED, Column.DEPARTMENT)
"""Hidden in this order while the table is too narrow; the details say them too, and what presses stands with the id."""
TOLD_WITH_ID = (Column.SEVERITY, Column.SUPERVISED)
LINES = 2


class LedgerTable(QTableView):
    """Never scrolls sideways; sorts by a click on a head; Enter or a double click goes to the clause."""

    opened = Signal(str)
    """The clause of a finding was asked for."""

    def __init__(self, theme: Theme, found: LedgerProxy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._found = found
        self.setModel(found)
        whole_rows(self, "整改台账", Column.PROBLEM)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setWordWrap(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self._open)
        theme.changed.connect(self.fit)
        self.fit()

    @property
    def selected(self) -> list[LedgerRow]:
        """The selected findings, in the order they stand in."""
        # By ranges: asking for each of thousands of rows takes seconds.
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.size())]
        places = {place for chosen in ranges for place in range(chosen.top(), chosen.bottom() + 1)}
        return [self._found.row_at(place) for place in sorted(places)]

    def take(self, index: QModelIndex) -> None:
        """Select this finding and no other, whatever keys are held down meanwhile."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)

    def fit(self) -> None:
        """Give the columns their widths at the text size in force, and hide what does not fit."""
        theme, left = self._theme, self.viewport().width()
        widths = {column: theme.px(width) for column, width in WIDTHS.items()}
        needed = theme.px(LEAST_PROBLEM) + sum(widths.values())
        for column in GIVE_WAY:
            self.setColumnHidden(column, needed > left)
            if needed > left:
                needed -= widths[column]
        self._found.tell_with_id(tuple(column for column in TOLD_WITH_ID if self.isColumnHidden(column)))
        for column, width in widths.items():
            if not self.isColumnHidden(column):
                self.setColumnWidth(column, width)
        self.setIconSize(QSize(theme.px(15), theme.px(15)))
        self.verticalHeader().setDefaultSectionSize(LINES * self.fontMetrics().lineSpacing() + 8)

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
            self.opened.emit(self._found.row_at(index.row()).finding.clause)
