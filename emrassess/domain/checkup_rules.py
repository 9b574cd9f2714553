"""What the check-up finds in the assessment itself, without looking into a file."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, Evidence, EvidenceKind, evidence_by_clause
from emrassess.domain.checkup import (
    Finding,
    FindingKind,
    Severity,
    about_clause,
    about_piece,
    about_pieces,
    piece_name,
)
from emrassess.domain.pack import Item, Pack
from emrassess.domain.personal_data import Found, PersonalKind, in_text, masked
from emrassess.domain.reasons import DIMENSION_NAMES

MANY_CLAUSES = 3
"""A picture of more clauses than this is pointed out."""
_OLD = timedelta(days=366)
_CLOCKS_DIFFER = timedelta(hours=1)  # hospital systems and desktops do not tell the same time
_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(?:(\d{1,2})\s*日?)?)?(?:[T\s]*(\d{1,2})\s*[:时点]\s*(\d{1,2})?)?"
)
PERSONAL = {
    PersonalKind.NAME: FindingKind.PATIENT_NAME,
    PersonalKind.ID_NUMBER: FindingKind.ID_NUMBER,
    PersonalKind.PHONE: FindingKind.PHONE,
}
_EXCERPTS = 5


def submitted(assessment: Assessment) -> tuple[Evidence, ...]:
    """The pieces that would go to the experts: those that prove a clause."""
    return tuple(piece for piece in assessment.evidence.values() if piece.clauses)


def findings_of(pack: Pack, assessment: Assessment, now: datetime) -> Iterator[Finding]:
    """All that the assessment says against itself; `now` with offset."""
    clauses = [clause for clause in pack.clause_by_id if assessment.scope is None or clause in assessment.scope]
    pieces = submitted(assessment)
    yield from _unproven(pack, assessment, clauses)
    yield from _uncounted(pack, assessment, clauses)
    for clause in clauses:
        yield from _personal_in_answer(pack, assessment, clause)
    for piece in pieces:
        yield from _described(piece)
        yield from _timed(piece, now)
        yield from _personal_in_piece(piece)
        if is_picture(piece) and len(piece.clauses) > MANY_CLAUSES:
            what = f"这一张图片关联了 {len(piece.clauses)} 条条款"
            yield about_piece(FindingKind.REUSED, piece, what, *sorted(piece.clauses))
    yield from _repeated(pieces)
    yield from _without_hospital(assessment, pieces)


def is_picture(piece: Evidence) -> bool:
    """Whether its file is a picture, of whatever kind the evidence is."""
    return piece.current.media_type.startswith("image/")


# --- clauses and ratios


def _severity(level: int, assessment: Assessment) -> Severity:
    """What is above the target is not in the way of it."""
    return Severity.BLOCKING if level <= assessment.target else Severity.WARNING


def _clause_name(pack: Pack, clause: str) -> str:
    return f"{clause} {pack.item_by_code[clause[:5]].name}"


def _unproven(pack: Pack, assessment: Assessment, clauses: Iterable[str]) -> Iterator[Finding]:
    proven = evidence_by_clause(assessment)
    for clause in clauses:
        if assessment.answer(clause).verdict is Verdict.MET and clause not in proven:
            yield about_clause(
                FindingKind.UNPROVEN,
                clause,
                _clause_name(pack, clause),
                "自评为达标，但没有关联任何材料",
                (),
                severity=_severity(pack.clause_by_id[clause].level, assessment),
            )


def _uncounted(pack: Pack, assessment: Assessment, clauses: Iterable[str]) -> Iterator[Finding]:
    # A coefficient that is the mean of several rules has no two counts of its own: the statistics show those of each.
    shown = {
        (clause[:5], pack.clause_by_id[clause].level)
        for piece in assessment.evidence.values()
        if piece.kind is EvidenceKind.STATISTIC
        for clause in piece.clauses
        if clause in pack.clause_by_id
    }
    for (code, level), group in groupby(clauses, key=lambda c: (c[:5], pack.clause_by_id[c].level)):
        item, first = pack.item_by_code[code], next(iter(group))
        if pack.scheme.has_coverage and not item.coverage.functional:
            yield from _coverage(item, level, first, assessment)
        if (code, level) not in shown:
            yield from _quality(item, level, first, assessment)


def _coverage(item: Item, level: int, first: str, assessment: Assessment) -> Iterator[Finding]:
    ratio = assessment.coverage.get((item.code, level))
    if ratio is not None and ratio.numerator is None:
        yield about_clause(
            FindingKind.COVERAGE_UNCOUNTED,
            first,
            f"{item.code} {item.name}　{level} 级",
            f"有效应用比例只填了 {ratio.rounded}",
            (str(ratio.value),),
            severity=_severity(level, assessment),
            place=f"coverage:{item.code}/{level}",
        )


def _quality(item: Item, level: int, first: str, assessment: Assessment) -> Iterator[Finding]:
    """One finding for all dimensions of the level row: they are entered side by side."""
    found = {
        dimension: ratio
        for dimension in DIMENSION_NAMES
        if (ratio := assessment.quality.get((item.code, level, dimension))) and ratio.numerator is None
    }
    if found:
        values = "、".join(f"{DIMENSION_NAMES[dimension]} {ratio.rounded}" for dimension, ratio in found.items())
        yield about_clause(
            FindingKind.QUALITY_UNCOUNTED,
            first,
            f"{item.code} {item.name}　{level} 级",
            f"只填了系数：{values}",
            (f"{dimension.value}={ratio.value}" for dimension, ratio in found.items()),
            place=f"quality:{item.code}/{level}",
        )


# --- pieces of evidence


def _described(piece: Evidence) -> Iterator[Finding]:
    """Title and source system; time and content have kinds of their own."""
    missing = [word for word in piece.lacks if word in ("标题", "来源系统")]
    if missing:
        yield about_piece(FindingKind.INCOMPLETE, piece, f"没有填：{'、'.join(missing)}", *missing)


def _timed(piece: Evidence, now: datetime) -> Iterator[Finding]:
    text = piece.captured_at.strip()
    if not text:
        if "截取时间" in piece.lacks:
            yield about_piece(FindingKind.NO_TIME, piece, "截取时间是空的")
        return
    moment, shown = captured(text, now), masked(text)[:40]
    if moment is None:
        yield about_piece(FindingKind.UNCLEAR_TIME, piece, f"截取时间写的是“{shown}”", text)
    elif moment > now + _CLOCKS_DIFFER:
        yield about_piece(FindingKind.FUTURE_TIME, piece, f"截取时间 {shown}，现在是 {now:%Y-%m-%d %H:%M}", text)
    elif moment < now - _OLD:
        yield about_piece(FindingKind.OLD_TIME, piece, f"截取时间 {shown}", text)


def captured(text: str, now: datetime) -> datetime | None:
    """The time that people wrote, with the offset of `now` where they gave none; None where it is no date.

    A day counts from its beginning, a month from its first day.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    try:
        moment = datetime.fromisoformat(folded)
    except ValueError:
        match = _TIME.match(folded)
        if match is None:
            return None
        year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
        try:
            moment = datetime(year or 0, month or 0, day or 1, hour or 0, minute or 0)
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _repeated(pieces: Iterable[Evidence]) -> Iterator[Finding]:
    by_file: dict[str, list[Evidence]] = {}
    for piece in filter(is_picture, pieces):
        by_file.setdefault(piece.current.sha256, []).append(piece)
    for same in by_file.values():
        if len(same) > 1:
            yield about_pieces(FindingKind.REPEATED, same, names(same), f"{len(same)} 件材料的文件完全相同")


