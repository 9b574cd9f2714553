"""The official document of the standard: read from .docx, compared with a pack. Nothing is taken over here."""

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
from emrassess.packs.official.quality import QualityDifferences, Reworded, quality_differences
from emrassess.packs.official.reading import read_official

__all__ = [
    "Annex",
    "CategoryReading",
    "CategorySource",
    "Comparison",
    "Difference",
    "Doubt",
    "Edition",
    "ItemName",
    "LevelCount",
    "OfficialDocument",
    "QualityCell",
    "QualityDifferences",
    "Reworded",
    "as_json",
    "compare",
    "quality_differences",
    "read_official",
    "write_overlay",
]
