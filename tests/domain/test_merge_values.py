"""An assessment as values that can be merged, and those values as JSON."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Evidence, EvidenceKind, Revision
from emrassess.domain.merge import (
    MergeKey,
    MergeKind,
    flatten,
    ratio_of,
    ratio_value,
    values_from_json,
    values_to_json,
)
from emrassess.domain.merge_values import pieces_of
from emrassess.domain.pack import Dimension
from tests.domain.merge_samples import (
    OUTSIDE,
    A,
    B,
    answer,
    coverage,
    evidence,
    link,
    within,
)


def revision(sha256: str) -> Revision:
    return Revision(sha256, "图.png", 1, "image/png", "2026-11-22T08:00:00+08:00", "张三")


def shot(piece_id: str, *clauses: str, title: str = "题") -> Evidence:
    revisions = (revision("e" * 64), revision("f" * 64))
    return Evidence(piece_id, title, EvidenceKind.SCREENSHOT, "", "2026-11-21", revisions, clauses)


ASSESSMENT = Assessment(
    "id",
    "示例医院",
    "made-up",
    "1",
    5,
    answers={
        A: ClauseAnswer(Verdict.MET, "说明", "菜单"),
        B: ClauseAnswer(note="只有说明"),
        OUTSIDE: ClauseAnswer(Verdict.MET),
    },
    coverage={("01.01", 4): Ratio.counted(950, 1000), ("02.01", 4): Ratio.plain("0.95")},
    quality={("01.01", 4, Dimension.CONSISTENCY): Ratio(Fraction(1, 3))},
    evidence={"p": shot("p", A, OUTSIDE), "q": shot("q", OUTSIDE), "r": shot("r", title="")},
)


def test_an_assessment_as_values_of_some_clauses() -> None:
    fields = {"kind": "screenshot", "captured_at": "2026-11-21", "file": "f" * 64}
    assert flatten(ASSESSMENT, [A, B]) == {
        answer(A, "verdict"): "met",
        answer(A, "note"): "说明",
        answer(A, "demonstration"): "菜单",
        answer(B, "note"): "只有说明",
        coverage("01.01/4"): ["950", "1000"],
        MergeKey(MergeKind.QUALITY, "01.01/4/consistency"): "1/3",
        evidence("p", "title"): "题",
        **{evidence("p", name): value for name, value in fields.items()},
        link("p", A): True,
    }


def test_an_assessment_as_values_as_a_whole() -> None:
    values = flatten(ASSESSMENT)
    assert set(pieces_of(values)) == {"p", "q", "r"} and link("p", OUTSIDE) in values
    assert values[coverage("02.01/4")] == "19/20" and answer(OUTSIDE, "verdict") in values
    assert within(values, [A, B]) == flatten(ASSESSMENT, [A, B])


def test_values_go_through_json() -> None:
    values = flatten(ASSESSMENT)
    assert values_from_json(values_to_json(values)) == values
    assert values_to_json({answer(A): "甲"}) == {"answer:01.01.4(1):note": "甲"}
    assert {key.name for key in values} >= {"自评结论", "有效应用比例", "一致性系数", "实证材料的关联", "文件"}
    assert {key.place for key in values} == {A, B, OUTSIDE, "01.01.4", "02.01.4", ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("answer:01.01.4(1):verdict", "great"),
        ("answer:01.01.4(1):verdict", "not_assessed"),
        ("answer:01.01.4(1):note", ""),
        ("answer:01.01.4(1):note", ["甲"]),
        ("answer:01.01.4(1):other", "甲"),
        ("answer:01.01.4(1)", "甲"),
        ("nothing:a:b", "甲"),
        ("coverage:01.01/4:", "1.5"),
        ("coverage:01.01/4:", None),
        ("coverage:01.01/9:", "1"),
        ("coverage:01.01:", "1"),
        ("coverage:01.01/4:x", "1"),
        ("quality:01.01/4/beauty:", "1"),
        ("quality:01.01/4:", "1"),
        ("link:p:01.01.4(1)", 1),
        ("link:p:01.01.4(1)", "yes"),
        ("evidence:p:kind", "gossip"),
        ("evidence:p:file", "../f"),
        ("evidence:p:", "甲"),
        ("evidence:p:clauses", "甲"),
    ],
)
def test_values_that_nobody_would_write_are_refused(text: str, value: object) -> None:
    with pytest.raises(ValueError) as refused:
        values_from_json({text: value})
    assert refused.value.args == (text,)


@given(st.builds(MergeKey, st.sampled_from(MergeKind), st.text(), st.text().filter(lambda text: ":" not in text)))
def test_keys_are_read_back(key: MergeKey) -> None:
    assert MergeKey.parse(key.text) == key


@given(st.fractions(0, 1), st.integers(1, 10**6))
def test_ratios_are_read_back(share: Fraction, times: int) -> None:
    for ratio in (Ratio(share), Ratio.counted(share.numerator * times, share.denominator * times)):
        assert ratio_of(ratio_value(ratio)) == ratio


@pytest.mark.parametrize(
    "value", ["", "1/0", "2", "-1", "0.5", "1e9", 1, None, [], ["1"], [1, 2], ["1", "0"], ["3", "2"], ["1/2", "1"]]
)
def test_ratios_that_are_none_are_refused(value: object) -> None:
    with pytest.raises(ValueError):
        ratio_of(value)
