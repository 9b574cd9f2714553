"""Cells of annex 4 told apart by a short digest of their official text, so that no pack has to hold the text itself."""

import hashlib
import re
import unicodedata

from emrassess.packs.official.clauses import MAX_CELL, divide
from emrassess.packs.official.normalising import key

LENGTH = 16

# "1，" for "1、" at the head of a part.
_COMMA_NUMBER = re.compile(r"(?<![0-9０-９.．])(\d{1,2})\s*[,，](?!\s*\d)")
_SIGNS = str.maketrans({"≦": "≤", "⩽": "≤", "≧": "≥", "⩾": "≥"})
_BETWEEN_DIGITS = str.maketrans({"–": "-", "—": "-", "~": "-", "至": "-", "、": ","})


def fingerprint(text: str) -> str:
    """The first 16 hex digits of the SHA-256 of what `text`, a cell of annex 4, says.

    Widths, blanks, line ends, brackets, punctuation and the numbers of its parts make no difference; signs of order
    ("<"), shares ("%") and what stands between two digits do.
    """
    text = _COMMA_NUMBER.sub(r"\1、", text)
    parts = divide(text).clauses if len(text) <= MAX_CELL else (text,)
    said = "".join(_bare(part) for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()[:LENGTH]


def _bare(text: str) -> str:
    squashed = key(text).casefold().replace("<=", "≤").replace(">=", "≥").translate(_SIGNS)
    return "".join(_counting(squashed, at) for at in range(len(squashed)))


def _counting(text: str, at: int) -> str:
    """The sign at `at` in the form that counts, "" where it does not count."""
    sign = text[at]
    if text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit():
        return sign.translate(_BETWEEN_DIGITS)  # "1.5", "1-2" and "1、2" are not 15 and 12
    category = unicodedata.category(sign)
    counts = category[0] in "LNM" or sign in "%‰" or (category in ("Sm", "Sc") and sign not in "~|")
    return sign if counts else ""
