"""The section on what is other than when the assessment was submitted: totals, levels, items, clauses, evidence."""

from collections.abc import Iterator, Sequence

from reportlab.platypus.flowables import CondPageBreak, Flowable

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.comparison import OUTCOME_NAMES, PieceChange
from emrassess.domain.scoring import LevelOutcome
from emrassess.reports.contrast import (
    WAY_NAMES,
    ClauseMove,
    Contrast,
    ContrastReport,
    ItemMove,
    fact_text,
    step_text,
)
from emrassess.reports.pdf_parts import (
    BODY,
    GREY,
    SMALL,
    SMALL_BOLD,
    TABLE_WIDTH,
    TINY,
    Box,
    Cell,
    Column,
    Heading,
    Ledger,
    Rows,
    Stack,
)
from emrassess.reports.pdf_text import Scribe, Style, Text
from emrassess.reports.wording import KIND_NAMES, OUTCOME_SIGNS, VERDICT_SIGNS, day, minute, two_places

KEY = "contrast"


def contrast_section(contrast: Contrast, scribe: Scribe, ledger: Ledger, title: str) -> list[Flowable]:
    """What differs, worse before better; only that there is nothing where nothing differs."""
    named = f"从{contrast.before.described}到{contrast.after.described}"
    box = [Text(scribe.printable(named), SMALL_BOLD, most=4)]
    box += [Text(f"{phrase}。", BODY) for phrase in contrast.counts]
    if contrast.empty:
        box.append(Text("没有不同。", BODY))
    parts: list[Flowable] = [Heading(title, 1, KEY, ledger), Box(box)]
    if not contrast.empty:
        parts += [_facts(contrast), *_details(contrast, scribe, ledger)]
    return parts


def contrast_report(report: ContrastReport, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """A report of just that: whose it is and under what standard, then the section."""
    return [
        Text(scribe.printable(report.hospital), Style(13, 20, bold=True)),
        Text(f"{scribe.printable(report.standard)}　{day(report.created)}", Style(9, 14, color=GREY, after=2)),
        *contrast_section(report.contrast, scribe, ledger, report.contrast.title),
    ]


def _facts(contrast: Contrast) -> Flowable:
    columns = [
        Column("", 200),
        Column(contrast.before.name, 100, "right"),
        Column(contrast.after.name, 100, "right"),
        Column("变化", TABLE_WIDTH - 400, "right"),
    ]
    rows = [
        (
            fact.name,
            fact_text(fact.before, fact.unit),
            fact_text(fact.after, fact.unit),
            step_text(fact.before, fact.after, fact.unit),
        )
        for fact in contrast.facts
    ]
    return Rows(columns, rows)


def _details(contrast: Contrast, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    """A table of each sort that there is any of, under its heading with their number.

    A heading stays with the first rows only: with the whole of a long table it would leave half a page empty.
    """
    tables = (
        ("levels", "判定有变的级别", "个", _levels(contrast), contrast.levels),
        ("items-fell", "得分下降的项目", "项", _items(contrast.items_fell), contrast.items_fell),
        ("items-rose", "得分上升的项目", "项", _items(contrast.items_rose), contrast.items_rose),
        ("fell", "结论变差的条款", "条", _clauses(contrast.fell, scribe), contrast.fell),
        ("rose", "结论变好的条款", "条", _clauses(contrast.rose, scribe), contrast.rose),
        ("same", "在待评与未达标之间改动的条款", "条", _clauses(contrast.same, scribe), contrast.same),
        ("pieces", "实证材料的变动", "件", _pieces(contrast.pieces, scribe), contrast.pieces),
        ("figures", "比例和系数的改动", "处", _figures(contrast), contrast.figures),
    )
    for key, title, unit, table, rows in tables:
        if rows:
            heading = Heading(f"{title}（{len(rows)} {unit}）", 2, f"{KEY}-{key}", ledger)
            heading.keepWithNext = 0
            yield from (CondPageBreak(120), heading, table)


def _levels(contrast: Contrast) -> Flowable:
    def named(outcome: LevelOutcome) -> str:
        return f"{OUTCOME_SIGNS[outcome]} {OUTCOME_NAMES[outcome]}"

    columns = [Column("级别", 45), Column("名称", 294), Column("判定", 160)]
    rows = [
        (Text(f"{change.level} 级", SMALL_BOLD), change.name, f"{named(change.before)}　→　{named(change.after)}")
        for change in contrast.levels
    ]
    return Rows(columns, rows)


def _items(moves: Sequence[ItemMove]) -> Flowable:
    columns = [Column("项目", 290), Column("从", 65, "right"), Column("到", 65, "right"), Column("变化", 79, "right")]
    return Rows(
        columns,
        [
            (f"{move.code} {move.name}", two_places(move.before), two_places(move.after),
             step_text(move.before, move.after))
            for move in moves
        ],
    )  # fmt: skip


def _clauses(moves: Sequence[ClauseMove], scribe: Scribe) -> Flowable:
    def named(verdict: Verdict) -> str:
        return f"{VERDICT_SIGNS[verdict]} {VERDICT_NAMES[verdict]}"

    columns = [Column("条款", 62), Column("项目和要求", 307), Column("自评结论", 130)]
    rows = [
        (
            Text(move.clause, SMALL_BOLD),
            Stack([Text(scribe.printable(move.item), TINY), Text(scribe.printable(move.text), SMALL, most=3)]),
            f"{named(move.before)}　→　{named(move.after)}",
        )
        for move in moves
    ]
    return Rows(columns, rows)


def _pieces(changes: Sequence[PieceChange], scribe: Scribe) -> Flowable:
    columns = [Column("变动", 50), Column("标题和文件", 180), Column("类型、来源、截取时间", 125), Column("条款", 144)]
    return Rows(columns, [_piece(change, scribe) for change in changes])


def _piece(change: PieceChange, scribe: Scribe) -> tuple[Cell, ...]:
    piece, file = change.piece, change.piece.current.file_name
    names = [name for name in (piece.title.strip(), file) if name]
    source = [f"{KIND_NAMES[piece.kind]}　{piece.source_system.strip()}".strip(), minute(piece.captured_at)]
    return (
        Text(WAY_NAMES[change.way], SMALL_BOLD),
        scribe.printable("\n".join(dict.fromkeys(names))),
        scribe.printable("\n".join(filter(None, source))),
        "、".join(change.clauses) or "未关联条款",
    )


def _figures(contrast: Contrast) -> Flowable:
    columns = [Column("等级要求", 55), Column("项目", 140), Column("", 124), Column("从", 90), Column("到", 90)]
    return Rows(columns, [(f.row, f.item, f.name, f.before, f.after) for f in contrast.figures])
