"""One logical table: its extract, and the column of each of its fields."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from emrassess.gui.models.quality_draft import Draft, source_name, with_values
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, clear, label, scrolled, set_role

if TYPE_CHECKING:
    from emrassess.services.quality import Source, TableNeed

NO_SOURCE, NO_COLUMN = "没有这份数据", "（没有）"


class QualityFields(QWidget):
    """`edited`: the draft was changed here."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._draft: Draft | None = None
        self._need: TableNeed | None = None
        self.title = label("", "heading", wrap=True)
        self.uses = label("", "muted", wrap=True)
        self.source = Choice("数据文件")
        self.source.activated.connect(self._on_source)
        self.fault = label("", "bad", wrap=True)
        self.confirm = button("猜的都对", self._on_confirm, tip="看过了：去掉“猜的”标记")
        self.columns: dict[str, Choice] = {}
        self._marks: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._build()

    def _build(self) -> None:
        line = QHBoxLayout()
        line.addWidget(label("数据文件"))
        line.addWidget(self.source, 1)
        line.addWidget(self.confirm)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 0, 0, 0)
        box.addWidget(self.title)
        box.addWidget(self.uses)
        box.addLayout(line)
        box.addWidget(self.fault)
        box.addWidget(scrolled(inner), 1)

    def show_table(self, draft: Draft | None, need: "TableNeed | None") -> None:
        """Show a table of the draft; None: nothing."""
        self._draft, self._need = draft, need
        self.setVisible(need is not None)
        if draft is None or need is None:
            return
        also = f"（也叫：{'、'.join(need.table.also)}）" if need.table.also else ""
        self.title.setText(f"{need.table.name}{also}")
        items = "、".join(need.items[:6]) + (f" 等 {len(need.items)} 个项目" if len(need.items) > 6 else "")
        self.uses.setText(f"{'字典' if need.dictionary else '记录'}，{need.rules} 条规则用到：{items}")
        self._show_sources(draft, need)
        self._show_fields(draft, need)

    def _show_sources(self, draft: Draft, need: "TableNeed") -> None:
        chosen = draft.chosen.get(need.key)
        self.source.clear()
        self.source.addItem(NO_SOURCE, None)
        for found in draft.sources:
            self.source.addItem(source_name(found) + ("　（读不出来）" if found.fault else ""), found)
        place = draft.sources.index(chosen.source) + 1 if chosen and chosen.source in draft.sources else 0
        self.source.setCurrentIndex(place)
        sure = f"（猜的，{chosen.sure:.0%}）" if chosen and chosen.sure else ""
        self.source.setToolTip(sure.strip("（）"))
        self.fault.setText(chosen.source.fault if chosen else "")
        self.fault.setVisible(bool(self.fault.text()))

    def _show_fields(self, draft: Draft, need: "TableNeed") -> None:
        clear(self._grid)
        self.columns, self._marks = {}, {}
        chosen = draft.chosen.get(need.key)
        for row, name in enumerate((*need.fields, *need.keys)):
            needed = name in need.fields
            text = label(need.table.fields[name] + ("" if needed else "（可不填）"), wrap=True)
            text.setToolTip("规则要用" if needed else "只用来说明是哪条记录出错")
            self._grid.addWidget(text, row, 0)
            combo = self.columns[name] = Choice(f"{need.table.fields[name]}的列")
            combo.addItem(NO_COLUMN, None)
            mark = self._marks[name] = label("")
            mark.setMinimumWidth(self._theme.px(70))
            if chosen:
                self._fill(combo, chosen.source, chosen.columns.get(name))
            combo.setEnabled(chosen is not None)
            combo.activated.connect(lambda _, n=name: self._on_column(n))
            self._grid.addWidget(combo, row, 1)
            self._grid.addWidget(mark, row, 2)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 4)
        self._show_marks()

    def _fill(self, combo: "Choice", source: "Source", column: str | None) -> None:
        for seen in source.columns:
            combo.addItem(with_values(source, seen.name), seen.name)
        if column is not None and combo.findData(column) < 0:
            combo.addItem(with_values(source, column), column)
        combo.setCurrentIndex(max(combo.findData(column), 0) if column is not None else 0)

    def _show_marks(self) -> None:
        if self._draft is None or self._need is None:
            return
        chosen = self._draft.chosen.get(self._need.key)
        for name, mark in self._marks.items():
            sure = chosen.guessed.get(name) if chosen else None
            lacks = name in self._need.fields and (chosen is None or name not in chosen.columns)
            text, role = ("缺", "bad") if lacks else (f"猜的 {sure:.0%}", "fair") if sure else ("", "")
            mark.setText(text)
            set_role(mark, "role", role)
        self.confirm.setVisible(bool(chosen and (chosen.guessed or chosen.sure)))

    # --- what the user does

    def _on_source(self) -> None:
        if self._draft is None or self._need is None:
            return
        self._draft.choose_source(self._need, self.source.currentData())
        self.show_table(self._draft, self._need)
        self.edited.emit()

    def _on_column(self, name: str) -> None:
        if self._draft is None or self._need is None:
            return
        self._draft.choose_column(self._need, name, self.columns[name].currentData())
        self._show_marks()
        self.edited.emit()

    def _on_confirm(self) -> None:
        if self._draft is None or self._need is None:
            return
        had_focus = self.confirm.hasFocus()
        self._draft.confirm(self._need)
        self._show_marks()
        if had_focus:
            self.source.setFocus()
        self.edited.emit()


class Choice(QComboBox):
    """A combo box in a scrolled list: the wheel scrolls the list, and a long text does not make it wide."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and not self.view().isVisible():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
