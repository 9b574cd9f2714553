"""The departments at the left of the tasks: name, how much is delivered, what is overdue."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from emrassess.gui.models.departments import EVERYBODY, NOBODY, ROW_ROLE, DepartmentList, DepartmentRow
from emrassess.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
BAR = 6


class _DepartmentDelegate(QStyledItemDelegate):
    """The name with counts, a bar of what is delivered, and a line of what is overdue or when the next is due."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: DepartmentRow = index.data(ROW_ROLE)
        line = option.fontMetrics.height()
        return QSize(120, line + 16 if row.key == NOBODY else 2 * line + BAR + 24)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, row = self._theme, index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.colour("accent_soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, theme.colour("raised"))
        box = option.rect.adjusted(10, 7, -10, -7)
        font = option.font
        font.setBold(True)
        painter.setFont(font)
        line = painter.fontMetrics().height()
        self._paint_head(painter, QRect(box.left(), box.top(), box.width(), line), row)
        if row.key != NOBODY:
            font.setBold(False)
            painter.setFont(font)
            self._paint_bar(painter, QRectF(box.left(), box.top() + line + 4, box.width(), BAR), row)
            self._paint_state(painter, QRect(box.left(), box.bottom() - line, box.width(), line), row)
        painter.restore()

    def _paint_head(self, painter: QPainter, box: QRect, row: DepartmentRow) -> None:
        theme, metrics = self._theme, painter.fontMetrics()
        counts = f"{row.total} 条" if row.key == NOBODY else f"已交 {row.delivered}/{row.total}"
        room = box.width() - metrics.horizontalAdvance(counts) - 10
        painter.setPen(theme.colour("muted" if row.key == NOBODY and not row.total else "text"))
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        done = row.total and row.delivered == row.total
        painter.setPen(theme.colour("good" if done else "muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, counts)

    def _paint_bar(self, painter: QPainter, box: QRectF, row: DepartmentRow) -> None:
        theme = self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("none_soft"))
        painter.drawRoundedRect(box, 3, 3)
        start = box.left()
        for count, colour in ((row.delivered, "good"), (row.late, "bad")):
            if count and row.total:
                width = max(box.width() * count / row.total, BAR)
                painter.setBrush(theme.colour(colour))
                painter.drawRoundedRect(QRectF(start, box.top(), width, box.height()), 3, 3)
                start += width

    def _paint_state(self, painter: QPainter, box: QRect, row: DepartmentRow) -> None:
        theme, metrics = self._theme, painter.fontMetrics()
        late = f"已逾期 {row.late} 条" if row.late else ""
        painter.setPen(theme.colour("bad"))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, late)
        taken = metrics.horizontalAdvance(late) + 10 if late else 0
        rest = f"期限 {row.deadline}" if row.deadline and not late else row.people
        painter.setPen(theme.colour("muted"))
        words = box.adjusted(taken, 0, 0, 0)
        text = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class Departments(QListView):
    """One row is chosen at a time."""

    chosen = Signal(str)
    """The key of the row: a department's id, EVERYBODY or NOBODY."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = DepartmentList(self)
        self.setModel(self.rows)
        self.setItemDelegate(_DepartmentDelegate(theme, self))
        self.setAccessibleName("科室")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def key(self) -> str:
        """The key of the chosen row; EVERYBODY where none is."""
        row = self.currentIndex().data(ROW_ROLE)
        return row.key if row else EVERYBODY

    @property
    def department(self) -> str:
        """The id of the chosen department; "" where none is."""
        return "" if self.key in (EVERYBODY, NOBODY) else self.key

    def show_rows(self, rows: tuple[DepartmentRow, ...]) -> None:
        """Show these; the chosen one stays where it still is here."""
        key = self.key
        self.rows.show_rows(rows)
        self.choose(key)

    def choose(self, key: str) -> None:
        """Choose a row; the first where there is none of that key."""
        self.setCurrentIndex(self.rows.index(max(self.rows.row_of(key), 0)))

    def keyboardSearch(self, _search: str) -> None:
        """Letters and digits are the page's keys."""

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.key)
