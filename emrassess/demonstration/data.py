"""The demonstration hospital as it stands in resources/demonstration: typed, every fault with its file and line."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints

from emrassess import paths
from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceKind
from emrassess.domain.pack import Dimension
from emrassess.typed_yaml import Model, read_marked, validate

Text = Annotated[str, StringConstraints(min_length=1)]
Moment = Annotated[str, StringConstraints(pattern=r"^2026-\d\d-\d\d \d\d:\d\d$")]
Level = Annotated[int, Field(ge=1, le=8)]
Counts = Annotated[list[int], Field(min_length=2, max_length=2)]
Row = Annotated[list[str], BeforeValidator(lambda cell: cell.split("|") if isinstance(cell, str) else cell)]
M = TypeVar("M", bound=Model)


class ClauseData(Model):
    """What the hospital says to one clause: its verdict where not `met` as its level is, a note, where it is shown."""

    verdict: Annotated[Verdict, Field(strict=False)] | None = None
    note: str = ""
    shown: str = ""


class ItemData(Model):
    """The answers of one item; `quality` by level and dimension; counts are [numerator, denominator]."""

    through: Level
    coverage: dict[Level, Counts] = Field(default_factory=dict)
    quality: dict[Level, dict[Annotated[Dimension, Field(strict=False)], Counts]] = Field(default_factory=dict)
    clauses: dict[str, ClauseData] = Field(default_factory=dict)


class HospitalFile(Model):
    """hospital.yaml."""

    format: Literal["emrassess-demonstration-hospital/1"]
    hospital: Text
    user: Text
    target: Level
    items: dict[str, ItemData]


class TableData(Model):
    columns: Row
    rows: list[Row]


class TablesFile(Model):
    """tables.yaml."""

    format: Literal["emrassess-demonstration-tables/1"]
    tables: dict[str, TableData]


class PopupData(Model):
    title: Text
    lines: list[Text]
    grave: bool = False
    buttons: list[Text] = Field(default_factory=lambda: ["知道了"])


class PictureData(Model):
    """One drawn screen and the clauses it proves."""

    screen: Text
    system: Text
    title: Text
    at: Moment
    clauses: Annotated[list[Text], Field(min_length=1)]
    patient: str = ""
    user: str = "示例医师甲"
    table: str = ""
    boxed: list[int] = Field(default_factory=list)
    lines: list[str] = Field(default_factory=list)
    popup: PopupData | None = None
    undated: bool = False


class PicturesFile(Model):
    """pictures.yaml."""

    format: Literal["emrassess-demonstration-pictures/1"]
    pictures: list[PictureData]


class ShareData(Model):
    """A CSV of 有效应用比例 of an item, by department."""

    item: Text
    system: Text
    clauses: list[Text]
    undated: bool = False


class TextData(Model):
    title: Text
    kind: Annotated[EvidenceKind, Field(strict=False)]
    clauses: list[Text]
    text: str


class SheetData(Model):
    """A table as XLSX."""

    title: Text
    table: Text
    kind: Annotated[EvidenceKind, Field(strict=False)]
    system: Text
    at: Moment
    clauses: list[Text]


class PaperData(Model):
    """A document as it comes from a scanner."""

    title: Text
    number: Text
    day: Text
    clauses: list[Text]
    lines: list[Text]


class DocumentsFile(Model):
    """documents.yaml."""

    format: Literal["emrassess-demonstration-documents/1"]
    shares: list[ShareData]
    texts: list[TextData]
    sheets: list[SheetData]
    papers: list[PaperData]


@dataclass(frozen=True)
class Demonstration:
    """All data of the demonstration hospital."""

    hospital: HospitalFile
    tables: Mapping[str, TableData]
    pictures: tuple[PictureData, ...]
    documents: DocumentsFile


@lru_cache(maxsize=1)
def load() -> Demonstration:
    """Read the shipped data; FileProblems names each fault."""

    def read(name: str, model: type[M]) -> M:
        return validate(read_marked(paths.resources_dir() / "demonstration" / name, name), model)

    return Demonstration(
        read("hospital.yaml", HospitalFile),
        read("tables.yaml", TablesFile).tables,
        tuple(read("pictures.yaml", PicturesFile).pictures),
        read("documents.yaml", DocumentsFile),
    )
