"""Submit an assessment: a numbered snapshot that no later change reaches; look at one, compare two, go on from one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import Assessment, Recheck
from emrassess.domain.comparison import Comparison
from emrassess.domain.comparison import compare as compare_assessments
from emrassess.domain.ledger import FINDING_STATE_NAMES, FindingState
from emrassess.domain.planning import Task, WorkState
from emrassess.errors import UserError
from emrassess.services.building import build
from emrassess.services.checks import check_hospitals, clean_line
from emrassess.services.session import Progress, Session
from emrassess.storage.trail import SnapshotInfo

__all__ = ["SnapshotInfo", "compare", "info", "last_other", "listed", "next_round", "read", "submit"]

_MOST_SHOWN = 100
"""Characters of a problem in a mark on its clause."""


def submit(session: Session, label: str = "") -> SnapshotInfo:
    """Freeze the assessment as it is now; it is no step of undo, but named in the history.

    Where nothing has changed since the last time it is frozen all the same, and `unchanged` says so.
    """
    label = clean_line(label)

    def said(number: int) -> str:
        return f"第 {number} 次提交：{label}" if label else f"第 {number} 次提交"

    with session.writing():
        return session.workspace.keep_snapshot(label, said)


def listed(session: Session) -> list[SnapshotInfo]:
    """What was submitted, the first first."""
    return session.workspace.snapshots()


def last_other(session: Session) -> SnapshotInfo | None:
    """What a report compares with unasked: the newest snapshot that holds something else than the present, so that a
    report written right after submitting still says what is new; else the newest; None before the first.

    StorageError where one is damaged.
    """
    found = listed(session)[::-1]
    return next((info for info in found if read(session, info.number) != session.assessment), next(iter(found), None))


def info(session: Session, number: int) -> SnapshotInfo:
    """Who submitted the snapshot of that number, and when; UserError where there is none."""
    found = listed(session)
    for one in found:
        if one.number == number:
            return one
    there = "、".join(str(one.number) for one in found)
    raise UserError(f"没有第 {number} 次提交", f"有这些：{there}。" if there else "这份评价还没有提交过。")


def read(session: Session, number: int) -> Assessment:
    """The assessment as it was submitted; UserError where there is no such number, StorageError where it is damaged."""
    found = session.workspace.snapshot(info(session, number).number)
    assert found is not None, "snapshots never go away"
    return found


def compare(session: Session, before: int | None, after: int | None = None) -> Comparison:
    """What changed between two snapshots by number; None or 0 is the present. UserError as `read`."""
    was, now = (read(session, number) if number else session.assessment for number in (before, after))
    return compare_assessments(was, now, session.pack)


def next_round(session: Session, number: int, folder: Path, progress: Progress | None = None) -> Path:
    """Make a new workspace in `folder` (new or empty) that goes on from a snapshot; returns `folder`.

    Every verdict comes along and is marked to be confirmed; so do figures, evidence, categories, official wording,
    departments and tasks, which start anew without a deadline. What was merged, decided and accepted does not, nor what
    experts found; of the ledger, problems that are not closed are marks on their clauses.
    The session's own workspace is only read. Errors as `read` and `building.build`.
    """
    if session.assessment.packet is not None:
        raise UserError("这是一个科室任务包，不能开始新一轮评价", "请在发出任务包的评价里开始新一轮。")
    check_hospitals(session.assessment, "不能开始新一轮评价")
    wanted = _begun_anew(read(session, number))
    label = f"新一轮评价：从第 {number} 次提交转入"
    return build(session, wanted, session.workspace.pack_files(), folder, label, progress)


def _begun_anew(held: Assessment) -> Assessment:
    return replace(
        held,
        rechecks=dict(_rechecks(held)),
        tasks={clause: _assigned(task) for clause, task in held.tasks.items()},
        merges={},
        conflicts={},
        accepted={},
        opinions={},
        photos={},
        findings={},
    )


def _rechecks(held: Assessment) -> Iterator[tuple[str, Recheck]]:
    """A mark for each clause that has a verdict or an open problem; one that was there already stays with it."""
    problems: dict[str, list[str]] = {}
    for finding in held.findings.values():
        if finding.state is not FindingState.CLOSED:
            told = " ".join(finding.problem.split())[:_MOST_SHOWN]
            line = f"上一轮的问题（{FINDING_STATE_NAMES[finding.state]}）：{told}"
            problems.setdefault(finding.clause, []).append(line)
    for clause in dict.fromkeys([*held.answers, *held.rechecks, *problems]):
        verdict, mark = held.answer(clause).verdict, held.rechecks.get(clause)
        words = [] if verdict is Verdict.NOT_ASSESSED else [f"上一轮结论：{VERDICT_NAMES[verdict]}，待确认"]
        words += problems.get(clause, [])
        words += [mark.why] if mark else []
        if words:
            yield clause, Recheck("；".join(words))


def _assigned(task: Task) -> Task:
    return replace(task, deadline="", state=WorkState.ASSIGNED, comment="")
