"""One thing that can be written: what it is, the button, how far it is, and where it went."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from emrassess.errors import Cancelled
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import button, label
from emrassess.reports.wording import size_text


class OutputCard(QFrame):
    """`does` is its button, `choice` what can be chosen before. Busy, it shows progress with a cancel; done, it opens
    the file or its folder."""

    def __init__(
        self, context: Context, icon: str, title: str, text: str, does: str, slot: Callable[[], object],
        choice: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("card")
        self._context = context
        self._icon_name = icon
        self._out: Path | None = None
        self._handle: Handle | None = None
        self._icon = label()
        self.does = button(does, slot)
        self._bar = QProgressBar()
        self._bar.setAccessibleName(f"{title}的进度")
        self._bar.setTextVisible(False)
        self._state = label("", wrap=True)
        self._state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._cancel = button("取消", self._on_cancel)
        self._open = button("打开", lambda: self._reveal(folder=False))
        self._folder = button("打开所在文件夹", lambda: self._reveal(folder=True))
        middle = QWidget()
        words = QVBoxLayout(middle)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(3)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(text, "muted", wrap=True))
        if choice:
            words.addWidget(choice)
        grid = QGridLayout(self)
        grid.setContentsMargins(18, 14, 16, 14)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(middle, 0, 1)
        grid.addWidget(self.does, 0, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._bar, 1, 1, 1, 2)
        grid.addLayout(self._state_row(), 2, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        context.theme.changed.connect(self._dress)
        self._dress()
        self.show_idle()

    def _state_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._state, 1)
        for made in (self._cancel, self._open, self._folder):
            row.addWidget(made)
        return row

    def show_idle(self) -> None:
        """Nothing under way, nothing written."""
        self._show("", busy=False, done=False)

    def show_busy(self, out: Path) -> None:
        """Writing `out`."""
        self._out = out
        self._bar.setRange(0, 0)
        self._show(f"正在写 {out}", busy=True, done=False)

    def show_done(self, out: Path) -> None:
        """`out` is there."""
        self._out = out
        try:
            size = f"（{size_text(out.stat().st_size)}）"
        except OSError:
            size = ""
        self._show(f"已写好：{out}{size}", busy=False, done=True)

    def follow(self, handle: Handle) -> None:
        """Show the progress of the work, and its end where it failed (the window says why)."""
        self._handle = handle
        handle.progressed.connect(self._on_progress)
        handle.failed.connect(self._on_failed)

    def _show(self, text: str, *, busy: bool, done: bool) -> None:
        self._state.setText(text)
        self._state.setVisible(bool(text))
        self._bar.setVisible(busy)
        self._cancel.setVisible(busy)
        self._cancel.setEnabled(True)
        self._open.setVisible(done)
        self._folder.setVisible(done)
        self.does.setEnabled(not busy)

    def _on_progress(self, done: int, total: int, what: str) -> None:
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        if what and self._out:
            self._state.setText(f"正在写 {self._out.name}：{what}")

    def _on_failed(self, error: Exception) -> None:
        text = "已取消，没有留下未完成的文件。" if isinstance(error, Cancelled) else "没有写成，原来的文件没有动。"
        self._show(text, busy=False, done=False)

    def _on_cancel(self) -> None:
        if self._handle:
            self._handle.cancel()
        self._cancel.setEnabled(False)

    def _reveal(self, *, folder: bool) -> None:
        if self._out is None:
            return
        path = self._out.parent if folder else self._out
        if not dialogs.open_path(path):
            dialogs.inform(self, "没有能打开它的程序", f"文件在：{self._out}")

    def _dress(self) -> None:
        self._icon.setPixmap(self._context.theme.icon(self._icon_name, "accent").pixmap(self._context.theme.px(30)))
