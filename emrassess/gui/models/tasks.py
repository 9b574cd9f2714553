"""The clauses to be worked on as a table, and the filter over it."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.pack import Clause
from emrassess.domain.planning import (
    STATE_NAMES,
    Task,
    TaskFilter,
    WorkState,
    deadline_text,
    overdue,
    state_of,
)
from emrassess.gui.models.departments import EVERYBODY, NOBODY
from emrassess.gui.theme import Theme
from emrassess.reports.wording import STATE_NAMES as EVIDENCE_NAMES
from emrassess.services import tasks

if TYPE_CHECKING:
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
HEADS = ("条款", "要求", "科室", "负责人", "期限", "状态", "自评", "实证")
SORT_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE = Qt.ItemDataRole.UserRole + 1


class Column(IntEnum):
    """Columns of the table."""

    CLAUSE = 0
    REQUIREMENT = 1
    DEPARTMENT = 2
    PERSON = 3
    DEADLINE = 4
    STATE = 5
    VERDICT = 6
    EVIDENCE = 7


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A clause with the work on it."""

    clause: Clause
    item: str
    task: Task | None
    department: str
    deadline: str
    late: bool
    mine: bool
    verdict: Verdict
    evidence: EvidenceState

    @property
    def state(self) -> WorkState:
        return state_of(self.task)

    def text(self, column: int) -> str:
        """What stands in a column."""
        task = self.task
        match Column(column):
            case Column.CLAUSE:
                return self.clause.id
            case Column.REQUIREMENT:
                return self.clause.text
            case Column.DEPARTMENT:
                return self.department
            case Column.PERSON:
                return task.person if task else ""
            case Column.DEADLINE:
                return self.deadline
            case Column.STATE:
                return STATE_NAMES[self.state]
            case Column.VERDICT:
                return VERDICT_NAMES[self.verdict]
            case Column.EVIDENCE:
                return EVIDENCE_NAMES[self.evidence]

    def tip(self, column: int) -> str:
        """More than stands in the column, where there is more."""
        if column == Column.STATE and self.task and self.task.comment:
            return f"{STATE_NAMES[self.state]}。意见：{self.task.comment}"
        return f"{self.item}　{self.clause.text}" if column <= Column.REQUIREMENT else self.text(column)


def task_rows(session: "Session") -> tuple[TaskRow, ...]:
    """The clauses to be worked on, in the standard's order."""
    assessment, states, pack = session.assessment, session.states, session.pack
    departments, today = assessment.departments, tasks.now(session)
    late, mine = frozenset(tasks.overdue(session, today)), frozenset(tasks.mine(session))

    def row(clause: Clause) -> TaskRow:
        task = assessment.tasks.get(clause.id)
        department = departments.get(task.department) if task else None
        item = pack.item_by_code[clause.item]
        return TaskRow(
            clause,
            f"{item.code} {item.name}",
            task,
            department.name if department else "",
            deadline_text(task, today) if task else "",
            clause.id in late,
            clause.id in mine,
            assessment.answer(clause.id).verdict,
            states.get(clause.id, EvidenceState.NONE),
        )

    return tuple(row(pack.clause_by_id[clause]) for clause in tasks.planned(session))


def task_text(session: "Session", clause: str, today: date) -> str:
    """Whose a clause is, by when and how far, on one line, then what is to be changed; "" where it is nobody's."""
    task = session.assessment.tasks.get(clause)
    if task is None:
        return ""
    department = session.assessment.departments.get(task.department)
    whose = f"{department.name if department else ''} {task.person}".strip()
    line = " · ".join(part for part in (whose, deadline_text(task, today), STATE_NAMES[task.state]) if part)
    asked = task.state in (WorkState.CHANGES_REQUESTED, WorkState.IN_PROGRESS) and task.comment
    return f"{line}\n修改意见：{task.comment}" if asked else line


def pressing(session: "Session", clause: str, today: date) -> bool:
    """Whether a clause is overdue or was given back."""
    task = session.assessment.tasks.get(clause)
    return task is not None and (task.state is WorkState.CHANGES_REQUESTED or overdue(task, today))


