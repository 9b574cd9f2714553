"""The reasons that keep the hospital from its target, worst first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.gaps import Need
from emrassess.domain.reasons import Reason, reason_text
from emrassess.gui.models.explanations import reason_target
from emrassess.gui.widgets.two_lines import DETAIL, MARK

if TYPE_CHECKING:
    from emrassess.services.session import Session

NEED_MARKS = {
    Need.BASIC: ("基本项", "bad"), Need.UNVERIFIED: ("待核对", "fair"), Need.OPTIONAL: ("选择项", "accent"),
    Need.SPARE: ("备选", "muted"),
}  # fmt: skip
TARGET = Qt.ItemDataRole.UserRole + 42
MARK_WIDTH = 58
ROOT = QModelIndex()


class BlockerModel(QAbstractListModel):
    """One row a reason of the plan's needed gaps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str, Need, Reason]] = []

    def show(self, session: "Session | None") -> None:
        """Show the plan of a session."""
        self.beginResetModel()
        self._rows = []
        if session is not None:
            pack = session.pack
            for gap in session.plan.needed:
                name = f"{gap.item} {pack.item_by_code[gap.item].name}"
                self._rows += [(name, reason_text(reason, pack), gap.need, reason) for reason in gap.reasons]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        name, text, need, reason = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return name
            case Qt.ItemDataRole.ToolTipRole:
                return f"{NEED_MARKS[need][0]}：{text}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{NEED_MARKS[need][0]} {name}：{text}"
        return {DETAIL: text, MARK: NEED_MARKS[need], TARGET: reason_target(reason)}.get(role)
