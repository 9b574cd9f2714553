"""Ratios in files: a decimal text, or [numerator, denominator] where they were counted. Nothing is rounded."""

from fractions import Fraction

from emrassess.domain.answers import Ratio


def ratio_text(ratio: Ratio) -> str | list[int]:
    """`ratio` as it stands in a file: the counts where there are any, else its decimals (two at least).

    A share without counts that no decimal can tell exactly (1/3) is told by its fraction.
    """
    if ratio.numerator is not None and ratio.denominator is not None:
        return [ratio.numerator, ratio.denominator]
    decimals = _decimals(ratio.value)
    return [ratio.value.numerator, ratio.value.denominator] if decimals is None else decimals


def ratio_of(written: object) -> Ratio:
    """The ratio that `written` tells: text, or a list of two counts. ValueError (Chinese) where it tells none."""
    if isinstance(written, str):
        return Ratio.plain(written)
    if not isinstance(written, list):
        raise ValueError('应为比例（如 "0.70"）或 [分子, 分母]')
    if len(written) != 2:
        raise ValueError(f"应为 [分子, 分母] 两个数，现在有 {len(written)} 个")
    numerator, denominator = written
    if type(numerator) is not int or type(denominator) is not int:
        raise ValueError("分子、分母应为整数")
    return Ratio.counted(numerator, denominator)


def _decimals(value: Fraction) -> str | None:
    """`value` (0..1) exactly as a decimal text of at least two and at most 50 places; None where there is none."""
    places = next((n for n in range(2, 51) if 10**n % value.denominator == 0), None)
    if places is None:
        return None
    digits = value.numerator * 10**places // value.denominator
    return f"{digits // 10**places}.{digits % 10**places:0{places}d}"
