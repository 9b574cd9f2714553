"""Merges taken back as a whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Decision
from emrassess.domain.planning import Actor, WorkState
from emrassess.errors import UserError
from emrassess.services import answering, evidence, tasks
from emrassess.services.merging import conflicts, decide, merge, undo_merge
from emrassess.services.session import Session, close, open_workspace
from tests.services.packet_samples import (
    LAB,
    OUTSIDE,
    A,
    B,
    adding,
    all_of,
    assign,
    attach,
    department,
    given_back,
    note,
    noting,
    packs_read_once,
    returned,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]


def test_a_merge_is_taken_back_after_a_restart(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    answering.set_note(session, B, "原话")
    back = returned(session, tmp_path, all_of(noting(A, "他们"), noting(B, "他们"), adding(b"x", A)))
    answering.set_note(session, B, "我们")
    before, folder = session.assessment, session.workspace.folder
    merge(session, [back])
    answering.set_note(session, OUTSIDE, "别处")
    decide(session, conflicts(session)[0].id, Decision.OURS)
    close(session)
    again = open_workspace(folder, "李四", clock=Clock())
    (merge_id,) = again.assessment.merges
    undone = undo_merge(again, merge_id)
    assert undone.undo and undone.undo.startswith(f"撤销：合并“{LAB}”")
    assert again.assessment == replace(before, answers={**before.answers, OUTSIDE: again.assessment.answer(OUTSIDE)})
    with pytest.raises(UserError, match="已经不在了"):
        undo_merge(again, merge_id)
    assert len(merge(again, [back]).changes) == 1
    close(again)


def test_a_merge_is_not_taken_back_where_something_has_changed_since(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    back = returned(
        session,
        tmp_path,
        lambda lab: (answering.set_verdict(lab, [A], Verdict.MET), attach(lab, b"x", B, title="医嘱")),
    )
    merge(session, [back])
    (merge_id,) = session.assessment.merges
    (piece,) = session.assessment.evidence.values()
    evidence.edit_evidence(session, piece.id, title="改名")
    answering.set_verdict(session, [A], Verdict.UNMET)
    tasks.move(session, [A], WorkState.ACCEPTED, Actor.COORDINATOR)
    before = session.assessment
    with pytest.raises(UserError, match="合并之后又改过") as refused:
        undo_merge(session, merge_id)
    for named in (A, f"{A} 的任务状态", "实证材料“医嘱”"):
        assert named in refused.value.message
    assert session.assessment is before


def test_a_merge_under_a_later_one_is_not_taken_back(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        noting(A, "初稿")(lab)
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        attach(lab, b"x", A)
        merge(session, [given_back(lab, tmp_path / "2.zip")])
    first, second = session.assessment.merges
    with pytest.raises(UserError, match="较晚交回的任务包"):
        undo_merge(session, first)
    undo_merge(session, second)
    undo_merge(session, first)
    assert not session.assessment.merges and not session.assessment.evidence and note(session, A) == ""
