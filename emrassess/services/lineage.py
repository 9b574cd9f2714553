"""What was given back, or sent on, from a workspace before: so that whoever merges it knows what is new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emrassess.domain.assessment import Assessment
from emrassess.domain.merge import fingerprint, values_to_json
from emrassess.exchange.packet_format import Earlier, Values
from emrassess.services import snapshots
from emrassess.services.session import Session

Told = Callable[[Assessment, Sequence[Earlier]], tuple[Values, object]]
"""What an assessment would tell after the states that were told before; and what else makes a difference, as JSON."""


@dataclass(frozen=True)
class Lineage:
    """The states told so far, the oldest first, and the one to be told `now`. `new`: it is none of them."""

    earlier: tuple[Earlier, ...]
    now: Earlier
    new: bool


def lineage(session: Session, root: str, told: Told) -> Lineage:
    """What a workspace that began with the packet of the id `root` told before, and would tell now.

    Each state's id continues that of the one before it, so that it tells which others it contains. What was told is
    known from the snapshots that were made each time.
    """
    states: list[Earlier] = []
    for info in snapshots.listed(session):
        before = states[-1].id if states else root
        state = _state(snapshots.read(session, info.number), told, states, before)
        if state.id != before:
            states.append(state)
    last = states[-1].id if states else root
    now = _state(session.assessment, told, states, last)
    new = now.id != last
    return Lineage(tuple(states if new else states[:-1]), now, new)


def _state(held: Assessment, told: Told, earlier: Sequence[Earlier], before: str) -> Earlier:
    """What `held` tells, with the id of one that tells it after the one called `before`: the same where nothing
    differs."""
    values, also = told(held, earlier)
    mark = fingerprint([values_to_json(values), also])[:12]
    return Earlier(before if before.endswith(f".{mark}") else f"{before}.{mark}", values)
