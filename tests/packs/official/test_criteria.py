"""Annex 3 out of documents that word processors and people have been at."""

from pathlib import Path

import pytest

from emrassess.domain.pack import Category
from emrassess.packs.official import CategorySource, OfficialDocument, read_official
from tests.packs.official.samples import CRITERIA_HEAD, criteria_table, further_row, head, level_row
from tests.packs.official.wordml import (
    CONTINUE,
    RESTART,
    STRICT,
    cell,
    document_xml,
    docx,
    docx_bytes,
    numbered,
    paragraph,
    row,
    run,
    table,
)

TWO = "（1）甲甲（2）乙乙"
BASIC, OPTIONAL = Category.BASIC, Category.OPTIONAL


def read(folder: Path, *blocks: str) -> OfficialDocument:
    return read_official(docx(folder, *blocks))


def codes(document: OfficialDocument) -> list[str]:
    return list(document.clause_counts)


def test_clauses_categories_and_names_of_plain_rows(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        criteria_table(level_row("01.01.0"), level_row("01.01.1", TWO, "基本"), level_row("01.01.2", "丙丙")),
    )
    assert found.wording == {"01.01.1(1)": "甲甲", "01.01.1(2)": "乙乙", "01.01.2(1)": "丙丙"}
    assert found.categories == {"01.01": {1: BASIC, 2: OPTIONAL}}
    assert [(i.code, i.name, i.role) for i in found.items] == [("01.01", "病房医嘱处理", "病房医师")]
    assert not found.problems


@pytest.mark.parametrize("category", ["评价类别", "项目类别", "评价 类别", "类别"])
@pytest.mark.parametrize("content", ["主要评价内容", "系统功能评价内容", "功能评价内容", "主要\n评价内容"])
@pytest.mark.parametrize("code", ["项目代码", "项目编码"])
def test_header_words_vary(tmp_path: Path, category: str, content: str, code: str) -> None:
    words = {"评价类别": category, "主要评价内容": content, "项目代码": code}
    header = head(*[words.get(word, word) for word in CRITERIA_HEAD])
    found = read(tmp_path, table([header, level_row("01.01.1", TWO, "基本")]))
    assert found.clause_counts == {"01.01.1": 2}
    assert found.categories == {"01.01": {1: BASIC}}


def test_columns_in_another_order(tmp_path: Path) -> None:
    rows = [row("评价类别", "主要评价内容", "项目代码"), row("基本", TWO, "01.01.1")]
    assert read(tmp_path, table(rows, 3)).categories == {"01.01": {1: BASIC}}


def test_tables_paragraphs_and_titles_between_do_not_matter(tmp_path: Path) -> None:
    title = row(cell("附表3 评分标准", span=8))
    note = row(cell("注：编造的说明", span=8))
    found = read(
        tmp_path,
        paragraph("前言"),
        table([row("项目", "备注", "说明"), row("01.01.9", "甲", "乙")], 3),
        table([title, head(), level_row("01.01.1"), note, level_row("01.01.2")]),
        paragraph("— 3 —"),
        table([row("签名", "日期")], 2),
    )
    assert codes(found) == ["01.01.1", "01.01.2"]
    assert not found.problems


def test_the_header_may_stand_below_other_rows_of_its_table(tmp_path: Path) -> None:
    above = row(cell("附表3", span=4), cell("单位：项", span=4))
    found = read(tmp_path, table([above, level_row("01.01.9"), head(), level_row("01.01.1")]))
    assert codes(found) == ["01.01.1"]


def test_wide_digits_and_dots_in_codes(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("０１．０１．４", "（１）甲（２）乙"), level_row("01。01。\v5")))
    assert found.clause_counts == {"01.01.4": 2, "01.01.5": 1}


def test_a_blank_cell_is_optional_and_said_to_be_blank(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("01.01.1", category="基本"), level_row("01.01.2")))
    assert found.categories["01.01"][2] is OPTIONAL
    assert found.readings["01.01.2"].source is CategorySource.BLANK