class TaskTableModel(QAbstractTableModel):
    """Rows of `task_rows`."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[TaskRow, ...] = ()

    def show_rows(self, rows: tuple[TaskRow, ...]) -> None:
        """Show these; where the clauses are the same, only rows that differ are announced."""
        if [row.clause.id for row in rows] != [row.clause.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        before, self._rows = self._rows, rows
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(HEADS) - 1))

    def row(self, place: int) -> TaskRow:
        """The row at a place."""
        return self._rows[place]

    def row_of(self, clause: str) -> int:
        """The place of a clause; -1 where it is not here."""
        return next((place for place, row in enumerate(self._rows) if row.clause.id == clause), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.text(column)
            case Qt.ItemDataRole.ToolTipRole:
                return row.tip(column)
            case Qt.ItemDataRole.ForegroundRole if colour := _colour(row, column):
                return self._theme.colour(colour)
            case _ if role == SORT_ROLE:
                return _sort_key(row, column, index.row())
            case _ if role == ROW_ROLE:
                return row
        return None


_STATE_COLOURS = {
    WorkState.UNASSIGNED: "muted",
    WorkState.SUBMITTED: "accent",
    WorkState.CHANGES_REQUESTED: "bad",
    WorkState.ACCEPTED: "good",
}
_VERDICT_COLOURS = {Verdict.MET: "good", Verdict.PARTIAL: "fair", Verdict.UNMET: "bad", Verdict.NOT_ASSESSED: "muted"}
_EVIDENCE_COLOURS = {
    EvidenceState.NONE: "muted",
    EvidenceState.INCOMPLETE: "fair",
    EvidenceState.COMPLETE: "good",
}


def _colour(row: TaskRow, column: int) -> str:
    match column:
        case Column.DEADLINE:
            return "bad" if row.late else ""
        case Column.STATE:
            return _STATE_COLOURS.get(row.state, "")
        case Column.VERDICT:
            return _VERDICT_COLOURS[row.verdict]
        case Column.EVIDENCE:
            return _EVIDENCE_COLOURS[row.evidence]
        case _:
            return ""


_STATES, _VERDICTS, _EVIDENCE = tuple(WorkState), tuple(Verdict), tuple(EvidenceState)


def _sort_key(row: TaskRow, column: int, place: int) -> Any:
    match column:
        case Column.CLAUSE:
            return place
        case Column.STATE:
            return _STATES.index(row.state)
        case Column.VERDICT:
            return _VERDICTS.index(row.verdict)
        case Column.EVIDENCE:
            return _EVIDENCE.index(row.evidence)
        case Column.DEADLINE:
            return row.task.deadline or "~" if row.task else "~~"
        case _:
            return row.text(column).casefold()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to hold of a clause; empty fields let everything through. `department`: an id, EVERYBODY or NOBODY."""

    words: tuple[str, ...] = ()
    department: str = EVERYBODY
    filter: TaskFilter | None = None
    state: WorkState | None = None

    def passes(self, row: TaskRow) -> bool:
        """Whether `row` is to be seen."""
        whose = row.task.department if row.task else NOBODY
        if self.department not in (EVERYBODY, whose) or self.state not in (None, row.state):
            return False
        if (
            self.filter
            and not {
                TaskFilter.MINE: row.mine,
                TaskFilter.OVERDUE: row.late,
                TaskFilter.UNASSIGNED: row.state is WorkState.UNASSIGNED,
            }[self.filter]
        ):
            return False
        about = f"{row.clause.id} {row.item} {row.clause.text} {row.department} {row.text(Column.PERSON)}".casefold()
        return all(word in about for word in self.words)


def why_nothing(session: "Session", wanted: Wanted) -> str:
    """What to say where no clause passes `wanted`, and what to do then."""
    department = session.assessment.departments.get(wanted.department)
    if wanted.words or wanted.state:
        return "没有符合的条款，请改筛选，或换个词查找。"
    if wanted.filter == TaskFilter.MINE:
        return (
            f"没有分给“{session.user}”的任务。负责人写的是这个姓名，或科室的人员里有这个姓名，才算“我的”；"
            "姓名在“编辑 › 填报人姓名…”里改。"
        )
    if wanted.filter == TaskFilter.OVERDUE:
        return "没有逾期的任务。"
    if department is not None and wanted.filter is None:
        return f"“{department.name}”还没有任务。到“全部条款”里选中条款，按 A 分派给它。"
    return "没有未分派的条款。"


class TaskProxy(QSortFilterProxyModel):
    """Lets through what is wanted."""

    def __init__(self, source: TaskTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self.wanted = Wanted()
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)

    def show_wanted(self, wanted: Wanted) -> None:
        """Filter by this."""
        self.beginFilterChange()
        self.wanted = wanted
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002
        return self.wanted.passes(self._source.row(source_row))
