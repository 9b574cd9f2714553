"""Submitting: frozen states of an assessment, compared, and gone on from in a new workspace."""

import hashlib
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import (
    Acceptance,
    ClauseAnswer,
    Confirmation,
    Conflict,
    Evidence,
    EvidenceKind,
    MergeRecord,
    OfficialSource,
    PacketInfo,
    Recheck,
    Revision,
    Sender,
)
from emrassess.domain.comparison import VerdictChange
from emrassess.domain.ledger import FindingState
from emrassess.domain.pack import Category, Dimension
from emrassess.domain.planning import Department, Task, WorkState
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.services import answering, history, packages, snapshots
from emrassess.services.evidence import NewEvidence, add_evidence, unlink_evidence
from emrassess.services.session import Session, close, open_workspace
from emrassess.storage import changes
from emrassess.storage.document import to_document
from tests.services.ledger_samples import three, with_setting

MET, PARTIAL, OPEN, MARKED = "01.01.3(1)", "01.01.3(2)", "01.01.4(1)", "01.01.4(2)"


def filled(session: Session) -> None:
    """Something of everything that a coordinator's workspace holds."""
    answering.set_verdict(session, [MET], Verdict.MET)
    answering.set_verdict(session, [PARTIAL], Verdict.PARTIAL)
    answering.set_note(session, OPEN, "还没看")
    answering.set_coverage(session, "01.01", 3, Ratio.counted(9, 10))
    add_evidence(session, [NewEvidence(b"first", "甲.png")], [MET])
    add_evidence(session, [NewEvidence(b"second", "乙.png")], [PARTIAL, OPEN])
    now, at = session.assessment, session.workspace.now()
    task = Task("d", "王五", "2026-12-01", WorkState.CHANGES_REQUESTED, "请补图")
    conflict = Conflict("m", f"answer:{MET}:note", None, "甲", "乙", (MET,))
    record = MergeRecord(at, "张三", "p", "d", Sender("王五", "检验科"), {"conflicts": 1})
    session.write(
        "其余",
        [
            changes.quality_change(now, "01.01", 3, Dimension.CONSISTENCY, Ratio.plain("0.99")),
            changes.category_change(now, "01.02", 3, Confirmation(Category.BASIC, "李四", at)),
            changes.wording_change(now, MET, "编造的原文"),
            changes.setting_change(now, "official", OfficialSource("标准.docx", "0" * 64, "标准", "", at, "李四")),
            changes.recheck_change(now, MARKED, Recheck("新版新增的条款")),
            changes.recheck_change(now, PARTIAL, Recheck("条款文字有改动")),
            changes.department_change(now, "d", Department("d", "检验科", ("王五",))),
            changes.task_change(now, MET, task),
            changes.merge_change(now, "m", record),
            changes.conflict_change(now, "m-1", conflict),
            changes.accepted_change(now, "tiny:1", Acceptance("看得清", "张三", at)),
        ],
    )


def test_submitting_freezes_and_is_no_step(session: Session, folder: Path) -> None:
    answering.set_verdict(session, [MET], Verdict.PARTIAL)
    held, step = session.assessment, session.undo_stack[-1].label
    first = snapshots.submit(session, " 第一\n稿 ")
    assert (first.number, first.label, first.who, first.unchanged) == (1, "第一 稿", "张三", False)
    assert session.undo_stack[-1].label == step
    assert history.history(session, 1)[0].label == "第 1 次提交：第一 稿"
    assert snapshots.submit(session).unchanged
    assert history.history(session, 1)[0].label == "第 2 次提交"
    history.undo(session)
    history.redo(session)
    answering.set_verdict(session, [MET], Verdict.MET)
    assert snapshots.read(session, 1) == held
    close(session)
    again = open_workspace(folder, "李四", write=False)
    assert [info.number for info in snapshots.listed(again)] == [1, 2]
    compared = snapshots.compare(again, 1, None)
    assert compared.rose == (VerdictChange(MET, Verdict.PARTIAL, Verdict.MET),) and not compared.fell
    assert snapshots.compare(again, 0, 1).fell == (VerdictChange(MET, Verdict.MET, Verdict.PARTIAL),)
    with pytest.raises(StorageError, match="只读"):
        snapshots.submit(again)
    close(again)


def test_a_number_that_is_not_there(session: Session) -> None:
    with pytest.raises(UserError, match="没有第 1 次提交") as caught:
        snapshots.read(session, 1)
    assert "还没有提交过" in caught.value.hint
    snapshots.submit(session)
    with pytest.raises(UserError, match="没有第 7 次提交") as caught:
        snapshots.compare(session, 1, 7)
    assert "有这些：1" in caught.value.hint


def test_the_next_round_takes_verdicts_to_be_confirmed(session: Session, tmp_path: Path) -> None:
    filled(session)
    snapshots.submit(session)
    held = session.assessment
    answering.set_verdict(session, [MET], Verdict.UNMET)
    first = next(iter(session.assessment.evidence))
    unlink_evidence(session, first, MET)
    before = to_document(session.assessment)
    target = tmp_path / "下一轮"
    assert snapshots.next_round(session, 1, target) == target
    assert to_document(session.assessment) == before
    fresh = open_workspace(target, "李四")
    now = fresh.assessment
    for name in ("hospital", "pack", "pack_version", "target", "answers", "coverage", "quality", "categories"):
        assert getattr(now, name) == getattr(held, name), name
    for name in ("evidence", "wording", "official", "departments"):
        assert getattr(now, name) == getattr(held, name), name
    assert now.id != held.id and now.created_at > held.created_at
    assert {clause: mark.why for clause, mark in now.rechecks.items()} == {
        MET: "上一轮结论：达标，待确认",
        PARTIAL: "上一轮结论：部分达标，待确认；条款文字有改动",
        MARKED: "新版新增的条款",
    }
    assert now.tasks == {MET: Task("d", "王五", "", WorkState.ASSIGNED, "")}
    assert not now.merges and not now.conflicts and not now.accepted and not snapshots.listed(fresh)
    assert fresh.workspace.pack_files() == session.workspace.pack_files()
    assert history.history(fresh, 1)[0].label == "新一轮评价：从第 1 次提交转入"
    assert {f.read_bytes() for f in (target / "evidence").iterdir()} == {b"first", b"second"}
    close(fresh)


