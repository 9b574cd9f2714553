"""Going over to another edition of the standard: look at what it changes, then make a new workspace under it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QProgressBar, QTabWidget, QVBoxLayout, QWidget

from emrassess.errors import Cancelled, UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.change_rows import CLAUSE_HEADS, clause_rows
from emrassess.gui.operations import Handle
from emrassess.gui.pack_install import take_folder
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.change_table import ChangeTable
from emrassess.gui.widgets.copyable_lines import CopyableLines
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.editions import Upgrade
    from emrassess.services.session import Session
    from emrassess.services.standards import NewPack, PackRef

TITLE = "转入新版标准"
NOTHING = (
    "没有别的标准包可以转入。标准有了新版：请用“装入标准包文件夹…”装入；"
    "只是附表4（数据质量）换了一年：请在“标准”页用“导入新的数据质量表…”。"
)
LEFT_NOTE = "这些内容留在原工作区里，原工作区不会改动。"


@dataclass(frozen=True)
class Preview:
    """A pack to go over to, and what that would do."""

    new: "NewPack"
    found: "Upgrade"


def start_upgrade(context: Context, parent: QWidget, chosen: "PackRef | None" = None) -> None:
    """Ask to which edition the open workspace is to go over, `chosen` preselected; then make it and open it."""
    session = context.session
    if session is None:
        return
    dialog = UpgradeDialog(context, session, parent, chosen)
    if dialogs.run(dialog) and dialog.made is not None:
        context.workspace_wanted.emit(dialog.made)
    dialog.deleteLater()


def _preview(session: "Session", ref: "PackRef") -> Preview:
    from emrassess.services.editions import preview  # noqa: PLC0415 - not needed at start
    from emrassess.services.standards import opened  # noqa: PLC0415

    new = opened(ref)
    if new.pack.digest == session.pack.digest:
        raise UserError("工作区用的就是这个标准包，没有什么可转入的", "请选择另一个标准包。")
    return Preview(new, preview(session, new.pack))


class UpgradeDialog(QDialog):
    """Choose a pack, see what changes, choose a folder. `made`: the new workspace, once there is one."""

    def __init__(
        self, context: Context, session: "Session", parent: QWidget | None = None, chosen: "PackRef | None" = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        fit_on_screen(self, context.theme, 1120, 660)
        self.made: Path | None = None
        self._context, self._session = context, session
        self._preview: Preview | None = None
        self._reading: Handle | None = None
        self._making: Handle | None = None
        self._folder_chosen = False
        self._packs = QComboBox()
        self._packs.setAccessibleName("转入哪个标准包")
        self._packs.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._take = button(
            "装入标准包文件夹…", self._take_folder, tip="别处得到的新版标准包：里面有 pack.yaml 的文件夹"
        )
        self._figures = label("", wrap=True)
        self._figures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._changes = ChangeTable(context.theme, "条款对照", CLAUSE_HEADS, (150, 112, 112))
        self._remarks = CopyableLines("其他改动", "除条款以外没有改动。")
        self._left = CopyableLines("不能转入的内容", "全部内容都能转入。")
        self._tabs = QTabWidget()
        self._folder = QLineEdit()
        self._folder.setAccessibleName("新工作区文件夹")
        self._choose = button("选择…", self._choose_folder)
        self._problem = label("", "bad", wrap=True)
        self._bar = QProgressBar()
        self._what = label("", "muted")
        self._cancel = button("取消", self.reject)
        self._make = button("建立新工作区", self.accept, primary=True)
        self._arrange()
        self._fail("")
        self._connect()
        self.show_packs(chosen)

    def _arrange(self) -> None:
        to = QHBoxLayout()
        to.addWidget(label(f"现用 {self._session.pack.id} {self._session.pack.version}　转入"))
        to.addWidget(self._packs, 1)
        to.addWidget(self._take)
        for name, page in (("条款对照", self._changes), ("其他改动", self._remarks), ("不能转入", self._left)):
            self._tabs.addTab(page, name)
        where = QHBoxLayout()
        where.addWidget(label("新工作区文件夹"))
        where.addWidget(self._folder, 1)
        where.addWidget(self._choose)
        self._bar.setAccessibleName("进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(200)
        last = QHBoxLayout()
        last.addWidget(self._bar)
        last.addWidget(self._what, 1)
        last.addWidget(self._cancel)
        last.addWidget(self._make)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(10)
        box.addLayout(to)
        box.addWidget(self._figures)
        box.addWidget(self._tabs, 1)
        box.addLayout(where)
        box.addWidget(self._problem)
        box.addLayout(last)

    def _connect(self) -> None:
        self._packs.currentIndexChanged.connect(self._read)
        self._folder.textEdited.connect(self._on_folder_edited)
        self.finished.connect(self._forget)

    # --- choosing and reading

    def show_packs(self, chosen: "PackRef | None" = None) -> None:
        """Offer the packs at hand; `chosen` or the newest edition is chosen."""
        from emrassess.services.standards import offered  # noqa: PLC0415

        refs = list(offered(self._session))
        if chosen is not None and chosen not in refs:
            refs.insert(0, chosen)
        self._packs.blockSignals(True)
        self._packs.clear()
        for ref in refs:
            kind = "本标准的新版" if ref.id == self._session.pack.id else "另一个标准"
            self._packs.addItem(f"{ref.id} {ref.version}　{ref.name}（{kind}）", ref)
        # Another standard is never a default: going over to it loses most of what there is.
        first = 0 if refs and refs[0].id == self._session.pack.id else -1
        self._packs.setCurrentIndex(refs.index(chosen) if chosen in refs else first)
        self._packs.setPlaceholderText("请选择" if refs else "没有")
        self._packs.setEnabled(bool(refs))
        self._packs.blockSignals(False)
        self._read()

    def _take_folder(self) -> None:
        take_folder(self._context, self, self.show_packs)

    def _read(self) -> None:
        """Show what going over to the chosen pack would do, as soon as it is known."""
        self._preview, self._reading = None, None
        ref: PackRef | None = self._packs.currentData()
        self._tabs.setEnabled(False)
        wait = "正在比较两版标准…" if ref else "请选择要转入的标准包。"
        self._say(wait if self._packs.count() else NOTHING)
        self._show_state()
        if ref is None:
            return
        self._propose_folder(ref)
        handle = self._reading = self._context.operations.background(_preview, self._session, ref)
        handle.done.connect(lambda found: self._on_read(handle, found))
        handle.failed.connect(lambda error: self._on_unread(handle, error))

    def _on_read(self, handle: Handle, preview: Preview) -> None:
        if handle is not self._reading:
            return  # another pack was chosen meanwhile
        self._preview = preview
        found = preview.found
        self._say("\n".join(found.summary))
        rows = clause_rows(found, self._session.pack, preview.new.pack)
        self._changes.show_rows(rows)
        remarks = found.differences.remarks
        self._remarks.show_lines([f"{remark.place}　{remark.message}".strip() for remark in remarks])
        left = found.carried.left_behind
        self._left.show_lines(left, LEFT_NOTE if left else "")
        for index, (name, count) in enumerate((("其他改动", len(remarks)), ("不能转入", len(left))), 1):
            self._tabs.setTabText(index, f"{name}（{count}）")
        clauses_change = any(change.kind.value != "same" for change in found.differences.clauses)
        self._tabs.setCurrentIndex(0 if clauses_change or not remarks else 1)
        self._tabs.setEnabled(True)
        self._show_state()

    def _on_unread(self, handle: Handle, error: Exception) -> None:
        if handle is not self._reading:
            return
        if isinstance(error, UserError):
            self._say(f"{error.message}\n{error.hint}".strip(), "bad")
        else:
            self._say("没有读成。", "bad")
            dialogs.bug(self, TITLE)

    def _forget(self) -> None:
        """What is still being read is of no interest any more."""
        self._reading = None

    def _say(self, text: str, role: str = "") -> None:
        set_role(self._figures, "role", role)
        self._figures.setText(text)

    # --- the folder

    def _propose_folder(self, ref: "PackRef") -> None:
        if self._folder_chosen:
            return
        old = self._session.workspace.folder
        edition = ref.version if ref.id == self._session.pack.id else f"{ref.id} {ref.version}"
        name = f"{old.name.removesuffix(f' {self._session.pack.version}')} {edition}"
        free = (old.with_name(name if n == 1 else f"{name}（{n}）") for n in range(1, 100))
        self._folder.setText(str(next((folder for folder in free if not folder.exists()), old.with_name(name))))

    def _choose_folder(self) -> None:
        chosen = dialogs.folder(self, "新工作区放在哪个文件夹里", str(self._session.workspace.folder.parent))
        if chosen:
            self._folder_chosen = True
            self._folder.setText(str(chosen / Path(self._folder.text()).name))

    def _on_folder_edited(self) -> None:
        self._folder_chosen = True

    # --- making it

    def accept(self) -> None:
        """Make the new workspace; the dialog ends once it is there."""
        from emrassess.services.editions import upgrade  # noqa: PLC0415

        if self._preview is None or self._making is not None:
            return
        folder = Path(self._folder.text().strip())
        if not folder.is_absolute():
            self._fail("请选择新工作区的文件夹。")
            self._folder.setFocus()
            return
        self._fail("")
        new = self._preview.new
        self._making = self._context.operations.run(TITLE, upgrade, self._session, new.pack, new.files, folder)
        self._making.progressed.connect(self._on_progress)
        self._making.done.connect(self._on_made)
        self._making.failed.connect(self._on_failed)
        self._what.setText("正在建立新工作区…")
        self._bar.setRange(0, 0)
        self._show_state()

    def reject(self) -> None:
        """Close; while the workspace is being made, stop that first."""
        if self._making is None:
            super().reject()
            return
        self._making.cancel()
        self._what.setText("正在取消…")
        self._cancel.setEnabled(False)

    def _on_progress(self, done: int, total: int, what: str) -> None:
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        self._what.setText(what)

    def _on_made(self, folder: Path) -> None:
        self._making = None
        self.made = folder
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        """What went wrong is said by the window; here only that nothing came of it."""
        self._making = None
        self._fail(error.message if isinstance(error, Cancelled) else "新工作区没有建成，原工作区没有改动。")
        self._show_state()

    def _fail(self, why: str) -> None:
        self._problem.setText(why)
        self._problem.setVisible(bool(why))

    def _show_state(self) -> None:
        making = self._making is not None
        for widget in (self._packs, self._take, self._folder, self._choose):
            widget.setEnabled(not making and (widget is not self._packs or self._packs.count() > 0))
        self._make.setEnabled(not making and self._preview is not None)
        self._cancel.setEnabled(True)
        self._bar.setVisible(making)
        if not making:
            self._what.setText("原工作区不会改动；新工作区建好后自动打开。")
