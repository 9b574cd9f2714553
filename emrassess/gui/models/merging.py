"""Merging on screen: what packets bring as rows of a table, conflicts and merges as lists, values as words."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import IntEnum
from html import escape
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import Decision, EvidenceKind, MergeRecord, Revision
from emrassess.domain.merge import WHOLE, WHY_NAMES, Difference, MergeKey, MergeKind, Value, ratio_of
from emrassess.gui.models.change_rows import ALIKE, SAME, ChangeRow
from emrassess.gui.widgets.two_lines import DETAIL
from emrassess.reports.wording import KIND_NAMES, VERDICT_SIGNS, minute, ratio_text

if TYPE_CHECKING:
    from emrassess.services.deciding import Shown
    from emrassess.services.merging import MergedFile
    from emrassess.services.session import Session
    from emrassess.services.trust import Standing

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole.UserRole
"""The object that a row is about."""
ROW_HEADS = ("怎么办", "条款", "内容", "原来的 → 交回的")
TAKEN, CONFLICT, SETTLED, IGNORED = "采用", "冲突", "早已决定", "不采用"
MOST_MARKED = 6000
"""Letters and words of both texts together: beyond this no difference is marked, for comparing would take too long."""


# --- values as words


def value_text(key: MergeKey, value: Value, file: Revision | None = None) -> str:
    """A value as it is read; `file` is the one that it names, where that is known."""
    if value is None:
        return absent_text(key)
    match key.kind, key.field:
        case MergeKind.ANSWER, "verdict":
            verdict = Verdict(value)
            return f"{VERDICT_SIGNS[verdict]} {VERDICT_NAMES[verdict]}"
        case ((MergeKind.COVERAGE | MergeKind.QUALITY), _):
            return ratio_text(ratio_of(value))
        case MergeKind.LINK, _:
            return f"用于 {key.field}"
        case MergeKind.EVIDENCE, "kind":
            return KIND_NAMES[EvidenceKind(value)]
        case MergeKind.EVIDENCE, "file":
            return file.file_name if file else f"另一个文件（校验值 {value[:8]}）"
        case MergeKind.EVIDENCE, field if field == WHOLE:
            title = value.get("title") or (file.file_name if file else "没有标题")
            return f"“{title}”（{KIND_NAMES[EvidenceKind(value['kind'])]}）用于 {'、'.join(value['clauses']) or '无'}"
        case _:
            return str(value)


def known_file(session: "Session", key: MergeKey, value: Value) -> Revision | None:
    """The file that a value names, where a piece of evidence here has or had it."""
    piece = session.assessment.evidence.get(key.key)
    if piece is None or value is None or key.kind is not MergeKind.EVIDENCE:
        return None
    sha256 = value.get("file") if isinstance(value, dict) else value
    return next((revision for revision in piece.revisions if revision.sha256 == sha256), None)


def absent_text(key: MergeKey) -> str:
    """What stands where there is no value."""
    match key.kind, key.field:
        case MergeKind.ANSWER, "verdict":
            return f"{VERDICT_SIGNS[Verdict.NOT_ASSESSED]} {VERDICT_NAMES[Verdict.NOT_ASSESSED]}"
        case ((MergeKind.COVERAGE | MergeKind.QUALITY), _):
            return "（没有填）"
        case MergeKind.LINK, _:
            return f"不用于 {key.field}"
        case MergeKind.EVIDENCE, field if field == WHOLE:
            return "（没有这件材料）"
        case _:
            return "（空）"


def place_text(found: Difference) -> str:
    """The clauses or the level row that it is about."""
    named = found.key.place or "、".join(found.clauses[:3])
    return named + ("…" if not found.key.place and len(found.clauses) > 3 else "")


def name_text(found: Difference, session: "Session") -> str:
    """What it is about: "说明", "实证材料“医嘱界面”的标题"."""
    key = found.key
    if key.kind not in (MergeKind.EVIDENCE, MergeKind.LINK):
        return key.name
    piece = session.assessment.evidence.get(key.key)
    told = next((v for v in (found.theirs, found.ours, found.base) if isinstance(v, dict)), {})
    title = (piece.title or piece.current.file_name) if piece else told.get("title", "")
    quoted = f"实证材料“{title}”" if title else "实证材料"
    if key.kind is MergeKind.LINK:
        return f"{quoted}的关联"
    return quoted if key.field == WHOLE else f"{quoted}的{key.name}"


def sender_text(record: MergeRecord | None, session: "Session") -> str:
    """From whom a merged packet came."""
    return f"{department_text(record, session)} {record.sender.name}".strip() if record else "对方"


def department_text(record: MergeRecord, session: "Session") -> str:
    """The department that gave a packet back, as it is called now; where it is gone, as the packet called itself."""
    department = session.assessment.departments.get(record.department)
    return department.name if department else record.sender.organisation


_WORD = re.compile(r"[0-9A-Za-z_]+|\s+|.", re.DOTALL)


def compared(ours: str, theirs: str, background: str) -> tuple[str, str]:
    """Both texts as HTML; the words that only one has are underlined, on `background`."""
    left, right = (_WORD.findall(text) for text in (ours, theirs))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if not ours or not theirs or len(left) + len(right) > MOST_MARKED or matcher.ratio() < ALIKE:
        return _html(ours), _html(theirs)
    marked = ["", ""]
    for kind, i, j, k, m in matcher.get_opcodes():
        for side, part in enumerate(("".join(left[i:j]), "".join(right[k:m]))):
            style = f"background-color: {background}; text-decoration: underline"
            marked[side] += (
                _html(part) if kind == "equal" or not part else f'<span style="{style}">{_html(part)}</span>'
            )
    return marked[0], marked[1]


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")


# --- what a packet brings


def merge_rows(found: "MergedFile", session: "Session") -> list[ChangeRow]:
    """What a packet brings, what people have to look at first."""
    if found.merge is None:
        return []
    merge = found.merge
    kinds = (
        (CONFLICT, merge.conflicts),
        (TAKEN, merge.taken),
        (IGNORED, merge.ignored),
        (SETTLED, merge.settled),
        (SAME, merge.same),
    )
    return [_row(kind, difference, session) for kind, listed in kinds for difference in listed]


_THEIRS = {CONFLICT: "对方的", IGNORED: "对方的（不是这个任务包的条款，不采用）", SETTLED: "对方的（以前决定过）"}


def _row(kind: str, found: Difference, session: "Session") -> ChangeRow:
    key = found.key
    ours, theirs = (value_text(key, value, known_file(session, key, value)) for value in (found.ours, found.theirs))
    place, name = place_text(found), name_text(found, session)
    why = f"：{WHY_NAMES[found.why]}" if found.why else ""
    arrow = theirs if ours == theirs else f"{_short(ours)} → {_short(theirs)}"
    return ChangeRow(
        kind,
        (kind, place, name, arrow.replace("\n", " ")),
        f"{place} {name}　原来的{why}".strip(),
        ours,
        _THEIRS.get(kind, "交回的"),
        theirs,
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


class PacketColumn(IntEnum):
    """Columns of the table of packets; in the first, a packet is ticked to be merged."""

    WHO = 0
    SENDER = 1
    SIGNATURE = 2
    TAKEN = 3
    CONFLICTS = 4
    IGNORED = 5
    SAME = 6
    STATE = 7


PACKET_HEADS = ("任务包", "发送人", "签名", TAKEN, CONFLICT, IGNORED, SAME, "")


class PacketModel(QAbstractTableModel):
    """Packets that came back, each ticked where it is to be merged. ROLE gives the MergedFile.

    `standings`: what is known of who signed each, None where it could not be read.
    """

    def __init__(self, files: "Sequence[MergedFile]", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.files = tuple(files)
        self.standings: list[Standing | None] = [f.summary.standing if f.summary else None for f in files]
        self.ticked = {n for n, f in enumerate(files) if mergeable(f) and not self._is_changed(n)}

    @property
    def chosen(self) -> "list[MergedFile]":
        """The packets that are ticked."""
        return [self.files[n] for n in sorted(self.ticked)]

    @property
    def loud(self) -> int:
        """How many of those that are ticked come from somebody who is not known."""
        return sum(1 for n in self.ticked if (standing := self.standings[n]) is not None and standing.loud)

    def judge_anew(self) -> None:
        """A sender was remembered: others may be his."""
        from emrassess.services.trust import judge  # noqa: PLC0415 - loads the ciphers

        self.standings = [judge(f.summary.signature) if f.summary else None for f in self.files]
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.files) - 1, len(PACKET_HEADS) - 1))

    def _is_changed(self, row: int) -> bool:
        standing = self.standings[row]
        return standing is not None and standing.trust.value == "changed"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.files)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(PACKET_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return PACKET_HEADS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == PacketColumn.WHO and mergeable(self.files[index.row()]):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), PacketColumn(index.column())
        file = self.files[row]
        if role == ROLE:
            return file
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.CheckStateRole and column is PacketColumn.WHO and mergeable(file):
            return Qt.CheckState.Checked if row in self.ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = f"{PACKET_HEADS[column] or '能否合并'}：{self._text(row, column) or '无'}"
            ticked = "，已勾选" if row in self.ticked else "，没有勾选"
            return said + (ticked if column is PacketColumn.WHO else "")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.ticked.add(index.row())
        else:
            self.ticked.discard(index.row())
        self.dataChanged.emit(index, index)
        return True

    def toggle(self, row: int) -> None:
        """Tick a packet, or no longer."""
        checked = Qt.CheckState.Unchecked if row in self.ticked else Qt.CheckState.Checked
        self.setData(self.index(row, PacketColumn.WHO), checked, Qt.ItemDataRole.CheckStateRole)

    def _text(self, row: int, column: PacketColumn) -> str:
        file, standing = self.files[row], self.standings[row]
        summary, merge = file.summary, file.merge
        match column:
            case PacketColumn.WHO:
                return f"{summary.department}（{file.file.name}）" if summary else file.file.name
            case PacketColumn.SENDER:
                return summary.sender.name if summary else ""
            case PacketColumn.SIGNATURE:
                return standing.title if standing else ""
            case PacketColumn.STATE:
                return state_text(file)
            case _:
                return str(counts_of(file)[column]) if merge and mergeable(file) else ""


def counts_of(file: "MergedFile") -> dict[PacketColumn, int]:
    """How much a packet brings of each kind."""
    merge = file.merge
    if merge is None:
        return dict.fromkeys((PacketColumn.TAKEN, PacketColumn.CONFLICTS, PacketColumn.IGNORED, PacketColumn.SAME), 0)
    return {
        PacketColumn.TAKEN: len(merge.taken),
        PacketColumn.CONFLICTS: len(merge.conflicts),
        PacketColumn.IGNORED: len(merge.ignored),
        PacketColumn.SAME: len(merge.same) + len(merge.settled),
    }


def mergeable(file: "MergedFile") -> bool:
    """Whether it is neither refused nor merged before."""
    return not file.refused and file.before is None


def state_text(file: "MergedFile") -> str:
    """What becomes of a packet, in a few words."""
    if file.refused:
        return "不能合并"
    if file.before is not None:
        return f"{minute(file.before.at)} 已合并过"
    return "可以合并"


# --- conflicts and merges


class _ListModel(QAbstractListModel, Generic[T]):
    """A list of objects of two lines each; ROLE gives the object."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[T, ...] = ()
        self._lines: list[tuple[str, str]] = []

    def show_entries(self, entries: Iterable[T], lines: Iterable[tuple[str, str]]) -> None:
        """Show these and no others, each with its two lines."""
        self.beginResetModel()
        self.entries, self._lines = tuple(entries), list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        first, second = self._lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return first
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{first}\n{second}"
            case _ if role == DETAIL:
                return second
            case _:
                return self.entries[index.row()] if role == ROLE else None


