"""Text files as the hospital has them: encoding, delimiter, header; made into UTF-8 CSV that DuckDB reads right."""

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emrassess.atomic import write_error
from emrassess.errors import UserError, why_unreadable

_SAMPLE = 1 << 20  # bytes
_CHUNK = 4 << 20
_MOST_COLUMNS = 2000
_CHINESE = "gb18030"
_MOST_BAD = 0.05
"""Of the characters that are not ASCII: with more that cannot be read, the text is in another encoding."""
_MARKS = ",\t;|"
_BUT_QUOTES = bytes(set(range(256)) - set(b'"\n'))

Told = Callable[[float], None]
"""Called now and then with the share done (0..1); may raise, which stops the work."""


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a text file is written, and the names in its first line."""

    encoding: str
    delimiter: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file to be read: `path` is the file itself, or a copy as UTF-8. `breaks`: a line break may stand within
    quotes, so that rows can only be told apart from the beginning on. `open_line`: where a quote begins that nothing
    ends. `passed_over`: of a sheet, the rows that the copy has not.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str
    breaks: bool
    open_line: int | None = None
    passed_over: tuple[int, ...] | None = None


def csv_form(file: Path, encoding: str | None, delimiter: str | None) -> CsvForm:
    """How `file` is written; UserError where it is empty or not in that encoding. Looks at its beginning only."""
    sample = _beginning(file)
    if not sample.strip(b"\xef\xbb\xbf\r\n\t ,;|"):
        raise UserError(f"{file.name} 是空的", "请重新导出：第一行是列名，下面是数据。")
    found = _encoding(file, sample, encoding)
    text = sample.decode("utf-8-sig" if found == "utf-8" else found, "replace")
    header = _header(text)
    mark = delimiter or _delimiter(header)
    names = tuple(name.strip() for name in next(csv.reader(io.StringIO(header, newline=""), delimiter=mark), []))
    if len(names) > _MOST_COLUMNS:
        raise UserError(f"{file.name} 的第一行有 {len(names)} 列，不像表头", "请检查分隔符，第一行应是列名。")
    return CsvForm(found, mark, names)


def unreadable(file: Path, error: OSError) -> UserError:
    """`error` while reading `file`."""
    return UserError(f"{file.name} 读不出来：{why_unreadable(error)}", "请检查文件是否还在、能否打开。")


def _beginning(file: Path) -> bytes:
    try:
        with file.open("rb") as content:
            return content.read(_SAMPLE)
    except OSError as error:
        raise unreadable(file, error) from error


def _encoding(file: Path, sample: bytes, told: str | None) -> str:
    """The encoding of `sample`; as told, or seen from it."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in sample[:4096]:
        raise UserError(f"{file.name} 不是文本文件，或是 UTF-16 编码的", "请另存为 UTF-8 或 GB18030 编码的 CSV。")
    wanted = _CHINESE if told in ("gbk", "gb2312") else told
    if wanted:
        if _bad(sample, wanted) <= _MOST_BAD:
            return wanted
        line = sample[: _first_bad(sample, wanted)].count(b"\n") + 1
        other = _CHINESE if wanted == "utf-8" else "utf-8"
        message = f"{file.name} 第 {line} 行不是 {wanted.upper()} 编码的文字"
        raise UserError(message, f"请把 encoding 改为 {other}，或不写，由程序识别。")
    # Most of what is UTF-8 can be read as GB18030 too, as other characters, but not the other way round.
    for encoding in ("utf-8", _CHINESE):
        if _bad(sample, encoding) <= _MOST_BAD:
            return encoding
    raise UserError(f"{file.name} 既不是 UTF-8 也不是 GB18030 编码的文字", "请另存为 UTF-8 编码的 CSV。")


