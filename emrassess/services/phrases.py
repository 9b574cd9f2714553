"""Common findings, to choose from while walking: a list that comes with the program, and grows from what is written.

The user's own folder holds what was added, `phrases.json` (`emrassess-phrases/1`): texts with how often they were used,
the latest last, and which of the program's were removed. It is nobody else's, and never goes into a package.
"""

import json
import logging
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from emrassess import paths
from emrassess.atomic import write_bytes
from emrassess.domain.common_problems import folded
from emrassess.domain.personal_data import in_text
from emrassess.errors import StorageError
from emrassess.services.checks import clean_line
from emrassess.typed_yaml import Model, read_marked, validate

log = logging.getLogger(__name__)

MOST_PHRASES = 300
MOST_TEXT = 120
"""Characters of a text or suggestion; what is longer is no phrase."""
_LEAST_TEXT = 4
_FORMAT = "emrassess-phrases/1"
_MOST_BYTES = 1 << 20
_NUMBER = re.compile(r"\d{6}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A finding as it is often written, and what is proposed then. `used`: how often; `own`: added by the user."""

    text: str
    suggestion: str
    used: int = 0
    own: bool = False


@dataclass(frozen=True)
class _Kept:
    """The user's file: phrases by folded text, the latest used last; folded texts of the program's that are hidden."""

    phrases: dict[str, Phrase]
    hidden: frozenset[str]


class _ShippedPhrase(Model):
    text: str
    suggestion: str


class _ShippedFile(Model):
    phrases: list[_ShippedPhrase]


def phrases(text: str = "") -> tuple[Phrase, ...]:
    """All that contain `text`, most used first, then the user's own, the latest first, then the program's."""
    kept, wanted = _read() or _NOTHING, folded(text)
    latest = {key: replace(kept.phrases[key], own=True) for key in reversed(kept.phrases)}
    shipped = {key: phrase for key, phrase in _shipped().items() if key not in kept.hidden}
    for key, phrase in shipped.items():
        if known := latest.get(key):
            shipped[key] = replace(phrase, used=known.used, suggestion=known.suggestion or phrase.suggestion)
    own = [phrase for key, phrase in latest.items() if key not in _shipped()]
    found = sorted((*own, *shipped.values()), key=lambda phrase: -phrase.used)
    return tuple(phrase for phrase in found if wanted in folded(phrase.text + phrase.suggestion))


def remember(text: str, suggestion: str = "") -> bool:
    """Keep a finding that was written, or count it once more; whether it was kept.

    Not kept: what names a person or a number that may be one's, what is too long or short to be a phrase, and what
    cannot be saved. Of too many, the least used make room.
    """
    said, proposed = clean_line(text), clean_line(suggestion)
    if not _LEAST_TEXT <= len(said) <= MOST_TEXT or is_personal(said):
        return False
    if len(proposed) > MOST_TEXT or is_personal(proposed):
        proposed = ""
    kept = _read()
    if kept is None:
        return False
    key = folded(said)
    before = kept.phrases.get(key) or Phrase(said, "")
    after = Phrase(before.text, proposed or before.suggestion, before.used + 1)
    others = {other: phrase for other, phrase in kept.phrases.items() if other != key}
    try:
        _write(_Kept(_bounded({**others, key: after}), kept.hidden - {key}))
    except StorageError as error:
        log.warning("phrase not kept: %s", error)
        return False
    return True


def forget(text: str) -> None:
    """Take a phrase off the list, also one of the program's. StorageError where that cannot be saved."""
    kept, key = _read(), folded(text)
    if kept is None:
        raise StorageError(f"常见问题的文件由更新版本的程序写成，没有改动：{_file()}", "请用更新版本的程序删除。")
    left = {other: phrase for other, phrase in kept.phrases.items() if other != key}
    _write(_Kept(left, kept.hidden | ({key} & _shipped().keys())))


def is_personal(text: str) -> bool:
    """Whether somebody may be recognised by it: a name, ID or mobile number, or any number of six digits or more."""
    even = unicodedata.normalize("NFKC", text)
    return next(in_text(even), None) is not None or _NUMBER.search(even) is not None


# --- files


@cache
def _shipped() -> dict[str, Phrase]:
    marked = read_marked(paths.resources_dir() / "phrases.yaml", "phrases.yaml")
    told = validate(marked, _ShippedFile).phrases
    return {folded(phrase.text): Phrase(phrase.text, phrase.suggestion) for phrase in told}


_NOTHING = _Kept({}, frozenset())


def _file() -> Path:
    return paths.user_dir() / "phrases.json"


def _read() -> _Kept | None:
    """What was kept; nothing where it is not there or damaged. None: a newer program's, to be left alone."""
    try:
        with _file().open("rb") as source:
            told = json.loads(source.read(_MOST_BYTES))
        if told["format"] != _FORMAT:
            return None if str(told["format"]).startswith("emrassess-phrases/") else _NOTHING
        found = [_phrase(data) for data in told["phrases"][-MOST_PHRASES:]]
        return _Kept({folded(phrase.text): phrase for phrase in found}, frozenset(map(str, told["removed"])))
    except FileNotFoundError:
        return _NOTHING
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("phrases not read: %s", error)
        return _NOTHING


def _phrase(data: Mapping[str, Any]) -> Phrase:
    text, suggestion = clean_line(str(data["text"]))[:MOST_TEXT], clean_line(str(data["suggestion"]))[:MOST_TEXT]
    return Phrase(text, suggestion, max(int(data["used"]), 0))


def _write(kept: _Kept) -> None:
    document = {
        "format": _FORMAT,
        "phrases": [{"text": p.text, "suggestion": p.suggestion, "used": p.used} for p in kept.phrases.values()],
        "removed": sorted(kept.hidden),
    }
    write_bytes(_file(), json.dumps(document, ensure_ascii=False, indent=1).encode())


def _bounded(found: dict[str, Phrase]) -> dict[str, Phrase]:
    """At most MOST_PHRASES of them, in their order: the least used go first, of those the oldest."""
    surplus = len(found) - MOST_PHRASES
    if surplus <= 0:
        return dict(found)
    newest = next(reversed(found))
    by_use = sorted((key for key in found if key != newest), key=lambda key: found[key].used)
    gone = frozenset(by_use[:surplus])
    return {key: phrase for key, phrase in found.items() if key not in gone}
