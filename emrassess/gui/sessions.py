"""Which workspace is open: making, opening, closing one, and the questions that come with it."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QWidget

from emrassess.errors import LockedError, ReadOnlyError, UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.file_kinds import DATABASE
from emrassess.gui.new_assessment import NewAssessment, NewAssessmentDialog
from emrassess.gui.pack_install import take_folder
from emrassess.gui.table_import import import_table

if TYPE_CHECKING:
    from emrassess.services.session import Session

DEMONSTRATION = "示例医院自评"


# The services are imported on the worker thread: the window is there before SQL is.
def _open(folder: Path, user: str, write: bool, take_over: bool) -> "Session":
    from emrassess.services.session import open_workspace  # noqa: PLC0415

    return _warmed(open_workspace(folder, user, write=write, take_over=take_over))


def _create(wanted: NewAssessment) -> "Session":
    from emrassess.services.session import create_workspace  # noqa: PLC0415

    return _warmed(
        create_workspace(
            wanted.folder, wanted.hospital, wanted.target, wanted.user,
            pack_id=wanted.pack_id, pack_version=wanted.pack_version,
        )
    )  # fmt: skip


def _warmed(session: "Session") -> "Session":
    """Have the figures of the first page computed here rather than on the GUI thread."""
    _ = session.plan, session.groups, session.roles
    return session


def _close(session: "Session") -> None:
    from emrassess.services.session import close  # noqa: PLC0415

    close(session)


def _demonstrate(folder: Path, user: str, progress: Callable[[int, int, str], None]) -> "Session":
    from emrassess.demonstration import build_demonstration  # noqa: PLC0415

    build_demonstration(folder, progress)
    return _open(folder, user, True, False)


class Sessions(QObject):
    """Opens and closes workspaces for the window.

    `may_replace` is asked before another workspace takes the place of the open one.
    """

    def __init__(self, context: Context, window: QWidget, may_replace: Callable[[], bool]) -> None:
        super().__init__(window)
        self._may_replace = may_replace
        self._context = context
        self._window = window
        context.workspace_wanted.connect(self.open)

    def new(self) -> None:
        """Ask for the particulars, then make the workspace."""
        if not self._may_replace():
            return
        dialog = NewAssessmentDialog(self._user_or_login(), self._window)
        dialog.table_wanted.connect(lambda: import_table(self._context, dialog, dialog.show_packs))
        dialog.folder_wanted.connect(lambda: take_folder(self._context, dialog, dialog.show_packs))
        if dialogs.run(dialog) and dialog.value:
            self._context.preferences.user = dialog.value.user
            self._context.operations.open("新建工作区", _create, dialog.value, done=self._show)

    def choose(self) -> None:
        """Ask for a workspace folder and open it."""
        start = next(iter(self._context.preferences.recent), "")
        folder = dialogs.folder(self._window, "选择工作区文件夹", str(Path(start).parent) if start else "")
        if folder:
            self.open(folder)

    def open(self, folder: Path, *, write: bool = True, take_over: bool = False) -> None:
        """Open the workspace in `folder`; where it is locked, ask what to do."""
        session = self._context.session
        if session and session.workspace.folder == folder and session.workspace.writable == write:
            return
        if not (folder / DATABASE).is_file():
            self._context.preferences.forget(str(folder))
            hint = "请选择含有 workspace.sqlite3 的工作区文件夹；还没有工作区，请用“新建自评”。"
            dialogs.error(self._window, "打开工作区", UserError(f"{folder} 不是自评工作区，或已被移走。", hint))
            self._context.session_changed.emit()
            return
        user = self.user() if write else self._user_or_login()
        if not user or not self._may_replace():
            return
        self._context.operations.open(
            "打开工作区", _open, folder, user, write, take_over,
            done=self._show, caught=lambda error: self._locked(folder, error) or self._write_protected(folder, error),
        )  # fmt: skip

    def demonstration(self) -> None:
        """Make the demonstration hospital in a folder of the user's choice, or open it where it is there already."""
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        parent = dialogs.folder(self._window, "示例医院的工作区放在哪个文件夹里", documents)
        if parent is None:
            return
        folder = parent / DEMONSTRATION
        if (folder / DATABASE).is_file():
            self.open(folder)
            return
        if not self._may_replace():
            return
        self._context.operations.open(
            "建示例医院", _demonstrate, folder, self._user_or_login(), progress=True, done=self._show
        )

    def close(self, then: Callable[[], object] | None = None) -> None:
        """Close the workspace, then call `then`; a failure is shown, and the workspace is gone all the same."""
        session = self._context.session
        if session is None:
            if then:
                then()
            return

        def closed(_: object = None) -> None:
            self._context.set_session(None)
            if then:
                then()

        handle = self._context.operations.open("关闭工作区", _close, session, done=closed)
        handle.failed.connect(closed)

    def user(self) -> str:
        """Who answers: from the settings, asked for the first time; "" where no answer was given."""
        preferences = self._context.preferences
        if not preferences.user:
            self.ask_user()
        return preferences.user

    def ask_user(self) -> None:
        """Ask for the name under which answers are recorded."""
        preferences = self._context.preferences
        name = dialogs.text(self._window, "填报人姓名", "以谁的名义填报？会记在每一步的历史里。", self._user_or_login())
        if name:
            preferences.user = name
            preferences.save()
            if (session := self._context.session) is not None:
                self._context.changed.emit(session.answer_as(name))  # what is "mine" may be others now

    def _user_or_login(self) -> str:
        if self._context.preferences.user:
            return self._context.preferences.user
        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return ""

    def _show(self, session: "Session") -> None:
        before = self._context.session
        self._context.preferences.remember(session.workspace.folder)
        self._context.set_session(session)
        if before is not None:
            self._context.operations.open("关闭工作区", _close, before)

    def _locked(self, folder: Path, error: Exception) -> bool:
        if not isinstance(error, LockedError):
            return False
        options = [("read", "只读打开")]
        if error.stale:
            options.append(("take", "接管"))
        options.append(("cancel", "取消"))
        chosen = dialogs.choose(
            self._window, "工作区正在使用", error.message, options, detail=error.hint, escape="cancel"
        )
        if chosen == "read":
            self.open(folder, write=False)
        elif chosen == "take":
            self.open(folder, take_over=True)
        return True

    def _write_protected(self, folder: Path, error: Exception) -> bool:
        """Offer reading where the folder takes no writing: a CD, a protected stick, another department's share."""
        if not isinstance(error, ReadOnlyError):
            return False
        options = [("read", "只读打开"), ("cancel", "取消")]
        text = f"{error.message}。可以用只读方式查看和导出。"
        if dialogs.choose(self._window, "打开工作区", text, options, detail=error.hint, escape="cancel") == "read":
            self.open(folder, write=False)
        return True
