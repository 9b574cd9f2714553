"""A picture that was masked here does not come back bare by a packet."""

import io
from pathlib import Path

import pytest
from PIL import Image

from emrassess.domain.assessment import Box, Decision
from emrassess.domain.merge import Why
from emrassess.services import evidence, history, masking
from emrassess.services.merging import conflicts, decide, merge, preview
from emrassess.services.outgoing import check_masked
from emrassess.services.session import Session
from tests.services.packet_samples import (
    A,
    B,
    accepted,
    adding,
    assign,
    attach,
    department,
    given_back,
    packs_read_once,
    returned,
)

__all__ = ["packs_read_once"]


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, "PNG")
    return out.getvalue()


BARE, OTHER = picture("white"), picture("red")


def masked(session: Session, piece: str) -> None:
    masking.mask(session, piece, [Box(0.1, 0.1, 0.5, 0.5)])


def is_clean(session: Session) -> bool:
    """Whether nothing here would be refused for being the original of a masked picture."""
    check_masked(session, list(session.assessment.evidence), "导出")
    return not masking.exposed(session.assessment)


def test_the_original_that_both_sides_added_is_the_masked_piece(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    back = returned(session, tmp_path, adding(BARE, A, B, name="他们.png"))
    ours = attach(session, BARE, A, name="我们.png")
    masked(session, ours.id)
    current = session.assessment.evidence[ours.id].current
    (foreseen,) = preview(session, [back])
    (done,) = merge(session, [back]).files
    assert done.merge == foreseen.merge and done.merge and not done.merge.conflicts
    (piece,) = session.assessment.evidence.values()
    assert (piece.id, piece.clauses, piece.current) == (ours.id, (A, B), current) and is_clean(session)
    history.undo(session)
    assert session.assessment.evidence[ours.id].clauses == (A,)


def test_another_piece_with_the_original_comes_masked(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    ours = attach(session, BARE, A, name="我们.png")
    extra = attach(session, OTHER, B, name="另一件.png")

    def work(lab: Session) -> None:
        evidence.replace_evidence(lab, extra.id, BARE, "同一张.png")

    back = returned(session, tmp_path, work)
    masked(session, ours.id)
    merge(session, [back])
    held = session.assessment.evidence
    copy = held[ours.id].current
    assert held[extra.id].current == copy and copy.masked_from == ours.current.sha256 and copy.masks
    assert is_clean(session) and merge(session, [back]).files[0].before is not None


def test_the_same_original_from_a_second_department_after_masking(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    assign(session, B, name="护理部")
    second = returned(session, tmp_path, adding(BARE, B), "护理部")
    merge(session, [returned(session, tmp_path, adding(BARE, A))])
    (piece,) = session.assessment.evidence.values()
    masked(session, piece.id)
    merge(session, [second])
    (held,) = session.assessment.evidence.values()
    assert held.clauses == (A, B) and held.current.masked_from and is_clean(session)


def test_a_picture_masked_after_its_packet_was_merged_stays_so_when_more_comes(
    session: Session, tmp_path: Path
) -> None:
    assign(session, A, B)
    with department(session, tmp_path / "d") as lab:
        theirs = attach(lab, BARE, A, name="他们.png")
        merge(session, [given_back(lab, tmp_path / "1.zip")])
        masked(session, theirs.id)
        evidence.edit_evidence(lab, theirs.id, title="标题")
        (told,) = merge(session, [given_back(lab, tmp_path / "2.zip")]).files
    held = session.assessment.evidence[theirs.id]
    assert held.title == "标题" and held.current.masked_from and told.merge and not told.merge.conflicts


@pytest.mark.parametrize("prefer", [Decision.OPEN, Decision.THEIRS])
def test_a_new_picture_for_one_that_is_masked_here_waits(session: Session, tmp_path: Path, prefer: Decision) -> None:
    assign(session, A)
    piece = attach(session, BARE, A, name="我们.png")
    back = returned(session, tmp_path, lambda lab: evidence.replace_evidence(lab, piece.id, OTHER, "新.png"))
    masked(session, piece.id)
    assert merge(session, [back], prefer=prefer).waiting == 1
    (shown,) = conflicts(session)
    assert shown.found.why is Why.MASKED and session.assessment.evidence[piece.id].current.masked_from
    decide(session, shown.id, Decision.THEIRS)
    assert session.assessment.evidence[piece.id].current.file_name == "新.png"


def test_an_original_that_waits_is_taken_masked(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    back = returned(session, tmp_path, adding(BARE, A, name="他们.png"))
    accepted(session, A)
    session_piece = attach(session, OTHER, B, name="我们.png")
    evidence.replace_evidence(session, session_piece.id, BARE, "我们.png")
    masked(session, session_piece.id)
    # The department's own piece is the one masked here; only its link to the accepted clause waits.
    assert merge(session, [back]).waiting == 1
    decide(session, conflicts(session)[0].id, Decision.THEIRS)
    (piece,) = session.assessment.evidence.values()
    assert piece.current.masked_from and set(piece.clauses) == {A, B} and is_clean(session)


def test_a_whole_piece_in_conflict_keeps_the_mask(session: Session, tmp_path: Path) -> None:
    assign(session, A, B)
    ours = attach(session, BARE, B, name="我们.png")
    other = attach(session, OTHER, B, name="另一件.png")

    def work(lab: Session) -> None:
        evidence.link_evidence(lab, other.id, [A])
        evidence.replace_evidence(lab, other.id, BARE, "同一张.png")

    back = returned(session, tmp_path, work)
    masked(session, ours.id)
    evidence.unlink_evidence(session, other.id, B)
    evidence.remove_evidence(session, other.id)
    assert merge(session, [back]).waiting == 1
    (shown,) = conflicts(session)
    decide(session, shown.id, Decision.THEIRS)
    came = session.assessment.evidence[other.id]
    assert came.current.masked_from == ours.current.sha256 and came.current.masks and is_clean(session)
