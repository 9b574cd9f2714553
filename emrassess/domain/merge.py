"""What comes back from a department, compared three ways with what went out and with what is here now.

Base is what both sides last had in common. What only they changed is taken, what both changed alike is the same, what
both changed differently is a conflict for a person. What would touch work that is accepted here, or clauses that are
not theirs, is never taken unasked.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from emrassess.domain.assessment import Decision
from emrassess.domain.differences import (
    WHY_NAMES,
    Difference,
    Why,
    apply_to,
    conflict_values,
    decisions,
    fingerprint,
)
from emrassess.domain.merge_values import (
    PIECE_FIELDS,
    PIECE_KINDS,
    STAMP,
    WHOLE,
    MergeKey,
    MergeKind,
    Piece,
    Value,
    cell_row,
    flatten,
    photo_clauses,
    pieces_of,
    ratio_of,
    ratio_value,
    row_of,
    stamped_at,
    twins,
    values_from_json,
    values_to_json,
)

__all__ = [
    "WHOLE",
    "WHY_NAMES",
    "Decision",
    "Difference",
    "Merge",
    "MergeKey",
    "MergeKind",
    "Value",
    "Why",
    "apply_to",
    "conflict_values",
    "decisions",
    "fingerprint",
    "flatten",
    "merge",
    "ratio_of",
    "ratio_value",
    "values_from_json",
    "values_to_json",
]

Values = Mapping[MergeKey, Value]
_UNMASKED: Mapping[str, str] = {}


@dataclass(frozen=True)
class Merge:
    """What a packet brings.

    `taken`: to become `theirs` here; `same`: as they have it already; `conflicts`: to be decided; `settled`: decided
    earlier, stays as it is here; `ignored`: about clauses outside the packet. `ids`: pieces of evidence that are here
    under another id: theirs to ours.
    """

    taken: tuple[Difference, ...]
    same: tuple[Difference, ...]
    conflicts: tuple[Difference, ...]
    settled: tuple[Difference, ...]
    ignored: tuple[Difference, ...]
    ids: Mapping[str, str]


def merge(
    base: Values,
    ours: Values,
    theirs: Values,
    scope: Iterable[str],
    guarded: Iterable[str] = (),
    decided: Container[tuple[MergeKey, str]] = (),
    who: str = "",
    masked: Mapping[str, str] = _UNMASKED,
) -> Merge:
    """What changes from `base` to `theirs` mean for `ours`, which may hold more than the clauses in `scope`.

    `base` holds what `flatten` told of the packet's clauses when it went out; `theirs` all that their workspace holds,
    as a piece of evidence that is not in it counts as removed; `ours` the whole assessment. `guarded`: clauses accepted
    here. `decided`: conflicts that a person has decided, by key and `fingerprint` of their value. `masked`: pieces that
    show a masked copy here, with the file that it was made from: wherever they put that file, the copy stands for it.
    """
    return _Merging(base, ours, theirs, frozenset(scope), frozenset(guarded), decided, who, masked).merge()


_NOTHING = Piece({}, {})


@dataclass
class _Merging:
    base: Values
    ours: Values
    theirs: Values
    scope: frozenset[str]
    guarded: frozenset[str]
    decided: Container[tuple[MergeKey, str]]
    who: str
    masked: Mapping[str, str]
    taken: list[Difference] = field(default_factory=list)
    same: list[Difference] = field(default_factory=list)
    conflicts: list[Difference] = field(default_factory=list)
    settled: list[Difference] = field(default_factory=list)
    ignored: list[Difference] = field(default_factory=list)

    def merge(self) -> Merge:
        self._forget_earlier_rounds()
        self._plain()
        self._stamps()
        ids = self._pieces()
        return Merge(
            tuple(self.taken),
            tuple(self.same),
            tuple(self.conflicts),
            tuple(self.settled),
            tuple(self.ignored),
            ids,
        )

    def _forget_earlier_rounds(self) -> None:
        """What both sides have looked at again in a later round, each says anew: to say the same as in the round before
        is an opinion too, and no consent to what the other side says now."""
        anew: set[str] = set()
        for key, before in self.base.items():
            if key.field == STAMP:
                now = (self.ours.get(key), self.theirs.get(key))
                if all(stamp is not None and stamped_at(stamp)[0] > stamped_at(before)[0] for stamp in now):
                    anew.add(key.key)
        if anew:
            self.base = {k: v for k, v in self.base.items() if k.kind is not MergeKind.REVIEW or k.key not in anew}

    # --- one value

    def _judge(
        self, key: MergeKey, base: Value, ours: Value, theirs: Value, clauses: Iterable[str], guard: Why | None
    ) -> None:
        """Put a value that they changed where it belongs. `guard`: why it must not be taken unasked."""

        def found(why: Why | None = None) -> Difference:
            return Difference(key, base, ours, theirs, tuple(clauses), why, self.who)

        if theirs == ours:
            self.same.append(found())
        elif self.decided and (key, fingerprint(theirs)) in self.decided:
            # Before all else: what a person decided stands, even where ours has since gone back to base.
            self.settled.append(found())
        elif guard:
            self.conflicts.append(found(guard))
        elif ours == base:
            self.taken.append(found(self._unmasking(key)))
        else:
            removed = Why.REMOVED_HERE if ours is None else Why.REMOVED_THERE if theirs is None else Why.BOTH
            self.conflicts.append(found(self._unmasking(key) or removed))

    def _ignore(
        self, key: MergeKey, base: Value, ours: Value, theirs: Value, clauses: Iterable[str], why: Why | None = None
    ) -> None:
        """Name a change that is not theirs to make, unless it would change nothing."""
        if theirs != ours:
            self.ignored.append(Difference(key, base, ours, theirs, tuple(clauses), why, self.who))

    def _plain(self) -> None:
        """Answers, coverage and quality."""
        rows = {row_of(clause) for clause in self.scope}
        guarded_rows = {row_of(clause) for clause in self.guarded}
        evidence, link = PIECE_KINDS
        plain = [key for key in {**self.theirs, **self.base} if key.kind is not evidence and key.kind is not link]
        for key in plain:
            base, theirs = self.base.get(key), self.theirs.get(key)
            if base == theirs or key.field == STAMP:
                continue
            ours = self.ours.get(key)
            if key.kind is MergeKind.PHOTO:
                self._photo(key, base, ours, theirs)
                continue
            if key.kind is MergeKind.ANSWER:
                place, clauses, mine, accepted = key.key, (key.key,), self.scope, self.guarded
            elif key.kind is MergeKind.REVIEW:
                place, clauses, mine, accepted = key.key, (key.key,), self.scope, ()
            else:
                place, clauses, mine, accepted = cell_row(key), (), rows, guarded_rows
            if place not in mine:
                self._ignore(key, base, ours, theirs, clauses)
            else:
                self._judge(key, base, ours, theirs, clauses, Why.ACCEPTED if place in accepted else None)

    def _photo(self, key: MergeKey, base: Value, ours: Value, theirs: Value) -> None:
        """A photo never needs deciding: it goes where nobody worked on it here, and is of the clauses of both sides."""
        if theirs is None:
            wanted = None if ours == base else ours
        elif ours is None or ours == base:
            wanted = theirs
        else:
            wanted = [*ours[:4], *sorted({*photo_clauses(ours), *photo_clauses(theirs)})]  # the same from both sides
        found = Difference(key, base, ours, wanted, photo_clauses(theirs or base), None, self.who)
        (self.same if wanted == ours else self.taken).append(found)

    def _stamps(self) -> None:
        """Where, when and by whom an opinion was written: the later one, but where a conflict leaves ours in place."""
        waiting = {d.key.key for d in self.conflicts if d.key.kind is MergeKind.REVIEW}
        for key, theirs in self.theirs.items():
            if key.field == STAMP and key.key in self.scope and key.key not in waiting:
                base, ours = self.base.get(key), self.ours.get(key)
                if theirs != base and (ours is None or stamped_at(theirs) > stamped_at(ours)):
                    self.taken.append(Difference(key, base, ours, theirs, (key.key,), None, self.who))

    # --- evidence

    def _pieces(self) -> dict[str, str]:
        """Evidence, and which pieces of theirs are here under which other id."""
        base, ours, theirs = map(pieces_of, (self.base, self.ours, self.theirs))
        ids = twins(base, ours, theirs, self.masked)
        for there, piece in theirs.items():
            here = ids.get(there, there)
            before, now = base.get(there) or base.get(here), ours.get(here)
            if piece == before:
                continue
            if now:
                self._fields(here, before or _NOTHING, now, piece)
                self._links(here, before or _NOTHING, now, piece)
            elif before and self._mine(before.clauses):
                self._removed_here(here, before, piece)
            else:
                self._new(here, piece)
        known = {*theirs, *ids.values()}
        for key, piece in base.items():
            if key not in known:
                self._removed_there(key, piece, ours.get(key))
        return ids

    def _mine(self, clauses: Iterable[str]) -> list[str]:
        """Those of the packet."""
        return [clause for clause in clauses if clause in self.scope]

    def _piece_guard(self, clauses: Iterable[str]) -> Why | None:
        """Why a piece that proves `clauses` here must not change unasked."""
        proven = set(clauses)
        return Why.ACCEPTED if proven & self.guarded else Why.SHARED if proven - self.scope else None

    def _shown(self, key: str, file: Value) -> Value:
        """The masked copy where `file` is what one was made from, best the one that the piece itself shows."""
        copies = (key, *self.masked) if self.masked.get(key) == file else self.masked
        found = (
            self.ours.get(MergeKey(MergeKind.EVIDENCE, copy, "file")) for copy in copies if self.masked[copy] == file
        )
        return next(found, None) or file

    def _unmasking(self, key: MergeKey) -> Why | None:
        """Whether another file would take the place of a masked copy."""
        return Why.MASKED if key.kind is MergeKind.EVIDENCE and key.field == "file" and key.key in self.masked else None

    def _brought(self, key: str, theirs: Piece, clauses: Iterable[str]) -> Piece:
        """A piece of theirs that is not here, as it would come for `clauses`."""
        fields = {**theirs.fields, "file": self._shown(key, theirs.fields.get("file"))}
        return Piece(fields, dict.fromkeys(clauses, True))

    def _fields(self, key: str, base: Piece, ours: Piece, theirs: Piece) -> None:
        clauses = tuple(dict.fromkeys((*ours.clauses, *theirs.clauses)))
        concerned = self._mine((*base.clauses, *theirs.clauses))
        for name in PIECE_FIELDS:
            was, now, there = (piece.fields.get(name) for piece in (base, ours, theirs))
            if name == "file" and was != there:
                there = self._shown(key, there)
            if was == there:
                continue
            place = MergeKey(MergeKind.EVIDENCE, key, name)
            if concerned:
                self._judge(place, was, now, there, clauses, self._piece_guard(ours.clauses))
            else:
                self._ignore(place, was, now, there, clauses)

    def _links(self, key: str, base: Piece, ours: Piece, theirs: Piece) -> None:
        for clause in {**base.clauses, **theirs.clauses}:
            was, now, there = (piece.clauses.get(clause) for piece in (base, ours, theirs))
            if was != there:
                self._link(MergeKey(MergeKind.LINK, key, clause), was, now, there)

    def _link(self, key: MergeKey, base: Value, ours: Value, theirs: Value) -> None:
        clause = key.field
        if clause in self.scope:
            self._judge(key, base, ours, theirs, (clause,), Why.ACCEPTED if clause in self.guarded else None)
        else:
            self._ignore(key, base, ours, theirs, (clause,))

    def _new(self, key: str, theirs: Piece) -> None:
        """A piece that is only there: taken with the links that are free to be made."""
        place = MergeKey(MergeKind.EVIDENCE, key, WHOLE)
        mine = self._mine(theirs.clauses)
        if not mine:
            self._ignore(place, None, None, theirs.value, theirs.clauses)
            return
        free = [clause for clause in mine if clause not in self.guarded]
        brought = self._brought(key, theirs, free or mine)
        self._judge(place, None, None, brought.value, brought.clauses, None if free else Why.ACCEPTED)
        for clause in theirs.clauses:
            if clause not in brought.clauses:
                self._link(MergeKey(MergeKind.LINK, key, clause), None, None, True)

    def _removed_here(self, key: str, base: Piece, theirs: Piece) -> None:
        """A piece that was removed here: a conflict as a whole where they worked on it, or linked it to more."""
        mine = self._mine(theirs.clauses)
        worked_on = theirs.fields != base.fields or any(clause not in base.clauses for clause in mine)
        if worked_on:
            kept = self._brought(key, theirs, mine)
            self._judge(MergeKey(MergeKind.EVIDENCE, key, WHOLE), base.value, None, kept.value, mine, None)
        for clause in {**base.clauses, **theirs.clauses}:
            was, there = base.clauses.get(clause), theirs.clauses.get(clause)
            if was != there and not (worked_on and clause in self.scope):
                self._link(MergeKey(MergeKind.LINK, key, clause), was, None, there)

    def _removed_there(self, key: str, base: Piece, ours: Piece | None) -> None:
        """A piece that was removed there: it goes only where it proves some of the packet's clauses and no other."""
        place = MergeKey(MergeKind.EVIDENCE, key, WHOLE)
        if ours is None:
            self._judge(place, base.value, None, None, base.clauses, None)
            return
        outside = [clause for clause in ours.clauses if clause not in self.scope]
        if outside or not ours.clauses:
            self._links(key, base, ours, _NOTHING)
            if self._mine(ours.clauses):
                self._ignore(place, base.value, ours.value, None, outside, Why.SHARED)
            return
        # A link taken away here is no work that would be lost; another field, or a new link, is.
        changed = ours.fields != base.fields or any(clause not in base.clauses for clause in ours.clauses)
        guard = self._piece_guard(ours.clauses)
        self._judge(place, base.value if changed else ours.value, ours.value, None, ours.clauses, guard)
