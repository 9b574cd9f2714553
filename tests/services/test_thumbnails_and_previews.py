"""Pictures and previews of evidence; damaged and hostile files cost nothing but the picture."""

import io
import shutil
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from emrassess.domain.assessment import Revision
from emrassess.services import thumbnails
from emrassess.services.media import media_type
from emrassess.services.previews import MAX_ROWS, Shape, page_picture, preview
from emrassess.services.thumbnails import Thumbnails


def given(folder: Path, name: str, content: bytes, digest: str = "d") -> tuple[Path, Revision]:
    file = folder / "stored"
    file.write_bytes(content)
    return file, Revision(digest, name, len(content), media_type(name, content), "", "")


def picture(size: tuple[int, int] = (800, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


def pdf(pages: int = 2) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 600))
    for n in range(pages):
        canvas.drawString(50, 300, f"page {n}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def xlsx(rows: int) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for n in range(rows):
        sheet.append([n, None, "内容"])
    book.create_sheet("第二页")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCX = zipped(word__document=f"<w:d {W}><w:p><w:r><w:t>制度</w:t><w:t>正文</w:t></w:r></w:p><w:p/></w:d>")


# --- thumbnails


@pytest.mark.parametrize(("name", "content", "size"), [("a.png", picture(), (100, 50)), ("a.pdf", pdf(), (50, 100))])
def test_a_thumbnail_is_made_once(tmp_path: Path, name: str, content: bytes, size: tuple[int, int]) -> None:
    file, revision = given(tmp_path, name, content)
    found = Thumbnails(tmp_path / "cache").get(file, revision, 100)
    assert found is not None
    with Image.open(found) as image:
        assert image.size == size
    file.unlink()
    assert Thumbnails(tmp_path / "cache").get(file, revision, 100) == found
    assert {f.name for f in (tmp_path / "cache").iterdir()} == {"d-100.jpg"}


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", picture()[:100]), ("a.pdf", b"%PDF-1.4 broken"), ("a.docx", DOCX), ("a.png", b"")]
)
def test_what_cannot_be_drawn_has_none(tmp_path: Path, name: str, content: bytes) -> None:
    file, revision = given(tmp_path, name, content)
    cache = Thumbnails(tmp_path / "cache")
    assert cache.get(file, revision, 100) is None and cache.get(file, revision, 100) is None


def test_a_file_that_was_away_is_tried_again(tmp_path: Path) -> None:
    file, revision = given(tmp_path, "a.png", picture())
    cache = Thumbnails(tmp_path / "cache")
    away = file.rename(tmp_path / "away")
    assert cache.get(file, revision, 100) is None
    away.rename(file)
    assert cache.get(file, revision, 100) is not None


def test_a_cache_that_cannot_be_written_costs_only_pictures(tmp_path: Path) -> None:
    file, revision = given(tmp_path, "a.png", picture())
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert Thumbnails(tmp_path / "cache").get(file, revision, 100) is None


def test_the_oldest_go_when_it_is_too_much(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "_SWEEP_EVERY", 3)
    monkeypatch.setattr(Thumbnails.sweep, "__defaults__", (1,))
    cache = Thumbnails()
    for n in range(3):
        cache.get(*given(tmp_path, "a.png", picture(), f"d{n}"), 64)
    assert list((home / "cache" / "thumbnails").iterdir()) == []


# --- previews


@pytest.mark.parametrize(
    ("name", "content", "shape"),
    [
        ("a.png", picture(), Shape.PICTURE),
        ("a.txt", "说明\n第二行".encode("gb18030"), Shape.TEXT),
        ("a.docx", DOCX, Shape.TEXT),
        ("a.csv", "项目,数".encode(), Shape.TABLE),
        ("a.xlsx", xlsx(3), Shape.TABLE),
        ("a.pdf", pdf(), Shape.PAGES),
        ("a.zip", b"PK", Shape.NONE),
        ("a.txt", b"", Shape.NONE),
        ("a.docx", b"not a zip", Shape.NONE),
        ("a.xlsx", zipped(word__document="x"), Shape.NONE),
        ("a.pdf", b"%PDF-1.4 broken", Shape.NONE),
    ],
)
def test_what_is_shown(tmp_path: Path, name: str, content: bytes, shape: Shape) -> None:
    found = preview(*given(tmp_path, name, content))
    assert found.shape is shape
    assert bool(found.note) or shape is not Shape.NONE


