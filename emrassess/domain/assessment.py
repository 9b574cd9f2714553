"""An assessment as a whole: what a workspace holds, as one immutable value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.pack import Category, Dimension, Pack, ReviewGroup


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
class Revision:
    """One state of the file behind a piece of evidence. Times are ISO 8601 with offset; `size` in bytes."""

    sha256: str
    file_name: str
    size: int
    media_type: str
    added_at: str
    added_by: str


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


UNANSWERED = ClauseAnswer()


@dataclass(frozen=True)
class Assessment:
    """Everything a workspace holds. Coverage and quality by item, level (and dimension)."""

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

    def answer(self, clause: str) -> ClauseAnswer:
        return self.answers.get(clause, UNANSWERED)

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


def with_clauses(evidence: Evidence, clauses: Iterable[str]) -> Evidence:
    """The same piece proving `clauses`, each once, order kept."""
    return replace(evidence, clauses=tuple(dict.fromkeys(clauses)))
