"""The figures of a review group against the target: as the hospital claims them, and as the experts verified them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from emrassess.domain.answers import Answers, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.pack import Item, Pack, ReviewGroup
from emrassess.domain.readiness import Readiness, group_readiness
from emrassess.domain.review import NO_OPINION, ExpertVerdict, Opinion
from emrassess.domain.scoring import ItemScore
from emrassess.domain.verified import Stands, Verified
from emrassess.reports.wording import level_text, two_places

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure three times: as `claimed`; `at_most`, with what nobody has seen as claimed; `at_least`, as confirmed."""

    name: str
    claimed: str
    at_most: str
    at_least: str


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """An item of the group, or a role with all of its items in the group (`is_role`), against the target.

    Of `total` clauses up to the target the hospital claims `claimed` met: `confirmed` + `open` + `fallen`.
    `levels`: the function level as claimed, at most, at least; None for a role, or where the scheme has no such thing.
    `stands`: whether the item passes at the target; None for a role, or where the item has no row there.
    """

    code: str
    name: str
    is_role: bool
    total: int
    confirmed: int
    open: int
    fallen: int
    levels: tuple[int, int, int] | None = None
    stands: Stands | None = None

    @property
    def claimed(self) -> int:
        return self.confirmed + self.open + self.fallen


def measures(
    pack: Pack, group: ReviewGroup, answers: Answers, states: Mapping[str, EvidenceState], checked: Verified
) -> tuple[Measure, ...]:
    """What the hospital attains as a whole, then what of it is the group's."""
    pairs = (
        (answers, checked.claimed),
        (checked.most_answers, checked.at_most),
        (checked.least_answers, checked.at_least),
    )
    scores = [scored for _, scored in pairs]
    parts = [group_readiness(pack, given, scored, states, (group,))[0] for given, scored in pairs]
    sure = "确定" if pack.scheme.has_categories else ""
    found = [
        _measure(f"全院{sure}达到", scores, lambda scored: level_text(scored.certain)),
        _measure("全院总分", scores, lambda scored: two_places(scored.total)),
    ]
    for index, part in enumerate(parts[0].parts):
        if part.total:
            found.append(_measure(f"本组通过的{part.name}", parts, lambda r, at=index: _passed(r, at)))
    if any(part.quality and part.quality.total for part in parts):
        found.append(_measure("数据质量指数合格", parts, _quality))
    found += [
        _measure("本组得分", parts, lambda r: two_places(r.points)),
        _measure("本组条款达标", parts, lambda r: f"{r.clauses_met} / {r.clauses}"),
    ]
    return tuple(found)


def _measure(name: str, three: Sequence[T], text: Callable[[T], str]) -> Measure:
    return Measure(name, *(text(one) for one in three))


def _passed(readiness: Readiness, index: int) -> str:
    part = readiness.parts[index]
    return f"{part.passed} / {part.total}"


def _quality(readiness: Readiness) -> str:
    part = readiness.quality
    return f"{part.passed} / {part.total}" if part else "—"


def progress_lines(
    pack: Pack, group: ReviewGroup, answers: Answers, opinions: Mapping[str, Opinion], checked: Verified
) -> tuple[ProgressLine, ...]:
    """Each role that the group has items of, followed by those items, in the pack's order."""
    codes = frozenset(group.items)
    found: list[ProgressLine] = []
    for role in pack.roles:
        items = [item for item in pack.items if item.role == role.code and item.code in codes]
        lines = [_item_line(pack, item, answers, opinions, checked) for item in items]
        lines = [line for line in lines if line.total]
        if lines:
            total, confirmed, open_, fallen = (
                sum(getattr(line, name) for line in lines) for name in ("total", "confirmed", "open", "fallen")
            )
            found += [ProgressLine(role.code, role.name, True, total, confirmed, open_, fallen), *lines]
    return tuple(found)


def _item_line(
    pack: Pack, item: Item, answers: Answers, opinions: Mapping[str, Opinion], checked: Verified
) -> ProgressLine:
    clauses = [clause.id for clause in item.clauses_through(answers.target)]
    said = [
        opinions.get(clause, NO_OPINION).verdict for clause in clauses if answers.verdict(clause) is Verdict.MET
    ]  # fmt: skip
    confirmed = said.count(ExpertVerdict.CONFIRMED)
    fallen = said.count(ExpertVerdict.PARTLY) + said.count(ExpertVerdict.NOT_CONFIRMED)
    three = tuple(scored.items[item.code] for scored in (checked.claimed, checked.at_most, checked.at_least))
    has_row = answers.target in item.by_level
    return ProgressLine(
        item.code, item.name, False, len(clauses), confirmed, len(said) - confirmed - fallen, fallen,
        _levels(three) if pack.scheme.has_coverage else None,
        _stands(pack, item, answers, three) if has_row else None,
    )  # fmt: skip


def _levels(three: tuple[ItemScore, ...]) -> tuple[int, int, int]:
    claimed, most, least = (scored.function_level for scored in three)
    return claimed, most, least


def _stands(pack: Pack, item: Item, answers: Answers, three: tuple[ItemScore, ...]) -> Stands:
    category = answers.category(pack, item.code, answers.target)
    claimed, most, least = (scored.passes(answers.target, category) for scored in three)
    if not claimed:
        return Stands.NOT_CLAIMED
    if not most:
        return Stands.FALLEN
    return Stands.VERIFIED if least else Stands.OPEN
