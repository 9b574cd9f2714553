"""Files taken into a workspace: their progress, their ids, what is to be known of them."""

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

from emrassess.domain.assessment import Revision
from emrassess.services.media import START_BYTES, media_type, shown_name
from emrassess.services.session import Progress, Session
from emrassess.storage.failures import told
from emrassess.storage.workspace import Store


class Meter:
    """The bytes of several files as one progress."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._before = 0

    def of(self, name: str) -> Callable[[int, int, str], None]:
        """The progress of the next file."""

        def report(done: int, _total: int, _what: str) -> None:
            if self._progress:
                reached = self._before + done
                self._progress(reached, max(self._total, reached), name)

        return report

    def finished(self, size: int) -> None:
        """The file is in."""
        self._before += size


class Serial:
    """New ids: the time in milliseconds, always above those there are, then a part of the digest.

    So they ascend in the order of adding, even with a clock set back, and differ between workspaces that are merged.
    """

    def __init__(self, session: Session, there: Iterable[str]) -> None:
        newest = max(there, default="")
        now = int(session.workspace.clock().timestamp() * 1000)
        self._next = max(now, int(newest[:12], 16) + 1 if newest else 0)

    def next(self, sha256: str) -> str:
        """The id of what has the file of that digest."""
        found = f"{self._next:012x}{sha256[:12]}"
        self._next += 1
        return found


def take(session: Session, store: Store, source: Path | bytes, file_name: str, meter: Meter) -> tuple[Revision, bool]:
    """The file taken in, and whether it was not here before, or only damaged."""
    name = shown_name(file_name)
    stored = store(BytesIO(source) if isinstance(source, bytes) else source, meter.of(name))
    meter.finished(stored.size)
    with told(session.workspace.folder), session.workspace.evidence_path(stored.sha256).open("rb") as file:
        media = media_type(name, file.read(START_BYTES))
    revision = Revision(stored.sha256, name, stored.size, media, session.workspace.now(), session.user)
    return revision, stored.placed


def size_of(source: Path | bytes) -> int:
    """Bytes to come; 0 where the file is not there, which reading it will tell."""
    if isinstance(source, bytes):
        return len(source)
    try:
        return source.stat().st_size
    except (OSError, ValueError):
        return 0
