"""What is saved is what is read; the audit trail only grows; files are stored once and dropped when unused."""

import hashlib
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.storage import changes, opening
from emrassess.storage.changes import inverse
from emrassess.storage.workspace import OutdatedError, Workspace
from tests.storage.samples import answer, new_workspace, piece, populate, put


def stored(folder: Path) -> set[str]:
    return {file.name for file in (folder / "evidence").iterdir()}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_reopening_gives_what_was_in_memory(workspace: Workspace, folder: Path) -> None:
    populate(workspace)
    before = workspace.assessment
    workspace.close()
    again = opening.open_(folder, user="李四")
    assert again.assessment == before
    assert list(again.assessment.evidence) == ["a", "b", "c"] and list(before.departments) == ["d1", "d2"]
    assert list(again.assessment.departments) == ["d1", "d2"]
    again.close()


def test_a_closed_workspace_is_one_folder_of_the_documented_files(workspace: Workspace, folder: Path) -> None:
    populate(workspace)
    workspace.close()
    assert {file.name for file in folder.iterdir()} == {"workspace.sqlite3", "evidence", "backups", "workspace.lock"}


def test_it_opens_elsewhere_after_being_copied(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    populate(workspace)
    before = workspace.assessment
    workspace.close()
    moved = folder.rename(tmp_path / "U盘 #1?%")
    again = opening.open_(moved, user="李四")
    assert again.assessment == before
    again.close()


def test_changes_and_their_inverse_lead_back(workspace: Workspace, folder: Path) -> None:
    empty = workspace.assessment
    populate(workspace)
    full = workspace.assessment
    steps = [entry.changes for entry in workspace.audit()][:-1]
    for step in steps:
        workspace.apply("撤销", inverse(step))
    assert workspace.assessment == empty
    for step in reversed(steps):
        workspace.apply("重做", step)
    assert workspace.assessment == full
    workspace.close()
    reopened = opening.open_(folder, user="x", write=False)
    assert reopened.assessment == full
    reopened.close()


def test_audit_names_who_when_and_what(workspace: Workspace) -> None:
    answer(workspace, "01.01.4(1)", note="备注")
    newest, first = workspace.audit()
    assert (newest.id, newest.who, newest.label) == (2, "张三", "自评 01.01.4(1)")
    assert newest.at.startswith("2026-11-21T10:00:") and newest.at.endswith("+00:00")
    (change,) = newest.changes
    assert change.before is None
    assert change.after == {"verdict": "met", "note": "备注", "demonstration": ""}
    assert first.label == "新建评价" and {c.key for c in first.changes} >= {"hospital", "target", "pack"}


def test_audit_is_read_page_by_page(workspace: Workspace) -> None:
    for n in range(1, 6):
        answer(workspace, f"01.01.4({n})")
    page = workspace.audit(limit=2)
    assert [entry.id for entry in page] == [6, 5]
    assert [entry.id for entry in workspace.audit(limit=2, before=page[-1].id)] == [4, 3]


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_nobody_changes_the_audit_trail(workspace: Workspace, folder: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only appended"),
    ):
        connection.execute(statement)


def test_a_change_from_another_state_is_refused(workspace: Workspace) -> None:
    stale = changes.answer_change(workspace.assessment, "01.01.4(1)", changes.ClauseAnswer(Verdict.PARTIAL))
    answer(workspace, "01.01.4(1)")
    held = workspace.assessment
    with pytest.raises(OutdatedError):
        workspace.apply("旧的", [stale])
    assert workspace.assessment is held


def test_untouched_parts_stay_the_same_objects(workspace: Workspace) -> None:
    populate(workspace)
    evidence = workspace.assessment.evidence
    answer(workspace, "02.01.4(1)")
    assert workspace.assessment.evidence is evidence


def test_a_clock_set_back_does_not_disturb(workspace: Workspace, folder: Path) -> None:
    answer(workspace, "01.01.4(1)")
    workspace.close()
    early = opening.open_(folder, user="李四", clock=lambda: workspace.clock().replace(year=2001))
    answer(early, "01.01.4(2)")
    assert [e.id for e in early.audit()] == [3, 2, 1]
    early.close()
    back = opening.open_(folder, user="李四")
    assert back.assessment.answer("01.01.4(2)").verdict is Verdict.MET
    back.close()


# --- reading only


def test_reading_needs_no_lock_and_changes_nothing(workspace: Workspace, folder: Path) -> None:
    populate(workspace)
    reader = opening.open_(folder, user="李四", write=False)
    assert reader.assessment == workspace.assessment and not reader.writable
    assert len(reader.audit()) == len(workspace.audit())
    with pytest.raises(StorageError, match="只读"):
        answer(reader, "01.01.4(1)")
    with pytest.raises(StorageError, match="只读"):
        reader.store_file(BytesIO(b"x"))
    reader.close()
    answer(workspace, "03.01.4(1)")


def test_a_read_only_folder_can_be_read(workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    populate(workspace)
    before = workspace.assessment
    workspace.close()
    names = {file.name for file in folder.iterdir()}
    real = opening.engine_for

    def no_room_for_a_journal(file: Path, *, write: bool) -> object:
        if file.parent == folder:
            file = folder / "nothing" / "here"
        return real(file, write=write)

    monkeypatch.setattr(opening, "engine_for", no_room_for_a_journal)
    reader = opening.open_(folder, user="李四", write=False)
    assert reader.assessment == before and reader.audit()
    assert reader.evidence_path("x").parent == folder / "evidence"
    reader.close()
    assert {file.name for file in folder.iterdir()} == names


# --- making one


def test_creating_leaves_other_things_alone(tmp_path: Path) -> None:
    (tmp_path / "报告.docx").write_bytes(b"x")
    with pytest.raises(UserError, match="已有别的内容"):
        new_workspace(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["报告.docx"]
    with pytest.raises(UserError, match="不是文件夹"):
        new_workspace(tmp_path / "报告.docx")


def test_creating_twice_is_refused(workspace: Workspace, folder: Path) -> None:
    with pytest.raises(UserError, match="已经有一个工作区"):
        new_workspace(folder)


def test_a_failed_creation_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opening, "_first_entry", full)
    with pytest.raises(StorageError, match="空间不足"):
        new_workspace(folder)
    assert not folder.exists()


def test_what_a_killed_creation_left_is_no_obstacle(folder: Path) -> None:
    folder.mkdir()
    for name in (".workspace.sqlite3-0", ".workspace.sqlite3-0-wal"):
        (folder / name).write_bytes(b"half")
    new_workspace(folder).close()
    assert {file.name for file in folder.iterdir()} == {"workspace.sqlite3", "evidence", "backups", "workspace.lock"}


# --- files


def test_a_file_is_stored_once_under_its_digest(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "图.png"
    source.write_bytes(b"content")
    told: list[tuple[int, int, str]] = []
    first = workspace.store_file(source, lambda *args: told.append(args))
    assert first == (sha256(b"content"), 7, True)
    assert workspace.store_file(BytesIO(b"content")) == (sha256(b"content"), 7, False)
    assert workspace.evidence_path(first.sha256).read_bytes() == b"content"
    assert stored(folder) == {first.sha256}
    assert told == [(7, 7, "图.png")]


@pytest.mark.parametrize("damage", [b"con", b"cXntent"])
def test_a_damaged_file_is_mended_by_adding_it_again(workspace: Workspace, damage: bytes) -> None:
    found = workspace.store_file(BytesIO(b"content"))
    workspace.evidence_path(found.sha256).write_bytes(damage)
    assert workspace.store_file(BytesIO(b"content")).placed
    assert workspace.evidence_path(found.sha256).read_bytes() == b"content"
    assert not workspace.store_file(BytesIO(b"content")).placed


def test_a_file_put_back_stays_when_the_rest_fails(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, "a", piece(workspace, "a", b"content"))
    path = workspace.evidence_path(sha256(b"content"))
    path.unlink()
    with pytest.raises(UserError, match="不在了"), workspace.storing() as store:
        store(BytesIO(b"content"), None)
        store(tmp_path / "vanished.png", None)
    assert path.read_bytes() == b"content"


def test_a_cancelled_copy_leaves_nothing(workspace: Workspace, folder: Path) -> None:
    def cancel(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        workspace.store_file(BytesIO(b"content"), cancel)
    assert stored(folder) == set()


def test_what_was_new_goes_when_the_rest_fails(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    kept = workspace.store_file(BytesIO(b"kept"))
    with pytest.raises(UserError, match="不在了"), workspace.storing() as store:
        store(BytesIO(b"kept"), None)
        store(BytesIO(b"new"), None)
        store(tmp_path / "vanished.png", None)
    assert stored(folder) == {kept.sha256}


def test_a_folder_or_device_is_no_file(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="不是文件"):
        workspace.store_file(tmp_path)
    with pytest.raises(UserError, match="无法读取"):
        workspace.store_file(tmp_path / "nul\0")


def test_closing_drops_what_nothing_uses(workspace: Workspace, folder: Path) -> None:
    put(workspace, "a", piece(workspace, "a", b"earlier", b"in force"))
    put(workspace, "b", piece(workspace, "b", b"removed"))
    put(workspace, "b", None)
    workspace.store_file(BytesIO(b"never applied"))
    (folder / "evidence" / "readme.txt").write_text("not ours")
    (folder / "evidence" / ".incoming-1").write_bytes(b"left by a crash")
    assert sha256(b"removed") in stored(folder)
    workspace.close()
    assert stored(folder) == {sha256(b"earlier"), sha256(b"in force"), "readme.txt"}


def test_what_a_backup_needs_stays(workspace: Workspace, folder: Path) -> None:
    put(workspace, "a", piece(workspace, "a", b"content"))
    workspace.close()
    next_day = opening.open_(folder, user="x", clock=lambda: workspace.clock().replace(day=22))
    put(next_day, "a", None)
    next_day.close()
    assert stored(folder) == {sha256(b"content")}
    for backup in (folder / "backups").iterdir():
        backup.unlink()
    opening.open_(folder, user="x", clock=lambda: workspace.clock().replace(day=22)).close()
    assert stored(folder) == set()
