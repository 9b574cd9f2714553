"""The reasons that keep the hospital from its target, worst first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.gaps import Need
from emrassess.domain.reasons import Reason
from emrassess.gui.models.explanations import reason_target, reason_within_item
from emrassess.gui.widgets.two_lines import DETAIL, MARK

if TYPE_CHECKING:
    from emrassess.services.session import Session

NEED_MARKS = {
    Need.BASIC: ("基本项", "bad"), Need.UNVERIFIED: ("待核对", "fair"), Need.OPTIONAL: ("选择项", "accent"),
    Need.POINTS: ("得分", "bad"), Need.SPARE: ("备选", "muted"),
}  # fmt: skip
TARGET = Qt.ItemDataRole.UserRole + 42
MARK_WIDTH = 58
ROOT = QModelIndex()


class BlockerModel(QAbstractListModel):
    """One row an item that has to be mended, with all its reasons; a click leads to the first of them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, tuple[str, ...], Need, Reason]] = []

    def show(self, session: "Session | None") -> None:
        """Show the plan of a session."""
        self.beginResetModel()
        self._rows = []
        if session is not None:
            for gap in session.plan.needed:
                name = f"{gap.item} {session.pack.item_by_code[gap.item].name}"
                texts = tuple(reason_within_item(session, reason) for reason in gap.reasons)
                self._rows.append((name, texts, gap.need, gap.reasons[0]))
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        name, texts, need, reason = self._rows[index.row()]
        text = "；".join(texts)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return name
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join((f"{NEED_MARKS[need][0]}：", *texts))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{NEED_MARKS[need][0]} {name}：{text}"
        return {DETAIL: text, MARK: NEED_MARKS[need], TARGET: reason_target(reason)}.get(role)
