"""The shape of a pack's files. The published JSON Schemas are made from these models."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from emrassess.typed_yaml import Model

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
ItemCode = Annotated[str, StringConstraints(pattern=r"^\d\d\.\d\d$")]
RoleCode = Annotated[str, StringConstraints(pattern=r"^\d\d$")]
RowCode = Annotated[str, StringConstraints(pattern=r"^\d\d\.\d\d\.[1-8]$")]
ClauseId = Annotated[str, StringConstraints(pattern=r"^\d\d\.\d\d\.[1-8]\([1-9]\d*\)$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Share = Annotated[str, StringConstraints(pattern=r"^(0(\.\d+)?|1(\.0+)?)$")]
Points = Annotated[str, StringConstraints(pattern=r"^\d{1,6}(\.\d{1,4})?$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
DimensionName = Literal[
    "consistency",
    "completeness",
    "integration",
    "timeliness",
    "uniqueness",
    "compliance",
    "identity",
    "currency",
]
Level = Annotated[int, Field(ge=1, le=8)]
Count = Annotated[int, Field(ge=0)]


class RequirementFile(Model):
    """What annex 2 demands for a level."""

    level: Level
    name: Text
    basic_items: Count
    optional_required: Count
    optional_total: Count
    minimum_score: Count


class LevelNameFile(Model):
    level: Level
    name: Text


class ProductFile(Model):
    """Scheme of 2018. Thresholds are shares 0..1 as text, so that nobody rounds them."""

    kind: Literal["product-2018"]
    basic_coverage: Share
    optional_coverage: Share
    quality: Share
    requirements: Annotated[list[RequirementFile], Field(min_length=1)]


class RolePointsFile(Model):
    """Points a role: the least share of its points that a role needs, and of quality indices if they decide."""

    kind: Literal["role-points"]
    pass_share: Share
    quality: Share = "0"
    levels: Annotated[list[LevelNameFile], Field(min_length=1)]


class GroupFile(Model):
    """A review group: whole roles, single items, and whether it takes the data-quality indices."""

    code: Name
    name: Text
    roles: list[RoleCode] = []
    items: list[ItemCode] = []
    quality: bool = False


class PlaceFile(Model):
    """A place of the hospital where items are shown: whole roles, and single items."""

    code: Name
    name: Text
    roles: list[RoleCode] = []
    items: list[ItemCode] = []


class PackFile(Model):
    """`pack.yaml`."""

    format: Literal["emrassess-pack/1"]
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+(\.\d+)?(\+\d{4})?$")]
    name: Text
    standard: Text
    document_number: str = ""
    roles: Annotated[dict[RoleCode, Text], Field(min_length=1)]
    scheme: Annotated[ProductFile | RolePointsFile, Field(discriminator="kind")]
    groups: list[GroupFile]
    places: list[PlaceFile] = []
    glossary: dict[Text, Text] = {}
    renames: dict[ClauseId, ClauseId] = {}


class ClauseFile(Model):
    """A clause; `points` in a scheme that gives them."""

    id: ClauseId
    text: Annotated[str, StringConstraints(min_length=4, strip_whitespace=True)]
    evidence: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    points: Points | None = None


class LevelFile(Model):
    """A level row; `category` in a scheme that knows categories."""

    level: Level
    category: Literal["basic", "optional", "unverified"] | None = None
    summary: Text
    clauses: Annotated[list[ClauseFile], Field(min_length=1)]


class CoverageFile(Model):
    """What 有效应用比例 counts: `ratio` needs numerator and denominator, `functional` a basis.

    Only in a scheme that counts coverage.
    """

    kind: Literal["ratio", "functional"]
    numerator: str = ""
    denominator: str = ""
    basis: str = ""
    note: str = ""


class ItemFile(Model):
    code: ItemCode
    name: Text
    coverage: CoverageFile | None = None
    quality: bool
    levels: Annotated[list[LevelFile], Field(min_length=1)]


class RoleFile(Model):
    """`role-XX.yaml`: the items of one role."""

    role: RoleCode
    name: Text
    items: Annotated[list[ItemFile], Field(min_length=1)]


class FieldFile(Model):
    """A logical field: its Chinese name, other names of annex 4, and whether it holds a time."""

    name: Text
    also: list[Text] = []
    type: Literal["text", "time"] = "text"


class TableFile(Model):
    name: Text
    also: list[Text] = []
    fields: Annotated[dict[Name, FieldFile | Text], Field(min_length=1)]


class LeftFile(Model):
    table: Name
    fields: Annotated[list[Name], Field(min_length=1)]
    keys: list[Name] = []


class RightFile(Model):
    """The other side: a `table` or a `dictionary`."""

    table: Name | None = None
    dictionary: Name | None = None
    fields: Annotated[list[Name], Field(min_length=1)]
    keys: list[Name] = []


class StepFile(Model):
    operator: Literal["<", "<="]
    table: Name
    fields: Annotated[list[Name], Field(min_length=1, max_length=1)]
    keys: list[Name] = []


class RuleFile(Model):
    """One line of a check; `filled` stands for one rule a field."""

    kind: Literal["dictionary", "filled", "matched", "ordered", "within", "prose"]
    part: Annotated[int, Field(ge=1)] | None = None
    left: LeftFile | None = None
    operator: Literal["<", "<="] | None = None
    right: RightFile | None = None
    then: list[StepFile] = []
    min_length: Annotated[int, Field(ge=1)] | None = None
    limit_minutes: Annotated[int, Field(ge=1)] | None = None
    reason: str = ""
    fields_named: list[Text] = []


class QualityFile(Model):
    """`quality.yaml`: one vocabulary of logical tables and the rules of annex 4 by level row and dimension."""

    tables: dict[Name, TableFile] = {}
    dictionaries: dict[Name, TableFile] = {}
    checks: dict[RowCode, dict[DimensionName, list[RuleFile]]]


class FingerprintsFile(Model):
    """`fingerprints.yaml`: the year of annex 4, and a digest of the official text of each of its cells."""

    format: Literal["emrassess-fingerprints/1"]
    edition: Annotated[int, Field(ge=2000, le=2100)]
    quality: dict[Annotated[str, StringConstraints(pattern=r"^\d\d\.\d\d\.[1-8]/[a-z]+$")], Fingerprint]
