"""Writes the records of a demonstration extract as files, as a hospital's systems would have exported them."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook

from emrassess.demonstration.extracts.cells import BLOCK, PERIOD, WIDE_BLOCK, Cell, moment, patient_of
from emrassess.demonstration.extracts.records import Form, Record, Table
from emrassess.demonstration.extracts.vocabulary import Field
from emrassess.quality.parquet import ParquetMaker

_DAY = (2026, 11, 14, 8, 0, 0)
_WORDS = (
    ("病人", "患者"), ("标识", "ID"), ("医师", "医生"), ("编码", "代码"), ("单号", "单编号"), ("医嘱号", "医嘱流水号"),
    ("处方号", "处方流水号"), ("名称", "名"), ("时间", "日期时间"), ("状态", "状态值"), ("科室", "科别"),
)  # fmt: skip
_NAME, _NOTE = "患者姓名", "备注"
_NOTES = ("", "", "", "示例", "示例：含逗号,和“引号”", '示例"双引号"', "示例\n第二行", "")
_BLOCK, _WIDE_BLOCK = BLOCK.encode(), WIDE_BLOCK.encode()  # the same bytes in every encoding used
_WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_TOLD = 64  # blocks

Told = Callable[[int], None]
"""Gets the number of records written since the last call; may raise Cancelled."""
Piece = tuple[range, Sequence[Record]]
"""Records that come once in each block of a range of them."""


def columns_of(table: Table) -> dict[str, str]:
    """What the hospital calls the column of each field: much like annex 4, but not quite."""
    found: dict[str, str] = {}
    for field in table.fields:
        name = field.label
        for here, there in _WORDS:
            name = name.replace(here, there)
        if name == field.label:
            name = f"{name}（院内）"
        while name in found.values():
            name += "2"
        found[field.id] = name
    return found


def write_table(
    table: Table, stem: str, folder: Path, rows: int, make_parquet: ParquetMaker, told: Told
) -> tuple[Path, ...]:
    """Write `table` of `rows` records (before those that lack or are there twice) as files in `folder`, all called
    `stem`: one, or two of a record in GB18030.
    """
    pieces = _pieces(table, rows)
    path = folder / f"{stem}{table.form.ending}"
    if table.form is Form.XLSX:
        write_workbook(path, [(stem, table, pieces)])
        told(rows)
        return (path,)
    if table.form is Form.PARQUET:
        text = folder / f"{stem}.part"
        _write_text(table, text, pieces, told)
        times = {name for field, name in zip(table.fields, columns_of(table).values(), strict=True) if field.is_time}
        make_parquet(text, _header(table), times, path)
        text.unlink()
        return (path,)
    if table.form is not Form.CSV_CHINESE or table.dictionary:
        _write_text(table, path, pieces, told)
        return (path,)
    halves = tuple(folder / f"{stem}_{number}{table.form.ending}" for number in (1, 2))
    for half, listed in zip(halves, (pieces[:1], pieces[1:]), strict=True):
        _write_text(table, half, listed, told)
    return halves


def _pieces(table: Table, rows: int) -> list[Piece]:
    """The records in their order: first half, then what is left."""
    whole, rest = divmod(rows, PERIOD)
    if table.dictionary:
        return [(range(1), table.records)]
    if not whole:
        last = table.up_to(rest)
        return [(range(1), last[: len(last) // 2]), (range(1), last[len(last) // 2 :])]
    found: list[Piece] = [(range(whole // 2), table.records), (range(whole // 2, whole), table.records)]
    return [*found, (range(whole, whole + 1), table.up_to(rest))]


def _header(table: Table) -> list[str]:
    """All columns; two, of which the rules need nothing, hold what must not leave the extract."""
    names = list(columns_of(table).values())
    if table.dictionary:
        return names
    return [*names, *([] if _names_patients(table) else [_NAME]), _NOTE]


def _row(table: Table, record: Record) -> list[str]:
    texts = [record.cells[field.id].text for field in table.fields]
    if table.dictionary:
        return texts
    name = [] if _names_patients(table) else [patient_of(record.number)]
    return [*texts, *name, _NOTES[record.number % len(_NOTES)]]


def _names_patients(table: Table) -> bool:
    return any(field.id == "patient_name" for field in table.fields)


# --- text


def _write_text(table: Table, path: Path, pieces: Sequence[Piece], told: Told) -> None:
    """CSV or TSV. A block is made once, and only its number is changed for the others: as fast as the disk."""
    encoding, delimiter = table.form.value[1:]
    with path.open("wb") as out:
        if table.form is Form.CSV_MARKED:
            out.write(b"\xef\xbb\xbf")
        out.write(_lines([_header(table)], encoding, delimiter))
        for blocks, records in pieces:
            block = _lines([_row(table, record) for record in records], encoding, delimiter)
            _write_blocks(out, block, blocks, encoding, len(records), told)


def _lines(rows: Sequence[Sequence[str]], encoding: str, delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n" if encoding == "gb18030" else "\n").writerows(rows)
    return text.getvalue().encode("gb18030" if encoding == "gb18030" else "utf-8")


def _write_blocks(out: BinaryIO, block: bytes, blocks: range, encoding: str, records: int, told: Told) -> None:
    since = 0
    for number in blocks:
        digits = f"{number:06d}"
        wide = digits.translate(_WIDE_DIGITS).encode("gb18030" if encoding == "gb18030" else "utf-8")
        out.write(block.replace(_BLOCK, digits.encode()).replace(_WIDE_BLOCK, wide))
        since += records
        if number % _TOLD == 0:
            told(since)
            since = 0
    told(since)


# --- workbooks


def write_workbook(path: Path, sheets: Sequence[tuple[str, Table, Sequence[Piece]]]) -> None:
    """Sheets of these names; small tables only. The same bytes each time: openpyxl would write the hour into it."""
    book = Workbook(write_only=True)
    for name, table, pieces in sheets:
        sheet = book.create_sheet(name)
        sheet.append(_header(table))
        for row in _sheet_rows(table, pieces):
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-11-14T08:00:00Z", source.read(name)))


def _sheet_rows(table: Table, pieces: Sequence[Piece]) -> Iterator[list[Any]]:
    for blocks, records in pieces:
        for number in blocks:
            digits = f"{number:06d}"
            for record in records:
                texts = [text.replace(BLOCK, digits) for text in _row(table, record)]
                row = [text.replace(WIDE_BLOCK, digits.translate(_WIDE_DIGITS)) for text in texts]
                typed = [_typed(field, record.cells[field.id], row[n]) for n, field in enumerate(table.fields)]
                yield [*typed, *(text or None for text in row[len(typed) :])]


def _typed(field: Field, cell: Cell, text: str) -> str | int | datetime | None:
    """As Excel has it: times and whole numbers are no texts there."""
    if field.is_time and cell.minute is not None:
        return moment(cell.minute)
    return int(text) if text.isascii() and text.isdecimal() else text or None
