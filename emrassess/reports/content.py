"""Everything the reports say, gathered once; PDF, table and web page only render it.

Shares are 0..1 with two places, points are exact. Texts of users are as they typed them: each writer escapes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.assessment import Assessment, Evidence, EvidenceState, evidence_by_clause, evidence_state
from emrassess.domain.gaps import Plan, plan_to_target
from emrassess.domain.pack import Category, CoverageBasis, Dimension, Item, LevelRow, Pack, ReviewGroup
from emrassess.domain.readiness import Readiness, group_readiness, role_readiness
from emrassess.domain.reasons import plain, reason_text
from emrassess.domain.scoring import ItemScore, LevelOutcome, LevelResult, Score, Standing, score
from emrassess.reports.contrast import Contrast
from emrassess.reports.demand_words import demand_phrase
from emrassess.reports.gap_lines import GapLine, gap_lines
from emrassess.reports.wording import OUTCOME_NAMES, two_places


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """A clause with the hospital's answer; `evidence`: numbers of the pieces that prove it.

    `points`: None in a scheme that gives clauses none. `official`: the official wording, "" unless it was asked for.
    """

    id: str
    level: int
    text: str
    hint: str
    verdict: Verdict
    note: str
    demonstration: str
    evidence: tuple[int, ...]
    state: EvidenceState
    points: Decimal | None
    official: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A level row of an item. `coverage` None in a scheme without; `given`: as entered at this level.

    `points`: what the level earns, of `whole` at most; None where it does not count.
    """

    level: int
    summary: str
    category: Category | None
    clauses: tuple[ClauseLine, ...]
    coverage: Decimal | None
    given: Ratio | None
    quality: Decimal
    coefficients: tuple[tuple[Dimension, Ratio | None], ...]
    points: Decimal | None
    whole: Decimal
    standing: Standing

    @property
    def met(self) -> int:
        return sum(clause.verdict is Verdict.MET for clause in self.clauses)


@dataclass(frozen=True)
class ItemSheet:
    """An item with its ladder. `passes`: as its category asks at the target; None where it has no such row.

    `working`: how the score comes about, as the scheme has it.
    """

    code: str
    name: str
    role: str
    role_name: str
    groups: tuple[str, ...]
    function_level: int
    score: Decimal
    scored_level: int
    working: str
    basis: CoverageBasis
    has_quality: bool
    rungs: tuple[Rung, ...]
    category: Category | None
    passes: bool | None
    limits: tuple[str, ...]
    gap: GapLine | None

    @cached_property
    def by_level(self) -> Mapping[int, Rung]:
        return {rung.level: rung for rung in self.rungs}

    @property
    def clauses(self) -> tuple[ClauseLine, ...]:
        return tuple(clause for rung in self.rungs for clause in rung.clauses)


