"""Where a workspace's standard comes from, in words: its official document, its pack, and what the pack lacks."""

from typing import TYPE_CHECKING

from emrassess.domain.assessment import Assessment
from emrassess.domain.pack import Category, Pack
from emrassess.gui.widgets.basics import moment

if TYPE_CHECKING:
    from emrassess.services.session import Session

DIGITS = 12
"""As many digits of a pack's digest are enough to compare by eye."""

Fact = tuple[str, str]
"""A name and what it is."""


def invitation(pack: Pack) -> str:
    """What importing the official document is good for."""
    categories = "，待核对的评价类别也可以一并取用" if pack.scheme.has_categories else ""
    return (
        f"还没有导入官方文件。导入以后，每条条款旁边显示官方原文{categories}。"
        "原文只保存在本工作区，不会写进标准包；材料包默认也不带。"
    )


def official_facts(assessment: Assessment) -> tuple[Fact, ...]:
    """The document that the wording came from; empty where there is none."""
    source = assessment.official
    if source is None:
        return ()
    return (
        ("文件", source.file_name),
        ("标题", source.title or "文件里没有写"),
        ("文号", source.document_number or "文件里没有写"),
        ("取用", f"{moment(source.taken_at)}，{source.taken_by}"),
        ("原文", f"{len(assessment.wording)} 条，只保存在本工作区"),
    )


def pack_facts(pack: Pack) -> tuple[Fact, ...]:
    """Which pack it is."""
    return (
        ("名称", pack.name),
        ("文号", pack.document_number or "没有写"),
        ("标识", f"{pack.id}　{pack.version} 版"),
        ("校验码", f"{pack.digest[:DIGITS]}　（前 {DIGITS} 位，与别处的标准包对照是否同一份）"),
    )


def lacks(session: "Session") -> tuple[str, ...]:
    """What the pack lacks to be complete, a line each; categories with how many of them are confirmed here."""
    from emrassess.packs.completeness import LackKind, missing  # noqa: PLC0415 - not needed at start

    open_cells = _open_cells(session.pack)
    confirmed = sum(1 for cell in open_cells if cell in session.assessment.categories)
    which = "全部" if confirmed == len(open_cells) else f"其中 {confirmed} 个"
    here = {LackKind.CATEGORIES: f"；{which}已在本工作区确认" if confirmed else ""}
    return tuple(f"{lack.message}{here.get(lack.kind, '')}" for lack in missing(session.pack))


def _open_cells(pack: Pack) -> list[tuple[str, int]]:
    rows = ((item.code, row) for item in pack.items for row in item.rows)
    return [(code, row.level) for code, row in rows if row.category is Category.UNVERIFIED]
