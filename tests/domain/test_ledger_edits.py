"""A table that people edited, read back: field by field against what was exported."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.ledger import Finding, FindingState, own_id
from emrassess.domain.ledger_cells import EDITABLE, USUAL, Head, cell
from emrassess.domain.ledger_edits import Edits, Row, Table, edits
from emrassess.domain.review import Severity

S = FindingState
A, B = "01.01.4(1)", "01.01.4(2)"
A1, B1 = f"{A}#1", f"{B}#1"
CLAUSES = (A, B, "02.01.3(1)")
FINDINGS = {
    A1: Finding(A, "截图没有时间", "补上", Severity.SERIOUS, department="护理部", more=(("备注", "院长关注"),)),
    B1: Finding(B, "未见医院名称", measures="重新截图", after=("e1",), state=S.IN_PROGRESS),
}


def cells(findings: Mapping[str, Finding], key: str, **changed: str) -> dict[str, str]:
    finding = findings[key]
    shown = {head: cell(finding, head) for head in (*EDITABLE, "备注")}
    return {Head.ID: key, Head.CLAUSE: finding.clause, **shown, **{_head(name): text for name, text in changed.items()}}


def _head(name: str) -> str:
    return Head[name] if name in Head.__members__ else name


def table(*rows: Mapping[str, str], heads: tuple[str, ...] = (*USUAL, "备注"), **more: object) -> Table:
    """As exported from FINDINGS, with these rows in it."""
    base = {key: cells(FINDINGS, key) for key in FINDINGS}
    return Table(heads, tuple(Row(n, row) for n, row in enumerate(rows, 4)), base, **more)  # type: ignore[arg-type]


def read(sheet: Table, findings: Mapping[str, Finding] = FINDINGS, who: str = "张三") -> Edits:
    return edits(findings, sheet, CLAUSES, who, "2026-11-22T10:00:00+08:00", 1)


def everything(found: Edits) -> tuple[object, ...]:
    return found.changed, found.new, found.conflicts, found.refused, found.missing, found.after


def test_an_unchanged_table_changes_nothing() -> None:
    found = read(table(cells(FINDINGS, B1), {}, cells(FINDINGS, A1), dict.fromkeys(USUAL, "")))
    assert found.same == 2 and not any(everything(found))


def test_what_was_changed_in_the_table_only_is_taken() -> None:
    row = cells(
        FINDINGS, A1, DEPARTMENT=" 病案室", OWNER="王五", DEADLINE="2026/12/1", SUPERVISED="是", MEASURES="换模板",
        SEVERITY="一般", STATE="整改中", 备注="",
    )  # fmt: skip
    found = read(table(row, cells(FINDINGS, B1)))
    after = found.after[A1]
    assert (after.department, after.owner, after.deadline, after.supervised) == ("病案室", "王五", "2026-12-01", True)
    assert (after.measures, after.severity, after.state, after.more) == ("换模板", Severity.ORDINARY, S.IN_PROGRESS, ())
    (change,) = found.changed
    assert (change.row, change.id, set(change.heads)) == (4, A1, {*EDITABLE, "备注"} - {Head.PROBLEM, Head.SUGGESTION})
    assert {event.who for event in after.history} == {"张三"} and found.same == 1
    again = read(table(row, cells(FINDINGS, B1)), {**FINDINGS, **found.after})
    assert again.same == 2 and not any(everything(again))


def test_what_was_changed_here_only_stays_and_both_is_a_conflict() -> None:
    here = {**FINDINGS, A1: replace(FINDINGS[A1], owner="李护士", department="药学部")}
    found = read(table(cells(FINDINGS, A1, DEPARTMENT="病案室", MEASURES="换模板"), cells(FINDINGS, B1)), here)
    assert found.after[A1].owner == "李护士" and found.after[A1].department == "药学部"
    (conflict,) = found.conflicts
    assert (conflict.head, conflict.base, conflict.ours, conflict.theirs) == ("责任科室", "护理部", "药学部", "病案室")
    assert found.changed[0].heads == (Head.MEASURES,)
    both = read(table(cells(FINDINGS, A1, DEPARTMENT="药学部"), cells(FINDINGS, B1)), here)
    assert both.same == 2 and not both.conflicts


def test_illegal_moves_are_refused_and_keep_nothing_else_back() -> None:
    done = {**FINDINGS, B1: replace(FINDINGS[B1], state=S.DONE, claimed_by="张三")}
    sheet = table(cells(FINDINGS, A1, STATE="已整改待回看", OWNER="王五"), cells(done, B1, STATE="已销号"))
    sheet = replace(sheet, base={key: cells(done, key) for key in done})
    found = read(sheet, done)
    assert [(r.row, r.id, r.head) for r in found.refused] == [(4, A1, Head.STATE), (5, B1, Head.STATE)]
    assert "还没有整改措施和整改后的材料" in found.refused[0].reason
    assert "不能由本人回看" in found.refused[1].reason
    assert found.after[A1].owner == "王五" and B1 not in found.after
    assert read(sheet, done, "质控科").after[B1].state is S.CLOSED


def test_measures_and_done_in_one_row_in_the_right_order() -> None:
    ready = {**FINDINGS, A1: replace(FINDINGS[A1], after=("e1",))}
    claim = read(table(cells(FINDINGS, A1, STATE="已整改待回看", MEASURES="换模板"), cells(FINDINGS, B1)), ready)
    assert not claim.refused and claim.after[A1].state is S.DONE
    done = {**ready, **claim.after}
    base = {key: cells(done, key) for key in done}
    back = table(cells(done, A1, STATE="整改中", MEASURES=""), cells(done, B1))
    given_up = read(replace(back, base=base), done)
    assert not given_up.refused and (given_up.after[A1].state, given_up.after[A1].measures) == (S.IN_PROGRESS, "")
    kept = read(replace(table(cells(done, A1, MEASURES="")), base=base), done)
    assert kept.refused[0].head == Head.MEASURES and not kept.after


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DEADLINE": "下周"}, "不是日期"),
        ({"STATE": "搁置"}, "没有“搁置”这样的状态"),
        ({"SUPERVISED": "待定"}, "看不出"),
        ({"PROBLEM": "改写的问题"}, "专家写的"),
        ({"SUGGESTION": ""}, "专家写的"),
    ],
)
def test_cells_that_cannot_be_taken_are_named(changed: dict[str, str], said: str) -> None:
    found = read(table(cells(FINDINGS, A1, OWNER="王五", **changed), cells(FINDINGS, B1)))
    (refusal,) = found.refused
    assert refusal.row == 4 and refusal.head == Head[next(iter(changed))] and said in refusal.reason
    assert found.after[A1].owner == "王五"


def test_a_blank_state_or_severity_is_no_wish() -> None:
    found = read(table(cells(FINDINGS, A1, STATE="", SEVERITY=" "), cells(FINDINGS, B1)))
    assert found.same == 2 and not any(everything(found))


def test_formulas_are_not_taken() -> None:
    sheet = table(cells(FINDINGS, A1, DEADLINE="=TODAY()", OWNER="王五"), cells(FINDINGS, B1))
    rows = (replace(sheet.rows[0], formulas=frozenset((Head.DEADLINE, Head.HINT, "备注"))), sheet.rows[1])
    found = read(replace(sheet, rows=rows))
    assert [r.head for r in found.refused] == [Head.DEADLINE, "备注"] and "公式" in found.refused[0].reason
    assert found.after[A1].owner == "王五" and found.after[A1].more == (("备注", "院长关注"),)
    for head in (Head.ID, Head.PROBLEM):
        row = replace(sheet.rows[0], cells={Head.CLAUSE: A, Head.PROBLEM: "x"}, formulas=frozenset((head,)))
        assert "公式" in read(replace(sheet, rows=(row,))).refused[0].reason


def test_rows_that_do_not_fit_are_refused() -> None:
    gone = {key: finding for key, finding in FINDINGS.items() if key != A1}
    rows: list[tuple[dict[str, str], Mapping[str, Finding], str]] = [
        (cells(FINDINGS, A1), gone, "已经没有这个问题"),
        ({Head.ID: "99#1", Head.CLAUSE: A}, FINDINGS, "不是这份台账的"),
        (cells(FINDINGS, A1, CLAUSE=B), FINDINGS, "编号和条款对不上"),
        ({Head.CLAUSE: A}, FINDINGS, "要写明条款和问题"),
        ({Head.OWNER: "王五"}, FINDINGS, "要写明条款和问题"),
        ({Head.CLAUSE: "99.99.1(1)", Head.PROBLEM: "x"}, FINDINGS, "标准里没有条款"),
    ]
    for row, findings, said in rows:
        found = read(table(row), findings)
        assert said in found.refused[0].reason and not found.after and not found.new
    late = {**FINDINGS, f"{B}#2": Finding(B, "后来的")}
    assert "不在导出的那一份里" in read(table(cells(late, f"{B}#2")), late).refused[0].reason


def test_a_row_copied_with_its_id_is_refused_the_second_time() -> None:
    found = read(table(cells(FINDINGS, A1, OWNER="王五"), cells(FINDINGS, A1, OWNER="李四"), cells(FINDINGS, B1)))
    assert "和第 4 行是同一个问题" in found.refused[0].reason and found.after[A1].owner == "王五"


def test_rows_deleted_in_the_table_delete_nothing() -> None:
    found = read(table(cells(FINDINGS, B1)))
    assert found.missing == (A1,) and not found.after


def test_columns_deleted_are_no_loss() -> None:
    slim: dict[str, str] = {Head.ID: A1, Head.OWNER: "王五"}
    found = read(table(slim, {"编号": B1}, heads=(Head.ID, Head.OWNER)))
    assert found.after[A1] == replace(FINDINGS[A1], owner="王五", history=found.after[A1].history)
    assert found.same == 1 and not found.refused
    # without ids a row is known by its clause and problem, and still held against the export
    here = {**FINDINGS, A1: replace(FINDINGS[A1], department="药学部")}
    named: dict[str, str] = {
        Head.CLAUSE: "01.01.4（1）",
        Head.PROBLEM: "截图没有时间。",
        Head.DEPARTMENT: "护理部",
        Head.OWNER: "王五",
    }
    again = read(table(named, heads=(Head.CLAUSE, Head.PROBLEM, Head.DEPARTMENT, Head.OWNER)), here)
    assert (again.after[A1].owner, again.after[A1].department) == ("王五", "药学部")
    assert not again.conflicts and not again.new


def test_new_columns_come_with_their_texts() -> None:
    found = read(table({**cells(FINDINGS, A1), "分管": "王院长"}, cells(FINDINGS, B1), heads=(*USUAL, "备注", "分管")))
    assert found.after[A1].more == (("备注", "院长关注"), ("分管", "王院长"))
    assert found.changed[0].heads == ("分管",)


NEW: dict[str, str] = {
    Head.CLAUSE: "01.01.4（1）",
    Head.PROBLEM: "自查：没有索引",
    Head.DEPARTMENT: "病案室",
    Head.SEVERITY: "严重",
    Head.DEADLINE: "2026-12-01",
    Head.STATE: "",
    "备注": "新",
}


def test_rows_without_an_id_are_findings_of_the_hospital_itself() -> None:
    sheet = table(cells(FINDINGS, A1), NEW, cells(FINDINGS, B1), {**NEW, Head.PROBLEM: "自查，没有索引。"})
    found = read(sheet)
    (new,) = found.new
    assert (new.id, new.row, new.clause) == (own_id(A, 1), 5, A)
    made = found.after[new.id]
    assert (made.problem, made.department, made.severity, made.deadline, made.state, made.more) == (
        "自查：没有索引", "病案室", Severity.SERIOUS, "2026-12-01", S.OPEN, (("备注", "新"),),
    )  # fmt: skip
    assert (made.raised, made.raised_by, made.group) == (1, "张三", "")
    assert made.history[0].what == "医院自查提出"
    assert "和第 5 行是同一个问题" in found.refused[0].reason
    here = {**FINDINGS, **found.after}
    again = read(sheet, here)
    assert not again.after and not again.new and again.same == 3
    moved_on = {**here, new.id: replace(made, state=S.IN_PROGRESS, owner="李护士", department="药学部")}
    later = read(sheet, moved_on)
    assert not later.after and [c.head for c in later.conflicts] == [Head.DEPARTMENT]
    filled = read(table({**NEW, Head.OWNER: "李护士"}), here)
    assert filled.after[new.id].owner == "李护士" and not filled.conflicts


def test_words_of_ones_own_finding_can_be_changed() -> None:
    own = own_id(A, 1)
    here = {own: Finding(A, "没有索引")}
    base = {own: cells(here, own)}
    sheet = replace(table(cells(here, own, PROBLEM="没有索引页", SUGGESTION="补上")), base=base)
    found = read(sheet, here)
    assert (found.after[own].problem, found.after[own].suggestion) == ("没有索引页", "补上")
    assert found.after[own].history[-1].what in ("整改建议：补上", "问题：没有索引页")
    cleared = read(replace(sheet, rows=(Row(4, cells(here, own, PROBLEM="")),)), here)
    assert "问题不能清空" in cleared.refused[0].reason


def test_a_new_row_that_claims_too_much_is_new_all_the_same() -> None:
    found = read(table({**NEW, Head.STATE: "已销号", Head.DEADLINE: "下周"}))
    assert found.after[own_id(A, 1)].state is S.OPEN
    assert [r.head for r in found.refused] == [Head.DEADLINE, Head.STATE]


texts = st.sampled_from(["", "护理部", "病案室", "整改中", "已销号", "是", "2026-12-01", "王五"])


@given(st.dictionaries(st.sampled_from([*EDITABLE, "备注"]), texts), st.dictionaries(st.sampled_from(CLAUSES), texts))
def test_any_table_read_twice_changes_nothing_the_second_time(changed: dict[str, str], new: dict[str, str]) -> None:
    rows = [{Head.CLAUSE: clause, Head.PROBLEM: problem, **changed} for clause, problem in new.items()]
    sheet = table({**cells(FINDINGS, A1), **changed}, cells(FINDINGS, B1), *rows)
    once = read(sheet)
    here = {**FINDINGS, **once.after}
    again = read(sheet, here)
    assert not again.after and not again.new and not again.changed
    assert set(here) >= set(FINDINGS)
