"""Package and reports from a real workspace; the writers themselves are tested where they live."""

import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdf
import pytest

from emrassess.domain.answers import Ratio, Verdict
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.services import answering, evidence
from emrassess.services.evidence import NewEvidence
from emrassess.services.packages import create_package, verify_package
from emrassess.services.reporting import write_pdf, write_xlsx
from emrassess.services.session import Session, close, open_workspace
from tests.builders import clauses_through
from tests.services.test_thumbnails_and_previews import pdf, picture

A, B = "01.01.4(1)", "01.01.4(2)"


@pytest.fixture
def filled(session: Session) -> Session:
    answering.set_verdict(session, clauses_through(session.pack, "01.01", 4), Verdict.MET)
    answering.set_verdict(session, ["01.01.5(1)"], Verdict.PARTIAL)
    answering.set_note(session, A, "<b>说明</b> & 备注")
    answering.set_coverage(session, "01.01", 4, Ratio.counted(95, 100))
    pieces = [NewEvidence(picture(), "截图 1.png", "医嘱", source_system="HIS"), NewEvidence(pdf(), "制度#%.pdf")]
    evidence.add_evidence(session, pieces, [A, B])
    evidence.add_evidence(session, [NewEvidence(b"", "空.txt")], [A])
    evidence.add_evidence(session, [NewEvidence(b"unused", "没有关联.txt")], [])
    return session


def test_a_package_verifies_and_holds_what_belongs_in_it(filled: Session, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    out = tmp_path / "材料包.zip"
    summary = create_package(filled, out, lambda *args: told.append(args))
    assert (summary.hospital, summary.target, summary.evidence) == ("示例医院", 5, 3)
    assert told and all(0 <= done <= total for done, total, _ in told)
    found = verify_package(out)
    assert found.ok and found.summary == summary
    with zipfile.ZipFile(out) as archive:
        names = {name.partition("/data/")[2] for name in archive.namelist()}
        page = archive.read(next(n for n in archive.namelist() if n.endswith("data/index.html"))).decode()
    assert {"index.html", "assessment.json", "score.json", "示例医院 差距报告.pdf"} <= names
    assert f"evidence/01.01/{A}/1-截图 1.png" in names
    assert "&lt;b&gt;说明&lt;/b&gt;" in page and "evidence/01.01/" in page
    assert {f.name for f in tmp_path.iterdir()} == {"材料包.zip", "评价"}


def test_what_proves_no_clause_is_not_even_named(filled: Session, tmp_path: Path) -> None:
    create_package(filled, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        named = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    report = pypdf.PdfReader(BytesIO(named["示例医院 差距报告.pdf"]))
    told = named["index.html"].decode() + "".join(page.extract_text() for page in report.pages)
    assert "空.txt" in told and "没有关联.txt" not in told


def test_a_package_comes_from_a_workspace_opened_for_reading(filled: Session, folder: Path, tmp_path: Path) -> None:
    reader = open_workspace(folder, "李四", write=False)
    create_package(reader, tmp_path / "p.zip")
    close(reader)
    assert verify_package(tmp_path / "p.zip", bag_only=True).ok


def test_missing_files_are_named_before_anything_is_written(filled: Session, tmp_path: Path) -> None:
    piece = next(iter(filled.assessment.evidence.values()))
    filled.workspace.evidence_path(piece.current.sha256).unlink()
    with pytest.raises(UserError, match="医嘱") as caught:
        create_package(filled, tmp_path / "p.zip")
    assert A in caught.value.message and not (tmp_path / "p.zip").exists()


def test_a_cancelled_package_leaves_the_old_one(filled: Session, tmp_path: Path) -> None:
    out = tmp_path / "p.zip"
    out.write_bytes(b"old")

    def stop(done: int, total: int, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        create_package(filled, out, stop)
    assert out.read_bytes() == b"old" and {f.name for f in tmp_path.iterdir()} == {"p.zip", "评价"}


def test_reports_are_written(filled: Session, tmp_path: Path) -> None:
    pages = write_pdf(filled, tmp_path / "r.pdf")
    assert len(pypdf.PdfReader(tmp_path / "r.pdf").pages) == pages > 3
    steps: list[tuple[int, int, str]] = []
    write_xlsx(filled, tmp_path / "r.xlsx", lambda *step: steps.append(step))
    assert len(openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets) >= 3 and [step[0] for step in steps] == [0, 1]
    for write, name in ((write_pdf, "r.pdf"), (write_xlsx, "r.xlsx")):
        with pytest.raises(StorageError):
            write(filled, tmp_path / "nowhere" / name)
