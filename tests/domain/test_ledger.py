"""The ledger: the table of moves, what a review does to a finding, and that nothing is closed on one's own word."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from emrassess.domain.ledger import (
    FINDING_STATE_NAMES,
    MOVES,
    RECHECKS,
    Finding,
    FindingState,
    assigned,
    choices,
    days_left,
    finding_id,
    in_order,
    is_own,
    moved,
    overdue,
    own_id,
    proven,
    raised,
    refusal,
    reviewed,
)
from emrassess.domain.review import ExpertVerdict, Opinion, Severity
from emrassess.errors import UserError

S, E = FindingState, ExpertVerdict
TODAY = date(2026, 11, 22)
PEOPLE = ("护士长", "质控科", "院长")
PROBLEM = Opinion(
    E.PARTLY, "看了三份病历", "截图没有时间", Severity.ORDINARY, "补上时间", "ward", "2026-11-20T09:00:00+08:00",
    "专家甲", "ward", 1,
)  # fmt: skip


def hour(n: int) -> str:
    """A moment on the day of the first visit, in another zone than the opinions are."""
    return f"2026-11-20T{n:02}:00:00+00:00"


def opinion(
    verdict: ExpertVerdict, number: int, problem: str = "", at: str = "2026-12-20T09:00:00+08:00", **more: str
) -> Opinion:
    return Opinion(verdict, problem=problem, at=at, by="专家乙", group="ward", round=number, **more)  # type: ignore[arg-type]


def new() -> Finding:
    return raised("01.01.4(1)", PROBLEM, "护理部", "护士长", ("p1",))


def claimed(finding: Finding | None = None, at: str = hour(10)) -> Finding:
    """With measures and proof, and said to be done."""
    ready = assigned(finding or new(), "护士长", at, measures="改了模板")
    return moved(proven(ready, "护士长", at, ["e1"], "附上材料"), S.DONE, "护士长", at)


def closed() -> Finding:
    return moved(claimed(), S.CLOSED, "质控科", hour(11))


# --- moves


def test_the_table_of_moves() -> None:
    """Whatever else has to be given for it: what leads where."""
    leads = {
        S.OPEN: {S.IN_PROGRESS, S.DONE},
        S.IN_PROGRESS: {S.OPEN, S.DONE},
        S.DONE: {S.IN_PROGRESS, S.CLOSED, S.REOPENED},
        S.REOPENED: {S.IN_PROGRESS, S.DONE},
        S.CLOSED: {S.REOPENED},
    }
    assert {(a, b) for a, targets in leads.items() for b in targets} == MOVES
    assert RECHECKS < MOVES
    ready = replace(new(), measures="改了模板", after=("e1",), claimed_by="护士长")
    for state in S:
        finding = replace(ready, state=state)
        assert set(choices(finding, "质控科")) == leads[state]
        for to in set(S) - leads[state] - {state}:
            why = refusal(finding, to, "质控科")
            assert FINDING_STATE_NAMES[state] in why and FINDING_STATE_NAMES[to] in why
            with pytest.raises(UserError) as refused:
                moved(finding, to, "质控科", hour(9))
            assert refused.value.message == why and refused.value.hint
        assert moved(finding, state, "质控科", hour(9)) is finding


def test_done_needs_measures_and_proof() -> None:
    with pytest.raises(UserError, match="还没有整改措施和整改后的材料，不能报完成"):
        moved(new(), S.DONE, "护士长", hour(9))
    with pytest.raises(UserError, match="还没有整改后的材料，"):
        moved(replace(new(), measures="改了模板"), S.DONE, "护士长", hour(9))
    with pytest.raises(UserError, match="还没有整改措施，"):
        moved(replace(new(), measures=" \n", after=("e1",)), S.DONE, "护士长", hour(9))
    done = claimed()
    assert (done.state, done.claimed_by, done.claimed_at) == (S.DONE, "护士长", hour(10))
    assert done.is_settled


@pytest.mark.parametrize("who", ["护士长", " 护士长", "护士 长"])
@pytest.mark.parametrize("to", [S.CLOSED, S.REOPENED])
def test_nobody_rechecks_what_he_claimed_himself(who: str, to: FindingState) -> None:
    with pytest.raises(UserError, match="自己报的完成，不能由本人回看") as refused:
        moved(claimed(), to, who, hour(11))
    assert "换一个人" in refused.value.hint
    assert moved(claimed(), to, "质控科", hour(11)).state is to
    assert choices(claimed(), who) == (S.IN_PROGRESS,)


def test_what_was_withdrawn_can_be_claimed_by_another() -> None:
    back = moved(claimed(), S.IN_PROGRESS, "护士长", hour(11), " 还缺一张图 ")
    assert (back.claimed_by, back.claimed_at) == ("", "")
    assert back.history[-1].what == "整改中：还缺一张图"
    again = moved(back, S.DONE, "质控科", hour(12))
    assert refusal(again, S.CLOSED, "护士长") == "" and refusal(again, S.CLOSED, "质控科")


def test_what_is_claimed_stays_as_it_was_claimed() -> None:
    done = claimed()
    with pytest.raises(UserError, match="只能由本人补充"):
        proven(done, "质控科", hour(11), ["e1", "e2"], "附上材料")
    with pytest.raises(UserError, match="只能由本人补充"):
        assigned(done, "质控科", hour(11), measures="另一套")
    with pytest.raises(UserError, match="不能没有整改后的材料"):
        proven(done, "护士长", hour(11), [], "取下")
    with pytest.raises(UserError, match="不能没有整改措施"):
        assigned(done, "护士长", hour(11), measures="")
    assert proven(done, "护士长", hour(11), ["e1", "e2", "e1"], "附上材料").after == ("e1", "e2")
    with pytest.raises(UserError, match="已经销号"):
        proven(closed(), "护士长", hour(12), ["e1", "e2"], "附上材料")
    with pytest.raises(UserError, match="已经销号"):
        assigned(closed(), "护士长", hour(12), measures="另一套")
    assert assigned(closed(), "院长", hour(12), department="药学部").department == "药学部"


def test_nothing_said_anew_changes_nothing() -> None:
    finding = replace(new(), deadline="2026-12-01", supervised=True)
    assert assigned(finding, "院长", hour(9)) is finding
    same = assigned(finding, "院长", hour(9), department="护理部", deadline=" 2026-12-01 ", supervised=True)
    assert same is finding
    assert proven(finding, "院长", hour(9), (), "取下") is finding
    told = assigned(finding, "院长", hour(9), department="药学部", deadline="", supervised=False, measures="改")
    assert told.history[-1].what == "责任科室：药学部；清除期限；整改措施：改；解除挂牌督办"
    assert told.history[-1].who == "院长"
    with pytest.raises(UserError, match="不是日期"):
        assigned(finding, "院长", hour(9), deadline="下周")


# --- deadlines and order


def test_overdue_is_what_the_hospital_still_has_to_do() -> None:
    late = replace(new(), deadline="2026-11-21")
    assert days_left(late, TODAY) == -1 and overdue(late, TODAY)
    assert not overdue(replace(late, deadline="2026-11-22"), TODAY)
    assert days_left(replace(late, deadline=""), TODAY) is None
    for state, is_late in ((S.IN_PROGRESS, True), (S.REOPENED, True), (S.DONE, False), (S.CLOSED, False)):
        assert overdue(replace(late, state=state), TODAY) is is_late


def test_what_presses_comes_first() -> None:
    base = replace(new(), severity=Severity.ORDINARY)
    findings = {
        "closed": replace(base, state=S.CLOSED, supervised=True),
        "minor": replace(base, severity=Severity.MINOR, deadline="2026-11-25"),
        "later": replace(base, deadline="2026-12-24"),
        "sooner": replace(base, deadline="2026-11-25"),
        "no-deadline": base,
        "serious": replace(base, severity=Severity.SERIOUS),
        "late": replace(base, severity=Severity.MINOR, deadline="2026-11-01"),
        "supervised": replace(base, severity=Severity.NONE, supervised=True),
        "unrated": replace(base, severity=Severity.NONE),
    }
    expected = ("supervised", "late", "serious", "sooner", "later", "no-deadline", "minor", "unrated", "closed")
    assert in_order(findings, TODAY) == expected


# --- reviews


def test_a_finding_says_what_the_experts_said() -> None:
    finding = new()
    assert (finding.problem, finding.suggestion, finding.severity) == ("截图没有时间", "补上时间", Severity.ORDINARY)
    assert (finding.raised, finding.checked, finding.before, finding.state) == (1, 1, ("p1",), S.OPEN)
    assert [(e.who, e.what) for e in finding.history] == [("专家甲", "现场核查提出")]
    for verdict, said in ((E.PARTLY, "部分属实"), (E.NOT_CONFIRMED, "不属实")):
        assert said in raised("c", Opinion(verdict), "", "", ()).problem
    assert finding_id("01.01.4(1)", 2) == "01.01.4(1)#2" != own_id("01.01.4(1)", 2)
    assert is_own(own_id("01.01.4(1)", 2)) and not is_own("01.01.4(1)#2")


def test_a_recheck_closes_or_reopens_what_was_claimed() -> None:
    good = reviewed(claimed(), opinion(E.CONFIRMED, 2), hour(20), ["p2"])
    assert (good.state, good.checked, good.before) == (S.CLOSED, 2, ("p1", "p2"))
    assert good.history[-1].what == "第 1 次回看：通过，销号" and good.history[-1].who == "专家乙"
    for said in (opinion(E.PARTLY, 2, "还缺三个科"), opinion(E.CONFIRMED, 2, "还缺三个科")):
        bad = reviewed(claimed(), said, hour(20), [])
        assert (bad.state, bad.problem, bad.suggestion) == (S.REOPENED, "还缺三个科", "补上时间")
        assert "没有改好" in bad.history[-1].what
    assert reviewed(closed(), opinion(E.NOT_CONFIRMED, 2), hour(20), []).state is S.REOPENED
    assert reviewed(closed(), opinion(E.CONFIRMED, 2), hour(20), []).history[-1].what == "第 1 次回看：仍然通过"


@pytest.mark.parametrize("verdict", [E.OPEN, E.NOT_SHOWN])
@pytest.mark.parametrize("make", [new, claimed, closed])
def test_what_was_not_shown_changes_no_state(verdict: ExpertVerdict, make: object) -> None:
    before = make()  # type: ignore[operator]
    after = reviewed(before, opinion(verdict, 2), hour(20), [])
    assert (after.state, after.claimed_by) == (before.state, before.claimed_by)
    assert "没有看到" in after.history[-1].what


def test_a_claim_that_was_not_made_is_not_closed() -> None:
    after = reviewed(new(), opinion(E.CONFIRMED, 2), hour(20), [])
    assert after.state is S.OPEN and "还没有报完成" in after.history[-1].what
    # ... nor by a file that comes again, once it has been claimed after that look
    done = claimed(after, "2026-12-21T09:00:00+08:00")
    assert reviewed(done, opinion(E.CONFIRMED, 2), hour(20), []).state is S.DONE
    later = opinion(E.CONFIRMED, 2, at="2026-12-22T09:00:00+08:00")
    assert reviewed(done, later, hour(20), []).state is S.CLOSED
    assert reviewed(done, opinion(E.CONFIRMED, 2, at="昨天"), hour(20), []).state is S.DONE
    # ... nor one that an earlier round turned down
    down = reviewed(claimed(), opinion(E.PARTLY, 2), hour(20), [])
    third = reviewed(down, opinion(E.CONFIRMED, 3), hour(21), [])
    assert third.state is S.REOPENED and third.claimed_by == ""


def test_experts_correct_themselves_in_the_round_that_raised_it() -> None:
    finding = assigned(new(), "护士长", hour(9), measures="改了模板")
    other = reviewed(finding, replace(PROBLEM, problem="没有医院名称", suggestion=""), hour(10), [])
    assert (other.problem, other.suggestion, other.measures) == ("没有医院名称", "", "改了模板")
    assert "专家更正" in other.history[-1].what and other.state is finding.state
    photo = reviewed(finding, PROBLEM, hour(10), ["p1", "p2"])
    assert photo == replace(finding, before=("p1", "p2"))
    for said in (replace(PROBLEM, verdict=E.CONFIRMED, problem=""), Opinion(round=1)):
        gone = reviewed(finding, said, hour(10), [])
        assert gone.state is S.CLOSED and "撤回" in gone.history[-1].what
        assert reviewed(gone, PROBLEM, hour(11), []).state is S.OPEN
    assert reviewed(closed(), replace(PROBLEM, problem="没有医院名称"), hour(12), []).state is S.CLOSED


def test_experts_correct_themselves_in_a_recheck() -> None:
    passed = reviewed(claimed(), opinion(E.CONFIRMED, 2), hour(20), [])
    failed = opinion(E.PARTLY, 2, "还缺三个科", at="2026-12-20T10:00:00+08:00")
    back = reviewed(passed, failed, hour(21), [])
    assert back.state is S.REOPENED and back.problem == "还缺三个科"
    assert reviewed(back, opinion(E.CONFIRMED, 2, at="2026-12-20T11:00:00+08:00"), hour(22), []).state is S.CLOSED
    words = reviewed(back, replace(failed, problem="还缺两个科"), hour(22), [])
    assert (words.state, words.problem) == (S.REOPENED, "还缺两个科")
    started = moved(back, S.IN_PROGRESS, "护士长", hour(22))  # the claim is given up: there is nothing to close
    assert reviewed(started, opinion(E.CONFIRMED, 2), hour(23), []).state is S.IN_PROGRESS


def test_what_comes_late_from_an_earlier_round_is_no_news() -> None:
    checked = reviewed(claimed(), opinion(E.PARTLY, 2, "还缺三个科"), hour(20), [])
    assert reviewed(checked, replace(PROBLEM, problem="另一句"), hour(21), ["p9"]) is checked


def test_rounds_in_order_lead_to_the_end() -> None:
    finding = new()
    for number, said in enumerate((E.PARTLY, E.NOT_SHOWN, E.CONFIRMED), 2):
        finding = claimed(finding) if finding.state is not S.DONE else finding
        finding = reviewed(finding, opinion(said, number), hour(number), [])
    assert (finding.state, finding.raised, finding.checked) == (S.CLOSED, 1, 4)
    told = [e.what for e in finding.history if e.who.startswith("专家")]
    assert told == ["现场核查提出", "第 1 次回看：没有改好，退回再改", "第 2 次回看：没有看到，状态不变",
                    "第 3 次回看：通过，销号"]  # fmt: skip


# --- properties

texts = st.sampled_from(["", "截图没有时间", "没有医院名称", " "])
opinions = st.builds(
    Opinion,
    st.sampled_from(E),
    problem=texts,
    suggestion=texts,
    severity=st.sampled_from(Severity),
    at=st.sampled_from(["", "2026-11-20T09:00:00+08:00", "2026-12-20T09:00:00+08:00", "2027-01-20T09:00:00+08:00"]),
    by=st.just("专家乙"),
    round=st.integers(1, 3),
)
findings = st.builds(
    Finding,
    st.just("01.01.4(1)"),
    texts,
    texts,
    severity=st.sampled_from(Severity),
    raised=st.integers(1, 2),
    checked=st.integers(2, 3),
    measures=texts,
    state=st.sampled_from(S),
    claimed_by=st.sampled_from(["", "护士长"]),
    claimed_at=st.sampled_from(["", "2026-12-01T09:00:00+08:00"]),
)
photos = st.lists(st.sampled_from(["p1", "p2"]))


@settings(max_examples=300)
@given(findings, opinions, photos)
def test_the_same_opinion_again_changes_nothing(finding: Finding, said: Opinion, before: list[str]) -> None:
    once = reviewed(finding, said, hour(20), before)
    assert reviewed(once, said, hour(21), before) == once
    assert once.history[: len(finding.history)] == finding.history and once.checked >= finding.checked


@given(findings, st.permutations([opinion(E.PARTLY, 1, "一"), opinion(E.CONFIRMED, 2), opinion(E.PARTLY, 3, "三")]))
def test_the_last_round_has_the_last_word(finding: Finding, said: Iterable[Opinion]) -> None:
    for one in said:
        finding = reviewed(finding, one, hour(20), [])
    assert finding.checked == 3 and finding.problem == "三" and finding.state is not S.CLOSED


class Moving(RuleBasedStateMachine):
    """People do what they are let to a finding; the model is what its history says."""

    def __init__(self) -> None:
        super().__init__()
        self.finding = new()
        self.clock = 0

    def attempt(self, change: object, *arguments: object, **named: object) -> None:
        """Do it, or be refused with nothing changed."""
        self.clock += 1
        try:
            self.finding = change(self.finding, *arguments, **named)  # type: ignore[operator]
        except UserError as refused:
            assert refused.message and refused.hint

    @rule(who=st.sampled_from(PEOPLE), to=st.sampled_from(S))
    def move(self, who: str, to: FindingState) -> None:
        self.attempt(moved, to, who, f"t{self.clock}")

    @rule(who=st.sampled_from(PEOPLE), measures=st.sampled_from(["", " ", "改了模板"]))
    def plan(self, who: str, measures: str) -> None:
        self.attempt(assigned, who, f"t{self.clock}", measures=measures)

    @rule(who=st.sampled_from(PEOPLE), after=st.sets(st.sampled_from(["e1", "e2"])))
    def prove(self, who: str, after: set[str]) -> None:
        self.attempt(proven, who, f"t{self.clock}", sorted(after), "材料")

    @invariant()
    def nothing_is_closed_on_ones_own_word(self) -> None:
        if self.finding.is_settled:
            assert self.finding.measures.strip() and self.finding.after and self.finding.claimed_by
        if self.finding.state is S.CLOSED:
            closing = next(e for e in reversed(self.finding.history) if e.what.startswith("已销号"))
            assert closing.who != self.finding.claimed_by

    @invariant()
    def every_step_of_the_history_is_a_legal_move(self) -> None:
        states = [event.state for event in self.finding.history]
        assert states[-1] is self.finding.state
        assert all(a is b or (a, b) in MOVES for a, b in pairwise(states))


TestMoving = Moving.TestCase
TestMoving.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
