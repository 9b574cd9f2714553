"""Pictures of findings, scaled to what a slide or a page shows; made by other threads while the text is set."""

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from PIL import Image

from emrassess.reports.fitting import one_line
from emrassess.reports.review_content import ReviewContent, Shot
from emrassess.reports.thumbnails import can_picture, thumbnail

MOST_SHOTS = 2
"""Pictures that are shown of a finding; there is only said that there are more."""
_ALL, _LEAST, _MOST = 15_000_000, 50_000, 400_000  # bytes: of all pictures together, and of each


class Shown(NamedTuple):
    """A JPEG, and its size in pixels. It holds nothing of the file but its pixels."""

    content: bytes
    size: tuple[int, int]


PictureOf = Callable[[Shot], Shown | None]
"""The picture of one of the first MOST_SHOTS shots of a finding; None where its file is missing or broken."""


@contextmanager
def pictures(content: ReviewContent, box: tuple[int, int]) -> Iterator[PictureOf]:
    """Scales the pictures to at most `box` pixels as long as the block runs; each file is read once."""
    shots = {shot.sha256: shot for line in content.findings for shot in line.shots[:MOST_SHOTS]}
    most = min(max(_ALL // max(len(shots), 1), _LEAST), _MOST)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        running: dict[str, Future[Shown | None]] = {
            key: pool.submit(_shown, shot, box, most) for key, shot in shots.items()
        }
        try:
            yield lambda shot: running[shot.sha256].result()
        finally:
            pool.shutdown(cancel_futures=True)


def _shown(shot: Shot, box: tuple[int, int], most: int) -> Shown | None:
    content = thumbnail(shot.path, shot.media_type, box, most) if can_picture(shot.media_type) else None
    if content is None:
        return None
    with Image.open(io.BytesIO(content)) as image:
        return Shown(content, image.size)


def fault(shot: Shot) -> str:
    """Why a picture is not there, with the name of its file."""
    why = "图片打不开，可能已损坏" if shot.path.is_file() else "图片文件不在工作区里"
    return f"{why}：{one_line(shot.file_name)}"


def caption(shot: Shot, more: int) -> str:
    """Whose it is and what it is called. `more`: so many others there are that are not shown."""
    others = f"（另有 {more} 张）" if more else ""
    return f"{one_line(shot.label)}{others}"
