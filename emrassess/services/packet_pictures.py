"""Small pictures of the evidence in a packet that is not merged yet."""

import hashlib
import tempfile
from pathlib import Path

from emrassess.exchange.packet import opened_packet
from emrassess.reports.thumbnails import can_picture, thumbnail

_MOST_BYTES = 50 << 20
_CHUNK = 1 << 20


def packet_picture(file: Path, sha256: str, side: int, passphrase: str | None = None) -> bytes | None:
    """A JPEG, of at most `side` pixels either way, of the evidence file of that digest in the packet `file`.

    None where the packet has not got it, it is no picture, too large or damaged. What is read lies outside the packet
    only as long as it is drawn. UserError as of exchange.packet.opened_packet.
    """
    with opened_packet(file, passphrase=passphrase) as found:
        wanted = next((held for held in found.packet.evidence.values() if held.sha256 == sha256 and held.path), None)
        if wanted is None or wanted.size > _MOST_BYTES or not can_picture(wanted.media_type):
            return None
        digest = hashlib.sha256()
        with tempfile.TemporaryDirectory(prefix="emrassess-") as folder:
            copy = Path(folder) / "picture"
            with found.stream(wanted.path) as source, copy.open("wb") as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
            return thumbnail(copy, wanted.media_type, (side, side)) if digest.hexdigest() == sha256 else None
