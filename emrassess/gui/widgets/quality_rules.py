"""The rules of a run: filter, list, and the rule in hand with the keys of offending rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSplitter, QTabWidget, QVBoxLayout, QWidget

from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.models.quality_rules import (
    RESULT_ROLE,
    RuleColumn,
    RuleRow,
    RulesModel,
    RulesProxy,
    WantedRules,
    Which,
    share_text,
)
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.copyable_lines import CopyableLines
from emrassess.gui.widgets.plain_table import plain_table
from emrassess.reports.quality_sheet import KIND_NAMES

if TYPE_CHECKING:
    from emrassess.domain.quality import ExtractNote

SEARCH_PAUSE_MS = 120
NO_KEYS = "没有出错的记录。"
NO_NOTES = "所有行都读进来了。"


class QualityRules(QWidget):
    """`rows`, `found`: the models."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pack: Pack | None = None
        self.rows = RulesModel(theme, self)
        self.found = RulesProxy(self.rows, self)
        self.which = QComboBox()
        self.which.setAccessibleName("显示哪些规则")
        for which in Which:
            self.which.addItem(which.value, which)
        self.which.activated.connect(self._on_filter)
        self.search = QLineEdit()
        self.search.setAccessibleName("查找规则")
        self.search.setPlaceholderText("查找记录、字段、原因")
        self.search.setClearButtonEnabled(True)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._on_filter)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.cell = label("", "muted")
        self.whole = button("看全部", self.show_all, look="link", tip="不再只看一格的规则（Shift+F）")
        self.view = plain_table(theme, self.found, "规则", (170, 270, 110, 70))
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.view.selectionModel().currentChanged.connect(self._on_rule)
        heads = self.view.horizontalHeader()
        heads.setSectionResizeMode(RuleColumn.WORDS, heads.ResizeMode.Stretch)
        heads.setSectionResizeMode(RuleColumn.BEFORE, heads.ResizeMode.Interactive)
        self.view.setColumnWidth(RuleColumn.BEFORE, theme.px(80))
        self.about = label("", wrap=True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.keys = CopyableLines("出错记录的号码", NO_KEYS)
        self.notes = CopyableLines("没有计入的行", NO_NOTES)
        self.details = QTabWidget()
        self._build(theme)

    def _build(self, theme: Theme) -> None:
        line = QHBoxLayout()
        line.addWidget(self.which)
        line.addWidget(self.search, 1)
        line.addWidget(self.cell)
        line.addWidget(self.whole)
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(0, 6, 0, 0)
        column.addWidget(self.about)
        column.addWidget(self.keys, 1)
        self.details.setAccessibleName("规则和没有计入的行")
        self.details.addTab(detail, "选中的规则")
        self.details.addTab(self.notes, "没有计入的行")
        self.details.setMinimumHeight(theme.px(150))
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.view)
        split.addWidget(self.details)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 0, 0, 0)
        box.addLayout(line)
        box.addWidget(split, 1)

    # --- showing

    def show_rules(
        self, pack: Pack, rows: Sequence[RuleRow], notes: "Sequence[ExtractNote]", *, compared: bool
    ) -> None:
        """Show the rules of a run; the last time's shares only where there was one."""
        self._pack = pack
        self.rows.show_rows(rows)
        self.view.setColumnHidden(RuleColumn.BEFORE, not compared)
        for which in (Which.ROSE, Which.FELL):
            self._offer(which, compared)
        self.notes.show_lines([f"{note.place}：{note.message}" for note in notes])
        self.details.setTabText(1, f"没有计入的行（{len(notes)}）" if notes else "没有计入的行")
        self._choose_first()

    def _offer(self, which: Which, offered: bool) -> None:
        place = self.which.findData(which)
        if offered and place < 0:
            self.which.addItem(which.value, which)
        elif not offered and place >= 0:
            self.which.removeItem(place)

    def show_level(self, level: int) -> None:
        """Only rules of a level; 0: of all."""
        self._filter(replace(self.found.wanted, level=level, item="", dimension=None))

    def show_cell(self, item: str, dimension: Dimension) -> None:
        """Only the rules of one cell."""
        self.which.setCurrentIndex(self.which.findData(Which.ALL))
        self.search.clear()
        self._pause.stop()
        self._filter(replace(self.found.wanted, which=Which.ALL, words=(), item=item, dimension=dimension))
        self.view.setFocus()

    def show_all(self) -> None:
        """All rules of the level again."""
        had_focus = self.whole.hasFocus()
        self.which.setCurrentIndex(self.which.findData(Which.ALL))
        self.search.clear()
        self._pause.stop()
        self._filter(WantedRules(level=self.found.wanted.level))
        if had_focus:
            self.view.setFocus()

    def _on_filter(self) -> None:
        words = tuple(self.search.text().casefold().split())
        self._filter(replace(self.found.wanted, which=self.which.currentData(), words=words))

    def _filter(self, wanted: WantedRules) -> None:
        self.found.show_wanted(wanted)
        name = f"{wanted.item} {DIMENSION_NAMES[wanted.dimension]}" if wanted.dimension else ""
        self.cell.setText(f"{name}　{self.found.rowCount()} 条".strip())
        self.whole.setVisible(wanted != WantedRules(level=wanted.level))
        self._choose_first()

    def _choose_first(self) -> None:
        self.view.setCurrentIndex(self.found.index(0, 0))
        self._on_rule(self.view.currentIndex())

    def _on_rule(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        row: RuleRow | None = index.data(RESULT_ROLE) if index.isValid() else None
        if row is None or self._pack is None:
            self.about.setText("没有这样的规则。")
            self.keys.show_lines(())
            return
        self.about.setText(about(row, self._pack))
        result = row.result
        lines = [
            key_words(sample, result.rule.left and result.rule.left.table, self._pack) for sample in result.samples
        ]
        wrong = result.denominator - result.numerator
        note = f"共 {wrong} 处不符合，这里是其中 {len(lines)} 条记录的号码。" if lines else ""
        if wrong and not lines:
            note = f"共 {wrong} 处不符合；没有对应记录号这一类的列，列不出是哪些记录。"
        self.keys.show_lines(lines, note)


def about(row: RuleRow, pack: Pack) -> str:
    """A rule and its result in sentences."""
    result, rule = row.result, row.result.rule
    item = pack.item_by_code[rule.item]
    name = f"{rule.item} {item.name}　{rule.level} 级　{DIMENSION_NAMES[rule.dimension]}"
    head = f"{name}　（{rule.source}，{KIND_NAMES.get(rule.kind, rule.kind)}）"
    if not result.examined:
        return f"{head}\n{row.words}\n没有检查：{result.reason}"
    share = share_text(result.coefficient)
    before = f"；上次 {share_text(row.before)}" if row.before is not None else ""
    return f"{head}\n{row.words}\n分子 {result.numerator} ÷ 分母 {result.denominator} ＝ {share}{before}"


def key_words(sample: Sequence[tuple[str, str]], table: str | None, pack: Pack) -> str:
    """The keys of an offending row, fields in Chinese."""
    fields = pack.tables[table].fields if table and table in pack.tables else {}
    return "　".join(f"{fields.get(name, name)} {value or '（空）'}" for name, value in sample)
