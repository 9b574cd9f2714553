"""The records of a demonstration extract: one thousand of them, which come again and again with other numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import lcm
from random import Random
from typing import NamedTuple

from emrassess.demonstration.extracts.cells import PERIOD, Cell, Rates, cells, disguised, pick, said, thousandths
from emrassess.demonstration.extracts.vocabulary import Field, Vocabulary

_MOST_IN_SHEET = 20_000


class Form(Enum):
    """How a file is written: its ending, encoding, and what stands between columns."""

    CSV = (".csv", "utf-8", ",")
    CSV_MARKED = (".CSV", "utf-8-sig", ",")
    CSV_CHINESE = (".csv", "gb18030", ",")
    TSV = (".tsv", "utf-8", "\t")
    PARQUET = (".parquet", "utf-8", ",")
    XLSX = (".xlsx", "", "")

    @property
    def ending(self) -> str:
        return self.value[0]


class Record(NamedTuple):
    """`number`: 0..PERIOD-1; a record that is there twice has it twice. `cells` by field."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Table:
    """A logical table: its records through one period, or all entries of a dictionary."""

    id: str
    dictionary: bool
    fields: tuple[Field, ...]
    form: Form
    records: tuple[Record, ...]

    def rows(self, records: int) -> int:
        """How many rows it has where `records` were asked for."""
        if self.dictionary:
            return len(self.records)
        whole, rest = divmod(records, PERIOD)
        return whole * len(self.records) + len(self.up_to(rest))

    def up_to(self, count: int) -> tuple[Record, ...]:
        """Those whose number is below `count`; of a dictionary all."""
        return self.records if self.dictionary else tuple(r for r in self.records if r.number < count)


def tables_of(words: Vocabulary, rows: int, seed: int, rates: Rates) -> tuple[Table, ...]:
    """All tables, then all dictionaries, with as much of a period as `rows` records need."""
    known = [*Form]
    if rows > _MOST_IN_SHEET:
        known.remove(Form.XLSX)
    begin = Random(f"{seed}/forms").randrange(len(known))
    found = [
        _table(name, fields, known[(begin + place) % len(known)], min(rows, PERIOD), seed, rates)
        for place, (name, fields) in enumerate(words.tables.items())
    ]
    listed = [
        _dictionary(name, fields, Form.CSV_CHINESE if place % 5 == 4 else Form.XLSX, seed)
        for place, (name, fields) in enumerate(words.dictionaries.items())
    ]
    return (*found, *listed)


def _table(name: str, fields: Sequence[Field], form: Form, count: int, seed: int, rates: Rates) -> Table:
    makers = {f.id: cells(f, Random(f"{seed}/{name}/{f.id}"), rates, form is Form.PARQUET) for f in fields}
    at = pick(Random(f"{seed}/{name}"))
    absent, again = thousandths(rates.absent), PERIOD - thousandths(rates.again)
    records: list[Record] = []
    for number in range(count):
        if at(number) < absent:
            continue
        records.append(Record(number, {field: made(number, False) for field, made in makers.items()}))
        if at(number) >= again:
            records.append(Record(number, {field: made(number, True) for field, made in makers.items()}))
    return Table(name, False, tuple(fields), form, tuple(records))


def _dictionary(name: str, fields: Sequence[Field], form: Form, seed: int) -> Table:
    random = Random(f"{seed}/{name}")
    at = pick(random)
    entries: list[Record] = []
    for number in range(lcm(*(field.family.entries for field in fields))):
        values = {field.id: said(field, number) for field in fields}
        made = {field: Cell(disguised(value, at(number)), value, None, len(value)) for field, value in values.items()}
        entries.append(Record(number, made))
    return Table(name, True, tuple(fields), form, tuple(entries))
