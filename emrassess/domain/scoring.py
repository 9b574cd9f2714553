"""What scoring gives: points of items, verdict of every level, attained level; and what all schemes share.

How answers become points and levels is the scheme's business (`schemes/`). Nothing here reads a file or knows a screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction

from emrassess.domain.answers import Answers, Ratio, Verdict, half_up
from emrassess.domain.pack import Category, Item, LevelRow, Pack
from emrassess.domain.reasons import Reason

ZERO = Decimal("0.00")
ONE = Decimal("1.00")


class LevelOutcome(StrEnum):
    MET = "met"
    UNDETERMINED = "undetermined"
    NOT_MET = "not_met"


class Standing(IntEnum):
    """How far a level row is, from nothing to passing; the number picks the colour."""

    NOTHING = 0
    SOME = 1
    FUNCTION = 2
    OPTIONAL = 3
    BASIC = 4


@dataclass(frozen=True, slots=True)
class ItemScore:
    """An item's result. `coverage`, `quality` per existing level: shares 0..1, two places; no coverage in a scheme
    that counts none.

    `points`: per level that counts at all what it earns, of `whole` at most. `score`: what the item brings to the
    total, exact; `scored_level`: the level it is scored at, 0 where none is or the scheme has no such thing.
    `basic_at`, `optional_at`: levels at which it passes as basic, as optional; the same in a scheme without categories.
    `limits`: what keeps it from passing at the target, or, where it passes, from the next level.
    """

    code: str
    function_level: int
    score: Decimal
    scored_level: int
    coverage: Mapping[int, Decimal]
    quality: Mapping[int, Decimal]
    points: Mapping[int, Decimal]
    whole: Mapping[int, Decimal]
    basic_at: frozenset[int]
    optional_at: frozenset[int]
    limits: tuple[Reason, ...] = ()

    def passes(self, level: int, category: Category | None) -> bool:
        """Whether it passes at `level` as its category asks; an unverified one has to pass as basic."""
        return level in (self.optional_at if category is Category.OPTIONAL else self.basic_at)

    def standing(self, row: LevelRow, answers: Answers) -> Standing:
        """How far the item's `row` is."""
        if row.level in self.basic_at:
            return Standing.BASIC
        if row.level in self.optional_at:
            return Standing.OPTIONAL
        if row.level <= self.function_level:
            return Standing.FUNCTION
        some = any(answers.verdict(clause.id) is Verdict.MET for clause in row.clauses)
        return Standing.SOME if some else Standing.NOTHING


@dataclass(frozen=True, slots=True)
class Member:
    """An item or a role (`is_role`) that a demand counts, and whether it passes."""

    code: str
    passes: bool
    is_role: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a level asks for, as a figure.

    `actual` of `needed` (None: no minimum); `whole`: the most there can be (None: not known). Points where `unit` is
    "分", else a count of `members`, which are those known to count. `rule`: what is asked, one Chinese sentence.
    """

    key: str
    name: str
    unit: str
    actual: Decimal
    needed: Decimal | None
    rule: str
    whole: Decimal | None = None
    members: tuple[Member, ...] = ()

    @property
    def met(self) -> bool:
        """Whether the figure is reached."""
        return self.needed is None or self.actual >= self.needed

    @property
    def in_points(self) -> bool:
        """Points, not a count of members."""
        return self.unit == "分"


@dataclass(frozen=True, slots=True)
class LevelResult:
    """The verdict of a level, with the demands it rests on.

    `unverified_items`: items whose category at this level nobody has read in the official document;
    `basic_among_unverified`: how many of them must be basic by annex 2 (never negative).
    """

    level: int
    name: str
    outcome: LevelOutcome
    demands: tuple[Demand, ...]
    reasons: tuple[Reason, ...]
    unverified_items: tuple[str, ...] = ()
    basic_among_unverified: int = 0

    def demand(self, key: str) -> Demand:
        """The demand of that key; KeyError where the scheme has none."""
        found = next((demand for demand in self.demands if demand.key == key), None)
        if found is None:
            raise KeyError(key)
        return found


@dataclass(frozen=True)
class Score:
    """A whole assessment scored. `assumed`: the share put in place of missing figures; then it is a projection."""

    target: int
    total: Decimal
    items: Mapping[str, ItemScore]
    levels: Mapping[int, LevelResult]
    certain: int
    possible: int
    assumed: Ratio | None = None


def score(pack: Pack, answers: Answers, assume_missing: Ratio | None = None) -> Score:
    """Score `answers` against `pack`, as its scheme has it.

    With `assume_missing` (0..1) a missing coverage or coefficient counts that instead of 0: a projection, to be shown
    apart from the score proper. Clauses and levels that the pack does not have are not looked at.
    """
    return pack.scheme.score(pack, answers, assume_missing)


def attained(levels: Mapping[int, LevelResult]) -> tuple[int, int]:
    """The attained level, certain and possible; 0 where none is."""
    certain = max((n for n, r in levels.items() if r.outcome is LevelOutcome.MET), default=0)
    possible = max((n for n, r in levels.items() if r.outcome is not LevelOutcome.NOT_MET), default=0)
    return certain, possible


def function_level(item: Item, answers: Answers) -> int:
    """Highest level whose clauses, and those of all lower existing rows, are met; 0 if none."""
    verdicts = answers.verdicts
    reached = 0
    for row in item.rows:
        for clause in row.clauses:
            if verdicts.get(clause.id) is not Verdict.MET:
                return reached
        reached = row.level
    return reached


def open_clauses(row: LevelRow, answers: Answers) -> tuple[str, ...]:
    """Ids of the row's clauses that are not met."""
    return tuple(clause.id for clause in row.clauses if answers.verdict(clause.id) is not Verdict.MET)


def quality_indices(item: Item, answers: Answers, assumed: Ratio | None) -> dict[int, Decimal]:
    """The quality index of each level row: mean of the coefficients asked for, rounded half-up to two places.

    A missing coefficient counts 0, or `assumed`; a row that asks for none has 1.00.
    """
    given = answers.quality.get(item.code, {})
    missing = assumed.value if assumed else Fraction(0)
    found: dict[int, Decimal] = {}
    for level, source in item.quality_rows.items():
        if source is None:
            found[level] = ONE
            continue
        coefficients = given.get(source.level, {})
        dimensions = source.dimensions
        if len(dimensions) == 1 and dimensions[0] in coefficients:
            found[level] = coefficients[dimensions[0]].rounded
            continue
        values = [coefficients[d].value if d in coefficients else missing for d in dimensions]
        found[level] = half_up(Fraction(sum(values), len(values)))
    return found
