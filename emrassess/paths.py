"""Where packs, resources and the user's own data lie: in a checkout, a wheel or a frozen build."""

import os
import sys
from contextlib import suppress
from pathlib import Path


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [package / name, package.parent / name]
    if frozen:
        candidates.insert(0, Path(frozen) / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}: not part of this installation")


def criteria_dir() -> Path:
    """The folder that holds one folder a shipped pack."""
    return _shipped("criteria")


def resources_dir() -> Path:
    """The folder of fonts, icons and help."""
    return _shipped("resources")


def user_dir() -> Path:
    """The user's own folder for settings, cache and log; `EMRASSESS_HOME` moves it.

    Made if missing; where that cannot be, the work goes on without what would be kept there.
    """
    if home := os.environ.get("EMRASSESS_HOME"):
        folder = Path(home)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "emrassess"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "emrassess"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
