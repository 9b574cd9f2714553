"""Small pictures of evidence for print: scaled to what the paper shows, whatever the file holds."""

import io
import logging
import threading
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

MAX_PIXELS = 64_000_000  # a picture beyond this is not decoded: it would take more memory than an office machine has
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp", "image/tiff"})
PDF_LOCK = threading.Lock()  # pdfium is not made for several threads
_log = logging.getLogger(__name__)


def can_picture(media_type: str) -> bool:
    """Whether a thumbnail can be made of such a file."""
    return media_type in _PICTURES or media_type == "application/pdf"


def thumbnail(path: Path, media_type: str, box: tuple[int, int], most: int = 0) -> bytes | None:
    """A JPEG of at most `box` pixels; None where the file is missing, broken, too large or no picture.

    With `most` it is made coarser where it would have more bytes than that. It has nothing of the file but its pixels.
    """
    try:
        if media_type == "application/pdf":
            picture = _first_page(path, box)
        elif media_type in _PICTURES:
            picture = _reduced(path, box)
        else:
            return None
        return _as_jpeg(picture, most)
    except Exception as error:
        # Decoders raise almost anything on a damaged file; one bad file must not cost the whole report.
        _log.info("no thumbnail of %s: %s", path.name[:12], type(error).__name__)
        return None


def _as_jpeg(picture: Image.Image, most: int) -> bytes:
    picture.info.clear()  # a comment would go along
    content = b""
    for quality, share in ((82, 1.0), (65, 1.0), (60, 0.7), (50, 0.5)):
        out = io.BytesIO()
        if share < 1:
            picture = picture.resize([max(round(side * share), 1) for side in picture.size], reducing_gap=2.0)
        picture.save(out, "JPEG", quality=quality)
        content = out.getvalue()
        if not most or len(content) <= most:
            break
    return content


def _reduced(path: Path, box: tuple[int, int]) -> Image.Image:
    with Image.open(path, formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        picture = _shaded(image)
        picture.thumbnail(box, reducing_gap=2.0)
        return _on_white(ImageOps.exif_transpose(picture))


def _shaded(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled smoothly."""
    if image.mode == "P":
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "L"):
        return image
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    return image.convert("RGB")


def _first_page(path: Path, box: tuple[int, int]) -> Image.Image:
    with PDF_LOCK:
        document = pypdfium2.PdfDocument(path)
        try:
            page = document[0]
            wide, high = page.get_size()
            scale = min(box[0] / max(wide, 1), box[1] / max(high, 1))
            return page.render(scale=scale).to_pil().convert("RGB")
        finally:
            document.close()
