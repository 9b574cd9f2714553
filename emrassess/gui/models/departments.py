"""Departments with their progress, as a list."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.services import tasks

if TYPE_CHECKING:
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
EVERYBODY, NOBODY = "*", ""
"""Keys of the two rows of the list that are no department: all clauses, and those that are nobody's."""


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A row of the list: numbers of clauses, `delivered` of `total` and `late` of those. `people`, `deadline`: "" none.

    `key`: the department's id, or EVERYBODY, or NOBODY.
    """

    key: str
    name: str
    people: str
    delivered: int
    total: int
    late: int
    deadline: str = ""

    @property
    def text(self) -> str:
        """All of it in words."""
        parts = [self.name]
        if self.key == NOBODY:
            return f"{self.name}：{self.total} 条"
        parts.append(f"已交 {self.delivered}/{self.total}")
        parts += [f"已逾期 {self.late} 条"] if self.late else []
        parts += [f"最近期限 {self.deadline}"] if self.deadline else []
        parts += [f"人员：{self.people}"] if self.people else []
        return "，".join(parts)


def department_rows(session: "Session") -> tuple[DepartmentRow, ...]:
    """All clauses, each department, and what is nobody's."""
    parts = tasks.progress(session)
    rows = [
        DepartmentRow(
            part.department.id,
            part.department.name,
            "、".join(part.department.people),
            part.delivered,
            part.total,
            part.overdue,
            part.deadline,
        )
        for part in parts
    ]
    total = len(tasks.planned(session))
    whole = DepartmentRow(EVERYBODY, "全部条款", "", sum(r.delivered for r in rows), total, sum(r.late for r in rows))
    return (whole, *rows, DepartmentRow(NOBODY, "未分派", "", 0, len(tasks.unassigned(session)), 0))


class DepartmentList(QAbstractListModel):
    """Rows of `department_rows`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[DepartmentRow, ...] = ()

    def show_rows(self, rows: tuple[DepartmentRow, ...]) -> None:
        """Show these; where only figures differ, rows stay what they are."""
        if [row.key for row in rows] != [row.key for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows != self._rows:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def row_of(self, key: str) -> int:
        """The row of a key; -1 where it is not here."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return row.text
            case _ if role == ROW_ROLE:
                return row
        return None
