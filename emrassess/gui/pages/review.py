"""专家核查: experts walk and write opinions; the hospital sees what they wrote."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from emrassess.domain.review import ExpertVerdict, round_name
from emrassess.gui import actions, dialogs
from emrassess.gui.context import Context
from emrassess.gui.page import Page
from emrassess.gui.widgets.basics import button, label, offer
from emrassess.gui.widgets.merge_tab import MergeTab
from emrassess.gui.widgets.review_exchange import ExchangeTab
from emrassess.gui.widgets.review_score import ScorePanel
from emrassess.gui.widgets.review_walk import WalkView

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

MERGE = "合并"
EMPTY = (
    "1. 在“报告”页生成材料包，交给专家。\n"
    "2. 专家在自己的电脑上用“打开材料包（专家核查）”打开它，逐条核查，不用联网。\n"
    "3. 专家交回核查结果（.zip），在这里导入：意见、照片显示在这一页，问题同时记入整改台账。"
)


class ReviewPage(Page):
    """Tabs: clause by clause, the score as verified, merging, and what goes out. "page:review/merge" shows the merge,
    "page:review/<clause>" the clause."""

    key = "review"
    title = "专家核查"
    icon = "review"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.walk = WalkView(context)
        self.score = ScorePanel(context)
        self.merging = MergeTab(context, reviews=True)
        self.exchange = ExchangeTab(context)
        self._who = label("", "muted")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("逐条核查、核查后得分、合并、导出与反馈")
        for widget, name in (
            (self.walk, "逐条核查"), (self.score, "核查后得分"), (self.merging, MERGE), (self.exchange, "导出与反馈"),
        ):  # fmt: skip
            self.tabs.addTab(widget, name)
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(8, 0, 16, 10)
        row.addWidget(self._who)
        self.tabs.setCornerWidget(corner, Qt.Corner.TopRightCorner)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.tabs)
        self._stack.addWidget(self._empty_state())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.walk.phrases_wanted.connect(self._choose_phrase)
        self.walk.left.connect(self._remember)
        self.score.clause_chosen.connect(self._go_to)
        self._make_actions()
        self.tabs.currentChanged.connect(self._on_tab)

    def _empty_state(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        self._make_package = button("到“报告”页生成材料包", lambda: self.context.go_to.emit("page:reports"))
        self._bring = button("导入专家的核查结果…", self.exchange.choose_files, primary=True)
        row.addWidget(self._make_package)
        row.addWidget(self._bring)
        row.addStretch(1)
        title, text = label("还没有专家的核查意见", "title"), label(EMPTY, "muted", wrap=True)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setMaximumWidth(720)
        column.addWidget(title)
        column.addWidget(text, 0, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(row)
        column.addStretch(2)
        return page

    def _make_actions(self) -> None:
        walk = self.walk
        slots = {
            "review.confirmed": lambda: walk.give_verdict(walk.clause, ExpertVerdict.CONFIRMED),
            "review.partly": lambda: walk.give_verdict(walk.clause, ExpertVerdict.PARTLY),
            "review.not_confirmed": lambda: walk.give_verdict(walk.clause, ExpertVerdict.NOT_CONFIRMED),
            "review.not_shown": lambda: walk.give_verdict(walk.clause, ExpertVerdict.NOT_SHOWN),
            "review.open": lambda: walk.give_verdict(walk.clause, ExpertVerdict.OPEN),
            "review.next": lambda: walk.step(1),
            "review.previous": lambda: walk.step(-1),
            "review.next_open": walk.go_on,
            "review.write": walk.write_problem,
            "review.phrases": walk.choose_phrase,
            "review.add": walk.add,
            "review.paste": walk.paste,
            "review.large": walk.toggle_large,
            "review.route": walk.toggle_route,
            "review.filter": walk.choose_filter,
        }
        # Of the walk, not of the page: its plain keys are other things in the other tabs.
        for key, slot in slots.items():
            actions.make(key, walk, slot)

    # --- what the window asks

    def show_session(self) -> None:
        self.walk.show_session()
        self.merging.show_session()
        self.exchange.show_session()
        self.score.forget()
        self.tabs.setCurrentIndex(0)
        self._show()

    def refresh(self, changes: "Changes") -> None:
        self.walk.refresh(changes)
        self.merging.refresh(changes)
        if changes.opinions or changes.settings or changes.conflicts or changes.items or changes.categories:
            self.score.forget()
            self.exchange.refresh()
        self._show()

    def show_target(self, target: str) -> None:
        part = target.partition("/")[2]
        if part == "merge":
            self.tabs.setCurrentWidget(self.merging)
        elif part == "exchange":
            self.tabs.setCurrentWidget(self.exchange)
        elif part:
            self._go_to(part)
        self.setFocus()

    def flush(self) -> None:
        self.walk.flush()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._stack.currentIndex():
            self._bring.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.tabs.currentWidget() is self.walk:
            self.walk.take_focus()
        else:
            self.tabs.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what is shown

    def _show(self) -> None:
        session = self.context.session
        if session is None:
            return
        held = session.assessment
        review = held.review
        self._stack.setCurrentIndex(
            0 if review or held.opinions or held.photos or self.merging.conflicts.entries else 1
        )
        offer(self._bring, self.context.saves, self.context.why_not)
        names = {group.code: group.name for group in held.review_groups(session.pack)}
        parts = [round_name(held.current_round)]
        if review:
            parts = [review.expert, names.get(review.group, "还没有选组"), *parts]
        self._who.setText(" · ".join(parts))
        self.tabs.setTabText(0, "逐条核查" if review else "核查意见")
        waiting = len(self.merging.conflicts.entries)
        self.tabs.setTabText(2, f"{MERGE}（{waiting}）" if waiting else MERGE)

    def _on_tab(self, _tab: int) -> None:
        self.walk.flush()

    def _go_to(self, clause: str) -> None:
        self.tabs.setCurrentWidget(self.walk)
        self.walk.reach(clause)
        self.walk.take_focus()

    # --- phrases

    def _choose_phrase(self, clause: str) -> None:
        from emrassess.gui.phrases_dialog import PhrasesDialog, joined  # noqa: PLC0415 - not needed at start

        dialog = PhrasesDialog(self.context, clause, self)
        if dialogs.run(dialog) and (chosen := dialog.chosen) is not None:
            form = self.walk.form
            problem, suggestion = joined(form.problem, chosen.text), joined(form.suggestion, chosen.suggestion)
            self.walk.writing.use_phrase(clause, problem, suggestion, form.where)
            self._remember(chosen.text, chosen.suggestion)
        dialog.deleteLater()

    def _remember(self, problem: str, suggestion: str) -> None:
        """What the expert wrote may be a common finding: kept in his own folder, off the GUI thread."""
        self.context.operations.background(_remember, problem, suggestion)


def _remember(problem: str, suggestion: str) -> None:
    from emrassess.services.phrases import remember  # noqa: PLC0415

    remember(problem, suggestion)
