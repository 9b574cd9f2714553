"""The official document taken into a workspace: its wording, and the categories it gives."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from emrassess.domain.assessment import Confirmation, OfficialSource
from emrassess.domain.pack import Category, Pack
from emrassess.errors import UserError, why_unreadable
from emrassess.packs.official import Annex, CategorySource, Comparison, OfficialDocument, compare, read_official
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_line
from emrassess.services.session import Progress, Session
from emrassess.storage.changes import Change, category_change, setting_change, wording_change

Cell = tuple[str, int]
"""An item's code and a level."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A cell that a person has confirmed otherwise in this workspace than the document has it."""

    item: str
    level: int
    ours: Category
    documents: Category


@dataclass(frozen=True)
class Proposal:
    """What a document offers to a workspace; nothing of it is taken over yet.

    `wording`: by clause, only clauses that the pack has. `unsure_rows`: level rows left out of it, since the document's
    text does not divide into the pack's clauses. Cells are those that the pack leaves unverified and the document
    gives: `categories` as plain as can be, `doubtful` to be looked at first (the comparison's doubts say why),
    `contradicting` confirmed otherwise by a person; a contradicting cell may be doubtful too.
    """

    file_name: str
    sha256: str
    document: OfficialDocument
    comparison: Comparison
    wording: Mapping[str, str]
    unsure_rows: tuple[str, ...]
    categories: Mapping[Cell, Category]
    doubtful: Mapping[Cell, Category]
    contradicting: tuple[Contradiction, ...]

    @property
    def offered(self) -> dict[Cell, Category]:
        """All cells that can be taken over."""
        return {
            **self.categories,
            **self.doubtful,
            **{(found.item, found.level): found.documents for found in self.contradicting},
        }


def propose(session: Session, file: Path, progress: Progress | None = None) -> Proposal:
    """Read the official document from `file` (.docx) and hold it against the workspace's pack; nothing changes.

    UserError where it cannot be read, has no annex 3, or belongs to another standard; RefusedError where it is damaged
    or hostile.
    """
    if progress:
        progress(0, 2, "读取官方文件")
    document, sha256 = read_official(file), _digest(file)
    if progress:
        progress(1, 2, "与标准包比较")
    comparison = compare(document, session.pack)
    _check_standard(session.pack, document, comparison, file.name)
    wording, unsure = _wording(session.pack, document)
    open_cells = _open_cells(session.pack, document)
    contradicting = tuple(
        Contradiction(item, level, session.assessment.categories[item, level].category, category)
        for (item, level), category in open_cells.items()
        if _confirmed_otherwise(session, (item, level), category)
    )
    doubted = _doubted_rows(document, comparison)
    doubtful = {cell: category for cell, category in open_cells.items() if f"{cell[0]}.{cell[1]}" in doubted}
    set_apart = doubtful.keys() | {(found.item, found.level) for found in contradicting}
    if progress:
        progress(2, 2, "与标准包比较")
    return Proposal(
        clean_line(file.name),
        sha256,
        document,
        comparison,
        wording,
        unsure,
        {cell: category for cell, category in open_cells.items() if cell not in set_apart},
        doubtful,
        contradicting,
    )


def take_over(
    session: Session, proposal: Proposal, *, wording: bool = True, categories: Collection[Cell] | None = None
) -> Changes:
    """Take over what `proposal` offers, as one step.

    `wording`: the proposal's takes the place of all there was, and the document is noted as its source. `categories`:
    the cells to confirm, None for all of `proposal.categories`; what is in doubt or was confirmed otherwise is taken
    only where it is named. UserError where a cell is not offered; StorageError where the workspace cannot be written.
    """
    offered = proposal.offered
    if categories is None:
        # A confirmation made while the proposal was looked at stands.
        chosen = [c for c, category in proposal.categories.items() if not _confirmed_otherwise(session, c, category)]
    else:
        chosen = list(dict.fromkeys(categories))
    if unknown := [f"{item} {level} 级" for item, level in chosen if (item, level) not in offered]:
        raise UserError(
            f"文件“{proposal.file_name}”没有给出这些格子的类别，或标准包里已有：{'、'.join(unknown[:5])}",
            "请只选择列出的格子。",
        )
    at = session.workspace.now()
    wording = wording and bool(proposal.wording)  # a document that gives none does not take away what there is
    changes = _wording_changes(session, proposal, at) if wording else []
    changes += [_confirming(session, cell, offered[cell], at) for cell in chosen]
    taken = ([f"原文 {len(proposal.wording)} 条"] if wording else []) + ([f"类别 {len(chosen)} 格"] if chosen else [])
    return session.write(f"取用官方文件“{proposal.file_name}”：{'，'.join(taken) or '无'}", changes)


