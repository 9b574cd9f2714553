"""Texts in documents from outside: what cannot be kept, and what is no time."""

from datetime import date, datetime

from emrassess.exchange.names import has_unseen


def check_texts(data: object) -> None:
    """ValueError (Chinese) where a text in `data` (parsed JSON) holds what neither a file nor a database takes: NUL, or
    half of a surrogate pair."""
    waiting = [data]
    while waiting:
        match waiting.pop():
            case str() as text:
                if "\0" in text or not _is_encodable(text):
                    raise ValueError("文字里有不能保存的字符")
            case list() as items:
                waiting += items
            case dict() as items:
                waiting += items.keys()
                waiting += items.values()
            case _:
                pass


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_time(text: str, kind: type[date] = datetime, what: str = "") -> None:
    """ValueError (Chinese), after `what`, where `text` is no ISO time, or with `kind` date no ISO date."""
    try:
        if len(text) <= 40 and text.isascii():
            kind.fromisoformat(text)
            return
    except ValueError:
        pass
    raise ValueError(f"{what}“{text[:40]}”不是{'时间' if kind is datetime else '日期'}")


def check_line(text: str, what: str) -> None:
    """ValueError (Chinese) naming `what` where `text` is not on one line, or holds marks that nobody sees."""
    if has_unseen(text):
        raise ValueError(f"{what}里有控制字符")
