"""`packet` and `package` as a person types them."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emrassess.domain.answers import Verdict
from emrassess.services import answering, tasks
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session, close, open_workspace
from tests.commands.conftest import Command

A, B = "01.01.4(1)", "01.01.4(2)"
LAB = "检验科"
PASSPHRASE = "correct-horse-battery"


class Hospital:
    """A workspace with a department, and what is done in it and in the department's."""

    def __init__(self, folder: Path, command: Command) -> None:
        self.folder = folder
        self.command = command
        self.hub = folder / "工作区"
        self.lab = folder / "检验科"
        self.out, self.back = folder / "out.zip", folder / "back.zip"

    def work(self, place: Path, *notes: tuple[str, str]) -> None:
        for session in _opened(place):
            for clause, text in notes:
                answering.set_note(session, clause, text)

    def there_and_back(self, *notes: tuple[str, str]) -> Path:
        """The packet out, worked on, and back."""
        assert self.command("packet", "create", *self.of_lab, "--out", self.out).code == 0
        assert self.command("packet", "open", self.out, "--out", self.lab).code == 0
        self.work(self.lab, *notes)
        assert self.command("packet", "return", "--workspace", self.lab, "--out", self.back).code == 0
        return self.back

    @property
    def of_lab(self) -> list[object]:
        return ["--workspace", self.hub, "--department", LAB]

    def merged(self, *arguments: object) -> Any:
        """What `packet merge --json` says."""
        said = self.command("packet", "merge", "--workspace", self.hub, *arguments, "--json")
        return json.loads(said.out)

    def note(self, clause: str) -> str:
        for session in _opened(self.hub):
            return session.assessment.answer(clause).note
        return ""


def _opened(place: Path) -> Iterator[Session]:
    session = open_workspace(place, "张三")
    try:
        yield session
    finally:
        close(session)


@pytest.fixture
def hospital(tmp_path: Path, workspace: Path, command: Command) -> Hospital:
    for session in _opened(workspace):
        tasks.assign_by_name(session, [A, B], LAB, deadline="2026-12-01")
        answering.set_note(session, A, "原话")
    return Hospital(tmp_path, command)


def test_a_packet_goes_out_comes_back_and_is_merged(hospital: Hospital, command: Command) -> None:
    made = command("packet", "create", *hospital.of_lab, "--out", hospital.out)
    assert made.code == 0 and "2 条" in made.out and "2026-12-01" in made.out
    opened = command("packet", "open", hospital.out, "--out", hospital.lab)
    assert opened.code == 0 and "示例医院" in opened.out and "2 条" in opened.out and "本机的签名" in opened.out
    hospital.work(hospital.lab, (A, "他们"), (B, "新写"))
    back = command("packet", "return", "--workspace", hospital.lab, "--out", hospital.back)
    assert back.code == 0 and str(hospital.back) in back.out
    merge = ["packet", "merge", "--workspace", hospital.hub, hospital.back]
    foreseen = command(*merge, "--dry-run")
    assert foreseen.code == 0 and f"采用 {A}：说明" in foreseen.out and "没有改动" in foreseen.out
    assert hospital.note(A) == "原话"
    done = command(*merge)
    assert done.code == 0 and "采用 2 处" in done.out
    assert (hospital.note(A), hospital.note(B)) == ("他们", "新写")
    again = command(*merge)
    assert again.code == 0 and "合并过，没有变化" in again.out


def test_json_tells_each_value_with_clause_and_field(hospital: Hospital) -> None:
    back = hospital.there_and_back((A, "他们"), (B, "新写"))
    hospital.work(hospital.hub, (A, "我们"))
    told = hospital.merged(back)
    assert [(one["clause"], one["field"], one["theirs"]) for one in told["taken"]] == [(B, "note", "新写")]
    (conflict,) = told["conflicts"]
    assert (conflict["clause"], conflict["field"], conflict["why"]) == (A, "note", "both")
    assert (conflict["base"], conflict["ours"], conflict["theirs"]) == ("原话", "我们", "他们")
    assert (told["same"], told["refused"], told["waiting"]) == ([], [], 1)
    (packet,) = told["packets"]
    assert (packet["department"], packet["trust"], packet["merged_before"]) == (LAB, "own", None)
    again = hospital.merged(back)
    assert not again["taken"] and not again["conflicts"] and again["packets"][0]["merged_before"]
    assert [(one["clause"], one["field"]) for one in again["same"]] == [(B, "note")]


