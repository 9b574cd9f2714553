"""What the disk, the network drive or SQLite refused, in words a user can act on."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from emrassess.errors import ReadOnlyError, StorageError

INPUT_KEPT = "这次的改动还没有保存，程序里的内容没有变；处理好以后再做一次即可。"

_FULL = (
    "磁盘空间不足，没有写入",
    "请清理磁盘，或把整个工作区文件夹复制到有空间的磁盘上，再从那里打开。",
)
_READ_ONLY = ("没有写入权限，文件夹或文件是只读的", "请检查文件夹的权限、U 盘的写保护开关，或换一个可写的位置。")
_GONE = (
    "找不到工作区文件夹，可能是网络盘断开、U 盘被拔出，或文件夹被移走",
    "请重新连接网络盘或插好 U 盘，文件夹回到原处后再试。",
)
_BUSY = ("工作区正被另一个程序占用（如备份、同步或杀毒软件）", "请稍候再试；若一直如此，请关闭占用它的程序。")
_DAMAGED = (
    "工作区的数据库文件已损坏",
    "请先把整个工作区文件夹复制一份留底，再用 backups 文件夹里最近的一份备份替换 workspace.sqlite3。",
)
_BROKEN = ("读写磁盘时出错，可能是网络盘断开、U 盘被拔出或磁盘有故障", "请检查网络和磁盘连接后再试。")

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.ENODEV: _GONE,
    errno.ENXIO: _GONE,
    errno.ESTALE: _GONE,
    errno.EBUSY: _BUSY,
}
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_AUTH: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _GONE,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _BROKEN,
}
# Windows: drive not ready, network path gone, disk full, write protected, in use.
_BY_WINERROR = {
    112: _FULL, 39: _FULL, 19: _READ_ONLY, 5: _READ_ONLY, 21: _GONE, 53: _GONE, 59: _GONE, 64: _GONE, 67: _GONE,
    1231: _GONE, 32: _BUSY, 33: _BUSY,
}  # fmt: skip


def described(error: BaseException, where: Path, *, writing: bool) -> StorageError:
    """`error` (OSError, sqlite3 or SQLAlchemy) that struck at `where`, as a StorageError.

    `writing`: say that the input was not saved and is still there.
    """
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    what, hint = _BROKEN
    if isinstance(error, OSError):
        what, hint = _BY_WINERROR.get(getattr(error, "winerror", 0) or 0) or _BY_ERRNO.get(error.errno or 0, _BROKEN)
    elif isinstance(error, sqlite3.Error):
        # The low byte is the primary code; the rest details it.
        code = getattr(error, "sqlite_errorcode", None)
        what, hint = _BY_SQLITE.get(code & 0xFF, _BROKEN) if code is not None else _BROKEN
        if what == _GONE[0] and where.is_dir():
            what, hint = _READ_ONLY
        elif what == _BROKEN[0] and _is_full(where):
            # Where there is no room for its shared memory, SQLite only says that reading or writing failed.
            what, hint = _FULL
    if writing:
        hint = f"{hint}{INPUT_KEPT}"
    kind = ReadOnlyError if what == _READ_ONLY[0] else StorageError
    return kind(f"{what}：{where}", hint)


def _is_full(where: Path) -> bool:
    try:
        return shutil.disk_usage(where).free < 1 << 20
    except OSError:
        return False


def damaged(database: Path) -> StorageError:
    """The file is broken: what can be done about it."""
    what, hint = _DAMAGED
    return StorageError(f"{what}：{database}", hint)


def is_damage(error: BaseException) -> bool:
    """Whether `error` says that the database file itself is broken or none at all."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def told(where: Path, *, writing: bool = True) -> Iterator[None]:
    """Turn what the disk or the database refuses within the block into a StorageError about `where`."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise described(error, where, writing=writing) from error
