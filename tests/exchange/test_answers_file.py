"""Answers files: every fault in its place, numbers exact, written and read back."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.pack import Category, Dimension, Pack
from emrassess.errors import FileProblems, UserError
from emrassess.exchange.answers_file import read_answers, write_answers
from tests.exchange.samples import sample_pack

HEAD = "format: emrassess-answers/1\npack: small\ntarget: 4\n"
PACK = sample_pack()


def read(tmp_path: Path, text: str, name: str = "answers.yaml") -> Answers:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_answers(file, PACK)


def faults(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(FileProblems) as error:
        read(tmp_path, text)
    return [(problem.line, problem.message) for problem in error.value.problems]


def one_fault(tmp_path: Path, text: str) -> tuple[int, str]:
    found = faults(tmp_path, text)
    assert len(found) == 1, found
    return found[0]


def test_reads_what_formats_md_shows(tmp_path: Path) -> None:
    answers = read(
        tmp_path,
        HEAD
        + 'categories:\n  "01.02": {"3": basic, "4": optional}\n'
        + 'items:\n  "01.01":\n    met_through: 3\n    met: ["01.01.4(1)"]\n'
        + '    coverage: {"3": [9500, 10000], "4": "0.70"}\n'
        + '    quality: {"3": {consistency: "0.99"}, "4": {completeness: [96, 100]}}\n',
    )
    met = ["01.01.1(1)", "01.01.1(2)", "01.01.3(1)", "01.01.3(2)", "01.01.4(1)"]
    assert answers == Answers(
        "small",
        4,
        dict.fromkeys(met, Verdict.MET),
        {"01.01": {3: Ratio.counted(9500, 10000), 4: Ratio.plain("0.70")}},
        {
            "01.01": {
                3: {Dimension.CONSISTENCY: Ratio.plain("0.99")},
                4: {Dimension.COMPLETENESS: Ratio.counted(96, 100)},
            }
        },
        {"01.02": {3: Category.BASIC, 4: Category.OPTIONAL}},
    )


def test_reads_json_and_bare_level_numbers(tmp_path: Path) -> None:
    items = {"01.02": {"coverage": {"1": 0.7, "2": 1}}}
    document = {"format": "emrassess-answers/1", "pack": "small", "target": 3, "items": items}
    expected = {"01.02": {1: Ratio.plain("0.7"), 2: Ratio.plain("1")}}
    assert read(tmp_path, json.dumps(document), "answers.json").coverage == expected
    yaml = HEAD + 'items: {"01.02": {coverage: {1: 0.7, 2: 1}}}'
    assert read(tmp_path, yaml).coverage == expected


def test_numbers_keep_every_digit_of_the_file(tmp_path: Path) -> None:
    """As a float this is 0.795, which would round to 0.80."""
    text = "0.7949999999999999999999"
    answers = read(tmp_path, HEAD + f'items: {{"01.02": {{coverage: {{"1": {text}}}}}}}')
    ratio = answers.coverage["01.02"][1]
    assert ratio.value == Fraction(text)
    assert str(ratio.rounded) == "0.79"


def test_pack_may_be_looked_up_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "items: {}", encoding="utf-8")

    def none_such(name: str) -> Pack:
        raise UserError(f"没有评价标准包“{name}”")

    assert read_answers(tmp_path / "a.yaml", {"small": PACK}.__getitem__).pack == "small"
    with pytest.raises(FileProblems, match=r"a\.yaml:2: pack：没有评价标准包“small”"):
        read_answers(tmp_path / "a.yaml", none_such)


def test_another_pack_is_refused(tmp_path: Path) -> None:
    line, message = one_fault(tmp_path, HEAD.replace("small", "emr-2030") + "items: {}")
    assert line == 2 and "emr-2030" in message and "small" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: emrassess-answers/2\npack: x\nfuture: 1\n", "第 2 版"),
        ("format: emrassess-score/1\n", "应为 emrassess-answers/1"),
        ("pack: small\n", "format"),
        ("- 1\n", "应为键值对"),
        ("a: [\n", "YAML"),
        ("", "空的"),
    ],
)
def test_other_formats_are_refused_in_plain_words(tmp_path: Path, text: str, words: str) -> None:
    assert words in one_fault(tmp_path, text)[1]


def test_newer_version_hints_at_an_update(tmp_path: Path) -> None:
    with pytest.raises(FileProblems) as error:
        read(tmp_path, "format: emrassess-answers/12\n")
    assert "升级" in error.value.hint


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("items: {}\nnotes: 1\n", 5, "notes：不认识的键"),
        ('items:\n  "09.09": {met_through: 1}\n', 5, "没有项目“09.09”"),
        ('items:\n  "01.01":\n    score: 5\n', 6, "score：不认识的键"),
        ('items:\n  "01.01":\n    met_through: 9\n', 6, "0 到 8"),
        ('items:\n  "01.01":\n    met_through: -1\n', 6, "0 到 8"),
        ('items:\n  "01.01":\n    met_through: true\n', 6, "0 到 8"),
        ('items:\n  "01.01":\n    met_through: "3"\n', 6, "0 到 8"),
        ('items:\n  "01.01":\n    met:\n      - "01.01.1(1)"\n      - "01.02.1(1)"\n', 8, "没有条款“01.02.1(1)”"),
        ('items:\n  "01.01":\n    met: ["01.01.4(9)"]\n', 6, "没有条款“01.01.4(9)”"),
        ('items:\n  "01.01":\n    met: "01.01.1(1)"\n', 6, "列表"),
        ('items:\n  "01.01":\n    coverage: {"2": "0.5"}\n', 6, "没有 2 级的要求"),
        ('items:\n  "01.01":\n    coverage: {"9": "0.5"}\n', 6, "级别应为 1 到 8"),
        ('items:\n  "01.01":\n    coverage: {"1": "0.5", 1: "0.6"}\n', 6, "写了两次"),
        ('items:\n  "01.01":\n    coverage: {"3": "1.01"}\n', 6, "不在 0 到 1 之间"),
        ('items:\n  "01.01":\n    coverage: {"3": "-0.1"}\n', 6, "不在 0 到 1 之间"),
        ('items:\n  "01.01":\n    coverage: {"3": 95}\n', 6, "不在 0 到 1 之间"),
        ('items:\n  "01.01":\n    coverage: {"3": "95%"}\n', 6, "不是数字"),
        ('items:\n  "01.01":\n    coverage: {"3": .nan}\n', 6, "不是数字"),
        ('items:\n  "01.01":\n    coverage: {"3": true}\n', 6, "应为比例"),
        ('items:\n  "01.01":\n    coverage: {"3":\n        [5, 0]}\n', 6, "分母不能为 0"),
        ('items:\n  "01.01":\n    coverage: {"3": [11, 10]}\n', 6, "分子 11 大于分母 10"),
        ('items:\n  "01.01":\n    coverage: {"3": [-1, 10]}\n', 6, "负数"),
        ('items:\n  "01.01":\n    coverage: {"3": [1.5, 10]}\n', 6, "应为整数"),
        ('items:\n  "01.01":\n    coverage: {"3": [true, 10]}\n', 6, "应为整数"),
        ('items:\n  "01.01":\n    coverage: {"3": [1, 2, 3]}\n', 6, "两个数"),
        ('items:\n  "01.01":\n    coverage: [1]\n', 6, "应为键值对"),
        ('items:\n  "01.01":\n    quality: {"3": {accuracy: "1"}}\n', 6, "没有这个维度"),
        ('items:\n  "01.01":\n    quality: {"3": {completeness: "1"}}\n', 6, "只要求 consistency"),
        ('items:\n  "01.01":\n    quality: {"1": {consistency: "1"}}\n', 6, "没有数据质量要求"),
        ('items:\n  "01.02":\n    quality: {"1": {consistency: "1"}}\n', 6, "没有数据质量要求"),
        ('items:\n  "01.01":\n    quality: {"3": {consistency: "2"}}\n', 6, "不在 0 到 1 之间"),
        ('items: {}\ncategories: {"01.02": {"3": unverified}}\n', 5, "basic 或 optional"),
        ('items: {}\ncategories: {"01.01": {"3": optional}}\n', 5, "已确定为 basic"),
        ('items: {}\ncategories: {"01.01": {"2": basic}}\n', 5, "没有 2 级的要求"),
        ('items: {}\ncategories: {"07.77": {"3": basic}}\n', 5, "没有项目"),
        ("items:\n", 4, "是空的"),
        ("", 1, "缺少必填的键“items”"),
    ],
)  # fmt: skip
def test_every_fault_has_its_line_and_key(tmp_path: Path, body: str, line: int, words: str) -> None:
    found, message = one_fault(tmp_path, HEAD + body)
    assert (found, words in message) == (line, True), message


@pytest.mark.parametrize("target", ["0", "9", "five", '"5"', "true", "4.0"])
def test_target_is_a_level(tmp_path: Path, target: str) -> None:
    line, message = one_fault(tmp_path, HEAD.replace("target: 4", f"target: {target}") + "items: {}")
    assert line == 3 and "1 到 8" in message


def test_all_faults_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "format: emrassess-answers/1\npack: small\ntarget: 11\nitems:\n"
        '  "01.01":\n    met_through: 9\n    coverage: {"2": "1", "3": "7"}\n    wrong: 1\n  "99.99": {}\n',
    )
    assert [line for line, _ in found] == [3, 6, 7, 7, 8, 9]


def test_a_category_that_the_pack_knows_may_be_repeated(tmp_path: Path) -> None:
    answers = read(tmp_path, HEAD + 'categories: {"01.01": {"3": basic}}\nitems: {}')
    assert answers.categories == {}


RATIOS = st.one_of(
    st.integers(1, 10**9).flatmap(lambda d: st.integers(0, d).map(lambda n: Ratio.counted(n, d))),
    st.decimals(0, 1, places=6).map(lambda d: Ratio.plain(str(d))),
)


@st.composite
def answers_of(draw: st.DrawFn) -> Answers:
    clauses = list(PACK.clause_by_id)
    met = draw(st.sets(st.sampled_from(clauses)))
    rows = [(item, row) for item in PACK.items for row in item.rows]
    coverage: dict[str, dict[int, Ratio]] = {}
    quality: dict[str, dict[int, dict[Dimension, Ratio]]] = {}
    categories: dict[str, dict[int, Category]] = {}
    for item, row in draw(st.sets(st.sampled_from([(i.code, r.level) for i, r in rows]))):
        coverage.setdefault(item, {})[row] = draw(RATIOS)
    for item, row in rows:
        for dimension in row.dimensions:
            if draw(st.booleans()):
                quality.setdefault(item.code, {}).setdefault(row.level, {})[dimension] = draw(RATIOS)
        if row.category is Category.UNVERIFIED and draw(st.booleans()):
            chosen = draw(st.sampled_from([Category.BASIC, Category.OPTIONAL]))
            categories.setdefault(item.code, {})[row.level] = chosen
    return Answers("small", draw(st.integers(1, 8)), dict.fromkeys(met, Verdict.MET), coverage, quality, categories)


@given(answers=answers_of(), suffix=st.sampled_from([".yaml", ".json"]))
def test_what_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, answers: Answers, suffix: str
) -> None:
    file = tmp_path_factory.mktemp("answers") / f"answers{suffix}"
    write_answers(answers, PACK, file)
    assert read_answers(file, PACK) == answers
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_clauses_are_compressed_and_other_verdicts_left_out(tmp_path: Path) -> None:
    met = [c.id for c in PACK.item_by_code["01.01"].clauses_through(3)]
    verdicts = dict.fromkeys([*met, "01.01.4(2)"], Verdict.MET) | {"01.01.4(3)": Verdict.PARTIAL}
    verdicts |= {"01.02.1(1)": Verdict.UNMET}
    write_answers(Answers("small", 4, verdicts), PACK, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["items"] == {
        "01.01": {"met_through": 3, "met": ["01.01.4(2)"]}
    }


def test_a_share_that_no_decimal_tells_keeps_its_value(tmp_path: Path) -> None:
    third = Ratio(Fraction(1, 3))
    write_answers(Answers("small", 4, coverage={"01.02": {1: third}}), PACK, tmp_path / "a.yaml")
    assert read_answers(tmp_path / "a.yaml", PACK).coverage["01.02"][1].value == third.value
