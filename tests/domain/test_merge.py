"""Three-way merges: what is taken, what waits for a person, what is left alone."""

from dataclasses import replace

import pytest

from emrassess.domain.assessment import Decision
from emrassess.domain.merge import (
    WHY_NAMES,
    Difference,
    Merge,
    Why,
    apply_to,
    conflict_values,
    decisions,
    fingerprint,
)
from tests.domain.merge_samples import (
    ELSEWHERE,
    OUTSIDE,
    A,
    B,
    C,
    Values,
    answer,
    coverage,
    evidence,
    link,
    merged,
    notes,
    piece,
    told,
)

# --- one value


def test_what_one_side_changed_is_taken_and_what_both_changed_waits() -> None:
    base = notes(a="原", b="原", c="原")
    ours = notes(a="原", b="这边", c="一样")
    theirs = notes(a="那边", b="那边", c="一样")
    result, found = merged(base, ours, theirs, who="护理部")
    assert result == notes(a="那边", b="这边", c="一样")
    assert told(found.taken) == [(answer(A), None)] and told(found.same) == [(answer(C), None)]
    assert found.conflicts == (Difference(answer(B), "原", "这边", "那边", (B,), Why.BOTH, "护理部"),)


def test_what_only_we_changed_stays() -> None:
    result, found = merged(notes(a="原", b="原"), notes(a="这边"), notes(a="原", b="原"))
    assert result == notes(a="这边") and found == Merge((), (), (), (), (), {})


def test_removing_and_changing_is_a_conflict_from_either_side() -> None:
    base = notes(a="原", b="原", c="原")
    result, found = merged(base, notes(b="改"), notes(a="改"))
    assert result == notes(b="改")
    assert told(found.conflicts) == [(answer(A), Why.REMOVED_HERE), (answer(B), Why.REMOVED_THERE)]
    assert told(found.same) == [(answer(C), None)]


def test_fields_of_an_answer_and_figures_are_merged_one_by_one() -> None:
    base = {answer(A, "verdict"): "met", coverage("01.01/4"): ["90", "100"]}
    ours = base | {answer(A): "这边的说明", coverage("01.02/3"): "1/2"}
    theirs = {answer(A, "verdict"): "partial", coverage("01.01/4"): ["95", "100"], coverage("01.02/3"): "3/5"}
    result, found = merged(base, ours, theirs)
    assert result == ours | {answer(A, "verdict"): "partial", coverage("01.01/4"): ["95", "100"]}
    assert told(found.conflicts) == [(coverage("01.02/3"), Why.BOTH)]


def test_an_accepted_clause_is_never_changed_unasked() -> None:
    theirs = notes(a="改", b="改") | {coverage("01.01/4"): "1"} | piece("new", (A, B))
    result, found = merged({}, {}, theirs, guarded=[A])
    assert result == notes(b="改") | piece("new", (B,))
    assert told(found.conflicts) == [
        (answer(A), Why.ACCEPTED),
        (coverage("01.01/4"), Why.ACCEPTED),
        (link("new", A), Why.ACCEPTED),
    ]


def test_a_new_piece_for_accepted_clauses_only_waits_as_a_whole() -> None:
    _, found = merged({}, {}, piece("new", (A,), title="截图"), guarded=[A])
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.why, conflict.clauses) == (evidence("new"), Why.ACCEPTED, (A,))
    assert conflict.theirs == {"title": "截图", "kind": "screenshot", "file": "f1", "clauses": [A]}


def test_clauses_outside_the_packet_are_named_and_not_touched() -> None:
    ours = {answer(OUTSIDE): "这边"} | piece("p", (A,))
    theirs = {answer(OUTSIDE): "那边", answer(A): "改", coverage("02.01/4"): "1"} | piece("p", (A, OUTSIDE))
    theirs |= piece("new", (OUTSIDE,), "f2") | piece("half", (B, OUTSIDE), "f3")
    result, found = merged(piece("p", (A,)), ours, theirs)
    assert result == ours | notes(a="改") | piece("half", (B,), "f3")
    assert [d.key for d in found.ignored] == [
        answer(OUTSIDE),
        coverage("02.01/4"),
        link("p", OUTSIDE),
        evidence("new"),
        link("half", OUTSIDE),
    ]


