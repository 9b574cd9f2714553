"""Reads extracts into a database of its own: only the columns that rules look at, in the form they are compared.

The database is in memory; what does not fit is spilled to a private temporary folder that goes with it.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from emrassess.domain.quality import ExtractNote
from emrassess.errors import StorageError, UserError
from emrassess.quality.extracts import Extract
from emrassess.quality.files import place_of, unreadable
from emrassess.quality.rejects import rejects
from emrassess.quality.rules import As, column, relation
from emrassess.quality.scratch import scratch_folder
from emrassess.quality.sources import Source, sources
from emrassess.quality.sql import filled, length, time, value

Progress = Callable[[int, int, str], None]
"""As services give it: done, total, what; it may raise Cancelled."""
_POLL = 0.2  # seconds
_LOOKED_THROUGH = 0.2  # of the time that reading takes
_FORMS = {As.VALUE: value, As.TIME: time, As.LENGTH: length, As.FILLED: filled}


@dataclass(frozen=True)
class Part:
    """A logical table that is read: which fields, in which forms."""

    extract: Extract
    dictionary: bool
    wanted: Mapping[str, Collection[As]]


@dataclass(frozen=True)
class Loaded:
    """How many rows were read, and why fields (of the part with this number) could not be."""

    rows: int
    faults: Mapping[tuple[int, str], UserError]


class Database:
    """An open database for one run; made by `opened`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self._connection = connection
        self._scratch = scratch
        self._loads = 0
        self.notes: list[ExtractNote] = []

    def rows(self, statement: str, told: Callable[[float], None] | None = None) -> list[tuple[Any, ...]]:
        """What `statement` gives. `told` is called now and then with the share done (0..1) and may raise, which stops
        it.

        StorageError where memory and disk together do not suffice.
        """
        found: list[tuple[Any, ...]] = []
        failed: list[BaseException] = []
        done = threading.Event()  # a thread that Ctrl+C takes out of join() counts as ended, on Python 3.11

        def work() -> None:
            try:
                found.extend(self._connection.execute(statement).fetchall())
            except BaseException as error:
                failed.append(error)
            finally:
                done.set()

        worker = threading.Thread(target=work, name="quality")
        worker.start()
        try:
            while not done.wait(_POLL):
                if told:
                    told(max(0.0, min(1.0, self._connection.query_progress() / 100)))
        finally:
            while not done.is_set():  # told raised: the statement may not even have begun
                self._connection.interrupt()
                done.wait(_POLL)
            worker.join()
        if failed:
            raise _as_ours(failed[0]) from None
        return found

    def load(
        self,
        extract: Extract,
        dictionary: bool,
        wanted: Mapping[str, Iterable[As]],
        told: Callable[[float], None] | None,
    ) -> int:
        """Read the files of an extract; the number of rows. UserError where a file, or a column in it, cannot be had.

        Lines that cannot be read are left out and noted, each with file and line.
        """
        loaded = self.load_together([Part(extract, dictionary, {n: tuple(f) for n, f in wanted.items()})], told)
        for error in loaded.faults.values():
            raise error
        return loaded.rows

    def load_together(self, parts: Sequence[Part], told: Callable[[float], None] | None) -> Loaded:
        """Read files that are several logical tables at once, each then a relation of its own.

        As `load`, but a field whose column cannot be had is left out, and told of.
        """
        tell = told or (lambda _: None)
        extract = parts[0].extract
        before = _states(extract.files)
        folder = self._scratch / str(self._loads)
        folder.mkdir()
        found = sources(extract, folder, self.rows, lambda share: tell(_LOOKED_THROUGH * share), self.notes)
        faults = {
            (number, field): fault
            for number, part in enumerate(parts)
            for field, name in part.extract.columns.items()
            if (fault := _fault(part.extract, found, field, name))
        }
        fields = [{f: set(k) for f, k in p.wanted.items() if (n, f) not in faults} for n, p in enumerate(parts)]
        physical, columns = f'"s_{self._loads}"', _columns(parts, fields)
        self._loads += 1
        self._create(physical, columns, found, tell)
        self.notes += rejects(self.rows, found)
        self._note_times(extract, physical, columns, found)
        for file in folder.iterdir():
            file.unlink()
        if _states(extract.files) != before:
            self.rows(f"DROP TABLE {physical}")
            raise UserError(f"{_named(extract)} 在读的时候被改动了", "请等导出完成，再算一次。")
        for part, forms in zip(parts, fields, strict=True):
            self._view(part, forms, physical, columns)
        return Loaded(int(self.rows(f"SELECT count(*) FROM {physical}")[0][0]), faults)

    def _create(
        self,
        physical: str,
        columns: Mapping[str, dict[As, str]],
        found: Sequence[Source],
        told: Callable[[float], None],
    ) -> None:
        selects: list[str] = []
        for source in found:
            chosen = [
                f"{_FORMS[form](f'c{source.names.index(name)}')} AS {kept}"
                for name, forms in columns.items()
                for form, kept in forms.items()
            ]
            selects.append(f"SELECT {', '.join(chosen) or 'true AS nothing'} FROM {source.sql}")
        rest = 1 - _LOOKED_THROUGH
        statement = f"CREATE TABLE {physical} AS {' UNION ALL '.join(selects)}"
        self.rows(statement, lambda share: told(_LOOKED_THROUGH + rest * share))

    def _view(
        self, part: Part, fields: Mapping[str, set[As]], physical: str, columns: Mapping[str, dict[As, str]]
    ) -> None:
        chosen: list[str] = []
        for field, forms in fields.items():
            kept = columns[part.extract.columns[field]]
            for form in sorted(forms):
                what = kept.get(form) or f"{kept[As.VALUE]} IS NOT NULL"
                chosen.append(f"{what} AS {column(field, form)}")
        name = relation(part.extract.table.id, part.dictionary)
        self.rows(f"CREATE VIEW {name} AS SELECT {', '.join(chosen) or 'true AS nothing'} FROM {physical}")

    def _note_times(
        self, extract: Extract, physical: str, columns: Mapping[str, dict[As, str]], found: Sequence[Source]
    ) -> None:
        """How many values of each column of times are none, and where one is."""
        times = {name: forms for name, forms in columns.items() if As.TIME in forms}
        if not times:
            return
        parts = [
            f"count(*) FILTER (WHERE {forms.get(As.FILLED) or f'{forms[As.VALUE]} IS NOT NULL'} "
            f"AND {forms[As.TIME]} IS NULL)"
            for forms in times.values()
        ]
        counts = self.rows(f"SELECT {', '.join(parts)} FROM {physical}")[0]
        for name, count in zip(times, counts, strict=True):
            if count:
                place = self._place_of_no_time(name, found)
                message = f"有 {count} 个值不是能识别的时间，按没有时间计{place}"
                self.notes.append(ExtractNote(f"{_named(extract)} 列“{name}”", message))

    def _place_of_no_time(self, name: str, found: Sequence[Source]) -> str:
        for source in found:
            text = f"c{source.names.index(name)}"
            wrong = f"SELECT DISTINCT {text} FROM {source.sql} WHERE {filled(text)} AND {time(text)} IS NULL LIMIT 100"
            texts = {row[0] for row in self.rows(wrong)} if source.read else ()
            rejects(self.rows, ())  # told of already
            for file, read in zip(source.files, source.read, strict=True):
                if texts and (place := place_of(read, name, texts)):
                    return f"（如{file.name} {place}）" if len(found) + len(source.files) > 2 else f"（如{place}）"
        return ""


