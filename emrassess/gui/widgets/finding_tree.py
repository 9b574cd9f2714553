"""The list of what the check-up found: kinds with their counts, and below each what is to be looked at."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QTreeView, QWidget

from emrassess.domain.checkup import SEVERITY_NAMES, Finding, Severity
from emrassess.gui.models.checkup import COUNT_ROLE, FINDING_ROLE, SEVERITY_ROLE, FindingTree
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.two_lines import TwoLines

Index = QModelIndex | QPersistentModelIndex
COLOURS = {Severity.BLOCKING: "bad", Severity.WARNING: "fair"}


class _FindingDelegate(TwoLines):
    """A kind in one line, with how grave it is and how many there are; a finding in two."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        whole = super().sizeHint(option, index)
        return whole if index.parent().isValid() else QSize(whole.width(), option.fontMetrics.height() + 14)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if index.parent().isValid():
            super().paint(painter, option, index)
            return
        theme, severity = self._theme, index.data(SEVERITY_ROLE)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.colour("accent_soft"))
        box = option.rect.adjusted(4, 0, -10, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(bold=True))
        said = f"{SEVERITY_NAMES[severity]}　{index.data(COUNT_ROLE)}"
        taken = painter.fontMetrics().horizontalAdvance(said) + 12
        painter.setPen(theme.colour(COLOURS[severity]))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, said)
        words = QRect(box.left(), box.top(), box.width() - taken, box.height())
        shown = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, words.width())
        painter.setPen(theme.colour("text"))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | middle, shown)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.color(QPalette.ColorRole.Accent))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()


class FindingView(QTreeView):
    """Several findings can be selected at once; Enter or a double click leads to where one can be mended."""

    def __init__(self, theme: Theme, model: FindingTree, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_FindingDelegate(theme))
        self.setAccessibleName("体检结果")
        self.setHeaderHidden(True)
        self.setIndentation(theme.px(18))
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(lambda: self.setIndentation(theme.px(18)))

    def selected(self) -> tuple[Finding, ...]:
        """The findings selected, in the order they stand; a kind that is selected stands for all of its own."""
        chosen: dict[str, Finding] = {}
        for index in sorted(self.selectionModel().selectedIndexes(), key=_place):
            for row in range(self._model.rowCount(index)) or (None,):
                finding = (index if row is None else self._model.index(row, 0, index)).data(FINDING_ROLE)
                chosen[finding.id] = finding
        return tuple(chosen.values())


def _place(index: QModelIndex) -> tuple[int, int]:
    return (index.parent().row(), index.row()) if index.parent().isValid() else (index.row(), -1)
