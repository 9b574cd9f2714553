"""A bag in a zip file, read in place: nothing is unpacked to the disk, and no more memory used than a few buffers."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from emrassess.exchange.digests import CHUNK, Digesting
from emrassess.exchange.names import Clashes, path_fault
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, Limits, Refused, read_into
from emrassess.exchange.zip_directory import STORED, ZipEntry, read_directory


class ZipTree:
    """The files below the one top folder of a zip. Refused where the zip's form is not to be trusted.

    Contents are held against size and CRC-32 as they are read. A zip inside the zip is a file like any other and never
    descended into.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self._file = path.open("rb", buffering=0)
        try:
            entries = read_directory(self._file, limits)
            self.top = _check_names(entries)
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

    def chunks(self, path: str, digesting: Digesting) -> Iterator[bytes | memoryview]:
        """The content of `path`, in pieces. Refused where its size or CRC-32 is not what the directory says."""
        entry = self._entries[path]
        pieces = self._raw(entry, digesting) if entry.method == STORED else self._inflated(entry, digesting)
        crc = 0
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            yield piece
        if crc != entry.crc:
            raise Refused([Fault(entry.name, "内容已损坏（CRC 校验不符）")])

    def _raw(self, entry: ZipEntry, digesting: Digesting) -> Iterator[memoryview]:
        at, end = entry.start, entry.start + entry.packed
        while at < end:
            self._file.seek(at)
            view = digesting.buffer()[: min(end - at, CHUNK)]
            got = read_into(self._file, view, entry.name)
            if not got:
                raise Refused([Fault(entry.name, "文件不完整")])
            at += got
            yield view[:got]

    def _inflated(self, entry: ZipEntry, digesting: Digesting) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        left = entry.size
        try:
            for raw in self._raw(entry, digesting):
                packed: bytes | memoryview = raw
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
