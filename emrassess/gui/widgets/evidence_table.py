"""The table of all evidence: the title takes the width that is left, and what does not fit gives way."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from emrassess.gui.models.evidence_table import Column, EvidenceFilter
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.row_table import whole_rows

LEAST_TITLE = 150
WIDTHS = {
    Column.KIND: 84, Column.CLAUSES: 54, Column.STATE: 140, Column.SOURCE: 100, Column.CAPTURED: 136,
    Column.FILE: 130, Column.SIZE: 80,
}  # fmt: skip
GIVE_WAY = (Column.SIZE, Column.SOURCE, Column.CAPTURED, Column.FILE, Column.KIND)
"""Hidden in this order while the table is too narrow; the form beside it shows them all the same."""


class EvidenceTable(QTableView):
    """Never scrolls sideways; sorts by a click on a head."""

    def __init__(self, theme: Theme, found: EvidenceFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setModel(found)
        whole_rows(self, "实证材料", Column.TITLE)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(False)
        theme.changed.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """Give the columns their widths at the text size in force, and hide what does not fit."""
        theme, left = self._theme, self.viewport().width()
        widths = {column: theme.px(width) for column, width in WIDTHS.items()}
        needed = theme.px(LEAST_TITLE) + sum(widths.values())
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
