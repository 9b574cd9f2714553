"""导出与反馈: review files out and in, slides, Word and PDF of a group, who checks, and how groups are composed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.merge_dialog import REVIEWS, start_merge
from emrassess.gui.task_writing import suggested_file
from emrassess.gui.widgets.basics import button, card, label, offer, scrolled
from emrassess.gui.widgets.merge_tab import REVIEW_FILES
from emrassess.gui.widgets.output_card import OutputCard
from emrassess.gui.widgets.protection import Protection

if TYPE_CHECKING:
    from emrassess.services.session import Changes, Progress, Session

NOT_READY = "这个组还没有核查意见"


def _deck() -> Callable[..., Any]:
    from emrassess.services.reporting import review_deck  # noqa: PLC0415 - its libraries take a while

    return review_deck


def _docx() -> Callable[..., Any]:
    from emrassess.services.reporting import review_docx  # noqa: PLC0415

    return review_docx


def _pdf() -> Callable[..., Any]:
    from emrassess.services.reporting import review_pdf  # noqa: PLC0415

    return review_pdf


@dataclass(frozen=True)
class Feedback:
    """Something that can be written of a group's findings. `icon` names a file in resources/icons."""

    icon: str
    title: str
    text: str
    does: str
    kinds: str
    suffix: str
    writer: Callable[[], Callable[..., Any]]


FEEDBACK = (
    Feedback(
        "slides", "反馈幻灯片", "反馈会上用：查了什么、一页一个问题（证据图、要求、问题、建议）、共性问题、下一步",
        "写幻灯片…", "PowerPoint 幻灯片 (*.pptx)", ".pptx", _deck,
    ),
    Feedback(
        "reports", "反馈意见（Word）", "同样的问题写成可以修改的文件，带医院签字栏", "写 Word…", "Word 文档 (*.docx)",
        ".docx", _docx,
    ),
    Feedback("pdf", "反馈意见（PDF）", "同样的问题，打印和存档用", "写 PDF…", "PDF 文档 (*.pdf)", ".pdf", _pdf),
)  # fmt: skip


