"""Demonstration extracts: files as a hospital exports them, with defects in known places, so that the truth is known.

Everybody in them is fictional and called 示例. The same seed gives the same bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from emrassess.atomic import new_folder
from emrassess.demonstration.extracts.cells import Rates
from emrassess.demonstration.extracts.records import Form, Table, tables_of
from emrassess.demonstration.extracts.truth import Truth
from emrassess.demonstration.extracts.vocabulary import vocabulary
from emrassess.demonstration.extracts.writing import columns_of, write_table, write_workbook
from emrassess.domain.pack import LogicalTable, Pack, QualityRule
from emrassess.errors import UserError
from emrassess.quality.extracts import Extract, Extracts, write_extracts
from emrassess.quality.parquet import ParquetMaker, parquet_maker
from emrassess.services.session import Progress

__all__ = ["MadeExtracts", "Rates", "make_extracts"]

FORMAT = "emrassess-quality-truth/1"
EXTRACTS_FILE, TRUTH_FILE = "extracts.yaml", "truth.json"
_MOST_ROWS = 1_000_000_000  # numbers of records have nine digits
_PERIOD = (date(2026, 8, 1), date(2026, 10, 31))
_SHEETS = 6  # dictionaries in one workbook


@dataclass(frozen=True, slots=True)
class MadeExtracts:
    """What was written: the extracts file and the truth file, and how many tables (with dictionaries), rows of them,
    and rules."""

    extracts: Path
    truth: Path
    tables: int
    rows: int
    rules: int


def make_extracts(
    folder: Path,
    pack: Pack,
    *,
    items: Sequence[str] = (),
    rows: int = 60,
    seed: int = 1,
    rates: Rates | None = None,
    progress: Progress | None = None,
) -> MadeExtracts:
    """Write into `folder`, new or empty, the tables and dictionaries that the rules of the pack (or of `items` only)
    need, each table with `rows` records, some of them lacking or there twice; and what checking them must give.

    Memory does not grow with `rows`. `progress` counts thousands of records and may raise Cancelled. UserError for an
    item that has no rules, or where `folder` holds something; StorageError where the disk does not take it.
    """
    rules = _rules(pack, items)
    if not 0 < rows < _MOST_ROWS:
        raise UserError(f"不能生成 {rows} 条记录", f"请给 1 到 {_MOST_ROWS - 1} 之间的数。")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} 里已有别的内容，没有改动它", "请换一个新的或空的文件夹。")
    tables = tables_of(vocabulary(pack, rules), rows, seed, rates or Rates())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(folder) as building:
        with parquet_maker() as make_parquet:
            extracts = _Writing(building, pack, tables, rows, make_parquet, progress).extracts()
        text = write_extracts(extracts)
        (building / EXTRACTS_FILE).write_text(text, encoding="utf-8", newline="\n")
        truth = _truth(pack, rules, tables, rows, seed, rates or Rates())
        (building / TRUTH_FILE).write_text(truth, encoding="utf-8", newline="\n")
    total = sum(table.rows(rows) for table in tables)
    return MadeExtracts(folder / EXTRACTS_FILE, folder / TRUTH_FILE, len(tables), total, len(rules))


def _rules(pack: Pack, items: Sequence[str]) -> list[QualityRule]:
    """The rules that can be computed."""
    for code in items:
        if code not in pack.item_by_code:
            raise UserError(f"标准包 {pack.id} 里没有项目“{code}”", "项目编码的写法如 01.01。")
    chosen = (item for item in pack.items if not items or item.code in items)
    rules = [rule for item in chosen for row in item.rows for rule in row.rules if rule.kind != "prose"]
    if not rules:
        where = f"项目 {'、'.join(items)}" if items else f"标准包 {pack.id}"
        raise UserError(f"{where} 没有可以计算的数据质量规则", "没有什么可生成的。")
    return rules


def _truth(
    pack: Pack, rules: Sequence[QualityRule], tables: Sequence[Table], rows: int, seed: int, rates: Rates
) -> str:
    counted = Truth(tables, rows)
    pairs = ((rule.id, *counted.of(rule)) for rule in rules)
    document = {
        "format": FORMAT, "pack": pack.id, "seed": seed, "rows": rows, "rates": asdict(rates),
        "rows_by_table": {table.id: table.rows(rows) for table in tables if not table.dictionary},
        "rules": [{"id": name, "numerator": kept, "denominator": examined} for name, kept, examined in pairs],
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


class _Writing:
    def __init__(
        self,
        folder: Path,
        pack: Pack,
        tables: Sequence[Table],
        rows: int,
        make_parquet: ParquetMaker,
        progress: Progress | None,
    ) -> None:
        self.folder = folder
        self.pack = pack
        self.tables = tables
        self.rows = rows
        self.make_parquet = make_parquet
        self.progress = progress
        self.done = 0
        self.total = sum(table.rows(rows) for table in tables if not table.dictionary)

    def extracts(self) -> Extracts:
        tables = {table.id: self._table(table) for table in self.tables if not table.dictionary}
        dictionaries = self._dictionaries([table for table in self.tables if table.dictionary])
        return Extracts(self.folder / EXTRACTS_FILE, self.pack.id, _PERIOD, tables, dictionaries)

    def _table(self, table: Table) -> Extract:
        logical = self.pack.tables[table.id]

        def told(records: int) -> None:
            self.done += records
            if self.progress:
                self.progress(self.done // 1000, self.total // 1000, f"写{logical.name}")

        files = write_table(table, logical.name, self.folder, self.rows, self.make_parquet, told)
        return _extract(logical, table, files)

    def _dictionaries(self, tables: Sequence[Table]) -> dict[str, Extract]:
        found: dict[str, Extract] = {}
        in_books = [table for table in tables if table.form is Form.XLSX]
        for number, first in enumerate(range(0, len(in_books), _SHEETS), 1):
            path = self.folder / f"字典{number}.xlsx"
            sheets = [(self.pack.dictionaries[table.id], table) for table in in_books[first : first + _SHEETS]]
            write_workbook(path, [(logical.name, table, [(range(1), table.records)]) for logical, table in sheets])
            for logical, table in sheets:
                found[table.id] = _extract(logical, table, (path,), logical.name)
        for table in tables:
            if table not in in_books:
                logical = self.pack.dictionaries[table.id]
                files = write_table(table, logical.name, self.folder, self.rows, self.make_parquet, lambda _: None)
                found[table.id] = _extract(logical, table, files)
        return {table.id: found[table.id] for table in tables}


def _extract(logical: LogicalTable, table: Table, files: tuple[Path, ...], sheet: str | None = None) -> Extract:
    encoding = "gb18030" if table.form is Form.CSV_CHINESE else None
    return Extract(logical, files, columns_of(table), encoding, sheet)
