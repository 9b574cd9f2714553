"""Verifying a package from outside, and opening it to look at."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.passphrase import run_unsealed
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.signature_note import SignatureNote
from emrassess.reports.wording import minute, size_text

if TYPE_CHECKING:
    from emrassess.exchange.verify import PackageSummary, Verification

PACKAGES = "实证材料包 (*.zip)"


class PackageCheck(QObject):
    """Choose, verify, say what is in it or what is wrong, and unpack it to be read."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window

    def choose(self) -> None:
        """Ask for a package and verify it."""
        path = dialogs.open_file(self._window, "选择实证材料包", PACKAGES)
        if path:
            self.verify(path)

    def verify(self, path: Path) -> None:
        """Verify the package `path`, asking for its passphrase where it has one."""
        from emrassess.services.packages import verify_package  # noqa: PLC0415 - not needed at start

        run_unsealed(
            self._context, self._window, "校验材料包", verify_package, path,
            lambda result, passphrase: self._on_verified(path, result, passphrase), progress=True,
        )  # fmt: skip

    def _on_verified(self, path: Path, result: "Verification", passphrase: str | None) -> None:
        if not result.ok:
            faults = "\n".join(f"{f.entry}：{f.message}" if f.entry else f.message for f in result.problems)
            hint = "这个包不可信，没有打开，也没有在磁盘上留下任何东西。请向送包的人重新要一份。"
            dialogs.error(self._window, "校验没有通过", UserError(f"{path.name} 校验没有通过：\n{faults}", hint))
            return
        dialog = PackageDialog(self._context, path, result, self._window)
        wanted = dialogs.run(dialog)
        dialog.deleteLater()
        if wanted:
            self._unpack(path, passphrase)

    def _unpack(self, path: Path, passphrase: str | None) -> None:
        from emrassess.services.packages import extract_package  # noqa: PLC0415

        parent = dialogs.folder(self._window, "解开到哪个文件夹里", str(path.parent))
        if parent is None:
            return
        target = parent / path.stem
        self._context.operations.run(
            "解开材料包", extract_package, path, target, done=lambda _: self._open(target), passphrase=passphrase
        )

    def _open(self, target: Path) -> None:
        index = target / "data" / "index.html"
        if not dialogs.open_path(index):
            dialogs.inform(self._window, "已解开", f"已解开到 {target}", f"请用浏览器打开 {index}")


class PackageDialog(QDialog):
    """A package that was found good, and by whom it is signed. Accepted: it is to be unpacked and looked at."""

    def __init__(self, context: Context, path: Path, found: "Verification", parent: QWidget | None = None) -> None:
        from emrassess.services.trust import judge  # noqa: PLC0415 - loads the ciphers

        super().__init__(parent)
        self.setWindowTitle("校验通过")
        self.setMinimumWidth(context.theme.px(560))
        self._note = SignatureNote(context.theme)
        self._note.show_standing(judge(found.signature), found.signature)
        summary = label(summary_text(found.summary) if found.summary else "", wrap=True)
        summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        last = QHBoxLayout()
        last.addStretch(1)
        done = button("完成", self.reject)
        last.addWidget(done)
        last.addWidget(button("解开来看…", self.accept, primary=True))
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        box.addWidget(label(f"{path.name} 校验通过：文件完整，没有被改动。", "heading", wrap=True))
        box.addWidget(summary)
        box.addWidget(self._note)
        box.addLayout(last)
        done.setFocus()


def summary_text(summary: "PackageSummary") -> str:
    """What is in a package, for a dialog."""
    return (
        f"医院：{summary.hospital}\n标准包：{summary.pack} {summary.pack_version}，目标 {summary.target} 级\n"
        f"打包时间：{minute(summary.packed_at)}\n"
        f"已评条款 {summary.clauses_answered} 条，其中达标 {summary.clauses_met} 条\n"
        f"实证材料 {summary.evidence} 份；共 {summary.files} 个文件，{size_text(summary.total_bytes)}"
    )
