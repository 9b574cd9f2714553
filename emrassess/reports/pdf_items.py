"""A page or less for each item: ladder, score explained, clauses not met, thumbnails of its evidence."""

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import CondPageBreak, Flowable

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.pack import Category
from emrassess.domain.reasons import plain
from emrassess.domain.scoring import Standing
from emrassess.reports.content import ClauseLine, Exhibit, ItemSheet, ReportContent, Rung
from emrassess.reports.pdf_parts import (
    ALERT,
    FAINT,
    GREY,
    LINE,
    PALE,
    SMALL,
    SMALL_BOLD,
    TABLE_WIDTH,
    TINY,
    Column,
    Heading,
    Ledger,
    Rows,
    Stack,
)
from emrassess.reports.pdf_text import Scribe, Style, Text, color, draw_line, shorten
from emrassess.reports.sentences import (
    coverage_text,
    lack_sentences,
    points_text,
    quality_text,
    score_sentence,
    standing_sentence,
)
from emrassess.reports.thumbnails import can_picture
from emrassess.reports.wording import (
    CATEGORY_NAMES,
    KIND_NAMES,
    VERDICT_SIGNS,
    level_text,
    two_places,
)

MOST_CLAUSES = 8  # with hints; more would not leave the item on its page, and the lowest levels block first
MOST_NOTE = 220  # characters of a note; the whole is in the table (XLSX) and the program
THUMBNAIL = (112, 74)  # points
Picture = Callable[[], bytes | None]

_CELL, _RIGHT = Style(7.5, 10.5), Style(7.5, 10.5, align="right")
_RESULTS = {
    Standing.BASIC: "● 通过",
    Standing.OPTIONAL: "◐ 够选择项",
    Standing.FUNCTION: "○ 质量不足",
    Standing.SOME: "部分条款达标",
    Standing.NOTHING: "条款未达标",
}


def item_sheet(
    content: ReportContent, item: ItemSheet, scribe: Scribe, ledger: Ledger, pictures: dict[int, Picture]
) -> list[Flowable]:
    """The sheet of one item. `pictures`: thumbnails by number of evidence, of those that are printed."""
    target = content.target
    head: list[Flowable] = [
        Heading(f"{item.code} {item.name}", 2, f"item-{item.code}", ledger),
        Text(_facts(content, item), SMALL),
        _ladder(content, item),
        Text(score_sentence(item), SMALL_BOLD),
    ]
    title, reasons = lack_sentences(item, target)
    if reasons:
        head.append(Text(f"{title}：" + "；".join(reasons) + "。", SMALL))
    open_ = [c for c in item.clauses if c.level <= target and c.verdict is not Verdict.MET]
    parts: list[Flowable] = [CondPageBreak(205), Stack(head, 3, before=16)]
    if open_:
        parts.append(_open_clauses(content, open_, scribe))
    parts += _evidence(content, item, scribe, pictures)
    return parts


def _facts(content: ReportContent, item: ItemSheet) -> str:
    facts = [item.role_name, standing_sentence(item, content.target)]
    if content.has_coverage:
        facts += [f"功能评分 {level_text(item.function_level)}", f"计分级别 {level_text(item.scored_level)}"]
    return "　｜　".join([*facts, f"得分 {two_places(item.score)}"])


def _ladder(content: ReportContent, item: ItemSheet) -> Flowable:
    target = content.target
    fixed = _ladder_columns(content, item)
    columns = [column for column, _ in fixed]
    columns.insert(1, Column("要求概要", TABLE_WIDTH - sum(column.width for column in columns)))
    shown = [rung for rung in item.rungs if rung.level <= max(target, item.function_level) + 1]
    rows = []
    for rung in shown:
        cells: list[str | Flowable] = [cell(rung) for _, cell in fixed]
        rows.append([*cells[:1], Text(rung.summary, _CELL), *cells[1:]])
    tints = {index: PALE for index, rung in enumerate(shown) if rung.level == target}
    return Rows(columns, rows, tints=tints)


