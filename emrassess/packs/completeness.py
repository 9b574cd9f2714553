"""What a pack that loads still lacks, so that whoever uses it knows what it cannot tell."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from emrassess.domain.pack import Category, LevelRow, Pack
from emrassess.domain.reasons import DIMENSION_NAMES

FIRST = 3


class LackKind(StrEnum):
    """What may be missing, the most important first."""

    LEVELS = "levels"
    CATEGORIES = "categories"
    RULES = "rules"
    GROUPS = "groups"
    EVIDENCE = "evidence"
    COMPUTABLE = "computable"
    DOCUMENT_NUMBER = "document_number"
    GLOSSARY = "glossary"


@dataclass(frozen=True, slots=True)
class Lack:
    """Something missing: `place` is the file to mend, `message` Chinese without a full stop."""

    kind: LackKind
    place: str
    message: str


def missing(pack: Pack) -> tuple[Lack, ...]:
    """What `pack` lacks to be complete, a line a kind, the most important first; empty where it is complete.

    Coverage needs no look: a pack whose scheme counts it does not load without a basis for each item.
    """
    return tuple(
        lack for part in (_levels, _categories, _quality, _groups, _evidence, _prose, _head) for lack in part(pack)
    )


def _levels(pack: Pack) -> Iterator[Lack]:
    standard = [level.level for level in pack.levels]
    found = {row.level for row in _rows(pack)}
    if empty := [level for level in standard if level not in found]:
        yield Lack(LackKind.LEVELS, "role-*.yaml", f"{_levels_text(empty)}没有任何条款")
    if unknown := sorted(found - set(standard)):
        yield Lack(LackKind.LEVELS, "pack.yaml", f"有 {_levels_text(unknown)}的条款，标准的等级里却没有，不参加计分")


def _categories(pack: Pack) -> Iterator[Lack]:
    count = Counter(row.level for row in _rows(pack) if row.category is Category.UNVERIFIED)
    if count:
        by_level = "、".join(f"{level} 级 {number} 个" for level, number in sorted(count.items()))
        message = f"{count.total()} 个等级要求的评价类别（基本项、选择项）待核对：{by_level}"
        yield Lack(LackKind.CATEGORIES, "role-*.yaml", message)


def _quality(pack: Pack) -> Iterator[Lack]:
    codes = [item.code for item in pack.items if item.has_quality and not any(row.rules for row in item.rows)]
    if codes:
        message = f"{len(codes)} 个项目要评数据质量，却没有一条检查规则：{_first(codes)}"
        yield Lack(LackKind.RULES, "quality.yaml", message)


def _groups(pack: Pack) -> Iterator[Lack]:
    if not pack.groups:
        yield Lack(LackKind.GROUPS, "pack.yaml", "没有划分核查组")
        return
    covered = {code for group in pack.groups for code in group.items}
    if left := [item.code for item in pack.items if item.code not in covered]:
        yield Lack(LackKind.GROUPS, "pack.yaml", f"{len(left)} 个项目不属于任何核查组：{_first(left)}")
    if len(pack.groups) == 1:
        yield Lack(LackKind.GROUPS, "pack.yaml", f"只有一个核查组“{pack.groups[0].name}”，专家还没有分组")


def _evidence(pack: Pack) -> Iterator[Lack]:
    ids = [clause.id for clause in pack.clause_by_id.values() if not clause.evidence.strip()]
    if ids:
        message = f"{len(ids)} 条条款没有写用什么材料证明（共 {len(pack.clause_by_id)} 条）：{_first(ids)}"
        yield Lack(LackKind.EVIDENCE, "role-*.yaml", message)


def _prose(pack: Pack) -> Iterator[Lack]:
    cells = [
        f"{row.code} {DIMENSION_NAMES[dimension]}"
        for row in _rows(pack)
        for dimension in row.dimensions
        if all(rule.kind == "prose" for rule in row.rules if rule.dimension == dimension)
    ]
    if cells:
        message = f"{len(cells)} 处数据质量检查只有文字说明，系数要由医院自己算好填入：{_first(cells)}"
        yield Lack(LackKind.COMPUTABLE, "quality.yaml", message)


def _head(pack: Pack) -> Iterator[Lack]:
    if not pack.document_number.strip():
        yield Lack(LackKind.DOCUMENT_NUMBER, "pack.yaml", "没有写标准的文号")
    if not pack.glossary:
        yield Lack(LackKind.GLOSSARY, "pack.yaml", "没有名词解释")


def _rows(pack: Pack) -> Iterator[LevelRow]:
    return (row for item in pack.items for row in item.rows)


def _levels_text(levels: Sequence[int]) -> str:
    return "、".join(f"{level} 级" for level in levels)


def _first(names: Sequence[str]) -> str:
    """The first few names, and that there are more."""
    return "、".join(names[:FIRST]) + (" 等" if len(names) > FIRST else "")
