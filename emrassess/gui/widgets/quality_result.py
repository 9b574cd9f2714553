"""A run: in one sentence, as a heat map of items by dimensions, and rule by rule."""

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.quality import DimensionResult
from emrassess.domain.quality_comparison import TREND_NAMES, Comparison, compare
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.context import Context
from emrassess.gui.models.quality_rules import rule_rows, share_text, trend_words
from emrassess.gui.widgets.basics import button, label, moment, offer, scrolled
from emrassess.gui.widgets.quality_heat import HeatCell, QualityHeat, QualityLegend
from emrassess.gui.widgets.quality_rules import QualityRules

if TYPE_CHECKING:
    from emrassess.services.quality import Examined

FIRST = "还没有检查过。\n先在“数据文件”里说明每个文件是哪种记录、每一列是什么，再点“开始检查”。"


class QualityResultView(QWidget):
    """`take_wanted`: the run is to be taken in; `map_wanted`: the mapping is to be shown."""

    take_wanted = Signal()
    map_wanted = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._pack: Pack | None = None
        self.examined: Examined | None = None
        self.compared: Comparison | None = None
        self.summary = label("", "heading", wrap=True)
        self.contrast = label("", "muted", wrap=True)
        self.level = QComboBox()
        self.level.setAccessibleName("看哪一级")
        self.level.activated.connect(self._on_level)
        self.take = button("采用到评价…", self.take_wanted.emit, primary=True, tip="先看会改哪些系数（Ctrl+Return）")
        self.heat = QualityHeat(context.theme)
        self.heat.chosen.connect(self._on_cell)
        self.words = label("", "muted", wrap=True)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.heat.described.connect(self.words.setText)
        self.rules = QualityRules(context.theme)
        self._stack = QStackedWidget()
        self._build()

    def _build(self) -> None:
        first = QWidget()
        column = QVBoxLayout(first)
        column.addStretch(1)
        column.addWidget(label(FIRST, "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        self.to_map = button("去对应数据文件", self.map_wanted.emit, primary=True)
        column.addWidget(self.to_map, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        whole = QWidget()
        box = QVBoxLayout(whole)
        box.setContentsMargins(14, 10, 14, 10)
        above = QHBoxLayout()
        said = QVBoxLayout()
        said.setSpacing(2)
        said.addWidget(self.summary)
        said.addWidget(self.contrast)
        above.addLayout(said, 1)
        above.addWidget(label("级别"))
        above.addWidget(self.level)
        above.addWidget(self.take)
        left = QWidget()
        under = QVBoxLayout(left)
        under.setContentsMargins(0, 0, 0, 0)
        under.addWidget(scrolled(self.heat), 1)
        under.addWidget(self.words)
        under.addWidget(QualityLegend(self._context.theme))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.rules)
        split.setStretchFactor(0, 4)
        split.setStretchFactor(1, 7)
        split.setSizes([400, 700])
        box.addLayout(above)
        box.addWidget(split, 1)
        self._stack.addWidget(first)
        self._stack.addWidget(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    # --- showing

    def show_run(
        self, pack: Pack, examined: "Examined | None", last: "Examined | None", target: int, *, taken: bool = False
    ) -> None:
        """Show a run, compared with `last`; None: what to do first. `taken`: it stands in the assessment already."""
        self._pack, self.examined = pack, examined
        self._stack.setCurrentIndex(0 if examined is None else 1)
        self.compared = compare(last.run, examined.run) if examined and last else None
        if examined is None:
            return
        run = examined.run
        done = sum(result.examined for result in run.rules)
        was = "　已采用到评价" if taken else ""
        read = f"读取 {run.rows_read:,} 行" + (f"，用时 {run.seconds:.1f} 秒" if run.seconds else "")
        self.summary.setText(f"检查了 {done} 条规则（共 {len(run.rules)} 条），{read}　{moment(examined.at)}{was}")
        self._tell_contrast(last)
        rows = rule_rows(pack, run, self.compared)
        self.rules.show_rules(pack, rows, run.notes, compared=self.compared is not None)
        self._show_levels(target)

    def _tell_contrast(self, last: "Examined | None") -> None:
        if last is None or self.compared is None:
            text = "以前没有采用过检查结果，没有可比的。"
        else:
            changed = trend_words(self.compared) or "系数都没有变"
            text = f"和上次采用的（{moment(last.at)}）相比：{changed}。"
        self.contrast.setText(text)

    def offer_taking(self, why: str) -> None:
        """Offer to take the run in, unless there is a reason `why` not."""
        offer(self.take, not why, why)

    def _show_levels(self, target: int) -> None:
        assert self.examined
        before = self.level.currentData()
        levels = sorted({found.level for found in self.examined.run.dimensions})
        self.level.clear()
        for level in levels:
            self.level.addItem(f"{level} 级", level)
        wanted = before if before in levels else max((level for level in levels if level <= target), default=levels[0])
        self.level.setCurrentIndex(levels.index(wanted))
        self._on_level()

    def _on_level(self) -> None:
        if self._pack is None or self.examined is None:
            return
        level = self.level.currentData()
        found = [each for each in self.examined.run.dimensions if each.level == level]
        items = dict.fromkeys(each.item for each in found)
        dimensions = [d for d in DIMENSION_NAMES if any(each.dimension is d for each in found)]
        cells = {(each.item, each.dimension): self._cell(each) for each in found}
        named = [(code, self._pack.item_by_code[code].name) for code in items]
        self.heat.show_cells(named, dimensions, cells)
        self.words.setText("点一格，右边只看它的规则。")
        self.rules.show_level(level)

    def _cell(self, found: DimensionResult) -> HeatCell:
        assert self._pack
        key = found.item, found.level, found.dimension
        item = self._pack.item_by_code[found.item]
        name = f"{item.code} {item.name}　{found.level} 级{DIMENSION_NAMES[found.dimension]}"
        before: Fraction | None = self.compared.cells_before.get(key) if self.compared else None
        trend = self.compared.cells.get(key) if self.compared else None
        told = f"；上次 {share_text(before)}，{TREND_NAMES[trend]}" if before is not None and trend else ""
        said = f"{share_text(found.coefficient)}（检查了 {found.examined} / {found.rules} 条规则的平均值）"
        if found.coefficient is None:
            said = f"没有检查（{found.rules} 条规则都没有检查）"
        return HeatCell(found.coefficient, trend, f"{name}\n{said}{told}")

    def _on_cell(self, item: str, dimension: Dimension) -> None:
        self.rules.show_cell(item, dimension)
