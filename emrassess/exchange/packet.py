"""Packets that go out to departments and come back: bags (see bag_writer.py) with packet.json, the pack and evidence.

`data/packet.json`; `data/criteria/*.yaml` in one that goes out, so that it opens anywhere; and
`data/evidence/<sha256>-<name>` for the files that the receiver has not got. What is read is looked at without the
contents of the evidence first; those are held against their digests as they are taken, so that each byte is read once.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader, RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from emrassess.errors import FileProblems
from emrassess.exchange.bag import Bag, Progress, check_contents, read_bag
from emrassess.exchange.bag_reader import Kind, examined, load_document, opened_bag
from emrassess.exchange.bag_writer import NewBag, Payload, write_bag
from emrassess.exchange.digests import CHUNK, Digesting
from emrassess.exchange.names import path_fault, safe_name
from emrassess.exchange.packet_format import EVIDENCE, FORMAT_NAME, Packet, PacketKind, packet_json, read_packet
from emrassess.exchange.signing import Identity, Signature
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, Limits, Refused, Tree, read_small

_DOCUMENT = "data/packet.json"
_CRITERIA, _FILES = "data/criteria/", f"data/{EVIDENCE}"
_MOST_DOCUMENT = 32 << 20
_MOST_CRITERIA = 8 << 20
KIND_NAMES = {PacketKind.OUT: "发出的任务包", PacketKind.BACK: "交回的任务包"}


def evidence_path(sha256: str, file_name: str) -> str:
    """Where an evidence file lies below `data/`."""
    return f"{EVIDENCE}{sha256}-{safe_name(file_name)}"


def write_packet(
    packet: Packet,
    pack_files: Mapping[str, bytes],
    source: Callable[[str], Path],
    out: Path,
    progress: Progress | None = None,
    *,
    signer: Identity | None = None,
    passphrase: str | None = None,
) -> Signature | None:
    """Write `packet` as the zip `out`, read it back, and give the signature found; see bag_writer.write_bag.

    `source`: where the file of a digest lies.
    """
    document = json.dumps(packet_json(packet), ensure_ascii=False, indent=1)
    payload = [Payload("packet.json", document.encode(), "packet.json")]
    payload += [Payload(f"criteria/{safe_name(name)}", content, name) for name, content in pack_files.items()]
    evidence = {
        file.path: Payload(file.path, source(file.sha256), f"实证材料“{file.file_name}”", file.sha256)
        for file in packet.evidence.values()
        if file.path
    }
    labels = {
        "Source-Organization": packet.hospital,
        "External-Description": f"{packet.department.name} {KIND_NAMES[packet.kind]}",
        "Bag-Software-Agent": packet.generator,
    }
    bag = NewBag([*payload, *evidence.values()], labels, datetime.fromisoformat(packet.made_at))
    _, found = write_bag(bag, out, PACKET, progress, signer=signer, passphrase=passphrase)
    return found.signature


@dataclass(frozen=True)
class OpenPacket:
    """A packet whose form, document and signature were found good; its evidence is still to be held against digests.

    `signature`: None where it is unsigned. Every path is one of `evidence`.
    """

    packet: Packet
    signature: Signature | None
    _tree: Tree
    _bag: Bag

    @property
    def evidence(self) -> Mapping[str, int]:
        """The evidence files in the packet by path (below `data/`) with their sizes in bytes."""
        return {p.removeprefix("data/"): size for p, size in self._tree.files.items() if p.startswith(_FILES)}

    def pack_files(self) -> dict[str, bytes]:
        """The files of the pack by name. Refused where they are too large."""
        names = [path for path in self._tree.files if path.startswith(_CRITERIA)]
        if sum(self._tree.files[path] for path in names) > _MOST_CRITERIA:
            raise Refused([Fault(_CRITERIA, f"超过 {_MOST_CRITERIA >> 20} MB，不读取")])
        return {path.removeprefix(_CRITERIA): read_small(self._tree, path, _MOST_CRITERIA) for path in names}

    @contextmanager
    def stream(self, path: str) -> Iterator[BinaryIO]:
        """The content of one evidence file; whoever reads it holds its digest against the packet.

        Refused, in the midst of it, where size, CRC-32 or authentication code is not right.
        """
        with Digesting() as buffers, BufferedReader(_Chunks(self._tree.chunks(f"data/{path}", buffers)), CHUNK) as file:
            yield file

    def check(self, paths: Collection[str], progress: Progress | None = None) -> None:
        """Hold these evidence files against their digests; Refused with every fault."""
        part = _Part(self._tree, lambda path: path.removeprefix("data/") in paths)
        if faults := check_contents(part, self._bag, progress):
            raise Refused(faults)


@contextmanager
def opened_packet(path: Path, limits: Limits = DEFAULT_LIMITS, passphrase: str | None = None) -> Iterator[OpenPacket]:
    """The packet `path` (zip or folder), all but the contents of its evidence found good.

    Refused with every fault otherwise. UserError where `path` cannot be read; NeedsPassphrase or WrongPassphrase (of
    sealing.py) where it is sealed.
    """
    with opened_bag(path, limits, passphrase) as tree:
        bag = read_bag(tree)
        kind = Kind(PACKET.name, PACKET.required, lambda _part, bag, faults: _read(tree, bag, faults))
        found = examined(_Part(tree, lambda file: not file.startswith(_FILES)), bag, kind, None)
        if not found.ok or found.said is None:
            raise Refused(list(found.problems))
        yield OpenPacket(found.said, found.signature, tree, bag)


class _Part:
    """Some of the files of a tree, as a tree; the tree itself stays whoever's it is."""

    def __init__(self, tree: Tree, wanted: Callable[[str], bool]) -> None:
        self._tree = tree
        self.files = {path: size for path, size in tree.files.items() if wanted(path)}

    def __enter__(self) -> "_Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is opened here."""

    def chunks(self, path: str, digesting: Digesting) -> Iterator[bytes | memoryview]:
        return self._tree.chunks(path, digesting)


