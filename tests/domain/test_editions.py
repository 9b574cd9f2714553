"""Two editions of a made-up standard, compared clause by clause, and in what is around the clauses."""

import time
from dataclasses import replace
from decimal import Decimal

from hypothesis import given

from emrassess.domain.editions import ChangeKind, ClauseChange, compare_packs, version_order
from emrassess.domain.pack import Category, Dimension, Level, Pack
from emrassess.domain.schemes.role_points import RolePoints
from tests.domain.samples import RATIO, SCHEME, Rows, pack_of, packs, rule, with_item, with_row


def kinds(old: Rows | Pack, new: Rows | Pack) -> list[tuple[str, str | None, str | None]]:
    """The changed clauses; a moved one with other words is "moved*"."""
    found = compare_packs(*(p if isinstance(p, Pack) else pack_of(p) for p in (old, new))).clauses
    star = {True: "*", False: ""}
    return [
        (c.kind + star[c.reworded and c.kind is ChangeKind.MOVED], c.old, c.new)
        for c in found
        if c.kind is not ChangeKind.SAME
    ]


def remarks(old: Pack, new: Pack) -> list[tuple[str, str]]:
    return [(r.place, r.message) for r in compare_packs(old, new).remarks]


# --- clauses


def test_a_clause_put_in_moves_those_after_it() -> None:
    old = {"01.01.4": ["甲条", "乙条", "丙条"]}
    assert kinds(old, {"01.01.4": ["甲条", "新条", "乙条", "丙条"]}) == [
        ("new", None, "01.01.4(2)"),
        ("moved", "01.01.4(2)", "01.01.4(3)"),
        ("moved", "01.01.4(3)", "01.01.4(4)"),
    ]
    assert kinds(old, {"01.01.4": ["乙条", "丙条"]}) == [
        ("moved", "01.01.4(2)", "01.01.4(1)"),
        ("moved", "01.01.4(3)", "01.01.4(2)"),
        ("gone", "01.01.4(1)", None),
    ]


def test_spaces_and_width_make_no_difference_and_words_do() -> None:
    old = pack_of({"01.01.4": ["至少 ３ 类（ＣＴ，MR）", "十平方 10² 米"]})
    new = pack_of({"01.01.4": ["至少3类(CT,\tMR)\u3000", "十平方 102 米"]})
    assert kinds(old, new) == [("reworded", "01.01.4(2)", "01.01.4(2)")]
    (clause,) = pack_of({"01.01.4": ["一样"]}).items[0].rows[0].clauses
    assert not kinds(pack_of({"01.01.4": ["一样"]}), with_row(
        pack_of({"01.01.4": ["一样"]}), "01.01.4", clauses=(replace(clause, evidence="别的证明"),)
    ))  # fmt: skip


def test_a_text_is_found_again_in_another_row_and_another_item() -> None:
    old = {"01.01.3": ["甲条"], "01.01.4": ["乙条"], "01.02.4": ["丙条"]}
    new = {"01.01.4": ["乙条", "甲条"], "01.03.5": ["丙条"]}
    assert kinds(old, new) == [("moved", "01.01.3(1)", "01.01.4(2)"), ("moved", "01.02.4(1)", "01.03.5(1)")]


def test_a_text_that_occurs_twice_proves_nothing_beyond_its_row() -> None:
    old = {"01.01.3": ["甲条"], "01.01.4": ["甲条"]}
    assert kinds(old, {"01.02.3": ["甲条"]}) == [
        ("new", None, "01.02.3(1)"),
        ("gone", "01.01.3(1)", None),
        ("gone", "01.01.4(1)", None),
    ]
    assert kinds(old, {"01.01.3": ["新条", "甲条"], "01.01.4": ["新条", "甲条"]}) == [
        ("new", None, "01.01.3(1)"),
        ("moved", "01.01.3(1)", "01.01.3(2)"),
        ("new", None, "01.01.4(1)"),
        ("moved", "01.01.4(1)", "01.01.4(2)"),
    ]


