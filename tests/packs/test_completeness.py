"""What a pack that loads still lacks is said shortly and in order."""

from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.pack import Level, Pack
from emrassess.domain.schemes.role_points import RolePoints
from emrassess.packs.completeness import LackKind, missing
from emrassess.packs.loading import load_pack

EXAMPLE = Path(__file__).parent / "fixtures" / "points-example"


@pytest.fixture(scope="module")
def example() -> Pack:
    return load_pack(EXAMPLE)


def said(pack: Pack, kind: LackKind) -> list[str]:
    return [lack.message for lack in missing(pack) if lack.kind is kind]


def with_levels(pack: Pack, *levels: int) -> Pack:
    assert isinstance(pack.scheme, RolePoints)
    return replace(pack, scheme=replace(pack.scheme, levels=tuple(Level(k, f"第{k}级") for k in levels)))


def test_the_national_pack_lacks_its_unverified_categories_and_what_cannot_be_computed(pack: Pack) -> None:
    categories, prose = missing(pack)
    assert (categories.kind, categories.place) == (LackKind.CATEGORIES, "role-*.yaml")
    assert categories.message.startswith("263 个等级要求的评价类别（基本项、选择项）待核对：")
    by_level = [part.split(" 级 ") for part in categories.message.partition("：")[2].split("、")]
    assert sum(int(count.removesuffix(" 个")) for _, count in by_level) == 263
    assert (prose.kind, prose.place) == (LackKind.COMPUTABLE, "quality.yaml")
    assert prose.message.startswith("4 处")


def test_clauses_without_an_evidence_hint_are_counted_with_the_first_ids(example: Pack) -> None:
    (message,) = said(example, LackKind.EVIDENCE)
    assert message == "3 条条款没有写用什么材料证明（共 24 条）：01.02.4(1)、02.02.3(1)、02.02.3(2)"


def test_checks_in_prose_only_are_counted(example: Pack) -> None:
    (message,) = said(example, LackKind.COMPUTABLE)
    assert message.startswith("6 处") and message.endswith("01.01.2 完整性、01.01.3 合规性、01.02.2 同一性 等")


def test_levels_without_clauses_and_clauses_without_a_level(example: Pack) -> None:
    assert said(with_levels(example, 1, 2, 3, 4, 5, 6), LackKind.LEVELS) == ["5 级、6 级没有任何条款"]
    (message,) = said(with_levels(example, 1, 2), LackKind.LEVELS)
    assert message.startswith("有 3 级、4 级的条款")


def test_quality_without_rules(example: Pack) -> None:
    items = tuple(
        replace(item, has_quality=True, rows=tuple(replace(row, rules=()) for row in item.rows))
        for item in example.items
    )
    (message,) = said(replace(example, items=items), LackKind.RULES)
    assert message.startswith("6 个项目") and message.endswith("01.01、01.02、02.01 等")


def test_groups_that_are_none_one_or_leave_items_out(example: Pack) -> None:
    assert not said(example, LackKind.GROUPS)
    assert said(replace(example, groups=()), LackKind.GROUPS) == ["没有划分核查组"]
    left, single = said(replace(example, groups=example.groups[1:]), LackKind.GROUPS)
    assert left.startswith("4 个项目不属于任何核查组：01.01")
    assert "只有一个核查组“数据组”" in single


def test_an_empty_head(example: Pack) -> None:
    lacks = missing(replace(example, document_number="", glossary={}))
    assert [lack.message for lack in lacks if lack.place == "pack.yaml"] == ["没有写标准的文号", "没有名词解释"]


def test_the_most_important_comes_first(example: Pack) -> None:
    poor = replace(with_levels(example, 1, 2, 3, 4, 5), groups=(), document_number="", glossary={})
    order = list(LackKind)
    kinds = [order.index(lack.kind) for lack in missing(poor)]
    assert kinds == sorted(kinds) and len(kinds) == 6
