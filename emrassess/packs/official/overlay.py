"""The overlay: what was read from the official document, as a file beside the pack, which itself stays as it is."""

from pathlib import Path

from emrassess.atomic import write_bytes
from emrassess.domain.pack import Pack
from emrassess.packs.official.comparing import Comparison, as_json
from emrassess.packs.official.document import OfficialDocument
from emrassess.typed_yaml import dump_yaml

FORMAT = "emrassess-overlay/1"


def write_overlay(document: OfficialDocument, comparison: Comparison, pack: Pack, file: Path) -> None:
    """Write wording, categories, annex 2 and annex 4 as YAML, with what is still in doubt.

    It holds official wording: it belongs to the hospital, and goes into no pack. StorageError where it cannot be
    written.
    """
    read = as_json(document, comparison)
    overlay = {
        "format": FORMAT,
        "pack": pack.id,
        "pack_version": pack.version,
        "document": {
            "title": document.edition.title,
            "document_number": document.edition.document_number,
            "quality_year": document.edition.quality_year,
        },
        "categories": read["categories"],
        "requirements": read["requirements"],
        "wording": dict(document.wording),
        "quality": [{"row": q.row, "dimension": q.dimension.value, "text": q.text} for q in document.quality],
        "differences": read["differences"],
        "doubts": read["doubts"],
    }
    write_bytes(file, dump_yaml(overlay).encode())
