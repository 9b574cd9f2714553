"""Files written whole or not at all: a temporary name beside the target, fsync, then replace.

Temporary names are `.NAME.xxxxxxxx.part`, the first four digits telling the machine. Whoever writes one holds a lock on
it where there are such; what a killed program left is deleted the next time that the same target is written.
"""

import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from emrassess.errors import StorageError

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

_NAME = 40
_SURELY_LEFT = 3600  # seconds without a change, where no lock can tell

_SAID = {
    errno.ENOSPC: ("磁盘空间不足", "请清理空间，或换一个位置再保存。"),
    errno.EDQUOT: ("磁盘配额已用完", "请清理空间，或换一个位置再保存。"),
    errno.EROFS: ("所在的磁盘是只读的", "请换一个可以写入的位置。"),
    errno.EACCES: ("没有写入权限，或正被其他程序（如 Excel、WPS）打开", "请关闭打开它的程序，或换一个位置。"),
    errno.EPERM: ("没有写入权限，或正被其他程序打开", "请关闭打开它的程序，或换一个位置。"),
    errno.ENOENT: ("所在的文件夹不存在", "请检查位置；如果在 U 盘或网络盘上，看它是否还连着。"),
    errno.ENOTDIR: ("所在的位置不是文件夹", "请换一个位置。"),
    errno.EISDIR: ("这里已有一个同名的文件夹", "请换一个名称。"),
    errno.EFBIG: ("文件太大，磁盘放不下（FAT32 的 U 盘单个文件不超过 4 GB）", "请换 NTFS 或 exFAT 格式的磁盘。"),
    errno.ENAMETOOLONG: ("文件名太长", "请换一个短一些的名称。"),
}


def write_error(path: Path, error: OSError) -> StorageError:
    """`error` while writing `path`, said in Chinese with what to do now."""
    other = f"写入出错（{error.strerror or error}）", "请检查磁盘是否还连着，或换一个位置。"
    reason, hint = _SAID.get(error.errno or 0, other)
    return StorageError(f"无法写入 {path}：{reason}。", hint)


@contextmanager
def replacing(path: Path, check: Callable[[Path], None] | None = None) -> Iterator[BinaryIO]:
    """An open file that becomes `path` when the block ends; after any error or cancel nothing stays behind.

    `check` gets the temporary path once the block has ended, and may refuse by raising.
    StorageError (Chinese) where the disk does not take it.
    """
    with _aside(path, _new_file) as temporary:
        with temporary.open("r+b") as file:
            yield file
            file.flush()
            with ThreadPoolExecutor(1) as pool:  # the disk takes the bytes down while they are read back
                synced = pool.submit(os.fsync, file.fileno())
                if check:
                    check(temporary)
                synced.result()
        temporary.replace(path)
        _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """`content` as the file `path`, replaced whole. StorageError as for `replacing`."""
    with replacing(path) as file:
        file.write(content)


def write_saved(path: Path, save: Callable[[BinaryIO], object]) -> None:
    """What `save` writes, as the file `path`, replaced whole. StorageError as for `replacing`.

    For libraries that write a zip: it is made in memory, since one that a full disk breaks off complains on the screen.
    """
    made = BytesIO()
    save(made)
    write_bytes(path, made.getbuffer())


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes `path` when the block ends; after any error nothing stays behind.

    `path` must not exist yet, or be an empty folder. StorageError where the disk does not take it.
    """
    with _aside(path, Path.mkdir) as temporary:
        yield temporary
        try:
            if path.is_dir():
                path.rmdir()
            temporary.rename(path)
        except OSError as error:
            if path.exists():
                raise StorageError(f"{path} 已经存在，没有改动它。", "请选一个新的文件夹名称。") from error
            raise


@contextmanager
def _aside(path: Path, make: Callable[[Path], object]) -> Iterator[Path]:
    """A temporary file or folder beside `path`, made by `make`; gone when the block ends, unless it was renamed.

    What programs that were killed left there of the same target is deleted. StorageError naming `path` for any OSError.
    """
    temporary, handle = path, None
    try:
        temporary, handle = _begun(path, make)
        _tidy(path, temporary)
        yield temporary
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        if temporary != path:
            _delete(temporary)
        if handle is not None:
            os.close(handle)


def _new_file(path: Path) -> None:
    path.open("xb").close()


def _begun(path: Path, make: Callable[[Path], object]) -> tuple[Path, int | None]:
    """A new temporary file or folder, and what holds its lock; None where there are no locks."""
    while True:
        temporary = path.with_name(f".{path.name[:_NAME]}.{_machine()}{secrets.token_hex(2)}.part")
        try:
            make(temporary)
        except FileExistsError:
            continue
        handle = _opened(temporary)
        if _is_held(handle, temporary):
            return temporary, handle
        if handle is not None:
            os.close(handle)


def _is_held(handle: int | None, path: Path) -> bool:
    """Whether the lock is ours; False where another program, before there was one, took `path` for left behind."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    if handle is None:
        return True
    return _lock(handle) is not False and os.path.samestat(os.fstat(handle), there) and path.exists()


def _machine() -> str:
    """Four hexadecimal digits that tell this machine from most others: a lock may mean nothing to those."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:4]


def _opened(path: Path) -> int | None:
    """A handle that a lock can be put on; None on Windows, where it would stand in the way of renaming."""
    if sys.platform == "win32":
        return None
    try:
        return os.open(path, (os.O_RDONLY if path.is_dir() else os.O_RDWR) | os.O_NOFOLLOW)
    except OSError:
        return None


def _lock(handle: int) -> bool | None:
    """Whether nobody else holds the lock: it is ours then. None where that cannot be told."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network drive without locks
        return None
    return True


def _tidy(path: Path, own: Path) -> None:
    """Delete what writers of `path` left that are no more. The time of `own` is taken for now: it is the drive's."""
    ours = re.compile(re.escape(f".{path.name[:_NAME]}.") + r"([0-9a-f]{4})[0-9a-f]{4}\.part")
    with suppress(OSError):
        now = own.stat().st_mtime
        for left in list(path.parent.iterdir()):
            found = ours.fullmatch(left.name)
            if found and left != own and not left.is_symlink():
                with suppress(OSError):
                    _delete_left(left, now, found[1] == _machine())


def _delete_left(left: Path, now: float, made_here: bool) -> None:
    """Delete `left` unless somebody may still be at work on it."""
    handle = _opened(left) if made_here else None
    try:
        free = None if handle is None else _lock(handle)
        if free is None:
            newest = max(part.lstat().st_mtime for part in (left, *left.rglob("*")))
            free = now - newest > _SURELY_LEFT
        if free:
            log.info("deleted what a killed program left: %s", left.name)
            _delete(left)
    finally:
        if handle is not None:
            os.close(handle)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Makes the new name last through a power cut, where the system can do that to a folder."""
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
