"""A run of the data-quality rules taken into the assessment: its coefficients, and a piece of evidence that shows them.

The piece keeps the last run as its revision in force, and those before it as earlier revisions.
"""

from dataclasses import dataclass, replace

from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import Evidence, EvidenceKind, Revision, with_clauses
from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.quality import QualityRun, RuleResult
from emrassess.errors import UserError
from emrassess.packs.table_sheets import MAX_FILE, check_archive
from emrassess.reports.quality_sheet import QualityContent, ReadQuality, quality_workbook, read_quality
from emrassess.services.changes import Changes
from emrassess.services.quality import Examined
from emrassess.services.session import Session
from emrassess.services.taking import Meter, Serial, take
from emrassess.services.tasks import begun
from emrassess.storage.changes import Change, evidence_change, quality_change
from emrassess.storage.evidence_files import Progress

FILE_NAME = "数据质量检查结果.xlsx"
TITLE = "数据质量检查结果"
SOURCE_SYSTEM = "业务系统导出的数据文件"


@dataclass(frozen=True, slots=True)
class Taking:
    """A coefficient that a run computed. `before`: what stands there now, None where nothing does."""

    item: str
    level: int
    dimension: Dimension
    before: Ratio | None
    after: Ratio


@dataclass(frozen=True)
class Takings:
    """What taking a run in would do. `kept`: cells that it did not examine and that have a value, which stays."""

    taken: tuple[Taking, ...]
    kept: tuple[tuple[str, int, Dimension, Ratio], ...]

    @property
    def changed(self) -> tuple[Taking, ...]:
        """Those whose value would be another."""
        return tuple(each for each in self.taken if each.before is None or each.before.value != each.after.value)


def takings(session: Session, run: QualityRun) -> Takings:
    """What taking `run` in would do, in the order of the pack."""
    quality = session.assessment.quality
    results: dict[tuple[str, int, Dimension], list[RuleResult]] = {}
    for result in run.rules:
        if result.examined:
            results.setdefault((result.rule.item, result.rule.level, result.rule.dimension), []).append(result)
    taken: list[Taking] = []
    kept: list[tuple[str, int, Dimension, Ratio]] = []
    for found in run.dimensions:
        cell = found.item, found.level, found.dimension
        before = quality.get(cell)
        if found.coefficient is not None:
            only = results[cell][0] if len(results[cell]) == 1 else None
            counted = Ratio.counted(only.numerator, only.denominator) if only else Ratio(found.coefficient)
            taken.append(Taking(*cell, before, counted))
        elif before is not None:
            kept.append((*cell, before))
    return Takings(tuple(taken), tuple(kept))


def why_refused(session: Session) -> str:
    """Why runs are not taken into this workspace; "" where they are."""
    if session.assessment.packet is not None:
        return "这里打开的是科室任务包：数据质量由发出它的医院检查"
    if session.assessment.review is not None:
        return "这是专家打开的材料包：医院的数据只能看，不能改"
    return ""


def take_in(session: Session, examined: Examined, progress: Progress | None = None) -> Changes:
    """Set the coefficients that were computed, and keep the result as evidence of the clauses of their level rows, all
    in one step. What was not examined keeps its value.

    UserError in the workspace of a packet or of an expert, and where nothing was examined.
    """
    if why := why_refused(session):
        raise UserError(why, "请在医院自己的工作区里采用。")
    found = takings(session, examined.run)
    if not found.taken:
        raise UserError("没有一个系数可以采用：所有规则都没有检查", "请先对应数据文件和列，再检查。")
    rows = dict.fromkeys((each.item, each.level) for each in found.taken)
    clauses = tuple(c.id for item, level in rows for c in session.pack.item_by_code[item].by_level[level].clauses)
    hospital = session.assessment.hospital
    content = QualityContent(hospital, examined.at, examined.period, examined.files, examined.run)
    book = quality_workbook(content, session.pack)
    now = session.assessment
    changes = [quality_change(now, each.item, each.level, each.dimension, each.after) for each in found.taken]
    with session.workspace.storing() as store:
        revision, _ = take(session, store, book, FILE_NAME, Meter(progress, len(book)))
        changes += _evidence(session, revision, clauses, _captured(examined))
        return session.write(f"采用数据质量检查结果：{len(found.taken)} 个系数", changes)


def _captured(examined: Examined) -> str:
    if examined.period:
        return f"{examined.period[0]} 至 {examined.period[1]}"
    return examined.at[:16].replace("T", " ")


def _evidence(session: Session, revision: Revision, clauses: tuple[str, ...], captured_at: str) -> list[Change]:
    piece = result_piece(session)
    if piece is None:
        made = Serial(session, session.assessment.evidence).next(revision.sha256)
        piece = Evidence(made, TITLE, EvidenceKind.STATISTIC, SOURCE_SYSTEM, captured_at, (revision,))
    elif piece.current.sha256 != revision.sha256:
        piece = replace(piece, captured_at=captured_at, revisions=(*piece.revisions, revision))
    added = [clause for clause in clauses if clause not in piece.clauses]
    whole = with_clauses(piece, (*piece.clauses, *clauses))
    return [evidence_change(session.assessment, piece.id, whole), *begun(session, added)]


# --- what was taken in


def result_piece(session: Session) -> Evidence | None:
    """The piece that keeps the runs that were taken in; the newest, where a merge brought a second."""
    found = [
        piece
        for piece in session.assessment.evidence.values()
        if piece.kind is EvidenceKind.STATISTIC and piece.current.file_name == FILE_NAME
    ]
    return found[-1] if found else None


def taken_runs(session: Session, most: int = 2) -> tuple[Examined, ...]:
    """The runs that were taken in, the last first, at most `most`.

    Left out is one whose file is gone or damaged. Notes of faults are not kept, nor the period.
    """
    piece = result_piece(session)
    found: list[Examined] = []
    for revision in reversed(piece.revisions if piece else ()):
        if len(found) < most and (read := _read(session, session.pack, revision)):
            found.append(Examined(read.run, read.at, None, read.files))
    return tuple(found)


def _read(session: Session, pack: Pack, revision: Revision) -> ReadQuality | None:
    if revision.size > MAX_FILE:
        return None
    try:
        content = session.workspace.evidence_path(revision.sha256).read_bytes()
        check_archive(FILE_NAME, content)
    except (OSError, UserError):
        return None
    return read_quality(content, pack)
