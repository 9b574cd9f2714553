"""Review files: from expert to expert and to the hospital, where the ledger follows."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.assessment import Decision
from emrassess.domain.ledger import FindingState
from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.errors import UserError
from emrassess.exchange.packet_format import PacketKind
from emrassess.services import history, ledger, merging, reviewing, snapshots
from emrassess.services.incoming import look_at
from emrassess.services.review_files import export_review
from emrassess.services.session import Session, close, create_workspace
from emrassess.services.settings import set_hospital
from tests.exchange.samples import contents, rebagged, zipped
from tests.services.packet_samples import assign, noting, returned
from tests.services.review_samples import (
    OUTPATIENT,
    A,
    B,
    C,
    at_work,
    claim,
    expert,
    packed,
    packs_read_once,
    picture,
    sent,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]

Work = Callable[[Session], object]
PARTLY, CONFIRMED, NOT_CONFIRMED = ExpertVerdict.PARTLY, ExpertVerdict.CONFIRMED, ExpertVerdict.NOT_CONFIRMED


def saying(clause: str, verdict: ExpertVerdict = PARTLY, problem: str = "", **more: object) -> Work:
    """An expert says so."""
    return lambda there: reviewing.record(there, clause, verdict=verdict, problem=problem or None, **more)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def package(session: Session, tmp_path: Path) -> Path:
    claim(session)
    return packed(session, tmp_path / "材料包.zip")


@pytest.fixture
def reviewed(package: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes the review file of an expert who did all of `works`."""
    number = iter(range(100))

    def review(*works: Work, name: str = "专家甲", of: Path = package) -> Path:
        folder = tmp_path / f"专家{next(number)}"
        with expert(of, folder, name) as there:
            for work in works:
                work(there)
            return sent(there, folder.with_suffix(".zip"))

    return review


Reviewed = Callable[..., Path]


def said(session: Session) -> dict[str, tuple[str, str]]:
    """Verdict and problem of each opinion."""
    return {clause: (o.verdict.value, o.problem) for clause, o in session.assessment.opinions.items()}


# --- out


