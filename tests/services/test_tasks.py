"""Departments, people, assignments, deadlines and work states."""

from datetime import date

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import PacketInfo, Sender
from emrassess.domain.planning import Actor, Department, Task, WorkState
from emrassess.errors import UserError
from emrassess.services import departments, history, tasks
from emrassess.services.answering import set_demonstration, set_note, set_verdict
from emrassess.services.departments import NOBODY
from emrassess.services.evidence import NewEvidence, add_evidence, link_evidence
from emrassess.services.history import undo
from emrassess.services.session import Session
from emrassess.storage.changes import setting_change

FIRST, SECOND = "01.01.1(1)", "01.01.1(2)"
PACKET = PacketInfo("p", "whole", "d", "护理部", "", "", "示例医院", Sender("张三", "信息科"), (SECOND, FIRST), {})


def department(session: Session, name: str = "护理部", *people: str) -> str:
    departments.add_department(session, name, people)
    found = departments.department_named(session, name)
    assert found is not None
    return found.id


def state(session: Session, clause: str = FIRST) -> WorkState:
    return session.assessment.tasks[clause].state


# --- departments


def test_departments_are_named_renamed_and_kept_in_order(session: Session) -> None:
    first, second = department(session, " 护理部 ", "李护士", " ", "李护士"), department(session, "药学部")
    assert list(session.assessment.departments.values()) == [
        Department(first, "护理部", ("李护士",)),
        Department(second, "药学部"),
    ]
    departments.edit_department(session, first, name="护理部门", people=["王护士"])
    assert session.assessment.departments[first] == Department(first, "护理部门", ("王护士",))
    undo(session)
    assert list(session.assessment.departments) == [first, second]
    departments.edit_department(session, first, name="护理部")  # its own name again: nothing to do, nothing refused


@pytest.mark.parametrize("name", ["", "  ", "护理部", "icu"])
def test_names_are_not_empty_and_not_there_twice(session: Session, name: str) -> None:
    department(session)
    department(session, "ICU")
    with pytest.raises(UserError):
        departments.add_department(session, name)


def test_a_department_with_tasks_is_removed_only_where_they_go_somewhere(session: Session) -> None:
    ward, lab = department(session, "护理部", "李护士"), department(session, "检验科", "王技师")
    tasks.assign(session, [FIRST], ward, "王技师", "2026-12-01")
    tasks.assign(session, [SECOND], ward, "李护士")
    with pytest.raises(UserError, match="还有 2 条任务"):
        departments.remove_department(session, ward)
    departments.remove_department(session, ward, lab)
    assert session.assessment.tasks == {
        FIRST: Task(lab, "王技师", "2026-12-01"),
        SECOND: Task(lab),
    }
    undo(session)
    departments.remove_department(session, ward, NOBODY)
    assert not session.assessment.tasks and list(session.assessment.departments) == [lab]
    with pytest.raises(UserError, match="不能改派给要删除的科室"):
        tasks.assign(session, [FIRST], lab)
        departments.remove_department(session, lab, lab)
    departments.remove_department(session, lab, NOBODY)
    with pytest.raises(UserError, match="不在了"):
        departments.remove_department(session, lab)


# --- assigning


def test_items_roles_and_rows_are_assigned_as_their_clauses(session: Session) -> None:
    pack = session.pack
    whole = [clause.id for clause in pack.item_by_code["01.01"].clauses_through(5)]
    assert tasks.expanded(session, ["01.01"]) == tuple(whole)
    assert set(tasks.expanded(session, ["01", "01.01"])) > set(whole)
    row = pack.item_by_code["01.01"].by_level[7]
    assert tasks.expanded(session, [row.code, row.clauses[0].id]) == tuple(clause.id for clause in row.clauses)
    changes = tasks.assign(session, ["01.01"], department(session))
    assert changes.clauses == set(whole) and changes.tasks
    assert changes.label == f"分派 {len(whole)} 条给“护理部”"
    assert session.undo_stack[-1].label == changes.label