@pytest.mark.parametrize(("prefer", "note"), [("--theirs", "他们"), ("--ours", "我们")])
def test_conflicts_are_decided_for_one_side(hospital: Hospital, prefer: str, note: str) -> None:
    back = hospital.there_and_back((A, "他们"))
    hospital.work(hospital.hub, (A, "我们"))
    assert hospital.merged(back, prefer)["waiting"] == 0
    assert hospital.note(A) == note


def test_open_conflicts_are_said(hospital: Hospital, command: Command) -> None:
    back = hospital.there_and_back((A, "他们"))
    hospital.work(hospital.hub, (A, "我们"))
    said = command("packet", "merge", "--workspace", hospital.hub, back)
    assert said.code == 0 and f"冲突 {A} 说明：两边都改了" in said.out and "1 处冲突等待决定" in said.out


def test_refused_files_make_the_answer_no(hospital: Hospital, command: Command) -> None:
    back = hospital.there_and_back((A, "他们"))
    said = command("packet", "merge", "--workspace", hospital.hub, hospital.out, back, "--json")
    told = json.loads(said.out)
    assert said.code == 1 and hospital.note(A) == "他们"
    (refused,) = told["refused"]
    assert (refused["file"], refused["clause"], refused["field"]) == (str(hospital.out), "", "")
    assert "发给科室" in refused["reason"]
    said = command("packet", "merge", "--workspace", hospital.hub, hospital.folder / "gone.zip")
    assert said.code == 1 and "没有合并：找不到" in said.out


def test_values_of_others_are_refused_by_clause(hospital: Hospital) -> None:
    back = hospital.there_and_back((A, "他们"), ("02.01.3(1)", "越界"))
    told = hospital.merged(back)
    (refused,) = told["refused"]
    assert (refused["clause"], refused["field"], refused["reason"]) == ("02.01.3(1)", "note", "不在这个任务包的条款里")


def test_figures_and_evidence_have_fields_of_their_own(hospital: Hospital, command: Command) -> None:
    command("packet", "create", *hospital.of_lab, "--out", hospital.out)
    command("packet", "open", hospital.out, "--out", hospital.lab)
    from emrassess.domain.answers import Ratio
    from emrassess.domain.pack import Dimension

    for session in _opened(hospital.lab):
        answering.set_coverage(session, "01.01", 4, Ratio.counted(95, 100))
        answering.set_quality(session, "01.01", 4, Dimension.COMPLETENESS, Ratio.plain("0.9"))
        answering.set_verdict(session, [A], Verdict.MET)
        add_evidence(session, [NewEvidence(b"x", "图.txt", "医嘱")], [A])
    command("packet", "return", "--workspace", hospital.lab, "--out", hospital.back)
    told = hospital.merged(hospital.back, "--dry-run")
    found = {(one["clause"], one["field"]) for one in told["taken"]}
    assert found == {("01.01.4", "coverage"), ("01.01.4", "completeness"), (A, "verdict"), (A, "evidence")}


def test_evidence_of_clauses_of_others_is_refused_in_a_packet(hospital: Hospital, command: Command) -> None:
    assert command("packet", "create", *hospital.of_lab, "--out", hospital.out).code == 0
    assert command("packet", "open", hospital.out, "--out", hospital.lab).code == 0
    hospital.back.write_bytes(b"x")
    said = command("evidence", "add", "--workspace", hospital.lab, "--clause", A, "02.01.3(1)", hospital.back)
    assert said.code == 2 and "02.01.3(1)" in said.err and A not in said.err
    assert command("evidence", "add", "--workspace", hospital.lab, "--clause", A, hospital.back).code == 0


