"""What a piece of evidence looks like beside its clause: text, tables, pages.

The files are of any origin, and none is trusted.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pypdfium2

from emrassess.domain.assessment import Revision
from emrassess.reports.thumbnails import MAX_PIXELS, PDF_LOCK, can_picture

MAX_TEXT = 100_000
MAX_ROWS, MAX_COLUMNS, MAX_SHEETS = 300, 40, 20
_MAX_XML = 30_000_000
_MAX_PARTS = 50
_BESIDE_PAGES = re.compile(r"word/((header|footer)[0-9]*|footnotes|endnotes|comments)\.xml")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


class Shape(StrEnum):
    """How to show it."""

    PICTURE = "picture"
    PAGES = "pages"
    TEXT = "text"
    TABLE = "table"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name and rows of text."""

    name: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`shape` says which of the others count. `note`: what the user should know, such as that it goes on."""

    shape: Shape
    text: str = ""
    sheets: tuple[Sheet, ...] = ()
    pages: int = 0
    note: str = ""


def preview(file: Path, revision: Revision) -> Preview:
    """What to show of `revision`, stored at `file`; never fails: `note` says why there is nothing."""
    if not file.exists():
        return Preview(Shape.NONE, note="文件不在工作区的 evidence 文件夹里，可能被移走或误删")
    if revision.size == 0:
        return Preview(Shape.NONE, note="文件是空的（0 字节）")
    reader = _reader(revision)
    if reader is None:
        return Preview(Shape.NONE, note="这种文件不能在程序里预览，请用“打开”交给其他程序")
    try:
        return reader(file)
    except Exception:
        # Readers of such formats raise almost anything on a damaged file; a preview is never worth an error.
        return Preview(Shape.NONE, note="文件内容无法读取，可能已损坏、加了密码，或扩展名与内容不符")


def _reader(revision: Revision) -> Callable[[Path], Preview] | None:
    suffix = Path(revision.file_name).suffix.lower()
    if revision.media_type == "application/pdf":
        return _pdf
    if can_picture(revision.media_type):
        return lambda _: Preview(Shape.PICTURE)
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    return _text if revision.media_type.startswith("text/") else None


def page_picture(file: Path, page: int, width: int) -> bytes | None:
    """Page `page` (from 0) of a PDF as PNG, `width` pixels wide; None where it cannot be drawn."""
    with PDF_LOCK:
        try:
            document = pypdfium2.PdfDocument(file)
        except Exception:  # pdfium's own kinds
            return None
        try:
            drawn = document[page]
            wide, high = drawn.get_size()
            scale = width / max(wide, 1)
            if wide * high * scale * scale > MAX_PIXELS:
                return None
            out = io.BytesIO()
            drawn.render(scale=scale).to_pil().save(out, "PNG", compress_level=1)
            return out.getvalue()
        except Exception:
            return None
        finally:
            document.close()


def _pdf(file: Path) -> Preview:
    with PDF_LOCK:
        document = pypdfium2.PdfDocument(file)
        try:
            return Preview(Shape.PAGES, pages=len(document))
        finally:
            document.close()


def _decoded(file: Path) -> tuple[str, bool]:
    """The beginning of a text file, UTF-8 or else GB18030; and whether that is all of it."""
    with file.open("rb") as stream:
        start = stream.read(MAX_TEXT * 4 + 1)
    whole = len(start) <= MAX_TEXT * 4
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = start.decode("utf-16", "replace")
    else:
        try:
            # A cut may fall into a character: the last three bytes do not count then.
            (start if whole else start[:-3]).decode("utf-8")
            text = start.decode("utf-8-sig", "replace")
        except UnicodeDecodeError as error:
            cut = not whole and error.start > len(start) - 8
            text = start.decode("utf-8-sig" if cut else "gb18030", "replace")
    return text[:MAX_TEXT], whole and len(text) <= MAX_TEXT


def _text(file: Path) -> Preview:
    text, whole = _decoded(file)
    return Preview(Shape.TEXT, text.replace("\0", ""), note="" if whole else "文件较长，只显示开头")


def _csv(file: Path) -> Preview:
    text, whole = _decoded(file)
    delimiter = "\t" if text.partition("\n")[0].count("\t") > text.partition("\n")[0].count(",") else ","
    rows, more = _cut(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter))
    return Preview(Shape.TABLE, sheets=(Sheet("", rows),), note=_cut_note(more or not whole))


def _xlsx(file: Path) -> Preview:
    _check_size(file)
    # As a stream: openpyxl goes by the ending of a path, and stored files have none.
    with file.open("rb") as stream, closing(openpyxl.load_workbook(stream, read_only=True, data_only=True)) as book:
        sheets: list[Sheet] = []
        more = len(book.worksheets) > MAX_SHEETS
        for sheet in book.worksheets[:MAX_SHEETS]:
            rows, cut = _cut(sheet.iter_rows(values_only=True))
            sheets.append(Sheet(sheet.title, rows))
            more = more or cut
        return Preview(Shape.TABLE, sheets=tuple(sheets), note=_cut_note(more))


def _cut(rows: Iterable[Iterable[Any]]) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The first rows and columns as text, and whether there were more."""
    taken = [["" if cell is None else str(cell) for cell in row] for row in islice(rows, MAX_ROWS + 1)]
    more = len(taken) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in taken)
    return tuple(tuple(row[:MAX_COLUMNS]) for row in taken[:MAX_ROWS]), more


