"""The ledger of the hospital: findings given to somebody, moved, proven, looked at again.

Each call is one step of undo. Who does it is the session's user.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from emrassess.domain import ledger
from emrassess.domain.assessment import Assessment, with_clauses
from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, FindingState, is_own
from emrassess.domain.review import Opinion, Severity, round_name
from emrassess.errors import UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_line, clean_text
from emrassess.services.departments import department_named
from emrassess.services.evidence import NewEvidence, find_piece, taken_in
from emrassess.services.session import Progress, Session
from emrassess.services.tasks import now
from emrassess.storage.changes import Change, applied, evidence_change, finding_change, setting_change

_SHOWN = 5
NO_DEPARTMENT = ""
"""In place of a department's name: findings that nobody has yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger as it is shown. `text`: what the clause requires; `days_left`: see domain.ledger."""

    id: str
    finding: Finding
    text: str
    overdue: bool
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many findings a department has. `open`: that the hospital has still to do something about."""

    total: int
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The ledger in numbers of findings. `states` and `severities` have every one; `departments` by name, NO_DEPARTMENT
    for those that nobody has. `supervised`: of those not closed."""

    total: int
    states: Mapping[FindingState, int]
    severities: Mapping[Severity, int]
    departments: Mapping[str, Share]
    overdue: int
    supervised: int


# --- looking at it


def listed(
    session: Session,
    *,
    department: str | None = None,
    state: FindingState | None = None,
    severity: Severity | None = None,
    group: str | None = None,
    overdue: bool = False,
    supervised: bool = False,
    round: int | None = None,
    text: str = "",
    today: date | None = None,
) -> tuple[Line, ...]:
    """The lines that pass every filter that is given, in the order of domain.ledger.in_order.

    `department` by name, NO_DEPARTMENT for those that nobody has; `group` by code; `round`: that raised it; `text`:
    anywhere in what is written about it. `today` is asked of the clock where it is None.
    """
    day, wanted = today or now(session), text.casefold().split()

    def passes(line: Line) -> bool:
        finding = line.finding
        asked = (
            (department, finding.department),
            (state, finding.state),
            (severity, finding.severity),
            (group, finding.group),
            (round, finding.raised),
        )
        if any(want is not None and want != held for want, held in asked):
            return False
        if (overdue and not line.overdue) or (supervised and not finding.supervised):
            return False
        return not wanted or all(word in _written(line) for word in wanted)

    findings = session.assessment.findings
    lines = (_line(session, key, findings[key], day) for key in ledger.in_order(findings, day))
    return tuple(line for line in lines if passes(line))


def _line(session: Session, key: str, finding: Finding, today: date) -> Line:
    clause = session.pack.clause_by_id.get(finding.clause)
    left = ledger.days_left(finding, today)
    return Line(key, finding, clause.text if clause else "", left is not None and left < 0, left)


def _written(line: Line) -> str:
    finding = line.finding
    texts = (
        line.id, line.text, finding.problem, finding.suggestion, finding.measures, finding.department, finding.owner,
        *(text for _, text in finding.more),
    )  # fmt: skip
    return "\n".join(texts).casefold()


def summary(session: Session, today: date | None = None) -> Summary:
    """The whole ledger in numbers."""
    lines = listed(session, today=today)
    findings = [line.finding for line in lines]
    by_department: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: (line.finding.department == NO_DEPARTMENT, line.finding.department)):
        by_department.setdefault(line.finding.department, []).append(line)
    states = Counter(finding.state for finding in findings)
    severities = Counter(finding.severity for finding in findings)
    return Summary(
        len(lines),
        {state: states[state] for state in FindingState},
        {severity: severities[severity] for severity in Severity},
        {name: _share(theirs) for name, theirs in by_department.items()},
        sum(line.overdue for line in lines),
        sum(f.supervised and f.state is not FindingState.CLOSED for f in findings),
    )


def _share(lines: Sequence[Line]) -> Share:
    return Share(len(lines), sum(not line.finding.is_settled for line in lines), sum(line.overdue for line in lines))


def resolved(session: Session, names: Iterable[str]) -> tuple[str, ...]:
    """Ids of the findings that `names` mean, each once: an id, or a clause for all of its findings.

    UserError where there is no such finding.
    """
    findings = session.assessment.findings
    found: list[str] = []
    for name in names:
        keys = [name] if name in findings else [key for key, finding in findings.items() if finding.clause == name]
        if not keys:
            raise UserError(f"台账里没有 {name}", "请写问题的编号（01.01.4(1)#1）或条款（01.01.4(1)），列表里查得到。")
        found += keys
    return tuple(dict.fromkeys(found))


# --- changing it


