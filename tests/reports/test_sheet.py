"""The tables read back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from emrassess.domain.assessment import Assessment, ClauseAnswer
from emrassess.reports.content import ReportContent
from emrassess.reports.sheet import write_xlsx
from tests.reports.conftest import HOSPITAL, LONG_NOTE


@pytest.fixture(scope="module")
def book(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    out = tmp_path_factory.mktemp("xlsx") / "表.xlsx"
    write_xlsx(content, out)
    return load_workbook(out)


def table(book: Workbook, name: str) -> list[dict[str, object]]:
    rows = list(book[name].iter_rows(values_only=True))
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def test_sheets_stand_ready_to_filter_and_print(book: Workbook) -> None:
    assert book.sheetnames == ["概览", "项目", "条款", "差距", "实证材料"]
    for name in book.sheetnames[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.fitToHeight == 0
        assert all(dimension.width >= 6 for dimension in sheet.column_dimensions.values())


def test_overview_tells_the_verdict(book: Workbook, content: ReportContent) -> None:
    sheet = book["概览"]
    assert sheet["B1"].value == HOSPITAL
    assert sheet["B2"].value == content.headline
    assert float(str(sheet["B6"].value)) == pytest.approx(float(content.total))
    assert sheet["B6"].number_format == "0.00"
    levels = [row[0].value for row in sheet.iter_rows(min_row=14, max_row=21)]
    assert levels == list(range(1, 9))


def test_items_are_numbers_where_they_are_numbers(book: Workbook, content: ReportContent) -> None:
    rows = table(book, "项目")
    assert [row["项目"] for row in rows] == [item.code for item in content.items]
    first = rows[0]
    assert first["得分"] == pytest.approx(3.8)
    assert (first["功能评分"], first["计分级别"], first["目标级有效应用比例"]) == (4, 4, 0.6)
    assert first["目标级结果"] == "未通过"
    assert book["项目"]["I2"].number_format == "0.00"
    functional = next(row for row in rows if row["项目"] == "08.02")
    assert functional["比例的分子/分母"] == "按功能计"


def test_every_clause_is_a_row(book: Workbook, content: ReportContent) -> None:
    rows = table(book, "条款")
    assert [row["条款"] for row in rows] == [c.id for i in content.items for c in i.clauses]
    clause = next(row for row in rows if row["条款"] == "01.01.5(2)")
    assert (clause["自评"], clause["备注"]) == ("◐ 部分达标", LONG_NOTE)
    shown = next(row for row in rows if row["条款"] == "01.01.1(1)")
    assert (shown["材料件数"], shown["材料状态"], shown["目标内"]) == (1, "材料完整", "是")


def test_gaps_are_one_thing_a_row(book: Workbook) -> None:
    rows = table(book, "差距")
    assert (rows[0]["先后"], rows[0]["条款"], rows[0]["自评"]) == (1, "06.01.5(3)", "× 未达标")
    figures = [row["差什么"] for row in rows if row["项目"] == "01.01 病房医嘱处理"]
    assert "01.01.5 的有效应用比例 0.60，要求 0.80，差 0.20" in figures


def test_texts_of_users_never_become_formulas(book: Workbook) -> None:
    risky = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str) and cell.value[:1] in ("=", "+", "-", "@"):
                    assert cell.quotePrefix
                    risky += 1
    assert risky >= 4


def test_evidence_has_its_digest(book: Workbook, content: ReportContent) -> None:
    rows = table(book, "实证材料")
    assert [row["SHA-256 摘要"] for row in rows] == [e.piece.current.sha256 for e in content.evidence]
    assert rows[3]["还缺"] == "标题、文件缺失"
    assert rows[0]["字节"] == 1234


def test_what_no_cell_can_hold_is_left_out(
    gathered: Callable[[Assessment], ReportContent], assessment: Assessment, tmp_path: Path
) -> None:
    note = "a\x07b\x00c\ud800d" + "字" * 40_000
    answers = {**assessment.answers, "01.01.1(1)": ClauseAnswer(note=note)}
    write_xlsx(gathered(replace(assessment, answers=answers)), tmp_path / "a.xlsx")
    rows = table(load_workbook(tmp_path / "a.xlsx"), "条款")
    value = str(rows[0]["备注"])
    assert value.startswith("abcd字")
    assert value.endswith("全文见程序）")
    assert len(value) == 32_767


def test_rows_are_high_enough_for_their_wrapped_texts(book: Workbook) -> None:
    """Not every program fits the row to the text when it opens the file."""
    sheet = book["条款"]
    hints = next(cell for cell in sheet[1] if cell.value == "怎样证明").column_letter
    room = sheet.column_dimensions[hints].width / 2
    for row in range(2, sheet.max_row + 1):
        height = sheet.row_dimensions[row].height
        assert height is not None and height >= 14 * len(str(sheet[f"{hints}{row}"].value)) / room * 0.8
