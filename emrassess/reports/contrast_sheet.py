"""What is other than in another state of the assessment as a table (XLSX): one row a change, to sort and filter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.atomic import write_saved
from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.comparison import OUTCOME_NAMES, PieceChange, PieceWay
from emrassess.reports.contrast import WAY_NAMES, ClauseMove, Contrast, ContrastReport, ItemMove
from emrassess.reports.sheet_parts import TITLE_ROWS, Column, Value, clean, table, titled
from emrassess.reports.wording import KIND_NAMES, OUTCOME_SIGNS, VERDICT_SIGNS, day, minute

_BETTER, _WORSE, _OTHER = "上升", "下降", "改动"
_MARKS = {_BETTER: "good", _WORSE: "bad", WAY_NAMES[PieceWay.ADDED]: "good", WAY_NAMES[PieceWay.GONE]: "bad"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A change. `place`: clause, item, level row or level; `step`: by how much, where that is a number."""

    sort: str
    way: str
    place: str
    text: str
    before: Value
    after: Value
    step: Decimal | None = None


def contrast_sheet(sheet: Worksheet, contrast: Contrast, facts: Sequence[str] = ()) -> None:
    """Fill a sheet; `facts` go before what is compared with what, in its second line."""
    columns: list[Column[_Row]] = [
        Column("种类", 12, lambda row: row.sort),
        Column("变化", 10, lambda row: row.way, center=True, mark=lambda row: _MARKS.get(row.way, "")),
        Column("位置", 24, lambda row: row.place),
        Column("内容", 70, lambda row: row.text),
        Column(contrast.before.name, 22, lambda row: row.before, center=True),
        Column(contrast.after.name, 22, lambda row: row.after, center=True),
        Column("增减", 10, lambda row: row.step, center=True),
    ]
    named = f"从{contrast.before.described}到{contrast.after.described}"
    said = contrast.counts or (("没有不同",) if contrast.empty else ())
    titled(sheet, contrast.title, (*facts, named, *said), columns)
    table(sheet, columns, _rows(contrast), TITLE_ROWS + 1)


def write_contrast_xlsx(report: ContrastReport, out: Path) -> None:
    """Write a book of nothing but that to `out`, replacing it whole. StorageError where the disk refuses."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    facts = (report.hospital, report.standard, day(report.created))
    contrast_sheet(book.create_sheet("比较"), report.contrast, facts)
    book.properties.title = f"分级评价自评比较 {clean(report.hospital)}"[:200]
    book.properties.creator = "emrassess"
    write_saved(out, book.save)


def _rows(contrast: Contrast) -> Iterator[_Row]:
    yield from _whole(contrast)
    for change in contrast.levels:
        was, now = (f"{OUTCOME_SIGNS[o]} {OUTCOME_NAMES[o]}" for o in (change.before, change.after))
        yield _Row("级别结论", _OTHER, f"{change.level} 级", change.name, was, now)
    for way, items in ((_WORSE, contrast.items_fell), (_BETTER, contrast.items_rose)):
        yield from (_item(way, move) for move in items)
    for way, clauses in ((_WORSE, contrast.fell), (_BETTER, contrast.rose), (_OTHER, contrast.same)):
        yield from (_clause(way, move) for move in clauses)
    for change in contrast.pieces:
        yield from _piece(change)
    for figure in contrast.figures:
        text = f"{figure.item}　{figure.name}"
        yield _Row("比例和系数", _OTHER, figure.row, text, figure.before, figure.after)


def _whole(contrast: Contrast) -> Iterator[_Row]:
    """The facts of the whole; what is the same too."""
    for fact in contrast.facts:
        step = fact.after - fact.before
        if fact.unit:
            before, after = int(fact.before), int(fact.after)
        else:
            before, after = fact.before, fact.after
        way = _BETTER if step > 0 else _WORSE if step < 0 else ""
        named = f"{fact.name}（{fact.unit}）" if fact.unit else fact.name
        yield _Row("总体", way, "", named, before, after, step or None)


def _item(way: str, move: ItemMove) -> _Row:
    return _Row("项目得分", way, move.code, move.name, move.before, move.after, move.after - move.before)


def _clause(way: str, move: ClauseMove) -> _Row:
    def named(verdict: Verdict) -> str:
        return f"{VERDICT_SIGNS[verdict]} {VERDICT_NAMES[verdict]}"

    return _Row("条款结论", way, move.clause, f"{move.item}\n{move.text}", named(move.before), named(move.after))


def _piece(change: PieceChange) -> Iterator[_Row]:
    """A row a clause, so that a filter by clause finds it."""
    piece = change.piece
    facts = (piece.title.strip(), piece.current.file_name, KIND_NAMES[piece.kind], piece.source_system.strip(),
             minute(piece.captured_at))  # fmt: skip
    text = "，".join(dict.fromkeys(filter(None, facts)))
    here, gone = "有", change.way in (PieceWay.GONE, PieceWay.UNLINKED)
    new = change.way in (PieceWay.ADDED, PieceWay.LINKED)
    for clause in change.clauses or ("未关联条款",):
        yield _Row("实证材料", WAY_NAMES[change.way], clause, text, "" if new else here, "" if gone else here)
