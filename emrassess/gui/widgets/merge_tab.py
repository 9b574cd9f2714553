"""合并: packets that came back are merged here, conflicts decided, merges taken back."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.assessment import Decision
from emrassess.gui import actions, dialogs
from emrassess.gui.context import Context
from emrassess.gui.merge_dialog import PACKETS, REVIEWS, can_merge, start_merge
from emrassess.gui.models.merging import ROLE, ConflictModel, MergeModel, about_reviews, merge_lines
from emrassess.gui.packet_opening import PACKETS as PACKET_FILES
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.conflict_view import ConflictView
from emrassess.gui.widgets.dropped import dropped_files
from emrassess.gui.widgets.two_lines import TwoLines

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.deciding import Shown

REVIEW_FILES = "核查结果 (*.zip)"
FIRST = (
    "还没有合并过任务包。\n\n科室填好任务包、点“交回”，会送回一个文件。点上面的“合并交回的任务包…”，"
    "或把一个或几个文件拖到这里：先看会改什么，再决定合并。"
)
FIRST_REVIEW = (
    "还没有导入过核查结果。\n\n同组的专家各自核查，用“导出与反馈”里的“导出核查结果…”送来一个文件。"
    "点上面的“导入核查结果…”，或把一个或几个文件拖到这里：先看会改什么，再决定合并。"
)
NO_CONFLICTS = "没有等待决定的冲突。"
KEYS = "1 保留我们的　2 采用对方的　3 两段都留　J 下一处　K 上一处　Ctrl+Z 撤销"
IN_PACKET = "这里打开的是科室任务包：填好后交回，由发出它的医院合并。"
READ_ONLY = "工作区是以只读方式打开的，只能看，不能合并。"


class MergeTab(QWidget):
    """The tab, of packets or of experts' `reviews`. The page calls `show_session` and `refresh` as pages are called."""

    def __init__(self, context: Context, parent: QWidget | None = None, *, reviews: bool = False) -> None:
        super().__init__(parent)
        self._context = context
        self._reviews = reviews
        self._under_way: set[str] = set()
        self.setAcceptDrops(True)
        self.conflicts, self.merges = ConflictModel(self), MergeModel(self)
        self._words = REVIEWS if reviews else PACKETS
        self._merge = button(f"{self._words.title}…", self._choose, primary=True)
        self._says = label("", "muted", wrap=True)
        self._head = label("", "heading")
        self._list = _list(context, self.conflicts, "等待决定的冲突")
        self._done = _list(context, self.merges, "做过的合并")
        self._undo = button("撤销这次合并", self._undo_merge, tip="把这次合并带来的全部内容退回去")
        self._view = ConflictView(context)
        self._nothing = label(NO_CONFLICTS, "muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._first = label(self._first_words, "muted", wrap=True)
        self._first.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._right = QStackedWidget()
        self._arrange()
        self._connect()
        self.show_session()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._merge)
        top.addWidget(self._says, 1)
        left = QWidget()
        left.setMaximumWidth(self._context.theme.px(420))
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._head)
        column.addWidget(self._list, 3)
        column.addWidget(label("做过的合并", "heading"))
        column.addWidget(self._done, 2)
        column.addWidget(self._undo, 0, Qt.AlignmentFlag.AlignLeft)
        self._right.addWidget(self._view)
        self._right.addWidget(self._nothing)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self._right)
        split.setStretchFactor(1, 1)
        split.setSizes([self._context.theme.px(290), self._context.theme.px(890)])
        self._stack.addWidget(split)
        self._stack.addWidget(self._first)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(10)
        box.addLayout(top)
        box.addWidget(self._stack, 1)
        self.setFocusProxy(self._merge)

    def _connect(self) -> None:
        self._list.selectionModel().currentChanged.connect(self._on_conflict)
        self._done.selectionModel().currentChanged.connect(self._show_undo)
        self._view.decided.connect(self._decide)
        for name, decision in (("ours", Decision.OURS), ("theirs", Decision.THEIRS), ("both", Decision.BOTH)):
            actions.make(f"conflict.{name}", self, lambda d=decision: self._view.decide(d))
        actions.make("conflict.next", self, lambda: self._step(1))
        actions.make("conflict.previous", self, lambda: self._step(-1))

    # --- showing

    @property
    def _first_words(self) -> str:
        return FIRST_REVIEW if self._reviews else FIRST

    def show_session(self) -> None:
        """Show what waits in the open workspace."""
        self._under_way.clear()
        self._show()

    def refresh(self, changes: "Changes") -> None:
        """Show what a write changed: what is here now is part of every conflict."""
        if changes.conflicts or changes.settings or changes.tasks or (self.conflicts.entries and changes.saved_at):
            self._show()

    def _show(self) -> None:
        session = self._context.session
        if session is None:
            return
        from emrassess.services.deciding import conflicts  # noqa: PLC0415 - not needed at start

        row = self._list.currentIndex().row()
        before: Shown | None = self._list.currentIndex().data(ROLE)
        waiting = tuple(shown for shown in conflicts(session) if about_reviews(shown.found) is self._reviews)
        self.conflicts.show_conflicts(waiting, session)
        self.merges.show_merges(session, reviews=self._reviews)
        self._head.setText(f"等待决定的冲突（{len(waiting)}）")
        self._stack.setCurrentIndex(0 if waiting or self.merges.entries else 1)
        self._right.setCurrentIndex(0 if waiting else 1)
        self._merge.setEnabled(can_merge(self._context))
        packet = session.assessment.packet is not None
        self._first.setText(IN_PACKET if packet else self._first_words)
        hint = KEYS if waiting else ""
        self._says.setText(IN_PACKET if packet else hint if self._context.saves else READ_ONLY)
        kept = self.conflicts.row_of(before.id) if before else -1
        # Once one is decided, the next one comes into its place.
        self._take(kept if kept >= 0 else min(max(row, 0), len(waiting) - 1))
        self._done.setCurrentIndex(self.merges.index(0))
        self._show_undo()

    def _take(self, row: int) -> None:
        index = self.conflicts.index(row)
        self._list.setCurrentIndex(index)
        self._on_conflict(index)

    def _on_conflict(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        self._view.show_conflict(index.data(ROLE) if index.isValid() else None)

    def _step(self, by: int) -> None:
        count = len(self.conflicts.entries)
        if count:
            self._take(min(max(self._list.currentIndex().row() + by, 0), count - 1))

    def _show_undo(self) -> None:
        self._undo.setEnabled(self._context.saves and self._done.currentIndex().isValid())

    # --- doing

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if can_merge(self._context) and dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = dropped_files(event.mimeData())
        event.acceptProposedAction()
        self.merge_files(files)

    def merge_files(self, files: list[Path]) -> None:
        """Show what merging `files` would do, and merge them where that is wanted."""
        start_merge(self._context, self, files, self._words)

    def _choose(self) -> None:
        what = "核查结果" if self._reviews else "交回的任务包"
        files = dialogs.open_files(self, f"选择{what}（可以选几个）", REVIEW_FILES if self._reviews else PACKET_FILES)
        if files:
            self.merge_files(files)

    def _decide(self, conflict: str, decision: Decision) -> None:
        from emrassess.services.deciding import decide  # noqa: PLC0415

        if conflict in self._under_way:
            return  # a key pressed twice: it is not for the next conflict
        self._under_way.add(conflict)
        handle = self._context.operations.write("决定冲突", decide, conflict, decision, about=[f"conflict:{conflict}"])
        handle.done.connect(lambda _: self._under_way.discard(conflict))
        handle.failed.connect(lambda _: self._under_way.discard(conflict))

    def _undo_merge(self) -> None:
        from emrassess.services.merging import undo_merge  # noqa: PLC0415

        session, index = self._context.session, self._done.currentIndex()
        if session is None or not index.isValid():
            return
        key: str = index.data(ROLE)
        first, second = merge_lines(key, session)
        detail = f"{second}。\n合并带来的内容和冲突都退回合并之前；已经决定的冲突要先撤销决定。这一步也可以撤销。"
        if dialogs.ask(self, "撤销合并", f"撤销这次合并？{first}", detail, yes="撤销这次合并"):
            self._context.operations.write("撤销合并", undo_merge, key)


def _list(context: Context, model: ConflictModel | MergeModel, name: str) -> QListView:
    made = QListView()
    made.setModel(model)
    made.setItemDelegate(TwoLines(context.theme))
    made.setAccessibleName(name)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setMinimumWidth(context.theme.px(240))
    return made
