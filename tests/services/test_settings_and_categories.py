"""Target, hospital, groups; the categories that a person confirms, and their file."""

from pathlib import Path

import pytest

from emrassess.domain.pack import Category, ReviewGroup
from emrassess.errors import FileProblems, UserError
from emrassess.services import categories, history, settings
from emrassess.services.session import Session, close, create_workspace, open_workspace


def open_cell(session: Session, level: int = 4) -> tuple[str, int]:
    """A cell that the pack leaves open."""
    item = next(i for i in session.pack.items if i.by_level[level].category is Category.UNVERIFIED)
    return item.code, level


def test_settings_are_saved(session: Session, folder: Path) -> None:
    assert settings.set_target(session, 4).settings
    settings.set_hospital(session, " 示例\n医院 ")
    groups = (ReviewGroup("all", "全部", tuple(i.code for i in session.pack.items), True),)
    settings.set_groups(session, groups)
    assert [g.name for g in session.groups] == ["全部"]
    close(session)
    again = open_workspace(folder, "x", write=False)
    assert (again.assessment.target, again.assessment.hospital) == (4, "示例 医院")
    assert again.assessment.groups == groups
    close(again)


def test_settings_that_cannot_be(session: Session) -> None:
    with pytest.raises(UserError, match="没有 0 级"):
        settings.set_target(session, 0)
    with pytest.raises(UserError, match="是空的"):
        settings.set_hospital(session, " \n")
    ward = session.pack.groups[0]
    for groups, words in (
        ((ward,), "不在任何核查组里"),
        ((*session.pack.groups, ReviewGroup("x", "乙组", ward.items[:1])), "同时在"),
        ((ReviewGroup("x", "乙组", ("77.01",)),), "没有评价项目 77.01"),
        ((ReviewGroup("x", " ", ()),), "名称是空的"),
    ):
        with pytest.raises(UserError, match=words):
            settings.set_groups(session, groups)
    assert session.assessment.groups is None


def test_a_category_is_confirmed_and_taken_back(session: Session) -> None:
    item, level = open_cell(session)
    before = categories.counts(session)[level]
    assert categories.confirm_category(session, item, level, Category.BASIC).categories
    confirmed = session.assessment.categories[item, level]
    assert confirmed.category is Category.BASIC and confirmed.by == "张三" and confirmed.at
    after = categories.counts(session)[level]
    assert (after.basic, after.confirmed_basic, after.open) == (before.basic + 1, 1, before.open - 1)
    again = categories.confirm_category(session, item, level, Category.BASIC)
    assert not again.categories and session.assessment.categories[item, level] == confirmed
    categories.confirm_category(session, item, level, Category.OPTIONAL)
    assert categories.counts(session)[level].confirmed_optional == 1
    categories.confirm_category(session, item, level, Category.UNVERIFIED)
    assert not session.assessment.categories


def test_what_the_pack_knows_needs_no_confirmation(session: Session) -> None:
    item = next(i for i in session.pack.items if i.rows[0].category is not Category.UNVERIFIED)
    with pytest.raises(UserError, match="标准包里已有"):
        categories.confirm_category(session, item.code, item.rows[0].level, Category.OPTIONAL)


def test_counts_are_held_against_annex_2(session: Session) -> None:
    counted = categories.counts(session)
    assert set(counted) == set(range(1, 9)) and not any(c.contradiction for c in counted.values())
    level = 4
    wanted = counted[level].requirement.basic_items
    open_cells = [i.code for i in session.pack.items if i.by_level[level].category is Category.UNVERIFIED]
    for item in open_cells[: wanted - counted[level].basic + 1]:
        categories.confirm_category(session, item, level, Category.BASIC)
    assert f"附表只有 {wanted} 个" in categories.counts(session)[level].contradiction


def test_confirmations_go_to_another_workspace(session: Session, tmp_path: Path) -> None:
    item, level = open_cell(session)
    categories.confirm_category(session, item, level, Category.OPTIONAL)
    other_level = open_cell(session, 6)
    categories.confirm_category(session, *other_level, Category.BASIC)
    file = tmp_path / "类别.yaml"
    categories.export_categories(session, file)
    assert file.read_text(encoding="utf-8").startswith("format: emrassess-categories/1\npack: emr-2018\n")
    other = create_workspace(tmp_path / "other", "乙医院", 5, "李四")
    categories.confirm_category(other, item, level, Category.BASIC)
    changes = categories.import_categories(other, file)
    assert changes.categories and changes.label == "导入 2 格类别确认"
    assert other.assessment.categories == session.assessment.categories
    history.undo(other)
    assert other.assessment.categories[item, level].by == "李四" and len(other.assessment.categories) == 1
    close(other)


def test_no_confirmations_make_an_empty_file(session: Session, tmp_path: Path) -> None:
    categories.export_categories(session, tmp_path / "c.yaml")
    assert not categories.import_categories(session, tmp_path / "c.yaml").categories


def test_every_fault_of_a_file_is_named_and_nothing_taken(session: Session, tmp_path: Path) -> None:
    item, level = open_cell(session)
    file = tmp_path / "c.yaml"
    entry = '{category: basic, by: "x", at: "2026-11-21"}'
    file.write_text(
        "format: emrassess-categories/1\npack: other\nconfirmed:\n"
        f'  "{item}":\n    "{level}": {entry}\n    "9": {entry}\n  "77.01":\n    "1": {entry}\n',
        encoding="utf-8",
    )
    with pytest.raises(FileProblems) as caught:
        categories.import_categories(session, file)
    assert [p.line for p in caught.value.problems] == [2, 6, 8]
    assert not session.assessment.categories
    file.write_text(file.read_text(encoding="utf-8").replace("category: basic", "category: 基本"), encoding="utf-8")
    with pytest.raises(FileProblems, match="basic"):
        categories.import_categories(session, file)
    with pytest.raises(UserError, match="无法读取"):
        categories.import_categories(session, tmp_path / "nowhere.yaml")
