"""What departments pass to and fro, as plain JSON data under keys that a merge can compare one by one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, Evidence, EvidenceKind
from emrassess.domain.pack import LEVELS, Dimension
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.domain.review import ExpertVerdict, Severity

Value = Any
"""JSON data; None where nothing is there."""


class MergeKind(StrEnum):
    """What a value is about."""

    ANSWER = "answer"
    COVERAGE = "coverage"
    QUALITY = "quality"
    EVIDENCE = "evidence"
    LINK = "link"
    REVIEW = "review"
    PHOTO = "photo"


PIECE_KINDS = (MergeKind.EVIDENCE, MergeKind.LINK)
"""The kinds that make up pieces of evidence. A name of its own: looking a member up in its enumeration is slow."""
WHOLE = ""
"""The field that stands for a whole piece of evidence: its fields by name, and its `clauses`."""
TEXTS = ("note", "demonstration")
"""Fields of an answer in which people write at length."""
REVIEW_TEXTS = ("seen", "problem", "suggestion")
"""Fields of an opinion in which experts do."""
STAMP = "stamp"
"""The field of an opinion that says where, when, by whom, for which group and in which round it was last written."""
PIECE_FIELDS = ("title", "kind", "source_system", "captured_at", "file")
LONG_TEXTS = {MergeKind.ANSWER: TEXTS, MergeKind.REVIEW: REVIEW_TEXTS}
"""Fields in which people write at length, by kind."""
_TEXT_FIELDS = {**LONG_TEXTS, MergeKind.EVIDENCE: PIECE_FIELDS}
_FIELD_NAMES = {
    "verdict": "自评结论",
    "note": "说明",
    "demonstration": "演示路径",
    "title": "标题",
    "kind": "类型",
    "source_system": "来源系统",
    "captured_at": "截取时间",
    "file": "文件",
    WHOLE: "实证材料",
    "seen": "现场所见",
    "problem": "问题",
    "suggestion": "整改建议",
    "severity": "严重程度",
    STAMP: "核查地点和时间",
}


class MergeKey(NamedTuple):
    """Where a value stands.

    | kind | key | field | value |
    |---|---|---|---|
    | answer | clause | verdict, note, demonstration | text |
    | coverage | "01.01/4" | "" | see `ratio_value` |
    | quality | "01.01/4/consistency" | "" | see `ratio_value` |
    | evidence | piece | title, kind, source_system, captured_at, file (SHA-256 of the revision in force) | text |
    | link | piece | clause | true |
    | review | clause | verdict, severity, seen, problem, suggestion | text |
    | review | clause | stamp | [place, at, by, group, round] |
    | photo | photo | "" | [title, taken_at, added_by, SHA-256, clause, …] |

    What is empty, not assessed or not linked has no key. Only differences know the whole piece (evidence, field "").
    """

    kind: MergeKind
    key: str
    field: str = ""

    @property
    def text(self) -> str:
        """As one text, for JSON and storage: "answer:01.01.4(1):note"."""
        return f"{self.kind.value}:{self.key}:{self.field}"

    @classmethod
    def parse(cls, text: str) -> "MergeKey":
        """The reverse of `text`; ValueError where it is none."""
        kind, _, rest = text.partition(":")
        key, colon, field = rest.rpartition(":")
        if not colon:
            raise ValueError(text)
        return cls(MergeKind(kind), key, field)

    @property
    def place(self) -> str:
        """The clause or level row that it is about; "" for a piece of evidence."""
        match self.kind:
            case MergeKind.ANSWER | MergeKind.REVIEW:
                return self.key
            case MergeKind.LINK:
                return self.field
            case MergeKind.EVIDENCE | MergeKind.PHOTO:
                return ""
            case _:
                return ".".join(self.key.split("/")[:2])

    @property
    def name(self) -> str:
        """What it is called on screen."""
        match self.kind:
            case MergeKind.COVERAGE:
                return "有效应用比例"
            case MergeKind.QUALITY:
                return f"{DIMENSION_NAMES[Dimension(self.key.rpartition('/')[2])]}系数"
            case MergeKind.LINK:
                return "实证材料的关联"
            case MergeKind.PHOTO:
                return "现场照片"
            case MergeKind.REVIEW if self.field == "verdict":
                return "核查结论"
            case _:
                return _FIELD_NAMES[self.field]


def row_of(clause: str) -> str:
    """The level row of a clause as coverage and quality name it: "01.01/4"."""
    return f"{clause[:5]}/{clause[6:7]}"


def cell_row(key: MergeKey) -> str:
    """The level row ("01.01/4") of a coverage or quality value."""
    return "/".join(key.key.split("/")[:2])


# --- ratios

_FRACTION = re.compile(r"[0-9]{1,99}(/[0-9]{1,99})?")


def ratio_value(ratio: Ratio) -> Value:
    """Exact JSON data: ["950", "1000"] where it was counted, else the fraction's text, "19/20"."""
    if ratio.numerator is not None and ratio.denominator is not None:
        return [str(ratio.numerator), str(ratio.denominator)]
    return str(ratio.value)


