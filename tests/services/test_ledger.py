"""The ledger as the hospital works with it: who mends what, how it is proven, and what the next review says."""

from datetime import date

import pytest

from emrassess.domain.assessment import Assessment
from emrassess.domain.ledger import Finding, FindingState, own_id
from emrassess.domain.review import ExpertVerdict, Opinion, Photo, Severity
from emrassess.errors import UserError
from emrassess.services import evidence, ledger, tasks
from emrassess.services.departments import edit_department
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.history import redo, undo
from emrassess.services.ledger import NO_DEPARTMENT, Share
from emrassess.services.session import Session, close, open_workspace
from emrassess.storage.changes import finding_change, photo_change
from tests.services.ledger_samples import (
    A1,
    B1,
    C1,
    PACKET,
    REVIEW,
    A,
    B,
    C,
    imported,
    opinion,
    three,
    with_changes,
    with_setting,
)

S, E = FindingState, ExpertVerdict


def finding(session: Session, key: str = A1) -> Finding:
    return session.assessment.findings[key]


def done(session: Session, *keys: str) -> None:
    """Mended and claimed by the session's user."""
    ledger.assign(session, keys, measures="改了模板")
    for key in keys:
        ledger.attach_files(session, key, [NewEvidence(key.encode(), "整改后.png")])
    ledger.move(session, keys, S.DONE)


# --- from opinions to findings


def test_findings_come_with_department_and_owner_of_their_clause(session: Session) -> None:
    tasks.assign_by_name(session, [A], "护理部", "李护士")
    tasks.assign_by_name(session, [B], "病案室")
    imported(session, {A: opinion("截图没有时间"), B: opinion("缺页"), C: opinion(verdict=E.NOT_SHOWN)})
    assert {k: (f.department, f.owner) for k, f in session.assessment.findings.items()} == {
        A1: ("护理部", "李护士"),
        B1: ("病案室", ""),
    }
    undo(session)
    assert not session.assessment.findings and not session.assessment.opinions
    redo(session)
    assert list(session.assessment.findings) == [A1, B1]


def test_the_same_review_again_brings_nothing_new(session: Session) -> None:
    three(session)
    ledger.assign(session, [A1], owner="李护士")
    before = session.assessment
    three(session)
    assert session.assessment == before


def test_photos_of_the_clause_come_as_before(session: Session) -> None:
    photo = Photo("现场", (A, C), "0" * 64, "现场.jpg", 1, "image/jpeg", "", "", "专家甲")
    first = session.assessment
    changes = [photo_change(first, "p1", photo)]
    assert not ledger.follow(first, with_changes(first, changes), "")  # a picture alone is no finding
    session.write("照片", changes)
    three(session)
    assert finding(session).before == finding(session, C1).before == ("p1",) and not finding(session, B1).before
    held = session.assessment
    later = [photo_change(held, "p2", photo)]
    session.write("照片", [*later, *ledger.follow(held, with_changes(held, later), "")])
    assert finding(session).before == ("p1", "p2")


def test_an_opinion_taken_back_takes_its_finding_back(session: Session) -> None:
    three(session)
    before = session.assessment
    without = {clause: said for clause, said in before.opinions.items() if clause != A}
    changes = ledger.follow(before, Assessment(**{**vars(before), "opinions": without}), "2026-11-21T10:00:00+00:00")
    (change,) = changes
    assert (change.key, change.after["state"]) == (A1, "closed")


def test_a_photo_alone_says_nothing_about_a_finding(session: Session) -> None:
    session.write("上一轮", [finding_change(session.assessment, A1, Finding(A, "上一轮的问题"))])
    held = session.assessment
    photo = Photo("现场", (A,), "0" * 64, "现场.jpg", 1, "image/jpeg", "", "", "专家甲")
    assert ledger.follow(held, with_changes(held, [photo_change(held, "p1", photo)]), "") == []


def test_nothing_follows_in_an_experts_workspace(session: Session) -> None:
    before = session.assessment
    with_setting(session, "review", REVIEW)
    three(session)
    assert session.assessment.opinions and not session.assessment.findings
    assert ledger.follow(before, session.assessment, "") == []


def test_what_the_hospital_found_itself_is_not_the_experts_to_close(session: Session) -> None:
    three(session)
    own = own_id(A, 1)
    session.write("自查", [finding_change(session.assessment, own, Finding(A, "自查发现的问题"))])
    imported(session, {A: Opinion(E.CONFIRMED, round=1, by="专家甲", at="2026-11-21T09:00:00+08:00")})
    assert finding(session).state is S.CLOSED and finding(session, own).state is S.OPEN


# --- assigning


