"""`tasks`: clauses given to departments, and how far they are."""

import argparse
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from emrassess.commands.options import Commands, opened, workspace_option
from emrassess.console import print_json
from emrassess.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from emrassess.domain.planning import DepartmentProgress, Task
    from emrassess.services.session import Session


def add(commands: Commands) -> None:
    """Declare `tasks assign` and `tasks list`."""
    tasks = commands.group("tasks", "科室和任务")
    text = "把项目、等级要求或条款分派给一个科室；项目按目标级别及以下的条款分派"
    assign = tasks.command("assign", _assign, text)
    workspace_option(assign, writing=True)
    assign.add_argument("--department", required=True, metavar="科室", help="科室名称，没有时新建")
    assign.add_argument("--person", default="", metavar="姓名", help="由谁负责")
    assign.add_argument("--deadline", default="", metavar="日期", help="期限，如 2026-11-30")
    assign.add_argument("ids", nargs="+", metavar="编号", help="项目 01.01、等级要求 01.01.4 或条款 01.01.4(1)")
    listing = tasks.command("list", _list, "各科室的进度和任务")
    workspace_option(listing)
    listing.add_argument("--json", action="store_true")


def _assign(options: argparse.Namespace) -> int:
    from emrassess.services.checks import clean_line
    from emrassess.services.tasks import assign_by_name, expanded

    if not options.department.strip():
        raise UserError("科室名称是空的", "请用 --department 给出科室名称，如“护理部”。")
    with opened(options, write=True) as session:
        clauses = expanded(session, options.ids)
        before = session.assessment.tasks
        changes = assign_by_name(session, options.ids, options.department, options.person, options.deadline)
        target = session.assessment.target
        whole = [code for code in options.ids if code in {**session.pack.item_by_code, **session.pack.role_by_code}]
        remarks = list(_remarks(session, clauses, before, options.deadline))
    name = clean_line(options.department)
    told = f"（{'、'.join(whole)} 只包括 {target} 级及以下的条款）" if whole else ""
    if changes.clauses:
        print(f"已分派 {len(clauses)} 条给“{name}”{told}")
    else:
        print(f"没有改动，这 {len(clauses)} 条早已这样分派给“{name}”{told}")
    for remark in remarks:
        print(remark)
    return 0


def _remarks(
    session: "Session", clauses: "Sequence[str]", before: "Mapping[str, Task]", deadline: str
) -> "Iterator[str]":
    """What the person who assigned should know: whose the clauses were, and a deadline that has passed."""
    from emrassess.domain.planning import WorkState, checked_deadline
    from emrassess.services.tasks import now

    tasks, departments = session.assessment.tasks, session.assessment.departments
    taken = [before[c] for c in clauses if c in before and before[c].department != tasks[c].department]
    for whose, count in Counter(task.department for task in taken).items():
        accepted = sum(task.department == whose and task.state is WorkState.ACCEPTED for task in taken)
        was = f"，其中 {accepted} 条已验收，要重新做" if accepted else ""
        yield f"注意：有 {count} 条原来是“{departments[whose].name}”的{was}"
    until = checked_deadline(deadline)
    if until and until < now(session).isoformat():
        yield f"注意：期限 {until} 已经过了"


def _list(options: argparse.Namespace) -> int:
    from emrassess.services import tasks

    with opened(options) as session:
        today = tasks.now(session)
        parts, left = tasks.progress(session, today), tasks.unassigned(session)
        if options.json:
            print_json(_as_json(session, parts, left, today))
            return 0
        if not parts:
            print("还没有科室。用 emrassess tasks assign 分派条款，科室没有时会新建。")
        for part in parts:
            _print_department(session, part, today)
        print(f"未分派：{len(left)} 条")
    return 0


def _print_department(session: "Session", part: "DepartmentProgress", today: date) -> None:
    from emrassess.domain.planning import STATE_NAMES, deadline_text

    people = f"（{'、'.join(part.department.people)}）" if part.department.people else ""
    late = f"，已逾期 {part.overdue} 条" if part.overdue else ""
    print(f"{part.department.name}{people}：{part.total} 条，已交 {part.delivered} 条{late}")
    for clause, task in _tasks_of(session, part):
        facts = [STATE_NAMES[task.state], task.person, deadline_text(task, today)]
        print(f"  {clause}　{'，'.join(fact for fact in facts if fact)}")


def _tasks_of(session: "Session", part: "DepartmentProgress") -> "list[tuple[str, Task]]":
    held = session.assessment.tasks
    clauses = [c for c in session.pack.clause_by_id if c in held and held[c].department == part.department.id]
    return [(clause, held[clause]) for clause in clauses]


def _as_json(
    session: "Session", parts: "tuple[DepartmentProgress, ...]", left: tuple[str, ...], today: date
) -> dict[str, Any]:
    from emrassess.domain.planning import overdue

    return {
        "today": today.isoformat(),
        "departments": [
            {
                "id": part.department.id,
                "name": part.department.name,
                "people": list(part.department.people),
                "total": part.total,
                "delivered": part.delivered,
                "states": {state.value: count for state, count in part.states.items()},
                "met": part.met,
                "complete": part.complete,
                "overdue": part.overdue,
                "deadline": part.deadline,
            }
            for part in parts
        ],
        "tasks": [
            {
                "clause": clause,
                "department": part.department.name,
                "person": task.person,
                "deadline": task.deadline,
                "state": task.state.value,
                "overdue": overdue(task, today),
                "comment": task.comment,
            }
            for part in parts
            for clause, task in _tasks_of(session, part)
        ],
        "unassigned": list(left),
    }
