"""Files written whole or not at all: a temporary name beside the target, fsync, then replace."""

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from emrassess.errors import StorageError

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
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            with ThreadPoolExecutor(1) as pool:  # the disk takes the bytes down while they are read back
                synced = pool.submit(os.fsync, file.fileno())
                if check:
                    check(temporary)
                synced.result()
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """`content` as the file `path`, replaced whole. StorageError as for `replacing`."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes `path` when the block ends; after any error nothing stays behind.

    `path` must not exist yet, or be an empty folder. StorageError where the disk does not take it.
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            path.rmdir()
        temporary.rename(path)
    except OSError as error:
        if path.exists():
            raise StorageError(f"{path} 已经存在，没有改动它。", "请选一个新的文件夹名称。") from error
        raise write_error(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


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
