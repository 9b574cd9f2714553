"""`report pptx`, `report docx` and `report review-pdf`."""

import zipfile
from pathlib import Path

import pytest

from emrassess.domain.review import ExpertVerdict, Opinion
from emrassess.services.session import close, open_workspace
from emrassess.storage.changes import opinion_change
from tests.commands.conftest import Command

CLAUSE = "01.01.4(1)"


@pytest.fixture
def looked_at(workspace: Path) -> Path:
    """A workspace with one opinion of the ward group."""
    session = open_workspace(workspace, "张三")
    opinion = Opinion(ExpertVerdict.PARTLY, problem="没有提示", by="李专家", group="ward")
    session.write("核查", [opinion_change(session.assessment, CLAUSE, opinion)])
    close(session)
    return workspace


@pytest.mark.parametrize(
    ("action", "part"), [("pptx", "ppt/presentation.xml"), ("docx", "word/document.xml"), ("review-pdf", "")]
)
def test_the_feedback_is_written(action: str, part: str, command: Command, looked_at: Path, tmp_path: Path) -> None:
    out = tmp_path / "反馈"
    said = command("report", action, "--workspace", looked_at, "--group", "ward", "--out", out)
    assert (said.code, said.out) == (0, f"已写好：{out}\n")
    if part:
        assert part in zipfile.ZipFile(out).namelist()
    else:
        assert out.read_bytes().startswith(b"%PDF-")


def test_what_cannot_be_written_is_said(command: Command, looked_at: Path, tmp_path: Path) -> None:
    arguments = ("--workspace", looked_at, "--out", tmp_path / "a.pptx")
    said = command("report", "pptx", *arguments, "--group", "icu")
    assert said.code == 2 and "没有核查组“icu”" in said.err and "ward（病房组）" in said.err
    said = command("report", "pptx", *arguments, "--group", "data")
    assert said.code == 2 and "数据组还没有核查意见" in said.err
    assert not (tmp_path / "a.pptx").exists()
