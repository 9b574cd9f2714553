"""What stands behind a number: a title and Chinese sentences, each leading to its item or clause."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrassess.domain.pack import Item
from emrassess.domain.readiness import Readiness
from emrassess.domain.reasons import Reason, reason_text
from emrassess.domain.scoring import Demand, LevelOutcome, Member
from emrassess.gui.widgets.basics import points
from emrassess.reports.wording import OUTCOME_NAMES

if TYPE_CHECKING:
    from emrassess.services.session import Session

OUTCOME_SIGNS = {LevelOutcome.MET: "√", LevelOutcome.UNDETERMINED: "？", LevelOutcome.NOT_MET: "×"}


@dataclass(frozen=True)
class Line:
    """A sentence. `target` leads somewhere ("" nowhere), `heading` starts a section, `good`: it holds already."""

    text: str
    target: str = ""
    heading: bool = False
    good: bool | None = None


@dataclass(frozen=True)
class Explanation:
    """`title` names the number, `lines` say where it comes from."""

    title: str
    lines: tuple[Line, ...]


def explain(session: "Session", subject: str) -> Explanation:
    """The reasons of `subject`: "attained", "total", "demand/<key>", "unverified", "clauses", "group/<code>",
    "role/<code>"; KeyError for another."""
    kind, _, code = subject.partition("/")
    if kind == "demand":
        demand = session.score.levels[session.score.target].demand(code)
        return _total(session) if demand.in_points else _demand(session, demand)
    if kind == "group":
        return _readiness(session, next(r for r in session.groups if r.code == code))
    if kind == "role":
        return _readiness(session, next(r for r in session.roles if r.code == code))
    makers = {"attained": _attained, "total": _total, "unverified": _unverified, "clauses": _clauses}
    return makers[kind](session)


def subject_of(demand: Demand) -> str:
    """The subject that explains a demand's figure."""
    return "total" if demand.in_points else f"demand/{demand.key}"


def figure(demand: Demand) -> str:
    """The figure of a demand, of what is needed or of the most there can be: "12/16", "105.20/110", "18.00/40.00"."""
    if not demand.in_points:
        needed = demand.whole if demand.needed is None else demand.needed
        return f"{demand.actual}/{needed}" if needed is not None else str(demand.actual)
    if demand.needed is not None:
        return f"{points(demand.actual, demand.needed)}/{demand.needed}"
    return f"{points(demand.actual)}/{points(demand.whole)}" if demand.whole is not None else points(demand.actual)


def reason_target(reason: Reason) -> str:
    """Where a reason is mended: its first clause, else its item, else what its first role lacks."""
    if reason.clauses:
        return f"clause:{reason.clauses[0]}"
    if reason.item:
        return f"item:{reason.item}"
    if reason.roles:
        return f"page:overview/role/{reason.roles[0]}"
    return f"item:{reason.items[0]}" if reason.items else ""


def reason_within_item(session: "Session", reason: Reason) -> str:
    """A reason where its item is named already: "4 级有 1 条未达标：4(1)"."""
    text, row = reason_text(reason, session.pack), f"{reason.item}.{reason.level}"
    if text.startswith(row):
        text = f"{reason.level} 级{text.removeprefix(row).lstrip()}"
    return text.replace(f"{reason.item}.", "") if reason.item else text


def _reason_lines(session: "Session", reasons: Iterable[Reason]) -> list[Line]:
    return [Line(reason_text(reason, session.pack), reason_target(reason)) for reason in reasons]


def _attained(session: "Session") -> Explanation:
    score = session.score
    lines = [Line(session.pack.scheme.level_rule)]
    if score.possible > score.certain:
        lines.append(
            Line(
                "“可能”是指：评价类别还有待核对的，核对后有可能达到。到“标准”页对照正式文件确认。",
                "page:standard/categories",
            )
        )
    target_first = sorted(score.levels.items(), key=lambda pair: (pair[0] != score.target, -pair[0]))
    for level, result in target_first:
        name = f"{level} 级：{OUTCOME_SIGNS[result.outcome]} {OUTCOME_NAMES[result.outcome]}"
        lines.append(Line(name + ("（目标）" if level == score.target else ""), heading=True))
        lines += _reason_lines(session, result.reasons if level == score.target else _of_the_level(result.reasons))
        if not result.reasons:
            figures = "，".join(f"{demand.name} {figure(demand)}" for demand in result.demands)
            lines.append(Line(f"各项要求都满足：{figures}", good=True))
    return Explanation("达到等级的依据", tuple(lines))


def _of_the_level(reasons: Iterable[Reason]) -> list[Reason]:
    """Those that speak of the level as a whole: what each role or item lacks is told for the target only."""
    return [reason for reason in reasons if not reason.item and not reason.clauses]


