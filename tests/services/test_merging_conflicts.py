"""What both sides changed waits until a person decides it."""

from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Decision
from emrassess.domain.merge import WHOLE, MergeKey, MergeKind, Why
from emrassess.domain.planning import WorkState
from emrassess.errors import UserError
from emrassess.services import answering, evidence, history
from emrassess.services.merging import conflicts, decide, merge
from emrassess.services.packets import open_packet
from emrassess.services.session import Session, close, open_workspace
from tests.services.packet_samples import (
    LAB,
    A,
    B,
    C,
    accepted,
    adding,
    all_of,
    assign,
    attach,
    department,
    given_back,
    last_entry,
    note,
    noting,
    packs_read_once,
    returned,
    working,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]


def test_what_both_changed_waits_until_it_is_decided(session: Session, tmp_path: Path) -> None:
    assign(session, A, B, C)
    for clause in (A, B, C):
        answering.set_note(session, clause, "原话")
    back = returned(session, tmp_path, all_of(*(noting(c, f"他们{c}") for c in (A, B, C))))
    for clause in (A, B, C):
        answering.set_note(session, clause, f"我们{clause}")
    assert merge(session, [back]).waiting == 3
    folder = session.workspace.folder
    close(session)
    again = open_workspace(folder, "李四", clock=Clock())
    by_clause = {shown.found.key.key: shown for shown in conflicts(again)}
    assert by_clause[A].options == (Decision.OURS, Decision.THEIRS, Decision.BOTH)
    assert (by_clause[A].found.base, by_clause[A].found.why) == ("原话", Why.BOTH)
    last = last_entry(again)
    decide(again, by_clause[A].id, Decision.THEIRS)
    decide(again, by_clause[B].id, Decision.OURS)
    answering.set_note(again, C, "我们又改")
    assert decide(again, by_clause[C].id, Decision.BOTH).undo == f"决定冲突 {C} 说明：两者都留"
    assert [note(again, c) for c in (A, B, C)] == [f"他们{A}", f"我们{B}", f"我们又改\n他们{C}"]
    assert last_entry(again) == last + 4 and not conflicts(again) and len(conflicts(again, decided=True)) == 3
    with pytest.raises(UserError, match="已经决定"):
        decide(again, by_clause[A].id, Decision.OURS)
    history.undo(again)
    assert [shown.found.ours for shown in conflicts(again)] == ["我们又改"]
    close(again)


