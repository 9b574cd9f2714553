"""What taking a run into the assessment changes, before it does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.answers import Ratio
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.models.quality_rules import share_text
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.plain_table import plain_table

if TYPE_CHECKING:
    from emrassess.domain.pack import Pack
    from emrassess.services.quality_taking import Taking, Takings

Index = QModelIndex | QPersistentModelIndex
HEADS = ("项目", "级别", "维度", "原来", "改为")
TITLE = "采用到评价"


class TakeModel(QAbstractTableModel):
    """The coefficients that change."""

    def __init__(self, rows: "Sequence[Taking]", pack: "Pack") -> None:
        super().__init__()
        self._rows, self._pack = rows, pack

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(HEADS):
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self._rows[index.row()]
        texts = (
            f"{row.item} {self._pack.item_by_code[row.item].name}",
            f"{row.level} 级",
            DIMENSION_NAMES[row.dimension],
            _shown(row.before),
            _shown(row.after) + _direction(row),
        )
        return texts[index.column()]


def _shown(ratio: Ratio | None) -> str:
    if ratio is None:
        return "没有填"
    counted = f"（{ratio.numerator}／{ratio.denominator}）" if ratio.denominator is not None else ""
    return f"{share_text(ratio.value)}{counted}"


def _direction(row: "Taking") -> str:
    if row.before is None or row.before.value == row.after.value:
        return ""
    return "　↑" if row.after.value > row.before.value else "　↓"


class TakeDialog(QDialog):
    """Accepted: take it in."""

    def __init__(self, theme: Theme, found: "Takings", pack: "Pack", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        fit_on_screen(self, theme, 820, 560)
        changed, same = found.changed, len(found.taken) - len(found.changed)
        lines = [f"算出 {len(found.taken)} 个系数：{len(changed)} 个会改，{same} 个不变。"]
        if found.kept:
            lines.append(f"另有 {len(found.kept)} 个以前填过的系数这次没有检查，保持原值。")
        lines.append("检查结果存为一件统计材料，关联到这些等级要求的条款；再次采用时，旧的结果留作它以前的版本。")
        lines.append("一步完成，可以撤销（Ctrl+Z）。")
        self.table = plain_table(theme, TakeModel(changed, pack), "会改的系数", (300, 70, 90, 150))
        self.yes = button("采用", self.accept, primary=True)
        self.yes.setDefault(True)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(button("取消", self.reject))
        below.addWidget(self.yes)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.addWidget(label("\n".join(lines), wrap=True))
        box.addWidget(self.table, 1)
        box.addLayout(below)
        self.yes.setFocus()