# --- evidence


def test_fields_and_links_of_a_piece_are_merged_one_by_one() -> None:
    base = piece("p", (A, B), title="旧", source_system="医嘱系统")
    ours = piece("p", (A, B, C), title="旧", source_system="新医嘱系统")
    theirs = piece("p", (A,), "f2", title="新", source_system="医嘱系统")
    result, found = merged(base, ours, theirs)
    assert result == piece("p", (A, C), "f2", title="新", source_system="新医嘱系统")
    assert not found.conflicts and found.ids == {}


def test_a_piece_new_on_both_sides_is_one() -> None:
    ours = piece("ours", (A,), title="医嘱界面")
    theirs = piece("theirs", (B,), title="医嘱录入", source_system="医嘱系统")
    result, found = merged({}, ours, theirs)
    assert found.ids == {"theirs": "ours"}
    assert result == piece("ours", (A, B), title="医嘱界面", source_system="医嘱系统")
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.ours, conflict.theirs) == (evidence("ours", "title"), "医嘱界面", "医嘱录入")


def test_an_empty_field_of_theirs_is_no_conflict_in_a_piece_new_on_both_sides() -> None:
    _, found = merged({}, piece("ours", title="医嘱界面"), piece("theirs"))
    assert not found.conflicts and not found.taken


@pytest.mark.parametrize(("removed_by", "kept"), [("ours", "again"), ("theirs", "old")])
def test_a_piece_removed_and_added_again_is_known_by_its_file(removed_by: str, kept: str) -> None:
    base, again = piece("old", (A,), title="原"), piece("again", (A,), title="原")
    worked_on = {"title": "改", "clauses": (A, B)}
    here, there = (again, piece("old", **worked_on)) if removed_by == "ours" else (base, piece("again", **worked_on))
    result, found = merged(base, here, there)
    assert not found.conflicts and result == piece(kept, **worked_on)


def test_a_piece_replaced_there_and_added_again_here_is_known_by_the_file_that_went_out() -> None:
    result, found = merged(piece("old", (A,)), piece("again", (A,)), piece("old", (A,), "f2"))
    assert result == piece("again", (A,), "f2") and found.ids == {"old": "again"}


def test_of_two_copies_one_stays_when_each_side_removes_another() -> None:
    one, two = piece("one", (A,)), piece("two", (B,))
    result, found = merged(one | two, two, one)
    assert result == two and not found.taken and not found.conflicts


def test_a_copy_added_there_beside_the_piece_stays_a_piece_of_its_own() -> None:
    one = piece("one", (A,))
    result, _ = merged(one, one, one | piece("copy", (B,)))
    assert result == one | piece("copy", (B,))


def test_the_same_file_twice_there_stays_two_pieces() -> None:
    result, _ = merged({}, piece("ours", (A,)), piece("one", (B,)) | piece("two", (C,)))
    assert result == piece("ours", (A, B)) | piece("two", (C,))


def test_a_piece_removed_there_goes_and_so_do_its_links() -> None:
    base = piece("p", (A, B))
    result, found = merged(base, base | notes(a="留"), {})
    assert result == notes(a="留") and told(found.taken) == [(evidence("p"), None)]


def test_a_piece_removed_there_keeps_its_links_to_other_clauses() -> None:
    result, found = merged(piece("p", (A, B)), piece("p", (A, B, OUTSIDE)), {})
    assert result == piece("p", (OUTSIDE,))
    assert told(found.ignored) == [(evidence("p"), Why.SHARED)]


@pytest.mark.parametrize(
    "ours", [piece("p", (A,), title="改"), piece("p", (A,), "f2", title="原"), piece("p", (A, B), title="原")]
)
def test_a_piece_removed_there_and_changed_here_waits(ours: Values) -> None:
    result, found = merged(piece("p", (A,), title="原"), ours, {})
    assert result == ours and told(found.conflicts) == [(evidence("p"), Why.REMOVED_THERE)]


def test_a_piece_removed_there_that_proves_an_accepted_clause_waits() -> None:
    base = piece("p", (A, B))
    _, found = merged(base, base, {}, guarded=[B])
    assert told(found.conflicts) == [(evidence("p"), Why.ACCEPTED)]


