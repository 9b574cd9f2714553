"""What checking a hospital's extracts by the rules of annex 4 gives: counts, coefficients, keys of offending rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from emrassess.domain.pack import Dimension, QualityRule

MOST_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule over all rows. `numerator` of `denominator` keep it; where it was not examined, both are 0 and `reason`
    says why. `samples`: keys of up to 20 offending rows, each as field and value; never a name.
    """

    rule: QualityRule
    numerator: int = 0
    denominator: int = 0
    reason: str = ""
    samples: tuple[tuple[tuple[str, str], ...], ...] = ()

    @property
    def examined(self) -> bool:
        """A rule over no rows has no coefficient."""
        return self.denominator > 0

    @property
    def coefficient(self) -> Fraction | None:
        """The share 0..1, exact; None where it was not examined."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """The coefficient (0..1, exact) of a dimension at a level row: the mean of its `examined` rules of `rules`.

    None where none was examined.
    """

    item: str
    level: int
    dimension: Dimension
    coefficient: Fraction | None
    examined: int
    rules: int


@dataclass(frozen=True, slots=True)
class ExtractNote:
    """A fault of an extract that did not stop the rest: `place` names file, line or cell, and column."""

    place: str
    message: str


@dataclass(frozen=True)
class QualityRun:
    """All rules run. `rows_read` of all extracts; `seconds` it took; `notes` in the order they were found."""

    rules: tuple[RuleResult, ...]
    dimensions: tuple[DimensionResult, ...]
    rows_read: int
    seconds: float
    notes: tuple[ExtractNote, ...] = ()


def dimensions_of(results: Sequence[RuleResult]) -> tuple[DimensionResult, ...]:
    """The coefficients of the dimensions at each level row, in the order of the rules."""
    cells: dict[tuple[str, int, Dimension], list[RuleResult]] = {}
    for result in results:
        rule = result.rule
        cells.setdefault((rule.item, rule.level, rule.dimension), []).append(result)
    return tuple(_dimension(*cell, found) for cell, found in cells.items())


def _dimension(item: str, level: int, dimension: Dimension, results: Iterable[RuleResult]) -> DimensionResult:
    listed = list(results)
    shares = [share for result in listed if (share := result.coefficient) is not None]
    mean = sum(shares, Fraction()) / len(shares) if shares else None
    return DimensionResult(item, level, dimension, mean, len(shares), len(listed))
