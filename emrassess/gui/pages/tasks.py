"""任务与合并: who does what by when, and what comes back from the departments."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.page import Page
from emrassess.gui.widgets.merge_tab import MergeTab
from emrassess.gui.widgets.task_tab import TaskTab

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

MERGE = "合并"


class TasksPage(Page):
    """Two tabs; the second says how many conflicts wait."""

    key = "tasks"
    title = "任务与合并"
    icon = "tasks"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.tasks = TaskTab(context)
        self.tasks.clause_wanted.connect(lambda clause: context.go_to.emit(f"clause:{clause}"))
        self.merging = MergeTab(context)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("任务和合并")
        self.tabs.addTab(self.tasks, "任务")
        self.tabs.addTab(self.merging, MERGE)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.tabs)

    def show_session(self) -> None:
        self.tasks.show_session()
        self.merging.show_session()
        self._show_waiting()
        session = self.context.session
        self.tabs.setTabVisible(1, session is None or session.assessment.packet is None)

    def refresh(self, changes: "Changes") -> None:
        self.tasks.refresh(changes)
        self.merging.refresh(changes)
        self._show_waiting()

    def show_target(self, target: str) -> None:
        """ "page:tasks/merge" shows the merge, "page:tasks/<id of a department>" its clauses."""
        part = target.partition("/")[2]
        self.tabs.setCurrentWidget(self.merging if part == "merge" else self.tasks)
        if part and part != "merge":
            self.tasks.choose_department(part)
        self.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.tabs.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_waiting(self) -> None:
        waiting = len(self.merging.conflicts.entries)
        self.tabs.setTabText(1, f"{MERGE}（{waiting}）" if waiting else MERGE)
