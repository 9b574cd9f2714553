"""When a picture was taken: read from how people write a time."""

import re
import unicodedata
from datetime import datetime, timedelta

_TIME = re.compile(
    r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?[T\s]*(?:(\d{1,2})\s*[:时点]?\s*(\d{2})?\s*分?"
    r"(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T\s]*(\d{2})(\d{2})(?:\d{2})?)?")


def read_captured(typed: str, now: datetime) -> str:
    """`typed` as "2026-11-21 08:30", or "2026-11-21" where no time of day is given; "" stays "".

    Takes 2026-11-21 08:30, 2026/11/21 8:30, 2026年11月21日8时30分, 20261121 0830. ValueError (Chinese) for what is no
    time, or lies in the future.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return ""
    found = _COMPACT.fullmatch(text) or _TIME.fullmatch(text)
    if found is None:
        raise ValueError("请写成 2026-11-21 08:30")
    year, month, day, hour, minute = found.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))
    except ValueError:
        raise ValueError("没有这样的日期或时间，请写成 2026-11-21 08:30") from None
    if moment > now.replace(tzinfo=None) + timedelta(days=1):
        raise ValueError("这个时间还没有到")
    return moment.strftime("%Y-%m-%d %H:%M" if hour else "%Y-%m-%d")
