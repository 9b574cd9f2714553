"""Who does what by when: clauses assigned to departments, deadlines, work states. Each call is one step of undo."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from emrassess.domain import planning
from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.planning import (
    STATE_NAMES,
    Actor,
    Department,
    DepartmentProgress,
    Task,
    TaskFilter,
    WorkState,
    checked_deadline,
)
from emrassess.errors import UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_line, clean_text, known_clauses
from emrassess.services.departments import check_coordinator, department_named, find_department, new_departments
from emrassess.services.session import Session
from emrassess.storage.changes import Change, department_change, task_change


@dataclass(frozen=True, slots=True)
class Share:
    """Clauses for the department of that name."""

    name: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assigning:
    """What assigning clauses to a department would do, in numbers of clauses.

    `fresh`: nobody's until now; `same`: the department's already; `taken`: another's; `accepted` of those.
    """

    fresh: int
    same: int
    taken: int
    accepted: int


# --- assigning


def expanded(session: Session, ids: Iterable[str]) -> tuple[str, ...]:
    """The clauses that `ids` name, each once: of roles and items all up to the target, of level rows all.

    Full-width digits and brackets are taken for the plain ones. UserError naming all that the standard has not got, or
    where nothing is left up to the target.
    """
    pack, target = session.pack, session.assessment.target
    rows = {row.code: row for item in pack.items for row in item.rows}
    found: list[str] = []
    unknown: list[str] = []
    for given in ids:
        code = unicodedata.normalize("NFKC", given).strip()
        if code in pack.clause_by_id:
            found.append(code)
        elif code in rows:
            found += [clause.id for clause in rows[code].clauses]
        elif code in pack.item_by_code or code in pack.role_by_code:
            items = [item for item in pack.items if code in (item.code, item.role)]
            found += [clause.id for item in items for clause in item.clauses_through(target)]
        else:
            unknown.append(clean_line(given) or "空的编号")
    if unknown:
        named = "、".join(unknown[:8]) + (f" 等 {len(unknown)} 个" if len(unknown) > 8 else "")
        raise UserError(
            f"标准里没有 {named}", "可以写项目（01.01）、等级要求（01.01.4）或条款（01.01.4(1)），在“标准”页查得到。"
        )
    if not found:
        hint = "请选择项目、等级要求或条款；更高级别的请写等级要求或条款的编号。"
        raise UserError(f"到 {target} 级为止没有要分派的条款", hint)
    return tuple(dict.fromkeys(found))


def assign(session: Session, ids: Iterable[str], department_id: str, person: str = "", deadline: str = "") -> Changes:
    """Give what `ids` name (see `expanded`) to a department. `deadline`: ISO date.

    Clauses that are the department's already keep their state, and person and deadline where none is given; those of
    another department begin anew. UserError for unknown ids, department or a deadline that is no date.
    """
    return _assign(session, ids, find_department(session, department_id), person, deadline)


def assign_by_name(session: Session, ids: Iterable[str], name: str, person: str = "", deadline: str = "") -> Changes:
    """As `assign`, to the department of that name, which is made in the same step where there is none."""
    check_coordinator(session)
    department = department_named(session, name) or new_departments(session, [name])[0]
    return _assign(session, ids, department, person, deadline)


def _assign(session: Session, ids: Iterable[str], department: Department, person: str, deadline: str) -> Changes:
    check_coordinator(session)
    clauses = expanded(session, ids)
    changes = [department_change(session.assessment, department.id, department)]
    changes += _given(session, clauses, department, clean_line(person), checked_deadline(deadline))
    return session.write(f"分派 {_named(clauses)}给“{department.name}”", changes)


def assign_shares(session: Session, shares: Sequence[Share], deadline: str = "") -> Changes:
    """Give each share to its department, all in one step; departments that are not there are made."""
    check_coordinator(session)
    shares = [replace(share, name=clean_line(share.name)) for share in shares]
    known = {share.name: department_named(session, share.name) for share in shares}
    made = new_departments(session, [name for name, department in known.items() if department is None])
    new = iter(made)
    whose = {name: department or next(new) for name, department in known.items()}
    until = checked_deadline(deadline)
    changes = [department_change(session.assessment, department.id, department) for department in made]
    for share in shares:
        changes += _given(session, known_clauses(session.pack, share.clauses), whose[share.name], "", until)
    total = sum(len(share.clauses) for share in shares)
    return session.write(f"分派 {total} 条给 {len(whose)} 个科室", changes)


def unassign(session: Session, ids: Iterable[str]) -> Changes:
    """Make what `ids` name (see `expanded`) nobody's; what was answered stays."""
    check_coordinator(session)
    clauses = expanded(session, ids)
    return session.write(f"取消分派 {_named(clauses)}", [task_change(session.assessment, c, None) for c in clauses])


def foreseen(session: Session, clauses: Iterable[str], department_id: str) -> Assigning:
    """What `assign` would do with these clauses; `department_id` "" stands for a new department."""
    tasks = [session.assessment.tasks.get(clause) for clause in clauses]
    others = [task for task in tasks if task is not None and task.department != department_id]
    fresh = sum(task is None for task in tasks)
    accepted = sum(task.state is WorkState.ACCEPTED for task in others)
    return Assigning(fresh, len(tasks) - fresh - len(others), len(others), accepted)


def _given(
    session: Session, clauses: Iterable[str], department: Department, person: str, deadline: str
) -> list[Change]:
    def task(before: Task | None) -> Task:
        if before is None or before.department != department.id:
            return Task(department.id, person, deadline)
        return replace(before, person=person or before.person, deadline=deadline or before.deadline)

    tasks = session.assessment.tasks
    return [task_change(session.assessment, clause, task(tasks.get(clause))) for clause in clauses]


