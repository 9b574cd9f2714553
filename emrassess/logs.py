"""One rotating log file. It records what the program did, never what a record says about a person."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from emrassess import paths


def log_file() -> Path:
    """Where the log is written."""
    return paths.user_dir() / "emrassess.log"


def start_logging() -> None:
    """Send the program's log to its file (three old files of 1 MB are kept); without a writable folder, nowhere."""
    root = logging.getLogger("emrassess")
    if root.handlers:
        return
    logging.raiseExceptions = False  # a log that cannot be written costs the log, and prints no traceback
    handler = RotatingFileHandler(log_file(), maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.propagate = False