def test_what_is_not_there_is_not_assigned(session: Session) -> None:
    ward = department(session)
    for wrong in ("99", "99.01", "01.01.9", "01.01.1(99)", "", "病房"):
        with pytest.raises(UserError, match="标准里没有"):
            tasks.assign(session, [FIRST, wrong], ward)
    with pytest.raises(UserError, match="没有要分派的条款"):
        tasks.assign(session, [], ward)
    with pytest.raises(UserError, match="不是日期"):
        tasks.assign(session, [FIRST], ward, deadline="明天")
    with pytest.raises(UserError, match="不在了"):
        tasks.assign(session, [FIRST], "gone")
    assert not session.assessment.tasks


def test_assigning_again_keeps_what_is_not_said_anew(session: Session) -> None:
    ward = department(session)
    tasks.assign(session, [FIRST], ward, "李护士", "2026-12-01")
    set_verdict(session, [FIRST], Verdict.MET)
    changes = tasks.assign(session, ["01.01.1"], ward, deadline="2026-12-24")
    assert session.assessment.tasks[FIRST] == Task(ward, "李护士", "2026-12-24", WorkState.IN_PROGRESS)
    assert SECOND in changes.clauses
    tasks.assign(session, ["01.01.1"], ward)
    assert session.assessment.tasks[FIRST].deadline == "2026-12-24"
    other = department(session, "检验科")
    assert tasks.foreseen(session, tasks.expanded(session, ["01.01"]), other).taken == 2
    tasks.assign(session, [FIRST], other)
    assert session.assessment.tasks[FIRST] == Task(other)


def test_a_department_of_a_new_name_comes_with_its_clauses(session: Session) -> None:
    tasks.assign_by_name(session, [FIRST], "护理部", "李护士")
    (ward,) = session.assessment.departments
    tasks.assign_by_name(session, [SECOND], " 护理部")
    assert list(session.assessment.departments) == [ward] and len(session.assessment.tasks) == 2
    undo(session)
    undo(session)
    assert not session.assessment.departments and not session.assessment.tasks
    with pytest.raises(UserError):
        tasks.assign_by_name(session, ["99"], "药学部")
    assert not session.assessment.departments


def test_roles_suggest_departments(session: Session) -> None:
    found = departments.suggestions(session)
    assert [suggestion.role for suggestion in found] == [role.code for role in session.pack.roles]
    assert found[1].name == "护理部"
    wards = [
        tasks.Share("病区", s.clauses) if s.role in ("01", "02") else tasks.Share(s.name, s.clauses) for s in found
    ]
    tasks.assign_shares(session, wards, "2026-12-01")
    assert len(session.assessment.departments) == len(found) - 1
    assert {task.deadline for task in session.assessment.tasks.values()} == {"2026-12-01"}
    assert not tasks.unassigned(session) and not departments.suggestions(session)
    undo(session)
    assert not session.assessment.departments and len(tasks.unassigned(session)) == len(tasks.planned(session))


def test_shares_go_to_departments_that_are_there(session: Session) -> None:
    tasks.assign_shares(session, [tasks.Share("护理部", (FIRST,))])
    ward = departments.department_named(session, "护理部")
    assert ward is not None
    tasks.assign_shares(session, [tasks.Share("护理部 ", (SECOND,))])
    assert {task.department for task in session.assessment.tasks.values()} == {ward.id}


def test_unassigning_leaves_the_answers(session: Session) -> None:
    tasks.assign(session, [FIRST, SECOND], department(session))
    set_verdict(session, [FIRST], Verdict.MET)
    tasks.unassign(session, ["01.01"])
    assert not session.assessment.tasks
    assert session.assessment.answer(FIRST).verdict is Verdict.MET


# --- particulars, states