def test_several_are_given_to_somebody_in_one_step(session: Session) -> None:
    three(session)
    tasks.assign_by_name(session, [A], "ICU")
    changes = ledger.assign(
        session, [A1, B1], department=" icu ", owner=" 李护士", deadline="2026-12-01", supervised=True
    )
    assert changes.findings and changes.clauses == {A, B}
    assert changes.label == "台账 2 个问题：责任科室：ICU；责任人：李护士；期限：2026-12-01；挂牌督办"
    for key in (A1, B1):
        held = finding(session, key)
        assert (held.department, held.owner, held.deadline, held.supervised) == ("ICU", "李护士", "2026-12-01", True)
    assert finding(session).history[-1].who == "张三"
    undo(session)
    assert finding(session).owner == ""
    ledger.assign(session, [A1], measures="\n改了模板\r\n并培训 ")
    assert finding(session).measures == "改了模板\n并培训"
    assert not ledger.assign(session, [A1], measures="改了模板\n并培训").findings
    edit_department(session, next(iter(session.assessment.departments)), name="重症医学科")
    assert ledger.assign(session, [A1], department="急诊科").findings  # need not be one of the workspace's


def test_what_does_not_fit_changes_none(session: Session) -> None:
    three(session)
    before = session.assessment
    for ids, wrong, said in (
        ([A1], {"deadline": "下周"}, "不是日期"),
        ([A1, f"{A}#7"], {"owner": "李护士"}, "已经没有"),
        ([], {"owner": "李护士"}, "没有选中"),
    ):
        with pytest.raises(UserError, match=said):
            ledger.assign(session, ids, **wrong)  # type: ignore[arg-type]
    assert session.assessment == before


def test_names_of_findings_are_ids_or_clauses(session: Session) -> None:
    three(session)
    assert ledger.resolved(session, [B, A1, B1]) == (B1, A1)
    with pytest.raises(UserError, match=r"没有 09\.01"):
        ledger.resolved(session, [A1, "09.01"])


# --- moving


def test_moves_are_made_by_all_or_none_and_each_refusal_is_named(session: Session) -> None:
    three(session)
    ledger.move(session, [A1, B1], S.IN_PROGRESS, "开始")
    assert finding(session).history[-1].what == "整改中：开始"
    done(session, A1)
    before = session.assessment
    with pytest.raises(UserError) as refused:
        ledger.move(session, [A1, B1, C1], S.CLOSED)
    assert "3 个问题不能改为“已销号”" in refused.value.message and refused.value.hint
    for said in ("“张三”自己报的完成", f"{B} 现在是“整改中”", f"{C} 现在是“待整改”"):
        assert said in refused.value.message
    with pytest.raises(UserError, match=rf"^{B[:7]}\(2\) 还没有整改措施和整改后的材料"):
        ledger.move(session, [B1], S.DONE)
    assert session.assessment == before


def test_a_second_person_closes_what_is_done(session: Session) -> None:
    three(session)
    done(session, A1)
    session.answer_as("质控科")
    changes = ledger.move(session, [A1], S.CLOSED, "现场看过")
    assert changes.label == f"台账 {A}：已销号"
    undo(session)
    assert finding(session).state is S.DONE
    redo(session)
    assert finding(session).history[-1].what == "已销号：现场看过"


# --- proof


def test_files_become_evidence_and_proof_in_one_step(session: Session, folder: object) -> None:
    three(session)
    tasks.assign_by_name(session, [A], "护理部")
    before = session.assessment
    files = [NewEvidence(content, f"{n}.png") for n, content in enumerate((b"1", b"2", b"1"))]
    ledger.attach_files(session, A1, files)
    pieces = session.assessment.evidence
    assert finding(session).after == tuple(pieces) and len(pieces) == 2
    assert all(piece.clauses == (A,) for piece in pieces.values())
    assert session.assessment.tasks[A].state is tasks.WorkState.IN_PROGRESS
    assert finding(session).history[-1].what == "附上整改后的材料 2 件"
    undo(session)
    assert session.assessment == before


def test_evidence_that_is_there_becomes_proof_and_proves_the_clause(session: Session) -> None:
    three(session)
    add_evidence(session, [NewEvidence(b"1", "a.png")], [C])
    (key,) = session.assessment.evidence
    ledger.attach_proof(session, A1, [key, key])
    assert finding(session).after == (key,) and session.assessment.evidence[key].clauses == (C, A)
    assert not ledger.attach_proof(session, A1, [key]).findings
    ledger.detach_proof(session, A1, [key, "gone"])
    assert finding(session).after == () and session.assessment.evidence[key].clauses == (C, A)
    with pytest.raises(UserError, match="不在了"):
        ledger.attach_proof(session, A1, ["gone"])


def test_proof_of_a_claim_stays(session: Session) -> None:
    three(session)
    done(session, A1)
    (key,) = finding(session).after
    held = session.assessment
    with pytest.raises(UserError, match="已经报完成，不能没有整改后的材料"):
        ledger.detach_proof(session, A1, [key])
    with pytest.raises(UserError, match=r"是整改后的材料：01\.01\.4\(1\)（已整改待回看）") as refused:
        evidence.unlink_evidence(session, key, A)
    assert "先退回整改" in refused.value.hint
    session.answer_as("质控科")
    with pytest.raises(UserError, match="只能由本人补充"):
        ledger.attach_files(session, A1, [NewEvidence(b"new", "x.png")])
    assert session.assessment == held
    assert not list(session.workspace.folder.rglob("*.part"))


