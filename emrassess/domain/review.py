"""What experts find on site: an opinion on each clause that they looked at, and the pictures they took."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ExpertVerdict(StrEnum):
    """What an expert says of the hospital's claim on a clause. OPEN: nothing yet.

    NOT_SHOWN: the hospital could not show it while the experts were there; that proves nothing, so it stays open.
    """

    OPEN = ""
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    NOT_CONFIRMED = "not_confirmed"
    NOT_SHOWN = "not_shown"


EXPERT_VERDICT_NAMES: Mapping[ExpertVerdict, str] = {
    ExpertVerdict.OPEN: "未核查",
    ExpertVerdict.CONFIRMED: "属实",
    ExpertVerdict.PARTLY: "部分属实",
    ExpertVerdict.NOT_CONFIRMED: "不属实",
    ExpertVerdict.NOT_SHOWN: "未能演示",
}


class Severity(StrEnum):
    """How much a problem weighs. NONE: nobody has said."""

    NONE = ""
    SERIOUS = "serious"
    ORDINARY = "ordinary"
    MINOR = "minor"


SEVERITY_NAMES: Mapping[Severity, str] = {
    Severity.NONE: "未定",
    Severity.SERIOUS: "严重",
    Severity.ORDINARY: "一般",
    Severity.MINOR: "轻微",
}
WORST_FIRST = (Severity.SERIOUS, Severity.ORDINARY, Severity.MINOR, Severity.NONE)
ROUND_ONE = 1
"""The first visit of the experts; each re-check (回看) counts one on."""


def round_name(number: int) -> str:
    """What a round is called on screen."""
    return "现场核查" if number == ROUND_ONE else f"第 {number - ROUND_ONE} 次回看"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the experts say to a clause. `seen`: what was shown; `place`: code of the stop where, or a text.

    `at`: ISO 8601 with offset, when it was last written; `by`: by whom; `group`: code of the review group; `round`:
    of the visit in which it was written.
    """

    verdict: ExpertVerdict = ExpertVerdict.OPEN
    seen: str = ""
    problem: str = ""
    severity: Severity = Severity.NONE
    suggestion: str = ""
    place: str = ""
    at: str = ""
    by: str = ""
    group: str = ""
    round: int = ROUND_ONE

    @property
    def is_finding(self) -> bool:
        """Whether it goes into the ledger: a problem is named, or the claim is not confirmed in full."""
        doubted = self.verdict in (ExpertVerdict.PARTLY, ExpertVerdict.NOT_CONFIRMED)
        return doubted or bool(self.problem.strip())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said; where, when and by whom is not enough."""
        texts = (self.verdict, self.seen, self.problem, self.severity, self.suggestion)
        return not any(text.strip() for text in texts)


NO_OPINION = Opinion()


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture or screenshot that an expert took. `taken_at`, `added_at`: ISO 8601 with offset; `size` in bytes."""

    title: str
    clauses: tuple[str, ...]
    sha256: str
    file_name: str
    size: int
    media_type: str
    taken_at: str
    added_at: str
    added_by: str


@dataclass(frozen=True)
class ReviewInfo:
    """The package that an expert's workspace was opened from; the hospital's claims are not the expert's to change.

    `id`: of this opening, new each time; `assessment`: id of the hospital's assessment; `round`: of the visit;
    `packed_at`: when the package was made; `expert`, `group` (code): who works here, for which group. `base`: the
    experts' values that were in the package, by the text of their MergeKey.
    """

    id: str
    assessment: str
    hospital: str
    round: int
    packed_at: str
    expert: str
    group: str
    base: Mapping[str, Any]
