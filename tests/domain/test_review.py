"""What experts say: what counts as a finding, what as nothing, and what rounds are called."""

import pytest

from emrassess.domain.review import (
    EXPERT_VERDICT_NAMES,
    NO_OPINION,
    SEVERITY_NAMES,
    WORST_FIRST,
    ExpertVerdict,
    Opinion,
    Severity,
    round_name,
)


@pytest.mark.parametrize(
    ("opinion", "is_finding"),
    [
        (NO_OPINION, False),
        (Opinion(ExpertVerdict.CONFIRMED), False),
        (Opinion(ExpertVerdict.NOT_SHOWN), False),
        (Opinion(ExpertVerdict.NOT_SHOWN, seen="系统停机"), False),
        (Opinion(ExpertVerdict.PARTLY), True),
        (Opinion(ExpertVerdict.NOT_CONFIRMED), True),
        (Opinion(ExpertVerdict.CONFIRMED, problem="截图没有时间"), True),
        (Opinion(problem="截图没有时间"), True),
        (Opinion(ExpertVerdict.CONFIRMED, problem=" \n"), False),
        (Opinion(ExpertVerdict.CONFIRMED, suggestion="再培训一次"), False),
    ],
)
def test_a_named_problem_or_a_doubted_claim_is_a_finding(opinion: Opinion, is_finding: bool) -> None:
    assert opinion.is_finding is is_finding


@pytest.mark.parametrize(
    ("opinion", "is_empty"),
    [
        (NO_OPINION, True),
        (Opinion(place="ward", at="2026-11-22T09:00:00+08:00", by="专家甲", group="ward", round=2), True),
        (Opinion(seen=" "), True),
        (Opinion(ExpertVerdict.NOT_SHOWN), False),
        (Opinion(seen="看了两份病历"), False),
        (Opinion(severity=Severity.MINOR), False),
        (Opinion(suggestion="补上"), False),
    ],
)
def test_where_and_when_alone_say_nothing(opinion: Opinion, is_empty: bool) -> None:
    assert opinion.is_empty is is_empty


def test_everything_has_a_name_and_a_rank() -> None:
    assert set(EXPERT_VERDICT_NAMES) == set(ExpertVerdict)
    assert set(SEVERITY_NAMES) == set(Severity) == set(WORST_FIRST)
    assert [round_name(number) for number in (1, 2, 3)] == ["现场核查", "第 1 次回看", "第 2 次回看"]