def _ladder_columns(content: ReportContent, item: ItemSheet) -> list[tuple[Column, Callable[[Rung], Flowable]]]:
    """The columns beside the summary, each with what makes its cell."""

    def level(rung: Rung) -> Text:
        goal = rung.level == content.target
        style = Style(7.5, 10.5, bold=goal or rung.category is Category.BASIC)
        return Text(f"{rung.level} 级" + ("◀" if goal else ""), style)

    def points(rung: Rung) -> Text:
        return Text(points_text(rung), Style(7.5, 10.5, bold=rung.level == item.scored_level, align="right"))

    columns: list[tuple[Column, Callable[[Rung], Flowable]]] = [(Column("级别", 34), level)]
    if content.has_categories:
        columns.append(
            (Column("类别", 40), lambda rung: Text(CATEGORY_NAMES[rung.category] if rung.category else "—", _CELL))
        )
    columns.append((Column("条款", 34, "right"), lambda rung: Text(f"{rung.met}/{len(rung.clauses)}", _RIGHT)))
    if content.has_coverage:
        columns.append((Column("有效应用比例", 92), lambda rung: Text(coverage_text(item, rung), _CELL)))
    if content.has_quality:
        columns.append((Column("数据质量指数", 88), lambda rung: Text(quality_text(rung), _CELL)))
    columns.append((Column("得分", 33, "right") if content.has_coverage else Column("得分/满分", 52, "right"), points))
    columns.append((Column("结果", 70), lambda rung: Text(_result(content, rung), _CELL)))
    return columns


def _result(content: ReportContent, rung: Rung) -> str:
    if rung.standing is Standing.FUNCTION and content.has_coverage:
        return "○ 比例或质量不足"
    return _RESULTS[rung.standing]


def cut_note(text: str) -> str:
    """A note of the user, cut where it is long, with its full length said."""
    text = text.strip()
    if len(text) <= MOST_NOTE:
        return text
    return f"{text[:MOST_NOTE].rstrip()}……（共 {len(text)} 字，全文见 XLSX 条款表）"


def _open_clauses(content: ReportContent, clauses: Sequence[ClauseLine], scribe: Scribe) -> Flowable:
    points = [Column("分值", 30, "right")] if content.has_points else []
    columns = [Column("未达标条款", 62), *points, Column("自评", 52), Column("要求", 178)]
    columns.append(Column("怎样证明", TABLE_WIDTH - sum(column.width for column in columns)))
    rows = [_open_clause(clause, scribe, with_points=content.has_points) for clause in clauses[:MOST_CLAUSES]]
    table = Rows(columns, rows)
    rest = clauses[MOST_CLAUSES:]
    if not rest:
        return table
    more = f"另有 {len(rest)} 条未达标：" + "、".join(clause.id for clause in rest) + "（要求和证明办法见 XLSX 条款表）"
    return Stack([table, Text(more, TINY)])


def _open_clause(clause: ClauseLine, scribe: Scribe, *, with_points: bool) -> list[Flowable]:
    wanted: list[Flowable] = [Text(clause.text, Style(7.8, 11))]
    if clause.note.strip():
        wanted.append(Text("备注：" + scribe.printable(cut_note(clause.note)), TINY))
    verdict = f"{VERDICT_SIGNS[clause.verdict]} {VERDICT_NAMES[clause.verdict]}"
    points = "—" if clause.points is None else plain(clause.points)
    return [
        Text(clause.id, Style(7.8, 11, bold=True)),
        *([Text(points, Style(7.8, 11, align="right"))] if with_points else []),
        Text(verdict, Style(7.5, 11, color=ALERT)),
        Stack(wanted),
        Text(clause.hint or "—", Style(7.5, 10.8, color=GREY)),
    ]


