"""The one place that shows errors: failed saves stay in the banner, the rest is said in a dialog."""

import logging

from PySide6.QtWidgets import QWidget

from emrassess.errors import Cancelled, UserError
from emrassess.gui import dialogs
from emrassess.gui.operations import Failure
from emrassess.gui.widgets.failures import FailureBanner

log = logging.getLogger(__name__)


class Trouble:
    """Shows failures over `window`."""

    def __init__(self, window: QWidget, banner: FailureBanner) -> None:
        self._window = window
        self._banner = banner

    def show(self, failure: Failure) -> None:
        """Say what failed, and keep what is not saved."""
        error = failure.error
        if isinstance(error, Cancelled):
            return
        if failure.unsaved:
            log.warning("not saved: %s: %s", failure.label, error)
            self._banner.add(failure)
        elif isinstance(error, UserError):
            log.info("refused: %s: %s", failure.label, error.message)
            dialogs.error(self._window, failure.label, error)
        else:
            log.error("failed: %s", failure.label, exc_info=error)
            dialogs.bug(self._window, failure.label)

    def may_leave(self, unsaved: int) -> bool:
        """Whether to close although `unsaved` steps could not be saved: the only question closing ever asks."""
        return dialogs.ask(
            self._window, "有内容没有保存", f"有 {unsaved} 步没能保存。现在退出会丢失它们。",
            "可以先排除故障，再点“重试”。", yes="仍然退出", no="返回",
        )  # fmt: skip
