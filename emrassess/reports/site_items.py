"""The web page's items: list at the side, ladder, clauses with the hospital's answer and evidence, filters."""

from collections.abc import Callable, Iterator
from itertools import groupby

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import Evidence, EvidenceState
from emrassess.domain.reasons import plain
from emrassess.reports.content import ClauseLine, Exhibit, ItemSheet, ReportContent, Rung
from emrassess.reports.sentences import (
    coverage_text,
    lack_sentences,
    points_text,
    quality_text,
    score_sentence,
    standing_sentence,
)
from emrassess.reports.site_parts import SHOWN, anchor, escape, head_row, scroll, url
from emrassess.reports.wording import (
    CATEGORY_NAMES,
    KIND_NAMES,
    STANDING_SIGNS,
    STATE_NAMES,
    VERDICT_SIGNS,
    level_text,
    minute,
    two_places,
)


def items_view(content: ReportContent, evidence_href: Callable[[Evidence, str], str | None]) -> Iterator[str]:
    """The view of items and clauses, in parts; everything is in it, the script shows what is asked for."""
    yield (
        f'<section id="items">\n<div class="bench">{_side(content)}<div class="work">\n<h2>项目与条款</h2>\n'
        f"{_filters(content)}\n"
    )
    for item in content.items:
        yield _item(content, item, evidence_href)
    yield "</div></div></section>\n"


def _side(content: ReportContent) -> str:
    parts = ['<nav class="side" aria-label="项目"><a href="#items">全部项目</a>']
    for role, members in groupby(content.items, key=lambda item: (item.role, item.role_name)):
        parts.append(f"<h4>{role[0]} {escape(role[1])}</h4>")
        for item in members:
            sign = "—" if item.passes is None else "✓" if item.passes else "×"
            parts.append(
                f'<a href="#i-{item.code}"><span>{item.code} {escape(item.name)}</span>'
                f'<span class="small">{two_places(item.score)} {sign}</span></a>'
            )
    return "".join(parts) + "</nav>"


def _options(pairs: list[tuple[str, str]]) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in pairs)


def _filters(content: ReportContent) -> str:
    levels = [("goal", f"到目标 {content.target} 级"), ("", "全部级别")]
    levels += [(str(line.result.level), f"{line.result.level} 级") for line in content.levels]
    hidden = "" if content.groups else " hidden"
    groups = [("", "全部"), *((group.code, group.name) for group in content.groups)]
    verdicts = [("", "全部"), *((verdict.value, name) for verdict, name in VERDICT_NAMES.items())]
    states = [("", "全部"), *((state.value, name) for state, name in STATE_NAMES.items())]
    return (
        '<div class="filters" role="search">'
        f'<label>级别 <select id="f-level">{_options(levels)}</select></label>'
        f'<label{hidden}>专家组 <select id="f-group">{_options(groups)}</select></label>'
        f'<label>自评 <select id="f-verdict">{_options(verdicts)}</select></label>'
        f'<label>材料 <select id="f-state">{_options(states)}</select></label>'
        '<label>查找 <input id="f-search" type="search" placeholder="条款、说明、材料名"></label>'
        '<label><button id="f-reset" type="button">清除筛选</button></label>'
        '<span id="f-count" class="soft" role="status"></span></div>'
    )


def _item(content: ReportContent, item: ItemSheet, evidence_href: Callable[[Evidence, str], str | None]) -> str:
    title, reasons = lack_sentences(item, content.target)
    lacks = f"<p>{title}：{escape('；'.join(reasons))}。</p>" if reasons else ""
    reached = f"功能评分 {level_text(item.function_level)}　｜　" if content.has_coverage else ""
    facts = (
        f"{escape(item.role_name)}　｜　{standing_sentence(item, content.target)}　｜　"
        f"{reached}得分 {two_places(item.score)}"
    )
    clauses = "".join(_clause(content, item, clause, evidence_href) for rung in item.rungs for clause in rung.clauses)
    return (
        f'<article class="item" id="i-{item.code}">'
        f'<h3><a href="#i-{item.code}">{item.code} {escape(item.name)}</a></h3>'
        f'<p class="soft">{facts}</p>{_ladder(content, item)}<p><b>{score_sentence(item)}</b></p>{lacks}\n{clauses}'
        "</article>\n"
    )


def _ladder(content: ReportContent, item: ItemSheet) -> str:
    columns = _ladder_columns(content, item)
    numbers = frozenset({"条款", "得分", "得分/满分"})

    def row(rung: Rung) -> str:
        cells = ((' class="n"' if title in numbers else "", cell(rung)) for title, cell in columns)
        return "".join(f"<td{kind}>{text}</td>" for kind, text in cells)

    rows = "".join(f"<tr>{row(rung)}</tr>" for rung in item.rungs)
    heads = head_row(*(title for title, _ in columns), numbers=numbers)
    return scroll(f'<table class="small">{heads}<tbody>{rows}</tbody></table>')


