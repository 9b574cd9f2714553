"""Tasks: who may move them where, when they are late, whose they are, and how far each department is."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.planning import (
    FILTER_NAMES,
    STATE_NAMES,
    Actor,
    Department,
    Task,
    TaskFilter,
    WorkState,
    accepted_clauses,
    checked_deadline,
    chosen,
    deadline_text,
    moved,
    overdue,
    progress,
    refusal,
    started,
    state_of,
)
from emrassess.errors import UserError

TODAY = date(2026, 11, 22)
NURSING = Department("d1", "护理部", ("张三", "李四"))
RECORDS = Department("d2", "病案室")
DEPARTMENTS = {d.id: d for d in (NURSING, RECORDS)}
S = WorkState


def test_a_task_goes_from_assigned_to_accepted() -> None:
    task = Task("d1", "张三", "2026-11-30")
    for to, actor in (
        (S.IN_PROGRESS, Actor.DEPARTMENT),
        (S.SUBMITTED, Actor.DEPARTMENT),
        (S.CHANGES_REQUESTED, Actor.COORDINATOR),
        (S.IN_PROGRESS, Actor.DEPARTMENT),
        (S.SUBMITTED, Actor.DEPARTMENT),
        (S.ACCEPTED, Actor.COORDINATOR),
    ):
        task = moved(task, to, actor)
    assert task == Task("d1", "张三", "2026-11-30", S.ACCEPTED)


def test_a_comment_stays_until_another_is_given() -> None:
    back = moved(Task("d1", state=S.SUBMITTED), S.CHANGES_REQUESTED, Actor.COORDINATOR, "截图缺时间")
    working = moved(back, S.IN_PROGRESS, Actor.DEPARTMENT)
    assert working.comment == "截图缺时间"
    done = moved(replace(working, state=S.SUBMITTED), S.ACCEPTED, Actor.COORDINATOR, "")
    assert done.comment == ""


@pytest.mark.parametrize(
    ("state", "to", "actor", "why"),
    [
        (S.SUBMITTED, S.ACCEPTED, Actor.DEPARTMENT, "从“已提交”到“已验收”只能由协调员来做"),
        (S.IN_PROGRESS, S.SUBMITTED, Actor.COORDINATOR, "从“进行中”到“已提交”只能由科室来做"),
        (S.ASSIGNED, S.IN_PROGRESS, Actor.COORDINATOR, "从“已分派”到“进行中”只能由科室来做"),
        (S.ASSIGNED, S.SUBMITTED, Actor.DEPARTMENT, "不能从“已分派”直接到“已提交”"),
        (S.IN_PROGRESS, S.ACCEPTED, Actor.COORDINATOR, "不能从“进行中”直接到“已验收”"),
        (S.CHANGES_REQUESTED, S.SUBMITTED, Actor.DEPARTMENT, "不能从“退回修改”直接到“已提交”"),
        (S.SUBMITTED, S.SUBMITTED, Actor.DEPARTMENT, "已经是“已提交”"),
        (S.SUBMITTED, S.ASSIGNED, Actor.DEPARTMENT, "从“已提交”到“已分派”只能由协调员来做"),
    ],
)
def test_other_moves_are_refused_with_the_reason(state: S, to: S, actor: Actor, why: str) -> None:
    assert refusal(state, to, actor) == why
    with pytest.raises(UserError) as refused:
        moved(Task("d1", state=state), to, actor)
    assert refused.value.message == why and refused.value.hint


def test_what_is_not_assigned_cannot_be_moved() -> None:
    with pytest.raises(UserError, match="不能从“未分派”直接到“进行中”"):
        moved(None, S.IN_PROGRESS, Actor.DEPARTMENT)
    with pytest.raises(UserError, match="还没有分派"):
        moved(None, S.ASSIGNED, Actor.COORDINATOR)


@given(st.sampled_from(S), st.sampled_from(Actor))
def test_the_coordinator_may_always_assign_and_no_move_leads_back_to_unassigned(state: S, actor: Actor) -> None:
    assert refusal(state, S.ASSIGNED, Actor.COORDINATOR) == ""
    assert refusal(state, S.UNASSIGNED, actor)


@given(st.sampled_from([s for s in S if s is not S.UNASSIGNED]))
def test_the_first_answer_begins_the_work_and_no_other_does_anything(state: S) -> None:
    task = Task("d1", state=state)
    assert started(task) == (replace(task, state=S.IN_PROGRESS) if state is S.ASSIGNED else task)
    assert started(started(task)) == started(task)
    assert started(None) is None and state_of(None) is S.UNASSIGNED


@pytest.mark.parametrize(
    ("deadline", "state", "text", "late"),
    [
        ("", S.ASSIGNED, "", False),
        ("2026-11-30", S.ASSIGNED, "2026-11-30（还有 8 天）", False),
        ("2026-11-22", S.IN_PROGRESS, "2026-11-22（今天到期）", False),
        ("2026-11-21", S.CHANGES_REQUESTED, "2026-11-21（已逾期 1 天）", True),
        ("2026-11-21", S.SUBMITTED, "2026-11-21", False),
        ("2026-11-21", S.ACCEPTED, "2026-11-21", False),
    ],
)
def test_deadlines(deadline: str, state: S, text: str, late: bool) -> None:
    task = Task("d1", deadline=deadline, state=state)
    assert (deadline_text(task, TODAY), overdue(task, TODAY)) == (text, late)


def test_deadlines_as_people_write_them() -> None:
    assert checked_deadline(" 2026-11-30 ") == checked_deadline("20261130") == "2026-11-30"
    assert checked_deadline("  ") == ""
    for wrong in ("2026-02-30", "下周五", "11-30"):
        with pytest.raises(UserError, match="不是日期"):
            checked_deadline(wrong)


TASKS = {
    "01.01.3(1)": Task("d1", "张三", "2026-11-20"),
    "01.01.3(2)": Task("d1", "", "2026-12-01", S.IN_PROGRESS),
    "01.01.3(3)": Task("d1", "李四", "2026-11-01", S.ACCEPTED),
    "01.01.3(4)": Task("d2", "", "", S.SUBMITTED),
}
CLAUSES = ("01.01.3(5)", *TASKS)


@pytest.mark.parametrize(
    ("wanted", "person", "numbers"),
    [
        (TaskFilter.MINE, "张三", [1, 2]),
        (TaskFilter.MINE, "李四", [2, 3]),
        (TaskFilter.MINE, "王五", []),
        (TaskFilter.OVERDUE, "张三", [1]),
        (TaskFilter.UNASSIGNED, "", [5]),
    ],
)
def test_filters(wanted: TaskFilter, person: str, numbers: list[int]) -> None:
    found = chosen(wanted, CLAUSES, TASKS, TODAY, person, DEPARTMENTS)
    assert found == tuple(f"01.01.3({n})" for n in numbers)


def test_progress_of_each_department() -> None:
    met, complete = {"01.01.3(2)", "01.01.3(3)", "01.01.3(5)"}, {"01.01.3(3)"}
    nursing, records = progress(DEPARTMENTS, TASKS, met, complete, TODAY)
    assert {s: n for s, n in nursing.states.items() if n} == {S.ASSIGNED: 1, S.IN_PROGRESS: 1, S.ACCEPTED: 1}
    assert (nursing.total, nursing.delivered, nursing.met, nursing.complete) == (3, 1, 2, 1)
    assert (nursing.overdue, nursing.deadline) == (1, "2026-11-20")
    assert (records.department, records.total, records.delivered, records.deadline) == (RECORDS, 1, 1, "")
    assert accepted_clauses(TASKS) == {"01.01.3(3)"}


def test_a_department_without_tasks_is_shown_and_one_that_is_gone_is_not() -> None:
    (only,) = progress({"d3": Department("d3", "药剂科")}, TASKS, (), (), TODAY)
    assert (only.total, only.met, only.overdue) == (0, 0, 0) and set(only.states) == set(S)


def test_everything_has_a_name() -> None:
    assert list(STATE_NAMES.values()) == ["未分派", "已分派", "进行中", "已提交", "退回修改", "已验收"]
    assert set(STATE_NAMES) == set(S) and set(FILTER_NAMES) == set(TaskFilter)