def _decoded(content: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(content)


def _bad(content: bytes, encoding: str) -> float:
    """The share of characters beyond ASCII that cannot be read."""
    text = _decoded(content, encoding)
    if text.isascii():
        return 0.0
    bad = text.count("\ufffd")
    return bad / sum(not character.isascii() for character in text) if bad else 0.0


def _first_bad(content: bytes, encoding: str) -> int:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(content)
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _header(text: str) -> str:
    """The first line that is not blank; a quoted name may hold a line break."""
    inside = False
    start = len(text) - len(text.lstrip("\r\n"))
    for position in range(start, len(text)):
        if text[position] == '"':
            inside = not inside
        elif text[position] in "\r\n" and not inside:
            return text[start:position]
    return text[start:]


def _delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(_MARKS, key=outside.count)  # the first of them where there is none


# --- the whole file


def text_file(file: Path, encoding: str | None, delimiter: str | None, copy: Path, told: Told) -> TextFile:
    """`file`, looked through; as UTF-8 in `copy` where it is in another encoding, or in a form that DuckDB misreads.

    Where a character cannot be read, the copy has a byte there that is no UTF-8: that line is noted when it is read.
    UserError where it cannot be read, StorageError where there is no room.
    """
    form = csv_form(file, encoding, delimiter)
    try:
        seen = _Looking(file, None if encoding else form.encoding)
        seen.through(told)
    except OSError as error:
        raise unreadable(file, error) from error
    used = seen.encoding or form.encoding
    path = file
    if used != "utf-8" or seen.zeros or seen.lone_returns:
        _copy(file, used, copy, seen.lone_returns, told)
        path = copy
    open_line = _open_line(path, form.delimiter) if seen.breaks and seen.odd_quotes else None
    return TextFile(path, form.names, form.delimiter, seen.breaks or seen.lone_returns, open_line)


class _Looking:
    """What is in a file beyond its beginning. `encoding`: a guess from the beginning, mended where that was ASCII."""

    def __init__(self, file: Path, encoding: str | None) -> None:
        self.file = file
        self.encoding = encoding
        self.zeros = self.lone_returns = self.breaks = self.odd_quotes = False
        self._ascii = True
        self._open = False

    def through(self, told: Told) -> None:
        size = max(self.file.stat().st_size, 1)
        done, last = 0, b""
        with self.file.open("rb") as content:
            while chunk := content.read(_CHUNK):
                self._look(last + chunk if last else chunk)
                last = chunk[-1:] if chunk.endswith(b"\r") else b""
                done += len(chunk)
                told(0.5 * done / size)
        self._look(last)

    def _look(self, chunk: bytes) -> None:
        self.zeros = self.zeros or b"\0" in chunk
        if not self.lone_returns and b"\r" in chunk:
            self.lone_returns = chunk.count(b"\r", 0, -1) != chunk.count(b"\r\n")
        if not self.breaks:
            self._quotes(chunk)
        self.odd_quotes ^= bool(chunk.count(b'"') & 1)
        if self._ascii and self.encoding and not chunk.isascii():
            self._ascii = False
            if self.encoding == "utf-8" and _bad(chunk.lstrip(bytes(range(0x80, 0xC0))), "utf-8") > _MOST_BAD:
                self.encoding = _CHINESE

    def _quotes(self, chunk: bytes) -> None:
        """Whether a line has an odd number of quotes: its last cell goes on in the next."""
        if self._open or b'"' in chunk:
            marks = (b'"' * self._open + chunk.translate(None, _BUT_QUOTES)).replace(b'""', b"")
            self.breaks = b'"' in marks[: marks.rfind(b"\n") + 1]
            self._open = marks.endswith(b'"')


def _copy(file: Path, encoding: str, target: Path, lone_returns: bool, told: Told) -> None:
    size = max(file.stat().st_size, 1)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)("replace")
    reader = io.IncrementalNewlineDecoder(decoder, translate=True) if lone_returns else decoder
    try:
        with file.open("rb") as source, target.open("wb") as out:
            done = 0
            while chunk := source.read(_CHUNK):
                out.write(_bytes(reader.decode(chunk)))
                done += len(chunk)
                told(0.5 + 0.5 * done / size)
            out.write(_bytes(reader.decode(b"", True)))
    except OSError as error:
        if error.filename == str(file):
            raise unreadable(file, error) from error
        raise write_error(target, error) from error


def _bytes(text: str) -> bytes:
    return text.replace("\0", "").encode().replace(b"\xef\xbf\xbd", b"\xff")


def lines_at(file: Path, positions: list[int]) -> dict[int, int]:
    """The line (from 1) that each of `positions` (bytes from 0, at a line break or the line after it) belongs to."""
    found: dict[int, int] = {}
    waiting = sorted(set(positions), reverse=True)
    line, begins = 1, 0
    with file.open("rb") as content:
        while waiting and (chunk := content.read(_CHUNK)):
            while waiting and waiting[-1] < begins + len(chunk):
                position = waiting.pop()
                found[position] = line + chunk.count(b"\n", 0, position - begins)
            line += chunk.count(b"\n")
            begins += len(chunk)
    return found | dict.fromkeys(waiting, line)


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a UTF-8 file and the line (from 1) that each begins in."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as content:
        reader = csv.reader(content, delimiter=delimiter, strict=True)
        line = 1
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1


def _open_line(path: Path, delimiter: str) -> int | None:
    """The line in which a quote begins that goes on to the end; None where that cannot be told."""
    begins = 1
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as content:
        reader = csv.reader(content, delimiter=delimiter, strict=True)
        try:
            for _ in reader:
                begins = reader.line_num + 1
        except csv.Error as error:
            return begins if "unexpected end" in str(error) or "field larger" in str(error) else None
    return None


def place_of(read: TextFile, name: str, texts: Collection[str]) -> str:
    """Where the first of `texts` stands in the column `name`, as "第 4 行" or "C4 格"; "" where it is not found."""
    column = read.names.index(name)
    with suppress(csv.Error):
        for number, (line, record) in enumerate(_records(read.path, read.delimiter)):
            if number and column < len(record) and record[column] in texts:
                return f"第 {line} 行" if read.passed_over is None else f"{letter(column)}{_row(read, number)} 格"
    return ""


def _row(read: TextFile, record: int) -> int:
    """The row of a sheet that the record (from 0, the header) was."""
    row = record + 1
    for passed in read.passed_over or ():
        row += passed <= row
    return row


def letter(index: int) -> str:
    """The letters of a column, from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
