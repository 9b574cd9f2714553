"""Opening a hospital's package as an expert: look at it, say whose it is, make a workspace of it and open that."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from emrassess.domain.review import round_name
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.new_workspace import NewWorkspaceDialog, Words, free_folder
from emrassess.gui.operations import Handle
from emrassess.gui.package_dialog import PACKAGES
from emrassess.gui.packet_opening import FORBIDDEN
from emrassess.gui.passphrase import run_unsealed
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.dialog_size import fit_on_screen, grow
from emrassess.gui.widgets.signature_note import SignatureNote
from emrassess.reports.wording import minute

if TYPE_CHECKING:
    from emrassess.services.reviewing import OpenedPackage

TITLE = "打开材料包（专家核查）"
LATER = "以后再选"
WORDS = Words(
    title=TITLE,
    does="打开",
    folder="核查工作区文件夹",
    choose="核查工作区放在哪个文件夹里",
    no_folder="请选择放在哪个文件夹。",
    working="正在打开…",
    idle="核查意见和照片都存在这个文件夹里；医院填的内容只能看。",
    failed="没有打开，磁盘上没有留下任何东西。",
)


def ask_how(parent: QWidget, package: Path) -> str:
    """What is wanted with a package: "look", "check", or "" for nothing."""
    options = [("look", "只看一看"), ("check", "专家核查"), ("", "取消")]
    detail = "只看一看：校验后用浏览器看，不用建工作区。专家核查：建一个工作区，在里面逐条写核查意见。"
    text = f"{package.name} 是实证材料包，要怎样打开？"
    return dialogs.choose(parent, "打开材料包", text, options, detail=detail, escape="") or ""


class ReviewOpening(QObject):
    """Choose a package, look at it, open it."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window

    def choose(self) -> None:
        """Ask for a package and open it."""
        path = dialogs.open_file(self._window, "选择实证材料包", PACKAGES)
        if path:
            self.open(path)

    def open(self, file: Path) -> None:
        """Look at the package `file`, and open it where the expert agrees."""
        run_unsealed(
            self._context, self._window, TITLE, _look, file,
            lambda package, passphrase: self._offer(file, package, passphrase),
        )  # fmt: skip

    def _offer(self, file: Path, package: "OpenedPackage", passphrase: str | None) -> None:
        dialog = ExpertDialog(self._context, file, package, passphrase, self._window)
        if dialogs.run(dialog) and dialog.made is not None:
            self._context.workspace_wanted.emit(dialog.made)
        dialog.deleteLater()


def _look(file: Path, passphrase: str | None) -> "OpenedPackage":
    from emrassess.services.reviewing import look_at_package  # noqa: PLC0415 - loads the ciphers

    return look_at_package(file, passphrase)


class ExpertDialog(NewWorkspaceDialog):
    """What a package says, who checks it for which group, and where to put it."""

    def __init__(
        self,
        context: Context,
        file: Path,
        package: "OpenedPackage",
        passphrase: str | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, WORDS, parent)
        fit_on_screen(self, context.theme, 700, 480)
        self._file, self._passphrase, self._package = file, passphrase, package
        self._note = SignatureNote(context.theme)
        self._note.show_standing(package.standing, package.signature)
        self.expert = QLineEdit(context.preferences.user)
        self.expert.setAccessibleName("专家姓名")
        self.expert.setMaxLength(60)
        self.expert.setPlaceholderText("写在每一条核查意见上")
        self.expert.textChanged.connect(lambda _: self.show_state())
        self.group = QComboBox()
        self.group.setAccessibleName("核查组")
        for group in package.groups:
            self.group.addItem(group.name, group.code)
        self.group.addItem(LATER, "")
        self.folder.setText(str(_proposed(package)))
        self.make.setDefault(True)
        self._arrange()
        self.show_state()
        grow(self)
        (self.group if self.expert.text().strip() else self.expert).setFocus()

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        for name, text in facts(self._package):
            shown = label(text, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(name, shown)
        form.addRow("专家姓名", self.expert)
        form.addRow("核查组", self.group)
        form.addRow("放在", self.where)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        heading = f"{self._package.hospital}　{round_name(self._package.round)}"
        box.addWidget(label(heading, "heading", wrap=True))
        box.addLayout(form)
        box.addWidget(self._note)
        box.addWidget(self.problem)
        box.addStretch(1)
        box.addLayout(self.last)

    @property
    def ready(self) -> bool:
        """Opinions bear a name."""
        return bool(self.expert.text().strip())

    @property
    def parent_folder(self) -> Path:
        return _documents()

    def start(self, folder: Path) -> Handle:
        """Open the package there."""
        from emrassess.services.reviewing import open_as_expert  # noqa: PLC0415

        expert, preferences = self.expert.text().strip(), self.context.preferences
        if not preferences.user:
            preferences.user = expert
            preferences.save()
        return self.context.operations.run(
            TITLE, open_as_expert, self._file, folder, expert,
            group=self.group.currentData(), passphrase=self._passphrase,
        )  # fmt: skip

    def show_state(self) -> None:
        """Who and for which group is settled once it is being made."""
        super().show_state()
        for widget in (self.expert, self.group):
            widget.setEnabled(self.making is None)


def facts(package: "OpenedPackage") -> list[tuple[str, str]]:
    """What the package holds, as name and text."""
    found = [
        ("目标", f"{package.target} 级，{package.pack}"),
        ("打包时间", minute(package.packed_at)),
        ("内容", f"自评达标 {package.claimed} 条，实证材料 {package.evidence} 件"),
    ]
    if package.findings:
        found.append(("整改台账", f"以前的问题 {package.findings} 个，随包带来"))
    return found


def _proposed(package: "OpenedPackage") -> Path:
    """A folder that is free, in the expert's documents."""
    parts = (package.hospital, round_name(package.round).replace(" ", ""))
    plain = "_".join("".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in part).strip(". ") for part in parts)
    return free_folder(_documents(), plain[:80])


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())
