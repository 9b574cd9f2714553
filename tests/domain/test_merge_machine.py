"""A coordinator and departments that edit, send out, return, merge and decide in any order: no edit is lost silently.

Every edit writes a word of its own. The model knows of each word only whether somebody who saw it did away with it;
all others must be found: here, with a department, in a packet on its way, or in a conflict that waits for a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emrassess.domain.assessment import Decision
from emrassess.domain.merge import (
    Difference,
    MergeKey,
    MergeKind,
    Value,
    apply_to,
    conflict_values,
    decisions,
    fingerprint,
    merge,
)
from emrassess.domain.merge_values import pieces_of
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
    piece,
    put,
    within,
)

SCOPES = {"护理部": (A, B), "病案室": (C, OUTSIDE), "药剂科": (B, C, ELSEWHERE)}
EVERYWHERE = (A, B, C, OUTSIDE, ELSEWHERE)
departments = st.sampled_from(sorted(SCOPES))
numbers = st.integers(0, 59)
edits = st.lists(
    st.tuples(
        st.sampled_from(["note", "clear", "cell", "new", "title", "replace", "remove", "link", "unlink"]), numbers
    ),
    min_size=1,
    max_size=4,
)


def words(value: Value) -> set[str]:
    """The words that edits wrote into a value, or into a whole piece."""
    if isinstance(value, dict):
        return {word for part in value.values() for word in words(part)}
    return {part for part in value.split("\n") if part.startswith("w")} if isinstance(value, str) else set()


def words_of(values: Mapping[MergeKey, Value]) -> set[str]:
    return {word for value in values.values() for word in words(value)}


@dataclass
class Returned:
    """A packet that came back; `out` tells packets out apart, `number` counts those that came back."""

    department: str
    out: int
    number: int
    base: Values
    theirs: Values


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.here: Values = {}
        self.out: dict[str, tuple[Values, Values]] = {}
        self.returned: list[Returned] = []
        self.last_merged: dict[int, Returned] = {}
        self.waiting: dict[tuple[MergeKey, str], Difference] = {}
        self.decided: dict[tuple[MergeKey, str], Decision] = {}
        self.accepted: set[str] = set()
        self.written: set[str] = set()
        self.gone: set[str] = set()
        for clause in EVERYWHERE:
            self.edit(self.here, (clause,), "note", 0, "")
            self.edit(self.here, (clause,), "new", 0, "这")
        self.here |= {link(key, EVERYWHERE[n - 1]): True for n, key in enumerate(sorted(pieces_of(self.here)))}
        for department in SCOPES:
            self.send(department)

    # --- editing, here or in a department

    def word(self) -> str:
        word = f"w{len(self.written)}"
        self.written.add(word)
        return word

    def edit(self, values: Values, clauses: tuple[str, ...], what: str, number: int, whose: str) -> None:
        """One edit by a person who sees `values`; what it overwrites or removes is gone with their knowledge."""
        clause = clauses[number % len(clauses)]
        known = sorted(pieces_of(values))
        chosen = known[number % len(known)] if known else ""
        if what == "note":
            self.write(values, answer(clause), self.word())
        elif what == "clear":
            self.write(values, answer(clause), None)
        elif what == "cell":
            self.write(values, coverage(f"{clause[:5]}/{clause[6]}"), self.word())
        elif what == "new":
            # Few files, so that two departments often bring the same one.
            values |= piece(f"{whose}{len(self.written)}", (clause,), f"f{number % 3}", title=self.word())
        elif not chosen:
            return
        elif what == "title":
            self.write(values, evidence(chosen, "title"), self.word())
        elif what == "replace":
            self.write(values, evidence(chosen, "file"), self.word())
        elif what == "remove":
            for key in [k for k in values if k.key == chosen and k.kind in (MergeKind.EVIDENCE, MergeKind.LINK)]:
                self.write(values, key, None)
        else:
            put(values, link(chosen, clause), True if what == "link" else None)

    def write(self, values: Values, key: MergeKey, value: Value) -> None:
        self.gone |= words(values.get(key))
        put(values, key, value)

    @rule(edits=edits)
    def edit_here(self, edits: list[tuple[str, int]]) -> None:
        for what, number in edits:
            self.edit(self.here, EVERYWHERE, what, number, "这")

    @rule(department=departments, edits=edits)
    def edit_there(self, department: str, edits: list[tuple[str, int]]) -> None:
        for what, number in edits:
            self.edit(self.out[department][1], SCOPES[department], what, number, department)

    # --- to and fro

    @precondition(lambda self: self.returned)
    @rule(department=departments)
    def send(self, department: str) -> None:
        """A packet goes out once what the department did with the last one has come back."""
        back = [packet.theirs for packet in self.returned if packet.department == department]
        if department not in self.out or self.out[department][1] in back:
            base = within(self.here, SCOPES[department])
            self.out[department] = (base, dict(base))

    @rule(department=departments)
    def give_back(self, department: str) -> None:
        base, theirs = self.out[department]
        self.returned.append(Returned(department, id(base), len(self.returned), base, dict(theirs)))

    @rule(department=departments, there=edits, here=edits, onwards=st.booleans())
    def work_on_both_sides(
        self, department: str, there: list[tuple[str, int]], here: list[tuple[str, int]], onwards: bool
    ) -> None:
        """The steps that matter most, in one, as single steps seldom come in this order."""
        self.edit_there(department, there)
        self.edit_here(here)
        self.give_back(department)
        self.merge_one(len(self.returned) - 1, onwards)

    @precondition(lambda self: self.returned)
    @rule(number=numbers, onwards=st.booleans())
    def merge_one(self, number: int, onwards: bool) -> None:
        """Any packet that ever came back, in any order, once or more.

        `onwards`: where an earlier state of the same work was merged before, that is what both sides have in common.
        """
        packet = self.returned[number % len(self.returned)]
        last = self.last_merged.get(packet.out)
        if last is None or last.number <= packet.number:
            self.last_merged[packet.out] = packet
            if onwards and last:
                packet = replace(packet, base=last.theirs)
        scope = SCOPES[packet.department]
        before = self.here
        found = merge(packet.base, before, packet.theirs, scope, self.accepted, self.decided, packet.department)
        self.here = apply_to(before, found.taken)
        for conflict in found.conflicts:
            self.waiting[conflict.key, fingerprint(conflict.theirs)] = conflict
        self.check_overwritten(packet.base, before, found.ids)
        self.check_untouched(before, set(EVERYWHERE) - set(scope) | self.accepted)
        assert not self.waiting.keys() & self.decided.keys()
        again = merge(packet.base, self.here, packet.theirs, scope, self.accepted, self.decided)
        assert not again.taken
        assert {(d.key, fingerprint(d.theirs)) for d in again.conflicts} <= self.waiting.keys()
        for difference in found.ignored:
            # Named to the person who merges: a piece that proves nothing there, or that others here still need.
            assert difference.key.kind is MergeKind.EVIDENCE
            self.gone |= words(difference.theirs)
        # Whatever they wrote last has arrived, waits, or was decided about.
        arrived = words_of(self.here) | self.held() | self.gone
        assert words_of(packet.theirs) <= arrived

    def check_overwritten(self, base: Values, before: Values, ids: Mapping[str, str]) -> None:
        """What was overwritten here was what the department had seen; it is gone with its knowledge."""
        theirs = {ours: there for there, ours in ids.items()}
        for key, value in before.items():
            if self.here.get(key) != value:
                seen = (base.get(key), base.get(key._replace(key=theirs.get(key.key, key.key))))
                assert value in seen, key
                self.gone |= words(value)

    def check_untouched(self, before: Values, forbidden: Iterable[str]) -> None:
        kept = MergeKind.ANSWER, MergeKind.EVIDENCE, MergeKind.LINK
        was, now = (
            {k: v for k, v in within(values, forbidden).items() if k.kind in kept} for values in (before, self.here)
        )
        assert was == now

    # --- people

    @precondition(lambda self: self.waiting)
    @rule(number=numbers, choice=numbers)
    def decide(self, number: int, choice: int) -> None:
        """A person who sees what is here now and what they sent."""
        place = sorted(self.waiting)[number % len(self.waiting)]
        conflict = self.waiting.pop(place)
        piece_now = pieces_of(self.here).get(conflict.key.key)
        whole = conflict.key.kind is MergeKind.EVIDENCE and not conflict.key.field
        now = (piece_now and piece_now.value) if whole else self.here.get(conflict.key)
        conflict = replace(conflict, ours=now)
        offered = decisions(conflict)
        decision = offered[choice % len(offered)]
        value = conflict_values(conflict, decision)
        if conflict.key.kind is MergeKind.EVIDENCE and conflict.key.field and piece_now is None:
            value = None  # a field of a piece that is not here any more: there is nothing to put it into
        self.here = apply_to(self.here, [replace(conflict, theirs=value)])
        self.gone |= (words(conflict.ours) | words(conflict.theirs)) - words(value)
        self.decided[place] = decision

    @rule(number=numbers)
    def accept(self, number: int) -> None:
        self.accepted ^= {EVERYWHERE[number % len(EVERYWHERE)]}

    # --- what must hold

    def held(self) -> set[str]:
        """The words that wait for a person."""
        sides = [words(d.theirs) | words(d.ours) for d in self.waiting.values()]
        return set().union(*sides)

    @invariant()
    def no_word_is_lost(self) -> None:
        places = [self.here, *(theirs for _, theirs in self.out.values()), *(p.theirs for p in self.returned)]
        found = set().union(*map(words_of, places)) | self.held() | self.gone
        assert self.written <= found


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, derandomize=True, database=None
)