def test_what_moved_with_other_words_has_to_be_stated() -> None:
    old, new = pack_of({"01.01.4": ["甲条", "乙条"]}), pack_of({"01.01.4": ["新条", "甲条改"], "01.01.5": ["乙条改"]})
    assert kinds(old, new) == [
        ("reworded", "01.01.4(1)", "01.01.4(1)"),
        ("reworded", "01.01.4(2)", "01.01.4(2)"),
        ("new", None, "01.01.5(1)"),
    ]
    stated = replace(new, renames={"01.01.4(1)": "01.01.4(2)", "01.01.4(2)": "01.01.5(1)", "09.09.1(1)": "01.01.4(1)"})
    assert kinds(old, stated) == [
        ("new", None, "01.01.4(1)"),
        ("moved*", "01.01.4(1)", "01.01.4(2)"),
        ("moved*", "01.01.4(2)", "01.01.5(1)"),
    ]
    assert not kinds(stated, stated), "renames left from an earlier edition"


def test_between_standards_only_texts_count() -> None:
    old = pack_of({"01.01.4": ["甲条", "乙条", "丙条"]})
    other = pack_of(
        {"01.01.4": ["甲条", "别条"], "05.05.2": ["丙条"]}, id="other", renames={"01.01.4(2)": "01.01.4(2)"}
    )
    assert kinds(old, other) == [
        ("new", None, "01.01.4(2)"),
        ("moved", "01.01.4(3)", "05.05.2(1)"),
        ("gone", "01.01.4(2)", None),
    ]


@given(packs)
def test_an_edition_is_the_same_as_itself(pack: Pack) -> None:
    found = compare_packs(pack, pack)
    assert all(change.kind is ChangeKind.SAME for change in found.clauses) and not found.remarks
    assert found.counts[ChangeKind.SAME] == len(pack.clause_by_id)


@given(packs, packs)
def test_each_clause_stands_once_and_the_way_back_is_the_way_turned_round(old: Pack, new: Pack) -> None:
    there, back = compare_packs(old, new), compare_packs(new, old)
    assert [c.new for c in there.clauses if c.new] == list(new.clause_by_id)
    assert sorted(c.old for c in there.clauses if c.old) == sorted(old.clause_by_id)
    turned = {ChangeKind.NEW: ChangeKind.GONE, ChangeKind.GONE: ChangeKind.NEW}
    assert {ClauseChange(turned.get(c.kind, c.kind), c.new, c.old, c.reworded) for c in there.clauses} == {
        *back.clauses
    }
    assert back.counts[ChangeKind.NEW] == there.counts[ChangeKind.GONE]


def test_thousands_of_clauses_are_compared_at_once() -> None:
    rows = [f"{r:02}.{i:02}.{n}" for r in range(1, 11) for i in range(1, 15) for n in range(1, 9)]
    texts = {row: [f"{row}要求" * 8, f"另一条{row}"] for row in rows}
    old, new = pack_of(texts), pack_of({row: ["新条", *found] for row, found in texts.items()})
    began = time.perf_counter()
    found = compare_packs(old, new)
    assert found.counts[ChangeKind.MOVED] == len(old.clause_by_id) == 2240
    assert time.perf_counter() - began < 0.5, "0.05 s at rest; the rest for a busy machine"


def test_versions_in_order() -> None:
    ascending = ["0.9", "1.0", "1.0+2026", "1.0+2027", "1.0.1", "1.2", "1.2.0+2025", "1.10", "2.0"]
    found = [version_order(version) for version in ascending]
    assert found == sorted(set(found))
    assert version_order("1.0") == version_order("1.0.0")


# --- what is around them


