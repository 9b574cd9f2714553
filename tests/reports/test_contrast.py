"""What is other than when the assessment was submitted: gathered, printed, and as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from openpyxl import load_workbook

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Evidence
from emrassess.domain.comparison import PieceWay, compare
from emrassess.domain.pack import Pack
from emrassess.errors import Cancelled
from emrassess.reports.content import gather
from emrassess.reports.contrast import Contrast, ContrastReport, Side, gather_contrast, headline, step_text
from emrassess.reports.contrast_sheet import write_contrast_xlsx
from emrassess.reports.pdf import CONTRAST_TITLE, write_contrast_pdf, write_pdf
from emrassess.reports.sheet import write_xlsx
from tests.builders import ratio
from tests.reports.conftest import NOW, Store, piece

BEFORE = Side(2, (NOW - timedelta(days=30)).isoformat(), "王医生", "送审稿 <b>&😀")
AFTER = Side(0, NOW.isoformat())
TITLE = "与上一次提交相比"
ROSE, FELL, OTHER = "06.01.5(3)", "01.01.1(1)", "02.01.6(1)"


@pytest.fixture(scope="module")
def later(assessment: Assessment, store: Store) -> Assessment:
    """`assessment` with something of every sort changed."""
    answers = {
        **assessment.answers,
        ROSE: ClauseAnswer(Verdict.MET),
        FELL: ClauseAnswer(Verdict.PARTIAL),
        OTHER: ClauseAnswer(Verdict.UNMET),
    }
    evidence = {key: held for key, held in assessment.evidence.items() if key != "e2"}
    evidence["e7"] = piece(7, store.add(b"new"), "新.txt", "text/plain", "06.01.5(3)", "06.01.5(2)", title="=新的说明")
    evidence["e6"] = replace(evidence["e6"], clauses=("01.01.4(2)",))
    coverage = {**assessment.coverage, ("06.01", 5): ratio("90/100")}
    return replace(assessment, answers=answers, evidence=evidence, coverage=coverage)


@pytest.fixture(scope="module")
def contrast(pack: Pack, assessment: Assessment, later: Assessment) -> Contrast:
    return made(pack, assessment, later)


def made(pack: Pack, before: Assessment, after: Assessment) -> Contrast:
    return gather_contrast(pack, compare(before, after, pack), BEFORE, AFTER, TITLE)


def report(contrast: Contrast) -> ContrastReport:
    return ContrastReport("示例医院", "示例标准", NOW, contrast)


@dataclass(frozen=True)
class Read:
    pages: list[str]
    outline: list[str]

    @property
    def flat(self) -> str:
        return "".join(self.pages)


def read(file: Path) -> Read:
    reader = pypdf.PdfReader(file)
    outline = [str(entry["/Title"]) for entry in reader.outline if not isinstance(entry, list)]
    return Read(["".join(page.extract_text().split()) for page in reader.pages], outline)


def rows(file: Path, sheet: str) -> tuple[tuple[object, ...], list[Mapping[str, object]]]:
    """The facts above the table, and its rows by heading."""
    found = list(load_workbook(file)[sheet].iter_rows(values_only=True))
    return (found[0][0], found[1][0]), [dict(zip(map(str, found[2]), row, strict=True)) for row in found[3:]]


def test_everything_that_differs_is_gathered(contrast: Contrast) -> None:
    (rose,), (fell,), (same,) = contrast.rose, contrast.fell, contrast.same
    assert (rose.clause, rose.item, rose.before, rose.after) == (ROSE, "06.01 一般治疗记录", Verdict.UNMET, Verdict.MET)
    assert rose.text and (fell.clause, same.clause) == (FELL, OTHER)
    assert [(move.code, move.after) for move in contrast.items_fell] == [("01.01", Decimal(0))]
    (risen,) = contrast.items_rose
    assert (risen.code, risen.name, risen.after) == ("06.01", "一般治疗记录", Decimal("4.500"))
    assert [(change.way, change.piece.id, change.clauses) for change in contrast.pieces] == [
        (PieceWay.ADDED, "e7", ("06.01.5(2)", ROSE)),
        (PieceWay.GONE, "e2", ("01.01.4(1)",)),
        (PieceWay.LINKED, "e6", ("01.01.4(2)",)),
    ]
    (figure,) = contrast.figures
    assert (figure.row, figure.name, figure.before, figure.after) == ("06.01.5", "有效应用比例", "1", "0.90（90/100）")
    assert contrast.counts == (
        "条款结论变好 1 条、变差 1 条、在待评与未达标之间改动 1 条",
        "项目得分上升 1 项、下降 1 项",
        "实证材料新增 1 件、移除 1 件、新关联 1 件",
        "比例和系数改动 1 处",
    )
    assert headline(contrast).startswith("与第 2 次提交（2026-10-22 16:30）相比：总分 ")


def test_nothing_is_said_to_be_nothing(pack: Pack, assessment: Assessment, tmp_path: Path) -> None:
    contrast = made(pack, assessment, assessment)
    assert contrast.empty and contrast.counts == ()
    assert headline(contrast) == "与第 2 次提交（2026-10-22 16:30）相比：没有不同"
    write_contrast_pdf(report(contrast), tmp_path / "a.pdf")
    assert "没有不同。" in read(tmp_path / "a.pdf").flat
    write_contrast_xlsx(report(contrast), tmp_path / "a.xlsx")
    facts, table = rows(tmp_path / "a.xlsx", "比较")
    assert "没有不同" in str(facts[1]) and [row["变化"] for row in table] == [None] * 6


@pytest.mark.parametrize(
    ("before", "after", "unit", "said"),
    [("1", "1", "", "—"), ("1", "2.5", "", "升 1.50"), ("5", "3", "级", "降 2 级"), ("1", "1.0001", "", "升 0.0001")],
)
def test_steps_are_said(before: str, after: str, unit: str, said: str) -> None:
    assert step_text(Decimal(before), Decimal(after), unit) == said


def test_the_pdf_report_has_it_as_a_section(
    pack: Pack, later: Assessment, contrast: Contrast, store: Store, tmp_path: Path
) -> None:
    write_pdf(gather(pack, later, NOW, store.path, contrast=contrast), tmp_path / "a.pdf")
    found = read(tmp_path / "a.pdf")
    assert found.outline[-2:] == ["六、与上一次提交相比", "七、关于本报告"]
    assert "与第2次提交（2026-10-22 16:30）相比".replace(" ", "") in found.pages[1]
    (start,) = (n for n, page in enumerate(found.pages) if n > 2 and "六、与上一次提交相比" in page)
    assert f"六、与上一次提交相比{start + 1}" in found.pages[2]
    section = "".join(found.pages[start:])
    for said in (
        "王医生，送审稿<b>&〓", "项目得分上升1项、下降1项。", "得分下降的项目（1项）",
        "01.01病房医嘱处理3.800.00降3.80",
        "结论变差的条款（1条）", f"{FELL}01.01病房医嘱处理", "✓达标→◐部分达标", "×未达标→✓达标", "○待评→×未达标",
        "实证材料的变动（3件）", "新增=新的说明新.txt", "移除", "新关联", "0.90（90/100）",
    ):  # fmt: skip
        assert said in section, said


def test_the_table_has_it_as_a_sheet(
    pack: Pack, later: Assessment, contrast: Contrast, store: Store, tmp_path: Path
) -> None:
    write_xlsx(gather(pack, later, NOW, store.path, contrast=contrast), tmp_path / "a.xlsx")
    assert load_workbook(tmp_path / "a.xlsx").sheetnames[-1] == TITLE
    facts, table = rows(tmp_path / "a.xlsx", TITLE)
    assert facts[0] == TITLE and "王医生，送审稿 <b>&😀" in str(facts[1]) and "变好 1 条" in str(facts[1])
    by_place = {(row["种类"], row["位置"]): row for row in table}
    score = by_place["项目得分", "01.01"]
    assert (score["变化"], score["第 2 次提交"], score["现在"], score["增减"]) == ("下降", 3.8, 0, -3.8)
    assert by_place["条款结论", ROSE]["现在"] == "✓ 达标"
    added = [row for row in table if row["变化"] == "新增"]
    assert [row["位置"] for row in added] == ["06.01.5(2)", ROSE]
    assert added[0]["内容"] == "=新的说明，新.txt，文件，HIS，2026-10-12 09:30"
    pieces = next(row for row in table if row["内容"] == "实证材料（件）")
    assert (pieces["第 2 次提交"], pieces["现在"], pieces["增减"]) == (6, 6, None)


def test_without_a_submission_there_is_none_of_it(
    pack: Pack, assessment: Assessment, store: Store, tmp_path: Path
) -> None:
    content = gather(pack, assessment, NOW, store.path)
    assert content.contrast is None
    write_pdf(content, tmp_path / "a.pdf")
    assert "相比" not in read(tmp_path / "a.pdf").flat


def test_a_report_of_just_that(contrast: Contrast, tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    count = write_contrast_pdf(report(contrast), tmp_path / "a.pdf", lambda *step: steps.append(step))
    found = read(tmp_path / "a.pdf")
    assert count == len(found.pages) and found.outline == [TITLE]
    assert found.pages[0].startswith(f"示例医院{CONTRAST_TITLE}") and "第2次提交→现在" in found.pages[0]
    assert "U+1F600" in found.flat and "示例标准" in found.pages[0]
    assert steps and all(0 <= done <= total for done, total, _ in steps)
    write_contrast_xlsx(report(contrast), tmp_path / "a.xlsx")
    facts, table = rows(tmp_path / "a.xlsx", "比较")
    assert str(facts[1]).startswith("示例医院　·　示例标准")
    assert len(table) == 6 + len(contrast.levels) + 2 + 3 + 4 + 1


def test_cancelling_leaves_what_was_there(contrast: Contrast, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise Cancelled

    (tmp_path / "a.pdf").write_bytes(b"old")
    with pytest.raises(Cancelled):
        write_contrast_pdf(report(contrast), tmp_path / "a.pdf", stop)
    assert (tmp_path / "a.pdf").read_bytes() == b"old"


def test_long_lists_go_on_over_pages_with_their_heads(pack: Pack, assessment: Assessment, tmp_path: Path) -> None:
    clauses = list(pack.clause_by_id)

    def proof(number: int) -> Evidence:
        return piece(
            number, "1" * 64, f"图{number}.png", "image/png", *clauses[number : number + 2], title="长" * number
        )

    many = {found.id: found for found in map(proof, range(400))}
    many["e5"] = replace(many["e5"], clauses=tuple(clauses), title="很长" * 3000)
    empty = replace(assessment, answers={}, evidence={})
    full = replace(empty, answers={clause: ClauseAnswer(Verdict.MET) for clause in clauses}, evidence=many)
    write_contrast_pdf(report(made(pack, empty, full)), tmp_path / "a.pdf")
    found = read(tmp_path / "a.pdf")
    assert f"结论变好的条款（{len(clauses)}条）" in found.flat
    assert all(clause in found.flat for clause in clauses)
    assert all(f"图{number}.png" in found.flat for number in range(400))
    assert sum("条款项目和要求自评结论" in page for page in found.pages) > 20
    heads = [page for page in found.pages if "变动标题和文件" in page]
    assert len(heads) > 10 and not any(page.endswith("变动标题和文件类型、来源、截取时间条款") for page in found.pages)


def test_a_standard_of_points_has_no_word_of_another(
    points_pack: Pack, points_assessment: Assessment, store: Store, tmp_path: Path
) -> None:
    answers = {**points_assessment.answers, "02.01.3(1)": ClauseAnswer(Verdict.MET)}
    later = replace(points_assessment, answers=answers)
    content = gather(points_pack, later, NOW, store.path, contrast=made(points_pack, points_assessment, later))
    write_pdf(content, tmp_path / "a.pdf")
    write_xlsx(content, tmp_path / "a.xlsx")
    flat = read(tmp_path / "a.pdf").flat
    assert "得分上升的项目（1项）" in flat and "达到1级" in flat
    assert "确定达到" not in flat and "可能达到" not in flat
    _, table = rows(tmp_path / "a.xlsx", TITLE)
    assert [row["内容"] for row in table[:3]] == ["目标级别（级）", "总分", "达到（级）"]
