"""What changed between two states of an assessment: verdicts, scores, levels, evidence, figures."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from emrassess.domain.answers import VERDICT_NAMES, Ratio, Verdict
from emrassess.domain.assessment import Assessment, Evidence, evidence_by_clause
from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.reasons import DIMENSION_NAMES, plain
from emrassess.domain.scoring import LevelOutcome, Score, score

OUTCOME_NAMES = {LevelOutcome.MET: "达到", LevelOutcome.UNDETERMINED: "待定", LevelOutcome.NOT_MET: "未达到"}

_RANKS = {Verdict.MET: 2, Verdict.PARTIAL: 1, Verdict.UNMET: 0, Verdict.NOT_ASSESSED: 0}


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A clause with another verdict. `step`: above 0 it rose, below it fell; 0 from not assessed to unmet and back."""

    clause: str
    before: Verdict
    after: Verdict

    @property
    def step(self) -> int:
        return _RANKS[self.after] - _RANKS[self.before]


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """An item with another score, exact."""

    item: str
    before: Decimal
    after: Decimal

    @property
    def step(self) -> Decimal:
        """Above 0 it rose, below it fell."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level with another outcome; `name` as the pack has it."""

    level: int
    name: str
    before: LevelOutcome
    after: LevelOutcome


@dataclass(frozen=True, slots=True)
class EvidenceChange:
    """A clause proved by other evidence; `clause` "" for pieces that prove none.

    `new`: pieces as they are after; `removed`: as they were before; `replaced`: those in both with another file, as
    they are after.
    """

    clause: str
    new: tuple[Evidence, ...] = ()
    removed: tuple[Evidence, ...] = ()
    replaced: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Another coverage, or with `dimension` quality coefficient, of a level row; None where there is none."""

    item: str
    level: int
    dimension: Dimension | None
    before: Ratio | None
    after: Ratio | None


@dataclass(frozen=True, slots=True)
class Overall:
    """The whole of one state; `certain`, `possible`: the attained level, 0 for none."""

    target: int
    total: Decimal
    certain: int
    possible: int
    met: int
    evidence: int


@dataclass(frozen=True)
class Comparison:
    """All that differs. Clauses, items, levels and figures in the order of the pack.

    `added`, `gone`: pieces of evidence that only one of the two states has.
    """

    before: Overall
    after: Overall
    verdicts: tuple[VerdictChange, ...]
    items: tuple[ScoreChange, ...]
    levels: tuple[LevelChange, ...]
    evidence: tuple[EvidenceChange, ...]
    figures: tuple[FigureChange, ...]
    added: tuple[Evidence, ...]
    gone: tuple[Evidence, ...]

    @cached_property
    def rose(self) -> tuple[VerdictChange, ...]:
        """Verdicts that are better than before."""
        return tuple(change for change in self.verdicts if change.step > 0)

    @cached_property
    def fell(self) -> tuple[VerdictChange, ...]:
        """Verdicts that are worse than before."""
        return tuple(change for change in self.verdicts if change.step < 0)

    @cached_property
    def sidestepped(self) -> tuple[VerdictChange, ...]:
        """Verdicts that are other than before, but neither better nor worse."""
        return tuple(change for change in self.verdicts if not change.step)


Change = VerdictChange | ScoreChange | LevelChange | EvidenceChange | FigureChange


def compare(before: Assessment, after: Assessment, pack: Pack) -> Comparison:
    """What is other in `after` than in `before`, both made under `pack`.

    Clauses and rows that the pack does not have are not looked at.
    """
    old, new = (score(pack, state.as_answers()) for state in (before, after))
    return Comparison(
        before=_overall(before, old, pack),
        after=_overall(after, new, pack),
        verdicts=tuple(_verdicts(before, after, pack)),
        items=tuple(_items(old, new, pack)),
        levels=tuple(_levels(old, new)),
        evidence=tuple(_evidence(before, after, pack)),
        figures=tuple(_figures(before, after, pack)),
        added=tuple(piece for key, piece in after.evidence.items() if key not in before.evidence),
        gone=tuple(piece for key, piece in before.evidence.items() if key not in after.evidence),
    )


def _overall(state: Assessment, found: Score, pack: Pack) -> Overall:
    met = sum(state.answer(clause).verdict is Verdict.MET for clause in pack.clause_by_id)
    return Overall(state.target, found.total, found.certain, found.possible, met, len(state.evidence))


def _verdicts(before: Assessment, after: Assessment, pack: Pack) -> Iterator[VerdictChange]:
    for clause in pack.clause_by_id:
        was, now = before.answer(clause).verdict, after.answer(clause).verdict
        if was is not now:
            yield VerdictChange(clause, was, now)


def _items(before: Score, after: Score, pack: Pack) -> Iterator[ScoreChange]:
    for item in pack.items:
        was, now = before.items[item.code].score, after.items[item.code].score
        if was != now:
            yield ScoreChange(item.code, was, now)


def _levels(before: Score, after: Score) -> Iterator[LevelChange]:
    for level, now in after.levels.items():
        was = before.levels[level]
        if was.outcome is not now.outcome:
            yield LevelChange(level, now.name, was.outcome, now.outcome)


def _evidence(before: Assessment, after: Assessment, pack: Pack) -> Iterator[EvidenceChange]:
    was, now = _pieces_by_clause(before), _pieces_by_clause(after)
    for clause in (*pack.clause_by_id, ""):
        old, new = was.get(clause, {}), now.get(clause, {})
        found = EvidenceChange(
            clause,
            new=tuple(piece for key, piece in new.items() if key not in old),
            removed=tuple(piece for key, piece in old.items() if key not in new),
            replaced=tuple(
                piece for key, piece in new.items() if key in old and old[key].current.sha256 != piece.current.sha256
            ),
        )
        if found.new or found.removed or found.replaced:
            yield found


def _pieces_by_clause(state: Assessment) -> dict[str, dict[str, Evidence]]:
    """Pieces by id by clause; "" has those that prove none."""
    found = {clause: {piece.id: piece for piece in pieces} for clause, pieces in evidence_by_clause(state).items()}
    return {**found, "": {piece.id: piece for piece in state.evidence.values() if not piece.clauses}}


_Key = TypeVar("_Key", bound=Hashable)


def _figures(before: Assessment, after: Assessment, pack: Pack) -> Iterator[FigureChange]:
    coverage, quality = _differing(before.coverage, after.coverage), _differing(before.quality, after.quality)
    for item in pack.items:
        for row in item.rows:
            if (cell := (item.code, row.level)) in coverage:
                yield FigureChange(*cell, None, *coverage[cell])
            for dimension in Dimension:
                if (place := (*cell, dimension)) in quality:
                    yield FigureChange(*place, *quality[place])


def _differing(
    before: Mapping[_Key, Ratio], after: Mapping[_Key, Ratio]
) -> dict[_Key, tuple[Ratio | None, Ratio | None]]:
    pairs = {key: (before.get(key), after.get(key)) for key in {**before, **after}}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


# --- the whole, and evidence by piece


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the whole before and after: points where `unit` is "", else a level or a count."""

    name: str
    before: Decimal
    after: Decimal
    unit: str = ""


