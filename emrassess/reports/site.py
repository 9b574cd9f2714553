"""`index.html` of the evidence package: one page without network, program or newer browser.

Everything is written out here and escaped; the script only shows, hides and filters. Without it the page is one long
document whose links still work.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby

from emrassess import paths
from emrassess.domain.assessment import Evidence
from emrassess.domain.pack import Category
from emrassess.domain.readiness import Part, Readiness
from emrassess.domain.scoring import LevelOutcome, Standing
from emrassess.reports.content import ItemSheet, LevelLine, ReportContent
from emrassess.reports.demand_words import demand_measure, demand_remark, demand_text, demand_tile
from emrassess.reports.sentences import attained_tile, reach_sentence, rim_phrase
from emrassess.reports.site_evidence import evidence_view
from emrassess.reports.site_items import items_view
from emrassess.reports.site_parts import bars_svg, escape, head_row, radar_svg, scroll
from emrassess.reports.wording import (
    ABSENT_NAME,
    ABSENT_SIGN,
    MOST_REASONS,
    OUTCOME_NAMES,
    OUTCOME_SIGNS,
    STANDING_SIGNS,
    day,
    percent,
    two_places,
)

Href = Callable[[Evidence, str], str | None]


def site_html(content: ReportContent, evidence_href: Href) -> Iterator[str]:
    """The whole page, in parts: thousands of pieces of evidence make it long.

    `evidence_href` gives the path of a piece as it lies for a clause, relative to the page, with forward slashes and
    not yet quoted; "" or None where the package does not hold it.

    Write it as UTF-8 bytes as it is: the policy in its head names style and script by digest, and would refuse them
    after a change of line ends.
    """
    folder = paths.resources_dir() / "site"
    style = (folder / "site.css").read_text(encoding="utf-8")
    script = (folder / "site.js").read_text(encoding="utf-8")
    policy = (
        "default-src 'none'; img-src 'self' file: data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    title = f"{escape(content.hospital)} 分级评价实证材料"
    yield '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield f"<title>{title}</title>\n<style>{style}</style>\n</head>\n"
    yield f'<body data-target="{content.target}">\n'
    yield _top(content)
    yield "<main id='main'>\n"
    yield _overview(content)
    yield from items_view(content, evidence_href)
    yield from evidence_view(content, evidence_href)
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _top(content: ReportContent) -> str:
    views = (("overview", "概览"), ("items", "项目与条款"), ("evidence", "实证材料"))
    links = "".join(f'<a id="to-{key}" href="#{key}">{name}</a>' for key, name in views)
    return (
        '<a class="skip" href="#items">跳到条款</a>\n<header class="top">'
        f"<h1>{escape(content.hospital)}<span>自评目标 {content.target} 级　{day(content.created)}</span></h1>"
        f'<nav aria-label="页面">{links}</nav></header>\n'
    )


def _overview(content: ReportContent) -> str:
    outcome = content.goal.result.outcome
    tone = "verdict good" if outcome is LevelOutcome.MET else "verdict"
    unverified = ""
    if content.unverified:
        names = "、".join(f'<a href="#i-{code}">{code} {escape(name)}</a>' for code, name in content.unverified)
        demanded = content.goal.result.basic_among_unverified
        unverified = (
            f"<details><summary>评价类别待核对 {len(content.unverified)} 项"
            f"（其中应有 {demanded} 项是基本项）</summary>{names}</details>"
        )
    return (
        f'<section id="overview">\n<h2>概览</h2>\n{_tiles(content)}\n<div class="{tone}">'
        f"<strong>{OUTCOME_SIGNS[outcome]} 目标 {content.target} 级：{OUTCOME_NAMES[outcome]}</strong>"
        f"{_reasons(content.goal)}<p>{escape(reach_sentence(content))}</p>{unverified}</div>\n"
        f'<div class="columns">{_groups(content)}<div><h3>工作角色得分与目标</h3>{_roles(content)}</div></div>\n'
        f"<h3>{len(content.items)} 个项目的热力图</h3>{_heat(content)}\n<h3>到目标还缺什么</h3>{_gaps(content)}\n"
        f"<h3>各等级判定</h3>{_levels(content)}\n{_about(content)}</section>\n"
    )


def _reasons(line: LevelLine) -> str:
    """The reasons of a level as a list, the end of a long one folded."""
    items = [f"<li>{escape(reason)}</li>" for reason in line.reasons]
    shown, rest = items[:MOST_REASONS], items[MOST_REASONS:]
    folded = f"<details><summary>另有 {len(rest)} 条理由</summary><ul>{''.join(rest)}</ul></details>" if rest else ""
    return f"<ul>{''.join(shown)}</ul>{folded}"


def _tiles(content: ReportContent) -> str:
    census = content.census
    evidence = f"达标条款 {census.met} 条，材料完整 {census.complete} 条"
    tiles = [attained_tile(content)]
    for demand in content.goal.result.demands:
        remark = demand_remark(demand)
        if demand.in_points and demand.needed is not None:
            remark = f"{content.target} 级{remark}"
        tiles.append((*demand_tile(demand, content.target), remark))
    tiles.append(("实证材料", f"{census.pieces} 件", evidence))
    cells = "".join(
        f'<div class="tile"><span class="soft">{name}</span><b>{figure}</b><span class="soft small">{note}</span></div>'
        for name, figure, note in tiles
    )
    return f'<div class="tiles">{cells}</div>'


def _groups(content: ReportContent) -> str:
    if not content.groups:
        return ""

    def bar(group: Readiness) -> str:
        total = Decimal(group.clauses or 1)
        parts = (Decimal(group.clauses_ready) / total, Decimal(group.clauses_met) / total)
        figures = f"条款达标 {group.clauses_met}/{group.clauses}，材料完整 {group.clauses_ready}"
        return _bar(group.name, figures, *parts)

    key = f"横条是到 {content.target} 级的全部条款，左起：达标且材料完整、达标但材料不全、空白为还没有达标。"
    bars = "".join(map(bar, content.groups))
    return f'<div><h3>专家组就绪度</h3>{bars}<p class="soft small">{key}</p>{_group_table(content)}</div>'


def _bar(name: str, figures: str, ready: Decimal, met: Decimal) -> str:
    return (
        f'<div class="bar"><p><b>{escape(name)}</b><span class="soft small">{figures}</span></p>'
        f"{bars_svg(ready, met)}</div>"
    )


def _group_table(content: ReportContent) -> str:
    def part(counts: Part | None) -> str:
        return f"{counts.passed}/{counts.total}" if counts and counts.total else "—"

    def row(group: Readiness) -> str:
        figures = [part(counts) for counts in group.parts]
        figures.append(f"{two_places(group.points)} / {two_places(group.points_at_target)}")
        if content.has_quality:
            figures.append(part(group.quality))
        cells = "".join(f'<td class="n">{figure}</td>' for figure in figures)
        return f"<tr><td>{escape(group.name)}</td>{cells}</tr>"

    figures = [*(part.name for part in content.groups[0].parts), "得分/目标得分"]
    if content.has_quality:
        figures.append("质量指数合格")
    heads = head_row("专家组", *figures, numbers=figures)
    return scroll(f'<table class="small">{heads}<tbody>{"".join(map(row, content.groups))}</tbody></table>')


def _roles(content: ReportContent) -> str:
    """The roles as a radar; too few for one are bars."""
    shares = []
    for role in content.roles:
        share = min(role.points / role.points_at_target, Decimal(1)) if role.points_at_target else Decimal(1)
        shares.append((role.name, share, percent(share)))
    few = len(shares) < 3
    if few:
        picture = "".join(_bar(name, figure, share, share) for name, share, figure in shares)
    else:
        picture = radar_svg([(name, float(share), figure) for name, share, figure in shares])
    rim = f"{'满格' if few else '外圈'}是{rim_phrase(content)}"
    return f'{picture}<p class="soft small">百分数是得分占目标得分的比例，{rim}。</p>'


def _heat(content: ReportContent) -> str:
    levels = [line.result.level for line in content.levels]
    heads = "".join(
        f'<th scope="col"{" class=goal" if level == content.target else ""}>{level} 级</th>' for level in levels
    )
    rows = []
    for role, members in groupby(content.items, key=lambda item: (item.role, item.role_name)):
        for index, item in enumerate(members):
            name = f"{role[0]} {escape(role[1])}" if index == 0 else ""
            cells = "".join(_cell(content, item, level) for level in levels)
            rows.append(
                f'<tr{" class=first" if index == 0 else ""}><td class="name soft">{name}</td><td class="name">'
                f'<a href="#i-{item.code}">{item.code} {escape(item.name)}</a></td>{cells}'
                f'<td class="n">{two_places(item.score)}&nbsp;</td></tr>'
            )
    signs = {**STANDING_SIGNS, Standing.SOME: "2/5", Standing.NOTHING: "0/5"}
    key = "".join(f'<span class="h-{s.name.lower()}">{signs[s]}</span>{name}' for s, name in content.standings.items())
    key += f'<span class="h-absent">{ABSENT_SIGN}</span>{ABSENT_NAME}'
    underlined = "，加粗下划线是已核对的基本项" if content.has_categories else ""
    table = f'<table class="heat"><thead><tr><th>角色</th><th>项目</th>{heads}<th>得分</th></tr></thead>'
    return (
        scroll(f"{table}<tbody>{''.join(rows)}</tbody></table>")
        + f'<p class="key small soft">{key}　数字是本级达标条款数/条款数{underlined}。</p>'
    )


def _cell(content: ReportContent, item: ItemSheet, level: int) -> str:
    rung = item.by_level.get(level)
    look, text, words = "absent", ABSENT_SIGN, ABSENT_NAME
    if rung:
        look, words = rung.standing.name.lower(), content.standings[rung.standing]
        text = STANDING_SIGNS[rung.standing] or f"{rung.met}/{len(rung.clauses)}"
        if rung.category is Category.BASIC:
            text = f"<b><u>{text}</u></b>"
    label = f"{item.code} {item.name} {level} 级：{words}"
    return f'<td class="h-{look}" title="{escape(label)}"><a href="#i-{item.code}">{text}</a></td>'


def _gaps(content: ReportContent) -> str:
    if not content.gaps:
        return "<p>没有要整改的项目。</p>"
    rows = "".join(
        f'<tr><td class="n">{gap.order or "备选"}</td>'
        f'<td><a href="#i-{gap.item}">{gap.item} {escape(gap.name)}</a></td>'
        f"<td>{gap.why}</td><td>{'<br>'.join(escape(reason) for reason in gap.brief)}</td>"
        f'<td class="n">{two_places(gap.gain)}</td></tr>'
        for gap in content.gaps
    )
    heads = head_row("先后", "项目", "为什么要补", "差什么", "涨分", numbers=("先后", "涨分"))
    return scroll(f"<table>{heads}<tbody>{rows}</tbody></table>")


def _levels(content: ReportContent) -> str:
    def row(line: LevelLine) -> str:
        result = line.result
        figures = [demand_text(demand) for demand in result.demands]
        if content.has_categories:
            figures.append(str(len(result.unverified_items)))
        cells = "".join(f'<td class="n">{figure}</td>' for figure in figures)
        reasons = "<br>".join(escape(reason) for reason in line.reasons[:MOST_REASONS]) or "各项要求都已满足"
        if rest := line.reasons[MOST_REASONS:]:
            folded = "<br>".join(map(escape, rest))
            reasons += f"<details><summary>另有 {len(rest)} 条理由</summary>{folded}</details>"
        return (
            f"<tr><td><b>{result.level} 级</b></td>"
            f"<td>{OUTCOME_SIGNS[result.outcome]} {OUTCOME_NAMES[result.outcome]}</td>"
            f'{cells}<td class="small">{reasons}</td></tr>'
        )

    figures = []
    for demand in content.goal.result.demands:
        measure = demand_measure(demand, has_categories=content.has_categories)
        figures.append(f"{demand.name}{'' if demand.in_points else ' '}{measure}")
    if content.has_categories:
        figures.append("待核对")
    heads = head_row("级别", "判定", *figures, "理由", numbers=figures)
    return scroll(f"<table>{heads}<tbody>{''.join(map(row, content.levels))}</tbody></table>")


def _about(content: ReportContent) -> str:
    return (
        f'<h3>说明</h3><p class="small soft">本页由医院自评的数据生成，不是主管部门的评价结论。评价标准：'
        f"{escape(content.standard_named)}；标准包 {escape(content.pack_id)} "
        f'{escape(content.pack_version)}，SHA-256 <span class="digest">{content.pack_digest}</span>；'
        f"评估编号 {escape(content.assessment_id)}。</p>"
    )
