"""Go over to another edition of the standard: whether there is one, what it changes, and a new workspace under it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, Decision
from emrassess.domain.carrying import CarriedOver, carried
from emrassess.domain.editions import ChangeKind, EditionDifferences, compare_packs, version_order
from emrassess.domain.pack import Pack
from emrassess.packs.library import PackRef, known_packs
from emrassess.services.building import build, check_source, lost_words, without
from emrassess.services.checks import check_hospitals
from emrassess.services.evidence import missing_files
from emrassess.services.session import Progress, Session

_KINDS = {
    ChangeKind.SAME: "不变",
    ChangeKind.REWORDED: "文字有改动",
    ChangeKind.MOVED: "移位",
    ChangeKind.NEW: "新增",
    ChangeKind.GONE: "取消",
}


@dataclass(frozen=True)
class Upgrade:
    """What going over to another edition would do: what differs, and what the new workspace would start with."""

    differences: EditionDifferences
    carried: CarriedOver

    @property
    def summary(self) -> tuple[str, ...]:
        """Both in figures, Chinese, a line each, without a full stop."""
        counts, held = self.differences.counts, self.carried
        verdicts = sum(answer.verdict is not Verdict.NOT_ASSESSED for answer in held.answers.values())
        unlinked = f"（{held.unlinked} 件原来的条款都已取消，转入后没有关联条款）" if held.unlinked else ""
        return (
            f"条款：{'，'.join(f'{name} {counts[kind]} 条' for kind, name in _KINDS.items())}",
            f"转入：自评结论 {verdicts} 条，实证材料 {len(held.evidence)} 件{unlinked}，"
            f"有效应用比例 {len(held.coverage)} 个，数据质量系数 {len(held.quality)} 个，"
            f"类别确认 {len(held.categories)} 格",
            f"需再看的条款：{len(held.rechecks)} 条",
            f"不能转入的内容：{len(held.left_behind)} 项",
        )


def offers(session: Session) -> PackRef | None:
    """The newest edition at hand of the session's standard that is newer than the session's own; None where none is."""
    own = version_order(session.pack.version)
    newer = [ref for ref in known_packs() if ref.id == session.pack.id and version_order(ref.version) > own]
    return max(newer, key=lambda ref: version_order(ref.version), default=None)


def preview(session: Session, new_pack: Pack) -> Upgrade:
    """What going over to `new_pack`, another edition or another standard, would do; nothing is changed.

    Pieces of evidence whose file is missing are not among those carried over, but listed as left behind.
    StorageError where the workspace's folder is not there.
    """
    check_hospitals(session.assessment, "不能按新版标准另建工作区")
    check_source(session)
    differences = compare_packs(session.pack, new_pack)
    found = carried(session.assessment, differences, session.pack, new_pack)
    found = _without(found, [piece.id for piece in missing_files(session)])
    if waiting := sum(conflict.decision is Decision.OPEN for conflict in session.assessment.conflicts.values()):
        line = f"合并时留下的 {waiting} 处冲突：还没有决定，没有转入"
        found = replace(found, left_behind=(*found.left_behind, line))
    told, findings = len(session.assessment.opinions), len(session.assessment.findings)
    if told or findings:
        line = f"专家的 {told} 条核查意见、整改台账的 {findings} 个问题：没有转入，仍在原工作区"
        found = replace(found, left_behind=(*found.left_behind, line))
    return Upgrade(differences, found)


def upgrade(
    session: Session,
    new_pack: Pack,
    new_pack_files: Mapping[str, bytes],
    folder: Path,
    progress: Progress | None = None,
) -> Path:
    """Make a new workspace in `folder` (new or empty) under `new_pack`, with what `preview` says; returns `folder`.

    The session's own workspace is only read. A file of evidence that proves damaged is left behind, and the clauses it
    proved are marked for another look. `progress` counts bytes and may raise Cancelled. UserError where the folder
    cannot be used, StorageError where the disk does not take it; nothing is left behind then, nor after a kill a
    workspace that looks whole.
    """
    held, what = session.assessment, preview(session, new_pack)
    found, now = what.carried, what.differences.by_old
    wanted = Assessment(
        id="",
        hospital=held.hospital,
        pack=new_pack.id,
        pack_version=new_pack.version,
        target=found.target,
        answers=found.answers,
        coverage=found.coverage,
        quality=found.quality,
        categories=found.categories,
        evidence=found.evidence,
        groups=found.groups,
        wording=found.wording,
        official=found.official,
        rechecks=found.rechecks,
        departments=held.departments,
        tasks={after: task for clause, task in held.tasks.items() if clause in now and (after := now[clause].new)},
    )
    label = f"按新版标准建立：从 {session.pack.id} {session.pack.version} 转入"
    return build(session, wanted, new_pack_files, folder, label, progress)


def _without(found: CarriedOver, lost: Iterable[str]) -> CarriedOver:
    """`found` without the pieces `lost`, which are listed as left behind; what they proved is to be looked at again."""
    listed = tuple(lost)
    evidence, rechecks = without(found.evidence, found.rechecks, listed)
    lines = list(found.left_behind)
    for piece in (found.evidence[key] for key in listed):
        where = f"（{'、'.join(piece.clauses)}）" if piece.clauses else ""
        lines.append(f"{lost_words(piece)}{where}")
    return replace(found, evidence=evidence, rechecks=rechecks, left_behind=tuple(lines))
