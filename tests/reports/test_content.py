"""What is gathered is what the domain says, numbered and counted."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, EvidenceState
from emrassess.domain.gaps import Need
from emrassess.domain.pack import Category, Pack
from emrassess.domain.scoring import LevelOutcome, Standing, score
from emrassess.reports.content import ReportContent
from emrassess.reports.sentences import (
    coverage_text,
    lack_sentences,
    quality_text,
    reach_sentence,
    score_sentence,
    standing_sentence,
)

Gather = Callable[[Assessment], ReportContent]


def item(content: ReportContent, code: str):
    return next(sheet for sheet in content.items if sheet.code == code)


def test_verdict_and_totals_are_those_of_the_score(content: ReportContent, pack: Pack, assessment: Assessment) -> None:
    expected = score(pack, assessment.as_answers())
    assert (content.total, content.certain, content.possible) == (expected.total, expected.certain, expected.possible)
    assert content.goal.result == expected.levels[5]
    assert content.goal.result.outcome is not LevelOutcome.MET
    assert "目标 5 级" in content.headline
    assert [line.result.level for line in content.levels] == list(range(1, 9))


def test_headline_says_when_nothing_is_certain(gathered: Gather, assessment: Assessment) -> None:
    empty = gathered(replace(assessment, answers={}, coverage={}, quality={}, evidence={}, hospital="  "))
    assert empty.headline.startswith("目前还没有确定达到任何级别；目标 5 级：未达到（总分 0.00")
    assert empty.hospital == "（未填写医院名称）"
    assert empty.census.pieces == 0


def test_unverified_categories_are_named(content: ReportContent, pack: Pack) -> None:
    expected = [
        (row.item, pack.item_by_code[row.item].name)
        for i in pack.items for row in i.rows if row.level == 5 and row.category is Category.UNVERIFIED
    ]  # fmt: skip
    assert list(content.unverified) == expected


def test_an_item_carries_its_ladder(content: ReportContent) -> None:
    sheet = item(content, "01.01")
    assert [rung.level for rung in sheet.rungs] == list(range(1, 9))
    assert (sheet.function_level, sheet.scored_level, sheet.passes) == (4, 4, False)
    fourth, fifth = sheet.by_level[4], sheet.by_level[5]
    assert (fourth.coverage, fourth.points, fourth.standing) == (Decimal("0.95"), Decimal("3.8000"), Standing.BASIC)
    assert (fifth.met, len(fifth.clauses), fifth.points, fifth.standing) == (2, 3, None, Standing.SOME)
    assert sheet.by_level[6].standing is Standing.NOTHING
    assert coverage_text(sheet, fourth) == "0.95（9500/10000）"
    assert coverage_text(sheet, fifth) == "0.60"
    assert coverage_text(sheet, sheet.by_level[3]) == "0.95（取更高级别）"
    assert score_sentence(sheet) == "得分 3.8000 ＝ 4 级 × 有效应用比例 0.95 × 数据质量指数 1.00。"
    assert standing_sentence(sheet, 5) == "5 级待核对，未通过"
    assert quality_text(sheet.by_level[1]) == "1.00（本级不评价）"


def test_gaps_say_what_is_missing(content: ReportContent) -> None:
    assert [gap.order for gap in content.gaps if gap.need is not Need.SPARE] == list(
        range(1, len(content.plan.needed) + 1)
    )
    first = content.gaps[0]
    assert (first.item, first.need, first.clauses) == ("06.01", Need.BASIC, ("06.01.5(3)",))
    gap = item(content, "01.01").gap
    assert gap is not None
    assert gap.clauses == ("01.01.5(2)",)
    assert gap.figures == ((5, "01.01.5 的有效应用比例 0.60，要求 0.80，差 0.20"),)
    assert lack_sentences(item(content, "01.01"), 5) == ("到 5 级还缺", gap.reasons)
    passing = item(content, "01.02")
    assert passing.passes
    assert lack_sentences(passing, 5)[0] == "再上一级还缺"
    assert "按整改计划做完 2 个项目" in reach_sentence(content)


def test_a_gap_with_many_reasons_is_also_told_briefly(gathered: Gather, assessment: Assessment) -> None:
    empty = gathered(replace(assessment, answers={}, coverage={}, quality={}))
    gap = item(empty, "01.01").gap
    assert gap is not None
    assert len(gap.reasons) > 3
    assert len(gap.brief) <= 3
    assert gap.brief == gap.outline
    assert "".join(gap.outline).startswith("未达标 12 条：1 级 2 条、2 级 1 条")
    assert gap.outline[-1] == "5 级有效应用比例 没有填，要求 0.80"


def test_evidence_is_numbered_in_the_order_of_clauses(content: ReportContent) -> None:
    assert [exhibit.piece.id for exhibit in content.evidence] == ["e1", "e2", "e3", "e4", "e5", "e6"]
    assert [exhibit.present for exhibit in content.evidence] == [True, True, True, False, True, True]
    clause = next(c for c in item(content, "01.02").clauses if c.id == "01.02.1(1)")
    assert (clause.evidence, clause.state) == ((1,), EvidenceState.COMPLETE)
    assert content.by_number[4].label == "丢失.png"
    assert content.by_number[2].suffix == "PDF"


def test_state_of_evidence_is_counted(content: ReportContent) -> None:
    census = content.census
    met = [c for i in content.items for c in i.clauses if c.level <= 5 and c.verdict is Verdict.MET]
    assert (census.pieces, census.unlinked, census.met) == (6, 1, len(met))
    assert (census.complete, census.incomplete) == (5, 1)
    assert census.complete + census.incomplete + census.without == census.met
    assert (census.lacking, census.missing) == ((4,), (4,))
