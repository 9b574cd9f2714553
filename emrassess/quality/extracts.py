"""The extracts file, `emrassess-extracts/1`: which files of the hospital hold which logical table, in which columns."""

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from emrassess.domain.pack import LogicalTable, Pack
from emrassess.errors import FileProblems, Problem
from emrassess.typed_yaml import Marked, Model, dump_yaml, read_marked, validate

FORMAT = "emrassess-extracts/1"
KINDS: Mapping[str, str] = {".csv": "csv", ".txt": "csv", ".tsv": "tsv", ".parquet": "parquet", ".xlsx": "xlsx"}
"""What a file holds, by its ending."""

Name = Annotated[str, StringConstraints(min_length=1)]


class TableEntry(Model):
    """Where a logical table lies: one file or a pattern, or several; `columns`: logical field to column."""

    file: Name | Annotated[list[Name], Field(min_length=1)]
    encoding: Literal["utf-8", "gb18030", "gbk", "gb2312"] | None = None
    sheet: str | None = None
    columns: dict[str, Name]


class Period(Model):
    """The dates (both included) that the extracts are of."""

    from_: Annotated[date, Field(alias="from")]
    to: date


class ExtractsFile(Model):
    format: Literal["emrassess-extracts/1"]
    pack: str
    period: Period | None = None
    tables: Annotated[dict[str, TableEntry], Field(default_factory=dict)]
    dictionaries: Annotated[dict[str, TableEntry], Field(default_factory=dict)]


@dataclass(frozen=True)
class Extract:
    """The files of one logical table. `encoding` None: seen from the file; `sheet` None: the first one.

    `columns`: column by logical field. `line`: where the extracts file names it.
    """

    table: LogicalTable
    files: tuple[Path, ...]
    columns: Mapping[str, str]
    encoding: str | None = None
    sheet: str | None = None
    line: int = 0


@dataclass(frozen=True)
class Extracts:
    """An extracts file, read. Tables and dictionaries by their ids; ids of both are told apart."""

    source: Path
    pack: str
    period: tuple[date, date] | None
    tables: Mapping[str, Extract] = field(default_factory=dict)
    dictionaries: Mapping[str, Extract] = field(default_factory=dict)


def read_extracts(file: Path, pack: Pack) -> Extracts:
    """The extracts that `file` names, paths as seen from where it lies.

    FileProblems names every fault with its line: unknown keys, tables and fields, another pack, a file that is not
    there or of a kind that is not read. Whether files hold the columns is seen when they are read.
    """
    marked = read_marked(file)
    return _Reading(marked, validate(marked, ExtractsFile), file, pack).extracts()


def pack_named_in(file: Path) -> str:
    """The id of the pack that an extracts file is of. FileProblems as for `read_extracts`."""
    return validate(read_marked(file), ExtractsFile).pack


class _Reading:
    def __init__(self, marked: Marked, content: ExtractsFile, file: Path, pack: Pack) -> None:
        self.marked = marked
        self.content = content
        self.file = file
        self.pack = pack
        self.problems: list[Problem] = []

    def extracts(self) -> Extracts:
        content = self.content
        if content.pack != self.pack.id:
            self._note(("pack",), f"这里用的标准包是 {self.pack.id}，文件写的是“{content.pack}”")
        period = content.period
        if period and period.from_ > period.to:
            self._note(("period",), f"开始日期 {period.from_} 晚于结束日期 {period.to}")
        tables = self._all("tables", "逻辑表", content.tables, self.pack.tables)
        dictionaries = self._all("dictionaries", "字典", content.dictionaries, self.pack.dictionaries)
        if self.problems:
            raise FileProblems(self.problems)
        dates = (period.from_, period.to) if period else None
        return Extracts(self.file, content.pack, dates, tables, dictionaries)

    def _all(
        self, key: str, what: str, entries: Mapping[str, TableEntry], known: Mapping[str, LogicalTable]
    ) -> dict[str, Extract]:
        found: dict[str, Extract] = {}
        for name, entry in entries.items():
            place = (key, name)
            if name not in known:
                self._note(place, f"标准包里没有{what}“{name}”")
                continue
            table = known[name]
            for field_id in entry.columns:
                if field_id not in table.fields:
                    there = "、".join(table.fields)
                    self._note((*place, "columns", field_id), f"{what}“{name}”没有字段“{field_id}”，有这些：{there}")
            files = self._files((*place, "file"), entry.file)
            line = self.marked.line(place)
            found[name] = Extract(table, files, dict(entry.columns), entry.encoding, entry.sheet, line)
        return found

    def _files(self, place: tuple[str, ...], named: str | list[str]) -> tuple[Path, ...]:
        found: list[Path] = []
        for name in [named] if isinstance(named, str) else named:
            files = named_files(self.file.parent, name)
            if not files and (self.file.parent / name).is_dir():
                self._note(place, f"“{name}”是文件夹，不是文件；里面的几个文件是一张表时，可以写“{name}/*.csv”")
            elif not files:
                self._note(place, f"找不到文件“{name}”")
            for path in files:
                if path.suffix.lower() not in KINDS:
                    self._note(place, f"“{path.name}”不是能读的文件：{'、'.join(KINDS)}")
            found += files
        kinds = {KINDS.get(path.suffix.lower()) for path in found}
        if len(kinds - {None}) > 1:
            self._note(place, "一张表的几个文件要是同一种格式")
        return tuple(dict.fromkeys(found))

    def _note(self, path: tuple[str | int, ...], message: str) -> None:
        self.problems.append(self.marked.problem(path, message))


def named_files(folder: Path, name: str) -> list[Path]:
    """The files that `name`, a path as seen from `folder` or a pattern, means; none where there are none."""
    path = folder / name
    if path.is_file():
        return [path]
    if not glob.has_magic(name):
        return []
    return sorted(found for found in map(Path, glob.iglob(str(path))) if found.is_file())  # noqa: PTH207 - may be absolute


def write_extracts(extracts: Extracts) -> str:
    """The text of an extracts file that says the same; files as seen from where it will lie."""
    folder = extracts.source.parent
    data: dict[str, object] = {"format": FORMAT, "pack": extracts.pack}
    if extracts.period:
        data["period"] = {"from": extracts.period[0], "to": extracts.period[1]}
    for key, named in (("tables", extracts.tables), ("dictionaries", extracts.dictionaries)):
        if named:
            data[key] = {name: _entry(extract, folder) for name, extract in named.items()}
    return dump_yaml(data)


def _entry(extract: Extract, folder: Path) -> dict[str, object]:
    names = [seen_from(folder, file) for file in extract.files]
    entry: dict[str, object] = {"file": names[0] if len(names) == 1 else names}
    if extract.encoding:
        entry["encoding"] = extract.encoding
    if extract.sheet:
        entry["sheet"] = extract.sheet
    return {**entry, "columns": dict(extract.columns)}


def seen_from(folder: Path, file: Path) -> str:
    """`file` as it is written into a file that lies in `folder`."""
    try:
        return file.relative_to(folder).as_posix()
    except ValueError:
        return str(file)
