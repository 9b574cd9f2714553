"""Merging on screen: what packets bring as rows of a table, conflicts and merges as lists."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.assessment import Decision
from emrassess.domain.merge import WHY_NAMES, Difference, MergeKind, Why
from emrassess.gui.models.change_rows import SAME, ChangeRow
from emrassess.gui.models.merge_words import (
    PACKET_WORDS,
    MergeWords,
    department_text,
    known_file,
    name_text,
    place_text,
    sender_text,
    value_text,
)
from emrassess.gui.widgets.two_lines import DETAIL
from emrassess.reports.wording import minute

if TYPE_CHECKING:
    from emrassess.exchange.packet_format import PacketFile
    from emrassess.services.deciding import Shown
    from emrassess.services.merging import MergedFile
    from emrassess.services.session import Session
    from emrassess.services.trust import Standing

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole.UserRole
"""The object that a row is about."""
TAKEN, CONFLICT, SETTLED, IGNORED = "采用", "冲突", "早已决定", "不采用"


# --- what a packet brings


def row_heads(words: MergeWords) -> tuple[str, ...]:
    """Heads of the rows below."""
    return ("怎么办", "条款", "内容", words.arrow)


def merge_rows(found: "MergedFile", session: "Session", words: MergeWords = PACKET_WORDS) -> list[ChangeRow]:
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
    return [_row(kind, difference, session, found.files, words) for kind, listed in kinds for difference in listed]


def _row(
    kind: str, found: Difference, session: "Session", files: "Mapping[str, PacketFile]", words: MergeWords
) -> ChangeRow:
    key = found.key
    whose = {CONFLICT: "对方的", IGNORED: f"对方的（{words.outside}）", SETTLED: "对方的（以前决定过）"}
    before, after = (known_file(session, key, value, files) for value in (found.ours, found.theirs))
    ours, theirs = value_text(key, found.ours, before), value_text(key, found.theirs, after)
    place, name = place_text(found), name_text(found, session)
    why = f"：{WHY_NAMES[found.why]}" if found.why else ""
    arrow = theirs if ours == theirs else f"{_short(ours)} → {_short(theirs)}"
    if kind == TAKEN and found.why:
        arrow = f"{WHY_NAMES[found.why]}　{arrow}"
    return ChangeRow(
        kind,
        (kind, place, name, arrow.replace("\n", " ")),
        f"{place} {name}　原来的{why}".strip(),
        ours,
        whose.get(kind, words.theirs),
        theirs,
        (before, after),
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

    def __init__(
        self, files: "Sequence[MergedFile]", parent: QObject | None = None, words: MergeWords = PACKET_WORDS
    ) -> None:
        super().__init__(parent)
        self.files = tuple(files)
        self._heads = (words.what, *PACKET_HEADS[1:])
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

    @property
    def unmasking(self) -> int:
        """How many masked pictures the packets that are ticked would do away with."""
        return sum(found.why is Why.MASKED for file in self.chosen if file.merge for found in file.merge.taken)

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
            return self._heads[section]
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
            said = f"{self._heads[column] or '能否合并'}：{self._text(row, column) or '无'}"
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


class ListModel(QAbstractListModel, Generic[T]):
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


class ConflictModel(ListModel["Shown"]):
    """The conflicts that wait."""

    def show_conflicts(self, found: "Sequence[Shown]", session: "Session") -> None:
        """Show these and no others."""
        self.show_entries(found, (_conflict_lines(shown, session) for shown in found))

    def row_of(self, conflict: str) -> int:
        """The row of a conflict, -1 where it is not here."""
        return next((row for row, shown in enumerate(self.entries) if shown.id == conflict), -1)


def about_reviews(found: Difference) -> bool:
    """Whether a difference is about what experts said, or their photos."""
    return found.key.kind in (MergeKind.REVIEW, MergeKind.PHOTO)


def _conflict_lines(shown: "Shown", session: "Session") -> tuple[str, str]:
    found = shown.found
    why = WHY_NAMES[found.why] if found.why else ""
    return f"{place_text(found)} {name_text(found, session)}", f"{sender_text(shown.merge, session)} · {why}"


class MergeModel(ListModel[str]):
    """The merges that were made, by id, the newest first."""

    def show_merges(self, session: "Session", *, reviews: bool = False) -> None:
        """Show those of the session: of packets, or of experts' review files."""
        from emrassess.services.review_files import is_review  # noqa: PLC0415 - loads the ciphers

        merges = session.assessment.merges
        newest = sorted((key for key, record in merges.items() if is_review(record) is reviews), reverse=True)
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
