"""The scheme of 2018: level x coverage x quality, and annex 2 with its basic and optional items.

Source: the standard's scoring method and annex 2. Ratios and indices are rounded half-up to two places; products and
sums are exact.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from emrassess.domain.answers import Answers, Ratio
from emrassess.domain.gaps import Plan
from emrassess.domain.pack import LEVELS, Category, Dimension, Item, Level, Pack, Requirement
from emrassess.domain.reasons import Cause, Reason
from emrassess.domain.schemes import product_2018_plan as planning
from emrassess.domain.schemes.base import Outlook
from emrassess.domain.scoring import (
    ONE,
    ZERO,
    Demand,
    ItemScore,
    LevelOutcome,
    LevelResult,
    Member,
    Score,
    Standing,
    attained,
    function_level,
    open_clauses,
    quality_indices,
)


@dataclass(frozen=True)
class Product2018:
    """Thresholds as shares 0..1, and what annex 2 demands, by ascending level."""

    basic_coverage: Decimal
    optional_coverage: Decimal
    quality_threshold: Decimal
    requirements: tuple[Requirement, ...]

    @property
    def kind(self) -> str:
        return "product-2018"

    @property
    def levels(self) -> tuple[Level, ...]:
        return tuple(Level(r.level, r.name) for r in self.requirements)

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return Dimension.CONSISTENCY, Dimension.COMPLETENESS, Dimension.INTEGRATION, Dimension.TIMELINESS

    @property
    def has_categories(self) -> bool:
        return True

    @property
    def has_coverage(self) -> bool:
        return True

    @property
    def thresholds(self) -> Mapping[str, Decimal]:
        return {
            "basic_coverage": self.basic_coverage,
            "optional_coverage": self.optional_coverage,
            "quality": self.quality_threshold,
        }

    def score(self, pack: Pack, answers: Answers, assumed: Ratio | None) -> Score:
        """See `scoring.score`."""
        items = {item.code: self._score_item(item, answers, assumed) for item in pack.items}
        total = sum((scored.score for scored in items.values()), Decimal(0))
        levels = {r.level: _judge(pack, answers, r, items, total) for r in self.requirements if r.level in LEVELS}
        return Score(answers.target, total, items, levels, *attained(levels), assumed)

    def item_limits(
        self, item: Item, answers: Answers, scored: ItemScore, level: int, category: Category | None
    ) -> tuple[Reason, ...]:
        """See `Scheme.item_limits`."""
        if level not in item.by_level or scored.passes(level, category):
            return ()
        reasons: list[Reason] = []
        for row in item.rows:
            if row.level > level:
                break
            if still_open := open_clauses(row, answers):
                reasons.append(Reason(Cause.CLAUSES, row.level, item.code, still_open))
            reasons += self._quality_limits(item, answers, scored, row.level, level)
        coverage, needed = scored.coverage[level], self.needed_coverage(category)
        if not item.coverage.functional and coverage < needed:
            given = any(k >= level for k in answers.coverage.get(item.code, {}))
            cause = Cause.COVERAGE_SHORT if given else Cause.COVERAGE_MISSING
            reasons.append(Reason(cause, level, item.code, actual=coverage, needed=needed))
        return tuple(reasons)

    def outlook(self, pack: Pack, answers: Answers, score: Score, items: Sequence[Item]) -> Outlook:
        """See `Scheme.outlook`."""
        return planning.outlook(self, pack, answers, score, items)

    def plan(self, pack: Pack, answers: Answers, score: Score) -> Plan:
        """See `gaps.plan_to_target`."""
        return planning.plan(self, pack, answers, score)

    def needed_coverage(self, category: Category | None) -> Decimal:
        """The coverage that an item of that category needs, 0..1; an unverified one may have to pass as basic."""
        return self.optional_coverage if category is Category.OPTIONAL else self.basic_coverage

    @property
    def method(self) -> tuple[str, ...]:
        return (
            "功能评分：从 1 级起每一级的条款都达标所到的最高级别；部分达标、未达标、待评都不算达标。",
            "有效应用比例和数据质量指数四舍五入取两位小数；项目得分是可计分各级中 级别×比例×指数 的最大值，乘积不再"
            "舍入；总分是各项目得分之和。",
            f"按基本项通过：功能达到、比例不低于 {self.basic_coverage}、各级指数不低于 {self.quality_threshold}；"
            f"按选择项通过：比例不低于 {self.optional_coverage}，其余相同。",
            f"低一级的数据质量指数低于 {self.quality_threshold} 时，更高级别不能计分。",
        )

    @property
    def level_rule(self) -> str:
        return "从 1 级起逐级对照附件 2：基本项全部通过、选择项够数、总分不低于最低要求，三条都满足才算达到。"

    @property
    def coverage_note(self) -> str:
        return f"基本项要 {self.basic_coverage} 以上，选择项要 {self.optional_coverage} 以上。"

    @property
    def standings(self) -> Mapping[Standing, str]:
        return {
            Standing.BASIC: "按基本项通过",
            Standing.OPTIONAL: "只够按选择项通过",
            Standing.FUNCTION: "条款全部达标，比例或质量不足",
            Standing.SOME: "本级条款部分达标",
            Standing.NOTHING: "本级条款都未达标",
        }

    @property
    def requirement_table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        return ("级别", "名称", "基本项", "选择项（至少/共）", "最低总分"), tuple(
            (f"{r.level} 级", r.name, str(r.basic_items), f"{r.optional_required}/{r.optional_total}",
             str(r.minimum_score))
            for r in self.requirements
        )  # fmt: skip

    def working(self, scored: ItemScore) -> str:
        level = scored.scored_level
        return f"{level} × {scored.coverage[level]} × {scored.quality[level]}" if level else "还没有可以计分的级别"

    # --- items

    def _score_item(self, item: Item, answers: Answers, assumed: Ratio | None) -> ItemScore:
        reached = function_level(item, answers)
        coverage = _coverage(item, answers, reached, assumed)
        quality = quality_indices(item, answers, assumed)
        points: dict[int, Decimal] = {}
        basic: set[int] = set()
        optional: set[int] = set()
        best, scored_level = Decimal(0), 0
        for row in item.rows:
            level = row.level
            if level > reached:
                break
            points[level] = level * coverage[level] * quality[level]
            if points[level] >= best:
                best, scored_level = points[level], level
            if quality[level] < self.quality_threshold:
                break
            if coverage[level] >= self.optional_coverage:
                optional.add(level)
            if coverage[level] >= self.basic_coverage:
                basic.add(level)
        whole = {row.level: Decimal(row.level) for row in item.rows}
        scored = ItemScore(
            item.code, reached, best, scored_level, coverage, quality, points, whole,
            frozenset(basic), frozenset(optional),
        )  # fmt: skip
        level = _limiting_level(item, answers.target, scored)
        return replace(scored, limits=self.item_limits(item, answers, scored, level, Category.BASIC))

    def _quality_limits(
        self, item: Item, answers: Answers, scored: ItemScore, row_level: int, level: int
    ) -> list[Reason]:
        index, needed = scored.quality[row_level], self.quality_threshold
        source = item.quality_rows[row_level]
        if source is None or index >= needed:
            return []
        at = source.level
        coefficients = answers.quality.get(item.code, {}).get(at, {})
        missing = tuple(d for d in source.dimensions if d not in coefficients)
        if missing:
            return [Reason(Cause.QUALITY_MISSING, at, item.code, dimensions=missing, actual=index, needed=needed)]
        cause = Cause.QUALITY_GATE if row_level < level else Cause.QUALITY_SHORT
        return [Reason(cause, at, item.code, actual=index, needed=needed)]


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


def _limiting_level(item: Item, target: int, scored: ItemScore) -> int:
    """The level whose lack matters: the target, or the next row above it where the item already passes."""
    if target in item.by_level and target not in scored.basic_at:
        return target
    return next((row.level for row in item.rows if row.level > target and row.level not in scored.basic_at), 0)


# --- levels


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
        requirement.name,
        outcome,
        _demands(tally),
        tuple(_level_reasons(tally, outcome)),
        tuple(unverified),
        max(tally.n, 0),
    )


def _demands(tally: _Tally) -> tuple[Demand, ...]:
    wanted = tally.requirement
    level = wanted.level

    def members(codes: list[str], passed: list[str]) -> tuple[Member, ...]:
        return tuple(Member(code, code in passed) for code in codes)

    return (
        Demand(
            "total", "总分", "分", tally.total, Decimal(wanted.minimum_score),
            f"附件 2 要求 {level} 级的总分不低于 {wanted.minimum_score}。",
        ),
        Demand(
            "basic", "基本项", "项", Decimal(len(tally.basic_passed)), Decimal(wanted.basic_items),
            f"附件 2 要求 {level} 级的 {wanted.basic_items} 个基本项全部通过。",
            Decimal(wanted.basic_items), members(tally.basic, tally.basic_passed),
        ),
        Demand(
            "optional", "选择项", "项", Decimal(len(tally.optional_passed)), Decimal(wanted.optional_required),
            f"附件 2 要求 {level} 级的 {wanted.optional_total} 个选择项里至少 {wanted.optional_required} 个通过。",
            Decimal(wanted.optional_total), members(tally.optional, tally.optional_passed),
        ),
    )  # fmt: skip


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