def _total(session: "Session") -> Explanation:
    score, pack = session.score, session.pack
    lines = [Line(f"总分 {score.total}，是 {len(pack.items)} 个项目得分之和。")]
    for demand in score.levels[score.target].demands:
        if demand.in_points:
            part = "" if demand.actual == score.total else f"其中 {figure(demand)}："
            lines.append(Line(part + demand.rule))
    for role in pack.roles:
        items = [item for item in pack.items if item.role == role.code]
        subtotal = sum(score.items[item.code].score for item in items)
        lines.append(Line(f"{role.code} {role.name}：{subtotal}", heading=True))
        for item in items:
            scored = score.items[item.code]
            how = pack.scheme.working(scored)
            lines.append(Line(f"{item.code} {item.name}：{scored.score}（{how}）", f"item:{item.code}"))
    lines.append(Line("怎样算分", heading=True))
    lines += [Line(sentence) for sentence in pack.scheme.method]
    return Explanation("总分的来历", tuple(lines))


def _demand(session: "Session", demand: Demand) -> Explanation:
    target, scheme = session.score.target, session.pack.scheme
    lines = [Line(demand.rule)]
    if scheme.coverage_note and not any(member.is_role for member in demand.members):
        lines.append(Line(f"有效应用比例：{scheme.coverage_note}"))
    unverified = session.score.levels[target].unverified_items
    if unverified and not any(member.is_role for member in demand.members):
        lines.append(Line(f"另有 {len(unverified)} 项的评价类别待核对，没有计入", "overview:unverified"))
    explained = [(member.passes, _member(session, member)) for member in demand.members]
    lines += _by_passing(explained, demand.unit)
    return Explanation(f"{target} 级的{demand.name}", tuple(lines))


def _member(session: "Session", member: Member) -> list[Line]:
    """A member of a demand, and what keeps it from passing."""
    pack, target = session.pack, session.score.target
    if member.is_role:
        role = next(r for r in session.roles if r.code == member.code)
        leads = f"overview:role/{member.code}"
        return _named(session, f"{role.code} {role.name}", leads, member.passes, role.blockers)
    item = pack.item_by_code[member.code]
    category = session.answers.category(pack, item.code, target)
    limits = pack.scheme.item_limits(item, session.answers, session.score.items[item.code], target, category)
    return _item(session, item, member.passes, limits)


def _item(session: "Session", item: Item, passes: bool, reasons: Iterable[Reason]) -> list[Line]:
    return _named(session, f"{item.code} {item.name}", f"item:{item.code}", passes, reasons)


def _named(session: "Session", name: str, leads: str, passes: bool, reasons: Iterable[Reason]) -> list[Line]:
    if passes:
        return [Line(f"{name}：通过", leads, good=True)]
    return [Line(name, leads), *_reason_lines(session, reasons)]


def _by_passing(explained: list[tuple[bool, list[Line]]], unit: str) -> list[Line]:
    """Those that fail first, each kind under its heading."""
    failing = [line for passes, lines in explained if not passes for line in lines]
    passing = [line for passes, lines in explained if passes for line in lines]
    found = [Line("未通过", heading=True), *failing] if failing else []
    return [*found, Line(f"通过 {len(passing)} {unit}", heading=True), *passing] if passing else found


def _unverified(session: "Session") -> Explanation:
    pack, score = session.pack, session.score
    target = score.target
    result = score.levels[target]
    lines = [
        Line(
            f"这些项目在 {target} 级是基本项还是选择项，要对照正式文件确认；"
            f"其中 {result.basic_among_unverified} 个应是基本项。",
            "page:standard/categories",
        )
    ]
    gaps = {gap.item: gap.reasons for gap in reversed(session.plan.gaps)}
    explained = [
        (code not in gaps, _item(session, pack.item_by_code[code], code not in gaps, gaps.get(code, ())))
        for code in result.unverified_items
    ]
    return Explanation(f"{target} 级的待核对", (*lines, *_by_passing(explained, "项")))


def _clauses(session: "Session") -> Explanation:
    target = session.score.target
    lines = [Line(f"到 {target} 级为止的全部条款里，自评达标而且实证材料完整的，才算就绪。")]
    for role in session.roles:
        lines.append(Line(f"{role.code} {role.name}：{role.clauses_ready}/{role.clauses}", heading=True))
        lines.append(
            Line(f"达标 {role.clauses_met} 条，其中实证完整 {role.clauses_ready} 条", f"overview:role/{role.code}")
        )
    return Explanation("条款与实证", tuple(lines))


def _readiness(session: "Session", r: Readiness) -> Explanation:
    target = session.score.target
    lines = [Line(f"{target} 级{part.name}：{part.total} 个，通过 {part.passed} 个") for part in r.parts]
    lines += [
        Line(f"得分：{points(r.points)}；全部做到 {target} 级时是 {points(r.points_at_target)}"),
        Line(f"条款：{r.clauses} 条里达标 {r.clauses_met} 条，达标且实证完整 {r.clauses_ready} 条"),
    ]
    if r.quality is not None and r.quality.total:
        lines.append(Line(f"数据质量指数：{r.quality.total} 个里合格 {r.quality.passed} 个"))
    if r.blockers:
        lines.append(Line("阻碍，最要紧的在前", heading=True))
        lines += _reason_lines(session, r.blockers)
    else:
        lines.append(Line("没有阻碍", good=True))
    return Explanation(f"{r.name}的就绪度", tuple(lines))
