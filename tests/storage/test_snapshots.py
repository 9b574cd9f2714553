"""Snapshots: what was submitted stays as it was, with its files, and nobody changes it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.errors import StorageError
from emrassess.storage import opening, trail
from emrassess.storage.document import from_document, to_document
from emrassess.storage.workspace import OutdatedError, Workspace
from tests.storage.samples import answer, masked, piece, populate, put
from tests.storage.test_workspace import sha256, stored


def said(number: int) -> str:
    return f"第 {number} 次提交"


def execute(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_document_holds_everything_and_is_always_the_same(workspace: Workspace, folder: Path) -> None:
    populate(workspace)
    held = workspace.assessment
    document = to_document(held)
    assert from_document(document) == held
    workspace.close()
    reader = opening.open_(folder, user="x", write=False)
    assert to_document(reader.assessment) == document, "whatever the order in memory"
    reader.close()


def test_what_an_earlier_document_does_not_know_is_not_there(workspace: Workspace) -> None:
    bare = b'{"format":"emrassess-assessment/1","settings":{"id":"a","hospital":"b","pack":"c","pack_version":"1",'
    found = from_document(bare + b'"target":5,"created_at":""}}')
    assert found.id == "a" and not found.answers and found.packet is None


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{", b"\xff", b'{"format":"emrassess-assessment/2"}', b'{"format":"emrassess-assessment/1"}'],
)
def test_what_is_no_document_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):
        from_document(document)


def test_later_changes_do_not_reach_it(workspace: Workspace, folder: Path) -> None:
    answer(workspace, "01.01.4(1)", Verdict.PARTIAL, "先这样")
    held = workspace.assessment
    made = workspace.keep_snapshot("第一稿", said)
    answer(workspace, "01.01.4(1)", Verdict.MET)
    assert (made.number, made.who, made.label, made.unchanged) == (1, "张三", "第一稿", False)
    newest, entry = workspace.audit()[:2]
    assert (entry.label, entry.changes, entry.at) == ("第 1 次提交", (), made.at) and newest.id == entry.id + 1
    workspace.close()
    reader = opening.open_(folder, user="x", write=False)
    assert reader.snapshots() == [made] and reader.snapshot(1) == held and reader.snapshot(2) is None
    with pytest.raises(StorageError, match="只读"):
        reader.keep_snapshot("", said)
    reader.close()


def test_the_same_once_more_says_so(workspace: Workspace) -> None:
    workspace.keep_snapshot("", said)
    assert workspace.keep_snapshot("again", said).unchanged
    answer(workspace, "01.01.4(1)")
    assert not workspace.keep_snapshot("", said).unchanged
    assert [info.unchanged for info in workspace.snapshots()] == [False, True, False]


@pytest.mark.parametrize("table", ["snapshots", "snapshot_files"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = 7", "DELETE FROM {}"])
def test_nobody_changes_one(workspace: Workspace, folder: Path, table: str, verb: str) -> None:
    populate(workspace)
    column = "number" if table == "snapshots" else "sha256"
    with pytest.raises(sqlite3.IntegrityError, match="only appended"):
        execute(folder, verb.format(table, column))


@pytest.mark.parametrize(
    "damage", ["document = X'00'", "document = zeroblob(100)", "document = X'789C030000000001'", "digest = 'other'"]
)
def test_a_damaged_one_is_told(workspace: Workspace, folder: Path, damage: str) -> None:
    workspace.keep_snapshot("", said)
    execute(folder, "DROP TRIGGER snapshots_no_update")
    execute(folder, f"UPDATE snapshots SET {damage}")
    with pytest.raises(StorageError, match="第 1 次提交的内容已损坏"):
        workspace.snapshot(1)
    answer(workspace, "01.01.4(1)")


def test_all_of_it_or_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    write: Callable[..., None] = trail.append_snapshot

    def broken_off(*args: object) -> None:
        write(*args)
        raise OSError(28, "No space left on device")

    entries = workspace.audit()
    with monkeypatch.context() as patch:
        patch.setattr(trail, "append_snapshot", broken_off)
        with pytest.raises(StorageError, match="空间不足"):
            workspace.keep_snapshot("", said)
    assert not workspace.snapshots() and workspace.audit() == entries
    assert workspace.keep_snapshot("", said).number == 1
    answer(workspace, "01.01.4(1)")


def test_another_program_in_between_is_noticed(workspace: Workspace, folder: Path) -> None:
    execute(folder, "INSERT INTO audit VALUES (2, '', 'x', 'x', '[]')")
    with pytest.raises(StorageError, match="另一个程序"):
        workspace.keep_snapshot("", said)
    with pytest.raises(OutdatedError):
        workspace.keep_snapshot("", said)
    assert not workspace.snapshots()


def without_backups(folder: Path) -> None:
    for backup in (folder / "backups").iterdir():
        backup.unlink()


def test_its_files_stay(workspace: Workspace, folder: Path) -> None:
    put(workspace, "a", piece(workspace, "a", b"earlier", b"in force"))
    workspace.keep_snapshot("", said)
    put(workspace, "a", None)
    put(workspace, "b", piece(workspace, "b", b"passing"))
    put(workspace, "b", None)
    without_backups(folder)
    workspace.close()
    assert stored(folder) == {sha256(b"earlier"), sha256(b"in force")}


def test_its_files_stay_for_a_backup_of_it(workspace: Workspace, folder: Path) -> None:
    put(workspace, "a", piece(workspace, "a", b"content"))
    workspace.keep_snapshot("", said)
    put(workspace, "a", None)
    workspace.close()
    next_day = opening.open_(folder, user="x", clock=lambda: workspace.clock().replace(day=22))
    next_day.close()
    for trigger in ("snapshot_files_no_delete", "snapshots_no_delete"):
        execute(folder, f"DROP TRIGGER {trigger}")
    for table in ("snapshot_files", "snapshots"):
        execute(folder, f"DELETE FROM {table}")
    opening.open_(folder, user="x", clock=lambda: workspace.clock().replace(day=22)).close()
    assert stored(folder) == {sha256(b"content")}


def test_a_file_of_one_that_is_put_back_stays_when_the_rest_fails(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, "a", piece(workspace, "a", b"content"))
    workspace.keep_snapshot("", said)
    put(workspace, "a", None)
    path = workspace.evidence_path(sha256(b"content"))
    path.unlink()
    with pytest.raises(StorageError), workspace.storing() as store:
        (tmp_path / "x").write_bytes(b"content")
        store(tmp_path / "x", None)
        raise StorageError("something else")
    assert path.read_bytes() == b"content"


def test_the_original_of_a_masked_copy_stays(workspace: Workspace, folder: Path) -> None:
    put(workspace, "a", masked(workspace, piece(workspace, "a", b"original"), b"masked"))
    (original, copy) = (held := workspace.assessment.evidence["a"]).revisions
    assert copy.masked_from == original.sha256 and held.current is copy and len(copy.masks) == 2
    put(workspace, "a", replace(held, revisions=(copy,)))
    without_backups(folder)
    workspace.close()
    assert stored(folder) == {sha256(b"original"), sha256(b"masked")}
