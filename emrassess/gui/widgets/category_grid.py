"""The category grid: keys confirm cells, a header counts each level against annex 2."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from emrassess.domain.pack import Category
from emrassess.gui.models.categories import CELL, COUNTS, CategoryModel
from emrassess.gui.theme import Theme

KEYS = {
    Qt.Key.Key_B: Category.BASIC, Qt.Key.Key_1: Category.BASIC,
    Qt.Key.Key_O: Category.OPTIONAL, Qt.Key.Key_2: Category.OPTIONAL,
    Qt.Key.Key_Delete: None, Qt.Key.Key_Backspace: None, Qt.Key.Key_0: None,
}  # fmt: skip
LOOK = {
    Category.BASIC: ("基本", "accent"),
    Category.OPTIONAL: ("选择", "good"),
    Category.UNVERIFIED: ("待核对", "fair"),
}


class CategoryGrid(QTableView):
    """`wanted` carries the cells and the category to confirm (None takes back)."""

    wanted = Signal(object, object)

    def __init__(self, theme: Theme, model: CategoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self.setModel(model)
        self.setAccessibleName("评价类别表")
        self.setItemDelegate(_CellPainter(theme))
        self._counts = _Counts(theme, self)
        self.setHorizontalHeader(self._counts)
        self.setShowGrid(False)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self._dress)
        self._dress()

    def show_target(self, level: int) -> None:
        """Mark the target's column."""
        self._counts.target = level
        self._counts.viewport().update()

    def selected_cells(self) -> list[tuple[str, int]]:
        """The selected cells that a person can confirm, by item and level, from top to bottom."""
        cells = [self._model.cell(index) for index in self.selectedIndexes()]
        return sorted((cell.item, cell.level) for cell in cells if cell.open_to_person)

    def next_open(self) -> None:
        """From a single cell on to the next one below that is still open."""
        index = self.currentIndex()
        for row in range(index.row() + 1, self._model.rowCount()):
            below = self._model.index(row, index.column())
            if self._model.cell(below).category is Category.UNVERIFIED:
                self.setCurrentIndex(below)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and Qt.Key(event.key()) in KEYS:
            self.wanted.emit(self.selected_cells(), KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _dress(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.px(27))
        self.verticalHeader().setFixedWidth(self._theme.px(190))
        self.horizontalHeader().setFixedHeight(self._theme.px(84))
        self.viewport().update()


class _CellPainter(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, cell = self._theme, index.data(CELL)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.colour("accent_soft"))
        box = QRectF(option.rect).adjusted(4, 3, -4, -3)
        if cell.category is None:
            painter.setPen(theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "—")
        else:
            text, name = LOOK[cell.category]
            colour = theme.colour(name)
            painter.setPen(Qt.PenStyle.NoPen)
            if cell.category is Category.UNVERIFIED:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            else:
                painter.setBrush(theme.colour(f"{name}_soft"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(colour)
            painter.setFont(theme.font(9.5, bold=cell.category is Category.BASIC))
            suffix = "" if cell.category is Category.UNVERIFIED else ("　包" if not cell.open_to_person else "　√")
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text + suffix)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
        painter.restore()


class _Counts(QHeaderView):
    """Level, and basic and optional counts of those annex 2 has; loud where that cannot be."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.target = 0

    def sizeHint(self) -> QSize:
        return QSize(100, self._theme.px(84))

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        theme, counts = self._theme, self.model().headerData(logical_index, Qt.Orientation.Horizontal, COUNTS)
        painter.save()
        painter.fillRect(rect, theme.colour("raised"))
        if counts is not None:
            wanted = counts.requirement
            lines = (
                ("目标 " * (counts.level == self.target) + f"{counts.level} 级", "text", True, False),
                (f"基本 {counts.basic}/{wanted.basic_items}", "accent", False, counts.basic > wanted.basic_items),
                (
                    f"选择 {counts.optional}/{wanted.optional_total}",
                    "good",
                    False,
                    counts.optional > wanted.optional_total,
                ),
                (f"待核对 {counts.open}" if counts.open else "已全部确认", "muted", False, False),
            )
            if counts.contradiction:
                painter.fillRect(rect.adjusted(2, 0, -2, 0), theme.colour("bad_soft"))
            height = rect.height() / 4
            for number, (text, colour, bold, loud) in enumerate(lines):
                box = QRectF(rect.left(), rect.top() + number * height, rect.width(), height)
                painter.setFont(theme.font(9.5, bold=bold or loud))
                painter.setPen(theme.colour("bad" if loud else colour))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"！{text}" if loud else text)
        painter.restore()
