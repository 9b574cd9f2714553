"""Undo and redo over every kind of write, and what becomes of them when a write fails."""

from pathlib import Path

import pytest

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.pack import Category
from emrassess.errors import StorageError
from emrassess.services import answering, categories, evidence, history, settings
from emrassess.services.evidence import NewEvidence
from emrassess.services.session import Session, close, create_workspace, open_workspace
from emrassess.storage.workspace import OutdatedError

A = "01.01.4(1)"


def everything(session: Session) -> int:
    """One write of each kind; how many steps."""
    answering.set_verdict(session, [A], Verdict.MET)
    answering.set_note(session, A, "一")
    answering.set_note(session, A, "一二")
    answering.set_demonstration(session, A, "路径")
    answering.set_coverage(session, "01.01", 4, Ratio.counted(1, 3))
    settings.set_target(session, 6)
    settings.set_hospital(session, "另一医院")
    settings.set_groups(session, session.pack.groups)
    categories.confirm_category(session, "01.01", 4, Category.BASIC)
    (key,) = evidence.add_evidence(session, [NewEvidence(b"one", "1.png")], [A]).evidence
    evidence.edit_evidence(session, key, title="标题")
    evidence.replace_evidence(session, key, b"two", "2.png")
    evidence.unlink_evidence(session, key, A)
    evidence.remove_evidence(session, key)
    return 14


def test_every_write_is_one_step_back_and_forth(session: Session, folder: Path) -> None:
    states = [session.assessment]
    steps = everything(session)
    assert len(session.undo_stack) == steps
    after = session.assessment
    for _ in range(steps):
        label = session.undo_stack[-1].label
        changes = history.undo(session)
        assert changes.label == f"撤销：{label}" and changes.redo == label
        states.append(session.assessment)
    assert session.assessment == states[0]
    assert history.undo(session).label == "没有可撤销的操作"
    for _ in range(steps):
        history.redo(session)
        assert session.assessment in (*states, after)
    assert session.assessment == after
    assert history.redo(session).label == "没有可重做的操作"
    assert len(history.history(session)) == 1 + 3 * steps
    close(session)
    again = open_workspace(folder, "李四")
    assert again.assessment == after and again.undo_stack == []
    close(again)


def test_a_new_write_drops_redo(session: Session) -> None:
    answering.set_verdict(session, [A], Verdict.MET)
    assert history.undo(session).redo == f"自评 {A}：达标"
    changes = answering.set_verdict(session, [A], Verdict.UNMET)
    assert changes.redo is None and not session.redo_stack
    assert history.redo(session).label == "没有可重做的操作"


def test_consecutive_notes_are_a_step_each(session: Session) -> None:
    for text in ("一", "一二", "一二三"):
        answering.set_note(session, A, text)
    history.undo(session)
    assert session.assessment.answer(A).note == "一二"
    history.undo(session)
    assert session.assessment.answer(A).note == "一"


def test_undo_is_written_to_the_history(session: Session) -> None:
    answering.set_verdict(session, [A], Verdict.MET)
    history.undo(session)
    newest, done, _ = history.history(session)
    assert newest.label == f"撤销：{done.label}" and newest.who == "张三"
    assert [e.id for e in history.history(session, limit=1, before=newest.id)] == [done.id]


def test_a_failed_undo_can_be_tried_again(session: Session, folder: Path) -> None:
    answering.set_verdict(session, [A], Verdict.MET)
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(StorageError):
        history.undo(session)
    with pytest.raises(StorageError):
        answering.set_note(session, A, "x")
    assert len(session.undo_stack) == 1 and not session.redo_stack
    away.rename(folder)
    assert history.undo(session).undo is None
    assert not session.assessment.answers


def test_steps_that_lead_nowhere_any_more_are_dropped(session: Session, folder: Path, tmp_path: Path) -> None:
    """A backup put in place behind our back: the program shows what is there, and does not undo into it."""
    answering.set_verdict(session, [A], Verdict.MET)
    close(session)
    backup = (folder / "workspace.sqlite3").read_bytes()
    again = open_workspace(folder, "张三")
    answering.set_note(again, A, "x")
    again.workspace._disconnect()
    (folder / "new").write_bytes(backup)
    (folder / "new").replace(folder / "workspace.sqlite3")
    with pytest.raises(OutdatedError):
        history.undo(again)
    assert again.assessment.answer(A).note == "" and not again.undo_stack
    answering.set_note(again, A, "y")
    close(again)


def test_who_undoes_is_named(session: Session, folder: Path) -> None:
    close(session)
    other = open_workspace(folder, " 李四\n")
    settings.set_target(other, 4)
    assert history.history(other)[0].who == "李四"
    close(other)


def test_creating_checks_what_it_is_given(tmp_path: Path) -> None:
    for hospital, target in (("  ", 5), ("示例医院", 9)):
        with pytest.raises(Exception, match=r"医院名称|没有 9 级"):
            create_workspace(tmp_path / "x", hospital, target, "u")
    assert not (tmp_path / "x").exists()
