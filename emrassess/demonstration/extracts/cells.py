"""Cells of a demonstration extract: what each says, and how a hospital's system might have written it.

What a cell says (`value`, `minute`, `length`) is made first and its text from that, never the other way round: the
truth is counted from what cells say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from emrassess.demonstration.extracts.vocabulary import STEP, Family, Field, Grain

PERIOD = 1000
"""Records after which everything but the numbers comes again: defects stand by arithmetic on the record's number."""
BLOCK = "\x02" * 6
"""Stands in a text for the number of the thousand that the record is of, six digits."""
WIDE_BLOCK = "\x03"
"""The same in full-width digits."""
_RECORDS_OF_A_PATIENT = 4
_BEGIN = datetime(2026, 8, 1, 8, 0)
_MINUTES = 500  # between two patients, so that a thousand records take the three months
_LATER = 3  # minutes, of a record that is there twice
_STRIDES = (383, 387, 389, 409, 411, 587, 589, 611, 613, 617, 619, 621)  # none shares a divisor with PERIOD
_WIDE = {n: n + 0xFEE0 for n in (*range(48, 58), *range(65, 91), *range(97, 123))}
_EMPTY = ("", "", "", " ", "　", "\u00a0 ", "\t", "　 ")
_UNREADABLE = ("时间不详", "2026-02-30 10:00", "待定", "2026-13-01 08:00:00", "08:30", "2026年")
_PARAGRAPH = "示例文书，内容虚构，不涉及任何真实病人。"
_EXCEL_DAY = datetime(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares (0..1, in thousandths) of defects, each in every field, so that few records have several.

    `blank`: nothing there. `wrong`: not what it should be: a value that is in no list or belongs to another record, a
    text too short, a time that is none. `disordered`: a time before what it follows, or the very same. `absent`: a
    record that lacks. `again`: no defect, a record that is there twice, the second one a few minutes later.
    """

    blank: float = 0.03
    wrong: float = 0.02
    disordered: float = 0.03
    absent: float = 0.01
    again: float = 0.02


class Cell(NamedTuple):
    """`text` as it stands in the file; what it says: `value` as it is compared (None: blank), the `minute` from the
    period's begin (None: no time), the `length` in characters."""

    text: str
    value: str | None
    minute: int | None
    length: int


def pick(random: Random) -> Callable[[int], int]:
    """A way to scatter the numbers of records over 0..PERIOD-1, each hit once in a period."""
    stride, begin = random.choice(_STRIDES), random.randrange(PERIOD)
    return lambda record: (record * stride + begin) % PERIOD


def thousandths(rate: float) -> int:
    return round(rate * PERIOD)


def cells(field: Field, random: Random, rates: Rates, typed: bool) -> Callable[[int, bool], Cell]:
    """Makes the cell of `field` in a record, by its number 0..PERIOD-1 and whether it is there the second time.

    `typed`: the file holds times as times, which are right or lacking.
    """
    scatter = (pick(random), pick(random))
    blank = thousandths(rates.blank)
    wrong = blank + thousandths(rates.wrong)
    disordered = wrong + thousandths(rates.disordered)

    def made(record: int, again: bool) -> Cell:
        at = scatter[again](record)
        if at < blank or (typed and field.is_time and at < wrong):
            text = "" if typed and field.is_time else _EMPTY[at % len(_EMPTY)]
            return Cell(text, None, None, 0)
        if not field.is_time:
            return _worded(field, record, at, at < wrong)
        if at < wrong:
            text = _UNREADABLE[at % len(_UNREADABLE)]
            return Cell(text, text, None, len(text))
        minute = record // _RECORDS_OF_A_PATIENT * _MINUTES + field.rank * STEP + again * _LATER
        if at < disordered and field.shifts:
            minute += field.shifts[at % len(field.shifts)]
        text = _time(minute, 0 if typed else at)
        return Cell(text, text, minute, len(text))

    return made


def moment(minute: int) -> datetime:
    return _BEGIN + timedelta(minutes=minute)


def _worded(field: Field, record: int, at: int, wrong: bool) -> Cell:
    if field.least:
        length = field.least - 1 if wrong else field.least + at % 3 * 10
        text = (_PARAGRAPH * (length // len(_PARAGRAPH) + 1))[:length]
        return Cell(f" {text}　" if at % 2 else text, text, None, length)
    value = _wrong(field, record, at) if wrong else said(field, record)
    return Cell(disguised(value, at), value, None, len(value))


def patient_of(record: int) -> str:
    """What the patient of a record is called."""
    return f"示例患者{BLOCK}{record // _RECORDS_OF_A_PATIENT:03d}"


def said(field: Field, record: int) -> str:
    """What `field` says in a record without fault; the same in all fields of its family."""
    family = field.family
    if field.id == "patient_name":
        return patient_of(record)
    if family.grain is Grain.PATIENT:
        return patient_of(record).replace("示例患者", "SL")
    if family.grain is Grain.RECORD:
        return f"{_letters(family.number)}{BLOCK}{record:03d}"
    return _entry(family, record % family.entries)


def _entry(family: Family, number: int) -> str:
    if family.entries == 2:
        return "男女"[number]
    if not family.coded:
        return f"示例{family.label}{number + 1:02d}"
    return str(1000 + number) if family.number % 3 == 0 else f"{_letters(family.number)}-{number + 1:03d}"


def _letters(number: int) -> str:
    return chr(ord("A") + number // 26 % 26) + chr(ord("A") + number % 26)


def _wrong(field: Field, record: int, at: int) -> str:
    family = field.family
    if family.grain is Grain.ENTRY and at % 2:
        return _entry(family, (record + 1) % family.entries)
    return f"{said(field, record)}X"


def disguised(value: str, at: int) -> str:
    """`value` written in one of several ways that mean the same."""
    match at // 7 % 40:
        case 0:
            return _wide(value)
        case 1:
            return f" {value}"
        case 2:
            return f"{value}　"
        case 3:
            return f"\u00a0{value} "
        case 4:
            return f"　{_wide(value)}"
        case _:
            return value


def _wide(value: str) -> str:
    return value.replace(BLOCK, WIDE_BLOCK).translate(_WIDE)


_TIMES: tuple[Callable[[datetime], str], ...] = (
    lambda time: f"{time:%Y-%m-%d %H:%M:%S}",
    lambda time: f"{time:%Y-%m-%d %H:%M}",
    lambda time: f"{time:%Y/%m/%d} {time.hour}:{time:%M}",
    lambda time: f"{time:%Y%m%d%H%M%S}",
    lambda time: f"{time:%Y-%m-%dT%H:%M:%S}",
    lambda time: repr((time - _EXCEL_DAY) / timedelta(days=1)),
    lambda time: f"{time.year}/{time.month}/{time.day} {time.hour}:{time:%M:%S}",
    lambda time: _wide(f"{time:%Y-%m-%d %H:%M}"),
    lambda time: f" {time:%Y-%m-%d %H:%M}　",
)
"""The forms that quality.md knows."""


def _time(minute: int, at: int) -> str:
    return _TIMES[at % len(_TIMES)](moment(minute))