def test_it_says_whose_it_is_and_holds_the_group_only(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        saying(A, problem="没有时间")(there)
        saying(OUTPATIENT, CONFIRMED)(there)
        reviewing.add_photos(there, A, [(picture((7, 7, 7)), "现场.png")])
        reviewing.add_photos(there, OUTPATIENT, [(picture((8, 8, 8)), "门诊.png")])
        out = tmp_path / "病房组.zip"
        made = export_review(there, "ward", out)
        assert (made.kind, made.department, made.answered, made.evidence) == (PacketKind.REVIEW, "病房组", 1, 1)
        assert look_at(out) == made and made.signature is not None and made.signature.name == "专家甲"
        names = [name for name in contents(out) if "/evidence/" in f"/{name}"]
        assert len(names) == 1 and names[0].endswith("现场.png")
        with pytest.raises(UserError, match="“数据组”还没有核查意见"):
            export_review(there, "data", tmp_path / "无.zip")
        with pytest.raises(UserError, match="没有核查组“外科”"):
            export_review(there, "外科", tmp_path / "无.zip")
        assert not (tmp_path / "无.zip").exists()
        assert len(snapshots.listed(there)) == 1
        export_review(there, "ward", out)
        assert len(snapshots.listed(there)) == 1


def test_a_hospital_sends_none(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="不是专家打开的材料包"):
        export_review(session, "ward", tmp_path / "x.zip")


def test_a_lost_photo_is_named(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as there:
        reviewing.add_photos(there, A, [(picture((7, 7, 7)), "现场.png")])
        (photo,) = there.assessment.photos.values()
        there.workspace.evidence_path(photo.sha256).unlink()
        saying(A)(there)
        with pytest.raises(UserError, match=r"现场\.png"):
            sent(there, tmp_path / "x.zip")


# --- among experts


def test_colleagues_merge_what_they_saw(reviewed: Reviewed, package: Path, tmp_path: Path) -> None:
    other = reviewed(
        saying(B, problem="没有签名"),
        lambda there: reviewing.add_photos(there, B, [(picture((5, 5, 5)), "b.png")]),
        name="专家乙",
    )
    with expert(package, tmp_path / "组长") as there:
        saying(A, CONFIRMED)(there)
        outcome = merging.merge(there, [other])
        assert not outcome.waiting and said(there) == {A: ("confirmed", ""), B: ("partly", "没有签名")}
        assert there.assessment.opinion(B).by == "专家乙"
        (photo,) = there.assessment.photos.values()
        assert (photo.clauses, photo.added_by) == ((B,), "专家乙")
        assert there.workspace.evidence_path(photo.sha256).read_bytes() == picture((5, 5, 5))
        assert not there.assessment.findings
        before = there.assessment
        assert merging.merge(there, [other]).files[0].before is not None
        assert there.assessment == before


def test_the_order_of_colleagues_does_not_matter(reviewed: Reviewed, package: Path, tmp_path: Path) -> None:
    one = reviewed(saying(A, CONFIRMED), saying(B, problem="没有签名"), name="专家乙")
    two = reviewed(saying(C, NOT_CONFIRMED), saying(A, CONFIRMED), name="专家丙")
    held = []
    for name, files in (("一", [one, two]), ("二", [two, one])):
        with expert(package, tmp_path / name) as there:
            merging.merge(there, files)
            held.append(dict(there.assessment.opinions))
    assert held[0] == held[1] and set(held[0]) == {A, B, C}


def test_different_verdicts_wait_for_a_decision(reviewed: Reviewed, package: Path, tmp_path: Path) -> None:
    other = reviewed(saying(A, NOT_CONFIRMED, "根本没有"), name="专家乙")
    with expert(package, tmp_path / "组长") as there:
        saying(A, PARTLY, "没有时间")(there)
        assert merging.merge(there, [other]).waiting == 2
        assert there.assessment.opinion(A).by == "专家甲"
    with at_work(tmp_path / "组长") as there:
        waiting = {shown.found.key.field: shown for shown in merging.conflicts(there)}
        merging.decide(there, waiting["verdict"].id, Decision.THEIRS)
        merging.decide(there, waiting["problem"].id, Decision.BOTH)
        assert said(there) == {A: ("not_confirmed", "没有时间\n根本没有")}
        assert merging.merge(there, [other]).waiting == 0


def test_what_is_sent_again_brings_only_what_is_new(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "同事", "专家乙") as there:
        saying(A, PARTLY, "一稿")(there)
        first = sent(there, tmp_path / "一稿.zip")
        saying(B, CONFIRMED)(there)
        second = sent(there, tmp_path / "二稿.zip")
    with expert(package, tmp_path / "组长") as there:
        merging.merge(there, [first])
        saying(A, PARTLY, "组长改的")(there)
        outcome = merging.merge(there, [second])
        assert outcome.waiting == 0 and said(there) == {A: ("partly", "组长改的"), B: ("confirmed", "")}
        assert merging.merge(there, [first]).files[0].before is not None


# --- home


def test_findings_go_into_the_ledger(session: Session, tmp_path: Path, package: Path, reviewed: Reviewed) -> None:
    assign(session, A, name="检验科")
    file = reviewed(
        saying(A, PARTLY, "没有时间", severity=Severity.SERIOUS, suggestion="补"),
        saying(B, CONFIRMED),
        lambda there: reviewing.add_photos(there, A, [(picture((5, 5, 5)), "现场.png")]),
    )
    look = merging.preview(session, [file])
    assert look[0].merge is not None and not session.assessment.findings
    merging.merge(session, [file])
    (finding,) = session.assessment.findings.values()
    assert (finding.clause, finding.problem, finding.suggestion) == (A, "没有时间", "补")
    assert (finding.severity, finding.department, finding.raised_by) == (Severity.SERIOUS, "检验科", "专家甲")
    assert finding.before == tuple(session.assessment.photos)
    before = session.assessment
    merging.merge(session, [file])
    assert session.assessment == before
    history.undo(session)
    assert not session.assessment.findings and not session.assessment.opinions and not session.assessment.photos


@contextmanager
def next_visit(session: Session, tmp_path: Path, name: str) -> Iterator[Session]:
    """The experts open the package of the round that is on."""
    with expert(packed(session, tmp_path / f"{name}.zip"), tmp_path / name, "专家丙") as there:
        yield there


def test_the_recheck_closes_what_is_done_and_reopens_what_is_not(
    session: Session, tmp_path: Path, reviewed: Reviewed
) -> None:
    merging.merge(session, [reviewed(saying(A, PARTLY, "甲"), saying(B, PARTLY, "乙"), saying(C, PARTLY, "丙"))])
    ids = {finding.clause: key for key, finding in session.assessment.findings.items()}
    (proof,) = session.assessment.evidence
    for clause in (A, B):
        ledger.assign(session, [ids[clause]], department="检验科", measures="改了")
        ledger.attach_proof(session, ids[clause], [proof])
        ledger.move(session, [ids[clause]], FindingState.DONE)
    with pytest.raises(UserError, match="自己报的完成"):
        ledger.move(session, [ids[A]], FindingState.CLOSED)
    ledger.start_recheck(session)
    with next_visit(session, tmp_path, "回看") as there:
        saying(A, CONFIRMED, " ")(there)
        reviewing.record(there, A, problem="", severity=Severity.NONE)
        saying(B, PARTLY, "还是没有")(there)
        file = sent(there, tmp_path / "回看结果.zip")
    merging.merge(session, [file])
    states = {clause: session.assessment.findings[key].state for clause, key in ids.items()}
    assert states == {A: FindingState.CLOSED, B: FindingState.REOPENED, C: FindingState.OPEN}
    assert session.assessment.findings[ids[B]].problem == "还是没有"
    assert len(session.assessment.findings) == 3
    assert [event.who for event in session.assessment.findings[ids[A]].history][-1] == "专家丙"


def test_a_decision_about_a_conflict_reaches_the_ledger(session: Session, reviewed: Reviewed) -> None:
    merging.merge(session, [reviewed(saying(A, PARTLY, "没有时间"))])
    merging.merge(session, [reviewed(saying(A, PARTLY, "没有签名"), name="专家乙")])
    (waiting,) = merging.conflicts(session)
    merging.decide(session, waiting.id, Decision.BOTH)
    (finding,) = session.assessment.findings.values()
    assert finding.problem == "没有时间\n没有签名"


# --- refused


def test_another_hospitals_round_or_pack_is_refused_by_name(
    session: Session, tmp_path: Path, reviewed: Reviewed
) -> None:
    file = reviewed(saying(A))
    other = create_workspace(tmp_path / "别院", "另一家医院", 5, "李四", clock=Clock())
    assert "示例医院的核查结果（病房组，现场核查），这里是另一家医院" in merging.preview(other, [file])[0].refused
    set_hospital(other, "示例医院")
    assert "属于同一家医院的另一轮评价" in merging.preview(other, [file])[0].refused
    close(other)
    merging.merge(session, [file])
    ledger.start_recheck(session)
    refused = merging.preview(session, [reviewed(saying(B))])[0].refused
    assert "现场核查" in refused and "第 1 次回看" in refused
    session.pack = replace(session.pack, digest="0" * 64)
    history.undo(session)
    assert "不是同一版" in merging.preview(session, [reviewed(saying(C))])[0].refused


def test_a_department_cannot_take_one(session: Session, tmp_path: Path, reviewed: Reviewed) -> None:
    file = reviewed(saying(A))
    assign(session, A)

    def try_it(there: Session) -> None:
        with pytest.raises(UserError, match="科室任务包，不能合并"):
            merging.merge(there, [file])
        noting(A, "好")(there)

    back = returned(session, tmp_path, try_it)
    with expert(packed(session, tmp_path / "二.zip"), tmp_path / "专家x") as there:
        assert "属于另一份评价" in merging.preview(there, [back])[0].refused


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("review:01.01.4(1):verdict", "splendid"), "的值不对"),
        (("review:01.01.4(1):stamp", ["", "", "", ""]), "的值不对"),
        (("review:99.01.4(1):stamp", ["", "2026-11-22", "甲", "ward", "1"]), "没有这样的条款"),
        (("answer:01.01.4(1):verdict", "met"), "核查结果里只有专家的意见"),
        (("photo:000000000000000000000001:", ["", "2026-11-22", "", "0" * 64, "01.01.4(1)"]), "照片"),
        (("photo:000000000000000000000001:", ["", "昨天", "", "0" * 64, "01.01.4(1)"]), "“昨天”不是时间"),
        (("review:01.01.4(1):stamp", ["", "2026-11-22", "甲\u202e", "ward", "1"]), "控制字符"),
        (("review:01.01.4(1):stamp", ["", "", "甲", "ward", "1"]), "“”不是时间"),
        (("review:01.02.3(1):verdict", "partly"), "没有写谁在什么时候核查"),
        (("review:01.01.4(1):stamp", ["", "2026-11-22", "甲", "ward", "2"]), "第 2 轮还没有开始"),
    ],
)
def test_what_nobody_would_write_is_refused(
    session: Session, tmp_path: Path, reviewed: Reviewed, change: tuple[str, object], why: str
) -> None:
    entries = contents(reviewed(saying(A)))
    name = next(entry for entry in entries if entry.endswith("review.json"))
    document = json.loads(entries[name])
    document["now"][change[0]] = change[1]
    files = {**entries, name: json.dumps(document, ensure_ascii=False).encode()}
    files = {key: value for key, value in files.items() if "signature" not in key}
    hostile = zipped(rebagged(files), tmp_path / "坏.zip")
    assert why in merging.preview(session, [hostile])[0].refused
    before = session.assessment
    merging.merge(session, [hostile])
    assert session.assessment == before


def test_a_department_does_not_speak_for_the_experts(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    entries = contents(returned(session, tmp_path, noting(A, "好")))
    document = json.loads(entries["data/packet.json"])
    document["now"]["review:01.01.4(1):verdict"] = "confirmed"
    files = {**entries, "data/packet.json": json.dumps(document, ensure_ascii=False).encode()}
    hostile = zipped(rebagged(files), tmp_path / "坏.zip")
    assert "任务包里没有专家的意见" in merging.preview(session, [hostile])[0].refused