# --- particulars and states


def edit(
    session: Session,
    clauses: Iterable[str],
    *,
    person: str | None = None,
    deadline: str | None = None,
    comment: str | None = None,
) -> Changes:
    """Change who does these clauses, by when (ISO date) and what is asked for, in one step; None leaves it, "" takes it
    away. UserError where one is not assigned."""
    check_coordinator(session)
    tasks = _assigned(session, clauses)
    told = {
        "person": None if person is None else clean_line(person),
        "deadline": None if deadline is None else checked_deadline(deadline),
        "comment": None if comment is None else clean_text(comment).strip(),
    }
    wanted = {name: value for name, value in told.items() if value is not None}
    changes = [task_change(session.assessment, clause, replace(task, **wanted)) for clause, task in tasks.items()]
    what = [_said(name, value) for name, value in wanted.items()]
    return session.write(f"{_named(tuple(tasks))}：{'，'.join(what)}", changes)


def _said(name: str, value: str) -> str:
    """What becomes of one particular, in the label of its step."""
    called = {"person": "负责人", "deadline": "期限", "comment": "意见"}[name]
    return f"{called}取消" if not value else f"{called}改为 {value}" if name != "comment" else "意见"


def move(session: Session, clauses: Iterable[str], state: WorkState, actor: Actor, comment: str = "") -> Changes:
    """Bring the work on these clauses into `state`, all or none of them.

    `comment`: what the coordinator asks for; changes cannot be requested without one, in other moves "" keeps what was
    said. UserError where `actor` may not make the move, or a clause is not assigned.
    """
    said = clean_text(comment).strip()
    if actor is Actor.COORDINATOR:
        check_coordinator(session)
    if state is WorkState.CHANGES_REQUESTED and not said:
        raise UserError("退回修改没有写意见", "请写明要改什么，科室才知道怎样修改。")
    wanted = known_clauses(session.pack, clauses)
    changes: list[Change] = []
    for clause in wanted:
        try:
            task = planning.moved(session.assessment.tasks.get(clause), state, actor, said or None)
        except UserError as error:
            raise UserError(f"{clause}：{error.message}", error.hint) from None
        changes.append(task_change(session.assessment, clause, task))
    return session.write(f"{_named(wanted)}：{STATE_NAMES[state]}", changes)


def movable(session: Session, clauses: Iterable[str], state: WorkState, actor: Actor) -> tuple[str, ...]:
    """Those of `clauses` that `move` would take."""
    tasks = session.assessment.tasks
    return tuple(c for c in clauses if c in tasks and not planning.refusal(tasks[c].state, state, actor))


def begun(session: Session, clauses: Iterable[str]) -> list[Change]:
    """The changes that show work on `clauses` as in progress: only on those that were assigned and untouched."""
    tasks = session.assessment.tasks
    return [task_change(session.assessment, c, planning.started(tasks[c])) for c in clauses if c in tasks]


def _assigned(session: Session, clauses: Iterable[str]) -> dict[str, Task]:
    wanted = known_clauses(session.pack, clauses)
    tasks = session.assessment.tasks
    if nobodys := [clause for clause in wanted if clause not in tasks]:
        raise UserError(f"还没有分派给科室：{'、'.join(nobodys[:5])}", "请先分派给科室，再改负责人和期限。")
    return {clause: tasks[clause] for clause in wanted}


def _named(clauses: Sequence[str]) -> str:
    return clauses[0] if len(clauses) == 1 else f"{len(clauses)} 条"


# --- how it stands


def planned(session: Session) -> tuple[str, ...]:
    """The clauses to be worked on, in the standard's order: up to the target, and what is assigned above it.

    In the packet of a department the packet's clauses.
    """
    assessment = session.assessment
    clauses = session.pack.clause_by_id.values()
    if assessment.scope is not None:
        return tuple(clause.id for clause in clauses if clause.id in assessment.scope)
    return tuple(c.id for c in clauses if c.level <= assessment.target or c.id in assessment.tasks)


def progress(session: Session, today: date | None = None) -> tuple[DepartmentProgress, ...]:
    """How far each department is, in the order they were added. `today` is asked of the clock where it is None."""
    assessment = session.assessment
    met = {clause for clause, answer in assessment.answers.items() if answer.verdict is Verdict.MET}
    complete = {clause for clause, state in session.states.items() if state is EvidenceState.COMPLETE}
    return planning.progress(assessment.departments, assessment.tasks, met, complete, today or now(session))


def mine(session: Session) -> tuple[str, ...]:
    """The clauses that the session's user is to do."""
    return _chosen(session, TaskFilter.MINE, now(session))


def overdue(session: Session, today: date | None = None) -> tuple[str, ...]:
    """The clauses whose deadline has passed without delivery."""
    return _chosen(session, TaskFilter.OVERDUE, today or now(session))


def unassigned(session: Session) -> tuple[str, ...]:
    """The clauses up to the target that are nobody's."""
    return _chosen(session, TaskFilter.UNASSIGNED, now(session))


def now(session: Session) -> date:
    """Today by the clock of the workspace."""
    return session.workspace.clock().date()


def _chosen(session: Session, wanted: TaskFilter, today: date) -> tuple[str, ...]:
    assessment = session.assessment
    return planning.chosen(wanted, planned(session), assessment.tasks, today, session.user, assessment.departments)
