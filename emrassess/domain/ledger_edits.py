"""The ledger as somebody edited it in a table, read back: what each row changes, field by field against the export."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace

from emrassess.domain.common_problems import folded
from emrassess.domain.ledger import Finding, assigned, is_own, moved, noted, own_id
from emrassess.domain.ledger_cells import (
    EDITABLE,
    SUPERVISED,
    USUAL,
    WORDS,
    Head,
    cell,
    clause_of,
    plain,
    severity_of,
    state_of,
    understood,
)
from emrassess.errors import UserError


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: its number there, texts by head; `formulas`: heads under which no plain value stands."""

    number: int
    cells: Mapping[str, str]
    formulas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """A table read back. `base`: by id, the texts by head as they were exported."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    base: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class RowChange:
    """A finding that a row changed, or (in Edits.new) made, and under which heads."""

    row: int
    id: str
    clause: str
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellConflict:
    """A cell that was changed both in the table and here since the export; what is here stays."""

    row: int
    id: str
    head: str
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was not taken from a row, and why; `id` is "" for a new row, `head` where all of it is meant."""

    row: int
    id: str
    head: str
    reason: str


@dataclass(frozen=True)
class Edits:
    """What a table comes to. `after`: findings as they are then, only those that change. `same`: rows without news.

    `missing`: ids that were exported and are not in the table any more; nothing becomes of that.
    """

    after: Mapping[str, Finding]
    changed: tuple[RowChange, ...]
    new: tuple[RowChange, ...]
    same: int
    conflicts: tuple[CellConflict, ...]
    refused: tuple[Refusal, ...]
    missing: tuple[str, ...]


def edits(
    findings: Mapping[str, Finding], table: Table, clauses: Container[str], who: str, at: str, round: int
) -> Edits:
    """What `table` changes in `findings`. Changed there only: taken; here only: stays; both differently: a conflict.

    Rows without an id, but with one of `clauses` and a problem, are findings that the hospital itself raised in
    `round`; where that very problem is in the ledger already, the row is taken for it. `who` moves what is moved.
    """
    return _Reading(findings, table, clauses, who, at, round).edits()


