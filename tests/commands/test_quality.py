"""`quality`: the plan, an extracts file to fill in, a run."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from emrassess.quality.extracts import read_extracts
from tests.commands.conftest import Command
from tests.quality.conftest import write_rows


def _orders(folder: Path, rows: Sequence[tuple[str, str]]) -> Path:
    """An extracts file of orders, their numbers and states."""
    write_rows(folder / "a.csv", ("号", "状态"), rows)
    file = folder / "extracts.yaml"
    file.write_text(
        "format: emrassess-extracts/1\npack: emr-2018\ntables:\n"
        "  orders: {file: a.csv, columns: {order_no: 号, status: 状态}}\n",
        encoding="utf-8",
    )
    return file


def test_the_plan_counts_rules_and_says_which_are_only_words(command: Command, pack: Pack) -> None:
    plan = json.loads(command("quality", "plan", "--json").out)
    rules = {rule["id"]: rule for rule in plan["rules"]}
    assert plan["counts"]["rules"] == len(rules) == plan["counts"]["computable"] + plan["counts"]["prose"]
    assert sum(plan["counts"]["kinds"].values()) == len(rules)
    assert all(entry["reason"] and rules[entry["id"]]["kind"] == "prose" for entry in plan["prose"])
    ordered = rules["01.01.6.timeliness.1"]
    assert (ordered["operator"], ordered["left"]["table"], ordered["right"]["fields"]) == (
        "<", "medication_orders", ["dispensed_at"],
    )  # fmt: skip
    assert ordered["source"].startswith("附件4 01.01.6") and rules["01.06.4.completeness.15"]["min_length"] == 101
    said = command("quality", "plan", "--item", "01.01").out.splitlines()
    assert "19 条规则，可以计算 19 条" in said[0] and len(said) == 20
    assert command("quality", "plan", "--item", "99.99").code == 2


@pytest.mark.parametrize("items", [(), ("01.01",), ("03.01", "07.03")])
def test_a_template_that_is_filled_in_is_taken(
    command: Command, pack: Pack, tmp_path: Path, items: tuple[str, ...]
) -> None:
    said = command("quality", "template", "--pack", "emr-2018", *[part for item in items for part in ("--item", item)])
    file = tmp_path / "extracts.yaml"
    file.write_text(said.out, encoding="utf-8")
    for table in (*pack.tables.values(), *pack.dictionaries.values()):
        names = tuple(dict.fromkeys(table.fields.values()))
        write_rows(tmp_path / f"{table.name}.csv", names, [("1",) * len(names)])
    extracts = read_extracts(file, pack)
    assert ("orders" in extracts.tables) == (items != ("03.01", "07.03"))
    done = json.loads(command("quality", "run", file, "--json").out)
    wanted = [rule for rule in done["rules"] if not items or rule["item"] in items]
    assert all(rule["examined"] or "只有文字" in rule["reason"] for rule in wanted)


def test_a_run_tells_counts_as_numbers_and_coefficients_as_text(command: Command, tmp_path: Path) -> None:
    file = _orders(tmp_path, [("1", "x"), ("2", ""), ("3", "y")])
    said = command("quality", "run", file, "--item", "01.01", "--json")
    done = json.loads(said.out)
    rules = {rule["id"]: rule for rule in done["rules"]}
    assert (said.code, said.err, done["format"], done["rows_read"]) == (0, "", "emrassess-quality/1", 3)
    assert rules["01.01.5.completeness.3"] == {
        "id": "01.01.5.completeness.3", "item": "01.01", "level": 5, "dimension": "completeness", "numerator": 2,
        "denominator": 3, "coefficient": "0.66666666666666666667", "examined": True, "reason": "",
        "samples": [{"order_no": "2"}],
    }  # fmt: skip
    assert rules["01.01.3.consistency.1"]["reason"] and rules["01.01.3.consistency.1"]["coefficient"] is None
    assert {"item": "01.01", "level": 5, "dimension": "completeness", "coefficient": "0.66666666666666666667",
            "fraction": "2/3", "examined": 1, "rules": 3} in done["dimensions"]  # fmt: skip
    text = command("quality", "run", file, "--item", "01.01")
    assert "01.01 5 级 完整性：0.6667（1/3 条规则）" in text.out and text.code == 0
    assert command("quality", "run", file, "--item", "02.01").code == 1
    file.write_text(file.read_text(encoding="utf-8").replace("a.csv", "b.csv"), encoding="utf-8")
    gone = command("quality", "run", file)
    assert gone.code == 2 and f"{file}:4: " in gone.err and "找不到文件“b.csv”" in gone.err


def test_ctrl_c_ends_a_run(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from emrassess.quality import engine

    def interrupted(*_given: object, progress: Callable[[int, int, str], None], **_more: object) -> None:
        progress(1, 2, "正在读取")
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run", interrupted)
    said = command("quality", "run", _orders(tmp_path, [("1", "x")]))
    assert (said.code, said.out, said.err) == (2, "", "已取消。\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on Unix")
def test_ctrl_c_in_the_middle_of_a_query_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import signal, sys, threading\nfrom emrassess.cli import run\nfrom emrassess.quality.tables import Database\n"
        "whole = Database.rows\n"
        "def slow(self, statement, told=None):\n"
        "    if 'CREATE TABLE' in statement:\n"
        "        threading.Timer(1, signal.raise_signal, [signal.SIGINT]).start()\n"
        "        statement = 'SELECT sum(hash(i)) FROM range(100000000000) t(i)'\n"
        "    return whole(self, statement, told)\n"
        "Database.rows = slow\nsys.exit(run(sys.argv[1:]))\n"
    )
    file = _orders(tmp_path, [("1", "x")])
    temp = tmp_path / "temp"
    temp.mkdir()
    command = [sys.executable, "-c", script, "quality", "run", str(file)]
    environment = {**os.environ, "TMPDIR": str(temp)}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr, list(temp.iterdir())) == (2, "", "已取消。\n", [])


def test_a_run_is_taken_into_a_workspace(command: Command, workspace: Path, tmp_path: Path) -> None:
    file = _orders(tmp_path, [("1", "x"), ("2", "")])
    assert command("quality", "run", file, "--workspace", workspace).code == 0
    answers = tmp_path / "answers.yaml"
    assert command("answers", "export", "--workspace", workspace, answers).code == 0
    assert "completeness:" in answers.read_text(encoding="utf-8")