class ConflictModel(_ListModel["Shown"]):
    """The conflicts that wait."""

    def show_conflicts(self, found: "Sequence[Shown]", session: "Session") -> None:
        """Show these and no others."""
        self.show_entries(found, (_conflict_lines(shown, session) for shown in found))

    def row_of(self, conflict: str) -> int:
        """The row of a conflict, -1 where it is not here."""
        return next((row for row, shown in enumerate(self.entries) if shown.id == conflict), -1)


def _conflict_lines(shown: "Shown", session: "Session") -> tuple[str, str]:
    found = shown.found
    why = WHY_NAMES[found.why] if found.why else ""
    return f"{place_text(found)} {name_text(found, session)}", f"{sender_text(shown.merge, session)} · {why}"


class MergeModel(_ListModel[str]):
    """The merges that were made, by id, the newest first."""

    def show_merges(self, session: "Session") -> None:
        """Show those of the session."""
        merges = session.assessment.merges
        newest = sorted(merges, reverse=True)
        self.show_entries(newest, (merge_lines(key, session) for key in newest))


def merge_lines(key: str, session: "Session") -> tuple[str, str]:
    """A merge in two lines."""
    held = session.assessment
    record = held.merges[key]
    listed = [conflict for conflict in held.conflicts.values() if conflict.merge == key]
    waiting = sum(conflict.decision is Decision.OPEN for conflict in listed)
    left = f"（还有 {waiting} 处没有决定）" if waiting else ""
    counts = f"采用 {record.counts.get('taken', 0)} 处，冲突 {record.counts.get('conflicts', 0)} 处{left}"
    return f"{department_text(record, session)}　{minute(record.at)}", f"{counts}；{record.by} 合并"
