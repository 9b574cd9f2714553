"""来源与版本: the official document the wording came from, and the pack with what it lacks and its newer edition."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.source_facts import Fact, invitation, lacks, official_facts, pack_facts
from emrassess.gui.widgets.basics import button, card, clear, label, offer, scrolled

if TYPE_CHECKING:
    from emrassess.packs.library import PackRef
    from emrassess.services.session import Session


class StandardSources(QWidget):
    """Two cards: the official document, and the pack."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._official = QGridLayout()
        self._pack = QGridLayout()
        self._lacks = QVBoxLayout()
        self._invitation = label("", wrap=True)
        self.bring = button("导入官方文件（.docx）…", self._import)
        self.forget = button("移除原文", self._forget, tip="把官方原文从本工作区移除；已确认的类别不变，可撤销")
        self._newer = label("", wrap=True)
        self.upgrade = button("升级到新版…", self._upgrade, tip="按新版标准另建一个工作区，把做过的转过去")
        self.quality = button("导入新的数据质量表…", self._import_quality, tip="附表4 每年更新：按新的一年建一个版本")
        column = QVBoxLayout()
        column.setContentsMargins(0, 10, 8, 8)
        column.setSpacing(12)
        column.addWidget(self._official_card())
        column.addWidget(self._pack_card())
        column.addStretch(1)
        inner = QWidget()
        inner.setLayout(column)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))
        self.setFocusProxy(self.bring)

    def _official_card(self) -> QWidget:
        frame, box = card()
        box.addWidget(label("官方文件", "heading"))
        box.addWidget(self._invitation)
        box.addLayout(self._official)
        box.addLayout(_in_a_row(self.bring, self.forget))
        return frame

    def _pack_card(self) -> QWidget:
        frame, box = card()
        box.addWidget(label("标准包", "heading"))
        box.addLayout(self._pack)
        box.addLayout(self._lacks)
        box.addWidget(self._newer)
        box.addLayout(_in_a_row(self.upgrade, self.quality))
        return frame

    def showEvent(self, event: QShowEvent) -> None:
        """A newer edition may have been brought in since."""
        super().showEvent(event)
        self._look_for_newer()

    def show_session(self) -> None:
        """Show the session's document and pack."""
        session = self._context.session
        if session is None:
            return
        self._show_official(session)
        _show_facts(self._pack, pack_facts(session.pack))
        self.quality.setVisible(any(item.has_quality for item in session.pack.items))
        self._show_lacks(session)
        self._newer.hide()
        if self.isVisible():
            self._look_for_newer()

    def _show_official(self, session: "Session") -> None:
        facts = official_facts(session.assessment)
        self._invitation.setText(invitation(session.pack))
        self._invitation.setVisible(not facts)
        _show_facts(self._official, facts)
        self.bring.setText("再次导入…" if facts else "导入官方文件（.docx）…")
        self.bring.setAccessibleName(self.bring.text())
        self.forget.setVisible(bool(facts))
        offer(self.forget, self._context.writable, self._context.why_not)
        experts = session.assessment.review is not None
        for made in (self.bring, self.upgrade, self.quality):
            offer(made, not experts, self._context.why_not)

    def _show_lacks(self, session: "Session") -> None:
        clear(self._lacks)
        lines = lacks(session)
        self._lacks.addWidget(label("还缺什么" if lines else "这个标准包是完整的。", "muted"))
        for line in lines:
            self._lacks.addWidget(label(f"·　{line}", wrap=True))

    def _look_for_newer(self) -> None:
        from emrassess.services.editions import offers  # noqa: PLC0415 - not needed at start

        session = self._context.session
        if session is not None:
            self._context.operations.background(offers, session, done=lambda ref: self._show_newer(session, ref))

    def _show_newer(self, session: "Session", ref: "PackRef | None") -> None:
        if session is not self._context.session:
            return
        self._newer.setText(f"有新版：{ref.name} {ref.version} 版。升级时另建一个工作区，原工作区不变。" if ref else "")
        self._newer.setVisible(ref is not None)

    # --- what the buttons do

    def _import(self) -> None:
        from emrassess.gui.official_import import start_import  # noqa: PLC0415

        start_import(self._context, self.window())

    def _forget(self) -> None:
        from emrassess.services.official import forget_wording  # noqa: PLC0415

        session = self._context.session
        if session is None or not self._context.writable:
            return
        text = f"把 {len(session.assessment.wording)} 条官方原文从本工作区移除？"
        detail = "已确认的评价类别不变。可以撤销：工作区的历史里因此仍留有这些文字。"
        if dialogs.ask(self, "移除官方原文", text, detail, yes="移除"):
            self._context.operations.write("移除官方原文", forget_wording)

    def _upgrade(self) -> None:
        from emrassess.gui.edition_upgrade import start_upgrade  # noqa: PLC0415

        start_upgrade(self._context, self.window())

    def _import_quality(self) -> None:
        from emrassess.gui.quality_import import start_quality_import  # noqa: PLC0415

        start_quality_import(self._context, self.window())


def _in_a_row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _show_facts(grid: QGridLayout, facts: Sequence[Fact]) -> None:
    """Names at the left, values that can be copied at the right."""
    clear(grid)
    grid.setColumnStretch(1, 1)
    grid.setHorizontalSpacing(16)
    for row, (name, value) in enumerate(facts):
        shown = label(value, wrap=True)
        shown.setAccessibleName(f"{name}：{value}")
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, row, 1)
