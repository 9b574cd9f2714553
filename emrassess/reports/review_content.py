"""Everything the feedback of a review group says, gathered once; slides, PDF and Word only render it.

Texts of users are as they typed them: each writer makes them fit for its format.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, Evidence, evidence_by_clause, evidence_state
from emrassess.domain.common_problems import CommonProblem, common_problems
from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, finding_id, is_own, problem_of
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.review import WORST_FIRST, Opinion, Severity, round_name
from emrassess.domain.route import place_names
from emrassess.domain.verified import Stands, Tally, Verified, clauses_of, tally, verified
from emrassess.reports.content import hospital_named
from emrassess.reports.review_figures import Measure, ProgressLine, measures, progress_lines
from emrassess.reports.thumbnails import can_picture

DAYS: Mapping[Severity, int] = {Severity.SERIOUS: 15, Severity.ORDINARY: 30, Severity.MINOR: 60, Severity.NONE: 30}
"""Days from the feedback on that are proposed for mending, where nobody has set a deadline."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that goes with a finding: an expert's photo or evidence of the hospital's.

    `id`: of the photo or piece; `path`: its file, which may be missing.
    """

    id: str
    title: str
    file_name: str
    media_type: str
    sha256: str
    by_expert: bool
    path: Path

    @property
    def label(self) -> str:
        """Whose it is and what it is called."""
        return f"{'专家现场照片' if self.by_expert else '医院材料'}：{self.title.strip() or self.file_name}"


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding, numbered from 1 within the group. `pieces`: the hospital's evidence of the clause, pictures or not.

    `deadline`: ISO date; `proposed`: nobody has set it, it is a proposal. `state`: what the ledger says, "" where it
    has none; `settled`: nothing to mend for now, as far as the ledger has heard the opinion. `found_in`: the round that
    found it where that is an earlier one, else "". `beyond`: above the target.
    """

    number: int
    clause: str
    item: str
    item_name: str
    requirement: str
    claim: Verdict
    claim_note: str
    opinion: Opinion
    place: str
    problem: str
    shots: tuple[Shot, ...]
    pieces: tuple[Evidence, ...]
    department: str
    owner: str
    deadline: str
    proposed: bool
    state: str
    settled: bool
    supervised: bool
    found_in: str
    beyond: bool

    @property
    def severity(self) -> Severity:
        return self.opinion.severity

    @property
    def who(self) -> str:
        """Department and person who mend it; "" where nobody is named yet."""
        return " ".join(filter(None, (self.department, self.owner)))


@dataclass(frozen=True, slots=True)
class NextStep:
    """What has to be mended by `deadline` (ISO date), by whom; `proposed`: the experts propose the date."""

    deadline: str
    proposed: bool
    severity: Severity
    who: str
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True)
class ReviewContent:
    """The feedback of one group. `first`, `last`: ISO dates between which its opinions were written, "" without any.

    `recorded`: so many opinions there are of its clauses, `this_round` of them of this round; `findings`: worst first.
    """

    hospital: str
    standard: str
    pack_id: str
    pack_version: str
    target: int
    target_name: str
    round: int
    group: ReviewGroup
    experts: tuple[str, ...]
    created: datetime
    first: str
    last: str
    recorded: int
    this_round: int
    tally: Tally
    verified: Verified
    measures: tuple[Measure, ...]
    progress: tuple[ProgressLine, ...]
    findings: tuple[FindingLine, ...]
    common: tuple[CommonProblem, ...]
    steps: tuple[NextStep, ...]

    @property
    def round_name(self) -> str:
        return round_name(self.round)

    @property
    def stands(self) -> Stands:
        """Whether the target still stands."""
        return self.verified.stands[self.target]

    @property
    def by_severity(self) -> Mapping[Severity, int]:
        """So many findings of each severity, worst first; only those that occur."""
        counts = {s: sum(line.severity is s for line in self.findings) for s in WORST_FIRST}
        return {severity: count for severity, count in counts.items() if count}

    @property
    def dates(self) -> str:
        """The day, or the first and the last, on which the group wrote its opinions."""
        return self.first if self.first == self.last else f"{self.first} 至 {self.last}"