class ExchangeTab(QWidget):
    """What goes out of the page, and comes in."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.group = QComboBox()
        self.group.setAccessibleName("导出和反馈的核查组")
        self.group.activated.connect(lambda _: self._show_state())
        self._who = label("", wrap=True)
        self._said = label("", "muted", wrap=True)
        self.change = button("更改姓名或组…", self._change_expert, tip="以后写的意见署这个名字、属于这个组")
        self.groups = button("核查组的分法…", self._compose, tip="哪个评价项目归哪个组；可以加组、改名、恢复标准的分法")
        self.protection = Protection(context, "核查结果")
        self.export = OutputCard(
            context, "verify", "核查结果", "一个签名的文件，带照片：交给同组的专家合并，或交给医院记入整改台账",
            "导出核查结果…", self._export, self.protection,
        )  # fmt: skip
        self.bring = OutputCard(
            context, "tasks", "导入核查结果", "先看会改什么，再决定合并；两边写得不同的逐条决定",
            "导入核查结果…", self.choose_files,
        )  # fmt: skip
        self.cards = {
            one.suffix: OutputCard(context, one.icon, one.title, one.text, one.does, partial(self._write, one))
            for one in FEEDBACK
        }
        self._arrange()

    def _arrange(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(12)
        frame, box = card(spacing=6)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self._who, 1)
        first.addWidget(self.change)
        first.addWidget(self.groups)
        second.addWidget(label("下面导出、反馈的是"))
        second.addWidget(self.group)
        second.addWidget(self._said, 1)
        box.addLayout(first)
        box.addLayout(second)
        for widget in (frame, self.export, self.bring, *self.cards.values()):
            column.addWidget(widget)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))
        self.setFocusProxy(self.group)

    # --- showing

    def show_session(self) -> None:
        """Show the open workspace; forget what was written for another."""
        for made in (self.export, self.bring, *self.cards.values()):
            made.show_idle()
        self.protection.show_session()
        self.group.clear()
        self.refresh()

    def refresh(self) -> None:
        """Show who checks, the groups, and what can be written now."""
        session = self._context.session
        if session is None:
            return
        held, before = session.assessment, self.group.currentData()
        review, groups = held.review, held.review_groups(session.pack)
        self.group.clear()
        for group in groups:
            self.group.addItem(group.name, group.code)
        wanted = before if before is not None else (review.group if review else "")
        self.group.setCurrentIndex(max(self.group.findData(wanted), 0))
        parts = "，".join(f"{group.name} {len(group.items)} 个项目" for group in groups)
        names = {group.code: group.name for group in groups}
        who = f"{review.expert}，{names.get(review.group, '还没有选组')}　　" if review else ""
        self._who.setText(f"{who}分法：{parts}")
        self.change.setVisible(review is not None)
        self.export.setVisible(review is not None)
        for made in (self.change, self.groups):
            made.setEnabled(self._context.saves)
        self._show_state()

    def _show_state(self) -> None:
        session = self._context.session
        if session is None:
            return
        group = self.group.currentData() or ""
        said = len(said_of(session, group))
        findings = sum(session.assessment.opinions[clause].is_finding for clause in said_of(session, group))
        self._said.setText(f"已有 {said} 条意见，其中问题 {findings} 个" if said else NOT_READY)
        for made in (self.export, *self.cards.values()):
            offer(made.does, said > 0, NOT_READY)
        offer(self.bring.does, self._context.saves, "工作区是只读的")

    # --- doing

    def _export(self) -> None:
        session = self._context.session
        if session is None:
            return
        group, name = self.group.currentData(), self.group.currentText()
        review = session.assessment.review
        stem = f"{name}_{review.expert if review else ''}_核查结果"
        out = dialogs.save_file(self, "导出核查结果", suggested_file(session, stem, ".zip"), REVIEW_FILES)
        options = self.protection.options() if out else None
        if out is None or options is None:
            return
        self.export.show_busy(out)
        handle = self._context.operations.write("导出核查结果", _export, group, out, progress=True, **options)
        handle.done.connect(lambda _: self.export.show_done(out))
        self.export.follow(handle)

    def choose_files(self) -> None:
        """Pick review files, and show what they bring."""
        files = dialogs.open_files(self, "选择核查结果（可以选几个）", REVIEW_FILES)
        if files:
            start_merge(self._context, self, files, REVIEWS)

    def _write(self, feedback: Feedback) -> None:
        session, made = self._context.session, self.cards[feedback.suffix]
        if session is None:
            return
        group = self.group.currentData()
        suggested = suggested_file(session, f"{self.group.currentText()}_反馈意见", feedback.suffix)
        out = dialogs.save_file(self, feedback.title, suggested, feedback.kinds)
        if out is None:
            return

        def work(progress: "Progress") -> Path:
            feedback.writer()(session, group, out, progress)
            return out

        made.show_busy(out)
        handle = self._context.operations.run(f"写{feedback.title}", work, done=made.show_done)
        made.follow(handle)

    def _compose(self) -> None:
        from emrassess.gui.groups_dialog import start_composing  # noqa: PLC0415 - not needed at start

        start_composing(self._context, self)

    def _change_expert(self) -> None:
        from emrassess.gui.groups_dialog import start_changing_expert  # noqa: PLC0415

        start_changing_expert(self._context, self)


def said_of(session: "Session", group: str) -> tuple[str, ...]:
    """The clauses of a group's items that have an opinion."""
    held = session.assessment
    items = next((frozenset(g.items) for g in held.review_groups(session.pack) if g.code == group), frozenset())
    return tuple(clause for clause in held.opinions if clause[:5] in items)


def _export(session: "Session", group: str, out: Path, *, progress: "Progress", **options: Any) -> "Changes":
    """Write the review file; it keeps a snapshot, so that it is a write."""
    from emrassess.services.review_files import export_review  # noqa: PLC0415

    export_review(session, group, out, progress=progress, **options)
    return session.report("导出核查结果", [])
