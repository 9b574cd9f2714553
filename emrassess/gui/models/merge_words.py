"""Values of a merge as words: what stands there, what it is about, from whom it came."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING

from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import EvidenceKind, MergeRecord, Revision
from emrassess.domain.merge import WHOLE, Difference, MergeKey, MergeKind, Value, ratio_of
from emrassess.domain.merge_values import STAMP, photo_file
from emrassess.domain.review import EXPERT_VERDICT_NAMES, SEVERITY_NAMES, ExpertVerdict, Severity
from emrassess.gui.models.change_rows import ALIKE
from emrassess.reports.wording import KIND_NAMES, VERDICT_SIGNS, minute, ratio_text

if TYPE_CHECKING:
    from emrassess.exchange.packet_format import PacketFile
    from emrassess.services.session import Session

_NO_FILES: Mapping[str, "PacketFile"] = {}


@dataclass(frozen=True)
class MergeWords:
    """How a dialog names what it merges: "任务包", how it is counted, its title, what stands beside the arrow."""

    what: str
    counted: str
    title: str
    arrow: str
    theirs: str
    outside: str


PACKET_WORDS = MergeWords(
    "任务包", "个任务包", "合并交回的任务包", "原来的 → 交回的", "交回的", "不是这个任务包的条款，不采用"
)
REVIEW_WORDS = MergeWords(
    "核查结果", "份核查结果", "导入核查结果", "这里的 → 对方的", "对方的", "不是这个核查组的条款，不采用"
)
MOST_MARKED = 6000
"""Letters and words of both texts together: beyond this no difference is marked, for comparing would take too long."""


def value_text(key: MergeKey, value: Value, file: "Revision | PacketFile | None" = None) -> str:
    """A value as it is read; `file` is the one that it names, where that is known."""
    if value is None:
        return absent_text(key)
    match key.kind, key.field:
        case MergeKind.ANSWER, "verdict":
            verdict = Verdict(value)
            return f"{VERDICT_SIGNS[verdict]} {VERDICT_NAMES[verdict]}"
        case MergeKind.REVIEW, "verdict":
            return EXPERT_VERDICT_NAMES[ExpertVerdict(value)]
        case MergeKind.REVIEW, "severity":
            return SEVERITY_NAMES[Severity(value)]
        case MergeKind.REVIEW, field if field == STAMP:
            _, at, by, *_ = value
            return f"{by} {minute(at)}"
        case MergeKind.PHOTO, _:
            title, taken_at, by, _, *clauses = value
            return f"{title or '照片'}（{by} {minute(taken_at)}）用于 {'、'.join(clauses)}"
        case ((MergeKind.COVERAGE | MergeKind.QUALITY), _):
            return ratio_text(ratio_of(value))
        case MergeKind.LINK, _:
            return f"用于 {key.field}"
        case MergeKind.EVIDENCE, "kind":
            return KIND_NAMES[EvidenceKind(value)]
        case MergeKind.EVIDENCE, "file":
            return file.file_name if file else "另一个文件（这里没有）"
        case MergeKind.EVIDENCE, field if field == WHOLE:
            title = value.get("title") or (file.file_name if file else "没有标题")
            return f"“{title}”（{KIND_NAMES[EvidenceKind(value['kind'])]}）用于 {'、'.join(value['clauses']) or '无'}"
        case _:
            return str(value)


def known_file(
    session: "Session", key: MergeKey, value: Value, others: "Mapping[str, PacketFile]" = _NO_FILES
) -> "Revision | PacketFile | None":
    """The file that a value names, where evidence here has or had it, or `others` (by digest) has."""
    if key.kind is MergeKind.PHOTO and value is not None:
        return _known_photo(session, photo_file(value), others)
    if key.kind is not MergeKind.EVIDENCE or key.field not in (WHOLE, "file") or value is None:
        return None
    sha256 = value["file"] if key.field == WHOLE else value
    pieces = session.assessment.evidence
    own = [pieces[key.key]] if key.key in pieces else []
    revisions = (revision for piece in (*own, *pieces.values()) for revision in piece.revisions)
    return next((revision for revision in revisions if revision.sha256 == sha256), None) or others.get(sha256)


def _known_photo(session: "Session", sha256: str, others: "Mapping[str, PacketFile]") -> "Revision | PacketFile | None":
    for photo in session.assessment.photos.values():
        if photo.sha256 == sha256:
            return Revision(photo.sha256, photo.file_name, photo.size, photo.media_type, photo.added_at, photo.added_by)
    return others.get(sha256)


def absent_text(key: MergeKey) -> str:
    """What stands where there is no value."""
    match key.kind, key.field:
        case MergeKind.ANSWER, "verdict":
            return f"{VERDICT_SIGNS[Verdict.NOT_ASSESSED]} {VERDICT_NAMES[Verdict.NOT_ASSESSED]}"
        case MergeKind.REVIEW, "verdict":
            return EXPERT_VERDICT_NAMES[ExpertVerdict.OPEN]
        case MergeKind.PHOTO, _:
            return "（没有这张照片）"
        case ((MergeKind.COVERAGE | MergeKind.QUALITY), _):
            return "（没有填）"
        case MergeKind.LINK, _:
            return f"不用于 {key.field}"
        case MergeKind.EVIDENCE, field if field == WHOLE:
            return "（没有这件材料）"
        case _:
            return "（空）"


def place_text(found: Difference) -> str:
    """The clauses or the level row that it is about."""
    named = found.key.place or "、".join(found.clauses[:3])
    return named + ("…" if not found.key.place and len(found.clauses) > 3 else "")


def name_text(found: Difference, session: "Session") -> str:
    """What it is about: "说明", "实证材料“医嘱界面”的标题"."""
    key = found.key
    if key.kind not in (MergeKind.EVIDENCE, MergeKind.LINK):
        return key.name
    piece = session.assessment.evidence.get(key.key)
    told = next((v for v in (found.theirs, found.ours, found.base) if isinstance(v, dict)), {})
    title = (piece.title or piece.current.file_name) if piece else told.get("title", "")
    quoted = f"实证材料“{title}”" if title else "实证材料"
    if key.kind is MergeKind.LINK:
        return f"{quoted}的关联"
    return quoted if key.field == WHOLE else f"{quoted}的{key.name}"


def sender_text(record: MergeRecord | None, session: "Session") -> str:
    """From whom a merged packet came."""
    return f"{department_text(record, session)} {record.sender.name}".strip() if record else "对方"


def department_text(record: MergeRecord, session: "Session") -> str:
    """The department that gave a packet back, as it is called now; where it is gone, as the packet called itself."""
    department = session.assessment.departments.get(record.department)
    return department.name if department else record.sender.organisation


_WORD = re.compile(r"[0-9A-Za-z_]+|\s+|.", re.DOTALL)


def compared(ours: str, theirs: str, background: str) -> tuple[str, str]:
    """Both texts as HTML; the words that only one has are underlined, on `background`."""
    left, right = (_WORD.findall(text) for text in (ours, theirs))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if not ours or not theirs or len(left) + len(right) > MOST_MARKED or matcher.ratio() < ALIKE:
        return _html(ours), _html(theirs)
    marked = ["", ""]
    for kind, i, j, k, m in matcher.get_opcodes():
        for side, part in enumerate(("".join(left[i:j]), "".join(right[k:m]))):
            style = f"background-color: {background}; text-decoration: underline"
            marked[side] += (
                _html(part) if kind == "equal" or not part else f'<span style="{style}">{_html(part)}</span>'
            )
    return marked[0], marked[1]


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