def ratio_of(value: Value) -> Ratio:
    """The reverse of `ratio_value`; ValueError (Chinese) where the data is none, or outside 0..1."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) and _FRACTION.fullmatch(part) for part in parts):
        raise ValueError("比例写得不对")
    if isinstance(value, list):
        if len(value) != 2:
            raise ValueError("比例应为分子、分母两个数")
        if "/" in "".join(value):
            raise ValueError("分子、分母应为整数")
        return Ratio.counted(*map(int, value))
    try:
        share = Fraction(value)
    except ZeroDivisionError:
        raise ValueError("分母不能为 0") from None
    if share > 1:
        raise ValueError(f"比例 {value} 不在 0 到 1 之间")
    return Ratio(share)


# --- values as JSON and back

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CELL = re.compile(rf"[0-9]{{2}}\.[0-9]{{2}}/[{LEVELS[0]}-{LEVELS[-1]}]")


def values_to_json(values: Mapping[MergeKey, Value]) -> dict[str, Value]:
    """The values under the texts of their keys."""
    return {key.text: value for key, value in values.items()}


def values_from_json(data: Mapping[str, Value]) -> dict[MergeKey, Value]:
    """The reverse of `values_to_json`; ValueError with the text of a key where `flatten` would not have written it so.

    Whether clauses, level rows and pieces are there is not looked at.
    """
    values: dict[MergeKey, Value] = {}
    for text, value in data.items():
        try:
            key = MergeKey.parse(text)
            if not _is_known(key, value):
                raise ValueError
        except ValueError:
            raise ValueError(text) from None
        values[key] = value
    return values


def _is_known(key: MergeKey, value: Value) -> bool:
    """Whether `value` can stand at `key`; ValueError too says that it cannot."""
    cell, _, dimension = key.key.rpartition("/")
    match key.kind:
        case MergeKind.COVERAGE:
            return not key.field and _CELL.fullmatch(key.key) is not None and bool(ratio_of(value))
        case MergeKind.QUALITY:
            known = not key.field and _CELL.fullmatch(cell) is not None and bool(Dimension(dimension))
            return known and bool(ratio_of(value))
        case MergeKind.LINK:
            return value is True
        case MergeKind.PHOTO:
            return not key.field and _is_photo(value)
        case MergeKind.REVIEW if key.field == STAMP:
            return _is_stamp(value)
        case _:
            return isinstance(value, str) and bool(value) and _is_text(key, value)


def _is_text(key: MergeKey, text: str) -> bool:
    """As `_is_known`, where a text that is not empty has to stand."""
    match key.kind, key.field:
        case MergeKind.ANSWER, "verdict":
            return Verdict(text) is not Verdict.NOT_ASSESSED
        case MergeKind.REVIEW, "verdict":
            return bool(ExpertVerdict(text))
        case MergeKind.REVIEW, "severity":
            return bool(Severity(text))
        case MergeKind.EVIDENCE, "kind":
            return bool(EvidenceKind(text))
        case MergeKind.EVIDENCE, "file":
            return _DIGEST.fullmatch(text) is not None
        case kind, field:
            return field in _TEXT_FIELDS[kind]


def _is_stamp(value: Value) -> bool:
    if not isinstance(value, list) or len(value) != 5 or not all(isinstance(part, str) for part in value):
        return False
    return re.fullmatch(r"[1-9][0-9]?", value[4]) is not None


def _is_photo(value: Value) -> bool:
    if not isinstance(value, list) or len(value) < 5 or not all(isinstance(part, str) for part in value):
        return False
    return _DIGEST.fullmatch(value[3]) is not None and len(set(value[4:])) == len(value[4:])


def photo_file(value: Value) -> str:
    """SHA-256 of the file of a photo's value."""
    return value[3]


def photo_clauses(value: Value) -> tuple[str, ...]:
    """The clauses that a photo's value is about."""
    return tuple(value[4:])


def stamped_at(value: Value) -> tuple[int, datetime, str]:
    """By which the later of two stamps is told: the round, the time, and for the same time the text."""
    try:
        at = datetime.fromisoformat(value[1])
    except ValueError:
        at = datetime.min
    return int(value[4]), at if at.tzinfo else at.replace(tzinfo=UTC), "\n".join(value)


# --- an assessment as values


