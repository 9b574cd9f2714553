"""Documents of evidence looked at for the check-up: is anything in them, and whose data. No file is trusted.

A piece of work on one file ends: sizes, rows and pages are bounded, and what was left out is said.
"""

import csv
import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2

from emrassess.domain.assessment import Revision
from emrassess.domain.checkup_files import FileFacts
from emrassess.domain.personal_data import Found, in_rows, in_text
from emrassess.reports.thumbnails import PDF_LOCK
from emrassess.services.previews import MAX_TEXT, Shape, preview

log = logging.getLogger(__name__)

_MAX_BYTES = 8_000_000
_MAX_ROWS, _MAX_COLUMNS, _MAX_SHEETS = 20_000, 100, 50
_MAX_CELL = 2_000
_NEVER_WRITTEN = (*range(8), *range(14, 27), *range(28, 32))
"""Characters that are in no text: control codes but for tabs, line ends, and the escapes of logs."""
_MOST_STRANGE = 0.02
_MAX_UNPACKED = 30_000_000
_MAX_PAGES = 60
_MAX_FOUND = 1_000
_OLE = b"\xd0\xcf\x11\xe0"  # an Office file with a password is packed in one of these
_LOCKED = "文件加了密码"
_BROKEN = "文件已损坏，或扩展名与内容不符"
_TAG = re.compile("<[^>]{0,2000}>")
_CELL_END = re.compile(r"</t[dh]>\s*|</?(?:p|div|li|br|h[1-6])\b[^>]{0,2000}>", re.IGNORECASE)
_DELIMITERS = ",\t;|"
_SLIDE = re.compile("— 第 [0-9]+ 页 —")  # what a preview puts between slides
_TEXT_TYPES = ("application/json",)


def read_document(file: Path, revision: Revision) -> FileFacts:
    """What is to be known of `revision`, stored at `file`, that is no picture; never fails."""
    reader = _reader(revision)
    if reader is None:
        kind = Path(revision.file_name).suffix.lower() or "没有扩展名"
        return FileFacts(unseen=f"这种文件（{kind}）程序打不开，里面的内容没有检查")
    try:
        return reader(file, revision)
    except Exception as error:
        # Readers of such formats raise almost anything on a damaged file; it must not cost the whole run.
        log.info("document not read: %s: %s", revision.sha256[:12], type(error).__name__)
        return FileFacts(unreadable=_BROKEN)


def _reader(revision: Revision) -> Callable[[Path, Revision], FileFacts] | None:
    suffix = Path(revision.file_name).suffix.lower()
    if revision.media_type == "application/pdf":
        return _pdf
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    is_text = revision.media_type.startswith("text/") or revision.media_type in _TEXT_TYPES
    return _text if is_text else None


