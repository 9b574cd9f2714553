"""A small standard with a rule of each kind, and extracts made of rows."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.pack import Dimension, LevelRow, LogicalTable, Pack, QualityRule, Side, Step
from emrassess.domain.quality import QualityRun, RuleResult
from emrassess.quality.engine import run
from emrassess.quality.extracts import Extract, Extracts

FIELDS = ("order_no", "execution_no", "code", "name", "text", "at", "done_at")
TABLES = {name: LogicalTable(name, title, {f: f"字段{f}" for f in FIELDS}) for name, title in (
    ("orders", "医嘱记录"), ("reviews", "审核记录"), ("executions", "执行记录"),
)}  # fmt: skip
DICTIONARIES = {"items": LogicalTable("items", "项目字典", {"code": "编码", "name": "名称"})}


def rule(name: str, kind: str, left: Side, right: Side | None = None, **more: object) -> QualityRule:
    """A rule of item 01.01 at level 3."""
    given: dict[str, object] = {"operator": "<"} if kind in ("ordered", "within") else {}
    dimension = Dimension.TIMELINESS if given else Dimension.COMPLETENESS
    return QualityRule(name, "01.01", 3, dimension, kind, f"附件4 {name}", left, right=right, **{**given, **more})  # type: ignore[arg-type]


def side(table: str, *fields: str, keys: Sequence[str] = ("order_no",), dictionary: bool = False) -> Side:
    return Side(table, fields, () if dictionary else tuple(keys), dictionary)


RULES = (
    rule("filled", "filled", side("orders", "name")),
    rule("long", "filled", side("orders", "text"), min_length=3),
    rule("code", "dictionary", side("orders", "code"), side("items", "code", dictionary=True)),
    rule("pair", "dictionary", side("orders", "code", "name"), side("items", "code", "name", dictionary=True)),
    rule("matched", "matched", side("orders", "order_no", "code"), side("executions", "order_no", "code")),
    rule("across", "ordered", side("orders", "at"), side("executions", "at")),
    rule("equal", "ordered", side("orders", "at"), side("executions", "at"), operator="<="),
    rule("keys", "ordered", side("reviews", "at", keys=("order_no", "execution_no")),
         side("executions", "done_at", keys=("order_no", "execution_no"))),
    rule("renamed", "ordered", side("orders", "at", keys=("code",)), side("reviews", "at", keys=("order_no",)),
         then=(Step("<=", side("executions", "at", keys=("execution_no",))),)),
    rule("record", "ordered", side("orders", "at"), side("orders", "done_at"), operator="<="),
    rule("chain", "ordered", side("orders", "at"), side("reviews", "at"),
         then=(Step("<", side("reviews", "done_at")), Step("<=", side("executions", "at")))),
    rule("within", "within", side("orders", "at"), side("orders", "done_at"), limit_minutes=60),
    rule("soon", "within", side("orders", "at"), side("executions", "at"), limit_minutes=30),
)  # fmt: skip


@pytest.fixture(scope="session")
def standard(pack: Pack) -> Pack:
    """One item with RULES."""
    row = LevelRow("01.01", 3, None, "", (), RULES)
    item = replace(pack.items[0], code="01.01", rows=(row,))
    return replace(pack, items=(item,), tables=TABLES, dictionaries=DICTIONARIES)


def write_rows(file: Path, names: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "utf-8",
               **how: object) -> Path:  # fmt: skip
    """A CSV file of `rows`; `how` as csv.writer takes it."""
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out, **{"lineterminator": "\n", **how})  # type: ignore[arg-type]
        writer.writerow(names)
        writer.writerows(rows)
    return file


def extract(table: str, *files: Path, columns: Mapping[str, str] | None = None, **more: str) -> Extract:
    """The extract of a table or dictionary; without `columns`, those of its fields that the file's header has."""
    logical = TABLES.get(table) or DICTIONARIES[table]
    return Extract(logical, files, columns or {name: name for name in logical.fields}, **more)  # type: ignore[arg-type]


def extracts(*found: Extract) -> Extracts:
    tables = {each.table.id: each for each in found if each.table.id in TABLES}
    dictionaries = {each.table.id: each for each in found if each.table.id in DICTIONARIES}
    return Extracts(Path("extracts.yaml"), "emr-2018", None, tables, dictionaries)


Checked = Callable[..., QualityRun]


@pytest.fixture
def checked(standard: Pack) -> Checked:
    """Runs all rules over some extracts."""
    return lambda *found, **more: run(standard, extracts(*found), **more)


def result(found: QualityRun, name: str) -> RuleResult:
    return next(each for each in found.rules if each.rule.id == name)


def counts(found: QualityRun, name: str) -> tuple[int, int]:
    return result(found, name).numerator, result(found, name).denominator