def test_a_blank_cell_that_continues_a_merge_is_what_the_merge_says(tmp_path: Path) -> None:
    on = cell(merge=CONTINUE)
    rows = [
        level_row("01.01.1", category=cell("基本", merge=RESTART)),
        level_row("01.01.2", category=on),
        level_row("01.01.3", category=cell()),
        level_row("01.01.4", category=cell(merge=RESTART)),
        level_row("01.01.5", category=on),
    ]
    found = read(tmp_path, criteria_table(*rows))
    assert list(found.categories["01.01"].values()) == [BASIC, BASIC, OPTIONAL, OPTIONAL, OPTIONAL]
    sources = [found.readings[f"01.01.{n}"].source.value for n in range(1, 6)]
    assert sources == ["stated", "merged", "blank", "blank", "merged"]


def test_cells_merged_with_the_header_say_nothing(tmp_path: Path) -> None:
    header = row(*[cell(word, merge=RESTART if word == "评价类别" else "") for word in CRITERIA_HEAD])
    on = cell(merge=CONTINUE)
    found = read(tmp_path, table([header, level_row("01.01.0", category=on), level_row("01.01.1", category=on)]))
    assert found.categories == {"01.01": {1: OPTIONAL}}


def test_a_merge_of_one_role_does_not_reach_into_the_next(tmp_path: Path) -> None:
    first = criteria_table(level_row("01.01.1", category=cell("基本", merge=RESTART)))
    second = criteria_table(level_row("02.01.1", category=cell(merge=CONTINUE)))
    assert read(tmp_path, first, second).categories["02.01"] == {1: OPTIONAL}


def test_an_unreadable_word_gives_no_category(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("01.01.1", category="★"), level_row("01.01.2", category="基础")))
    assert found.categories == {"01.01": {2: BASIC}}
    assert found.readings["01.01.1"].source is CategorySource.UNREADABLE
    assert found.readings["01.01.2"].source is CategorySource.UNUSUAL


def test_a_category_cell_merged_with_its_neighbour_gives_no_category(tmp_path: Path) -> None:
    wide = row("1", "01.01.1", "病房医师", "病房医嘱处理", cell(TWO, span=2), "1", "")
    found = read(tmp_path, criteria_table(wide))
    assert found.clause_counts == {"01.01.1": 2}
    assert found.categories == {}
    assert found.readings["01.01.1"].source is CategorySource.UNREADABLE


@pytest.mark.parametrize("merged", [False, True])
def test_a_row_split_over_pages_goes_on_without_a_code(tmp_path: Path, merged: bool) -> None:
    category = cell("基本", merge=RESTART) if merged else "基本"
    on = cell(merge=CONTINUE) if merged else ""
    rows = [level_row("01.01.1", "（1）甲（2）乙的前", category), further_row("半句（3）丙", on), level_row("01.01.2")]
    found = read(tmp_path, criteria_table(*rows))
    assert found.wording["01.01.1(2)"] == "乙的前半句"
    assert found.clause_counts == {"01.01.1": 3, "01.01.2": 1}
    assert found.categories == {"01.01": {1: BASIC, 2: OPTIONAL}}


def test_a_code_cell_merged_over_the_parts_of_its_row(tmp_path: Path) -> None:
    rows = [
        level_row(cell("01.01.1", merge=RESTART), "（1）甲", score="1"),
        level_row(cell(merge=CONTINUE), "（2）乙", score=cell(merge=CONTINUE)),
    ]
    assert read(tmp_path, criteria_table(*rows)).clause_counts == {"01.01.1": 2}


def test_the_category_may_stand_in_the_second_part_of_a_row(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("01.01.1", "（1）甲"), further_row("（2）乙", "基本")))
    assert found.categories == {"01.01": {1: BASIC}}


def test_parts_that_contradict_each_other_give_no_category(tmp_path: Path) -> None:
    rows = [level_row("01.01.1", "（1）甲", "基本"), further_row("（2）乙", "选择")]
    found = read(tmp_path, criteria_table(*rows))
    assert found.categories == {}
    assert found.readings["01.01.1"].word == "基本／选择"