def test_items_and_rows_that_differ() -> None:
    old = pack_of({"01.01.3": ["甲"], "01.01.4": ["乙"], "01.02.4": ["丙"], "01.04.3": ["丁"]})
    new = pack_of({"01.01.4": ["乙"], "01.01.5": ["戊"], "01.03.4": ["丙"], "01.04.3": ["丁"]})
    new = with_item(new, "01.04", name="新名", coverage=replace(RATIO, numerator="别的 人次", note="说明"))
    assert remarks(old, new) == [
        ("01.01.5", "新增 5 级要求"),
        ("01.03", "新增评价项目“项目01.03”"),
        ("01.04", "项目名称由“项目01.04”改为“新名”"),
        ("01.04", "有效应用比例的计算口径有改动"),
        ("01.01.3", "取消 3 级要求"),
        ("01.02", "取消评价项目“项目01.02”"),
    ]
    assert not remarks(old, with_item(old, "01.01", coverage=replace(RATIO, note="另一句说明")))


def test_a_category_differs_only_where_both_are_known() -> None:
    unknown = pack_of({"01.01.4": ["甲"]})
    basic, optional = (with_row(unknown, "01.01.4", category=c) for c in (Category.BASIC, Category.OPTIONAL))
    assert remarks(basic, optional) == [("01.01.4", "评价类别改为选择项")]
    assert not remarks(unknown, basic) and not remarks(basic, unknown)


def test_quality_that_is_asked_for_otherwise() -> None:
    plain = pack_of({"01.01.4": ["甲"]})
    old = with_row(plain, "01.01.4", rules=(rule(Dimension.CONSISTENCY), rule(Dimension.COMPLETENESS)))
    new = with_row(plain, "01.01.4", rules=(rule(Dimension.TIMELINESS), rule(Dimension.COMPLETENESS, "新表")))
    assert remarks(old, new) == [
        ("01.01.4", "新增数据质量检查：及时性"),
        ("01.01.4", "取消数据质量检查：一致性"),
        ("01.01.4", "数据质量检查的内容有改动：完整性"),
    ]
    assert not remarks(old, with_row(old, "01.01.4", rules=old.items[0].rows[0].rules[::-1]))
    assert remarks(old, with_item(old, "01.01", has_quality=False)) == [("01.01.4", "取消数据质量检查：一致性、完整性")]


def test_scoring_that_differs() -> None:
    old = pack_of({"01.01.4": ["甲"]})
    harder = replace(SCHEME, basic_coverage=Decimal("0.90"))
    found = remarks(old, replace(old, scheme=harder))
    assert [place for place, _ in found] == ["", ""]
    assert "0.90" in found[0][1] and found[0][1].startswith("评分规则增加：") and not found[0][1].endswith("。")
    assert "0.80" in found[1][1] and found[1][1].startswith("评分规则去掉：")
    three, four, _ = SCHEME.requirements
    other = replace(SCHEME, requirements=(three, replace(four, minimum_score=99), replace(four, level=6)))
    assert remarks(old, replace(old, scheme=other)) == [
        ("6 级", "新增这个级别"),
        ("4 级", "最低总分由 4 改为 99"),
        ("5 级", "不再有这个级别"),
    ]


def test_points_that_differ() -> None:
    scheme = RolePoints(Decimal("0.80"), Decimal(0), (Level(4, "四级"),))
    pack = pack_of({"01.01.4": ["甲", "乙"]}, scheme=scheme)
    a, b = pack.items[0].rows[0].clauses
    old = with_row(pack, "01.01.4", clauses=(replace(a, points=Decimal(2)), replace(b, points=Decimal(1))))
    new = with_row(old, "01.01.4", clauses=(replace(b, id=a.id, points=Decimal("1.5")),))
    assert remarks(old, new) == [("01.01.4(1)", "分值由 1 改为 1.5")]
    found = remarks(old, replace(old, scheme=replace(scheme, pass_share=Decimal("0.70"))))
    assert any(message.startswith("评分规则增加") for _, message in found), found
    found = remarks(old, replace(old, scheme=replace(scheme, quality_threshold=Decimal("0.50"))))
    assert any(message.startswith("评分规则") for _, message in found), found
    assert remarks(pack_of({"01.01.4": ["甲", "乙"]}), old)
