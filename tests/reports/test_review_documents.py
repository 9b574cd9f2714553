"""A review group's feedback as PDF and as Word, read back by another library."""

import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdf
import pypdfium2
import pytest
from docx import Document
from PIL import Image

from emrassess.domain.pack import Pack
from emrassess.domain.review import ExpertVerdict
from emrassess.errors import Cancelled
from emrassess.reports.pdf import write_review_pdf
from emrassess.reports.review_docx import write_review_docx
from tests.reports.conftest import Store
from tests.reports.review_samples import (
    ORDINARY,
    SERIOUS,
    UNSHORT,
    built,
    content_of,
    finding,
    many,
    opinion,
    reviewed,
)

EXPECTED = (
    "示例市第一人民医院",
    "专家核查反馈意见（病房组）",
    "应核查条款",
    "本组条款达标",
    "01.01.5(2) 病房医嘱处理",
    "自评：达标　核查：不属实　地点：病房",
    "台账：整改中",
    "挂牌督办",
    "药学部 王药师，期限 2026-12-31",
    "图片打不开，可能已损坏：坏图.png",
    "图片文件不在工作区里：丢失.jpg",
    "专家现场照片：病房电脑 1",
    "共性问题",
    "2026-12-06（建议）",
    "分管院长",
    "信息科负责人",
    "专家签名",
    "日期",
)


def flat(text: str) -> str:
    return "".join(text.split())


@dataclass(frozen=True)
class Word:
    """A Word document as read back."""

    document: Any
    parts: dict[str, bytes]
    told: str


def word(path: Path) -> Word:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    document = Document(str(path))
    paragraphs = [*document.paragraphs]
    paragraphs += [p for t in document.tables for row in t.rows for cell in row.cells for p in cell.paragraphs]
    return Word(document, parts, flat("\n".join(paragraph.text for paragraph in paragraphs)))


@pytest.fixture(scope="module")
def pdf_text(pack: Pack, store: Store, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("pdf") / "反馈.pdf"
    count = write_review_pdf(content_of(pack, reviewed(pack, store), store), out)
    reader = pypdf.PdfReader(out)
    assert len(reader.pages) == count
    assert len({image.name for page in reader.pages for image in page.images}) == 2
    return flat("\n".join(page.extract_text() for page in reader.pages))


@pytest.fixture(scope="module")
def docx(pack: Pack, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Word:
    out = tmp_path_factory.mktemp("docx") / "反馈.docx"
    write_review_docx(content_of(pack, reviewed(pack, store), store), out)
    return word(out)


@pytest.mark.parametrize("text", EXPECTED)
def test_both_say_the_same(text: str, pdf_text: str, docx: Word) -> None:
    assert flat(text) in pdf_text
    assert flat(text) in docx.told


def test_long_texts_are_whole_in_both(pdf_text: str, docx: Word) -> None:
    assert UNSHORT in docx.told
    assert pdf_text.count("一段很长的说明") >= UNSHORT.count("一段很长的说明") - 4  # headers stand between two pages


def test_the_word_document_is_one_to_edit(docx: Word) -> None:
    styles = {p.style.name for p in docx.document.paragraphs}
    assert {"Heading 1", "Heading 2", "Heading 3", "Normal"} <= styles
    signing = docx.document.tables[-1]
    assert [row.cells[0].text for row in signing.rows] == [
        "医院确认：院长", "医院确认：分管院长", "医院确认：信息科负责人", "专家签名：李专家",
    ]  # fmt: skip
    fonts = docx.parts["word/fontTable.xml"].decode()
    assert "微软雅黑" in fonts and "Noto Sans CJK SC" in fonts
    for name, content in docx.parts.items():
        if name.endswith(".xml"):
            ElementTree.fromstring(content)


def test_pictures_in_the_word_document_are_scaled_and_described(docx: Word) -> None:
    media = [content for name, content in docx.parts.items() if "/media/" in name]
    assert len(media) == 2  # the first photo, and one piece of evidence that two findings show
    for content in media:
        with Image.open(io.BytesIO(content)) as image:
            assert max(image.size) <= 1000 and not image.getexif()
    described = [shape._inline.docPr.get("descr") for shape in docx.document.inline_shapes]
    assert described[0] == "专家现场照片：病房电脑 1" and len(described) == 3


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_nothing_found_and_a_very_long_name(suffix: str, pack: Pack, store: Store, tmp_path: Path) -> None:
    out = tmp_path / f"a.{suffix}"
    name = "某某市第一人民医院集团总医院" * 30
    assessment = built(pack, {SERIOUS: opinion(ExpertVerdict.CONFIRMED)}, hospital=name)
    text = written(content_of(pack, assessment, store), out)
    assert name in text
    assert "没有发现问题" in text and "没有要整改的问题" in text and "共性问题" not in text


def written(content: Any, out: Path) -> str:
    if out.suffix == ".pdf":
        write_review_pdf(content, out)
        with pypdfium2.PdfDocument(out) as document:
            return flat("".join(page.get_textpage().get_text_range() for page in document))
    write_review_docx(content, out)
    return word(out).told


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_a_pack_without_categories_and_coverage(suffix: str, points_pack: Pack, store: Store, tmp_path: Path) -> None:
    group = points_pack.groups[0]
    clause = points_pack.item_by_code[group.items[0]].clauses_through(3)[0].id
    assessment = built(points_pack, {clause: finding(group=group.code)}, target=3)
    text = written(content_of(points_pack, assessment, store, group.code), tmp_path / f"a.{suffix}")
    assert clause in text and "功能等级" not in text


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_two_hundred_findings_with_hostile_texts(suffix: str, pack: Pack, store: Store, tmp_path: Path) -> None:
    assessment = many(pack, store, 200, (64, 36))
    opinions = {c: replace(o, problem=f"{o.problem}\x00\x0b\ud800<&>") for c, o in assessment.opinions.items()}
    text = written(content_of(pack, replace(assessment, opinions=opinions), store), tmp_path / f"a.{suffix}")
    assert "第199处没有提示" in text
    assert "<&>" in text and "\x00" not in text


@pytest.mark.parametrize("write", [write_review_pdf, write_review_docx])
def test_stopping_leaves_what_was_there(write: Any, pack: Pack, store: Store, tmp_path: Path) -> None:
    out = tmp_path / "a"
    out.write_bytes(b"before")

    def stop(done: int, total: int, what: str) -> None:
        if done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        write(content_of(pack, reviewed(pack, store), store), out, stop)
    assert out.read_bytes() == b"before" and [file.name for file in tmp_path.iterdir()] == ["a"]


def test_a_finding_is_named_in_the_outline_of_the_pdf(pack: Pack, store: Store, tmp_path: Path) -> None:
    write_review_pdf(content_of(pack, reviewed(pack, store), store), tmp_path / "a.pdf")
    titles = str(pypdf.PdfReader(tmp_path / "a.pdf").outline)
    assert ORDINARY in titles and "确认与签名" in titles
