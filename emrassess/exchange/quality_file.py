"""The result of a run over extracts, `emrassess-quality/1`: counts, coefficients, keys; nothing else."""

from fractions import Fraction
from typing import Any

from emrassess.domain.pack import Pack
from emrassess.domain.quality import DimensionResult, QualityRun, RuleResult

FORMAT = "emrassess-quality/1"
_PLACES = 20


def quality_json(pack: Pack, run: QualityRun) -> dict[str, Any]:
    """`run` as plain data. Coefficients are decimal texts, cut after 20 places where they do not end; beside that of a
    dimension stands the `fraction`, which is exact.
    """
    return {
        "format": FORMAT,
        "pack": pack.id,
        "pack_version": pack.version,
        "rules": [_rule(result) for result in run.rules],
        "dimensions": [_dimension(found) for found in run.dimensions],
        "notes": [{"place": note.place, "message": note.message} for note in run.notes],
        "rows_read": run.rows_read,
        "seconds": f"{run.seconds:.1f}",
    }


def coefficient_text(value: Fraction | None) -> str | None:
    """`value` (0..1) as a decimal text, exact up to 20 places."""
    if value is None:
        return None
    whole, rest = divmod(value.numerator * 10**_PLACES, value.denominator)
    digits = f"{whole + (2 * rest >= value.denominator):0{_PLACES + 1}d}"
    decimals = digits[-_PLACES:].rstrip("0")
    return f"{digits[:-_PLACES]}.{decimals}" if decimals else digits[:-_PLACES]


def _rule(result: RuleResult) -> dict[str, Any]:
    rule = result.rule
    return {
        "id": rule.id,
        "item": rule.item,
        "level": rule.level,
        "dimension": rule.dimension.value,
        "numerator": result.numerator,
        "denominator": result.denominator,
        "coefficient": coefficient_text(result.coefficient),
        "examined": result.examined,
        "reason": result.reason,
        "samples": [dict(sample) for sample in result.samples],
    }


def _dimension(found: DimensionResult) -> dict[str, Any]:
    return {
        "item": found.item,
        "level": found.level,
        "dimension": found.dimension.value,
        "coefficient": coefficient_text(found.coefficient),
        "fraction": None if found.coefficient is None else str(found.coefficient),
        "examined": found.examined,
        "rules": found.rules,
    }
