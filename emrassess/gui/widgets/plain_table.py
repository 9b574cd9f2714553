"""A table of words whose rows are chosen as a whole."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from emrassess.gui.theme import Theme


def plain_table(theme: Theme, model: QAbstractItemModel, name: str, widths: Sequence[int]) -> QTableView:
    """`widths`: of all columns but the last, at a text size of 100 %; the last takes what is left. It owns `model`."""
    table = QTableView()
    model.setParent(table)
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    heads = table.horizontalHeader()
    heads.setHighlightSections(False)
    heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    heads.setSectionResizeMode(len(widths), QHeaderView.ResizeMode.Stretch)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, theme.px(width))
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
    return table
