"""The feedback of a review group as pages of a PDF: the verdict, a block a finding, what is next, and who signs."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import CondPageBreak, Flowable, Spacer

from emrassess.domain.review import SEVERITY_NAMES, Severity
from emrassess.domain.verified import STANDS_NAMES
from emrassess.reports.fitting import plain_text
from emrassess.reports.pdf_parts import (
    ALERT,
    BLUE,
    BODY,
    FAINT,
    GREY,
    LINE,
    NAVY,
    NOTE,
    SMALL,
    SMALL_BOLD,
    TABLE_WIDTH,
    Box,
    Cell,
    Column,
    Heading,
    Ledger,
    Rows,
)
from emrassess.reports.pdf_text import INK, Scribe, Style, Text, color, draw_line, shorten
from emrassess.reports.review_content import FindingLine, ReviewContent, Shot
from emrassess.reports.review_figures import ProgressLine
from emrassess.reports.review_pictures import MOST_SHOTS, PictureOf, caption, fault
from emrassess.reports.review_words import (
    MEASURE_HEADS,
    NO_FINDINGS,
    NOTHING_TO_MEND,
    OPINION_LINE,
    PROGRESS_NOTE,
    SIGNERS,
    circumstances,
    deadline,
    facts,
    heading,
    looked_at,
    measure_row,
    numbered,
    proposals_note,
    responsible,
    severity_sentence,
    verdict_sentences,
    verdicts,
)

_INKS = {Severity.SERIOUS: ALERT, Severity.ORDINARY: BLUE, Severity.MINOR: GREY, Severity.NONE: GREY}
_LABEL = Style(8, 11.5, bold=True, color=NAVY)
_NAMES, _LINES = 62.0, 16  # the column of names, points; lines of a row
SHOT = (244.0, 152.0)  # a picture, points


def review_report(content: ReviewContent, picture: PictureOf, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """All of it, from whose it is to the lines to sign on."""
    return [
        *_verdict(content, scribe),
        *_figures(content, scribe, ledger),
        *_findings(content, picture, scribe, ledger),
        *_common(content, scribe, ledger),
        *_next(content, scribe, ledger),
        *_signatures(content, scribe, ledger),
    ]


def _verdict(content: ReviewContent, scribe: Scribe) -> Iterator[Flowable]:
    yield Text(scribe.printable(content.hospital), Style(14, 22, bold=True))
    yield Text(heading(content), Style(18, 28, bold=True, color=NAVY, after=6))
    columns = [Column("", 90, style=Style(9, 14, color=GREY)), Column("", TABLE_WIDTH - 90, style=Style(9, 14))]
    yield Rows(columns, [(name, scribe.printable(value)) for name, value in facts(content)], header=False)
    lines = (*verdict_sentences(content), severity_sentence(content))
    yield Box([Text(line, BODY) for line in lines])


def _figures(content: ReviewContent, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    yield Heading("核查了什么，结果如何", 1, "figures", ledger)
    tiles = looked_at(content)
    wide = TABLE_WIDTH / len(tiles)
    yield Rows([Column(name, wide, "center") for name, _ in tiles], [[figure for _, figure in tiles]])
    columns = [Column(MEASURE_HEADS[0], 139), *(Column(name, 120, "right") for name in MEASURE_HEADS[1:])]
    yield Rows(columns, [measure_row(measure) for measure in content.measures])
    yield Heading(f"离目标 {content.target} 级还有多远", 2, "progress", ledger)
    yield Text(PROGRESS_NOTE, NOTE)
    levels = any(line.levels for line in content.progress)
    widths = (54, 145, 34, 40, 46, 46, 52) if levels else (54, 197, 34, 40, 46, 46)
    names = ("代码", "角色、项目", "条款", "属实", "待核查", "不成立", "功能等级")[: len(widths)]
    figures = [Column(name, wide, "right") for name, wide in zip(names[2:], widths[2:], strict=True)]
    columns = [Column(names[0], widths[0]), Column(names[1], widths[1]), *figures]
    columns.append(Column(f"{content.target} 级", TABLE_WIDTH - sum(widths)))
    rows = [_progress_row(line, scribe, levels=levels) for line in content.progress]
    tints = {number: FAINT for number, line in enumerate(content.progress) if line.is_role}
    yield Rows(columns, rows, tints=tints)
    if levels:
        yield Text("功能等级：自评 → 核查后（没有看到的按自评计）。", NOTE)


def _progress_row(line: ProgressLine, scribe: Scribe, *, levels: bool) -> list[Cell]:
    style = SMALL_BOLD if line.is_role else SMALL
    counts = [str(count) for count in (line.total, line.confirmed, line.open, line.fallen)]
    if levels:
        counts.append(f"{line.levels[0]} → {line.levels[1]}" if line.levels else "")
    stands = STANDS_NAMES[line.stands] if line.stands is not None else ""
    return [Text(line.code, style), Text(scribe.printable(line.name), style), *counts, stands]


def _findings(content: ReviewContent, picture: PictureOf, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    yield CondPageBreak(190)
    yield Heading(f"发现的问题（{len(content.findings)} 个）", 1, "findings", ledger)
    if not content.findings:
        yield Text(NO_FINDINGS, BODY)
    for line in content.findings:
        yield CondPageBreak(150)
        title = f"{line.number}　{line.clause} {line.item_name}"
        yield Heading(scribe.printable(title), 3, f"finding-{line.number}", ledger, outline=1)
        yield from _block(line, scribe)
        if line.shots:
            yield ShotRow(line.shots[:MOST_SHOTS], len(line.shots) - MOST_SHOTS, picture, scribe)


def _block(line: FindingLine, scribe: Scribe) -> Iterator[Flowable]:
    """What it is about stays with its heading; what was said of it may go on overleaf."""
    severity = Text(SEVERITY_NAMES[line.severity], Style(8, 11.5, bold=True, color=_INKS[line.severity]))
    about: list[tuple[str, Cell]] = [
        ("程度", severity),
        ("结论", scribe.printable("　".join((verdicts(line), *circumstances(line))))),
        ("标准要求", scribe.printable(line.requirement)),
    ]
    head = _pairs(about)
    head.spaceAfter = 0
    yield head
    texts = (
        ("现场所见", line.opinion.seen),
        ("存在问题", line.problem),
        ("整改建议", line.opinion.suggestion),
        ("责任与期限", responsible(line)),
    )
    yield _pairs([row for name, text in texts for row in _text_rows(name, scribe.printable(plain_text(text)))])


def _pairs(rows: Sequence[tuple[str, Cell]]) -> Rows:
    return Rows([Column("", _NAMES, style=_LABEL), Column("", TABLE_WIDTH - _NAMES)], rows, header=False)


def _text_rows(name: str, text: str) -> Iterator[tuple[str, Cell]]:
    """A text in as many rows as let a page break fall within it; none where it is empty."""
    wide = TABLE_WIDTH - _NAMES - 2 * Rows.PAD_X
    lines = Text(text, SMALL).lines_for(wide) if text else []
    for start in range(0, len(lines), _LINES):
        yield name if not start else "", Text.of_lines(lines[start : start + _LINES], SMALL, wide)


class ShotRow(Flowable):
    """The pictures of a finding side by side, each with whose it is; `more` are not shown."""

    HIGH = SHOT[1] + 20

    def __init__(self, shots: Sequence[Shot], more: int, picture: PictureOf, scribe: Scribe) -> None:
        super().__init__()
        self.shots, self.picture = shots, picture
        last = len(shots) - 1
        self.captions = [
            scribe.printable(caption(shot, more if number == last and more > 0 else 0))
            for number, shot in enumerate(shots)
        ]
        self.faults = [scribe.printable(fault(shot)) for shot in shots]

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, self.HIGH
        return self.width, self.height

    def draw(self) -> None:
        wide, high = SHOT
        bottom = self.height - high - 3
        for number, shot in enumerate(self.shots):
            x = number * (TABLE_WIDTH - wide)
            self._draw(shot, self.faults[number], x, bottom)
            style = Style(7.5, 11, color=GREY)
            draw_line(self.canv, x, bottom - 1, shorten(self.captions[number], style.font, style.size, wide), style)

    def _draw(self, shot: Shot, why: str, x: float, bottom: float) -> None:
        canvas, (wide, high) = self.canv, SHOT
        shown = self.picture(shot)
        canvas.setFillColor(color(FAINT))
        canvas.setStrokeColor(color(LINE))
        canvas.setLineWidth(0.5)
        canvas.rect(x, bottom, wide, high, stroke=1, fill=1)
        if shown is None:
            style = Style(8, 12, color=ALERT, align="center")
            text = shorten(why, style.font, style.size, wide - 12)
            draw_line(canvas, x, bottom + high / 2 + 6, text, style, wide)
            return
        scale = min(wide / shown.size[0], high / shown.size[1])
        size = shown.size[0] * scale, shown.size[1] * scale
        place = x + (wide - size[0]) / 2, bottom + (high - size[1]) / 2
        canvas.drawImage(ImageReader(BytesIO(shown.content)), *place, *size)


def _common(content: ReviewContent, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    if not content.common:
        return
    yield Heading("共性问题", 1, "common", ledger)
    columns = [Column("问题", 250), Column("出现", 44, "right"), Column("条款", TABLE_WIDTH - 294)]
    yield Rows(
        columns,
        [(scribe.printable(p.what), f"{p.count} 处", "、".join(p.clauses)) for p in content.common],
    )


def _next(content: ReviewContent, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    yield Heading("下一步", 1, "next", ledger)
    if not content.steps:
        yield Text(NOTHING_TO_MEND, BODY)
        return
    if note := proposals_note(content):
        yield Text(note, NOTE)
    columns = [Column("期限", 92), Column("程度", 36), Column("责任科室、责任人", 110), Column("问题序号和条款", 261)]
    rows = [
        (
            Text(deadline(step), SMALL_BOLD),
            Text(SEVERITY_NAMES[step.severity], Style(8, 11.5, bold=True, color=_INKS[step.severity])),
            scribe.printable(step.who) or "待定",
            numbered(step),
        )
        for step in content.steps
    ]
    yield Rows(columns, rows)


def _signatures(content: ReviewContent, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    """Kept on one page: nobody signs a page of lines alone, or half of them."""
    yield CondPageBreak(230)
    yield Heading("确认与签名", 1, "signatures", ledger)
    yield Text(OPINION_LINE, Style(9.5, 15, color=INK))
    yield Spacer(1, 62)
    line = Style(9.5, 26)
    blank = "＿" * 10
    yield Text("医院确认：", Style(9.5, 20, bold=True))
    for signer in SIGNERS:
        yield Text(f"{signer}：{blank}　　日期：{'＿' * 7}", line)
    yield Text("专家签名：", Style(9.5, 20, bold=True, before=6))
    names = content.experts or ("",)
    for name in names:
        shown = f"（{scribe.printable(name)}）" if name else ""
        yield Text(f"{blank}{shown}　　日期：{'＿' * 7}", line)
