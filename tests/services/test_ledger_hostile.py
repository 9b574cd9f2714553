"""Workbooks that are meant to do harm, or damaged: refused by name, in time, and with nothing changed."""

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.errors import UserError
from emrassess.reports import ledger_reader
from emrassess.services.ledger_files import import_ledger
from emrassess.services.session import Session
from tests.services.ledger_book import file, nothing, worked

__all__ = ["file"]


def repacked(file: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The workbook with its parts changed."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def sheet_part(content: str | bytes) -> Callable[[str, bytes], bytes]:
    data = content.encode() if isinstance(content, str) else content
    return lambda name, held: data if name == "xl/worksheets/sheet1.xml" else held


_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s<sheetData>%s</sheetData></worksheet>'
_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_FAR = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_BOMB + _SHEET % ("", ""), "文档类型声明"),
        (f"<!--{'x' * 5000}-->" + _BOMB + _SHEET % ("", ""), "文档类型声明"),
        ((_BOMB + _SHEET % ("", "")).encode("utf-16"), "不是 UTF-8"),
        (_SHEET % ("", "<row><c/></row>" * 700_000), "单元格太多"),
        (_SHEET % ('<dimension ref="A1:XFD1048576"/>', _FAR), "找不到台账的表头"),
        (_SHEET % ("", "<row>" * 10), "不是完整的 Excel 工作簿"),
    ],
    ids=["entities", "entities-later", "encoding", "cells", "dimensions", "broken"],
)
def test_hostile_sheets_are_refused_in_time(session: Session, file: Path, content: str | bytes, said: str) -> None:
    before, begun = session.assessment, time.monotonic()
    with pytest.raises(UserError, match=said) as refused:
        import_ledger(session, repacked(file, sheet_part(content)))
    assert file.name in refused.value.message and refused.value.hint
    assert time.monotonic() - begun < 10 and session.assessment is before


def test_a_zip_bomb_is_refused(session: Session, file: Path) -> None:
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x.bin", "w") as part:
        for _ in range(210):
            part.write(bytes(1_000_000))
    with pytest.raises(UserError, match="解开后超过"):
        import_ledger(session, file)


def test_a_huge_file_is_not_even_read(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "大.xlsx"
    with file.open("wb") as stream:
        stream.truncate(60_000_000)
    with pytest.raises(UserError, match="超过 50 MB"):
        import_ledger(session, file)


def test_more_rows_than_any_ledger_has_are_refused(
    session: Session, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_reader, "MAX_ROWS", 4)
    with pytest.raises(UserError, match="超过 4 行，不像整改台账"):
        import_ledger(session, file)


def test_a_million_empty_rows_are_no_trouble(session: Session, file: Path) -> None:
    def work(sheet: Worksheet) -> None:
        sheet.cell(1_000_000, 1).number_format = "0.00"

    begun = time.monotonic()
    assert nothing(import_ledger(session, worked(file, work)))
    assert time.monotonic() - begun < 10


def test_changed_bytes_never_crash_it(session: Session, file: Path) -> None:
    content = bytearray(file.read_bytes())
    before = session.assessment
    for at in range(0, len(content), len(content) // 60):
        broken = content.copy()
        broken[at] ^= 0x55
        file.write_bytes(broken)
        try:
            import_ledger(session, file, dry_run=True)
        except UserError as refused:
            assert refused.message and refused.hint
    assert session.assessment is before
