"""A workspace that holds something of everything, and changes to make."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import (
    Acceptance,
    Box,
    ClauseAnswer,
    Confirmation,
    Conflict,
    Decision,
    Evidence,
    EvidenceKind,
    MergeRecord,
    OfficialSource,
    PacketInfo,
    Recheck,
    Revision,
    Sender,
)
from emrassess.domain.ledger import Finding, FindingState, moved, noted
from emrassess.domain.merge import Why
from emrassess.domain.pack import Category, Dimension, ReviewGroup
from emrassess.domain.planning import Department, Task, WorkState
from emrassess.domain.review import ExpertVerdict, Opinion, Photo, ReviewInfo, Severity
from emrassess.storage import changes, opening
from emrassess.storage.tables import SCHEMA
from emrassess.storage.workspace import Workspace

PACK_FILES = {"pack.yaml": b"id: emr-2018\n", "roles/01.yaml": "角色：病房医师\n".encode() * 50}


class Clock:
    """Ten in the morning, and a second later each time it is asked."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def new_workspace(folder: Path) -> Workspace:
    """An empty one, with a pack."""
    return opening.create(
        folder,
        hospital="示例医院",
        pack_id="emr-2018",
        pack_version="1.0",
        target=5,
        user="张三",
        clock=Clock(),
        assessment_id="sample",
        pack_files=PACK_FILES,
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


def populate(workspace: Workspace, schema: int = SCHEMA) -> None:
    """Something of everything that a workspace of `schema` holds, with the awkward cases."""
    _populate_first(workspace)
    if schema >= 2:
        _populate_second(workspace)
    if schema >= 3:
        _populate_third(workspace)
    if schema >= 4:
        _populate_fourth(workspace)


def _populate_first(workspace: Workspace) -> None:
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


def _populate_second(workspace: Workspace) -> None:
    now = workspace.assessment
    source = OfficialSource("标准 2018.docx", "ab" * 32, "编造的标准", "", "2026-11-21T10:00:00+00:00", "李四")
    workspace.apply(
        "官方原文",
        [
            changes.wording_change(now, "01.01.4(2)", "编造的要求\n第二行'\"😀"),
            changes.wording_change(now, "01.01.4(1)", ""),
            changes.setting_change(now, "official", source),
            changes.recheck_change(now, "01.01.5(1)", Recheck("新版改写了这一条")),
        ],
    )


def masked(workspace: Workspace, held: Evidence, content: bytes) -> Evidence:
    """`held` with a masked copy in force."""
    stored = workspace.store_file(BytesIO(content))
    copy = replace(held.current, sha256=stored.sha256, size=stored.size, masked_from=held.current.sha256)
    copy = replace(copy, masks=(Box(0.25, 0.5, 0.125, 0.0625), Box(0, 0, 1, 0.1)))
    return replace(held, revisions=(*held.revisions, copy))


def _populate_third(workspace: Workspace) -> None:
    workspace.keep_snapshot("第一稿", lambda n: f"第 {n} 次提交")
    put(workspace, "c", masked(workspace, piece(workspace, "c", b"three", clauses=("01.01.4(3)",)), b"masked"))
    now, at, sender = workspace.assessment, "2026-11-21T10:00:00+00:00", Sender("王五", "示例医院检验科")
    conflict = Conflict("m1", "answer:01.01.4(1):note", "原文", "我们的'\"\n😀", "他们的", ("01.01.4(1)",), Why.BOTH)
    packet = PacketInfo(
        "p1", "whole", "d1", "检验科", "", "2026-12-01", "示例医院", Sender("张三", "信息科"), ("01.01.4(1)",),
        {"answer:01.01.4(1):note": "原文", "link:b:01.01.4(1)": True, "coverage:01.01/4:": ["95", "100"]},
    )  # fmt: skip
    workspace.apply(
        "分派与合并",
        [
            changes.department_change(now, "d2", Department("d2", "药剂科")),
            changes.department_change(now, "d1", Department("d1", "检验科", ("王五", "赵'六"))),
            changes.task_change(now, "01.01.4(1)", Task("d1", "王五", "2026-12-01", WorkState.SUBMITTED, "已补图")),
            changes.task_change(now, "01.01.4(2)", Task("d2")),
            changes.merge_change(now, "m1", MergeRecord(at, "张三", "p1", "d1", sender, {"taken": 3, "conflicts": 2})),
            changes.conflict_change(now, "m1-1", conflict),
            changes.conflict_change(
                now, "m1-2", Conflict("m1", "evidence:b:title", None, {"a": [1]}, None, decision=Decision.THEIRS)
            ),
            changes.accepted_change(now, "no-hospital:b", Acceptance("现场能看到", "张三", at)),
            changes.setting_change(now, "packet", packet),
        ],
    )
    answer(workspace, "01.01.4(2)", Verdict.MET)
    workspace.keep_snapshot("", lambda n: f"第 {n} 次提交")


def _populate_fourth(workspace: Workspace) -> None:
    now, at = workspace.assessment, "2026-11-21T10:00:00+00:00"
    stored = workspace.store_file(BytesIO(b"photo"))
    photo = Photo("机房门口", ("01.01.4(1)",), stored.sha256, "现场.jpg", stored.size, "image/jpeg", "", at, "专家甲")
    opinion = Opinion(
        ExpertVerdict.PARTLY, "看了三份'病历\n", "没有时间😀", Severity.SERIOUS, "补上", "ward", at, "专家甲", "ward", 2
    )
    review = ReviewInfo("r1", "whole", "示例医院", 2, at, "专家甲", "ward", {"review:01.01.4(1):verdict": "partly"})
    finding = Finding(
        "01.01.4(1)", "没有时间", "补上", Severity.MINOR, "ward", 1, 2, "专家甲", at, "检验科", "王五", "2026-12-01",
        "改了'模板'", supervised=True, before=("p1",), after=("b", "c"), more=(("备注", "院长\n关注"), ("分管", "")),
    )  # fmt: skip
    workspace.apply(
        "专家核查",
        [
            changes.photo_change(now, "p1", photo),
            changes.opinion_change(now, "01.01.4(1)", opinion),
            changes.opinion_change(now, "01.01.4(2)", Opinion(ExpertVerdict.CONFIRMED)),
            changes.finding_change(now, "01.01.4(1)#1", moved(finding, FindingState.DONE, "王五", at, "第一批")),
            changes.finding_change(now, "01.01.4(2)#1", noted(Finding("01.01.4(2)", "缺图"), "专家甲", at, "提出")),
            changes.setting_change(now, "review", review),
            changes.setting_change(now, "review_round", 2),
        ],
    )
    workspace.keep_snapshot("核查后", lambda n: f"第 {n} 次提交")
