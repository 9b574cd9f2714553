"""Coverage of an item at a level, counted from extracts; typed in it can be on the page of clauses as well."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.answers import Ratio
from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.quality_draft import Draft
from emrassess.gui.models.quality_rules import share_text
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import button, label, offer, scrolled, set_role
from emrassess.gui.widgets.quality_conditions import SideBox
from emrassess.services import coverage_counting as counting
from emrassess.services.quality_taking import why_refused

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.coverage_counting import CoverageCount, Definition
    from emrassess.services.quality import Source
    from emrassess.services.session import Session

DEFINITIONS = "计数定义 (*.yaml *.yml)"
INTRODUCTION = (
    "数一份数据里满足条件的行，得出某个项目某一级的有效应用比例。定义、数据文件的摘要和两个个数存为实证材料，专家可以照着重算。"
    "比例也可以不数，在条款页直接填。"
)
NOT_COUNTED = "还没有计数，或改过条件以后没有再数。"


class CoverageView(QWidget):
    """`files_wanted`: more extracts are to be added."""

    files_wanted = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._draft: Draft | None = None
        self._definitions: tuple[Definition, ...] = ()
        self._counting: Handle | None = None
        self.count: CoverageCount | None = None
        self.item, self.level, self.which = QComboBox(), QComboBox(), QComboBox()
        self.item.setAccessibleName("项目")
        self.level.setAccessibleName("级别")
        self.which.setAccessibleName("文件里的哪一个定义")
        self.item.setMinimumContentsLength(18)
        self.item.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.item.activated.connect(self._on_item)
        self.level.activated.connect(self._on_edited)
        self.which.activated.connect(lambda place: self._show(self._definitions[place]))
        self.below, self.above = SideBox("分母", own_rows=True), SideBox("分子", own_rows=False)
        self.above.follow(self.below)
        for side in (self.below, self.above):
            side.edited.connect(self._on_edited)
        self.add = button("添加数据文件…", self.files_wanted.emit)
        self.open = button("打开定义…", self._open, tip="读入以前保存的定义（.yaml）")
        self.save = button("保存定义…", self._save, tip="存成文件，换上新数据再数")
        self.run = button("计数", self._run, primary=True)
        self.take = button("采用到评价", self._take, tip="改这一级的比例，并存一件统计材料；可以撤销")
        self.said = label("", "heading", wrap=True)
        self.now = label("", "muted", wrap=True)
        self._build()

    def _build(self) -> None:
        above = QHBoxLayout()
        for widget in (self.add, self.open, self.which, self.save):
            above.addWidget(widget)
        above.addStretch(1)
        above.addWidget(label("项目"))
        above.addWidget(self.item, 1)
        above.addWidget(self.level)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.below)
        column.addWidget(self.above)
        column.addStretch(1)
        last = QHBoxLayout()
        told = QVBoxLayout()
        told.addWidget(self.said)
        told.addWidget(self.now)
        last.addLayout(told, 1)
        last.addWidget(self.run)
        last.addWidget(self.take)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 10)
        box.addLayout(above)
        box.addWidget(label(INTRODUCTION, "muted", wrap=True))
        box.addWidget(scrolled(inner), 1)
        box.addLayout(last)
        self.which.hide()

    # --- showing

    def show_session(self, session: "Session", draft: Draft) -> None:
        """Show the items of a workspace that are counted; what is defined stays as long as it is the same one."""
        if self._draft is not draft:
            self._draft = draft
            self._definitions, self.count = (), None
            self.which.hide()
            self.item.clear()
            for item in session.pack.items:
                if not item.coverage.functional:
                    self.item.addItem(f"{item.code} {item.name}", item)
            self.show_sources()
            self.below.show_side(None)
            self.above.show_side(None)
            self._on_item()
        self._tell()

    def refresh(self, changes: "Changes") -> None:
        """Show what a write changed."""
        if changes.items or changes.settings:
            self._tell()

    def show_sources(self) -> None:
        """Offer the extracts that are there now."""
        if self._draft is not None:
            self.below.show_sources(self._draft.sources)
            self.above.show_sources(self._draft.sources)

    def _on_item(self) -> None:
        item = self.item.currentData()
        session = self._context.session
        if item is None or session is None:
            return
        before = self.level.currentData()
        self.level.clear()
        for row in item.rows:
            self.level.addItem(f"{row.level} 级", row.level)
        wanted = before if before in item.by_level else session.assessment.target
        self.level.setCurrentIndex(max(self.level.findData(wanted), 0))
        self.below.basis.setText(item.coverage.denominator)
        self.above.basis.setText(item.coverage.numerator)
        self._on_edited()

    def _on_edited(self) -> None:
        self.count = None
        self._tell()

    def _tell(self) -> None:
        session = self._context.session
        if session is None or self.item.currentData() is None:
            return
        set_role(self.said, "role", "heading")
        held = session.assessment.coverage.get((self.item.currentData().code, self.level.currentData()))
        self.now.setText(f"现在填的：{_shown(held)}" if held else "现在没有填。")
        if self.count is not None:
            found = self.count.counted
            share = share_text(Ratio.counted(found.numerator, found.denominator).value)
            left = f"；{len(found.notes)} 处读不出来，没有计入" if found.notes else ""
            self.said.setText(f"分子 {found.numerator} ÷ 分母 {found.denominator} ＝ {share}{left}")
        else:
            self.said.setText("")
        why = self._context.why_not or why_refused(session) or ("" if self.count else NOT_COUNTED)
        offer(self.take, not why, why)

    def _fail(self, error: UserError) -> None:
        set_role(self.said, "role", "bad")
        self.said.setText(f"{error.message}{error.hint}")

    # --- what the user does

    def _read(self) -> "Definition | None":
        try:
            return counting.Definition(
                self.item.currentData().code, self.level.currentData(), self.below.read(), self.above.read()
            )
        except UserError as error:
            self._fail(error)
            return None

    def _run(self) -> None:
        if self._counting is not None or (definition := self._read()) is None:
            return
        operations = self._context.operations
        handle = operations.read("计数", counting.count_coverage, definition, done=self._on_counted)
        self._counting = handle
        self.run.setEnabled(False)
        handle.done.connect(self._over)
        handle.failed.connect(self._over)

    def _over(self, _: object) -> None:
        self._counting = None
        self.run.setEnabled(True)

    def _on_counted(self, found: "CoverageCount") -> None:
        if found.counted.definition == self._read():  # nobody changed it meanwhile
            self.count = found
            self._tell()

    def _take(self) -> None:
        if self.count is not None and self.take.isEnabled():
            operations = self._context.operations
            operations.write("采用计数得出的有效应用比例", counting.take_coverage, [self.count], progress=True)

    def _open(self) -> None:
        session = self._context.session
        if session is None:
            return
        file = dialogs.open_file(self, "打开计数定义", DEFINITIONS)
        if file is not None:
            draft = self._draft
            self._context.operations.read(
                "打开计数定义", counting.opened_definitions, session.pack, file, progress=False,
                done=lambda found: self._on_opened(*found) if draft is self._draft else None,
            )  # fmt: skip

    def _on_opened(self, definitions: "tuple[Definition, ...]", sources: "tuple[Source, ...]") -> None:
        if self._draft is None:
            return
        self._definitions = definitions
        self._draft.sources += [source for source in sources if source not in self._draft.sources]
        self.show_sources()
        self.which.clear()
        for definition in definitions:
            self.which.addItem(f"{definition.item} {definition.level} 级")
        self.which.setVisible(len(definitions) > 1)
        self._show(definitions[0])

    def _show(self, definition: "Definition") -> None:
        items = [self.item.itemData(place).code for place in range(self.item.count())]
        self.item.setCurrentIndex(items.index(definition.item))
        self._on_item()
        self.level.setCurrentIndex(self.level.findData(definition.level))
        self.below.show_side(definition.denominator)
        self.above.show_side(definition.numerator)
        self._on_edited()

    def _save(self) -> None:
        session = self._context.session
        if session is None or (definition := self._read()) is None:
            return
        folder = definition.files[0].parent
        name = f"有效应用比例 {definition.item} {definition.level}级.yaml"
        file = dialogs.save_file(self, "保存计数定义", folder / name, DEFINITIONS)
        if file is not None:
            self._context.operations.run(
                "保存计数定义", counting.save_definitions, [definition], session.pack.id, file, progress=False
            )


def _shown(ratio: Ratio) -> str:
    counted = f"{ratio.numerator}／{ratio.denominator} ＝ " if ratio.denominator is not None else ""
    return f"{counted}{share_text(ratio.value)}"
