"""The task list read back."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from emrassess.domain.assessment import Assessment
from emrassess.domain.pack import Pack
from emrassess.domain.planning import Department, Task, WorkState, progress
from emrassess.reports.task_list import gather, write_task_list

TODAY = date(2026, 11, 21)
WARD, LAB, IDLE = (
    Department("1", "护理部", ("李护士", "王护士")),
    Department("2", "=检验科/[夜班]:" + "长" * 40),
    Department("3", "药学部"),
)
TASKS = {
    "02.01.1(1)": Task("1", "李护士", "2026-11-20", WorkState.CHANGES_REQUESTED, "截图没有时间"),
    "01.01.1(1)": Task("1", "", "2026-11-30", WorkState.SUBMITTED),
    "01.01.1(2)": Task("1"),
    "05.01.1(1)": Task("2", "=1+1", "2026-12-01", WorkState.IN_PROGRESS),
    "99.99.1(1)": Task("1"),
}


def written(pack: Pack, out: Path, *departments: Department) -> Workbook:
    assessment = Assessment(
        "a", "示例<b>医院", pack.id, pack.version, 5, departments={d.id: d for d in departments}, tasks=TASKS
    )
    parts = progress(assessment.departments, assessment.tasks, {"01.01.1(1)"}, set(), TODAY)
    write_task_list(gather(pack, assessment, parts, 12, TODAY), out)
    return load_workbook(out)


@pytest.fixture(scope="module")
def book(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return written(pack, tmp_path_factory.mktemp("tasks") / "清单.xlsx", WARD, LAB, IDLE)


def rows(book: Workbook, name: str) -> list[dict[str, object]]:
    heads, *values = book[name].iter_rows(min_row=3, values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in values]


def test_a_department_finds_its_clauses_with_a_box_to_tick(book: Workbook, pack: Pack) -> None:
    lines = rows(book, "护理部")
    assert [line["条款"] for line in lines] == ["01.01.1(1)", "01.01.1(2)", "02.01.1(1)"]
    assert [line["完成"] for line in lines] == ["√", "□", "□"]
    asked = lines[2]
    assert asked["状态"] == "退回修改：截图没有时间"
    assert asked["期限"] == "2026-11-20\n已逾期" and asked["负责人"] == "李护士"
    clause = pack.clause_by_id["02.01.1(1)"]
    assert (asked["要求"], asked["通常用什么证明"]) == (clause.text, clause.evidence)
    assert book["护理部"]["A1"].value == "护理部　任务清单"
    facts = str(book["护理部"]["A2"].value)
    for fact in ("示例<b>医院", "截至 2026-11-21", "已交 1 条", "已逾期 1 条", "李护士、王护士"):
        assert fact in facts


def test_sheets_are_ready_to_print_and_hang(book: Workbook) -> None:
    assert len(book.sheetnames) == 3  # 汇总, 护理部, 检验科; nothing to hang for who has nothing
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.freeze_panes == "C4"


def test_names_that_excel_does_not_take_are_changed(book: Workbook, pack: Pack, tmp_path: Path) -> None:
    name = book.sheetnames[2]
    assert name.startswith("=检验科__夜班__长") and len(name) == 31
    assert book[name]["F4"].value == "=1+1" and book[name]["F4"].data_type == "s"
    again = written(pack, tmp_path / "名.xlsx", Department("1", "History"), Department("2", "汇总"))
    assert again.sheetnames == ["汇总", "History 2", "汇总 2"]


def test_the_summary_counts(book: Workbook) -> None:
    first, second, third = rows(book, "汇总")
    assert (first["科室"], first["条款"], first["已提交"], first["退回修改"], first["已逾期"]) == ("护理部", 4, 1, 1, 1)
    assert second["最近期限"] == "2026-12-01" and third["条款"] == 0
    assert "还有 12 条没有分派" in str(book["汇总"]["A2"].value)