def test_a_decided_conflict_is_not_raised_anew(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    answering.set_note(session, A, "原话")
    with department(session, tmp_path / "d") as lab:
        noting(A, "他们")(lab)
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        answering.set_note(session, A, "我们")
    # Another copy of the same packet with the same words, opened elsewhere.
    open_packet(tmp_path / "d.zip", tmp_path / "e", "赵六", clock=Clock())
    with working(tmp_path / "e") as copy:
        noting(A, "他们")(copy)
        attach(copy, b"x", A)
        assert merge(session, [given_back(copy, tmp_path / "2.zip")]).waiting == 1
    decide(session, conflicts(session)[0].id, Decision.OURS)
    open_packet(tmp_path / "d.zip", tmp_path / "f", "钱七", clock=Clock())
    with working(tmp_path / "f") as copy:
        noting(A, "他们")(copy)
        attach(copy, b"y", A)
        (told,) = merge(session, [given_back(copy, tmp_path / "3.zip")]).files
    assert told.merge and len(told.merge.settled) == 1 and not told.merge.conflicts
    assert note(session, A) == "我们"


def test_what_was_decided_once_may_be_said_again_in_a_later_packet(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    met, unmet = (lambda lab, v=v: answering.set_verdict(lab, [A], v) for v in (Verdict.MET, Verdict.UNMET))
    with department(session, tmp_path / "d") as lab:
        met(lab)
        answering.set_verdict(session, [A], Verdict.PARTIAL)
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        decide(session, conflicts(session)[0].id, Decision.OURS)
        unmet(lab)
        merge(session, [given_back(lab, tmp_path / "2.zip")])
        decide(session, conflicts(session)[0].id, Decision.THEIRS)
        met(lab)
        merge(session, [given_back(lab, tmp_path / "3.zip")])
    assert session.assessment.answer(A).verdict is Verdict.MET and not conflicts(session)
    answering.set_verdict(session, [A], Verdict.PARTIAL)
    merge(session, [returned(session, tmp_path, met)])
    assert session.assessment.answer(A).verdict is Verdict.MET


@pytest.mark.parametrize(("prefer", "note_a", "waiting"), [(Decision.OURS, "我们", 0), (Decision.THEIRS, "他们", 1)])
def test_conflicts_can_be_decided_for_one_side_at_once(
    session: Session, tmp_path: Path, prefer: Decision, note_a: str, waiting: int
) -> None:
    assign(session, A, B)
    for clause in (A, B):
        answering.set_note(session, clause, "原话")
    back = returned(session, tmp_path, all_of(*(noting(c, "他们") for c in (A, B))))
    answering.set_note(session, A, "我们")
    accepted(session, B)
    assert merge(session, [back], prefer=prefer).waiting == waiting
    # What is accepted is never overwritten unasked, not even so.
    assert (note(session, A), note(session, B)) == (note_a, "原话")
    assert len(conflicts(session, decided=True)) == 2 - waiting


def test_accepted_clauses_are_conflicts(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    back = returned(session, tmp_path, all_of(noting(A, "他们"), adding(b"new", A), noting(B, "他们")))
    accepted(session, A)
    assert merge(session, [back]).waiting == 2
    assert not session.assessment.evidence and (note(session, A), note(session, B)) == ("", "他们")
    assert {shown.found.why for shown in conflicts(session)} == {Why.ACCEPTED}
    assert session.assessment.tasks[A].state is WorkState.ACCEPTED
    whole = next(shown for shown in conflicts(session) if shown.found.key.field == WHOLE)
    assert whole.theirs_file and whole.theirs_file.file_name == "截图.txt" and whole.ours_file is None
    decide(session, whole.id, Decision.THEIRS)
    (piece,) = session.assessment.evidence.values()
    assert (piece.clauses, piece.current.file_name, piece.current.added_by) == ((A,), "截图.txt", LAB)


def file_conflict(session: Session, tmp_path: Path) -> str:
    """A piece whose file was replaced on both sides, merged; its id."""
    assign(session, A)
    piece = attach(session, b"old", A)
    back = returned(
        session, tmp_path, lambda lab: evidence.replace_evidence(lab, piece.id, b"\x89PNG\r\n\x1a\n their", "他们.png")
    )
    evidence.replace_evidence(session, piece.id, b"our", "我们.txt")
    assert merge(session, [back]).waiting == 1
    return piece.id


def test_files_in_conflict_are_shown_side_by_side(session: Session, tmp_path: Path) -> None:
    piece = file_conflict(session, tmp_path)
    (shown,) = conflicts(session)
    assert shown.found.key == MergeKey(MergeKind.EVIDENCE, piece, "file")
    assert shown.ours_file and shown.theirs_file
    both = [shown.ours_file, shown.theirs_file]
    assert [file.file_name for file in both] == ["我们.txt", "他们.png"]
    contents_of = [session.workspace.evidence_path(file.sha256).read_bytes() for file in both]
    assert contents_of == [b"our", b"\x89PNG\r\n\x1a\n their"]
    decide(session, shown.id, Decision.THEIRS)
    revisions = session.assessment.evidence[piece].revisions
    assert [r.file_name for r in revisions] == ["截图.txt", "我们.txt", "他们.png"]
    assert revisions[-1].media_type == "image/png"


def test_the_file_of_an_open_conflict_outlives_closing(session: Session, tmp_path: Path) -> None:
    file_conflict(session, tmp_path)
    (shown,) = conflicts(session)
    assert shown.theirs_file
    folder = session.workspace.folder
    close(session)
    again = open_workspace(folder, "李四", clock=Clock())
    try:
        assert again.workspace.evidence_path(shown.theirs_file.sha256).is_file()
        decide(again, shown.id, Decision.THEIRS)
    finally:
        close(again)


def test_of_a_piece_that_is_gone_nothing_can_be_taken(session: Session, tmp_path: Path) -> None:
    piece = file_conflict(session, tmp_path)
    evidence.unlink_evidence(session, piece, A)
    evidence.remove_evidence(session, piece)
    (shown,) = conflicts(session)
    assert shown.options == (Decision.OURS,) and shown.ours_file is None
    with pytest.raises(UserError, match="不能这样决定：采用对方"):
        decide(session, shown.id, Decision.THEIRS)
    decide(session, shown.id, Decision.OURS)
    assert not conflicts(session)


def test_a_piece_removed_here_and_worked_on_there_comes_back_whole(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    piece = attach(session, b"old", A)
    back = returned(session, tmp_path, lambda lab: evidence.edit_evidence(lab, piece.id, title="更好的标题"))
    evidence.unlink_evidence(session, piece.id, A)
    evidence.remove_evidence(session, piece.id)
    folder = session.workspace.folder
    assert merge(session, [back]).waiting == 1
    decide(session, conflicts(session)[0].id, Decision.THEIRS)
    assert session.assessment.evidence[piece.id].title == "更好的标题"
    assert (folder / "evidence" / piece.current.sha256).read_bytes() == b"old"
