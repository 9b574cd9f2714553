"""A hospital that experts have looked at: opinions of each kind, photos, hostile and long texts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, Box, ClauseAnswer, Evidence
from emrassess.domain.ledger import Finding, FindingState, finding_id
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.review import ExpertVerdict, Opinion, Photo, Severity
from emrassess.reports.review_content import ReviewContent, gather_review
from tests.reports.conftest import NOW, Store, picture, piece

EXPERT = "李专家"
SERIOUS, ORDINARY, MINOR = "01.01.5(2)", "01.02.4(1)", "06.01.5(3)"
UNSHORT = "没有空格也没有标点的一段很长的说明" * 120
HOSTILE = "危急值\x00提示\x0b不全 <b>&\ud800 =cmd|'/C calc'!A0\x1f 结束"
WHY = "药品字典没有统一维护"


def opinion(verdict: ExpertVerdict, severity: Severity = Severity.NONE, **more: object) -> Opinion:
    """What 李专家 of the ward group said on 2026-11-20; `more` replaces any of it."""
    made = Opinion(
        verdict, "医师工作站里逐步演示", severity=severity, place="ward", at="2026-11-20T10:30:00+08:00", by=EXPERT,
        group="ward",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def finding(severity: Severity = Severity.ORDINARY, problem: str = WHY, **more: object) -> Opinion:
    """A claim that is not confirmed, with a problem and a proposal."""
    words = {"problem": problem, "suggestion": "由信息科统一字典，每月核对"}
    return opinion(ExpertVerdict.NOT_CONFIRMED, severity, **{**words, **more})


def photo(number: int, digest: str, *clauses: str, name: str = "现场.jpg") -> Photo:
    at = "2026-11-20T10:31:00+08:00"
    return Photo(f"病房电脑 {number}", clauses, digest, name, 1234, "image/jpeg", at, at, EXPERT)


def built(
    pack: Pack,
    opinions: Mapping[str, Opinion],
    *,
    target: int = 5,
    evidence: Sequence[Evidence] = (),
    photos: Mapping[str, Photo] | None = None,
    findings: Sequence[Finding] = (),
    hospital: str = "示例市第一人民医院",
) -> Assessment:
    """Everything claimed met up to the target, and what the experts say to it."""
    answers = {c.id: ClauseAnswer(Verdict.MET) for item in pack.items for c in item.clauses_through(target)}
    return Assessment(
        "assess-1", hospital, pack.id, pack.version, target, answers=answers, opinions=opinions,
        evidence={p.id: p for p in evidence}, photos=photos or {},
        findings={finding_id(f.clause, f.raised): f for f in findings},
    )  # fmt: skip


def reviewed(pack: Pack, store: Store) -> Assessment:
    """The ward group half-way: confirmed, partly, not confirmed and not shown; pictures whole, broken, lost, masked."""
    shown, original = store.add(picture()), store.add(picture(color="#990000"))
    covered = store.add(picture(color="#111111"))
    masked = piece(3, covered, "遮盖后.png", "image/png", SERIOUS, title="已遮盖")
    masked = replace(
        masked,
        revisions=(
            replace(masked.current, sha256=original, file_name="原图.png"),
            replace(masked.current, masked_from=original, masks=(Box(0.1, 0.1, 0.2, 0.2),)),
        ),
    )
    evidence = (
        piece(1, shown, "医嘱.png", "image/png", SERIOUS, ORDINARY, title="医嘱页"),
        piece(2, store.add(b"\x89PNG broken"), "坏图.png", "image/png", ORDINARY, title="坏图"),
        masked,
        piece(4, original, "又是原图.png", "image/png", SERIOUS, title="没有遮盖"),
        piece(5, store.add(b"a,b\n"), "表.csv", "text/csv", SERIOUS, title="统计表"),
    )
    clauses = [c.id for c in pack.item_by_code["01.01"].clauses_through(4)]
    opinions = dict.fromkeys(clauses, opinion(ExpertVerdict.CONFIRMED))
    opinions |= {
        SERIOUS: finding(Severity.SERIOUS, HOSTILE, seen=UNSHORT),
        ORDINARY: finding(),
        MINOR: opinion(ExpertVerdict.PARTLY, Severity.MINOR, problem=WHY, place="护士站"),
        "01.02.3(1)": opinion(ExpertVerdict.NOT_SHOWN),
        "03.01.3(1)": finding(group="outpatient", by="门诊专家"),
    }
    ledger = Finding(
        ORDINARY, "药品字典", department="药学部", owner="王药师", deadline="2026-12-31",
        state=FindingState.IN_PROGRESS, supervised=True,
    )  # fmt: skip
    photos = {
        "p1": photo(1, store.add(picture("JPEG", (1920, 1080), "#338855")), SERIOUS),
        "p2": photo(2, "0" * 64, MINOR, name="丢失.jpg"),
    }
    return built(pack, opinions, evidence=evidence, photos=photos, findings=(ledger,))


def group_of(pack: Pack, code: str = "ward") -> ReviewGroup:
    return next(group for group in pack.groups if group.code == code)


def content_of(pack: Pack, assessment: Assessment, store: Store, code: str = "ward") -> ReviewContent:
    return gather_review(pack, assessment, group_of(pack, code), NOW, store.path)


def many(pack: Pack, store: Store, count: int, size: tuple[int, int] = (640, 360)) -> Assessment:
    """`count` findings of the ward group at level 8, each with a photo of its own of `size` pixels."""
    group = group_of(pack)
    clauses = [c.id for code in group.items for c in pack.item_by_code[code].clauses_through(8)][:count]
    kinds = (Severity.SERIOUS, Severity.ORDINARY, Severity.MINOR)
    opinions = {c: finding(kinds[n % 3], f"第 {n} 处没有提示") for n, c in enumerate(clauses)}
    photos = {}
    for number, clause in enumerate(clauses):
        content = picture("JPEG", size, f"#{number % 256:02x}4477")
        photos[f"p{number}"] = photo(number, store.add(content), clause)
    return built(pack, opinions, target=8, photos=photos)
