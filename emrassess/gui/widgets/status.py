"""The line below: when the last answer was saved, what long work is doing, whether the workspace is read-only."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QStatusBar, QWidget

from emrassess.gui.operations import Handle, Operations
from emrassess.gui.widgets.basics import button, label


class Status(QStatusBar):
    """Shows 已保存 with its time, and progress with a cancel for each piece of long work in turn."""

    def __init__(self, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(12, 0, 8, 0)
        self._saved = label("")
        self._saved.setAccessibleName("保存状态")
        self._saved_text = ""
        self._mode = label("", "fair")
        self._progress = _Progress()
        self.addWidget(self._saved)
        self.addPermanentWidget(self._progress)
        self.addPermanentWidget(self._mode)
        self._progress.hide()
        operations.busy_changed.connect(self._on_busy)
        operations.long_running.connect(self._progress.follow)
        operations.finished.connect(self._progress.leave)

    def show_saved(self, text: str) -> None:
        """`text` stands until the next write, e.g. 已保存 10:21:07."""
        self._saved_text = text
        self._saved.setText(text)

    def show_mode(self, text: str) -> None:
        """The state of the workspace, e.g. 只读."""
        self._mode.setText(text)
        self._mode.setVisible(bool(text))

    def _on_busy(self, busy: bool) -> None:
        self._saved.setText("正在保存…" if busy else self._saved_text)


class _Progress(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._handle: Handle | None = None
        self._waiting: list[Handle] = []
        self._what = label("")
        self._what.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._what.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._cancel = button("取消", self._on_cancel, look="link")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 8, 2)
        row.addWidget(self._what)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)

    def follow(self, handle: Handle) -> None:
        if self._handle is not None:
            self._waiting.append(handle)
            return
        self._handle = handle
        handle.progressed.connect(self._show)
        self._what.setText(f"{handle.label}…")
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        self.show()

    def leave(self, handle: Handle) -> None:
        if handle in self._waiting:
            self._waiting.remove(handle)
        if handle is not self._handle:
            return
        handle.progressed.disconnect(self._show)
        self._handle = None
        self.hide()
        if self._waiting:
            self.follow(self._waiting.pop(0))

    def _show(self, done: int, total: int, what: str) -> None:
        if self._handle is None:
            return
        self._what.setText(f"{self._handle.label}：{what}" if what else f"{self._handle.label}…")
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)

    def _on_cancel(self) -> None:
        if self._handle:
            self._handle.cancel()
            self._cancel.setEnabled(False)
            self._what.setText("正在取消…")