@dataclass(frozen=True, slots=True)
class LevelLine:
    """The verdict of a level with the counts it rests on, and its reasons as sentences."""

    result: LevelResult
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A piece of evidence with its number in this report, counted from 1. `path`: its file, which may be missing."""

    number: int
    piece: Evidence
    path: Path
    present: bool

    @property
    def label(self) -> str:
        """What to call it: title, else file name."""
        return self.piece.title.strip() or self.piece.current.file_name

    @property
    def suffix(self) -> str:
        """`PDF`, `XLSX`; empty where the file name has none."""
        return Path(self.piece.current.file_name).suffix.lstrip(".").upper()[:6]


@dataclass(frozen=True, slots=True)
class EvidenceCensus:
    """State of the evidence. Clauses are those met up to the target; `lacking`, `missing`: numbers of pieces."""

    pieces: int
    unlinked: int
    met: int
    complete: int
    incomplete: int
    without: int
    lacking: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True)
class ReportContent:
    """A whole report. `unverified`: code and name of the items whose category at the target is open.

    `method`, `standings`: the scheme's words. The `has_…` say which figures there are at all: categories of level
    rows, coverage, indices of data quality, points of clauses. `contrast`: what is other than when it was submitted.
    """

    assessment_id: str
    hospital: str
    target: int
    target_name: str
    created: datetime
    standard: str
    document_number: str
    pack_id: str
    pack_version: str
    pack_digest: str
    method: tuple[str, ...]
    standings: Mapping[Standing, str]
    has_categories: bool
    has_coverage: bool
    has_quality: bool
    has_points: bool
    certain: int
    possible: int
    total: Decimal
    headline: str
    levels: tuple[LevelLine, ...]
    unverified: tuple[tuple[str, str], ...]
    groups: tuple[Readiness, ...]
    roles: tuple[Readiness, ...]
    plan: Plan
    gaps: tuple[GapLine, ...]
    items: tuple[ItemSheet, ...]
    evidence: tuple[Exhibit, ...]
    census: EvidenceCensus
    contrast: Contrast | None

    @property
    def standard_named(self) -> str:
        """The standard with its document number, where it has one."""
        return f"{self.standard}（{self.document_number}）" if self.document_number else self.standard

    @cached_property
    def goal(self) -> LevelLine:
        """The verdict of the target level."""
        return next(line for line in self.levels if line.result.level == self.target)

    @cached_property
    def by_number(self) -> Mapping[int, Exhibit]:
        return {exhibit.number: exhibit for exhibit in self.evidence}


def gather(
    pack: Pack,
    assessment: Assessment,
    now: datetime,
    evidence_path: Callable[[str], Path],
    *,
    with_wording: bool = False,
    contrast: Contrast | None = None,
) -> ReportContent:
    """All that the reports on `assessment` say. `evidence_path` gives the file of a SHA-256; it may not exist.

    `with_wording`: the official wording too, which is not ours to hand on unasked; only the web page shows it.
    """
    scheme = pack.scheme
    answers = assessment.as_answers()
    scored = score(pack, answers)
    exhibits = _exhibits(assessment, evidence_path)
    states = {clause: evidence_state(pieces) for clause, pieces in evidence_by_clause(assessment).items()}
    plan = plan_to_target(pack, answers, scored)
    gaps = gap_lines(pack, plan)
    groups = assessment.review_groups(pack)
    goal = scored.levels[assessment.target]
    wording = assessment.wording if with_wording else {}
    sheets = _Sheets(pack, assessment, answers, scored, groups, states, gaps, exhibits, wording)
    items = tuple(sheets.sheet(item) for item in pack.items)
    return ReportContent(
        assessment_id=assessment.id,
        hospital=hospital_named(assessment),
        target=assessment.target,
        target_name=goal.name,
        created=now,
        standard=pack.standard,
        document_number=pack.document_number,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_digest=pack.digest,
        method=scheme.method,
        standings=scheme.standings,
        has_categories=scheme.has_categories,
        has_coverage=scheme.has_coverage,
        has_quality=any(item.has_quality for item in pack.items),
        has_points=any(clause.points is not None for clause in pack.clause_by_id.values()),
        certain=scored.certain,
        possible=scored.possible,
        total=scored.total,
        headline=_headline(scored, goal, plan, has_categories=scheme.has_categories),
        levels=tuple(_level_line(pack, result) for result in scored.levels.values()),
        unverified=tuple((code, pack.item_by_code[code].name) for code in goal.unverified_items),
        groups=group_readiness(pack, answers, scored, states, groups),
        roles=role_readiness(pack, answers, scored, states),
        plan=plan,
        gaps=gaps,
        items=items,
        evidence=exhibits,
        census=_census(items, exhibits, assessment.target),
        contrast=contrast,
    )


def hospital_named(assessment: Assessment) -> str:
    """The hospital's name, or that there is none."""
    return assessment.hospital.strip() or "（未填写医院名称）"


def _level_line(pack: Pack, result: LevelResult) -> LevelLine:
    return LevelLine(result, tuple(reason_text(reason, pack) for reason in result.reasons))


def _headline(scored: Score, goal: LevelResult, plan: Plan, *, has_categories: bool) -> str:
    """The verdict as one sentence that a director can repeat."""
    sure = "确定" if has_categories else ""
    attained = f"目前{sure}达到 {scored.certain} 级" if scored.certain else f"目前还没有{sure}达到任何级别"
    if scored.possible > scored.certain:
        attained += f"，可能达到 {scored.possible} 级"
    if plan.minimum:
        figures = f"总分 {two_places(scored.total)}，{goal.level} 级最低要求 {plain(plan.minimum)}"
    else:
        figures = "，".join(demand_phrase(demand, goal.level) for demand in goal.demands)
    if goal.outcome is LevelOutcome.UNDETERMINED and has_categories:
        figures += "；待核对的评价类别核对后才能定论"
    return f"{attained}；目标 {goal.level} 级：{OUTCOME_NAMES[goal.outcome]}（{figures}）。"