def forget_wording(session: Session) -> Changes:
    """Take the official wording and its source out of the workspace, as one step; confirmed categories stay.

    Undo brings it back, so the workspace's history still holds it.
    """
    assessment = session.assessment
    changes = [wording_change(assessment, clause, None) for clause in assessment.wording]
    return session.write("移除官方原文", [*changes, setting_change(assessment, "official", None)])


# --- reading


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"无法读取文件 {file.name}：{why_unreadable(error)}", "请检查文件后再试。") from None


def _check_standard(pack: Pack, document: OfficialDocument, comparison: Comparison, name: str) -> None:
    if Annex.CRITERIA not in document.annexes:
        raise UserError(
            f"文件 {name} 里没有附表3（评分标准），没有原文和类别可取",
            "请选择带有附表3 的完整文件。",
        )
    shared = {item.code for item in pack.items for row in item.rows if row.code in document.clause_counts}
    # Another standard may number its items alike, but it does not call them alike.
    otherwise = {found.place for found in comparison.differences if found.kind == "item_name"} & shared
    if not shared or 2 * len(otherwise) > len(shared):
        raise UserError(
            f"文件 {name} 的附表3 与“{pack.name}”的评价项目对不上，不是同一个标准",
            "请选择这次评价所用标准的官方文件。",
        )


def _wording(pack: Pack, document: OfficialDocument) -> tuple[dict[str, str], tuple[str, ...]]:
    """Wording by clause, and the level rows whose text the document divides otherwise than the pack."""
    wording: dict[str, str] = {}
    unsure: list[str] = []
    for item in pack.items:
        for row in item.rows:
            count = document.clause_counts.get(row.code)
            texts = {clause.id: document.wording.get(clause.id, "") for clause in row.clauses}
            if count == len(row.clauses) and all(texts.values()):
                wording |= texts
            elif count is not None:
                unsure.append(row.code)
    return wording, tuple(unsure)


def _open_cells(pack: Pack, document: OfficialDocument) -> dict[Cell, Category]:
    """The cells that the pack leaves unverified and the document gives, in the pack's order."""
    return {
        (item.code, row.level): document.categories[item.code][row.level]
        for item in pack.items
        for row in item.rows
        if row.category is Category.UNVERIFIED and row.level in document.categories.get(item.code, {})
    }


def _doubted_rows(document: OfficialDocument, comparison: Comparison) -> set[str]:
    """Level rows the comparison doubts, or not plainly stated at a level whose count nothing bears out."""
    agreed = {count.level for count in comparison.counts if count.agrees}
    return {doubt.row for doubt in comparison.doubts if doubt.kind == "category"} | {
        code
        for code, reading in document.readings.items()
        if int(code[-1]) not in agreed and reading.source is not CategorySource.STATED
    }


def _confirmed_otherwise(session: Session, cell: Cell, category: Category) -> bool:
    held = session.assessment.categories.get(cell)
    return held is not None and held.category is not category


# --- taking over


def _wording_changes(session: Session, proposal: Proposal, at: str) -> list[Change]:
    assessment, document = session.assessment, proposal.document
    held = assessment.official
    source = OfficialSource(
        proposal.file_name,
        proposal.sha256,
        clean_line(document.edition.title),
        document.edition.document_number,
        at,
        session.user,
    )
    if held and held.sha256 == source.sha256 and assessment.wording == proposal.wording:
        # The same file once more: who took it first, and when, stands.
        source = held
    clauses = dict.fromkeys([*assessment.wording, *proposal.wording])
    changes = [wording_change(assessment, clause, proposal.wording.get(clause)) for clause in clauses]
    return [*changes, setting_change(assessment, "official", source)]


def _confirming(session: Session, cell: Cell, category: Category, at: str) -> Change:
    held = session.assessment.categories.get(cell)
    same = held is not None and held.category is category
    confirmation = held if same else Confirmation(category, session.user, at)
    return category_change(session.assessment, *cell, confirmation)
