"""One writer at a time, named; a dead one is followed, one elsewhere only when asked for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emrassess.errors import LockedError
from emrassess.storage import lock, opening
from emrassess.storage.workspace import Workspace
from tests.storage.samples import answer

HOLD = """
import sys
from pathlib import Path
from emrassess.storage import opening
workspace = opening.open_(Path(sys.argv[1]), user="王五")
print("open", flush=True)
sys.stdin.read()
"""


def other_host(folder: Path) -> None:
    holder = {"user": "赵六", "host": "别的电脑", "pid": 1, "since": "2026-11-20T09:30:00+08:00", "token": "other"}
    (folder / "workspace.lock").write_text(json.dumps(holder), encoding="utf-8")


def named_in(folder: Path) -> str | None:
    """The user whom the lock file names; None once it is given back."""
    content = (folder / "workspace.lock").read_text(encoding="utf-8")
    return json.loads(content)["user"] if content else None


def test_a_second_program_is_told_who_has_it(workspace: Workspace, folder: Path) -> None:
    with pytest.raises(LockedError) as caught:
        opening.open_(folder, user="李四")
    assert "张三" in caught.value.message and "张三" in caught.value.holder
    with pytest.raises(LockedError):
        opening.open_(folder, user="李四", take_over=True)
    answer(workspace, "01.01.4(1)")


def test_another_process_holds_it_until_it_dies(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout and process.stdout.readline() == "open\n"
        with pytest.raises(LockedError, match="王五"):
            opening.open_(folder, user="李四")
        process.kill()
        process.wait()
    assert named_in(folder) == "王五"
    after = opening.open_(folder, user="李四")
    answer(after, "01.01.4(1)")
    assert named_in(folder) == "李四"
    after.close()
    assert named_in(folder) is None


def test_a_holder_on_another_machine_gives_way_only_when_asked(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    other_host(folder)
    with pytest.raises(LockedError) as caught:
        opening.open_(folder, user="李四")
    assert "赵六" in caught.value.holder and "2026-11-20 09:30" in caught.value.message
    assert "接管" in caught.value.hint
    opening.open_(folder, user="李四", write=False).close()
    opening.open_(folder, user="李四", take_over=True).close()
    opening.open_(folder, user="李四").close()


def test_a_half_written_lock_file_is_no_obstacle(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    (folder / "workspace.lock").write_bytes(b'{"user": "\xe5')
    opening.open_(folder, user="李四").close()


def test_who_was_taken_over_writes_no_more(workspace: Workspace, folder: Path) -> None:
    other_host(folder)
    held = workspace.assessment
    with pytest.raises(LockedError, match="赵六"):
        answer(workspace, "01.01.4(1)")
    assert workspace.assessment is held
    workspace.close()
    assert named_in(folder) == "赵六"


def test_a_deleted_lock_file_is_made_again(workspace: Workspace, folder: Path) -> None:
    (folder / "workspace.lock").unlink()
    answer(workspace, "01.01.4(1)")
    with pytest.raises(LockedError):
        opening.open_(folder, user="李四")


def test_a_drive_without_locks_goes_by_the_process(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.close()
    monkeypatch.setattr(lock, "_system_lock", lambda _: None)
    holder = json.loads(json.dumps(lock.Lock(folder, "王五", "2026").content))
    for pid, alive in ((1, True), (2**22 + 1, False)):
        (folder / "workspace.lock").write_text(json.dumps(holder | {"pid": pid}), encoding="utf-8")
        if alive:
            with pytest.raises(LockedError, match="王五"):
                opening.open_(folder, user="李四")
        else:
            opening.open_(folder, user="李四").close()
