"""An item's ladder: a row a level, highest on top, with what each step rests on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Item, LevelRow, Pack
from emrassess.domain.reasons import plain
from emrassess.domain.scoring import ItemScore
from emrassess.gui.theme import CATEGORY_LETTERS, CATEGORY_NAMES, Theme
from emrassess.gui.widgets.basics import points

if TYPE_CHECKING:
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
MISSING = "未填"


@dataclass(frozen=True)
class Column:
    """`head` and `tip` of a column; `key` says what stands in it."""

    key: str
    head: str
    tip: str


LEVEL = Column("level", "级", "级别，从高到低")
CATEGORY = Column("category", "类别", "评价类别：基本项、选择项、待核对")
CLAUSES = Column("clauses", "条款", "达标条款数 / 条款数")
COVERAGE = Column("coverage", "比例", "有效应用比例（高级别的比例也算到低级别）")
QUALITY = Column("quality", "质量", "数据质量指数")
PRODUCT = Column("points", "得分", "级别 × 比例 × 质量；够不着的级别没有得分")
SUM = Column("points", "得分", "达标条款的分值之和 / 本级满分")


def columns(pack: Pack, item: Item) -> tuple[Column, ...]:
    """What the ladder of an item shows: only what counts in the pack's scheme."""
    scheme = pack.scheme
    category = (CATEGORY,) if scheme.has_categories else ()
    if scheme.has_coverage:
        return LEVEL, *category, CLAUSES, COVERAGE, QUALITY, PRODUCT
    return LEVEL, *category, CLAUSES, *((QUALITY,) if item.has_quality else ()), SUM


class LadderModel(QAbstractTableModel):
    """Levels of the item in hand. The row of the target is shaded, the scored one is bold."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._session: Session | None = None
        self._item: Item | None = None
        self.rows: tuple[LevelRow, ...] = ()
        self.columns: tuple[Column, ...] = ()
        self._texts: list[tuple[str, ...]] = []

    def show_item(self, session: "Session", item: Item) -> None:
        """Show an item, or its new figures."""
        if item is self._item and session is self._session:
            self._texts = [self._row_texts(row) for row in self.rows]
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._session, self._item = session, item
        self.rows = tuple(reversed(item.rows))
        self.columns = columns(session.pack, item)
        self._texts = [self._row_texts(row) for row in self.rows]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].head
            if role == Qt.ItemDataRole.ToolTipRole:
                return self.columns[section].tip
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._session is None or self._item is None:
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._texts[index.row()][index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.level} 级 {self.columns[index.column()].head} {self._texts[index.row()][index.column()]}"
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.BackgroundRole:
                at_target = row.level == self._session.assessment.target
                return self._theme.colour("accent_soft") if at_target else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._theme.colour("text" if row.level in self._scored().points else "muted")
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(row.level == self._scored().scored_level)
                return font
        return None

    def _scored(self) -> ItemScore:
        assert self._session is not None
        assert self._item is not None
        return self._session.score.items[self._item.code]

    def _row_texts(self, row: LevelRow) -> tuple[str, ...]:
        return tuple(self._text(row, column) for column in self.columns)

    def _text(self, row: LevelRow, column: Column) -> str:
        assert self._session is not None
        answers, scored = self._session.answers, self._scored()
        match column.key:
            case "category":
                category = answers.category(self._session.pack, row.item, row.level)
                return CATEGORY_LETTERS[category] if category else ""
            case "clauses":
                met = sum(answers.verdict(clause.id) is Verdict.MET for clause in row.clauses)
                return f"{met}/{len(row.clauses)}"
            case "coverage":
                return str(scored.coverage[row.level]) if self._counted(row) else MISSING
            case "quality":
                return str(scored.quality[row.level]) if self._examined(row) else MISSING
            case "points":
                gained = scored.points.get(row.level)
                if column is SUM and gained is not None:
                    return f"{plain(gained)}/{plain(scored.whole[row.level])}"
                return "—" if gained is None else points(gained)
        return str(row.level)

    def _counted(self, row: LevelRow) -> bool:
        """Whether the coverage is known at all: one that nobody gave counts 0, but is not shown as a figure."""
        assert self._session is not None
        assert self._item is not None
        given = self._session.answers.coverage.get(row.item, {})
        return self._item.coverage.functional or any(level >= row.level for level in given)

    def _examined(self, row: LevelRow) -> bool:
        assert self._session is not None
        assert self._item is not None
        source = self._item.quality_rows[row.level]
        return source is None or bool(self._session.answers.quality.get(row.item, {}).get(source.level))

    def _tip(self, row: LevelRow) -> str:
        assert self._session is not None
        pack, answers = self._session.pack, self._session.answers
        category = answers.category(pack, row.item, row.level)
        name = f"（{CATEGORY_NAMES[category]}）" if category else ""
        return f"{row.level} 级 {row.summary}{name}：{pack.scheme.standings[self._scored().standing(row, answers)]}"
