"""A workspace carries the files of its pack: stored once, with the first entry or later, and never changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from emrassess.errors import StorageError
from emrassess.storage import backups, opening, records
from emrassess.storage.workspace import Workspace
from tests.storage.samples import PACK_FILES, answer, new_workspace


@pytest.fixture
def bare(workspace: Workspace, folder: Path) -> Workspace:
    """One of an earlier program, without the files of its pack."""
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        connection.execute("DELETE FROM pack_files")
        connection.commit()
    assert workspace.pack_files() == {}
    return workspace


def test_they_are_there_from_the_beginning(workspace: Workspace, folder: Path) -> None:
    assert workspace.pack_files() == PACK_FILES
    workspace.close()
    reader = opening.open_(folder, user="x", write=False)
    assert reader.pack_files() == PACK_FILES
    reader.close()


def test_where_there_are_none_they_are_added_without_a_step(bare: Workspace) -> None:
    before, entries = bare.assessment, bare.audit()
    bare.keep_pack_files(PACK_FILES, "1.0")
    assert bare.pack_files() == PACK_FILES
    assert bare.assessment is before and bare.audit() == entries
    answer(bare, "01.01.4(1)")


def test_what_is_there_stays(workspace: Workspace) -> None:
    workspace.keep_pack_files({"pack.yaml": b"other"}, "1.0")
    assert workspace.pack_files() == PACK_FILES


def test_the_files_of_another_version_are_refused(bare: Workspace) -> None:
    with pytest.raises(ValueError, match=r"2\.0"):
        bare.keep_pack_files(PACK_FILES, "2.0")
    assert bare.pack_files() == {}


def test_a_reader_only_reads(bare: Workspace, folder: Path) -> None:
    reader = opening.open_(folder, user="x", write=False)
    with pytest.raises(StorageError, match="只读"):
        reader.keep_pack_files(PACK_FILES, "1.0")
    assert reader.pack_files() == {}
    reader.close()


def test_all_of_them_or_none(bare: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = records.write_pack_files

    def broken_off(*args: object) -> None:
        write(*args)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records, "write_pack_files", broken_off)
    with pytest.raises(StorageError, match="空间不足"):
        bare.keep_pack_files(PACK_FILES, "1.0")
    assert bare.pack_files() == {}
    with pytest.raises(StorageError, match="空间不足"):
        new_workspace(folder.parent / "another")
    assert not (folder.parent / "another").exists()


def test_damaged_files_are_told(workspace: Workspace, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as connection:
        connection.execute("UPDATE pack_files SET content = X'00' WHERE name = 'pack.yaml'")
        connection.commit()
    with pytest.raises(StorageError, match="已损坏"):
        workspace.pack_files()


def test_a_backup_holds_them(workspace: Workspace, folder: Path) -> None:
    copy = backups.back_up(folder / "workspace.sqlite3", workspace.clock(), "test")
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        assert {name for (name,) in connection.execute("SELECT name FROM pack_files")} == PACK_FILES.keys()
