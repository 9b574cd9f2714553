"""Takes the pictures of README and help anew: `python -m tests.help_pictures FOLDER` (make pictures)."""

import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

SIZE = (1366, 768)
PAGES = ("overview", "clauses")
PATIENCE_MS = 60_000


def main(folder: Path) -> None:
    """Grab the pages of the demonstration hospital into `folder` as PNG."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["EMRASSESS_HOME"] = scratch
        _take(Path(scratch), folder)


def _take(scratch: Path, folder: Path) -> None:
    from emrassess.app import application, build
    from emrassess.demonstration import build_demonstration
    from emrassess.gui.preferences import Preferences, load_preferences

    workspace = scratch / "workspace"
    build_demonstration(workspace)
    app = application(["emrassess"])
    settings = scratch / "settings.json"
    Preferences(user="示例", mode="light", file=settings).save()
    window = build(app, load_preferences(settings))
    window.resize(*SIZE)
    window.show()
    opened = QEventLoop()
    window.context.session_changed.connect(opened.quit)
    QTimer.singleShot(PATIENCE_MS, opened.quit)
    window.sessions.open(workspace)
    opened.exec()
    for page in PAGES:
        window.go_to("clause:01.06.5(3)" if page == "clauses" else f"page:{page}")
        _settle()
        window.grab().save(str(folder / f"{page}.png"))
    window.close()
    window.context.operations.finish()


def _settle() -> None:
    loop = QEventLoop()
    QTimer.singleShot(1500, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
