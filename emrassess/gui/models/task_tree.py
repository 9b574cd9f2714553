"""The tree role › item › level row with a box each, to choose what is assigned."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from emrassess.gui.models.clause_filter import shown_clauses
from emrassess.gui.models.clause_tree import ClauseTreeModel, Node

if TYPE_CHECKING:
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex


class CheckedTree(ClauseTreeModel):
    """The clauses up to the target; a box ticks all clauses below it."""

    ticked = Signal()
    """Another set of clauses is ticked."""

    def __init__(self, session: "Session", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = session.assessment.tasks
        self._ticked: set[str] = set()
        self.show(session, shown_clauses(session))

    @property
    def clauses(self) -> tuple[str, ...]:
        """The ticked clauses, in the standard's order."""
        roles = (self.node(self.index(row, 0)) for row in range(self.rowCount()))
        return tuple(clause.id for role in roles for clause in role.clauses if clause.id in self._ticked)

    def tick_unassigned(self) -> None:
        """Tick what is nobody's, and nothing else."""
        roles = (self.node(self.index(row, 0)) for row in range(self.rowCount()))
        self._ticked = {clause.id for role in roles for clause in role.clauses if clause.id not in self._tasks}
        for index in self._indexes(QModelIndex()):
            self._announce(index)
        self.ticked.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == Qt.ItemDataRole.CheckStateRole:
            return self._state(node)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{node.title}（{self._counts(node)}）"
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        below = {clause.id for clause in self.node(index).clauses}
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._ticked |= below
        else:
            self._ticked -= below
        above = index.parent()
        while above.isValid():
            self._announce(above)
            above = above.parent()
        self._announce(index)
        for child in self._indexes(index):
            self._announce(child)
        self.ticked.emit()
        return True

    def _state(self, node: Node) -> Qt.CheckState:
        count = sum(clause.id in self._ticked for clause in node.clauses)
        if not count:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if count == len(node.clauses) else Qt.CheckState.PartiallyChecked

    def _counts(self, node: Node) -> str:
        left = sum(clause.id not in self._tasks for clause in node.clauses)
        total = len(node.clauses)
        return f"{total} 条，{'都' if left == total else f'{left} 条'}未分派" if left else f"{total} 条，都已分派"

    def _indexes(self, above: Index) -> Iterator[QModelIndex]:
        for row in range(self.rowCount(above)):
            index = self.index(row, 0, above)
            yield index
            yield from self._indexes(index)

    def _announce(self, index: Index) -> None:
        place = self.index_of(self.node(index).key)
        self.dataChanged.emit(place, place, [Qt.ItemDataRole.CheckStateRole])
