"""The desktop program in a process of its own, for tests.bench: prints as JSON the seconds from `started` (time.time())
to the first painted overview, the memory then, and how long each verdict key takes until saved and redrawn.
"""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from emrassess import paths
from emrassess.app import application, build
from emrassess.gui.main_window import MainWindow
from emrassess.gui.preferences import Preferences, load_preferences
from emrassess.services.changes import Changes
from tests.bench_memory import most_memory_mb

KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3) * 7
PATIENCE_S = 3.0


class FirstPaint(QObject):
    """Says so once the page that is watched has been painted."""

    seen = Signal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.seen.emit)
        return False


def main(workspace: Path, started: float) -> None:
    """Open the window as `emrassess open` does, then press keys on the clauses page."""
    settings = paths.user_dir() / "settings.json"
    Preferences(user="基准", file=settings).save()
    app = application(["emrassess"])
    window = build(app, load_preferences(settings))
    first, waiting = FirstPaint(), QEventLoop()
    first.seen.connect(waiting.quit)
    window.context.session_changed.connect(lambda: window.page and window.page.installEventFilter(first))
    window.show()
    QTimer.singleShot(0, window, lambda: window.sessions.open(workspace))
    QTimer.singleShot(60_000, waiting, lambda: waiting.exit(1))
    if waiting.exec():
        raise SystemExit("no overview within a minute")
    found = {
        "usable_s": time.time() - started,
        "processor_s": time.process_time(),
        "memory_mb": most_memory_mb(),
        "verdict_ms": _verdicts(app, window),
    }
    window.close()
    app.processEvents()
    window.context.operations.finish()
    sys.stdout.write(json.dumps(found) + "\n")


def _verdicts(app: QApplication, window: MainWindow) -> list[float]:
    """Milliseconds from each key to the answer saved and everything drawn again; empty where no key did anything."""
    saved: list[Changes] = []
    window.context.changed.connect(saved.append)
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.go_to("clause:01.01.6(2)")
    _settle(app)
    taken: list[float] = []
    for key in KEYS:
        target = app.focusWidget() or window.page
        if target is None:
            break
        saved.clear()
        start = time.perf_counter()
        QTest.keyClick(target, key)
        while not saved and time.perf_counter() - start < PATIENCE_S:
            app.processEvents()
        if not saved:
            break
        app.processEvents()
        if saved[0].clauses:
            taken.append((time.perf_counter() - start) * 1000)
        _settle(app)
    return taken


def _settle(app: QApplication) -> None:
    """Let what is under way end: thumbnails, timers."""
    until = time.perf_counter() + 0.3
    while time.perf_counter() < until:
        app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
