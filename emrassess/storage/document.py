"""An assessment as one JSON document, `emrassess-assessment/1`, as snapshots keep it.

Keys: format, settings (by name), and each mapping of Assessment under its name, as {"01.01/4": {…}}.
"""

import json
from collections.abc import Mapping
from typing import Any

from emrassess.domain.assessment import Assessment
from emrassess.domain.review import ROUND_ONE
from emrassess.storage.values import CODECS, SETTINGS, key_text, setting_from_json, setting_to_json

FORMAT = "emrassess-assessment/1"

_LATER = ("opinions", "photos", "findings", "review", "review_round", "ledger_columns")
"""Came after the first documents of this format: told only where there is something, so that the same assessment has
the same digest as before."""
_BEGUN_WITH = ("id", "hospital", "pack", "pack_version", "target", "created_at")


def to_document(assessment: Assessment) -> bytes:
    """All of `assessment` as UTF-8 JSON; the same assessment gives the same bytes."""
    names = (*_BEGUN_WITH, *SETTINGS, "review_round")
    settings = {name: setting_to_json(name, getattr(assessment, name)) for name in names}
    held = {
        codec.field: {key_text(key): codec.encode(value) for key, value in getattr(assessment, codec.field).items()}
        for codec in CODECS.values()
    }
    if assessment.review_round == ROUND_ONE:
        settings["review_round"] = None
    data = {"format": FORMAT, "settings": _told(settings), **_told(held)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _told(named: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value or name not in _LATER}


def from_document(document: bytes) -> Assessment:
    """The reverse of `to_document`; ValueError where it is none.

    What a document of an earlier program does not know is not there.
    """
    try:
        data = json.loads(document)
        if data["format"] != FORMAT:
            raise ValueError(data["format"])
        return Assessment(**_settings(data["settings"]), **_mappings(data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not an assessment") from error


def _settings(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: data[name] for name in _BEGUN_WITH},
        **{name: setting_from_json(name, data.get(name)) for name in SETTINGS},
        "review_round": data.get("review_round", ROUND_ONE),
    }


def _mappings(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for codec in CODECS.values():
        keyed = ((codec.place(text), value) for text, value in data.get(codec.field, {}).items())
        found[codec.field] = {key: codec.decode(key, value) for key, value in keyed}
    return found
