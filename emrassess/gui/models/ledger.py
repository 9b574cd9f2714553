"""The ledger as a table, and the filter over it."""

from collections.abc import Sequence
from dataclasses import dataclass
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

from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, FindingState, assigned, is_own
from emrassess.domain.review import SEVERITY_NAMES, WORST_FIRST, Severity, round_name
from emrassess.errors import UserError
from emrassess.gui.theme import Theme
from emrassess.services import ledger

if TYPE_CHECKING:
    from emrassess.services.ledger import Line
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
HEADS = ("编号", "问题", "严重程度", "责任科室", "责任人", "期限", "状态", "挂牌督办", "轮次")
NOBODY_NAME = "未分派"
SORT_ROLE = Qt.ItemDataRole.UserRole


class Column(IntEnum):
    """Columns of the table."""

    ID = 0
    PROBLEM = 1
    SEVERITY = 2
    DEPARTMENT = 3
    OWNER = 4
    DEADLINE = 5
    STATE = 6
    SUPERVISED = 7
    ROUND = 8


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A finding as it is shown. `item`: code and name; `group`: name of the review group; `about`: what the search
    looks through."""

    line: "Line"
    item: str
    group: str
    about: str

    @property
    def id(self) -> str:
        return self.line.id

    @property
    def finding(self) -> Finding:
        return self.line.finding

    @property
    def is_closed(self) -> bool:
        return self.finding.state is FindingState.CLOSED

    @property
    def presses(self) -> bool:
        """Whether it is under supervision and not closed yet."""
        return self.finding.supervised and not self.is_closed

    @property
    def left(self) -> str:
        """How far off the deadline is, "" without one or where nothing is to be done."""
        days = self.line.days_left
        if days is None:
            return ""
        return "今天到期" if days == 0 else f"还有 {days} 天" if days > 0 else f"已逾期 {-days} 天"

    def text(self, column: int) -> str:
        """What stands in a column; a deadline on two lines."""
        finding = self.finding
        match Column(column):
            case Column.ID:
                return self.id.replace("#", "\n#") if is_own(self.id) else self.id  # the longer ones on two lines
            case Column.PROBLEM:
                return " ".join(finding.problem.split())
            case Column.SEVERITY:
                return SEVERITY_NAMES[finding.severity]
            case Column.DEPARTMENT:
                return finding.department or NOBODY_NAME
            case Column.OWNER:
                return finding.owner
            case Column.DEADLINE:
                return "\n".join(part for part in (finding.deadline, self.left) if part)
            case Column.STATE:
                return FINDING_STATE_NAMES[finding.state]
            case Column.SUPERVISED:
                return "挂牌督办" if finding.supervised else ""
            case Column.ROUND:
                return round_name(finding.raised)

    def tip(self, column: int) -> str:
        """More than stands in the column, where there is more."""
        if column == Column.ID:
            return f"{self.item}\n{self.line.text}"
        return self.finding.problem if column == Column.PROBLEM else self.text(column).replace("\n", "，")


def ledger_rows(session: "Session") -> tuple[LedgerRow, ...]:
    """The whole ledger, in its order."""
    pack = session.pack
    groups = {group.code: group.name for group in session.assessment.review_groups(pack)}
    found: list[LedgerRow] = []
    for line in ledger.listed(session):
        finding, clause = line.finding, pack.clause_by_id.get(line.finding.clause)
        item = pack.item_by_code[clause.item] if clause else None
        named = f"{item.code} {item.name}" if item else finding.clause
        texts = (
            line.id, named, line.text, finding.problem, finding.suggestion, finding.measures, finding.department,
            finding.owner, finding.raised_by,
        )  # fmt: skip
        found.append(LedgerRow(line, named, groups.get(finding.group, finding.group), "\n".join(texts).casefold()))
    return tuple(found)


def why_fixed(finding: Finding, user: str) -> str:
    """Why `user` can change neither measures nor proof now, "" where both can be."""
    try:
        assigned(finding, user, "", measures=f"{finding.measures}…")
    except UserError as error:
        return error.message
    return ""


class LedgerModel(QAbstractTableModel):
    """Rows of `ledger_rows`."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[LedgerRow, ...] = ()
        self._places: dict[str, int] = {}
        self._with_id: tuple[int, ...] = ()

    def show_rows(self, rows: Sequence[LedgerRow], *, keep_order: bool = False) -> None:
        """Show these. With `keep_order` and the same findings, none moves while one works on it."""
        if keep_order and self._places.keys() == {row.id for row in rows}:
            rows = sorted(rows, key=lambda row: self._places[row.id])
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = tuple(rows)
            self._places = {row.id: place for place, row in enumerate(rows)}
            self.endResetModel()
            return
        before, self._rows = self._rows, tuple(rows)
        for place, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(HEADS) - 1))

    @property
    def rows(self) -> tuple[LedgerRow, ...]:
        return self._rows

    def tell_with_id(self, columns: Sequence[int]) -> None:
        """Let what stands out in `columns` stand with the id."""
        if tuple(columns) != self._with_id:
            self._with_id = tuple(columns)
            if self._rows:
                self.dataChanged.emit(self.index(0, Column.ID), self.index(len(self._rows) - 1, Column.ID))

    def _text(self, row: LedgerRow, column: int) -> str:
        if column != Column.ID:
            return row.text(column)
        pressing = " ".join(row.text(other) for other in self._with_id if stands_out(row, other))
        named = row.id if pressing else row.text(column)
        return f"{named}\n{pressing}" if pressing else named

    def row_of(self, finding: str) -> int:
        """The place of a finding; -1 where it is not here."""
        return self._places.get(finding, -1)

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
                return self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return row.tip(column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{HEADS[column]}：{self._text(row, column).replace(chr(10), '，') or '无'}"
            case Qt.ItemDataRole.ForegroundRole if colour := colour_of(row, column):
                return self._theme.colour(colour)
            case Qt.ItemDataRole.BackgroundRole if colour := fill_of(row):
                return self._theme.colour(colour)
            case Qt.ItemDataRole.FontRole if stands_out(row, column):
                return self._theme.font(bold=True)
            case Qt.ItemDataRole.DecorationRole if icon := _icon(row, column):
                return self._theme.icon(icon, "bad")
            case _ if role == SORT_ROLE:
                return _sort_key(row, column, index.row())
        return None


_STATE_COLOURS = {
    FindingState.OPEN: "text",
    FindingState.IN_PROGRESS: "accent",
    FindingState.DONE: "fair",
    FindingState.CLOSED: "good",
    FindingState.REOPENED: "bad",
}


def stands_out(row: LedgerRow, column: int) -> bool:
    """Whether a cell is to be seen at once: serious, under supervision, overdue; what is closed never is."""
    if row.is_closed:
        return False
    return {
        Column.SEVERITY: row.finding.severity is Severity.SERIOUS,
        Column.SUPERVISED: row.finding.supervised,
        Column.DEADLINE: row.line.overdue,
    }.get(Column(column), False)


def colour_of(row: LedgerRow, column: int) -> str:
    """The colour of a cell's text, "" for the usual one."""
    if column == Column.STATE:
        return _STATE_COLOURS[row.finding.state]
    if row.is_closed or (column == Column.DEPARTMENT and not row.finding.department):
        return "muted"
    return "bad" if stands_out(row, column) else ""


def fill_of(row: LedgerRow) -> str:
    """The fill of a row, "" for none: under supervision comes before serious."""
    if row.is_closed:
        return ""
    serious = row.finding.severity is Severity.SERIOUS
    return "bad_soft" if row.finding.supervised else "fair_soft" if serious else ""


def _icon(row: LedgerRow, column: int) -> str:
    icons = {Column.SEVERITY: "warning", Column.SUPERVISED: "flag", Column.DEADLINE: "late"}
    return icons[Column(column)] if stands_out(row, column) else ""


_STATES = tuple(FindingState)


def _sort_key(row: LedgerRow, column: int, place: int) -> Any:
    match column:
        case Column.ID:
            return place
        case Column.SEVERITY:
            return WORST_FIRST.index(row.finding.severity)
        case Column.DEADLINE:
            return row.finding.deadline or "~"
        case Column.STATE:
            return _STATES.index(row.finding.state)
        case Column.SUPERVISED:
            return not row.finding.supervised
        case Column.ROUND:
            return row.finding.raised
        case _:
            return row.text(column).casefold()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to hold of a finding; empty fields let everything through.

    `department`: a name, "" for those that nobody has; `supervised`: and not closed; `ids`: those and no others, which
    `named` says in words.
    """

    words: tuple[str, ...] = ()
    department: str | None = None
    state: FindingState | None = None
    severity: Severity | None = None
    group: str | None = None
    round: int | None = None
    overdue: bool = False
    supervised: bool = False
    ids: frozenset[str] | None = None
    named: str = ""

    def passes(self, row: LedgerRow) -> bool:
        """Whether `row` is to be seen."""
        finding = row.finding
        asked = (
            (self.department, finding.department),
            (self.state, finding.state),
            (self.severity, finding.severity),
            (self.group, finding.group),
            (self.round, finding.raised),
        )
        if any(want is not None and want != held for want, held in asked):
            return False
        if (self.overdue and not row.line.overdue) or (self.supervised and not row.presses):
            return False
        if self.ids is not None and row.id not in self.ids:
            return False
        return all(word in row.about for word in self.words)


EVERYTHING = Wanted()


class LedgerProxy(QSortFilterProxyModel):
    """Lets through what is wanted."""

    def __init__(self, source: LedgerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self.wanted = EVERYTHING
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)

    def show_wanted(self, wanted: Wanted) -> None:
        """Filter by this."""
        self.beginFilterChange()
        self.wanted = wanted
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002
        return self.wanted.passes(self._source.rows[source_row])

    def tell_with_id(self, columns: Sequence[int]) -> None:
        """Let what stands out in `columns`, which are hidden, stand with the id."""
        self._source.tell_with_id(columns)

    def row_at(self, place: int) -> LedgerRow:
        """The finding at a place."""
        return self._source.rows[self.mapToSource(self.index(place, 0)).row()]

    def place_of(self, finding: str) -> QModelIndex:
        """The index of a finding here; invalid where it is not let through."""
        place = self._source.row_of(finding)
        return self.mapFromSource(self._source.index(place, 0)) if place >= 0 else QModelIndex()
