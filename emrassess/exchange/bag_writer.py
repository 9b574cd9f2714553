"""Writes bags of ours, of whatever kind: a BagIt 1.0 bag (RFC 8493) in a zip with one top folder.

Each byte is read once: CRC-32 and SHA-256 are made while it is copied. The finished file is read back and examined, as
a receiver would, before it takes its name.
"""

import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar

from emrassess.atomic import replacing
from emrassess.errors import StorageError, UserError, why_unreadable
from emrassess.exchange.bag import Progress
from emrassess.exchange.bag_reader import Examined, Kind, read
from emrassess.exchange.digests import Digesting, few_behind
from emrassess.exchange.names import folded, safe_name
from emrassess.exchange.sealing import sealed_info, sealed_zip
from emrassess.exchange.signing import SIGNATURE_FILE, SIGNED_FILE, Identity
from emrassess.exchange.tree import Refused

T = TypeVar("T")

# Only what packs well is packed, at the fastest setting (four times faster than the usual one, a tenth larger). Above
# this size it is stored: memory stays bounded, a large extract does not hold up the bag, and no entry of ours can
# look like a bomb.
_PACKED = (".html", ".htm", ".json", ".txt", ".csv", ".tsv", ".xml", ".md", ".svg", ".log", ".sql", ".yaml", ".bmp")
_PACK_MOST = 8 << 20
_LEVEL = 1
_FIRST_TIME, _LAST_TIME = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


@dataclass(frozen=True, slots=True)
class Payload:
    """A file for the bag. `path`: below `data/`, of parts that `safe_name` made; `what` names it where it cannot be
    read, in Chinese; `sha256`: what its content must be, if that is known before."""

    path: str
    source: Path | bytes
    what: str
    sha256: str = ""


@dataclass(frozen=True)
class NewBag:
    """What goes into a bag. `labels`: for bag-info.txt, which gets date and sum besides."""

    payload: Sequence[Payload]
    labels: Mapping[str, str]
    made_at: datetime


