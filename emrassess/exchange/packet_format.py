"""`data/packet.json` of a department's packet, `emrassess-packet/1`: what goes out to it, and what comes back; and
`data/review.json` of an expert's review file, `emrassess-review/1`, which has the same form.

Keys that a later minor edition adds are passed over; a later major one is refused (see packet.py). Values stand under
the texts of their merge keys (domain/merge_values.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from emrassess.domain.assessment import Sender
from emrassess.domain.merge import MergeKey, MergeKind, Value, values_from_json, values_to_json
from emrassess.domain.merge_values import LONG_TEXTS, PIECE_FIELDS, STAMP, photo_clauses, photo_file, pieces_of
from emrassess.domain.planning import Department, Task, WorkState
from emrassess.exchange.package_format import Count, Digest
from emrassess.exchange.texts import check_line, check_texts, check_time
from emrassess.typed_yaml import Marked, Model, validate

EVIDENCE = "evidence/"
MOST_EARLIER = 50
"""As many states of earlier returns go along; to one before those, a merge falls back on what went out."""

Values = Mapping[MergeKey, Value]


class PacketKind(StrEnum):
    """Which way a packet goes. REVIEW: from an expert, to colleagues and to the hospital."""

    OUT = "out"
    BACK = "back"
    REVIEW = "review"

    @property
    def format_name(self) -> str:
        """The name of the document's format, without its version."""
        return "emrassess-review" if self is PacketKind.REVIEW else "emrassess-packet"

    @property
    def document(self) -> str:
        """Where the document lies below `data/`."""
        return "review.json" if self is PacketKind.REVIEW else "packet.json"


@dataclass(frozen=True, slots=True)
class PackName:
    """The pack that a packet is about; `digest` as of Pack."""

    id: str
    version: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class PacketFile:
    """The file behind a piece of evidence. `path`: below `data/`, "" where the packet has not got the file itself."""

    sha256: str
    file_name: str
    size: int
    media_type: str
    added_at: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a department's workspace said when it gave an earlier packet back; `id`: of that packet."""

    id: str
    values: Values


@dataclass(frozen=True)
class Packet:
    """A packet, out or back. `made_at`: ISO 8601 with offset; `deadline`: ISO date or "".

    `id` of one that goes out is new; that of one that comes back continues, after a dot, the id of what the department
    worked on: the packet that went out, or the one given back before. So it tells which others it contains.
    `assessment`: id of the assessment that it is a part of. `tasks`: by clause. `base`: the values when it went out;
    `now`: those in force, the same as `base` in one that goes out. `earlier`: the oldest first. `evidence`: the file in
    force of each piece in `now`.

    In a review file, `department` is the review group by its code, with the experts; `person` the one who made it;
    `round` the visit; `evidence` the files of the photos. There are no tasks.
    """

    id: str
    kind: PacketKind
    generator: str
    made_at: str
    sender: Sender
    hospital: str
    assessment: str
    target: int
    pack: PackName
    department: Department
    person: str
    deadline: str
    clauses: tuple[str, ...]
    tasks: Mapping[str, Task]
    base: Values
    now: Values
    evidence: Mapping[str, PacketFile]
    earlier: tuple[Earlier, ...] = ()
    round: int = 0


def contains(packet: str, other: str) -> bool:
    """Whether what was done up to the packet of the id `other` is in that of the id `packet`."""
    return packet == other or packet.startswith(f"{other}.")


def went_out(packet: str) -> str:
    """The id of the packet that went out, of which the one of the id `packet` came."""
    return packet.partition(".")[0]


# --- the document

_Text = Annotated[str, StringConstraints(max_length=500)]
_Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,4000}$")]
_Value = str | bool | list[str]


class _Part(Model):
    model_config = ConfigDict(extra="ignore")


class _Sender(_Part):
    name: _Text
    organisation: _Text


class _Pack(_Part):
    id: _Text
    version: _Text
    name: _Text
    digest: Digest


class _Department(_Part):
    id: _Id
    name: Annotated[_Text, StringConstraints(min_length=1)]
    people: list[_Text]


class _Task(_Part):
    person: _Text
    deadline: _Text
    state: Literal["assigned", "in_progress", "submitted", "changes_requested", "accepted"]
    comment: str


class _Evidence(_Part):
    """The id is made as services.evidence makes it: others are counted on from it, so it must be a time to come by."""

    id: Annotated[str, StringConstraints(pattern=r"^0[0-9a-f]{23}$")]
    clauses: list[str]
    file_name: _Text
    media_type: _Text
    size: Count
    sha256: Digest
    added_at: str
    path: Annotated[str, StringConstraints(pattern=r"^(evidence/[^/]+)?$")]


