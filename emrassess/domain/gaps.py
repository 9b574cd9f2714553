"""What is missing to the target, in the order that unblocks the level, and whether mending it would reach it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from emrassess.domain.answers import Answers
from emrassess.domain.pack import Pack
from emrassess.domain.reasons import Reason
from emrassess.domain.scoring import Score


class Need(StrEnum):
    """Why an item has to be mended for the target."""

    BASIC = "basic"
    UNVERIFIED = "unverified"
    OPTIONAL = "optional"
    POINTS = "points"
    SPARE = "spare"


@dataclass(frozen=True, slots=True)
class Gap:
    """An item to be mended for the target: what it needs and why, `effort` = number of things to mend.

    `gain`: points the item would gain by just passing.
    """

    item: str
    need: Need
    reasons: tuple[Reason, ...]
    effort: int
    gain: Decimal

    @property
    def clauses(self) -> tuple[str, ...]:
        """Clauses to be met, lowest level first."""
        return tuple(clause for reason in self.reasons for clause in reason.clauses)


@dataclass(frozen=True, slots=True)
class Plan:
    """The way to the target: `gaps` in the order that unblocks it (spare ones last).

    `total_after`: total once all but the spare ones just pass. `reserves`: per item the points that full coverage and
    quality at the target would add on top, largest first; they close a `shortfall`. `minimum`: 0 where the
    scheme asks for no total. `certain`: the plan rests on no unverified category.
    """

    target: int
    gaps: tuple[Gap, ...]
    total_now: Decimal
    total_after: Decimal
    minimum: Decimal
    certain: bool
    reserves: tuple[tuple[str, Decimal], ...] = ()

    @property
    def shortfall(self) -> Decimal:
        """Points still missing when the plan is done; 0 where it reaches the minimum."""
        return max(self.minimum - self.total_after, Decimal(0))

    @property
    def needed(self) -> tuple[Gap, ...]:
        """The gaps that have to be closed."""
        return tuple(gap for gap in self.gaps if gap.need is not Need.SPARE)


def plan_to_target(pack: Pack, answers: Answers, score: Score) -> Plan:
    """What to mend to reach the target for certain, as the pack's scheme has it."""
    return pack.scheme.plan(pack, answers, score)


def reasons_by_clause(plan: Plan) -> Mapping[str, Gap]:
    """The gap each unmet clause belongs to."""
    return {
        clause: gap for gap in plan.gaps for clause in gap.clauses
    }  # fmt: skip
