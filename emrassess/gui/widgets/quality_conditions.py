"""The rows of an extract that a count takes: the extract, and conditions on its columns."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui.models.quality_draft import source_name, with_values
from emrassess.gui.widgets.basics import button, card, label, set_role
from emrassess.gui.widgets.quality_fields import Choice
from emrassess.services import coverage_counting as counting

if TYPE_CHECKING:
    from emrassess.services.coverage_counting import Condition, RowsOf, Side
    from emrassess.services.quality import Source

SAME_ROWS = "分母的那些行里，同时满足"


class Test(Enum):
    """What a condition asks of a column."""

    FILLED = "不是空的"
    EQUALS = "是"
    AMONG = "是其中之一"
    MATCHES = "在另一份数据里有"


class ConditionRow(QWidget):
    """One condition. `removed`: it is to go; `edited`."""

    removed = Signal()
    edited = Signal()

    def __init__(self, sources: "Sequence[Source]", source: "Source | None", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources = sources
        self._fixed: Condition | None = None
        self.column, self.test = Choice("列"), QComboBox()
        self.test.setAccessibleName("条件")
        for test in Test:
            self.test.addItem(test.value, test)
        self.value = QLineEdit()
        self.value.setAccessibleName("值")
        self.other, self.other_column = Choice("另一份数据"), Choice("另一份数据的列")
        self.words = label("", wrap=True)
        self.words.hide()
        self.remove = button("删除", self.removed.emit, look="link", tip="删除这个条件")
        self.remove.setAccessibleName("删除这个条件")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in (
            (self.words, 5), (self.column, 3), (self.test, 0), (self.value, 2), (self.other, 2), (self.other_column, 2),
            (self.remove, 0),
        ):  # fmt: skip
            row.addWidget(widget, stretch)
        self.show_columns(source)
        for found in sources:
            self.other.addItem(source_name(found), found)
        self._show_others()
        self._on_test()
        self.column.activated.connect(self.edited)
        self.test.activated.connect(self._on_test)
        self.value.textChanged.connect(self._on_value)
        self.other.activated.connect(self._on_other)
        self.other_column.activated.connect(self.edited)

    def show_columns(self, source: "Source | None") -> None:
        """Offer the columns of `source`; what is chosen stays where it is one of them."""
        chosen = self.column.currentData()
        _offer(self.column, source, chosen)

    def _show_others(self) -> None:
        _offer(self.other_column, self.other.currentData(), self.other_column.currentData())

    def _on_test(self) -> None:
        test = self.test.currentData()
        self.value.setVisible(self._fixed is None and test in (Test.EQUALS, Test.AMONG))
        self.value.setPlaceholderText("几个值，用顿号或逗号分开" if test is Test.AMONG else "值")
        for widget in (self.other, self.other_column):
            widget.setVisible(self._fixed is None and test is Test.MATCHES)
        self.edited.emit()

    def _on_value(self) -> None:
        set_role(self.value, "invalid", False)
        self.edited.emit()

    def _on_other(self) -> None:
        self._show_others()
        self.edited.emit()

    def show_condition(self, condition: "Condition") -> None:
        """Show one of a file; what this line cannot change is shown in words."""
        if len(condition.columns) > 1:
            self._fixed = condition
            self.words.setText(counting.words(condition))
            self.words.show()
            for widget in (self.column, self.test):
                widget.hide()
            self._on_test()
            return
        _offer(self.column, None, next(iter(condition.columns)), keep=True)
        test = Test.FILLED
        if condition.other:
            test = Test.MATCHES
            self.other.setCurrentIndex(_place(self._sources, condition.other))
            _offer(self.other_column, self.other.currentData(), next(iter(condition.other_columns)))
        elif condition.values:
            test = Test.AMONG if len(condition.values) > 1 else Test.EQUALS
            self.value.setText("、".join(condition.values))
        self.test.setCurrentIndex(self.test.findData(test))
        self._on_test()

    def read(self) -> "Condition":
        """The condition; UserError where something is missing, which is marked."""
        if self._fixed:
            return self._fixed
        column, test = self.column.currentData(), self.test.currentData()
        if column is None:
            raise UserError("请先选数据文件，再选条件的列。")
        if test is Test.FILLED:
            return counting.Condition((column,))
        if test is Test.MATCHES:
            source, theirs = self.other.currentData(), self.other_column.currentData()
            if source is None or theirs is None:
                raise UserError("请选另一份数据和它的列。")
            return counting.Condition((column,), (), rows_of(source), (theirs,))
        parts = re.split("[、,，;；]", self.value.text()) if test is Test.AMONG else [self.value.text()]
        values = tuple(part.strip() for part in parts if part.strip())
        if not values:
            set_role(self.value, "invalid", True)
            self.value.setFocus()
            raise UserError(f"请填写“{column}”要等于什么。")
        return counting.Condition((column,), values)


class SideBox(QWidget):
    """Numerator or denominator. `edited`: it says something else now."""

    edited = Signal()

    def __init__(self, name: str, *, own_rows: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._own = name, own_rows
        self._sources: Sequence[Source] = ()
        self.rows: list[ConditionRow] = []
        self.source = Choice(f"{name}数哪份数据的行")
        self.source.activated.connect(self._on_source)
        self.basis = label("", "muted", wrap=True)
        self.more = button("添加条件", lambda: self.add(), look="link")  # noqa: PLW0108 - no argument of the signal
        self.more.setAccessibleName(f"{name}：添加条件")
        frame, box = card(spacing=6)
        line = QHBoxLayout()
        line.addWidget(label(name, "heading"))
        line.addWidget(self.basis, 1)
        box.addLayout(line)
        line = QHBoxLayout()
        line.addWidget(label("数这份数据的行" if own_rows else "数"))
        line.addWidget(self.source, 1)
        box.addLayout(line)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        box.addLayout(self._list)
        line = QHBoxLayout()
        line.addWidget(self.more)
        line.addStretch(1)
        box.addLayout(line)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    def show_sources(self, sources: "Sequence[Source]") -> None:
        """Offer these extracts; conditions stay."""
        self._sources = [source for source in sources if not source.fault]
        chosen = self.source.currentData()
        self.source.clear()
        if not self._own:
            self.source.addItem(SAME_ROWS, None)
        for source in self._sources:
            self.source.addItem(source_name(source), source)
        if chosen in self._sources:
            self.source.setCurrentIndex(self.source.findData(chosen))
        for row in self.rows:
            row.setEnabled(True)

    def add(self, condition: "Condition | None" = None) -> ConditionRow:
        """One more condition."""
        row = ConditionRow(self._sources, self._of_conditions)
        row.edited.connect(self.edited)
        row.removed.connect(lambda: self._remove(row))
        if condition:
            row.show_condition(condition)
        self.rows.append(row)
        self._list.addWidget(row)
        self.edited.emit()
        return row

    below: "SideBox | None" = None
    """The denominator, whose rows a numerator counts that has none of its own."""

    @property
    def _of_conditions(self) -> "Source | None":
        own: Source | None = self.source.currentData()
        return own if own is not None or self.below is None else self.below.source.currentData()

    def follow(self, below: "SideBox") -> None:
        """Count rows of `below` unless told otherwise."""
        self.below = below
        below.source.activated.connect(self._offer_columns)

    def _on_source(self) -> None:
        self._offer_columns()
        self.edited.emit()

    def _offer_columns(self) -> None:
        for row in self.rows:
            row.show_columns(self._of_conditions)

    def _remove(self, row: ConditionRow) -> None:
        self.rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.more.setFocus()
        self.edited.emit()

    def show_side(self, side: "Side | None") -> None:
        """Show what a file says; None: nothing yet."""
        for row in list(self.rows):
            self._remove(row)
        if side is None:
            return
        if side.rows:
            self.source.setCurrentIndex(_place(self._sources, side.rows) + (0 if self._own else 1))
        elif not self._own:
            self.source.setCurrentIndex(0)
        for condition in side.where:
            self.add(condition)
        self._offer_columns()

    def read(self) -> "Side":
        """What it says; UserError where something is missing, which is marked."""
        source: Source | None = self.source.currentData()
        if source is None and self._own:
            self.source.setFocus()
            raise UserError("请先添加数据文件，再选分母数哪份数据的行。")
        where = tuple(row.read() for row in self.rows)
        if source is None and not where:
            raise UserError("分子还没有条件：请添加条件，或另选一份数据。")
        return counting.Side(rows_of(source) if source else None, where)


def rows_of(source: "Source") -> "RowsOf":
    """A source as counting knows it."""
    return counting.RowsOf(source.files, source.encoding, source.sheet)


def _place(sources: "Sequence[Source]", rows: "RowsOf") -> int:
    return next((place for place, source in enumerate(sources) if rows_of(source) == rows), -1)


def _offer(combo: QComboBox, source: "Source | None", chosen: str | None, *, keep: bool = False) -> None:
    if not keep:
        combo.clear()
        if source:
            for seen in source.columns:
                combo.addItem(with_values(source, seen.name), seen.name)
    if chosen is not None and combo.findData(chosen) < 0:
        combo.addItem(with_values(source, chosen) if source else chosen, chosen)
    if chosen is not None and combo.findData(chosen) >= 0:
        combo.setCurrentIndex(combo.findData(chosen))