def assign(
    session: Session,
    ids: Iterable[str],
    *,
    department: str | None = None,
    owner: str | None = None,
    deadline: str | None = None,
    measures: str | None = None,
    supervised: bool | None = None,
) -> Changes:
    """Change what is given of these findings, all or none; what is None stays, "" clears.

    `department`: a name, which need not be one of the workspace's; `deadline`: ISO date. UserError where a finding is
    not there, the deadline is no date, or measures cannot be changed now.
    """
    name = None if department is None else clean_line(department)
    if name and (known := department_named(session, name)):
        name = known.name
    wanted = {
        "department": name,
        "owner": None if owner is None else clean_line(owner),
        "deadline": deadline,
        "measures": None if measures is None else clean_text(measures).strip(),
        "supervised": supervised,
    }
    keys = _checked(session, ids)
    at = session.workspace.now()
    held = {key: session.assessment.findings[key] for key in keys}
    after = {key: ledger.assigned(finding, session.user, at, **wanted) for key, finding in held.items()}  # type: ignore[arg-type]
    said = {finding.history[-1].what for key, finding in after.items() if finding != held[key]}
    what = said.pop().replace("\n", " ")[:60] if len(said) == 1 else "修改"
    return _write(session, f"台账 {_named(session, keys)}：{what}", after)


def move(session: Session, ids: Iterable[str], to: FindingState, note: str = "") -> Changes:
    """Bring these findings into the state `to`, all or none; `note` goes into their history.

    UserError naming each that cannot be moved so, with the reason.
    """
    keys, at = _checked(session, ids), session.workspace.now()
    findings = session.assessment.findings
    refused: list[UserError] = []
    after: dict[str, Finding] = {}
    for key in keys:
        try:
            after[key] = ledger.moved(findings[key], to, session.user, at, clean_text(note))
        except UserError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        told = "\n".join(error.message for error in refused)
        raise UserError(
            f"{len(refused)} 个问题不能改为“{FINDING_STATE_NAMES[to]}”，都没有改动：\n{told}", refused[0].hint
        )
    return _write(session, f"台账 {_named(session, keys)}：{FINDING_STATE_NAMES[to]}", after)


def _said(error: UserError) -> str:
    return error.message


def attach_proof(session: Session, finding_id: str, evidence_ids: Iterable[str]) -> Changes:
    """Let pieces of evidence prove that a finding is mended; they prove its clause then too."""
    finding = _finding(session, finding_id)
    pieces = [find_piece(session, key) for key in dict.fromkeys(evidence_ids)]
    linked = [with_clauses(piece, (*piece.clauses, finding.clause)) for piece in pieces]
    changes = [evidence_change(session.assessment, piece.id, piece) for piece in linked]
    return _attached(session, finding_id, [piece.id for piece in pieces], changes)


def attach_files(
    session: Session, finding_id: str, files: Sequence[NewEvidence], progress: Progress | None = None
) -> Changes:
    """Take in files as evidence of a finding's clause, and as proof that it is mended. Raises as add_evidence does."""
    finding = _finding(session, finding_id)
    with session.workspace.storing() as store:
        pieces, changes = taken_in(session, store, files, (finding.clause,), progress)
        return _attached(session, finding_id, [piece.id for piece in pieces], changes)


def _attached(session: Session, finding_id: str, pieces: Sequence[str], changes: Sequence[Change]) -> Changes:
    finding = session.assessment.findings[finding_id]
    fresh = [key for key in pieces if key not in finding.after]
    what = f"附上整改后的材料 {len(fresh)} 件"
    after = ledger.proven(finding, session.user, session.workspace.now(), (*finding.after, *fresh), what)
    return _write(session, f"台账 {_named(session, [finding_id])}：{what}", {finding_id: after}, changes)


def detach_proof(session: Session, finding_id: str, evidence_ids: Iterable[str]) -> Changes:
    """Let pieces of evidence prove a finding mended no more; they stay evidence of its clause."""
    finding, gone = _finding(session, finding_id), frozenset(evidence_ids)
    left = [key for key in finding.after if key not in gone]
    what = f"取下整改后的材料 {len(finding.after) - len(left)} 件"
    after = ledger.proven(finding, session.user, session.workspace.now(), left, what)
    return _write(session, f"台账 {_named(session, [finding_id])}：{what}", {finding_id: after})


def start_recheck(session: Session) -> Changes:
    """Begin the next round: the next package is for the experts' re-check (回看).

    UserError where nothing of the round that is on has been imported yet.
    """
    check_own(session)
    if why := recheck_refusal(session):
        raise UserError(why, "请先导入专家的核查文件（.zip），台账里有了问题，整改以后再开始回看。")
    then = session.assessment.review_round + 1
    return session.write(f"开始{round_name(then)}", [setting_change(session.assessment, "review_round", then)])


