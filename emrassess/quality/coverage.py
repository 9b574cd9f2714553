"""Coverage by counting: which rows of an extract are the numerator and the denominator of an item at a level.

Blank and equal mean what they mean to the rules of data quality.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emrassess.domain.pack import LogicalTable
from emrassess.domain.quality import ExtractNote
from emrassess.errors import UserError
from emrassess.quality.extracts import Extract
from emrassess.quality.rules import As, column, relation
from emrassess.quality.sql import literal, value
from emrassess.quality.tables import Database, Progress, opened


@dataclass(frozen=True)
class RowsOf:
    """The files of one extract. `encoding` None: seen from the file; `sheet` None: the first one."""

    files: tuple[Path, ...]
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Condition:
    """A row meets it where all of `columns` are filled (no `values`, no `other`), where the one column has one of
    `values`, or where `other` has a row whose `other_columns` equal them. Blank values never meet it."""

    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    other: RowsOf | None = None
    other_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """Rows of `rows` that meet all conditions. `rows` None, of a numerator: those of the denominator."""

    rows: RowsOf | None
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Definition:
    """How coverage of `item` at `level` is counted."""

    item: str
    level: int
    denominator: Side
    numerator: Side

    @property
    def rows(self) -> RowsOf:
        """What the denominator counts."""
        assert self.denominator.rows
        return self.denominator.rows

    @property
    def files(self) -> tuple[Path, ...]:
        """All extracts that it looks at, each once."""
        sides = (self.denominator, self.numerator)
        rows = [side.rows for side in sides] + [c.other for side in sides for c in side.where]
        return tuple(dict.fromkeys(file for found in rows if found for file in found.files))


@dataclass(frozen=True)
class Counted:
    """The two counts of a definition; `notes`: lines that could not be read and are in neither."""

    definition: Definition
    numerator: int
    denominator: int
    notes: tuple[ExtractNote, ...] = ()


def words(condition: Condition) -> str:
    """The condition as people say it."""
    mine = "、".join(f"“{name}”" for name in condition.columns)
    if condition.other:
        theirs = "、".join(f"“{name}”" for name in condition.other_columns)
        return f"{mine}在 {condition.other.files[0].name} 里有相同的{theirs}"
    if condition.values:
        return f"{mine}是{'、'.join(f'“{each}”' for each in condition.values)}{'之一' * (len(condition.values) > 1)}"
    return f"{mine}不是空的"


def count(definition: Definition, *, progress: Progress | None = None, memory_gb: float = 3.0) -> Counted:
    """Count the rows. UserError where a file, sheet or column cannot be had, or the numerator exceeds the denominator.

    `progress` counts in hundredths of steps, and may raise Cancelled.
    """
    with opened(memory_gb) as database:
        counting = _Counting(database, definition, progress)
        below, above = definition.denominator, definition.numerator
        bottom = counting.rows(definition.rows, below.where)
        upper = counting.rows(above.rows or definition.rows, above.where if above.rows else below.where + above.where)
        notes = tuple(dict.fromkeys(database.notes))
    if not bottom:
        raise UserError("分母是 0：没有一行满足分母的条件", "请检查数据文件和分母的条件。")
    if upper > bottom:
        raise UserError(f"分子 {upper} 大于分母 {bottom}", "分子和分母数的不是同一批记录，请检查数据文件和条件。")
    return Counted(definition, upper, bottom, notes)


class _Counting:
    def __init__(self, database: Database, definition: Definition, progress: Progress | None) -> None:
        self.database = database
        self.progress = progress
        self.tables: dict[RowsOf, Extract] = {}
        wanted: dict[RowsOf, dict[str, set[As]]] = {}
        for side in (definition.denominator, definition.numerator):
            for rows, names, form in _needed(side, definition.rows):
                fields = wanted.setdefault(rows, {})
                for name in names:
                    fields.setdefault(name, set()).add(form)
        for rows, fields in wanted.items():
            self._load(rows, fields, len(wanted))

    def _load(self, rows: RowsOf, fields: Mapping[str, set[As]], total: int) -> None:
        """Read the columns that conditions look at; fields are called as columns are."""
        done = len(self.tables)
        table = LogicalTable(f"c{done}", rows.files[0].name, {name: name for name in fields})
        extract = self.tables[rows] = Extract(table, rows.files, table.fields, rows.encoding, rows.sheet)

        def told(share: float) -> None:
            if self.progress:
                self.progress(int(100 * (done + share)), 100 * total, f"正在读取 {table.name}")

        told(0)
        self.database.load(extract, False, fields, told)

    def rows(self, rows: RowsOf, where: Sequence[Condition]) -> int:
        """How many rows meet all conditions."""
        joins: list[str] = []
        tests: list[str] = []
        for number, condition in enumerate(where):
            mine = [f"l.{column(name, As.VALUE)}" for name in condition.columns]
            if condition.other:
                joins.append(self._join(f"r{number}", mine, condition.other, condition.other_columns))
                tests.append(f"r{number}.hit")
            elif condition.values:
                listed = ", ".join(value(literal(each)) for each in condition.values)
                tests.append(f"{mine[0]} IN ({listed})")
            else:
                tests += [f"l.{column(name, As.LENGTH)} > 0" for name in condition.columns]
        source = " ".join([f"{relation(self.tables[rows].table.id, False)} l", *joins])
        return int(self.database.rows(f"SELECT count(*) FROM {source} WHERE {' AND '.join(tests) or 'true'}")[0][0])

    def _join(self, name: str, mine: Sequence[str], other: RowsOf, columns: Sequence[str]) -> str:
        theirs = [column(each, As.VALUE) for each in columns]
        filled = " AND ".join(f"{each} IS NOT NULL" for each in theirs)
        # By number: one column may be named twice.
        keys = ", ".join(f"{each} AS k{number}" for number, each in enumerate(theirs))
        on = " AND ".join(f"{each} = {name}.k{number}" for number, each in enumerate(mine))
        table = relation(self.tables[other].table.id, False)
        return f"LEFT JOIN (SELECT DISTINCT {keys}, true AS hit FROM {table} WHERE {filled}) {name} ON {on}"


def _needed(side: Side, denominator: RowsOf) -> Iterator[tuple[RowsOf, tuple[str, ...], As]]:
    """Extracts, columns of them, and in which form."""
    mine = side.rows or denominator
    yield mine, (), As.VALUE
    for condition in side.where:
        compared = condition.other or condition.values
        yield mine, condition.columns, As.VALUE if compared else As.LENGTH
        if condition.other:
            yield condition.other, condition.other_columns, As.VALUE
