"""What a review group's feedback says."""

from collections.abc import Mapping
from dataclasses import replace

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import ClauseAnswer
from emrassess.domain.ledger import Finding, FindingState, own_id
from emrassess.domain.pack import Pack
from emrassess.domain.planning import Department, Task
from emrassess.domain.review import ExpertVerdict, Opinion, ReviewInfo, Severity
from emrassess.domain.verified import Stands
from emrassess.reports.review_figures import ProgressLine
from emrassess.reports.review_words import verdict_sentences
from tests.reports.conftest import Store, picture, piece
from tests.reports.review_samples import (
    EXPERT,
    MINOR,
    ORDINARY,
    SERIOUS,
    WHY,
    built,
    content_of,
    finding,
    opinion,
    reviewed,
)


def test_findings_are_worst_first_and_only_the_groups(pack: Pack, store: Store) -> None:
    content = content_of(pack, reviewed(pack, store), store)
    assert [(line.number, line.clause) for line in content.findings] == [(1, SERIOUS), (2, ORDINARY), (3, MINOR)]
    assert content.by_severity == {Severity.SERIOUS: 1, Severity.ORDINARY: 1, Severity.MINOR: 1}
    first = content.findings[0]
    assert first.requirement == pack.clause_by_id[SERIOUS].text
    assert (first.claim, first.place, first.item_name) == (Verdict.MET, "病房", pack.item_by_code["01.01"].name)
    assert (content.experts, content.dates) == ((EXPERT,), "2026-11-20")
    assert content.tally.findings == 3
    assert content.tally.by_verdict[ExpertVerdict.NOT_SHOWN] == 1


def test_what_a_group_says_of_another_groups_clause_is_its_own_too(pack: Pack, store: Store) -> None:
    assessment = built(pack, {"03.01.3(1)": finding()})
    assert [line.clause for line in content_of(pack, assessment, store).findings] == ["03.01.3(1)"]
    assert [line.clause for line in content_of(pack, assessment, store, "outpatient").findings] == ["03.01.3(1)"]


def test_photos_come_first_and_never_the_original_of_a_masked_picture(pack: Pack, store: Store) -> None:
    shots = content_of(pack, reviewed(pack, store), store).findings[0].shots
    assert [(shot.id, shot.by_expert) for shot in shots] == [("p1", True), ("e1", False), ("e3", False)]
    assert shots[0].label == "专家现场照片：病房电脑 1"
    assert shots[2].file_name == "遮盖后.png"


def test_whose_it_is_and_by_when(pack: Pack, store: Store) -> None:
    assessment = reviewed(pack, store)
    assessment = replace(
        assessment, departments={"d1": Department("d1", "医务处")}, tasks={SERIOUS: Task("d1", "赵主任", "2026-11-30")}
    )
    first, second, third = content_of(pack, assessment, store).findings
    assert (first.who, first.deadline, first.proposed, first.state) == ("医务处 赵主任", "2026-12-06", True, "")
    assert (second.who, second.deadline, second.proposed) == ("药学部 王药师", "2026-12-31", False)
    assert (second.state, second.supervised) == ("整改中", True)
    assert (third.who, third.deadline) == ("", "2027-01-20")


def test_steps_go_by_date_and_leave_out_what_is_settled(pack: Pack, store: Store) -> None:
    done = Finding(ORDINARY, WHY, department="药学部", deadline="2026-11-30", state=FindingState.DONE)
    opinions = {ORDINARY: finding(), MINOR: finding(Severity.MINOR), SERIOUS: finding(Severity.SERIOUS),
                "01.02.3(1)": finding(Severity.SERIOUS)}  # fmt: skip
    content = content_of(pack, built(pack, opinions, findings=(done,)), store)
    found = [(step.deadline, step.severity, [line.clause for line in step.findings]) for step in content.steps]
    assert found == [
        ("2026-12-06", Severity.SERIOUS, [SERIOUS, "01.02.3(1)"]),
        ("2027-01-20", Severity.MINOR, [MINOR]),
    ]


def test_what_a_recheck_turns_down_is_to_be_mended_before_the_ledger_knows(pack: Pack, store: Store) -> None:
    done = Finding(ORDINARY, WHY, "由信息科统一字典", Severity.SERIOUS, deadline="2026-11-30", state=FindingState.DONE)
    again = finding(Severity.NONE, "还是没有统一", suggestion="", round=2)
    content = content_of(pack, replace(built(pack, {ORDINARY: again}, findings=(done,)), review_round=2), store)
    (line,) = content.findings
    assert (line.severity, line.opinion.suggestion, line.problem) == (
        Severity.SERIOUS, "由信息科统一字典", "还是没有统一",
    )  # fmt: skip
    assert [(step.deadline, step.severity) for step in content.steps] == [("2026-11-30", Severity.SERIOUS)]


def test_the_hospitals_own_finding_does_not_hide_the_experts(pack: Pack, store: Store) -> None:
    held = built(pack, {ORDINARY: finding()}, findings=(Finding(ORDINARY, WHY, department="药学部"),))
    own = Finding(ORDINARY, "自查", raised=2, department="护理部", state=FindingState.CLOSED)
    held = replace(held, findings={**held.findings, own_id(ORDINARY, 1): own})
    assert content_of(pack, held, store).findings[0].department == "药学部"


