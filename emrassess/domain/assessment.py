"""An assessment as a whole: what a workspace holds, as one immutable value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.ledger import Finding
from emrassess.domain.pack import Category, Dimension, Pack, ReviewGroup
from emrassess.domain.planning import Department, Task
from emrassess.domain.review import NO_OPINION, ROUND_ONE, Opinion, Photo, ReviewInfo

if TYPE_CHECKING:  # merge.py looks at assessments
    from emrassess.domain.merge import Why


class EvidenceKind(StrEnum):
    """Kinds of evidence (实证材料)."""

    SCREENSHOT = "screenshot"
    DOCUMENT = "document"
    STATISTIC = "statistic"
    NARRATIVE = "narrative"
    DEMONSTRATION = "demonstration"


class EvidenceState(StrEnum):
    """How far the evidence of a clause is."""

    NONE = "none"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a picture; all four as fractions 0..1 of its width and height, from the upper left."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the file behind a piece of evidence. Times are ISO 8601 with offset; `size` in bytes.

    `masked_from`: SHA-256 of the original where this is a masked copy, else ""; `masks`: what is covered on it. The
    original never goes outward.
    """

    sha256: str
    file_name: str
    size: int
    media_type: str
    added_at: str
    added_by: str
    masked_from: str = ""
    masks: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence. The last of `revisions` is the one in force; `clauses` in the order they were linked."""

    id: str
    title: str
    kind: EvidenceKind
    source_system: str
    captured_at: str
    revisions: tuple[Revision, ...]
    clauses: tuple[str, ...] = ()

    @property
    def current(self) -> Revision:
        return self.revisions[-1]

    @property
    def kept_back(self) -> frozenset[str]:
        """SHA-256 of the pictures that were masked, but for one that is in force again."""
        return frozenset(revision.masked_from for revision in self.revisions) - {"", self.current.sha256}

    @property
    def lacks(self) -> tuple[str, ...]:
        """What experts would miss, in Chinese: title, source system, time of capture, a readable file."""
        needs_source = self.kind in (EvidenceKind.SCREENSHOT, EvidenceKind.STATISTIC)
        missing = []
        if not self.title.strip():
            missing.append("标题")
        if needs_source and not self.source_system.strip():
            missing.append("来源系统")
        if needs_source and not self.captured_at.strip():
            missing.append("截取时间")
        if self.current.size == 0:
            missing.append("内容（文件为空）")
        return tuple(missing)


@dataclass(frozen=True, slots=True)
class ClauseAnswer:
    """What the hospital says to a clause: self verdict, notes, and where it is shown in the system."""

    verdict: Verdict = Verdict.NOT_ASSESSED
    note: str = ""
    demonstration: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A category as a person read it in the official document; `at` is ISO 8601 with offset."""

    category: Category
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class OfficialSource:
    """The official document that the wording came from; "" where it does not say. `taken_at`: ISO 8601 with offset."""

    file_name: str
    sha256: str
    title: str
    document_number: str
    taken_at: str
    taken_by: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """Why a clause is marked for another look, in Chinese."""

    why: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a packet, as the packet says."""

    name: str
    organisation: str


@dataclass(frozen=True)
class PacketInfo:
    """The packet that a workspace was opened from; it holds the packet's clauses and no others.

    `assessment`: id of the assessment that it is a part of; `department`, `department_name`: whose it is; `person`: who
    answers for it, "" where nobody is named; `deadline`: ISO date or "". `base`: the values when the packet went out,
    by the text of their MergeKey, None where there was nothing.
    """

    id: str
    assessment: str
    department: str
    department_name: str
    person: str
    deadline: str
    hospital: str
    sender: Sender
    clauses: tuple[str, ...]
    base: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MergeRecord:
    """A packet that was merged. `at`: ISO 8601 with offset; `department`: its id; `counts`: values by what became of
    them, as `taken` or `conflicts`.
    """

    at: str
    by: str
    packet: str
    department: str
    sender: Sender
    counts: Mapping[str, int]


class Decision(StrEnum):
    """What a person decided about a conflict; OPEN: nothing yet. BOTH: the two texts joined."""

    OPEN = ""
    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that a packet brought and a person has to decide.

    `merge`: id of the MergeRecord; `key`: text of a MergeKey. `base`, `ours`, `theirs`: JSON data, None where there is
    nothing. `clauses`: those it is about. A decided one stays, so that the same packet does not raise it again.
    """

    merge: str
    key: str
    base: Any
    ours: Any
    theirs: Any
    clauses: tuple[str, ...] = ()
    why: "Why | None" = None
    decision: Decision = Decision.OPEN


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a finding of the check-up is to stay as it is; `at` is ISO 8601 with offset."""

    reason: str
    by: str
    at: str


UNANSWERED = ClauseAnswer()


@dataclass(frozen=True)
class Assessment:
    """Everything a workspace holds. Coverage and quality by item, level (and dimension).

    `wording`: the official wording by clause, from `official`; it is the hospital's copy and goes nowhere else.
    `rechecks`: clauses to look at again. `tasks` by clause; one without is not assigned. `accepted` by id of a
    check-up's finding. `packet`: where this is a packet opened by a department.

    `opinions`: what experts said, by clause; `photos`: theirs, by id; `findings`: the ledger, by id; `review_round`:
    the visit that is on, or comes next. `review`: where this is a package opened by an expert. `ledger_columns`: heads
    of the ledger's table in the order in which it was last read back, None where that is the usual one.
    """

    id: str
    hospital: str
    pack: str
    pack_version: str
    target: int
    created_at: str = ""
    answers: Mapping[str, ClauseAnswer] = field(default_factory=dict)
    coverage: Mapping[tuple[str, int], Ratio] = field(default_factory=dict)
    quality: Mapping[tuple[str, int, Dimension], Ratio] = field(default_factory=dict)
    categories: Mapping[tuple[str, int], Confirmation] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    groups: tuple[ReviewGroup, ...] | None = None
    wording: Mapping[str, str] = field(default_factory=dict)
    official: OfficialSource | None = None
    rechecks: Mapping[str, Recheck] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    merges: Mapping[str, MergeRecord] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    packet: PacketInfo | None = None
    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    photos: Mapping[str, Photo] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)
    review_round: int = ROUND_ONE
    review: ReviewInfo | None = None
    ledger_columns: tuple[str, ...] | None = None

    @cached_property
    def scope(self) -> frozenset[str] | None:
        """The clauses it is limited to; None where it is about all of the pack."""
        return None if self.packet is None else frozenset(self.packet.clauses)

    def answer(self, clause: str) -> ClauseAnswer:
        return self.answers.get(clause, UNANSWERED)

    def opinion(self, clause: str) -> Opinion:
        return self.opinions.get(clause, NO_OPINION)

    @property
    def current_round(self) -> int:
        """The visit of the experts that is on, or comes next."""
        return self.review.round if self.review else self.review_round

    def as_answers(self) -> Answers:
        """What scoring looks at."""
        coverage: dict[str, dict[int, Ratio]] = {}
        for (item, level), ratio in self.coverage.items():
            coverage.setdefault(item, {})[level] = ratio
        quality: dict[str, dict[int, dict[Dimension, Ratio]]] = {}
        for (item, level, dimension), ratio in self.quality.items():
            quality.setdefault(item, {}).setdefault(level, {})[dimension] = ratio
        categories: dict[str, dict[int, Category]] = {}
        for (item, level), confirmation in self.categories.items():
            categories.setdefault(item, {})[level] = confirmation.category
        verdicts = {clause: answer.verdict for clause, answer in self.answers.items()}
        return Answers(self.pack, self.target, verdicts, coverage, quality, categories)

    def review_groups(self, pack: Pack) -> tuple[ReviewGroup, ...]:
        """The workspace's own composition of groups, else the pack's."""
        return self.groups if self.groups is not None else pack.groups


def evidence_by_clause(assessment: Assessment) -> dict[str, tuple[Evidence, ...]]:
    """Evidence of each clause that has any, in the order it was added."""
    found: dict[str, list[Evidence]] = {}
    for piece in assessment.evidence.values():
        for clause in piece.clauses:
            found.setdefault(clause, []).append(piece)
    return {clause: tuple(pieces) for clause, pieces in found.items()}


def evidence_state(pieces: Iterable[Evidence]) -> EvidenceState:
    """None without a piece; complete where no piece lacks anything; else incomplete."""
    listed = tuple(pieces)
    if not listed:
        return EvidenceState.NONE
    return EvidenceState.INCOMPLETE if any(piece.lacks for piece in listed) else EvidenceState.COMPLETE


def used_files(assessment: Assessment) -> frozenset[str]:
    """SHA-256 of every file behind evidence and photos: earlier revisions and the originals of masked copies too."""
    revisions = [revision for piece in assessment.evidence.values() for revision in piece.revisions]
    names = {name for revision in revisions for name in (revision.sha256, revision.masked_from) if name}
    return frozenset(names | {photo.sha256 for photo in assessment.photos.values()})


def with_clauses(evidence: Evidence, clauses: Iterable[str]) -> Evidence:
    """The same piece proving `clauses`, each once, order kept."""
    return replace(evidence, clauses=tuple(dict.fromkeys(clauses)))
