"""Packets: what goes out and what stays at home, what a department opens, what comes back."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Box
from emrassess.domain.pack import Dimension
from emrassess.domain.planning import Actor, Task, WorkState
from emrassess.errors import Cancelled, RefusedError, UserError
from emrassess.exchange.packet_format import PacketKind
from emrassess.exchange.sealing import NeedsPassphrase, WrongPassphrase
from emrassess.services import answering, evidence, masking, snapshots, tasks
from emrassess.services.packets import create_packet, look_at, open_packet, return_packet
from emrassess.services.session import Session
from emrassess.services.trust import Trust
from emrassess.storage.changes import evidence_change, wording_change
from tests.exchange.samples import contents, rebagged, zipped
from tests.services.packet_samples import (
    LAB,
    OUTSIDE,
    A,
    B,
    C,
    assign,
    attach,
    department,
    given_back,
    packs_read_once,
    working,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]

PASSPHRASE = "correct-horse-battery"


def document(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/data/packet.json"))
        return json.loads(archive.read(name))


def payload(file: Path, below: str = "evidence/") -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return [name.split("/", 3)[3] for name in archive.namelist() if f"/data/{below}" in name]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), (10, 200, 30)).save(out, "PNG")
    return out.getvalue()


# --- out


def test_a_packet_holds_what_its_department_needs_and_no_more(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A, B, C)
    answering.set_verdict(session, [A, OUTSIDE], Verdict.PARTIAL)
    answering.set_note(session, A, "原话\n第二行")
    mine = attach(session, b"mine", A, OUTSIDE, title="医嘱界面")
    attach(session, b"of others", OUTSIDE, title="别科的")
    attach(session, b"of nobody", title="没有条款")
    session.write("官方原文", [wording_change(session.assessment, A, "编造的官方原文")])
    made = create_packet(session, lab, tmp_path / "out.zip")
    assert (made.kind, made.department, made.deadline) == (PacketKind.OUT, LAB, "2026-12-01")
    assert (made.clauses, made.answered, made.evidence, made.files) == (3, 1, 1, 1)
    told = document(tmp_path / "out.zip")
    assert told["clauses"] == [A, B, C] and told["assessment"] == session.assessment.id
    assert [part["id"] for part in told["evidence"]] == [mine.id]
    assert f"link:{mine.id}:{A}" in told["base"] and f"link:{mine.id}:{OUTSIDE}" not in told["base"]
    assert payload(tmp_path / "out.zip") == [f"evidence/{mine.current.sha256}-截图.txt".removeprefix("evidence/")]
    text = json.dumps(told, ensure_ascii=False)
    assert "官方原文" not in text and "别科的" not in text and "没有条款" not in text
    assert "pack.yaml" in payload(tmp_path / "out.zip", "criteria/")


def test_figures_go_along_only_with_the_whole_level_row(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A, B, C)
    answering.set_coverage(session, "01.01", 4, Ratio.counted(95, 100))
    answering.set_quality(session, "01.01", 4, Dimension.COMPLETENESS, Ratio.plain("0.9"))
    answering.set_coverage(session, "01.02", 3, Ratio.counted(1, 2))
    create_packet(session, lab, tmp_path / "out.zip")
    base = document(tmp_path / "out.zip")["base"]
    assert base["coverage:01.01/4:"] == ["95", "100"] and base["quality:01.01/4/completeness:"] == "9/10"
    assert not any("01.02" in key for key in base)


def test_sending_a_packet_changes_nothing(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    before, last = session.assessment, session.workspace.audit(1)[0].id
    create_packet(session, lab, tmp_path / "out.zip")
    assert session.assessment is before and session.workspace.audit(1)[0].id == last


def test_accepted_clauses_stay_at_home(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A, B)
    accept(session, A)
    assert create_packet(session, lab, tmp_path / "out.zip").clauses == 1
    assert document(tmp_path / "out.zip")["clauses"] == [B]
    accept(session, B)
    with pytest.raises(UserError, match="2 条都已验收"):
        create_packet(session, lab, tmp_path / "again.zip")
    assert not (tmp_path / "again.zip").exists()


def accept(session: Session, clause: str) -> None:
    for state, actor in (
        (WorkState.IN_PROGRESS, Actor.DEPARTMENT),
        (WorkState.SUBMITTED, Actor.DEPARTMENT),
        (WorkState.ACCEPTED, Actor.COORDINATOR),
    ):
        if session.assessment.tasks[clause].state is not state:
            tasks.move(session, [clause], state, actor)


def test_the_original_of_a_masked_picture_never_goes_out(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    piece = attach(session, picture(), A, name="界面.png")
    masking.mask(session, piece.id, [Box(0, 0, 0.5, 0.5)])
    create_packet(session, lab, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        for name in archive.namelist():
            assert piece.current.sha256 not in name
            assert piece.current.sha256.encode() not in archive.read(name) and archive.read(name) != picture()


def test_an_unmasked_copy_of_a_masked_picture_holds_the_packet_back(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A, B)
    piece, bare = attach(session, picture(), A, name="界面.png"), attach(session, b"x", B)
    evidence.replace_evidence(session, bare.id, picture(), "界面.png")
    held = session.assessment.evidence
    masked = replace(held[piece.id].current, sha256="0" * 64, masked_from=held[bare.id].current.sha256)
    masked_piece = replace(held[piece.id], revisions=(masked,), clauses=())
    session.write("遮盖一件", [evidence_change(session.assessment, piece.id, masked_piece)])
    with pytest.raises(UserError, match="原图，没有遮盖"):
        create_packet(session, lab, tmp_path / "out.zip")


def test_a_missing_file_is_said_before_anything_is_written(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    piece = attach(session, b"gone", A, title="截图")
    session.workspace.evidence_path(piece.current.sha256).unlink()
    with pytest.raises(UserError, match="1 件实证材料的文件不在工作区里"):
        create_packet(session, lab, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_a_department_without_clauses_gets_no_packet(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    tasks.unassign(session, [A])
    with pytest.raises(UserError, match="还没有分派条款"):
        create_packet(session, lab, tmp_path / "out.zip")
    with pytest.raises(UserError, match="已经不在了"):
        create_packet(session, "nobody", tmp_path / "out.zip")


def test_a_deadline_of_its_own(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    assert create_packet(session, lab, tmp_path / "a.zip", deadline="2026-11-25").deadline == "2026-11-25"
    with pytest.raises(UserError, match="不是日期"):
        create_packet(session, lab, tmp_path / "b.zip", deadline="明天")


# --- opened


def test_an_opened_packet_is_a_workspace_of_its_clauses(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A, B)
    tasks.assign(session, [A, B], lab, "赵六")
    answering.set_verdict(session, [A], Verdict.MET)
    answering.set_coverage(session, "01.01", 4, Ratio.counted(95, 100))
    piece = attach(session, b"mine", A, OUTSIDE, title="医嘱界面")
    create_packet(session, lab, tmp_path / "out.zip")
    told = open_packet(tmp_path / "out.zip", tmp_path / "科室", "王五", clock=Clock())
    assert (told.sender.name, told.hospital, told.department, told.person) == ("张三", "示例医院", LAB, "赵六")
    assert (told.deadline, told.clauses, told.standing.trust) == ("2026-12-01", 2, Trust.OWN)
    with working(tmp_path / "科室") as opened:
        held = opened.assessment
        assert held.scope == {A, B} and held.hospital == "示例医院" and held.target == 5
        assert held.packet is not None and held.packet.assessment == session.assessment.id != held.id
        assert held.packet.person == "赵六" and held.packet.deadline == "2026-12-01"
        assert held.answer(A).verdict is Verdict.MET and held.coverage["01.01", 4] == Ratio.counted(95, 100)
        assert held.departments[lab].name == LAB
        assert held.tasks[A] == Task(lab, "赵六", "2026-12-01", WorkState.IN_PROGRESS)
        came = held.evidence[piece.id]
        assert (came.title, came.clauses, came.current.file_name) == ("医嘱界面", (A,), "截图.txt")
        assert opened.workspace.evidence_path(came.current.sha256).read_bytes() == b"mine"
        assert opened.pack == session.pack
        assert opened.workspace.audit(1)[0].label == f"打开“{LAB}”的任务包"


def test_looking_at_a_packet_writes_nothing(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    create_packet(session, lab, tmp_path / "out.zip", sign=False)
    before = sorted(tmp_path.rglob("*"))
    told = look_at(tmp_path / "out.zip")
    assert (told.clauses, told.signature, told.standing.trust) == (1, None, Trust.UNSIGNED)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_sealed_packet_asks_for_its_passphrase(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    attach(session, b"mine", A)
    create_packet(session, lab, tmp_path / "out.zip", passphrase=PASSPHRASE)
    with pytest.raises(NeedsPassphrase):
        look_at(tmp_path / "out.zip")
    with pytest.raises(WrongPassphrase):
        open_packet(tmp_path / "out.zip", tmp_path / "d", "王五", passphrase="wrong-horse-battery")
    assert not (tmp_path / "d").exists()
    assert open_packet(tmp_path / "out.zip", tmp_path / "d", "王五", passphrase=PASSPHRASE).clauses == 1
    with pytest.raises(UserError, match="口令太短"):
        create_packet(session, lab, tmp_path / "x.zip", passphrase="short")


def test_a_folder_in_use_is_left_alone(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    create_packet(session, lab, tmp_path / "out.zip")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x.txt").write_text("x")
    with pytest.raises(UserError, match="已有别的内容"):
        open_packet(tmp_path / "out.zip", tmp_path / "d", "王五")
    assert [file.name for file in (tmp_path / "d").iterdir()] == ["x.txt"]


def test_cancelling_the_opening_leaves_nothing(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    attach(session, b"mine", A)
    create_packet(session, lab, tmp_path / "out.zip")
    before = sorted(path.name for path in tmp_path.iterdir())

    def cancel(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        open_packet(tmp_path / "out.zip", tmp_path / "d", "王五", progress=cancel)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# --- back


def test_a_packet_given_back_tells_what_was_and_what_is(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    attach(session, b"old", A, title="旧")
    with department(session, tmp_path / "d") as lab:
        answering.set_verdict(lab, [A], Verdict.MET)
        new = attach(lab, b"new", B, title="新")
        unlinked = attach(lab, b"nothing", title="没有条款")
        made = return_packet(lab, tmp_path / "back.zip")
        assert (made.kind, made.clauses, made.answered, made.evidence, made.files) == (PacketKind.BACK, 2, 1, 2, 1)
        assert lab.assessment.tasks[A].state is WorkState.SUBMITTED
        assert lab.assessment.tasks[B].state is WorkState.IN_PROGRESS
        told = document(tmp_path / "back.zip")
        assert f"answer:{A}:verdict" in told["now"].keys() - told["base"].keys()
        assert told["sender"] == {"name": "王五", "organisation": f"示例医院 {LAB}"}
        assert {clause: task["state"] for clause, task in told["tasks"].items()} == {A: "submitted", B: "in_progress"}
        assert payload(tmp_path / "back.zip") == [f"{new.current.sha256}-截图.txt"]
        assert unlinked.id not in json.dumps(told)
        assert not payload(tmp_path / "back.zip", "criteria/")


def test_giving_back_the_same_again_is_the_same_packet(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        out = lab.assessment.packet
        assert out is not None
        answering.set_note(lab, A, "一")
        first = document(given_back(lab, tmp_path / "1.zip"))
        again = document(given_back(lab, tmp_path / "2.zip"))
        assert first["id"] == again["id"] and first["id"].startswith(f"{out.id}.")
        assert len(snapshots.listed(lab)) == 1
        answering.set_note(lab, A, "二")
        later = document(given_back(lab, tmp_path / "3.zip"))
        assert later["id"].startswith(f"{first['id']}.") and len(snapshots.listed(lab)) == 2
        assert [state["id"] for state in later["earlier"]] == [first["id"]]
        assert later["earlier"][0]["changed"] == {f"answer:{A}:note": "一"}


def test_what_was_asked_for_counts_as_submitted_once_it_is_done(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    for clause in (A, B):
        accept(session, clause)
        tasks.move(session, [clause], WorkState.CHANGES_REQUESTED, Actor.COORDINATOR, "请补截图")
    with department(session, tmp_path / "d") as lab:
        assert lab.assessment.tasks[A].comment == "请补截图"
        attach(lab, b"more", A)
        given_back(lab, tmp_path / "back.zip")
        states = {clause: task.state for clause, task in lab.assessment.tasks.items()}
        assert states == {A: WorkState.SUBMITTED, B: WorkState.CHANGES_REQUESTED}


def test_only_a_packet_can_be_given_back_and_none_sent_on(session: Session, tmp_path: Path) -> None:
    lab_id = assign(session, A)
    with pytest.raises(UserError, match="不是科室任务包"):
        return_packet(session, tmp_path / "back.zip")
    with department(session, tmp_path / "d") as lab, pytest.raises(UserError, match="不能再发出"):
        create_packet(lab, lab_id, tmp_path / "x.zip")


def test_a_packet_that_came_back_is_not_opened(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        given_back(lab, tmp_path / "back.zip")
    with pytest.raises(UserError, match="交回的任务包"):
        open_packet(tmp_path / "back.zip", tmp_path / "e", "王五")
    assert not (tmp_path / "e").exists()


# --- hostile


def spoilt(file: Path, change: Callable[[bytes], bytes], target: Path, name: str = "packet.json") -> Path:
    """`file` with one of its files changed and its manifests made anew, as a careful attacker would."""
    files = contents(file)
    files[f"data/{name}"] = change(files[f"data/{name}"])
    return zipped(rebagged(files), target)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("clauses", ["09.99.9(9)"], "09.99.9"),
        ("hospital", " ", "医院名称是空的"),
        ("target", 8, ""),
        ("base", {"coverage:01.01/9:": "1/2"}, "coverage:01.01/9"),
        ("base", {"coverage:77.01/4:": "1/2"}, "77.01.4"),
        ("tasks", {C: {"person": "", "deadline": "", "state": "assigned", "comment": ""}}, "不属于这个任务包"),
    ],
)
def test_what_does_not_fit_the_pack_is_refused_by_name(
    session: Session, tmp_path: Path, key: str, value: object, words: str
) -> None:
    lab = assign(session, A, B)
    create_packet(session, lab, tmp_path / "out.zip")

    def changed(content: bytes) -> bytes:
        return json.dumps({**json.loads(content), key: value}).encode()

    spoilt(tmp_path / "out.zip", changed, tmp_path / "bad.zip")
    if not words:
        assert open_packet(tmp_path / "bad.zip", tmp_path / "d", "王五").clauses == 2
        return
    with pytest.raises(UserError, match=words.replace("(", r"\(")):
        open_packet(tmp_path / "bad.zip", tmp_path / "d", "王五")
    assert not (tmp_path / "d").exists()


def test_another_pack_than_named_is_refused(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    create_packet(session, lab, tmp_path / "out.zip")
    spoilt(tmp_path / "out.zip", lambda content: content + b"\n# x\n", tmp_path / "bad.zip", "criteria/role-01.yaml")
    with pytest.raises(RefusedError, match=r"标准包和 packet\.json 里写的不同"):
        open_packet(tmp_path / "bad.zip", tmp_path / "d", "王五")
    spoilt(tmp_path / "out.zip", lambda _: b"- x", tmp_path / "worse.zip", "criteria/role-01.yaml")
    with pytest.raises(RefusedError, match=r"role-01\.yaml"):
        open_packet(tmp_path / "worse.zip", tmp_path / "d", "王五")
    assert not (tmp_path / "d").exists()


def test_a_file_of_evidence_that_is_not_what_it_says_is_refused(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    piece = attach(session, b"mine", A, name="x.png")
    create_packet(session, lab, tmp_path / "out.zip", sign=False)
    data = (tmp_path / "out.zip").read_bytes()
    start = data.index(b"mine", data.index(piece.current.sha256.encode()))
    (tmp_path / "bad.zip").write_bytes(data[:start] + b"mime" + data[start + 4 :])
    assert look_at(tmp_path / "bad.zip").evidence == 1  # not looked at yet
    with pytest.raises(RefusedError, match="已损坏"):
        open_packet(tmp_path / "bad.zip", tmp_path / "d", "王五")
    assert not (tmp_path / "d").exists()


def test_a_broken_signature_is_refused(session: Session, tmp_path: Path) -> None:
    lab = assign(session, A)
    create_packet(session, lab, tmp_path / "out.zip")
    files = contents(tmp_path / "out.zip")
    files["signature.json"] = files["signature.json"].replace("张三".encode(), "李四".encode())
    zipped(files, tmp_path / "bad.zip")
    with pytest.raises(RefusedError, match="签名不对"):
        look_at(tmp_path / "bad.zip")