def _listed(found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(islice(found, _MAX_FOUND))


# --- text and tables


def _text(file: Path, _revision: Revision) -> FileFacts:
    return _written(*_decoded(file))


def _markup(file: Path, _revision: Revision) -> FileFacts:
    """A page for a browser: what is to be read on it, cells of a table on one line."""
    text, whole = _decoded(file)
    return _written(_TAG.sub("", _CELL_END.sub("\t", text)), whole)


def _written(text: str, whole: bool) -> FileFacts:
    letters = len("".join(text.split()))
    return FileFacts(
        empty="" if letters else "文件里只有空白",
        unseen="" if whole else "文件很长，只查了开头的一部分",
        letters=letters,
        personal=_listed(in_text(text)),
    )


def _decoded(file: Path) -> tuple[str, bool]:
    """The beginning of a text file, and whether that is all of it; ValueError where it is no text."""
    text, whole = _read(file)
    strange = sum(text.count(chr(code)) for code in (0xFFFD, *_NEVER_WRITTEN))
    if strange > len(text) * _MOST_STRANGE:
        raise ValueError("no text")
    return text, whole


def _read(file: Path) -> tuple[str, bool]:
    """In UTF-8, UTF-16 or else GB18030."""
    with file.open("rb") as stream:
        start = stream.read(_MAX_BYTES + 1)
    whole = len(start) <= _MAX_BYTES
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace"), whole
    try:
        # A cut may fall into a character: the last bytes do not count then.
        start[: None if whole else -4].decode("utf-8")
    except UnicodeDecodeError as error:
        if whole or error.start < len(start) - 8:
            return start.decode("gb18030", "replace"), whole
    return start.decode("utf-8-sig", "replace"), whole


def _csv(file: Path, _revision: Revision) -> FileFacts:
    text, whole = _decoded(file)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    return _table([rows], whole)


def _xlsx(file: Path, _revision: Revision) -> FileFacts:
    with file.open("rb") as stream:
        if stream.read(4) == _OLE:
            return FileFacts(unreadable=f"{_LOCKED}，或是旧格式的 .xls")
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
            return FileFacts(unseen="表格太大，没有检查里面的内容")
        drawn = any(name.startswith(("xl/media/", "xl/charts/")) for name in archive.namelist())
    # As a stream: openpyxl goes by the ending of a path, and stored files have none.
    with file.open("rb") as stream, closing(openpyxl.load_workbook(stream, read_only=True, data_only=True)) as book:
        sheets = [_rows(sheet) for sheet in book.worksheets[:_MAX_SHEETS]]
        facts = _table(sheets, len(book.worksheets) <= _MAX_SHEETS)
    return replace(facts, empty="") if drawn else facts


def _rows(sheet: Any) -> Iterator[list[str]]:
    """All rows, whatever size the sheet says it has: some programs write one that is too small."""
    sheet.reset_dimensions()
    return map(_cells, sheet.iter_rows(values_only=True))


def _cells(row: Sequence[Any]) -> list[str]:
    return [_cell(value) for value in row[: _MAX_COLUMNS + 1]]


def _cell(value: Any) -> str:
    """Numbers as people see them: 13800000000, not 13800000000.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    return str(value)[:_MAX_CELL]


def _table(sheets: Sequence[Iterable[Sequence[str]]], whole: bool) -> FileFacts:
    """`whole` False: not all of the file is in `sheets`."""
    filled, left = 0, _MAX_ROWS
    personal: list[Found] = []
    for rows in sheets:
        taken = [row[: _MAX_COLUMNS + 1] for row in islice(rows, left + 1)]
        whole = whole and len(taken) <= left and all(len(row) <= _MAX_COLUMNS for row in taken)
        taken = [row[:_MAX_COLUMNS] for row in taken[:left]]
        left -= len(taken)
        filled += sum(1 for row in taken if any(cell.strip() for cell in row))
        personal += islice(in_rows(taken), _MAX_FOUND)
    return FileFacts(
        empty="" if filled > 1 else "表格里只有一行，没有数据" if filled else "表格是空的",
        unseen="" if whole else f"表格很大，最多查了前 {_MAX_ROWS} 行、{_MAX_COLUMNS} 列",
        personal=_listed(personal),
    )


# --- Office documents and PDF


def _office(file: Path, revision: Revision) -> FileFacts:
    with file.open("rb") as stream:
        if stream.read(4) == _OLE:
            return FileFacts(unreadable=f"{_LOCKED}，或是旧格式的 Office 文件")
    seen = preview(file, revision)
    if seen.shape is Shape.NONE:
        return FileFacts(unreadable=seen.note)
    written = (line for line in seen.text.splitlines() if not _SLIDE.fullmatch(line))
    letters = len("".join("".join(written).split()))
    with zipfile.ZipFile(file) as archive:
        drawn = any("/media/" in name for name in archive.namelist())
    return FileFacts(
        empty="" if letters or drawn else "文档里没有文字，也没有图片",
        unseen="文档很长，只查了开头的一部分" if len(seen.text) >= MAX_TEXT else "",
        letters=letters if letters else None,
        personal=_listed(in_text(seen.text)),
        unit="段",
    )


def _pdf(file: Path, _revision: Revision) -> FileFacts:
    with PDF_LOCK:
        try:
            document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            return FileFacts(unreadable=_LOCKED if "password" in str(error).lower() else _BROKEN)
        with closing(document):
            pages = len(document)
            if not pages:
                return FileFacts(empty="一页也没有")
            found: list[Found] = []
            blank = True
            for number in range(min(pages, _MAX_PAGES)):
                text, anything = _page(document, number)
                blank = blank and not anything
                found += (one._replace(row=number + 1) for one in in_text(text))
    return FileFacts(
        empty="所有页面都是空白" if blank else "",
        unseen=f"共 {pages} 页，只查了前 {_MAX_PAGES} 页的文字" if pages > _MAX_PAGES else "",
        personal=_listed(found),
        unit="页",
    )


def _page(document: pypdfium2.PdfDocument, number: int) -> tuple[str, bool]:
    """The text of a page, and whether there is anything on it at all."""
    with closing(document[number]) as page, closing(page.get_textpage()) as written:
        text = written.get_text_range()[:MAX_TEXT]
        return text, bool(text.strip()) or next(iter(page.get_objects(max_depth=1)), None) is not None


_BY_SUFFIX: dict[str, Callable[[Path, Revision], FileFacts]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
    ".docx": _office,
    ".htm": _markup,
    ".html": _markup,
    ".pptx": _office,
}
