"""Feedback slides of a review group: on a master of ours, texts that fit, pictures as large as a slide shows."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from emrassess.atomic import replacing
from emrassess.reports import deck_slides
from emrassess.reports.deck_findings import finding_slides
from emrassess.reports.deck_parts import Deck
from emrassess.reports.fitting import one_line
from emrassess.reports.review_content import ReviewContent
from emrassess.reports.review_pictures import pictures
from emrassess.reports.review_words import heading
from emrassess.reports.wording import day

Progress = Callable[[int, int, str], None]
_BOX = (1280, 1080)  # pixels: half a slide on a projector of 1920


def write_deck(content: ReviewContent, out: Path, progress: Progress | None = None) -> int:
    """Write the slides to `out`, replacing it whole; the number of slides.

    `progress(done, total, what)` may raise to stop: then `out` is as it was. StorageError where the disk refuses.
    """
    total = len(content.findings) + 1
    parts = (one_line(content.hospital), f"{content.round_name}反馈", content.group.name, day(content.created))
    deck = Deck(" · ".join(parts))
    with pictures(content, _BOX) as picture:
        deck_slides.front(deck, content)
        for line in content.findings:
            if progress:
                progress(line.number, total, f"第 {line.number} 个问题")
            finding_slides(deck, content, line, picture)
        deck_slides.back(deck, content)
    _describe(deck, content)
    with replacing(out) as file:
        deck.file.save(file)
        if progress:
            progress(total, total, "正在写入文件")
    return deck.count


def _describe(deck: Deck, content: ReviewContent) -> None:
    """The properties of the file; nothing of the machine it was made on."""
    properties = deck.file.core_properties
    properties.title = f"{one_line(content.hospital)} {heading(content)}"[:250]
    properties.author = properties.last_modified_by = "emrassess"
    properties.subject = f"{content.round_name}，目标 {content.target} 级"
    properties.language = "zh-CN"
    properties.created = properties.modified = content.created.astimezone(UTC).replace(tzinfo=None)
