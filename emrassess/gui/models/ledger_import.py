"""What a workbook of the ledger changes, as rows of a table."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from emrassess.domain.ledger import Finding
from emrassess.domain.ledger_cells import EDITABLE, Head, cell
from emrassess.gui.models.change_rows import ChangeRow

if TYPE_CHECKING:
    from emrassess.services.ledger_files import LedgerImport

HEADS = ("变化", "行", "编号", "列", "内容")
CHANGED, NEW, CONFLICT, REFUSED, MISSING = "改动", "新问题", "两边都改了", "不采用", "表里没有了"
STAYS = "在这里删掉一行，台账里的问题不会跟着删除。"


def import_rows(found: "LedgerImport", held: Mapping[str, Finding]) -> tuple[ChangeRow, ...]:
    """What needs a look first: what is not taken, then what is. `held`: the ledger as it is now."""
    return (*_refused(found), *_conflicts(found), *_changed(found, held), *_new(found), *_missing(found, held))


def _refused(found: "LedgerImport") -> Iterator[ChangeRow]:
    for refusal in found.refused:
        cells = (REFUSED, str(refusal.row), refusal.id, refusal.head or "整行", refusal.reason)
        yield ChangeRow(REFUSED, cells, f"第 {refusal.row} 行，没有采用", "", "原因", refusal.reason)


def _conflicts(found: "LedgerImport") -> Iterator[ChangeRow]:
    for conflict in found.conflicts:
        said = f"这里是“{conflict.ours or '空'}”，表里是“{conflict.theirs or '空'}”"
        cells = (CONFLICT, str(conflict.row), conflict.id, conflict.head, said)
        yield ChangeRow(CONFLICT, cells, "这里的，保留", conflict.ours, "表里的，不采用", conflict.theirs)


def _changed(found: "LedgerImport", held: Mapping[str, Finding]) -> Iterator[ChangeRow]:
    for change in found.changed:
        for head in change.heads:
            before, after = cell(held[change.id], head), cell(found.after[change.id], head)
            cells = (CHANGED, str(change.row), change.id, head, _line(before, after))
            yield ChangeRow(CHANGED, cells, "现在", before, "导入以后", after)


def _new(found: "LedgerImport") -> Iterator[ChangeRow]:
    for change in found.new:
        finding = found.after[change.id]
        lines = [f"{head}：{text}" for head in EDITABLE if (text := cell(finding, head))]
        cells = (NEW, str(change.row), change.id, str(Head.PROBLEM), " ".join(finding.problem.split()))
        yield ChangeRow(NEW, cells, "台账里还没有", "", f"{change.clause} 的新问题", "；".join(lines))


def _missing(found: "LedgerImport", held: Mapping[str, Finding]) -> Iterator[ChangeRow]:
    for key in found.missing:
        problem = held[key].problem if key in held else ""
        cells = (MISSING, "", key, "", " ".join(problem.split()))
        yield ChangeRow(MISSING, cells, "台账里的，不变", problem, STAYS, "")


def _line(before: str, after: str) -> str:
    return f"{' '.join(before.split()) or '空'} → {' '.join(after.split()) or '空'}"


def headline(found: "LedgerImport") -> str:
    """What is taken, in one sentence."""
    parts = [f"改动 {len(found.changed)} 个问题"] if found.changed else []
    parts += [f"新增 {len(found.new)} 个问题"] if found.new else []
    parts += [f"{found.same} 行没有变化"] if found.same else []
    return "，".join(parts) or "表里没有可以采用的内容"


def warning(found: "LedgerImport") -> str:
    """What is not taken, in one sentence; "" where all is."""
    parts = [f"{len(found.refused)} 处不采用"] if found.refused else []
    parts += [f"{len(found.conflicts)} 处两边都改了，保留这里的"] if found.conflicts else []
    parts += [f"{len(found.missing)} 个问题表里没有了，台账里不删"] if found.missing else []
    return "；".join(parts)
