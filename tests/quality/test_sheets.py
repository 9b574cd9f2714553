"""Extracts in XLSX: dates, merged headers, formulas without results, sheets, and workbooks that mean harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from emrassess.quality import sheets
from tests.quality.conftest import Checked, counts, extract, result
from tests.quality.test_bad_files import COLUMNS, notes


def book(file: Path, *rows: tuple[Any, ...], title: str = "医嘱") -> Path:
    made = Workbook()
    page = made.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(row)
    made.save(file)
    return file


HEAD = ("order_no", "name", "at", "done_at")


def test_dates_in_cells_and_as_text_and_blank_rows(checked: Checked, tmp_path: Path) -> None:
    file = book(
        tmp_path / "a.xlsx",
        HEAD,
        (1, "甲", datetime(2026, 8, 1, 8, 30), "2026-08-01 08:31"),
        (None, " ", None, None),
        (),
        (2.0, "乙", date(2026, 8, 1), 46235.5),
        ("3", "丙\r\n丁", "2026/8/1 8:30", datetime(2026, 8, 1, 8, 30)),
        (4, "", "上午", "2026-08-01"),
        (5, "戊", None, None, None, "多"),
    )
    found = checked(extract("orders", file, columns=COLUMNS))
    assert (counts(found, "filled"), counts(found, "record")) == ((3, 5), (3, 5))
    assert notes(found) == [
        "a.xlsx 的工作表“医嘱”第 8 行：列数比表头多，没有计入",
        "a.xlsx 列“at”：有 1 个值不是能识别的时间，按没有时间计（如C7 格）",
    ]
    assert [sample[0][1] for sample in result(found, "record").samples] == ["", "4"]


def test_a_merged_header_is_named_by_its_cells(checked: Checked, tmp_path: Path) -> None:
    made = Workbook()
    page = made.active
    assert page is not None
    page.append(("order_no", "name", "", "done_at"))
    page.merge_cells("B1:C1")
    made.save(tmp_path / "a.xlsx")
    reason = result(checked(extract("orders", tmp_path / "a.xlsx", columns=COLUMNS)), "filled").reason
    assert reason == "a.xlsx 的工作表“Sheet”表头里 C1 是空的，像是合并过的表头"


def test_the_sheet_that_is_meant(checked: Checked, tmp_path: Path) -> None:
    made = Workbook()
    first = made.active
    assert first is not None
    first.append(HEAD)
    first.append((1, "甲", None, None))
    second = made.create_sheet("九月")
    second.append(HEAD)
    made.save(tmp_path / "a.xlsx")
    found = checked(extract("orders", tmp_path / "a.xlsx", columns=COLUMNS))
    assert counts(found, "filled") == (1, 1)
    assert notes(found) == ["a.xlsx：有 2 个工作表，只读了第一个“Sheet”；要读别的，请写明 sheet"]
    found = checked(extract("orders", tmp_path / "a.xlsx", columns=COLUMNS, sheet="九月"))
    assert result(found, "filled").reason == "没有可查的记录" and not found.notes
    found = checked(extract("orders", tmp_path / "a.xlsx", columns=COLUMNS, sheet="十月"))
    assert result(found, "filled").reason == "a.xlsx 没有工作表“十月”"


def test_formulas_without_a_result_are_blank_and_named(checked: Checked, tmp_path: Path) -> None:
    file = book(tmp_path / "a.xlsx", HEAD, (1, "=A2&A2", None, None), (2, "甲", None, None), (3, "=A4", None, None))
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (1, 3)
    assert notes(found) == [
        "a.xlsx 的工作表“医嘱” B2、B4：是公式，文件里没有它的结果，按空白计；请用 Excel 打开并保存一次"
    ]


def test_a_sheet_that_is_full_may_have_lost_rows(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    file = book(tmp_path / "a.xlsx", HEAD, (1, "甲", None, None), (2, "甲", None, None))
    (note,) = notes(checked(extract("orders", file, columns=COLUMNS)))
    assert note.startswith("a.xlsx 的工作表“医嘱”：有 3 行，已到 XLSX 的上限")


def _with(file: Path, name: str, content: bytes) -> None:
    """Put another content into a part of the workbook."""
    with zipfile.ZipFile(file) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, old in parts.items():
            archive.writestr(part, content if part == name else old)


def test_workbooks_that_mean_harm_or_are_none(checked: Checked, tmp_path: Path) -> None:
    bomb = book(tmp_path / "bomb.xlsx", HEAD)
    _with(bomb, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (101 << 20))
    entities = book(tmp_path / "entities.xlsx", HEAD)
    _with(entities, "xl/worksheets/sheet1.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>')
    cut = book(tmp_path / "cut.xlsx", HEAD)
    _with(cut, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c")
    text = tmp_path / "text.xlsx"
    text.write_text("order_no,name\n", encoding="utf-8")
    for file, reason in (
        (bomb, "解开后大得不像数据表，没有读取"),
        (entities, "带有文档类型声明，没有读取"),
        (cut, "打不开：不是 XLSX 文件，或已损坏"),
        (text, "打不开：不是 XLSX 文件，或已损坏"),
    ):
        assert reason in result(checked(extract("orders", file, columns=COLUMNS)), "filled").reason
