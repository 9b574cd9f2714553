"""Packages opened by experts, and what they send on, for the tests of reviews."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from emrassess.domain.answers import Verdict
from emrassess.services import answering, incoming
from emrassess.services import session as session_module
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.packages import create_package
from emrassess.services.review_files import export_review
from emrassess.services.reviewing import open_as_expert
from emrassess.services.session import Session, close, open_workspace
from tests.storage.samples import Clock

A, B, C = "01.01.4(1)", "01.01.4(2)", "01.02.3(1)"
OUTPATIENT = "03.01.4(1)"
WARD = "ward"


@pytest.fixture(autouse=True)
def packs_read_once(monkeypatch: pytest.MonkeyPatch, pack_read_once: None) -> None:
    """Opening a package reads its pack too."""
    monkeypatch.setattr(incoming, "load_files", session_module.load_files)


def picture(colour: tuple[int, int, int] = (10, 200, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, "PNG")
    return out.getvalue()


def claim(session: Session) -> None:
    """The hospital claims A, B, C and the outpatient clause, with a picture for A."""
    for clause in (A, B, C, OUTPATIENT):
        answering.set_verdict(session, [clause], Verdict.MET)
    add_evidence(session, [NewEvidence(picture(), "医嘱.png", "医嘱界面")], [A])


def packed(session: Session, out: Path) -> Path:
    """The hospital's package as it is now."""
    create_package(session, out, sign=False)
    return out


@contextmanager
def expert(package: Path, folder: Path, name: str = "专家甲", group: str = WARD) -> Iterator[Session]:
    """An expert's workspace from the package, open."""
    open_as_expert(package, folder, name, group=group, clock=Clock())
    with at_work(folder, name) as opened:
        yield opened


@contextmanager
def at_work(folder: Path, name: str = "专家甲") -> Iterator[Session]:
    """An expert's workspace that is there, open."""
    opened = open_workspace(folder, name, clock=Clock())
    try:
        yield opened
    finally:
        close(opened)


def sent(session: Session, out: Path, group: str = WARD) -> Path:
    """The group's review file as it is now."""
    export_review(session, group, out, sign=False)
    return out
