"""The rules of annex 4: from the lines of quality.yaml to rules with ids, references checked."""

from dataclasses import replace

from emrassess.domain.pack import Dimension, QualityRule, Side, Step
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.errors import Problem
from emrassess.packs import files
from emrassess.typed_yaml import Marked, Place

KINDS_NEEDING_RIGHT = ("dictionary", "matched", "ordered", "within")


def rules_by_row(
    marked: Marked, quality: files.QualityFile, rows: set[str] | None
) -> tuple[dict[str, tuple[QualityRule, ...]], list[Problem]]:
    """Rules by level row, and every fault found. `rows`: the level rows there are; None = not known."""
    found: dict[str, tuple[QualityRule, ...]] = {}
    problems: list[Problem] = []
    for row, dimensions in quality.checks.items():
        if rows is not None and row not in rows:
            problems.append(marked.problem(("checks", row), f"没有等级要求“{row}”"))
        rules: list[QualityRule] = []
        for dimension, lines in dimensions.items():
            if not lines:
                problems.append(marked.problem(("checks", row, dimension), "至少要有一条规则"))
            count = 0
            for index, line in enumerate(lines):
                place: Place = ("checks", row, dimension, index)
                faults = [marked.problem(place, message) for message in _faults(line, quality)]
                problems += faults
                if faults:
                    continue
                for rule in _expand(row, Dimension(dimension), line):
                    count += 1
                    rules.append(replace(rule, id=f"{row}.{dimension}.{count}"))
        found[row] = tuple(rules)
    return found, problems


def _expand(row: str, dimension: Dimension, line: files.RuleFile) -> list[QualityRule]:
    cell = f"附件4 {row} {DIMENSION_NAMES[dimension]}" + (f" 第{line.part}条" if line.part else "")
    left = Side(line.left.table, tuple(line.left.fields), tuple(line.left.keys)) if line.left else None
    right = None
    if line.right:
        table = line.right.table or line.right.dictionary or ""
        right = Side(table, tuple(line.right.fields), tuple(line.right.keys), line.right.dictionary is not None)
    then = tuple(Step(s.operator, Side(s.table, tuple(s.fields), tuple(s.keys))) for s in line.then)
    sides = [left]
    if line.kind == "filled" and left:
        sides = [Side(left.table, (name,)) for name in left.fields]
    return [
        QualityRule(
            "", row[:5], int(row[6]), dimension, line.kind, cell, side, line.operator or "", right, then,
            line.min_length, line.limit_minutes, line.reason,
        )
        for side in sides
    ]  # fmt: skip


def _faults(line: files.RuleFile, quality: files.QualityFile) -> list[str]:
    faults: list[str] = []
    if line.kind == "prose":
        if not line.reason.strip():
            faults.append("prose 规则要写明 reason：为什么不能计算")
        return faults
    if line.left is None:
        return [f"{line.kind} 规则缺少 left"]
    faults += _unknown(quality.tables, "逻辑表", line.left.table, [*line.left.fields, *line.left.keys])
    if line.kind not in KINDS_NEEDING_RIGHT:
        return faults
    right = line.right
    if right is None:
        return [*faults, f"{line.kind} 规则缺少 right"]
    if (right.table is None) == (right.dictionary is None):
        return [*faults, "right 要写 table 或 dictionary 中的一个"]
    if right.table:
        faults += _unknown(quality.tables, "逻辑表", right.table, [*right.fields, *right.keys])
    if right.dictionary:
        faults += _unknown(quality.dictionaries, "字典", right.dictionary, [*right.fields, *right.keys])
    if len(line.left.fields) != len(right.fields):
        faults.append(f"左右两边的字段数不同：{len(line.left.fields)} 和 {len(right.fields)}")
    if line.kind in ("ordered", "within"):
        faults += _time_faults(line, quality)
    return faults


def _time_faults(line: files.RuleFile, quality: files.QualityFile) -> list[str]:
    assert line.left and line.right
    faults: list[str] = []
    if line.operator is None:
        faults.append(f"{line.kind} 规则缺少 operator（< 或 <=）")
    if line.kind == "within" and line.limit_minutes is None:
        faults.append("within 规则缺少 limit_minutes")
    sides = [(line.left.table, line.left.fields, line.left.keys)]
    if line.right.table:
        sides.append((line.right.table, line.right.fields, line.right.keys))
    else:
        faults.append("时间规则的 right 必须是 table")
    for step in line.then:
        faults += _unknown(quality.tables, "逻辑表", step.table, [*step.fields, *step.keys])
        sides.append((step.table, step.fields, step.keys))
    if len({len(keys) for _, _, keys in sides}) > 1:
        faults.append("各步的 keys 数目不同")
    elif not sides[0][2]:
        faults.append("时间规则缺少 keys：用什么把两条记录连起来")
    for table, fields, _ in sides:
        for name in fields:
            found = quality.tables[table].fields.get(name) if table in quality.tables else None
            if found is not None and (isinstance(found, str) or found.type != "time"):
                faults.append(f"字段“{table}.{name}”不是时间（type: time）")
    return faults


def _unknown(tables: dict[str, files.TableFile], what: str, table: str, fields: list[str]) -> list[str]:
    if table not in tables:
        return [f"没有{what}“{table}”"]
    return [f"{what}“{table}”没有字段“{name}”" for name in fields if name not in tables[table].fields]
