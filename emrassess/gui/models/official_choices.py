"""What an official document offers, as the import dialog shows it: figures, lines, and cells to decide one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from emrassess.domain.assessment import Confirmation
from emrassess.domain.pack import Category
from emrassess.gui.theme import CATEGORY_NAMES, Theme

if TYPE_CHECKING:
    from emrassess.packs.official import Doubt, LevelCount
    from emrassess.services.official import Cell, Proposal
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
CELL_HEADS = ("取用", "项目", "级别", "文件的类别", "已确认为", "为什么要看")
COUNT_ROWS = ("附表2 要求的基本项", "文件里读到的基本项", "是否相符")


@dataclass(frozen=True, slots=True)
class CellChoice:
    """A cell to decide by itself. `ours`: what a person has confirmed, None where nobody did."""

    item: str
    name: str
    level: int
    documents: Category
    ours: Category | None
    why: str

    @property
    def cell(self) -> "Cell":
        return self.item, self.level


def summary(proposal: "Proposal", *, has_categories: bool) -> str:
    """What was read, in one line."""
    document = proposal.document
    parts = [f"读到 {len(document.wording)} 条条款"]
    if has_categories:
        cells = sum(len(levels) for levels in document.categories.values())
        parts.append(f"{cells} 格评价类别，其中 {len(proposal.offered)} 格是标准包里待核对的")
    return f"文件 {proposal.file_name}：{'、'.join(parts)}"


def title(proposal: "Proposal") -> str:
    """What the document calls itself."""
    edition = proposal.document.edition
    return f"{edition.title or '文件里没有写标准的名称'}　{edition.document_number}".strip()


def difference_lines(proposal: "Proposal") -> list[str]:
    """How the document differs from the pack, a line each."""
    return [found.message for found in proposal.comparison.differences]


def doubt_lines(proposal: "Proposal") -> list[str]:
    """What has to be looked at in the document, a line each."""
    return [f"{doubt.message}{_mends(doubt)}" for doubt in proposal.comparison.doubts]


def left_out(proposal: "Proposal") -> str:
    """Which wording is not among what is offered, "" where all is."""
    rows = proposal.unsure_rows
    if not rows:
        return ""
    named = "、".join(rows[:4]) + (" 等" if len(rows) > 4 else "")
    return f"有 {len(rows)} 个等级要求（{named}）在文件里的分条与标准包不同，它们的原文不取用。"


def cell_choices(proposal: "Proposal", session: "Session") -> tuple[CellChoice, ...]:
    """The doubtful and contradicting cells by level, those first in a level that would mend its count."""
    doubts = {doubt.row: doubt for doubt in proposal.comparison.doubts if doubt.kind == "category"}
    contradicting = {(found.item, found.level) for found in proposal.contradicting}
    held = session.assessment.categories
    cells = [cell for cell in proposal.offered if cell in proposal.doubtful or cell in contradicting]

    def order(cell: "Cell") -> tuple[int, bool]:
        doubt = doubts.get(f"{cell[0]}.{cell[1]}")
        return cell[1], not (doubt and doubt.likely)

    return tuple(
        CellChoice(
            cell[0],
            session.pack.item_by_code[cell[0]].name,
            cell[1],
            proposal.offered[cell],
            held[cell].category if cell in held else None,
            _why(cell, doubts.get(f"{cell[0]}.{cell[1]}"), held[cell] if cell in contradicting else None),
        )
        for cell in sorted(cells, key=order)
    )


def _why(cell: "Cell", doubt: "Doubt | None", contradicted: Confirmation | None) -> str:
    parts = [f"与 {contradicted.by} {contradicted.at[:10]} 确认的不同"] if contradicted else []
    if doubt:
        parts.append(f"{doubt.message.removeprefix(f'{doubt.row}：')}{_mends(doubt)}")
    return "；".join(parts) or f"{cell[1]} 级没有附表2 的个数可以核对"


def _mends(doubt: "Doubt") -> str:
    return "；改判这一格，个数会更接近附表2" if doubt.likely else ""


class LevelCounts(QAbstractTableModel):
    """Basic items by level, levels as columns: required by annex 2, found, and whether both agree."""

    def __init__(self, theme: Theme, counts: Sequence["LevelCount"], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts = counts

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COUNT_ROWS)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._counts)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return f"{self._counts[section].level} 级" if orientation == Qt.Orientation.Horizontal else COUNT_ROWS[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        count, row = self._counts[index.column()], index.row()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (str(count.required), str(count.found), _agreement(count))[row]
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.ForegroundRole if row == 2:
                return self._theme.colour("good" if count.agrees else "bad")
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                unread = f"，另有 {count.unreadable} 格无法识别" if count.unreadable else ""
                agrees = "相符" if count.agrees else "不相符"
                return f"{count.level} 级：附表2 要求 {count.required} 个，读到 {count.found} 个{unread}，{agrees}"
        return None


def _agreement(count: "LevelCount") -> str:
    if count.agrees:
        return "√ 相符"
    gap = count.found - count.required
    if gap:
        return f"× {'多' if gap > 0 else '少'} {abs(gap)}"
    return f"× {count.unreadable} 格不明"


class CellChoices(QAbstractTableModel):
    """The cells to decide by themselves, none chosen at first. Chosen ones may change while `open`."""

    changed = Signal()

    def __init__(self, choices: Sequence[CellChoice], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choices = tuple(choices)
        self._open = True
        self._chosen: set[Cell] = set()

    @property
    def chosen(self) -> "list[Cell]":
        """The cells chosen, in the table's order."""
        return [choice.cell for choice in self.choices if choice.cell in self._chosen]

    def set_open(self, is_open: bool) -> None:
        """Whether cells may be chosen."""
        self._open = is_open
        self._tell(range(len(self.choices)))

    def toggle(self, rows: Sequence[int]) -> None:
        """Choose these rows; where all of them are chosen already, none of them."""
        if not self._open or not rows:
            return
        cells = {self.choices[row].cell for row in rows}
        self._chosen = self._chosen - cells if cells <= self._chosen else self._chosen | cells
        self._tell(rows)
        self.changed.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.choices)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(CELL_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return CELL_HEADS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        # The box is greyed where it cannot be ticked; the words beside it stay legible.
        greyed = index.column() == 0 and not self._open
        return Qt.ItemFlag.ItemIsSelectable | (Qt.ItemFlag.NoItemFlags if greyed else Qt.ItemFlag.ItemIsEnabled)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        choice = self.choices[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            return Qt.CheckState.Checked if choice.cell in self._chosen else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return _words(choice)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            tick = "已选取用" if choice.cell in self._chosen else "未选取用"
            return f"{CELL_HEADS[index.column()]}：{_words(choice)[index.column()] or tick}"
        return None

    def _tell(self, rows: Sequence[int]) -> None:
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), 0))


def _words(choice: CellChoice) -> tuple[str, ...]:
    name, ours = f"{choice.item} {choice.name}", CATEGORY_NAMES[choice.ours] if choice.ours else ""
    return "", name, f"{choice.level} 级", CATEGORY_NAMES[choice.documents], ours, choice.why
