"""Small pictures of the evidence that a row of the merge preview names: from the workspace, or out of the packet."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from emrassess.domain.assessment import Revision
from emrassess.errors import UserError
from emrassess.gui.context import Context
from emrassess.gui.widgets.thumbnails import SIDE, Thumbnails

if TYPE_CHECKING:
    from emrassess.exchange.packet_format import PacketFile
    from emrassess.services.merging import MergedFile

PAUSE_MS = 120
"""Who goes down the rows quickly wants the picture of the last only: a packet is opened anew for each."""


class MergePictures(QObject):
    """`pixmap` answers at once: with the picture, or None, and `ready` later where there is one now."""

    ready = Signal()

    def __init__(self, context: Context, passphrases: Mapping[Path, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._passphrases = context, passphrases
        self._here = Thumbnails(context, self)
        self._here.ready.connect(lambda _: self.ready.emit())
        self._drawn: dict[str, QPixmap | None] = {}
        self._wanted: tuple[Path, str] | None = None
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._draw)

    def pixmap(self, packet: "MergedFile", file: "Revision | PacketFile | None") -> QPixmap | None:
        """The picture of `file`, which the workspace or else `packet` has; None where there is none, or not yet."""
        if file is None:
            return None
        if isinstance(file, Revision):
            return self._here.pixmap(file)
        if file.sha256 not in self._drawn and file.path:
            self._wanted = (packet.file, file.sha256)
            self._pause.start()
        return self._drawn.get(file.sha256)

    def _draw(self) -> None:
        if self._wanted is None:
            return
        (packet, sha256), self._wanted = self._wanted, None
        handle = self._context.operations.background(_picture, packet, sha256, self._passphrases.get(packet))
        # A slot of this object, which ends with it: the dialog may be gone before its picture comes.
        handle.done.connect(self._keep)

    def _keep(self, drawn: tuple[str, QImage | None]) -> None:
        sha256, image = drawn
        self._drawn[sha256] = None if image is None or image.isNull() else QPixmap.fromImage(image)
        self.ready.emit()


def _picture(packet: Path, sha256: str, passphrase: str | None) -> tuple[str, QImage | None]:
    """On the background thread: the digest and its picture; None where there is none, or the packet is gone."""
    from emrassess.services.packet_pictures import packet_picture  # noqa: PLC0415 - it loads Pillow and the ciphers

    try:
        drawn = packet_picture(packet, sha256, SIDE, passphrase)
    except UserError:
        drawn = None
    return sha256, QImage.fromData(drawn) if drawn else None
