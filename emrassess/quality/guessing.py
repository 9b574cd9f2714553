"""Guesses which extract is which logical table, and which column which field: by names and by what values look like.

A guess is only an offer: the person who knows the systems looks at each.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from emrassess.domain.pack import LogicalTable

LEAST = 0.55
"""A guess below this is not offered."""

TableKey = tuple[str, bool]
"""Id of a logical table, and whether it is a dictionary."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A column of an extract and some of its values. `private`: they may be of a person, and are not to be shown."""

    name: str
    values: tuple[str, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Files that are one table: those of several months, or one of them, or a sheet. `fault`: why it cannot be read."""

    files: tuple[Path, ...]
    columns: tuple[Seen, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    fault: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called after."""
        return (self.sheet, self.files[0].stem) if self.sheet else (self.files[0].stem,)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A logical table and those of its fields that are looked for."""

    table: LogicalTable
    dictionary: bool
    fields: tuple[str, ...]

    @property
    def key(self) -> TableKey:
        return self.table.id, self.dictionary


@dataclass(frozen=True, slots=True)
class Guess:
    """`source`: its index. `columns`: by field the column and how sure, 0..1; `confidence` of the table as a whole."""

    source: int
    confidence: float
    columns: Mapping[str, tuple[str, float]]


def guess(sources: Sequence[Source], wanted: Sequence[Wanted]) -> dict[TableKey, Guess]:
    """The likeliest table of each source; no source is given twice, nor a table."""
    offers: list[tuple[float, int, int, dict[str, tuple[str, float]]]] = []
    for number, source in enumerate(sources):
        for place, table in enumerate(wanted):
            named = max(_named(name, table) for name in source.names)
            if source.fault or (named < 0.4 and len(table.fields) < 3):
                continue
            columns = guess_columns(source, table)
            sum_sure = sum(sure for _, sure in columns.values())
            share = sum_sure / max(len(table.fields), 1)
            # Of tables that go by one name, the one that explains most of the columns.
            told = sum_sure / max(len(source.columns), 1)
            score = 0.6 * named + 0.25 * share + 0.15 * min(told, 1.0) if named >= 0.4 else 0.7 * share
            if score >= LEAST:
                offers.append((score, number, place, columns))
    found: dict[TableKey, Guess] = {}
    taken: set[int] = set()
    for score, number, place, columns in sorted(offers, key=lambda offer: (-offer[0], offer[1], offer[2])):
        key = wanted[place].key
        if number not in taken and key not in found:
            taken.add(number)
            found[key] = Guess(number, min(score, 1.0), columns)
    return found


def guess_columns(source: Source, wanted: Wanted) -> dict[str, tuple[str, float]]:
    """The likeliest column of each field, with how sure; no column is given twice."""
    offers: list[tuple[float, int, int]] = []
    for place, field in enumerate(wanted.fields):
        for number, seen in enumerate(source.columns):
            sure = _likeness(wanted.table, field, seen.name)
            if sure >= LEAST and (sure := sure * _looks(wanted.table, field, seen)) >= LEAST:
                offers.append((sure, place, number))
    found: dict[str, tuple[str, float]] = {}
    taken: set[int] = set()
    for sure, place, number in sorted(offers, key=lambda offer: (-offer[0], offer[1], offer[2])):
        field = wanted.fields[place]
        if field not in found and number not in taken:
            taken.add(number)
            found[field] = (source.columns[number].name, round(sure, 2))
    return {field: found[field] for field in wanted.fields if field in found}


# --- names


def _named(name: str, wanted: Wanted) -> float:
    """How well an extract called `name` goes with a table."""
    plain = re.sub(r"\d+", "", folded(name))
    best = _called(plain, wanted.table.name)
    best = max(best, *(0.9 * _called(plain, also) for also in wanted.table.also), 0.0)
    best = max(best, _english(plain, name, wanted.table.id), 0.8 if _is_initials(plain, wanted.table.name) else 0)
    return best if wanted.dictionary == _is_dictionary(plain, name) else best * 0.5


def _called(plain: str, known: str) -> float:
    known = folded(known)
    return max(alike(plain, known), alike(_core(plain), _core(known)))


def _likeness(table: LogicalTable, field: str, column: str) -> float:
    return _field_like((table.fields[field], *table.field_also.get(field, ())), field, column)


@lru_cache(300_000)
def _field_like(names: tuple[str, ...], field: str, column: str) -> float:
    plain = folded(column)
    best = max(*(alike(plain, folded(name)) for name in names), _english(plain, column, field))
    return max(best, 0.8 if any(_is_initials(plain, name) for name in names) else 0)


_SAME = (
    ("患者", "病人"), ("代码", "编码"), ("编号", "号"), ("医师", "医生"), ("日期", "时间"), ("科别", "科室"),
    ("id号", "标识"), ("id", "标识"), ("检测", "检验"), ("发生", ""),
)  # fmt: skip


@lru_cache(100_000)
def folded(name: str) -> str:
    """`name` without what differs between systems that mean the same."""
    text = "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
    if not text.isascii():
        for one, other in _SAME:
            text = text.replace(one, other)
    return text


def _core(name: str) -> str:
    """Without the words that nearly every table is called."""
    return re.sub("记录|信息|明细|数据|抽取|字典|导出|列表|表$", "", name) or name


_ENDS = {
    "编码": "code", "号": "code", "标识": "code", "名称": "name", "姓名": "name", "时间": "time", "状态": "status",
    "单位": "unit", "数量": "amount", "原因": "reason",
}  # fmt: skip


@lru_cache(300_000)
def alike(one: str, other: str) -> float:
    """How alike two folded names are, 0..1; names of a code and of a time are never very."""
    if one == other:
        return 1.0 if one else 0.0
    # What has few characters in common is not worth a closer look.
    if 2 * len(set(one) & set(other)) < 0.4 * (len(one) + len(other)):
        return 0.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 2 and short in long:
        share = len(short) / len(long)
        found = (0.55 if long.endswith(short) else 0.45) + 0.4 * share
    else:
        found = 0.9 * SequenceMatcher(None, one, other, autojunk=False).ratio()
    ends = {kind for name in (one, other) for end, kind in _ENDS.items() if name.endswith(end)}
    return found * 0.4 if len(ends) > 1 else found


_TOKENS = {
    "at": "time", "date": "time", "datetime": "time", "tm": "time", "id": "no", "num": "no", "number": "no",
    "cd": "code", "nm": "name", "pat": "patient", "dr": "doctor", "doc": "doctor", "req": "request", "apply": "request",
    "dept": "department", "dict": "dictionary", "rec": "record", "med": "medication", "ord": "order",
}  # fmt: skip


@lru_cache(100_000)
def _tokens(name: str) -> frozenset[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    words = re.findall("[a-z]+", apart.casefold())
    return frozenset(str(_TOKENS.get(word, word)).rstrip("s") for word in words)


def _english(plain: str, name: str, known: str) -> float:
    """How alike a name in Latin letters is to an id."""
    if not plain.isascii() or not plain:
        return 0.0
    if plain == known.replace("_", ""):
        return 1.0
    mine, theirs = _tokens(name), _tokens(known)
    together = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
    return 0.9 * together


_FIRST = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"),
    (0xB8C1, "g"), (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"),
    (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"),
    (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"), (0xD7FA, ""),
)  # fmt: skip
"""GB 2312 orders its commoner characters by Pinyin: where each first letter begins."""


@lru_cache(10_000)
def initials(name: str) -> str:
    """The first letters of the Pinyin of `name`, as columns of Chinese systems are often called: 医嘱号 yzh."""
    letters = []
    for character in name:
        code = character.encode("gb2312", "ignore")
        number = int.from_bytes(code, "big") if len(code) == 2 else 0
        letters.append(next((letter for first, letter in reversed(_FIRST) if number >= first), ""))
    return "".join(letters)


def _is_initials(plain: str, name: str) -> bool:
    return len(plain) > 1 and plain.isascii() and plain == initials(name)


def _is_dictionary(plain: str, name: str) -> bool:
    return "字典" in plain or "dictionary" in _tokens(name) or plain.endswith("zd")


# --- values

_TIME = re.compile(
    r"(19|20)\d\d[-/年.]?\d{1,2}[-/月.]?\d{1,2}日?([ T]?\d{1,2}:?\d{2}(:?\d{2}(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?"
)
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._\-/+]*")


def looks_like_time(values: Iterable[str]) -> float:
    """The share of `values` that look like a time."""
    return _share(values, _TIME)


def _share(values: Iterable[str], form: re.Pattern[str]) -> float:
    listed = [unicodedata.normalize("NFKC", value).strip() for value in values]
    return sum(form.fullmatch(value) is not None for value in listed) / len(listed) if listed else 0.0


def _looks(table: LogicalTable, field: str, seen: Seen) -> float:
    """A factor: 1 where the values look like what the field holds, or there are none."""
    if not seen.values:
        return 1.0
    times = looks_like_time(seen.values)
    if field in table.times:
        return 1.0 if times > 0.5 else 0.3
    # A day written without marks is a number too.
    if times > 0.8 and not all(value.strip().isdigit() for value in seen.values):
        return 0.3
    name = folded(table.fields[field])
    codes = _share(seen.values, _CODE)
    if name.endswith(("编码", "号", "标识")):
        return 1.0 if codes > 0.5 else 0.5
    if name.endswith(("名称", "姓名")) and all(value.strip().isdigit() for value in seen.values):
        return 0.5
    return 1.0
