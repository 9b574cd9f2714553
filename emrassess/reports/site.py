"""`index.html` of the evidence package: one page without network, program or newer browser.

Everything is written out here and escaped; the script only shows, hides and filters. Without it the page is one long
document whose links still work.
"""

import base64
import hashlib
from collections.abc import Callable
from decimal import Decimal
from itertools import groupby

from emrassess import paths
from emrassess.domain.assessment import Evidence
from emrassess.domain.pack import Category
from emrassess.domain.readiness import Part, Readiness
from emrassess.domain.scoring import LevelOutcome
from emrassess.reports.content import ItemSheet, LevelLine, ReportContent, Rung
from emrassess.reports.sentences import reach_sentence
from emrassess.reports.site_evidence import evidence_view
from emrassess.reports.site_items import items_view
from emrassess.reports.site_parts import bars_svg, escape, head_row, radar_svg, scroll
from emrassess.reports.wording import (
    NEED_NAMES,
    OUTCOME_NAMES,
    OUTCOME_SIGNS,
    STANDING_NAMES,
    STANDING_SIGNS,
    Standing,
    day,
    level_text,
    percent,
    two_places,
)

Href = Callable[[Evidence, str], str | None]


def site_html(content: ReportContent, evidence_href: Href) -> str:
    """The whole page. `evidence_href` gives the path of a piece as it lies for a clause, relative to the page, with
    forward slashes and not yet quoted; "" or None where the package does not hold it.

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
    title = f"{escape(content.hospital)} 电子病历分级评价实证材料"
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n",
            f'<body data-target="{content.target}">\n',
            _top(content),
            "<main id='main'>\n",
            _overview(content),
            items_view(content, evidence_href),
            evidence_view(content, evidence_href),
            f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


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
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in content.goal.reasons)
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
        f"<ul>{reasons}</ul><p>{escape(reach_sentence(content))}</p>{unverified}</div>\n"
        f'<div class="columns"><div><h3>专家组就绪度</h3>{_groups(content)}</div>'
        f'<div><h3>工作角色得分与目标</h3>{_radar(content)}<p class="soft small">百分数是得分占目标得分的比例，'
        "外圈是全部项目达到目标。</p></div></div>\n"
        f"<h3>{len(content.items)} 个项目的热力图</h3>{_heat(content)}\n<h3>到目标还缺什么</h3>{_gaps(content)}\n"
        f"<h3>各等级判定</h3>{_levels(content)}\n{_about(content)}</section>\n"
    )


def _tiles(content: ReportContent) -> str:
    result = content.goal.result
    required = result.requirement
    possible = f"可能达到 {level_text(content.possible)}" if content.possible > content.certain else "没有待定的级别"
    census = content.census
    tiles = (
        ("确定达到", level_text(content.certain), possible),
        ("总分", two_places(content.total), f"{content.target} 级最低 {required.minimum_score}"),
        ("基本项通过", f"{result.basic_passed}/{len(result.basic_items)}", f"要求 {required.basic_items} 项"),
        (
            "选择项通过",
            f"{result.optional_passed}/{len(result.optional_items)}",
            f"要求 {required.optional_required} 项",
        ),
        ("实证材料", f"{census.pieces} 件", f"达标条款 {census.met} 条，材料完整 {census.complete} 条"),
    )
    cells = "".join(
        f'<div class="tile"><span class="soft">{name}</span><b>{figure}</b><span class="soft small">{note}</span></div>'
        for name, figure, note in tiles
    )
    return f'<div class="tiles">{cells}</div>'


def _groups(content: ReportContent) -> str:
    def bar(group: Readiness) -> str:
        total = Decimal(group.clauses or 1)
        parts = (Decimal(group.clauses_ready) / total, Decimal(group.clauses_met) / total)
        figures = f"条款达标 {group.clauses_met}/{group.clauses}，材料完整 {group.clauses_ready}"
        return (
            f'<div class="bar"><p><b>{escape(group.name)}</b><span class="soft small">{figures}</span></p>'
            f"{bars_svg(*parts)}</div>"
        )

    key = f"横条是到 {content.target} 级的全部条款，左起：达标且材料完整、达标但材料不全、空白为还没有达标。"
    return "".join(map(bar, content.groups)) + f'<p class="soft small">{key}</p>' + _group_table(content)


def _group_table(content: ReportContent) -> str:
    def part(counts: Part | None) -> str:
        return f"{counts.passed}/{counts.total}" if counts and counts.total else "—"

    rows = "".join(
        f'<tr><td>{escape(group.name)}</td><td class="n">{part(group.basic)}</td><td class="n">{part(group.unverified)}'
        f'</td><td class="n">{part(group.optional)}</td><td class="n">{two_places(group.points)} / '
        f'{two_places(group.points_at_target)}</td><td class="n">{part(group.quality)}</td></tr>'
        for group in content.groups
    )
    figures = ("基本项", "待核对", "选择项", "得分/目标得分", "质量指数合格")
    heads = head_row("专家组", *figures, numbers=figures)
    return scroll(f'<table class="small">{heads}<tbody>{rows}</tbody></table>')


def _radar(content: ReportContent) -> str:
    axes = []
    for role in content.roles:
        share = min(role.points / role.points_at_target, Decimal(1)) if role.points_at_target else Decimal(1)
        axes.append((role.name, float(share), percent(share)))
    return radar_svg(axes)


def _heat(content: ReportContent) -> str:
    levels = [line.result.level for line in content.levels]
    heads = "".join(
        f'<th scope="col"{" class=goal" if level == content.target else ""}>{level} 级</th>' for level in levels
    )
    rows = []
    for role, members in groupby(content.items, key=lambda item: (item.role, item.role_name)):
        for index, item in enumerate(members):
            name = f"{role[0]} {escape(role[1])}" if index == 0 else ""
            cells = "".join(_cell(item, item.by_level.get(level), level) for level in levels)
            rows.append(
                f'<tr{" class=first" if index == 0 else ""}><td class="name soft">{name}</td><td class="name">'
                f'<a href="#i-{item.code}">{item.code} {escape(item.name)}</a></td>{cells}'
                f'<td class="n">{two_places(item.score)}&nbsp;</td></tr>'
            )
    signs = {**STANDING_SIGNS, Standing.SOME: "2/5", Standing.NOTHING: "0/5"}
    key = "".join(f'<span class="h-{s.value}">{signs[s]}</span>{name}' for s, name in STANDING_NAMES.items())
    table = f'<table class="heat"><thead><tr><th>角色</th><th>项目</th>{heads}<th>得分</th></tr></thead>'
    return (
        scroll(f"{table}<tbody>{''.join(rows)}</tbody></table>")
        + f'<p class="key small soft">{key}　数字是本级达标条款数/条款数，加粗下划线是已核对的基本项。</p>'
    )


def _cell(item: ItemSheet, rung: Rung | None, level: int) -> str:
    standing = rung.standing if rung else Standing.ABSENT
    text = STANDING_SIGNS[standing]
    if rung and not text:
        text = f"{rung.met}/{len(rung.clauses)}"
    if rung and rung.category is Category.BASIC:
        text = f"<b><u>{text}</u></b>"
    label = f"{item.code} {item.name} {level} 级：{STANDING_NAMES[standing]}"
    return f'<td class="h-{standing.value}" title="{escape(label)}"><a href="#i-{item.code}">{text}</a></td>'


def _gaps(content: ReportContent) -> str:
    if not content.gaps:
        return "<p>没有要整改的项目。</p>"
    rows = "".join(
        f'<tr><td class="n">{gap.order or "备选"}</td>'
        f'<td><a href="#i-{gap.item}">{gap.item} {escape(gap.name)}</a></td>'
        f"<td>{NEED_NAMES[gap.need]}</td><td>{'<br>'.join(escape(reason) for reason in gap.brief)}</td>"
        f'<td class="n">{two_places(gap.gain)}</td></tr>'
        for gap in content.gaps
    )
    heads = head_row("先后", "项目", "为什么要补", "差什么", "涨分", numbers=("先后", "涨分"))
    return scroll(f"<table>{heads}<tbody>{rows}</tbody></table>")


def _levels(content: ReportContent) -> str:
    def row(line: LevelLine) -> str:
        result, required = line.result, line.result.requirement
        reasons = "<br>".join(escape(reason) for reason in line.reasons) or "各项要求都已满足"
        return (
            f"<tr><td><b>{result.level} 级</b></td>"
            f"<td>{OUTCOME_SIGNS[result.outcome]} {OUTCOME_NAMES[result.outcome]}</td>"
            f'<td class="n">{two_places(result.total)} / {required.minimum_score}</td>'
            f'<td class="n">{result.basic_passed}/{len(result.basic_items)}（{required.basic_items}）</td>'
            f'<td class="n">{result.optional_passed}/{len(result.optional_items)}（{required.optional_required}）</td>'
            f'<td class="n">{len(result.unverified_items)}</td><td class="small">{reasons}</td></tr>'
        )

    counted = "通过/已知（要求）"
    figures = ("总分/最低", f"基本项 {counted}", f"选择项 {counted}", "待核对")
    heads = head_row("级别", "判定", *figures, "理由", numbers=figures)
    return scroll(f"<table>{heads}<tbody>{''.join(map(row, content.levels))}</tbody></table>")


def _about(content: ReportContent) -> str:
    return (
        f'<h3>说明</h3><p class="small soft">本页由医院自评的数据生成，不是主管部门的评价结论。评价标准：'
        f"{escape(content.standard)}（{escape(content.document_number)}）；标准包 {escape(content.pack_id)} "
        f'{escape(content.pack_version)}，SHA-256 <span class="digest">{content.pack_digest}</span>；'
        f"评估编号 {escape(content.assessment_id)}。</p>"
    )
