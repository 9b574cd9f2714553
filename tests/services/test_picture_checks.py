"""Screens full of small writing, as hospitals take them: known again in other clothes, and told from one another."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from emrassess import paths
from emrassess.domain.assessment import Evidence, EvidenceKind, Revision
from emrassess.domain.checkup_files import PictureFacts, similar
from emrassess.services.picture_checks import read_picture

WORDS = "医嘱检验报告剂量频次用法科室开立执行结果标本"


def screen(seed: int) -> Image.Image:
    """A screen with lists of a hospital's system, another one for each seed."""
    picture = Image.new("RGB", (1366, 768), (240, 243, 247))
    draw, chance = ImageDraw.Draw(picture), random.Random(seed)
    font = ImageFont.truetype(str(paths.resources_dir() / "fonts" / "NotoSansSC-Regular.ttf"), 13)
    draw.rectangle((0, 0, 1366, 38), fill=(30, 80, 150))
    draw.rectangle((0, 38, 160 + seed % 3 * 60, 768), fill="white")
    for row in range(60, 740, 26):
        column = 180 + chance.randrange(60)
        while column < 1200:
            text = "".join(chance.choice(WORDS) for _ in range(chance.randrange(2, 9)))
            draw.text((column, row), text, font=font, fill=(60, 60, 70))
            column += 13 * len(text) + chance.randrange(30, 160)
    return picture


def marked(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).rectangle((300, 200, 560, 300), outline="red", width=4)
    return picture


def scaled(picture: Image.Image, by: float) -> Image.Image:
    return picture.resize((round(picture.width * by), round(picture.height * by)))


def written(picture: Image.Image, quality: int | None = None) -> bytes:
    """As PNG, or as JPEG of a quality."""
    out = io.BytesIO()
    if quality is None:
        picture.save(out, "PNG")
    else:
        picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


CLOTHES: dict[str, Callable[[Image.Image], bytes]] = {
    "jpeg": lambda picture: written(picture, 75),
    "bad jpeg": lambda picture: written(picture, 25),
    "half": lambda picture: written(scaled(picture, 0.5)),
    "a third": lambda picture: written(scaled(picture, 0.33)),
    "larger": lambda picture: written(scaled(picture, 1.4)),
    "smaller jpeg": lambda picture: written(scaled(picture, 0.8), 60),
    "large jpeg": lambda picture: written(scaled(picture, 3), 85),
    "another shape": lambda picture: written(picture.resize((1024, 768))),
    "grey": lambda picture: written(ImageOps.grayscale(picture)),
    "darker": lambda picture: written(ImageEnhance.Brightness(picture).enhance(0.8)),
    "paler": lambda picture: written(ImageEnhance.Contrast(picture).enhance(0.7)),
    "without its border": lambda picture: written(picture.crop((2, 2, 1364, 766))),
    "marked": lambda picture: written(marked(picture)),
}


def facts(folder: Path, content: bytes) -> PictureFacts:
    file = folder / "picture"
    file.write_bytes(content)
    found = read_picture(file).picture
    assert found is not None
    return found


def alike(*pictures: PictureFacts) -> bool:
    """Whether all of them are said to be nearly the same."""
    pieces = []
    for number, found in enumerate(pictures):
        revision = Revision(f"{number:064x}", "图.png", 1, "image/png", "2026-11-22T08:00:00+08:00", "张三")
        pieces.append(
            (Evidence(f"p{number}", "", EvidenceKind.SCREENSHOT, "", "", (revision,), (f"c{number}",)), found)
        )
    return [len(finding.evidence) for finding in similar(pieces, lambda *_: None)] == [len(pictures)]


@pytest.mark.parametrize("clothes", CLOTHES)
def test_a_screen_is_known_again(tmp_path: Path, clothes: str) -> None:
    for seed in (1, 2):
        assert alike(facts(tmp_path, written(screen(seed))), facts(tmp_path, CLOTHES[clothes](screen(seed))))


def test_screens_with_other_lists_are_told_apart(tmp_path: Path) -> None:
    one, other, third = (facts(tmp_path, written(screen(seed), 75)) for seed in (1, 4, 7))
    assert not alike(one, other) and not alike(one, third) and not alike(other, third)
