"""Thumbnails for lists: made off the GUI thread, the newest wish first, the last few hundred kept."""

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from emrassess.domain.assessment import Revision
from emrassess.gui.context import Context

if TYPE_CHECKING:
    from emrassess.services.thumbnails import Thumbnails as Cache

SIDE = 240  # pixels of the longer side: sharp at 150 % and on dense screens
KEPT = 300
WAITING = 60


class Thumbnails(QObject):
    """`pixmap` answers at once: with the picture, or None and `ready` later where there will be one."""

    ready = Signal(str)
    """The digest whose picture has come."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._kept: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._waiting: OrderedDict[str, Revision] = OrderedDict()
        self._under_way = ""
        self._cache: Cache | None = None
        context.session_changed.connect(self._forget)

    def pixmap(self, revision: Revision) -> QPixmap | None:
        """The thumbnail of a file; None where it has none or it is still being made."""
        digest = revision.sha256
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        if digest != self._under_way:
            self._waiting[digest] = revision
            self._waiting.move_to_end(digest)
            while len(self._waiting) > WAITING:
                self._waiting.popitem(last=False)
            self._make_next()
        return None

    def _make_next(self) -> None:
        session = self._context.session
        if self._under_way or not self._waiting or session is None:
            return
        digest, revision = self._waiting.popitem()
        self._under_way = digest
        path = session.workspace.evidence_path(digest)
        handle = self._context.operations.background(self._load, path, revision)
        # Slots of this object, which end with it: a dialog may be gone before its picture comes.
        handle.done.connect(self._keep)
        handle.failed.connect(self._give_up)

    def _give_up(self, _error: object) -> None:
        self._keep(None)

    def _keep(self, image: QImage | None) -> None:
        digest, self._under_way = self._under_way, ""
        self._kept[digest] = QPixmap.fromImage(image) if image is not None and not image.isNull() else None
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(digest)
        self._make_next()

    def _forget(self) -> None:
        self._waiting.clear()

    def _load(self, path: Path, revision: Revision) -> QImage | None:
        """On the background thread: the thumbnail as an image, None where the file has none."""
        from emrassess.services.thumbnails import Thumbnails as Cache  # noqa: PLC0415 - Pillow and pdfium load here

        self._cache = self._cache or Cache()
        made = self._cache.get(path, revision, SIDE)
        return QImage(str(made)) if made else None


def fitted(pixmap: QPixmap, width: int, height: int, ratio: float) -> QPixmap:
    """`pixmap` scaled into `width` x `height` logical pixels on a screen of `ratio`."""
    scaled = pixmap.scaled(
        round(width * ratio), round(height * ratio),
        Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip
    scaled.setDevicePixelRatio(ratio)
    return scaled
