"""Small made-up packs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from emrassess.domain.pack import (
    Category,
    Clause,
    CoverageBasis,
    Dimension,
    Item,
    LevelRow,
    Pack,
    QualityRule,
    Requirement,
    Role,
)
from emrassess.domain.schemes.product_2018 import Product2018

Rows = Mapping[str, Iterable[str]]
"""Level row ("01.01.4") to the texts of its clauses."""

RATIO = CoverageBasis(False, "做到的人次", "全部人次")
SCHEME = Product2018(
    Decimal("0.80"), Decimal("0.50"), Decimal("0.50"), tuple(Requirement(n, f"{n} 级", 1, 1, 2, n) for n in (3, 4, 5))
)


def row_of(code: str, texts: Iterable[str]) -> LevelRow:
    """A row with these clauses, its category unverified."""
    clauses = tuple(Clause(f"{code}({n})", text, "截图") for n, text in enumerate(texts, 1))
    return LevelRow(code[:5], int(code[6]), Category.UNVERIFIED, "摘要", clauses)


def pack_of(rows: Rows, **changes: object) -> Pack:
    """A pack with these clauses; everything else plain."""
    items = tuple(
        Item(code, f"项目{code}", "01", RATIO, True, tuple(row_of(r, t) for r, t in rows.items() if r[:5] == code))
        for code in dict.fromkeys(row[:5] for row in rows)
    )
    pack = Pack("made-up", "1.0", "标准", "标准", "〔2018〕1号", "", SCHEME, (Role("01", "医师"),), (), items, {})
    return replace(pack, **changes)


def with_row(pack: Pack, code: str, **changes: object) -> Pack:
    """`pack` with one level row changed."""

    def changed(item: Item) -> Item:
        return replace(item, rows=tuple(replace(r, **changes) if r.code == code else r for r in item.rows))

    return replace(pack, items=tuple(map(changed, pack.items)))


def with_item(pack: Pack, code: str, **changes: object) -> Pack:
    """`pack` with one item changed."""
    return replace(pack, items=tuple(replace(i, **changes) if i.code == code else i for i in pack.items))


def rule(dimension: Dimension, source: str = "表") -> QualityRule:
    """A rule of 01.01.4."""
    return QualityRule("r", "01.01", 4, dimension, "prose", source)


# Few texts, so that the same one turns up in many places.
packs = st.dictionaries(
    st.sampled_from([f"0{r}.0{i}.{n}" for r in (1, 2) for i in (1, 2) for n in (3, 4)]),
    st.lists(st.sampled_from("甲乙丙丁戊"), min_size=1, max_size=4),
    min_size=1,
).map(pack_of)
