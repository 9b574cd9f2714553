"""The PDF read back by another library."""

import gc
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import Destination
from reportlab.lib.utils import ImageReader

from emrassess.domain.assessment import Assessment
from emrassess.reports.content import ReportContent
from emrassess.reports.pdf import TITLE, write_pdf
from tests.reports.conftest import HOSPITAL


@dataclass(frozen=True)
class Read:
    reader: pypdf.PdfReader
    pages: list[str]
    steps: list[tuple[int, int, str]]
    count: int

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    def flat(self) -> str:
        return "".join(self.text.split())


@pytest.fixture(scope="module")
def report(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Read:
    out = tmp_path_factory.mktemp("pdf") / "报告.pdf"
    steps: list[tuple[int, int, str]] = []
    count = write_pdf(content, out, lambda *step: steps.append(step))
    reader = pypdf.PdfReader(out)
    return Read(reader, [page.extract_text() for page in reader.pages], steps, count)


def test_the_first_two_pages_tell_the_verdict(report: Read, content: ReportContent) -> None:
    cover, summary = ("".join(page.split()) for page in report.pages[:2])
    assert HOSPITAL in cover
    assert "".join(content.headline.split()) in cover
    assert "2026-11-21" in cover
    assert content.pack_digest[:12] in cover
    assert "不是卫生健康主管部门的评价结论" in cover
    assert "最要紧的五个差距" in summary
    assert "06.01一般治疗记录" in summary
    for code, name in content.unverified:
        assert f"{code}{name}" in summary
    for group in content.groups:
        assert group.name in summary
    for role in content.roles:
        assert role.name in summary


def test_every_item_has_its_place(report: Read, content: ReportContent) -> None:
    flat = report.flat()
    for item in content.items:
        assert flat.count(f"{item.code}{item.name}") >= 3  # contents, heat map, sheet
    assert "得分3.8000＝4级×有效应用比例0.95×数据质量指数1.00" in flat
    assert "0.95（9500/10000）" in flat


def test_unmet_clauses_are_printed_with_their_hints(report: Read, content: ReportContent) -> None:
    clause = next(c for i in content.items for c in i.clauses if c.id == "06.01.5(3)")
    flat = report.flat()
    assert "".join(clause.text.split()) in flat
    assert "".join(clause.hint.split())[:12] in flat


def test_pages_are_numbered_and_counted(report: Read) -> None:
    assert report.count == len(report.pages)
    for number, page in enumerate(report.pages[1:], 2):
        flat = "".join(page.split())
        assert f"第{number}页" in flat
        assert f"共{len(report.pages)}页" in flat
        assert TITLE in flat


def test_contents_name_the_right_pages(report: Read) -> None:
    contents = "".join(report.pages[2].split())
    assert contents.startswith(HOSPITAL[:3]) or "目录" in contents
    start = next(n for n, page in enumerate(report.pages, 1) if "SHA-256摘要" in "".join(page.split()) and n > 3)
    assert f"五、实证材料索引{start}" in contents


def test_outline_leads_to_sections_and_items(report: Read, content: ReportContent) -> None:
    titles: list[str] = []

    def walk(entries: list) -> None:
        for entry in entries:
            if isinstance(entry, Destination):
                titles.append(str(entry.title))
                assert report.reader.get_destination_page_number(entry) is not None
            else:
                walk(entry)

    walk(report.reader.outline)
    assert titles[:3] == ["结论一览", "目录", "一、到目标还缺什么"]
    assert titles[-1] == "六、关于本报告"
    for item in content.items:
        assert f"{item.code} {item.name}" in titles


def test_all_fonts_are_embedded_subsets(report: Read) -> None:
    names = set()
    for page in report.reader.pages:
        fonts = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in fonts.values():
            face = font.get_object()
            if str(face["/BaseFont"]).startswith("/Helvetica"):
                continue  # named by the library in every page, used by none
            names.add(str(face["/BaseFont"]))
            assert "/FontFile2" in face["/FontDescriptor"].get_object()
            assert "/ToUnicode" in face
    assert any("Bold" in name for name in names)
    assert any("Regular" in name for name in names)


def test_evidence_is_pictured_and_indexed(report: Read, content: ReportContent) -> None:
    flat = report.flat()
    for exhibit in content.evidence:
        digest = exhibit.piece.current.sha256
        assert digest[:32] in flat
        assert digest[32:] in flat
    assert "图像无法读取" in flat
    assert "文件缺失" in flat
    pictures = {image.name for page in report.reader.pages for image in page.images}
    assert len(pictures) >= 2  # one PNG, one page of a PDF; the broken and the missing one are placeholders


def test_pictures_once_drawn_do_not_wait_in_memory(content: ReportContent, tmp_path: Path) -> None:
    """Unpacked they are thirty times as large as in the file."""
    gc.collect()
    gc.disable()
    try:
        write_pdf(content, tmp_path / "r.pdf")
        waiting = [thing for thing in gc.get_objects() if type(thing) is ImageReader]
    finally:
        gc.enable()
    assert waiting == []


def test_texts_of_users_are_plain_text(report: Read) -> None:
    flat = report.flat()
    assert "<imgsrc=xonerror=alert(1)>" in flat
    assert "<script>alert(1)</script>" in flat
    assert "〓" in flat
    assert "U+1F600" in flat
    assert "全文见XLSX条款表" in flat


def test_metadata_and_progress(report: Read) -> None:
    assert report.reader.metadata is not None
    assert report.reader.metadata.title == f"{HOSPITAL} {TITLE}"
    assert report.reader.trailer["/Root"]["/Lang"] == "zh-CN"  # type: ignore[index]
    assert all(0 <= done <= total for done, total, _ in report.steps)
    assert report.steps[-1][0] == report.steps[-1][1]


def test_an_empty_assessment_prints_too(
    gathered: Callable[[Assessment], ReportContent], assessment: Assessment, tmp_path: Path
) -> None:
    empty = replace(assessment, answers={}, coverage={}, quality={}, evidence={}, hospital="长" * 200, target=6)
    write_pdf(gathered(empty), tmp_path / "空.pdf")
    reader = pypdf.PdfReader(tmp_path / "空.pdf")
    assert "长" * 20 in reader.pages[0].extract_text()
    assert "目标 6 级：未达到" in reader.pages[1].extract_text()
