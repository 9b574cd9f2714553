"""The user's own settings: name, look, recent workspaces. One small JSON file in the user's folder."""

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

MOST_RECENT = 8
MODES = ("system", "light", "dark")
SCALES = (100, 110, 125, 150)


@dataclass
class Preferences:
    """`user`: who answers. `mode`: light, dark, system. `scale`: text size in per cent. `geometry`: window, as hex.
    `hints`: whether clauses show what usually proves them. `large`: whether experts check in large type."""

    user: str = ""
    mode: str = "system"
    scale: int = 100
    recent: list[str] = field(default_factory=list)
    geometry: str = ""
    hints: bool = True
    large: bool = False
    file: Path | None = None

    def remember(self, folder: Path) -> None:
        """Put a workspace first among the recent ones."""
        shown = str(folder)
        self.recent = [shown, *(other for other in self.recent if other != shown)][:MOST_RECENT]
        self.save()

    def forget(self, folder: str) -> None:
        """Take a workspace from the recent ones."""
        self.recent = [other for other in self.recent if other != folder]
        self.save()

    def save(self) -> None:
        """Write the file. A folder that cannot be written costs the settings, never the work: it is only logged."""
        if self.file is None:
            return
        values = {key: value for key, value in asdict(self).items() if key != "file"}
        fresh = self.file.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
            fresh.replace(self.file)
        except OSError:
            log.exception("settings not saved")


def load_preferences(file: Path) -> Preferences:
    """The settings in `file`; defaults where it is missing, damaged or holds something else."""
    try:
        values: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        values = {}
    loaded = Preferences(file=file)
    if not isinstance(values, dict):
        return loaded
    if isinstance(values.get("user"), str):
        loaded.user = values["user"]
    if values.get("mode") in MODES:
        loaded.mode = values["mode"]
    if values.get("scale") in SCALES:
        loaded.scale = values["scale"]
    if isinstance(values.get("recent"), list):
        loaded.recent = [path for path in values["recent"] if isinstance(path, str)][:MOST_RECENT]
    if isinstance(values.get("geometry"), str):
        loaded.geometry = values["geometry"]
    if isinstance(values.get("hints"), bool):
        loaded.hints = values["hints"]
    if isinstance(values.get("large"), bool):
        loaded.large = values["large"]
    return loaded