@pytest.mark.parametrize("clauses", [(), (OUTSIDE,)])
def test_a_piece_unlinked_here_and_removed_there_stays_as_it_is_here(clauses: tuple[str, ...]) -> None:
    _, found = merged(piece("p", (A,)), piece("p", clauses), {})
    assert found == Merge((), found.same, (), (), (), {}) and told(found.same) == [(link("p", A), None)]


def test_a_piece_unlinked_there_stays_without_links() -> None:
    result, found = merged(piece("p", (A,)), piece("p", (A,)), piece("p", ()))
    assert result == piece("p", ()) and told(found.taken) == [(link("p", A), None)]


@pytest.mark.parametrize("theirs", [piece("p", (A, B)), piece("p", (A,), title="改"), piece("p", (B,), "f2")])
def test_a_piece_removed_here_and_changed_there_waits_as_a_whole(theirs: Values) -> None:
    base = piece("p", (A,))
    _, found = merged(base, {}, theirs)
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.why, conflict.ours) == (evidence("p"), Why.REMOVED_HERE, None)
    assert apply_to({}, [conflict]) == theirs
    _, untouched = merged(base, {}, base)
    assert untouched == Merge((), (), (), (), (), {})


def test_a_piece_without_links_there_comes_once_it_proves_something() -> None:
    idle, linked = piece("p", ()), piece("p", (A,))
    _, found = merged({}, {}, idle)
    assert told(found.ignored) == [(evidence("p"), None)] and not found.taken
    assert merged(idle, {}, idle)[1] == Merge((), (), (), (), (), {})
    assert merged(idle, {}, linked)[0] == linked


def test_a_piece_removed_on_both_sides_is_the_same() -> None:
    _, found = merged(piece("p", (A, B)), {}, {})
    assert told(found.same) == [(evidence("p"), None)]
    _, found = merged(piece("p", (A, B)), {}, piece("p", (A,)))
    assert told(found.same) == [(link("p", B), None)]


def test_a_piece_that_others_use_too_is_changed_only_on_demand() -> None:
    base = piece("p", (A,), title="原")
    ours = piece("p", (A, OUTSIDE), title="原")
    result, found = merged(base, ours, piece("p", (A, B), "f2", title="改"))
    assert result == ours | {link("p", B): True}
    assert told(found.conflicts) == [(evidence("p", "title"), Why.SHARED), (evidence("p", "file"), Why.SHARED)]
    _, found = merged(base, ours, piece("p", (A,), title="改"), guarded=[OUTSIDE])
    assert told(found.conflicts) == [(evidence("p", "title"), Why.ACCEPTED)]


def test_another_hospitals_id_for_a_piece_of_others_changes_nothing() -> None:
    ours = piece("p", (OUTSIDE,), title="这边")
    result, found = merged({}, ours, piece("p", (ELSEWHERE,), "f2", title="那边"))
    assert result == ours and not found.conflicts
    assert [d.key for d in found.ignored] == [evidence("p", "title"), evidence("p", "file"), link("p", ELSEWHERE)]


# --- decisions


def test_a_decided_conflict_does_not_come_again() -> None:
    base, ours, theirs = notes(a="原"), notes(a="这边"), notes(a="那边")
    decided = {(answer(A), fingerprint("那边")): Decision.OURS}
    for now in (ours, base):
        result, found = merged(base, now, theirs, decided=decided)
        assert result == now and not found.conflicts and told(found.settled) == [(answer(A), None)]
    _, found = merged(base, ours, notes(a="又改"), decided=decided)
    assert len(found.conflicts) == 1


def test_what_can_be_decided() -> None:
    conflict = Difference(answer(A), "原", "这边", "那边")
    assert [conflict_values(conflict, d) for d in decisions(conflict)] == ["这边", "那边", "这边\n那边"]
    for key, ours in ((answer(A, "verdict"), "met"), (evidence("p", "title"), "题"), (answer(A), None)):
        other = replace(conflict, key=key, ours=ours)
        assert decisions(other) == (Decision.OURS, Decision.THEIRS)
        with pytest.raises(ValueError):
            conflict_values(other, Decision.BOTH)
    with pytest.raises(ValueError):
        conflict_values(conflict, Decision.OPEN)


def test_every_reason_has_words() -> None:
    assert set(WHY_NAMES) == set(Why)
