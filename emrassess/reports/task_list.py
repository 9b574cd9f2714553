"""The task list (XLSX) to hang on a wall: how far each department is, and a sheet a department with its clauses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.atomic import write_saved
from emrassess.domain.assessment import Assessment
from emrassess.domain.pack import Clause, Pack
from emrassess.domain.planning import STATE_NAMES, DepartmentProgress, Task, WorkState, overdue
from emrassess.reports.sheet_parts import TITLE_ROWS, Column, clean, table, titled

_HEAD_ROW = TITLE_ROWS + 1
_OPEN, _DONE = "□", "√"  # in every Chinese font
_DELIVERED = (WorkState.SUBMITTED, WorkState.ACCEPTED)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_SHEET_NAME = 31
"""So many characters Excel takes in the name of a sheet."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A clause that a department is to do."""

    clause: Clause
    item: str
    task: Task
    late: bool

    @property
    def delivered(self) -> bool:
        return self.task.state in _DELIVERED


@dataclass(frozen=True, slots=True)
class DepartmentTasks:
    """A department with its clauses, in the standard's order."""

    progress: DepartmentProgress
    lines: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class TaskList:
    """What is printed. `unassigned`: how many clauses up to the target are nobody's."""

    hospital: str
    standard: str
    target: int
    today: date
    departments: tuple[DepartmentTasks, ...]
    unassigned: int


def gather(
    pack: Pack, assessment: Assessment, progress: Iterable[DepartmentProgress], unassigned: int, today: date
) -> TaskList:
    """The task list of an assessment; clauses that the pack does not have are left out."""
    lines: dict[str, list[TaskLine]] = {key: [] for key in assessment.departments}
    for clause in pack.clause_by_id.values():
        task = assessment.tasks.get(clause.id)
        if task is not None and task.department in lines:
            item = pack.item_by_code[clause.item]
            late = overdue(task, today)
            lines[task.department].append(TaskLine(clause, f"{item.code} {item.name}", task, late))
    departments = tuple(DepartmentTasks(part, tuple(lines[part.department.id])) for part in progress)
    return TaskList(assessment.hospital, pack.name, assessment.target, today, departments, unassigned)


def write_task_list(tasks: TaskList, out: Path) -> None:
    """Write the list to `out`, replacing it whole. StorageError where the disk refuses."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    taken = {"汇总"}
    _summary(book.create_sheet("汇总"), tasks)
    for department in tasks.departments:
        if department.lines:
            name = _sheet_name(department.progress.department.name, taken)
            _department(book.create_sheet(name), tasks, department)
    book.properties.title = f"任务清单 {clean(tasks.hospital)}"[:200]
    book.properties.creator = "emrassess"
    write_saved(out, book.save)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes for a sheet and no other sheet has; what it does not take is replaced."""
    plain = _FORBIDDEN.sub("_", clean(wanted)).strip("' ") or "科室"
    name, number = plain[:_SHEET_NAME], 2
    while name.casefold() in taken or name.casefold() == "history":
        name = f"{plain[: _SHEET_NAME - 4]} {number}"
        number += 1
    taken.add(name.casefold())
    return name


def _summary(sheet: Worksheet, tasks: TaskList) -> None:
    def people(part: DepartmentTasks) -> str:
        return "、".join(part.progress.department.people)

    def count(state: WorkState) -> Column[DepartmentTasks]:
        return Column(STATE_NAMES[state], 9, lambda part: part.progress.states[state], center=True)

    states = [count(state) for state in WorkState if state is not WorkState.UNASSIGNED]
    columns: list[Column[DepartmentTasks]] = [
        Column("科室", 24, lambda part: part.progress.department.name),
        Column("人员", 30, people),
        Column("条款", 8, lambda part: part.progress.total, center=True),
        *states,
        Column("已逾期", 9, lambda part: part.progress.overdue, center=True, mark=_late_mark),
        Column("自评达标", 10, lambda part: part.progress.met, center=True),
        Column("材料完整", 10, lambda part: part.progress.complete, center=True),
        Column("最近期限", 13, lambda part: part.progress.deadline, center=True),
    ]
    facts = [tasks.standard, f"目标 {tasks.target} 级", f"截至 {tasks.today.isoformat()}"]
    facts.append(f"还有 {tasks.unassigned} 条没有分派" if tasks.unassigned else "全部条款都已分派")
    titled(sheet, f"{tasks.hospital}　任务清单", facts, columns)
    table(sheet, columns, tasks.departments, _HEAD_ROW)


def _late_mark(part: DepartmentTasks) -> str:
    return "bad" if part.progress.overdue else ""


def _department(sheet: Worksheet, tasks: TaskList, department: DepartmentTasks) -> None:
    columns: list[Column[TaskLine]] = [
        Column("完成", 6, lambda line: _DONE if line.delivered else _OPEN, center=True),
        Column("条款", 12, lambda line: line.clause.id),
        Column("项目", 15, lambda line: line.item),
        Column("要求", 38, lambda line: line.clause.text),
        Column("通常用什么证明", 62, lambda line: line.clause.evidence),
        Column("负责人", 10, lambda line: line.task.person),
        Column("期限", 13, _deadline, center=True, mark=lambda line: "bad" if line.late else ""),
        Column("状态", 14, _state, mark=_state_mark),
    ]
    progress = department.progress
    facts = [tasks.hospital, f"目标 {tasks.target} 级", f"截至 {tasks.today.isoformat()}"]
    facts.append(f"共 {progress.total} 条，已交 {progress.delivered} 条")
    if progress.overdue:
        facts.append(f"已逾期 {progress.overdue} 条")
    if progress.department.people:
        facts.append(f"人员：{'、'.join(progress.department.people)}")
    titled(sheet, f"{progress.department.name}　任务清单", facts, columns)
    table(sheet, columns, department.lines, _HEAD_ROW)


def _deadline(line: TaskLine) -> str:
    return f"{line.task.deadline}\n已逾期" if line.late else line.task.deadline


def _state(line: TaskLine) -> str:
    name = STATE_NAMES[line.task.state]
    asked = line.task.state is WorkState.CHANGES_REQUESTED and line.task.comment
    return f"{name}：{line.task.comment}" if asked else name


def _state_mark(line: TaskLine) -> str:
    return {
        WorkState.ACCEPTED: "good",
        WorkState.SUBMITTED: "good",
        WorkState.IN_PROGRESS: "half",
        WorkState.CHANGES_REQUESTED: "bad",
    }.get(line.task.state, "")
