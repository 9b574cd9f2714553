"""The commands as another program or a person calls them: exit codes, output, no tracebacks."""

import json
import os
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emrassess.cli import run
from emrassess.services.session import close, create_workspace, open_workspace

ANSWERS = """\
format: emrassess-answers/1
pack: emr-2018
target: 5
items:
  "01.01":
    met_through: 5
    coverage: {"4": [950, 1000], "5": "0.70"}
    quality: {"3": {consistency: "0.99"}, "4": {completeness: "0.96"}, "5": {completeness: "0.9", integration: "0.8"}}
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS, encoding="utf-8")
    return file


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "工作区"
    close(create_workspace(folder, "示例医院", 5, "示例"))
    return folder


def output(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(a) for a in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_score_as_json(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = output(capsys, "score", answers, "--json")
    assert code == 0
    found = json.loads(out)
    item = next(i for i in found["items"] if i["code"] == "01.01")
    assert found["format"] == "emrassess-score/1"
    assert (item["score"], item["scored_level"], item["function_level"]) == ("3.6480", 4, 5)
    assert (item["coverage"], item["quality"]) == ("0.95", "0.96")
    assert found["total"] == "3.6480"
    assert found["attained"] == {"certain": 0, "possible": 0}
    assert [level["level"] for level in found["levels"]] == list(range(1, 9))
    level = found["levels"][4]
    assert level["verdict"] == "not_met" and level["basic"]["required"] == 20 and level["reasons"]
    assert [group["code"] for group in found["groups"]] == ["ward", "outpatient", "data"]


def test_a_target_that_the_standard_does_not_have_is_wrong_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = Path(__file__).parent / "packs" / "fixtures" / "points-example"
    file = tmp_path / "a.yaml"
    file.write_text("format: emrassess-answers/1\npack: points-example\ntarget: 2\nitems: {}\n", encoding="utf-8")
    code, _, err = output(capsys, "score", file, "--pack", pack, "--target", "8")
    assert code == 2 and "没有 8 级" in err


def test_a_projection_is_never_exported_as_a_score(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = output(capsys, "score", answers, "--assume-missing", "0.9", "--json")
    assert code == 0
    assert json.loads(out)["format"] != "emrassess-score/1"
    _, text, _ = output(capsys, "score", answers, "--assume-missing", "0.9")
    assert "推演，不是评分" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("met_through: 5", "met_through: 9"), "answers.yaml:6"),
        (("[950, 1000]", "[1001, 1000]"), "answers.yaml:7"),
        (('"0.70"', '"1.70"'), "answers.yaml:7"),
        (("consistency:", "colour:"), "answers.yaml:8"),
        (('"01.01":', '"99.99":'), "answers.yaml:5"),
        (("emrassess-answers/1", "emrassess-answers/2"), "answers.yaml:1"),
        (("target: 5", "target: 5\nextra: 1"), "answers.yaml:4"),
    ],
)
def test_faults_of_an_answers_file_are_wrong_input(
    answers: Path, change: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answers.write_text(ANSWERS.replace(*change), encoding="utf-8")
    code, _, err = output(capsys, "score", answers)
    assert code == 2 and said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "nowhere.yaml"],
        ["criteria", "show", "--pack", "emr-1999"],
        ["criteria", "check", "nowhere"],
        ["package", "create", "--workspace", "nowhere", "--out", "x.zip"],
        ["package", "verify", "nowhere.zip"],
        ["report", "pdf", "--workspace", "nowhere", "--out", "x.pdf"],
        ["answers", "export", "--workspace", "nowhere", "x.yaml"],
        ["evidence", "add", "--workspace", "nowhere", "--clause", "01.01.4(1)", "x.png"],
        ["evidence", "add", "--workspace", "nowhere", "--clause", "x.png"],
    ],
)
def test_what_is_not_there_is_wrong_input(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = output(capsys, *arguments)
    assert code == 2
    assert err and "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_criteria_check_names_faults_and_answers_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "criteria", "check")[0] == 0
    (tmp_path / "pack.yaml").write_text("format: emrassess-pack/1\n", encoding="utf-8")
    for path in (tmp_path, tmp_path / "pack.yaml"):
        code, out, _ = output(capsys, "criteria", "check", path)
        assert code == 1
        assert f"{tmp_path / 'pack.yaml'}:1: " in out


def test_answers_go_out_and_come_back(workspace: Path, answers: Path, tmp_path: Path, capsys) -> None:
    assert output(capsys, "answers", "import", "--workspace", workspace, answers)[0] == 0
    copy = tmp_path / "copy.yaml"
    assert output(capsys, "answers", "export", "--workspace", workspace, copy)[0] == 0
    first = json.loads(output(capsys, "score", answers, "--json")[1])
    second = json.loads(output(capsys, "score", copy, "--json")[1])
    assert first == second
    assert Decimal(first["total"]) > 0


def test_from_evidence_to_a_verified_package_and_reports(workspace: Path, tmp_path: Path, capsys) -> None:
    shot = tmp_path / "医嘱 页.txt"
    shot.write_text("示例医院 2026-10-01 08:00", encoding="utf-8")
    clauses = ["01.01.4(1)", "01.01.4(2)"]
    code, out, _ = output(capsys, "evidence", "add", "--workspace", workspace, "--clause", *clauses, shot)
    assert code == 0 and "01.01.4(2)" in out
    package = tmp_path / "材料包.zip"
    assert output(capsys, "package", "create", "--workspace", workspace, "--out", package)[0] == 0
    assert output(capsys, "package", "verify", package)[0] == 0
    with zipfile.ZipFile(package) as bag:
        names = bag.namelist()
    assert len({name.split("/")[0] for name in names}) == 1
    for wanted in ("data/index.html", "data/assessment.json", "data/score.json", "manifest-sha256.txt", "bagit.txt"):
        assert any(name.split("/", 1)[1] == wanted for name in names), wanted
    for kind in ("pdf", "xlsx"):
        report = tmp_path / f"报告.{kind}"
        assert output(capsys, "report", kind, "--workspace", workspace, "--out", report)[0] == 0
        assert report.stat().st_size > 5000


def test_a_damaged_package_is_a_no_with_the_entry_s_name(workspace: Path, tmp_path: Path, capsys) -> None:
    package = tmp_path / "p.zip"
    assert output(capsys, "package", "create", "--workspace", workspace, "--out", package)[0] == 0
    with zipfile.ZipFile(package) as bag:
        entries = {name: bag.read(name) for name in bag.namelist()}
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(broken, "w") as bag:
        for name, content in entries.items():
            spoilt = content.replace(b'"emr-2018"', b'"emr-2019"') if name.endswith("score.json") else content
            bag.writestr(name, spoilt)
    code, out, _ = output(capsys, "package", "verify", broken)
    assert code == 1 and "score.json" in out
    code, out, _ = output(capsys, "package", "verify", broken, "--json")
    assert code == 1 and json.loads(out)["ok"] is False


def test_the_program_answers_as_a_process(answers: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "emrassess", "score", str(answers)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    assert "达到等级" in done.stdout.decode("utf-8")


def test_clauses_may_be_named_one_by_one(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shot = tmp_path / "a.txt"
    shot.write_text("示例", encoding="utf-8")
    add = ["evidence", "add", "--workspace", workspace, "--clause", "01.01.4(1)", "--clause", "01.01.4(2)", shot]
    assert "1 件材料：01.01.4(1)、01.01.4(2)" in output(capsys, *add)[1]
    assert "没有改动" in output(capsys, *add)[1]
    session = open_workspace(workspace, "x", write=False)
    assert [piece.clauses for piece in session.assessment.evidence.values()] == [("01.01.4(1)", "01.01.4(2)")]
    close(session)


def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "emrassess", *map(str, arguments)]
    return subprocess.run(words, stderr=subprocess.PIPE, encoding="utf-8", check=False, timeout=60, **options)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["criteria", "show"], ["criteria", "check"]])
def test_an_output_that_is_full_is_said(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = process(*arguments, stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith("无法写入 标准输出：磁盘空间不足")
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe whose reader is gone")
@pytest.mark.parametrize("arguments", [["criteria", "show"], ["criteria", "check"]])
def test_a_reader_that_leaves_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = process(*arguments, stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_folder_for_settings_is_no_error(answers: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    for home in (blocked, blocked / "under"):
        done = process("score", answers, stdout=subprocess.PIPE, env={**os.environ, "EMRASSESS_HOME": str(home)})
        assert (done.returncode, done.stderr) == (0, "")


def test_a_program_without_any_output_works(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run(["package", "create", "--workspace", str(workspace), "--out", str(tmp_path / "p.zip")]) == 0


def test_a_lock_left_by_another_machine_can_be_taken_over(workspace: Path, answers: Path, capsys) -> None:
    holder = {"user": "王五", "host": "别的电脑", "pid": 1, "since": "2026-11-01T08:00:00+08:00", "token": "x"}
    (workspace / "workspace.lock").write_text(json.dumps(holder), encoding="utf-8")
    code, _, err = output(capsys, "answers", "import", "--workspace", workspace, answers)
    assert code == 2 and "王五" in err and "接管" in err
    assert output(capsys, "answers", "import", "--workspace", workspace, "--take-over", answers)[0] == 0
