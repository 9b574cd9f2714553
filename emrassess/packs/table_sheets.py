"""The cells of a criteria table: XLSX, or text with separators in one of the usual encodings, read with suspicion."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emrassess.errors import Problem, RefusedError, UserError, why_unreadable

MAX_FILE = 50_000_000
MAX_UNPACKED = 200_000_000
MAX_TAGS = 2_000_000  # a cell has four; openpyxl takes some 350 bytes for each
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_TEXT = 5_000
DELIMITERS = (",", "\t", ";")

_SAVE_AS = "请用 WPS 或 Excel 打开它，另存为“Excel 工作簿（*.xlsx）”，再导入另存出来的文件。"
_LAST_ROW = 1_048_576  # of XLSX itself; a file that claims more would keep us counting
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF8_XML = re.compile(rb"""(\xef\xbb\xbf)?\s*<(?!\?xml[^>]*?encoding\s*=\s*["'](?!(?i:utf-?8|us-ascii)["']))[^\x00]""")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff]+")
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its number as the table shows it (from 1), and its cells as trimmed text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or (name "") a text file as one of the separators splits it.

    `fault`: why the lines end before the file does.
    """

    name: str
    lines: tuple[Line, ...]
    fault: Problem | None = None


def sheets(file: Path) -> Iterator[Sheet]:
    """The sheets of an XLSX file, or a text file once for each separator it may have.

    UserError where it is another kind of file, too large, or not readable; RefusedError where it is not to be trusted.
    """
    try:
        if file.is_dir():
            raise UserError(f"{file.name} 是文件夹，不是文件", "请选择条款表文件（.xlsx 或 .csv）。")
        if file.stat().st_size > MAX_FILE:
            raise UserError(f"{file.name} 超过 {MAX_FILE // 1_000_000} MB，不像条款表", "请只留条款表这一张，再导入。")
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"无法读取文件 {file.name}：{why_unreadable(error)}",
            "请检查文件是否存在、能否打开；如果它正在 WPS 或 Excel 里打开着，请先关闭。",
        ) from None
    if content.startswith(b"PK"):
        return _workbook(file.name, content)
    if content.startswith(_OLE):
        raise UserError(f"{file.name} 是旧版 .xls 文件，或者设了打开密码", _SAVE_AS)
    text = _decoded(file.name, content)
    return (_split(file.name, text, delimiter) for delimiter in DELIMITERS)


def _workbook(name: str, content: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a fifth of a second that text files need not wait for

    check_archive(name, content)
    try:
        with _quiet():
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some programs write a size that is too small, and rows would be lost
                rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS, values_only=True)
                with _quiet():
                    lines = _lines(name, enumerate(rows, 1))
                yield Sheet(sheet.title, lines)
    except UserError:
        raise
    except Exception:  # whatever a damaged workbook makes openpyxl raise
        raise UserError(f"{name} 不是完整的 Excel 工作簿，无法读取", _SAVE_AS) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """openpyxl warns of each feature it does not know; values are all we want."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_archive(name: str, content: bytes, what: str = "条款表") -> None:
    """Refuse, before openpyxl sees it, what would not fit into memory, and document types (entities that grow).

    UserError where it is no workbook, RefusedError where it is not to be trusted. `what` it should be, for the words.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise UserError(f"{name} 是压缩文件，但不是 Excel 工作簿", _SAVE_AS)
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise _too_large(name, f"解开后超过 {MAX_UNPACKED // 1_000_000} MB", what)
            tags = 0
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")):
                    part = archive.read(entry)
                    if not _UTF8_XML.match(part):  # in another encoding neither of the two below could be seen
                        raise RefusedError(f"{name} 里的 {entry.filename} 不是 UTF-8 编码，没有读取", _SAVE_AS)
                    if b"<!DOCTYPE" in part:
                        raise RefusedError(f"{name} 里的 {entry.filename} 带有文档类型声明，没有读取", _SAVE_AS)
                    tags += part.count(b"<")
            if tags > MAX_TAGS:
                raise _too_large(name, "里面的单元格太多", what)
    except UserError:
        raise
    except Exception:  # as above: a damaged archive makes zipfile and zlib raise many things
        raise UserError(f"{name} 不是完整的 Excel 工作簿，无法读取", _SAVE_AS) from None


def _too_large(name: str, why: str, what: str) -> RefusedError:
    hint = f"请把{what}那几列复制到一个新的工作簿（不要带整列的格式），再导入新的文件。"
    return RefusedError(f"{name} {why}，不像{what}，没有读取", hint)


def _decoded(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise UserError(f"{name} 不是表格：既不是 .xlsx，也不是 UTF-8 或 GB18030 编码的文本", _SAVE_AS)


def _split(name: str, text: str, delimiter: str) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first, fault = 1, None

    def numbered() -> Iterator[tuple[int, list[str]]]:
        nonlocal first, fault
        try:
            for cells in reader:
                yield first, cells[:MAX_COLUMNS]
                first = reader.line_num + 1  # a quoted cell may run over several lines; the record is where it begins
        except csv.Error:
            fault = Problem(name, first, "这一行的引号没有成对，或者一格的文字太长")

    lines = _lines(name, numbered())
    return Sheet("", lines, fault)


def _lines(name: str, rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[Line, ...]:
    found: list[Line] = []
    for number, values in rows:
        if values.count(None) == len(values):  # formatted and empty: there may be a million of them
            continue
        cells = tuple(_text(value) for value in values)
        if not any(cells):
            continue
        if len(found) == MAX_ROWS:
            raise UserError(f"{name} 超过 {MAX_ROWS} 行，不像条款表", "请只留条款表这一张，再导入。")
        found.append(Line(number, cells))
    return tuple(found)


def _text(value: object) -> str:
    """A cell as text in one line; a whole number without its ".0", and nothing for a formula that went wrong."""
    if value is None or value in _ERRORS:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)[: MAX_TEXT + 1]
    return _SPACES.sub(" ", text).strip()
