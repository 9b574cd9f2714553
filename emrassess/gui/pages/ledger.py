"""整改台账: every finding of the experts, who mends it by when, and how it was closed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QTabWidget, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.ledger_writing import PDF, WORD
from emrassess.gui.models.ledger import EVERYTHING, Wanted
from emrassess.gui.page import Page
from emrassess.gui.widgets.basics import button, offer
from emrassess.gui.widgets.ledger_common import CommonTab
from emrassess.gui.widgets.ledger_tab import LedgerTab
from emrassess.services.ledger import recheck_refusal

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

COMMON = "common"
EMPTY = "台账里还没有问题。"


class LedgerPage(Page):
    """Two tabs: the ledger, and what occurs again and again in it. What is about all of it stands beside the tabs."""

    key = "ledger"
    title = "整改台账"
    icon = "ledger"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.ledger = LedgerTab(context)
        self.ledger.clause_wanted.connect(lambda clause: context.go_to.emit(f"clause:{clause}"))
        self.common = CommonTab(context)
        self.common.wanted.connect(self._on_wanted)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("台账和常见问题")
        self.tabs.addTab(self.ledger, "台账")
        self.tabs.addTab(self.common, "常见问题")
        self.tabs.setCornerWidget(self._whole())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.tabs)

    def _whole(self) -> QWidget:
        writing = self.ledger.writing
        self.recheck = button("开始回看…", writing.start_recheck, tip="下一次导出的材料包带上台账，给专家回看用")
        self.reviews = button("导入核查结果…", writing.import_reviews, tip="专家交来的核查文件（.zip），可以选几个")
        self.workbook = button(
            "导入表格…", writing.import_workbook, tip="读回在 Excel 或 WPS 里改过的台账，先看会改什么"
        )
        self.export = QPushButton("导出")
        self.export.setAccessibleName("导出")
        self.export.setToolTip("写成 Excel 表，改好后可以再导入；或把一个组的问题写成 PDF、Word")
        menu = QMenu(self.export)
        menu.aboutToShow.connect(lambda: self._fill_export(menu))
        self.export.setMenu(menu)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 4, 14, 4)
        row.setSpacing(6)
        for made in (self.recheck, self.reviews, self.workbook, self.export):
            row.addWidget(made)
        return holder

    def _fill_export(self, menu: QMenu) -> None:
        menu.clear()
        found = self.ledger.found
        shown = [found.row_at(place).id for place in range(found.rowCount())]
        chosen, writing = self.ledger.selected, self.ledger.writing
        menu.addAction(f"Excel：全部 {self.ledger.rows.rowCount()} 个问题…", lambda: writing.export(None))
        some = menu.addAction(f"Excel：筛选出的 {len(shown)} 个…", lambda: writing.export(shown))
        some.setEnabled(bool(shown) and self.ledger.filter.wanted != EVERYTHING)
        some = menu.addAction(f"Excel：选中的 {len(chosen)} 个…", lambda: writing.export(chosen))
        some.setEnabled(bool(chosen))
        session = self.context.session
        if session is None:
            return
        told = {opinion.group for opinion in session.assessment.opinions.values()}
        for kind, text in ((PDF, "PDF：{}的核查反馈…"), (WORD, "Word：{}的核查反馈，可签字…")):
            menu.addSeparator()
            for group in session.assessment.review_groups(session.pack):
                if group.code in told:
                    menu.addAction(text.format(group.name), lambda g=group, k=kind: writing.feedback(g, k))

    def show_session(self) -> None:
        self.ledger.show_session()
        self.common.show_stale()
        self._show_state()

    def refresh(self, changes: "Changes") -> None:
        self.ledger.refresh(changes)
        if changes.findings:
            self.common.show_stale()
        self._show_state()

    def show_target(self, target: str) -> None:
        """ "page:ledger/common" shows the common problems, "page:ledger/<id or clause>" what was found there."""
        part = target.partition("/")[2]
        self.tabs.setCurrentWidget(self.common if part == COMMON else self.ledger)
        if part and part != COMMON and not self.ledger.choose(part):
            self._on_wanted(Wanted(words=(part.casefold(),)))
        self.setFocus()

    def flush(self) -> None:
        self.ledger.flush()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.tabs.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_wanted(self, wanted: Wanted) -> None:
        self.tabs.setCurrentWidget(self.ledger)
        self.ledger.show_findings(wanted)

    def _show_state(self) -> None:
        session = self.context.session
        if session is None:
            return
        there = bool(session.assessment.findings)
        for made in (self.recheck, self.reviews, self.workbook):
            made.setVisible(session.assessment.review is None)
            offer(made, self.context.writable, self.context.why_not)
        if self.context.writable:
            offer(self.workbook, there, EMPTY)
            why = recheck_refusal(session)
            offer(self.recheck, not why, f"{why}。")
        offer(self.export, there, EMPTY)
        self.tabs.setTabEnabled(1, there)
