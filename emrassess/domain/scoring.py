"""Scoring: function level, coverage, quality, item score, verdict of every level, attained level.

Source: the standard's scoring method and annex 2. Ratios and indices are rounded half-up to two places; products and
sums are exact. Nothing here reads a file or knows a screen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from emrassess.domain.answers import Answers, Ratio, Verdict, half_up
from emrassess.domain.pack import LEVELS, Category, Item, Pack, Requirement
from emrassess.domain.reasons import Cause, Reason

ZERO = Decimal("0.00")
ONE = Decimal("1.00")


class LevelOutcome(StrEnum):
    MET = "met"
    UNDETERMINED = "undetermined"
    NOT_MET = "not_met"


@dataclass(frozen=True, slots=True)
class ItemScore:
    """An item's result. `coverage`, `quality`, `eligible` per existing level; shares 0..1, two places.

    `score` = scored level x its coverage x its quality, exact; of equal scores the higher level is the scored one, 0
    where no level is eligible.
    `limits`: what keeps it from passing at the target as basic, or, where it passes, from the next level.
    """

    code: str
    function_level: int
    score: Decimal
    scored_level: int
    coverage: Mapping[int, Decimal]
    quality: Mapping[int, Decimal]
    eligible: frozenset[int]
    basic_at: frozenset[int]
    optional_at: frozenset[int]
    limits: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelResult:
    """The verdict of a level (annex 2), with the counts it rests on.

    `basic_items`, `optional_items`, `unverified_items`: item codes by category at this level.
    `basic_among_unverified`: how many of the unverified ones must be basic by annex 2 (never negative).
    """

    level: int
    outcome: LevelOutcome
    requirement: Requirement
    total: Decimal
    basic_items: tuple[str, ...]
    optional_items: tuple[str, ...]
    unverified_items: tuple[str, ...]
    basic_passed: int
    optional_passed: int
    basic_among_unverified: int
    reasons: tuple[Reason, ...]


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
    """Score `answers` against `pack`.

    With `assume_missing` (0..1) a missing coverage or coefficient counts that instead of 0: a projection, to be shown
    apart from the score proper. Clauses and levels that the pack does not have are not looked at.
    """
    items = {item.code: _score_item(pack, item, answers, assume_missing) for item in pack.items}
    total = sum((scored.score for scored in items.values()), Decimal(0))
    levels = {r.level: _judge(pack, answers, r, items, total) for r in pack.requirements if r.level in LEVELS}
    certain = max((n for n, r in levels.items() if r.outcome is LevelOutcome.MET), default=0)
    possible = max((n for n, r in levels.items() if r.outcome is not LevelOutcome.NOT_MET), default=0)
    return Score(answers.target, total, items, levels, certain, possible, assume_missing)


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


def _coverage(item: Item, answers: Answers, reached: int, assumed: Ratio | None) -> dict[int, Decimal]:
    if item.coverage.functional:
        return {row.level: ONE if row.level <= reached else ZERO for row in item.rows}
    given = answers.coverage.get(item.code, {})
    missing = assumed.rounded if assumed else ZERO
    found: dict[int, Decimal] = {}
    best: Decimal | None = None
    by_level = item.by_level
    for level in reversed(LEVELS):
        if level in given:
            rounded = given[level].rounded
            best = rounded if best is None else max(best, rounded)
        if level in by_level:
            found[level] = missing if best is None else best
    return found


def _quality(item: Item, answers: Answers, assumed: Ratio | None) -> dict[int, Decimal]:
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


def _score_item(pack: Pack, item: Item, answers: Answers, assumed: Ratio | None) -> ItemScore:
    parameters = pack.scoring
    reached = function_level(item, answers)
    coverage = _coverage(item, answers, reached, assumed)
    quality = _quality(item, answers, assumed)
    eligible: set[int] = set()
    basic: set[int] = set()
    optional: set[int] = set()
    best, scored_level = Decimal(0), 0
    for row in item.rows:
        level = row.level
        if level > reached:
            break
        eligible.add(level)
        points = level * coverage[level] * quality[level]
        if points >= best:
            best, scored_level = points, level
        if quality[level] < parameters.quality:
            break
        if coverage[level] >= parameters.optional_coverage:
            optional.add(level)
        if coverage[level] >= parameters.basic_coverage:
            basic.add(level)
    scored = ItemScore(
        item.code,
        reached,
        best,
        scored_level,
        coverage,
        quality,
        frozenset(eligible),
        frozenset(basic),
        frozenset(optional),
    )
    limits = item_limits(pack, item, answers, scored, _limiting_level(item, answers.target, scored))
    return replace(scored, limits=limits)


def _limiting_level(item: Item, target: int, scored: ItemScore) -> int:
    """The level whose lack matters: the target, or the next row above it where the item already passes."""
    if target in item.by_level and target not in scored.basic_at:
        return target
    return next((row.level for row in item.rows if row.level > target and row.level not in scored.basic_at), 0)


def item_limits(
    pack: Pack, item: Item, answers: Answers, scored: ItemScore, level: int, *, as_optional: bool = False
) -> tuple[Reason, ...]:
    """What keeps the item from passing at `level` as basic (or as optional), in the order it has to be mended.

    Empty where it passes, or where the item has no such row.
    """
    if level not in item.by_level:
        return ()
    if level in (scored.optional_at if as_optional else scored.basic_at):
        return ()
    reasons: list[Reason] = []
    for row in item.rows:
        if row.level > level:
            break
        open_clauses = tuple(c.id for c in row.clauses if answers.verdict(c.id) is not Verdict.MET)
        if open_clauses:
            reasons.append(Reason(Cause.CLAUSES, row.level, item.code, open_clauses))
        reasons += _quality_limits(pack, item, answers, scored, row.level, level)
    coverage = scored.coverage[level]
    needed = pack.scoring.optional_coverage if as_optional else pack.scoring.basic_coverage
    if not item.coverage.functional and coverage < needed:
        given = any(k >= level for k in answers.coverage.get(item.code, {}))
        cause = Cause.COVERAGE_SHORT if given else Cause.COVERAGE_MISSING
        reasons.append(Reason(cause, level, item.code, actual=coverage, needed=needed))
    return tuple(reasons)


def _quality_limits(
    pack: Pack, item: Item, answers: Answers, scored: ItemScore, row_level: int, level: int
) -> list[Reason]:
    index, needed = scored.quality[row_level], pack.scoring.quality
    source = item.quality_rows[row_level]
    if source is None or index >= needed:
        return []
    coefficients = answers.quality.get(item.code, {}).get(source.level, {})
    missing = tuple(d for d in source.dimensions if d not in coefficients)
    if missing:
        return [Reason(Cause.QUALITY_MISSING, source.level, item.code, dimensions=missing, actual=index, needed=needed)]
    cause = Cause.QUALITY_GATE if row_level < level else Cause.QUALITY_SHORT
    return [Reason(cause, source.level, item.code, actual=index, needed=needed)]


@dataclass(frozen=True, slots=True)
class _Tally:
    """The items of one level by category, and which of them pass.

    `n`: how many of the unverified ones must be basic by annex 2. Where confirmed categories contradict annex 2,
    surplus basic items count as optional ones (n negative) and missing ones are taken from the unverified as far as
    they go; nothing is certain then.
    """

    requirement: Requirement
    total: Decimal
    basic: list[str]
    optional: list[str]
    unverified: list[str]
    basic_passed: list[str]
    optional_passed: list[str]
    unverified_as_basic: list[str]
    unverified_as_optional: list[str]

    @property
    def demanded(self) -> int:
        return self.requirement.basic_items - len(self.basic)

    @property
    def contradicts(self) -> bool:
        return not 0 <= self.demanded <= len(self.unverified)

    @property
    def n(self) -> int:
        return min(self.demanded, len(self.unverified))

    @property
    def enough_points(self) -> bool:
        return self.total >= self.requirement.minimum_score

    def outcome(self) -> LevelOutcome:
        """Met where it holds for every choice of the n basic ones, undetermined where for some, else not met."""
        if not self.enough_points or len(self.basic_passed) < len(self.basic):
            return LevelOutcome.NOT_MET
        n, required, optional = self.n, self.requirement.optional_required, len(self.optional_passed)
        open_count, as_basic, as_optional = (
            len(group) for group in (self.unverified, self.unverified_as_basic, self.unverified_as_optional)
        )
        if n <= 0:
            certain = optional + as_optional >= required
        else:
            certain = as_basic == open_count and optional + open_count - n >= required
        if certain and not self.contradicts:
            return LevelOutcome.MET
        possible = as_basic >= n and optional + as_optional - n >= required
        return LevelOutcome.UNDETERMINED if possible else LevelOutcome.NOT_MET


def _judge(
    pack: Pack, answers: Answers, requirement: Requirement, items: Mapping[str, ItemScore], total: Decimal
) -> LevelResult:
    """The three-valued verdict of one level, annex 2."""
    level = requirement.level
    by_category: dict[Category, list[str]] = {category: [] for category in Category}
    for item in pack.items:
        category = answers.category(pack, item.code, level)
        if category is not None and level in item.by_level:
            by_category[category].append(item.code)
    basic, optional, unverified = (by_category[c] for c in (Category.BASIC, Category.OPTIONAL, Category.UNVERIFIED))
    tally = _Tally(
        requirement,
        total,
        basic,
        optional,
        unverified,
        [c for c in basic if level in items[c].basic_at],
        [c for c in optional if level in items[c].optional_at],
        [c for c in unverified if level in items[c].basic_at],
        [c for c in unverified if level in items[c].optional_at],
    )
    outcome = tally.outcome()
    return LevelResult(
        level,
        outcome,
        requirement,
        total,
        tuple(basic),
        tuple(optional),
        tuple(unverified),
        len(tally.basic_passed),
        len(tally.optional_passed),
        max(tally.n, 0),
        tuple(_level_reasons(tally, outcome)),
    )


def _level_reasons(tally: _Tally, outcome: LevelOutcome) -> Iterator[Reason]:
    level, required = tally.requirement.level, tally.requirement.optional_required

    def reason(cause: Cause, items: list[str], actual: Decimal | int, needed: Decimal | int) -> Reason:
        return Reason(cause, level, items=tuple(items), actual=Decimal(actual), needed=Decimal(needed))

    if tally.contradicts:
        yield reason(Cause.CATEGORIES_CONTRADICT, [], len(tally.basic), tally.requirement.basic_items)
    if outcome is LevelOutcome.MET:
        return
    if failing := [code for code in tally.basic if code not in tally.basic_passed]:
        yield reason(Cause.BASIC_FAILS, failing, len(tally.basic_passed), len(tally.basic))
    failing = [code for code in tally.unverified if code not in tally.unverified_as_basic]
    if tally.n > 0 and failing:
        yield reason(Cause.UNVERIFIED_FAILS, failing, len(tally.unverified_as_basic), tally.n)
    reachable = len(tally.optional_passed) + max(len(tally.unverified_as_optional) - tally.n, 0)
    if reachable < required:
        yield reason(Cause.OPTIONAL_SHORT, [], reachable, required)
    if not tally.enough_points:
        yield reason(Cause.TOTAL_SHORT, [], tally.total, tally.requirement.minimum_score)
    if tally.unverified and outcome is LevelOutcome.UNDETERMINED:
        yield reason(Cause.CATEGORIES_UNVERIFIED, tally.unverified, 0, max(tally.n, 0))
