"""Annexes 1, 2 and 4, and what the document says of its edition."""

from pathlib import Path

import pytest

from emrassess.domain.pack import Dimension, Requirement
from emrassess.packs.official import Annex, OfficialDocument, read_official
from tests.packs.official.samples import (
    ITEMS_HEAD,
    QUALITY_HEAD,
    REQUIREMENTS_HEAD,
    criteria_table,
    head,
    level_row,
)
from tests.packs.official.wordml import CONTINUE, RESTART, cell, docx, paragraph, row, table


def read(folder: Path, *blocks: str) -> OfficialDocument:
    return read_official(docx(folder, *blocks))


def quality_table(*rows: str) -> str:
    return table([head(*QUALITY_HEAD), *rows], 3)


def test_names_of_annex_1_go_to_the_codes_of_annex_3(tmp_path: Path) -> None:
    role = cell("一、病房医师", merge=RESTART)
    items = [
        head(*ITEMS_HEAD),
        row("１", role, "病房医嘱\n处理", "按编造的比例", "无"),
        row("2", cell(merge=CONTINUE), "病房检验申请", "按编造的比例", "无"),
    ]
    rows = [level_row("01.01.1"), level_row("01.02.1", sequence="2", item="病房检验申请（有效应用……）")]
    found = read(tmp_path, table(items, 5), criteria_table(*rows))
    names = [(i.code, i.name, i.role) for i in found.items if i.annex is Annex.ITEMS]
    assert names == [("01.01", "病房医嘱处理", "病房医师"), ("01.02", "病房检验申请", "病房医师")]


def test_the_demands_of_the_levels(tmp_path: Path) -> None:
    rows = [
        head(*REQUIREMENTS_HEAD),
        row("0级", "没有", "--", "--", "--"),
        row("１级", "甲", "５", "20／32", "28"),
        head(*REQUIREMENTS_HEAD),
        row("二级", "乙", "10项", "15 / 27", "55 分"),
    ]
    found = read(tmp_path, table(rows, 5))
    assert found.requirements == (Requirement(1, "甲", 5, 20, 32, 28), Requirement(2, "乙", 10, 15, 27, 55))
    assert not found.problems


def test_demands_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, table([head(*REQUIREMENTS_HEAD), row("1级", "甲", "五", "20", "28")], 5))
    assert found.requirements == ()
    assert "附表2 1 级（第 1 个表格第 2 行）" in found.problems[0]


@pytest.mark.parametrize("content", ["数据质量考察项目", "数据考察项目", "数据质量评价内容"])
@pytest.mark.parametrize("code", ["项目代码", "项目编码"])
def test_cells_of_annex_4_by_dimension(tmp_path: Path, content: str, code: str) -> None:
    rows = [head(code, "业务项目", content), row("01.01.5", "甲", "完整性：A（B）整合性: C与D可对照\v1、E；2、F")]
    found = read(tmp_path, table(rows, 3))
    assert found.annexes == {Annex.QUALITY}
    assert found.quality_texts == {
        ("01.01.5", Dimension.COMPLETENESS): "A（B）",
        ("01.01.5", Dimension.INTEGRATION): "C与D可对照\n1、E；2、F",
    }


def test_dimensions_may_be_numbered_and_spaced(tmp_path: Path) -> None:
    found = read(tmp_path, quality_table(row("01.01.5", "甲", "1、数据一致性：A 2、及 时 性：B\v数据完整性：C")))
    assert [(c.dimension, c.text) for c in found.quality] == [
        (Dimension.CONSISTENCY, "A"),
        (Dimension.TIMELINESS, "B"),
        (Dimension.COMPLETENESS, "C"),
    ]


def test_a_cell_of_annex_4_split_over_pages_and_tables(tmp_path: Path) -> None:
    first = quality_table(row("01.01.5", "甲", "完整性：A、"), head(*QUALITY_HEAD), row(cell(), cell(), "B"))
    second = table([row(cell(), cell(), "整合性：C"), row("01.01.6", "甲", "及时性：D")], 3)
    found = read(tmp_path, first, paragraph("— 9 —"), second)
    assert found.quality_texts == {
        ("01.01.5", Dimension.COMPLETENESS): "A、\nB",
        ("01.01.5", Dimension.INTEGRATION): "C",
        ("01.01.6", Dimension.TIMELINESS): "D",
    }


def test_dimensions_that_are_missing_or_new_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, quality_table(row("01.01.5", "甲", "A、B"), row("01.01.6", "甲", "唯一性：C")))
    assert found.quality == ()
    assert "01.01.5：没有写明" in found.problems[0]
    assert "不认识的维度“唯一性”" in found.problems[1]


def test_an_unrelated_table_after_annex_4_is_left_alone(tmp_path: Path) -> None:
    other = table([row("抄送", "甲", "乙"), row("印发", "丙", "丁")], 3)
    found = read(tmp_path, quality_table(row("01.01.5", "甲", "一致性：A")), other)
    assert len(found.quality) == 1
    assert not found.problems


def test_the_edition(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        paragraph("国卫办医函〔2018〕1079号"),
        paragraph("电子病历系统应用水平分级评价标准"),
        paragraph("（试行）"),
        paragraph("附表4. 数据质量评估项目表（２０２３版）"),
        quality_table(row("01.01.5", "甲", "一致性：A")),
    ).edition
    assert found.title == "电子病历系统应用水平分级评价标准（试行）"
    assert (found.document_number, found.quality_year) == ("国卫办医函〔2018〕1079号", 2023)
