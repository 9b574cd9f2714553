"""The filter of the clauses page: choices, what is in force in words, and how to clear it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.gui.models.clause_filter import EVERYTHING, UNASSIGNED, ClauseFilter, filter_text
from emrassess.gui.models.scope import scoped
from emrassess.gui.theme import VERDICT_NAMES
from emrassess.gui.widgets.basics import button, label
from emrassess.reports.wording import STATE_NAMES

if TYPE_CHECKING:
    from emrassess.services.session import Session


class FilterBar(QFrame):
    """`opened` shows the choices; what is in force stays readable while they are folded away."""

    changed = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = EVERYTHING
        self._loading = False
        self.group, self.role, self.level = QComboBox(), QComboBox(), QComboBox()
        self.verdict, self.evidence, self.department = QComboBox(), QComboBox(), QComboBox()
        self.blocking = QCheckBox("只看卡住目标的")
        self.marked = QCheckBox("需再看")
        self.marked.setToolTip("换了新版标准以后，文字改过或新增的条款，再看一遍")
        self._combos = {
            "核查组": self.group, "工作角色": self.role, "级别": self.level,
            "自评": self.verdict, "实证": self.evidence, "科室": self.department,
        }  # fmt: skip
        self._names = {name: label(name) for name in self._combos}
        self._state = label("", wrap=True)
        self._state.setAccessibleName("筛选状态")
        self._clear = button("清除筛选", self.clear, look="link", tip="看全部条款（Shift+F）")
        self._choices = QWidget()
        self._arrange()
        for combo in self._combos.values():
            combo.currentIndexChanged.connect(self._on_chosen)
        self.blocking.toggled.connect(self._on_chosen)
        self.marked.toggled.connect(self._on_chosen)
        self._choices.hide()
        self._show_state("", 0)

    def _arrange(self) -> None:
        grid = QGridLayout(self._choices)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for place, (name, combo) in enumerate(self._combos.items()):
            combo.setAccessibleName(f"筛选 {name}")
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(5)
            row, column = divmod(place, 3)
            grid.addWidget(self._names[name], row, 2 * column)
            grid.addWidget(combo, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        grid.addWidget(self.blocking, 2, 0, 1, 4)
        grid.addWidget(self.marked, 2, 4, 1, 2)
        line = QHBoxLayout()
        line.addWidget(self._state, 1)
        line.addWidget(self._clear)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 6, 12, 6)
        box.setSpacing(6)
        box.addWidget(self._choices)
        box.addLayout(line)

    @property
    def open(self) -> bool:
        """Whether the choices are shown."""
        return not self._choices.isHidden()

    def toggle(self) -> None:
        """Open the choices with the focus in the first, or fold them away."""
        self._choices.setHidden(self.open)
        self.setVisible(self.open or self.wanted.active)
        if self.open:
            self.group.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.closed.emit()

    def show_session(self, session: "Session") -> None:
        """Offer what this assessment has; the filter in force stays where it still can."""
        groups = [(g.name, g.code) for g in session.assessment.review_groups(session.pack)]
        rows = [row for item in session.pack.items for row in item.rows if scoped(session, row.clauses)]
        levels = sorted({row.level for row in rows})
        known = {session.pack.item_by_code[row.item].role for row in rows}
        roles = [(f"{role.code} {role.name}", role.code) for role in session.pack.roles if role.code in known]
        self._loading = True
        _fill(self.group, groups, self.wanted.group, "")
        _fill(self.role, roles, self.wanted.role, "")
        _fill(self.level, [(f"{level} 级", level) for level in levels], self.wanted.level, 0)
        _fill(self.verdict, [(VERDICT_NAMES[v], v) for v in Verdict], self.wanted.verdict, None)
        _fill(self.evidence, [(STATE_NAMES[s], s) for s in EvidenceState], self.wanted.evidence, None)
        self._loading = False
        self.wanted = replace(self._read(), department=self.wanted.department)
        self.show_marks(session)
        self.show_departments(session)

    def show_departments(self, session: "Session") -> None:
        """Offer the departments there are; one in force stays where it still is there."""
        whole = session.assessment.packet is None
        for widget in (self.department, self._names["科室"], self.blocking):
            widget.setVisible(whole)
        departments = [(UNASSIGNED, ""), *((d.name, key) for key, d in session.assessment.departments.items())]
        self._loading = True
        _fill(self.department, departments, self.wanted.department, None)
        self._loading = False
        if self.department.currentData() != self.wanted.department:
            self._on_chosen()  # the one in force is gone

    def show_marks(self, session: "Session") -> None:
        """Offer the marked clauses where there are any; a filter in force stays until it is taken back."""
        count = len(session.assessment.rechecks)
        self.marked.setText(f"需再看（{count}）" if count else "需再看")
        self.marked.setVisible(bool(count) or self.marked.isChecked())

    def show_count(self, session: "Session", clauses: int) -> None:
        """Say what is in force, and how many clauses it leaves."""
        self._show_state(filter_text(session, self.wanted), clauses)

    def clear(self) -> None:
        """Let everything through again."""
        self._loading = True
        for combo in self._combos.values():
            combo.setCurrentIndex(0)
        self.blocking.setChecked(False)
        self.marked.setChecked(False)
        self._loading = False
        self._on_chosen()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.open:
            self.toggle()
            return
        super().keyPressEvent(event)

    def _read(self) -> ClauseFilter:
        return ClauseFilter(
            self.group.currentData() or "", self.role.currentData() or "", self.level.currentData() or 0,
            self.verdict.currentData(), self.evidence.currentData(), self.blocking.isChecked(),
            self.marked.isChecked(), self.department.currentData(),
        )  # fmt: skip

    def _on_chosen(self) -> None:
        if not self._loading:
            self.wanted = self._read()
            self.changed.emit()

    def _show_state(self, text: str, clauses: int) -> None:
        active = self.wanted.active
        self._state.setText(f"筛选：{text}（{clauses} 条）" if active else "没有筛选，显示全部条款")
        self._clear.setVisible(active)
        self.setVisible(active or self.open)


def _fill(combo: QComboBox, choices: list[tuple[str, Any]], chosen: Any, nothing: Any) -> None:
    combo.clear()
    combo.addItem("全部", nothing)
    for text, value in choices:
        combo.addItem(text, value)
    # findData compares Python values unreliably; the list is short
    values = [nothing, *(value for _, value in choices)]
    combo.setCurrentIndex(values.index(chosen) if chosen in values else 0)
