"""The first page of a department's packet: from whom, by when, how far, and giving it back."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.packet_progress import deadline_of, progress_of, todos
from emrassess.gui.page import Page
from emrassess.gui.task_writing import suggested_file
from emrassess.gui.widgets.basics import button, card, clear, label, scrolled, set_role
from emrassess.gui.widgets.meter import Meter
from emrassess.gui.widgets.output_card import OutputCard
from emrassess.gui.widgets.protection import Protection
from emrassess.services.tasks import now

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.session import Progress, Session

FACTS = ("来自", "医院", "交给", "期限", "条款")


class PacketPage(Page):
    """In place of the overview: a part of an assessment has no level to show."""

    key = "overview"
    title = "任务包"
    icon = "tasks"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(12)
        self._headline = label("", "title", wrap=True)
        column.addWidget(self._headline)
        self._facts = {name: label("", wrap=True) for name in FACTS}
        column.addWidget(self._facts_card())
        frame, self._work = card()
        self._work.addWidget(label("做到哪里了", "heading"))
        self._count = label("", wrap=True)
        self._meter = Meter(context.theme)
        self._words = label("", "muted", wrap=True)
        for widget in (self._count, self._meter, self._words):
            self._work.addWidget(widget)
        self._next: QPushButton | None = None
        self._todos = QVBoxLayout()
        self._todos.setSpacing(6)
        self._work.addLayout(self._todos)
        column.addWidget(frame)
        self.protection = Protection(context, "交回的任务包")
        self.back = OutputCard(
            context, "tasks", "交回任务包",
            "把填好的答案和新加的材料做成一个文件，交给发任务包的人合并。交回以后还可以再改、再交。",
            "交回任务包…", self._give_back, self.protection,
        )  # fmt: skip
        column.addWidget(self.back)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def _facts_card(self) -> QWidget:
        frame, box = card()
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        for name, text in self._facts.items():
            text.setAccessibleName(name)
            form.addRow(label(name, "muted"), text)
        box.addLayout(form)
        return frame

    def show_session(self) -> None:
        """Show the packet that is open; forget what was written for another."""
        self.back.show_idle()
        self.protection.show_session()
        self._show()

    def refresh(self, changes: "Changes") -> None:  # noqa: ARG002
        """Any write may change how far it is."""
        self._show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What is to be done next, rather than giving back."""
        super().focusInEvent(event)
        first = self._next or self.back.does
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        session = self.context.session
        packet = session.assessment.packet if session else None
        if session is None or packet is None:
            return
        self._headline.setText(f"{packet.department_name}的任务包")
        until, role = deadline_of(packet, now(session))
        found = progress_of(session)
        texts = (
            f"{packet.sender.name}（{packet.sender.organisation}）",
            packet.hospital,
            f"{packet.department_name}　{packet.person}".strip(),
            until,
            f"{found.total} 条，目标 {session.assessment.target} 级",
        )
        for name, text in zip(FACTS, texts, strict=True):
            self._facts[name].setText(text)
        set_role(self._facts["期限"], "role", role)
        self._count.setText(f"已评 {found.answered}/{found.total} 条，材料完整 {found.complete} 条")
        self._meter.show_share(found.answered / max(found.total, 1), colour="good")
        self._words.setText(found.words)
        self._show_todos(session)
        self.back.does.setEnabled(self.context.writable)

    def _show_todos(self, session: "Session") -> None:
        clear(self._todos)
        self._next = None
        for todo in todos(session):
            row = QHBoxLayout()
            row.addWidget(label(f"·　{todo.text}", wrap=True), 1)
            does = button(todo.does, lambda t=todo.target: self.context.go_to.emit(t), primary=self._next is None)
            row.addWidget(does)
            self._next = self._next or does
            self._todos.addLayout(row)
        if self._next is None:
            self._todos.addWidget(label("✓ 都填好了，可以交回。", "good", wrap=True))

    def _give_back(self) -> None:
        session = self.context.session
        packet = session.assessment.packet if session else None
        if session is None or packet is None or not self.context.writable:
            return
        found = progress_of(session)
        left = found.total - found.answered
        text = f"还有 {left} 条没有评。可以先交回已经评的，以后再交一次。"
        if left and not dialogs.ask(self, "交回任务包", text, yes="先交回", no="继续填写"):
            return
        suggested = suggested_file(session, f"{packet.department_name}_交回", ".zip")
        out = dialogs.save_file(self, "交回任务包", suggested, "任务包 (*.zip)")
        options = self.protection.options() if out else None
        if out is None or options is None:
            return
        self.back.show_busy(out)
        handle = self.context.operations.write("交回任务包", _give_back, out, progress=True, **options)
        handle.done.connect(lambda _: self.back.show_done(out))
        self.back.follow(handle)


def _give_back(session: "Session", out: Path, *, progress: "Progress", **options: Any) -> "Changes":
    """Write the packet, and tell of the clauses that count as submitted thereby."""
    from emrassess.services.packets import return_packet  # noqa: PLC0415

    packet = session.assessment.packet
    return_packet(session, out, progress=progress, **options)
    report = session.report("交回任务包", [])
    return replace(report, clauses=frozenset(packet.clauses if packet else ()), tasks=True)