def test_a_repeated_header_in_the_middle_of_a_row_and_a_merge(tmp_path: Path) -> None:
    rows = [
        level_row("01.01.1", "（1）甲", cell("基本", merge=RESTART)),
        head(),
        further_row("（2）乙", cell(merge=CONTINUE)),
        level_row("01.01.2", category=cell(merge=CONTINUE)),
    ]
    found = read(tmp_path, criteria_table(*rows))
    assert found.clause_counts == {"01.01.1": 2, "01.01.2": 1}
    assert found.categories == {"01.01": {1: BASIC, 2: BASIC}}


@pytest.mark.parametrize("header", [True, False])
def test_a_table_split_in_two(tmp_path: Path, header: bool) -> None:
    first = criteria_table(level_row("01.01.1", "（1）甲", cell("基本", merge=RESTART)))
    rest = [further_row("（2）乙", cell(merge=CONTINUE)), level_row("01.01.2", category=cell(merge=CONTINUE))]
    found = read(tmp_path, first, paragraph("— 7 —"), table([head(), *rest] if header else rest))
    assert found.clause_counts == {"01.01.1": 2, "01.01.2": 1}
    assert found.categories == {"01.01": {1: BASIC, 2: BASIC}}


def test_a_blank_category_right_after_a_broken_table_is_told_apart(tmp_path: Path) -> None:
    first = criteria_table(level_row("01.01.1", category=cell("基本", merge=RESTART)))
    found = read(tmp_path, first, table([level_row("01.01.2", category=cell(merge=RESTART)), level_row("01.01.3")]))
    assert found.readings["01.01.2"].source is CategorySource.AFTER_BREAK
    assert found.readings["01.01.3"].source is CategorySource.BLANK


def test_the_second_half_may_have_other_column_widths(tmp_path: Path) -> None:
    wider = row(*[cell(t, span=2) for t in ("1", "01.01.2", "角色", "项目", "基本", TWO, "2", "")])
    found = read(tmp_path, criteria_table(level_row("01.01.1")), table([wider], 16))
    assert found.clause_counts == {"01.01.1": 1, "01.01.2": 2}


def test_a_code_repeated_on_the_next_page(tmp_path: Path) -> None:
    rows = [level_row("01.01.1", "（1）甲", "基本"), level_row("01.01.1", "（2）乙"), level_row("01.01.2")]
    found = read(tmp_path, criteria_table(*rows))
    assert found.clause_counts == {"01.01.1": 2, "01.01.2": 1}
    assert found.categories["01.01"][1] is BASIC


def test_a_row_that_comes_twice_is_taken_once_and_mentioned(tmp_path: Path) -> None:
    rows = [level_row("01.01.1", "甲"), level_row("01.01.2"), level_row("01.01.1", "乙")]
    found = read(tmp_path, criteria_table(*rows))
    assert found.wording["01.01.1(1)"] == "甲"
    assert "01.01.1 出现了不止一次（第 1 个表格第 4 行）" in found.problems[0]


def test_codes_that_cannot_be_read_are_named_with_their_place(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("01.01.1"), level_row("Ol.O1.2")))
    assert codes(found) == ["01.01.1"]
    assert found.problems == ("附表3 第 1 个表格第 3 行：项目代码“Ol.O1.2”无法识别，这一行没有读入",)


def test_a_missing_code_is_taken_from_the_score_and_mentioned(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("01.01.1"), further_row("丙", score="2")))
    assert codes(found) == ["01.01.1", "01.01.2"]
    assert "按功能评分当作 01.01.2" in found.problems[0]


def test_horizontal_merges_and_a_header_of_two_rows(tmp_path: Path) -> None:
    upper = row(cell("项目代码", merge=RESTART), cell("评价类别", merge=RESTART), cell("评价要求", span=2))
    lower = row(cell(merge=CONTINUE), cell(merge=CONTINUE), "系统功能评价内容", "数据质量评价内容")
    spanning = row("01.01.2", "基本", cell(TWO, span=2))
    found = read(tmp_path, table([upper, lower, row("01.01.1", "", TWO, "丁"), spanning], 4))
    assert found.clause_counts == {"01.01.1": 2, "01.01.2": 2}
    assert found.categories == {"01.01": {1: OPTIONAL, 2: BASIC}}


