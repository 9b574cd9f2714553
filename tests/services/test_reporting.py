"""What the reports of a real workspace compare with."""

import zipfile
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from openpyxl import load_workbook

from emrassess.domain.answers import Verdict
from emrassess.errors import StorageError, UserError
from emrassess.services import answering, snapshots
from emrassess.services.packages import create_package
from emrassess.services.reporting import report_content, write_comparison, write_pdf, write_xlsx
from emrassess.services.session import Session
from emrassess.storage.workspace import Workspace

A, B, C = "01.01.4(1)", "01.01.4(2)", "01.01.3(1)"


def compared(session: Session, since: int | None = None) -> tuple[str, int, list[str]]:
    """The title, the number compared with, and the clauses that are better."""
    found = report_content(session, since).contrast
    assert found is not None
    return found.title, found.before.number, [move.clause for move in found.rose]


def test_without_a_submission_nothing_is_compared(session: Session) -> None:
    assert snapshots.last_other(session) is None
    assert report_content(session).contrast is None
    with pytest.raises(UserError, match="没有第 1 次提交") as caught:
        report_content(session, 1)
    assert "还没有提交过" in caught.value.hint


def test_the_newest_submission_unless_another_is_asked_for(session: Session) -> None:
    snapshots.submit(session, "第一稿")
    answering.set_verdict(session, [A], Verdict.MET)
    snapshots.submit(session)
    answering.set_verdict(session, [B], Verdict.MET)
    assert compared(session) == ("与上一次提交相比", 2, [B])
    assert compared(session, 2) == compared(session)
    assert compared(session, 1) == ("与第 1 次提交相比", 1, [A, B])
    for number in (0, 3, -1):
        with pytest.raises(UserError, match=f"没有第 {number} 次提交") as caught:
            report_content(session, number)
        assert "有这些：1、2。" in caught.value.hint


def test_right_after_submitting_the_report_still_says_what_is_new(session: Session) -> None:
    snapshots.submit(session)
    assert compared(session) == ("与上一次提交相比", 1, [])
    answering.set_verdict(session, [A], Verdict.MET)
    snapshots.submit(session)
    snapshots.submit(session)
    assert compared(session) == ("与第 1 次提交相比", 1, [A])
    assert compared(session, 3) == ("与上一次提交相比", 3, [])


def test_a_damaged_submission_keeps_nobody_from_a_report(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots.submit(session)

    def damaged(_workspace: Workspace, number: int) -> None:
        raise StorageError(f"第 {number} 次提交的内容已损坏")

    monkeypatch.setattr(Workspace, "snapshot", damaged)
    assert report_content(session).contrast is None
    with pytest.raises(StorageError, match="已损坏"):
        report_content(session, 1)


def test_files_say_so(session: Session, tmp_path: Path) -> None:
    snapshots.submit(session)
    answering.set_verdict(session, [A, C], Verdict.MET)
    write_xlsx(session, tmp_path / "r.xlsx")
    assert load_workbook(tmp_path / "r.xlsx").sheetnames[-1] == "与上一次提交相比"
    write_pdf(session, tmp_path / "r.pdf", since=1)
    text = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(tmp_path / "r.pdf").pages)
    assert "六、与上一次提交相比" in text and "结论变好的条款（2条）" in text


def test_what_leaves_the_house_does_not_tell_of_earlier_states(session: Session, tmp_path: Path) -> None:
    snapshots.submit(session, "内部草稿")
    answering.set_verdict(session, [A], Verdict.MET)
    create_package(session, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert not any("内部草稿".encode() in archive.read(name) for name in archive.namelist())
        name = next(name for name in archive.namelist() if name.endswith(".pdf"))
        pages = pypdf.PdfReader(BytesIO(archive.read(name))).pages
    assert not any("次提交" in page.extract_text() for page in pages)


def test_two_submissions_as_a_file(session: Session, tmp_path: Path) -> None:
    snapshots.submit(session, "第一稿")
    answering.set_verdict(session, [A], Verdict.MET)
    snapshots.submit(session, "第二稿")
    answering.set_verdict(session, [A], Verdict.UNMET)
    steps: list[tuple[int, int, str]] = []
    write_comparison(session, 1, 2, tmp_path / "c.pdf", lambda *step: steps.append(step))
    text = "".join(pypdf.PdfReader(tmp_path / "c.pdf").pages[0].extract_text().split())
    assert "从第1次提交到第2次提交" in text and "第一稿）到第2次提交（" in text and A in text
    assert steps[0][0] == 0 and steps[-1][0] == steps[-1][1]
    write_comparison(session, 2, 0, tmp_path / "c.XLSX")
    sheet = load_workbook(tmp_path / "c.XLSX")["比较"]
    assert sheet["A1"].value == "从第 2 次提交到现在"
    assert [row[1].value for row in sheet.iter_rows() if row[2].value == A] == ["下降"]
    with pytest.raises(UserError, match="没有第 9 次提交"):
        write_comparison(session, 9, 0, tmp_path / "d.pdf")
    assert not (tmp_path / "d.pdf").exists()