def _cut_note(more: bool) -> str:
    return f"表格较大，最多显示前 {MAX_ROWS} 行、{MAX_COLUMNS} 列" if more else ""


def _docx(file: Path) -> Preview:
    with zipfile.ZipFile(file) as archive:
        more = sorted(name for name in archive.namelist() if _BESIDE_PAGES.fullmatch(name))
    parts = ("word/document.xml", *more[:_MAX_PARTS])
    return _limited(line for name in parts for line in _paragraphs(_part(file, name), _WORD))


def _pptx(file: Path) -> Preview:
    with zipfile.ZipFile(file) as archive:
        names = [n for n in archive.namelist() if n.startswith("ppt/slides/slide") and n.endswith(".xml")]
    names.sort(key=lambda name: (len(name), name))
    lines: list[str] = []
    for number, name in enumerate(names[:200], 1):
        lines += [f"— 第 {number} 页 —", *_paragraphs(_part(file, name), _DRAWING)]
    return _limited(lines)


def _limited(lines: Iterable[str]) -> Preview:
    text = "\n".join(islice(lines, 20_000))
    note = "文件较长，只显示开头" if len(text) > MAX_TEXT else "只显示文字，不含版式和图片"
    return Preview(Shape.TEXT, text[:MAX_TEXT], note=note)


def _part(file: Path, name: str) -> bytes:
    with zipfile.ZipFile(file) as archive, archive.open(name) as part:
        content = part.read(_MAX_XML + 1)
    if len(content) > _MAX_XML or b"<!DOCTYPE" in content[:2000]:
        raise ValueError(name)
    return content


def _check_size(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > 5 * _MAX_XML:
            raise ValueError("unpacked size")


def _paragraphs(xml: bytes, space: str) -> Iterator[str]:
    """The paragraphs of a part, in the names of `space`; of a table a line a row, its cells set apart by tabs.

    What stands inside of a line is told with it and not again, so that files nested a million deep cost no more time.
    """
    row, cell, paragraph = f"{space}tr", f"{space}tc", f"{space}p"
    told: set[ElementTree.Element] = set()
    for element in ElementTree.fromstring(xml).iter():
        if element in told or element.tag not in (row, paragraph):
            continue
        if element.tag == paragraph:
            yield _words(element, space)
        elif next(islice(element.iter(row), 1, None), None) is None:
            cells: list[str] = []
            for part in element.iter(cell):
                if part not in told:
                    cells.append(_words(part, space))
                    told.update(part.iter(cell))
            yield "\t".join(cells)
        else:
            continue  # a table within a table: its rows are told
        told.update(element.iter(paragraph))


def _words(element: ElementTree.Element, space: str) -> str:
    return "".join(part.text or "" for part in element.iter(f"{space}t"))


_BY_SUFFIX: dict[str, Callable[[Path], Preview]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
    ".docx": _docx,
    ".pptx": _pptx,
}
