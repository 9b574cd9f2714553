"""`criteria upgrade`: what another edition changes, and the workspace under it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from emrassess.domain.answers import Verdict
from emrassess.services.answering import set_verdict
from emrassess.services.session import close, create_workspace, open_workspace
from emrassess.typed_yaml import dump_yaml, read_marked
from tests.commands.conftest import Command

EXAMPLE = Path(__file__).parents[1] / "packs" / "fixtures" / "points-example"


@pytest.fixture
def workspace(tmp_path: Path, command: Command) -> Path:
    """A workspace under the example pack with one clause met."""
    command("criteria", "install", EXAMPLE)
    folder = tmp_path / "工作区"
    session = create_workspace(folder, "示例医院", 1, "张三", "points-example")
    set_verdict(session, [next(iter(session.pack.clause_by_id))], Verdict.MET)
    close(session)
    return folder


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """Version 1.1 of it: a clause reworded, one put in before another, a level row gone."""
    folder = tmp_path / "新版"
    shutil.copytree(EXAMPLE, folder)
    head = folder / "pack.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace('"1.0"', '"1.1"'), encoding="utf-8")
    role: Any = read_marked(folder / "role-01.yaml").data
    first, second, third, _ = role["items"][0]["levels"]
    first["clauses"][0]["text"] += "处方"
    moved, other = second["clauses"]
    new = {"id": "01.01.2(1)", "text": "编造的新条款", "points": "1"}
    second["clauses"] = [new, other, moved | {"id": "01.01.2(3)"}]
    role["items"][0]["levels"] = [first, second, third]
    (folder / "role-01.yaml").write_text(dump_yaml(role), encoding="utf-8")
    return folder


def test_a_look_at_the_differences_makes_nothing(
    command: Command, workspace: Path, edition: Path, tmp_path: Path
) -> None:
    before = (workspace / "workspace.sqlite3").read_bytes()
    upgrade = ("criteria", "upgrade", "--workspace", workspace, "--to", edition, "--dry-run")
    said = command(*upgrade)
    assert said.code == 0
    for expected in (
        "points-example 1.0 计分示例标准 → points-example 1.1 计分示例标准",
        "新增：01.01.2(1)\n",
        "取消：01.01.4(1)\n",
        "移位：01.01.2(1)→01.01.2(3)\n",
        "文字有改动：01.01.1(1)\n",
        "没有建新工作区",
    ):
        assert expected in said.out
    found = json.loads(command(*upgrade, "--json").out)
    assert found["to"] == {"pack": "points-example", "version": "1.1"} and found["out"] is None
    kinds = {kind: count for kind, count in found["counts"].items() if kind != "same"}
    assert kinds == {"new": 1, "gone": 1, "moved": 1, "reworded": 1}
    assert {(c["kind"], c["old"], c["new"]) for c in found["clauses"]} == {
        ("reworded", "01.01.1(1)", "01.01.1(1)"),
        ("new", None, "01.01.2(1)"),
        ("moved", "01.01.2(1)", "01.01.2(3)"),
        ("gone", "01.01.4(1)", None),
    }
    assert found["rechecks"].keys() == {"01.01.1(1)", "01.01.2(1)"}
    assert (workspace / "workspace.sqlite3").read_bytes() == before
    assert sorted(tmp_path.iterdir()) == sorted([workspace, edition])


def test_the_new_workspace_is_under_the_newest_edition_at_hand(
    command: Command, workspace: Path, edition: Path, tmp_path: Path
) -> None:
    command("criteria", "install", edition)
    over = tmp_path / "转入"
    said = command("criteria", "upgrade", "--workspace", workspace, "--to", "points-example", "--out", over)
    assert said.code == 0 and f"新工作区已建好：{over}" in said.out
    session = open_workspace(over, "x", write=False)
    assert session.pack.version == "1.1" and set(session.assessment.rechecks) == {"01.01.1(1)", "01.01.2(1)"}
    close(session)
    again = command("criteria", "upgrade", "--workspace", workspace, "--to", "points-example", "--out", over)
    assert again.code == 2 and "已有别的内容" in again.err


def test_the_edition_it_has_already_is_refused(command: Command, workspace: Path, tmp_path: Path) -> None:
    over = tmp_path / "转入"
    said = command("criteria", "upgrade", "--workspace", workspace, "--to", EXAMPLE, "--out", over)
    assert said.code == 2 and "工作区用的就是这个标准包" in said.err and not over.exists()


def test_a_folder_or_a_dry_run_is_asked_for(command: Command, workspace: Path, edition: Path) -> None:
    said = command("criteria", "upgrade", "--workspace", workspace, "--to", edition)
    assert said.code == 2 and "--dry-run" in said.err
