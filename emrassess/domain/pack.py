"""A pack (评价标准包): one version of the standard, as the rest of the program sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emrassess.domain.schemes.base import Scheme

LEVELS = range(1, 9)


class Category(StrEnum):
    """How a level row counts towards a level (评价类别)."""

    BASIC = "basic"
    OPTIONAL = "optional"
    UNVERIFIED = "unverified"


class Dimension(StrEnum):
    """Dimensions of data quality. Each scheme has its own choice of them."""

    CONSISTENCY = "consistency"
    COMPLETENESS = "completeness"
    INTEGRATION = "integration"
    TIMELINESS = "timeliness"
    UNIQUENESS = "uniqueness"
    COMPLIANCE = "compliance"
    IDENTITY = "identity"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement of a level row: what is required, what proves it ("" where nobody has said), and what it earns.

    `points` is None in a scheme that gives clauses none.
    """

    id: str
    text: str
    evidence: str
    points: Decimal | None = None

    @property
    def item(self) -> str:
        return self.id[:5]

    @property
    def level(self) -> int:
        return int(self.id[6])


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a quality rule: fields of a logical table, or of a dictionary; `keys` join it to the other side."""

    table: str
    fields: tuple[str, ...]
    keys: tuple[str, ...] = ()
    dictionary: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One more comparison of a chain of times: the side before it `operator` this side."""

    operator: str
    side: Side


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One computable rule of annex 4, or (kind `prose`) the reason why a cell cannot be one."""

    id: str
    item: str
    level: int
    dimension: Dimension
    kind: str
    source: str
    left: Side | None = None
    operator: str = ""
    right: Side | None = None
    then: tuple[Step, ...] = ()
    min_length: int | None = None
    limit_minutes: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LevelRow:
    """An item at a level (等级要求). `category` is None in a scheme that knows none."""

    item: str
    level: int
    category: Category | None
    summary: str
    clauses: tuple[Clause, ...]
    rules: tuple[QualityRule, ...] = ()

    @property
    def code(self) -> str:
        return f"{self.item}.{self.level}"

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions annex 4 asks for at this row, each once."""
        return tuple(dict.fromkeys(rule.dimension for rule in self.rules))


@dataclass(frozen=True, slots=True)
class CoverageBasis:
    """What 有效应用比例 counts. `functional`: 1.00 up to the function level, nothing to count.

    In a scheme without coverage all items are functional, with nothing said.
    """

    functional: bool
    numerator: str = ""
    denominator: str = ""
    basis: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """One of the items (评价项目); `rows` ascend by level, some levels may be missing."""

    code: str
    name: str
    role: str
    coverage: CoverageBasis
    has_quality: bool
    rows: tuple[LevelRow, ...]

    @cached_property
    def by_level(self) -> Mapping[int, LevelRow]:
        return {row.level: row for row in self.rows}

    @cached_property
    def quality_rows(self) -> Mapping[int, LevelRow | None]:
        """Per level row the row whose coefficients make its quality index; None where the index is 1.00.

        A level-8 row without checks of its own uses level 7's.
        """
        found: dict[int, LevelRow | None] = {}
        for row in self.rows:
            source = row
            if row.level == 8 and not row.rules and 7 in self.by_level:
                source = self.by_level[7]
            found[row.level] = source if self.has_quality and source.rules else None
        return found

    def clauses_through(self, level: int) -> tuple[Clause, ...]:
        """All clauses up to and with `level`."""
        return tuple(clause for row in self.rows if row.level <= level for clause in row.clauses)


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level that can be attained, and what it is called."""

    level: int
    name: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """What annex 2 demands for a level."""

    level: int
    name: str
    basic_items: int
    optional_required: int
    optional_total: int
    minimum_score: int


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """A group of experts and its part: items by code. `quality`: it also takes all data-quality indices."""

    code: str
    name: str
    items: tuple[str, ...]
    quality: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the hospital items (by code) are shown, such as a ward or the laboratory."""

    code: str
    name: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogicalTable:
    """A record or dictionary named in annex 4: field id to Chinese name; `times` are the fields that hold a time."""

    id: str
    name: str
    fields: Mapping[str, str]
    also: tuple[str, ...] = ()
    times: frozenset[str] = frozenset()
    field_also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """One version of a standard. `digest` is the SHA-256 over the pack's files.

    `renames`: clause ids of earlier versions and what they are called now. `quality_edition`: the year of the table of
    data quality (annex 4) that the rules are made from, None where none is named; `quality_fingerprints`: of each of
    its cells ("01.01.3/consistency") a short digest of the official text, by which a later table is told apart.
    `places`: in the order of a walk through the hospital; none where the pack names none.
    """

    id: str
    version: str
    name: str
    standard: str
    document_number: str
    digest: str
    scheme: "Scheme"
    roles: tuple[Role, ...]
    groups: tuple[ReviewGroup, ...]
    items: tuple[Item, ...]
    glossary: Mapping[str, str]
    tables: Mapping[str, LogicalTable] = field(default_factory=dict)
    dictionaries: Mapping[str, LogicalTable] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    quality_edition: int | None = None
    quality_fingerprints: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()

    @cached_property
    def item_by_code(self) -> Mapping[str, Item]:
        return {item.code: item for item in self.items}

    @cached_property
    def role_by_code(self) -> Mapping[str, Role]:
        return {role.code: role for role in self.roles}

    @cached_property
    def clause_by_id(self) -> Mapping[str, Clause]:
        return {clause.id: clause for item in self.items for row in item.rows for clause in row.clauses}

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that can be aimed at, ascending."""
        return self.scheme.levels

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Annex 2, ascending; empty in a scheme without such a table."""
        return self.scheme.requirements