class _Reading:
    def __init__(
        self, findings: Mapping[str, Finding], table: Table, clauses: Container[str], who: str, at: str, round: int
    ) -> None:
        self.held = dict(findings)
        self.before = findings
        self.table = table
        self.clauses = clauses
        self.who = who
        self.at = at
        self.round = round
        self.heads = tuple(head for head in table.heads if head in EDITABLE or head not in USUAL)
        self.known = {_sameness(finding.clause, finding.problem): key for key, finding in findings.items()}
        self.rows: dict[str, int] = {}
        self.seen: set[str] = set()
        self.changed: list[RowChange] = []
        self.new: list[RowChange] = []
        self.same = 0
        self.conflicts: list[CellConflict] = []
        self.refused: list[Refusal] = []

    def edits(self) -> Edits:
        for row in self.table.rows:
            if any(row.cells.values()) or row.formulas:
                self._take(row)
        return Edits(
            {key: f for key, f in self.held.items() if self.before.get(key) != f},
            tuple(self.changed),
            tuple(self.new),
            self.same,
            tuple(self.conflicts),
            tuple(self.refused),
            tuple(key for key in self.table.base if key not in self.seen and key in self.before),
        )

    def _refuse(self, row: Row, key: str, reason: str, head: str = "") -> None:
        self.refused.append(Refusal(row.number, key, head, reason))

    def _take(self, row: Row) -> None:
        key = plain(row.cells.get(Head.ID, ""))
        clause = clause_of(row.cells.get(Head.CLAUSE, ""))
        problem = plain(row.cells.get(Head.PROBLEM, ""))
        self.seen.add(key)
        if why := self._fault(row, key, clause, problem):
            self._refuse(row, key, why)
            return
        if key or (key := self.known.get(_sameness(clause, problem), "")):
            if (first := self.rows.setdefault(key, row.number)) != row.number:
                said = f"和第 {first} 行是同一个问题（{key}）；要写新问题，请清空编号并改写问题"
                self._refuse(row, key, said)
                return
            self.seen.add(key)
            self._update(row, key)
        else:
            self._add(row, clause, problem)

    def _fault(self, row: Row, key: str, clause: str, problem: str) -> str:
        """Why the row cannot be taken at all; "" where it can."""
        if Head.ID in row.formulas:
            return "编号是公式，请改成值"
        if not key:
            if Head.CLAUSE in row.formulas or Head.PROBLEM in row.formulas:
                return "条款或问题是公式，请改成值"
            if not clause or not problem:
                return "没有编号的行是新问题，要写明条款和问题"
            return "" if clause in self.clauses else f"标准里没有条款“{clause[:20]}”"
        if key not in self.before:
            gone = key in self.table.base
            return "台账里已经没有这个问题，可能撤销了那次导入" if gone else f"编号“{key[:30]}”不是这份台账的"
        if key not in self.table.base:
            return "这个编号不在导出的那一份里，请重新导出再改"
        if clause and clause != self.before[key].clause:
            return f"编号和条款对不上：{key} 是 {self.before[key].clause} 的问题"
        return ""

    # --- a finding that is there

    def _update(self, row: Row, key: str) -> None:
        before = self.held[key]
        refused, conflicts = len(self.refused), len(self.conflicts)
        wanted = dict(self._wanted(row, key, self.table.base.get(key)))
        self._apply(row, key, wanted)
        if self.held[key] != before:
            heads = tuple(head for head in wanted if cell(self.held[key], head) != cell(before, head))
            self.changed.append(RowChange(row.number, key, before.clause, heads))
        elif (refused, conflicts) == (len(self.refused), len(self.conflicts)):
            self.same += 1

    def _wanted(self, row: Row, key: str, base: Mapping[str, str] | None) -> Iterator[tuple[str, str]]:
        """Heads and texts to be taken; without `base`, only what is empty here is filled."""
        finding = self.held[key]
        for head, theirs in self._written(row, key):
            ours = cell(finding, head)
            was = (_EMPTY if base is None else base).get(head, "")
            if theirs in (was, ours):
                continue
            if head in WORDS and not is_own(key):
                self._refuse(row, key, "问题和整改建议是专家写的，不在表里改；有异议请告诉专家", head)
            elif ours != was:
                self.conflicts.append(CellConflict(row.number, key, head, was, ours, theirs))
            else:
                yield head, theirs

    def _written(self, row: Row, key: str) -> Iterator[tuple[str, str]]:
        """Heads and what is written under them, as far as it means something; the rest is refused."""
        for head in self.heads:
            if head in row.formulas:
                self._refuse(row, key, "这一格是公式或错误值，没有采用；请改成值", head)
                continue
            text = row.cells.get(head, "")
            if head in _NEVER_EMPTY and not plain(text):
                continue
            try:
                yield head, understood(head, text)
            except UserError as error:
                self._refuse(row, key, f"{error.message}。{error.hint}", head)

    # --- a new one

    def _add(self, row: Row, clause: str, problem: str) -> None:
        number = 1
        while (key := own_id(clause, number)) in self.held:
            number += 1
        finding = Finding(
            clause, problem, raised=self.round, checked=self.round, raised_by=self.who, raised_at=self.at
        )  # fmt: skip
        self.held[key] = noted(finding, self.who, self.at, "医院自查提出")
        self.rows[key] = row.number
        self.known[_sameness(clause, problem)] = key
        wanted = {head: text for head, text in self._written(row, "") if text != cell(finding, head)}
        self._apply(row, key, wanted)
        self.new.append(RowChange(row.number, key, clause, tuple(wanted)))

    # --- changing it

    def _apply(self, row: Row, key: str, wanted: Mapping[str, str]) -> None:
        """What is wanted of a finding, one after the other; what is refused keeps none of the others back."""
        # A claim is given up before what was claimed is changed, and made after it is complete.
        heads = sorted(wanted, key=lambda head: (head == Head.STATE) != self.held[key].is_settled)
        for head in heads:
            try:
                self.held[key] = self._changed(self.held[key], head, wanted[head])
            except UserError as error:
                self._refuse(row, key, f"{error.message}。{error.hint}", head)

    def _changed(self, finding: Finding, head: str, text: str) -> Finding:
        who, at = self.who, self.at
        match head:
            case Head.STATE:
                return moved(finding, state_of(text), who, at)
            case Head.SUPERVISED:
                return assigned(finding, who, at, supervised=text == SUPERVISED)
            case Head.DEPARTMENT:
                return assigned(finding, who, at, department=text)
            case Head.OWNER:
                return assigned(finding, who, at, owner=text)
            case Head.DEADLINE:
                return assigned(finding, who, at, deadline=text)
            case Head.MEASURES:
                return assigned(finding, who, at, measures=text)
            case Head.SEVERITY:
                changed = replace(finding, severity=severity_of(text))
            case Head.PROBLEM:
                if not text:
                    raise UserError("问题不能清空", "不再成立的，请改为“已整改待回看”后由另一个人销号。")
                changed = replace(finding, problem=text)
            case Head.SUGGESTION:
                changed = replace(finding, suggestion=text)
            case _:
                return replace(finding, more=_with(finding.more, head, text))
        return noted(changed, who, at, f"{head}：{text}" if text else f"清除{head}")


_NEVER_EMPTY = (Head.STATE, Head.SEVERITY)
_EMPTY: Mapping[str, str] = {head: cell(Finding("", ""), head) for head in EDITABLE}
"""What stands under each head of a finding about which nothing is said."""


def _sameness(clause: str, problem: str) -> tuple[str, str]:
    return clause, folded(problem)


def _with(more: tuple[tuple[str, str], ...], head: str, text: str) -> tuple[tuple[str, str], ...]:
    told = {**dict(more), head: text}
    return tuple((name, value) for name, value in told.items() if value)
