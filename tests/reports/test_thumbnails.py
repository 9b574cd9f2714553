"""Thumbnails of whatever a hospital attaches; never a crash."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from emrassess.reports.thumbnails import can_picture, thumbnail
from tests.reports.conftest import picture

BOX = (120, 80)


def opened(content: bytes | None) -> Image.Image:
    assert content is not None
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_png(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new(mode, (700, 300)).save(file)
    small = opened(thumbnail(file, "image/png", BOX))
    assert small.format == "JPEG"
    assert small.width <= BOX[0]
    assert small.height <= BOX[1]
    assert small.width == BOX[0]


def test_transparent_parts_are_paper(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGBA", (300, 200), (0, 0, 0, 0)).save(file)
    assert opened(thumbnail(file, "image/png", BOX)).convert("L").getpixel((5, 5)) == 255


def test_photographs_stand_upright(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    image = Image.new("RGB", (400, 200))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(file, "JPEG", exif=exif)
    small = opened(thumbnail(file, "image/jpeg", BOX))
    assert small.height > small.width


def test_first_page_of_a_pdf(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(picture("PDF", (300, 420)))
    small = opened(thumbnail(file, "application/pdf", BOX))
    assert small.height == BOX[1]


def _claims(width: int, height: int) -> bytes:
    """A PNG whose head promises a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG broken", picture()[:200], _claims(60_000, 60_000), _claims(9_000, 9_000), b"%PDF-1.7 nothing"],
)
@pytest.mark.parametrize("media_type", ["image/png", "application/pdf"])
def test_damaged_and_bombs_give_none(content: bytes, media_type: str, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(content)
    assert thumbnail(file, media_type, BOX) is None


def test_missing_and_other_files_give_none(tmp_path: Path) -> None:
    assert thumbnail(tmp_path / "none", "image/png", BOX) is None
    assert thumbnail(tmp_path, "text/csv", BOX) is None
    assert not can_picture("text/csv")
    assert can_picture("image/png")


def test_nothing_but_pixels_goes_along(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x013B] = "Zhang"
    Image.new("RGB", (800, 600), "red").save(
        file, "JPEG", comment=b"patient Zhang", exif=exif, icc_profile=b"Zhang" * 9
    )
    assert b"Zhang" not in (thumbnail(file, "image/jpeg", BOX) or b"")


def test_it_is_made_coarser_until_it_is_small_enough(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.effect_noise((800, 600), 90).save(file)
    whole = thumbnail(file, "image/png", (800, 600))
    small = thumbnail(file, "image/png", (800, 600), 60_000)
    assert whole and len(whole) > 150_000
    assert small and len(small) <= 60_000
