"""A workspace with thousands of pieces of evidence, for tests.bench: every clause met and proved by several."""

import io
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from emrassess.domain.answers import Verdict
from emrassess.services import answering
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import close, create_workspace

_TOGETHER = 10  # pieces added at once


def many_pieces(folder: Path, pieces: int, size: int) -> None:
    """Make the workspace `folder` by the public services, as a hospital would: `pieces` screenshots of `size` bytes."""
    random = Random(1)
    picture = _screenshot()
    session = create_workspace(folder, "示例基准医院", 6, "基准")
    try:
        clauses = list(session.pack.clause_by_id)
        answering.set_verdict(session, clauses, Verdict.MET)
        for first in range(0, pieces, _TOGETHER):
            new = [
                # Bytes after the end of a PNG are not looked at: each file another one, of the same picture.
                NewEvidence(
                    picture + random.randbytes(max(size - len(picture), 8)),
                    f"截图-{number}.png",
                    f"第 {number} 幅截图",
                    None,
                    "示例系统",
                    f"2026-11-{number % 20 + 1:02d} 10:00",
                )
                for number in range(first, min(first + _TOGETHER, pieces))
            ]
            add_evidence(session, new, [clauses[first // _TOGETHER % len(clauses)]])
    finally:
        close(session)


def _screenshot() -> bytes:
    """A PNG as large as a screen."""
    image = Image.new("RGB", (1366, 768), "white")
    draw = ImageDraw.Draw(image)
    for line in range(12, 768, 24):
        draw.line([(20, line), (60 + line * 7 % 1200, line)], fill=(line % 200, 80, 120), width=9)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
