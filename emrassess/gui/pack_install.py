"""Bringing a pack into the user's own: from a folder, or one just made; asks before it takes another's place."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context

if TYPE_CHECKING:
    from emrassess.services.standards import NewPack, PackRef

TITLE = "装入标准包"


def take_folder(context: Context, parent: QWidget, done: "Callable[[PackRef], object]") -> None:
    """Ask for a folder with a pack and install it; `done`, a method of `parent`, gets what came of it."""
    from emrassess.services.standards import from_folder  # noqa: PLC0415 - not needed at start

    folder = dialogs.folder(parent, "选择标准包文件夹（里面有 pack.yaml）", str(Path.home()))
    if folder is None:
        return
    taking = PackInstall(context, parent)
    taking.installed.connect(done)
    reading = context.operations.run(TITLE, from_folder, folder, progress=False)
    reading.done.connect(taking.install)


class PackInstall(QObject):
    """One installation, for `window`; what goes wrong is said by the main window."""

    installed = Signal(object)
    """The PackRef of what is at hand now. What it lacks has been said."""
    given_up = Signal()
    """Another pack was to stay, or it did not work."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._lacks: tuple[str, ...] = ()

    def install(self, new: "NewPack") -> None:
        """Install `new`; asks first where it would take the place of another content."""
        from emrassess.services.standards import install, lines_of  # noqa: PLC0415

        pack, there = new.pack, new.replaces
        if there is not None and not dialogs.ask(
            self._window, TITLE, f"已有标准包“{there.id}”{there.version} 版，内容与这一份不同。要换成这一份吗？",
            "已有的工作区各带着自己的标准包，不受影响。", yes="换成这一份", no="保留原来的",
        ):  # fmt: skip
            self.given_up.emit()
            return
        self._lacks = lines_of(new.lacks)
        label = f"装入标准包 {pack.id} {pack.version}"
        work = self._context.operations.run(label, install, new, replace=there is not None, progress=False)
        work.done.connect(self._on_installed)
        work.failed.connect(self._on_failed)

    def _on_installed(self, ref: "PackRef") -> None:
        detail = "还缺这些内容，不影响使用：\n" + "\n".join(self._lacks) if self._lacks else "内容完整。"
        dialogs.inform(self._window, TITLE, f"已装入：{ref.name}（{ref.id} {ref.version}）", detail)
        self.installed.emit(ref)

    def _on_failed(self, _error: Exception) -> None:
        self.given_up.emit()
