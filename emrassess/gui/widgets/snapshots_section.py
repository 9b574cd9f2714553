"""提交与快照 on the report page: freeze the assessment, look at what was submitted, go on from it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.models.snapshots import NUMBER_ROLE, PRESENT, SnapshotTable
from emrassess.gui.operations import Handle
from emrassess.gui.snapshots_dialog import start_compare, start_submit
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.plain_table import plain_table

if TYPE_CHECKING:
    from emrassess.services.snapshots import SnapshotInfo

WHAT = "把现在的评价定版并编号，以后怎么改都不影响它；可以比较两次提交，也可以以某一次开始下一轮评价"
NONE_YET = "还没有提交过。"
READ_ONLY = "工作区是以只读方式打开的，只能查看和比较。"
IN_PACKET = "这是一个科室任务包，不能从它开始新一轮评价。"
SHOWN = 5
"""Rows that the list is high enough for; the others are scrolled to."""


class SnapshotsSection(QFrame):
    """Reads the list on the background thread; `refresh` reads it anew."""

    read = Signal()
    """The list is there."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._context = context
        self._reading: Handle | None = None
        self.snapshots = SnapshotTable(self)
        self.table = plain_table(context.theme, self.snapshots, "提交记录", (84, 150, 120))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.submit = button("提交（定版）…", lambda: start_submit(context, self))
        self.compare = button("比较…", self._compare, tip="一次提交与现在比较；选中两次时比较这两次")
        self.go_on = button("以此开始下一轮…", self._start_next_round, tip="建一个新工作区，从这一次提交接着做")
        self._state = label(NONE_YET, "muted", wrap=True)
        self._build()
        self.table.activated.connect(lambda _: self._compare())
        self.table.selectionModel().selectionChanged.connect(self._show_state)
        context.theme.changed.connect(self._fit)
        self._show_state()

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label("提交与快照", "heading"))
        words.addWidget(label(WHAT, "muted", wrap=True))
        first = QHBoxLayout()
        first.addLayout(words, 1)
        first.addWidget(self.submit, 0, Qt.AlignmentFlag.AlignTop)
        last = QHBoxLayout()
        last.addWidget(self._state, 1)
        last.addWidget(self.compare)
        last.addWidget(self.go_on)
        box = QVBoxLayout(self)
        box.setContentsMargins(18, 14, 16, 14)
        box.setSpacing(8)
        box.addLayout(first)
        box.addWidget(self.table)
        box.addLayout(last)

    def take_focus(self) -> None:
        """To the list, or to the button that fills it."""
        (self.table if self.snapshots.rows else self.submit).setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Read what was submitted; the newest is selected where it is new."""
        from emrassess.services.snapshots import listed  # noqa: PLC0415 - not needed at start

        session = self._context.session
        if session is None:
            self._reading = None
            self._show(())
            return
        handle = self._reading = self._context.operations.background(listed, session)
        handle.done.connect(lambda found: self._on_read(handle, found))
        handle.failed.connect(lambda _: self._on_unread(handle))

    def _on_read(self, handle: Handle, found: "list[SnapshotInfo]") -> None:
        if handle is self._reading:
            self._show(tuple(reversed(found)))
            self.read.emit()

    def _on_unread(self, handle: Handle) -> None:
        if handle is self._reading:
            self._state.setText("提交记录没有读出来。")

    def _show(self, found: "tuple[SnapshotInfo, ...]") -> None:
        if found != self.snapshots.rows:
            self.snapshots.show_rows(found)
            self._fit()
            self.table.selectRow(0)
        self._show_state()

    def _fit(self) -> None:
        rows = self.table.verticalHeader()
        rows.setDefaultSectionSize(self.table.fontMetrics().height() + 12)
        count = min(len(self.snapshots.rows), SHOWN)
        head = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(head + count * rows.defaultSectionSize() + 2 * self.table.frameWidth())

    def _chosen(self) -> "list[SnapshotInfo]":
        """The selected ones, the first submitted first."""
        rows = self.table.selectionModel().selectedRows()
        numbers = {index.data(NUMBER_ROLE) for index in rows}
        return [info for info in reversed(self.snapshots.rows) if info.number in numbers]

    def _show_state(self) -> None:
        session, writable, chosen = self._context.session, self._context.writable, self._chosen()
        in_packet = session is not None and session.assessment.packet is not None
        count = len(self.snapshots.rows)
        self.table.setVisible(count > 0)
        self.submit.setEnabled(writable)
        self.compare.setEnabled(len(chosen) in (1, 2))
        self.go_on.setEnabled(writable and not in_packet and len(chosen) == 1)
        for widget in (self.compare, self.go_on):
            widget.setVisible(count > 0)
        said = "" if session is None or writable else READ_ONLY
        said = said or (IN_PACKET if in_packet and count else "")
        self._state.setText(said if count else f"{NONE_YET}{said}")

    def _compare(self) -> None:
        chosen = [info.number for info in self._chosen()]
        if len(chosen) in (1, 2):
            listed = tuple(reversed(self.snapshots.rows))
            start_compare(self._context, self, listed, chosen[0], (*chosen, PRESENT)[1])

    def _start_next_round(self) -> None:
        from emrassess.gui.next_round import start_next_round  # noqa: PLC0415

        if self.go_on.isEnabled():
            start_next_round(self._context, self, self._chosen()[0])
