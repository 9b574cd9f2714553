"""A loaded pack as plain data for `criteria show --json`; decimals as strings."""

from dataclasses import asdict
from typing import Any

from emrassess.domain.pack import Clause, LevelRow, LogicalTable, Pack, QualityRule, Side
from emrassess.domain.schemes.base import Scheme


def pack_json(pack: Pack) -> dict[str, Any]:
    """The whole pack: requirements, roles, groups, items with level rows, clauses and quality checks, vocabulary."""
    return {
        "id": pack.id,
        "version": pack.version,
        "name": pack.name,
        "standard": pack.standard,
        "document_number": pack.document_number,
        "digest": pack.digest,
        "scheme": _scheme(pack.scheme),
        "requirements": [asdict(r) for r in pack.requirements or pack.levels],
        "roles": [{"code": role.code, "name": role.name} for role in pack.roles],
        "places": [{"code": p.code, "name": p.name, "items": list(p.items)} for p in pack.places],
        "groups": [{"code": g.code, "name": g.name, "items": list(g.items), "quality": g.quality} for g in pack.groups],
        "items": [
            {
                "code": item.code,
                "name": item.name,
                "role": item.role,
                "quality": item.has_quality,
                "coverage": {
                    "kind": "functional" if item.coverage.functional else "ratio",
                    "numerator": item.coverage.numerator,
                    "denominator": item.coverage.denominator,
                    "basis": item.coverage.basis,
                    "note": item.coverage.note,
                },
                "levels": [_row(row) for row in item.rows],
            }
            for item in pack.items
        ],
        "tables": {key: _table(table) for key, table in pack.tables.items()},
        "dictionaries": {key: _table(table) for key, table in pack.dictionaries.items()},
        "glossary": dict(pack.glossary),
    }


def _row(row: LevelRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "level": row.level,
        "category": row.category.value if row.category else None,
        "summary": row.summary,
        "clauses": [_clause(clause) for clause in row.clauses],
        "quality_checks": [rule_json(rule) for rule in row.rules],
    }


def _clause(clause: Clause) -> dict[str, Any]:
    points = {} if clause.points is None else {"points": str(clause.points)}
    return {"id": clause.id, "text": clause.text, "evidence": clause.evidence, **points}


def _scheme(scheme: Scheme) -> dict[str, Any]:
    """Kind and thresholds; the levels stand under `requirements`."""
    return {"kind": scheme.kind, **{name: str(share) for name, share in scheme.thresholds.items()}}


def rule_json(rule: QualityRule) -> dict[str, Any]:
    """One rule of annex 4, as `quality plan` lists them."""
    return {
        "id": rule.id,
        "item": rule.item,
        "level": rule.level,
        "dimension": rule.dimension.value,
        "kind": rule.kind,
        "left": _side(rule.left),
        "operator": rule.operator,
        "right": _side(rule.right),
        "then": [{"operator": step.operator, **(_side(step.side) or {})} for step in rule.then],
        "min_length": rule.min_length,
        "limit_minutes": rule.limit_minutes,
        "reason": rule.reason,
        "source": rule.source,
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    kind = "dictionary" if side.dictionary else "table"
    return {kind: side.table, "fields": list(side.fields), "keys": list(side.keys)}


def _table(table: LogicalTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "also": list(table.also),
        "fields": {
            key: {"name": name, "also": list(table.field_also.get(key, ())), "time": key in table.times}
            for key, name in table.fields.items()
        },
    }
