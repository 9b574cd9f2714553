"""The folder that a run keeps a hospital's data in for as long as it takes: private, and gone with the run.

A killed program cannot take its folder away. Whoever runs holds a lock on a file in it, so that the next run sees which
folders nobody needs any more, and deletes them.
"""

import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

_PREFIX = "emrassess-quality-"
_LOCK = "in-use"
_SURELY_LEFT = 3600  # seconds, for a folder without a lock: its maker may be about to make one


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder that only this user may look into. Folders that killed programs left are deleted first."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # 0700
    try:
        with (folder / _LOCK).open("wb") as lock:
            if sys.platform != "win32":
                with suppress(OSError):  # a drive without locks: then nobody can tell, and nobody deletes
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    with suppress(OSError):
        for left in place.glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if left.is_dir() and not left.is_symlink() and _is_ours(left) and _is_left(left):
                    shutil.rmtree(left, ignore_errors=True)
                    log.info("deleted what a killed program left: %s", left.name)


def _is_ours(folder: Path) -> bool:
    return sys.platform == "win32" or folder.stat().st_uid == os.getuid()


def _is_left(folder: Path) -> bool:
    """Whether nobody is at work in `folder`."""
    lock = folder / _LOCK
    if not lock.exists():
        return time.time() - folder.stat().st_mtime > _SURELY_LEFT
    if sys.platform == "win32":
        try:
            lock.unlink()  # refused as long as somebody has it open
        except OSError:
            return False
        return True
    with lock.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
