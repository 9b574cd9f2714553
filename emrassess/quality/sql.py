"""Pieces of SQL that say what quality.md means by blank, equal and a time.

Nearly all values are plain: nothing around them, no full-width letter. Each piece sees that by a cheap test first; the
tests are in CASE, which looks at the next branch only for the rows that are left.
"""

from pathlib import Path

_WIDE = "".join(chr(0xFF01 + n) for n in range(94))
_NARROW = "".join(chr(0x21 + n) for n in range(94))
_BLANKS = (
    "".join(
        map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F))
    )
    + "\u205f\u2060\u3000\ufeff"
)
_FIRST_SERIAL, _LAST_SERIAL = 20000, 80000
"""Excel's day numbers from 1954 to 2119; anything else that is a mere number is no time."""
_CLOCK = "[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?"
_DATED = (
    "[1-9][0-9]{3}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}"
    f"([T ]+{_CLOCK}( ?(Z|[+-][0-9]{{1,2}}(:?[0-9]{{2}})?))?)?"
)


def quoted(name: str) -> str:
    """`name` as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a string."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """`path` as a string that means this file alone: DuckDB takes what it reads for a pattern."""
    return literal("".join(f"[{mark}]" if mark in "[*?" else mark for mark in str(path)))


def _is_bare(column: str) -> str:
    """Whether nothing blank is around `column`, seen from printable ASCII alone."""
    return f"{column} >= '!' AND strlen({column}) = length({column}) AND {column}[-1] >= '!'"


def trimmed(column: str) -> str:
    """`column` (text) without white space around it, full-width too; NULL where it is blank."""
    return f"CASE WHEN {_is_bare(column)} THEN {column} ELSE {_trimmed(column)} END"


def _trimmed(column: str) -> str:
    return f"nullif(trim({column}, {literal(_BLANKS)}), '')"


def value(column: str) -> str:
    """`column` (text) as values are compared: trimmed, full-width letters and digits as half-width; NULL if blank."""
    odd = literal(f"^[{_BLANKS}]|[{_BLANKS}]$|[！-～]")
    return (
        f"CASE WHEN {_is_bare(column)} THEN {column} WHEN {column} = '' THEN NULL "
        f"WHEN NOT regexp_matches({column}, {odd}) THEN {column} "
        f"ELSE translate({_trimmed(column)}, {literal(_WIDE)}, {literal(_NARROW)}) END"
    )


def filled(column: str) -> str:
    """Whether `column` (text) is not blank; never NULL."""
    plain = f"({column} >= '!' AND {column} < chr(127)) OR ({column} >= '㐀' AND {column} < '豈')"
    return f"CASE WHEN {plain} THEN true ELSE {_trimmed(column)} IS NOT NULL END"


def length(column: str) -> str:
    """How many characters `column` (text) has without white space around it; 0 where it is blank."""
    return f"coalesce(length({trimmed(column)}), 0)::UINTEGER"


def time(column: str) -> str:
    """`column` (text) as a timestamp; NULL where it is none that quality.md knows. An offset at the end is not looked
    at: all times are the hospital's own. A date alone is its midnight."""
    usual = f"{column} LIKE '____-__-__ __:__:__' AND {column} >= '1' AND {column} < ':'"
    return (
        f"coalesce(CASE WHEN {usual} THEN try_strptime({column}, '%Y-%m-%d %H:%M:%S') END, "
        f"{_unusual_time(value(column))})"
    )


def _unusual_time(text: str) -> str:
    serial = f"try_cast({text} AS DOUBLE)"
    parts = "'^(....)(..)(..)(..)(..)(..)$'"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(_DATED)}) "
        f"THEN try_cast(regexp_replace({text}, '^([0-9/-]+)[T ]+([0-9:.]+).*$', '\\1 \\2') AS TIMESTAMP) "
        f"WHEN regexp_full_match({text}, '[1-9][0-9]{{7}}') THEN try_strptime({text}, '%Y%m%d') "
        f"WHEN regexp_full_match({text}, '[1-9][0-9]{{11}}([0-9][0-9])?') "
        f"THEN try_cast(regexp_replace(rpad({text}, 14, '0'), {parts}, '\\1-\\2-\\3 \\4:\\5:\\6') AS TIMESTAMP) "
        f"WHEN regexp_full_match({text}, '[0-9]{{5}}([.][0-9]*)?') "
        f"AND {serial} BETWEEN {_FIRST_SERIAL} AND {_LAST_SERIAL} "
        f"THEN TIMESTAMP '1899-12-30' + to_microseconds(round({serial} * 86400)::BIGINT * 1000000) END"
    )
