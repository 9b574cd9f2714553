"""Merging what comes back: taken, previewed, one packet after the other. Real files and workspaces."""

from pathlib import Path

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Recheck
from emrassess.domain.planning import Actor, WorkState
from emrassess.services import answering, evidence, history, rechecks, tasks
from emrassess.services.merging import conflicts, merge, preview
from emrassess.services.session import Session
from emrassess.storage.changes import recheck_change
from tests.services.packet_samples import (
    LAB,
    OUTSIDE,
    A,
    B,
    C,
    D,
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
)

__all__ = ["packs_read_once"]


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
