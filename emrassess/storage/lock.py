"""One writer per workspace: `workspace.lock` names the holder, and the system's lock on it tells a dead holder from a
living one."""

import json
import os
import socket
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from emrassess.errors import LockedError
from emrassess.storage.failures import told

FILE_NAME = "workspace.lock"
_OPENING_BYTES = 4096


class Lock:
    """The right to write a workspace. The file stays when it is given back, but empty."""

    def __init__(self, folder: Path, user: str, since: str) -> None:
        self.file = folder / FILE_NAME
        self.content = {
            "user": user,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": since,
            "token": uuid.uuid4().hex,
        }
        self._handle: int | None = None

    def acquire(self, *, take_over: bool = False) -> None:
        """Take the lock, or LockedError naming the holder.

        A holder that died on this machine is followed without a word. One of another machine may still be at work
        without our seeing it, so only `take_over` goes past it. A living one is never pushed aside.
        """
        with told(self.file.parent, writing=False):
            handle = os.open(self.file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            try:
                self._claim(handle, take_over)
            except BaseException:
                os.close(handle)
                raise
            self._handle = handle

    def _claim(self, handle: int, take_over: bool) -> None:
        locked = _system_lock(handle)
        holder = _parsed(_read_start(handle))
        if locked is False:
            raise _in_use(holder)
        if holder:
            if holder.get("host") != self.content["host"]:
                if not take_over:
                    raise _left_elsewhere(holder)
            elif locked is None and _alive(holder.get("pid")):
                # A drive without locks: all that is known is whether a process of that number runs.
                raise _in_use(holder)
        self._write(handle)

    def _write(self, handle: int) -> None:
        data = json.dumps(self.content, ensure_ascii=False).encode()
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, data)
        os.fsync(handle)

    def check(self) -> None:
        """LockedError where another program has taken the workspace over since; called before each write."""
        try:
            holder = _parsed(self.file.read_bytes()[:_OPENING_BYTES])
        except FileNotFoundError:
            holder = {}
        if holder.get("token") == self.content["token"]:
            return
        if holder:
            raise _taken_over(holder)
        # The file was deleted or emptied by hand.
        self.renew()

    def renew(self) -> None:
        """Take the lock again, as when the drive went and came back; LockedError where somebody else was quicker."""
        self._close()
        self.acquire()

    def release(self) -> None:
        """Give the lock back; never fails, for a lock left behind is recognised as dead."""
        if self._handle is None:
            return
        with suppress(OSError):
            if _parsed(self.file.read_bytes()[:_OPENING_BYTES]).get("token") == self.content["token"]:
                os.ftruncate(self._handle, 0)
        self._close()

    def _close(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = None


def _parsed(data: bytes) -> Mapping[str, object]:
    """The lock file's content; empty where it is released, or was left half-written by a crash."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read_start(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    return os.read(handle, _OPENING_BYTES)


def _named(holder: Mapping[str, object]) -> str:
    if not holder:
        return ""
    since = str(holder.get("since", ""))[:16].replace("T", " ")
    return f"{holder.get('user', '') or '未署名'}（电脑 {holder.get('host', '未知')}，{since} 起）"


def _in_use(holder: Mapping[str, object]) -> LockedError:
    name = _named(holder) or "另一个程序"
    return LockedError(
        f"工作区正由 {name} 打开，同一时间只能有一人修改", "请在那边关闭后再打开；只是查看，可以用只读方式打开。", name
    )


def _left_elsewhere(holder: Mapping[str, object]) -> LockedError:
    name = _named(holder)
    return LockedError(
        f"工作区上次由 {name} 打开，没有正常关闭，或仍在那台电脑上使用",
        "请先到那台电脑上确认已经关闭。确认无人使用后，可以选择“接管”再打开；只是查看，可以用只读方式打开。",
        name,
        stale=True,
    )


def _taken_over(holder: Mapping[str, object]) -> LockedError:
    name = _named(holder)
    return LockedError(
        f"工作区已被 {name} 接管，这里不能再保存",
        "请记下还没有保存的内容，关闭后与对方商定由谁修改，再重新打开。",
        name,
    )


def _alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0 or pid == os.getpid():
        return False
    if sys.platform == "win32":
        return True  # os.kill would end it; a system lock is always there on Windows anyway
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a byte far behind the content, for Windows keeps others from reading a locked one

    def _system_lock(handle: int) -> bool | None:
        """True: ours now; False: another living process has it; None: the drive knows no locks."""
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return None
        return True

else:
    import fcntl

    def _system_lock(handle: int) -> bool | None:
        """True: ours now; False: another living process has it; None: the drive knows no locks.

        flock, not POSIX record locks: those would be lost with any other handle on the file that this process closes.
        """
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
