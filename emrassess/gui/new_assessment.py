"""The form for a new assessment: hospital, standard, target, folder, and who fills it in."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.pack import Pack
from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.target_choice import TargetChoice

if TYPE_CHECKING:
    from emrassess.packs.library import PackRef

NAME_LENGTH = 52
"""So many letters of a standard's name are seen, half as many Chinese ones."""
FORBIDDEN = set('<>:"/\\|?*')


@dataclass(frozen=True)
class NewAssessment:
    """What was filled in. `folder` is the workspace to be made; it does not exist or is empty."""

    hospital: str
    target: int
    folder: Path
    user: str
    pack_id: str
    pack_version: str


class NewAssessmentDialog(QDialog):
    """Asks for all of it; `value` holds it once accepted."""

    table_wanted = Signal()
    """A standard is to be made from a table: `show_packs` it then."""
    folder_wanted = Signal()
    """A pack is to be brought in from a folder: `show_packs` it then."""

    def __init__(self, user: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("新建自评")
        self.setMinimumWidth(620)
        self.value: NewAssessment | None = None
        self._folder_chosen = False
        self._pack: Pack | None = None
        self._hospital = _line("医院名称", "例如：某某市第一人民医院")
        self._user = _line("填报人姓名", "会记在每一步的历史里")
        self._user.setText(user)
        self._folder = _line("工作区文件夹", "")
        self._problem = label("", "bad", wrap=True)
        self._packs = QComboBox()
        self._packs.setAccessibleName("评价标准")
        self._packs.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._packs.setMinimumContentsLength(NAME_LENGTH)
        self._targets = TargetChoice()
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow("医院名称", self._hospital)
        form.addRow("评价标准", self._pack_row())
        form.addRow("目标级别", self._targets)
        form.addRow("填报人姓名", self._user)
        form.addRow("工作区文件夹", self._folder_row())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(
            label("全部内容都存在这个文件夹里，关闭程序后可以整个拷到 U 盘。目标级别以后可以改。", "muted", wrap=True)
        )
        layout.addWidget(self._problem)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("取消", self.reject))
        self._create = button("新建", self.accept, primary=True)
        self._create.setDefault(True)
        row.addWidget(self._create)
        layout.addLayout(row)
        self._hospital.textChanged.connect(self._propose_folder)
        self._folder.textEdited.connect(self._on_folder_edited)
        self._packs.currentIndexChanged.connect(self._on_pack_chosen)
        self.show_packs()
        self._propose_folder()

    # --- the standard and its levels

    def show_packs(self, chosen: "PackRef | None" = None) -> None:
        """Offer the packs at hand, `chosen` or the first of them chosen."""
        from emrassess.packs.library import known_packs  # noqa: PLC0415

        refs = known_packs()
        self._packs.blockSignals(True)
        self._packs.clear()
        for ref in refs:
            whose = "随程序" if ref.shipped else "自己装入"
            text = f"{ref.name}　{ref.version} 版（{whose}）"
            self._packs.addItem(text, ref)
            self._packs.setItemData(self._packs.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        self._packs.setCurrentIndex(refs.index(chosen) if chosen in refs else 0)
        self._packs.blockSignals(False)
        self._on_pack_chosen()

    def _pack_row(self) -> QWidget:
        """The packs at hand, and the ways to others."""
        others = QHBoxLayout()
        others.addWidget(button("从表格导入标准…", self.table_wanted.emit, look="link", tip="条款表：XLSX 或 CSV"))
        others.addWidget(
            button("装入标准包文件夹…", self.folder_wanted.emit, look="link", tip="里面有 pack.yaml 的文件夹")
        )
        others.addStretch(1)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._packs)
        column.addLayout(others)
        return holder

    def _on_pack_chosen(self) -> None:
        from emrassess.packs.library import load  # noqa: PLC0415

        self._pack = None
        self._problem.setText("")
        ref = self._packs.currentData()
        try:
            self._pack = load(ref) if ref else None
        except UserError as error:
            self._problem.setText(f"这个评价标准用不了：{error.message.splitlines()[0]}")
        self._targets.show_levels(self._pack.levels if self._pack else ())

    # --- the folder

    def _folder_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._folder, 1)
        row.addWidget(button("选择…", self._choose_folder))
        return holder

    def _choose_folder(self) -> None:
        chosen = dialogs.folder(self, "工作区放在哪个文件夹里", str(_documents()))
        if chosen:
            self._folder_chosen = True
            self._folder.setText(str(chosen / _folder_name(self._hospital.text())))

    def _on_folder_edited(self) -> None:
        self._folder_chosen = True

    def _propose_folder(self) -> None:
        if not self._folder_chosen:
            self._folder.setText(str(_documents() / _folder_name(self._hospital.text())))

    def accept(self) -> None:
        """Check and take over; says what is wrong in the dialog itself."""
        for field in (self._hospital, self._user, self._folder):
            set_role(field, "invalid", False)
        hospital, user, folder = (f.text().strip() for f in (self._hospital, self._user, self._folder))
        if self._pack is None:
            self._problem.setText("请先选一个能用的评价标准。")
        elif not hospital:
            self._refuse(self._hospital, "请填写医院名称。")
        elif not user:
            self._refuse(self._user, "请填写填报人姓名：历史里要看得出是谁填的。")
        elif not folder or not Path(folder).is_absolute():
            self._refuse(self._folder, "请选择工作区文件夹。")
        elif _occupied(Path(folder)):
            self._refuse(self._folder, "这个文件夹里已有内容，请换一个新的文件夹名。")
        else:
            self.value = NewAssessment(
                hospital, self._targets.level, Path(folder), user, self._pack.id, self._pack.version
            )
            super().accept()

    def _refuse(self, field: QLineEdit, why: str) -> None:
        set_role(field, "invalid", True)
        self._problem.setText(why)
        field.setFocus()


def _line(name: str, hint: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setPlaceholderText(hint)
    line.setMaxLength(200)
    return line


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())


def _folder_name(hospital: str) -> str:
    name = "".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in hospital.strip()).strip(". ")[:60]
    return f"{name or '电子病历'}自评"


def _occupied(folder: Path) -> bool:
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError:
        return True
