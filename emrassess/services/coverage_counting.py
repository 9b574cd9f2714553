"""Coverage counted from extracts, with its definition kept beside the number so that an expert can count again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from emrassess.atomic import write_bytes
from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import Evidence, EvidenceKind, Revision, with_clauses
from emrassess.domain.pack import Pack
from emrassess.errors import UserError
from emrassess.quality.coverage import Condition, Counted, Definition, RowsOf, Side, count, words
from emrassess.quality.coverage_file import read_definitions, write_definitions
from emrassess.quality.guessing import Source
from emrassess.quality.samples import source_at
from emrassess.reports.quality_sheet import ExtractFile
from emrassess.services.changes import Changes
from emrassess.services.checks import known_item
from emrassess.services.quality import digests
from emrassess.services.quality_taking import SOURCE_SYSTEM, why_refused
from emrassess.services.session import Session
from emrassess.services.taking import Meter, Serial, take
from emrassess.services.tasks import begun
from emrassess.storage.changes import Change, coverage_change, evidence_change
from emrassess.storage.evidence_files import Progress

__all__ = [
    "Condition", "Definition", "RowsOf", "Side", "read_definitions", "words",
]  # fmt: skip


@dataclass(frozen=True)
class CoverageCount:
    """A count with what it was of. `at`: ISO 8601 with offset; `files`: the extracts, as they were when read."""

    counted: Counted
    at: str
    files: tuple[ExtractFile, ...]


def count_coverage(definition: Definition, progress: Progress | None = None) -> CoverageCount:
    """Count; see quality.coverage.count for what it refuses. `progress` may raise Cancelled."""
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    counted = count(definition, progress=progress)
    return CoverageCount(counted, at, tuple(digests(definition.files, progress)))


def opened_definitions(pack: Pack, file: Path) -> tuple[tuple[Definition, ...], tuple[Source, ...]]:
    """The definitions in a file, with what is in the extracts that they name; FileProblems as for the reader."""
    definitions = read_definitions(file, pack)
    sides = [side for each in definitions for side in (each.denominator, each.numerator)]
    listed = [side.rows for side in sides] + [condition.other for side in sides for condition in side.where]
    return definitions, tuple(
        source_at(rows.files, rows.encoding, rows.sheet) for rows in dict.fromkeys(listed) if rows
    )


def save_definitions(definitions: Sequence[Definition], pack: str, file: Path) -> None:
    """Write definitions, so that they can be counted again next month; StorageError where the disk refuses."""
    write_bytes(file, write_definitions(definitions, pack, file.parent).encode())


def take_coverage(session: Session, counts: Sequence[CoverageCount], progress: Progress | None = None) -> Changes:
    """Set the coverage that was counted, and keep each definition with its counts as evidence of the clauses of its
    level row, all in one step.

    UserError in the workspace of a packet or of an expert, and for an item or level that is not counted.
    """
    if why := why_refused(session):
        raise UserError(why, "请在医院自己的工作区里采用。")
    texts = [text_of(session, found).encode() for found in counts]
    meter = Meter(progress, sum(map(len, texts)))
    changes: list[Change] = []
    serial = Serial(session, session.assessment.evidence)
    with session.workspace.storing() as store:
        for found, text in zip(counts, texts, strict=True):
            item, level = found.counted.definition.item, found.counted.definition.level
            known_item(session.pack, item, level)
            ratio = Ratio.counted(found.counted.numerator, found.counted.denominator)
            changes.append(coverage_change(session.assessment, item, level, ratio))
            revision, _ = take(session, store, text, _file_name(item, level), meter)
            changes += _evidence(session, serial, found, revision)
        first = counts[0].counted.definition
        what = f"{first.item} {first.level} 级" if len(counts) == 1 else f"{len(counts)} 个"
        return session.write(f"采用计数得出的有效应用比例：{what}", changes)


def _evidence(session: Session, serial: Serial, found: CoverageCount, revision: Revision) -> list[Change]:
    item, level = found.counted.definition.item, found.counted.definition.level
    held = [p for p in session.assessment.evidence.values() if p.current.file_name == _file_name(item, level)]
    at = found.at[:16].replace("T", " ")
    if held:
        piece = replace(held[-1], captured_at=at, revisions=(*held[-1].revisions, revision))
    else:
        title = f"{item} {level} 级有效应用比例的计数"
        piece = Evidence(serial.next(revision.sha256), title, EvidenceKind.STATISTIC, SOURCE_SYSTEM, at, (revision,))
    clauses = [clause.id for clause in session.pack.item_by_code[item].by_level[level].clauses]
    added = [clause for clause in clauses if clause not in piece.clauses]
    whole = with_clauses(piece, (*piece.clauses, *clauses))
    return [evidence_change(session.assessment, piece.id, whole), *begun(session, added)]


def _file_name(item: str, level: int) -> str:
    return f"有效应用比例 {item} {level}级.txt"


def text_of(session: Session, found: CoverageCount) -> str:
    """The count for people to read, and below it the definition as a file that `quality coverage` takes."""
    counted, definition = found.counted, found.counted.definition
    item = session.pack.item_by_code[definition.item]
    lines = [
        f"{item.code} {item.name}　{definition.level} 级　有效应用比例",
        f"分子 {counted.numerator} ÷ 分母 {counted.denominator} ＝ {counted.numerator / counted.denominator:.4f}",
        f"标准的分子：{item.coverage.numerator}",
        f"标准的分母：{item.coverage.denominator}",
        f"计数时间：{found.at[:16].replace('T', ' ')}",
        *_side_lines("分母", definition.denominator),
        *_side_lines("分子", definition.numerator),
        "数据文件：",
        *(f"　{file.name}　{file.size} 字节　修改于 {file.modified}　SHA-256 {file.sha256}" for file in found.files),
        *(f"没有计入：{note.place} {note.message.partition(chr(10))[0]}" for note in counted.notes),
        "以下是计数的定义，存成 .yaml 文件、放在数据文件旁边，就可以用 emrassess quality coverage 重算。",
    ]
    result = {
        "numerator": counted.numerator,
        "denominator": counted.denominator,
        "at": found.at,
        "files": [asdict(file) for file in found.files],
    }
    commented = "".join(f"# {line}\n" for line in lines)
    return commented + write_definitions([definition], session.pack.id, None, result)


def _side_lines(name: str, side: Side) -> list[str]:
    if side.rows is None:
        head = f"{name}：分母的行里，同时满足" if side.where else f"{name}：与分母相同"
    else:
        files = "、".join(file.name for file in side.rows.files)
        sheet = f"的工作表“{side.rows.sheet}”" if side.rows.sheet else ""
        head = f"{name}：{files}{sheet}里" + ("满足下面条件的行" if side.where else "的所有行")
    return [head, *(f"　{words(condition)}" for condition in side.where)]
