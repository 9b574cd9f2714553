"""`ledger`: listed, given to somebody, moved, proven, out as a workbook and in again."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from emrassess.commands import options as command_options
from emrassess.services.session import close, open_workspace
from tests.commands.conftest import Command
from tests.services.ledger_samples import A1, B1, C1, A, B, three


@pytest.fixture
def ledger(command: Command, workspace: Path) -> Command:
    """`ledger ACTION --workspace …` on a workspace with three findings."""
    session = open_workspace(workspace, "张三")
    three(session)
    close(session)
    return lambda action, *arguments: command("ledger", action, "--workspace", workspace, *arguments)


def test_the_ledger_is_listed(ledger: Command) -> None:
    assert ledger("assign", A1, B, "--department", "护理部", "--deadline", "2020-01-31").code == 0
    assert ledger("assign", C1, "--supervised").code == 0
    listed = ledger("list")
    assert listed.code == 0 and "台账共 3 个问题：待整改 3；已逾期 2，挂牌督办 1" in listed.out
    assert listed.out.startswith(f"{C1}　待整改，轻微，挂牌督办，没有责任科室，没有期限\n  闭环缺环节\n")
    assert f"{A1}　待整改，严重，护理部，期限 2020-01-31，已逾期" in listed.out
    data = json.loads(ledger("list", "--json", "--overdue", "--department", "护理部").out)
    assert [finding["id"] for finding in data["findings"]] == [A1, B1]
    first = data["findings"][0]
    assert (first["state"], first["severity"], first["overdue"]) == ("open", "serious", True)
    assert first["days_left"] < 0 and first["history"][0]["what"] == "现场核查提出" and first["requirement"]
    assert data["summary"]["departments"]["护理部"] == {"total": 2, "open": 2, "overdue": 2}
    assert [f["id"] for f in json.loads(ledger("list", "--json", "--department", "").out)["findings"]] == [C1]
    assert json.loads(ledger("list", "--json", "--state", "已销号").out)["findings"] == []
    assert ledger("list", "--state", "closed").out.startswith("没有符合条件的问题\n台账共 3 个问题")
    assert "没有“搁置”这样的状态" in ledger("list", "--state", "搁置").err


def test_an_empty_ledger_says_what_to_do(command: Command, workspace: Path) -> None:
    said = command("ledger", "list", "--workspace", workspace)
    assert said.code == 0 and "review import" in said.out
    assert "还没有导入现场核查" in command("ledger", "recheck", "--workspace", workspace).err


def test_a_finding_goes_its_way(ledger: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_options, "user_name", lambda: "护士长")
    picture = tmp_path / "改后.png"
    picture.write_bytes(b"1")
    refused = ledger("move", A1, "--to", "done")
    assert refused.code == 2 and "还没有整改措施和整改后的材料" in refused.err
    assert "整改措施：换模板" in ledger("assign", A1, "--measures", "换模板").out
    assert "没有改动" in ledger("assign", A, "--measures", "换模板").out
    assert "附上整改后的材料 1 件" in ledger("proof", A, picture).out
    (key,) = json.loads(ledger("list", "--json").out)["findings"][0]["after"]
    assert "没有改动，这些材料早已附上" in ledger("proof", A, picture).out
    assert "附上整改后的材料 1 件" in ledger("proof", "--evidence", key, B1).out
    assert "已整改待回看" in ledger("move", A1, "--to", "已整改待回看", "--note", "第一批").out
    own = ledger("move", A1, "--to", "closed")
    assert own.code == 2 and "“护士长”自己报的完成" in own.err
    monkeypatch.setattr(command_options, "user_name", lambda: "质控科")
    assert ledger("move", A1, "--to", "closed").code == 0
    assert "没有改动" in ledger("move", A1, "--to", "closed").out
    assert "开始第 1 次回看" in ledger("recheck").out


def test_what_is_wrong_is_said(ledger: Command) -> None:
    for arguments, said in (
        (("assign", A1), "没有说要改什么"),
        (("assign", "99", "--owner", "x"), "台账里没有 99"),
        (("assign", A1, "--deadline", "明天"), "不是日期"),
        (("move", A1, "--to", "fertig"), "没有“fertig”这样的状态"),
        (("proof", A1), "没有给出整改后的材料"),
        (("proof", A1, "--evidence", "zz"), "工作区里没有实证材料 zz"),
    ):
        refused = ledger(*arguments)
        assert refused.code == 2 and said in refused.err and not refused.out


def test_out_as_a_workbook_and_in_again(ledger: Command, tmp_path: Path) -> None:
    file = tmp_path / "台账.xlsx"
    assert "已写好 3 个问题" in ledger("export", "--out", file).out
    again = ledger("import", file)
    assert again.code == 0 and "改动 0 个，新增 0 个，没有变化 3 个" in again.out
    ledger("assign", A1, "--owner", "王五")
    book = load_workbook(file)
    sheet = book.worksheets[0]
    heads = {str(cell.value): n for n, cell in enumerate(sheet[3], 1)}
    rows = {str(sheet.cell(n, 1).value): n for n in range(4, sheet.max_row + 1)}
    sheet.cell(rows[A1], heads["责任人"], "赵六")
    sheet.cell(rows[B1], heads["状态"], "已销号")
    sheet.cell(rows[B1], heads["责任科室"], "病案室")
    sheet.cell(8, heads["条款"], A)
    sheet.cell(8, heads["问题"], "自查的问题")
    sheet.delete_rows(rows[C1])
    book.save(file)
    shown = ledger("import", file, "--dry-run")
    assert shown.code == 1 and "没有改动" in shown.out
    assert "冲突 第" in shown.out and "这里是“王五”，表里是“赵六”" in shown.out
    assert f"{B1} 状态：" in shown.out and "表里少了 1 个问题" in shown.out
    data = json.loads(ledger("import", file, "--json").out)
    assert [change["id"] for change in data["changed"]] == [B1] and data["changed"][0]["fields"] == ["责任科室"]
    assert [new["clause"] for new in data["new"]] == [A] and data["same"] == 0
    assert data["conflicts"][0]["field"] == "责任人" and data["refused"][0]["field"] == "状态"
    assert data["missing"] == [C1]
    assert ledger("import", tmp_path / "没有.xlsx").code == 2
