"""The check-up before submission: the last run of the open workspace, and its findings as a tree by kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from emrassess.domain.assessment import Acceptance, Assessment
from emrassess.domain.checkup import SEVERITY_NAMES, Finding, Severity, accepted_findings, open_findings
from emrassess.gui.context import Context
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import moment
from emrassess.gui.widgets.two_lines import DETAIL

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.checkup import FileChecks
    from emrassess.services.session import Progress, Session

Index = QModelIndex | QPersistentModelIndex
FINDING_ROLE = Qt.ItemDataRole.UserRole
"""A Finding; None for the row of a kind."""
COUNT_ROLE = Qt.ItemDataRole.UserRole + 1
SEVERITY_ROLE = Qt.ItemDataRole.UserRole + 2
TARGET = "page:evidence/checkup"


@dataclass(frozen=True)
class Run:
    """What a check-up found, when, and what it looked at."""

    findings: tuple[Finding, ...]
    at: str
    rests_on: tuple[object, ...]


class Checkup(QObject):
    """The last run; every page of a context shares the same one. `changed` tells of anything below."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._checks: FileChecks | None = None
        self.run: Run | None = None
        self.handle: Handle | None = None
        self.stale = False
        context.session_changed.connect(self._forget)
        context.changed.connect(self._on_changed)

    @property
    def acceptances(self) -> Mapping[str, Acceptance]:
        """All acceptances of the workspace as it is now, by id of their finding."""
        session = self._context.session
        return session.assessment.accepted if session else {}

    @property
    def open(self) -> tuple[Finding, ...]:
        """What the last run found and nobody has accepted."""
        return open_findings(self.run.findings, self.acceptances) if self.run else ()

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """What the last run found and somebody has accepted."""
        found = accepted_findings(self.run.findings, self.acceptances) if self.run else ()
        return tuple(finding for finding, _ in found)

    def start(self) -> None:
        """Check the workspace on the reading thread; nothing happens while that is under way."""
        from emrassess.services.checkup import FileChecks  # noqa: PLC0415 - the readers of files load here

        session = self._context.session
        if session is None or self.handle is not None:
            return
        self._checks = self._checks or FileChecks()
        handle = self.handle = self._context.operations.read("送审前体检", _examine, session, self._checks)
        handle.done.connect(lambda run: self._on_done(handle, run))
        handle.failed.connect(lambda _: self._on_done(handle, self.run))
        self.changed.emit()

    def cancel(self) -> None:
        """Ask the run under way to stop; what an earlier one found stays."""
        if self.handle is not None:
            self.handle.cancel()

    def _on_done(self, handle: Handle, run: Run | None) -> None:
        if handle is not self.handle:
            return  # of a workspace that is closed
        self.handle, self.run = None, run
        self.stale = self._is_stale()
        self.changed.emit()

    def _on_changed(self, changes: "Changes") -> None:
        stale = self._is_stale()
        if stale != self.stale or changes.accepted:
            self.stale = stale
            self.changed.emit()

    def _is_stale(self) -> bool:
        session = self._context.session
        return session is not None and self.run is not None and self.run.rests_on != _rests_on(session.assessment)

    def _forget(self) -> None:
        self.cancel()
        self.handle, self.run, self.stale = None, None, False
        self.changed.emit()


def checkup_of(context: Context) -> Checkup:
    """The one Checkup of `context`."""
    return context.findChild(Checkup) or Checkup(context)


def _examine(session: "Session", checks: "FileChecks", progress: "Progress") -> Run:
    from emrassess.services.checkup import run  # noqa: PLC0415

    rests_on, at = _rests_on(session.assessment), session.workspace.now()
    return Run(run(session, progress, checks), at, rests_on)


def _rests_on(assessment: Assessment) -> tuple[object, ...]:
    """What a check-up looks at: what is accepted and who does what makes no difference to it."""
    held = assessment
    return held.hospital, held.target, held.answers, held.coverage, held.quality, held.evidence


def standing(checkup: Checkup) -> str:
    """How the last run stands, in one line."""
    if checkup.handle is not None:
        return "送审前体检正在进行。"
    if checkup.run is None:
        return "还没有做送审前体检。"
    found = checkup.open
    grave = sum(finding.severity is Severity.BLOCKING for finding in found)
    left = f"还有 {len(found)} 个问题待处理" if found else "没有待处理的问题"
    left += f"，其中 {grave} 个{SEVERITY_NAMES[Severity.BLOCKING]}" if grave else ""
    left += "；之后又有改动，请重新检查" if checkup.stale else ""
    return f"送审前体检（{moment(checkup.run.at)}）：{left}。"


@dataclass(frozen=True)
class _Group:
    severity: Severity
    name: str
    findings: tuple[Finding, ...]


class FindingTree(QAbstractItemModel):
    """Kinds of findings, the gravest first, with their findings below.

    A kind tells its severity and count; a finding says in a second line (`DETAIL`) what is wrong.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[_Group, ...] = ()
        self._accepted: Mapping[str, Acceptance] = {}
        self._places: dict[str, tuple[int, int]] = {}

    def show(self, findings: Sequence[Finding], accepted: Mapping[str, Acceptance]) -> None:
        """Show these and no others; they come sorted by severity and kind."""
        self.beginResetModel()
        self._accepted = accepted
        self._groups = tuple(
            _Group(severity, name, tuple(members))
            for (severity, name), members in groupby(findings, key=lambda found: (found.severity, found.name))
        )
        self._places = {
            finding.id: (number, row)
            for number, group in enumerate(self._groups)
            for row, finding in enumerate(group.findings)
        }
        self.endResetModel()

    def index_of(self, finding: str) -> QModelIndex:
        """Where the finding of that id stands; invalid where it is not shown."""
        if finding not in self._places:
            return QModelIndex()
        group, row = self._places[finding]
        return self.createIndex(row, 0, group + 1)

    def ids(self) -> tuple[str, ...]:
        """The ids of what is shown, in the order it stands."""
        return tuple(self._places)

    # Qt's names from here on

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008  # pyright: ignore[reportIncompatibleMethodOverride]
        group = index.internalId() if index.isValid() else 0
        return self.createIndex(group - 1, 0, 0) if group else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._groups)
        return 0 if parent.internalId() else len(self._groups[parent.row()].findings)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if index.internalId():
            group = self._groups[index.internalId() - 1]
            return self._of_finding(group.findings[index.row()], role)
        return _of_group(self._groups[index.row()], role)

    def _of_finding(self, finding: Finding, role: int) -> Any:
        what = f"已接受　{finding.what}" if finding.id in self._accepted else finding.what
        return {
            Qt.ItemDataRole.DisplayRole: finding.where,
            DETAIL: what,
            Qt.ItemDataRole.ToolTipRole: f"{finding.where}\n{what}",
            Qt.ItemDataRole.AccessibleTextRole: f"{finding.where}，{what}",
            FINDING_ROLE: finding,
        }.get(role)


def _of_group(group: _Group, role: int) -> Any:
    count = len(group.findings)
    return {
        Qt.ItemDataRole.DisplayRole: group.name,
        Qt.ItemDataRole.AccessibleTextRole: f"{SEVERITY_NAMES[group.severity]}：{group.name}，{count} 个",
        COUNT_ROLE: count,
        SEVERITY_ROLE: group.severity,
    }.get(role)
