"""Opening a department's packet: look at it, say from whom it is, make a workspace of it and open that."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from emrassess.domain.planning import Task, deadline_text
from emrassess.errors import Cancelled, UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.operations import Handle
from emrassess.gui.passphrase import run_unsealed
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.signature_note import SignatureNote
from emrassess.reports.wording import minute

if TYPE_CHECKING:
    from emrassess.services.packets import PacketSummary

PACKETS = "任务包 (*.zip)"
FORBIDDEN = '<>:"/\\|?*'


class PacketOpening(QObject):
    """Choose a packet, look at it, open it. `user` asks for the name under which answers are recorded, "" for none.

    `merge`: takes one that came back, where the open workspace can merge it; False where it cannot.
    """

    def __init__(
        self, context: Context, window: QWidget, user: Callable[[], str], merge: Callable[[Path], bool]
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

        if summary.kind is PacketKind.BACK:
            if not self._merge(file):
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


class PacketDialog(QDialog):
    """What a packet says, and where to put it. `made`: the workspace, once there is one."""

    def __init__(
        self,
        context: Context,
        file: Path,
        summary: "PacketSummary",
        user: str,
        passphrase: str | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("打开任务包")
        fit_on_screen(self, context.theme, 680, 420)
        self.made: Path | None = None
        self._context = context
        self._file, self._passphrase, self._user = file, passphrase, user
        self._making: Handle | None = None
        self._note = SignatureNote(context.theme)
        self._note.show_standing(summary.standing, summary.signature)
        self._folder = QLineEdit(str(_proposed(summary)))
        self._folder.setAccessibleName("任务包的工作区文件夹")
        self._choose = button("选择…", self._choose_folder)
        self._problem = label("", "bad", wrap=True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("进度")
        self._bar.setTextVisible(False)
        self._what = label("", "muted")
        self._cancel = button("取消", self.reject)
        self._make = button("打开", self.accept, primary=True)
        self._make.setDefault(True)
        self._arrange(summary)
        self._fail("")
        self._show_state()
        self._make.setFocus()

    def _arrange(self, summary: "PacketSummary") -> None:
        form = QFormLayout()
        form.setSpacing(8)
        for name, text in facts(summary):
            shown = label(text, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(name, shown)
        where = QHBoxLayout()
        where.addWidget(self._folder, 1)
        where.addWidget(self._choose)
        form.addRow("放在", where)
        self._bar.setFixedWidth(180)
        last = QHBoxLayout()
        last.addWidget(self._bar)
        last.addWidget(self._what, 1)
        last.addWidget(self._cancel)
        last.addWidget(self._make)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        box.addWidget(label(f"{summary.hospital} 发给“{summary.department}”的任务包", "heading", wrap=True))
        box.addLayout(form)
        box.addWidget(self._note)
        box.addWidget(self._problem)
        box.addStretch(1)
        box.addLayout(last)

    def _choose_folder(self) -> None:
        chosen = dialogs.folder(self, "任务包的工作区放在哪个文件夹里", str(_documents()))
        if chosen:
            self._folder.setText(str(chosen / Path(self._folder.text()).name))

    def accept(self) -> None:
        """Make the workspace; the dialog ends once it is there."""
        from emrassess.services.packets import open_packet  # noqa: PLC0415

        if self._making is not None:
            return
        folder = Path(self._folder.text().strip())
        if not folder.is_absolute():
            self._fail("请选择放在哪个文件夹。")
            self._folder.setFocus()
            return
        self._fail("")
        self._making = self._context.operations.run(
            "打开任务包", open_packet, self._file, folder, self._user, passphrase=self._passphrase
        )
        self._making.progressed.connect(self._on_progress)
        self._making.done.connect(lambda _: self._on_made(folder))
        self._making.failed.connect(self._on_failed)
        self._what.setText("正在打开…")
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
        self._fail(error.message if isinstance(error, Cancelled) else "没有打开，磁盘上没有留下任何东西。")
        self._show_state()

    def _fail(self, why: str) -> None:
        self._problem.setText(why)
        self._problem.setVisible(bool(why))

    def _show_state(self) -> None:
        making = self._making is not None
        for widget in (self._folder, self._choose, self._make):
            widget.setEnabled(not making)
        self._cancel.setEnabled(True)
        self._bar.setVisible(making)
        if not making:
            self._what.setText("答案和材料都存在这个文件夹里，填好后用“交回”发回去。")


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


def is_packet(file: Path) -> bool:
    """Whether `file` calls itself a packet, rather than an evidence package; nothing in it is trusted by that.

    For the background thread.
    """
    from emrassess.exchange.tree import DEFAULT_LIMITS  # noqa: PLC0415 - not needed at start
    from emrassess.exchange.zip_directory import read_directory  # noqa: PLC0415

    try:
        if file.is_dir():
            return (file / "data" / "packet.json").is_file()
        with file.open("rb") as source:
            return any(entry.name.endswith("/data/packet.json") for entry in read_directory(source, DEFAULT_LIMITS))
    except (OSError, UserError):
        return False


def _proposed(summary: "PacketSummary") -> Path:
    """A folder that is free, in the user's documents."""
    parts = (summary.hospital, summary.department, "任务包")
    plain = "_".join("".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in part).strip(". ") for part in parts)
    name, parent = plain[:80], _documents()
    free = (parent / (name if n == 1 else f"{name}（{n}）") for n in range(1, 100))
    return next((folder for folder in free if not folder.exists()), parent / name)


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())
