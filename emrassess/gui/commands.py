"""The window's actions: built from the table, put into menus, and connected to what they do."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from emrassess.errors import UserError
from emrassess.gui import actions, dialogs
from emrassess.gui.context import HOSPITALS, Context
from emrassess.gui.file_kinds import FileKind, kind_of
from emrassess.gui.preferences import SCALES
from emrassess.gui.sessions import Sessions

if TYPE_CHECKING:
    from emrassess.gui.package_dialog import PackageCheck
    from emrassess.gui.packet_opening import PacketOpening
    from emrassess.gui.review_opening import ReviewOpening
    from emrassess.services.changes import Changes

V = TypeVar("V", str, int)
ANSWER_FILES = "答案文件 (*.yaml *.yml *.json)"
PAGES = {spec.key for spec in actions.ACTIONS if spec.key.startswith("page.")}
NEED_SESSION = {"answers_export", "official_import", "close", "search", "checkup", "snapshots", *PAGES}
NEED_WRITING = {"answers_import", "hospital", "submit"}
_OF_SENDER = "这里打开的是科室任务包，这一项由发出它的医院来做"
WHOLE_ONLY = {
    "answers_import": _OF_SENDER,
    "hospital": _OF_SENDER,
    "official_import": _OF_SENDER,
    "submit": "这里打开的是科室任务包：填好后在“任务包”页交回，由发出它的医院定版",
    "snapshots": "这里打开的是科室任务包：提交记录在发出它的医院那里",
    "page.ledger": "这里打开的是科室任务包：整改台账在发出它的医院那里",
}
"""What is not for the packet of a department, and why."""
HOSPITALS_ONLY = {
    "answers_import": HOSPITALS,
    "hospital": HOSPITALS,
    "official_import": HOSPITALS,
    "submit": f"{HOSPITALS}核查结果在“专家核查”页导出",
    "snapshots": f"{HOSPITALS}提交记录在医院那里",
}
"""What is not for a package that an expert opened, and why."""
MODE_NAMES = {"system": "跟随系统", "light": "浅色", "dark": "深色"}


class Commands(QObject):
    """Actions by their key in the table."""

    search_wanted = Signal()
    leaving = Signal()
    """The workspace is to be closed."""

    def __init__(self, context: Context, sessions: Sessions, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._sessions = sessions
        self._window = window
        slots: dict[str, Callable[[], object]] = {
            "new": sessions.new, "open": sessions.choose, "open_package": self._open_package,
            "open_packet": self._open_packet, "open_expert": self._open_expert, "trust": self._trust,
            "checkup": lambda: context.go_to.emit("page:evidence/checkup"), "submit": self._submit,
            "snapshots": lambda: context.go_to.emit("page:reports/snapshots"),
            "demonstration": sessions.demonstration, "answers_import": self._import_answers,
            "answers_export": self._export_answers, "official_import": self._import_official,
            "close": self.leaving.emit, "quit": window.close,
            "undo": self._undo, "redo": self._redo, "search": self.search_wanted.emit,
            "hospital": self._ask_hospital, "user": sessions.ask_user, "help": self._help, "about": self._about,
        }  # fmt: skip
        self._actions = {key: actions.make(key, window, slot) for key, slot in slots.items()}
        for spec in actions.ACTIONS:
            if spec.key.startswith("page."):
                target = spec.key.replace("page.", "page:")
                self._actions[spec.key] = actions.make(spec.key, window, lambda t=target: context.go_to.emit(t))

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def trigger(self, key: str) -> None:
        """Do what the action does."""
        self._actions[key].trigger()

    def open_recent(self, folder: str) -> None:
        """Open a workspace of the start page's list."""
        self._sessions.open(Path(folder))

    def open_file(self, path: Path) -> None:
        """Open what was dropped on the start page, double-clicked or named on the command line."""
        self._context.operations.read(
            "打开", kind_of, path, progress=False, done=lambda kind: self._open_as(kind, path)
        )

    def _open_as(self, kind: FileKind, path: Path) -> None:
        match kind:
            case FileKind.WORKSPACE:
                self._sessions.open(path if path.is_dir() else path.parent)
            case FileKind.PACKET:
                self._packets().open(path)
            case FileKind.PACKAGE:
                self._ask_how(path)
            case FileKind.UNKNOWN:
                hint = "能打开的有：自评工作区文件夹，任务包和实证材料包（.zip）。"
                dialogs.error(self._window, "打开", UserError(f"{path.name} 不是本程序能打开的文件或文件夹", hint))

    def dress(self) -> None:
        """Icons in the colours in force."""
        for spec in actions.ACTIONS:
            if spec.icon and spec.key in self._actions:
                self._actions[spec.key].setIcon(self._context.theme.icon(spec.icon))

    def show_state(self, changes: "Changes | None") -> None:
        """Enable what can be done now; undo and redo say what they would do."""
        session = self._context.session
        for key in NEED_SESSION:
            self._actions[key].setEnabled(session is not None)
        for key in NEED_WRITING:
            self._actions[key].setEnabled(self._context.writable)
        refused: Mapping[str, str] = {}
        if session is not None and session.assessment.packet is not None:
            refused = WHOLE_ONLY
        elif session is not None and session.assessment.review is not None:
            refused = HOSPITALS_ONLY
        for key in WHOLE_ONLY:
            self._actions[key].setToolTip(refused.get(key) or actions.tip_of(actions.BY_KEY[key]))
            if key in refused:
                self._actions[key].setEnabled(False)
        for key, label in (("undo", changes.undo if changes else None), ("redo", changes.redo if changes else None)):
            spec = actions.BY_KEY[key]
            action = self._actions[key]
            action.setEnabled(label is not None and self._context.saves)
            action.setText(f"{spec.text}：{label}" if label else spec.text)
            action.setToolTip(f"{action.text()}（{actions.shown_keys(spec)}）")

    def set_target(self, level: int) -> None:
        """Aim at another level."""
        from emrassess.services.settings import set_target  # noqa: PLC0415

        session = self._context.session
        if session and level != session.assessment.target:
            self._context.operations.write("修改目标级别", set_target, level)

    # --- menus

    def fill_menus(self, bar: QMenuBar) -> None:
        """One menu a group of the table, and 查看 with look and text size."""
        for name in actions.MENUS:
            menu = bar.addMenu(name)
            menu.setToolTipsVisible(True)
            for spec in actions.ACTIONS:
                if spec.menu == name:
                    if spec.key in ("answers_import", "close", "hospital", "search"):
                        menu.addSeparator()
                    menu.addAction(self._actions[spec.key])
            if name == "查看":
                self._fill_view(menu)

    def _fill_view(self, menu: QMenu) -> None:
        preferences, theme = self._context.preferences, self._context.theme
        self._add_choices(menu.addMenu("外观"), MODE_NAMES, preferences.mode, "mode", theme.set_mode)
        sizes = {scale: f"{scale} %" for scale in SCALES}
        self._add_choices(menu.addMenu("文字大小"), sizes, preferences.scale, "scale", theme.set_scale)

    def _add_choices(
        self, menu: QMenu, names: Mapping[V, str], current: V, setting: str, apply: Callable[[V], None]
    ) -> None:
        group = QActionGroup(menu)

        def choose(value: V) -> None:
            setattr(self._context.preferences, setting, value)
            self._context.preferences.save()
            apply(value)

        for value, name in names.items():
            action = group.addAction(name)
            action.setCheckable(True)
            action.setChecked(value == current)
            action.triggered.connect(lambda *_, v=value: choose(v))
            menu.addAction(action)

    # --- what they do

    def _undo(self) -> None:
        from emrassess.services.history import undo  # noqa: PLC0415

        if self._context.saves:
            self._context.operations.write("撤销", undo)

    def _redo(self) -> None:
        from emrassess.services.history import redo  # noqa: PLC0415

        if self._context.saves:
            self._context.operations.write("重做", redo)

    def _ask_hospital(self) -> None:
        from emrassess.services.settings import set_hospital  # noqa: PLC0415

        session = self._context.session
        if session is None:
            return
        name = dialogs.text(self._window, "医院名称", "医院全称，会印在报告和材料包上：", session.assessment.hospital)
        if name:
            self._context.operations.write("修改医院名称", set_hospital, name)

    def _import_answers(self) -> None:
        from emrassess.services.answers_files import import_answers  # noqa: PLC0415

        file = dialogs.open_file(self._window, "导入答案文件", ANSWER_FILES)
        if file:
            self._context.operations.write("导入答案文件", import_answers, file)

    def _export_answers(self) -> None:
        from emrassess.services.answers_files import export_answers  # noqa: PLC0415

        session = self._context.session
        if session is None:
            return
        suggested = session.workspace.folder.parent / f"{session.assessment.hospital}答案.yaml"
        file = dialogs.save_file(self._window, "导出答案文件", suggested, ANSWER_FILES)
        if file:
            self._context.operations.run(
                "导出答案文件", export_answers, session, file, progress=False,
                done=lambda _: dialogs.inform(self._window, "导出答案文件", f"已写好：{file}"),
            )  # fmt: skip

    def _import_official(self) -> None:
        from emrassess.gui.official_import import start_import  # noqa: PLC0415

        start_import(self._context, self._window)

    def _open_package(self) -> None:
        self._packages().choose()

    def _open_packet(self) -> None:
        self._packets().choose()

    def _open_expert(self) -> None:
        self._expert_opening().choose()

    def _ask_how(self, package: Path) -> None:
        """A package is to be looked at, or checked on site."""
        from emrassess.gui.review_opening import ask_how  # noqa: PLC0415

        wanted = ask_how(self._window, package)
        if wanted == "look":
            self._packages().verify(package)
        elif wanted == "check":
            self._expert_opening().open(package)

    def _expert_opening(self) -> "ReviewOpening":
        from emrassess.gui.review_opening import ReviewOpening  # noqa: PLC0415

        return ReviewOpening(self._context, self._window)

    def _packages(self) -> "PackageCheck":
        from emrassess.gui.package_dialog import PackageCheck  # noqa: PLC0415

        return PackageCheck(self._context, self._window)

    def _packets(self) -> "PacketOpening":
        from emrassess.gui.packet_opening import PacketOpening  # noqa: PLC0415

        return PacketOpening(self._context, self._window, self._sessions.user, self._merge)

    def _merge(self, file: Path, is_review: bool) -> bool:
        """Merge a packet that came back, or a review file, where the open workspace can; whether it was offered."""
        from emrassess.gui.merge_dialog import PACKETS, REVIEWS, can_merge, start_merge  # noqa: PLC0415

        if not can_merge(self._context) or not (is_review or self._context.writable):
            return False
        self._context.go_to.emit("page:review/merge" if is_review else "page:tasks/merge")
        start_merge(self._context, self._window, [file], REVIEWS if is_review else PACKETS)
        return True

    def _trust(self) -> None:
        from emrassess.gui.trust_dialog import TrustDialog  # noqa: PLC0415

        session = self._context.session
        name = session.user if session else self._context.preferences.user
        dialog = TrustDialog(self._context, name, session.assessment.hospital if session else "", self._window)
        dialogs.run(dialog)
        dialog.deleteLater()

    def _submit(self) -> None:
        from emrassess.gui.snapshots_dialog import start_submit  # noqa: PLC0415

        start_submit(self._context, self._window)

    def _help(self) -> None:
        from emrassess.gui.help_window import HelpWindow  # noqa: PLC0415

        dialogs.run(HelpWindow(self._window))

    def _about(self) -> None:
        from emrassess.gui.help_window import about_text  # noqa: PLC0415

        title, text = about_text()
        dialogs.inform(self._window, "关于", title, text)
