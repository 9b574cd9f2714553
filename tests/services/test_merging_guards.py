"""What a merge must not do though a packet, or whoever merges, asks for it."""

from datetime import timedelta
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Decision
from emrassess.domain.merge import Why
from emrassess.domain.planning import Actor, WorkState
from emrassess.errors import UserError
from emrassess.services import answering, evidence, tasks
from emrassess.services.merging import conflicts, decide, merge, undo_merge
from emrassess.services.session import Session
from tests.services.packet_samples import (
    OUTSIDE,
    A,
    B,
    adding,
    assign,
    attach,
    department,
    given_back,
    note,
    noting,
    packs_read_once,
    returned,
)

__all__ = ["packs_read_once"]


def test_what_others_use_too_is_not_given_up_for_theirs(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    piece = attach(session, b"x", A, title="原题")
    evidence.link_evidence(session, piece.id, [OUTSIDE])
    back = returned(session, tmp_path, lambda lab: evidence.edit_evidence(lab, piece.id, title="他们的题"))
    assert merge(session, [back], prefer=Decision.THEIRS).waiting == 1
    assert session.assessment.evidence[piece.id].title == "原题"
    (shown,) = conflicts(session)
    assert shown.conflict.why is Why.SHARED


def test_what_is_to_be_changed_is_not_submitted_by_a_packet_that_says_nothing_new_of_it(
    session: Session, tmp_path: Path
) -> None:
    assign(session, A, B)
    with department(session, tmp_path / "d") as lab:
        answering.set_verdict(lab, [A, B], Verdict.MET)
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        tasks.move(session, [A, B], WorkState.CHANGES_REQUESTED, Actor.COORDINATOR, "请补截图")
        noting(B, "改好了")(lab)
        merge(session, [given_back(lab, tmp_path / "2.zip")])
    states = {clause: task.state for clause, task in session.assessment.tasks.items()}
    assert states == {A: WorkState.CHANGES_REQUESTED, B: WorkState.SUBMITTED}


@pytest.mark.parametrize("decision", [Decision.THEIRS, Decision.BOTH])
def test_a_merge_whose_conflict_was_decided_for_them_is_not_taken_back_by_half(
    session: Session, tmp_path: Path, decision: Decision
) -> None:
    assign(session, A)
    back = returned(session, tmp_path, noting(A, "他们"))
    noting(A, "我们")(session)
    merge(session, [back])
    decide(session, conflicts(session)[0].id, decision)
    (merge_id,) = session.assessment.merges
    said = note(session, A)
    with pytest.raises(UserError, match="冲突决定"):
        undo_merge(session, merge_id)
    assert note(session, A) == said and merge_id in session.assessment.merges


def test_merges_are_told_in_their_order_even_with_a_clock_set_back(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        noting(A, "一")(lab)
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        (first,) = session.assessment.merges
        before = session.workspace.clock
        monkeypatch.setattr(session.workspace, "clock", lambda: before() - timedelta(days=400))
        adding(b"x", A)(lab)
        merge(session, [given_back(lab, tmp_path / "2.zip")])
    assert len(session.assessment.merges) == 2 and max(session.assessment.merges) != first
