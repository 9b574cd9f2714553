"""Whatever disk, drive or file does: said in Chinese with what to do, memory unchanged, and the next write works."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from emrassess.errors import StorageError, UserError
from emrassess.storage import backups, evidence_files, opening
from emrassess.storage.failures import described
from emrassess.storage.workspace import OutdatedError, Workspace
from tests.storage.samples import answer, new_workspace, populate

CLAUSES = ("01.01.4(1)", "01.01.4(2)", "01.01.5(1)")


def engine_of(workspace: Workspace) -> Engine:
    engine = workspace._engine
    assert engine is not None
    return engine


def check_usable(workspace: Workspace, folder: Path) -> None:
    """The next write is saved, and a reader sees it."""
    answer(workspace, "10.03.4(1)", note="之后")
    reader = opening.open_(folder, user="x", write=False)
    assert reader.assessment == workspace.assessment
    assert reader.assessment.answer("10.03.4(1)").note == "之后"
    reader.close()


def test_a_full_database_keeps_the_input(workspace: Workspace, folder: Path) -> None:
    answer(workspace, CLAUSES[0])
    held, entries = workspace.assessment, len(workspace.audit())
    with engine_of(workspace).connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="空间不足") as caught:
        answer(workspace, CLAUSES[1], note="长" * 20_000)
    assert str(folder) in caught.value.message and "没有保存" in caught.value.hint
    assert workspace.assessment is held and len(workspace.audit()) == entries
    check_usable(workspace, folder)


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "空间不足"), (errno.EROFS, "只读"), (errno.EIO, "读写磁盘时出错"), (errno.ESTALE, "网络盘断开")],
)
def test_evidence_that_the_disk_does_not_take(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched, pytest.raises(StorageError, match=words):
        patched.setattr(evidence_files.os, "fsync", refuse)
        workspace.store_file(BytesIO(b"content"))
    assert list((folder / "evidence").iterdir()) == []
    workspace.store_file(BytesIO(b"content"))
    check_usable(workspace, folder)


def test_a_folder_that_vanishes_and_comes_back(workspace: Workspace, folder: Path) -> None:
    held = workspace.assessment
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(StorageError, match="找不到工作区文件夹"):
        answer(workspace, CLAUSES[0])
    with pytest.raises(StorageError, match="找不到工作区文件夹"):
        workspace.store_file(BytesIO(b"x"))
    assert workspace.assessment is held and not folder.exists()
    away.rename(folder)
    check_usable(workspace, folder)


def test_a_drive_that_comes_back_with_other_numbers(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    """A network or USB drive mounted again gives its files new identities."""
    answer(workspace, CLAUSES[0])
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    (tmp_path / "copy").rename(folder)
    check_usable(workspace, folder)


def test_a_backup_put_in_place_is_noticed(workspace: Workspace, folder: Path) -> None:
    answer(workspace, CLAUSES[0])
    backup = backups.back_up(folder / "workspace.sqlite3", workspace.clock(), "test")
    answer(workspace, CLAUSES[1])
    for journal in folder.glob("workspace.sqlite3-*"):
        journal.unlink()
    backup.replace(folder / "workspace.sqlite3")
    with pytest.raises(OutdatedError, match="重新读取"):
        answer(workspace, CLAUSES[2])
    assert set(workspace.assessment.answers) == {CLAUSES[0]}
    check_usable(workspace, folder)


def test_another_assessment_in_its_place_is_not_written_to(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    other = opening.create(
        tmp_path / "other", hospital="别的医院", pack_id="emr-2018", pack_version="1.0", target=4, user="x"
    )
    other.close()
    folder.rename(tmp_path / "away")
    (tmp_path / "other").rename(folder)
    for _ in range(2):
        with pytest.raises(StorageError, match="另一份评价"):
            answer(workspace, CLAUSES[0])
    workspace.close()
    reader = opening.open_(folder, user="x", write=False)
    assert reader.assessment.hospital == "别的医院" and not reader.assessment.answers
    reader.close()


class Broken:
    """An engine whose transactions fail, before or after they have reached the disk."""

    def __init__(self, engine: Engine, *, after: bool) -> None:
        self.engine, self.after = engine, after

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        if self.after:
            with self.engine.begin() as connection:
                yield connection
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    def dispose(self) -> None:
        self.engine.dispose()


def test_a_failed_commit_that_did_reach_the_disk_is_found_out(workspace: Workspace, folder: Path) -> None:
    workspace._engine = Broken(engine_of(workspace), after=True)  # type: ignore[assignment]
    with pytest.raises(StorageError, match="读写磁盘时出错"):
        answer(workspace, CLAUSES[0], note="到了")
    assert not workspace.assessment.answers
    with pytest.raises(OutdatedError, match="其实已经保存"):
        answer(workspace, CLAUSES[1])
    assert workspace.assessment.answer(CLAUSES[0]).note == "到了"
    check_usable(workspace, folder)


def test_a_busy_database_is_said_so(workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_of(workspace).connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(folder / "workspace.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="占用"):
            answer(workspace, CLAUSES[0])
    assert not workspace.assessment.answers
    check_usable(workspace, folder)


def test_another_writer_is_not_overwritten(workspace: Workspace, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "workspace.sqlite3")) as other:
        other.execute("INSERT INTO audit VALUES (2, '', 'x', 'x', '[]')")
        other.commit()
    with pytest.raises(StorageError, match="另一个程序改动过"):
        answer(workspace, CLAUSES[0])
    assert not workspace.assessment.answers


def test_closing_never_fails(workspace: Workspace, folder: Path) -> None:
    shutil.rmtree(folder)
    workspace.close()
    workspace.close()


# --- opening


def test_folders_that_are_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="找不到工作区文件夹"):
        opening.open_(tmp_path / "nowhere", user="x")
    with pytest.raises(UserError, match="不是工作区"):
        opening.open_(tmp_path, user="x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [True, False])
def test_another_programs_database_is_left_alone(tmp_path: Path, write: bool) -> None:
    file = tmp_path / "workspace.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE settings (a)")
        connection.commit()
    with pytest.raises(UserError, match="不是本程序的工作区"):
        opening.open_(tmp_path, user="x", write=write)


def _no_database(file: Path) -> None:
    file.write_bytes(b"not a database at all, but long enough to be looked at" * 100)


def _torn(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:6000])


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("spoil", [_no_database, _torn, _cut])
def test_a_damaged_database_is_said_so(
    workspace: Workspace, folder: Path, spoil: Callable[[Path], None], write: bool
) -> None:
    populate(workspace)
    workspace.close()
    spoil(folder / "workspace.sqlite3")
    kept = {file.name for file in (folder / "backups").iterdir()}
    with pytest.raises(UserError, match="损坏") as caught:
        opening.open_(folder, user="x", write=write)
    assert "backups" in caught.value.hint
    assert {file.name for file in (folder / "backups").iterdir()} == kept
    # The way out that the hint names works, without anything else to be done.
    newest = max((folder / "backups").iterdir())
    shutil.copyfile(newest, folder / "workspace.sqlite3")
    opening.open_(folder, user="x").close()


def test_a_damage_that_opening_does_not_meet_is_found_before_the_days_backup(
    workspace: Workspace, folder: Path
) -> None:
    populate(workspace)
    workspace.close()
    file = folder / "workspace.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_evidence_links_clause'"
        ).fetchone()[0]
    content = bytearray(file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = os.urandom(4096)
    file.write_bytes(content)
    before = {f.name for f in (folder / "backups").iterdir()}
    with pytest.raises(StorageError, match="损坏"):
        opening.open_(folder, user="x", clock=lambda: workspace.clock().replace(day=25))
    assert {f.name for f in (folder / "backups").iterdir()} == before


def test_a_failed_opening_gives_the_lock_back(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    file = folder / "workspace.sqlite3"
    good = file.read_bytes()
    _no_database(file)
    with pytest.raises(UserError):
        opening.open_(folder, user="x")
    file.write_bytes(good)
    opening.open_(folder, user="x").close()


def test_no_room_for_the_daily_backup_is_no_obstacle(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.close()
    shutil.rmtree(folder / "backups")

    def full(*_: object) -> Path:
        raise StorageError("磁盘空间不足")

    monkeypatch.setattr(backups, "back_up", full)
    opening.open_(folder, user="x").close()


def test_one_backup_a_day_and_the_last_five(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    for day in (*range(10, 18), 17, 3):
        opening.open_(folder, user="x", clock=lambda day=day: workspace.clock().replace(month=12, day=day)).close()
    days = sorted(file.name[10:18] for file in (folder / "backups").iterdir())
    assert days == ["20261203", "20261214", "20261215", "20261216", "20261217"]
    restored = folder.with_name("restored")
    restored.mkdir()
    shutil.copyfile(min((folder / "backups").iterdir()), restored / "workspace.sqlite3")
    again = opening.open_(restored, user="x")
    assert again.assessment == workspace.assessment
    again.close()


@pytest.mark.parametrize(("winerror", "words"), [(112, "空间不足"), (64, "网络盘断开"), (32, "占用")])
def test_windows_errors_are_understood(winerror: int, words: str) -> None:
    error = OSError(errno.EINVAL, "x")
    error.winerror = winerror  # type: ignore[attr-defined]
    assert words in described(error, Path("x"), writing=True).message


def test_an_empty_lock_is_not_in_the_way_of_creation(tmp_path: Path) -> None:
    (tmp_path / "desktop.ini").write_text("")
    new_workspace(tmp_path).close()
