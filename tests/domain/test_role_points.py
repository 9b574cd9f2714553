"""The scheme of points a role: what earns, what passes, what is missing, and what must hold for every assessment."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.gaps import Need, plan_to_target
from emrassess.domain.pack import (
    Clause,
    CoverageBasis,
    Dimension,
    Item,
    Level,
    LevelRow,
    Pack,
    QualityRule,
    ReviewGroup,
    Role,
)
from emrassess.domain.readiness import group_readiness, role_readiness
from emrassess.domain.reasons import Cause, reason_text
from emrassess.domain.schemes.role_points import RolePoints
from emrassess.domain.scoring import LevelOutcome, score


def row(item: str, level: int, *points: str, asks: tuple[Dimension, ...] = ()) -> LevelRow:
    clauses = tuple(Clause(f"{item}.{level}({n})", f"要求{n}", "", Decimal(worth)) for n, worth in enumerate(points, 1))
    rules = tuple(QualityRule(f"{item}.{level}.{d}", item, level, d, "prose", "附件", reason="无") for d in asks)
    return LevelRow(item, level, None, "摘要", clauses, rules)


def item(code: str, *rows: LevelRow) -> Item:
    asks = any(r.rules for r in rows)
    return Item(code, f"项目{code}", code[:2], CoverageBasis(functional=True), asks, rows)


def points_pack(quality: str = "0") -> Pack:
    """Role 01 has two items, role 02 one that begins at level 2."""
    items = (
        item("01.01", row("01.01", 1, "5"), row("01.01", 2, "4", "1", asks=(Dimension.UNIQUENESS, Dimension.CURRENCY))),
        item("01.02", row("01.02", 1, "3", "2"), row("01.02", 2, "5")),
        item("02.01", row("02.01", 2, "2", "2", "1"), row("02.01", 3, "1")),
    )
    return Pack(
        id="points",
        version="1.0",
        name="分值标准",
        standard="分值标准",
        document_number="",
        digest="0" * 64,
        scheme=RolePoints(Decimal("0.80"), Decimal(quality), tuple(Level(n, f"{n} 级名") for n in (1, 2, 3, 4))),
        roles=(Role("01", "甲角色"), Role("02", "乙角色")),
        groups=(ReviewGroup("a", "甲组", ("01.01",)), ReviewGroup("b", "乙组", ("01.02", "02.01"), quality=True)),
        items=items,
        glossary={},
    )


Quality = dict[str, dict[int, dict[Dimension, Ratio]]]


def answered(pack: Pack, *met: str, target: int = 2, quality: Quality | None = None) -> Answers:
    return Answers(pack.id, target, dict.fromkeys(met, Verdict.MET), quality=quality or {})


LEVEL_1 = ("01.01.1(1)", "01.02.1(1)")
LEVEL_2 = ("01.01.2(1)", "01.02.2(1)", "02.01.2(1)", "02.01.2(2)")


def test_a_role_passes_at_its_share_exactly() -> None:
    pack = points_pack()
    scored = score(pack, answered(pack, *LEVEL_1, target=1))
    assert scored.levels[1].outcome is LevelOutcome.MET  # 8 of 10 points
    assert (scored.certain, scored.possible, scored.total) == (1, 1, Decimal(8))
    short = score(pack, answered(pack, "01.01.1(1)", "01.02.1(2)", target=1))
    assert short.levels[1].outcome is LevelOutcome.NOT_MET  # 7 of 10


def test_every_role_has_to_pass_and_each_lower_level_too() -> None:
    pack = points_pack()
    assert score(pack, answered(pack, *LEVEL_1, *LEVEL_2)).certain == 2
    assert score(pack, answered(pack, *LEVEL_2)).certain == 0
    assert score(pack, answered(pack, *LEVEL_1, *LEVEL_2[:2])).certain == 1  # the second role has nothing at level 2
    everything = answered(pack, *pack.clause_by_id, target=3)
    assert score(pack, everything).certain == 3


def test_partly_met_earns_nothing() -> None:
    pack = points_pack()
    partial = Answers(pack.id, 1, dict.fromkeys(pack.clause_by_id, Verdict.PARTIAL))
    assert score(pack, partial).total == 0


def test_a_level_without_any_clause_is_never_met() -> None:
    pack = points_pack()
    result = score(pack, answered(pack, *pack.clause_by_id, target=4)).levels[4]
    assert result.outcome is LevelOutcome.NOT_MET
    assert [reason.cause for reason in result.reasons] == [Cause.NO_CLAUSES]


def test_reasons_name_role_level_points_and_clauses() -> None:
    pack = points_pack()
    result = score(pack, answered(pack, "01.01.1(1)", *LEVEL_2)).levels[2]
    texts = [reason_text(reason, pack) for reason in result.reasons]
    assert texts == [
        "1 个工作角色未通过：01 甲角色",
        "01 甲角色 1 级得 5 分，至少要 8 分；未达标 2 条：01.02.1(1)、01.02.1(2)",
    ]


def test_demands_are_points_without_a_minimum_and_roles() -> None:
    pack = points_pack()
    total, roles = score(pack, answered(pack, *LEVEL_1, *LEVEL_2[:2])).levels[2].demands
    assert (total.key, total.actual, total.whole, total.needed) == ("total", Decimal(17), Decimal(25), None)
    assert (roles.key, roles.actual, roles.needed) == ("roles", 1, 2)
    assert [(member.code, member.passes, member.is_role) for member in roles.members] == [
        ("01", True, True),
        ("02", False, True),
    ]


def test_quality_decides_only_with_a_threshold() -> None:
    half: Quality = {"01.01": {2: {Dimension.UNIQUENESS: Ratio.plain("0.90")}}}
    without, with_ = points_pack(), points_pack("0.50")
    assert score(without, answered(without, *LEVEL_1, *LEVEL_2, quality=half)).certain == 2
    result = score(with_, answered(with_, *LEVEL_1, *LEVEL_2, quality=half))
    assert result.items["01.01"].quality[2] == Decimal("0.45") and result.certain == 1
    missing = [reason for reason in result.levels[2].reasons if reason.cause is Cause.QUALITY_MISSING]
    assert [reason.dimensions for reason in missing] == [(Dimension.CURRENCY,)]
    projected = score(with_, answered(with_, *LEVEL_1, *LEVEL_2, quality=half), Ratio.plain("0.8"))
    assert projected.certain == 2 and projected.assumed


def test_the_plan_takes_the_fewest_clauses_by_points() -> None:
    pack = points_pack()
    plan = plan_to_target(pack, (answers := answered(pack, *LEVEL_1)), score(pack, answers))
    needed = {gap.item: gap.clauses for gap in plan.needed}
    assert needed == {
        "01.01": ("01.01.2(1)",),
        "01.02": ("01.02.2(1)",),
        "02.01": ("02.01.2(1)", "02.01.2(2)"),
    }
    assert all(gap.need is Need.POINTS for gap in plan.needed)
    # Of its clauses that are not met these suffice: it is not said that no other is unmet.
    assert reason_text(plan.needed[0].reasons[0], pack).split(" ", 1)[1].startswith("先补 ")
    spare = {clause for gap in plan.gaps if gap.need is Need.SPARE for clause in gap.clauses}
    assert spare == {"01.01.2(2)", "01.02.1(2)", "02.01.2(3)"}
    assert (plan.total_now, plan.total_after, plan.minimum) == (8, 21, 0)


def test_readiness_of_groups_and_roles() -> None:
    pack = points_pack()
    answers = answered(pack, *LEVEL_1, *LEVEL_2[:2])
    scored = score(pack, answers)
    first, second = group_readiness(pack, answers, scored, {}, pack.groups)
    assert [(part.key, part.passed, part.total) for part in first.parts] == [("roles", 1, 1), ("items", 1, 1)]
    assert [(part.key, part.passed, part.total) for part in second.parts] == [("roles", 1, 2), ("items", 0, 2)]
    assert (first.points, first.points_at_target) == (9, 10) and second.quality is not None
    assert [r.points_at_target for r in role_readiness(pack, answers, scored, {})] == [20, 5]
    assert second.blockers[0].roles == ("02",)


PACK = points_pack("0.50")
CLAUSES = sorted(PACK.clause_by_id)


@given(st.sets(st.sampled_from(CLAUSES)), st.sampled_from(CLAUSES), st.integers(1, 4))
def test_meeting_one_more_clause_never_lowers_anything(met: set[str], more: str, target: int) -> None:
    before = score(PACK, answered(PACK, *met, target=target))
    after = score(PACK, answered(PACK, *met, more, target=target))
    assert after.total >= before.total and after.certain >= before.certain
    assert all(after.items[code].basic_at >= item.basic_at for code, item in before.items.items())


@given(st.sets(st.sampled_from(CLAUSES)), st.integers(1, 3))
def test_doing_what_the_plan_needs_reaches_the_target(met: set[str], target: int) -> None:
    quality: Quality = {"01.01": {2: dict.fromkeys((Dimension.UNIQUENESS, Dimension.CURRENCY), Ratio.plain("1"))}}
    answers = answered(PACK, *met, target=target, quality=quality)
    plan = plan_to_target(PACK, answers, score(PACK, answers))
    mended = {clause for gap in plan.needed for clause in gap.clauses}
    after = score(PACK, answered(PACK, *met, *mended, target=target, quality=quality))
    assert after.certain >= target and after.total == plan.total_after


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_passing_role_has_no_limits_left(level: int) -> None:
    pack = points_pack()
    scored = score(pack, answered(pack, *pack.clause_by_id, target=level))
    assert (
        not scored.levels[level].reasons and not plan_to_target(pack, answered(pack, *pack.clause_by_id), scored).gaps
    )