class _Earlier(_Part):
    id: _Id
    changed: dict[str, _Value | None]


class _File(_Part):
    format: Literal["emrassess-packet/1", "emrassess-review/1"]
    id: _Id
    kind: Literal["out", "back", "review"]
    generator: _Text
    made_at: str
    sender: _Sender
    hospital: Annotated[_Text, StringConstraints(min_length=1)]
    assessment: _Id
    target: Annotated[int, Field(ge=1, le=8)]
    pack: _Pack
    department: _Department
    person: _Text
    deadline: _Text
    clauses: Annotated[list[_Text], Field(min_length=1)]
    tasks: dict[str, _Task]
    base: dict[str, _Value]
    now: dict[str, _Value] | None
    earlier: Annotated[list[_Earlier], Field(max_length=MOST_EARLIER)]
    evidence: list[_Evidence]
    round: Annotated[int, Field(ge=0, le=99)] = 0


def packet_json(packet: Packet) -> dict[str, object]:
    """The document for `packet`. Of evidence only the revision in force is told, and not who added it."""
    clauses = _clauses_by_piece(packet.now)
    return {
        "format": f"{packet.kind.format_name}/1",
        "id": packet.id,
        "kind": packet.kind.value,
        "generator": packet.generator,
        "made_at": packet.made_at,
        "sender": _flat(packet.sender),
        "hospital": packet.hospital,
        "assessment": packet.assessment,
        "target": packet.target,
        "pack": _flat(packet.pack),
        "department": {**_flat(packet.department), "people": list(packet.department.people)},
        "person": packet.person,
        "deadline": packet.deadline,
        "clauses": list(packet.clauses),
        "tasks": {clause: _task(task) for clause, task in packet.tasks.items()},
        "base": values_to_json(packet.base),
        "now": None if packet.kind is PacketKind.OUT else values_to_json(packet.now),
        "earlier": list(_changes(packet)),
        "evidence": [{"id": key, "clauses": clauses[key], **_flat(file)} for key, file in packet.evidence.items()],
        **({"round": packet.round} if packet.kind is PacketKind.REVIEW else {}),
    }


def _clauses_by_piece(values: Values) -> dict[str, list[str]]:
    """The clauses of each piece of evidence, and of each photo."""
    found = {key: list(piece.clauses) for key, piece in pieces_of(values).items()}
    photos = {key.key: value for key, value in values.items() if key.kind is MergeKind.PHOTO}
    return found | {key: list(photo_clauses(value)) for key, value in photos.items()}


def _flat(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__match_args__}


def _task(task: Task) -> dict[str, str]:
    return {name: text for name, text in _flat(task).items() if name != "department"}


def _changes(packet: Packet) -> Iterator[dict[str, object]]:
    """Each earlier state as what changed from the one before it, the first from `base`."""
    before: Values = packet.base
    for state in packet.earlier[-MOST_EARLIER:]:
        gone = [key for key in before if key not in state.values]
        changed = {key: value for key, value in state.values.items() if before.get(key) != value}
        yield {"id": state.id, "changed": {**values_to_json(changed), **{key.text: None for key in gone}}}
        before = state.values


def read_packet(data: object, name: str) -> Packet:
    """`data` (parsed JSON) as a packet; FileProblems or ValueError (Chinese) where it is none.

    Whether its clauses are in the pack and its files in the bag is not looked at.
    """
    check_texts(data)
    file = validate(Marked(name, data, {}), _File)
    kind = PacketKind(file.kind)
    if file.format != f"{kind.format_name}/1" or (kind is PacketKind.REVIEW) != (file.round > 0):
        raise ValueError("kind、format、round 互相不符")
    base = _values(file.base, "base")
    if (file.now is None) != (kind is PacketKind.OUT):
        raise ValueError("now：核查结果里缺少" if kind is PacketKind.REVIEW else "now：只有交回的任务包才有")
    now = base if file.now is None else _values(file.now, "now")
    earlier = tuple(_earlier(file.earlier, base))
    for values in (base, now, *(state.values for state in earlier)):
        _check_side(kind, values)
        _check_stamps(file.round, values)
    clauses = tuple(dict.fromkeys(file.clauses))
    for text in (file.made_at, *(piece.added_at for piece in file.evidence)):
        check_time(text)
    for text in (file.deadline, *(task.deadline for task in file.tasks.values())):
        check_time(text or "2000-01-01", date)
    return Packet(
        id=file.id,
        kind=kind,
        generator=file.generator,
        made_at=file.made_at,
        sender=Sender(file.sender.name, file.sender.organisation),
        hospital=file.hospital,
        assessment=file.assessment,
        target=file.target,
        pack=PackName(file.pack.id, file.pack.version, file.pack.name, file.pack.digest),
        department=Department(file.department.id, file.department.name, tuple(file.department.people)),
        person=file.person,
        deadline=file.deadline,
        clauses=clauses,
        tasks={clause: _read_task(task, file.department.id) for clause, task in file.tasks.items()},
        base=base,
        now=now,
        evidence=_photos(file.evidence, now) if kind is PacketKind.REVIEW else _pieces(file.evidence, now),
        earlier=earlier,
        round=file.round,
    )


