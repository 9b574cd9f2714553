"""Pictures of evidence looked at for the check-up: size, and how they look in small. No file is trusted."""

import json
import logging
import threading
from itertools import islice
from pathlib import Path

from PIL import Image

from emrassess import paths
from emrassess.atomic import write_bytes
from emrassess.domain.checkup_files import FileFacts, PictureFacts
from emrassess.errors import StorageError
from emrassess.reports.thumbnails import MAX_PIXELS

log = logging.getLogger(__name__)

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_GRID = 32
_CLEAR, _FAINT = 6, 3  # grey levels of 256 that make an edge; packing a picture anew takes or gives less than 3
_ENOUGH = 16 * _GRID  # pixels that a JPEG is unpacked to; fewer would shift the places of the grid against each other
_FLAT = 2
_LARGE_PIXELS = 12_000_000
_large = threading.Lock()  # several huge pictures at once would take more memory than an office machine has
_KEPT = 20_000
_FORMAT = "emrassess-picture-facts/2"


def read_picture(file: Path) -> FileFacts:
    """What is to be known of the picture in `file`; one that is broken, or too large to be opened, is said so."""
    try:
        with Image.open(file, formats=_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > MAX_PIXELS:
                return _too_large(f"{image.width} × {image.height} 像素")
            if pixels <= _LARGE_PIXELS:
                return FileFacts(picture=_facts(image))
            with _large:
                return FileFacts(picture=_facts(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_large("像素太多")
    except Exception as error:
        # Decoders raise almost anything on a damaged file; it must not cost the whole run.
        log.info("picture not read: %s: %s", file.name[:12], type(error).__name__)
        return FileFacts(unreadable="图片打不开，文件已损坏，或扩展名与内容不符")


def _too_large(size: str) -> FileFacts:
    return FileFacts(unseen=f"图片{size}，大得不能在程序里打开，没有检查")


def _facts(image: Image.Image) -> PictureFacts:
    width, height = image.size
    image.draft("L", (_ENOUGH, _ENOUGH))  # a large JPEG is unpacked in small at once
    small = _small(image)
    low, high = small.getextrema()
    blank = isinstance(low, int | float) and isinstance(high, int | float) and high - low <= _FLAT
    grey = small.tobytes()
    return PictureFacts(width, height, _edges(grey, _CLEAR), _edges(grey, _FAINT), blank)


def _small(image: Image.Image) -> Image.Image:
    """The picture in grey on white, one pixel wider than the grid."""
    if image.mode == "P":
        image = image.convert("RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    small = image.resize((_GRID + 1, _GRID), Image.Resampling.HAMMING)
    if small.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        small = small.convert("RGBA")
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small.getchannel("A"))
        small = paper
    return small.convert("L")


def _edges(grey: bytes, least: int) -> int:
    """A bit for each place that is brighter than its right neighbour, then than the one below, by more than `least`
    (dHash)."""
    wide = _GRID + 1
    places = [row * wide + column for row in range(_GRID) for column in range(_GRID)]
    across = ["01"[grey[at] > grey[at + 1] + least] for at in places]
    down = ["01"[grey[at] > grey[at + wide] + least] for at in places[:-_GRID]]
    return int("".join(across + down), 2)


class PictureCache:
    """Facts of pictures by SHA-256: in memory, and in the user's cache for the next time. Never fails."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or paths.user_dir() / "cache") / "picture-facts.json"
        self._known = self._read()
        self._new = False

    def get(self, sha256: str) -> PictureFacts | None:
        """The facts, where the picture was looked at before."""
        return self._known.get(sha256)

    def put(self, sha256: str, facts: PictureFacts) -> None:
        """Remember them; `save` keeps them."""
        self._known[sha256] = facts
        self._new = True

    def save(self) -> None:
        """Write what is new to the disk; the oldest are left out where there are very many."""
        if not self._new:
            return
        start = max(0, len(self._known) - _KEPT)
        kept = {
            sha256: [facts.width, facts.height, f"{facts.edges:x}", f"{facts.faint:x}", facts.blank]
            for sha256, facts in islice(self._known.items(), start, None)
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self._file, json.dumps({"format": _FORMAT, "pictures": kept}).encode())
            self._new = False
        except (OSError, StorageError) as error:
            # A full disk costs time at the next check-up, not work.
            log.warning("picture facts not kept: %s", type(error).__name__)

    def _read(self) -> dict[str, PictureFacts]:
        try:
            data = json.loads(self._file.read_bytes())
            if data["format"] != _FORMAT:
                return {}
            return {
                sha256: PictureFacts(int(width), int(height), int(edges, 16), int(faint, 16), bool(blank))
                for sha256, (width, height, edges, faint, blank) in data["pictures"].items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}
