"""Who does what by when: departments, the task on each clause, and the work states a task goes through."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from emrassess.errors import UserError


class WorkState(StrEnum):
    """How far the work on a clause is."""

    UNASSIGNED = "unassigned"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    ACCEPTED = "accepted"


STATE_NAMES: Mapping[WorkState, str] = {
    WorkState.UNASSIGNED: "未分派",
    WorkState.ASSIGNED: "已分派",
    WorkState.IN_PROGRESS: "进行中",
    WorkState.SUBMITTED: "已提交",
    WorkState.CHANGES_REQUESTED: "退回修改",
    WorkState.ACCEPTED: "已验收",
}


class Actor(StrEnum):
    """Who moves a task on: the department that has it, the coordinator, or the program when work is seen to begin."""

    DEPARTMENT = "department"
    COORDINATOR = "coordinator"
    PROGRAM = "program"


class TaskFilter(StrEnum):
    """Which clauses to show."""

    MINE = "mine"
    OVERDUE = "overdue"
    UNASSIGNED = "unassigned"


FILTER_NAMES: Mapping[TaskFilter, str] = {
    TaskFilter.MINE: "我的",
    TaskFilter.OVERDUE: "已逾期",
    TaskFilter.UNASSIGNED: "未分派",
}


@dataclass(frozen=True, slots=True)
class Department:
    """A department (科室) and its people by name."""

    id: str
    name: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """The work on one clause. `department`: its id; `person`: "" where nobody in particular.

    `deadline`: ISO date, the last day that is still in time, or "". `comment`: what the coordinator last asked for.
    """

    department: str
    person: str = ""
    deadline: str = ""
    state: WorkState = WorkState.ASSIGNED
    comment: str = ""


# --- moves

_BEGINNING = (WorkState.ASSIGNED, WorkState.IN_PROGRESS)
MOVES: Mapping[Actor, frozenset[tuple[WorkState, WorkState]]] = {
    Actor.DEPARTMENT: frozenset(
        (
            _BEGINNING,
            (WorkState.IN_PROGRESS, WorkState.SUBMITTED),
            (WorkState.CHANGES_REQUESTED, WorkState.IN_PROGRESS),
        )
    ),
    Actor.COORDINATOR: frozenset(
        (
            *((state, WorkState.ASSIGNED) for state in WorkState),
            (WorkState.SUBMITTED, WorkState.ACCEPTED),
            (WorkState.SUBMITTED, WorkState.CHANGES_REQUESTED),
            (WorkState.ACCEPTED, WorkState.CHANGES_REQUESTED),
        )
    ),
    Actor.PROGRAM: frozenset((_BEGINNING,)),
}
"""Who may move a task from which state to which."""

_PEOPLE = {Actor.DEPARTMENT: "科室", Actor.COORDINATOR: "协调员"}
_NEXT_STEPS = {
    WorkState.UNASSIGNED: "请协调员先把这一条分派给科室。",
    WorkState.ASSIGNED: "请科室先开始填写（进行中），再提交。",
    WorkState.IN_PROGRESS: "请等科室填完并提交。",
    WorkState.SUBMITTED: "请协调员验收，或退回修改。",
    WorkState.CHANGES_REQUESTED: "请科室先按意见修改（进行中），再提交。",
    WorkState.ACCEPTED: "要再修改，请协调员先退回修改，或重新分派。",
}


def state_of(task: Task | None) -> WorkState:
    """The work state; unassigned without a task."""
    return WorkState.UNASSIGNED if task is None else task.state


def refusal(state: WorkState, to: WorkState, actor: Actor) -> str:
    """Why `actor` cannot move a task from `state` to `to`, Chinese without a full stop; "" where it can."""
    if (state, to) in MOVES[actor]:
        return ""
    now, then = f"“{STATE_NAMES[state]}”", f"“{STATE_NAMES[to]}”"
    if state is to:
        return f"已经是{now}"
    if others := [name for other, name in _PEOPLE.items() if (state, to) in MOVES[other]]:
        return f"从{now}到{then}只能由{others[0]}来做"
    return f"不能从{now}直接到{then}"


def moved(task: Task | None, to: WorkState, actor: Actor, comment: str | None = None) -> Task:
    """`task` in the state `to`; `comment` None leaves the one there is.

    UserError says why not. Assigning for the first time is `Task(department, …)`, as there is no task to move yet.
    """
    state = state_of(task)
    if (why := refusal(state, to, actor)) or task is None:
        raise UserError(why or "这一条还没有分派给科室", _NEXT_STEPS[state])
    return replace(task, state=to, comment=task.comment if comment is None else comment)


def started(task: Task | None) -> Task | None:
    """The task after an answer was given: an assigned one is thereby in progress, any other stays as it is."""
    if task is None or refusal(task.state, WorkState.IN_PROGRESS, Actor.PROGRAM):
        return task
    return replace(task, state=WorkState.IN_PROGRESS)


def accepted_clauses(tasks: Mapping[str, Task]) -> frozenset[str]:
    """The clauses whose work is accepted: no merge may change them unasked."""
    return frozenset(clause for clause, task in tasks.items() if task.state is WorkState.ACCEPTED)


# --- deadlines

_DELIVERED = (WorkState.SUBMITTED, WorkState.ACCEPTED)


def checked_deadline(text: str) -> str:
    """`text` as an ISO date, "" where it is blank; UserError where it is no date."""
    written = text.strip()
    if not written:
        return ""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise UserError(f"期限“{written}”不是日期", "请按 2026-11-30 这样填写年-月-日。") from None


def days_left(task: Task, today: date) -> int | None:
    """Days to the deadline, negative once it has passed; None without one, or where the work is delivered."""
    if not task.deadline or task.state in _DELIVERED:
        return None
    return (date.fromisoformat(task.deadline) - today).days


def overdue(task: Task, today: date) -> bool:
    """Whether the deadline has passed and the work is neither submitted nor accepted."""
    left = days_left(task, today)
    return left is not None and left < 0


def deadline_text(task: Task, today: date) -> str:
    """The deadline and how far off it is, such as 2026-11-30（还有 8 天）; "" without one."""
    left = days_left(task, today)
    if left is None:
        return task.deadline
    said = "今天到期" if left == 0 else f"还有 {left} 天" if left > 0 else f"已逾期 {-left} 天"
    return f"{task.deadline}（{said}）"


# --- who has what


def is_mine(task: Task, person: str, departments: Mapping[str, Department]) -> bool:
    """Whether `person` is to do it: named in the task, or of its department where the task names nobody."""
    if task.person:
        return task.person == person
    department = departments.get(task.department)
    return department is not None and person in department.people


def chosen(
    wanted: TaskFilter,
    clauses: Iterable[str],
    tasks: Mapping[str, Task],
    today: date,
    person: str,
    departments: Mapping[str, Department],
) -> tuple[str, ...]:
    """Those of `clauses` that the filter lets through, in their order."""

    def passes(task: Task | None) -> bool:
        if wanted is TaskFilter.UNASSIGNED or task is None:
            return wanted is TaskFilter.UNASSIGNED and state_of(task) is WorkState.UNASSIGNED
        return overdue(task, today) if wanted is TaskFilter.OVERDUE else is_mine(task, person, departments)

    return tuple(clause for clause in clauses if passes(tasks.get(clause)))


@dataclass(frozen=True, slots=True)
class DepartmentProgress:
    """How far a department is. Numbers of clauses: `states` has every state; `met` by self verdict.

    `complete`: whose evidence lacks nothing. `deadline`: the next that is still open or has passed, "" where none.
    """

    department: Department
    states: Mapping[WorkState, int]
    met: int
    complete: int
    overdue: int
    deadline: str

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def delivered(self) -> int:
        """Submitted or accepted."""
        return sum(self.states[state] for state in _DELIVERED)


def progress(
    departments: Mapping[str, Department],
    tasks: Mapping[str, Task],
    met: Container[str],
    complete: Container[str],
    today: date,
) -> tuple[DepartmentProgress, ...]:
    """Each department's progress, in the order of `departments`, those without a task too.

    `met`, `complete`: the clauses claimed met, and those with complete evidence.
    """
    by_department: dict[str, list[str]] = {key: [] for key in departments}
    for clause, task in tasks.items():
        if task.department in by_department:
            by_department[task.department].append(clause)

    def of(department: Department, clauses: list[str]) -> DepartmentProgress:
        theirs = [tasks[clause] for clause in clauses]
        counts = Counter(task.state for task in theirs)
        return DepartmentProgress(
            department,
            {state: counts[state] for state in WorkState},
            sum(clause in met for clause in clauses),
            sum(clause in complete for clause in clauses),
            sum(overdue(task, today) for task in theirs),
            min((task.deadline for task in theirs if days_left(task, today) is not None), default=""),
        )

    return tuple(of(departments[key], clauses) for key, clauses in by_department.items())
