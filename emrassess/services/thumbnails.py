"""Thumbnails of evidence for screens, made once and kept in the user's cache by digest."""

import logging
import os
import uuid
from contextlib import suppress
from pathlib import Path

from emrassess import paths
from emrassess.domain.assessment import Revision
from emrassess.reports import thumbnails as drawing

log = logging.getLogger(__name__)

KEPT_BYTES = 400_000_000
_SWEEP_EVERY = 200


class Thumbnails:
    """The cache. One object serves several threads: files are complete as soon as they have their name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or paths.user_dir() / "cache" / "thumbnails"
        self._failed: set[tuple[str, int]] = set()
        self._made = 0

    def get(self, file: Path, revision: Revision, size: int) -> Path | None:
        """A JPEG of `revision` (stored at `file`) of at most `size` x `size` pixels.

        None where it is neither picture nor PDF, or cannot be read; such a file is not tried again by this object.
        """
        key = (revision.sha256, size)
        if key in self._failed or not drawing.can_picture(revision.media_type):
            return None
        target = self._folder / f"{revision.sha256}-{size}.jpg"
        if target.exists():
            return target
        content = drawing.thumbnail(file, revision.media_type, (size, size))
        if content is None:
            if file.exists():
                self._failed.add(key)
            return None
        return target if self._keep(target, content) else None

    def _keep(self, target: Path, content: bytes) -> bool:
        temporary = target.with_name(f".{uuid.uuid4().hex}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content)
            temporary.replace(target)
        except OSError as error:
            # A full disk costs pictures, not work.
            log.warning("no thumbnail kept: %s", error.strerror)
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            return False
        self._made += 1
        if self._made % _SWEEP_EVERY == 0:
            self.sweep()
        return True

    def sweep(self, most: int = KEPT_BYTES) -> None:
        """Delete the oldest thumbnails until the rest take at most `most` bytes."""
        with suppress(OSError):
            files = sorted(
                ((entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in os.scandir(self._folder)),
                reverse=True,
            )
            total = 0
            for _, size, path in files:
                total += size
                if total > most:
                    Path(path).unlink(missing_ok=True)
