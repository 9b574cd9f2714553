"""The same problem found again: grouped by clause, by phrase, and by text that is near enough."""

import time
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.common_problems import ALIKE, CommonProblem, alike, common_problems, folded
from emrassess.domain.ledger import Finding, FindingState

A, B = "01.01.4(1)", "01.01.4(2)"
TIME, NAME = "截图没有时间", "未见医院名称"


def ledger(*problems: str, **more: object) -> dict[str, Finding]:
    return {f"{n}": replace(Finding(A, problem), **more) for n, problem in enumerate(problems)}


def by_what(groups: tuple[CommonProblem, ...]) -> Mapping[str, int]:
    return {group.what: group.count for group in groups}


def test_width_blanks_case_and_punctuation_do_not_matter() -> None:
    assert folded(" 截图，没有\n时间。（ＨＩＳ １）") == folded("截图没有时间his1") == "截图没有时间his1"
    assert folded("——") == "——"
    found = common_problems(ledger("截图没有时间。", "截图，没有时间", "截图没有 时间！"), ())
    assert by_what(found.by_phrase) == {"截图没有时间。": 3}


def test_a_finding_belongs_to_the_longest_phrase_in_it() -> None:
    problems = ("护士站：截图没有时间（3 张）", "截图没有时间和医院名称，第 2 页", "未见“医院名称”", "没有签名")
    found = common_problems(ledger(*problems), (TIME, "截图没有时间和医院名称", NAME, "，"))
    assert by_what(found.by_phrase) == {TIME: 1, "截图没有时间和医院名称": 1, NAME: 1, "没有签名": 1}
    assert [group.is_phrase for group in found.by_phrase] == [True, True, True, False]


def test_texts_that_are_near_enough_are_one_group() -> None:
    long, short = "医嘱闭环缺少护士执行的环节", "医嘱闭环缺少护士执行环节"
    problems = (f"{long}。", short, f"{long}！", "库存没有按批号管理")
    found = common_problems(ledger(*problems), ())
    assert by_what(found.by_phrase) == {f"{long}。": 3, "库存没有按批号管理": 1}
    assert found.by_phrase[0].ids == ("0", "1", "2")
    assert alike("甲乙", "甲丙") == 0.0 and alike("甲乙", "甲乙") == 1.0
    assert 0 < alike("医嘱没有时间", "医嘱没有签名") < ALIKE


def test_counts_by_department_round_and_state() -> None:
    base = Finding(A, TIME)
    findings = {
        "a": replace(base, department="护理部"),
        "b": replace(base, clause=B, department="病案室", raised=2, state=FindingState.CLOSED),
        "c": replace(base, clause=B, department="护理部", raised=2),
        "d": replace(base, problem=NAME, clause=B),
    }
    found = common_problems(findings, (TIME, NAME))
    first, second = found.by_phrase
    assert (first.what, first.ids, first.count, first.open) == (TIME, ("a", "b", "c"), 3, 2)
    assert list(first.departments.items()) == [("护理部", 2), ("病案室", 1)]
    assert (first.rounds, first.clauses) == ((1, 2), (A, B))
    assert (second.what, second.departments) == (NAME, {"": 1})
    assert by_what(found.by_clause) == {B: 3, A: 1} and found.by_clause[0].ids == ("b", "c", "d")
    assert common_problems({}, (TIME,)).by_clause == ()


texts = st.text(alphabet="截图没有时间医院名称，。 A１", max_size=12)


@given(st.lists(texts, max_size=12), st.lists(texts, max_size=4))
def test_every_finding_is_in_one_group_of_each_kind(problems: list[str], phrases: list[str]) -> None:
    findings = ledger(*problems)
    found = common_problems(findings, phrases)
    for groups in (found.by_clause, found.by_phrase):
        ids = [key for group in groups for key in group.ids]
        assert sorted(ids) == sorted(findings)
        assert [group.count for group in groups] == sorted((group.count for group in groups), reverse=True)


@given(st.lists(texts, min_size=1, max_size=8).flatmap(lambda ts: st.tuples(st.just(ts), st.permutations(ts))))
def test_the_order_of_findings_does_not_decide_the_groups(both: tuple[list[str], list[str]]) -> None:
    def texts_of(problems: list[str]) -> set[frozenset[str]]:
        findings = ledger(*problems)
        groups = common_problems(findings, ()).by_phrase
        return {frozenset(folded(findings[key].problem) for key in group.ids) for group in groups}

    assert texts_of(both[0]) == texts_of(both[1])


def test_two_thousand_findings_of_different_texts_are_grouped_at_once() -> None:
    problems = [f"第{n}号病历的医嘱{chr(0x4E00 + n)}没有{chr(0x5E00 + n)}记录时间" for n in range(2_000)]
    begun = time.process_time()
    common_problems(ledger(*problems), [TIME] * 30)
    assert time.process_time() - begun < 5
