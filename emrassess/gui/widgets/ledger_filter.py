"""The filter of the ledger: a line of choices, and a search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QWidget

from emrassess.domain.ledger import FINDING_STATE_NAMES
from emrassess.domain.review import SEVERITY_NAMES, WORST_FIRST, round_name
from emrassess.gui.models.ledger import EVERYTHING, NOBODY_NAME, LedgerRow, Wanted
from emrassess.gui.widgets.basics import button

if TYPE_CHECKING:
    from emrassess.services.session import Session

SEARCH_PAUSE_MS = 120


class LedgerFilter(QWidget):
    """`changed`: `wanted` asks for others now."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = EVERYTHING
        self._within: tuple[frozenset[str] | None, str] = None, ""
        self._loading = False
        self.search = QLineEdit()
        self.search.setPlaceholderText("查找条款、问题、措施、责任人")
        self.search.setAccessibleName("查找问题")
        self.search.setClearButtonEnabled(True)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._on_chosen)
        self.search.textChanged.connect(lambda _: None if self._loading else self._pause.start())
        self.department, self.state, self.severity = QComboBox(), QComboBox(), QComboBox()
        self.group, self.round = QComboBox(), QComboBox()
        self._names = {
            self.department: "全部科室", self.state: "全部状态", self.severity: "严重程度不限",
            self.group: "全部核查组", self.round: "全部轮次",
        }  # fmt: skip
        self.overdue, self.supervised = QCheckBox("逾期"), QCheckBox("挂牌督办")
        self._clear = button("清除筛选", self.clear, look="link", tip="看全部问题（Shift+F）")
        self._arrange()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.search, 3)
        for combo, name in self._names.items():
            combo.setAccessibleName(f"筛选：{name}")
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(4)
            combo.currentIndexChanged.connect(self._on_chosen)
            row.addWidget(combo, 2)
        for box in (self.overdue, self.supervised):
            box.setAccessibleName(f"只看{box.text()}的")
            box.toggled.connect(self._on_chosen)
            row.addWidget(box)
        row.addWidget(self._clear)
        self._clear.setEnabled(False)

    def show_session(self, session: "Session", rows: Sequence[LedgerRow]) -> None:
        """Offer what this ledger has; what is in force stays."""
        departments = dict.fromkeys(d.name for d in session.assessment.departments.values())
        departments |= dict.fromkeys(row.finding.department for row in rows if row.finding.department)
        groups = {g.code: g.name for g in session.assessment.review_groups(session.pack)}
        groups |= {row.finding.group: row.group for row in rows if row.finding.group}
        rounds = sorted({row.finding.raised for row in rows})
        states = [(name, state) for state, name in FINDING_STATE_NAMES.items()]
        severities = [(SEVERITY_NAMES[severity], severity) for severity in WORST_FIRST]
        self._fill(self.department, [*((name, name) for name in departments), (NOBODY_NAME, "")])
        self._fill(self.state, states)
        self._fill(self.severity, severities)
        self._fill(self.group, [(name, code) for code, name in groups.items()])
        self._fill(self.round, [(round_name(number), number) for number in rounds])
        self.show_wanted(self.wanted)

    def show_wanted(self, wanted: Wanted) -> None:
        """Filter by this, as if it had been chosen here."""
        self._pause.stop()
        self._within = wanted.ids, wanted.named
        self._loading = True
        if tuple(self.search.text().casefold().split()) != wanted.words:
            self.search.setText(" ".join(wanted.words))
        for combo, value in (
            (self.department, wanted.department),
            (self.state, wanted.state),
            (self.severity, wanted.severity),
            (self.group, wanted.group),
            (self.round, wanted.round),
        ):
            # findData compares Python values unreliably; the lists are short
            values = [combo.itemData(place) for place in range(combo.count())]
            combo.setCurrentIndex(next((i for i, held in enumerate(values) if _same(held, value)), 0))
        self.overdue.setChecked(wanted.overdue)
        self.supervised.setChecked(wanted.supervised)
        self._loading = False
        self._take(self._read())

    def clear(self) -> None:
        """Let everything through again."""
        self.show_wanted(EVERYTHING)

    def _fill(self, combo: QComboBox, choices: Sequence[tuple[str, Any]]) -> None:
        held = [(combo.itemText(place), combo.itemData(place)) for place in range(combo.count())]
        wanted = [(self._names[combo], None), *choices]
        if held == wanted:
            return
        self._loading = True
        combo.clear()
        for text, value in wanted:
            combo.addItem(text, value)
        self._loading = False

    def _read(self) -> Wanted:
        return Wanted(
            tuple(self.search.text().casefold().split()),
            self.department.currentData(),
            self.state.currentData(),
            self.severity.currentData(),
            self.group.currentData(),
            self.round.currentData(),
            self.overdue.isChecked(),
            self.supervised.isChecked(),
            *self._within,
        )

    def _on_chosen(self) -> None:
        if not self._loading:
            self._pause.stop()
            self._take(self._read())

    def _take(self, wanted: Wanted) -> None:
        self._clear.setEnabled(wanted != EVERYTHING)
        if wanted != self.wanted:
            self.wanted = wanted
            self.changed.emit()


def _same(held: object, value: object) -> bool:
    return held == value and (held is None) == (value is None)
