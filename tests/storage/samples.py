"""A workspace that holds something of everything, and changes to make."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import ClauseAnswer, Confirmation, Evidence, EvidenceKind, Revision
from emrassess.domain.pack import Category, Dimension, ReviewGroup
from emrassess.storage import changes, opening
from emrassess.storage.workspace import Workspace


class Clock:
    """Ten in the morning, and a second later each time it is asked."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def new_workspace(folder: Path) -> Workspace:
    """An empty one."""
    return opening.create(
        folder,
        hospital="示例医院",
        pack_id="emr-2018",
        pack_version="1.0",
        target=5,
        user="张三",
        clock=Clock(),
        assessment_id="sample",
    )


def answer(workspace: Workspace, clause: str, verdict: Verdict = Verdict.MET, note: str = "") -> None:
    """Answer one clause."""
    given = ClauseAnswer(verdict, note)
    workspace.apply(f"自评 {clause}", [changes.answer_change(workspace.assessment, clause, given)])


def piece(workspace: Workspace, evidence_id: str, *contents: bytes, clauses: tuple[str, ...] = ()) -> Evidence:
    """A piece with a revision of each of `contents`, its files stored, not yet applied."""
    stored = [workspace.store_file(BytesIO(content)) for content in contents]
    revisions = tuple(
        Revision(s.sha256, f"截图 {n}.png", s.size, "image/png", "2026-11-21T10:00:00+00:00", "张三")
        for n, s in enumerate(stored, 1)
    )
    return Evidence(evidence_id, "医嘱界面", EvidenceKind.SCREENSHOT, "HIS", "2026-11-20", revisions, clauses)


def put(workspace: Workspace, evidence_id: str, held: Evidence | None) -> None:
    """Save a piece, or remove it."""
    workspace.apply("材料", [changes.evidence_change(workspace.assessment, evidence_id, held)])


def populate(workspace: Workspace) -> None:
    """Something of everything, with the awkward cases."""
    answer(workspace, "01.01.4(1)", note="引号'\"、换行\n、表情😀、%_")
    answer(workspace, "01.01.4(2)", Verdict.PARTIAL)
    answer(workspace, "01.01.5(1)", Verdict.UNMET)
    now = workspace.assessment
    groups = (ReviewGroup("ward", "病房组", ("01.01", "01.02")), ReviewGroup("data", "数据组", ("09.01",), True))
    workspace.apply(
        "比例",
        [
            changes.coverage_change(now, "01.01", 4, Ratio.counted(9500, 10000)),
            changes.coverage_change(now, "01.01", 5, Ratio.plain("0.705")),
            changes.coverage_change(now, "01.02", 4, Ratio.counted(10**30, 3 * 10**30)),
            changes.quality_change(now, "01.01", 3, Dimension.CONSISTENCY, Ratio.plain("0.99")),
            changes.quality_change(now, "01.01", 4, Dimension.COMPLETENESS, Ratio.counted(96, 100)),
            changes.category_change(now, "01.02", 3, Confirmation(Category.BASIC, "李四", "2026-11-21T10:00:00+00:00")),
            changes.setting_change(now, "groups", groups),
            changes.setting_change(now, "target", 6),
        ],
    )
    put(workspace, "b", piece(workspace, "b", b"one", b"two", clauses=("01.01.4(2)", "01.01.4(1)")))
    put(workspace, "a", piece(workspace, "a", b"", clauses=()))
