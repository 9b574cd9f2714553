"""Packets that go out to departments and come back: bags (see bag_writer.py) with packet.json, the pack and evidence.

`data/packet.json`; `data/criteria/*.yaml` in one that goes out, so that it opens anywhere; and
`data/evidence/<sha256>-<name>` for the files that the receiver has not got. What is read is looked at without the
contents of the evidence first; those are held against their digests as they are taken, so that each byte is read once.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emrassess.errors import FileProblems
from emrassess.exchange.bag import Bag, Progress, read_bag
from emrassess.exchange.bag_reader import Kind, examined, load_document, opened_bag
from emrassess.exchange.bag_writer import NewBag, Payload, write_bag
from emrassess.exchange.names import path_fault, safe_name
from emrassess.exchange.opened import CRITERIA, FILES, Opened, Part
from emrassess.exchange.packet_format import EVIDENCE, Packet, PacketKind, packet_json, read_packet
from emrassess.exchange.signing import Identity, Signature
from emrassess.exchange.tree import DEFAULT_LIMITS, Fault, Limits, Refused, Tree

_MOST_DOCUMENT = 32 << 20
KIND_NAMES = {
    PacketKind.OUT: "发出的任务包",
    PacketKind.BACK: "交回的任务包",
    PacketKind.REVIEW: "专家的核查结果",
}


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
    payload = [Payload(packet.kind.document, document.encode(), packet.kind.document)]
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
    _, found = write_bag(bag, out, _kind(packet.kind), progress, signer=signer, passphrase=passphrase)
    return found.signature


@dataclass(frozen=True)
class OpenPacket(Opened):
    """A packet whose form, document and signature were found good; see Opened. Every path is one of `evidence`."""

    packet: Packet


@contextmanager
def opened_packet(path: Path, limits: Limits = DEFAULT_LIMITS, passphrase: str | None = None) -> Iterator[OpenPacket]:
    """The packet `path` (zip or folder), all but the contents of its evidence found good.

    Refused with every fault otherwise. UserError where `path` cannot be read; NeedsPassphrase or WrongPassphrase (of
    sealing.py) where it is sealed.
    """
    with opened_bag(path, limits, passphrase) as tree:
        bag = read_bag(tree)
        review = f"data/{PacketKind.REVIEW.document}" in tree.files
        known = _kind(PacketKind.REVIEW if review else PacketKind.OUT)
        name = known.name if known.required[0] in tree.files else "任务包或核查结果"
        kind = Kind(name, known.required, lambda _part, bag, faults: known.read(tree, bag, faults))
        found = examined(Part(tree, lambda file: not file.startswith(FILES)), bag, kind, None)
        if not found.ok or found.said is None:
            raise Refused(list(found.problems))
        yield OpenPacket(found.signature, tree, bag, found.said)


def _read(tree: Tree, bag: Bag, faults: list[Fault], kind: PacketKind) -> Packet | None:
    document = f"data/{kind.document}"
    data = load_document(tree, document, kind.format_name, faults, _MOST_DOCUMENT)
    if data is None:
        return None
    try:
        packet = read_packet(data, document)
    except FileProblems as error:
        faults += [Fault(document, problem.message) for problem in error.problems]
        return None
    except ValueError as error:
        faults.append(Fault(document, str(error)))
        return None
    if packet.kind is PacketKind.OUT and f"{CRITERIA}pack.yaml" not in tree.files:
        faults.append(Fault(f"{CRITERIA}pack.yaml", "缺少这个文件：发出的任务包要带标准包"))
    _check_evidence(tree, bag, packet, faults)
    return packet


def _check_evidence(tree: Tree, bag: Bag, packet: Packet, faults: list[Fault]) -> None:
    """Every file that a piece names is there with the digest and size stated, and every evidence file is named."""
    document = packet.kind.document
    for file in packet.evidence.values():
        path = f"data/{file.path}"
        if not file.path:
            continue
        if path not in tree.files:
            faults.append(Fault(path, f"{document} 里的材料“{file.file_name}”不在包里"))
        elif bag.expected(path).get("sha256") != file.sha256:
            faults.append(Fault(path, f"{document} 里的校验值和清单不同"))
        elif tree.files[path] != file.size:
            faults.append(Fault(path, f"{document} 里的大小和文件不同"))
    named = {f"data/{file.path}" for file in packet.evidence.values()}
    for path in tree.files:
        if not path.startswith(FILES):
            continue
        if path not in named:
            faults.append(Fault(path, f"{document} 里没有这份材料：多出的文件"))
        elif fault := path_fault(path, portable=True):
            faults.append(Fault(path, fault))


def _kind(kind: PacketKind) -> Kind[Packet]:
    """Bags of that kind of packet."""
    name = "核查结果" if kind is PacketKind.REVIEW else "任务包"
    return Kind(name, (f"data/{kind.document}",), lambda tree, bag, faults: _read(tree, bag, faults, kind))
