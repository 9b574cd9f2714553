"""Common problems as a table: by what they say, or by clause."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from emrassess.domain.common_problems import CommonProblem
from emrassess.domain.review import round_name
from emrassess.gui.models.ledger import NOBODY_NAME
from emrassess.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
HEADS = ("问题", "个数", "未销号", "责任科室", "条款", "轮次")
PROBLEM_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
NAMED = 4
"""More clauses than this are counted, not named."""


class CommonColumn(IntEnum):
    """Columns of the table."""

    WHAT = 0
    COUNT = 1
    OPEN = 2
    DEPARTMENTS = 3
    CLAUSES = 4
    ROUNDS = 5


class CommonModel(QAbstractTableModel):
    """`PROBLEM_ROLE` gives the CommonProblem."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problems: tuple[CommonProblem, ...] = ()
        self._texts: Mapping[str, str] = {}

    def show_problems(self, problems: Sequence[CommonProblem], texts: Mapping[str, str]) -> None:
        """Show these; `texts`: what to write beside a clause that is one's name."""
        self.beginResetModel()
        self._problems, self._texts = tuple(problems), texts
        self.endResetModel()

    def name(self, problem: CommonProblem) -> str:
        """What it is called."""
        text = self._texts.get(problem.what, "")
        return f"{problem.what}　{text}" if text else problem.what

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._problems)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        problem, column = self._problems[index.row()], CommonColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(problem, column)
            case Qt.ItemDataRole.ToolTipRole:
                return "、".join(problem.clauses) if column is CommonColumn.CLAUSES else self._text(problem, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{HEADS[column]}：{self._text(problem, column)}"
            case Qt.ItemDataRole.FontRole if column is CommonColumn.COUNT:
                return self._theme.font(bold=True)
            case Qt.ItemDataRole.ForegroundRole if column is CommonColumn.OPEN and not problem.open:
                return self._theme.colour("good")
            case _ if role == PROBLEM_ROLE:
                return problem
            case _ if role == SORT_ROLE:
                return self._sort_key(problem, column)
        return None

    def _text(self, problem: CommonProblem, column: CommonColumn) -> str:
        match column:
            case CommonColumn.WHAT:
                return self.name(problem)
            case CommonColumn.COUNT:
                return str(problem.count)
            case CommonColumn.OPEN:
                return str(problem.open) if problem.open else "都已销号"
            case CommonColumn.DEPARTMENTS:
                return "、".join(f"{name or NOBODY_NAME} {count}" for name, count in problem.departments.items())
            case CommonColumn.CLAUSES:
                more = f" 等 {len(problem.clauses)} 条" if len(problem.clauses) > NAMED else ""
                return "、".join(problem.clauses[:NAMED]) + more
            case CommonColumn.ROUNDS:
                return "、".join(map(round_name, problem.rounds))

    def _sort_key(self, problem: CommonProblem, column: CommonColumn) -> Any:
        numbers = {CommonColumn.COUNT: problem.count, CommonColumn.OPEN: problem.open}
        return numbers[column] if column in numbers else self._text(problem, column)


class CommonProxy(QSortFilterProxyModel):
    """Sorts by what a column means."""

    def __init__(self, source: CommonModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)
