"""The rules of the check-up: what is found, what is left alone, and that nobody's data is repeated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import (
    Acceptance,
    Assessment,
    ClauseAnswer,
    Evidence,
    EvidenceKind,
    PacketInfo,
    Revision,
    Sender,
)
from emrassess.domain.checkup import (
    KINDS,
    Finding,
    FindingKind,
    Severity,
    accepted_findings,
    counts,
    open_findings,
    ordered,
)
from emrassess.domain.checkup_files import FileFacts, PictureFacts, findings_in, similar
from emrassess.domain.checkup_rules import captured, findings_of
from emrassess.domain.pack import Dimension
from emrassess.domain.personal_data import PersonalKind, in_rows, in_text, masked
from tests.builders import ratio
from tests.domain.samples import pack_of

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))
PACK = pack_of({"01.01.4": ["甲", "乙", "丙", "丁"], "01.01.5": ["戊"], "01.02.4": ["己"]})
CLAUSES = tuple(PACK.clause_by_id)
ID_NUMBER, PHONE = "11010519491231002X", "13812345678"


def shot(key: str = "p1", clauses: tuple[str, ...] = CLAUSES[:1], sha: str = "", **changes: object) -> Evidence:
    """A screenshot without fault."""
    revision = Revision(sha or f"{key}-file", f"{key}.png", 1000, "image/png", "", "")
    piece = Evidence(
        key, "示例医院医嘱界面", EvidenceKind.SCREENSHOT, "住院医师工作站", "2026-11-20", (revision,), clauses
    )
    return replace(piece, **changes)


def assessed(*pieces: Evidence, **changes: object) -> Assessment:
    """Target 4, with these pieces."""
    made = Assessment("a", "示例医院（示例）", PACK.id, PACK.version, 4, evidence={piece.id: piece for piece in pieces})
    return replace(made, **changes)


def found(assessment: Assessment) -> tuple[Finding, ...]:
    return ordered(findings_of(PACK, assessment, NOW))


def kinds(assessment: Assessment) -> list[FindingKind]:
    return [finding.kind for finding in found(assessment)]


def one(assessment: Assessment) -> Finding:
    (finding,) = found(assessment)
    return finding


def test_an_assessment_without_fault_has_no_findings() -> None:
    answers = {
        CLAUSES[0]: ClauseAnswer(Verdict.MET, "示例病人甲", "医嘱 › 执行"),
        CLAUSES[1]: ClauseAnswer(Verdict.UNMET),
    }
    counted = {("01.01", 4): ratio("95/100")}
    assert found(assessed(shot(), answers=answers, coverage=counted)) == ()


def test_every_kind_is_explained() -> None:
    assert set(KINDS) == set(FindingKind)
    assert all(info.name and info.why.endswith("。") and info.fix.endswith("。") for info in KINDS.values())


# --- clauses and ratios


def test_a_claim_without_evidence_is_found() -> None:
    answers = {
        CLAUSES[0]: ClauseAnswer(Verdict.MET),
        CLAUSES[4]: ClauseAnswer(Verdict.MET),
        "99.99.9(1)": ClauseAnswer(),
    }
    below, above = found(assessed(answers=answers))
    assert (below.kind, below.severity) == (FindingKind.UNPROVEN, Severity.BLOCKING)
    assert below.target == f"clause:{CLAUSES[0]}" and below.clauses == CLAUSES[:1]
    assert (above.clauses, above.severity) == ((CLAUSES[4],), Severity.WARNING)


def test_a_packet_is_about_its_clauses_only() -> None:
    answers = {clause: ClauseAnswer(Verdict.MET) for clause in CLAUSES}
    packet = PacketInfo("p", "a", "d", "内科", "", "", "示例医院", Sender("", ""), CLAUSES[2:3], {})
    assert [finding.clauses for finding in found(assessed(answers=answers, packet=packet))] == [CLAUSES[2:3]]


def test_ratios_without_counts_are_found() -> None:
    plain = {("01.01", 4): ratio("0.955"), ("01.02", 4): ratio("9/10"), ("01.01", 5): ratio("0.5")}
    below, above = found(assessed(coverage=plain))
    assert below.kind is FindingKind.COVERAGE_UNCOUNTED and "0.96" in below.what and below.target == "clause:01.01.4(1)"
    assert (below.severity, above.severity) == (Severity.BLOCKING, Severity.WARNING)
    changed = found(assessed(coverage=plain | {("01.01", 4): ratio("0.954")}))
    assert changed[0].id != below.id and changed[1].id == above.id


def test_coefficients_of_a_row_are_one_finding() -> None:
    quality = {
        ("01.01", 4, Dimension.CONSISTENCY): ratio("0.9"),
        ("01.01", 4, Dimension.COMPLETENESS): ratio("0.8"),
        ("01.02", 4, Dimension.COMPLETENESS): ratio("8/10"),
    }
    finding = one(assessed(quality=quality))
    assert finding.kind is FindingKind.QUALITY_UNCOUNTED and "一致性 0.90、完整性 0.80" in finding.what


# --- pieces of evidence


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"title": " "}, FindingKind.INCOMPLETE),
        ({"source_system": ""}, FindingKind.INCOMPLETE),
        ({"captured_at": " "}, FindingKind.NO_TIME),
        ({"captured_at": "去年"}, FindingKind.UNCLEAR_TIME),
        ({"captured_at": "2026-11-21 11:30"}, FindingKind.FUTURE_TIME),
        ({"captured_at": "2026-11-22"}, FindingKind.FUTURE_TIME),
        ({"captured_at": "2025年11月1日"}, FindingKind.OLD_TIME),
        ({"clauses": CLAUSES[:4]}, FindingKind.REUSED),
        ({"title": "医嘱界面"}, FindingKind.NO_HOSPITAL),
    ],
)
def test_what_is_wrong_with_a_piece(changes: dict[str, Any], kind: FindingKind) -> None:
    finding = next(f for f in found(assessed(replace(shot(), **changes))) if f.kind is kind)
    assert finding.evidence == ("p1",) and finding.target == "evidence:p1"
    assert kind not in kinds(assessed(shot()))


def test_documents_need_no_time_and_no_hospital() -> None:
    document = shot(kind=EvidenceKind.DOCUMENT, source_system="", captured_at="", title="制度")
    assert found(assessed(document)) == ()


def test_what_proves_nothing_is_not_submitted() -> None:
    assert found(assessed(shot(clauses=(), captured_at="", title="病人姓名：王小明"))) == ()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-02 16:12", (2026, 11, 2, 16, 12)),
        ("2026/1/2", (2026, 1, 2, 0, 0)),
        ("2026年11月2日16时12分", (2026, 11, 2, 16, 12)),
        ("２０２６．１１．０２", (2026, 11, 2, 0, 0)),
        ("20261102", (2026, 11, 2, 0, 0)),
        ("2026年11月", (2026, 11, 1, 0, 0)),
        ("2026-13-01", None),
        ("2026", None),
        ("昨天 08:00", None),
    ],
)
def test_times_as_people_write_them(text: str, moment: tuple[int, ...] | None) -> None:
    assert captured(text, NOW) == (moment and datetime(*moment, tzinfo=NOW.tzinfo))  # pyright: ignore[reportArgumentType]


def test_a_time_with_an_offset_keeps_it() -> None:
    assert captured("2026-11-21T02:00:00+00:00", NOW) == NOW
    assert captured("2026-11-21T02:00:00Z", NOW) == datetime(2026, 11, 21, 2, tzinfo=UTC)


def test_the_same_file_in_several_pieces_is_found() -> None:
    pieces = (shot("p1", CLAUSES[:1], "same"), shot("p2", CLAUSES[1:2], "same"), shot("p3", CLAUSES[2:3]))
    finding = one(assessed(*pieces))
    assert finding.kind is FindingKind.REPEATED and finding.evidence == ("p1", "p2") and finding.clauses == CLAUSES[:2]
    assert finding.severity is Severity.BLOCKING


def test_the_hospital_is_asked_for_once_a_system() -> None:
    pieces = (
        shot("p1", title="医嘱"),
        shot("p2", title="申请"),
        shot("p3", CLAUSES[1:2], title="体温单"),
        shot("p4", title="检验", source_system="检验系统"),
    )
    answers = {CLAUSES[1]: ClauseAnswer(note="画面左上角是 示例医院 的院徽和全称")}
    first, second = found(assessed(*pieces, answers=answers))
    assert [first.evidence, second.evidence] == [("p1", "p2"), ("p4",)]
    assert "2 张截图" in first.where and "住院医师工作站" in first.where
    again = found(assessed(*pieces, shot("p5", title="又一张"), answers=answers))
    assert again[0].id != first.id and again[1].id == second.id


# --- people


def test_people_in_notes_titles_and_names_are_found_but_not_repeated() -> None:
    note = ClauseAnswer(note=f"第一行\n患者姓名：王小明，{ID_NUMBER}", demonstration=f"电话{PHONE}")
    held = assessed(shot(title=f"示例医院 {ID_NUMBER} 医嘱"), answers={CLAUSES[0]: note})
    findings = found(held)
    assert [finding.kind for finding in findings] == [
        FindingKind.PATIENT_NAME,
        FindingKind.ID_NUMBER,
        FindingKind.ID_NUMBER,
        FindingKind.PHONE,
    ]
    assert findings[0].excerpts == ("第 2 行：王**",) and findings[0].target == f"clause:{CLAUSES[0]}"
    said = repr(findings)
    assert "王小明" not in said and ID_NUMBER not in said and PHONE not in said
    assert f"110{'*' * 13}2X" in said and "138******78" in said


@pytest.mark.parametrize(
    "text",
    [
        ID_NUMBER,
        ID_NUMBER.lower(),
        "身份证110105 19491231 002x号",
        "ID110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        f"一{ID_NUMBER}二",
    ],
)
def test_id_numbers_are_known_by_their_check_digit(text: str) -> None:
    (number,) = in_text(text)
    assert number.kind is PersonalKind.ID_NUMBER and number.masked == f"110{'*' * 13}2X"


@pytest.mark.parametrize(
    "text", ["110105194912310021", f"1{ID_NUMBER}", "110105194913310024", "0" * 18, "123456789012345678"]
)
def test_other_long_numbers_are_none(text: str) -> None:
    assert list(in_text(text)) == []


@pytest.mark.parametrize(
    "text", [PHONE, f"电话{PHONE}。", "138-1234-5678", "138 1234 5678", f"+86{PHONE}", f"86-{PHONE}"]
)
def test_mobile_numbers_are_found(text: str) -> None:
    assert [(f.kind, f.masked) for f in in_text(text)] == [(PersonalKind.PHONE, "138******78")]


@pytest.mark.parametrize(
    "text", [f"1{PHONE}", f"{PHONE}9", f"A{PHONE}", f"0.{PHONE}", f"{PHONE}.5", "12812345678", "1381234-5678"]
)
def test_numbers_with_other_borders_are_no_mobile_numbers(text: str) -> None:
    assert list(in_text(text)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("患者姓名：王小明", "王**"),
        ("姓 名: 李建国  性别：男", "李**"),
        ("姓名：赵丽性别：女", "赵*"),
        ("姓名：\t欧阳建国", "欧***"),
        ("病人姓名：阿依古丽·买买提", "阿*******"),
        ("患者姓名：王小明因发热入院", "王**"),
        ('{"姓名": "王小明", "性别": "男"}', "王**"),
        ("序号\t姓名\t床号\n1\t王小明\t12", "王**"),
        ("|姓名|床号|\n|---|---|\n|王小明|12|", "王**"),
    ],
)
def test_names_behind_a_label_are_found(text: str, name: str) -> None:
    assert [(f.kind, f.masked) for f in in_text(text)] == [(PersonalKind.NAME, name)]


@pytest.mark.parametrize(
    "text",
    [
        "患者姓名：示例病人甲",
        "姓名：张某",
        "姓名：李某某",
        "姓名：张三",
        "姓名：王**",
        "姓名：***",
        "姓名：　性别：　年龄：",
        "姓名：\t性别",
        "姓名：必填",
        "姓名：自动带出",
        "姓名：由系统从住院登记带出",
        "姓名：",
        "演示人：王小明",
        "姓名、性别、年龄齐全",
        '{"姓名": "", "性别": "男"}',
        "姓名\t床号\n本页说明\n王小明\t12",
        "患者\n入院登记",
    ],
)
def test_placeholders_and_labels_are_no_names(text: str) -> None:
    assert list(in_text(text)) == []


def test_names_in_a_column_are_found_down_to_the_next_table() -> None:
    rows = [
        ["2026 年 10 月出院病人"],
        ["序号", "患者 姓名", "科室"],
        ["1", "王小明", "心内科"],
        ["2", "示例病人甲", "心内科"],
        ["3", "李*", "心内科"],
        ["4", "周丽"],
        ["5"],
        ["合计", "", ""],
        [],
        ["科室", "内科"],
    ]
    assert [(f.masked, f.row) for f in in_rows(rows)] == [("王**", 3), ("周*", 6)]
    assert [f.kind for f in in_rows([["姓名：", "王小明", PHONE]])] == [PersonalKind.PHONE, PersonalKind.NAME]


@given(st.text(st.sampled_from(f"{ID_NUMBER}38姓名：王小明 -\n"), max_size=60), st.sampled_from([ID_NUMBER, PHONE, ""]))
def test_what_was_masked_holds_nothing_any_more(noise: str, number: str) -> None:
    line = " ".join(f"{noise} {number} 患者姓名：王小明，".split("\n"))
    assert not list(in_text(masked(line))) and "王小明，" not in masked(line)


def test_a_text_without_personal_data_stays_as_it_is() -> None:
    assert masked("全角：１２３　示例") == "全角：１２３　示例"


# --- files


def judged(facts: FileFacts, piece: Evidence | None = None) -> list[FindingKind]:
    return [finding.kind for finding in findings_in(piece or shot(), facts)]


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        ((1920, 1080), None),
        ((1366, 768), None),
        ((1000, 700), None),
        ((800, 600), None),
        ((480, 800), None),
        ((1080, 2340), None),
        ((3840, 1080), None),
        ((5760, 1080), None),
        ((400, 300), FindingKind.TINY),
        ((799, 500), FindingKind.TINY),
        ((900, 479), FindingKind.TINY),
        ((900, 600), FindingKind.CROPPED),
        ((1500, 300), FindingKind.CROPPED),
        ((1200, 5000), FindingKind.CROPPED),
    ],
)
def test_sizes_of_screenshots(size: tuple[int, int], kind: FindingKind | None) -> None:
    facts = FileFacts(picture=PictureFacts(*size, 0, 0, False))
    assert judged(facts) == ([kind] if kind else [])
    assert judged(facts, shot(kind=EvidenceKind.DOCUMENT)) == []


def test_short_narratives_are_found() -> None:
    narrative = shot(kind=EvidenceKind.NARRATIVE)
    assert judged(FileFacts(letters=5), narrative) == [FindingKind.THIN]
    assert judged(FileFacts(letters=200), narrative) == judged(FileFacts(letters=5)) == []


def test_a_finding_comes_back_with_another_file() -> None:
    facts = FileFacts(empty="文件里只有空白")
    (before,) = findings_in(shot(), facts)
    (same,) = findings_in(shot(title="另一个标题"), facts)
    (after,) = findings_in(shot(sha="other"), facts)
    assert before.id == same.id != after.id


def alike(*pictures: tuple[Evidence, int], faint: int = 0) -> list[Finding]:
    """What is found among pictures with these clear edges; all have these faint ones too."""
    facts = [(piece, PictureFacts(1920, 1080, edges, edges | faint, False)) for piece, edges in pictures]
    return list(similar(facts, lambda *_: None))


def test_pictures_that_look_alike_are_one_group() -> None:
    edges = (1 << 200) - 1
    a, b, c = (shot(f"p{n}", (clause,)) for n, clause in enumerate(CLAUSES[:3]))
    (finding,) = alike((a, edges), (b, edges ^ 0b111), (c, edges ^ (0b111 << 100)))
    assert finding.evidence == ("p0", "p1", "p2") and finding.clauses == CLAUSES[:3]
    assert alike((a, edges), (b, edges ^ ((1 << 60) - 1))) == []


def test_an_edge_that_is_faint_in_the_other_is_none_that_differs() -> None:
    some = (1 << 60) - 1
    one, other = (1 << 200) - 1, (1 << 200) - 1 ^ some
    a, b = shot("p1"), shot("p2", CLAUSES[1:2])
    assert alike((a, one), (b, other), faint=some) and not alike((a, one), (b, other), faint=some >> 30)


def test_steps_of_one_clause_may_look_alike() -> None:
    edges = (1 << 200) - 1
    assert alike((shot("p1"), edges), (shot("p2", CLAUSES[:2]), edges)) == []


def test_pictures_with_hardly_anything_on_them_are_not_compared() -> None:
    assert alike((shot("p1"), 0b111), (shot("p2", CLAUSES[1:2]), 0b111)) == []


@given(st.lists(st.tuples(st.integers(0, 2**60 - 1), st.integers(0, 5)), max_size=12), st.integers(0, 2**60 - 1))
def test_every_close_pair_is_found(drawn: list[tuple[int, int]], faint: int) -> None:
    hashes = [(((1 << 60) - 1) << 60 | bits) ^ ((1 << flips) - 1) for bits, flips in drawn]
    pieces = [shot(f"p{n:02}", (f"c{n}",)) for n in range(len(hashes))]
    together = {
        frozenset(pair)
        for finding in alike(*zip(pieces, hashes, strict=True), faint=faint)
        for pair in combinations(finding.evidence, 2)
    }
    for (p, a), (q, b) in combinations(zip(pieces, hashes, strict=True), 2):
        if ((a ^ b) & ~faint).bit_count() <= 0.07 * (a | b).bit_count():
            assert frozenset((p.id, q.id)) in together


# --- lists


def test_findings_are_listed_the_gravest_first_and_counted() -> None:
    answers = {CLAUSES[0]: ClauseAnswer(Verdict.MET), CLAUSES[1]: ClauseAnswer(Verdict.MET)}
    held = assessed(shot("p9", CLAUSES[5:], title="x", captured_at=""), answers=answers)
    findings = found(held)
    assert [f.kind for f in findings] == [
        FindingKind.UNPROVEN,
        FindingKind.UNPROVEN,
        FindingKind.NO_TIME,
        FindingKind.NO_HOSPITAL,
    ]
    assert list(counts(findings).items()) == [
        (FindingKind.UNPROVEN, 2),
        (FindingKind.NO_TIME, 1),
        (FindingKind.NO_HOSPITAL, 1),
    ]
    accepted = {findings[1].id: Acceptance("现场演示", "张三", "2026-11-21T10:00:00+08:00")}
    assert open_findings(findings, accepted) == (findings[0], *findings[2:])
    assert accepted_findings(findings, accepted) == ((findings[1], accepted[findings[1].id]),)
    assert ordered((*reversed(findings), *findings)) == findings
