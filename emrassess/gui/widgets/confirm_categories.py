"""Confirming categories against the official document: the grid, its keys as buttons, export and import."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.pack import LEVELS, Category
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.categories import CELL, CategoryModel
from emrassess.gui.widgets.basics import button, label, offer
from emrassess.gui.widgets.category_grid import CategoryGrid

if TYPE_CHECKING:
    from emrassess.services.session import Session

FILES = "类别确认文件 (*.yaml *.yml)"


class ConfirmCategories(QWidget):
    """The grid with everything around it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._model = CategoryModel(self)
        self._grid = CategoryGrid(context.theme, self._model)
        self._grid.wanted.connect(self._confirm)
        self._grid.selectionModel().currentChanged.connect(self._on_current)
        self._detail = label("", wrap=True)
        self._detail.setMinimumHeight(context.theme.px(40))
        self._contradictions = label("", "bad", wrap=True)
        self._contradictions.setAccessibleName("与附件 2 不符")
        self._buttons = [
            button("基本项（B）", lambda: self._confirm(self._grid.selected_cells(), Category.BASIC)),
            button("选择项（O）", lambda: self._confirm(self._grid.selected_cells(), Category.OPTIONAL)),
            button("收回（Delete）", lambda: self._confirm(self._grid.selected_cells(), None)),
            button("导入…", self._import, tip="导入别处已确认好的类别文件，一步可撤销"),
        ]
        self._build()

    def _build(self) -> None:
        intro = label(
            "手边拿着正式文件（附件 2），把“待核对”的格子逐个确认。选中一格或几格，按 B 是基本项，按 O 是选择项；"
            "表头随时对照附件 2 的个数。带“包”的是标准包里已有的，带“√”的是人工确认的。",
            "muted", wrap=True,
        )  # fmt: skip
        row = QHBoxLayout()
        for made in self._buttons[:3]:
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(self._buttons[3])
        row.addWidget(button("导出…", self._export, tip="把已确认的类别存成一个小文件，给别的医院或别的自评用"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 10, 0, 0)
        layout.addWidget(intro)
        layout.addLayout(row)
        layout.addWidget(self._contradictions)
        layout.addWidget(self._grid, 1)
        layout.addWidget(self._detail)

    def take_focus(self) -> None:
        """Into the grid, at the target's first open cell where nothing is chosen yet."""
        session = self._context.session
        if session is not None and not self._grid.currentIndex().isValid():
            column = LEVELS.index(session.assessment.target)
            self._grid.setCurrentIndex(self._model.index(0, column))
            if self._grid.currentIndex().data(CELL).category is not Category.UNVERIFIED:
                self._grid.next_open()
        self._grid.setFocus()

    def show_session(self) -> None:
        """Show the categories as they are."""
        session = self._context.session
        self._model.show(session)
        if session is None:
            return
        self._grid.show_target(session.assessment.target)
        faults = [
            f"{level} 级：{counts.contradiction}"
            for column, level in enumerate(LEVELS)
            if (counts := self._model.counts(column)) and counts.contradiction
        ]
        self._contradictions.setText("与附件 2 不符，请核对　" + "；".join(faults) if faults else "")
        self._contradictions.setVisible(bool(faults))
        for made in self._buttons:
            offer(made, self._context.writable, self._context.why_not)
        self._on_current(self._grid.currentIndex())

    def _on_current(self, index: QModelIndex) -> None:
        self._detail.setText(index.data(CELL).text if index.isValid() else "选中一格，这里显示是谁在什么时候确认的。")

    def _confirm(self, cells: list[tuple[str, int]], category: Category | None) -> None:
        from emrassess.services.categories import confirm_categories  # noqa: PLC0415

        if not cells or not self._context.writable:
            return
        handle = self._context.operations.write("确认评价类别", confirm_categories, cells, category)
        if len(cells) == 1 and category is not None:
            handle.done.connect(lambda _: self._grid.next_open())

    def _export(self) -> None:
        from emrassess.services.categories import export_categories  # noqa: PLC0415

        session = self._context.session
        if session is None:
            return
        suggested = session.workspace.folder.parent / "评价类别确认.yaml"
        file = dialogs.save_file(self, "导出类别确认", suggested, FILES)
        if file:
            self._context.operations.run(
                "导出类别确认", export_categories, session, file, progress=False,
                done=lambda _: dialogs.inform(self, "导出类别确认", f"已写好：{file}", _exported(session)),
            )  # fmt: skip

    def _import(self) -> None:
        from emrassess.services.categories import import_categories  # noqa: PLC0415

        file = dialogs.open_file(self, "导入类别确认", FILES)
        if file:
            self._context.operations.write("导入类别确认", import_categories, file)


def _exported(session: "Session") -> str:
    return f"共 {len(session.assessment.categories)} 格。"