def recheck_refusal(session: Session) -> str:
    """Why the next round cannot begin yet, Chinese without a full stop; "" where it can."""
    on = session.assessment.review_round
    if any(opinion.round >= on for opinion in session.assessment.opinions.values()):
        return ""
    return f"还没有导入{round_name(on)}的核查意见，不能开始下一次回看"


def check_own(session: Session) -> None:
    """UserError in a packet and in an expert's workspace: the ledger is the hospital's."""
    if session.assessment.packet is not None:
        raise UserError("这里打开的是科室任务包，没有整改台账", "请在发出任务包的评价里改台账。")
    if session.assessment.review is not None:
        raise UserError("这里打开的是专家核查用的材料包，不能改整改台账", "台账由医院在自己的评价里改。")


def _finding(session: Session, finding_id: str) -> Finding:
    return session.assessment.findings[_checked(session, [finding_id])[0]]


def _checked(session: Session, ids: Iterable[str]) -> tuple[str, ...]:
    check_own(session)
    keys = tuple(dict.fromkeys(ids))
    if not keys:
        raise UserError("没有选中问题", "请先在台账里选中一个或几个问题。")
    if gone := [key for key in keys if key not in session.assessment.findings]:
        raise UserError(f"台账里已经没有 {'、'.join(gone[:_SHOWN])}", "它可能刚被撤销，请刷新后再选。")
    return keys


def _named(session: Session, keys: Sequence[str]) -> str:
    return session.assessment.findings[keys[0]].clause if len(keys) == 1 else f"{len(keys)} 个问题"


def _write(session: Session, label: str, after: Mapping[str, Finding], also: Sequence[Change] = ()) -> Changes:
    changes = [finding_change(session.assessment, key, finding) for key, finding in after.items()]
    return session.write(label, [*also, *changes])


# --- what follows from a review


def follow(before: Assessment, after: Assessment, at: str) -> list[Change]:
    """The changes of the ledger of `after` that follow from the opinions and photos that differ from `before`.

    None where `after` is an expert's workspace. `at`: ISO 8601 with offset, when they came in.
    """
    if after.review is not None:
        return []
    held, old, new = _by_clause(after), _photos(before), _photos(after)
    changes: list[Change] = []
    for clause in dict.fromkeys((*after.opinions, *before.opinions, *new)):
        if before.opinion(clause) != after.opinion(clause) or old.get(clause) != new.get(clause):
            told = _told(before, after, clause, held.get(clause), new.get(clause, ()), at)
            changes += [finding_change(after, key, finding) for key, finding in told.items()]
    return changes


def with_ledger(assessment: Assessment, changes: Sequence[Change], at: str) -> list[Change]:
    """`changes`, and those of the ledger that follow from what they say of opinions and photos."""
    real = [change for change in changes if change.before != change.after]
    return [*changes, *follow(assessment, applied(assessment, real), at)]


def _by_clause(assessment: Assessment) -> dict[str, str]:
    """The newest finding that experts raised about each clause."""
    theirs = [key for key in assessment.findings if not is_own(key)]
    theirs.sort(key=lambda key: assessment.findings[key].raised)
    return {assessment.findings[key].clause: key for key in theirs}


def _photos(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    """Ids of the experts' photos of each clause."""
    found: dict[str, tuple[str, ...]] = {}
    for key, photo in assessment.photos.items():
        for clause in photo.clauses:
            found[clause] = (*found.get(clause, ()), key)
    return found


def _told(
    before: Assessment, after: Assessment, clause: str, key: str | None, photos: tuple[str, ...], at: str
) -> dict[str, Finding]:
    """The finding about `clause` (`key`: as it is held) as the experts tell it now; empty where there is none."""
    opinion = after.opinions.get(clause)
    if opinion is None and clause not in before.opinions:  # only a photo came: that alone says nothing
        return {}
    if opinion is None:  # taken back: there is nothing to find any more
        gone = before.opinion(clause)
        opinion = Opinion(at=at, by=gone.by, group=gone.group, round=gone.round)
    if key is not None:
        finding = after.findings[key]
        there = replace(finding, before=tuple(photo for photo in finding.before if photo in after.photos))
        return {key: ledger.reviewed(there, opinion, at, photos)}
    if not opinion.is_finding:
        return {}
    task = after.tasks.get(clause)
    department = after.departments.get(task.department) if task else None
    name, owner = department.name if department else "", task.person if task else ""
    found = ledger.raised(clause, opinion, name, owner, photos)
    return {ledger.finding_id(clause, opinion.round): found}
