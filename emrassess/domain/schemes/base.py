"""What a scheme has to give, so that nobody has to ask which one it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from emrassess.domain.answers import Answers, Ratio
from emrassess.domain.pack import Category, Dimension, Item, Level, Requirement
from emrassess.domain.reasons import Reason
from emrassess.domain.scoring import ItemScore, Score, Standing

if TYPE_CHECKING:
    from emrassess.domain.gaps import Plan
    from emrassess.domain.pack import Pack


@dataclass(frozen=True, slots=True)
class Part:
    """Of `total` things of a kind, `passed` pass. `key` names the kind in files, `name` on screen."""

    key: str
    name: str
    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far some items are from the target: `parts` by kind, points now and when all of them pass, and what blocks,
    worst first."""

    parts: tuple[Part, ...]
    points: Decimal
    points_at_target: Decimal
    blockers: tuple[Reason, ...]


class Scheme(Protocol):
    """One way to score. Frozen values: the thresholds and the levels of a standard."""

    @property
    def kind(self) -> str:
        """Its name in pack files."""
        ...

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that can be attained, ascending."""
        ...

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The table of annex 2, ascending; empty in a scheme without one."""
        ...

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions of data quality it knows."""
        ...

    @property
    def has_categories(self) -> bool:
        """Level rows are basic or optional."""
        ...

    @property
    def has_coverage(self) -> bool:
        """有效应用比例 counts."""
        ...

    @property
    def thresholds(self) -> Mapping[str, Decimal]:
        """All thresholds by their names in pack files, shares 0..1."""
        ...

    @property
    def quality_threshold(self) -> Decimal:
        """The least quality index, share 0..1; 0 where indices decide nothing."""
        ...

    def score(self, pack: "Pack", answers: Answers, assumed: Ratio | None) -> Score:
        """See `scoring.score`."""
        ...

    def item_limits(
        self, item: Item, answers: Answers, scored: ItemScore, level: int, category: Category | None
    ) -> tuple[Reason, ...]:
        """What keeps the item from passing at `level` as its category asks, in the order it has to be mended.

        Empty where it passes, or has no such row.
        """
        ...

    def outlook(self, pack: "Pack", answers: Answers, score: Score, items: Sequence[Item]) -> Outlook:
        """How far `items` are from the target."""
        ...

    def plan(self, pack: "Pack", answers: Answers, score: Score) -> "Plan":
        """See `gaps.plan_to_target`."""
        ...

    # --- in words, Chinese, without a full stop where a sentence goes on

    @property
    def method(self) -> tuple[str, ...]:
        """How points and levels come about, a sentence each."""
        ...

    @property
    def level_rule(self) -> str:
        """When a level is attained, one sentence."""
        ...

    @property
    def coverage_note(self) -> str:
        """What coverage has to be; "" in a scheme without it."""
        ...

    @property
    def standings(self) -> Mapping[Standing, str]:
        """The standings of a level row that occur, best first, by name."""
        ...

    @property
    def requirement_table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Heads and rows of what each level demands."""
        ...

    def working(self, scored: ItemScore) -> str:
        """How an item's score comes about, as a formula or in few words."""
        ...