def names(pieces: Iterable[Evidence]) -> str:
    """The first few by name."""
    listed = list(pieces)
    shown = "、".join(map(piece_name, listed[:3]))
    return f"{shown} 等 {len(listed)} 件" if len(listed) > 3 else shown


def _without_hospital(assessment: Assessment, pieces: Iterable[Evidence]) -> Iterator[Finding]:
    """One finding a source system: its screens carry the name all in the same place, or none of them does."""
    hospital = _plain(assessment.hospital)
    silent: dict[str, list[Evidence]] = {}
    for piece in pieces:
        notes = [
            text for c in piece.clauses for text in (assessment.answer(c).note, assessment.answer(c).demonstration)
        ]
        texts = (piece.title, piece.source_system, piece.current.file_name, *notes)
        if piece.kind is EvidenceKind.SCREENSHOT and not any(hospital in _plain(text) for text in texts):
            silent.setdefault(piece.source_system.strip(), []).append(piece)
    for system, shots in sorted(silent.items()):
        where = f"来源系统“{masked(system)}”的 {len(shots)} 张截图" if system else f"没写来源系统的 {len(shots)} 张截图"
        yield about_pieces(FindingKind.NO_HOSPITAL, shots, where, "没有任何文字说明画面里有医院名称", system, hospital)


def _plain(text: str) -> str:
    """Without blanks and what stands in brackets: 示例医院（示例） is 示例医院."""
    return "".join(re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", text)).split())


# --- people in what was written


def _personal_in_answer(pack: Pack, assessment: Assessment, clause: str) -> Iterator[Finding]:
    answer = assessment.answer(clause)
    for field, name, text in (("note", "说明", answer.note), ("demonstration", "演示路径", answer.demonstration)):
        for kind, found in by_kind(in_text(text)):
            what, excerpts = said(found, "行")
            yield about_clause(
                kind,
                clause,
                f"{_clause_name(pack, clause)}的{name}",
                what,
                (text,),
                place=f"{field}:{clause}",
                excerpts=excerpts,
            )


def _personal_in_piece(piece: Evidence) -> Iterator[Finding]:
    texts = (piece.title, piece.source_system, piece.current.file_name)
    for kind, found in by_kind(in_text("\n".join(texts))):
        excerpts = tuple(dict.fromkeys(one.masked for one in found))[:_EXCERPTS]
        yield about_piece(kind, piece, "写在标题、来源系统或文件名里", "described", *texts, excerpts=excerpts)


def by_kind(found: Iterable[Found]) -> Iterator[tuple[FindingKind, list[Found]]]:
    """What was found, by the kind of finding it makes."""
    listed = list(found)
    for personal, kind in PERSONAL.items():
        if same := [one for one in listed if one.kind is personal]:
            yield kind, same


def said(found: list[Found], unit: str) -> tuple[str, tuple[str, ...]]:
    """How many there are, and the first few, masked, with their place; `unit` such as 行 or 页."""
    excerpts = tuple(f"第 {one.row} {unit}：{one.masked}" for one in found[:_EXCERPTS])
    return f"查到 {len(found)} 处", excerpts
