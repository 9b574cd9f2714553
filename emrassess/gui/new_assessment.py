"""The form for a new assessment: hospital, target, folder, and who fills it in."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.pack import LEVELS
from emrassess.gui import dialogs
from emrassess.gui.widgets.basics import button, label, set_role

FIRST_TARGETS = (4, 5, 6)
FORBIDDEN = set('<>:"/\\|?*')


@dataclass(frozen=True)
class NewAssessment:
    """What was filled in. `folder` is the workspace to be made; it does not exist or is empty."""

    hospital: str
    target: int
    folder: Path
    user: str


class NewAssessmentDialog(QDialog):
    """Asks for all four; `value` holds them once accepted."""

    def __init__(self, user: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("新建自评")
        self.setMinimumWidth(520)
        self.value: NewAssessment | None = None
        self._folder_chosen = False
        self._hospital = _line("医院名称", "例如：某某市第一人民医院")
        self._user = _line("填报人姓名", "会记在每一步的历史里")
        self._user.setText(user)
        self._folder = _line("工作区文件夹", "")
        self._problem = label("", "bad", wrap=True)
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow("医院名称", self._hospital)
        form.addRow("目标级别", self._targets())
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
        self._propose_folder()

    def _targets(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        self._group = QButtonGroup(self)
        for level in FIRST_TARGETS:
            choice = QRadioButton(f"{level} 级")
            choice.setChecked(level == 4)
            self._group.addButton(choice, level)
            row.addWidget(choice)
        other = QRadioButton("其他")
        self._group.addButton(other, 0)
        row.addWidget(other)
        self._other = QComboBox()
        self._other.setAccessibleName("其他目标级别")
        for level in LEVELS:
            if level not in FIRST_TARGETS:
                self._other.addItem(f"{level} 级", level)
        self._other.setEnabled(False)
        other.toggled.connect(self._other.setEnabled)
        row.addWidget(self._other)
        row.addStretch(1)
        return holder

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
        if not hospital:
            self._refuse(self._hospital, "请填写医院名称。")
        elif not user:
            self._refuse(self._user, "请填写填报人姓名：历史里要看得出是谁填的。")
        elif not folder or not Path(folder).is_absolute():
            self._refuse(self._folder, "请选择工作区文件夹。")
        elif _occupied(Path(folder)):
            self._refuse(self._folder, "这个文件夹里已有内容，请换一个新的文件夹名。")
        else:
            target = self._group.checkedId() or self._other.currentData()
            self.value = NewAssessment(hospital, target, Path(folder), user)
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