def write_bag(
    bag: NewBag,
    out: Path,
    kind: Kind[T],
    progress: Progress | None = None,
    *,
    signer: Identity | None = None,
    passphrase: str | None = None,
) -> tuple[T, Examined[T]]:
    """Write `bag` as the zip `out` (replaced whole), read it back as a `kind`, and give what came out.

    `signer` signs it. `passphrase` (as of sealing.checked_passphrase) seals it; names and sizes stay visible.
    `progress(done, total, what)` counts bytes, written and read back; it may raise `Cancelled`. After any error
    nothing stays behind, and what was at `out` before is still there. UserError where a source is missing or damaged,
    StorageError where the disk does not take the file or it reads back differently.
    """
    files = _sized(bag.payload)
    total = sum(file.size for file in files)
    _check_space(out, sum(file.size for file in files if not file.packed))
    report = progress or _silent
    found: list[tuple[T, Examined[T]]] = []

    def read_back(written: Path) -> None:
        def reading(done: int, of: int, _: str) -> None:
            report(total + done * total // of, 2 * total, "正在回读校验")

        try:
            found.append(read(written, kind, reading, passphrase=passphrase))
        except Refused as error:
            message = f"写出的{kind.name}没有通过回读校验，已删除：{'；'.join(map(str, error.faults[:5]))}"
            raise StorageError(message, "请重试；再次出现时请换一个磁盘。") from error

    with replacing(out, read_back) as file:
        writer = _Writer(file, safe_name(out.stem, 60), bag, signer, passphrase)
        writer.write(files, lambda done: report(done, 2 * total, f"正在写入{kind.name}"))
        del bag, files, writer  # all know thousands of files, and so will reading back
    return found[0]


def _silent(done: int, total: int, what: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the payload with its size."""

    payload: Payload
    size: int

    @property
    def packed(self) -> bool:
        return self.size <= _PACK_MOST and PurePosixPath(self.payload.path).suffix.lower() in _PACKED


def _sized(payload: Sequence[Payload]) -> list[_File]:
    """Every file of the bag. UserError where one is not there."""
    names: set[str] = set()
    for file in payload:
        if folded(file.path) in names:
            raise ValueError(f"two files named {file.path}")
        names.add(folded(file.path))
    return [_File(file, _size(file)) for file in payload]


def _size(file: Payload) -> int:
    if isinstance(file.source, bytes):
        return len(file.source)
    try:
        return file.source.stat().st_size
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Payload, error: OSError) -> UserError:
    message = f"{file.what}的文件读不出来：{why_unreadable(error)}"
    return UserError(message, "请检查工作区所在的磁盘，或重新添加这份文件。")


def _check_space(out: Path, needed: int) -> None:
    """A full disk is better said at once than after minutes; where it cannot be asked, writing will tell."""
    try:
        free = shutil.disk_usage(out.parent).free
    except OSError:
        return
    if free < needed:
        message = f"{out.parent} 空间不足：需要 {needed / 1e6:.0f} MB，剩余 {free / 1e6:.0f} MB。"
        raise StorageError(message, "请清理空间，或换一个位置再保存。")


class _Writer:
    """Streams the files into the zip, makes their digests on the way, and writes the tag files from those."""

    def __init__(self, file: BinaryIO, top: str, bag: NewBag, signer: Identity | None, passphrase: str | None) -> None:
        self._top = top
        self._bag = bag
        self._signer = signer
        self._time = _zip_time(bag.made_at)
        self._info = zipfile.ZipInfo if passphrase is None else sealed_info
        # The sealed zip is used like the plain one, but its classes are not derived from those.
        self._archive: Any = zipfile.ZipFile(file, "w") if passphrase is None else sealed_zip(file, passphrase)

    def write(self, files: list[_File], done: Callable[[int], None]) -> None:
        try:
            self._write(files, done)
            self._archive.close()
        except BaseException:
            self._archive.fp = None  # to finish the zip even so would hide what went wrong
            raise

    def _write(self, files: list[_File], done: Callable[[int], None]) -> None:
        so_far = 0
        with Digesting() as digesting:

            def copy(file: _File) -> Future[dict[str, str]]:
                digest = digesting.start()

                def take(piece: bytes | memoryview) -> None:
                    nonlocal so_far
                    digest.update(piece)
                    so_far += len(piece)
                    done(so_far)

                self._copy(file, digesting, take)
                return digest.finish()

            copied = few_behind((file.payload, copy(file)) for file in files)
            manifest = {f"data/{file.path}": _checked(file, found) for file, found in copied}
            tags = {
                "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
                "bag-info.txt": self._labels(so_far, len(files)),
                "manifest-sha256.txt": _lines(manifest),
            }
            tag_digests = {name: _sha256(digesting, text) for name, text in tags.items()}
            tags[SIGNED_FILE] = _lines({name: digest.result()["sha256"] for name, digest in tag_digests.items()})
            for name, text in tags.items():
                self._archive.writestr(self._entry(name), text.encode())
            if self._signer:
                signature = self._signer.sign(tags[SIGNED_FILE].encode(), self._bag.made_at)
                self._archive.writestr(self._entry(SIGNATURE_FILE), signature)

    def _entry(self, path: str) -> Any:
        info = self._info(f"{self._top}/{path}", self._time)
        info.external_attr = 0o100644 << 16
        info.create_system = 3  # Unix, so that the mode above is understood, and the same file is made everywhere
        return info

    def _copy(self, file: _File, digesting: Digesting, take: Callable[[bytes | memoryview], None]) -> None:
        """Write one file, and give its pieces on to `take`."""
        info = self._entry(f"data/{file.payload.path}")
        source = file.payload.source
        if file.packed or isinstance(source, bytes):
            content = source if isinstance(source, bytes) else _read_whole(file.payload, source)
            method = zipfile.ZIP_DEFLATED if file.packed else zipfile.ZIP_STORED
            self._archive.writestr(info, content, method, _LEVEL)
            take(content)
            return
        info.file_size = file.size  # for the zip to choose 64-bit sizes only where they are needed
        with self._archive.open(info, "w") as entry:
            for piece in _pieces(file.payload, source, digesting):
                entry.write(piece)
                take(piece)

    def _labels(self, size: int, count: int) -> str:
        labels = {
            **self._bag.labels,
            "Bagging-Date": self._bag.made_at.date().isoformat(),
            "Payload-Oxum": f"{size}.{count}",
        }
        return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in labels.items())


def _zip_time(at: datetime) -> tuple[int, int, int, int, int, int]:
    """`at` as a zip tells times, nearest to what it can: a computer whose battery is flat believes it is 1970."""
    told = at.year, at.month, at.day, at.hour, at.minute, at.second
    return min(max(told, _FIRST_TIME), _LAST_TIME)


def _checked(file: Payload, found: Future[dict[str, str]]) -> str:
    sha256 = found.result()["sha256"]
    if file.sha256 and sha256 != file.sha256:
        message = f"{file.what}的文件已损坏：内容和登记的校验值不符。"
        raise UserError(message, "请用“替换”重新添加这份材料，再导出。")
    return sha256


def _pieces(file: Payload, path: Path, digesting: Digesting) -> Iterator[memoryview]:
    try:
        with path.open("rb", buffering=0) as source:
            while True:
                view = digesting.buffer()
                got = source.readinto(view)
                if not got:
                    return
                yield view[:got]
    except OSError as error:
        raise _unreadable(file, error) from error


def _read_whole(file: Payload, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


def _sha256(digesting: Digesting, text: str) -> "Future[dict[str, str]]":
    digest = digesting.start()
    digest.update(text.encode())
    return digest.finish()


def _lines(digests: Mapping[str, str]) -> str:
    """A manifest: digest, two spaces, path. `safe_name` leaves nothing in a path that would have to be escaped."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
