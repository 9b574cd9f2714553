"""The official document of the standard: read from .docx, compared with a pack. Nothing is taken over here."""

from emrassess.packs.official.annual import (
    AnnualDifferences,
    ChangeKind,
    QualityChange,
    annual_differences,
    difference_lines,
    edition_files,
)
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.comparing import Comparison, Difference, Doubt, LevelCount, as_json, compare
from emrassess.packs.official.document import (
    CategoryReading,
    CategorySource,
    Edition,
    ItemName,
    OfficialDocument,
    QualityCell,
)
from emrassess.packs.official.overlay import write_overlay
from emrassess.packs.official.quality import fingerprint
from emrassess.packs.official.reading import read_official

__all__ = [
    "Annex",
    "AnnualDifferences",
    "CategoryReading",
    "CategorySource",
    "ChangeKind",
    "Comparison",
    "Difference",
    "Doubt",
    "Edition",
    "ItemName",
    "LevelCount",
    "OfficialDocument",
    "QualityCell",
    "QualityChange",
    "annual_differences",
    "as_json",
    "compare",
    "difference_lines",
    "edition_files",
    "fingerprint",
    "read_official",
    "write_overlay",
]