def flatten(assessment: Assessment, clauses: Iterable[str] | None = None) -> dict[MergeKey, Value]:
    """What the assessment says about `clauses`, all of it where None.

    Coverage and quality belong to `clauses` where any clause of their level row does; a piece of evidence where it
    proves any of them, and then only the links to them are told.
    """
    scope = None if clauses is None else frozenset(clauses)
    kind = MergeKind.ANSWER
    values: dict[MergeKey, Value] = {}
    for clause, answer in assessment.answers.items():
        if scope is None or clause in scope:
            if answer.verdict is not Verdict.NOT_ASSESSED:
                values[MergeKey(kind, clause, "verdict")] = answer.verdict.value
            if answer.note:
                values[MergeKey(kind, clause, "note")] = answer.note
            if answer.demonstration:
                values[MergeKey(kind, clause, "demonstration")] = answer.demonstration
    values.update(_cells(assessment, scope))
    for piece in assessment.evidence.values():
        values.update(_of_piece(piece, scope))
    return values


def _cells(assessment: Assessment, scope: frozenset[str] | None) -> Iterator[tuple[MergeKey, Value]]:
    """Coverage and quality of the level rows of `scope`."""
    rows = None if scope is None else {row_of(clause) for clause in scope}
    for (item, level), ratio in assessment.coverage.items():
        row = f"{item}/{level}"
        if rows is None or row in rows:
            yield MergeKey(MergeKind.COVERAGE, row), ratio_value(ratio)
    for (item, level, dimension), ratio in assessment.quality.items():
        row = f"{item}/{level}"
        if rows is None or row in rows:
            yield MergeKey(MergeKind.QUALITY, f"{row}/{dimension.value}"), ratio_value(ratio)


def _of_piece(piece: Evidence, scope: frozenset[str] | None) -> Iterator[tuple[MergeKey, Value]]:
    """Fields and links of a piece; nothing where it proves no clause of `scope`."""
    linked = [clause for clause in piece.clauses if scope is None or clause in scope]
    if scope is not None and not linked:
        return
    fields = (piece.title, piece.kind.value, piece.source_system, piece.captured_at, piece.current.sha256)
    for name, value in zip(PIECE_FIELDS, fields, strict=True):
        if value:
            yield MergeKey(MergeKind.EVIDENCE, piece.id, name), value
    for clause in linked:
        yield MergeKey(MergeKind.LINK, piece.id, clause), True


class Piece(NamedTuple):
    """A piece of evidence out of values: what fields it has, and the clauses it proves in order (values are True)."""

    fields: Mapping[str, Value]
    clauses: Mapping[str, bool]

    @property
    def value(self) -> Value:
        """As JSON data, for the whole of it."""
        return {**self.fields, "clauses": list(self.clauses)}


def pieces_of(values: Mapping[MergeKey, Value]) -> dict[str, Piece]:
    """The pieces of evidence in `values` by id; links of a piece that is not there are passed over."""
    found: dict[str, tuple[dict[str, Value], dict[str, bool]]] = {}
    evidence, link = PIECE_KINDS
    for (kind, key, field), value in values.items():
        if kind is evidence:
            found.setdefault(key, ({}, {}))[0][field] = value
        elif kind is link:
            found.setdefault(key, ({}, {}))[1][field] = True
    return {key: Piece(*parts) for key, parts in found.items() if parts[0]}


def piece_values(piece_id: str, value: Value) -> Iterator[tuple[MergeKey, Value]]:
    """The values of one piece from the whole of it; none from None."""
    for field, part in (value or {}).items():
        if field == "clauses":
            yield from ((MergeKey(MergeKind.LINK, piece_id, clause), True) for clause in part)
        else:
            yield MergeKey(MergeKind.EVIDENCE, piece_id, field), part


def twins(
    base: Mapping[str, Piece], ours: Mapping[str, Piece], theirs: Mapping[str, Piece], masked: Mapping[str, str]
) -> dict[str, str]:
    """Pieces of theirs that are here under another id: the same file, and neither id is on both sides; each once.

    A masked piece is also known by the file that its copy was made from.
    """
    alone = [key for key in ours if key not in theirs]
    waiting: dict[Value, dict[str, None]] = {}
    for files in ({key: ours[key].fields.get("file") for key in alone}, masked):
        for key in alone:
            if file := files.get(key):
                waiting.setdefault(file, {})[key] = None
    ids: dict[str, str] = {}
    used: set[str] = set()
    for key, piece in theirs.items():
        if key in ours:
            continue
        # A piece that went out is also known by the file that it had then.
        for known in (piece, base.get(key)):
            fitting = waiting.get(known.fields.get("file"), {}) if known else {}
            if here := next((key for key in fitting if key not in used), None):
                ids[key] = here
                used.add(here)
                break
    return ids
