"""Sheets of XLSX workbooks, made into CSV row by row; read with suspicion."""

import csv
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from emrassess.atomic import write_error
from emrassess.domain.quality import ExtractNote
from emrassess.errors import RefusedError, UserError
from emrassess.quality.files import TextFile, Told, letter, unreadable

MOST_ROWS = 1_048_576
"""Of XLSX itself: where a sheet is as long as that, the system that wrote it had no room for the rest."""
_MOST_UNPACKED = 4 << 30  # bytes
_MOST_PACKED_TO = 200  # times as large as it is packed; rows of a hospital come to some 30
_MOST_STRINGS = 1 << 30  # bytes of the part that openpyxl keeps in memory
_MOST_NOTES = 20
_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 XLSX，或导出为 CSV。"
_NO_VALUE = re.compile(
    rb"<c\b[^>]*\br=\"([A-Z]+[0-9]+)\"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)


def sheet_as_csv(file: Path, sheet: str | None, target: Path, told: Told) -> tuple[TextFile, list[ExtractNote]]:
    """A copy of a sheet of the workbook `file` as CSV in `target`, and what was noticed.

    UserError where it is no workbook, has no such sheet, or its first row is no header; RefusedError where it is not to
    be trusted; StorageError where there is no room.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - takes a while, and most extracts are text

    with _as_ours(file):
        _check_archive(file)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        with _as_ours(file):
            page, noted = _page(file, book, sheet)
            page.reset_dimensions()
            place = f"{file.name} 的工作表“{page.title}”"
            rows: Iterator[tuple[Any, ...]] = page.iter_rows(max_row=MOST_ROWS, values_only=True)
            header = [_text(cell).strip() for cell in next(rows, ())]
            while header and not header[-1]:
                header.pop()
            _check_header(place, header)
            passed_over, notes = _write(target, header, rows, place, told)
            notes = [*noted, *notes, *_formulas(file, page, place)]
            return TextFile(target, tuple(header), ",", True, passed_over=passed_over), notes
    finally:
        book.close()


@contextmanager
def _as_ours(file: Path) -> Iterator[None]:
    """Whatever a damaged workbook makes openpyxl raise, and without its warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UserError:
        raise
    except OSError as error:
        raise unreadable(file, error) from error
    except Exception:
        raise UserError(f"{file.name} 打不开：不是 XLSX 文件，或已损坏", _SAVE_AS) from None


def _check_archive(file: Path) -> None:
    """Refuse, before openpyxl sees it, what would fill the memory or the disk, and entities that grow."""
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise UserError(f"{file.name} 是压缩文件，但不是 Excel 工作簿", _SAVE_AS)
        for entry in entries:
            grown = entry.file_size > _MOST_PACKED_TO * max(entry.compress_size, 1) and entry.file_size > 100 << 20
            strings = entry.filename.endswith("sharedStrings.xml") and entry.file_size > _MOST_STRINGS
            if grown or strings:
                raise RefusedError(f"{file.name} 解开后大得不像数据表，没有读取", "请导出为 CSV。")
            if entry.filename.endswith((".xml", ".rels")):
                with archive.open(entry) as part:
                    begins = part.read(1000)
                if b"<!DOCTYPE" in begins or b"<!ENTITY" in begins:
                    raise RefusedError(f"{file.name} 里的 {entry.filename} 带有文档类型声明，没有读取", _SAVE_AS)
        if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
            raise RefusedError(f"{file.name} 解开后超过 {_MOST_UNPACKED >> 30} GB，没有读取", "请导出为 CSV。")


def _page(file: Path, book: Any, sheet: str | None) -> tuple[Any, list[ExtractNote]]:
    """The sheet that is meant; told where another might have been."""
    pages = {page.title: page for page in book.worksheets if hasattr(page, "reset_dimensions")}
    if sheet is not None and sheet not in pages:
        raise UserError(f"{file.name} 没有工作表“{sheet}”", f"有这些：{'、'.join(pages)}。")
    if not pages:
        raise UserError(f"{file.name} 里没有工作表", _SAVE_AS)
    chosen = sheet or next(iter(pages))
    others = [name for name in pages if name != chosen]
    if sheet is not None or not others:
        return pages[chosen], []
    told = f"有 {len(pages)} 个工作表，只读了第一个“{chosen}”；要读别的，请写明 sheet"
    return pages[chosen], [ExtractNote(file.name, told)]


def _check_header(place: str, header: Sequence[str]) -> None:
    if not any(header):
        raise UserError(f"{place}第一行是空的", "第一行应是列名，请删去上面的空行和标题。")
    blank = [letter(index) for index, name in enumerate(header) if not name]
    if blank:
        cells = "、".join(f"{letter}1" for letter in blank[:5])
        raise UserError(
            f"{place}表头里 {cells} 是空的，像是合并过的表头",
            "请取消合并，让第一行每一列都有自己的列名，标题行删去。",
        )


def _write(
    target: Path, header: Sequence[str], rows: Iterator[tuple[Any, ...]], place: str, told: Told
) -> tuple[tuple[int, ...], list[ExtractNote]]:
    """Write the rows; those that were passed over, and why."""
    wide: list[int] = []
    blank: list[int] = []
    number = 1
    try:
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(header)
            for number, row in enumerate(rows, 2):
                if not number % 1000:
                    told(number / MOST_ROWS)
                texts = [_text(cell) for cell in row]
                if not any(texts):
                    blank.append(number)
                    continue
                if any(texts[len(header) :]):
                    wide.append(number)
                    continue
                texts = texts[: len(header)]
                writer.writerow([*texts, *[""] * (len(header) - len(texts))])
    except OSError as error:
        if error.filename == str(target):
            raise write_error(target, error) from error
        raise
    notes = [ExtractNote(f"{place}第 {line} 行", "列数比表头多，没有计入") for line in wide[:_MOST_NOTES]]
    if len(wide) > _MOST_NOTES:
        notes.append(ExtractNote(place, f"还有 {len(wide) - _MOST_NOTES} 行列数比表头多，没有计入"))
    if number >= MOST_ROWS:
        notes.append(ExtractNote(place, f"有 {MOST_ROWS} 行，已到 XLSX 的上限，导出时可能丢了后面的；请导出为 CSV"))
    return tuple(sorted((*blank, *wide))), notes


def _formulas(file: Path, page: Any, place: str) -> list[ExtractNote]:
    """Cells that hold a formula and no result: a program wrote them that does not calculate."""
    cells: dict[str, None] = {}
    with zipfile.ZipFile(file) as archive, archive.open(page._worksheet_path) as part:
        rest = b""
        while chunk := part.read(1 << 20):
            content = rest + chunk
            if b"<f" in content:
                cells |= dict.fromkeys(match[1].decode() for match in _NO_VALUE.finditer(content))
            rest = content[max(content.rfind(b"<c "), len(content) - 65536, 0) :]
    if not cells:
        return []
    first = "、".join(list(cells)[:5])
    more = f"等 {len(cells)} 格" if len(cells) > 5 else ""
    message = "是公式，文件里没有它的结果，按空白计；请用 Excel 打开并保存一次"
    return [ExtractNote(f"{place} {first} {more}".rstrip(), message)]


def _text(cell: Any) -> str:
    """A cell as text; whole numbers without .0, dates as dates are written."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ", "seconds" if not cell.microsecond else "auto")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
