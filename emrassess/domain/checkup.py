"""The check-up before submission: what experts reject, found by the program while it can still be mended.

A finding says where and what, why experts mind, and how to mend it; or a person accepts it with a reason.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from emrassess.domain.assessment import Acceptance, Evidence
from emrassess.domain.personal_data import masked

_SHOWN = 40


class Severity(StrEnum):
    """Blocking: not to be submitted so. Warning: a person should have a look."""

    BLOCKING = "blocking"
    WARNING = "warning"


SEVERITY_NAMES: Mapping[Severity, str] = {Severity.BLOCKING: "须处理", Severity.WARNING: "请确认"}


class FindingKind(StrEnum):
    """Kinds of findings, in the order they are best worked off."""

    PATIENT_NAME = "patient_name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    UNPROVEN = "unproven"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    COVERAGE_UNCOUNTED = "coverage_uncounted"
    QUALITY_UNCOUNTED = "quality_uncounted"
    NO_TIME = "no_time"
    FUTURE_TIME = "future_time"
    OLD_TIME = "old_time"
    UNCLEAR_TIME = "unclear_time"
    NO_HOSPITAL = "no_hospital"
    INCOMPLETE = "incomplete"
    REPEATED = "repeated"
    REUSED = "reused"
    SIMILAR = "similar"
    TINY = "tiny"
    CROPPED = "cropped"
    THIN = "thin"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What a kind is called, how grave it is, why experts reject it, and what to do."""

    name: str
    severity: Severity
    why: str
    fix: str


_BLOCKING, _WARNING = Severity.BLOCKING, Severity.WARNING
_PRIVACY = "材料会交给院外的人看，病人的个人信息露在外面是泄露隐私，专家会当场退回。"
_MASK = "请在原文件里删去，或改成 *** 后替换这个文件；写在标题、说明里的，直接改掉。"

