"""Files and folders written whole or not at all, and what a killed program leaves beside them."""

import gc
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from emrassess import atomic
from emrassess.atomic import new_folder, replacing, write_bytes, write_saved
from emrassess.errors import StorageError

HERE = atomic._machine()
ELSEWHERE = f"{(int(HERE, 16) + 1) % 0x10000:04x}"
DIE = """
import os, signal, sys
from pathlib import Path
from emrassess.atomic import new_folder, replacing
target = Path(sys.argv[1])
if sys.argv[2] == "file":
    with replacing(target) as file:
        file.write(b"half")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
with new_folder(target) as folder:
    (folder / "evidence").mkdir()
    (folder / "evidence" / "x").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def aged(path: Path, seconds: float) -> Path:
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))
    return path


@contextmanager
def at_work(target: Path, kind: str) -> Iterator[None]:
    """Somebody else is writing `target`."""
    with replacing(target) if kind == "file" else new_folder(target):
        yield


def write(target: Path, kind: str) -> None:
    if kind == "file":
        write_bytes(target, b"whole")
    else:
        with new_folder(target) as folder:
            (folder / "x").write_bytes(b"whole")


KINDS = pytest.mark.parametrize("kind", ["file", "folder"])


@KINDS
@pytest.mark.skipif(os.name == "nt", reason="Windows has neither kill -9 nor locks that last through renaming")
def test_what_a_killed_program_left_goes_the_next_time(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "任务包"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", DIE, str(target), kind], check=False, timeout=60)
    assert len(left(tmp_path)) == 1 and not target.exists()  # the second has tidied up after the first
    write(target, kind)
    assert left(tmp_path) == ["任务包"]


@KINDS
def test_what_somebody_is_writing_stays(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "任务包"
    with at_work(target, kind):
        (theirs,) = left(tmp_path)
        write(target, kind)
        assert left(tmp_path) == [theirs, "任务包"]
        target.unlink() if kind == "file" else (target / "x").unlink()
    assert left(tmp_path) == ["任务包"]


@pytest.mark.parametrize(("seconds", "stays"), [(0, True), (3000, True), (4000, False), (-90_000, True)])
def test_what_another_machine_left_goes_after_an_hour(tmp_path: Path, seconds: float, stays: bool) -> None:
    file = tmp_path / f".a.zip.{ELSEWHERE}0123.part"
    file.write_bytes(b"half")
    folder = tmp_path / f".a.zip.{ELSEWHERE}4567.part"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "x").write_bytes(b"half")
    for path in (file, folder / "evidence" / "x", folder / "evidence", folder):
        aged(path, seconds)
    write_bytes(tmp_path / "a.zip", b"whole")
    assert left(tmp_path) == sorted(["a.zip", *([file.name, folder.name] if stays else [])])


def test_a_folder_in_which_something_is_fresh_stays(tmp_path: Path) -> None:
    folder = tmp_path / f".a.{ELSEWHERE}4567.part"
    folder.mkdir()
    (folder / "x").write_bytes(b"half")
    aged(folder, 9000)
    write_bytes(tmp_path / "a", b"whole")
    assert folder.exists()


@pytest.mark.parametrize(
    "name",
    ["a.zip.part", ".a.zip.part", ".a.zip.{}012.part", ".a.zip.{}012X.part", ".b.zip.{}0123.part", ".a.zip.{}0123"],
)
def test_what_is_not_of_our_naming_or_of_another_target_stays(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name.format(HERE)
    mine.write_bytes(b"mine")
    aged(mine, 90_000)
    write_bytes(tmp_path / "a.zip", b"whole")
    assert mine.read_bytes() == b"mine"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_bytes(b"mine")
    link = tmp_path / f".a.zip.{HERE}0123.part"
    link.symlink_to(tmp_path / "mine", target_is_directory=True)
    write_bytes(tmp_path / "a.zip", b"whole")
    assert link.is_symlink() and (tmp_path / "mine" / "x").read_bytes() == b"mine"


def test_without_locks_files_are_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "_lock", lambda _: None)
    (tmp_path / f".a.{HERE}0123.part").write_bytes(b"half")
    for kind in ("file", "folder"):
        write(tmp_path / kind, kind)
    write_bytes(tmp_path / "a", b"whole")
    assert left(tmp_path) == sorted([f".a.{HERE}0123.part", "a", "file", "folder"])


def test_a_lock_that_another_program_takes_first_is_given_way_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It believes the new file to be left behind, and deletes it."""
    lock, names = atomic._lock, list[str]()

    def quicker(handle: int) -> bool | None:
        names.extend(left(tmp_path))
        if len(names) == 1:
            (tmp_path / names[0]).unlink()
        return lock(handle)

    monkeypatch.setattr(atomic, "_lock", quicker)
    write_bytes(tmp_path / "a", b"whole")
    assert len(names) == 2 and left(tmp_path) == ["a"]


def test_a_failure_inside_is_not_taken_for_a_folder_that_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="磁盘空间不足"), new_folder(tmp_path / "a"):
        raise OSError(28, "No space left on device")
    assert left(tmp_path) == ["a"]


def test_a_folder_that_came_meanwhile_stays(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="已经存在，没有改动它"), new_folder(tmp_path / "a"):
        (tmp_path / "a" / "mine").mkdir(parents=True)
    assert (tmp_path / "a" / "mine").exists() and left(tmp_path) == ["a"]


@pytest.mark.filterwarnings("error")
def test_a_zip_that_could_not_be_saved_does_not_complain_later(tmp_path: Path) -> None:
    def save(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("x", b"x")

    write_saved(tmp_path / "a.zip", save)
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == ["x"]
    with pytest.raises(StorageError, match="文件夹不存在"):
        write_saved(tmp_path / "gone" / "a.zip", save)
    gc.collect()
    assert left(tmp_path) == ["a.zip"]
