"""What is missing to the target, and how far groups and roles are."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Answers
from emrassess.domain.assessment import Evidence, EvidenceKind, EvidenceState, Revision, evidence_state
from emrassess.domain.gaps import Need, plan_to_target
from emrassess.domain.pack import Category, Pack
from emrassess.domain.readiness import group_readiness, role_readiness
from emrassess.domain.scoring import LevelOutcome, score
from tests.builders import met_through, ratio
from tests.domain.test_scoring import confirmed, full, without


def mended(pack: Pack, before: Answers, items: list[str]) -> Answers:
    """`items` made to pass at the target with full figures."""
    target = before.target
    whole = full(pack, target)
    return replace(
        before,
        verdicts={**before.verdicts, **met_through(pack, dict.fromkeys(items, target))},
        coverage={**before.coverage, **{code: whole.coverage[code] for code in items}},
        quality={**before.quality, **{code: whole.quality[code] for code in items}},
    )


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_closing_the_plan_reaches_the_target_for_certain(pack: Pack, data: st.DataObject) -> None:
    target = data.draw(st.sampled_from([4, 5, 6]))
    before = full(pack, target)
    failing = data.draw(st.sets(st.sampled_from([i.code for i in pack.items]), max_size=39))
    for code in failing:
        before = without(before, pack, code)
    if data.draw(st.booleans()):
        before = replace(before, categories={c: {target: k} for c, k in confirmed(pack, target).items()})
    plan = plan_to_target(pack, before, score(pack, before))
    after = mended(pack, before, [gap.item for gap in plan.needed])
    result = score(pack, after).levels[target]
    assert all(r.cause.value == "total_short" for r in result.reasons)
    assert score(pack, after).total >= plan.total_after
    if plan.shortfall == 0:
        assert result.outcome is LevelOutcome.MET
    if plan.needed:
        assert score(pack, before).levels[target].outcome is not LevelOutcome.MET


def test_only_as_many_optional_items_as_annex_two_asks_for(pack: Pack) -> None:
    categories = confirmed(pack, 5)
    optional = [code for code, c in categories.items() if c is Category.OPTIONAL]
    before = replace(full(pack, 5), categories={c: {5: k} for c, k in categories.items()})
    for code in optional:
        before = without(before, pack, code)
    known_optional = sum(i.by_level[5].category is Category.OPTIONAL for i in pack.items if 5 in i.by_level)
    plan = plan_to_target(pack, before, score(pack, before))
    assert sum(g.need is Need.OPTIONAL for g in plan.gaps) == max(6 - known_optional, 0)
    assert [g.need for g in plan.gaps] == sorted((g.need for g in plan.gaps), key=lambda n: n is Need.SPARE)
    efforts = [g.effort for g in plan.gaps if g.need is Need.OPTIONAL]
    assert efforts == sorted(efforts)
    assert plan.certain


def test_known_basic_items_come_before_unverified_ones(pack: Pack) -> None:
    before = Answers(pack.id, 3)
    plan = plan_to_target(pack, before, score(pack, before))
    needs = [gap.need for gap in plan.needed]
    assert needs == sorted(needs, key=lambda n: list(Need).index(n))
    assert needs[0] is Need.BASIC
    assert not plan.certain


def test_reserves_are_what_full_figures_would_add(pack: Pack) -> None:
    before = full(pack, 5)
    half = replace(before, coverage={**before.coverage, "01.01": {5: ratio("0.80")}})
    plan = plan_to_target(pack, half, score(pack, half))
    assert plan.reserves == (("01.01", Decimal("1.0000")),)


def test_readiness_counts_by_category_points_and_evidence(pack: Pack) -> None:
    before = without(full(pack, 5), pack, "01.02")
    states = {"01.01.1(1)": EvidenceState.COMPLETE, "01.01.1(2)": EvidenceState.INCOMPLETE}
    ward, outpatient, data = group_readiness(pack, before, score(pack, before), states, pack.groups)
    assert (ward.code, outpatient.code, data.code) == ("ward", "outpatient", "data")
    unverified = next(part for part in ward.parts if part.key == "unverified")
    assert unverified.total - unverified.passed == 1
    assert ward.points == ward.points_at_target - 5
    assert (ward.clauses_ready, ward.clauses - ward.clauses_met) == (
        1,
        len(pack.item_by_code["01.02"].clauses_through(5)),
    )
    assert {reason.item for reason in ward.blockers} == {"01.02"}
    assert not outpatient.blockers
    assert ward.quality is None and data.quality is not None
    assert data.quality.passed == data.quality.total


def test_roles_and_groups_split_the_same_items(pack: Pack) -> None:
    given_ = full(pack, 4)
    scored = score(pack, given_)
    groups = group_readiness(pack, given_, scored, {}, pack.groups)
    roles = role_readiness(pack, given_, scored, {})
    for field in ("points", "clauses", "clauses_met"):
        assert sum(getattr(r, field) for r in roles) == sum(getattr(g, field) for g in groups)
    assert sum((r.points for r in roles), Decimal(0)) == scored.total


def piece(**changes) -> Evidence:
    revision = Revision("0" * 64, "图.png", 10, "image/png", "2026-10-01T08:00:00+08:00", "示例")
    base = Evidence(
        "e", "医嘱页", EvidenceKind.SCREENSHOT, "医师工作站", "2026-10-01 08:00", (revision,), ("01.01.1(1)",)
    )
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("pieces", "state"),
    [
        ([], EvidenceState.NONE),
        ([piece()], EvidenceState.COMPLETE),
        ([piece(), piece(captured_at="")], EvidenceState.INCOMPLETE),
        ([piece(source_system=" ")], EvidenceState.INCOMPLETE),
        ([piece(title="")], EvidenceState.INCOMPLETE),
        ([piece(kind=EvidenceKind.NARRATIVE, captured_at="", source_system="")], EvidenceState.COMPLETE),
    ],
)
def test_evidence_is_complete_when_no_piece_lacks_anything(pieces: list[Evidence], state: EvidenceState) -> None:
    assert evidence_state(pieces) is state
