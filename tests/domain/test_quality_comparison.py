"""Runs compared, and keys as far as they may be shown."""

from fractions import Fraction

import pytest

from emrassess.domain.pack import Dimension, QualityRule
from emrassess.domain.quality import QualityRun, RuleResult, dimensions_of
from emrassess.domain.quality_comparison import Trend, compare, trend
from emrassess.domain.quality_keys import shown_key


def run(*counts: tuple[str, int, int]) -> QualityRun:
    rules = [QualityRule(name, name[:5], 4, Dimension.COMPLETENESS, "filled", "") for name, _, _ in counts]
    results = tuple(RuleResult(rule, above, below) for rule, (_, above, below) in zip(rules, counts, strict=True))
    return QualityRun(results, dimensions_of(results), 0, 0.0)


def test_each_trend() -> None:
    half, whole = Fraction(1, 2), Fraction(1)
    assert trend(None, None) is None
    assert [trend(half, whole), trend(whole, half), trend(half, half), trend(None, half), trend(half, None)] == list(
        Trend
    )


def test_cells_and_rules_are_compared() -> None:
    before = run(("01.01.a", 1, 2), ("01.01.b", 2, 2), ("01.02.a", 1, 2), ("01.03.a", 0, 0))
    after = run(("01.01.a", 2, 2), ("01.01.b", 1, 2), ("01.02.a", 0, 0), ("01.03.a", 1, 1), ("01.04.a", 0, 0))
    found = compare(before, after)
    assert dict(found.rules) == {
        "01.01.a": Trend.ROSE, "01.01.b": Trend.FELL, "01.02.a": Trend.GONE, "01.03.a": Trend.NEW,
    }  # fmt: skip
    assert {cell[0]: kind for cell, kind in found.cells.items()} == {
        "01.01": Trend.SAME, "01.02": Trend.GONE, "01.03": Trend.NEW,
    }  # fmt: skip
    assert found.count(Trend.SAME) == 1
    assert found.rules_before["01.02.a"] == Fraction(1, 2)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("YZ-2026-000123", "YZ-2026-000123"),
        ("", ""),
        ("张三", "＊"),
        ("Zhang San", "＊"),
        ("住院1001", "＊＊1001"),
        ("13912345678", "139******78"),
        ("11010519491231002X", "110*************2X"),
        ("110105194912310029", "110*************29"),
        ("110105491231002", "110**********02"),
        ("9" * 60, "9" * 39 + "…"),
    ],
)
def test_keys_hide_what_is_no_number_of_a_record(value: str, shown: str) -> None:
    assert shown_key(value) == shown
