"""The ledger as cells of a table: heads, what stands under them, and what people write there."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, FindingState
from emrassess.domain.review import SEVERITY_NAMES, Severity
from emrassess.errors import UserError

E = TypeVar("E", bound=StrEnum)


class Head(StrEnum):
    """The columns that the program fills, by what stands above them; in their usual order."""

    ID = "编号"
    CLAUSE = "条款"
    REQUIREMENT = "要求"
    PROBLEM = "问题"
    SUGGESTION = "整改建议"
    SEVERITY = "严重程度"
    SUPERVISED = "挂牌督办"
    DEPARTMENT = "责任科室"
    OWNER = "责任人"
    DEADLINE = "期限"
    STATE = "状态"
    HINT = "提示"
    MEASURES = "整改措施"
    BEFORE = "整改前照片"
    AFTER = "整改后材料"
    GROUP = "核查组"
    RAISED = "提出轮次"
    RAISED_BY = "提出人"
    RAISED_AT = "提出日期"
    CHECKED = "最近核查"
    CLAIMED_BY = "报完成人"
    HISTORY = "经过"


USUAL = tuple(Head)
WORDS = (Head.PROBLEM, Head.SUGGESTION)
"""Of findings that experts raised these are the experts' own."""
EDITABLE = (
    Head.SEVERITY, Head.SUPERVISED, Head.DEPARTMENT, Head.OWNER, Head.DEADLINE, Head.MEASURES, Head.STATE, *WORDS,
)  # fmt: skip
"""What can be changed in the table; the rest is only shown there."""
SUPERVISED = "挂牌督办"
MOST_TEXT = 32_000
"""So many characters of a cell are looked at; Excel holds 32,767."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_YES = frozenset(("是", "有", "√", "✓", "y", "yes", "1", SUPERVISED))
_NO = frozenset(("", "否", "无", "×", "n", "no", "0"))
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"([3-7]\d{4})(?:\.\d+)?")
_EXCEL_ZERO = date(1899, 12, 30)


def plain(text: str) -> str:
    """`text` as a cell gives it back: without unprintable characters and blanks around it, line ends as \\n."""
    even = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return even.strip()[:MOST_TEXT].strip()


def cell(finding: Finding, head: str) -> str:
    """What stands under `head`, one of EDITABLE or a column that people added."""
    match head:
        case Head.PROBLEM:
            return plain(finding.problem)
        case Head.SUGGESTION:
            return plain(finding.suggestion)
        case Head.SEVERITY:
            return SEVERITY_NAMES[finding.severity]
        case Head.SUPERVISED:
            return SUPERVISED if finding.supervised else ""
        case Head.DEPARTMENT:
            return plain(finding.department)
        case Head.OWNER:
            return plain(finding.owner)
        case Head.DEADLINE:
            return finding.deadline
        case Head.MEASURES:
            return plain(finding.measures)
        case Head.STATE:
            return FINDING_STATE_NAMES[finding.state]
        case _:
            return plain(dict(finding.more).get(head, ""))


def understood(head: str, text: str) -> str:
    """What somebody wrote under `head` as `cell` would say it; UserError where it means nothing there."""
    written = plain(text)
    match head:
        case Head.SEVERITY:
            return SEVERITY_NAMES[_named(written or SEVERITY_NAMES[Severity.NONE], SEVERITY_NAMES, "严重程度")]
        case Head.STATE:
            return FINDING_STATE_NAMES[_named(written, FINDING_STATE_NAMES, "状态")]
        case Head.SUPERVISED:
            if written.casefold() in _YES:
                return SUPERVISED
            if written.casefold() in _NO:
                return ""
            raise UserError(f"“{written[:20]}”看不出是否挂牌督办", f"请写“{SUPERVISED}”，或者留空。")
        case Head.DEADLINE:
            return _day(written)
        case Head.DEPARTMENT | Head.OWNER:
            return " ".join(written.split())
        case _:
            return written


def severity_of(text: str) -> Severity:
    """The severity of that name."""
    return _named(text, SEVERITY_NAMES, "严重程度")


def state_of(text: str) -> FindingState:
    """The state of that name."""
    return _named(text, FINDING_STATE_NAMES, "状态")


def clause_of(text: str) -> str:
    """A clause as people write it: full-width brackets and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _named(text: str, names: Mapping[E, str], what: str) -> E:
    for member, name in names.items():
        if text == name:
            return member
    raise UserError(f"没有“{text[:20]}”这样的{what}", f"可以填：{'、'.join(names.values())}。")


def _day(written: str) -> str:
    if not written:
        return ""
    found = _DATE.fullmatch(written) or _COMPACT.fullmatch(written)
    try:
        if found:
            return date(*map(int, found.groups())).isoformat()
        if serial := _SERIAL.fullmatch(written):  # a date that lost its look
            return (_EXCEL_ZERO + timedelta(int(serial[1]))).isoformat()
    except ValueError:
        pass
    raise UserError(f"期限“{written[:20]}”不是日期", "请按 2026-11-30 这样填写年-月-日。")


# --- the order of columns


def columns(kept: Sequence[str] | None, more: Iterable[str]) -> tuple[str, ...]:
    """The heads to be shown: in the order that was kept, all that the program fills, and `more`, which people added."""
    return _completed(kept or USUAL, (*USUAL, *dict.fromkeys(more)))


def kept_columns(before: Sequence[str] | None, read: Sequence[str], more: Iterable[str]) -> tuple[str, ...] | None:
    """The order to keep once a table with the heads `read` was read back; None where it is the usual one.

    What is not in the table but has something in it (`more`), or is the program's, stays at its place.
    """
    used = tuple(more)
    shown = columns(before, used)
    alive = frozenset((*USUAL, *used))
    order = _completed(tuple(dict.fromkeys(read)), [head for head in shown if head in alive])
    if order == shown and before is not None:
        return tuple(before)
    return None if order in (shown, USUAL) else order


def _completed(order: Sequence[str], whole: Sequence[str]) -> tuple[str, ...]:
    """`order` with what of `whole` is not in it, each after what stands before it in `whole`."""
    found = list(order)
    for index, head in enumerate(whole):
        if head not in found:
            before = next((found.index(h) for h in reversed(whole[:index]) if h in found), -1)
            found.insert(before + 1, head)
    return tuple(found)
