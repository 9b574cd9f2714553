"""Packets sent, worked on and given back, for the tests of packets and merging."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emrassess.domain.assessment import Evidence
from emrassess.domain.planning import Actor, WorkState
from emrassess.services import answering, incoming, tasks
from emrassess.services import session as session_module
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.packets import create_packet, open_packet, return_packet
from emrassess.services.session import Session, close, open_workspace
from tests.storage.samples import Clock

A, B, C, D = "01.01.4(1)", "01.01.4(2)", "01.02.3(1)", "01.02.3(2)"
OUTSIDE = "02.01.3(1)"
LAB = "检验科"
Work = Callable[[Session], object]
"""What somebody does in a workspace."""


@pytest.fixture(autouse=True)
def packs_read_once(monkeypatch: pytest.MonkeyPatch, pack_read_once: None) -> None:
    """Opening a packet reads its pack too."""
    monkeypatch.setattr(incoming, "load_files", session_module.load_files)


def department_id(session: Session, name: str = LAB) -> str:
    return next(key for key, found in session.assessment.departments.items() if found.name == name)


def assign(session: Session, *clauses: str, name: str = LAB, deadline: str = "2026-12-01") -> str:
    """Give clauses to the department; returns its id."""
    tasks.assign_by_name(session, clauses, name, deadline=deadline)
    return department_id(session, name)


def attach(session: Session, content: bytes, *clauses: str, title: str = "", name: str = "截图.txt") -> Evidence:
    """A new piece of evidence."""
    changed = add_evidence(session, [NewEvidence(content, name, title)], clauses)
    (added,) = changed.evidence
    return session.assessment.evidence[added]


@contextmanager
def department(session: Session, folder: Path, name: str = LAB, user: str = "王五") -> Iterator[Session]:
    """The packet of a department as it is sent now, opened in `folder`."""
    file = folder.with_suffix(".zip")
    create_packet(session, department_id(session, name), file, sign=False)
    open_packet(file, folder, user, clock=Clock())
    with working(folder, user) as opened:
        yield opened


@contextmanager
def working(folder: Path, user: str = "王五") -> Iterator[Session]:
    """A department's workspace, open."""
    opened = open_workspace(folder, user, clock=Clock())
    try:
        yield opened
    finally:
        close(opened)


def given_back(session: Session, file: Path) -> Path:
    """The packet that a department gives back now."""
    return_packet(session, file, sign=False)
    return file


def returned(session: Session, tmp_path: Path, work: Work, name: str = LAB) -> Path:
    """The packet of a department that did `work`."""
    number = len(list(tmp_path.glob("*.zip")))
    with department(session, tmp_path / f"{name}{number}", name) as there:
        work(there)
        return given_back(there, tmp_path / f"{name}{number}-交回.zip")


def noting(clause: str, text: str) -> Work:
    """Writes a note."""
    return lambda session: answering.set_note(session, clause, text)


def adding(content: bytes, *clauses: str, title: str = "", name: str = "截图.txt") -> Work:
    """Adds evidence."""
    return lambda session: attach(session, content, *clauses, title=title, name=name)


def all_of(*works: Work) -> Work:
    """One after the other."""
    return lambda session: [work(session) for work in works]


def note(session: Session, clause: str) -> str:
    """What the clause's note says."""
    return session.assessment.answer(clause).note


def last_entry(session: Session) -> int:
    """The number of the newest entry in the history."""
    return session.workspace.audit(1)[0].id


def accepted(session: Session, *clauses: str) -> None:
    """Bring the work on clauses to its end."""
    for clause in clauses:
        if session.assessment.tasks[clause].state is WorkState.ASSIGNED:
            tasks.move(session, [clause], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
        if session.assessment.tasks[clause].state is WorkState.IN_PROGRESS:
            tasks.move(session, [clause], WorkState.SUBMITTED, Actor.DEPARTMENT)
        tasks.move(session, [clause], WorkState.ACCEPTED, Actor.COORDINATOR)
