"""The slides around the findings: cover, what was checked, the group against the target, what is common and next."""

from collections.abc import Sequence

from emrassess.domain.review import EXPERT_VERDICT_NAMES, SEVERITY_NAMES
from emrassess.domain.verified import STANDS_NAMES, Stands
from emrassess.reports.deck_findings import SEVERITY_LOOKS
from emrassess.reports.deck_parts import (
    BODY,
    LEFT,
    PAD_X,
    ROW_SIZE,
    TOP,
    WIDTH,
    Area,
    Cell,
    Column,
    Deck,
    Look,
    Page,
    Row,
    tables,
)
from emrassess.reports.fitting import LEAST, Para, cut, fit, one_line, plain_text
from emrassess.reports.pdf_parts import ALERT, FAINT, GREY, NAVY, PALE, SKY
from emrassess.reports.pdf_text import INK
from emrassess.reports.review_content import FindingLine, ReviewContent
from emrassess.reports.review_figures import ProgressLine
from emrassess.reports.review_words import (
    MEASURE_HEADS,
    NO_FINDINGS,
    NOTHING_TO_MEND,
    PROGRESS_NOTE,
    deadline,
    facts,
    heading,
    looked_at,
    measure_row,
    numbered,
    proposals_note,
    severity_sentence,
    verdict_sentences,
)

_GAP = 8.0
_COVER = Area(60, 214, 840, 290)
_TILE, _ROW, _HEAD, _KEY = 66.0, 17.3, 22.0, 40.0
_PARTS = (("confirmed", "属实", NAVY), ("open", "待核查", SKY), ("fallen", "不成立", ALERT))


def front(deck: Deck, content: ReviewContent) -> None:
    """All that comes before the findings."""
    _cover(deck, content)
    _overview(deck, content)
    _against_target(deck, content)
    _index(deck, content)


def back(deck: Deck, content: ReviewContent) -> None:
    """All that comes after them."""
    _common(deck, content)
    _next(deck, content)


def _cover(deck: Deck, content: ReviewContent) -> None:
    title = heading(content)
    page = deck.cover(title)
    paras = [Para(plain_text(content.hospital), bold=True, scale=1.6)]
    paras += [Para(plain_text(value), f"{name}：", NAVY) for name, value in facts(content)]
    fitted = fit(paras, _COVER.wide, _COVER.high)
    page.text(_COVER, fitted)
    ids = f"评价标准包 {content.pack_id} {content.pack_version}"
    page.notes(f"{one_line(content.hospital)}\n{ids}\n专家组代码 {content.group.code}，第 {content.round} 轮")
    _go_on(deck, title, fitted.rest)


def _go_on(deck: Deck, title: str, rest: Sequence[Para]) -> None:
    while rest:
        fitted = fit(rest, BODY.wide, BODY.high)
        deck.page(f"{title}（续）").text(BODY, fitted)
        rest = fitted.rest


def _overview(deck: Deck, content: ReviewContent) -> None:
    title = "核查了什么，结果如何"
    page = deck.page(title, "\n".join((*verdict_sentences(content), severity_sentence(content))))
    tiles = looked_at(content)
    wide = (WIDTH - _GAP * (len(tiles) - 1)) / len(tiles)
    for number, (name, figure) in enumerate(tiles):
        x = LEFT + number * (wide + _GAP)
        page.box(Area(x, TOP, wide, _TILE), PALE if number < 2 else FAINT)
        page.line(Area(x, TOP + 6, wide, 20), name, 14, Look(GREY, "center"))
        page.line(Area(x, TOP + 26, wide, 40), figure, 26, Look(NAVY, "center"), bold=True)
    y = TOP + _TILE + _GAP
    paras = [Para(text) for text in (*verdict_sentences(content), severity_sentence(content))]
    fitted = fit(paras, WIDTH, 84, (16, 15, 14, 13, LEAST))
    page.text(Area(LEFT, y, WIDTH, 84), fitted)
    _go_on(deck, title, fitted.rest)
    y += fitted.high + 2 * _GAP
    columns = [Column(MEASURE_HEADS[0], 250), *(Column(name, 210, "right") for name in MEASURE_HEADS[1:])]
    rows = [_measure_cells(measure_row(measure)) for measure in content.measures]
    _put_tables(deck, page, title, y, columns, rows)


