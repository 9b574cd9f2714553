"""Makes Parquet of text: for demonstration extracts, since hospitals' data platforms give Parquet."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from emrassess.errors import StorageError
from emrassess.quality.sql import literal, path_literal, quoted

ParquetMaker = Callable[[Path, Sequence[str], Collection[str], Path], None]
"""Writes a UTF-8 CSV with a header and these columns, some of them times, as the Parquet file named last."""


@contextmanager
def parquet_maker() -> Iterator[ParquetMaker]:
    """What makes Parquet of CSV, the same bytes each time; empty cells become NULL. Memory is bounded, whatever the
    size. StorageError where the disk does not take it."""
    # One thread: where several meet, row groups are cut one way or another.
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": "1GB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with duckdb.connect(config=config) as database:

        def make(source: Path, columns: Sequence[str], times: Collection[str], target: Path) -> None:
            types = ((name, "TIMESTAMP" if name in times else "VARCHAR") for name in columns)
            named = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types)
            read = (
                f"read_csv({path_literal(source)}, auto_detect = false, header = true, columns = {{{named}}}, "
                f"delim = ',', quote = '\"', escape = '\"')"
            )
            chosen = ", ".join(map(quoted, columns))
            try:
                database.execute(f"COPY (SELECT {chosen} FROM {read}) TO {literal(str(target))} (FORMAT parquet)")
            except duckdb.IOException as error:
                raise StorageError(f"无法写入 {target.name}", "请清理磁盘空间，或换一个位置。") from error

        yield make
