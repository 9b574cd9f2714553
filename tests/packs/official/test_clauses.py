"""Cells divided into clauses, in whatever way their numbers are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.packs.official.clauses import divide, joined
from emrassess.packs.official.normalising import category, item_name, level, role_name, row_code
from emrassess.packs.official.word_body import Line

MARKERS = ("（{}）", "({})", "（{})", "{}）", "{})", "（ {} ）")
WIDE = str.maketrans("0123456789.()", "０１２３４５６７８９．（）")


def enclosed(number: int) -> str:
    return chr(ord("⑴") + number - 1)


def circled(number: int) -> str:
    return chr(ord("①") + number - 1)


@pytest.mark.parametrize(
    "text",
    [
        "（1）甲乙（2）丙丁（3）戊己",
        "(1)甲乙(2)丙丁(3)戊己",
        "1)甲乙2)丙丁3)戊己",
        "1）甲乙\n2）丙丁\n3）戊己",
        "⑴甲乙⑵丙丁⑶戊己",
        "①甲乙②丙丁③戊己",
        "1、甲乙2、丙丁3、戊己",
        "1.甲乙\n2.丙丁\n3.戊己",
        "１．甲乙\n２．丙丁\n３．戊己",
        "（一）甲乙（二）丙丁（三）戊己",
        "（１）甲乙\n (2) 丙丁\n⑶戊己",
        "（1）甲乙②丙丁(3）戊己",
    ],
)
def test_numbers_in_any_form_divide_a_cell(text: str) -> None:
    assert divide(text).clauses == ("甲乙", "丙丁", "戊己")
    assert divide(text).oddity == ""


@given(st.lists(st.sampled_from([*MARKERS, "enclosed", "circled"]), min_size=2, max_size=9), st.data())
def test_width_and_brackets_never_matter(forms: list[str], data: st.DataObject) -> None:
    texts = [f"编造的第{n * 11}项内容" for n in range(1, len(forms) + 1)]
    cell = ""
    for number, (form, text) in enumerate(zip(forms, texts, strict=True), 1):
        marker = {"enclosed": enclosed, "circled": circled}.get(form, form.format)(number)
        if data.draw(st.booleans()):
            marker = marker.translate(WIDE)
        cell += data.draw(st.sampled_from(["", "\n", " "])) + marker + text
    assert divide(cell).clauses == tuple(texts)


def test_a_cell_without_numbers_is_one_clause() -> None:
    assert divide("至少2类数据（含3种）能共享").clauses == ("至少2类数据（含3种）能共享",)
    assert divide("  \n ").clauses == ()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("（1）按（2）要求做（2）丙", ("按（2）要求做", "丙")),
        ("（1）至少（2）、（3）两类\n（2）丙", ("至少（2）、（3）两类", "丙")),
        ("（1）包括：①甲②乙③丙（2）丁", ("包括：①甲②乙③丙", "丁")),
        ("（1）甲\n（2）包括：\n1）乙\n2）丙\n3）丁\n（3）戊", ("甲", "包括：\n1）乙\n2）丙\n3）丁", "戊")),
        ("（1）甲（至少2）乙（2）丙", ("甲（至少2）乙", "丙")),
        ("（1）保存2.5年（2）丙", ("保存2.5年", "丙")),
        ("（1）编造的六个月以上（2）丙", ("编造的六个月以上", "丙")),
        ("能够提供：①甲②乙", ("能够提供：①甲②乙",)),
        ("应有：（1）甲（2）乙", ("应有：\n甲", "乙")),
    ],
)
def test_what_only_looks_like_a_number_does_not_divide(text: str, clauses: tuple[str, ...]) -> None:
    assert divide(text).clauses == clauses


def test_numbers_that_skip_or_repeat_are_counted_by_place_and_mentioned() -> None:
    skipped = divide("（1）甲\n（3）乙\n（4）丙")
    assert skipped.clauses == ("甲", "乙", "丙")
    assert "1、3、4" in skipped.oddity
    assert "1、2、2" in divide("（1）甲\n（2）乙\n（2）丙").oddity
    assert "第 2 条没有内容" in divide("（1）甲（2）（3）丙").oddity


def test_a_cell_far_too_long_is_not_divided_and_mentioned() -> None:
    found = divide("（1）甲（2）乙" * 2_000)
    assert len(found.clauses) == 1
    assert "没有分条" in found.oddity


def test_a_sentence_cut_by_the_page_is_whole_again() -> None:
    parts = [(Line("（1）甲；"), Line("（2）乙的前")), (Line("半句"), Line("（3）丙"))]
    assert divide(joined(parts)).clauses == ("甲；", "乙的前半句", "丙")


def test_paragraphs_that_word_numbers_itself_are_clauses() -> None:
    parts = [(Line("甲", True), Line("乙", True)), (Line("丙", True),)]
    assert divide(joined(parts)).clauses == ("甲", "乙", "丙")


@pytest.mark.parametrize("dot", list(".．。·・‧、,-"))
@given(st.tuples(st.integers(1, 39), st.integers(1, 12), st.integers(0, 8)), st.booleans(), st.booleans())
def test_codes_in_any_width_with_any_dot(dot: str, code: tuple[int, int, int], wide: bool, padded: bool) -> None:
    written = dot.join(f"{part:02}" if padded and place < 2 else str(part) for place, part in enumerate(code))
    assert row_code(f" {written.translate(WIDE) if wide else written}\n") == f"{code[0]:02}.{code[1]:02}.{code[2]}"


def test_what_is_no_code_is_none() -> None:
    assert [row_code(text) for text in ("", "病房医师", "01.01", "2018.12.31", "01.01.44")] == [None] * 5


def test_levels_categories_names_and_roles() -> None:
    assert [level(t) for t in ("4级", "４", " 四 级", "第4级", "八级", "9", "")] == [4, 4, 4, 4, 8, None, None]
    words = ("基本", "基 本\n项", "（选择）", "基础", "★", "必选")
    assert [category(w)[0] for w in words] == ["basic", "basic", "optional", "basic", None, None]
    assert [category(w)[1] for w in ("基本", "基础")] == [True, False]
    assert item_name("病房医嘱\n处理（有效应用按……）统计") == "病房医嘱处理"
    assert item_name("麻醉信息有效应用按……") == "麻醉信息"
    assert [role_name(t) for t in ("一、病房医师", "（十）信息利用", "门诊医师")] == [
        "病房医师",
        "信息利用",
        "门诊医师",
    ]
