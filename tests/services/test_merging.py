"""Merging what comes back: taken, in conflict, refused; decided; taken back as a whole. Real files and workspaces."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, Decision, Recheck
from emrassess.domain.merge import WHOLE, MergeKey, MergeKind, Why, flatten
from emrassess.domain.planning import Actor, WorkState
from emrassess.errors import Cancelled, UserError
from emrassess.services import answering, evidence, history, merging, rechecks, tasks
from emrassess.services.evidence import NewEvidence
from emrassess.services.merging import conflicts, decide, merge, preview, undo_merge
from emrassess.services.packets import create_packet, open_packet, return_packet
from emrassess.services.session import Session, close, create_workspace, open_workspace
from emrassess.storage.changes import recheck_change
from tests.exchange.samples import contents, rebagged, zipped
from tests.services.packet_samples import (
    LAB,
    OUTSIDE,
    A,
    B,
    C,
    D,
    assign,
    attach,
    department,
    given_back,
    packs_read_once,
    working,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]

Work = Callable[[Session], object]


def returned(session: Session, tmp_path: Path, work: Work, name: str = LAB) -> Path:
    """The packet of a department that did `work`."""
    number = len(list(tmp_path.glob("*.zip")))
    with department(session, tmp_path / f"{name}{number}", name) as there:
        work(there)
        return given_back(there, tmp_path / f"{name}{number}-交回.zip")


def noting(clause: str, text: str) -> Work:
    return lambda session: answering.set_note(session, clause, text)


def adding(content: bytes, *clauses: str, title: str = "", name: str = "截图.txt") -> Work:
    return lambda session: attach(session, content, *clauses, title=title, name=name)


def all_of(*works: Work) -> Work:
    return lambda session: [work(session) for work in works]


def note(session: Session, clause: str) -> str:
    return session.assessment.answer(clause).note


def last_entry(session: Session) -> int:
    return session.workspace.audit(1)[0].id


def accepted(session: Session, *clauses: str) -> None:
    for clause in clauses:
        if session.assessment.tasks[clause].state is WorkState.ASSIGNED:
            tasks.move(session, [clause], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
        if session.assessment.tasks[clause].state is WorkState.IN_PROGRESS:
            tasks.move(session, [clause], WorkState.SUBMITTED, Actor.DEPARTMENT)
        tasks.move(session, [clause], WorkState.ACCEPTED, Actor.COORDINATOR)


# --- taken


def test_what_only_they_changed_is_taken_in_one_step(session: Session, tmp_path: Path) -> None:
    lab_id = assign(session, A, B, C, D)
    kept = attach(session, b"kept", A, title="原有")

    def work(lab: Session) -> None:
        answering.set_verdict(lab, [A, B], Verdict.MET)
        answering.set_note(lab, A, "他们的说明")
        answering.set_coverage(lab, "01.01", 4, Ratio.counted(95, 100))
        evidence.edit_evidence(lab, kept.id, title="改了标题")
        attach(lab, b"new", B, C, title="新的")

    back = returned(session, tmp_path, work)
    answering.set_note(session, OUTSIDE, "别处")
    before, last = session.assessment, last_entry(session)
    outcome = merge(session, [back])
    (told,) = outcome.files
    assert told.refused == "" and told.merge is not None and not told.merge.conflicts and outcome.waiting == 0
    held = session.assessment
    assert (held.answer(A).verdict, held.answer(A).note) == (Verdict.MET, "他们的说明")
    assert held.coverage["01.01", 4] == Ratio.counted(95, 100) and note(session, OUTSIDE) == "别处"
    (added,) = held.evidence.keys() - before.evidence.keys()
    new = held.evidence[added]
    assert (new.title, new.clauses, new.current.file_name, new.current.added_by) == ("新的", (B, C), "截图.txt", LAB)
    assert session.workspace.evidence_path(new.current.sha256).read_bytes() == b"new"
    assert held.evidence[kept.id].title == "改了标题" and len(held.evidence[kept.id].revisions) == 1
    assert held.tasks[A].state is WorkState.SUBMITTED and held.tasks[C].state is WorkState.IN_PROGRESS
    (record,) = held.merges.values()
    assert (record.by, record.department, record.sender.name) == ("张三", lab_id, "王五")
    assert record.counts["taken"] == len(told.merge.taken) and record.counts["conflicts"] == 0
    assert last_entry(session) == last + 1
    assert outcome.changes[0].undo == f"合并“{LAB}”的任务包：采用 {len(told.merge.taken)} 处"
    assert {A, B, C} <= outcome.changes[0].clauses and outcome.changes[0].conflicts
    history.undo(session)
    assert session.assessment == before


def test_another_file_becomes_a_revision(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    piece = attach(session, b"old", A)

    def work(lab: Session) -> None:
        evidence.replace_evidence(lab, piece.id, b"\x89PNG\r\n\x1a\n better", "更好的.png")

    merge(session, [returned(session, tmp_path, work)])
    files = [(r.file_name, r.media_type) for r in session.assessment.evidence[piece.id].revisions]
    assert files == [("截图.txt", "text/plain"), ("更好的.png", "image/png")]


def test_removed_there_is_removed_here(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    answering.set_note(session, A, "原话")
    piece, shared = attach(session, b"one", A), attach(session, b"two", A, OUTSIDE)

    def work(lab: Session) -> None:
        answering.set_note(lab, A, "")
        for key in (piece.id, shared.id):
            evidence.unlink_evidence(lab, key, A)
            evidence.remove_evidence(lab, key)

    merge(session, [returned(session, tmp_path, work)])
    assert note(session, A) == "" and piece.id not in session.assessment.evidence
    assert session.assessment.evidence[shared.id].clauses == (OUTSIDE,)


def test_a_preview_says_what_the_merge_does_and_writes_nothing(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    assign(session, B, name="护理部")
    answering.set_note(session, B, "原话")
    first = returned(session, tmp_path, all_of(adding(b"new", A), noting(A, "检验")))
    second = returned(session, tmp_path, noting(B, "护理"), "护理部")
    answering.set_note(session, B, "这边")
    before, last, files = session.assessment, last_entry(session), sorted(tmp_path.rglob("*"))
    foreseen = preview(session, [first, second, first])
    assert session.assessment is before and last_entry(session) == last and sorted(tmp_path.rglob("*")) == files
    assert [told.merge and (len(told.merge.taken), len(told.merge.conflicts)) for told in foreseen] == [
        (2, 0),
        (0, 1),
        (0, 0),
    ]
    assert foreseen[2].before is not None
    done = merge(session, [first, second, first])
    assert [told.merge for told in done.files] == [told.merge for told in foreseen]


def test_the_same_packet_twice_changes_nothing(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    answering.set_note(session, B, "原话")
    back = returned(session, tmp_path, all_of(noting(A, "他们"), noting(B, "他们"), adding(b"x", A)))
    answering.set_note(session, B, "我们")
    assert merge(session, [back]).waiting == 1
    before, last = session.assessment, last_entry(session)
    again = merge(session, [back, back])
    assert session.assessment is before and last_entry(session) == last and not again.changes
    assert all(told.before and not told.refused for told in again.files)
    # What was undone in between comes again.
    history.undo(session)
    assert len(merge(session, [back]).changes) == 1
    assert note(session, A) == "他们"


def test_equal_files_of_two_departments_are_stored_once(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    assign(session, B, name="护理部")
    first = returned(session, tmp_path, adding(b"same", A, title="医嘱"))
    second = returned(session, tmp_path, adding(b"same", B, title="医嘱"), "护理部")
    merge(session, [first, second])
    (piece,) = session.assessment.evidence.values()
    assert piece.clauses == (A, B)
    assert len(list((session.workspace.folder / "evidence").iterdir())) == 1


def test_a_mark_for_another_look_goes_with_another_verdict(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    marks = [recheck_change(session.assessment, clause, Recheck("待确认")) for clause in (A, B)]
    session.write("标记", marks)
    merge(session, [returned(session, tmp_path, lambda lab: answering.set_verdict(lab, [A], Verdict.MET))])
    assert list(session.assessment.rechecks) == [B]
    rechecks.looked_at(session, [B])


# --- conflicts


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


# --- one after the other


def test_a_later_return_of_the_same_work_is_merged_onto_the_earlier(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    with department(session, tmp_path / "d") as lab:
        noting(A, "初稿")(lab)
        piece = attach(lab, b"draft", A)
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        noting(A, "二稿")(lab)
        evidence.unlink_evidence(lab, piece.id, A)
        evidence.remove_evidence(lab, piece.id)
        assert merge(session, [given_back(lab, tmp_path / "2.zip")]).waiting == 0
    assert note(session, A) == "二稿" and not session.assessment.evidence
    # The first one says nothing new, and must not bring its words back.
    last = last_entry(session)
    assert merge(session, [tmp_path / "1.zip"]).files[0].before is not None
    assert last_entry(session) == last and note(session, A) == "二稿"


def test_a_later_return_may_come_first(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        noting(A, "初稿")(lab)
        given_back(lab, tmp_path / "1.zip")
        noting(A, "")(lab)
        given_back(lab, tmp_path / "2.zip")
    merge(session, [tmp_path / "2.zip", tmp_path / "1.zip"])
    assert note(session, A) == "" and len(session.assessment.merges) == 1


def test_a_later_return_takes_its_own_conflicts_back(session: Session, tmp_path: Path) -> None:
    assign(session, A, B, C)
    for clause in (A, B, C):
        answering.set_note(session, clause, "原话")
    with department(session, tmp_path / "d") as lab:
        for clause in (A, B, C):
            noting(clause, "他们")(lab)
        first = given_back(lab, tmp_path / "1.zip")
        for clause in (A, B, C):
            answering.set_note(session, clause, "我们")
        assert merge(session, [first]).waiting == 3
        noting(A, "原话")(lab)  # given up
        noting(B, "他们又改")(lab)
        assert merge(session, [given_back(lab, tmp_path / "2.zip")]).waiting == 2
    told = {shown.found.key.key: shown.found.theirs for shown in conflicts(session)}
    assert told == {B: "他们又改", C: "他们"}


def test_a_clause_returned_for_changes_goes_out_again_with_what_is_here(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    merge(session, [returned(session, tmp_path, lambda lab: answering.set_verdict(lab, [A], Verdict.MET))])
    assert session.assessment.tasks[A].state is WorkState.SUBMITTED
    tasks.move(session, [A], WorkState.CHANGES_REQUESTED, Actor.COORDINATOR, "请补截图")
    answering.set_note(session, A, "协调员写的")

    def work(lab: Session) -> None:
        assert lab.assessment.tasks[A].comment == "请补截图" and note(lab, A) == "协调员写的"
        attach(lab, b"more", A)

    assert merge(session, [returned(session, tmp_path, work)]).waiting == 0
    assert session.assessment.tasks[A].state is WorkState.SUBMITTED and len(session.assessment.evidence) == 1


def test_a_task_given_to_others_meanwhile_stays_theirs(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, lambda lab: answering.set_verdict(lab, [A], Verdict.MET))
    ward = assign(session, A, name="护理部")
    merge(session, [back])
    task = session.assessment.tasks[A]
    assert (task.department, task.state) == (ward, WorkState.ASSIGNED)


# --- taken back as a whole


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


# --- refused


def test_what_is_no_packet_for_here_is_refused_and_the_others_merged(session: Session, tmp_path: Path) -> None:
    lab_id = assign(session, A)
    create_packet(session, lab_id, tmp_path / "out.zip")
    (tmp_path / "no.zip").write_bytes(b"no zip at all")
    other = create_workspace(tmp_path / "另一份", "别的医院", 5, "张三", clock=Clock())
    assign(other, A)
    stray = returned(other, tmp_path, noting(A, "别人的"))
    close(other)
    good = returned(session, tmp_path, noting(A, "他们"))
    files = [tmp_path / "out.zip", tmp_path / "no.zip", stray, tmp_path / "gone.zip", good]
    done = merge(session, files)
    reasons = [told.refused for told in done.files]
    for words, reason in zip(["发给科室", "不是 zip", "另一份评价", "找不到"], reasons, strict=False):
        assert words in reason
    assert reasons[-1] == "" and note(session, A) == "他们" and len(done.changes) == 1
    assert done.files[2].summary is not None and done.files[2].summary.hospital == "别的医院"


def changed(back: Path, target: Path, **keys: object) -> Path:
    """The packet with other values in its document, and its manifests made anew."""
    files = contents(back)
    told = json.loads(files["data/packet.json"])
    for key, value in keys.items():
        told[key] = {**told[key], **value} if isinstance(value, dict) else value
    files["data/packet.json"] = json.dumps(told).encode()
    return zipped(rebagged(files), target)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"pack": {"digest": "0" * 64}}, "不是同一版"),
        ({"now": {"answer:09.99.9(9):note": "x"}}, "09.99.9(9)"),
        ({"now": {"answer:01.01.4(1):verdict": "perfect"}}, "answer:01.01.4(1):verdict"),
        ({"now": {"coverage:01.01/4:": ["3", "2"]}}, "coverage:01.01/4:"),
        ({"now": {"evidence:0123:title": "x"}}, "0123"),
        ({"now": {"answer:01.01.4(1):note": "\ud800"}}, "不能保存的字符"),
        ({"format": "emrassess-packet/2"}, "请升级本程序"),
        ({"earlier": [{"id": "x", "changed": {"what": None, "ever": "x"}}]}, "ever"),
        ({"made_at": "yesterday"}, "不是时间"),
        ({"evidence": []}, "没有写明实证材料"),
    ],
)
def test_values_from_outside_are_not_trusted(
    session: Session, tmp_path: Path, keys: dict[str, object], words: str
) -> None:
    assign(session, A)
    back = returned(session, tmp_path, adding(b"x", A))
    before, last = session.assessment, last_entry(session)
    (told,) = merge(session, [changed(back, tmp_path / "bad.zip", **keys)]).files
    assert words in told.refused
    assert session.assessment is before and last_entry(session) == last
    assert not list((session.workspace.folder / "evidence").iterdir())


def test_evidence_that_is_nowhere_is_refused(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, adding(b"x", A))
    files = contents(back)
    told = json.loads(files["data/packet.json"])
    del files[f"data/{told['evidence'][0]['path']}"]
    bad = zipped(rebagged(files), tmp_path / "1.zip")
    assert "不在包里" in merge(session, [bad]).files[0].refused
    told["evidence"][0]["path"] = ""
    files["data/packet.json"] = json.dumps(told).encode()
    bad = zipped(rebagged(files), tmp_path / "2.zip")
    for look in (preview(session, [bad]), merge(session, [bad]).files):
        assert "不在任务包里，这里也没有" in look[0].refused


@pytest.mark.parametrize("spoilt", ["wanted", "ignored"])
def test_a_packet_with_a_damaged_file_is_refused_as_a_whole(session: Session, tmp_path: Path, spoilt: str) -> None:
    assign(session, A, B)
    clause = A if spoilt == "wanted" else OUTSIDE
    work = all_of(adding(b"first", B, name="1.png"), adding(b"damage", clause, name="2.png"))
    back = returned(session, tmp_path, work)
    data = back.read_bytes()
    assert data.count(b"damage") == 1
    back.write_bytes(data.replace(b"damage", b"DAMAGE"))
    before = session.assessment
    assert preview(session, [back])[0].refused == ""
    assert "已损坏" in merge(session, [back]).files[0].refused
    assert session.assessment is before and not list((session.workspace.folder / "evidence").iterdir())


def test_cancelling_leaves_nothing_of_the_packet(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, all_of(adding(b"one", A), adding(b"two", A)))
    before, calls = session.assessment, 0

    def cancel(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        merge(session, [back], progress=cancel)
    assert session.assessment is before and not list((session.workspace.folder / "evidence").iterdir())


def test_clauses_of_others_are_named_and_not_touched(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, all_of(noting(A, "他们"), noting(OUTSIDE, "越界")))
    (told,) = merge(session, [back]).files
    assert told.merge and [found.key.key for found in told.merge.ignored] == [OUTSIDE]
    assert note(session, OUTSIDE) == ""


def test_a_sealed_packet_needs_its_passphrase(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        noting(A, "他们")(lab)
        back = tmp_path / "back.zip"
        return_packet(lab, back, passphrase="correct-horse-battery")
    for passphrases in ({}, {back: "wrong-horse-battery"}):
        (told,) = merge(session, [back], passphrases=passphrases).files
        assert told.sealed and told.summary is None and "口令" in told.refused
    (told,) = merge(session, [back], passphrases={back: "correct-horse-battery"}).files
    assert not told.refused and note(session, A) == "他们"


def test_a_packet_is_not_merged_into_a_packet(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        back = given_back(lab, tmp_path / "back.zip")
        for act in (preview, merging.merge):
            with pytest.raises(UserError, match="不能合并"):
                act(lab, [back])


# --- properties


OWN = {"检验科": (A, B), "护理部": (C,), "病案室": (D,)}
EDITS = st.lists(
    st.tuples(st.sampled_from(["note", "verdict", "add", "unlink", "title"]), st.integers(0, 5)), max_size=4
)


def edit(session: Session, clauses: tuple[str, ...], edits: list[tuple[str, int]]) -> None:
    for what, number in edits:
        clause = clauses[number % len(clauses)]
        mine = [p for p in session.assessment.evidence.values() if clause in p.clauses]
        if what == "note":
            answering.set_note(session, clause, f"说明{number}")
        elif what == "verdict":
            answering.set_verdict(session, [clause], list(Verdict)[number % 4])
        elif what == "add":
            # Few files, so that departments often bring the same one.
            new = NewEvidence(b"file %d" % (number % 3), "图.txt", "标题")
            evidence.add_evidence(session, [new], [clause])
        elif mine and what == "unlink":
            evidence.unlink_evidence(session, mine[0].id, clause)
        elif mine:
            evidence.edit_evidence(session, mine[0].id, title=f"标题{number}")


def told(assessment: Assessment) -> set[tuple[object, ...]]:
    """What it says, pieces told by what they are and prove rather than by their ids."""
    names = {p.id: (p.current.sha256, p.title, frozenset(p.clauses)) for p in assessment.evidence.values()}
    return {
        (key.kind, names.get(key.key, key.key), key.field, json.dumps(value))
        for key, value in flatten(assessment).items()
    }


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)
@given(works=st.fixed_dictionaries(dict.fromkeys(OWN, EDITS)), here=EDITS)
def test_the_order_of_packets_does_not_matter_where_they_do_not_conflict(
    tmp_path_factory: pytest.TempPathFactory, works: dict[str, list[tuple[str, int]]], here: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("hub")
    hub = create_workspace(folder / "hub", "示例医院", 5, "张三", clock=Clock())
    try:
        for name, clauses in OWN.items():
            assign(hub, *clauses, name=name)
        edit(hub, (A, B, C, D), here)
        files = []
        for name, clauses in OWN.items():
            with department(hub, folder / name, name) as there:
                edit(there, clauses, works[name])
                files.append(given_back(there, folder / f"{name}-back.zip"))
        before, results = hub.assessment, []
        for order in permutations(files):
            done = merge(hub, order)
            last = last_entry(hub)
            assert not merge(hub, order[::-1]).changes and last_entry(hub) == last
            results.append((done.waiting, told(hub.assessment)))
            for _ in order:
                history.undo(hub)
            assert hub.assessment == before
        if not any(waiting for waiting, _ in results):
            assert all(result == results[0] for result in results)
    finally:
        close(hub)


def test_a_preview_of_700_clauses_is_quick(session: Session, tmp_path: Path) -> None:
    clauses = list(session.pack.clause_by_id)[:700]
    assign(session, *clauses)
    new = [NewEvidence(b"%d" % n, f"{n}.txt", f"材料 {n}") for n in range(200)]
    evidence.add_evidence(session, new, clauses[:2])

    def work(lab: Session) -> None:
        answering.set_verdict(lab, clauses, Verdict.MET)
        for piece in list(lab.assessment.evidence)[:20]:
            evidence.edit_evidence(lab, piece, title="改")

    back = returned(session, tmp_path, work)
    started = time.perf_counter()
    (told,) = preview(session, [back])
    assert told.merge and len(told.merge.taken) >= len(clauses)
    assert time.perf_counter() - started < 3  # 1 s on a quiet machine; see the benchmark
