"""What another edition of a standard changes: two packs compared clause by clause, and in what is around them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from emrassess.domain.pack import Category, CoverageBasis, Dimension, Item, LevelRow, Pack, QualityRule
from emrassess.domain.reasons import DIMENSION_NAMES


class ChangeKind(StrEnum):
    """What became of a clause."""

    SAME = "same"
    REWORDED = "reworded"
    MOVED = "moved"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause in both editions: its ids, None where an edition does not have it. `reworded`: the texts differ."""

    kind: ChangeKind
    old: str | None
    new: str | None
    reworded: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A difference around the clauses. `place`: code of an item, level row or clause, "" where the whole is meant.

    `message` is Chinese, without a full stop.
    """

    place: str
    message: str


@dataclass(frozen=True)
class EditionDifferences:
    """`clauses`: every clause of both editions, once; `remarks`: what else differs.

    Both in the order of the new edition, what it does not have any more last.
    """

    clauses: tuple[ClauseChange, ...]
    remarks: tuple[Remark, ...]

    @cached_property
    def counts(self) -> Mapping[ChangeKind, int]:
        """Number of clauses by kind, 0 where there are none."""
        found = Counter(change.kind for change in self.clauses)
        return {kind: found[kind] for kind in ChangeKind}

    @cached_property
    def by_old(self) -> Mapping[str, ClauseChange]:
        """What became of each clause of the old edition."""
        return {change.old: change for change in self.clauses if change.old is not None}


def compare_packs(old: Pack, new: Pack) -> EditionDifferences:
    """What `new` changes against `old`.

    White space and the width of letters, digits and punctuation make no difference, and evidence hints are not looked
    at. Clauses are matched by id and text together, then as `new.renames` says, then by a text that occurs once on
    either side (among those left: in the level row, the item, the pack), since the ids of a row shift when a clause is
    put in, and last by id alone. Between different standards an id says nothing: there texts alone match.
    """
    before, after = _places(old), _places(new)
    matched = _matched(before, after, new.renames if old.id == new.id else None)
    changes = [_change(before, after, matched.get(key), key) for key in after]
    found = frozenset(matched.values())
    changes += [ClauseChange(ChangeKind.GONE, key, None) for key in before if key not in found]
    return EditionDifferences(tuple(changes), tuple(_remarks(old, new, changes)))


def version_order(version: str) -> tuple[tuple[int, ...], int]:
    """What sorts versions from old to new: 1.2 < 1.2+2026 < 1.2+2027 < 1.2.1 < 1.10. What follows + is a year."""
    number, _, year = version.partition("+")
    parts = [int(part) for part in number.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts), int(year or 0)


def same_basis(old: CoverageBasis, new: CoverageBasis) -> bool:
    """Whether 有效应用比例 counts the same in both; explanatory notes are not looked at."""
    return _basis(old) == _basis(new)


def asked(item: Item, row: LevelRow) -> tuple[Dimension, ...]:
    """The dimensions of data quality that `row` of `item` itself asks for."""
    return row.dimensions if item.has_quality else ()


def same_check(old: Pack, new: Pack, row: str, dimension: Dimension) -> bool:
    """Whether `dimension` examines the same at level row `row` ("01.01.3") in both: by the official text where both
    packs know its fingerprint, else by the rules."""
    cell = f"{row}/{dimension.value}"
    before, after = old.quality_fingerprints.get(cell), new.quality_fingerprints.get(cell)
    if before and after:
        return before == after
    return _checks(old, row, dimension) == _checks(new, row, dimension)


def _checks(pack: Pack, code: str, dimension: Dimension) -> set[QualityRule]:
    item = pack.item_by_code.get(code[:5])
    row = item.by_level.get(int(code[6:])) if item else None
    return {rule for rule in row.rules if rule.dimension is dimension} if row else set()


# --- clauses


class _Place(NamedTuple):
    """A clause's text, made comparable, and where it stands, from near to far."""

    text: str
    row: str
    item: str
    pack: str = ""


_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}


def _plain(text: str) -> str:
    """`text` with half-width letters, digits and punctuation, and without white space."""
    return "".join(text.translate(_WIDTH).split())


def _places(pack: Pack) -> dict[str, _Place]:
    return {
        clause.id: _Place(_plain(clause.text), row.code, item.code)
        for item in pack.items
        for row in item.rows
        for clause in row.clauses
    }


def _matched(
    before: Mapping[str, _Place], after: Mapping[str, _Place], renames: Mapping[str, str] | None
) -> dict[str, str]:
    """The old id of each new one that has any. `renames` None: the ids of the two sides mean different things."""
    found: dict[str, str] = {}
    old, new = dict(before), dict(after)

    def take(pairs: Iterable[tuple[str, str]]) -> None:
        for was, now in pairs:
            if was in old and now in new:
                found[now] = was
                del old[was], new[now]

    take([(key, key) for key in old if key in new and old[key].text == new[key].text])
    if renames is not None:
        take(renames.items())
    for scope in ("row", "item", "pack"):
        take(_same_texts(old, new, attrgetter(scope, "text")))
    if renames is not None:
        take([(key, key) for key in old])
    return found


