"""What an assessment takes along from one edition of a made-up standard to the next."""

from dataclasses import replace

import pytest
from hypothesis import given

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import (
    Assessment,
    ClauseAnswer,
    Confirmation,
    Evidence,
    EvidenceKind,
    OfficialSource,
    Recheck,
    Revision,
)
from emrassess.domain.carrying import CarriedOver, carried
from emrassess.domain.editions import compare_packs
from emrassess.domain.pack import Category, Dimension, Pack, ReviewGroup
from tests.domain.samples import RATIO, pack_of, packs, rule, with_item, with_row

OLD = with_row(
    pack_of({"01.01.4": ["不变", "移位", "改字", "取消"], "01.02.4": ["移位改字"], "01.03.5": ["项目取消"]}),
    "01.01.4",
    rules=(rule(Dimension.CONSISTENCY), rule(Dimension.COMPLETENESS)),
)
NEW = with_row(
    pack_of(
        {"01.01.4": ["不变", "新增", "已改字"], "01.01.5": ["移位"], "01.02.4": ["又新增", "移位已改字"]},
        version="2.0",
        renames={"01.02.4(1)": "01.02.4(2)"},
    ),
    "01.01.4",
    rules=(rule(Dimension.CONSISTENCY),),
)
SAME, MOVED, REWORDED, GONE, BOTH = "01.01.4(1)", "01.01.4(2)", "01.01.4(3)", "01.01.4(4)", "01.02.4(1)"
BLANK = Assessment("a", "示例医院", "made-up", "1.0", 4)


def over(old: Pack = OLD, new: Pack = NEW, **held: object) -> CarriedOver:
    return carried(replace(BLANK, **held), compare_packs(old, new), old, new)


def test_verdicts_hold_where_the_words_do() -> None:
    ids = (SAME, MOVED, REWORDED, GONE, BOTH)
    answers = {clause: ClauseAnswer(Verdict.MET, f"备注{clause}", "门诊 › 医嘱") for clause in ids}
    found = over(answers=answers, rechecks={MOVED: Recheck("以前的标记"), REWORDED: Recheck("上一版")})
    assert found.answers == {
        SAME: answers[SAME],
        "01.01.5(1)": answers[MOVED],
        REWORDED: replace(answers[REWORDED], verdict=Verdict.NOT_ASSESSED),
        "01.02.4(2)": replace(answers[BOTH], verdict=Verdict.NOT_ASSESSED),
    }
    assert {clause: recheck.why for clause, recheck in found.rechecks.items()} == {
        "01.01.4(2)": "新版新增的条款",
        REWORDED: "条款文字有改动；原自评：达标；此前：上一版",
        "01.01.5(1)": "以前的标记",
        "01.02.4(1)": "新版新增的条款",
        "01.02.4(2)": "条款文字有改动（原为 01.02.4(1)）；原自评：达标",
    }
    assert found.left_behind == (f"{GONE}：新版没有对应的条款；自评达标；备注：备注{GONE}；演示位置：门诊 › 医嘱",)


def test_a_bare_verdict_on_other_words_leaves_no_answer() -> None:
    found = over(answers={REWORDED: ClauseAnswer(Verdict.UNMET)})
    assert not found.answers and found.rechecks[REWORDED].why.endswith("原自评：未达标")


def test_evidence_comes_along_with_its_links() -> None:
    def piece(key: str, *clauses: str) -> Evidence:
        revision = Revision("0" * 64, "图.png", 1, "image/png", "", "")
        return Evidence(key, key, EvidenceKind.SCREENSHOT, "HIS", "", (revision,), clauses)

    pieces = (piece("a", BOTH, SAME, GONE, REWORDED), piece("b", GONE, "01.03.5(1)"), piece("c"))
    found = over(evidence={p.id: p for p in pieces})
    assert {key: p.clauses for key, p in found.evidence.items()} == {
        "a": ("01.02.4(2)", SAME, REWORDED),
        "b": (),
        "c": (),
    }
    assert found.unlinked == 1
    assert found.left_behind == (
        f"{GONE}：新版没有对应的条款；2 件实证材料取消关联",
        "01.03.5(1)：新版没有对应的条款；1 件实证材料取消关联",
    )


def test_a_coefficient_does_not_outlive_what_it_was_counted_by() -> None:
    def with_print(pack: Pack, text: str) -> Pack:
        return replace(pack, quality_fingerprints={"01.01.4/consistency": text})

    held = {("01.01", 4, Dimension.CONSISTENCY): Ratio.counted(1, 2)}
    other = with_row(NEW, "01.01.4", rules=(rule(Dimension.CONSISTENCY, "新表"),))
    left = over(new=other, quality=held)
    assert not left.quality and "检查的内容有改动" in left.left_behind[0]
    # The official text decides where it is known: rules may be mended without another meaning.
    assert over(with_print(OLD, "甲"), with_print(other, "甲"), quality=held).quality == held
    assert not over(with_print(OLD, "甲"), with_print(NEW, "乙"), quality=held).quality