def test_the_next_round_begins_without_the_experts(session: Session, tmp_path: Path) -> None:
    three(session)
    key = f"{OPEN}#1"
    told = session.assessment.findings[key]
    closed = {f"{MARKED}#1": FindingState.CLOSED, key: FindingState.REOPENED}
    for found, state in closed.items():
        changed = replace(session.assessment.findings[found], state=state)
        session.write("台账", [changes.finding_change(session.assessment, found, changed)])
    with_setting(session, "review_round", 2)
    snapshots.submit(session)
    fresh = open_workspace(snapshots.next_round(session, 1, tmp_path / "下一轮"), "李四")
    now = fresh.assessment
    assert (now.review_round, now.opinions, now.photos, now.findings) == (1, {}, {}, {})
    assert now.rechecks[OPEN].why == f"上一轮的问题（退回再改）：{told.problem}"
    assert MARKED not in now.rechecks
    packages.create_package(fresh, tmp_path / "材料包.zip", sign=False)
    close(fresh)


def test_a_file_that_is_missing_is_left_behind(session: Session, tmp_path: Path) -> None:
    filled(session)
    snapshots.submit(session)
    session.workspace.evidence_path(next(iter(session.assessment.evidence.values())).current.sha256).unlink()
    fresh = open_workspace(snapshots.next_round(session, 1, tmp_path / "下一轮"), "李四", write=False)
    assert len(fresh.assessment.evidence) == 1
    why = fresh.assessment.rechecks[MET].why
    assert why.startswith("上一轮结论：达标，待确认；实证材料“") and why.endswith("没有转入")
    close(fresh)


def test_a_cancel_leaves_nothing(session: Session, tmp_path: Path) -> None:
    filled(session)
    snapshots.submit(session)

    def stop(*_: object) -> None:
        raise Cancelled

    around = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        snapshots.next_round(session, 1, tmp_path / "下一轮", stop)
    with pytest.raises(UserError, match="没有第 2 次提交"):
        snapshots.next_round(session, 2, tmp_path / "下一轮")
    assert sorted(tmp_path.iterdir()) == around


def test_a_packet_is_no_assessment_to_go_on_from(session: Session, tmp_path: Path) -> None:
    packet = PacketInfo("p", "a", "d", "检验科", "", "", "示例医院", Sender("张三", "信息科"), (MET,), {})
    session.write("任务包", [changes.setting_change(session.assessment, "packet", packet)])
    assert session.assessment.scope == {MET}
    snapshots.submit(session)
    with pytest.raises(UserError, match="科室任务包"):
        snapshots.next_round(session, 1, tmp_path / "下一轮")


def test_what_a_step_touched_is_told(session: Session) -> None:
    now = session.assessment
    task = session.write("分派", [changes.task_change(now, MET, Task("d"))])
    assert task.tasks and task.clauses == {MET} and not task.items and not task.settings
    assert session.write("科室", [changes.department_change(now, "d", Department("d", "检验科"))]).tasks
    record = MergeRecord("", "", "p", "d", Sender("", ""), {})
    merged = session.write("合并", [changes.merge_change(now, "m", record)])
    assert merged.conflicts and not merged.tasks
    waiting = Conflict("m", "x", None, 1, 2, (MET, OPEN))
    raised = session.write("冲突", [changes.conflict_change(now, "c", waiting)])
    assert raised.conflicts and raised.clauses == {MET, OPEN}
    assert session.write("接受", [changes.accepted_change(now, "f", Acceptance("", "", ""))]).accepted
    for _ in range(5):
        history.undo(session)
    assert session.assessment == now


def test_a_large_one_is_quick_and_small(session: Session) -> None:
    now = session.assessment
    clauses = list(session.pack.clause_by_id)
    note = "本院 HIS 在医师工作站里能看到，护士站同步可见；"
    answers = [ClauseAnswer(Verdict.MET, f"{note}第 {n} 条", f"菜单 {n}") for n in range(len(clauses))]
    step = [changes.answer_change(now, clause, a) for clause, a in zip(clauses, answers, strict=True)]
    for n in range(1000):
        digest, at = hashlib.sha256(b"%d" % n).hexdigest(), f"2026-11-21T10:{n % 60:02}:00+00:00"
        revision = Revision(digest, f"截图{n}.png", 100_000 + n, "image/png", at, "张三")
        linked = (clauses[n % len(clauses)],)
        piece = Evidence(
            f"{n:08d}", f"第 {n} 张截图", EvidenceKind.SCREENSHOT, "HIS", "2026-11-20", (revision,), linked
        )
        step.append(changes.evidence_change(now, piece.id, piece))
    session.write("很多", step)
    start = time.perf_counter()
    snapshots.submit(session)
    seconds = time.perf_counter() - start
    assert seconds < 1, "about 0.1 s; the machine may be busy"
    assert len(zlib.compress(to_document(session.assessment))) < 200_000