def _same_texts(
    old: Mapping[str, _Place], new: Mapping[str, _Place], key: Callable[[_Place], tuple[str, str]]
) -> list[tuple[str, str]]:
    """Pairs of clauses whose `key` (scope and text) occurs once on either side."""
    left, right = _once(old, key), _once(new, key)
    return [(left[found], right[found]) for found in left if found in right]


def _once(places: Mapping[str, _Place], key: Callable[[_Place], tuple[str, str]]) -> dict[tuple[str, str], str]:
    keys = {clause: key(place) for clause, place in places.items()}
    times = Counter(keys.values())
    return {found: clause for clause, found in keys.items() if times[found] == 1}


def _change(before: Mapping[str, _Place], after: Mapping[str, _Place], was: str | None, now: str) -> ClauseChange:
    if was is None:
        return ClauseChange(ChangeKind.NEW, None, now)
    reworded = before[was].text != after[now].text
    if was != now:
        return ClauseChange(ChangeKind.MOVED, was, now, reworded)
    return ClauseChange(ChangeKind.REWORDED if reworded else ChangeKind.SAME, was, now, reworded)


# --- what is around them


def _remarks(old: Pack, new: Pack, changes: Iterable[ClauseChange]) -> Iterator[Remark]:
    yield from _scheme_remarks(old, new)
    points = dict(_points(old, new, changes))
    for item in new.items:
        before = old.item_by_code.get(item.code)
        if before is None:
            yield Remark(item.code, f"新增评价项目“{item.name}”")
        else:
            yield from _item_remarks(before, item)
        for row in item.rows:
            yield from (Remark(c.id, points[c.id]) for c in row.clauses if c.id in points)
    for item in old.items:
        after = new.item_by_code.get(item.code)
        if after is None:
            yield Remark(item.code, f"取消评价项目“{item.name}”")
        else:
            yield from (Remark(r.code, f"取消 {r.level} 级要求") for r in item.rows if r.level not in after.by_level)
    levels = {level.level for level in new.levels}
    yield from (Remark(f"{gone.level} 级", "不再有这个级别") for gone in old.levels if gone.level not in levels)


def _item_remarks(old: Item, new: Item) -> Iterator[Remark]:
    if _plain(old.name) != _plain(new.name):
        yield Remark(new.code, f"项目名称由“{old.name}”改为“{new.name}”")
    if not same_basis(old.coverage, new.coverage):
        yield Remark(new.code, "有效应用比例的计算口径有改动")
    for row in new.rows:
        before = old.by_level.get(row.level)
        if before is None:
            yield Remark(row.code, f"新增 {row.level} 级要求")
            continue
        if {before.category, row.category} == {Category.BASIC, Category.OPTIONAL}:
            to = "基本项" if row.category is Category.BASIC else "选择项"
            yield Remark(row.code, f"评价类别改为{to}")
        yield from _quality_remarks(old, before, new, row)


def _quality_remarks(old_item: Item, old: LevelRow, new_item: Item, new: LevelRow) -> Iterator[Remark]:
    """Dimensions asked for or no longer so, and those of which other things are examined."""
    before, after = asked(old_item, old), asked(new_item, new)
    rules = [{d: {r for r in row.rules if r.dimension is d} for d in row.dimensions} for row in (old, new)]
    for what, dimensions in (
        ("新增数据质量检查", [d for d in after if d not in before]),
        ("取消数据质量检查", [d for d in before if d not in after]),
        ("数据质量检查的内容有改动", [d for d in after if d in before and rules[0][d] != rules[1][d]]),
    ):
        if dimensions:
            yield Remark(new.code, f"{what}：{'、'.join(DIMENSION_NAMES[d] for d in dimensions)}")


def _basis(basis: CoverageBasis) -> tuple[bool, str, str, str]:
    return basis.functional, _plain(basis.numerator), _plain(basis.denominator), _plain(basis.basis)


def _points(old: Pack, new: Pack, changes: Iterable[ClauseChange]) -> Iterator[tuple[str, str]]:
    """The clauses that earn other points than before, by new id."""
    for change in changes:
        if change.old is None or change.new is None:
            continue
        before, after = old.clause_by_id[change.old].points, new.clause_by_id[change.new].points
        if before is not None and after is not None and before != after:
            yield change.new, f"分值由 {before} 改为 {after}"


def _scheme_remarks(old: Pack, new: Pack) -> Iterator[Remark]:
    """How points and levels come about, in the words and the table of the schemes themselves."""
    was, now = old.scheme, new.scheme
    before, after = (*was.method, was.level_rule), (*now.method, now.level_rule)
    yield from (Remark("", f"评分规则增加：{sentence.rstrip('。')}") for sentence in after if sentence not in before)
    yield from (Remark("", f"评分规则去掉：{sentence.rstrip('。')}") for sentence in before if sentence not in after)
    levels = {level.level for level in was.levels}
    yield from (Remark(f"{level.level} 级", "新增这个级别") for level in now.levels if level.level not in levels)
    heads, rows = now.requirement_table
    old_heads, old_rows = was.requirement_table
    if heads != old_heads:
        return
    by_level = {row[0]: row for row in old_rows}
    for row in rows:
        cells = zip(heads, by_level.get(row[0], row), row, strict=True)
        yield from (Remark(row[0], f"{head}由 {x} 改为 {y}") for head, x, y in cells if x != y)
