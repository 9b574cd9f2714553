"""The way through the hospital: every clause at one stop, and the next one that is open."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.pack import Pack, Place
from emrassess.domain.review import ExpertVerdict, Opinion
from emrassess.domain.route import next_open, place_names, route
from tests.domain.test_role_points import points_pack

POINTS = points_pack()
CONFIRMED = Opinion(ExpertVerdict.CONFIRMED)


def test_every_clause_is_at_one_stop_in_the_order_of_the_way(pack: Pack) -> None:
    stops = route(pack, pack.clause_by_id)
    assert [stop.code for stop in stops] == [place.code for place in pack.places]
    seen = [clause for stop in stops for clause in stop.clauses]
    assert sorted(seen) == sorted(pack.clause_by_id)
    place = {clause: stop.code for stop in stops for clause in stop.clauses}
    assert place["07.03.1(1)"] == "pharmacy" and place["01.01.1(1)"] == "ward"
    order = list(pack.clause_by_id)
    assert all(list(stop.clauses) == sorted(stop.clauses, key=order.index) for stop in stops)


def test_only_stops_with_something_to_see_are_on_the_way(pack: Pack) -> None:
    (stop,) = route(pack, ["07.03.1(1)", "99.99.1(1)"])
    assert (stop.code, stop.clauses) == ("pharmacy", ("07.03.1(1)",))
    assert route(pack, []) == ()


def test_without_places_a_stop_a_role() -> None:
    stops = route(POINTS, POINTS.clause_by_id)
    assert [(stop.code, stop.name) for stop in stops] == [("role_01", "甲角色"), ("role_02", "乙角色")]
    assert {stop.code for stop in stops} <= set(place_names(POINTS))
    half = replace(POINTS, places=(Place("ward", "病房", ("02.01", "01.02", "99.99")),))
    ward, rest = route(half, half.clause_by_id)
    assert [c[:5] for c in ward.clauses] == ["01.02"] * 3 + ["02.01"] * 4
    assert (rest.code, rest.clauses) == ("role_01", ("01.01.1(1)", "01.01.2(1)", "01.01.2(2)"))
    assert place_names(half) == {"ward": "病房", "role_01": "甲角色", "role_02": "乙角色"}


def test_an_item_in_two_places_is_seen_at_the_first() -> None:
    twice = replace(POINTS, places=(Place("a", "甲", ("01.01",)), Place("b", "乙", ("01.01", "01.02", "02.01"))))
    seen = [clause for stop in route(twice, twice.clause_by_id) for clause in stop.clauses]
    assert sorted(seen) == sorted(POINTS.clause_by_id)


def test_the_next_open_one_goes_round_once() -> None:
    stops = route(POINTS, POINTS.clause_by_id)
    way = [clause for stop in stops for clause in stop.clauses]
    assert next_open(stops, {}) == way[0]
    assert next_open(stops, {}, way[0]) == way[1]
    assert next_open(stops, {}, way[-1]) == way[0]
    assert next_open(stops, {}, "99.99.1(1)") == way[0]
    assert next_open(stops, {way[1]: Opinion(ExpertVerdict.NOT_SHOWN)}, way[0]) == way[2]
    assert next_open(stops, {way[1]: Opinion(seen="还没有结论")}, way[0]) == way[1]
    left = dict.fromkeys(way[1:], CONFIRMED)
    assert next_open(stops, left, way[0]) == way[0]
    assert next_open(stops, dict.fromkeys(way, CONFIRMED), way[3]) is None
    assert next_open((), {}) is None


@given(st.sets(st.sampled_from(list(POINTS.clause_by_id))), st.sampled_from(list(POINTS.clause_by_id)))
def test_following_the_way_sees_every_clause_once(wanted: set[str], start: str) -> None:
    stops, opinions = route(POINTS, wanted), dict[str, Opinion]()
    here: str | None = start
    while (here := next_open(stops, opinions, here)) is not None:
        assert here not in opinions
        opinions[here] = CONFIRMED
    assert set(opinions) == wanted