def test_evidence_that_proves_a_finding_mended_is_not_removed(session: Session) -> None:
    three(session)
    add_evidence(session, [NewEvidence(b"1", "a.png")], [])
    (key,) = session.assessment.evidence
    ledger.attach_proof(session, A1, [key])
    with pytest.raises(UserError, match="是整改后的材料"):
        evidence.unlink_evidence(session, key, A)
    ledger.detach_proof(session, A1, [key])
    evidence.unlink_evidence(session, key, A)
    # a finding of an earlier program may name what no clause uses
    session.workspace.apply("x", [finding_change(session.assessment, B1, Finding(B, "问题", after=(key,)))])
    with pytest.raises(UserError, match="是整改后的材料"):
        evidence.remove_evidence(session, key)


# --- the next round


def test_the_next_round_begins_once_something_of_this_one_has_come(session: Session) -> None:
    with pytest.raises(UserError, match="还没有导入现场核查的核查意见"):
        ledger.start_recheck(session)
    three(session)
    assert ledger.start_recheck(session).label == "开始第 1 次回看"
    assert session.assessment.review_round == 2
    with pytest.raises(UserError, match="还没有导入第 1 次回看"):
        ledger.start_recheck(session)
    undo(session)
    assert session.assessment.review_round == 1


def test_a_recheck_closes_and_reopens(session: Session) -> None:
    three(session)
    done(session, A1, B1)
    ledger.start_recheck(session)
    imported(
        session,
        {
            A: opinion(verdict=E.CONFIRMED, round=2),
            B: opinion("还缺一半", round=2),
            C: opinion(verdict=E.NOT_SHOWN, round=2),
            "02.01.3(2)": opinion("新问题", round=2),
        },
    )
    assert {key: f.state for key, f in session.assessment.findings.items()} == {
        A1: S.CLOSED,
        B1: S.REOPENED,
        C1: S.OPEN,
        "02.01.3(2)#2": S.OPEN,
    }


# --- whose it is


def test_nothing_of_it_can_be_changed_elsewhere(session: Session) -> None:
    three(session)
    for name, value, said in (("packet", PACKET, "科室任务包"), ("review", REVIEW, "专家核查")):
        with_setting(session, name, value)
        for attempt in (
            lambda: ledger.assign(session, [A1], owner="x"),
            lambda: ledger.move(session, [A1], S.IN_PROGRESS),
            lambda: ledger.attach_files(session, A1, [NewEvidence(b"", "x")]),
            lambda: ledger.detach_proof(session, A1, []),
            lambda: ledger.start_recheck(session),
        ):
            with pytest.raises(UserError, match=said):
                attempt()
        assert len(ledger.listed(session)) == 3  # to be looked at
        if name == "packet":
            with_setting(session, name, None)


# --- looking at it


def test_lines_pass_every_filter_that_is_given(session: Session) -> None:
    three(session)
    ledger.assign(session, [A1], department="护理部", deadline="2026-11-20", measures="换模板")
    ledger.assign(session, [C1], supervised=True)

    def ids(**filters: object) -> list[str]:
        return [line.id for line in ledger.listed(session, **filters)]  # type: ignore[arg-type]

    assert ids() == [C1, A1, B1]
    assert ids(department="护理部") == [A1] and ids(department=NO_DEPARTMENT) == [C1, B1]
    assert ids(state=S.OPEN) == ids() and ids(state=S.DONE) == []
    assert ids(severity=Severity.MINOR) == [C1] and ids(group="data") == [B1]
    assert ids(overdue=True) == [A1] and ids(overdue=True, today=date(2026, 11, 20)) == []
    assert ids(supervised=True) == [C1] and ids(round=1) == ids() and ids(round=2) == []
    assert ids(text="模板 时间") == [A1] and ids(text=C) == [C1] and ids(text="没有这样的字") == []
    line = ledger.listed(session, overdue=True)[0]
    assert (line.overdue, line.days_left) == (True, -1)
    assert line.text == session.pack.clause_by_id[A].text


def test_the_ledger_in_numbers(session: Session) -> None:
    assert ledger.summary(session).total == 0
    three(session)
    ledger.assign(session, [A1, B1], department="护理部", deadline="2026-11-20", supervised=True)
    done(session, B1)
    found = ledger.summary(session)
    assert (found.total, found.overdue, found.supervised) == (3, 1, 2)
    assert found.states == {S.OPEN: 2, S.IN_PROGRESS: 0, S.DONE: 1, S.CLOSED: 0, S.REOPENED: 0}
    assert found.severities[Severity.SERIOUS] == 1 and sum(found.severities.values()) == 3
    assert list(found.departments.items()) == [("护理部", Share(2, 1, 1)), (NO_DEPARTMENT, Share(1, 1, 0))]


def test_a_restart_finds_everything_again(session: Session) -> None:
    three(session)
    ledger.assign(session, [A1], department="护理部", deadline="2026-12-01", measures="改", supervised=True)
    held, folder = session.assessment, session.workspace.folder
    close(session)
    again = open_workspace(folder, "李四", write=False)
    assert again.assessment == held
    close(again)
