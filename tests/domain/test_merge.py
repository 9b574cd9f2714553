"""Three-way merges: what is taken, what waits for a person, what is left alone; and what holds for every merge."""

import time
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Decision, Evidence, EvidenceKind, Revision
from emrassess.domain.merge import (
    WHY_NAMES,
    Difference,
    Merge,
    MergeKey,
    MergeKind,
    Why,
    apply_to,
    conflict_values,
    decisions,
    fingerprint,
    flatten,
    merge,
    ratio_of,
    ratio_value,
    values_from_json,
    values_to_json,
)
from emrassess.domain.merge_values import pieces_of
from emrassess.domain.pack import Dimension
from tests.domain.merge_samples import (
    CLAUSES,
    ELSEWHERE,
    OUTSIDE,
    SCOPE,
    A,
    B,
    C,
    Values,
    answer,
    coverage,
    edited,
    everything,
    evidence,
    link,
    notes,
    piece,
    within,
)


def merged(base: Values, ours: Values, theirs: Values, **more) -> tuple[Values, Merge]:
    found = merge(base, ours, theirs, SCOPE, **more)
    return apply_to(ours, found.taken), found


def told(differences: tuple[Difference, ...]) -> list[tuple[MergeKey, Why | None]]:
    return [(d.key, d.why) for d in differences]


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


# --- an assessment as values


def revision(sha256: str) -> Revision:
    return Revision(sha256, "图.png", 1, "image/png", "2026-11-22T08:00:00+08:00", "张三")


def shot(piece_id: str, *clauses: str, title: str = "题") -> Evidence:
    revisions = (revision("e" * 64), revision("f" * 64))
    return Evidence(piece_id, title, EvidenceKind.SCREENSHOT, "", "2026-11-21", revisions, clauses)


ASSESSMENT = Assessment(
    "id",
    "示例医院",
    "made-up",
    "1",
    5,
    answers={
        A: ClauseAnswer(Verdict.MET, "说明", "菜单"),
        B: ClauseAnswer(note="只有说明"),
        OUTSIDE: ClauseAnswer(Verdict.MET),
    },
    coverage={("01.01", 4): Ratio.counted(950, 1000), ("02.01", 4): Ratio.plain("0.95")},
    quality={("01.01", 4, Dimension.CONSISTENCY): Ratio(Fraction(1, 3))},
    evidence={"p": shot("p", A, OUTSIDE), "q": shot("q", OUTSIDE), "r": shot("r", title="")},
)


def test_an_assessment_as_values_of_some_clauses() -> None:
    fields = {"kind": "screenshot", "captured_at": "2026-11-21", "file": "f" * 64}
    assert flatten(ASSESSMENT, [A, B]) == {
        answer(A, "verdict"): "met",
        answer(A, "note"): "说明",
        answer(A, "demonstration"): "菜单",
        answer(B, "note"): "只有说明",
        coverage("01.01/4"): ["950", "1000"],
        MergeKey(MergeKind.QUALITY, "01.01/4/consistency"): "1/3",
        evidence("p", "title"): "题",
        **{evidence("p", name): value for name, value in fields.items()},
        link("p", A): True,
    }


def test_an_assessment_as_values_as_a_whole() -> None:
    values = flatten(ASSESSMENT)
    assert set(pieces_of(values)) == {"p", "q", "r"} and link("p", OUTSIDE) in values
    assert values[coverage("02.01/4")] == "19/20" and answer(OUTSIDE, "verdict") in values
    assert within(values, [A, B]) == flatten(ASSESSMENT, [A, B])


def test_values_go_through_json() -> None:
    values = flatten(ASSESSMENT)
    assert values_from_json(values_to_json(values)) == values
    assert values_to_json({answer(A): "甲"}) == {"answer:01.01.4(1):note": "甲"}
    assert {key.name for key in values} >= {"自评结论", "有效应用比例", "一致性系数", "实证材料的关联", "文件"}
    assert {key.place for key in values} == {A, B, OUTSIDE, "01.01.4", "02.01.4", ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("answer:01.01.4(1):verdict", "great"),
        ("answer:01.01.4(1):verdict", "not_assessed"),
        ("answer:01.01.4(1):note", ""),
        ("answer:01.01.4(1):note", ["甲"]),
        ("answer:01.01.4(1):other", "甲"),
        ("answer:01.01.4(1)", "甲"),
        ("nothing:a:b", "甲"),
        ("coverage:01.01/4:", "1.5"),
        ("coverage:01.01/4:", None),
        ("coverage:01.01/9:", "1"),
        ("coverage:01.01:", "1"),
        ("coverage:01.01/4:x", "1"),
        ("quality:01.01/4/beauty:", "1"),
        ("quality:01.01/4:", "1"),
        ("link:p:01.01.4(1)", 1),
        ("link:p:01.01.4(1)", "yes"),
        ("evidence:p:kind", "gossip"),
        ("evidence:p:file", "../f"),
        ("evidence:p:", "甲"),
        ("evidence:p:clauses", "甲"),
    ],
)
def test_values_that_nobody_would_write_are_refused(text: str, value: object) -> None:
    with pytest.raises(ValueError) as refused:
        values_from_json({text: value})
    assert refused.value.args == (text,)


@given(st.builds(MergeKey, st.sampled_from(MergeKind), st.text(), st.text().filter(lambda text: ":" not in text)))
def test_keys_are_read_back(key: MergeKey) -> None:
    assert MergeKey.parse(key.text) == key


@given(st.fractions(0, 1), st.integers(1, 10**6))
def test_ratios_are_read_back(share: Fraction, times: int) -> None:
    for ratio in (Ratio(share), Ratio.counted(share.numerator * times, share.denominator * times)):
        assert ratio_of(ratio_value(ratio)) == ratio


@pytest.mark.parametrize(
    "value", ["", "1/0", "2", "-1", "0.5", "1e9", 1, None, [], ["1"], [1, 2], ["1", "0"], ["3", "2"], ["1/2", "1"]]
)
def test_ratios_that_are_none_are_refused(value: object) -> None:
    with pytest.raises(ValueError):
        ratio_of(value)


# --- what holds for every merge

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
