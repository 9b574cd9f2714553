"""`tasks` and `report tasks`."""

import json
from pathlib import Path

from openpyxl import load_workbook

from tests.commands.conftest import Command

CLAUSE = "01.01.1(1)"


def test_clauses_are_assigned_and_listed(command: Command, workspace: Path) -> None:
    assign = ("tasks", "assign", "--workspace", workspace, "--department", "护理部")
    said = command(*assign, "02.01", CLAUSE, "--person", "李护士", "--deadline", "2020-01-31")
    assert said.code == 0
    assert "给“护理部”（02.01 只包括 5 级及以下的条款）" in said.out
    assert "没有改动" in command(*assign, CLAUSE).out
    listed = command("tasks", "list", "--workspace", workspace).out
    assert "护理部：" in listed and "已逾期" in listed
    assert f"  {CLAUSE}　已分派，李护士，2020-01-31（已逾期" in listed
    data = json.loads(command("tasks", "list", "--workspace", workspace, "--json").out)
    (department,) = data["departments"]
    assert department["name"] == "护理部"
    assert department["total"] == department["overdue"] == department["states"]["assigned"] == len(data["tasks"])
    first = next(task for task in data["tasks"] if task["clause"] == CLAUSE)
    assert first["overdue"] and first["person"] == "李护士" and first["department"] == "护理部"
    assert CLAUSE not in data["unassigned"] and "01.01.1(2)" in data["unassigned"]


def test_assigning_again_changes_person_and_deadline(command: Command, workspace: Path) -> None:
    assign = ("tasks", "assign", "--workspace", workspace, "--department", "护理部", CLAUSE)
    command(*assign, "--person", "李护士", "--deadline", "2020-01-31")
    assert "已分派 1 条给“护理部”" in command(*assign, "--person", "钱护士").out
    assert f"  {CLAUSE}　已分派，钱护士，2020-01-31（已逾期" in command("tasks", "list", "--workspace", workspace).out


def test_what_is_wrong_is_said_and_changes_nothing(command: Command, workspace: Path) -> None:
    assign = ("tasks", "assign", "--workspace", workspace, "--department")
    for arguments, what in (
        (("护理部", CLAUSE, "99.01", "", "01.01.9"), "标准里没有 99.01、空的编号、01.01.9"),
        (("护理部", CLAUSE, "--deadline", "下周"), "不是日期"),
        ((" ", CLAUSE), "科室名称是空的"),
    ):
        said = command(*assign, *arguments)
        assert said.code == 2 and what in said.err
    assert "还没有科室" in command("tasks", "list", "--workspace", workspace).out


def test_what_the_person_should_know_is_said(command: Command, workspace: Path) -> None:
    assign = ("tasks", "assign", "--workspace", workspace, "--department")
    command(*assign, "检验科", "01.01.1")
    said = command(*assign, " 护理\n部 ", "０１.０１.１（1）", "--deadline", "2020-01-31")
    assert said.code == 0 and "已分派 1 条给“护理 部”" in said.out
    assert "有 1 条原来是“检验科”的" in said.out and "期限 2020-01-31 已经过了" in said.out
    assert "注意" not in command(*assign, "护理 部", "01.01.2", "--deadline", "2099-01-31").out


def test_the_task_list_is_written(command: Command, workspace: Path, tmp_path: Path) -> None:
    command("tasks", "assign", "--workspace", workspace, "--department", "护理部", CLAUSE)
    out = tmp_path / "清单.xlsx"
    assert command("report", "tasks", "--workspace", workspace, "--out", out).code == 0
    assert load_workbook(out).sheetnames == ["汇总", "护理部"]
