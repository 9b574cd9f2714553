"""常见问题: the same problem in several departments, clauses and rounds, with how often."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QRadioButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from emrassess.gui.context import Context
from emrassess.gui.models.ledger import Wanted
from emrassess.gui.models.ledger_common import PROBLEM_ROLE, CommonColumn, CommonModel, CommonProxy
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label

if TYPE_CHECKING:
    from emrassess.domain.common_problems import CommonProblem, CommonProblems
    from emrassess.services.session import Session

WIDTHS = {
    CommonColumn.COUNT: 64, CommonColumn.OPEN: 84, CommonColumn.DEPARTMENTS: 200, CommonColumn.CLAUSES: 230,
    CommonColumn.ROUNDS: 150,
}  # fmt: skip
LEAST_NAME = 260
GIVE_WAY = (CommonColumn.ROUNDS, CommonColumn.CLAUSES)


class CommonTab(QWidget):
    """`wanted`: show the findings of a common problem."""

    wanted = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._found: CommonProblems | None = None
        self._stale = True
        self._reading = False
        self.problems = CommonModel(context.theme, self)
        self._sorted = CommonProxy(self.problems, self)
        self.table = _Table(context.theme, self._sorted)
        self.by_phrase, self.by_clause = QRadioButton("按说法"), QRadioButton("按条款")
        self.by_phrase.setToolTip("同一种说法算一个，说法来自常见问题短语，其余按文字相近归在一起")
        self.by_clause.setToolTip("同一条款的问题算一个")
        self.by_phrase.setChecked(True)
        self.open = button("看这些问题", self._open, primary=True, tip="在台账里只看选中的这一类（回车键）")
        self._says = label("", "muted", wrap=True)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(label("归类"))
        line.addWidget(self.by_phrase)
        line.addWidget(self.by_clause)
        line.addWidget(self._says, 1)
        line.addWidget(self.open)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 10)
        box.addLayout(line)
        box.addWidget(self.table, 1)
        self.by_phrase.toggled.connect(self._list)
        self.table.opened.connect(self._open)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_state())
        self._show_state()

    def show_stale(self) -> None:
        """The ledger has changed: group it anew once it is looked at."""
        self._stale = True
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _read(self) -> None:
        session = self._context.session
        if session is None or not self._stale or self._reading:
            return
        self._stale, self._reading = False, True
        handle = self._context.operations.background(_grouped, session)
        handle.done.connect(lambda found: self._take(session, found))
        handle.failed.connect(self._give_up)

    def _take(self, session: "Session", found: "CommonProblems") -> None:
        self._reading = False
        if session is not self._context.session:
            return
        self._found = found
        self._list()
        if self._stale:
            self._read()

    def _give_up(self, _error: Exception) -> None:
        self._reading = False
        self._says.setText("没有能够归类。")

    def _list(self) -> None:
        session, found = self._context.session, self._found
        if session is None or found is None:
            return
        by_phrase = self.by_phrase.isChecked()
        listed = found.by_phrase if by_phrase else found.by_clause
        known = session.pack.clause_by_id
        texts = {} if by_phrase else {p.what: known[p.what].text for p in listed if p.what in known}
        self.problems.show_problems(listed, texts)
        several = sum(problem.count > 1 for problem in listed)
        self._says.setText(f"{len(listed)} 类，其中 {several} 类出现不止一次" if listed else "台账里还没有问题。")
        if listed:
            self.table.setCurrentIndex(self._sorted.index(0, 0))
        self._show_state()

    def _show_state(self) -> None:
        self.open.setEnabled(self.table.currentIndex().isValid())

    def _open(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            problem: CommonProblem = index.data(PROBLEM_ROLE)
            self.wanted.emit(Wanted(ids=frozenset(problem.ids), named=problem.what))


def _grouped(session: "Session") -> "CommonProblems":
    """On the background thread: comparing the texts of a large ledger takes a while."""
    from emrassess.domain.common_problems import common_problems  # noqa: PLC0415
    from emrassess.services.phrases import phrases  # noqa: PLC0415

    return common_problems(session.assessment.findings, [phrase.text for phrase in phrases()])


class _Table(QTableView):
    """Enter or a double click opens the findings."""

    opened = Signal()

    def __init__(self, theme: Theme, model: CommonProxy) -> None:
        super().__init__()
        self._theme = theme
        self.setModel(model)
        self.setAccessibleName("常见问题")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        heads = self.horizontalHeader()
        heads.setSectionResizeMode(CommonColumn.WHAT, QHeaderView.ResizeMode.Stretch)
        heads.setHighlightSections(False)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.doubleClicked.connect(lambda _: self.opened.emit())
        theme.changed.connect(self.fit)

    def fit(self) -> None:
        """Give the columns their widths at the text size in force, and hide what does not fit."""
        theme, left = self._theme, self.viewport().width()
        widths = {column: theme.px(width) for column, width in WIDTHS.items()}
        needed = theme.px(LEAST_NAME) + sum(widths.values())
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
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters and digits are the page's keys."""