def gather_review(
    pack: Pack,
    assessment: Assessment,
    group: ReviewGroup,
    now: datetime,
    file: Callable[[str], Path],
    phrases: Iterable[str] = (),
) -> ReviewContent:
    """What `group` (as it is composed in `assessment`) feeds back.

    `file`: of a SHA-256; it may not exist. `phrases`: by which common problems are told, where they occur.
    """
    answers = assessment.as_answers()
    checked = verified(pack, answers, assessment.opinions)
    pieces = evidence_by_clause(assessment)
    states = {clause: evidence_state(found) for clause, found in pieces.items()}
    ours = _opinions(pack, assessment, group)
    findings = _Findings(pack, assessment, pieces, now.date(), file).of(ours)
    days = sorted(opinion.at[:10] for opinion in ours.values() if opinion.at)
    counts = tally(clauses_of(pack, group, assessment.target), answers, assessment.opinions)
    return ReviewContent(
        hospital=hospital_named(assessment),
        standard=pack.standard,
        pack_id=pack.id,
        pack_version=pack.version,
        target=assessment.target,
        target_name=checked.claimed.levels[assessment.target].name,
        round=_round(assessment),
        group=group,
        experts=_experts(assessment, group, ours),
        created=now,
        first=days[0] if days else "",
        last=days[-1] if days else "",
        recorded=len(ours),
        this_round=sum(opinion.round == _round(assessment) for opinion in ours.values()),
        tally=replace(counts, findings=len(findings)),
        verified=checked,
        measures=measures(pack, group, answers, states, checked),
        progress=progress_lines(pack, group, answers, assessment.opinions, checked),
        findings=findings,
        common=_common(findings, phrases),
        steps=_next_steps(findings),
    )


def _round(assessment: Assessment) -> int:
    return assessment.review.round if assessment.review else assessment.review_round


def _opinions(pack: Pack, assessment: Assessment, group: ReviewGroup) -> dict[str, Opinion]:
    """What is said of the group's items, at whatever level, or by the group of others' items, in the pack's order."""
    found = {}
    for clause in pack.clause_by_id.values():
        opinion = assessment.opinion(clause.id)
        if not opinion.is_empty and (clause.item in group.items or opinion.group == group.code):
            found[clause.id] = opinion
    return found


def _experts(assessment: Assessment, group: ReviewGroup, ours: Mapping[str, Opinion]) -> tuple[str, ...]:
    names = [opinion.by for opinion in ours.values()]
    if assessment.review and assessment.review.group == group.code:
        names.insert(0, assessment.review.expert)
    return tuple(dict.fromkeys(name for name in names if name.strip()))