def _columns(parts: Sequence[Part], fields: Sequence[Mapping[str, set[As]]]) -> dict[str, dict[As, str]]:
    """The columns of the files that are kept, in which forms, and what each is called."""
    forms: dict[str, set[As]] = {}
    for part, wanted in zip(parts, fields, strict=True):
        for field, kinds in wanted.items():
            forms.setdefault(part.extract.columns[field], set()).update(kinds)
    for kinds in forms.values():
        if As.TIME in kinds:
            kinds.add(As.FILLED)  # a time that is there and cannot be read is told of
        if As.VALUE in kinds:
            kinds.discard(As.FILLED)  # it can be seen from the value
    return {name: {k: f"{k.value}{n}" for k in sorted(kinds)} for n, (name, kinds) in enumerate(forms.items())}


def _fault(extract: Extract, found: Sequence[Source], field: str, name: str) -> UserError | None:
    """Why the column `name` cannot be had from each of the files."""
    for source in found:
        count = source.names.count(name)
        place = source.files[0].name + (f" 的工作表“{extract.sheet}”" if extract.sheet else "")
        if count == 0:
            message = f"{place} 没有“{name}”这一列（对应 {extract.table.fields.get(field, field)}）"
            return UserError(message, "请检查列名是否和文件第一行一致。")
        if count > 1:
            message = f"{place} 有 {count} 列都叫“{name}”（对应 {extract.table.fields.get(field, field)}）"
            return UserError(message, "请在导出时给它们不同的列名。")
    return None


def _named(extract: Extract) -> str:
    first = extract.files[0].name
    return first if len(extract.files) == 1 else f"{first} 等 {len(extract.files)} 个文件"


def _states(files: Sequence[Path]) -> list[tuple[int, int]]:
    """By which a change is seen."""
    found: list[tuple[int, int]] = []
    for file in files:
        try:
            state = file.stat()
        except OSError as error:
            raise unreadable(file, error) from error
        found.append((state.st_size, state.st_mtime_ns))
    return found


class _DatabaseFault(Exception):
    """What only a fault of this program makes DuckDB say; its own words, which may quote rows, are not in it."""


def _as_ours(error: BaseException) -> BaseException:
    """What the user can do something about, as ours; without the text of rows, which may stand in DuckDB's words."""
    words = str(error).lower()
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return StorageError(
            "内存和临时文件夹的空间都不够，没有算完", "请关闭别的程序，腾出临时文件夹所在的磁盘，再算一次。"
        )
    if isinstance(error, duckdb.IOException) and ("space" in words or "disk full" in words):
        return StorageError("临时文件夹所在的磁盘满了，没有算完", "请腾出空间，再算一次。")
    if isinstance(error, duckdb.InvalidInputException | duckdb.IOException | duckdb.SerializationException):
        return UserError("数据文件读不出来：格式不对，或在读的时候被改动", "请重新导出这个文件，再算一次。")
    return _DatabaseFault(type(error).__name__) if isinstance(error, duckdb.Error) else error


@contextmanager
def opened(memory_gb: float = 3.0, threads: int | None = None) -> Iterator[Database]:
    """A database for one run, in a temporary folder of its own. `memory_gb`: what DuckDB may hold before it spills."""
    with scratch_folder() as scratch:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_gb}GB",
            "temp_directory": str(scratch / "spill"),
            "threads": str(threads or os.cpu_count() or 2),
            "preserve_insertion_order": "false",
            "enable_external_file_cache": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        connection = duckdb.connect(":memory:", config=config)
        try:
            yield Database(connection, scratch)
        finally:
            connection.close()
