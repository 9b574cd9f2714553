"""The feedback of a review group from a real workspace: slides, PDF and Word."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from docx import Document
from pptx import Presentation

from emrassess.domain.assessment import Box
from emrassess.domain.review import ExpertVerdict, Opinion, Severity
from emrassess.errors import StorageError, UserError
from emrassess.services import evidence, masking, reviewing
from emrassess.services.evidence import NewEvidence
from emrassess.services.reporting import review_deck, review_docx, review_pdf
from emrassess.services.session import Session
from emrassess.storage.changes import evidence_change, opinion_change
from tests.services.review_samples import A, B, claim, expert, packed, packs_read_once, picture

__all__ = ["packs_read_once"]

Write = Callable[[Session, str, Path], object]
WRITERS = (review_deck, review_pdf, review_docx)


@pytest.fixture
def package(session: Session, tmp_path: Path) -> Path:
    claim(session)
    return packed(session, tmp_path / "p.zip")


def look(session: Session) -> None:
    """The expert does not believe A, and takes a picture."""
    reviewing.record(
        session, A, verdict=ExpertVerdict.NOT_CONFIRMED, problem="没有提示", severity=Severity.SERIOUS, place="ward"
    )
    reviewing.record(session, B, verdict=ExpertVerdict.CONFIRMED)
    reviewing.add_photos(session, A, [(picture((200, 10, 30)), "现场.png")], title="护士站电脑")


def test_an_expert_feeds_back_in_three_forms(package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as session:
        look(session)
        count = review_deck(session, "ward", tmp_path / "a.pptx")
        pages = review_pdf(session, "病房组", tmp_path / "a.pdf")
        review_docx(session, "ward", tmp_path / "a.docx")
    slides = list(Presentation(str(tmp_path / "a.pptx")).slides)
    titles = [slide.shapes.title for slide in slides]
    slide = next(slide for slide, title in zip(slides, titles, strict=True) if title and A in title.text_frame.text)
    assert len(slides) == count
    assert sum(hasattr(shape, "image") for shape in slide.shapes) == 2
    reader = pypdf.PdfReader(tmp_path / "a.pdf")
    assert len(reader.pages) == pages
    assert "没有提示" in "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert any("没有提示" in paragraph.text for paragraph in Document(str(tmp_path / "a.docx")).paragraphs)


@pytest.mark.parametrize("write", WRITERS)
def test_an_unknown_group_is_refused_with_those_there_are(write: Write, package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as session, pytest.raises(UserError) as refused:
        write(session, "icu", tmp_path / "out")
    assert "icu" in refused.value.message
    assert "ward（病房组）" in refused.value.hint and "data（数据组）" in refused.value.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("write", WRITERS)
def test_where_nobody_has_said_anything_that_is_said(write: Write, package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as session:
        look(session)
        with pytest.raises(UserError) as refused:
            write(session, "outpatient", tmp_path / "out")
    assert refused.value.message == "门诊组还没有核查意见，没有可以反馈的内容"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("write", WRITERS)
def test_a_disk_that_refuses_is_told(write: Write, package: Path, tmp_path: Path) -> None:
    with expert(package, tmp_path / "专家") as session:
        look(session)
        with pytest.raises(StorageError):
            write(session, "ward", tmp_path / "没有" / "a.out")


def test_the_original_of_a_masked_picture_stops_the_feedback(session: Session, tmp_path: Path) -> None:
    claim(session)
    [original] = session.evidence_by_clause[A]
    evidence.add_evidence(session, [NewEvidence(b"other", "又一张.png", "没有遮盖的")], [A])
    masking.mask(session, original.id, [Box(0.1, 0.1, 0.5, 0.5)])
    other = session.evidence_by_clause[A][1]
    bare = replace(other, revisions=(*other.revisions, original.current))  # as merging older packets could leave it
    session.write("合并", [evidence_change(session.assessment, other.id, bare)])
    session.write("核查", [opinion_change(session.assessment, A, Opinion(ExpertVerdict.PARTLY))])
    with pytest.raises(UserError, match="没有遮盖"):
        review_deck(session, "ward", tmp_path / "a.pptx")
    assert not (tmp_path / "a.pptx").exists()
