"""The files of an extract as SQL that reads them, all columns as text called c0, c1, … in the order of the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from emrassess.domain.quality import ExtractNote
from emrassess.errors import UserError
from emrassess.quality.extracts import KINDS, Extract
from emrassess.quality.files import TextFile, Told, text_file
from emrassess.quality.sheets import sheet_as_csv
from emrassess.quality.sql import literal, path_literal, quoted

MOST_REJECTS = 1000
"""Lines that cannot be read and are told apart, of each file."""
_MOST_LINE = 8 << 20  # bytes
_BUFFER = 32 << 20

Query = Callable[[str], list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Source:
    """Files that are written alike: the names of their columns, and what reads them (to stand after FROM).

    `read`: of each file, what is read in its place, where that is text.
    """

    files: tuple[Path, ...]
    names: tuple[str, ...]
    sql: str
    read: tuple[TextFile, ...] = ()


def sources(extract: Extract, scratch: Path, query: Query, told: Told, notes: list[ExtractNote]) -> list[Source]:
    """What reads the files of `extract`. UserError where one of them cannot be had; an empty one of several is noted.

    Copies are made in `scratch` where a file cannot be read as it is.
    """
    first = extract.files[0]
    kind = KINDS[first.suffix.lower()]
    if kind == "parquet":
        return _parquet(extract.files, query)
    files: list[tuple[Path, TextFile]] = []
    for number, file in enumerate(extract.files):

        def part(share: float, number: int = number) -> None:
            told((number + share) / len(extract.files))

        target = scratch / f"{number}.csv"
        if kind == "xlsx":
            read, found = sheet_as_csv(file, extract.sheet, target, part)
            notes += found
        elif len(extract.files) > 1 and not file.stat().st_size:
            notes.append(ExtractNote(file.name, "是空的，没有计入"))
            continue
        else:
            read = text_file(file, extract.encoding, "\t" if kind == "tsv" else None, target, part)
            if read.open_line:
                message = "引号没有配对，它和后面各行都没有计入"
                notes.append(ExtractNote(f"{file.name} 第 {read.open_line} 行", message))
        files.append((file, read))
    if not files:
        raise UserError(f"{first.name} 等 {len(extract.files)} 个文件都是空的", "请重新导出。")
    alike = groupby(files, lambda each: (each[1].names, each[1].delimiter, each[1].breaks))
    return [_text(list(group)) for _, group in alike]


def _text(files: Sequence[tuple[Path, TextFile]]) -> Source:
    form = files[0][1]
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(form.names)))
    paths = ", ".join(path_literal(read.path) for _, read in files)
    # DuckDB's threads, each at a part of a file, take a line break within quotes for the end of a row.
    sql = (
        f"read_csv([{paths}], auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = {literal(form.delimiter)}, quote = '\"', escape = '\"', encoding = 'utf-8', strict_mode = true, "
        f"null_padding = false, ignore_errors = true, store_rejects = true, rejects_limit = {MOST_REJECTS}, "
        f"max_line_size = {_MOST_LINE}, buffer_size = {_BUFFER}, parallel = {'false' if form.breaks else 'true'})"
    )
    return Source(tuple(file for file, _ in files), form.names, sql, tuple(read for _, read in files))


def _parquet(files: Sequence[Path], query: Query) -> list[Source]:
    found: list[Source] = []
    for file in files:
        read = f"read_parquet([{path_literal(file)}], binary_as_string = true)"
        try:
            columns = [(str(row[0]), str(row[1])) for row in query(f"DESCRIBE SELECT * FROM {read}")]
        except UserError as error:
            raise UserError(f"{file.name} 读不出来：不是 Parquet 文件，或已损坏", error.hint) from None
        chosen = ", ".join(f"{_as_text(quoted(name), kind)} AS c{n}" for n, (name, kind) in enumerate(columns))
        found.append(Source((file,), tuple(name.strip() for name, _ in columns), f"(SELECT {chosen} FROM {read})"))
    return found


def _as_text(column: str, kind: str) -> str:
    """A typed column as it would stand in a text file: whole numbers without .0, instants in China's time."""
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
    if kind.startswith("DECIMAL"):
        return f"regexp_replace({column}::VARCHAR, '[.]0+$|([.][0-9]*[1-9])0+$', '\\1')"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"({column}::TIMESTAMP + INTERVAL 8 HOUR)::VARCHAR"
    return f"{column}::VARCHAR"
