"""What a bag lies in, zip or folder, seen the same way: files by path, read in pieces, nothing trusted."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Protocol

from emrassess.errors import RefusedError, why_unreadable
from emrassess.exchange.digests import Digesting
from emrassess.exchange.names import Clashes, path_fault


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a package: `entry` is its path as given, empty where the package as a whole is meant.

    `hint`: what to do now, where another file would not help.
    """

    entry: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.entry}：{self.message}" if self.entry else self.message


class Refused(RefusedError):
    """The package is not trusted; `faults` say which entries and why."""

    def __init__(self, faults: list[Fault], hint: str = "请向对方要一份完好的文件。") -> None:
        better = next((fault.hint for fault in faults if fault.hint), hint)
        super().__init__("\n".join(map(str, faults[:20])), better)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a package counts as a bomb. Sizes in bytes; ratio = size unpacked / size packed.

    The ratio is looked at only from `ratio_from` bytes on (`total_from` for all together), since small files of one
    letter pack well and do no harm.
    """

    entries: int = 200_000
    total: int = 200 << 30
    ratio: int = 200
    ratio_from: int = 16 << 20
    total_from: int = 1 << 30
    directory: int = 64 << 20


DEFAULT_LIMITS = Limits()


class Tree(Protocol):
    """Files by path (with `/`, below the one top folder) with their sizes in bytes, in the order they are best read."""

    @property
    def files(self) -> Mapping[str, int]: ...

    def chunks(self, path: str, digesting: Digesting) -> Iterator[bytes | memoryview]:
        """The content, in pieces that hold until the next but two; Refused where it is not what was announced."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> "Tree": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def read_small(tree: Tree, path: str, most: int) -> bytes:
    """The whole content of `path`; Refused where it is larger than `most` bytes."""
    if tree.files[path] > most:
        raise Refused([Fault(path, f"超过 {most >> 20} MB，不读取")])
    with Digesting() as digesting:
        return b"".join(bytes(chunk) for chunk in tree.chunks(path, digesting))


class FolderTree:
    """A bag in a folder. Refused where it holds links, special files, clashing or unsafe names."""

    def __init__(self, folder: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self.folder = _bag_folder(folder)
        self.top = self.folder.name
        self._limits = limits
        self._clashes = Clashes()
        self._faults: list[Fault] = []
        self.files: dict[str, int] = {}
        self._walk(self.folder, "")
        if sum(self.files.values()) > limits.total:
            self._faults.append(Fault("", f"总大小超过 {limits.total >> 30} GB"))
        if self._faults:
            raise Refused(self._faults)

    def __enter__(self) -> "FolderTree":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is kept open between files."""

    def _walk(self, folder: Path, prefix: str) -> None:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda e: e.name)
        except OSError as error:
            self._faults.append(Fault(prefix.rstrip("/"), f"文件夹打不开：{why_unreadable(error)}"))
            return
        for entry in entries:
            path = prefix + entry.name
            if len(self.files) >= self._limits.entries:
                raise Refused([Fault("", f"文件超过 {self._limits.entries} 个")])
            status = entry.stat(follow_symlinks=False)
            is_folder = stat.S_ISDIR(status.st_mode)
            if fault := _special(status) or path_fault(path) or self._clashes.add(path, is_folder):
                self._faults.append(Fault(path, fault))
            elif is_folder:
                self._walk(folder / entry.name, f"{path}/")
            else:
                self.files[path] = status.st_size

    def chunks(self, path: str, digesting: Digesting) -> Iterator[bytes | memoryview]:
        """The content of `path`, in pieces. Refused where it changed since it was listed."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(self.folder / path, flags)
        except OSError as error:
            raise Refused([Fault(path, f"打不开：{why_unreadable(error)}")]) from error
        left = self.files[path]
        with os.fdopen(handle, "rb", buffering=0) as file:
            if special := _special(os.fstat(handle)):
                raise Refused([Fault(path, special)])
            while True:
                view = digesting.buffer()
                got = read_into(file, view, path)
                left -= got
                if not got or left < 0:
                    break
                yield view[:got]
        if left:
            raise Refused([Fault(path, "读取时文件大小变了")])


def read_into(file: RawIOBase, view: memoryview, path: str) -> int:
    """Bytes read, 0 at the end; Refused where the disk does not give them."""
    try:
        return file.readinto(view) or 0
    except OSError as error:
        raise Refused([Fault(path, f"读取出错：{why_unreadable(error)}")]) from error


# Symbolic links and junctions; other reparse points are files that a cloud drive keeps elsewhere.
_WINDOWS_LINKS = (0xA000000C, 0xA0000003)


def _special(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _WINDOWS_LINKS:
        return "是链接"
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return "不是普通文件"
    return ""


def _bag_folder(folder: Path) -> Path:
    """`folder`, or the one folder in it: archivers like to put an unpacked zip into a folder of its own."""
    if (folder / "bagit.txt").exists():
        return folder
    inner = list(folder.iterdir())
    if len(inner) == 1 and inner[0].is_dir() and not inner[0].is_symlink() and (inner[0] / "bagit.txt").exists():
        return inner[0]
    return folder
