"""What a hospital claims: verdicts, coverage, quality coefficients, verified categories."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

from emrassess.domain.pack import Category, Dimension, Pack


class Verdict(StrEnum):
    """The hospital's self verdict on a clause (自评结论)."""

    MET = "met"
    PARTIAL = "partial"
    UNMET = "unmet"
    NOT_ASSESSED = "not_assessed"


VERDICT_NAMES = {
    Verdict.MET: "达标",
    Verdict.PARTIAL: "部分达标",
    Verdict.UNMET: "未达标",
    Verdict.NOT_ASSESSED: "待评",
}


def half_up(value: Fraction) -> Decimal:
    """`value` (not negative) rounded half-up to two places, as the standard asks."""
    hundredths = (200 * value.numerator + value.denominator) // (2 * value.denominator)
    return Decimal(hundredths).scaleb(-2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share 0..1, exact. `numerator` and `denominator` where it was counted, None where only the ratio is known."""

    value: Fraction
    numerator: int | None = None
    denominator: int | None = None

    @classmethod
    def counted(cls, numerator: int, denominator: int) -> "Ratio":
        """From two counts; ValueError (Chinese) for a zero denominator, a negative count or a numerator above it."""
        if numerator < 0 or denominator < 0:
            raise ValueError("分子、分母不能是负数")
        if denominator == 0:
            raise ValueError("分母不能为 0")
        if numerator > denominator:
            raise ValueError(f"分子 {numerator} 大于分母 {denominator}")
        return cls(Fraction(numerator, denominator), numerator, denominator)

    @classmethod
    def plain(cls, text: str) -> "Ratio":
        """From a decimal text such as "0.70"; ValueError (Chinese) outside 0..1 or where it is no number."""
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            raise ValueError(f"“{text}”不是数字") from None
        if not number.is_finite() or not 0 <= number <= 1:
            raise ValueError(f"比例 {text.strip()} 不在 0 到 1 之间")
        if (number and number.adjusted() < -50) or len(number.as_tuple().digits) > 60:
            raise ValueError("比例的位数过多")
        return cls(Fraction(number))

    @property
    def rounded(self) -> Decimal:
        """Two places, half-up."""
        return half_up(self.value)


@dataclass(frozen=True)
class Answers:
    """All that scoring needs. Absent clauses are not assessed; absent ratios are missing."""

    pack: str
    target: int
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    coverage: Mapping[str, Mapping[int, Ratio]] = field(default_factory=dict)
    quality: Mapping[str, Mapping[int, Mapping[Dimension, Ratio]]] = field(default_factory=dict)
    categories: Mapping[str, Mapping[int, Category]] = field(default_factory=dict)

    def verdict(self, clause: str) -> Verdict:
        return self.verdicts.get(clause, Verdict.NOT_ASSESSED)

    def category(self, pack: Pack, item: str, level: int) -> Category | None:
        """Basic, optional or unverified: what a person verified goes before the pack; None where there is none.

        There is none where the item has no such row, or the scheme knows no categories.
        """
        verified = self.categories.get(item, {}).get(level)
        if verified is not None:
            return verified
        row = pack.item_by_code[item].by_level.get(level)
        return row.category if row else None
