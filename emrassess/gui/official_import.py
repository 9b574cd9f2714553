"""Importing the official document: read it off the GUI thread, show what it offers, take what is agreed to."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.official_choices import (
    CellChoices,
    LevelCounts,
    cell_choices,
    difference_lines,
    doubt_lines,
    left_out,
    summary,
    title,
)
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.copyable_lines import CopyableLines

if TYPE_CHECKING:
    from emrassess.services.official import Cell, Proposal
    from emrassess.services.session import Session

# .doc and .wps too: the message then says how to save them as .docx, where a grey file name would say nothing.
FILES = "官方文件 (*.docx *.doc *.wps)"
READ_ONLY = "工作区是以只读方式打开的，只能看，不能取用。"


def start_import(context: Context, parent: QWidget) -> None:
    """Ask for the official document, read it, and offer what it holds to the open workspace."""
    from emrassess.services.official import propose  # noqa: PLC0415 - not needed at start

    session = context.session
    if session is None:
        return
    file = dialogs.open_file(parent, "选择标准的官方文件", FILES)
    if file:
        context.operations.read(
            "读取官方文件", propose, session, file, done=lambda found: _offer(context, session, found, parent)
        )


def _offer(context: Context, session: "Session", proposal: "Proposal", parent: QWidget) -> None:
    from emrassess.services.official import take_over  # noqa: PLC0415

    if context.session is not session:
        return  # closed while the document was read
    dialog = OfficialDialog(context, session, proposal, parent)
    if dialogs.run(dialog):
        context.operations.write(
            "取用官方文件", take_over, proposal, wording=dialog.wording, categories=dialog.categories
        )
    dialog.deleteLater()


class OfficialDialog(QDialog):
    """Shows what a document offers. Once accepted, `wording` and `categories` are what `take_over` is to be given."""

    def __init__(
        self, context: Context, session: "Session", proposal: "Proposal", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("导入官方文件")
        self._proposal = proposal
        self._writable = context.writable
        self._has_categories = session.pack.scheme.has_categories
        self.cells = CellChoices(cell_choices(proposal, session), self)
        self.counts = LevelCounts(context.theme, proposal.comparison.counts, self)
        self.take_wording = QCheckBox(f"取用官方原文（{len(proposal.wording)} 条，只保存在本工作区，不会写进标准包）")
        self.take_categories = QCheckBox()
        self.take = button("取用", self.accept, primary=True, tip="" if self._writable else READ_ONLY)
        self.tabs = QTabWidget()
        self._fill_tabs(context.theme)
        self._arrange(context.theme)
        for box, offered in ((self.take_wording, proposal.wording), (self.take_categories, proposal.offered)):
            box.setChecked(self._writable and bool(offered))
            box.setEnabled(self._writable and bool(offered))
            box.toggled.connect(self._show_state)
        self.cells.changed.connect(self._show_state)
        self._show_state()
        self.tabs.currentWidget().setFocus()
        room = self.screen().availableGeometry()
        self.resize(min(1040, room.width() - 40), min(680, room.height() - 60))

    @property
    def wording(self) -> bool:
        return self.take_wording.isChecked()

    @property
    def categories(self) -> "list[Cell] | None":
        """The cells to confirm; None for those offered without reserve and no other."""
        if not self.take_categories.isChecked():
            return []
        return [*self._proposal.categories, *self.cells.chosen] if self.cells.chosen else None

    def _fill_tabs(self, theme: Theme) -> None:
        differences, doubts = difference_lines(self._proposal), doubt_lines(self._proposal)
        lines = (
            ("与标准包不同", differences, "文件与标准包没有不同之处。"),
            ("存疑", doubts, "没有读不懂或个数对不上的地方。"),
        )
        for name, found, nothing in lines:
            shown = CopyableLines(name, nothing)
            shown.show_lines(found, left_out(self._proposal) if found is differences else "")
            shown.setFocusProxy(shown.text)
            self.tabs.addTab(shown, f"{name}（{len(found)}）")
        if not self._has_categories:
            return
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 4, 0, 0)
        count = len(self.cells.choices)
        text = "请对照文件逐格决定，勾选的才取用（空格键勾选选中的行）。" if count else "没有要逐格确认的类别。"
        box.addWidget(label(text, "muted", wrap=True))
        self.tabs.addTab(page, f"要确认的类别（{count}）")
        if not count:
            box.addStretch(1)
            return
        table = _cell_table(theme, self.cells)
        box.addWidget(table, 1)
        self.tabs.setCurrentWidget(page)
        page.setFocusProxy(table)

    def _arrange(self, theme: Theme) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 12, 20, 12)
        box.setSpacing(6)
        box.addWidget(label(title(self._proposal), "heading", wrap=True))
        box.addWidget(label(summary(self._proposal, has_categories=self._has_categories), "muted", wrap=True))
        if self.counts.columnCount():
            box.addWidget(_count_table(theme, self.counts))
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("文件里要看的地方")
        self.tabs.setMinimumHeight(theme.px(110))
        box.addWidget(self.tabs, 1)
        box.addWidget(self.take_wording)
        box.addWidget(self.take_categories)
        self.take_categories.setVisible(self._has_categories)
        last = QHBoxLayout()
        last.addWidget(label("" if self._writable else READ_ONLY, "fair", wrap=True), 1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self.take)
        box.addLayout(last)

    def _show_state(self) -> None:
        agreed = self.take_categories.isChecked()
        self.cells.set_open(self._writable and agreed)
        count = len(self._proposal.categories) + len(self.cells.chosen)
        left = len(self.cells.choices) - len(self.cells.chosen)
        apart = f"；另有 {left} 格要在“要确认的类别”里勾选" if left else ""
        self.take_categories.setText(f"取用评价类别（{count} 格{apart}）")
        self.take.setEnabled(self._writable and (self.wording or (agreed and count > 0)))


class _CellTable(QTableView):
    """A click in the first column ticks its row, not only on the box; Space ticks the selected rows."""

    def __init__(self, model: CellChoices) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.clicked.connect(lambda index: None if index.column() else model.toggle([index.row()]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._model.toggle([index.row() for index in self.selectionModel().selectedRows()])
        else:
            super().keyPressEvent(event)


def _cell_table(theme: Theme, model: CellChoices) -> QTableView:
    table = _CellTable(model)
    table.setAccessibleName("要确认的类别")
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setMinimumSectionSize(table.fontMetrics().height() + 12)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    heads = table.horizontalHeader()
    heads.setHighlightSections(False)
    heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column, width in enumerate((52, 200, 52, 94, 80)):
        table.setColumnWidth(column, theme.px(width))
    heads.setSectionResizeMode(model.columnCount() - 1, QHeaderView.ResizeMode.Stretch)
    table.selectRow(0)
    return table


def _count_table(theme: Theme, model: LevelCounts) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName("各级别的基本项个数")
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setTabKeyNavigation(False)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setCornerButtonEnabled(False)
    table.setShowGrid(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setMinimumSectionSize(theme.px(40))
    heads = table.verticalHeader()
    heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    heads.setDefaultSectionSize(table.fontMetrics().height() + 8)
    heads.setHighlightSections(False)
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + heads.length() + 2 * table.frameWidth())
    return table
