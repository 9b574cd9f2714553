"""The score as verified, in both schemes: between what is claimed and what was confirmed, and when a level falls."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.review import ExpertVerdict, Opinion
from emrassess.domain.scoring import score
from emrassess.domain.verified import STANDS_NAMES, Stands, clauses_of, tally, verified
from emrassess.packs.library import load_known
from tests.domain.test_role_points import points_pack

PACKS = {"product-2018": load_known("emr-2018"), "role-points": points_pack()}
E, V = ExpertVerdict, Verdict
both_schemes = pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())


def opinions_of(said: Mapping[str, ExpertVerdict]) -> dict[str, Opinion]:
    return {clause: Opinion(verdict) for clause, verdict in said.items()}


def all_met(pack: Pack, target: int) -> Answers:
    """Everything met and counted in full."""
    return Answers(
        pack.id,
        target,
        dict.fromkeys(pack.clause_by_id, V.MET),
        {item.code: {8: Ratio.plain("1")} for item in pack.items},
        {
            item.code: {row.level: {d: Ratio.plain("1") for d in row.dimensions} for row in item.rows}
            for item in pack.items
        },
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Pack, Answers, dict[str, Opinion]]:
    """Few items take part, so that whole levels stand and fall."""
    pack = draw(st.sampled_from(list(PACKS.values())))
    clauses = [c.id for item in pack.items[:2] for c in item.clauses_through(4)]
    base = all_met(pack, draw(st.sampled_from([level.level for level in pack.levels])))
    claims = draw(st.dictionaries(st.sampled_from(clauses), st.sampled_from(V)))
    said = draw(st.dictionaries(st.sampled_from(clauses), st.sampled_from(E)))
    answers = Answers(base.pack, base.target, {**base.verdicts, **claims}, base.coverage, base.quality)
    return pack, answers, opinions_of(said)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_at_least_never_exceeds_at_most_nor_that_the_claim(case: tuple[Pack, Answers, dict[str, Opinion]]) -> None:
    pack, answers, opinions = case
    found = verified(pack, answers, opinions)
    assert found.claimed == score(pack, answers)
    assert found.at_least.total <= found.at_most.total <= found.claimed.total
    for low, high in ((found.at_least, found.at_most), (found.at_most, found.claimed)):
        assert low.certain <= high.certain and low.possible <= high.possible
        assert all(low.items[code].score <= high.items[code].score for code in low.items)
    assert set(found.stands) == set(found.claimed.levels)
    assert all(answers.verdict(c) is V.MET and opinions[c].verdict in (E.PARTLY, E.NOT_CONFIRMED) for c in found.fallen)


@settings(max_examples=20, deadline=None)
@given(cases())
def test_everything_confirmed_is_what_is_claimed(case: tuple[Pack, Answers, dict[str, Opinion]]) -> None:
    pack, answers, _ = case
    found = verified(pack, answers, opinions_of(dict.fromkeys(pack.clause_by_id, E.CONFIRMED)))
    assert found.at_least == found.at_most == found.claimed and not found.fallen
    assert Stands.FALLEN not in found.stands.values()


@both_schemes
def test_what_nobody_saw_is_open_and_not_failed(pack: Pack) -> None:
    answers = all_met(pack, 3)
    shown, hidden, *_ = pack.clause_by_id
    for said in ({}, {shown: E.OPEN, hidden: E.NOT_SHOWN}):
        found = verified(pack, answers, opinions_of(said))
        assert found.at_most == found.claimed and not found.fallen
        assert found.at_least.total == 0
        assert set(found.stands.values()) - {Stands.NOT_CLAIMED} == {Stands.OPEN}


@both_schemes
def test_partly_lowers_to_partial_and_not_confirmed_to_unmet(pack: Pack) -> None:
    first, *others = pack.clause_by_id
    for said in (E.PARTLY, E.NOT_CONFIRMED):
        found = verified(pack, all_met(pack, 3), opinions_of({**dict.fromkeys(others, E.CONFIRMED), first: said}))
        assert found.fallen == (first,)
        assert found.at_least == found.at_most
        assert found.at_most.total < found.claimed.total
        item = pack.item_by_code[first[:5]]
        assert found.at_most.items[item.code].function_level == 0


def test_levels_stand_fall_or_were_never_claimed() -> None:
    pack = PACKS["role-points"]
    low = [c.id for item in pack.items for c in item.clauses_through(2)]
    top = [c.id for c in pack.clause_by_id.values() if c.level == 3]
    claim = Answers(pack.id, 3, dict.fromkeys(low, V.MET), quality=all_met(pack, 3).quality)
    met = verified(pack, claim, opinions_of(dict.fromkeys(low, E.CONFIRMED)))
    assert met.stands[2] is Stands.VERIFIED and met.stands[3] is Stands.NOT_CLAIMED
    whole = Answers(pack.id, 3, dict.fromkeys((*low, *top), V.MET), quality=claim.quality)
    found = verified(pack, whole, opinions_of({**dict.fromkeys(low, E.CONFIRMED), **dict.fromkeys(top, E.PARTLY)}))
    assert [found.stands[n] for n in (1, 2, 3)] == [Stands.VERIFIED, Stands.VERIFIED, Stands.FALLEN]
    assert set(STANDS_NAMES) == set(Stands)


def test_a_claim_below_met_stays_where_it_is() -> None:
    pack = PACKS["role-points"]
    first, second = "01.01.1(1)", "01.02.1(1)"
    answers = Answers(pack.id, 2, {first: V.PARTIAL, second: V.UNMET})
    found = verified(pack, answers, opinions_of({first: E.PARTLY, second: E.CONFIRMED, "99.99.1(1)": E.PARTLY}))
    assert found.claimed == found.at_most == found.at_least and not found.fallen


def test_a_group_looks_at_its_items_up_to_the_target_and_is_counted() -> None:
    pack = PACKS["role-points"]
    group = ReviewGroup("b", "乙组", ("02.01", "01.02", "99.99"))
    assert clauses_of(pack, group, 1) == ("01.02.1(1)", "01.02.1(2)")
    clauses = clauses_of(pack, group, 2)
    assert clauses[-1] == "02.01.2(3)"
    answers = Answers(pack.id, 2, dict.fromkeys(clauses[:3], V.MET))
    opinions = opinions_of({clauses[0]: E.PARTLY, clauses[1]: E.NOT_SHOWN, clauses[5]: E.NOT_CONFIRMED})
    opinions[clauses[2]] = Opinion(E.CONFIRMED, problem="没有时间")
    found = tally(clauses, answers, {**opinions, "01.01.1(1)": Opinion(E.PARTLY)})
    assert (found.total, found.looked_at, found.claimed, found.fallen, found.findings) == (6, 4, 3, 1, 3)
    assert found.by_verdict == {E.OPEN: 2, E.CONFIRMED: 1, E.PARTLY: 1, E.NOT_CONFIRMED: 1, E.NOT_SHOWN: 1}
