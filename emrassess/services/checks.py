"""Checks that the services share: what is named must be there, and text must fit into any file."""

from collections.abc import Iterable

from emrassess.domain.assessment import Assessment
from emrassess.domain.pack import Item, Pack
from emrassess.errors import UserError
from emrassess.exchange.names import without_unseen


def known_clauses(pack: Pack, clauses: Iterable[str]) -> tuple[str, ...]:
    """`clauses`, each once, in order; UserError where the pack has no such clause."""
    found = tuple(dict.fromkeys(clauses))
    if unknown := [clause for clause in found if clause not in pack.clause_by_id]:
        raise UserError(
            f"标准里没有这样的条款：{'、'.join(unknown[:5])}", "条款编号形如 01.01.4(1)，可在“标准”页查到。"
        )
    return found


def check_hospitals(assessment: Assessment, what: str) -> None:
    """UserError in an expert's workspace: `what` ("不能…") is the hospital's to do."""
    if assessment.review is not None:
        hint = "请医院在自己的工作区里做；专家的核查结果按核查组导出（review export）。"
        raise UserError(f"这是专家打开的材料包，{what}", hint)


def known_item(pack: Pack, code: str, level: int) -> Item:
    """The item; UserError where the pack has no such item or the item no such level."""
    item = pack.item_by_code.get(code)
    if item is None:
        raise UserError(f"标准里没有这样的评价项目：{code}", "项目编号形如 01.01，可在“标准”页查到。")
    if level not in item.by_level:
        levels = "、".join(str(row.level) for row in item.rows)
        raise UserError(f"{code} {item.name} 没有 {level} 级的要求", f"它有这些级别：{levels}。")
    return item


def clean_text(text: str) -> str:
    """`text` without what no file or database takes: lone surrogates, NUL; line ends as \\n."""
    readable = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return readable.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def clean_line(text: str) -> str:
    """As `clean_text`, on one line, without blanks around it and marks that nobody sees: packets take none."""
    return " ".join(without_unseen(clean_text(text)).split())


def checked_target(pack: Pack, level: int) -> int:
    """`level` if the pack has it, else UserError."""
    known = [n.level for n in pack.levels]
    if level not in known:
        levels = "、".join(map(str, known))
        raise UserError(f"没有 {level} 级", f"可以选的目标级别：{levels}。")
    return level


def checked_hospital(name: str) -> str:
    """The name on one line, or UserError where it is empty."""
    hospital = clean_line(name)
    if not hospital:
        raise UserError("医院名称是空的", "请填写医院全称，它会印在报告和实证材料包上。")
    return hospital
