"""What another edition changes, as rows of a table: clauses of two packs, or cells of the annual quality table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from emrassess.domain.editions import ChangeKind, ClauseChange
from emrassess.domain.pack import Pack
from emrassess.domain.reasons import DIMENSION_NAMES

if TYPE_CHECKING:
    from emrassess.domain.assessment import Revision
    from emrassess.exchange.packet_format import PacketFile
    from emrassess.packs.official import AnnualDifferences, QualityChange
    from emrassess.services.editions import Upgrade

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
SAME = "不变"
CLAUSE_HEADS = ("变化", "原编号", "新编号", "要求")
CLAUSE_KINDS = {
    ChangeKind.NEW: "新增",
    ChangeKind.GONE: "取消",
    ChangeKind.MOVED: "移位",
    ChangeKind.REWORDED: "文字有改动",
    ChangeKind.SAME: SAME,
}
CELL_HEADS = ("变化", "等级要求", "项目", "维度", "内容")
CELL_KINDS = {"new": "新增", "gone": "取消", "reworded": "文字有改动", "same": SAME, "unknown_row": "没有这一行"}
ALIKE = 0.3
"""Texts less alike than this share letters only by chance: then no letter is marked."""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A row: its kind as the filter names it, what the columns say, and both texts with what stands above them.

    `files`: the evidence files that the texts name, where they name any.
    """

    kind: str
    cells: tuple[str, ...]
    before_head: str
    before: str
    after_head: str
    after: str
    files: "tuple[Revision | PacketFile | None, Revision | PacketFile | None]" = (None, None)


def clause_rows(found: "Upgrade", old: Pack, new: Pack) -> tuple[ChangeRow, ...]:
    """The clauses of both packs, in the order of the comparison."""
    return tuple(_clause_row(change, old, new) for change in found.differences.clauses)


def _clause_row(change: ClauseChange, old: Pack, new: Pack) -> ChangeRow:
    before = old.clause_by_id[change.old] if change.old else None
    after = new.clause_by_id[change.new] if change.new else None
    kind = CLAUSE_KINDS[change.kind]
    also = "，有改动" if change.kind is ChangeKind.MOVED and change.reworded else ""
    before_text, after_text = (clause.text if clause else "" for clause in (before, after))
    return ChangeRow(
        kind,
        (kind + also, change.old or "", change.new or "", after_text or before_text),
        f"原条款　{change.old} {old.item_by_code[before.item].name}" if before else "原来没有这一条",
        before_text,
        f"新条款　{change.new} {new.item_by_code[after.item].name}" if after else "新版没有对应的条款",
        after_text,
    )


def cell_rows(differences: "AnnualDifferences", pack: Pack) -> tuple[ChangeRow, ...]:
    """The cells of the annual quality table, in the pack's order."""
    return tuple(_cell_row(change, pack) for change in differences.changes)


def _cell_row(change: "QualityChange", pack: Pack) -> ChangeRow:
    kind = CELL_KINDS[change.kind.value]
    item = pack.item_by_code.get(change.row[:5])
    unknown = "" if kind == "新增" else "（不在手上：标准包里不存官方原文）"
    return ChangeRow(
        kind,
        (kind, change.row, item.name if item else "", DIMENSION_NAMES[change.dimension], change.text or change.before),
        f"原来的要求{'' if change.before else unknown}",
        change.before,
        "新的要求" if change.text else "新表里没有这一格",
        change.text,
    )


def marked(before: str, after: str, gone: str, fresh: str) -> tuple[str, str]:
    """Both texts as HTML; what is only in one is struck out in colour `gone`, or underlined in colour `fresh`."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if not before or not after or matcher.ratio() < ALIKE:
        return escape(before), escape(after)
    left, right = "", ""
    for kind, i, j, k, m in matcher.get_opcodes():
        same = kind == "equal"
        left += escape(before[i:j]) if same else _span(before[i:j], gone, "line-through")
        right += escape(after[k:m]) if same else _span(after[k:m], fresh, "underline")
    return left, right


def _span(text: str, colour: str, line: str) -> str:
    return f'<span style="color: {colour}; text-decoration: {line}">{escape(text)}</span>' if text else ""


def choices(rows: Sequence[ChangeRow]) -> Mapping[str, int]:
    """What the filter can show, with how many rows: all changes, each kind there is, everything."""
    counts = Counter(row.kind for row in rows)
    changed = len(rows) - counts[SAME]
    kinds = dict.fromkeys((*CLAUSE_KINDS.values(), *CELL_KINDS.values(), *counts))
    return {"全部改动": changed, **{kind: counts[kind] for kind in kinds if counts[kind]}, "全部": len(rows)}


class ChangeModel(QAbstractTableModel):
    """`ROW_ROLE` gives the ChangeRow."""

    def __init__(self, heads: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.heads = tuple(heads)
        self.rows: tuple[ChangeRow, ...] = ()

    def show_rows(self, rows: Sequence[ChangeRow]) -> None:
        """Show these and no others."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.heads[index.column()]}：{row.cells[index.column()] or '无'}"
        return row if role == ROW_ROLE else None


class ChangeFilter(QSortFilterProxyModel):
    """Lets through the rows of one of `choices`."""

    def __init__(self, model: ChangeModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted = "全部"
        self.setSourceModel(model)

    def show_kind(self, wanted: str) -> None:
        """`wanted`: a key of `choices`."""
        self.beginFilterChange()
        self._wanted = wanted
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002
        kind = self._model.rows[source_row].kind
        return self._wanted in ("全部", kind) or (self._wanted == "全部改动" and kind != SAME)
