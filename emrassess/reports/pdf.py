"""The PDF reports: laid out once, thumbnails made meanwhile by other threads, written whole or not at all."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import BaseDocTemplate, NextPageTemplate, PageTemplate
from reportlab.platypus.flowables import CondPageBreak, Flowable, PageBreak
from reportlab.platypus.frames import Frame

from emrassess.atomic import replacing
from emrassess.reports import pdf_back, pdf_front, pdf_items
from emrassess.reports.content import Exhibit, ReportContent
from emrassess.reports.contrast import ContrastReport
from emrassess.reports.pdf_contrast import KEY, contrast_report, contrast_section
from emrassess.reports.pdf_parts import GREY, LINE, NAVY, NOTE, Heading, Ledger
from emrassess.reports.pdf_text import Scribe, Style, Text, color, draw_line, register_fonts, shorten
from emrassess.reports.review_content import ReviewContent
from emrassess.reports.review_pdf import SHOT, review_report
from emrassess.reports.review_pictures import pictures
from emrassess.reports.review_words import TITLE as REVIEW_TITLE
from emrassess.reports.thumbnails import can_picture, thumbnail
from emrassess.reports.wording import day

MARGIN, TOP, BOTTOM = 48.0, 56.0, 50.0
WIDTH = A4[0] - 2 * MARGIN
DPI = 150
TITLE = "分级评价自评差距报告"
CONTRAST_TITLE = "分级评价自评比较"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class _Face:
    """What stands on every page, and in the properties of the file. `marks`: so many bookmarks it will have at most."""

    title: str
    hospital: str
    standard: str
    created: datetime
    about: str
    marks: int


def write_pdf(content: ReportContent, out: Path, progress: Progress | None = None, thumbnails_per_item: int = 8) -> int:
    """Write the report to `out`, replacing it whole; the number of pages.

    `progress(done, total, what)` may raise to stop: then `out` is as it was. StorageError where the disk refuses.
    """
    register_fonts()
    scribe, ledger = Scribe(), Ledger()
    face = _Face(
        TITLE, content.hospital, content.standard, content.created, f"目标 {content.target} 级",
        len(content.items) + 20,
    )  # fmt: skip
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        try:
            pictures = _start_pictures(pool, content, thumbnails_per_item)
            story = _story(content, scribe, ledger, pictures)
            _build(story, out, _Report(face, scribe, ledger, progress))
        finally:
            pool.shutdown(cancel_futures=True)
    return ledger.pages[Ledger.TOTAL]


def write_contrast_pdf(report: ContrastReport, out: Path, progress: Progress | None = None) -> int:
    """Write a report of nothing but what differs; the number of pages. As `write_pdf` otherwise."""
    register_fonts()
    scribe, ledger = Scribe(), Ledger()
    contrast = report.contrast
    about = f"{contrast.before.name} → {contrast.after.name}"
    face = _Face(CONTRAST_TITLE, report.hospital, report.standard, report.created, about, 10)
    story = contrast_report(report, scribe, ledger)
    story += [Text(line, NOTE) for line in pdf_back.unprintable(scribe)]
    _build(story, out, _Report(face, scribe, ledger, progress, cover=False))
    return ledger.pages[Ledger.TOTAL]


def write_review_pdf(content: ReviewContent, out: Path, progress: Progress | None = None) -> int:
    """Write the feedback of a review group; the number of pages. As `write_pdf` otherwise."""
    register_fonts()
    scribe, ledger = Scribe(), Ledger()
    about = f"{content.round_name}　{content.group.name}　目标 {content.target} 级"
    marks = len(content.findings) + 10
    face = _Face(REVIEW_TITLE, content.hospital, content.standard, content.created, about, marks)
    box = tuple(round(side * DPI / 72) for side in SHOT)
    with pictures(content, (box[0], box[1])) as picture:
        story = review_report(content, picture, scribe, ledger)
        story += [Text(line, NOTE) for line in pdf_back.unprintable(scribe)]
        _build(story, out, _Report(face, scribe, ledger, progress, cover=False))
    return ledger.pages[Ledger.TOTAL]


def _build(story: list[Flowable], out: Path, report: "_Report") -> None:
    with replacing(out) as file:
        try:
            report.build(story, filename=file, canvasmaker=_canvas_of(report.ledger))
        except Exception:
            # reportlab raises exceptions anew with its own words, which not all of them take.
            if report.stopped:
                raise report.stopped from None
            raise
        if report.progress:
            report.progress(report.face.marks, report.face.marks, "正在写入文件")


def _start_pictures(pool: ThreadPoolExecutor, content: ReportContent, most: int) -> dict[int, pdf_items.Picture]:
    """Thumbnails of the pieces that are printed, by number; each file is read once, whatever it proves."""
    box = (round(pdf_items.THUMBNAIL[0] * DPI / 72), round(pdf_items.THUMBNAIL[1] * DPI / 72))
    running: dict[str, Future[bytes | None]] = {}
    pictures: dict[int, pdf_items.Picture] = {}

    def start(exhibit: Exhibit) -> pdf_items.Picture:
        file = exhibit.piece.current
        if not exhibit.present or not can_picture(file.media_type):
            return lambda: None
        if file.sha256 not in running:
            running[file.sha256] = pool.submit(thumbnail, exhibit.path, file.media_type, box)
        return running[file.sha256].result

    for item in content.items:
        for exhibit in pdf_items.printed_exhibits(content, item, most):
            if exhibit.number not in pictures:
                pictures[exhibit.number] = start(exhibit)
    return pictures


def _story(
    content: ReportContent, scribe: Scribe, ledger: Ledger, pictures: dict[int, pdf_items.Picture]
) -> list[Flowable]:
    story: list[Flowable] = [NextPageTemplate("inner"), *pdf_front.cover(content, scribe)]
    story += pdf_front.summary(content, scribe, ledger)
    story += pdf_back.contents_page(content, ledger)
    story += pdf_back.plan_section(content, scribe, ledger)
    story += pdf_back.levels_section(content, scribe, ledger)
    story += pdf_back.heat_section(content, ledger)
    titles = pdf_back.section_titles(content)
    story.append(Heading(titles["items"], 1, "items", ledger))
    for item in content.items:
        story += pdf_items.item_sheet(content, item, scribe, ledger, pictures)
    story += pdf_back.evidence_section(content, scribe, ledger)
    if content.contrast:
        story += [PageBreak(), *contrast_section(content.contrast, scribe, ledger, titles[KEY])]
    story += [CondPageBreak(230), *pdf_back.about_section(content, scribe, ledger)]
    return story


def _canvas_of(ledger: Ledger) -> type[Canvas]:
    """A canvas that writes the page numbers of contents and footers before it is saved."""

    class Numbered(Canvas):
        def save(self) -> None:
            ledger.fill(self)
            super().save()

    return Numbered


class _Report(BaseDocTemplate):
    """A4 with inner pages, the first a cover where there is one."""

    def __init__(
        self, face: _Face, scribe: Scribe, ledger: Ledger, progress: Progress | None, *, cover: bool = True
    ) -> None:
        self.face, self.ledger, self.progress = face, ledger, progress
        self.hospital, self.standard = scribe.printable(face.hospital), scribe.printable(face.standard)
        self.stopped: Exception | None = None
        super().__init__(
            "",
            pagesize=A4,
            title=f"{self.hospital} {face.title}",
            author=self.hospital,
            subject=f"{face.about}，{day(face.created)}",
            creator="emrassess",
            lang="zh-CN",
        )
        frame = Frame(MARGIN, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
        pages = [PageTemplate("cover", [frame], onPage=self._cover), PageTemplate("inner", [frame], onPage=self._inner)]
        self.addPageTemplates(pages if cover else pages[1:])

    def _cover(self, canvas: Canvas, _: Any) -> None:
        canvas.setFillColor(color(NAVY))
        canvas.rect(0, A4[1] - 200, A4[0], 200, stroke=0, fill=1)
        white = "#FFFFFF"
        small = Style(15, 24, color=white)
        draw_line(canvas, MARGIN, A4[1] - 78, shorten(self.standard, small.font, small.size, WIDTH), small)
        draw_line(canvas, MARGIN, A4[1] - 108, "自评差距报告", Style(30, 46, bold=True, color=white))

    def _inner(self, canvas: Canvas, _: Any) -> None:
        page = canvas.getPageNumber()
        if self.progress:
            try:
                self.progress(min(len(self.ledger.pages), self.face.marks), self.face.marks, f"排版第 {page} 页")
            except Exception as error:
                self.stopped = error
                raise
        style = Style(7.5, 10, color=GREY)
        right = Style(7.5, 10, color=GREY, align="right")
        name = shorten(self.hospital, style.font, style.size, WIDTH - 190)
        draw_line(canvas, MARGIN, A4[1] - 28, name, style)
        draw_line(canvas, MARGIN, A4[1] - 28, self.face.title, right, WIDTH)
        canvas.setStrokeColor(color(LINE))
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, A4[1] - 42, MARGIN + WIDTH, A4[1] - 42)
        draw_line(canvas, MARGIN, 34, f"{day(self.face.created)}　{self.face.about}", style)
        draw_line(canvas, MARGIN, 34, f"第 {page} 页", right, WIDTH - 38)
        self.ledger.stamp(canvas, Ledger.TOTAL, MARGIN + WIDTH, 34, right)
