"""What is other than in another state of the assessment, gathered once; PDF and table only render it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from emrassess.domain.answers import Verdict
from emrassess.domain.comparison import (
    Comparison,
    Fact,
    LevelChange,
    PieceChange,
    PieceWay,
    ScoreChange,
    VerdictChange,
    facts,
    figure_name,
    figure_text,
    piece_changes,
)
from emrassess.domain.pack import Pack
from emrassess.domain.reasons import plain
from emrassess.reports.wording import minute, two_places

WAY_NAMES = {
    PieceWay.ADDED: "新增",
    PieceWay.GONE: "移除",
    PieceWay.REPLACED: "更换文件",
    PieceWay.LINKED: "新关联",
    PieceWay.UNLINKED: "取消关联",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states: a submission with its `at` (ISO 8601), `who` and `label`, or with `number` 0 the present.

    The present too has a time: when it was looked at.
    """

    number: int
    at: str
    who: str = ""
    label: str = ""

    @property
    def name(self) -> str:
        return f"第 {self.number} 次提交" if self.number else "现在"

    @property
    def described(self) -> str:
        """The name with time, person and label."""
        return f"{self.name}（{'，'.join(filter(None, (minute(self.at), self.who, self.label)))}）"


@dataclass(frozen=True, slots=True)
class ClauseMove:
    """A clause with another verdict; `item`: code and name of its item."""

    clause: str
    item: str
    text: str
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class ItemMove:
    """An item with another score, exact."""

    code: str
    name: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class FigureMove:
    """Another coverage or quality coefficient, in words; `row`: the level row, as 01.01.4."""

    row: str
    item: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """All that differs, in the order of the pack. `same`: clauses neither better nor worse, yet with another verdict.

    `title`: as a heading that says what is compared with.
    """

    title: str
    before: Side
    after: Side
    facts: tuple[Fact, ...]
    levels: tuple[LevelChange, ...]
    items_fell: tuple[ItemMove, ...]
    items_rose: tuple[ItemMove, ...]
    fell: tuple[ClauseMove, ...]
    rose: tuple[ClauseMove, ...]
    same: tuple[ClauseMove, ...]
    pieces: tuple[PieceChange, ...]
    figures: tuple[FigureMove, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        parts = (self.levels, self.items_fell, self.items_rose, self.fell, self.rose, self.same, self.pieces)
        return not any((*parts, self.figures)) and all(fact.before == fact.after for fact in self.facts)

    @property
    def counts(self) -> tuple[str, ...]:
        """How many of each, a phrase each; empty where nothing differs."""
        return tuple(_counts(self))


@dataclass(frozen=True, slots=True)
class ContrastReport:
    """A report of nothing but what differs."""

    hospital: str
    standard: str
    created: datetime
    contrast: Contrast


def gather_contrast(pack: Pack, comparison: Comparison, before: Side, after: Side, title: str) -> Contrast:
    """The rows of what differs between two states made under `pack`."""

    def moves(changes: Iterable[VerdictChange]) -> tuple[ClauseMove, ...]:
        return tuple(_clause_move(change, pack) for change in changes)

    def scores(*, up: bool) -> tuple[ItemMove, ...]:
        return tuple(_item_move(change, pack) for change in comparison.items if (change.step > 0) is up)

    return Contrast(
        title=title,
        before=before,
        after=after,
        facts=facts(comparison, pack),
        levels=comparison.levels,
        items_fell=scores(up=False),
        items_rose=scores(up=True),
        fell=moves(comparison.fell),
        rose=moves(comparison.rose),
        same=moves(comparison.sidestepped),
        pieces=piece_changes(comparison),
        figures=tuple(
            FigureMove(
                f"{change.item}.{change.level}",
                _item_name(change.item, pack),
                figure_name(change),
                figure_text(change.before),
                figure_text(change.after),
            )
            for change in comparison.figures
        ),
    )


def fact_text(value: Decimal, unit: str) -> str:
    """A figure of the whole: points with two places, counts and levels with their unit."""
    return f"{value} {unit}" if unit else two_places(value)


def step_text(before: Decimal, after: Decimal, unit: str = "") -> str:
    """By how much something rose or fell: `升 1.50`, `降 2 条`; a dash where it did not.

    Points have two places, as `fact_text`, but never so that nothing seems to be left.
    """
    if before == after:
        return "—"
    size = abs(after - before)
    step = f"{size} {unit}" if unit else two_places(size) if size >= Decimal("0.005") else plain(size)
    return f"{'升' if after > before else '降'} {step}"


def headline(contrast: Contrast) -> str:
    """The whole in one sentence without a full stop: `与第 2 次提交（…）相比：总分 90.00 → 95.20，条款…`."""
    total = next(fact for fact in contrast.facts if not fact.unit)
    parts = [f"{total.name} {two_places(total.before)} → {two_places(total.after)}"]
    if contrast.empty:
        parts = ["没有不同"]
    elif total.before == total.after:
        parts = [f"{total.name}不变"]
    named = f"{contrast.before.name}（{minute(contrast.before.at)}）"
    return f"与{named}相比：{'，'.join((*parts, *contrast.counts))}"


def _clause_move(change: VerdictChange, pack: Pack) -> ClauseMove:
    clause = pack.clause_by_id[change.clause]
    return ClauseMove(clause.id, _item_name(clause.item, pack), clause.text, change.before, change.after)


def _item_move(change: ScoreChange, pack: Pack) -> ItemMove:
    return ItemMove(change.item, pack.item_by_code[change.item].name, change.before, change.after)


def _item_name(code: str, pack: Pack) -> str:
    return f"{code} {pack.item_by_code[code].name}"


def _counts(contrast: Contrast) -> Iterator[str]:
    clauses = (("变好", contrast.rose), ("变差", contrast.fell), ("在待评与未达标之间改动", contrast.same))
    yield from _counted("条款结论", "条", ((name, len(moves)) for name, moves in clauses))
    items = (("上升", len(contrast.items_rose)), ("下降", len(contrast.items_fell)))
    yield from _counted("项目得分", "项", items)
    ways = Counter(change.way for change in contrast.pieces)
    yield from _counted("实证材料", "件", ((name, ways[way]) for way, name in WAY_NAMES.items()))
    yield from _counted("比例和系数", "处", [("改动", len(contrast.figures))])


def _counted(what: str, unit: str, counts: Iterable[tuple[str, int]]) -> Iterator[str]:
    """One phrase, or none where nothing is counted: `条款结论变好 3 条、变差 1 条`."""
    if named := [f"{name} {count} {unit}" for name, count in counts if count]:
        yield f"{what}{'、'.join(named)}"