def test_a_header_that_spans_more_grid_columns_than_its_cells(tmp_path: Path) -> None:
    header = row(cell("项目代码", span=2), "评价类别", cell("主要评价内容", span=3))
    plain = row(cell("01.01.1", span=2), "基本", cell("（1）甲"), cell("（2）乙", span=2))
    shifted = row("01.01.2", "", cell("（1）甲（2）乙（3）丙"))
    found = read(tmp_path, table([header, plain, shifted], 6))
    assert found.clause_counts == {"01.01.1": 2, "01.01.2": 3}
    assert found.categories == {"01.01": {1: BASIC, 2: OPTIONAL}}


def test_old_style_horizontal_merges_and_cells_that_begin_later(tmp_path: Path) -> None:
    start, on = '<w:hMerge w:val="restart"/>', "<w:hMerge/>"
    header = row("项目代码", cell("评价类别", properties=start), cell(properties=on), "主要评价内容")
    later = row("基本", cell(), "（2）乙", properties='<w:gridBefore w:val="1"/>')
    found = read(tmp_path, table([header, row("01.01.1", cell(), cell(), "（1）甲"), later], 4))
    assert found.clause_counts == {"01.01.1": 2}
    assert found.categories == {"01.01": {1: BASIC}}


def test_clauses_as_paragraphs_line_breaks_and_automatic_numbers(tmp_path: Path) -> None:
    rows = [
        level_row("01.01.1", "（1）甲\v（2）乙\n（3）丙"),
        level_row("01.01.2", cell(raw=numbered("甲") + numbered("乙"))),
        level_row("01.01.3", cell(raw=numbered("甲；", 2) + numbered("乙", 2))),
    ]
    found = read(tmp_path, criteria_table(*rows))
    assert found.clause_counts == {"01.01.1": 3, "01.01.2": 2, "01.01.3": 1}
    assert found.wording["01.01.3(1)"] == "甲；\n乙"


def test_tracked_changes_hidden_text_and_drawings(tmp_path: Path) -> None:
    deleted = "<w:del><w:r><w:delText>旧</w:delText><w:t>旧</w:t></w:r></w:del>"
    hidden = run("藏", "<w:rPr><w:vanish/></w:rPr>")
    box = "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:a/><w:t>图</w:t></w:drawing></mc:Choice>" \
          "<mc:Fallback><w:t>图</w:t></mc:Fallback></mc:AlternateContent></w:r>"  # fmt: skip
    inserted = f"<w:ins>{run('新')}</w:ins>"
    content = cell(raw=f"<w:p>{run('甲')}{deleted}{hidden}{box}{inserted}</w:p>")
    gone = level_row("01.01.2").replace("<w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>", 1)
    found = read(tmp_path, criteria_table(level_row("01.01.1", content), gone))
    assert found.wording == {"01.01.1(1)": "甲新"}


def test_rows_and_cells_in_content_controls(tmp_path: Path) -> None:
    wrapped = f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{level_row('01.01.1', TWO)}</w:sdtContent></w:sdt>"
    assert read(tmp_path, criteria_table(wrapped)).clause_counts == {"01.01.1": 2}


def test_annexes_inside_a_layout_table_and_tables_inside_cells(tmp_path: Path) -> None:
    inner = table([row("（2）乙")], 1)
    rows = [level_row("01.01.1", cell(raw=paragraph("（1）甲") + inner + paragraph())), level_row("01.01.2")]
    found = read(tmp_path, table([row(cell(raw=criteria_table(*rows)))], 1))
    assert found.clause_counts == {"01.01.1": 2, "01.01.2": 1}


def test_a_row_without_content_is_mentioned(tmp_path: Path) -> None:
    found = read(tmp_path, criteria_table(level_row("01.01.1", cell())))
    assert found.clause_counts == {"01.01.1": 0}
    assert "没有评价内容" in found.problems[0]


def test_a_strict_document_whose_main_part_is_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    xml = document_xml([criteria_table(level_row("01.01.1"))], STRICT)
    file.write_bytes(docx_bytes(xml, "word/document2.xml"))
    assert codes(read_official(file)) == ["01.01.1"]
