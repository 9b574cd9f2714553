"""The file `emrassess-coverage/1`: how coverage is counted, and what came of it when it was counted last.

The definition stays with the number, so that whoever doubts it can count again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from emrassess.domain.pack import Pack
from emrassess.errors import FileProblems, Problem
from emrassess.quality.coverage import Condition, Definition, RowsOf, Side
from emrassess.quality.extracts import KINDS, Name, named_files, seen_from
from emrassess.typed_yaml import Marked, Model, dump_yaml, read_marked, validate

FORMAT = "emrassess-coverage/1"
Encoding = Literal["utf-8", "gb18030", "gbk", "gb2312"]
Files = Name | Annotated[list[Name], Field(min_length=1)]
Columns = Name | Annotated[list[Name], Field(min_length=1)]


class MatchEntry(Model):
    """The other extract, and its columns that must be equal."""

    file: Files
    encoding: Encoding | None = None
    sheet: str | None = None
    column: Columns


class ConditionEntry(Model):
    """One condition on `column`: exactly one of the others says which."""

    column: Columns
    filled: Literal[True] | None = None
    equals: str | None = None
    in_: Annotated[list[str] | None, Field(alias="in", min_length=1)] = None
    matches: MatchEntry | None = None


class SideEntry(Model):
    """Rows of an extract that meet all of `where`. A numerator without `file` counts rows of the denominator."""

    file: Files | None = None
    encoding: Encoding | None = None
    sheet: str | None = None
    where: Annotated[list[ConditionEntry], Field(default_factory=list)]


class CountEntry(Model):
    item: str
    level: int
    denominator: SideEntry
    numerator: SideEntry


class CountedFile(Model):
    """An extract as it was when it was counted."""

    name: str
    size: int
    sha256: str
    modified: str


class CountedEntry(Model):
    """What came of it when it was counted last; whoever counts again need not look at it."""

    numerator: int
    denominator: int
    at: str
    files: list[CountedFile]


class CoverageFile(Model):
    format: Literal["emrassess-coverage/1"]
    pack: str
    counts: Annotated[list[CountEntry], Field(min_length=1)]
    counted: CountedEntry | None = None


def read_definitions(file: Path, pack: Pack) -> tuple[Definition, ...]:
    """The definitions in `file`, paths as seen from where it lies.

    FileProblems names every fault with its line: another pack, an item or level that is not counted, a file that is not
    there, a condition that says nothing or too much.
    """
    marked = read_marked(file)
    return _Reading(marked, file, pack).definitions(validate(marked, CoverageFile))


class _Reading:
    def __init__(self, marked: Marked, file: Path, pack: Pack) -> None:
        self.marked = marked
        self.folder = file.parent
        self.pack = pack
        self.problems: list[Problem] = []

    def definitions(self, content: CoverageFile) -> tuple[Definition, ...]:
        if content.pack != self.pack.id:
            self._note(("pack",), f"这里用的标准包是 {self.pack.id}，文件写的是“{content.pack}”")
        found = [self._definition(("counts", number), entry) for number, entry in enumerate(content.counts)]
        if self.problems:
            raise FileProblems(self.problems)
        return tuple(found)

    def _definition(self, place: tuple[str | int, ...], entry: CountEntry) -> Definition:
        if fault := not_counted(self.pack, entry.item, entry.level):
            self._note((*place, "item"), fault)
        if entry.denominator.file is None:
            self._note((*place, "denominator"), "要写明 file：数哪个数据文件的行")
        sides = [self._side((*place, name), getattr(entry, name)) for name in ("denominator", "numerator")]
        return Definition(entry.item, entry.level, *sides)

    def _side(self, place: tuple[str | int, ...], entry: SideEntry) -> Side:
        rows = self._rows(place, entry) if entry.file is not None else None
        if rows is None and (entry.encoding or entry.sheet):
            self._note(place, "没有写 file，encoding 和 sheet 没有用处")
        return Side(rows, tuple(self._condition((*place, "where", n), each) for n, each in enumerate(entry.where)))

    def _condition(self, place: tuple[str | int, ...], entry: ConditionEntry) -> Condition:
        columns = _listed(entry.column)
        given = [entry.filled, entry.equals, entry.in_, entry.matches]
        if sum(each is not None for each in given) != 1:
            self._note(place, "filled、equals、in、matches 要写、也只能写一个")
        if entry.equals is not None or entry.in_ is not None:
            if len(columns) > 1:
                self._note(place, "equals 和 in 只比较一列")
            values = tuple(entry.in_ or [entry.equals or ""])
            if not all(each.strip() for each in values):
                self._note(place, "要比较的值不能是空的")
            return Condition(columns, values)
        if entry.matches is not None:
            theirs = _listed(entry.matches.column)
            if len(theirs) != len(columns):
                self._note((*place, "matches"), f"两边的列数不同：{len(columns)} 和 {len(theirs)}")
            return Condition(columns, (), self._rows((*place, "matches"), entry.matches), theirs)
        return Condition(columns)

    def _rows(self, place: tuple[str | int, ...], entry: SideEntry | MatchEntry) -> RowsOf:
        found: list[Path] = []
        for name in _listed(entry.file or ()):
            files = named_files(self.folder, name)
            if not files:
                self._note((*place, "file"), f"找不到文件“{name}”")
            for path in files:
                if path.suffix.lower() not in KINDS:
                    self._note((*place, "file"), f"“{path.name}”不是能读的文件：{'、'.join(KINDS)}")
            found += files
        return RowsOf(tuple(dict.fromkeys(found)), entry.encoding, entry.sheet)

    def _note(self, path: tuple[str | int, ...], message: str) -> None:
        self.problems.append(self.marked.problem(path, message))


def not_counted(pack: Pack, item: str, level: int) -> str:
    """Why nothing is counted for `item` at `level`; "" where it is."""
    found = pack.item_by_code.get(item)
    if found is None:
        return f"标准包里没有项目“{item}”"
    if not pack.scheme.has_coverage:
        return "这个标准不计有效应用比例"
    if found.coverage.functional:
        return f"{item} {found.name} 的有效应用按功能评定，不填比例"
    return "" if level in found.by_level else f"{item} {found.name} 没有 {level} 级"


def _listed(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def write_definitions(
    definitions: Sequence[Definition], pack: str, folder: Path | None, counted: Mapping[str, object] | None = None
) -> str:
    """The text of a file that says the same. Files as seen from `folder`; None: by their names alone."""
    data: dict[str, object] = {
        "format": FORMAT,
        "pack": pack,
        "counts": [
            {
                "item": each.item,
                "level": each.level,
                "denominator": _side_entry(each.denominator, folder),
                "numerator": _side_entry(each.numerator, folder),
            }
            for each in definitions
        ],
    }
    return dump_yaml({**data, "counted": dict(counted)} if counted else data)


def _side_entry(side: Side, folder: Path | None) -> dict[str, object]:
    entry = _rows_entry(side.rows, folder) if side.rows else {}
    return {**entry, "where": [_condition_entry(each, folder) for each in side.where]}


def _rows_entry(rows: RowsOf, folder: Path | None) -> dict[str, object]:
    names = [seen_from(folder, file) if folder else file.name for file in rows.files]
    entry: dict[str, object] = {"file": names[0] if len(names) == 1 else names}
    if rows.encoding:
        entry["encoding"] = rows.encoding
    return {**entry, "sheet": rows.sheet} if rows.sheet else entry


def _condition_entry(condition: Condition, folder: Path | None) -> dict[str, object]:
    def one(names: Sequence[str]) -> object:
        return names[0] if len(names) == 1 else list(names)

    entry: dict[str, object] = {"column": one(condition.columns)}
    if condition.other:
        return {**entry, "matches": {**_rows_entry(condition.other, folder), "column": one(condition.other_columns)}}
    if condition.values:
        several = len(condition.values) > 1
        return {**entry, **({"in": list(condition.values)} if several else {"equals": condition.values[0]})}
    return {**entry, "filled": True}