def test_the_same_words_at_several_clauses_are_common(pack: Pack, store: Store) -> None:
    common = content_of(pack, reviewed(pack, store), store).common
    assert [(problem.what, problem.count, problem.clauses) for problem in common] == [(WHY, 2, (ORDINARY, MINOR))]


def test_claimed_and_verified_stand_side_by_side(pack: Pack, store: Store) -> None:
    content = content_of(pack, reviewed(pack, store), store)
    by_name = {measure.name: measure for measure in content.measures}
    met = by_name["本组条款达标"]
    total = content.tally.total
    assert (met.claimed, met.at_most) == (f"{total} / {total}", f"{total - 3} / {total}")
    assert met.at_least == f"{content.tally.by_verdict[ExpertVerdict.CONFIRMED]} / {total}"
    lines = {line.code: line for line in content.progress}
    first = lines["01.01"]
    assert (first.is_role, first.claimed, first.fallen) == (False, first.total, 1)
    assert first.levels is not None and first.levels[0] == 5 and first.levels[1] == 4
    role = lines["01"]
    items = [line for line in content.progress if line.code.startswith("01.")]
    assert role.is_role and role.total == sum(line.total for line in items)
    assert set(lines) >= {"07.01", "07.02", "07.04"} and "07.03" not in lines


def test_whether_an_item_still_passes_at_the_target(points_pack: Pack, store: Store) -> None:
    group = points_pack.groups[0]
    clauses = [clause.id for clause in points_pack.item_by_code[group.items[0]].clauses_through(3)]

    def line(opinions: Mapping[str, Opinion]) -> ProgressLine:
        content = content_of(points_pack, built(points_pack, opinions, target=3), store, group.code)
        return next(line for line in content.progress if line.code == group.items[0])

    assert line({}).levels is None
    assert line({}).stands in (Stands.OPEN, Stands.NOT_CLAIMED)
    fallen = line(dict.fromkeys(clauses, finding(group=group.code)))
    assert (fallen.fallen, fallen.confirmed, fallen.open) == (len(clauses), 0, 0)
    assert fallen.stands is (Stands.FALLEN if line({}).stands is Stands.OPEN else Stands.NOT_CLAIMED)


def test_a_later_round_says_what_an_earlier_one_found(pack: Pack, store: Store) -> None:
    assessment = replace(built(pack, {SERIOUS: finding(), ORDINARY: finding(round=2)}), review_round=2)
    content = content_of(pack, assessment, store)
    assert (content.round_name, content.this_round) == ("第 1 次回看", 1)
    assert "已核查 2 条（本次 1 条）" in verdict_sentences(content)[1]
    assert [line.found_in for line in content.findings] == ["现场核查", ""]


def test_in_an_experts_workspace_the_expert_and_the_round_are_named(pack: Pack, store: Store) -> None:
    review = ReviewInfo("r", "a", "示例医院", 3, "", "王组长", "ward", {})
    content = content_of(pack, replace(built(pack, {SERIOUS: finding()}), review=review), store)
    assert (content.experts, content.round) == (("王组长", EXPERT), 3)


def test_what_is_above_the_target_is_not_lost(pack: Pack, store: Store) -> None:
    above = next(row for row in pack.item_by_code["01.01"].rows if row.level > 5).clauses[0].id
    [line] = content_of(pack, built(pack, {above: finding()}), store).findings
    assert line.beyond and line.clause == above


def test_a_verdict_without_words_still_says_what_is_wrong(pack: Pack, store: Store) -> None:
    [line] = content_of(pack, built(pack, {SERIOUS: opinion(ExpertVerdict.PARTLY)}), store).findings
    assert line.problem == "所报内容部分属实"


def test_opinions_on_clauses_that_the_pack_does_not_have_are_left_out(pack: Pack, store: Store) -> None:
    content = content_of(pack, built(pack, {"99.99.1(1)": finding(), SERIOUS: opinion(ExpertVerdict.CONFIRMED)}), store)
    assert (content.recorded, content.findings) == (1, ())


def test_a_hospital_that_claims_nothing(pack: Pack, store: Store) -> None:
    assessment = replace(built(pack, {SERIOUS: finding()}), answers={SERIOUS: ClauseAnswer()}, hospital=" ")
    content = content_of(pack, assessment, store)
    assert content.hospital == "（未填写医院名称）"
    assert content.stands is Stands.NOT_CLAIMED
    assert content.tally.claimed == 0 and len(content.findings) == 1


def test_documents_and_tables_are_no_pictures(pack: Pack, store: Store) -> None:
    table = piece(1, store.add(b"a,b\n"), "表.csv", "text/csv", SERIOUS)
    paper = piece(2, store.add(picture("PDF", (300, 420))), "制度.pdf", "application/pdf", SERIOUS)
    [line] = content_of(pack, built(pack, {SERIOUS: finding()}, evidence=(table, paper)), store).findings
    assert [shot.id for shot in line.shots] == ["e2"]
    assert len(line.pieces) == 2
