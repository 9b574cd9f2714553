"""The way of the experts as a tree: stops with how far they are, the clauses to see at each below."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.answers import VERDICT_NAMES
from emrassess.domain.review import EXPERT_VERDICT_NAMES, NO_OPINION, ExpertVerdict, Opinion
from emrassess.domain.route import Stop, route
from emrassess.gui.models.review_scope import said_now

if TYPE_CHECKING:
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
_NO_PLACE = 2**32 - 1
"""The internal id of a stop; that of a clause is the row of its stop."""


class RouteRole(IntEnum):
    """What the delegate asks of a row. KEY: the clause, or the code of a stop."""

    KEY = Qt.ItemDataRole.UserRole
    DONE = Qt.ItemDataRole.UserRole + 1
    TOTAL = Qt.ItemDataRole.UserRole + 2
    VERDICT = Qt.ItemDataRole.UserRole + 3
    CLAIM = Qt.ItemDataRole.UserRole + 4
    PROBLEM = Qt.ItemDataRole.UserRole + 5


class RouteModel(QAbstractItemModel):
    """Two levels. It reads opinions from the session when asked: `update` says which may have changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stops: tuple[Stop, ...] = ()
        self._session: Session | None = None
        self._now: dict[str, Opinion] = {}
        self._places: dict[str, tuple[int, int]] = {}

    @property
    def way(self) -> tuple[str, ...]:
        """All clauses listed, in the order of the way."""
        return tuple(self._places)

    def show(self, session: "Session | None", clauses: Iterable[str] = ()) -> None:
        """List `clauses` on the way."""
        self.beginResetModel()
        self._session = session
        self.stops = route(session.pack, frozenset(clauses)) if session else ()
        self._now = dict(said_now(session.assessment)) if session else {}
        self._places = {
            clause: (place, row) for place, stop in enumerate(self.stops) for row, clause in enumerate(stop.clauses)
        }
        self.endResetModel()

    def update(self, clauses: Iterable[str]) -> None:
        """These clauses may have another opinion."""
        if self._session is None:
            return
        self._now = dict(said_now(self._session.assessment))
        touched = [self._places[clause] for clause in clauses if clause in self._places]
        for place, row in touched:
            index = self.index(row, 0, self.index(place, 0))
            self.dataChanged.emit(index, index)
        for place in {place for place, _ in touched}:
            index = self.index(place, 0)
            self.dataChanged.emit(index, index)

    def index_of(self, clause: str) -> QModelIndex:
        """The row of a clause; invalid where it is not listed."""
        if clause not in self._places:
            return QModelIndex()
        place, row = self._places[clause]
        return self.index(row, 0, self.index(place, 0))

    def stop_of(self, clause: str) -> Stop | None:
        """The stop at which a clause is to be seen; None where it is not listed."""
        return self.stops[self._places[clause][0]] if clause in self._places else None

    def _opinion(self, clause: str) -> Opinion:
        return self._now.get(clause, NO_OPINION)

    def _done(self, stop: Stop) -> int:
        return sum(self._opinion(clause).verdict is not ExpertVerdict.OPEN for clause in stop.clauses)

    # Qt's names from here on

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() if parent.isValid() else _NO_PLACE)

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008  # pyright: ignore[reportIncompatibleMethodOverride]
        if not index.isValid() or index.internalId() == _NO_PLACE:
            return QModelIndex()
        return self.createIndex(index.internalId(), 0, _NO_PLACE)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self.stops)
        is_stop = parent.internalId() == _NO_PLACE and parent.column() == 0
        return len(self.stops[parent.row()].clauses) if is_stop else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._session is None:
            return None
        if index.internalId() == _NO_PLACE:
            return self._stop_data(self.stops[index.row()], role)
        return self._clause_data(self.stops[index.internalId()].clauses[index.row()], role)

    def _stop_data(self, stop: Stop, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return stop.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{stop.name}，已核查 {self._done(stop)}/{len(stop.clauses)} 条"
            case RouteRole.KEY:
                return stop.code
            case RouteRole.DONE:
                return self._done(stop)
            case RouteRole.TOTAL:
                return len(stop.clauses)
        return None

    def _clause_data(self, clause: str, role: int) -> Any:
        assert self._session is not None
        held = self._session.pack.clause_by_id[clause]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{clause} {held.text}"
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                claim = VERDICT_NAMES[self._session.assessment.answer(clause).verdict]
                opinion = self._opinion(clause)
                problem = f"，问题：{opinion.problem}" if opinion.problem else ""
                return f"{clause} {held.text}\n自评{claim}，核查{EXPERT_VERDICT_NAMES[opinion.verdict]}{problem}"
            case RouteRole.KEY:
                return clause
            case RouteRole.VERDICT:
                return self._opinion(clause).verdict
            case RouteRole.CLAIM:
                return self._session.assessment.answer(clause).verdict
            case RouteRole.PROBLEM:
                return self._opinion(clause).is_finding
        return None
