"""A standard from a table (XLSX, CSV): what is wrong with it, or what was read of it, and the pack made of it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtGui import QIntValidator, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.reasons import plain
from emrassess.errors import FileProblems, Problem, UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.operations import Handle
from emrassess.gui.pack_install import PackInstall
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.copyable_lines import CopyableLines
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.standards import CriteriaTable, NewPack, PackRef

TITLE = "从表格导入标准"
TABLES = "条款表 (*.xlsx *.csv *.tsv *.txt)"
HEADS = ("角色、项目", "级别", "条款", "分值")
NO_POINTS = "表里没有“分值”，还不能做成标准包。请加一列“分值”，每条写上得分，保存后点“重新读取”。"
CORRECT = "请在 WPS 或 Excel 里按下面的位置逐条改正，保存后点“重新读取”。"
FAULTY, READ = range(2)


def import_table(context: Context, parent: QWidget, done: "Callable[[PackRef], object]") -> None:
    """Ask for a table and install the pack it makes; `done` gets it where something came of it."""
    file = dialogs.open_file(parent, "选择条款表", TABLES)
    if file is None:
        return
    dialog = TableImportDialog(context, file, parent)
    if dialogs.run(dialog) and dialog.made is not None:
        done(dialog.made)
    dialog.deleteLater()


class TableImportDialog(QDialog):
    """Reads `file`, shows faults or what was read, and asks for what a table does not say. `made`: the pack."""

    def __init__(self, context: Context, file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        fit_on_screen(self, context.theme, 860, 600)
        self.made: PackRef | None = None
        self._context = context
        self._file = file
        self._table: CriteriaTable | None = None
        self._working: Handle | None = None
        self._head = label("", "heading", wrap=True)
        self._hint = label("", "muted", wrap=True)
        self._faults = CopyableLines("表里的问题")
        self._parts = QStandardItemModel(self)
        self._tree = QTreeView()
        self._name = _line("名称", "列表里显示的短名，例如：某省专科评价标准")
        self._id = _line("标识", "小写字母、数字和连字符，如 province-2026")
        self._standard = _line("标准全名", "所依据文件的全名；不填就同名称")
        self._number = _line("文号", "可以不填")
        self._share = _line("得分比例（百分之几）", "")
        self._problem = label("", "bad", wrap=True)
        self._stack = QStackedWidget()
        self._page, self._fields = QWidget(), QWidget()
        self._again = button("重新读取", self._read, tip="在 WPS 或 Excel 里改好、保存之后")
        self._other = button("换一个文件…", self._choose)
        self._make = button("做成标准包并装入", self.accept, primary=True)
        self._arrange()
        self.finished.connect(self._forget)
        self._read()

    def _arrange(self) -> None:
        self._stack.addWidget(self._faults)
        self._stack.addWidget(self._page)
        self._fill_page()
        last = QHBoxLayout()
        last.addWidget(self._again)
        last.addWidget(self._other)
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self._make)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(10)
        box.addWidget(self._head)
        box.addWidget(self._hint)
        box.addWidget(self._stack, 1)
        box.addWidget(self._problem)
        box.addLayout(last)

    def _fill_page(self) -> None:
        tree = self._tree
        tree.setAccessibleName("读到的角色和项目")
        tree.setModel(self._parts)
        tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self._parts.setHorizontalHeaderLabels(HEADS)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 90), (2, 80), (3, 90)):
            tree.setColumnWidth(column, self._context.theme.px(width))
        self._share.setText("80")
        self._share.setValidator(QIntValidator(1, 100, self._share))
        self._share.setFixedWidth(self._context.theme.px(64))
        form = QFormLayout(self._fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        for field in (self._name, self._id, self._standard, self._number):
            form.addRow(field.accessibleName(), field)
        share = QHBoxLayout()
        share.addWidget(self._share)
        share.addWidget(label("%"))
        share.addWidget(label("各角色在一级的得分达到这个比例，才算通过这一级", "muted", wrap=True), 1)
        form.addRow("得分比例", share)
        box = QVBoxLayout(self._page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(tree, 1)
        box.addWidget(self._fields)

    # --- reading

    def _choose(self) -> None:
        file = dialogs.open_file(self, "选择条款表", TABLES, str(self._file.parent))
        if file is not None:
            self._file = file
            self._read()

    def _read(self) -> None:
        from emrassess.services.standards import read_table  # noqa: PLC0415 - not needed at start

        self._table = None
        self._faults.show_lines(())
        self._fail("")
        self._say(FAULTY, f"正在读取 {self._file.name}…", "")
        handle = self._working = self._context.operations.background(read_table, self._file)
        handle.done.connect(lambda table: handle is self._working and self._on_read(table))
        handle.failed.connect(lambda error: handle is self._working and self._on_unread(error))
        self._show_state()

    def _on_read(self, table: "CriteriaTable") -> None:
        self._working, self._table = None, table
        points = sum((clause.points or Decimal(0) for clause in table.clauses), Decimal(0))
        counts = f"{len(table.roles)} 个角色，{len(table.items)} 个项目，{len(table.clauses)} 条条款"
        levels = f"{_span(table.levels)} 级"
        worth = f"，共 {plain(points)} 分" if table.has_points else ""
        sheet = f" 的工作表“{table.sheet}”" if table.sheet else ""
        self._say(READ, f"读到 {counts}（{levels}）{worth}", f"来自 {table.file}{sheet}。请先看看角色和项目对不对。")
        self._show_parts(table)
        self._fail("" if table.has_points else NO_POINTS)
        self._fields.setVisible(table.has_points)
        self._suggest()
        self._show_state()
        (self._name if table.has_points else self._again).setFocus()

    def _on_unread(self, error: Exception) -> None:
        self._working = None
        if isinstance(error, UserError):
            faulty = isinstance(error, FileProblems)
            lines = [_fault(p) for p in error.problems] if isinstance(error, FileProblems) else [error.message]
            self._say(
                FAULTY,
                f"{self._file.name}：{f'有 {len(lines)} 处要改' if faulty else '读不了'}",
                CORRECT if faulty else error.hint,
            )
            self._faults.show_lines(lines)
        else:
            self._say(FAULTY, f"{self._file.name} 没有读成", "")
            dialogs.bug(self, TITLE)
        self._show_state()

    def _say(self, page: int, head: str, hint: str) -> None:
        self._stack.setCurrentIndex(page)
        self._head.setText(head)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def _fail(self, why: str) -> None:
        self._problem.setText(why)
        self._problem.setVisible(bool(why))

    def _show_parts(self, table: "CriteriaTable") -> None:
        self._parts.removeRows(0, self._parts.rowCount())
        for role in table.roles:
            rows = [row for item in role.items for row in item.rows]
            head = _cells(f"{role.code} {role.name}", rows)
            for item in role.items:
                head[0].appendRow(_cells(f"{item.code} {item.name}", list(item.rows)))
            self._parts.appendRow(head)
        self._tree.expandAll()

    def _suggest(self) -> None:
        from emrassess.services.standards import suggested_id  # noqa: PLC0415

        if not self._name.text():
            self._name.setText(self._file.stem[:100])
        if not self._id.text():
            self._id.setText(suggested_id(self._file.stem, QDate.currentDate().year()))

    # --- making

    def accept(self) -> None:
        """Make the pack and install it; what does not fit is said in the dialog."""
        from emrassess.services.standards import from_table  # noqa: PLC0415

        if self._table is None or self._working is not None or not self._table.has_points:
            return
        name, pack_id, standard, number = (
            field.text().strip() for field in (self._name, self._id, self._standard, self._number)
        )
        right = {self._name: bool(name), self._id: bool(pack_id), self._share: self._share.hasAcceptableInput()}
        for field, is_right in right.items():
            set_role(field, "invalid", not is_right)
        if wrong := [field for field, is_right in right.items() if not is_right]:
            self._fail("请填写名称和标识，得分比例填 1 到 100。")
            wrong[0].setFocus()
            return
        self._fail("")
        handle = self._working = self._context.operations.background(
            from_table, self._table, pack_id=pack_id, name=name, standard=standard or name,
            document_number=number, pass_share=str(Decimal(self._share.text()) / 100),
        )  # fmt: skip
        handle.done.connect(lambda new: handle is self._working and self._install(new))
        handle.failed.connect(lambda error: handle is self._working and self._on_refused(error))
        self._show_state()

    def _install(self, new: "NewPack") -> None:
        taking = PackInstall(self._context, self)
        taking.installed.connect(self._on_installed)
        taking.given_up.connect(self._on_given_up)
        taking.install(new)

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self._fail(f"{error.message}。{error.hint}")
        else:
            dialogs.bug(self, TITLE)
        self._on_given_up()

    def _on_given_up(self) -> None:
        self._working = None
        self._show_state()

    def _on_installed(self, ref: "PackRef") -> None:
        self.made = ref
        super().accept()

    def _show_state(self) -> None:
        idle = self._working is None
        self._again.setEnabled(idle)
        self._other.setEnabled(idle)
        self._page.setEnabled(idle)
        self._make.setEnabled(idle and self._table is not None and self._table.has_points)
        self._make.setVisible(self._stack.currentIndex() == READ)

    def _forget(self) -> None:
        """What is still being read is of no interest any more."""
        self._working = None


def _fault(problem: Problem) -> str:
    return f"第 {problem.line} 行　{problem.message}" if problem.line else problem.message


def _cells(name: str, rows: list) -> list[QStandardItem]:
    clauses = [clause for row in rows for clause in row.clauses]
    levels = sorted({row.level for row in rows})
    points = [clause.points for clause in clauses if clause.points is not None]
    return [
        QStandardItem(text)
        for text in (name, _span(levels), str(len(clauses)), plain(sum(points, Decimal(0))) if points else "")
    ]


def _span(levels: Sequence[int]) -> str:
    return f"{min(levels)}–{max(levels)}" if len(levels) > 1 else str(*levels)


def _line(name: str, hint: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setPlaceholderText(hint)
    line.setMaxLength(200)
    return line
