"""Extracts mapped to logical tables and columns: what is needed, what is there, what is guessed."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui.context import Context
from emrassess.gui.models.quality_draft import Draft, faults
from emrassess.gui.models.quality_tables import NEED_ROLE, TableColumn, TablesModel, TablesProxy
from emrassess.gui.widgets.basics import button, label, offer
from emrassess.gui.widgets.dropped import dropped_files
from emrassess.gui.widgets.plain_table import plain_table
from emrassess.gui.widgets.quality_fields import QualityFields
from emrassess.gui.widgets.quality_period import PeriodField

if TYPE_CHECKING:
    from emrassess.services.quality import TableNeed

NOTHING = "没有对应任何数据文件。"
FIRST = (
    "先从业务系统（医嘱、检验、检查、药品 …）导出近三个月的数据，存成 CSV、Excel 或 Parquet 文件，\n"
    "再点“添加数据文件…”，或把文件拖到这里。程序猜每个文件是哪种记录、每一列是什么，猜错的可以改。\n"
    "数据只在这台电脑上读，进工作区的只有个数、系数和出错记录的号码。"
)


class QualityMap(QWidget):
    """`add_wanted`, `open_wanted`, `save_wanted`, `run_wanted`: the buttons; `files_dropped`: Paths; `edited`."""

    add_wanted = Signal()
    open_wanted = Signal()
    save_wanted = Signal()
    run_wanted = Signal()
    files_dropped = Signal(object)
    edited = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._draft: Draft | None = None
        self.setAcceptDrops(True)
        self.level = QComboBox()
        self.level.setAccessibleName("检查到哪一级")
        self.level.activated.connect(self._on_level)
        self.period = PeriodField()
        self.add = button("添加数据文件…", self.add_wanted.emit, tip="CSV、TSV、Excel 或 Parquet，可以选多个（Insert）")
        self.open = button("打开对应关系…", self.open_wanted.emit, tip="读入以前保存的对应关系（.yaml）")
        self.save = button("保存对应关系…", self.save_wanted.emit, tip="存成文件，下个月换上新数据再用（Ctrl+S）")
        self.run = button("开始检查", self.run_wanted.emit, primary=True, tip="按规则检查已对应的数据（F5）")
        self.lacking = QCheckBox("只看还缺的")
        self.lacking.toggled.connect(self._on_lacking)
        self.tables = TablesModel(context.theme, self)
        self.found = TablesProxy(self.tables, self)
        self.view = plain_table(context.theme, self.found, "需要的记录和字典", (150, 110, 100))
        heads = self.view.horizontalHeader()
        for column in (TableColumn.NAME, TableColumn.SOURCE):
            heads.setSectionResizeMode(column, heads.ResizeMode.Stretch)
        heads.setSectionResizeMode(TableColumn.RULES, heads.ResizeMode.Interactive)
        self.view.setColumnWidth(TableColumn.RULES, context.theme.px(60))
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.selectionModel().currentChanged.connect(self._on_table)
        self.fields = QualityFields(context.theme)
        self.fields.edited.connect(self._on_edited)
        self.first = label(FIRST, "muted", wrap=True)
        self.faults = label("", "bad", wrap=True)
        self.state = label("", wrap=True)
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self._tell)
        self._build()

    def _build(self) -> None:
        above = QHBoxLayout()
        for widget in (self.add, self.open, self.save):
            above.addWidget(widget)
        above.addStretch(1)
        above.addWidget(label("数据时段"))
        above.addWidget(self.period)
        narrow = QHBoxLayout()
        narrow.addWidget(label("检查到"))
        narrow.addWidget(self.level)
        narrow.addStretch(1)
        narrow.addWidget(self.lacking)
        narrow.setContentsMargins(0, 0, 8, 0)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(narrow)
        column.addWidget(self.view, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.fields)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 6)
        below = QHBoxLayout()
        below.addWidget(self.state, 1)
        below.addWidget(self.run)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 10)
        box.addLayout(above)
        box.addWidget(self.first)
        box.addWidget(self.faults)
        box.addWidget(split, 1)
        box.addLayout(below)

    # --- showing

    def show_draft(self, draft: Draft) -> None:
        """Show a mapping."""
        self._draft = draft
        self.level.clear()
        for level in sorted({rule.level for rule in draft.whole.rules}):
            self.level.addItem(f"{level} 级", level)
        at = self.level.findData(draft.level)
        self.level.setCurrentIndex(at if at >= 0 else self.level.count() - 1)
        draft.level = self.level.currentData()
        self.period.show_period(draft.period)
        self.show_anew()

    def show_anew(self) -> None:
        """The draft holds other tables or sources; the table in hand stays where it can."""
        current: TableNeed | None = self.view.currentIndex().data(NEED_ROLE)
        self.tables.show_draft(self._draft)
        rows = range(self.found.rowCount())
        keys = [self.found.index(row, 0).data(NEED_ROLE).key for row in rows]
        row = keys.index(current.key) if current and current.key in keys else 0
        self.view.setCurrentIndex(self.found.index(row, 0))
        self._on_table(self.view.currentIndex())
        self._tell()

    def show_key(self, key: tuple[str, bool]) -> None:
        """Bring a table into view."""
        self.lacking.setChecked(False)
        for row in range(self.found.rowCount()):
            if self.found.index(row, 0).data(NEED_ROLE).key == key:
                self.view.setCurrentIndex(self.found.index(row, 0))

    def _on_table(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        self.fields.show_table(self._draft, index.data(NEED_ROLE) if index.isValid() else None)

    def _on_level(self) -> None:
        if self._draft is not None:
            self._draft.level = self.level.currentData()
            self.show_anew()

    def _on_lacking(self, lacking: bool) -> None:
        self.found.show_lacking(lacking)
        if not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.found.index(0, 0))

    def _on_edited(self) -> None:
        self.tables.update()
        self._telling.start()
        self.edited.emit()

    def _tell(self) -> None:
        draft = self._draft
        if draft is None:
            return
        empty = not draft.sources and not draft.chosen
        self.first.setVisible(empty)
        wrong = faults(draft.sources)
        more = f"（还有 {len(wrong) - 2} 个文件读不出来）" if len(wrong) > 2 else ""
        self.faults.setText("\n".join(wrong[:2]) + more)
        self.faults.setVisible(bool(wrong))
        why, prose = draft.not_examined(), len(draft.plan.prose)
        whole, able = len(draft.plan.rules), len(draft.plan.rules) - len(why)
        guessed = sum(bool(chosen.guessed) for chosen in draft.chosen.values())
        parts = [f"到 {draft.level} 级共 {whole} 条规则：数据齐了能检查 {able} 条，还缺数据 {len(why) - prose} 条"]
        if prose:
            parts.append(f"只有文字说明、程序不能检查 {prose} 条")
        if guessed:
            parts.append(f"{guessed} 张表有猜的列，检查前请看一遍")
        self.state.setText("；".join(parts) + "。")
        offer(self.run, bool(able), NOTHING if not draft.chosen else "已对应的还不够检查任何一条规则。")
        offer(self.save, bool(draft.chosen), NOTHING)

    def read_period(self) -> bool:
        """Take the typed period into the draft; False where it is none, which is marked."""
        if self._draft is None:
            return False
        try:
            self._draft.period = self.period.read()
        except UserError as error:
            self.state.setText(error.message)
            return False
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._context.theme.px(1000)
        self.view.setColumnHidden(TableColumn.RULES, narrow)  # the fields beside it say it too

    # --- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files: list[Path] = dropped_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.files_dropped.emit(files)
