"""Pictures that are masked here: their originals do not come back by a merge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.merge import Why
from emrassess.domain.merge_values import pieces_of
from tests.domain.merge_samples import (
    OUTSIDE,
    SCOPE,
    A,
    B,
    C,
    Values,
    edited,
    everything,
    evidence,
    merged,
    piece,
    told,
    within,
)

BARE, MASKED = "f1", "masked"
P = {"p": BARE}
"""p is masked here, from the picture BARE."""


def test_an_original_that_was_not_touched_there_changes_nothing() -> None:
    base, ours = piece("p", (A,), BARE), piece("p", (A,), MASKED)
    result, found = merged(base, ours, piece("p", (A, B), BARE, title="题"), masked=P)
    assert result == piece("p", (A, B), MASKED, title="题") and not found.conflicts


def test_the_original_added_on_both_sides_is_the_masked_piece() -> None:
    ours, theirs = piece("p", (A,), MASKED, title="题"), piece("theirs", (A, B), BARE, title="题")
    result, found = merged({}, ours, theirs, masked=P)
    assert result == piece("p", (A, B), MASKED, title="题") and not found.conflicts
    assert found.ids == {"theirs": "p"} and evidence("p", "file") in [d.key for d in found.same]
    again, twice = merged({}, result, theirs, masked=P)
    assert again == result and not twice.taken and not twice.conflicts


def test_the_masked_copy_itself_is_known_before_its_original() -> None:
    ours, theirs = piece("p", (A,), MASKED), piece("copy", (B,), MASKED) | piece("bare", (C,), BARE)
    result, found = merged({}, ours, theirs, masked=P)
    assert found.ids == {"copy": "p"}
    assert result == piece("p", (A, B), MASKED) | piece("bare", (C,), MASKED)


def test_the_original_removed_and_added_again_there_is_the_masked_piece() -> None:
    result, found = merged(piece("p", (A,), BARE), piece("p", (A,), MASKED), piece("q", (A,), BARE), masked=P)
    assert result == piece("p", (A,), MASKED) and found.ids == {"q": "p"} and not found.conflicts


def test_another_piece_with_the_original_comes_masked() -> None:
    base = piece("p", (A,), BARE)
    result, found = merged(base, piece("p", (A,), MASKED), base | piece("copy", (B,), BARE), masked=P)
    assert result == piece("p", (A,), MASKED) | piece("copy", (B,), MASKED) and not found.conflicts


@pytest.mark.parametrize("here", [MASKED, "f3"])
def test_the_original_put_back_there_stays_masked_or_waits_masked(here: str) -> None:
    base, ours = piece("q", (A,), "f2"), piece("q", (A,), here) | piece("p", (B,), MASKED)
    result, found = merged(base, ours, piece("q", (A,), BARE), masked=P)
    assert result == ours
    assert [d.theirs for d in found.conflicts] == ([] if here == MASKED else [MASKED])


def test_the_original_put_back_for_the_masked_copy_that_went_out_is_no_change() -> None:
    went_out = piece("p", (A,), MASKED)
    result, found = merged(went_out, went_out, piece("p", (A,), BARE), masked=P)
    assert result == went_out and not found.taken and not found.conflicts
    result, found = merged(went_out, piece("p", (A,), "f3"), piece("p", (A,), BARE) | piece("q"), masked={"r": BARE})
    assert told(found.conflicts) == [(evidence("p", "file"), Why.BOTH)]


def test_a_new_picture_in_place_of_the_original_waits_and_says_why() -> None:
    ours = piece("p", (A,), MASKED)
    result, found = merged(piece("p", (A,), BARE), ours, piece("p", (A,), "f2"), masked=P)
    assert result == ours and told(found.conflicts) == [(evidence("p", "file"), Why.MASKED)]


def test_a_new_picture_in_place_of_the_masked_copy_is_taken_and_says_so() -> None:
    went_out = piece("p", (A,), MASKED)
    result, found = merged(went_out, went_out, piece("p", (A,), "f2", title="新"), masked=P)
    assert result == piece("p", (A,), "f2", title="新")
    assert told(found.taken) == [(evidence("p", "title"), None), (evidence("p", "file"), Why.MASKED)]


def test_a_piece_removed_here_does_not_bring_an_original_back() -> None:
    base, ours = piece("q", (A,), BARE) | piece("p", (B,), BARE), piece("p", (B,), MASKED)
    _, found = merged(base, ours, piece("q", (A, C), BARE) | piece("p", (B,), BARE), masked=P)
    (conflict,) = found.conflicts
    assert conflict.why is Why.REMOVED_HERE and conflict.theirs["file"] == MASKED


def test_an_original_for_accepted_clauses_waits_masked() -> None:
    ours = piece("p", (OUTSIDE,), MASKED)
    _, found = merged(piece("p", (), BARE), ours, piece("p", (), BARE) | piece("q", (A,), BARE), masked=P, guarded=[A])
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.theirs["file"]) == (evidence("q"), MASKED)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_no_original_comes_back_by_any_merge(data: st.DataObject) -> None:
    whole = data.draw(everything())
    base, masked = within(whole, SCOPE), {}
    ours: Values = dict(data.draw(edited(whole, "o")))
    for key, found in pieces_of(ours).items():
        if found.fields["file"] == BARE:
            masked[key] = BARE
            ours[evidence(key, "file")] = MASKED
    theirs = data.draw(edited(base, "t", tuple(sorted(SCOPE))))
    result, found = merged(base, ours, theirs, masked=masked)
    if masked:
        assert BARE not in {held.fields["file"] for held in pieces_of(result).values()}
        assert BARE not in {d.theirs for d in found.conflicts if d.key.field == "file"}
    again, twice = merged(base, result, theirs, masked=masked)
    assert again == result and not twice.taken
