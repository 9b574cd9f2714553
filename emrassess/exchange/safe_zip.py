"""A bag in a zip file, read in place: nothing is unpacked to the disk, and no more memory used than a few buffers."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from emrassess.exchange.digests import CHUNK, Digesting
from emrassess.exchange.names import Clashes, path_fault
from emrassess.exchange.sealing import HEAD, TAIL, NeedsPassphrase, Unsealing, WrongPassphrase
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, Limits, Refused, read_into
from emrassess.exchange.zip_directory import STORED, ZipEntry, read_directory


class ZipTree:
    """The files below the one top folder of a zip. Refused where the zip's form is not to be trusted.

    A sealed zip needs its `passphrase`: NeedsPassphrase or WrongPassphrase at once, before any content is read; for
    others it is not looked at. Contents are held against size and CRC-32, or authentication code, as they are read.
    A zip inside the zip is a file like any other and never descended into.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS, passphrase: str | None = None) -> None:
        self._file = path.open("rb", buffering=0)
        self._passphrase = passphrase or ""
        try:
            entries = read_directory(self._file, limits)
            self.top = _check_names(entries)
            self._try_passphrase(entries)
        except BaseException:
            self._file.close()
            raise
        skip = len(self.top) + 1
        self._entries = {e.name[skip:]: e for e in entries if not e.is_folder}
        self.files = {name: entry.size for name, entry in self._entries.items()}

    def __enter__(self) -> "ZipTree":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def _try_passphrase(self, entries: list[ZipEntry]) -> None:
        sealed = next((entry for entry in entries if entry.is_sealed), None)
        if sealed is None:
            return
        if not self._passphrase:
            raise NeedsPassphrase
        if not self._unsealing(sealed).fits:
            raise WrongPassphrase

    def chunks(self, path: str, digesting: Digesting) -> Iterator[bytes | memoryview]:
        """The content of `path`, in pieces. Refused where its size, CRC-32 or authentication code is not right."""
        entry = self._entries[path]
        raw = self._unsealed(entry, digesting) if entry.is_sealed else self._raw(entry, 0, entry.packed, digesting)
        pieces = raw if entry.packing == STORED else _inflated(entry, raw)
        crc, has_crc = 0, entry.has_crc
        for piece in pieces:
            if has_crc:
                crc = zlib.crc32(piece, crc)
            yield piece
        if crc != entry.crc:
            raise Refused([Fault(entry.name, "内容已损坏（CRC 校验不符）")])

    def _raw(self, entry: ZipEntry, first: int, end: int, digesting: Digesting) -> Iterator[memoryview]:
        """The entry's bytes from `first` up to `end` as they lie in the file, in buffers that may be written to."""
        at, end = entry.start + first, entry.start + end
        while at < end:
            self._file.seek(at)
            view = digesting.buffer()[: min(end - at, CHUNK)]
            got = read_into(self._file, view, entry.name)
            if not got:
                raise Refused([Fault(entry.name, "文件不完整")])
            at += got
            yield view[:got]

    def _unsealed(self, entry: ZipEntry, digesting: Digesting) -> Iterator[memoryview]:
        unsealing = self._unsealing(entry)
        if not unsealing.fits:
            raise Refused([Fault(entry.name, "口令和别的文件的不同，或文件被改动")])
        for piece in self._raw(entry, HEAD, entry.packed - TAIL, digesting):
            unsealing.open(piece)
            yield piece
        if not unsealing.is_whole(self._part(entry, entry.packed - TAIL, TAIL)):
            raise Refused([Fault(entry.name, "内容被改动或损坏（加密的校验码不符）")])

    def _unsealing(self, entry: ZipEntry) -> Unsealing:
        return Unsealing(self._passphrase, self._part(entry, 0, HEAD))

    def _part(self, entry: ZipEntry, first: int, length: int) -> bytes:
        """A few bytes of the entry as they lie in the file; fewer where the file has become shorter."""
        part = memoryview(bytearray(length))
        self._file.seek(entry.start + first)
        got = 0
        while got < length and (more := read_into(self._file, part[got:], entry.name)):
            got += more
        return bytes(part[:got])


def _inflated(entry: ZipEntry, raw: Iterator[memoryview]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = entry.size
    try:
        for view in raw:
            packed: bytes | memoryview = view
            while packed and not inflater.eof:
                piece = inflater.decompress(packed, CHUNK)
                packed = inflater.unconsumed_tail
                left -= len(piece)
                if left < 0:
                    raise Refused([Fault(entry.name, "解开后比声明的大，大小不实")])
                yield piece
            if packed or inflater.unused_data:
                raise Refused([Fault(entry.name, "压缩数据后面还有多余的数据")])
        while not inflater.eof and (piece := inflater.decompress(b"", CHUNK)):  # the last output may wait inside
            left -= len(piece)
            yield piece
    except zlib.error:
        raise Refused([Fault(entry.name, "压缩数据已损坏")]) from None
    if left or not inflater.eof:
        raise Refused([Fault(entry.name, "解开后比声明的小，文件不完整或大小不实")])


def _check_names(entries: list[ZipEntry]) -> str:
    """The name of the one top folder. Refused with every unsafe or clashing name, or where there is no such folder."""
    faults: list[Fault] = []
    clashes = Clashes()
    for entry in entries:
        path = entry.name[:-1] if entry.is_folder else entry.name
        if fault := path_fault(path) or clashes.add(path, entry.is_folder):
            faults.append(Fault(entry.name, fault))
    if faults:
        raise Refused(faults)
    tops = {entry.name.split("/")[0] for entry in entries}
    loose = [entry.name for entry in entries if "/" not in entry.name]
    if not tops:
        raise Refused([Fault("", "zip 是空的")])
    if loose:
        raise Refused([Fault(loose[0], "不在包的文件夹里：zip 里应当只有一个文件夹")])
    if len(tops) > 1:
        named = "、".join(sorted(tops)[:5])
        raise Refused([Fault("", f"zip 里应当只有一个文件夹，现在有 {len(tops)} 个：{named}")])
    return tops.pop()
