"""Keys of offending rows, as far as they may leave an extract: a hospital may have mapped a name to a number."""

import re

from emrassess.domain.personal_data import masked

_DAY = r"(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
_LIKE_ID = re.compile(rf"(?<!\d)\d{{6}}(?:(?:18|19|20)\d\d{_DAY}\d{{3}}[\dXx]|\d\d{_DAY}\d{{3}})(?!\d)")
"""An ID-card number, old or new; its check digit does not matter here."""
_STRANGE = re.compile(r"[^!-~]")
_MOST = 40
HIDDEN = "＊"


def shown_key(value: str) -> str:
    """`value` as a record's number: ASCII with at least one digit, at most 40 characters. What cannot be part of a
    number, and what has the form of a mobile or an ID-card number, is hidden.
    """
    plain = _LIKE_ID.sub(lambda found: found[0][:3] + "*" * (len(found[0]) - 5) + found[0][-2:], masked(value.strip()))
    if not any(character.isdigit() for character in plain):
        return HIDDEN if plain else ""
    plain = _STRANGE.sub(HIDDEN, plain)
    return plain if len(plain) <= _MOST else f"{plain[: _MOST - 1]}…"
