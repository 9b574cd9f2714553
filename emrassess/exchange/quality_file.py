"""The result of a run over extracts, `emrassess-quality/1`: counts, coefficients, keys; nothing else."""

from fractions import Fraction
from typing import Any

from emrassess.domain.answers import Ratio
from emrassess.domain.pack import Pack
from emrassess.domain.quality import DimensionResult, QualityRun, RuleResult
from emrassess.exchange.ratios import ratio_text

FORMAT = "emrassess-quality/1"


def quality_json(pack: Pack, run: QualityRun) -> dict[str, Any]:
    """`run` as plain data. Coefficients are exact: a decimal text, or "2/3" where no decimal tells it."""
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
    """`value` exactly, as text."""
    if value is None:
        return None
    text = ratio_text(Ratio(value))
    return text if isinstance(text, str) else f"{text[0]}/{text[1]}"


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
        "examined": found.examined,
        "rules": found.rules,
    }