def _exhibits(assessment: Assessment, evidence_path: Callable[[str], Path]) -> tuple[Exhibit, ...]:
    """Evidence numbered in the order of the clauses it proves; unlinked pieces last."""

    def place(piece: Evidence) -> tuple[bool, str]:
        return not piece.clauses, min(piece.clauses, default="")

    pieces = sorted(assessment.evidence.values(), key=place)
    found = []
    for number, piece in enumerate(pieces, 1):
        path = evidence_path(piece.current.sha256)
        found.append(Exhibit(number, piece, path, path.is_file()))
    return tuple(found)


def _census(items: Iterable[ItemSheet], exhibits: tuple[Exhibit, ...], target: int) -> EvidenceCensus:
    met = [
        clause for item in items for clause in item.clauses
        if clause.level <= target and clause.verdict is Verdict.MET
    ]  # fmt: skip
    states = Counter(clause.state for clause in met)
    return EvidenceCensus(
        pieces=len(exhibits),
        unlinked=sum(not exhibit.piece.clauses for exhibit in exhibits),
        met=len(met),
        complete=states[EvidenceState.COMPLETE],
        incomplete=states[EvidenceState.INCOMPLETE],
        without=states[EvidenceState.NONE],
        lacking=tuple(exhibit.number for exhibit in exhibits if exhibit.piece.lacks),
        missing=tuple(exhibit.number for exhibit in exhibits if not exhibit.present),
    )


class _Sheets:
    """Makes the sheet of an item from the parts of one assessment."""

    def __init__(
        self,
        pack: Pack,
        assessment: Assessment,
        answers: Answers,
        scored: Score,
        groups: tuple[ReviewGroup, ...],
        states: Mapping[str, EvidenceState],
        gaps: tuple[GapLine, ...],
        exhibits: tuple[Exhibit, ...],
        wording: Mapping[str, str],
    ) -> None:
        self.pack, self.assessment, self.answers, self.scored = pack, assessment, answers, scored
        self.groups, self.states, self.wording = groups, states, wording
        self.gap_by_item = {gap.item: gap for gap in reversed(gaps)}  # a needed one goes before a spare one
        self.numbers: dict[str, list[int]] = {}
        for exhibit in exhibits:
            for clause in exhibit.piece.clauses:
                self.numbers.setdefault(clause, []).append(exhibit.number)

    def sheet(self, item: Item) -> ItemSheet:
        result = self.scored.items[item.code]
        target = self.scored.target
        has_row = target in item.by_level
        category = self.answers.category(self.pack, item.code, target) if has_row else None
        return ItemSheet(
            code=item.code,
            name=item.name,
            role=item.role,
            role_name=self.pack.role_by_code[item.role].name,
            groups=tuple(group.code for group in self.groups if item.code in group.items),
            function_level=result.function_level,
            score=result.score,
            scored_level=result.scored_level,
            working=self.pack.scheme.working(result),
            basis=item.coverage,
            has_quality=item.has_quality,
            rungs=tuple(self._rung(item, row, result) for row in item.rows),
            category=category,
            passes=result.passes(target, category) if has_row else None,
            limits=tuple(reason_text(reason, self.pack) for reason in result.limits),
            gap=self.gap_by_item.get(item.code),
        )

    def _rung(self, item: Item, row: LevelRow, result: ItemScore) -> Rung:
        level = row.level
        return Rung(
            level=level,
            summary=row.summary,
            category=self.answers.category(self.pack, item.code, level),
            clauses=tuple(self._clause(row, index) for index in range(len(row.clauses))),
            coverage=result.coverage.get(level),
            given=self.answers.coverage.get(item.code, {}).get(level),
            quality=result.quality[level],
            coefficients=self._coefficients(item, level),
            points=result.points.get(level),
            whole=result.whole[level],
            standing=result.standing(row, self.answers),
        )

    def _clause(self, row: LevelRow, index: int) -> ClauseLine:
        clause = row.clauses[index]
        answer = self.assessment.answer(clause.id)
        return ClauseLine(
            clause.id, row.level, clause.text, clause.evidence, answer.verdict, answer.note, answer.demonstration,
            tuple(self.numbers.get(clause.id, ())), self.states.get(clause.id, EvidenceState.NONE),
            clause.points, self.wording.get(clause.id, ""),
        )  # fmt: skip

    def _coefficients(self, item: Item, level: int) -> tuple[tuple[Dimension, Ratio | None], ...]:
        source = item.quality_rows[level]
        if source is None:
            return ()
        given = self.answers.quality.get(item.code, {}).get(source.level, {})
        return tuple((dimension, given.get(dimension)) for dimension in source.dimensions)