def test_the_deadline_of_several_changes_at_once(session: Session) -> None:
    tasks.assign(session, [FIRST, SECOND], department(session))
    tasks.edit(session, [FIRST, SECOND], deadline="2026-12-01")
    assert [task.deadline for task in session.assessment.tasks.values()] == ["2026-12-01"] * 2
    assert tasks.edit(session, [FIRST], deadline="").label == f"{FIRST}：期限取消"
    assert session.assessment.tasks[FIRST].deadline == ""
    with pytest.raises(UserError, match="还没有分派"):
        tasks.edit(session, [FIRST, "01.01.2(1)"], deadline="2026-12-24")
    with pytest.raises(UserError, match="不是日期"):
        tasks.edit(session, [FIRST], deadline="12 月")


def test_person_deadline_and_comment_change_in_one_step_and_the_state_stays(session: Session) -> None:
    tasks.assign(session, [FIRST, SECOND], department(session), "李护士", "2026-12-01")
    tasks.move(session, [FIRST], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
    before = session.assessment
    changes = tasks.edit(session, [FIRST, SECOND], person=" 钱护士 ", comment="先做\n这两条 ")
    assert changes.label == "2 条：负责人改为 钱护士，意见"
    first, second = (session.assessment.tasks[clause] for clause in (FIRST, SECOND))
    assert (first.person, first.deadline, first.comment) == ("钱护士", "2026-12-01", "先做\n这两条")
    assert (first.state, second.state) == (WorkState.IN_PROGRESS, WorkState.ASSIGNED)
    history.undo(session)
    assert session.assessment == before
    assert not tasks.edit(session, [FIRST], person="李护士").clauses


def test_work_goes_its_way_and_back(session: Session) -> None:
    tasks.assign(session, [FIRST], department(session))
    tasks.move(session, [FIRST], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
    tasks.move(session, [FIRST], WorkState.SUBMITTED, Actor.DEPARTMENT)
    with pytest.raises(UserError, match="没有写意见"):
        tasks.move(session, [FIRST], WorkState.CHANGES_REQUESTED, Actor.COORDINATOR, " ")
    tasks.move(session, [FIRST], WorkState.CHANGES_REQUESTED, Actor.COORDINATOR, "截图没有时间")
    assert session.assessment.tasks[FIRST].comment == "截图没有时间"
    tasks.move(session, [FIRST], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
    assert session.assessment.tasks[FIRST].comment == "截图没有时间"
    tasks.move(session, [FIRST], WorkState.SUBMITTED, Actor.DEPARTMENT)
    tasks.move(session, [FIRST], WorkState.ACCEPTED, Actor.COORDINATOR)
    assert state(session) is WorkState.ACCEPTED


def test_moves_are_made_by_all_or_none(session: Session) -> None:
    tasks.assign(session, [FIRST, SECOND], department(session))
    tasks.move(session, [FIRST], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
    assert tasks.movable(session, [FIRST, SECOND, "01.01.2(1)"], WorkState.SUBMITTED, Actor.DEPARTMENT) == (FIRST,)
    with pytest.raises(UserError, match=r"01\.01\.1\(2\)：不能从“已分派”"):
        tasks.move(session, [FIRST, SECOND], WorkState.SUBMITTED, Actor.DEPARTMENT)
    with pytest.raises(UserError, match="不能从“未分派”"):
        tasks.move(session, ["01.01.2(1)"], WorkState.SUBMITTED, Actor.DEPARTMENT)
    assert state(session) is WorkState.IN_PROGRESS


# --- work that is seen to begin


def test_answering_begins_the_work_in_the_same_step(session: Session) -> None:
    tasks.assign(session, ["01.01.1", "01.01.2"], department(session))
    set_verdict(session, [FIRST], Verdict.UNMET)
    set_note(session, SECOND, "说明")
    set_demonstration(session, "01.01.2(1)", "医师站")
    assert {state(session, c) for c in (FIRST, SECOND, "01.01.2(1)")} == {WorkState.IN_PROGRESS}
    undo(session)
    assert state(session, "01.01.2(1)") is WorkState.ASSIGNED
    assert session.assessment.answer("01.01.2(1)").demonstration == ""


def test_evidence_begins_the_work_too(session: Session) -> None:
    tasks.assign(session, ["01.01"], department(session))
    add_evidence(session, [NewEvidence(b"x", "a.txt")], [FIRST])
    (piece,) = session.assessment.evidence
    assert state(session) is WorkState.IN_PROGRESS
    link_evidence(session, piece, [FIRST, SECOND])
    assert state(session, SECOND) is WorkState.IN_PROGRESS
    undo(session)
    assert state(session, SECOND) is WorkState.ASSIGNED


def test_what_changes_nothing_begins_nothing(session: Session) -> None:
    add_evidence(session, [NewEvidence(b"x", "a.txt")], [FIRST])
    tasks.assign(session, [FIRST, SECOND], department(session))
    (piece,) = session.assessment.evidence
    set_verdict(session, [SECOND], Verdict.NOT_ASSESSED)
    set_note(session, SECOND, "")
    link_evidence(session, piece, [FIRST])
    add_evidence(session, [NewEvidence(b"x", "a.txt")], [FIRST])
    assert state(session) is state(session, SECOND) is WorkState.ASSIGNED


def test_delivered_work_stays_delivered_when_touched(session: Session) -> None:
    tasks.assign(session, [FIRST], department(session))
    set_verdict(session, [FIRST], Verdict.MET)
    tasks.move(session, [FIRST], WorkState.SUBMITTED, Actor.DEPARTMENT)
    set_note(session, FIRST, "补充")
    assert state(session) is WorkState.SUBMITTED


# --- how it stands


def test_progress_tells_states_and_what_is_overdue(session: Session) -> None:
    ward, lab = department(session, "护理部", session.user), department(session, "检验科")
    tasks.assign(session, ["01.01.1"], ward, deadline="2026-11-20")
    tasks.assign(session, ["01.02.1"], lab, deadline="2026-12-20")
    set_verdict(session, [FIRST], Verdict.MET)
    tasks.move(session, [FIRST], WorkState.SUBMITTED, Actor.DEPARTMENT)
    late = tuple(c for c in tasks.expanded(session, ["01.01.1"]) if c != FIRST)
    nursing, laboratory = tasks.progress(session)
    assert (nursing.delivered, nursing.met, nursing.overdue) == (1, 1, len(late))
    assert laboratory.overdue == 0
    assert tasks.overdue(session) == late
    assert tasks.progress(session, date(2026, 12, 21))[1].overdue == laboratory.total
    assert tasks.mine(session) == tasks.expanded(session, ["01.01.1"])
    assert FIRST not in tasks.unassigned(session) and "01.01.2(1)" in tasks.unassigned(session)


def test_what_is_assigned_above_the_target_is_planned_too(session: Session) -> None:
    assert "01.01.7(1)" not in tasks.planned(session)
    tasks.assign(session, ["01.01.7(1)"], department(session))
    assert "01.01.7(1)" in tasks.planned(session)


def test_a_packet_plans_its_clauses_and_assigns_none(session: Session) -> None:
    ward = department(session)
    session.write("任务包", [setting_change(session.assessment, "packet", PACKET)])
    assert set(tasks.planned(session)) == set(PACKET.clauses)
    for act in (
        lambda: tasks.assign(session, [FIRST], ward),
        lambda: tasks.unassign(session, [FIRST]),
        lambda: tasks.edit(session, [FIRST], deadline=""),
        lambda: tasks.move(session, [FIRST], WorkState.ACCEPTED, Actor.COORDINATOR),
        lambda: departments.add_department(session, "药学部"),
    ):
        with pytest.raises(UserError, match="科室任务包"):
            act()
