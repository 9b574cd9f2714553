"""`report pdf` and `report xlsx`: what they compare with."""

from pathlib import Path

import pypdf
import pytest
from openpyxl import load_workbook

from emrassess.domain.answers import Verdict
from emrassess.services import answering, snapshots
from emrassess.services.session import close, open_workspace
from tests.commands.conftest import Command

CLAUSES = ["01.01.1(1)", "01.01.1(2)"]


@pytest.fixture
def submitted(workspace: Path) -> Path:
    """Submitted twice, one clause further each time."""
    session = open_workspace(workspace, "张三")
    for clause in CLAUSES:
        snapshots.submit(session)
        answering.set_verdict(session, [clause], Verdict.MET)
    close(session)
    return workspace


def test_reports_compare_with_the_last_submission_or_another(command: Command, submitted: Path, tmp_path: Path) -> None:
    table, report = tmp_path / "a.xlsx", tmp_path / "a.pdf"
    assert command("report", "xlsx", "--workspace", submitted, "--out", table).code == 0
    assert load_workbook(table).sheetnames[-1] == "与上一次提交相比"
    assert command("report", "xlsx", "--workspace", submitted, "--out", table, "--since", 1).code == 0
    sheet = load_workbook(table)["与第 1 次提交相比"]
    assert [row[2].value for row in sheet.iter_rows() if row[0].value == "条款结论"] == CLAUSES
    assert command("report", "pdf", "--workspace", submitted, "--out", report, "--since", "1").code == 0
    text = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(report).pages)
    assert "六、与第1次提交相比" in text


def test_a_number_that_is_not_there_is_said(command: Command, submitted: Path, tmp_path: Path) -> None:
    said = command("report", "pdf", "--workspace", submitted, "--out", tmp_path / "a.pdf", "--since", 7)
    assert said.code == 2
    assert "没有第 7 次提交" in said.err and "有这些：1、2。" in said.err
    assert not (tmp_path / "a.pdf").exists()


def test_without_a_submission_there_is_nothing_to_compare(command: Command, workspace: Path, tmp_path: Path) -> None:
    said = command("report", "xlsx", "--workspace", workspace, "--out", tmp_path / "a.xlsx", "--since", 1)
    assert said.code == 2 and "还没有提交过" in said.err
    assert command("report", "xlsx", "--workspace", workspace, "--out", tmp_path / "a.xlsx").code == 0
    assert "实证材料" in load_workbook(tmp_path / "a.xlsx").sheetnames[-1]
