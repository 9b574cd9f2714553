"""The worked examples of the scoring rules, and what must hold for every assessment."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Answers, Ratio, Verdict, half_up
from emrassess.domain.pack import Category, Dimension, Pack, Requirement
from emrassess.domain.reasons import Cause, reason_text
from emrassess.domain.scoring import LevelOutcome, score
from tests.builders import answers, met_through, ratio


def scored(pack: Pack, **kwargs):
    return score(pack, answers(pack, **kwargs))


EXAMPLE = {
    "through": {"01.01": 5},
    "coverage": {"01.01": {4: "950/1000", 5: "700/1000"}},
    "quality": {
        "01.01": {
            3: {"consistency": "0.99"},
            4: {"completeness": "0.96"},
            5: {"completeness": "0.9", "integration": "0.8"},
        }
    },
}


def test_best_product_of_level_coverage_and_quality_counts(pack: Pack) -> None:
    item = scored(pack, **EXAMPLE).items["01.01"]
    assert item.quality[5] == Decimal("0.85")
    assert 5 * item.coverage[5] * item.quality[5] == Decimal("2.9750")
    assert (item.score, item.scored_level) == (Decimal("3.6480"), 4)
    assert 4 in item.basic_at
    assert 5 in item.optional_at and 5 not in item.basic_at


def test_low_quality_of_a_level_shuts_the_levels_above(pack: Pack) -> None:
    quality = {**EXAMPLE["quality"]["01.01"], 4: {"completeness": "0.49"}}
    item = scored(pack, **{**EXAMPLE, "quality": {"01.01": quality}}).items["01.01"]
    assert set(item.points) == {1, 2, 3, 4}
    assert 4 * item.coverage[4] * item.quality[4] == Decimal("1.8620")
    assert (item.score, item.scored_level) == (Decimal("2.8215"), 3)


def test_coverage_is_rounded_before_it_is_compared(pack: Pack) -> None:
    item = scored(
        pack,
        through={"03.02": 3},
        coverage={"03.02": {3: "0.795"}},
        quality={"03.02": {3: {"consistency": "1"}}},
    ).items["03.02"]
    assert item.coverage[3] == Decimal("0.80")
    assert item.score == Decimal("2.4000")
    assert 3 in item.basic_at


@pytest.mark.parametrize(
    ("text", "rounded"), [("0.005", "0.01"), ("0.0049", "0.00"), ("0.994999", "0.99"), ("0.995", "1.00"), ("1", "1.00")]
)
def test_rounding_is_half_up(text: str, rounded: str) -> None:
    assert str(Ratio.plain(text).rounded) == rounded


def test_quality_index_is_a_mean_without_rounding_in_between(pack: Pack) -> None:
    """(2/3 + 0.3433..) / 2 is 0.505 exactly: rounding the thirds first would lose the half."""
    item = scored(
        pack,
        through={"01.01": 5},
        quality={"01.01": {5: {"completeness": "2/3", "integration": "103/300"}}},
    ).items["01.01"]
    assert item.quality[5] == Decimal("0.51")


def test_a_missing_row_is_skipped_on_the_way_up(pack: Pack) -> None:
    assert 2 not in pack.item_by_code["01.03"].by_level
    assert scored(pack, through={"01.03": 3}).items["01.03"].function_level == 3


@pytest.mark.parametrize("verdict", [Verdict.PARTIAL, Verdict.UNMET, Verdict.NOT_ASSESSED])
def test_only_met_counts(pack: Pack, verdict: Verdict) -> None:
    given_ = answers(pack, through={"01.01": 5})
    changed = Answers(given_.pack, 5, {**given_.verdicts, "01.01.4(2)": verdict})
    assert score(pack, changed).items["01.01"].function_level == 3


def test_functional_items_cover_what_they_function(pack: Pack) -> None:
    item = scored(pack, through={"09.03": 4}).items["09.03"]
    assert item.coverage[4] == Decimal("1.00") and item.coverage[5] == Decimal("0.00")
    assert item.score == 4


def test_level_eight_without_checks_uses_level_seven(pack: Pack) -> None:
    quality = {"01.01": {7: {"completeness": "0.8", "integration": "0.6"}}}
    item = scored(pack, through={"01.01": 8}, quality=quality).items["01.01"]
    assert item.quality[8] == item.quality[7] == Decimal("0.70")


def test_reaching_a_level_covers_the_lower_ones(pack: Pack) -> None:
    item = scored(pack, through={"01.01": 5}, coverage={"01.01": {3: "0.5", 5: "0.9"}}).items["01.01"]
    assert item.coverage[3] == item.coverage[4] == Decimal("0.90")
    assert item.coverage[6] == 0


def test_of_equal_scores_the_higher_level_is_scored(pack: Pack) -> None:
    item = scored(
        pack,
        through={"09.01": 4},
        coverage={"09.01": {2: "1", 4: "0.5"}},
    ).items["09.01"]
    assert (item.score, item.scored_level) == (Decimal(2), 4)


def full(pack: Pack, level: int, categories: dict[str, Category] | None = None) -> Answers:
    """Everything met through `level` with full coverage and quality."""
    one = ratio("1")
    return Answers(
        pack.id,
        level,
        met_through(pack, {item.code: level for item in pack.items}),
        {item.code: {row.level: one for row in item.rows if row.level <= level} for item in pack.items},
        {
            item.code: {row.level: dict.fromkeys(row.dimensions, one) for row in item.rows if row.rules}
            for item in pack.items
        },
        {code: {level: category} for code, category in (categories or {}).items()},
    )


def test_everything_met_is_met_although_categories_are_unverified(pack: Pack) -> None:
    result = score(pack, full(pack, 5))
    assert result.levels[5].outcome is LevelOutcome.MET
    assert result.certain == result.possible == 5
    assert result.total == 39 * 5


def confirmed(pack: Pack, level: int) -> dict[str, Category]:
    """A made-up but complete choice of categories at `level`: known ones kept, the first open ones basic."""
    rows = {i.code: i.by_level[level].category for i in pack.items if level in i.by_level}
    need = wanted(pack, level).basic_items - sum(c is Category.BASIC for c in rows.values())
    unverified = [code for code, category in rows.items() if category is Category.UNVERIFIED]
    return {code: Category.BASIC if n < need else Category.OPTIONAL for n, code in enumerate(unverified)}


def without(given_: Answers, pack: Pack, code: str) -> Answers:
    verdicts = {clause: v for clause, v in given_.verdicts.items() if not clause.startswith(code)}
    return Answers(given_.pack, given_.target, verdicts, given_.coverage, given_.quality, given_.categories)


def test_one_failing_item_of_unknown_category_leaves_the_verdict_open(pack: Pack) -> None:
    result = score(pack, without(full(pack, 5), pack, "01.02"))
    assert result.levels[5].outcome is LevelOutcome.UNDETERMINED
    assert (result.certain < 5, result.possible) == (True, 5)
    assert {r.cause for r in result.levels[5].reasons} >= {Cause.UNVERIFIED_FAILS, Cause.CATEGORIES_UNVERIFIED}


def test_the_same_failure_decides_once_the_category_is_known(pack: Pack) -> None:
    categories = confirmed(pack, 5)
    basic = next(code for code, category in categories.items() if category is Category.BASIC)
    optional = next(code for code, category in categories.items() if category is Category.OPTIONAL)
    assert score(pack, without(full(pack, 5, categories), pack, basic)).levels[5].outcome is LevelOutcome.NOT_MET
    assert score(pack, without(full(pack, 5, categories), pack, optional)).levels[5].outcome is LevelOutcome.MET


def test_a_total_below_the_minimum_fails_and_says_by_how_much(pack: Pack) -> None:
    given_ = full(pack, 5)
    half = {code: {5: ratio("0.5")} for code in given_.coverage}
    result = score(pack, Answers(pack.id, 5, given_.verdicts, half, given_.quality))
    assert result.levels[5].outcome is LevelOutcome.NOT_MET
    short = next(r for r in result.levels[5].reasons if r.cause is Cause.TOTAL_SHORT)
    assert "最低要求 140" in reason_text(short, pack)


def wanted(pack: Pack, level: int) -> Requirement:
    """What annex 2 demands for a level."""
    return next(r for r in pack.requirements if r.level == level)


def test_more_basic_items_than_annex_two_allows_is_never_certain(pack: Pack) -> None:
    every = {
        i.code: Category.BASIC
        for i in pack.items
        if i.by_level.get(5) and i.by_level[5].category is Category.UNVERIFIED
    }
    result = score(pack, full(pack, 5, every)).levels[5]
    assert result.outcome is LevelOutcome.UNDETERMINED
    assert result.reasons[0].cause is Cause.CATEGORIES_CONTRADICT


def test_a_projection_counts_missing_figures_as_assumed(pack: Pack) -> None:
    given_ = answers(pack, through={"01.01": 5}, coverage={"01.01": {3: "0.60"}})
    proper, projected = score(pack, given_), score(pack, given_, Ratio.plain("0.9"))
    assert (proper.items["01.01"].scored_level, proper.items["01.01"].score) == (2, Decimal("1.20"))
    assert projected.items["01.01"].coverage[3] == Decimal("0.60")
    assert projected.items["01.01"].coverage[5] == Decimal("0.90")
    assert projected.items["01.01"].score == Decimal(5) * Decimal("0.90") * Decimal("0.90")
    assert projected.assumed is not None and proper.assumed is None


def test_limits_name_the_clauses_and_the_missing_figures(pack: Pack) -> None:
    item = scored(pack, target=5, through={"01.01": 4}, met=["01.01.5(1)"]).items["01.01"]
    by_cause = {reason.cause: reason for reason in item.limits if reason.level == 5}
    assert by_cause[Cause.CLAUSES].clauses == ("01.01.5(2)", "01.01.5(3)")
    assert by_cause[Cause.QUALITY_MISSING].dimensions == (Dimension.COMPLETENESS, Dimension.INTEGRATION)
    assert Cause.COVERAGE_MISSING in by_cause


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ratio.counted(1, 0), "分母不能为 0"),
        (lambda: Ratio.counted(2, 1), "大于分母"),
        (lambda: Ratio.counted(-1, 1), "负数"),
        (lambda: Ratio.plain("1.01"), "0 到 1"),
        (lambda: Ratio.plain("NaN"), "0 到 1"),
        (lambda: Ratio.plain("九成"), "不是数字"),
        (lambda: Ratio.plain("1E-999999999"), "位数"),
    ],
)
def test_ratios_refuse_what_is_none(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


shares = st.fractions(0, 1, max_denominator=1000)


@st.composite
def assessments(draw: st.DrawFn, pack: Pack) -> Answers:
    codes = draw(st.lists(st.sampled_from([i.code for i in pack.items]), min_size=1, max_size=6, unique=True))
    through = {code: draw(st.integers(0, 8)) for code in codes}
    coverage = {
        code: draw(st.dictionaries(st.sampled_from(range(3, 7)), shares.map(Ratio), max_size=3)) for code in codes
    }
    quality = {
        code: {
            row.level: {d: Ratio(draw(shares)) for d in row.dimensions if draw(st.booleans())}
            for row in pack.item_by_code[code].rows
            if row.rules
        }
        for code in codes
    }
    return Answers(pack.id, draw(st.integers(1, 8)), met_through(pack, through), coverage, quality)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_raising_an_answer_never_lowers_a_score(pack: Pack, data: st.DataObject) -> None:
    before = data.draw(assessments(pack))
    code = data.draw(st.sampled_from(sorted(before.coverage)))
    item = pack.item_by_code[code]
    kind = data.draw(st.sampled_from(["clause", "coverage", "quality"]))
    verdicts, coverage, quality = dict(before.verdicts), dict(before.coverage), dict(before.quality)
    if kind == "clause":
        verdicts[data.draw(st.sampled_from(item.clauses_through(8))).id] = Verdict.MET
    elif kind == "coverage":
        level = data.draw(st.sampled_from(range(3, 7)))
        old = coverage[code].get(level)
        coverage[code] = {**coverage[code], level: Ratio(max(data.draw(shares), old.value if old else Fraction(0)))}
    else:
        rows = [row for row in item.rows if row.rules]
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        dimension = data.draw(st.sampled_from(row.dimensions))
        level_now = dict(quality[code].get(row.level, {}))
        old = level_now.get(dimension)
        level_now[dimension] = Ratio(max(data.draw(shares), old.value if old else Fraction(0)))
        quality[code] = {**quality[code], row.level: level_now}
    after = Answers(before.pack, before.target, verdicts, coverage, quality)
    first, second = score(pack, before), score(pack, after)
    assert second.total >= first.total
    assert second.items[code].function_level >= first.items[code].function_level
    assert second.certain >= first.certain and second.possible >= first.possible


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_certain_is_what_holds_for_every_choice_of_categories(pack: Pack, data: st.DataObject) -> None:
    """Fixing the unverified categories at random, as annex 2 counts them, never contradicts the verdict."""
    level = 3
    base = full(pack, level)
    failing = data.draw(st.sets(st.sampled_from([i.code for i in pack.items]), max_size=14))
    half = data.draw(st.sets(st.sampled_from([i.code for i in pack.items]), max_size=14))
    verdicts = {c: v for c, v in base.verdicts.items() if c[:5] not in failing}
    coverage = {code: ({3: ratio("0.6")} if code in half else rows) for code, rows in base.coverage.items()}
    open_codes = [i.code for i in pack.items if i.by_level[level].category is Category.UNVERIFIED]
    known = sum(i.by_level[level].category is Category.BASIC for i in pack.items)
    n = wanted(pack, level).basic_items - known
    chosen = set(data.draw(st.permutations(open_codes))[:n])
    fixed = {code: {level: Category.BASIC if code in chosen else Category.OPTIONAL} for code in open_codes}
    unsure = score(pack, Answers(pack.id, level, verdicts, coverage, base.quality)).levels[level].outcome
    sure = score(pack, Answers(pack.id, level, verdicts, coverage, base.quality, fixed)).levels[level].outcome
    assert sure is not LevelOutcome.UNDETERMINED
    if unsure is not LevelOutcome.UNDETERMINED:
        assert sure is unsure


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_half_up_agrees_with_decimal(numerator: int, denominator: int) -> None:
    value = Fraction(min(numerator, denominator), denominator)
    if denominator in (2**k * 5**m for k in range(8) for m in range(8)):
        expected = (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert half_up(value) == expected
    assert abs(Fraction(half_up(value)) - value) <= Fraction(1, 200)
