"""送审前体检: run it, work off what it finds, accept with a reason what is to stay as it is."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.checkup import Finding
from emrassess.gui.context import Context
from emrassess.gui.models.checkup import FINDING_ROLE, FindingTree, checkup_of, standing
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.finding_details import FindingDetails
from emrassess.gui.widgets.finding_tree import FindingView

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.session import Session

NOT_YET, NOTHING, FOUND = range(3)
INVITATION = (
    "提交之前，把专家会退回的地方先找出来：没有材料的达标条款，看不清、重复的图片，没写时间和医院的截图，\n"
    "没有分子分母的比例，读不了的文件，露出的病人姓名和证件号。逐条写明原因和改法；不会改动任何内容。"
)
GOOD = "没有发现专家会退回的地方。\n程序看不懂画面里的内容，病人姓名是否都已遮盖，还请人再看一遍。"


class CheckupPanel(QWidget):
    """A list at the left, the finding in hand at the right; before the first run, what it is for."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._checkup = checkup_of(context)
        self._followed: Handle | None = None
        self._shown: tuple[object, ...] = ()
        self.findings = FindingTree(self)
        self.view = FindingView(context.theme, self.findings)
        self.details = FindingDetails(context)
        self.which = QComboBox()
        self.which.setAccessibleName("显示哪些问题")
        self._standing = label("", wrap=True)
        self.start = button("重新检查", self._start, primary=True)
        self.begin = button("开始检查", self._start, primary=True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("体检进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._step = label("", "muted")
        self._cancel = button("取消", self._on_cancel)
        self._build()
        self.which.currentIndexChanged.connect(self._show_findings)
        self.view.selectionModel().selectionChanged.connect(self._show_details)
        self.view.activated.connect(self._on_activated)
        self.details.wanted.connect(context.go_to)
        self.details.accepted.connect(self._accept)
        self.details.withdrawn.connect(self._withdraw)
        self._checkup.changed.connect(self.show_state)
        self.show_state()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._standing, 1)
        for widget in (self._step, self._bar, self._cancel, self.start):
            top.addWidget(widget)
        self._stack = QStackedWidget()
        self._stack.addWidget(_words("送审前体检", INVITATION, self.begin))
        self._stack.addWidget(_words("可以送审了", GOOD))
        self._stack.addWidget(self._results())
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 10)
        column.addLayout(top)
        column.addWidget(self._stack, 1)

    def _results(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        line = QHBoxLayout()
        line.addWidget(label("显示"))
        line.addWidget(self.which, 1)
        column.addLayout(line)
        column.addWidget(self.view, 1)
        split = QSplitter()
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.details)
        split.setSizes([520, 660])
        left.setMinimumWidth(300)
        self.details.setMinimumWidth(360)
        return split

    # --- what is shown

    def take_focus(self) -> None:
        """To the findings, or to the button that looks for them."""
        shown = {NOT_YET: self.begin, NOTHING: self.start, FOUND: self.view}[self._stack.currentIndex()]
        shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_state(self) -> None:
        """Show the last run, and whether another one is under way."""
        checkup = self._checkup
        running = checkup.handle is not None
        waited = self._cancel.hasFocus()
        if checkup.handle is not None and checkup.handle is not self._followed:
            self._followed = checkup.handle
            checkup.handle.progressed.connect(partial(self._on_progress, checkup.handle))
            self._bar.setRange(0, 0)
            self._step.setText("正在检查…")
        for widget in (self._bar, self._cancel, self._step):
            widget.setVisible(running)
        self.start.setVisible(checkup.run is not None)
        for widget in (self.start, self.begin):
            widget.setEnabled(not running)
        self._standing.setText(standing(checkup) if checkup.run or running else "")
        set_role(self._standing, "role", "fair" if checkup.stale and not running else "")
        found = checkup.run.findings if checkup.run else ()
        self._stack.setCurrentIndex(FOUND if found else NOTHING if checkup.run else NOT_YET)
        self._show_choices()
        self._show_findings()
        if waited and not running:
            self.take_focus()

    def _show_choices(self) -> None:
        checkup = self._checkup
        counts = (("待处理", len(checkup.open)), ("已接受", len(checkup.accepted)))
        chosen = max(self.which.currentIndex(), 0)
        self.which.blockSignals(True)
        self.which.clear()
        for name, count in (*counts, ("全部", sum(count for _, count in counts))):
            self.which.addItem(f"{name}（{count}）")
        self.which.setCurrentIndex(chosen)
        self.which.blockSignals(False)

    def _show_findings(self) -> None:
        """Show those of the chosen state; what was selected stays so, or gives way to its neighbour."""
        checkup, which = self._checkup, max(self.which.currentIndex(), 0)
        everything, accepted = (checkup.run.findings if checkup.run else ()), checkup.accepted
        shown = (checkup.run, which, accepted)
        if shown != self._shown:
            self._shown = shown
            self._refill((checkup.open, accepted, everything)[which])
        self._show_details()

    def _refill(self, wanted: Sequence[Finding]) -> None:
        before, held = self.findings.ids(), {finding.id for finding in self.view.selected()}
        current: Finding | None = self.view.currentIndex().data(FINDING_ROLE)
        folded = {index.data() for index in self._groups() if not self.view.isExpanded(index)}
        self.findings.show(wanted, self._checkup.acceptances)
        for index in self._groups():
            self.view.setExpanded(index, index.data() not in folded)
        there = [index for key in held if (index := self.findings.index_of(key)).isValid()]
        nearest = self._nearest(before, current.id if current else "")
        select = QItemSelectionModel.SelectionFlag.Select
        self.view.setCurrentIndex(there[0] if there else nearest)
        for index in there:
            self.view.selectionModel().select(index, select)

    def _nearest(self, before: Sequence[str], current: str) -> QModelIndex:
        """The next finding that is still there after `current`, else the one before, else the first."""
        place = before.index(current) if current in before else 0
        for key in (*before[place:], *reversed(before[:place])):
            if (index := self.findings.index_of(key)).isValid():
                return index
        first = self.findings.ids()[:1]
        return self.findings.index_of(first[0]) if first else QModelIndex()

    def _groups(self) -> list[QModelIndex]:
        return [self.findings.index(row, 0) for row in range(self.findings.rowCount())]

    def _show_details(self) -> None:
        self.details.show_findings(self.view.selected(), self._checkup.acceptances)

    def _on_progress(self, handle: Handle, done: int, total: int, what: str) -> None:
        if handle is self._checkup.handle:
            self._bar.setRange(0, 1000 if total else 0)
            self._bar.setValue(round(1000 * done / total) if total else 0)
            self._step.setText(f"{what} {done}/{total}" if total else what)

    # --- what people do

    def _start(self) -> None:
        self._checkup.start()
        self._cancel.setFocus()

    def _on_cancel(self) -> None:
        self._checkup.cancel()
        self._step.setText("正在取消…")

    def _on_activated(self, index: QModelIndex) -> None:
        finding: Finding | None = index.data(FINDING_ROLE)
        if finding is not None:
            self._context.go_to.emit(finding.target)
        else:
            self.view.setExpanded(index, not self.view.isExpanded(index))

    def _accept(self, reason: str) -> None:
        taken = self._checkup.acceptances
        findings = [finding for finding in self.view.selected() if finding.id not in taken]
        if self._context.writable and findings:
            self._context.operations.write("接受检查结果", _accept, findings, reason)
            self.view.setFocus()

    def _withdraw(self) -> None:
        taken = self._checkup.acceptances
        ids = [finding.id for finding in self.view.selected() if finding.id in taken]
        if self._context.writable and ids:
            self._context.operations.write("撤回接受", _withdraw, ids)
            self.view.setFocus()


def _accept(session: "Session", findings: Sequence[Finding], reason: str) -> "Changes":
    from emrassess.services.checkup import accept  # noqa: PLC0415 - the readers of files load here

    return accept(session, findings, reason)


def _withdraw(session: "Session", ids: Sequence[str]) -> "Changes":
    from emrassess.services.checkup import withdraw  # noqa: PLC0415

    return withdraw(session, ids)


def _words(title: str, text: str, does: QWidget | None = None) -> QWidget:
    """A heading, a sentence, and maybe a button in the middle of the room."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.addStretch(1)
    for widget in (label(title, "title"), label(text, "muted", wrap=True)):
        widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(widget)
    if does:
        column.addWidget(does, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(2)
    return page
