"""The official document taken into a workspace: what it offers, what is taken, what stays as a person decided."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.assessment import Recheck
from emrassess.domain.pack import Category, Pack
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.services import categories, history, official
from emrassess.services.official import Proposal, forget_wording, propose, take_over
from emrassess.services.session import Session, close, open_workspace
from emrassess.storage.changes import recheck_change
from tests.packs.official.samples import Standard, clause_text, criteria_table, level_row
from tests.packs.official.wordml import docx

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path, pack: Pack) -> Make:
    """Writes a document that says what the pack says, but for the `contents` and `categories` of the rows given."""

    def write(
        name: str = "标准.docx",
        contents: Mapping[str, str] | None = None,
        categories: Mapping[str, Category] | None = None,
    ) -> Path:
        standard = Standard(pack)
        standard.contents.update(contents or {})
        standard.categories.update(categories or {})
        return docx(tmp_path, *standard.blocks(), name=name)

    return write


@pytest.fixture
def proposal(session: Session, make: Make) -> Proposal:
    return propose(session, make())


def open_cells(pack: Pack) -> set[tuple[str, int]]:
    return {(i.code, row.level) for i in pack.items for row in i.rows if row.category is Category.UNVERIFIED}


def one_clause_row(pack: Pack) -> str:
    return next(row.code for item in pack.items for row in item.rows if len(row.clauses) == 1)


def test_a_proposal_changes_nothing(session: Session, make: Make) -> None:
    before = session.assessment
    told: list[tuple[int, int, str]] = []
    found = propose(session, make(), lambda *args: told.append(args))
    assert session.assessment is before
    assert found.wording == {clause: clause_text(clause) for clause in session.pack.clause_by_id}
    assert found.categories.keys() == open_cells(session.pack)
    assert not found.unsure_rows and not found.doubtful and not found.contradicting
    assert (found.file_name, len(found.sha256)) == ("标准.docx", 64)
    assert [done for done, _, _ in told] == [0, 1, 2]


def test_all_is_one_step(session: Session, folder: Path, proposal: Proposal) -> None:
    before = session.assessment
    changes = take_over(session, proposal)
    count = len(open_cells(session.pack))
    assert changes.label == f"取用官方文件“标准.docx”：原文 {len(proposal.wording)} 条，类别 {count} 格"
    assert changes.wording and changes.categories and changes.settings and not changes.clauses
    after = session.assessment
    assert after.wording == proposal.wording
    assert {cell: c.category for cell, c in after.categories.items()} == proposal.categories
    assert {(c.by, bool(c.at)) for c in after.categories.values()} == {("张三", True)}
    source = after.official
    assert source is not None and (source.file_name, source.sha256) == ("标准.docx", proposal.sha256)
    assert source.title == "电子病历系统应用水平分级评价标准（试行）" and source.taken_by == "张三" and source.taken_at
    assert all(not c.open and not c.contradiction for c in categories.counts(session).values())
    undone = history.undo(session)
    assert undone.wording and session.assessment == before
    history.redo(session)
    close(session)
    again = open_workspace(folder, "x", write=False)
    assert again.assessment == after
    close(again)


def test_the_same_once_more_changes_nothing(session: Session, make: Make, proposal: Proposal) -> None:
    take_over(session, proposal)
    held = session.assessment
    again = take_over(session, propose(session, make()))
    assert session.assessment is held and not again.wording and not again.categories
    assert len(session.undo_stack) == 1


def test_another_document_replaces_the_wording(session: Session, make: Make, proposal: Proposal) -> None:
    take_over(session, proposal)
    kept = dict(session.assessment.categories)
    changed, divided = one_clause_row(session.pack), "01.01.4"
    found = propose(session, make("新.docx", contents={changed: "改过的要求", divided: "（1）甲（2）乙（3）丙"}))
    assert found.wording[f"{changed}(1)"] == "改过的要求"
    assert found.unsure_rows == (divided,) and f"{divided}(1)" not in found.wording
    take_over(session, found)
    assert session.assessment.wording == found.wording
    assert session.assessment.official is not None and session.assessment.official.file_name == "新.docx"
    assert session.assessment.categories == kept
    history.undo(session)
    assert session.assessment.wording == proposal.wording


def test_rows_beyond_the_pack_and_clauses_without_text_are_left_out(session: Session, tmp_path: Path) -> None:
    known = one_clause_row(session.pack)
    rows = [
        level_row(known, "甲", item=session.pack.item_by_code[known[:5]].name),
        level_row("01.01.4", "（1）（2）乙"),
        level_row("01.03.2", "多出的行", item="已有项目"),
        level_row("11.01.1", "多出的项目", item="多出的项目"),
    ]
    found = propose(session, docx(tmp_path, criteria_table(*rows)))
    assert found.wording == {f"{known}(1)": "甲"}
    assert found.unsure_rows == ("01.01.4",)
    take_over(session, found)
    assert session.assessment.wording == found.wording


# --- categories


def test_without_wording_only_categories_come(session: Session, proposal: Proposal) -> None:
    cells = sorted(proposal.categories)[:2]
    changes = take_over(session, proposal, wording=False, categories=cells)
    assert changes.label == "取用官方文件“标准.docx”：类别 2 格" and not changes.wording
    assert sorted(session.assessment.categories) == cells
    assert session.assessment.official is None and not session.assessment.wording


def test_without_categories_only_wording_comes(session: Session, proposal: Proposal) -> None:
    take_over(session, proposal, categories=())
    assert session.assessment.wording and not session.assessment.categories


def test_a_cell_that_is_not_offered_is_refused(session: Session, proposal: Proposal) -> None:
    known = next(i for i in session.pack.items if i.rows[0].category is not Category.UNVERIFIED)
    with pytest.raises(UserError, match=f"{known.code} {known.rows[0].level} 级"):
        take_over(session, proposal, categories=[(known.code, known.rows[0].level)])
    assert not session.assessment.wording


def test_what_a_person_decided_stands_unless_named(session: Session, make: Make, proposal: Proposal) -> None:
    (same, as_read), (other, documents) = list(proposal.categories.items())[:2]
    ours = Category.BASIC if documents is Category.OPTIONAL else Category.OPTIONAL
    categories.confirm_category(session, *same, as_read)
    confirmed = session.assessment.categories[same]
    categories.confirm_category(session, *other, ours)
    take_over(session, proposal)
    assert session.assessment.categories[other].category is ours
    history.undo(session)
    found = propose(session, make())
    assert [(c.item, c.level, c.ours, c.documents) for c in found.contradicting] == [(*other, ours, documents)]
    assert same in found.categories and other not in found.categories
    take_over(session, found)
    assert session.assessment.categories[other].category is ours
    assert session.assessment.categories[same] == confirmed
    take_over(session, found, wording=False, categories=[other])
    assert session.assessment.categories[other].category is documents


def test_cells_in_doubt_wait_for_a_person(session: Session, make: Make, proposal: Proposal) -> None:
    wrong = next(cell for cell, c in proposal.categories.items() if cell[1] == 6 and c is Category.BASIC)
    found = propose(session, make(categories={f"{wrong[0]}.6": Category.OPTIONAL}))
    blank = {c for c, category in proposal.categories.items() if c[1] == 6 and category is Category.OPTIONAL}
    assert found.doubtful == dict.fromkeys(blank | {wrong}, Category.OPTIONAL)
    assert not found.doubtful.keys() & found.categories.keys()
    assert found.offered.keys() == open_cells(session.pack)
    take_over(session, found)
    assert session.assessment.categories.keys() == found.categories.keys()
    take_over(session, found, categories=[wrong])
    assert session.assessment.categories[wrong].category is Category.OPTIONAL


def test_a_level_that_annex_2_does_not_bear_out_is_in_doubt(
    session: Session, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where annex 2 was read but for one level: then no count speaks for it, and no doubt was raised."""
    real = official.read_official

    def without_level_6(file: Path) -> official.OfficialDocument:
        document = real(file)
        return replace(document, requirements=tuple(r for r in document.requirements if r.level != 6))

    monkeypatch.setattr(official, "read_official", without_level_6)
    found = propose(session, make())
    assert {level for _, level in found.doubtful} == {6} and set(found.doubtful.values()) == {Category.OPTIONAL}


