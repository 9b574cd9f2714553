"""`package open --as-expert` and `review` as experts and the hospital type them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Pack
from emrassess.services import answering, incoming, tasks
from emrassess.services import session as session_module
from emrassess.services.session import close, open_workspace
from tests.commands.conftest import Command, Said

A, B, OUTPATIENT = "01.01.4(1)", "01.01.4(2)", "03.01.4(1)"


@pytest.fixture(autouse=True)
def packs_read_once(monkeypatch: pytest.MonkeyPatch, pack: Pack) -> None:
    """Every workspace and package here is of the same one."""
    for module in (incoming, session_module):
        monkeypatch.setattr(module, "load_files", lambda _files: pack)


@dataclass
class Campaign:
    """A hospital that claims A, B and an outpatient clause, its package, and what experts do with it."""

    folder: Path
    hospital: Path
    package: Path
    command: Command

    def opened(self, name: str, package: Path | None = None) -> Path:
        """An expert's workspace for the ward group."""
        folder = self.folder / name
        asked = ("--out", folder, "--as-expert", "--group", "ward", "--expert", name)
        assert self.command("package", "open", package or self.package, *asked).code == 0
        return folder

    def said(self, workspace: Path, **verdicts: object) -> Said:
        """What the expert notes, by clause with _ for what no name has."""
        file = self.folder / "verdicts.yaml"
        file.write_text(json.dumps(verdicts, ensure_ascii=False), encoding="utf-8")
        return self.command("review", "record", "--workspace", workspace, file)

    def sent(self, workspace: Path, name: str, *more: object) -> tuple[Path, Said]:
        out = self.folder / name
        return out, self.command("review", "export", "--workspace", workspace, "--group", "ward", "--out", out, *more)

    def taken(self, *arguments: object, into: Path | None = None) -> Said:
        return self.command("review", "import", "--workspace", into or self.hospital, *arguments)

    def findings(self, *arguments: object) -> Any:
        """What `review import --json` says of the ledger."""
        return json.loads(self.taken(*arguments, "--json").out)["findings"]


@pytest.fixture
def campaign(tmp_path: Path, workspace: Path, command: Command) -> Campaign:
    session = open_workspace(workspace, "张三")
    for clause in (A, B, OUTPATIENT):
        answering.set_verdict(session, [clause], Verdict.MET)
    close(session)
    package = tmp_path / "材料包.zip"
    assert command("package", "create", "--workspace", workspace, "--out", package, "--no-sign").code == 0
    return Campaign(tmp_path, workspace, package, command)


def test_who_checks_is_asked_only_of_experts(campaign: Campaign) -> None:
    for option in ("--group", "--expert"):
        said = campaign.command("package", "open", campaign.package, "--out", campaign.folder / "x", option, "ward")
        assert said.code == 2 and "--as-expert" in said.err
    assert not (campaign.folder / "x").exists()


def test_an_expert_hears_what_is_not_in_the_file(campaign: Campaign) -> None:
    first, second = campaign.opened("甲"), campaign.opened("乙")
    assert "已记录 2 条" in campaign.said(first, **{A: "confirmed", OUTPATIENT: "confirmed"}).out
    campaign.said(second, **{A: "not_confirmed"})
    file, said = campaign.sent(first, "甲.zip")
    assert said.code == 0 and "不在这个文件里的：门诊组 1 条" in said.out and "冲突" not in said.out
    assert "1 处冲突等待决定" in campaign.taken(file, into=second).out
    _, said = campaign.sent(second, "乙.zip")
    assert "有 1 处冲突还没有决定" in said.out and "不在这个文件里的" not in said.out


def test_the_ledger_that_would_come_is_told_before(campaign: Campaign) -> None:
    first = campaign.opened("甲")
    campaign.said(first, **{A: {"verdict": "partly", "problem": "没有时间"}, B: "confirmed"})
    file, _ = campaign.sent(first, "甲.zip")
    new = {"total": 1, "new": 1, "closed": 0, "reopened": 0}
    assert campaign.findings(file, "--dry-run") == new
    assert "整改台账会新增 1 个，共 1 个问题" in campaign.taken(file, "--dry-run").out
    assert campaign.findings(file) == new
    assert campaign.findings(file) == {**new, "new": 0}


def test_a_recheck_is_counted_by_itself(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    first = campaign.opened("甲")
    campaign.said(first, **{A: {"verdict": "partly", "problem": "没有时间"}})
    file, _ = campaign.sent(first, "甲.zip")
    assert campaign.taken(file).code == 0
    proof = campaign.folder / "改后.txt"
    proof.write_text("已改", encoding="utf-8")
    ledger = ("--workspace", campaign.hospital)
    assert campaign.command("ledger", "assign", *ledger, "--measures", "换模板", A).code == 0
    assert campaign.command("ledger", "proof", *ledger, A, proof).code == 0
    assert campaign.command("ledger", "move", *ledger, "--to", "done", A).code == 0
    assert "package create" in campaign.command("ledger", "recheck", *ledger).out
    package = campaign.folder / "回看.zip"
    assert campaign.command("package", "create", *ledger, "--out", package, "--no-sign").code == 0
    again = campaign.opened("甲回看", package)
    assert "已核查 1 条（其中这一次 0 条）" in campaign.command("review", "status", "--workspace", again).out
    _, nothing = campaign.sent(again, "没看.zip")
    assert nothing.code == 2 and "在第 1 次回看中还没有核查意见" in nothing.err
    campaign.said(again, **{A: "confirmed"})
    file, _ = campaign.sent(again, "回看结果.zip")
    assert "整改台账会销号 1 个，共 1 个问题" in campaign.taken(file, "--dry-run").out
    assert campaign.findings(file) == {"total": 1, "new": 0, "closed": 1, "reopened": 0}


def test_other_files_are_refused_by_name(campaign: Campaign) -> None:
    session = open_workspace(campaign.hospital, "张三")
    tasks.assign_by_name(session, [A], "检验科")
    close(session)
    sent, lab, back = (campaign.folder / name for name in ("out.zip", "检验科", "back.zip"))
    hub = ("--workspace", campaign.hospital)
    assert campaign.command("packet", "create", *hub, "--department", "检验科", "--out", sent).code == 0
    assert campaign.command("packet", "open", sent, "--out", lab).code == 0
    assert campaign.command("packet", "return", "--workspace", lab, "--out", back).code == 0
    for arguments in ((back,), (back, "--dry-run"), (sent,)):
        refused = campaign.taken(*arguments)
        assert refused.code == 1 and "这是科室任务包（检验科），不是专家的核查结果" in refused.out
    assert "这是实证材料包，不是任务包或核查结果" in campaign.taken(campaign.package).out
    first = campaign.opened("甲")
    campaign.said(first, **{A: "confirmed"})
    review, _ = campaign.sent(first, "甲.zip")
    opened = campaign.command("package", "open", review, "--out", campaign.folder / "x", "--as-expert")
    assert opened.code == 2 and "这是专家的核查结果，不是实证材料包" in opened.err and "review import" in opened.err