def facts(comparison: Comparison, pack: Pack) -> tuple[Fact, ...]:
    """The whole of both states side by side, what is the same too."""
    before, after = comparison.before, comparison.after
    attained = [("确定达到", before.certain, after.certain), ("可能达到", before.possible, after.possible)]
    if not pack.scheme.has_categories:
        attained = [("达到", before.certain, after.certain)]  # nothing is ever undetermined
    return (
        Fact("目标级别", Decimal(before.target), Decimal(after.target), "级"),
        Fact("总分", before.total, after.total),
        *(Fact(name, Decimal(was), Decimal(now), "级") for name, was, now in attained),
        Fact("达标条款", Decimal(before.met), Decimal(after.met), "条"),
        Fact("实证材料", Decimal(before.evidence), Decimal(after.evidence), "件"),
    )


class PieceWay(StrEnum):
    """What became of a piece of evidence."""

    ADDED = "added"
    GONE = "gone"
    REPLACED = "replaced"
    LINKED = "linked"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class PieceChange:
    """A piece with the clauses it is about: those it proves where it came or went, else those linked or not any more.

    `piece` is as it was before where it is gone or unlinked, else as it is after.
    """

    way: PieceWay
    piece: Evidence
    clauses: tuple[str, ...]


def piece_changes(comparison: Comparison) -> tuple[PieceChange, ...]:
    """The changes of evidence piece by piece, sorted by what became of them, then in the order of the pack."""
    added, gone = ({piece.id for piece in pieces} for pieces in (comparison.added, comparison.gone))
    found: dict[tuple[PieceWay, str], tuple[Evidence, list[str]]] = {}
    for change in comparison.evidence:
        ways = [(PieceWay.ADDED if piece.id in added else PieceWay.LINKED, piece) for piece in change.new]
        ways += [(PieceWay.GONE if piece.id in gone else PieceWay.UNLINKED, piece) for piece in change.removed]
        ways += [(PieceWay.REPLACED, piece) for piece in change.replaced]
        for way, piece in ways:
            if change.clause or way not in (PieceWay.LINKED, PieceWay.UNLINKED):
                found.setdefault((way, piece.id), (piece, []))[1].append(change.clause)
    order = list(PieceWay)
    return tuple(
        PieceChange(way, piece, tuple(clause for clause in clauses if clause))
        for (way, _), (piece, clauses) in sorted(found.items(), key=lambda entry: order.index(entry[0][0]))
    )