def _put_tables(deck: Deck, page: Page, title: str, y: float, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """`rows` from `y` on, and on as many pages more as they need."""
    for number, part in enumerate(tables(columns, rows, TOP + BODY.high - y)):
        if number:
            page, y = deck.page(f"{title}（续）"), TOP
        page.table(LEFT, y, columns, part)


def _measure_cells(texts: Sequence[str]) -> Row:
    name, claimed, *verified = texts
    changed = any(text != claimed for text in verified[:1])
    return (
        Cell(name, bold=True),
        Cell(claimed),
        Cell(verified[0], ALERT if changed else INK, changed),
        *(Cell(text) for text in verified[1:]),
    )


# --- the group against the target


def _against_target(deck: Deck, content: ReviewContent) -> None:
    """Bars of clauses, an item a row under its role; each bar is all that the target asks for."""
    rows_a_page = int((BODY.high - _HEAD - _KEY) // _ROW)
    title = f"离目标 {content.target} 级还有多远：{content.group.name}各项目"
    parts = _pages(content.progress, rows_a_page)
    for number, lines in enumerate(parts):
        page = deck.page(f"{title}（续）" if number else title, _bars_in_words(lines))
        _bar_heads(page, content)
        for place, line in enumerate(lines):
            _bar(page, line, TOP + _HEAD + place * _ROW)
        _bar_key(page, TOP + BODY.high - _KEY)


def _pages(lines: Sequence[ProgressLine], most: int) -> list[list[ProgressLine]]:
    """`lines` in pages; no role stands last on a page, away from its items."""
    pages: list[list[ProgressLine]] = [[]]
    for line in lines:
        if len(pages[-1]) >= most or (line.is_role and len(pages[-1]) >= most - 1):
            pages.append([])
        pages[-1].append(line)
    return [page for page in pages if page]


_NAME, _BAR, _FIGURES, _STATE = (
    Area(LEFT, 0, 226, _ROW),
    Area(LEFT + 232, 0, 280, _ROW),
    Area(LEFT + 522, 0, 240, _ROW),
    Area(LEFT + 766, 0, 114, _ROW),
)


def _at(area: Area, y: float, high: float = _ROW) -> Area:
    return Area(area.x, y, area.wide, high)


def _bar_heads(page: Page, content: ReviewContent) -> None:
    look = Look(GREY, anchor="middle")
    for area, text in (
        (_NAME, "角色、项目"),
        (_BAR, "到目标等级的条款"),
        (_FIGURES, "条数"),
        (_STATE, f"{content.target} 级"),
    ):
        page.line(_at(area, TOP, _HEAD), text, LEAST, look, bold=True)


def _bar(page: Page, line: ProgressLine, y: float) -> None:
    middle = Look(NAVY if line.is_role else INK, anchor="middle")
    name, indent = (line.name, 0.0) if line.is_role else (f"{line.code} {line.name}", 14.0)
    place = Area(_NAME.x + indent, y, _NAME.wide - indent, _ROW)
    page.line(place, name, LEAST, middle, bold=line.is_role)
    x, inner = _BAR.x, _ROW - 7
    for key, _, fill in _PARTS:
        wide = _BAR.wide * getattr(line, key) / line.total
        if wide:
            page.box(Area(x, y + 3.5, wide, inner), fill)
            x += wide
    page.box(Area(_BAR.x, y + 3.5, _BAR.wide, inner), "", GREY)
    page.line(_at(_FIGURES, y), _counts(line), LEAST, middle)
    if line.stands is not None:
        bad = line.stands is Stands.FALLEN
        page.line(
            _at(_STATE, y), STANDS_NAMES[line.stands], LEAST, Look(ALERT if bad else INK, anchor="middle"), bold=bad
        )


def _counts(line: ProgressLine) -> str:
    parts = [f"{name} {getattr(line, key)}" for key, name, _ in _PARTS if getattr(line, key)]
    return "　".join([*parts, f"共 {line.total}"])


def _bars_in_words(lines: Sequence[ProgressLine]) -> str:
    """For who hears the slide and does not see it."""
    said = []
    for line in lines:
        levels = "功能等级 自评 {}，核查后最多 {}，已核实 {}".format(*line.levels) if line.levels else ""
        state = STANDS_NAMES[line.stands] if line.stands is not None else ""
        said.append("；".join(filter(None, (f"{line.code} {line.name}：{_counts(line)}", levels, state))))
    return "\n".join(said)


def _bar_key(page: Page, y: float) -> None:
    x = LEFT
    for _, name, fill in (*_PARTS, ("", "自评未达标", "")):
        page.box(Area(x, y + 5, 12, 12), fill, GREY)
        page.line(Area(x + 18, y + 1, 80, 20), name, LEAST, Look(INK, anchor="middle"))
        x += 104
    page.line(Area(LEFT, y + 22, WIDTH, _KEY - 22), PROGRESS_NOTE, LEAST, Look(GREY))


# --- lists


def _severity(line: FindingLine) -> Cell:
    fill, ink = SEVERITY_LOOKS[line.severity]
    return Cell(SEVERITY_NAMES[line.severity], ink, True, fill)


def _index(deck: Deck, content: ReviewContent) -> None:
    """All findings in short, worst first."""
    title = f"发现的问题：{len(content.findings)} 个"
    page = deck.page(title, severity_sentence(content))
    if not content.findings:
        page.text(BODY, fit([Para(NO_FINDINGS)], BODY.wide, BODY.high))
        return
    columns = [
        Column("序", 44, "right"),
        Column("程度", 56, "center"),
        Column("条款", 90),
        Column("项目", 190),
        Column("核查", 80),
        Column("问题（全文见后）", 420),
    ]
    rows = [
        (
            Cell(str(line.number)),
            _severity(line),
            Cell(line.clause),
            Cell(line.item_name),
            Cell(EXPERT_VERDICT_NAMES[line.opinion.verdict]),
            Cell(cut(line.problem, ROW_SIZE, 420 - 2 * PAD_X, 2)),
        )
        for line in content.findings
    ]
    _put_tables(deck, page, title, TOP, columns, rows)


def _common(deck: Deck, content: ReviewContent) -> None:
    """What was found at more than one clause; no slide where nothing was."""
    if not content.common:
        return
    title = "共性问题"
    columns = [Column("问题", 440), Column("出现", 70, "right"), Column("条款", 370)]
    rows = [
        (Cell(problem.what), Cell(f"{problem.count} 处", bold=True), Cell("、".join(problem.clauses)))
        for problem in content.common
    ]
    page = deck.page(title, "同样的问题在多个条款出现，宜一并整改。")
    _put_tables(deck, page, title, TOP, columns, rows)


def _next(deck: Deck, content: ReviewContent) -> None:
    """Who mends what by when."""
    title = "下一步：谁在什么时候以前整改什么"
    page = deck.page(title, proposals_note(content))
    if not content.steps:
        page.text(BODY, fit([Para(NOTHING_TO_MEND)], BODY.wide, BODY.high))
        return
    y, note = TOP, proposals_note(content)
    if note:
        page.line(Area(LEFT, y, WIDTH, 40), note, 14, Look(GREY))
        y += 44
    columns = [
        Column("期限", 164),
        Column("程度", 56, "center"),
        Column("责任科室、责任人", 190),
        Column("数量", 60, "right"),
        Column("问题序号和条款", 410),
    ]
    rows = [
        (
            Cell(deadline(step), bold=True),
            _severity(step.findings[0]),
            Cell(one_line(step.who) or "待定"),
            Cell(f"{len(step.findings)} 个"),
            Cell(numbered(step)),
        )
        for step in content.steps
    ]
    _put_tables(deck, page, title, y, columns, rows)
