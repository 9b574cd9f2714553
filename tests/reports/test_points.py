"""A standard of points a role in all three reports: its own figures, and none that only the standard of 2018 knows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from openpyxl import load_workbook

from emrassess.domain.assessment import Assessment
from emrassess.domain.gaps import Need
from emrassess.domain.pack import Pack, Role
from emrassess.domain.schemes.role_points import RolePoints
from emrassess.domain.scoring import Standing
from emrassess.reports.content import ItemSheet, ReportContent, gather
from emrassess.reports.pdf import write_pdf
from emrassess.reports.pdf_charts import HeatMap
from emrassess.reports.sentences import lack_sentences, points_text, reach_sentence, score_sentence, standing_sentence
from emrassess.reports.sheet import write_xlsx
from emrassess.reports.site import site_html
from emrassess.reports.wording import how_many
from tests.reports.conftest import NOW, Store
from tests.reports.test_site import href

FOREIGN = (
    "电子病历系统应用水平", "基本项", "选择项", "有效应用比例", "待核对", "附件 2",
    "最低要求", "功能评分", "计分级别", "None",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    pdf: str
    xlsx: str
    site: str

    def each(self) -> Iterator[str]:
        yield from (self.pdf, self.xlsx, self.site)


def write(content: ReportContent, folder: Path) -> Written:
    """The texts of all three reports, without white space."""
    write_pdf(content, folder / "a.pdf")
    write_xlsx(content, folder / "a.xlsx")
    pages = pypdf.PdfReader(folder / "a.pdf").pages
    cells = (cell for sheet in load_workbook(folder / "a.xlsx") for row in sheet.iter_rows() for cell in row)
    texts = (
        "".join(page.extract_text() for page in pages),
        "|".join(str(cell.value) for cell in cells if cell.value is not None),
        re.sub(r"<(style|script)>.*?</\1>", "", "".join(site_html(content, href)), flags=re.DOTALL),
    )
    return Written(*("".join(text.split()) for text in texts))


@pytest.fixture(scope="module")
def written(points_content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(points_content, tmp_path_factory.mktemp("points"))


def item(content: ReportContent, code: str) -> ItemSheet:
    return next(sheet for sheet in content.items if sheet.code == code)


def test_nothing_of_the_other_scheme_is_said(written: Written) -> None:
    for text in written.each():
        assert [word for word in FOREIGN if word in text] == []


def test_a_standard_without_a_document_number_has_no_empty_brackets(
    points_content: ReportContent, tmp_path: Path
) -> None:
    for text in write(replace(points_content, document_number=""), tmp_path).each():
        assert "（）" not in text and "文件号" not in text


def test_roles_and_points_are_shown(written: Written) -> None:
    assert "工作角色通过2/3" in written.pdf
    assert "到3级得分33.50" in written.pdf
    assert "33.50/38.50" in written.pdf
    assert "两个专家组的就绪度" in written.pdf
    assert "三个工作角色" in written.pdf
    assert "得分都达到该级分值的80%" in written.pdf
    assert "工作角色通过</span><b>2/3</b>" in written.site
    assert "工作角色通过|工作角色要求" in written.xlsx
    for text in written.each():
        assert "1个工作角色未通过：02病房护士" in text
        assert "角色得分不足" in text
        assert "时效性、完整性" in text


def test_headline_and_way_to_the_target(points_content: ReportContent) -> None:
    assert points_content.headline == (
        "目前达到 1 级；目标 3 级：未达到（到 3 级得分 33.50 / 38.50，工作角色通过 2/3）。"
    )
    assert reach_sentence(points_content) == "按整改计划做完 2 个项目，总分预计由 35.50 升到 40.50，即可达到 3 级。"
    assert points_content.standings.keys() == {Standing.BASIC, Standing.FUNCTION, Standing.SOME, Standing.NOTHING}
    assert points_content.target_name == "协同"


def test_an_item_is_told_by_its_points(points_content: ReportContent) -> None:
    sheet = item(points_content, "02.01")
    assert [points_text(rung) for rung in sheet.rungs] == ["2/2", "3/3", "0/3", "0/3"]
    assert score_sentence(sheet) == "得分 5：达标条款的分值之和，满分 11。"
    assert standing_sentence(sheet, 3) == "3 级未通过"
    assert standing_sentence(item(points_content, "01.02"), 3) == "3 级没有本项要求"
    assert [rung.coverage for rung in sheet.rungs] == [None] * 4
    assert [clause.points for clause in item(points_content, "01.01").clauses][3] == Decimal("1.5")


def test_a_needed_gap_goes_before_a_spare_one_of_the_same_item(
    points_pack: Pack, points_assessment: Assessment, store: Store, tmp_path: Path
) -> None:
    empty = gather(points_pack, replace(points_assessment, answers={}, quality={}), NOW, store.path)
    needs = [gap.need for gap in empty.gaps if gap.item == "01.01"]
    assert needs == [Need.POINTS, Need.SPARE]
    gap = item(empty, "01.01").gap
    assert gap is not None and gap.need is Need.POINTS
    text = write(empty, tmp_path)
    assert "另有9条理由" in text.pdf and "另有9条理由" in text.site  # the glance keeps the worst
    assert "备选，能多得分" in text.pdf


def test_what_passes_can_still_earn_more(points_pack: Pack, points_assessment: Assessment, store: Store) -> None:
    answers = {k: v for k, v in points_assessment.answers.items() if k != "01.01.1(2)"}
    relaxed = replace(points_pack, scheme=RolePoints(Decimal("0.6"), Decimal(0), points_pack.levels))
    sheet = item(gather(relaxed, replace(points_assessment, answers=answers), NOW, store.path), "01.01")
    assert lack_sentences(sheet, 3)[0] == "到 3 级还能多得分"


def test_official_wording_is_on_the_page_only_when_asked_for(
    points_pack: Pack, points_assessment: Assessment, points_content: ReportContent, store: Store, tmp_path: Path
) -> None:
    assert "原文" not in "".join(site_html(points_content, href))
    asked = gather(points_pack, points_assessment, NOW, store.path, with_wording=True)
    page = "".join(site_html(asked, href))
    assert "<details><summary>官方原文</summary>编造的原文第一句。\n编造的原文&lt;第二句&gt;。</details>" in page
    assert page.count("官方原文") == 1
    text = write(asked, tmp_path)
    assert "原文第一句" not in text.pdf + text.xlsx


def test_a_clause_without_hint_says_nothing_of_proof(points_content: ReportContent) -> None:
    page = "".join(site_html(points_content, href))
    without = [clause for sheet in points_content.items for clause in sheet.clauses if not clause.hint]
    every = sum(len(sheet.clauses) for sheet in points_content.items)
    assert without
    assert page.count("通常怎样证明") == every - len(without)


def test_without_groups_and_quality_their_columns_go(
    points_pack: Pack, points_assessment: Assessment, store: Store, tmp_path: Path
) -> None:
    plain = replace(points_pack, items=tuple(replace(i, has_quality=False) for i in points_pack.items))
    text = write(gather(plain, replace(points_assessment, groups=()), NOW, store.path), tmp_path)
    for name in ("专家组", "数据质量指数", "质量系数"):
        assert name not in text.pdf.replace("要求的数据质量指数还都", "") + text.xlsx
    assert "专家组就绪度" not in text.site
    assert "质量指数合格" not in text.site


def test_two_roles_are_bars_not_a_radar(
    points_pack: Pack, points_assessment: Assessment, store: Store, tmp_path: Path
) -> None:
    items = tuple(i for i in points_pack.items if i.role != "03")
    two = replace(points_pack, items=items, roles=(Role("01", "门诊医师"), Role("02", "病房护士")))
    content = gather(two, replace(points_assessment, evidence={}, groups=()), NOW, store.path)
    text = write(content, tmp_path)
    assert "两个工作角色" in text.pdf and "雷达图" not in text.pdf
    assert "polygon" not in text.site


def test_a_target_without_clauses_is_not_promised(
    points_pack: Pack, points_assessment: Assessment, store: Store
) -> None:
    items = tuple(replace(i, rows=tuple(row for row in i.rows if row.level != 3)) for i in points_pack.items)
    content = gather(replace(points_pack, items=items), points_assessment, NOW, store.path)
    assert "标准包里没有 3 级的条款" in reach_sentence(content)


def test_a_heat_map_higher_than_a_page_goes_on(points_content: ReportContent) -> None:
    chart = HeatMap(points_content.items * 20, [1, 2, 3, 4], 3)
    assert chart.wrap(499, 700)[1] > 700
    upper, lower = chart.split(499, 700)
    assert isinstance(upper, HeatMap) and isinstance(lower, HeatMap)
    assert upper.wrap(499, 700)[1] <= 700
    assert len(upper.items) + len(lower.items) == 120


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "零"), (2, "两"), (3, "三"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (120, "120")],
)
def test_counts_are_read_in_chinese(count: int, words: str) -> None:
    assert how_many(count) == words
