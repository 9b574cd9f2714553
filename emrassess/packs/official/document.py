"""What an official document says, as far as the four annexes go."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from emrassess.domain.pack import Category, Dimension, Requirement
from emrassess.packs.official.columns import Annex


class CategorySource(StrEnum):
    """How the category of a level row came about."""

    STATED = "stated"  # its own cell says 基本 or 选择
    MERGED = "merged"  # its cell goes on with a merge from above
    BLANK = "blank"  # its own cell is empty: optional
    AFTER_BREAK = "after_break"  # empty right after a table was broken in two, where a merge may have been lost
    UNUSUAL = "unusual"  # a word that is not the document's own, such as 基础
    UNREADABLE = "unreadable"  # something else, no cell, or a cell shared with other columns: no category


@dataclass(frozen=True, slots=True)
class CategoryReading:
    """The category of a level row, None where unreadable, how it came about, and the word found."""

    category: Category | None
    source: CategorySource
    word: str


@dataclass(frozen=True, slots=True)
class ItemName:
    """An item as one annex names it; `role` is "" where that annex has none."""

    code: str
    name: str
    role: str
    annex: Annex


@dataclass(frozen=True, slots=True)
class QualityCell:
    """What annex 4 asks for at a level row in one dimension."""

    row: str
    dimension: Dimension
    text: str


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition a document seems to be; "" and None where it does not say."""

    title: str = ""
    document_number: str = ""
    quality_year: int | None = None


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """The result of reading the official document; nothing of it is taken over yet.

    `wording`: official text by clause id, levels 1 to 8. `clause_counts`: clauses by level row (`01.01.4`), in the
    document's order. `readings` explain `categories`, by level row; `problems` say in Chinese what could not be read
    and where.
    """

    wording: Mapping[str, str]
    clause_counts: Mapping[str, int]
    categories: Mapping[str, Mapping[int, Category]]
    readings: Mapping[str, CategoryReading]
    requirements: tuple[Requirement, ...]
    items: tuple[ItemName, ...]
    quality: tuple[QualityCell, ...]
    edition: Edition
    annexes: frozenset[Annex]
    problems: tuple[str, ...]

    @property
    def quality_texts(self) -> dict[tuple[str, Dimension], str]:
        """Annex 4 by level row and dimension: what a later edition is compared with."""
        return {(cell.row, cell.dimension): cell.text for cell in self.quality}