class _Chunks(RawIOBase):
    """Pieces of a file as a file to be read."""

    def __init__(self, pieces: Iterator[bytes | memoryview]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _read(tree: Tree, bag: Bag, faults: list[Fault]) -> Packet | None:
    data = load_document(tree, _DOCUMENT, FORMAT_NAME, faults, _MOST_DOCUMENT)
    if data is None:
        return None
    try:
        packet = read_packet(data, _DOCUMENT)
    except FileProblems as error:
        faults += [Fault(_DOCUMENT, problem.message) for problem in error.problems]
        return None
    except ValueError as error:
        faults.append(Fault(_DOCUMENT, str(error)))
        return None
    if packet.kind is PacketKind.OUT and f"{_CRITERIA}pack.yaml" not in tree.files:
        faults.append(Fault(f"{_CRITERIA}pack.yaml", "缺少这个文件：发出的任务包要带标准包"))
    _check_evidence(tree, bag, packet, faults)
    return packet


def _check_evidence(tree: Tree, bag: Bag, packet: Packet, faults: list[Fault]) -> None:
    """Every file that a piece names is there with the digest and size stated, and every evidence file is named."""
    for file in packet.evidence.values():
        path = f"data/{file.path}"
        if not file.path:
            continue
        if path not in tree.files:
            faults.append(Fault(path, f"packet.json 里的实证材料“{file.file_name}”不在包里"))
        elif bag.expected(path).get("sha256") != file.sha256:
            faults.append(Fault(path, "packet.json 里的校验值和清单不同"))
        elif tree.files[path] != file.size:
            faults.append(Fault(path, "packet.json 里的大小和文件不同"))
    named = {f"data/{file.path}" for file in packet.evidence.values()}
    for path in tree.files:
        if not path.startswith(_FILES):
            continue
        if path not in named:
            faults.append(Fault(path, "packet.json 里没有这份材料：多出的文件"))
        elif fault := path_fault(path, portable=True):
            faults.append(Fault(path, fault))


PACKET = Kind("任务包", (_DOCUMENT,), _read)