# --- the rest


def test_the_wording_can_be_taken_out_again(session: Session, proposal: Proposal) -> None:
    take_over(session, proposal)
    held = session.assessment
    changes = forget_wording(session)
    assert changes.wording and not session.assessment.wording and session.assessment.official is None
    assert session.assessment.categories == held.categories
    history.undo(session)
    assert session.assessment == held
    forget_wording(session)
    assert not forget_wording(session).wording


def test_a_reader_may_look_but_not_take(session: Session, folder: Path, make: Make) -> None:
    reader = open_workspace(folder, "李四", write=False)
    found = propose(reader, make())
    with pytest.raises(StorageError, match="只读"):
        take_over(reader, found)
    assert not reader.assessment.wording
    close(reader)


def test_other_documents_are_refused(session: Session, tmp_path: Path, pack: Pack) -> None:
    annex_4 = docx(tmp_path, Standard(pack).quality_table("01"))
    with pytest.raises(UserError, match="没有附表3"):
        propose(session, annex_4)
    elsewhere = docx(tmp_path, criteria_table(level_row("77.01.1", item="别的项目")))
    with pytest.raises(UserError, match="不是同一个标准"):
        propose(session, elsewhere)
    alike = docx(tmp_path, criteria_table(level_row("01.01.1", item="数字相同的别的项目")))
    with pytest.raises(UserError, match="不是同一个标准"):
        propose(session, alike)
    with pytest.raises(UserError, match="无法读取"):
        propose(session, tmp_path / "没有.docx")


def test_reading_can_be_cancelled(session: Session, make: Make) -> None:
    def cancel(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        propose(session, make(), cancel)


def test_a_mark_for_another_look_touches_its_clause(session: Session) -> None:
    mark = Recheck("新版改写了这一条")
    changes = session.write("标记", [recheck_change(session.assessment, "01.01.4(1)", mark)])
    assert changes.rechecks and changes.clauses == {"01.01.4(1)"} and not changes.items
    assert session.assessment.rechecks == {"01.01.4(1)": mark}
    assert history.undo(session).rechecks and not session.assessment.rechecks


def test_a_document_without_wording_does_not_take_away_what_there_is(session: Session, proposal: Proposal) -> None:
    take_over(session, proposal)
    held = session.assessment
    changes = take_over(session, replace(proposal, wording={}))
    assert session.assessment is held and not changes.wording