def _values(data: Mapping[str, Any], where: str) -> dict[MergeKey, Value]:
    try:
        values = values_from_json(data)
    except ValueError as error:
        raise ValueError(f"{where}：“{str(error)[:80]}”的值不对") from None
    for key, value in values.items():
        several_lines = key.field in LONG_TEXTS.get(key.kind, ())
        lines = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        for line in () if several_lines else lines:
            check_line(line, f"{where}：“{key.text[:80]}”")
        if key.field == STAMP or key.kind is MergeKind.PHOTO:
            check_time(value[1], what=f"{where}：“{key.text[:80]}”里")  # it stands in the same place of both
    return values


def _check_side(kind: PacketKind, values: Values) -> None:
    """ValueError where experts speak for the hospital, or a department for experts."""
    experts = (MergeKind.REVIEW, MergeKind.PHOTO)
    for key in values:
        if (key.kind in experts) is not (kind is PacketKind.REVIEW):
            only = "核查结果里只有专家的意见" if kind is PacketKind.REVIEW else "任务包里没有专家的意见"
            raise ValueError(f"“{key.text[:80]}”：{only}")


def _check_stamps(number: int, values: Values) -> None:
    """ValueError where an opinion has no stamp, or is of a visit that is still to come: it would stand for good."""
    for key, value in values.items():
        if key.kind is not MergeKind.REVIEW:
            continue
        if key.field == STAMP and int(value[4]) > number:
            raise ValueError(f"“{key.text[:80]}”：第 {value[4]} 轮还没有开始")
        if MergeKey(key.kind, key.key, STAMP) not in values:
            raise ValueError(f"“{key.text[:80]}”：没有写谁在什么时候核查")


def _earlier(states: Iterable[_Earlier], base: Values) -> Iterator[Earlier]:
    values = base
    for state in states:
        changed = _values({key: value for key, value in state.changed.items() if value is not None}, "earlier")
        gone = {key for key, value in state.changed.items() if value is None}
        values = {key: value for key, value in values.items() if key.text not in gone} | changed
        yield Earlier(state.id, values)


def _read_task(task: _Task, department: str) -> Task:
    return Task(department, task.person, task.deadline, WorkState(task.state), task.comment)


def _pieces(listed: Iterable[_Evidence], now: Values) -> dict[str, PacketFile]:
    """Each piece of `now` with its file; ValueError where a piece is told in part only, or twice, or otherwise."""
    told = pieces_of(now)
    found: dict[str, PacketFile] = {}
    for piece in listed:
        known = told.get(piece.id)
        if piece.id in found or known is None:
            raise ValueError(f"实证材料“{piece.id}”重复，或没有它的内容")
        if known.fields.get("file") != piece.sha256 or list(known.clauses) != piece.clauses:
            raise ValueError(f"实证材料“{piece.id}”前后写的文件或条款不同")
        if not {"kind", "file"} <= known.fields.keys() <= set(PIECE_FIELDS):
            raise ValueError(f"实证材料“{piece.id}”不完整")
        found[piece.id] = _file(piece)
    in_values = {key.key for key in now if key.kind in (MergeKind.EVIDENCE, MergeKind.LINK)}
    if missing := in_values - found.keys():
        raise ValueError(f"没有写明实证材料“{min(missing)[:40]}”的文件")
    return found


def _photos(listed: Iterable[_Evidence], now: Values) -> dict[str, PacketFile]:
    """As `_pieces`, of the photos in a review file."""
    told = {key.key: value for key, value in now.items() if key.kind is MergeKind.PHOTO}
    found: dict[str, PacketFile] = {}
    for photo in listed:
        value = told.get(photo.id)
        if photo.id in found or value is None:
            raise ValueError(f"照片“{photo.id}”重复，或没有它的内容")
        if photo_file(value) != photo.sha256 or list(photo_clauses(value)) != photo.clauses:
            raise ValueError(f"照片“{photo.id}”前后写的文件或条款不同")
        found[photo.id] = _file(photo)
    if missing := told.keys() - found.keys():
        raise ValueError(f"没有写明照片“{min(missing)[:40]}”的文件")
    return found


def _file(piece: _Evidence) -> PacketFile:
    return PacketFile(piece.sha256, piece.file_name, piece.size, piece.media_type, piece.added_at, piece.path)
