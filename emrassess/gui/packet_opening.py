"""Opening a department's packet: look at it, say from whom it is, make a workspace of it and open that."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from emrassess.domain.planning import Task, deadline_text
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.new_workspace import NewWorkspaceDialog, Words, free_folder
from emrassess.gui.operations import Handle
from emrassess.gui.passphrase import run_unsealed
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.dialog_size import fit_on_screen, grow
from emrassess.gui.widgets.signature_note import SignatureNote
from emrassess.reports.wording import minute

if TYPE_CHECKING:
    from emrassess.services.packets import PacketSummary

PACKETS = "任务包 (*.zip)"
FORBIDDEN = '<>:"/\\|?*'
WORDS = Words(
    title="打开任务包",
    does="打开",
    folder="任务包的工作区文件夹",
    choose="任务包的工作区放在哪个文件夹里",
    no_folder="请选择放在哪个文件夹。",
    working="正在打开…",
    idle="答案和材料都存在这个文件夹里，填好后用“交回”发回去。",
    failed="没有打开，磁盘上没有留下任何东西。",
)


class PacketOpening(QObject):
    """Choose a packet, look at it, open it. `user` asks for the name under which answers are recorded, "" for none.

    `merge`: takes one that came back, or an expert's review file (True with it), where the open workspace can merge it;
    False where it cannot.
    """

    def __init__(
        self, context: Context, window: QWidget, user: Callable[[], str], merge: Callable[[Path, bool], bool]
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._user = user
        self._merge = merge

    def choose(self) -> None:
        """Ask for a packet and open it."""
        path = dialogs.open_file(self._window, "选择任务包", PACKETS)
        if path:
            self.open(path)

    def open(self, file: Path) -> None:
        """Look at the packet `file`, and open it where the user agrees."""
        from emrassess.services.packets import look_at  # noqa: PLC0415 - not needed at start

        run_unsealed(
            self._context, self._window, "打开任务包", look_at, file,
            lambda summary, passphrase: self._offer(file, summary, passphrase),
        )  # fmt: skip

    def _offer(self, file: Path, summary: "PacketSummary", passphrase: str | None) -> None:
        from emrassess.exchange.packet_format import PacketKind  # noqa: PLC0415

        if summary.kind is PacketKind.REVIEW:
            if not self._merge(file, True):
                text = f"{file.name} 是{summary.hospital}“{summary.department}”的核查结果。"
                hint = "请打开医院的自评工作区，或同组专家打开材料包的工作区，在“专家核查”页里导入。"
                dialogs.inform(self._window, "核查结果", text, hint)
            return
        if summary.kind is PacketKind.BACK:
            if not self._merge(file, False):
                text = f"{file.name} 是“{summary.department}”交回的任务包。"
                hint = "请打开发出它的自评工作区，在“任务与合并”页里合并。"
                dialogs.inform(self._window, "交回的任务包", text, hint)
            return
        user = self._user()
        if not user:
            return
        dialog = PacketDialog(self._context, file, summary, user, passphrase, self._window)
        if dialogs.run(dialog) and dialog.made is not None:
            self._context.workspace_wanted.emit(dialog.made)
        dialog.deleteLater()


class PacketDialog(NewWorkspaceDialog):
    """What a packet says, and where to put it."""

    def __init__(
        self,
        context: Context,
        file: Path,
        summary: "PacketSummary",
        user: str,
        passphrase: str | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, WORDS, parent)
        fit_on_screen(self, context.theme, 680, 420)
        self._file, self._passphrase, self._user = file, passphrase, user
        self._note = SignatureNote(context.theme)
        self._note.show_standing(summary.standing, summary.signature)
        self.folder.setText(str(_proposed(summary)))
        self.make.setDefault(True)
        self._arrange(summary)
        self.show_state()
        grow(self)
        self.make.setFocus()

    def _arrange(self, summary: "PacketSummary") -> None:
        form = QFormLayout()
        form.setSpacing(8)
        for name, text in facts(summary):
            shown = label(text, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(name, shown)
        form.addRow("放在", self.where)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        box.addWidget(label(f"{summary.hospital} 发给“{summary.department}”的任务包", "heading", wrap=True))
        box.addLayout(form)
        box.addWidget(self._note)
        box.addWidget(self.problem)
        box.addStretch(1)
        box.addLayout(self.last)

    @property
    def parent_folder(self) -> Path:
        return _documents()

    def start(self, folder: Path) -> Handle:
        """Open the packet there."""
        from emrassess.services.packets import open_packet  # noqa: PLC0415

        return self.context.operations.run(
            "打开任务包", open_packet, self._file, folder, self._user, passphrase=self._passphrase
        )


def facts(summary: "PacketSummary", today: date | None = None) -> list[tuple[str, str]]:
    """From whom, for whom, by when and how many, as name and text."""
    deadline = deadline_text(Task("", deadline=summary.deadline), today or date.today())
    sender = f"{summary.sender.name}（{summary.sender.organisation}）{minute(summary.made_at)} 做成"
    return [
        ("发送人", sender),
        ("交给", f"{summary.department}　{summary.person}".strip()),
        ("截止", deadline or "没有写"),
        ("条款", f"{summary.clauses} 条，其中 {summary.answered} 条已有答案；附实证材料 {summary.evidence} 件"),
        ("标准", summary.pack),
    ]


def _proposed(summary: "PacketSummary") -> Path:
    """A folder that is free, in the user's documents."""
    parts = (summary.hospital, summary.department, "任务包")
    plain = "_".join("".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in part).strip(". ") for part in parts)
    return free_folder(_documents(), plain[:80])


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())
