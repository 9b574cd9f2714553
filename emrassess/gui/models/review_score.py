"""The score as verified, in words: what stands, why, which claims fell, how far each group is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.answers import VERDICT_NAMES
from emrassess.domain.review import EXPERT_VERDICT_NAMES, ExpertVerdict
from emrassess.domain.verified import STANDS_NAMES, Stands, Tally, Verified, clauses_of, tally, verified
from emrassess.gui.models.merging import ROLE
from emrassess.gui.widgets.basics import points

if TYPE_CHECKING:
    from emrassess.domain.scoring import Score
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex
STANDS_ROLES = {Stands.VERIFIED: "good", Stands.OPEN: "fair", Stands.FALLEN: "bad", Stands.NOT_CLAIMED: "muted"}
GROUP_HEADS = (
    "核查组", "条款", "已核查", *(EXPERT_VERDICT_NAMES[v] for v in ExpertVerdict if v),
    "自评达标", "核查后不成立", "问题",
)  # fmt: skip
FALLEN_HEADS = ("条款", "自评", "核查", "问题")


@dataclass(frozen=True)
class Standing:
    """What the page says. `shares`: filled part of each bar, of the claimed score."""

    verified: Verified
    tallies: tuple[tuple[str, Tally], ...]
    headline: str
    role: str
    why: str


def standing(session: "Session") -> Standing:
    """The score of the open workspace as verified. It scores three times: for the background thread."""
    held, pack = session.assessment, session.pack
    found = verified(pack, held.as_answers(), held.opinions)
    answers = session.answers
    groups = held.review_groups(pack)
    tallies = [(g.name, tally(clauses_of(pack, g, held.target), answers, held.opinions)) for g in groups]
    every = tuple(clause for g in groups for clause in clauses_of(pack, g, held.target))
    tallies.append(("合计", tally(every, answers, held.opinions)))
    stands = found.stands[held.target]
    return Standing(
        found, tuple(tallies), f"目标 {held.target} 级：{STANDS_NAMES[stands]}", STANDS_ROLES[stands],
        _why(stands, found, tallies[-1][1], held.target),
    )  # fmt: skip


def _why(stands: Stands, found: Verified, whole: Tally, target: int) -> str:
    left = whole.total - whole.looked_at + whole.by_verdict[ExpertVerdict.NOT_SHOWN]
    match stands:
        case Stands.VERIFIED:
            return "只算已经核实的条款，也够这一级。"
        case Stands.FALLEN:
            return f"自评达标的有 {len(found.fallen)} 条核查后不成立；就算没看到的都按自评算，也不够这一级。"
        case Stands.NOT_CLAIMED:
            return f"医院自评本来就没有达到 {target} 级，核查后也不会高于自评。"
        case _:
            return f"还有 {left} 条没有核查或没能演示：都属实就成立。"


def figure(score: "Score", claimed: "Score") -> tuple[str, str, float]:
    """A score as text, what level it gives, and its share of the claimed one."""
    level = f"达到 {score.certain} 级"
    if score.possible > score.certain:
        level = f"确定 {score.certain} 级，可能 {score.possible} 级"
    return f"{points(score.total)} 分", level, float(score.total / claimed.total) if claimed.total else 0.0


class GroupTable(QAbstractTableModel):
    """How far each group is, and with what result; the last row is all of them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, Tally], ...] = ()

    def show_rows(self, rows: tuple[tuple[str, Tally], ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(GROUP_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return GROUP_HEADS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, counts = self._rows[index.row()]
        verdicts = [counts.by_verdict[verdict] for verdict in ExpertVerdict if verdict]
        cells = (name, counts.total, counts.looked_at, *verdicts, counts.claimed, counts.fallen, counts.findings)
        if role == Qt.ItemDataRole.DisplayRole:
            return str(cells[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name} {GROUP_HEADS[index.column()]} {cells[index.column()]}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class FallenTable(QAbstractTableModel):
    """Claims that fell. ROLE gives the clause."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, ...]] = []

    def show_clauses(self, session: "Session", clauses: tuple[str, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        held, by_id = session.assessment, session.pack.clause_by_id
        self._rows = [
            (
                f"{clause}　{by_id[clause].text}",
                VERDICT_NAMES[held.answer(clause).verdict],
                EXPERT_VERDICT_NAMES[held.opinion(clause).verdict],
                " ".join(held.opinion(clause).problem.split()),
                clause,
            )
            for clause in clauses
        ]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(FALLEN_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return FALLEN_HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{FALLEN_HEADS[index.column()]}：{row[index.column()]}"
        return row[-1] if role == ROLE else None
