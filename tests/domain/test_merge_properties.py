"""What holds for every three-way merge."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.assessment import Decision
from emrassess.domain.merge import (
    Difference,
    Merge,
    MergeKey,
    MergeKind,
    apply_to,
    fingerprint,
    merge,
)
from emrassess.domain.merge_values import pieces_of
from tests.domain.merge_samples import (
    CLAUSES,
    OUTSIDE,
    SCOPE,
    A,
    B,
    C,
    Values,
    answer,
    edited,
    everything,
    merged,
    piece,
    within,
)

many = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@st.composite
def meetings(draw: st.DrawFn) -> tuple[Values, Values, Values]:
    """Base, ours and theirs after edits of both sides; now and then theirs meddles with clauses of others."""
    whole = draw(everything())
    base = within(whole, SCOPE)
    clauses = CLAUSES if draw(st.integers(0, 3)) == 0 else tuple(sorted(SCOPE))
    return base, draw(edited(whole, "o")), draw(edited(base, "t", clauses))


def by_our_names(values: Values, ids: dict[str, str]) -> Values:
    mapped = (MergeKind.EVIDENCE, MergeKind.LINK)
    return {k._replace(key=ids.get(k.key, k.key)) if k.kind in mapped else k: v for k, v in values.items()}


def spread(differences: tuple[Difference, ...]) -> dict[MergeKey, set[str]]:
    """Every value of theirs in `differences`, those of whole pieces by field; None for what they took away."""
    found: dict[MergeKey, set[str]] = {}
    for d in differences:
        whole = d.key.kind is MergeKind.EVIDENCE and not d.key.field
        for key, value in (apply_to({}, [d]) if whole else {d.key: d.theirs}).items():
            found.setdefault(key, set()).add(fingerprint(value))
    return found


@many
@given(everything(), everything())
def test_merging_with_oneself_is_empty(base: Values, now: Values) -> None:
    found = merge(within(base, SCOPE), now, within(now, SCOPE), SCOPE)
    assert not (found.taken or found.conflicts or found.settled or found.ignored)
    assert merge(now, now, now, CLAUSES) == Merge((), (), (), (), (), {})


@many
@given(meetings(), st.sets(st.sampled_from(CLAUSES), max_size=2))
def test_merging_twice_is_merging_once(meeting: tuple[Values, Values, Values], guarded: set[str]) -> None:
    base, ours, theirs = meeting
    once, first = merged(base, ours, theirs, guarded=guarded)
    twice, second = merged(base, once, theirs, guarded=guarded)
    assert twice == once and not second.taken
    assert {d.key for d in second.conflicts} <= {d.key for d in first.conflicts}
    settled = {(d.key, fingerprint(d.theirs)): Decision.OURS for d in first.conflicts}
    third, rest = merged(base, once, theirs, guarded=guarded, decided=settled)
    assert third == once and not rest.conflicts


@many
@given(meetings(), st.sets(st.sampled_from(CLAUSES), max_size=2))
def test_no_word_of_either_side_is_lost(meeting: tuple[Values, Values, Values], guarded: set[str]) -> None:
    base, ours, theirs = meeting
    result, found = merged(base, ours, theirs, guarded=guarded)
    ids = dict(found.ids)
    named, before = by_our_names(theirs, ids), base | by_our_names(base, ids)
    open_ = spread(found.conflicts + found.ignored)
    for key, value in named.items():
        if before.get(key) != value:
            assert result.get(key) == value or fingerprint(value) in open_.get(key, ()), key
    for key, value in ours.items():
        assert result.get(key) == value or before.get(key) == value, key
    assert set(result) <= set(ours) | set(named)


@many
@given(meetings(), st.sets(st.sampled_from(CLAUSES), max_size=2))
def test_nothing_outside_the_packet_and_nothing_accepted_changes(
    meeting: tuple[Values, Values, Values], guarded: set[str]
) -> None:
    base, ours, theirs = meeting
    result, found = merged(base, ours, theirs, guarded=guarded)
    forbidden = {*CLAUSES} - SCOPE | guarded

    def about(values: Values) -> Values:
        kept = {k: v for k, v in within(values, forbidden).items() if k.kind is not MergeKind.COVERAGE}
        return kept | {k: v for k, v in values.items() if k.kind is MergeKind.COVERAGE and k.key == "02.01/4"}

    assert about(result) == about(ours)
    wholes = {d.key: d.theirs for d in found.conflicts if not d.key.field}
    assert all(set(value["clauses"]) <= SCOPE for key, value in wholes.items() if key.kind == "evidence" and value)


@many
@given(st.data())
def test_packets_that_do_not_conflict_commute(data: st.DataObject) -> None:
    now = data.draw(everything())
    scopes = ((A, B), (C, OUTSIDE))
    first, second = (
        (within(now, scope), data.draw(edited(within(now, scope), new, scope)), scope)
        for scope, new in zip(scopes, "st", strict=True)
    )

    def after(*packets: tuple[Values, Values, tuple[str, ...]]) -> Values | None:
        """What is there after the packets in this order; None where any of them conflicts."""
        values = now
        for base, theirs, scope in packets:
            found = merge(base, values, theirs, scope)
            if found.conflicts:
                return None
            values = apply_to(values, found.taken)
        return values

    # A file that one brings anew and the other had, and perhaps removes, makes them depend on each other.
    apart = not (brought(first) & files(second[0]) or brought(second) & files(first[0]))
    one_way, other_way = after(first, second), after(second, first)
    if apart and one_way is not None and other_way is not None:
        assert by_file(one_way) == by_file(other_way)


def files(values: Values) -> set[str]:
    return {found.fields["file"] for found in pieces_of(values).values()}


def brought(packet: tuple[Values, Values, tuple[str, ...]]) -> set[str]:
    return files(packet[1]) - files(packet[0])


def by_file(values: Values) -> object:
    """Values with pieces told by what they are and prove.

    Which of two ids a piece new on both sides keeps depends on who came first; and so does whether a piece that one
    side unlinked and the other removed stays as one that proves nothing.
    """
    plain = {k: v for k, v in values.items() if k.kind not in (MergeKind.EVIDENCE, MergeKind.LINK)}
    used = [found for found in pieces_of(values).values() if found.clauses]
    return plain, sorted((sorted(found.fields.items()), sorted(found.clauses)) for found in used)


def test_a_preview_of_700_clauses_and_1000_pieces_is_quick() -> None:
    clauses = [f"{role:02}.{item:02}.{level}({n})" for role in range(1, 11) for item in (1, 2) for level in range(1, 8)
               for n in range(1, 6)]  # fmt: skip
    base: Values = {answer(clause, field): "旧" for clause in clauses for field in ("verdict", "note", "demonstration")}
    for number in range(1000):
        base |= piece(
            f"p{number}", clauses[number % 700 : number % 700 + 2], f"f{number}", title="题", captured_at="今"
        )
    theirs = {key: f"新{value}" if key.field in ("note", "title") else value for key, value in base.items()}
    theirs |= {k._replace(key=f"n{k.key}"): v for k, v in piece("x", (clauses[0],), "f").items()}
    ours = base | {answer(clause): "这边" for clause in clauses[:100]}
    assert len(clauses) == 700 and len(pieces_of(base)) == 1000
    found, times = merge(base, ours, theirs, clauses), []
    for _ in range(3):
        start = time.process_time()
        merge(base, ours, theirs, clauses)
        times.append(time.process_time() - start)
    assert (len(found.taken), len(found.conflicts)) == (1601, 100)
    assert min(times) < 0.1
