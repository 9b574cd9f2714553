"""数据质量: coefficients and coverage computed from the hospital's own extracts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from emrassess.gui import actions, dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.quality_draft import Draft
from emrassess.gui.operations import Handle
from emrassess.gui.page import Page
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.quality_coverage import CoverageView
from emrassess.gui.widgets.quality_map import QualityMap
from emrassess.gui.widgets.quality_result import QualityResultView
from emrassess.gui.widgets.quality_take import TITLE, TakeDialog
from emrassess.services import quality, quality_taking

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.quality import Examined, Extracts, Guessed, Source, TableKey
    from emrassess.services.session import Session

DATA_FILES = "数据文件 (*.csv *.tsv *.txt *.xlsx *.parquet)"
MAPPINGS = "对应关系 (*.yaml *.yml)"
RESULT, COVERAGE = "result", "coverage"
NO_RULES = (
    "这个标准没有可以由程序计算的数据质量规则",
    "它的标准包里没有写明要检查哪些记录的哪些字段。数据质量系数请在条款页按项目填写。",
)
NOT_RUN, ALREADY = "还没有检查过。", "这个结果已经采用。"


class QualityPage(Page):
    """Three tabs: extracts and what they are, the result, and coverage by counting."""

    key = "quality"
    title = "数据质量"
    icon = "quality"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.draft: Draft | None = None
        self.examined: Examined | None = None
        self.taken: tuple[Examined, ...] = ()
        self._of: object = None
        self._working: Handle | None = None
        self.map = QualityMap(context)
        self.result = QualityResultView(context)
        self.coverage = CoverageView(context)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("数据质量")
        self.tabs.addTab(self.map, "数据文件")
        self.tabs.addTab(self.result, "结果")
        self.tabs.addTab(self.coverage, "有效应用比例计数")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.tabs)
        self._stack.addWidget(_nothing())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._connect()

    def _connect(self) -> None:
        self.map.add_wanted.connect(self.add)
        self.map.open_wanted.connect(self.open)
        self.map.save_wanted.connect(self.save)
        self.map.run_wanted.connect(self.run)
        self.map.files_dropped.connect(self.look_into)
        self.result.take_wanted.connect(self.take)
        self.result.map_wanted.connect(lambda: self.tabs.setCurrentWidget(self.map))
        self.coverage.files_wanted.connect(self.add)
        slots: dict[str, Callable[[], object]] = {
            "quality.add": self.add, "quality.open": self.open, "quality.save": self.save, "quality.run": self.run,
            "quality.take": self.take, "quality.find": self._find, "quality.all": self.result.rules.show_all,
        }  # fmt: skip
        self.actions_by_key: dict[str, QAction] = {key: actions.make(key, self, slot) for key, slot in slots.items()}

    # --- showing

    def show_session(self) -> None:
        session = self.context.session
        if session is None:
            return
        if self._of is not session:
            self._of = session
            self.draft = Draft(session.pack, session.assessment.target)
            self.examined, self.taken = None, ()
            self._read_last(session)
        assert self.draft
        computable = bool(self.draft.whole.rules)
        counted = session.pack.scheme.has_coverage
        self._stack.setCurrentIndex(0 if computable or counted else 1)
        self.tabs.setTabVisible(0, computable)
        self.tabs.setTabVisible(1, computable)
        self.tabs.setTabVisible(2, counted)
        if computable:
            self.map.show_draft(self.draft)
        self.coverage.show_session(session, self.draft)
        self._show_result()

    def refresh(self, changes: "Changes") -> None:
        session = self.context.session
        if session is None:
            return
        if changes.settings and self.draft:
            self.map.show_draft(self.draft)
        if changes.evidence:
            self._read_last(session)
        self.coverage.refresh(changes)
        self._offer_taking()

    def show_target(self, target: str) -> None:
        """ "page:quality/result" and "page:quality/coverage" show that tab."""
        part = target.partition("/")[2]
        self.tabs.setCurrentWidget({RESULT: self.result, COVERAGE: self.coverage}.get(part, self.map))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        shown = self.tabs.currentWidget()
        first: dict[QWidget, QWidget] = {
            self.map: self.map.view, self.result: self.result.heat, self.coverage: self.coverage.item,
        }  # fmt: skip
        if shown is not None:
            first[shown].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_result(self) -> None:
        session = self.context.session
        if session is None:
            return
        last, earlier = (*self.taken, None, None)[:2]
        shown = self.examined or last
        taken = shown is not None and last is not None and shown.at == last.at
        # The run that stands in the assessment is compared with the one before it.
        before = earlier if taken else last
        self.result.show_run(session.pack, shown, before, session.assessment.target, taken=taken)
        self._offer_taking()

    def _offer_taking(self) -> None:
        session = self.context.session
        if session is None:
            return
        why = self.context.why_not or quality_taking.why_refused(session)
        if self.examined is None:
            why = why or (NOT_RUN if not self.taken else ALREADY)
        elif self.taken and self.examined.at == self.taken[0].at:
            why = why or ALREADY
        self.result.offer_taking(why)

    def _read_last(self, session: "Session") -> None:
        """Read the run that stands in the assessment, away from the screen's thread."""

        def done(found: "tuple[Examined, ...]") -> None:
            if self.context.session is session:
                self.taken = found
                self._show_result()

        self.context.operations.background(quality_taking.taken_runs, session, done=done)

    # --- mapping

    def add(self) -> None:
        """Choose extracts, and guess what they are."""
        files = dialogs.open_files(self, "添加数据文件", DATA_FILES)
        if files:
            self.look_into(files)

    def look_into(self, files: Sequence[Path]) -> None:
        """Guess what `files` (or those in folders) are; those that are there already are left."""
        draft = self.draft
        if draft is None or self._working is not None:
            return
        there = {file for source in draft.sources for file in source.files}
        found = [file for path in files for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
        new = [file for file in found if file not in there and file.is_file()]
        if new:
            handle = self.context.operations.read(
                "读取数据文件",
                quality.guess_mapping,
                draft.whole,
                new,
                done=lambda guessed: self._on_guessed(draft, guessed),
            )
            self._work(handle)

    def _on_guessed(self, draft: Draft, guessed: "Guessed") -> None:
        if draft is not self.draft:
            return
        draft.add(guessed)
        self.map.show_anew()
        self.coverage.show_sources()
        first = next((need.key for need in draft.plan.tables if need.key in guessed.guesses), None)
        if first:
            self.map.show_key(first)

    def open(self) -> None:
        """Read an extracts file in place of what is mapped."""
        session = self.context.session
        if session is None or self._working is not None:
            return
        if self.draft and self.draft.changed and not self._may_forget():
            return
        file = dialogs.open_file(self, "打开对应关系", MAPPINGS)
        if file is not None:
            pack = session.pack
            handle = self.context.operations.read(
                "打开对应关系", quality.opened_extracts, pack, file, progress=False,
                done=lambda found: self._on_opened(session, *found),
            )  # fmt: skip
            self._work(handle)

    def _may_forget(self) -> bool:
        return dialogs.ask(
            self, "打开对应关系", "现在的对应关系还没有保存，要放弃它吗？", yes="放弃并打开", careful=True
        )

    def _on_opened(self, session: "Session", extracts: "Extracts", sources: "dict[TableKey, Source]") -> None:
        if self.draft is None or self.context.session is not session:
            return
        self.draft.open(extracts, sources)
        self.map.show_draft(self.draft)
        self.coverage.show_sources()

    def save(self) -> None:
        """Write what is mapped as an extracts file."""
        draft = self.draft
        if draft is None or not draft.chosen or not self.map.read_period():
            return
        first = next(iter(draft.chosen.values())).source.files[0]
        file = dialogs.save_file(self, "保存对应关系", draft.file or first.parent / "对应关系.yaml", MAPPINGS)
        if file is None:
            return
        extracts = draft.extracts(file)
        self.context.operations.run(
            "保存对应关系", quality.save_extracts, extracts, file, progress=False, done=lambda _: draft.saved(file)
        )

    # --- running

    def run(self) -> None:
        """Check what is mapped by the rules."""
        session, draft = self.context.session, self.draft
        if session is None or draft is None or self._working is not None or not self.map.run.isEnabled():
            return
        if not self.map.read_period():
            return
        handle = self.context.operations.read(
            "数据质量检查", quality.run_extracts, session.pack, draft.extracts(),
            done=lambda examined: self._on_run(session, examined),
        )  # fmt: skip
        self._work(handle)

    def _on_run(self, session: "Session", examined: "Examined") -> None:
        if self.context.session is not session:
            return
        self.examined = examined
        self._show_result()
        self.tabs.setCurrentWidget(self.result)
        self.result.heat.setFocus()

    def _work(self, handle: Handle) -> None:
        """Nothing else is begun meanwhile; what is mapped may be changed, and counts the next time."""
        self._working = handle

        def over(_: object) -> None:
            self._working = None

        handle.done.connect(over)
        handle.failed.connect(over)

    def take(self) -> None:
        """Show what taking the run in changes, and do it."""
        session, examined = self.context.session, self.examined
        if session is None or examined is None or not self.result.take.isEnabled():
            return
        found = quality_taking.takings(session, examined.run)
        if not found.taken:
            dialogs.warn(self, TITLE, "没有一个系数可以采用", "所有规则都没有检查，请先对应数据文件和列。")
            return
        dialog = TakeDialog(self.context.theme, found, session.pack, self)
        if dialogs.run(dialog):
            self.context.operations.write("采用数据质量检查结果", quality_taking.take_in, examined, progress=True)
        dialog.deleteLater()

    def _find(self) -> None:
        self.tabs.setCurrentWidget(self.result)
        self.result.rules.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.result.rules.search.selectAll()


def _nothing() -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.addStretch(1)
    for text, role in zip(NO_RULES, ("title", "muted"), strict=True):
        words = label(text, role, wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
    column.addStretch(2)
    return holder