def test_texts_are_read_whatever_their_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        assert preview(*given(tmp_path, "a.txt", "危急值".encode(encoding))).text == "危急值"
    assert preview(*given(tmp_path, "a.docx", DOCX)).text == "制度正文\n"


def test_a_long_text_is_cut_between_characters(tmp_path: Path) -> None:
    for head in ("", "a", "ab"):
        found = preview(*given(tmp_path, "a.txt", (head + "医" * 200_000).encode()))
        assert set(found.text) <= set("医ab") and "只显示开头" in found.note


def test_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    found = preview(*given(tmp_path, "a.xlsx", xlsx(MAX_ROWS + 5)))
    assert [sheet.name for sheet in found.sheets] == ["Sheet", "第二页"]
    assert len(found.sheets[0].rows) == MAX_ROWS and found.sheets[0].rows[1] == ("1", "", "内容")
    assert "最多显示" in found.note
    tabs = preview(*given(tmp_path, "a.tsv", b"a\tb\n1\t2"))
    assert tabs.sheets[0].rows == (("a", "b"), ("1", "2")) and tabs.note == ""


def test_hostile_documents_are_not_unfolded(tmp_path: Path) -> None:
    bomb = zipped(word__document="<a>" + " " * 40_000_000 + "</a>")
    assert preview(*given(tmp_path, "a.docx", bomb)).shape is Shape.NONE
    entities = zipped(word__document='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert preview(*given(tmp_path, "a.docx", entities)).shape is Shape.NONE


def test_a_table_of_a_document_is_shown_row_by_row(tmp_path: Path) -> None:
    def row(*cells: str) -> str:
        return f"<w:tr>{''.join(f'<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>' for cell in cells)}</w:tr>"

    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    inner = f"<w:tr><w:tc><w:tbl>{row('内')}</w:tbl></w:tc></w:tr>"
    body = f"<w:p><w:r><w:t>前</w:t></w:r></w:p><w:tbl>{row('甲', '乙')}{row('丙', '')}{inner}</w:tbl>"
    parts = {"word__document": f"<w:d {w}>{body}</w:d>", "word__header1": f"<w:h {w}><w:p><w:t>页眉</w:t></w:p></w:h>"}
    assert preview(*given(tmp_path, "a.docx", zipped(**parts))).text == "前\n甲\t乙\n丙\t\n内\n页眉"


@pytest.mark.parametrize("tag", ["p", "tr", "tc"])
def test_documents_nested_very_deep_cost_little(tmp_path: Path, tag: str) -> None:
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    deep = f"<w:d {w}><w:tr>{f'<w:{tag}>' * 100_000}{f'</w:{tag}>' * 100_000}</w:tr></w:d>"
    start = time.process_time()
    preview(*given(tmp_path, "a.docx", zipped(word__document=deep)))
    assert time.process_time() - start < 5


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    file, revision = given(tmp_path, "a.png", picture())
    file.unlink()
    assert "evidence" in preview(file, revision).note


def test_pages_of_a_pdf_are_drawn(tmp_path: Path) -> None:
    file, revision = given(tmp_path, "a.pdf", pdf(3))
    assert preview(file, revision).pages == 3
    drawn = page_picture(file, 2, 150)
    assert drawn is not None
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.size == (150, 300)
    assert page_picture(file, 9, 150) is None and page_picture(file, 0, 10**6) is None
    shutil.copyfile(__file__, file)
    assert page_picture(file, 0, 150) is None
