"""Lines that DuckDB could not read, told by file and line, never by what stands in them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from emrassess.domain.quality import ExtractNote
from emrassess.quality.files import lines_at
from emrassess.quality.sources import MOST_REJECTS, Source

_MOST_NOTES = 20
_FAULTS = {
    "MISSING COLUMNS": "列数比表头少",
    "TOO MANY COLUMNS": "列数比表头多",
    "UNQUOTED VALUE": "引号没有配对",
    "LINE SIZE OVER MAXIMUM": "一行太长",
    "INVALID ENCODING": "有不能识别的文字",
    "INVALID STATE": "格式不对",
}


def rejects(query: Callable[[str], list[tuple[Any, ...]]], read: Sequence[Source]) -> list[ExtractNote]:
    """Notes of the lines that were left out when `read` was read, each line once; then they are forgotten. None where
    `read` is empty.
    """
    if not query("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'"):
        return []
    found = query(
        "SELECT s.file_path, e.line_byte_position, min_by(e.error_type::VARCHAR, e.byte_position) "
        "FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) GROUP BY ALL ORDER BY ALL"
    )
    query("DROP TABLE reject_errors")
    query("DROP TABLE reject_scans")
    if not read:
        return []
    by_file: dict[str, list[tuple[int, str]]] = {}
    for path, position, fault in found:
        by_file.setdefault(path, []).append((position, fault))
    own = {each.path.name: file for source in read for file, each in zip(source.files, source.read, strict=True)}
    return [note for path, lines in by_file.items() for note in _of_file(Path(path), own[Path(path).name], lines)]


def _of_file(path: Path, own: Path, found: Sequence[tuple[int, str]]) -> list[ExtractNote]:
    shown = found[:_MOST_NOTES]
    starts = _starts(path, [position for position, _ in shown])
    notes = [
        ExtractNote(f"{own.name} 第 {line} 行", f"{_FAULTS.get(fault, '读不出来')}，没有计入")
        for (_, fault), line in zip(shown, starts, strict=True)
    ]
    if rest := len(found) - len(shown):
        least = "以上" if len(found) >= MOST_REJECTS else ""
        notes.append(ExtractNote(own.name, f"还有 {rest} 行{least}读不出来，没有计入"))
    return notes


def _starts(path: Path, positions: Sequence[int]) -> list[int]:
    """The line (from 1) that begins at each of `positions` (bytes from 1), or behind the line breaks there."""
    begins: list[int] = []
    with path.open("rb") as content:
        for position in positions:
            content.seek(max(position - 1, 0))
            ahead = content.read(4096)
            begins.append(max(position - 1, 0) + len(ahead) - len(ahead.lstrip(b"\r\n")))
    lines = lines_at(path, begins)
    return [lines[begin] for begin in begins]
