"""Going over to another edition of the standard: look at what it changes, then make a new workspace under it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.change_rows import CLAUSE_HEADS, clause_rows
from emrassess.gui.new_workspace import NEW_WORKSPACE, NewWorkspaceDialog, free_folder
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


class UpgradeDialog(NewWorkspaceDialog):
    """Choose a pack, see what changes, choose a folder."""

    def __init__(
        self, context: Context, session: "Session", parent: QWidget | None = None, chosen: "PackRef | None" = None
    ) -> None:
        super().__init__(context, replace(NEW_WORKSPACE, title=TITLE), parent)
        fit_on_screen(self, context.theme, 1120, 660)
        self._session = session
        self._preview: Preview | None = None
        self._reading: Handle | None = None
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
        self._arrange()
        self._connect()
        self.show_packs(chosen)

    def _arrange(self) -> None:
        to = QHBoxLayout()
        to.addWidget(label(f"现用 {self._session.pack.id} {self._session.pack.version}　转入"))
        to.addWidget(self._packs, 1)
        to.addWidget(self._take)
        for name, page in (("条款对照", self._changes), ("其他改动", self._remarks), ("不能转入", self._left)):
            self._tabs.addTab(page, name)
        self.where.insertWidget(0, label(NEW_WORKSPACE.folder))
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(10)
        box.addLayout(to)
        box.addWidget(self._figures)
        box.addWidget(self._tabs, 1)
        box.addLayout(self.where)
        box.addWidget(self.problem)
        box.addLayout(self.last)

    def _connect(self) -> None:
        self._packs.currentIndexChanged.connect(self._read)
        self.folder.textEdited.connect(self.folder_chosen)
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
        take_folder(self.context, self, self.show_packs)

    def _read(self) -> None:
        """Show what going over to the chosen pack would do, as soon as it is known."""
        self._preview, self._reading = None, None
        ref: PackRef | None = self._packs.currentData()
        self._tabs.setEnabled(False)
        wait = "正在比较两版标准…" if ref else "请选择要转入的标准包。"
        self._say(wait if self._packs.count() else NOTHING)
        self.show_state()
        if ref is None:
            return
        self._propose_folder(ref)
        handle = self._reading = self.context.operations.background(_preview, self._session, ref)
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
        self.show_state()

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
        self.folder.setText(str(free_folder(old.parent, name)))

    @property
    def parent_folder(self) -> Path:
        return self._session.workspace.folder.parent

    def folder_chosen(self) -> None:
        """It stays, whichever pack is chosen."""
        self._folder_chosen = True

    # --- making it

    @property
    def ready(self) -> bool:
        return self._preview is not None

    def start(self, folder: Path) -> Handle:
        """Go over to the pack that was looked at."""
        from emrassess.services.editions import upgrade  # noqa: PLC0415

        if self._preview is None:
            raise RuntimeError("nothing looked at")
        new = self._preview.new
        return self.context.operations.run(TITLE, upgrade, self._session, new.pack, new.files, folder)

    def show_state(self) -> None:
        """Enable what can be done now."""
        super().show_state()
        self._packs.setEnabled(self.making is None and self._packs.count() > 0)
        self._take.setEnabled(self.making is None)
