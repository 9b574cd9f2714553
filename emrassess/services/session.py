"""An open workspace with its pack: what it says now, and the one way to write to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from emrassess.domain.answers import Answers
from emrassess.domain.assessment import Assessment, Evidence, EvidenceState, evidence_by_clause, evidence_state
from emrassess.domain.gaps import Plan, plan_to_target
from emrassess.domain.pack import Pack
from emrassess.domain.readiness import Readiness, group_readiness, role_readiness
from emrassess.domain.scoring import Score, score
from emrassess.errors import UserError
from emrassess.packs.library import find_known, load_files, load_known, pack_files
from emrassess.services.changes import Changes, touched
from emrassess.services.checks import checked_hospital, checked_target, clean_line
from emrassess.storage import opening
from emrassess.storage.changes import AuditEntry, Change, is_experts
from emrassess.storage.evidence_files import Progress
from emrassess.storage.workspace import Clock, OutdatedError, Workspace, local_now

__all__ = ["Changes", "Progress", "Session", "close", "create_workspace", "open_workspace"]

T = TypeVar("T")


@dataclass
class Session:
    """An open workspace, its pack and user. What it says is computed when asked for, and kept until something changes.

    Reading is safe from any thread; one thread at a time may write.
    """

    workspace: Workspace
    pack: Pack = field(repr=False)
    user: str
    undo_stack: list[AuditEntry] = field(default_factory=list)
    redo_stack: list[AuditEntry] = field(default_factory=list)
    _cache: dict[str, tuple[tuple[object, ...], Any]] = field(default_factory=dict, repr=False)

    @property
    def assessment(self) -> Assessment:
        """The current state, immutable."""
        return self.workspace.assessment

    @property
    def answers(self) -> Answers:
        """What scoring looks at."""
        assessment = self.assessment
        return self._kept("answers", assessment.as_answers, assessment)

    @property
    def score(self) -> Score:
        """The score proper."""
        answers = self.answers
        return self._kept("score", lambda: score(self.pack, answers), answers)

    @property
    def evidence_by_clause(self) -> Mapping[str, tuple[Evidence, ...]]:
        """Evidence of each clause that has any, in the order it was added."""
        assessment = self.assessment
        return self._kept("evidence", lambda: evidence_by_clause(assessment), assessment.evidence)

    @property
    def states(self) -> Mapping[str, EvidenceState]:
        """Evidence state by clause; absent = none."""
        pieces = self.evidence_by_clause
        return self._kept("states", lambda: {c: evidence_state(found) for c, found in pieces.items()}, pieces)

    @property
    def plan(self) -> Plan:
        """What is missing to the target."""
        answers, scored = self.answers, self.score
        return self._kept("plan", lambda: plan_to_target(self.pack, answers, scored), scored)

    @property
    def groups(self) -> tuple[Readiness, ...]:
        """Readiness of the review groups."""
        answers, scored, states = self.answers, self.score, self.states
        composition = self.assessment.review_groups(self.pack)
        return self._kept(
            "groups",
            lambda: group_readiness(self.pack, answers, scored, states, composition),
            scored, states, composition,
        )  # fmt: skip

    @property
    def roles(self) -> tuple[Readiness, ...]:
        """Readiness of the pack's roles."""
        answers, scored, states = self.answers, self.score, self.states
        return self._kept("roles", lambda: role_readiness(self.pack, answers, scored, states), scored, states)

    def _kept(self, name: str, compute: Callable[[], T], *sources: object) -> T:
        """`compute()`, once as long as `sources` are the very same objects."""
        kept = self._cache.get(name)
        if kept is not None and all(a is b for a, b in zip(kept[0], sources, strict=True)):
            return kept[1]
        found = compute()
        self._cache[name] = (sources, found)
        return found

    # --- writing

    def answer_as(self, user: str) -> Changes:
        """From now on, record every step under the name `user`."""
        self.user = self.workspace.user = user
        return self.report("填报人姓名", [])

    def write(self, label: str, changes: Sequence[Change]) -> Changes:
        """Save `changes` as one step that undo takes back; what would change nothing is left out."""
        real = [change for change in changes if change.before != change.after]
        if real:
            entry = self.apply(label, real)
            self.undo_stack.append(entry)
            self.redo_stack.clear()
        return self.report(label, real)

    def apply(self, label: str, changes: Sequence[Change]) -> AuditEntry:
        """Save `changes` without making them a step of undo. UserError where they are not an expert's to make."""
        if self.assessment.review is not None and not all(map(is_experts, changes)):
            hint = "核查意见请写在“专家核查”页；要改的内容请医院在自己的工作区里改。"
            raise UserError("这是专家打开的材料包：医院的自评、材料和数据只能看，不能改", hint)
        with self.writing():
            return self.workspace.apply(label, changes)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around whatever the workspace saves: the steps of undo go where they no longer lead from what it holds, as it
        was read anew after a failure."""
        try:
            yield
        except OutdatedError:
            self.undo_stack.clear()
            self.redo_stack.clear()
            raise

    def report(self, label: str, changes: Sequence[Change]) -> Changes:
        """The Changes that tell of `changes` and of what undo and redo would do now."""
        undo = self.undo_stack[-1].label if self.undo_stack else None
        redo = self.redo_stack[-1].label if self.redo_stack else None
        return touched(label, changes, undo, redo, self.workspace.saved_at)


def create_workspace(
    folder: Path,
    hospital: str,
    target: int,
    user: str,
    pack_id: str = "emr-2018",
    pack_version: str | None = None,
    *,
    clock: Clock = local_now,
    assessment_id: str | None = None,
) -> Session:
    """Make a workspace in `folder` (new or empty) and open it. UserError or StorageError where that cannot be.

    It carries its pack from then on, so that it opens elsewhere and later as it was begun. Without `pack_version` it is
    the one that comes with the program, else the newest at hand.
    `clock` and `assessment_id` serve whoever needs the same workspace each time, as the demonstration does.
    """
    files, user = pack_files(find_known(pack_id, pack_version).folder), clean_line(user)
    pack = load_files(files)
    workspace = opening.create(
        folder,
        hospital=checked_hospital(hospital),
        pack_id=pack.id,
        pack_version=pack.version,
        target=checked_target(pack, target),
        user=user,
        clock=clock,
        assessment_id=assessment_id,
        pack_files=files,
    )
    return Session(workspace, pack, user)


def open_workspace(
    folder: Path, user: str, write: bool = True, take_over: bool = False, *, clock: Clock = local_now
) -> Session:
    """Open the workspace in `folder`; see storage.opening.open_ for what it refuses."""
    user = clean_line(user)
    workspace = opening.open_(folder, user=user, write=write, take_over=take_over, clock=clock)
    try:
        pack = _pack_of(workspace)
    except BaseException:
        workspace.close()
        raise
    return Session(workspace, pack, user)


def _pack_of(workspace: Workspace) -> Pack:
    """The pack that the workspace carries; one of an earlier program takes up the pack it was begun with."""
    if files := workspace.pack_files():
        return load_files(files)
    begun = workspace.assessment
    try:
        ref = find_known(begun.pack, begun.pack_version)
    except UserError:
        return load_known(begun.pack)  # another version than it was begun with: shown, but not made its own
    files = pack_files(ref.folder)
    if workspace.writable:
        workspace.keep_pack_files(files, ref.version)
    return load_files(files)


def close(session: Session) -> None:
    """Close the workspace; it never fails, and asks nothing: all is saved already."""
    session.workspace.close()
