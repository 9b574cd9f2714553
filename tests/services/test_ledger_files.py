"""The ledger as a workbook: exported, worked on as people do, and read back; and what is not taken."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.domain.ledger import FindingState, own_id
from emrassess.domain.ledger_cells import USUAL, Head
from emrassess.domain.review import Severity
from emrassess.errors import UserError
from emrassess.reports.ledger_sheet import BASE_SHEET, LIST_SHEET, SHEET
from emrassess.services import ledger
from emrassess.services.evidence import NewEvidence
from emrassess.services.history import undo
from emrassess.services.ledger_files import export_ledger, import_ledger
from emrassess.services.session import Session
from emrassess.storage.changes import finding_change
from tests.services.ledger_book import Work, file, nothing, worked
from tests.services.ledger_samples import A1, B1, C1, REVIEW, A, C, imported, opinion, three, with_setting

__all__ = ["file"]

HEADS = 3


def column(sheet: Worksheet, head: str) -> int:
    return next(n for n, cell in enumerate(sheet[HEADS], 1) if cell.value == head)


def row(sheet: Worksheet, key: str) -> int:
    return next(n for n in range(HEADS + 1, sheet.max_row + 1) if sheet.cell(n, column(sheet, Head.ID)).value == key)


def put(key: str, head: str, value: object) -> Work:
    def work(sheet: Worksheet) -> None:
        sheet.cell(row(sheet, key), column(sheet, head)).value = value  # type: ignore[assignment]

    return work


# --- the sheet


def test_the_sheet_shows_the_ledger_in_its_order(session: Session, file: Path) -> None:
    ledger.attach_files(session, A1, [NewEvidence(b"1", "改后.png", "改后的截图")])
    export_ledger(session, file)
    book = load_workbook(file)
    sheet = book[SHEET]
    heads, *lines = [list(line) for line in sheet.iter_rows(min_row=HEADS, values_only=True)]
    assert tuple(heads) == USUAL
    assert [line[0] for line in lines] == [A1, B1, C1]
    first = dict(zip(heads, lines[0], strict=True))
    assert first[Head.REQUIREMENT] == session.pack.clause_by_id[A].text
    assert first[Head.DEADLINE] == datetime(2026, 11, 20)
    assert (first[Head.SUPERVISED], first[Head.HINT], first[Head.STATE]) == ("挂牌督办", "已逾期 1 天", "待整改")
    assert (first[Head.SEVERITY], first[Head.GROUP], first[Head.AFTER]) == ("严重", "病房组", "改后的截图")
    assert "附上整改后的材料" in str(first[Head.HISTORY]) and first[Head.RAISED_AT] == "2026-11-20"
    said = str(sheet["A2"].value)
    assert "共 3 个问题" in said and "已逾期 1 个" in said and "挂牌督办 1 个" in said
    assert lines[1][heads.index(Head.MEASURES)] == "=1+1 不是公式\n第二行"
    assert sheet.cell(5, column(sheet, Head.MEASURES)).data_type == "s"


def test_the_sheet_is_made_to_be_worked_in_and_printed(session: Session, file: Path) -> None:
    book = load_workbook(file)
    sheet = book[SHEET]
    assert sheet.freeze_panes == "C4" and str(sheet.auto_filter.ref).startswith("A3:")
    assert sheet.print_title_rows == "$1:$3" and sheet.page_setup.orientation == "landscape"
    lists = {str(rule.sqref).rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation}
    assert len(lists) == 4 and all(rule.type == "list" for rule in lists.values())
    free = [rule for rule in lists.values() if not rule.showErrorMessage]
    assert len(free) == 1  # a department that is not in the list can be written
    choices = book[LIST_SHEET]
    assert [cell.value for cell in choices["D"] if cell.value] == [Head.DEPARTMENT, "护理部"]
    assert (choices.sheet_state, book[BASE_SHEET].sheet_state) == ("hidden", "veryHidden")
    rules = [rule for found in sheet.conditional_formatting for rule in found.rules]
    assert any("TODAY()" in rule.formula[0] for rule in rules) and any("挂牌督办" in rule.formula[0] for rule in rules)
    assert sheet.column_dimensions["A"].width < 8


def test_some_findings_can_be_exported_and_nothing_cannot(session: Session, tmp_path: Path) -> None:
    out = tmp_path / "x.xlsx"
    with pytest.raises(UserError, match="还没有问题"):
        export_ledger(session, out)
    assert not out.exists()
    three(session)
    assert export_ledger(session, out, [C1, A]) == 2
    found = import_ledger(session, worked(out, put(A1, Head.OWNER, "王五")))
    assert found.changes is not None and not found.missing
    assert set(session.assessment.findings) == {A1, B1, C1}
    with pytest.raises(UserError, match="台账里没有"):
        export_ledger(session, out, ["99#1"])


# --- read back


def test_an_export_read_back_changes_nothing(session: Session, file: Path) -> None:
    before = session.assessment
    found = import_ledger(session, file)
    assert nothing(found) and found.same == 3 and session.assessment == before


def test_what_was_edited_is_taken_as_one_step(session: Session, file: Path) -> None:
    before = session.assessment

    def work(sheet: Worksheet) -> None:
        for key, head, value in (
            (A1, Head.DEPARTMENT, "病案室"),
            (A1, Head.DEADLINE, datetime(2026, 12, 24)),
            (A1, Head.SUPERVISED, None),
            (B1, Head.DEADLINE, "2026年12月5日"),
            (B1, Head.MEASURES, None),
            (C1, Head.STATE, "整改中"),
            (C1, Head.SEVERITY, "严重"),
            (C1, Head.DEADLINE, date(2026, 12, 31)),
        ):
            put(key, head, value)(sheet)

    preview = import_ledger(session, worked(file, work), dry_run=True)
    assert [change.id for change in preview.changed] == [A1, B1, C1] and preview.changes is None
    assert session.assessment == before
    found = import_ledger(session, file)
    assert replace(found, changes=None) == preview
    assert found.changes is not None and found.changes.label == "导入台账 台账.xlsx：改动 3 个"
    first, second, third = (session.assessment.findings[key] for key in (A1, B1, C1))
    assert (first.department, first.deadline, first.supervised) == ("病案室", "2026-12-24", False)
    assert (second.deadline, second.measures) == ("2026-12-05", "")
    assert (third.state, third.severity, third.deadline) == (FindingState.IN_PROGRESS, Severity.SERIOUS, "2026-12-31")
    assert third.history[-1].who == "张三"
    assert nothing(import_ledger(session, file))
    undo(session)
    assert session.assessment == before


def test_both_sides_worked_on_it(session: Session, file: Path) -> None:
    ledger.assign(session, [A1], owner="王五", measures="这里写的")
    worked(file, put(A1, Head.OWNER, "赵六"))
    found = import_ledger(session, worked(file, put(A1, Head.DEPARTMENT, "药学部")))
    (conflict,) = found.conflicts
    assert (conflict.id, conflict.head, conflict.ours, conflict.theirs) == (A1, Head.OWNER, "王五", "赵六")
    held = session.assessment.findings[A1]
    assert (held.owner, held.department, held.measures) == ("王五", "药学部", "这里写的")


def test_rows_sorted_deleted_and_added(session: Session, file: Path) -> None:
    def work(sheet: Worksheet) -> None:
        last = sheet.max_row
        for index in range(1, len(USUAL) + 1):
            upper, lower = sheet.cell(HEADS + 1, index), sheet.cell(last, index)
            upper.value, lower.value = lower.value, upper.value  # type: ignore[union-attr]
        sheet.delete_rows(row(sheet, B1))
        sheet.cell(last + 3, column(sheet, Head.CLAUSE)).value = "02.01.3（1）"  # type: ignore[union-attr]
        sheet.cell(last + 3, column(sheet, Head.PROBLEM)).value = "自查：没有索引"  # type: ignore[union-attr]
        sheet.row_dimensions[HEADS + 1].hidden = True

    found = import_ledger(session, worked(file, work))
    assert found.missing == (B1,) and found.same == 2
    assert [new.id for new in found.new] == [own_id(C, 1)]
    assert set(session.assessment.findings) == {A1, B1, C1, own_id(C, 1)}
    again = import_ledger(session, file)
    assert nothing(again) and again.missing == (B1,)


def test_columns_moved_added_and_deleted_are_kept_at_their_place(session: Session, file: Path) -> None:
    def work(sheet: Worksheet) -> None:
        sheet.insert_cols(3)
        sheet.cell(HEADS, 3).value = "分管院长"  # type: ignore[union-attr]
        sheet.cell(row(sheet, A1), 3).value = "王院长"  # type: ignore[union-attr]
        sheet.delete_cols(column(sheet, Head.OWNER))
        sheet.delete_cols(column(sheet, Head.HISTORY))
        sheet.insert_rows(1)  # a note above the heads

    worked(file, work)
    found = import_ledger(session, file)
    assert [change.heads for change in found.changed] == [("分管院长",)]
    assert session.assessment.findings[A1].more == (("分管院长", "王院长"),)
    assert session.assessment.findings[A1].owner == "李护士"
    export_ledger(session, file)
    sheet = load_workbook(file)[SHEET]
    heads = [cell.value for cell in sheet[HEADS]]
    assert heads[:4] == [Head.ID, Head.CLAUSE, "分管院长", Head.REQUIREMENT] and set(heads) == {*USUAL, "分管院长"}
    assert sheet.cell(row(sheet, A1), 3).value == "王院长"
    assert nothing(import_ledger(session, file))
    undo(session)
    assert session.assessment.ledger_columns is None and not session.assessment.findings[A1].more


def test_odd_cells(session: Session, file: Path) -> None:
    def work(sheet: Worksheet) -> None:
        put(A1, Head.DEADLINE, "=TODAY()+7")(sheet)
        put(A1, Head.OWNER, 12345)(sheet)
        put(B1, Head.DEPARTMENT, True)(sheet)
        put(B1, Head.DEADLINE, 46357)(sheet)
        sheet.cell(row(sheet, B1), column(sheet, Head.DEADLINE)).number_format = "General"
        put(C1, Head.MEASURES, "#N/A")(sheet)
        sheet.cell(row(sheet, C1), column(sheet, Head.MEASURES)).data_type = "e"  # type: ignore[union-attr]
        extra = sheet.max_column + 2
        sheet.cell(row(sheet, C1), extra).value = "没有表头的一列"  # type: ignore[union-attr]
        sheet.cell(HEADS, extra + 1).value = Head.PROBLEM  # type: ignore[union-attr]
        sheet.cell(row(sheet, C1), extra + 1).value = "第二个问题列"  # type: ignore[union-attr]

    found = import_ledger(session, worked(file, work))
    assert {(r.id, r.head) for r in found.refused} == {(A1, Head.DEADLINE), (C1, Head.MEASURES)}
    first, second, third = (session.assessment.findings[key] for key in (A1, B1, C1))
    assert (first.deadline, first.owner) == ("2026-11-20", "12345")
    assert (second.department, second.deadline) == ("是", "2026-12-01")
    assert [text for _, text in third.more] == ["没有表头的一列", "第二个问题列"]
    assert third.more[1][0] == "问题（2）"


def test_what_a_cell_cannot_hold_comes_back_unchanged(session: Session, tmp_path: Path) -> None:
    three(session)
    long = replace(session.assessment.findings[A1], problem="长" * 40_000 + "\x07", measures=" 前后有空格 \r\n")
    session.write("x", [finding_change(session.assessment, A1, long)])
    out = tmp_path / "x.xlsx"
    export_ledger(session, out)
    assert nothing(import_ledger(session, out))
    import_ledger(session, worked(out, put(A1, Head.OWNER, "王五")))
    assert session.assessment.findings[A1].problem == long.problem


# --- what is not read


def hidden(file: Path, cell: str, value: object) -> Path:
    book = load_workbook(file)
    book[BASE_SHEET][cell].value = value
    book.save(file)
    return file


def test_a_ledger_of_elsewhere_is_refused_by_name(session: Session, file: Path) -> None:
    hidden(hidden(file, "B2", "other"), "B3", "另一家医院")
    with pytest.raises(UserError, match=r"台账\.xlsx 是“另一家医院”的另一份评价的台账"):
        import_ledger(session, file)


def test_a_ledger_of_another_round_is_refused_by_name(session: Session, file: Path) -> None:
    ledger.start_recheck(session)
    with pytest.raises(UserError, match="是现场核查时导出的，现在已经是第 1 次回看") as refused:
        import_ledger(session, file)
    assert "重新导出" in refused.value.hint
    imported(session, {A: opinion("还在", round=2)})
    export_ledger(session, file)
    assert nothing(import_ledger(session, file))


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("B1", "emrassess-ledger/2", "只认 emrassess-ledger/1"),
        ("B1", "something", "不是整改台账"),
        ("B2", None, "记录不完整"),
        ("B4", "一", "记录不完整"),
        ("B4", 1.5, "记录不完整"),
    ],
)
def test_a_ledger_of_another_format_is_refused(
    session: Session, file: Path, cell: str, value: object, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        import_ledger(session, hidden(file, cell, value))


def test_a_workbook_without_the_hidden_sheet_or_heads_is_refused(session: Session, file: Path, tmp_path: Path) -> None:
    def drop(sheet: Worksheet) -> None:
        sheet.delete_rows(1, HEADS)

    other = tmp_path / "别的.xlsx"
    book = Workbook()
    book.save(other)
    with pytest.raises(UserError, match="没有导出时的记录"):
        import_ledger(session, other)
    with pytest.raises(UserError, match="找不到台账的表头"):
        import_ledger(session, worked(file, drop))


def test_it_is_the_hospitals_to_import(session: Session, file: Path) -> None:
    with_setting(session, "review", REVIEW)
    with pytest.raises(UserError, match="台账由医院"):
        import_ledger(session, file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "不是 Excel 工作簿"),
        ("条款,问题\n".encode(), "不是 Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "旧版 .xls"),
        (b"PK\x03\x04" + bytes(50), "不是完整的 Excel 工作簿"),
    ],
)
def test_other_files_are_refused(session: Session, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(content)
    with pytest.raises(UserError, match=said):
        import_ledger(session, file)
    for wrong in (tmp_path, tmp_path / "没有.xlsx"):
        with pytest.raises(UserError):
            import_ledger(session, wrong)


def test_nothing_is_left_where_the_disk_refuses(session: Session, tmp_path: Path) -> None:
    three(session)
    with pytest.raises(UserError):
        export_ledger(session, tmp_path / "没有" / "x.xlsx")
    assert [found.name for found in tmp_path.iterdir()] == ["评价"]
