"""What holds however many experts look, in whatever order their files come: nothing said is lost, nothing is doubled,
the ledger says what the opinions say, and only another look closes a finding."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emrassess.domain.assessment import Assessment, Decision
from emrassess.domain.ledger import Finding, FindingState, problem_of
from emrassess.domain.merge import MergeKey, MergeKind
from emrassess.domain.merge_values import REVIEW_TEXTS, STAMP, stamped_at
from emrassess.domain.pack import Pack
from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.domain.review_values import flatten_reviews
from emrassess.exchange.packet_format import Packet
from emrassess.packs.library import load_known
from emrassess.services import deciding, ledger, reviewing
from emrassess.services.merge_plan import theirs_of
from tests.services.review_model import CLAUSES, PROOF, A, Clock, expert_of, hospital, texts

CONFIRMED, NOT_CONFIRMED = ExpertVerdict.CONFIRMED, ExpertVerdict.NOT_CONFIRMED
VERDICTS = st.sampled_from(list(ExpertVerdict))
WORDS = st.sampled_from(["", "没有时间", "没有签名", "没有闭环"])
SEVERITIES = st.sampled_from(list(Severity))
SAID = st.tuples(st.sampled_from(CLAUSES), VERDICTS, WORDS, WORDS, SEVERITIES)
Said = tuple[str, ExpertVerdict, str, str, Severity]


def say(there: Any, said: Said) -> None:
    clause, verdict, problem, seen, severity = said
    reviewing.record(there, clause, verdict=verdict, problem=problem, seen=seen, severity=severity)


def claim(home: Any, key: str) -> None:
    """The hospital says that a finding is mended, with proof."""
    ledger.assign(home, [key], measures="改了")
    ledger.attach_proof(home, key, [PROOF])
    ledger.move(home, [key], FindingState.DONE)


def core(assessment: Assessment) -> tuple[object, ...]:
    """What is known of reviews in the end, by whatever way it came."""
    photos = {key: (photo.title, photo.sha256, frozenset(photo.clauses)) for key, photo in assessment.photos.items()}
    lines = {
        key: (f.problem, f.suggestion, f.severity, f.state, frozenset(f.before))
        for key, f in assessment.findings.items()
    }
    return dict(assessment.opinions), photos, lines


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_known("emr-2018")


# --- any order


@settings(max_examples=60, deadline=None)
@given(
    told=st.lists(st.lists(SAID, max_size=4), min_size=2, max_size=3), photos=st.lists(st.integers(0, 5), max_size=4)
)
def test_the_order_of_files_does_not_matter_where_none_conflict(
    pack: Pack, told: list[list[Said]], photos: list[int]
) -> None:
    clock = Clock()
    home = hospital(pack, clock)
    files: list[Packet] = []
    for number, said in enumerate(told):
        there = expert_of(home, f"专家{number}", number)
        for one in said:
            say(there, one)
        for photo in photos[number::2]:  # two may have the same one: each says of which clauses it is
            there.take_photo(photo, CLAUSES[(photo + number) % len(CLAUSES)])
        files.append(there.sent())
    found = [_brought(pack, order) for order in permutations(files)]
    assume(not any(held.conflicts for held in found))
    assert all(core(held) == core(found[0]) for held in found)


def _brought(pack: Pack, files: Sequence[Packet]) -> Assessment:
    home = hospital(pack, Clock())
    for file in files:
        home.bring(file)
    return home.assessment


@pytest.mark.parametrize("first", [0, 1])
def test_to_say_the_same_again_is_no_consent_to_what_a_colleague_says(pack: Pack, first: int) -> None:
    """One finds it mended, the other finds it as it was: somebody has to decide, whoever comes first."""
    home: Any = hospital(pack, Clock())
    there = expert_of(home, "专家甲", 0)
    say(there, (A, NOT_CONFIRMED, "没有时间", "", Severity.NONE))
    home.bring(there.sent())
    claim(home, f"{A}#1")
    ledger.start_recheck(home)
    mended, same = expert_of(home, "专家乙", 1), expert_of(home, "专家丙", 2)
    say(mended, (A, CONFIRMED, "", "", Severity.NONE))
    say(same, (A, NOT_CONFIRMED, "没有时间", "", Severity.NONE))
    files = [mended.sent(), same.sent()]
    for file in (files[first], files[1 - first]):
        home.bring(file)
    (waiting,) = home.assessment.conflicts.values()
    assert waiting.key == MergeKey(MergeKind.REVIEW, A, "verdict").text
    assert home.assessment.opinion(A).problem == "没有时间"
    assert home.assessment.findings[f"{A}#1"].state is FindingState.REOPENED


def test_a_photo_that_is_gone_is_no_picture_of_a_finding(pack: Pack) -> None:
    home = hospital(pack, Clock())
    there = expert_of(home, "专家甲", 0)
    say(there, (A, NOT_CONFIRMED, "没有时间", "", Severity.NONE))
    for number in (1, 2):
        there.take_photo(number, A)
    home.bring(there.sent())
    gone, kept = sorted(home.assessment.photos)
    assert home.assessment.findings[f"{A}#1"].before == (gone, kept)
    reviewing.remove_photo(there, gone)  # pyright: ignore[reportArgumentType]
    home.bring(there.sent())
    assert home.assessment.findings[f"{A}#1"].before == (kept,)


def test_a_photo_that_somebody_worked_on_is_not_removed_with_the_others(pack: Pack) -> None:
    home = hospital(pack, Clock())
    one, two = expert_of(home, "专家甲", 0), expert_of(home, "专家乙", 1)
    one.take_photo(1, A)
    two.bring(one.sent())
    two.take_photo(1, CLAUSES[1])
    reviewing.remove_photo(one, next(iter(one.assessment.photos)))  # pyright: ignore[reportArgumentType]
    two.bring(one.sent())
    (photo,) = two.assessment.photos.values()
    assert photo.clauses == (A, CLAUSES[1])


def test_a_second_file_brings_all_where_the_first_never_came(pack: Pack) -> None:
    home = hospital(pack, Clock())
    there = expert_of(home, "专家甲", 0)
    last = there.sent()
    for clause in CLAUSES:
        say(there, (clause, NOT_CONFIRMED, "没有时间", "", Severity.NONE))
        last = there.sent()
    home.bring(last)
    assert home.assessment.opinions == there.assessment.opinions


# --- many rounds


class Visits(RuleBasedStateMachine):
    """A hospital, two experts a round, and every file that anybody sent."""

    def __init__(self) -> None:
        super().__init__()
        self.home: Any = hospital(load_known("emr-2018"), Clock())
        self.files: list[Packet] = []
        self.opened = 0
        self.visit()

    def visit(self) -> None:
        """The experts open the package of the round that is on."""
        self.files.clear()  # of an earlier round: refused by name
        self.experts = [expert_of(self.home, f"专家{n}", self.opened + n) for n in range(2)]
        self.opened += len(self.experts)
        self.had = {id(there): {*texts(there.assessment).items()} for there in (*self.experts, self.home)}

    @rule(who=st.integers(0, 1), said=SAID)
    def look(self, who: int, said: Said) -> None:
        say(self.experts[who], said)

    @rule(who=st.integers(0, 1), number=st.integers(0, 3), clause=st.sampled_from(CLAUSES))
    def take(self, who: int, number: int, clause: str) -> None:
        self.experts[who].take_photo(number + 10 * self.opened + 5 * who, clause)

    @rule(who=st.integers(0, 1), number=st.integers(0, 9))
    def remove(self, who: int, number: int) -> None:
        there: Any = self.experts[who]
        if photo := next(iter(list(there.assessment.photos)[number:]), None):
            reviewing.remove_photo(there, photo)

    @rule(who=st.integers(0, 1))
    def send(self, who: int) -> None:
        self.files.append(self.experts[who].sent())

    @precondition(lambda self: self.files)
    @rule(which=st.integers(0, 9), to=st.sampled_from([0, 1, 2, 2]))
    def bring(self, which: int, to: int) -> None:
        file, there = self.files[which % len(self.files)], [*self.experts, self.home][to]
        before, base = there.assessment, there.judged(file).base
        already = there.judged(file).before is not None
        there.bring(file)
        if already:
            assert there.assessment == before
        else:
            self.check_words(there, before, file)
            _check_stamps(before, there.assessment, file, base)
        after = there.assessment
        there.bring(file)
        assert there.assessment == after

    @rule(to=st.sampled_from([0, 1, 2]), number=st.integers(0, 5), choice=st.integers(0, 2))
    def decide(self, to: int, number: int, choice: int) -> None:
        there: Any = [*self.experts, self.home][to]
        if waiting := deciding.conflicts(there):
            shown = waiting[number % len(waiting)]
            deciding.decide(there, shown.id, shown.options[choice % len(shown.options)])

    @rule(number=st.integers(0, 5))
    def mend(self, number: int) -> None:
        findings = self.home.assessment.findings
        key = next(iter(list(findings)[number:]), None)
        if key and findings[key].state in (FindingState.OPEN, FindingState.REOPENED):
            claim(self.home, key)

    @precondition(lambda self: any(o.round == self.home.assessment.review_round for o in _opinions(self)))
    @rule()
    def again(self) -> None:
        ledger.start_recheck(self.home)
        self.visit()

    @invariant()
    def the_ledger_says_what_the_opinions_say(self) -> None:
        held: Assessment = self.home.assessment
        for clause in CLAUSES:
            opinion = held.opinion(clause)
            theirs = {key: f for key, f in held.findings.items() if f.clause == clause}
            newest = max(theirs.values(), key=lambda f: f.raised, default=None)
            assert len(theirs) <= 1, "nothing closes for another of the same clause to come"
            if opinion.is_finding:
                assert newest is not None and newest.problem == problem_of(opinion)
                assert newest.state is not FindingState.CLOSED
            if newest is not None:
                _check_line(newest, held)

    @invariant()
    def what_was_written_is_remembered(self) -> None:
        for there in (*self.experts, self.home):
            self.had[id(there)].update(texts(there.assessment).items())

    def check_words(self, there: Any, before: Assessment, file: Packet) -> None:
        """What either side wrote is in the opinion or in a conflict, unless the other side had it and let go of it."""
        now = texts(there.assessment)
        conflicts = {(MergeKey.parse(c.key), theirs_of(c)) for c in there.assessment.conflicts.values()}
        for key, text in file.now.items():
            if key.field in REVIEW_TEXTS:
                assert text == now.get(key) or (key, text) in conflicts or (key, text) in self.had[id(there)]
        theirs = [file.base, *(state.values for state in file.earlier)]
        for key, text in texts(before).items():
            assert text == now.get(key) or any(values.get(key) == text for values in theirs)

    @invariant()
    def experts_keep_no_ledger_of_their_own(self) -> None:
        for there in self.experts:
            assert there.assessment.findings.keys() <= self.home.assessment.findings.keys()


def _opinions(machine: Visits) -> list[Any]:
    return list(machine.home.assessment.opinions.values())


def _check_line(finding: Finding, held: Assessment) -> None:
    """Closed only where experts said in a later round that it is mended, or took it back."""
    assert set(finding.before) <= set(held.photos)
    if finding.state is FindingState.CLOSED:
        last = next(event for event in reversed(finding.history) if event.state is not FindingState.CLOSED)
        closing = finding.history[finding.history.index(last) + 1]
        assert "通过，销号" in closing.what or "问题撤回" in closing.what
        assert closing.who.startswith("专家")


def _check_stamps(before: Assessment, after: Assessment, file: Packet, base: dict[MergeKey, Any]) -> None:
    """The later one stands, where nothing about the clause waits."""
    ours, now = flatten_reviews(before), flatten_reviews(after)
    waiting = {MergeKey.parse(c.key).key for c in after.conflicts.values() if c.decision is Decision.OPEN}
    for key, theirs in file.now.items():
        if key.field == STAMP and key.key not in waiting and key in now and theirs != base.get(key):
            both = [stamp for stamp in (ours.get(key), theirs) if stamp]
            assert now[key] == max(both, key=stamped_at)


TestVisits = Visits.TestCase
TestVisits.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
