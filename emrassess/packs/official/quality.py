"""Annex 4 changes every year: the table of a new document against the checks of a pack."""

from collections.abc import Mapping
from dataclasses import dataclass

from emrassess.domain.pack import Dimension, Pack
from emrassess.errors import UserError
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.document import OfficialDocument
from emrassess.packs.official.normalising import key

QualityKey = tuple[str, Dimension]


@dataclass(frozen=True, slots=True)
class Reworded:
    """A cell whose official text changed."""

    row: str
    dimension: Dimension
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class QualityDifferences:
    """Cells of annex 4 by level row and dimension.

    `new`: only in the document; `gone`: only in the pack; `reworded`: in both, the official text changed since the
    earlier import; `uncompared`: in both, no earlier text at hand; `unknown_rows`: rows that the pack does not have.
    """

    new: tuple[QualityKey, ...]
    gone: tuple[QualityKey, ...]
    reworded: tuple[Reworded, ...]
    same: tuple[QualityKey, ...]
    uncompared: tuple[QualityKey, ...]
    unknown_rows: tuple[str, ...]


def quality_differences(
    document: OfficialDocument, pack: Pack, earlier: Mapping[QualityKey, str] | None = None
) -> QualityDifferences:
    """Annex 4 of `document` against the checks of `pack`.

    `earlier`: official texts of the import before (its `quality_texts`), if there was one. UserError where the document
    has no annex 4.
    """
    if Annex.QUALITY not in document.annexes:
        raise UserError(
            "文件里没有找到附表4（数据质量评估项目表）",
            "请选择带有这张表的文件，表头应有“项目代码”和“数据质量考察项目”。",
        )
    ours = {(row.code, dimension) for item in pack.items for row in item.rows for dimension in row.dimensions}
    rows = {row.code for item in pack.items for row in item.rows}
    texts, before = document.quality_texts, earlier or {}
    common = [cell for cell in texts if cell in ours]
    changed = [cell for cell in common if cell in before and key(before[cell]) != key(texts[cell])]
    return QualityDifferences(
        new=tuple(cell for cell in texts if cell not in ours),
        gone=tuple(sorted(ours - set(texts))),
        reworded=tuple(Reworded(*cell, before[cell], texts[cell]) for cell in changed),
        same=tuple(cell for cell in common if cell in before and cell not in changed),
        uncompared=tuple(cell for cell in common if cell not in before),
        unknown_rows=tuple(dict.fromkeys(row for row, _ in texts if row not in rows)),
    )