# --- in words


def lines(comparison: Comparison, pack: Pack) -> tuple[str, ...]:
    """All of it as Chinese lines without a full stop: the whole, levels, items, clauses, evidence, figures.

    Empty where nothing differs.
    """
    parts = (comparison.levels, comparison.items, comparison.fell, comparison.rose, comparison.sidestepped)
    changes: list[Change] = [change for part in parts for change in part]
    changes += [*comparison.evidence, *comparison.figures]
    whole = (_fact_line(fact) for fact in facts(comparison, pack) if fact.before != fact.after)
    return (*whole, *(change_text(change, pack) for change in changes))


def change_text(change: Change, pack: Pack) -> str:
    """One change as a Chinese line without a full stop."""
    match change:
        case VerdictChange():
            return f"{change.clause}：{VERDICT_NAMES[change.before]} → {VERDICT_NAMES[change.after]}"
        case ScoreChange():
            name = pack.item_by_code[change.item].name
            return f"{change.item} {name}：得分 {_moved(change.before, change.after)}"
        case LevelChange():
            return f"{change.level} 级：{OUTCOME_NAMES[change.before]} → {OUTCOME_NAMES[change.after]}"
        case EvidenceChange():
            return f"{change.clause or '未关联条款的实证材料'}：{_evidence_text(change)}"
        case FigureChange():
            place = f"{change.item}.{change.level} {figure_name(change)}"
            return f"{place}：{figure_text(change.before)} → {figure_text(change.after)}"


def _fact_line(fact: Fact) -> str:
    if not fact.unit:
        return f"{fact.name}：{_moved(fact.before, fact.after)}"
    return f"{fact.name}：{fact.before} {fact.unit} → {fact.after} {fact.unit}"


def _moved(before: Decimal, after: Decimal) -> str:
    way = "升" if after > before else "降"
    return f"{plain(before)} → {plain(after)}（{way} {plain(abs(after - before))}）"


def _evidence_text(change: EvidenceChange) -> str:
    parts = (("新增", change.new), ("移除", change.removed), ("更换", change.replaced))
    return "；".join(f"{word} {len(pieces)} 件（{_titles(pieces)}）" for word, pieces in parts if pieces)


def _titles(pieces: tuple[Evidence, ...], most: int = 3) -> str:
    shown = "、".join(piece.title or piece.current.file_name for piece in pieces[:most])
    return f"{shown} 等" if len(pieces) > most else shown


def figure_name(change: FigureChange) -> str:
    """Which figure of its level row it is."""
    return f"数据质量系数（{DIMENSION_NAMES[change.dimension]}）" if change.dimension else "有效应用比例"


def figure_text(ratio: Ratio | None) -> str:
    """A figure with the counts behind it, where there are any."""
    if ratio is None:
        return "未填"
    if ratio.denominator is not None:
        return f"{ratio.rounded}（{ratio.numerator}/{ratio.denominator}）"
    return plain(Decimal(ratio.value.numerator) / ratio.value.denominator)
