"""Pieces that a department both changed and took its clauses from."""

from emrassess.domain.merge import apply_to, merge
from tests.domain.merge_samples import SCOPE, A, evidence, link, piece


def test_a_piece_described_anew_and_unlinked_is_taken_with_its_words() -> None:
    base = piece("p", (A,), title="原题")
    theirs = piece("p", (), title="新题")
    found = merge(base, base, theirs, SCOPE)
    assert {d.key for d in found.taken} == {evidence("p", "title"), link("p", A)}
    assert not found.ignored and apply_to(base, found.taken) == theirs
