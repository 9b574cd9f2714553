"""Builds the desktop program: the only place that constructs it."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from emrassess import paths
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow, PageEntry
from emrassess.gui.operations import Operations
from emrassess.gui.page import Page
from emrassess.gui.preferences import Preferences, load_preferences
from emrassess.gui.theme import Theme
from emrassess.logs import start_logging

log = logging.getLogger(__name__)


def run(file: Path | None = None) -> int:
    """Open the window, and in it `file` (a workspace, packet or package) where one is named; the exit code."""
    start_logging()
    app = application(sys.argv[:1])
    window = build(app, load_preferences(paths.user_dir() / "settings.json"))
    sys.excepthook = _reporter(window)
    window.show()
    if file is not None:
        # After the window is drawn: it appears at once, and the file is read meanwhile.
        QTimer.singleShot(0, window, lambda: window.commands.open_file(file.absolute()))
    try:
        return app.exec()
    finally:
        window.context.operations.finish()


def application(arguments: list[str]) -> QApplication:
    """The Qt application, its own words in Chinese."""
    app = QApplication(arguments)
    app.setApplicationName("emrassess")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("emrassess")
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    translator = QTranslator(app)
    if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    return app


def build(app: QApplication, preferences: Preferences) -> MainWindow:
    """The main window with everything it needs."""
    theme = Theme(app, preferences.mode, preferences.scale)
    context = Context(Operations(app), theme, preferences, app)
    return MainWindow(context, _PAGES)


# Each page is imported when it is first shown: the window need not wait for all of them.
def _overview(context: Context) -> Page:
    from emrassess.gui.pages.overview import OverviewPage  # noqa: PLC0415

    return OverviewPage(context)


def _packet(context: Context) -> Page:
    from emrassess.gui.pages.packet import PacketPage  # noqa: PLC0415

    return PacketPage(context)


def _clauses(context: Context) -> Page:
    from emrassess.gui.pages.clauses import ClausesPage  # noqa: PLC0415

    return ClausesPage(context)


def _evidence(context: Context) -> Page:
    from emrassess.gui.pages.evidence import EvidencePage  # noqa: PLC0415

    return EvidencePage(context)


def _quality(context: Context) -> Page:
    from emrassess.gui.pages.quality import QualityPage  # noqa: PLC0415

    return QualityPage(context)


def _tasks(context: Context) -> Page:
    from emrassess.gui.pages.tasks import TasksPage  # noqa: PLC0415

    return TasksPage(context)


def _review(context: Context) -> Page:
    from emrassess.gui.pages.review import ReviewPage  # noqa: PLC0415

    return ReviewPage(context)


def _ledger(context: Context) -> Page:
    from emrassess.gui.pages.ledger import LedgerPage  # noqa: PLC0415

    return LedgerPage(context)


def _reports(context: Context) -> Page:
    from emrassess.gui.pages.reports import ReportsPage  # noqa: PLC0415

    return ReportsPage(context)


def _standard(context: Context) -> Page:
    from emrassess.gui.pages.standard import StandardPage  # noqa: PLC0415

    return StandardPage(context)


_PAGES = (
    PageEntry("overview", _overview, in_packet=_packet),
    PageEntry("clauses", _clauses),
    PageEntry("evidence", _evidence),
    PageEntry("quality", _quality, whole_only=True, hospital_only=True),
    PageEntry("tasks", _tasks, hospital_only=True),
    PageEntry("review", _review, whole_only=True),
    PageEntry("ledger", _ledger, whole_only=True),
    PageEntry("reports", _reports, whole_only=True, hospital_only=True),
    PageEntry("standard", _standard),
)


def _reporter(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """What happens to an error that nobody expected: the traceback to the log, a short dialog."""
    shown: list[bool] = []

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("unexpected error", exc_info=(kind, error, trace))
        if shown or not issubclass(kind, Exception):
            return
        # One dialog at a time: an error in painting would otherwise open them without end.
        shown.append(True)
        dialogs.bug(window, "程序出错")
        shown.clear()

    return report