def test_a_packet_that_only_went_out_is_refused_by_whom_it_is_from(hospital: Hospital, command: Command) -> None:
    assert command("packet", "create", *hospital.of_lab, "--out", hospital.out).code == 0
    said = command("packet", "merge", "--workspace", hospital.hub, hospital.out)
    assert said.code == 1 and f"{LAB}，来自" in said.out and "这是发给科室的任务包" in said.out


def test_an_unknown_department_is_named_with_those_there_are(hospital: Hospital, command: Command) -> None:
    said = command("packet", "create", "--workspace", hospital.hub, "--department", "急诊科", "--out", hospital.out)
    assert said.code == 2 and "没有科室“急诊科”" in said.err and LAB in said.err


def test_passphrases_come_from_a_file_or_are_typed(
    hospital: Hospital, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hospital.folder / "口令.txt"
    file.write_text(f"{PASSPHRASE}\n第二行", encoding="utf-8")
    sealed = ["packet", "create", *hospital.of_lab, "--out", hospital.out, "--passphrase-file", file]
    assert command(*sealed).code == 0
    opening = ["packet", "open", hospital.out, "--out", hospital.lab]
    said = command(*opening)
    assert said.code == 2 and "需要口令" in said.err and not hospital.lab.exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO("wrong-horse-battery\n"))
    said = command(*opening, "--passphrase-file", "-")
    assert said.code == 2 and "口令不对" in said.err
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSPHRASE}\r\n"))
    assert command(*opening, "--passphrase-file", "-").code == 0
    returning = ["packet", "return", "--workspace", hospital.lab, "--out", hospital.back, "--passphrase-file", file]
    assert command(*returning).code == 0
    merging = ["packet", "merge", "--workspace", hospital.hub, hospital.back]
    said = command(*merging)
    assert said.code == 1 and "没有合并：需要口令" in said.out
    assert command(*merging, "--passphrase-file", file).code == 0
    said = command(*merging, "--passphrase-file", hospital.folder / "none.txt")
    assert said.code == 2 and "口令文件" in said.err


def test_an_unsigned_packet_is_said_to_be_one(hospital: Hospital, command: Command) -> None:
    command("packet", "create", *hospital.of_lab, "--out", hospital.out, "--no-sign")
    assert "没有签名" in command("packet", "open", hospital.out, "--out", hospital.lab).out


# --- packages


def test_a_package_is_signed_sealed_and_verified(hospital: Hospital, command: Command) -> None:
    file, out = hospital.folder / "口令.txt", hospital.folder / "材料包.zip"
    file.write_text(PASSPHRASE, encoding="utf-8")
    create = ["package", "create", "--workspace", hospital.hub, "--out", out]
    assert command(*create, "--passphrase-file", file).code == 0
    said = command("package", "verify", out)
    assert said.code == 2 and "需要口令" in said.err
    said = command("package", "verify", out, "--passphrase-file", file)
    assert said.code == 0 and "校验通过" in said.out and "签名：本机的签名" in said.out
    told = json.loads(command("package", "verify", out, "--passphrase-file", file, "--json").out)
    assert told["ok"] and told["trust"] == "own" and told["signature"]["organisation"] == "示例医院"
    assert command(*create, "--no-sign").code == 0
    said = command("package", "verify", out)
    assert said.code == 0 and "签名：没有签名" in said.out


def test_the_official_wording_goes_along_only_on_demand(hospital: Hospital, command: Command) -> None:
    from emrassess.storage.changes import wording_change
    from tests.exchange.samples import contents

    for session in _opened(hospital.hub):
        session.write("官方原文", [wording_change(session.assessment, A, "编造的官方原文")])
    out = hospital.folder / "材料包.zip"
    create = ["package", "create", "--workspace", hospital.hub, "--out", out]
    for options, there in (([], False), (["--with-wording"], True)):
        assert command(*create, *options).code == 0
        assert ("编造的官方原文" in contents(out)["data/assessment.json"].decode()) is there
