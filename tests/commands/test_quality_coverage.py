"""`quality coverage`: counts printed, or taken into a workspace."""

import json
from pathlib import Path

import pytest

from emrassess.cli import run
from emrassess.domain.answers import Ratio
from emrassess.services.session import close, create_workspace, open_workspace
from tests.services.test_coverage_counting import DEFINITION, write_extracts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = write_extracts(tmp_path / "数据").with_name("计数.yaml")
    file.write_text(DEFINITION, encoding="utf-8")
    return file


def test_counts_are_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", "coverage", str(file)]) == 0
    assert "01.01 4 级：分子 2 ÷ 分母 4 ＝ 0.5000" in capsys.readouterr().out
    assert run(["quality", "coverage", str(file), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["counts"]
    assert (found["numerator"], found["denominator"], found["files"][0]["name"]) == (2, 4, "医嘱.csv")


def test_counts_are_taken_into_a_workspace(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    close(create_workspace(tmp_path / "评价", "示例医院", 5, "张三"))
    assert run(["quality", "coverage", str(file), "--workspace", str(tmp_path / "评价")]) == 0
    assert "已采用 1 个比例" in capsys.readouterr().out
    session = open_workspace(tmp_path / "评价", "张三", write=False)
    try:
        assert session.assessment.coverage["01.01", 4] == Ratio.counted(2, 4)
    finally:
        close(session)


def test_faults_are_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(DEFINITION.replace("医嘱.csv", "没有.csv", 1), encoding="utf-8")
    assert run(["quality", "coverage", str(file)]) == 2
    assert "找不到文件“没有.csv”" in capsys.readouterr().err
