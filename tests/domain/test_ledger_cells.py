"""The ledger in a table: what is written there, what is understood, and in which order the columns stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, FindingState
from emrassess.domain.ledger_cells import (
    EDITABLE,
    MOST_TEXT,
    USUAL,
    Head,
    cell,
    clause_of,
    columns,
    kept_columns,
    plain,
    severity_of,
    state_of,
    understood,
)
from emrassess.domain.review import SEVERITY_NAMES, Severity
from emrassess.errors import UserError


@pytest.mark.parametrize(
    "written",
    ["2026-12-01", " 2026/12/1 ", "2026.12.01", "2026年12月1日", "2026 年 12 月 1 日", "20261201", "2026-12-01 00:00",
     "2026-12-01T08:30:00", "46357", "46357.5"],
)  # fmt: skip
def test_dates_are_understood_as_people_write_them(written: str) -> None:
    assert understood(Head.DEADLINE, written) == "2026-12-01"


@pytest.mark.parametrize(
    "written", ["12月1日", "2026-13-01", "2026-02-30", "下周五", "99999999", "1", "2026-12-01之前"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(UserError, match="不是日期"):
        understood(Head.DEADLINE, written)


def test_names_of_states_and_severities_go_both_ways() -> None:
    for state, name in FINDING_STATE_NAMES.items():
        assert understood(Head.STATE, f" {name}\n") == name and state_of(name) is state
    for severity, name in SEVERITY_NAMES.items():
        assert understood(Head.SEVERITY, name) == name and severity_of(name) is severity
    assert understood(Head.SEVERITY, "") == "未定"
    for head in (Head.STATE, Head.SEVERITY):
        with pytest.raises(UserError, match="没有“搁置”") as refused:
            understood(head, "搁置")
        assert "可以填" in refused.value.hint


def test_supervision_is_a_yes_or_nothing() -> None:
    assert {understood(Head.SUPERVISED, text) for text in ("挂牌督办", "是", "√", "Y", "1")} == {"挂牌督办"}
    assert {understood(Head.SUPERVISED, text) for text in ("", "否", "无", " ")} == {""}
    with pytest.raises(UserError, match="看不出"):
        understood(Head.SUPERVISED, "待定")


def test_clauses_may_have_full_width_brackets() -> None:
    assert clause_of(" 01.01.4（１） ") == "01.01.4(1)"


def test_a_finding_is_said_so_that_it_is_understood_again() -> None:
    finding = Finding(
        "01.01.4(1)", "第一行\r\n第二行 ", "", Severity.MINOR, department="护理部", owner="李 护士",
        deadline="2026-12-01", measures="\x07改了", state=FindingState.DONE, supervised=True, more=(("备注", "院长"),),
    )  # fmt: skip
    said = {head: cell(finding, head) for head in (*EDITABLE, "备注", "没有")}
    assert said[Head.PROBLEM] == "第一行\n第二行" and said[Head.MEASURES] == "改了" and said["没有"] == ""
    assert {head: understood(head, text) for head, text in said.items()} == said
    assert len(plain("长" * 40_000)) == MOST_TEXT


@given(st.text(), st.sampled_from([Head.PROBLEM, Head.MEASURES, "备注"]))
def test_any_text_is_said_so_that_it_is_understood_again(text: str, head: str) -> None:
    said = cell(Finding("c", text, measures=text, more=(("备注", text),)), head)
    assert understood(head, said) == said


# --- columns


def test_columns_stand_as_usual_with_what_people_added_behind() -> None:
    assert columns(None, ()) == USUAL
    assert columns(None, ("备注", "分管", "备注")) == (*USUAL, "备注", "分管")


def test_the_order_in_which_a_table_was_read_is_kept() -> None:
    moved = [Head.ID, Head.CLAUSE, "分管", Head.DEPARTMENT, Head.PROBLEM]
    kept = kept_columns(None, moved, ["分管"])
    assert kept is not None and set(kept) == {*USUAL, "分管"}
    assert kept[:2] == (Head.ID, Head.CLAUSE) and kept.index("分管") < kept.index(Head.DEPARTMENT)
    assert kept.index(Head.DEPARTMENT) < kept.index(Head.PROBLEM)  # and what was deleted is back at its place
    assert kept[kept.index(Head.DEPARTMENT) + 1] == Head.OWNER
    assert kept_columns(kept, kept, ["分管"]) == kept
    # a table without that column: it stays as long as something is in it
    without = [head for head in kept if head != "分管"]
    assert kept_columns(kept, without, ["分管"]) == kept
    assert kept_columns(kept, without, []) == tuple(without)
    assert kept_columns(kept, USUAL, []) is None
    assert kept_columns(None, USUAL, []) is None
    assert kept_columns(None, (*USUAL, "备注"), ["备注"]) is None  # as it would be shown anyway


@given(st.lists(st.sampled_from([*USUAL, "甲", "乙", "丙"])), st.lists(st.sampled_from(["甲", "乙", "丁"])))
def test_no_column_is_lost_or_there_twice(read: list[str], more: list[str]) -> None:
    kept = kept_columns(None, read, more)
    shown = columns(kept, more)
    assert set(shown) >= {*USUAL, *more} and len(shown) == len(set(shown))
    assert [head for head in shown if head in read] == list(dict.fromkeys(read)) or kept is None
