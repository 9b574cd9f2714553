"""An extracts file to fill in: the tables and fields that rules need, their Chinese names beside them."""

import json
from collections.abc import Sequence

from emrassess.domain.pack import LogicalTable, Pack
from emrassess.quality.engine import rules_of
from emrassess.quality.extracts import FORMAT
from emrassess.quality.rules import TableKey, counts, needs, sample_fields

_HEAD = """# 数据文件在哪里，各列叫什么。
# 改好 file（文件名，或“医嘱*.csv”这样的几个文件）和各字段右边的列名；没有的表和字段整行删去。
# 支持 CSV、TSV（UTF-8、GB18030）、Parquet、XLSX（可加 sheet: 工作表名）。路径从这个文件所在的文件夹算起。
format: {format}
pack: {pack}
# period: {{from: 2026-08-01, to: 2026-10-31}}
"""


def template(pack: Pack, items: Sequence[str] = ()) -> str:
    """The text of an extracts file with all tables that the rules of the pack, or of `items` only, look at.

    Files and columns are called by their Chinese names until somebody says what they are called.
    """
    wanted: dict[TableKey, dict[str, None]] = {}
    keys: dict[TableKey, dict[str, None]] = {}
    for rule in rules_of(pack, items):
        for key, fields in needs(rule).items():
            wanted.setdefault(key, {}).update(dict.fromkeys(fields))
        for count in counts(rule) if rule.kind != "prose" else ():
            left = (count.left.table, count.left.dictionary)
            named = sample_fields(count.left, tuple(_table(pack, left).fields))
            keys.setdefault(left, {}).update(dict.fromkeys(named))
    parts = [_HEAD.format(format=FORMAT, pack=pack.id)]
    for title, dictionary in (("tables", False), ("dictionaries", True)):
        listed = [key for key in wanted if key[1] == dictionary]
        if listed:
            parts.append(f"{title}:\n")
            parts += [_entry(_table(pack, key), tuple(wanted[key]), tuple(keys.get(key, ()))) for key in listed]
    return "".join(parts)


def _table(pack: Pack, key: TableKey) -> LogicalTable:
    return (pack.dictionaries if key[1] else pack.tables)[key[0]]


def _entry(table: LogicalTable, wanted: Sequence[str], keys: Sequence[str]) -> str:
    also = f"（也叫{'、'.join(table.also)}）" if table.also else ""
    lines = [f"  {table.id}:  # {table.name}{also}", f"    file: {_quoted(f'{table.name}.csv')}", "    columns:"]
    for name in dict.fromkeys((*wanted, *keys)):
        told = ["时间"] if name in table.times else []
        told += [] if name in wanted else ["规则不用，只用来指出是哪条记录；可以删去"]
        comment = f"  # {'；'.join(told)}" if told else ""
        lines.append(f"      {name}: {_quoted(table.fields[name])}{comment}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """As YAML has it: a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
