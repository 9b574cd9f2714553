"""Evidence files, each stored once under its SHA-256."""

import hashlib
import logging
import os
import stat
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from emrassess.errors import UserError, why_unreadable
from emrassess.storage.failures import described

log = logging.getLogger(__name__)

FOLDER = "evidence"
_INCOMING = ".incoming-"
_BLOCK = 1 << 20

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and what; may raise errors.Cancelled to stop."""


class Stored(NamedTuple):
    """A file taken in; `size` in bytes. `placed`: it was not here before, or only damaged."""

    sha256: str
    size: int
    placed: bool


class EvidenceFiles:
    """The folder of files. A file appears there under its final name only when it is whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def path(self, sha256: str) -> Path:
        """Where the file of that digest lies, or would lie."""
        return self.folder / sha256

    def store(self, source: Path | BinaryIO, progress: Progress | None = None) -> Stored:
        """Take in a file.

        UserError where the source cannot be read (any more), StorageError where the disk does not take it; nothing is
        left behind then, nor after a cancel.
        """
        if isinstance(source, Path):
            with _opened(source) as stream:
                return self._take(stream, source.name, os.fstat(stream.fileno()).st_size, progress)
        return self._take(source, "", 0, progress)

    def _take(self, stream: BinaryIO, name: str, total: int, progress: Progress | None) -> Stored:
        temporary = self.folder / f"{_INCOMING}{uuid.uuid4().hex}"
        try:
            sha256, size = self._copy(stream, temporary, name, total, progress)
            target = self.path(sha256)
            try:
                placed = not _is_whole(target, sha256, size)
                if placed:
                    temporary.replace(target)
                    sync_folder(self.folder)
            except OSError as error:
                raise described(error, self.folder, writing=True) from error
            return Stored(sha256, size, placed)
        finally:
            _unlink(temporary)

    def _copy(
        self, stream: BinaryIO, temporary: Path, name: str, total: int, progress: Progress | None
    ) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as out:
                while block := _read(stream, name):
                    digest.update(block)
                    out.write(block)
                    size += len(block)
                    if progress:
                        progress(size, max(total, size), name)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise described(error, self.folder, writing=True) from error
        return digest.hexdigest(), size

    def drop(self, digests: Iterable[str]) -> None:
        """Delete these files; one that cannot be deleted now stays for the next time."""
        for sha256 in digests:
            _unlink(self.path(sha256))

    def drop_unused(self, used: frozenset[str]) -> None:
        """Delete every file of ours that is not among `used`, and what an interrupted copy left."""
        for file in self.folder.iterdir():
            if _is_digest(file.name) and file.name not in used:
                _unlink(file)
        self.drop_incoming()

    def drop_incoming(self) -> None:
        """Delete what an interrupted copy left."""
        for file in self.folder.glob(f"{_INCOMING}*"):
            _unlink(file)


def _is_whole(file: Path, sha256: str, size: int) -> bool:
    """Whether `file` is there and holds what its name says."""
    try:
        if file.stat().st_size != size:
            return False
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _opened(source: Path) -> BinaryIO:
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise UserError(f"“{source}”不是文件", "请选择图片、文档等文件；文件夹请先打开，再选其中的文件。")
        return source.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable(str(source), error) from None


def _read(stream: BinaryIO, name: str) -> bytes:
    try:
        return stream.read(_BLOCK)
    except OSError as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: OSError | ValueError) -> UserError:
    why = why_unreadable(error) if isinstance(error, OSError) else "文件名或内容无法读取"
    return UserError(f"无法读取文件“{name}”：{why}", "请检查文件后重新添加；其他内容没有变。")


def _is_digest(name: str) -> bool:
    return len(name) == 64 and not set(name) - set("0123456789abcdef")


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        log.warning("not deleted: %s: %s", file.name, error.strerror)


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` survive a power cut; Windows cannot, and need not."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