class _Findings:
    """Makes the lines of findings from the parts of one assessment."""

    def __init__(
        self,
        pack: Pack,
        assessment: Assessment,
        pieces: Mapping[str, tuple[Evidence, ...]],
        today: date,
        file: Callable[[str], Path],
    ) -> None:
        self.pack, self.assessment, self.pieces, self.today, self.file = pack, assessment, pieces, today, file
        self.places = place_names(pack)
        self.ledger: dict[str, Finding] = {}
        for _, finding in sorted(assessment.findings.items(), key=lambda kept: (not is_own(kept[0]), kept[1].raised)):
            self.ledger[finding.clause] = finding  # what the experts raised last goes before what is the hospital's own
        self.kept_back = frozenset().union(*(piece.kept_back for piece in assessment.evidence.values()))

    def of(self, opinions: Mapping[str, Opinion]) -> tuple[FindingLine, ...]:
        """A line a finding, worst first, numbered."""
        found = [(clause, self._in_full(clause, said)) for clause, said in opinions.items() if said.is_finding]
        found.sort(key=lambda pair: WORST_FIRST.index(pair[1].severity))
        return tuple(self._line(number, *pair) for number, pair in enumerate(found, 1))

    def _in_full(self, clause: str, opinion: Opinion) -> Opinion:
        """The opinion, with what an earlier round said of it where it says nothing new: as the ledger keeps it."""
        entry = self.ledger.get(clause)
        if entry is None or opinion.round <= entry.raised:
            return opinion
        weight, proposal = opinion.severity or entry.severity, opinion.suggestion or entry.suggestion
        return replace(opinion, severity=weight, suggestion=proposal)

    def _line(self, number: int, clause: str, opinion: Opinion) -> FindingLine:
        requirement, answer = self.pack.clause_by_id[clause], self.assessment.answer(clause)
        entry = self.ledger.get(clause)
        department, owner, deadline = self._mended_by(clause, entry)
        proposal = (self.today + timedelta(days=DAYS[opinion.severity])).isoformat()
        return FindingLine(
            number=number,
            clause=clause,
            item=requirement.item,
            item_name=self.pack.item_by_code[requirement.item].name,
            requirement=requirement.text,
            claim=answer.verdict,
            claim_note=answer.note,
            opinion=opinion,
            place=self.places.get(opinion.place, opinion.place),
            problem=problem_of(opinion),
            shots=self._shots(clause),
            pieces=self.pieces.get(clause, ()),
            department=department,
            owner=owner,
            deadline=deadline or proposal,
            proposed=not deadline,
            state=FINDING_STATE_NAMES[entry.state] if entry else "",
            settled=entry is not None and entry.is_settled and opinion.round <= entry.checked,
            supervised=entry is not None and entry.supervised,
            found_in=round_name(opinion.round) if opinion.round != _round(self.assessment) else "",
            beyond=requirement.level > self.assessment.target,
        )

    def _mended_by(self, clause: str, entry: Finding | None) -> tuple[str, str, str]:
        """Department, owner and deadline: of the ledger; where it has no entry yet, whose task the clause is."""
        if entry:
            return entry.department, entry.owner, entry.deadline
        task = self.assessment.tasks.get(clause)
        department = self.assessment.departments.get(task.department) if task else None
        return (department.name, task.person, "") if task and department else ("", "", "")

    def _shots(self, clause: str) -> tuple[Shot, ...]:
        """The experts' photos, then the hospital's pictures in force; never the original of one that is masked."""
        photos = [
            Shot(key, photo.title, photo.file_name, photo.media_type, photo.sha256, True, self.file(photo.sha256))
            for key, photo in self.assessment.photos.items()
            if clause in photo.clauses
        ]
        pictures = [
            Shot(piece.id, piece.title, now.file_name, now.media_type, now.sha256, False, self.file(now.sha256))
            for piece in self.pieces.get(clause, ())
            if can_picture((now := piece.current).media_type)
        ]
        return tuple(shot for shot in (*photos, *pictures) if shot.sha256 not in self.kept_back)


def _common(findings: Iterable[FindingLine], phrases: Iterable[str]) -> tuple[CommonProblem, ...]:
    """Problems that stand in more than one finding, the most frequent first."""
    found = {
        finding_id(line.clause, line.opinion.round): Finding(
            line.clause, line.problem, department=line.department, raised=line.opinion.round
        )
        for line in findings
    }
    return tuple(problem for problem in common_problems(found, phrases).by_phrase if problem.count > 1)


def _next_steps(findings: Iterable[FindingLine]) -> tuple[NextStep, ...]:
    """What is still to be mended, by date, then worst first."""
    steps: dict[tuple[str, int, bool, str], list[FindingLine]] = {}
    for line in findings:
        if not line.settled:
            key = (line.deadline, WORST_FIRST.index(line.severity), line.proposed, line.who)
            steps.setdefault(key, []).append(line)
    return tuple(
        NextStep(deadline, proposed, WORST_FIRST[rank], who, tuple(lines))
        for (deadline, rank, proposed, who), lines in sorted(steps.items(), key=lambda pair: pair[0])
    )
