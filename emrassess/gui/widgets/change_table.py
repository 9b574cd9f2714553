"""Changes as a table with a filter by kind, and both texts of the chosen one side by side below."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableView,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from emrassess.gui.models.change_rows import ROW_ROLE, ChangeFilter, ChangeModel, ChangeRow, choices, marked
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.thumbnails import fitted

PICTURE = (150, 88)
"""Room for a picture beside its text, at 100 % text size."""


class ChangeTable(QWidget):
    """`heads`: the columns; `widths`: of all but the last, which takes what is left."""

    row_chosen = Signal(object)
    """The ChangeRow whose texts are shown; None where there is none."""

    def __init__(
        self, theme: Theme, name: str, heads: Sequence[str], widths: Sequence[int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.model = ChangeModel(heads, self)
        self.found = ChangeFilter(self.model, self)
        self.kinds = QComboBox()
        self.kinds.setAccessibleName("显示哪些改动")
        self.kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.kinds.currentIndexChanged.connect(self._on_kind)
        self.table = _table(self.found, name)
        self._before, self._after = _Text(theme, "原文字"), _Text(theme, "新文字")
        self._arrange(widths)
        self.table.selectionModel().currentChanged.connect(self._on_row)
        self.found.modelReset.connect(self._choose_first)

    def _arrange(self, widths: Sequence[int]) -> None:
        heads = self.table.horizontalHeader()
        for column, width in enumerate(widths):
            self.table.setColumnWidth(column, self._theme.px(width))
        heads.setSectionResizeMode(len(widths), QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setDefaultSectionSize(self.table.fontMetrics().height() + 12)
        line = QHBoxLayout()
        line.addWidget(label("显示"))
        line.addWidget(self.kinds)
        line.addStretch(1)
        line.addWidget(label("点表头排序；选一行，下面对照文字", "muted"))
        texts = QWidget()
        row = QHBoxLayout(texts)
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(self._before, 1)
        row.addWidget(self._after, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(texts)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 8, 0, 0)
        box.addLayout(line)
        box.addWidget(split, 1)

    def show_rows(self, rows: Sequence[ChangeRow]) -> None:
        """Show these; only changes, where there are any."""
        self.model.show_rows(rows)
        counts = choices(rows)
        self._fill(counts)
        self.kinds.setCurrentIndex(0 if counts["全部改动"] else len(counts) - 1)
        self._on_kind()

    def _fill(self, counts: Mapping[str, int]) -> None:
        self.kinds.blockSignals(True)
        self.kinds.clear()
        for name, count in counts.items():
            self.kinds.addItem(f"{name}（{count}）", name)
        self.kinds.blockSignals(False)

    def _on_kind(self) -> None:
        self.found.show_kind(self.kinds.currentData())
        self._choose_first()

    def _choose_first(self) -> None:
        self.table.setCurrentIndex(self.found.index(0, 0))
        self._on_row(self.table.currentIndex())

    def _on_row(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        row: ChangeRow | None = index.data(ROW_ROLE) if index.isValid() else None
        if row is None:
            self._before.say("", "")
            self._after.say("", "")
            self.row_chosen.emit(None)
            return
        colours = self._theme.colours
        before, after = marked(row.before, row.after, colours.bad, colours.good)
        self._before.say(row.before_head, before)
        self._after.say(row.after_head, after)
        self.row_chosen.emit(row)

    def show_pictures(self, before: QPixmap | None, after: QPixmap | None) -> None:
        """Show pictures beside the texts of the chosen row, as long as it is chosen."""
        self._before.show_picture(before)
        self._after.show_picture(after)


class _Text(QWidget):
    """A text that can be copied, under a head; beside it maybe a picture."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._picture = QLabel()
        self._picture.setAccessibleName(f"{name}的小图")
        self._picture.hide()
        self._head: QLabel = label("", "muted", wrap=True)
        self._text = QTextEdit()
        self._text.setAccessibleName(name)
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(self._text.fontMetrics().height() * 3)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._head)
        row = QHBoxLayout()
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        box.addLayout(row, 1)

    def say(self, head: str, html: str) -> None:
        self._head.setText(head)
        self._text.setHtml(html)
        self.show_picture(None)

    def show_picture(self, pixmap: QPixmap | None) -> None:
        self._picture.setVisible(pixmap is not None)
        if pixmap is not None:
            wide, high = map(self._theme.px, PICTURE)
            self._picture.setPixmap(fitted(pixmap, wide, high, self.devicePixelRatioF()))


def _table(found: ChangeFilter, name: str) -> QTableView:
    table = QTableView()
    table.setModel(found)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSortingEnabled(True)
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    table.verticalHeader().hide()
    heads = table.horizontalHeader()
    heads.setHighlightSections(False)
    heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