KINDS: Mapping[FindingKind, KindInfo] = {
    FindingKind.PATIENT_NAME: KindInfo("露出病人姓名", _BLOCKING, _PRIVACY, _MASK),
    FindingKind.ID_NUMBER: KindInfo("露出身份证号", _BLOCKING, _PRIVACY, _MASK),
    FindingKind.PHONE: KindInfo("可能露出手机号", _WARNING, _PRIVACY, _MASK + "如果只是单号而不是手机号，写明后接受。"),
    FindingKind.UNPROVEN: KindInfo(
        "自评达标但没有实证材料",
        _BLOCKING,
        "没有材料的“达标”，专家按未达标处理。",
        "请给这一条加一张截图或一份文件；还拿不出来的，先把自评结论改回待评或未达标。",
    ),
    FindingKind.UNREADABLE: KindInfo(
        "文件读不了",
        _BLOCKING,
        "在我们这里打不开的文件，专家那里也打不开，等于没有材料。",
        "请重新导出或截取，再替换它。",
    ),
    FindingKind.EMPTY: KindInfo(
        "文件没有内容", _BLOCKING, "空的文件证明不了什么，专家会当作没有材料。", "请换成有内容的文件，或取消关联。"
    ),
    FindingKind.COVERAGE_UNCOUNTED: KindInfo(
        "有效应用比例没有分子、分母",
        _BLOCKING,
        "只有一个比例、没有分子和分母，专家无法核对，不予认可。",
        "请在这一项的级别栏填上分子和分母，比例由程序计算。",
    ),
    FindingKind.QUALITY_UNCOUNTED: KindInfo(
        "数据质量系数没有分子、分母",
        _WARNING,
        "专家会问这个系数是从多少条记录里算出来的，答不上来就不予认可。",
        "请填上分子和分母；由多条规则平均得来、没有单一分子分母的，附上计算结果，再写明理由接受。",
    ),
    FindingKind.NO_TIME: KindInfo(
        "没有截取时间", _BLOCKING, "不知道是什么时候截取、统计的，专家无法判断现在是否还是这样。", "请填写截取时间。"
    ),
    FindingKind.FUTURE_TIME: KindInfo(
        "截取时间晚于现在",
        _BLOCKING,
        "材料不可能取自将来，专家会怀疑它的真实性。",
        "请改正截取时间；也看看电脑的时钟。",
    ),
    FindingKind.OLD_TIME: KindInfo(
        "截取时间在一年以前",
        _WARNING,
        "评价看的是现在的应用情况，一年前的画面和数据往往不被认可。",
        "请重新截取或统计后替换；如果是制度一类长期有效的内容，写明理由接受。",
    ),
    FindingKind.UNCLEAR_TIME: KindInfo(
        "截取时间写得不清楚", _WARNING, "专家要看到具体的日期。", "请按 2026-11-21 08:30 这样填写截取时间。"
    ),
    FindingKind.NO_HOSPITAL: KindInfo(
        "请确认画面里有医院名称",
        _WARNING,
        "专家会退回看不出是哪家医院的截图。程序看不懂画面，标题、来源系统和条款说明里也没有提到医院。",
        "请逐张看一遍：画面里有医院名称，病人姓名已遮盖。缺的重新截取；都有的，写明由谁看过后接受。",
    ),
    FindingKind.INCOMPLETE: KindInfo(
        "材料的说明没有填全",
        _WARNING,
        "没有标题、不知出自哪个系统的材料，专家现场找不到对应的画面。",
        "请在材料的说明里补上。",
    ),
    FindingKind.REPEATED: KindInfo(
        "几件材料是同一张图片",
        _BLOCKING,
        "同一张图片换个名称反复使用，专家会认为没有真正取证。",
        "请各自重新截取；确实一张就能说明的，只留一件，关联到需要的条款。",
    ),
    FindingKind.REUSED: KindInfo(
        "一张图片用于很多条款",
        _WARNING,
        "一张图片说明不了这么多要求，专家会逐条追问。",
        "请给其中一些条款另外截取能直接看到该功能的画面。",
    ),
    FindingKind.SIMILAR: KindInfo(
        "几张图片几乎一样",
        _WARNING,
        "只改了标注、大小或钟点的同一个画面，用来证明不同的条款，专家会当作重复使用。",
        "请对照看一遍：内容相同的重新截取；确实是不同的操作，写明区别后接受。",
    ),
    FindingKind.TINY: KindInfo(
        "图片太小", _WARNING, "这样大小的图片放到投影上看不清字，专家无法核对。", "请按原来的大小重新截取整个屏幕。"
    ),
    FindingKind.CROPPED: KindInfo(
        "截图可能不完整",
        _WARNING,
        "只截一部分画面，看不到系统名称、医院名称和时间，专家不予认可。",
        "请重新截取整个屏幕或整个窗口；本来就是整个画面的（如长页面、小窗口），写明后接受。",
    ),
    FindingKind.THIN: KindInfo(
        "说明文字太少", _WARNING, "一两句话的说明证明不了功能在用。", "请写清在哪里、谁、怎样使用，再替换这个文件。"
    ),
    FindingKind.UNSEEN: KindInfo(
        "程序没有查过的内容",
        _WARNING,
        "专家那里不一定打得开这种文件；里面有没有病人信息，程序也没有查过。",
        "请打开看一遍；能另存为 PDF、.docx 或 .xlsx 的，另存后替换；没有问题的，写明由谁看过后接受。",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that experts would reject. `id` changes with the content that it is about, and with nothing else.

    `where`, `what`: Chinese, nobody's personal data in full. `target`: where it can be mended, "clause:<id>" or
    "evidence:<id>". `clauses`, `evidence`: ids of all that it concerns. `excerpts`: masked.
    """

    id: str
    kind: FindingKind
    severity: Severity
    where: str
    what: str
    target: str
    clauses: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    excerpts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return KINDS[self.kind].name

    @property
    def why(self) -> str:
        """Why experts reject it."""
        return KINDS[self.kind].why

    @property
    def fix(self) -> str:
        """What to do now."""
        return KINDS[self.kind].fix


def finding_id(kind: FindingKind, place: str, content: Iterable[str]) -> str:
    """An id that is the same as long as `content` is, and differs afterwards."""
    digest = sha256("\x1f".join(content).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind.value}:{place}:{digest[:16]}"


def about_clause(
    kind: FindingKind,
    clause: str,
    where: str,
    what: str,
    content: Iterable[str],
    *,
    severity: Severity | None = None,
    place: str = "",
    excerpts: tuple[str, ...] = (),
) -> Finding:
    """A finding to be mended at `clause`; `place` where it is about something else there, such as a ratio."""
    key = finding_id(kind, place or f"clause:{clause}", content)
    severity = severity or KINDS[kind].severity
    return Finding(key, kind, severity, where, what, f"clause:{clause}", (clause,), (), excerpts)


def about_piece(
    kind: FindingKind, piece: Evidence, what: str, *content: str, excerpts: tuple[str, ...] = ()
) -> Finding:
    """A finding about one piece of evidence; it comes back with another file, and where `content` changes."""
    return Finding(
        finding_id(kind, f"evidence:{piece.id}", (piece.current.sha256, *content)),
        kind,
        KINDS[kind].severity,
        piece_name(piece),
        what,
        f"evidence:{piece.id}",
        piece.clauses,
        (piece.id,),
        excerpts,
    )


def about_pieces(kind: FindingKind, pieces: Iterable[Evidence], where: str, what: str, *content: str) -> Finding:
    """A finding about several pieces at once; it comes back where one joins them, leaves, or changes its file."""
    members = sorted(pieces, key=lambda piece: piece.id)
    ids = tuple(piece.id for piece in members)
    return Finding(
        finding_id(kind, f"evidence:{ids[0]}", (*(piece.current.sha256 for piece in members), *ids, *content)),
        kind,
        KINDS[kind].severity,
        where,
        what,
        f"evidence:{ids[0]}",
        tuple(sorted({clause for piece in members for clause in piece.clauses})),
        ids,
    )


def piece_name(piece: Evidence) -> str:
    """The piece as it is called on screen, with its clauses; personal data in its title masked."""
    title = masked(piece.title.strip() or piece.current.file_name)
    shown = title if len(title) <= _SHOWN else f"{title[: _SHOWN - 1]}…"
    more = f" 等 {len(piece.clauses)} 条" if len(piece.clauses) > 1 else ""
    return f"“{shown}”（{piece.clauses[0]}{more}）" if piece.clauses else f"“{shown}”"


# --- lists of findings

_RANK = {kind: rank for rank, kind in enumerate(FindingKind)}


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once; the blocking ones first, then by kind, then by clause."""
    unique = {finding.id: finding for finding in findings}.values()
    return tuple(sorted(unique, key=lambda f: (f.severity is Severity.WARNING, _RANK[f.kind], f.clauses[:1], f.id)))


def open_findings(findings: Iterable[Finding], accepted: Mapping[str, Acceptance]) -> tuple[Finding, ...]:
    """Those that nobody has accepted as they are now."""
    return tuple(finding for finding in findings if finding.id not in accepted)


def accepted_findings(
    findings: Iterable[Finding], accepted: Mapping[str, Acceptance]
) -> tuple[tuple[Finding, Acceptance], ...]:
    """Those that somebody has accepted, with who, when and why."""
    return tuple((finding, accepted[finding.id]) for finding in findings if finding.id in accepted)


def counts(findings: Iterable[Finding]) -> Mapping[FindingKind, int]:
    """How many of each kind, in the order of the kinds; only those that occur."""
    found = Counter(finding.kind for finding in findings)
    return {kind: found[kind] for kind in FindingKind if kind in found}