def test_figures_hold_where_they_count_the_same() -> None:
    new = with_item(NEW, "01.02", coverage=replace(RATIO, denominator="出院人次"))
    half = Ratio.counted(1, 2)
    found = over(
        new=new,
        coverage={("01.01", 4): half, ("01.01", 3): half, ("01.02", 4): Ratio.plain("0.705"), ("01.03", 5): half},
        quality={("01.01", 4, d): half for d in (Dimension.CONSISTENCY, Dimension.COMPLETENESS)},
    )
    assert found.coverage == {("01.01", 4): half}
    assert found.quality == {("01.01", 4, Dimension.CONSISTENCY): half}
    assert found.left_behind == (
        "01.01 项目01.01 3 级的有效应用比例 1/2：新版没有这一级，没有转入",
        "01.02 项目01.02 4 级的有效应用比例 0.705：计算口径有改动，没有转入",
        "01.03 项目01.03 5 级的有效应用比例 1/2：新版没有这个项目，没有转入",
        "01.01 项目01.01 4 级的数据质量系数（完整性）1/2：新版在这里不检查这个维度，没有转入",
    )
    elsewhere = over(new=replace(NEW, id="other"), coverage={("01.01", 4): half})
    assert not elsewhere.coverage and "换成了另一个标准" in elsewhere.left_behind[0]


def test_categories_hold_under_the_same_document() -> None:
    confirmed = {(code, 4): Confirmation(Category.BASIC, "李四", "") for code in ("01.01", "01.02")}
    new = with_row(NEW, "01.02.4", category=Category.OPTIONAL)
    found = over(new=new, categories=confirmed)
    assert [*found.categories] == [("01.01", 4)]
    assert found.left_behind == ("01.02 项目01.02 4 级的类别确认 基本项（李四）：新版标准包已写明类别，没有转入",)
    found = over(new=replace(NEW, document_number="〔2026〕1号"), categories=confirmed)
    assert not found.categories and all("文号不同" in line for line in found.left_behind)


def test_official_wording_holds_under_the_same_document() -> None:
    held = dict.fromkeys((SAME, MOVED, REWORDED, GONE), "原文")
    source = OfficialSource("标准.pdf", "0" * 64, "标准", "〔2018〕1号", "", "")
    found = over(wording=held, official=source)
    assert (found.wording, found.official) == ({SAME: "原文", "01.01.5(1)": "原文"}, source)
    assert found.left_behind == (
        f"{REWORDED} 的官方原文：条款文字有改动，没有转入",
        f"{GONE} 的官方原文：新版没有对应的条款，没有转入",
    )
    found = over(new=replace(NEW, document_number="〔2026〕1号"), wording=held, official=source)
    assert (found.wording, found.official) == ({}, None)
    assert found.left_behind == ("官方原文 4 条：文号不同，请重新导入新版的官方文件，没有转入",)


def test_standards_that_name_no_document_do_not_share_one() -> None:
    old, new = (replace(pack, document_number="") for pack in (OLD, NEW))
    assert over(old, new, wording={SAME: "原文"}).wording
    assert not over(old, replace(new, id="other"), wording={SAME: "原文"}).wording


@pytest.mark.parametrize(("target", "kept"), [(4, 4), (8, 5), (1, 3)])
def test_the_target_is_kept_or_the_next_below(target: int, kept: int) -> None:
    found = over(target=target)
    assert found.target == kept and len(found.left_behind) == (target != kept)


def test_groups_are_kept_where_they_cover_the_new_edition() -> None:
    assert over().groups is None
    groups = (ReviewGroup("a", "甲组", ("01.01", "01.03")), ReviewGroup("b", "乙组", ("01.02",), True))
    assert over(groups=groups).groups == (replace(groups[0], items=("01.01",)), groups[1])
    found = over(groups=groups[:1])
    assert found.groups is None and "甲组" in found.left_behind[0]
    assert over(new=replace(NEW, id="other"), groups=groups).groups is None


@given(packs)
def test_under_the_same_edition_all_comes_along(pack: Pack) -> None:
    held = replace(
        BLANK,
        answers={clause: ClauseAnswer(Verdict.PARTIAL, clause) for clause in pack.clause_by_id},
        coverage={(r.item, r.level): Ratio.plain("0.5") for item in pack.items for r in item.rows},
    )
    found = carried(held, compare_packs(pack, pack), pack, pack)
    assert (found.answers, found.coverage, found.left_behind) == (held.answers, held.coverage, ())
    assert not found.rechecks