def _ladder_columns(content: ReportContent, item: ItemSheet) -> list[tuple[str, Callable[[Rung], str]]]:
    """Titles with what makes the cells."""

    def level(rung: Rung) -> str:
        return f"<b>{rung.level} 级（目标）</b>" if rung.level == content.target else f"{rung.level} 级"

    def points(rung: Rung) -> str:
        text = points_text(rung)
        return f"<b>{text}</b>" if rung.level == item.scored_level else text

    columns: list[tuple[str, Callable[[Rung], str]]] = [
        ("级别", level),
        ("要求概要", lambda rung: escape(rung.summary)),
    ]
    if content.has_categories:
        columns.append(("类别", lambda rung: CATEGORY_NAMES[rung.category] if rung.category else "—"))
    columns.append(("条款", lambda rung: f"{rung.met}/{len(rung.clauses)}"))
    if content.has_coverage:
        columns.append(("有效应用比例", lambda rung: coverage_text(item, rung)))
    if content.has_quality:
        columns.append(("数据质量指数", lambda rung: quality_text(rung).replace("\n", "，")))
    columns.append(("得分" if content.has_coverage else "得分/满分", points))
    columns.append(("结果", lambda rung: f"{STANDING_SIGNS[rung.standing]} {content.standings[rung.standing]}"))
    return columns


def _clause(
    content: ReportContent,
    item: ItemSheet,
    clause: ClauseLine,
    evidence_href: Callable[[Evidence, str], str | None],
) -> str:
    place = anchor(clause.id)
    said = ""
    if clause.note.strip():
        said += f'<p class="said"><b>自评说明</b>{escape(clause.note.strip())}</p>'
    if clause.demonstration.strip():
        said += f'<p class="said"><b>系统演示路径</b>{escape(clause.demonstration.strip())}</p>'
    shots = "".join(_shot(content.by_number[number], clause.id, evidence_href) for number in clause.evidence)
    if shots:
        said += f'<div class="shots">{shots}</div>'
    state = ""
    if clause.state is not EvidenceState.NONE or clause.verdict is Verdict.MET:
        state = f'<span class="tag">{STATE_NAMES[clause.state]}</span>'
    points = "" if clause.points is None else f'<span class="tag">{plain(clause.points)} 分</span>'
    return (
        f'<section class="clause" id="{place}" data-level="{clause.level}" '
        f'data-group="{escape(" ".join(item.groups))}" data-verdict="{clause.verdict.value}" '
        f'data-state="{clause.state.value}">'
        f'<h4><a href="#{place}">{clause.id}</a><span class="tag v-{clause.verdict.value}">'
        f"{VERDICT_SIGNS[clause.verdict]} {VERDICT_NAMES[clause.verdict]}</span>{points}{state}</h4>"
        f"<p>{escape(clause.text)}</p>{_folded('官方原文', clause.official)}{said}"
        f"{_folded('通常怎样证明', clause.hint)}</section>\n"
    )


def _folded(title: str, text: str) -> str:
    """A text to unfold; nothing where there is none."""
    return f"<details><summary>{title}</summary>{escape(text)}</details>" if text.strip() else ""


def frame(exhibit: Exhibit, href: str | None) -> str:
    """A picture or a tile with the kind of file, leading to the file where the package holds it."""
    kind = f'<span class="kind">{KIND_NAMES[exhibit.piece.kind]} {escape(exhibit.suffix)}</span>'
    if not href:
        return f'<span class="frame">{kind}</span>'
    inside = kind
    if exhibit.piece.current.media_type in SHOWN:
        inside = f'<img data-src="{escape(url(href))}" alt="{escape(exhibit.label)}" loading="lazy">'
    label = f"打开 {exhibit.label}"
    return (
        f'<a class="frame" href="{escape(url(href))}" target="_blank" rel="noopener" '
        f'aria-label="{escape(label)}">{inside}</a>'
    )


def _shot(exhibit: Exhibit, clause: str, evidence_href: Callable[[Evidence, str], str | None]) -> str:
    piece = exhibit.piece
    source = "　".join(part for part in (piece.source_system.strip(), minute(piece.captured_at)) if part)
    return (
        f"<figure>{frame(exhibit, evidence_href(piece, clause))}<figcaption>"
        f'<a href="#e-{exhibit.number}">[{exhibit.number}] {escape(exhibit.label)}</a>'
        f'<br><span class="soft">{escape(source)}</span></figcaption></figure>'
    )
