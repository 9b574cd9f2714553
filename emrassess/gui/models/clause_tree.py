"""The tree role › item › level row with its progress and what blocks the target."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emrassess.domain.answers import Verdict
from emrassess.domain.gaps import Gap, Need
from emrassess.domain.pack import Clause
from emrassess.domain.reasons import Reason, reason_text
from emrassess.gui.theme import CATEGORY_NAMES
from emrassess.reports.wording import need_name

if TYPE_CHECKING:
    from emrassess.services.session import Session

Index = QModelIndex | QPersistentModelIndex


class TreeRole(IntEnum):
    """What the delegate and the page ask of a row. `BLOCK`: "" or the Need that makes its lack count."""

    KIND = Qt.ItemDataRole.UserRole
    KEY = Qt.ItemDataRole.UserRole + 1
    MET = Qt.ItemDataRole.UserRole + 2
    TOTAL = Qt.ItemDataRole.UserRole + 3
    BLOCK = Qt.ItemDataRole.UserRole + 4


@dataclass(eq=False)
class Node:
    """A row. `kind`: role, item or level; `key`: "01", "01.01" or "01.01.4"; `clauses`: those counted."""

    kind: str
    key: str
    title: str
    parent: "Node | None" = None
    row: int = 0
    clauses: tuple[Clause, ...] = ()
    children: list["Node"] = field(default_factory=list)
    number: int = 0
    met: int = 0
    block: str = ""

    def add(self, child: "Node") -> "Node":
        """Append a row below this one."""
        child.parent, child.row = self, len(self.children)
        self.children.append(child)
        return child

    def walk(self) -> Iterator["Node"]:
        """All rows below, children before their parent."""
        for child in self.children:
            yield from child.walk()
            yield child


class ClauseTreeModel(QAbstractItemModel):
    """Roles, items and level rows of the clauses shown. It holds no more than counts: `update_progress` recounts."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Node("root", "", "")
        self._nodes = [self._root]
        self._by_key: dict[str, Node] = {}
        self._session: Session | None = None

    def show(self, session: "Session | None", shown: Mapping[str, tuple[Clause, ...]]) -> None:
        """Rebuild the rows for the clauses `shown` (by item code)."""
        self.beginResetModel()
        self._session = session
        self._root = Node("root", "", "")
        if session is not None:
            self._build(session, shown)
        self._nodes = [self._root, *self._root.walk()]
        for number, node in enumerate(self._nodes):
            node.number = number
        self._by_key = {node.key: node for node in self._nodes}
        self._count()
        self.endResetModel()

    def update_progress(self) -> None:
        """Recount after answers changed; only rows that differ are announced."""
        for node in self._count():
            index = self.index_of(node.key)
            self.dataChanged.emit(index, index)

    def index_of(self, key: str) -> QModelIndex:
        """The row of a role, item or level row code; invalid where it is not shown."""
        node = self._by_key.get(key)
        return self.createIndex(node.row, 0, node.number) if node else QModelIndex()

    def _build(self, session: "Session", shown: Mapping[str, tuple[Clause, ...]]) -> None:
        pack = session.pack
        for role in pack.roles:
            codes = [item.code for item in pack.items if item.role == role.code and item.code in shown]
            if not codes:
                continue
            branch = self._root.add(Node("role", role.code, f"{role.code} {role.name}"))
            for code in codes:
                item = pack.item_by_code[code]
                leafy = branch.add(Node("item", code, f"{code} {item.name}", clauses=shown[code]))
                branch.clauses += shown[code]
                for level in dict.fromkeys(clause.level for clause in shown[code]):
                    row = item.by_level[level]
                    mine = tuple(clause for clause in shown[code] if clause.level == level)
                    leafy.add(Node("level", row.code, f"{level} 级 {row.summary}", clauses=mine))

    def _count(self) -> list[Node]:
        """Recount all rows; those that changed."""
        if self._session is None:
            return []
        # A part of an assessment tells nothing of what keeps the whole from its target.
        whole = self._session.assessment.packet is None
        gaps = {gap.item: gap for gap in self._session.plan.needed} if whole else {}
        answers = self._session.assessment.answers
        met_ids = {clause for clause, answer in answers.items() if answer.verdict is Verdict.MET}
        changed = []
        for node in self._root.walk():
            before = node.met, node.block
            node.met = sum(clause.id in met_ids for clause in node.clauses)
            node.block = _block(node, gaps)
            if before != (node.met, node.block):
                changed.append(node)
        return changed

    def node(self, index: Index) -> Node:
        """The row behind an index; the root for an invalid one."""
        return self._nodes[index.internalId()] if index.isValid() else self._root

    # Qt's names from here on

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self.node(parent).children[row].number)

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008  # pyright: ignore[reportIncompatibleMethodOverride]
        above = self.node(index).parent if index.isValid() else None
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above.number)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.column() > 0 else len(self.node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node.title
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(node)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{node.title}，达标 {node.met}/{len(node.clauses)}" + ("，卡住目标" if node.block else "")
            case TreeRole.KIND:
                return node.kind
            case TreeRole.KEY:
                return node.key
            case TreeRole.MET:
                return node.met
            case TreeRole.TOTAL:
                return len(node.clauses)
            case TreeRole.BLOCK:
                return node.block
        return None

    def _tip(self, node: Node) -> str:
        lines = [f"{node.title}：{len(node.clauses)} 条中 {node.met} 条达标"]
        if node.kind == "level" and self._session is not None:
            answers, code, level = self._session.assessment.as_answers(), node.key[:5], int(node.key[6])
            category = answers.category(self._session.pack, code, level)
            lines.append(f"评价类别：{CATEGORY_NAMES[category]}" if category else "")
        if node.kind == "role":
            lines += [f"· {child.title} 卡住目标" for child in node.children if child.block]
        elif node.block and self._session is not None:
            named = need_name(Need(node.block), has_categories=self._session.pack.scheme.has_categories)
            lines.append(f"卡住目标（{named}）")
            gap = next(gap for gap in self._session.plan.needed if gap.item == node.key[:5])
            lines += [f"· {reason_text(reason, self._session.pack)}" for reason in _reasons(node, gap)]
        return "\n".join(line for line in lines if line)


def _reasons(node: Node, gap: Gap) -> list[Reason]:
    """The reasons of a gap that speak of an item, or of one of its level rows."""
    level = int(node.key[6]) if node.kind == "level" else 0
    return [reason for reason in gap.reasons if level in (0, reason.level)]


def _block(node: Node, gaps: Mapping[str, Gap]) -> str:
    """The Need that makes the lack of a row count, "" where it blocks nothing. Children are counted already."""
    if node.kind == "role":
        return next((need.value for need in Need if any(child.block == need for child in node.children)), "")
    gap = gaps.get(node.key[:5])
    return gap.need.value if gap and _reasons(node, gap) else ""
