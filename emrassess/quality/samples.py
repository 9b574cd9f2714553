"""Looks into extracts for the mapping: their columns, and a few values of each. Nothing of it is kept."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from emrassess.domain.personal_data import in_text
from emrassess.errors import UserError, why_unreadable
from emrassess.quality.extracts import KINDS
from emrassess.quality.files import csv_form
from emrassess.quality.guessing import Seen, Source
from emrassess.quality.sql import path_literal

Progress = Callable[[int, int, str], None]
_ROWS = 200
_SHOWN = 20
_BEGINNING = 1 << 20  # bytes
_LONGEST = 60
_PERSONAL = re.compile(
    "姓名|患者名|病人名|名字|电话|手机|联系|地址|住址|身份证|证件|出生|籍贯|家属|亲属|xm$|phone|mobile|tel|addr|idcard|birth"
    "|patient.?name|pat.?name|^name$"
)
_NAME = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,4}(·[\u3400-\u4dbf\u4e00-\u9fff]{1,8})?")


def sources(files: Iterable[Path], progress: Progress | None = None) -> tuple[Source, ...]:
    """What is in `files`, a source for each sheet; files that have the same columns and are called the same but for
    numbers are one source. A file that cannot be read is a source with a fault. `progress` counts files.
    """
    listed = list(dict.fromkeys(files))
    found: list[Source] = []
    for number, file in enumerate(listed):
        if progress:
            progress(number, len(listed), file.name)
        found += _looked_into(file)
    return _joined(found)


def source_at(files: tuple[Path, ...], encoding: str | None = None, sheet: str | None = None) -> Source:
    """What is in the files that are named as one table; looked into is the first."""
    seen = _looked_into(files[0], encoding, sheet)[0]
    return Source(files, seen.columns, sheet, encoding, seen.fault)


def _looked_into(file: Path, encoding: str | None = None, sheet: str | None = None) -> list[Source]:
    kind = KINDS.get(file.suffix.lower())
    try:
        if kind is None:
            raise UserError(f"{file.name} 不是能读的文件：{'、'.join(KINDS)}")
        if kind == "xlsx":
            return list(_of_sheets(file, sheet))
        columns = _of_parquet(file) if kind == "parquet" else _of_text(file, encoding, "\t" if kind == "tsv" else None)
        return [Source((file,), columns, encoding=encoding)]
    except UserError as error:
        return [Source((file,), sheet=sheet, encoding=encoding, fault=error.message)]


def _of_text(file: Path, encoding: str | None, delimiter: str | None) -> tuple[Seen, ...]:
    form = csv_form(file, encoding, delimiter)
    with file.open("rb") as stream:
        text = stream.read(_BEGINNING).decode("utf-8-sig" if form.encoding == "utf-8" else form.encoding, "ignore")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    try:
        return _seen(form.names, list(islice(rows, 1, _ROWS)))
    except csv.Error:
        return _seen(form.names, [])


def _of_parquet(file: Path) -> tuple[Seen, ...]:
    with duckdb.connect(":memory:", config={"autoload_known_extensions": "false"}) as connection:
        try:
            found = connection.execute(f"SELECT * FROM read_parquet({path_literal(file)}) LIMIT {_ROWS}")
            names = [column[0] for column in found.description or ()]
            return _seen(names, [[_text(cell) for cell in row] for row in found.fetchall()])
        except duckdb.Error:
            raise UserError(f"{file.name} 读不出来：不是 Parquet 文件，或已损坏") from None


def _of_sheets(file: Path, wanted: str | None) -> Iterator[Source]:
    from openpyxl import load_workbook  # noqa: PLC0415 - takes a while, and most extracts are text

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except OSError as error:
        raise UserError(f"{file.name} 读不出来：{why_unreadable(error)}") from None
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise UserError(f"{file.name} 打不开：不是 XLSX 文件，或已损坏") from None
    try:
        names: Sequence[str] = book.sheetnames
        if wanted is not None and wanted not in names:
            raise UserError(f"{file.name} 没有工作表“{wanted}”")
        for name in names if wanted is None else [wanted]:
            page: Any = book[name]
            if not hasattr(page, "reset_dimensions"):
                continue  # a chart
            page.reset_dimensions()
            rows = [[_text(cell) for cell in row] for row in islice(page.iter_rows(values_only=True), _ROWS)]
            head = [cell.strip() for cell in rows[0]] if rows else []
            while head and not head[-1]:
                head.pop()
            sheet = name if len(names) > 1 or wanted else None
            if not any(head):
                if wanted or len(names) == 1:
                    yield Source((file,), sheet=sheet, fault=f"{file.name} 的工作表“{name}”第一行是空的")
            elif not all(head):
                yield Source((file,), sheet=sheet, fault=f"{file.name} 的工作表“{name}”表头有空格子，像是合并过的表头")
            else:
                yield Source((file,), _seen(head, rows[1:]), sheet)
    finally:
        book.close()


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _seen(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Seen, ...]:
    found: list[Seen] = []
    for place, name in enumerate(names):
        cells = (row[place].strip()[:_LONGEST] for row in rows if place < len(row))
        values = tuple(islice(dict.fromkeys(cell for cell in cells if cell), _SHOWN))
        found.append(Seen(name, values, is_private(name, values)))
    return tuple(found)


def is_private(name: str, values: Sequence[str]) -> bool:
    """Whether a column may tell who a patient is: by what it is called, or by what its values look like."""
    if _PERSONAL.search(unicodedata.normalize("NFKC", name).casefold()):
        return True
    if any(True for _ in in_text("\n".join(values))):
        return True
    if "名称" in name or not values:
        return False
    surnames = sum(_NAME.fullmatch(value) is not None and value[0] in _COMMON for value in values)
    return len(values) >= 3 and surnames / len(values) > 0.6


_COMMON = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严魏陶姜谢邹苏潘葛范彭马方任袁柳唐薛雷贺倪汤罗郝安于傅齐康余"
    "顾孟黄萧尹姚邵汪毛米戴宋庞熊纪舒项祝董梁杜阮江童郭梅林钟徐邱高夏蔡田樊胡霍万管卢莫房丁邓石崔吉龚程邢陆翁"
    "段侯武刘叶黎乔谭申牛边温庄柴易廖耿欧师关付闫"
)


def _joined(found: Sequence[Source]) -> tuple[Source, ...]:
    """Files of the same columns, called the same but for numbers, together."""
    groups: dict[tuple[object, ...], list[Source]] = {}
    for number, source in enumerate(found):
        stem = re.sub(r"\d+", "#", source.files[0].stem)
        alone = number if source.sheet or source.fault or "#" not in stem else None
        key = (stem, source.files[0].suffix.lower(), tuple(seen.name for seen in source.columns), alone)
        groups.setdefault(key, []).append(source)
    return tuple(
        Source(tuple(file for source in group for file in source.files), *_common(group)) for group in groups.values()
    )


def _common(group: Sequence[Source]) -> tuple[tuple[Seen, ...], str | None, str | None, str]:
    first = group[0]
    private = [any(source.columns[place].private for source in group) for place in range(len(first.columns))]
    columns = tuple(Seen(seen.name, seen.values, hidden) for seen, hidden in zip(first.columns, private, strict=True))
    return columns, first.sheet, first.encoding, first.fault