def printed_exhibits(content: ReportContent, item: ItemSheet, most: int) -> list[Exhibit]:
    """The pieces of an item up to the target that are printed small: one a clause first, pictures before others."""
    ranked: dict[int, tuple[bool, int, str]] = {}
    open_ = 0
    for clause in item.clauses:
        if clause.level > content.target:
            continue
        open_ += clause.verdict is not Verdict.MET
        for rank, number in enumerate(clause.evidence):
            plain = not can_picture(content.by_number[number].piece.current.media_type)
            ranked.setdefault(number, (plain, rank, clause.id))
    if open_ > 5:
        most = min(most, 4)
    chosen = sorted(ranked, key=lambda number: ranked[number])[:most]
    return [content.by_number[number] for number in sorted(chosen)]


def _evidence(
    content: ReportContent, item: ItemSheet, scribe: Scribe, pictures: dict[int, Picture]
) -> Iterator[Flowable]:
    numbers = sorted({n for clause in item.clauses if clause.level <= content.target for n in clause.evidence})
    if not numbers:
        return
    shown = [content.by_number[number] for number in numbers if number in pictures]
    rest = len(numbers) - len(shown)
    more = f"，另有 {rest} 件见附录索引" if rest else ""
    yield CondPageBreak(130)
    yield Text(f"实证材料 {len(numbers)} 件{more}", Style(8, 11.5, bold=True, before=5))
    for start in range(0, len(shown), ThumbnailRow.EACH):
        yield ThumbnailRow(shown[start : start + ThumbnailRow.EACH], item.code, scribe, pictures)


class ThumbnailRow(Flowable):
    """Up to four pictures of evidence with number, title and clauses below."""

    EACH, CELL, CAPTION = 4, 129, 25

    def __init__(self, exhibits: Sequence[Exhibit], item: str, scribe: Scribe, pictures: dict[int, Picture]) -> None:
        super().__init__()
        self.pictures = [pictures[exhibit.number] for exhibit in exhibits]
        self.captions = [
            (
                f"[{exhibit.number}] {scribe.printable(exhibit.label)}",
                "、".join(clause for clause in exhibit.piece.clauses if clause.startswith(item)),
            )
            for exhibit in exhibits
        ]
        self.kinds = [f"{KIND_NAMES[e.piece.kind]}　{scribe.printable(e.suffix)}" for e in exhibits]
        self.present = [exhibit.present for exhibit in exhibits]
        self.readable = [can_picture(exhibit.piece.current.media_type) for exhibit in exhibits]

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, THUMBNAIL[1] + self.CAPTION + 4
        return self.width, self.height

    def draw(self) -> None:
        bottom = self.height - THUMBNAIL[1] - 3
        for index, (title, clauses) in enumerate(self.captions):
            x = index * self.CELL
            self._picture(index, x, bottom)
            style = Style(7, 10)
            draw_line(self.canv, x, bottom - 1, shorten(title, style.font, style.size, THUMBNAIL[0]), style)
            draw_line(self.canv, x, bottom - 11, shorten(clauses, style.font, style.size, THUMBNAIL[0]), TINY)

    def _picture(self, index: int, x: float, bottom: float) -> None:
        canvas, (wide, high) = self.canv, THUMBNAIL
        picture = self.pictures[index]()
        canvas.setFillColor(color(FAINT))
        canvas.setStrokeColor(color(LINE))
        canvas.setLineWidth(0.5)
        canvas.rect(x, bottom, wide, high, stroke=0, fill=1)
        if picture is None:
            small = Style(7.5, 11, color=GREY, align="center")
            draw_line(canvas, x, bottom + high / 2 + 12, self.kinds[index], small, wide)
            remark = "文件缺失" if not self.present[index] else "图像无法读取" if self.readable[index] else "见原文件"
            draw_line(canvas, x, bottom + high / 2, remark, small, wide)
        else:
            image = ImageReader(BytesIO(picture))
            pixels = image.getSize()
            scale = min(wide / pixels[0], high / pixels[1])
            shown = pixels[0] * scale, pixels[1] * scale
            canvas.drawImage(image, x + (wide - shown[0]) / 2, bottom + (high - shown[1]) / 2, *shown)
            # A method that the reader keeps of itself: with it, hundreds of unpacked pictures wait to be collected.
            vars(image).pop("jpeg_fh", None)
        canvas.rect(x, bottom, wide, high, stroke=1, fill=0)
