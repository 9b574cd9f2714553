"""The departments of a hospital and their people. Each call is one step of undo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from emrassess.domain.planning import Department, Task
from emrassess.errors import UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_line
from emrassess.services.session import Session
from emrassess.storage.changes import Change, department_change, task_change

NOBODY = ""
"""In place of a department: the clauses are nobody's from then on."""

# What the roles of a standard are called in hospitals; a role that is not here lends the department its own name.
_USUAL_NAMES: Mapping[str, str] = {
    "病房医师": "住院病区",
    "病房护士": "护理部",
    "门诊医师": "门诊部",
    "检查科室": "影像与检查科",
    "检验处理": "检验科",
    "治疗信息处理": "手术麻醉与治疗科",
    "医疗保障": "药学部与输血科",
    "病历管理": "病案室",
    "电子病历基础": "信息科",
    "信息利用": "医务与质控科",
    "信息部门": "信息科",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A department for a role of the standard: its usual name, and how many of the role's clauses are nobody's yet."""

    role: str
    name: str
    clauses: tuple[str, ...]


def add_department(session: Session, name: str, people: Iterable[str] = ()) -> Changes:
    """A new department. UserError where the name is empty or taken already."""
    check_coordinator(session)
    department = new_departments(session, [name])[0]
    department = replace(department, people=_checked_people(people))
    return session.write(
        f"新增科室“{department.name}”", [department_change(session.assessment, department.id, department)]
    )


def edit_department(
    session: Session, department_id: str, *, name: str | None = None, people: Iterable[str] | None = None
) -> Changes:
    """Rename a department or change who belongs to it; what is None stays. Tasks keep the person they name."""
    check_coordinator(session)
    department = find_department(session, department_id)
    if name is not None and clean_line(name) != department.name:
        department = replace(department, name=_checked_name(session, name))
    if people is not None:
        department = replace(department, people=_checked_people(people))
    change = department_change(session.assessment, department_id, department)
    return session.write(f"修改科室“{department.name}”", [change])


def remove_department(session: Session, department_id: str, tasks_to: str | None = None) -> Changes:
    """Remove a department. `tasks_to`: the department that takes its tasks over as they stand, or NOBODY.

    UserError where it has tasks and `tasks_to` is None.
    """
    check_coordinator(session)
    department = find_department(session, department_id)
    held = [clause for clause, task in session.assessment.tasks.items() if task.department == department_id]
    if held and tasks_to is None:
        raise UserError(
            f"“{department.name}”还有 {len(held)} 条任务，没有删除", "请先说明这些任务改派给哪个科室，或者改为未分派。"
        )
    heir = find_department(session, tasks_to) if held and tasks_to else None
    if heir is not None and heir.id == department_id:
        raise UserError(f"任务不能改派给要删除的科室“{department.name}”", "请选择另一个科室。")
    changes: list[Change] = [_handed_over(session, clause, heir) for clause in held]
    changes.append(department_change(session.assessment, department_id, None))
    return session.write(f"删除科室“{department.name}”", changes)


def _handed_over(session: Session, clause: str, heir: Department | None) -> Change:
    task: Task | None = None
    if heir is not None:
        before = session.assessment.tasks[clause]
        person = before.person if before.person in heir.people else ""
        task = replace(before, department=heir.id, person=person)
    return task_change(session.assessment, clause, task)


def find_department(session: Session, department_id: str) -> Department:
    """The department of that id; UserError where it is gone."""
    department = session.assessment.departments.get(department_id)
    if department is None:
        raise UserError("这个科室已经不在了", "它可能刚被删除或撤销，请重新选择。")
    return department


def department_named(session: Session, name: str) -> Department | None:
    """The department of that name, None where there is none; case does not matter."""
    wanted = clean_line(name).casefold()
    return next((d for d in session.assessment.departments.values() if d.name.casefold() == wanted), None)


def new_departments(session: Session, names: Iterable[str]) -> list[Department]:
    """Departments of these names, not saved yet. UserError where a name is empty, taken, or there twice.

    Ids ascend in the order of adding, even with a clock set back.
    """
    newest = max(session.assessment.departments, default="")
    now = int(session.workspace.clock().timestamp() * 1000)
    serial = max(now, int(newest, 16) + 1 if newest else 0)
    made: dict[str, Department] = {}
    for name in names:
        checked = _checked_name(session, name)
        if checked.casefold() in made:
            raise UserError(f"科室“{checked}”出现了两次", "请给每个科室不同的名称。")
        made[checked.casefold()] = Department(f"{serial + len(made):012x}", checked)
    return list(made.values())


def suggestions(session: Session) -> tuple[Suggestion, ...]:
    """A department a role, for the roles with clauses up to the target that are nobody's yet."""
    pack, assessment = session.pack, session.assessment
    by_role: dict[str, list[str]] = {role.code: [] for role in pack.roles}
    for item in pack.items:
        by_role[item.role] += [c.id for c in item.clauses_through(assessment.target) if c.id not in assessment.tasks]
    return tuple(
        Suggestion(role.code, _USUAL_NAMES.get(role.name, role.name), tuple(by_role[role.code]))
        for role in pack.roles
        if by_role[role.code]
    )


def check_coordinator(session: Session) -> None:
    """UserError in the packet of a department: who does what is for the sender to say."""
    if session.assessment.packet is not None:
        raise UserError("这里打开的是科室任务包，不能改分派", "分派由发出任务包的人来改，改好后会发来新的任务包。")


def _checked_name(session: Session, name: str) -> str:
    checked = clean_line(name)
    if not checked:
        raise UserError("科室名称是空的", "请填写科室名称，如“护理部”。")
    if department_named(session, checked) is not None:
        raise UserError(f"已经有科室“{checked}”了", "请换一个名称，或者直接分派给它。")
    return checked


def _checked_people(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in map(clean_line, people) if name))
