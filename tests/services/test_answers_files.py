"""Answers out of a workspace and into another, in one step."""

from pathlib import Path

import pytest

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.pack import Category
from emrassess.errors import FileProblems
from emrassess.services import answering, categories, history, settings
from emrassess.services.answers_files import export_answers, import_answers
from emrassess.services.session import Session, close, create_workspace
from tests.builders import clauses_through


def fill(session: Session) -> None:
    answering.set_verdict(session, clauses_through(session.pack, "01.01", 4), Verdict.MET)
    answering.set_verdict(session, ["01.01.5(2)", "02.01.1(1)"], Verdict.MET)
    answering.set_coverage(session, "01.01", 4, Ratio.counted(950, 1000))
    answering.set_coverage(session, "01.01", 5, Ratio.plain("0.705"))
    cell = next(i.code for i in session.pack.items if i.by_level[4].category is Category.UNVERIFIED)
    categories.confirm_category(session, cell, 4, Category.BASIC)
    settings.set_target(session, 4)


@pytest.mark.parametrize("name", ["答案.yaml", "答案.json"])
def test_out_and_back_gives_the_same_score(session: Session, tmp_path: Path, name: str) -> None:
    fill(session)
    export_answers(session, tmp_path / name)
    other = create_workspace(tmp_path / "other", "乙医院", 6, "李四")
    changes = import_answers(other, tmp_path / name)
    assert changes.settings and changes.categories and {"01.01", "02.01"} <= changes.items
    assert other.answers == session.answers and other.score == session.score
    assert not import_answers(other, tmp_path / name).clauses
    assert len(other.undo_stack) == 1
    history.undo(other)
    assert not other.assessment.answers and not other.assessment.coverage and other.assessment.target == 6
    close(other)


def test_what_the_file_does_not_have_goes_but_notes_stay(session: Session, tmp_path: Path) -> None:
    fill(session)
    export_answers(session, tmp_path / "a.yaml")
    answering.set_verdict(session, ["03.01.1(1)"], Verdict.MET)
    answering.set_note(session, "03.01.1(1)", "备注")
    answering.set_verdict(session, ["03.02.3(1)"], Verdict.UNMET)
    answering.set_coverage(session, "03.01", 1, Ratio.plain("1"))
    import_answers(session, tmp_path / "a.yaml")
    answer = session.assessment.answer("03.01.1(1)")
    assert answer.verdict is Verdict.NOT_ASSESSED and answer.note == "备注"
    assert session.assessment.answer("03.02.3(1)").verdict is Verdict.UNMET
    assert ("03.01", 1) not in session.assessment.coverage


def test_a_faulty_file_changes_nothing(session: Session, tmp_path: Path) -> None:
    fill(session)
    held = session.assessment
    file = tmp_path / "a.yaml"
    file.write_text('format: emrassess-answers/1\npack: emr-2018\ntarget: 5\nitems: {"99.01": {}}\n', encoding="utf-8")
    with pytest.raises(FileProblems, match=r"99\.01"):
        import_answers(session, file)
    assert session.assessment is held
