"""The ledger as a workbook: written for people who work in Excel or WPS, and read back as one step of undo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emrassess.domain.ledger import Finding, days_left, in_order
from emrassess.domain.ledger_cells import columns, kept_columns
from emrassess.domain.ledger_edits import CellConflict, Edits, Refusal, RowChange, edits
from emrassess.domain.review import round_name
from emrassess.errors import RefusedError, UserError, why_unreadable
from emrassess.packs.table_sheets import MAX_FILE, check_archive
from emrassess.reports.ledger_reader import ReadLedger, read_ledger
from emrassess.reports.ledger_sheet import LedgerContent, LedgerRow, write_ledger
from emrassess.services.changes import Changes
from emrassess.services.ledger import check_own, resolved
from emrassess.services.session import Session
from emrassess.services.tasks import now
from emrassess.storage.changes import Change, finding_change, setting_change

_SAVE_AS = "请用 WPS 或 Excel 打开它，另存为“Excel 工作簿（*.xlsx）”，再导入另存出来的文件。"
_EXPORT_AGAIN = "请在“整改台账”页重新导出，把改动写进新导出的表，再导入。"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class LedgerImport:
    """What a workbook came to, or would come to. `same`: rows without news.

    `changed`, `new`: rows that were taken, in full or in part; `conflicts`, `refused`: cells or rows that were not.
    `missing`: ids that were exported and are not in the workbook any more; they stay in the ledger. `after`: the
    findings that change, by id, as they are then; `columns_change`: the columns stand in another order then. `changes`:
    the step that was written, None where nothing was to be written.
    """

    changed: tuple[RowChange, ...]
    new: tuple[RowChange, ...]
    same: int
    conflicts: tuple[CellConflict, ...]
    refused: tuple[Refusal, ...]
    missing: tuple[str, ...]
    after: Mapping[str, Finding] = field(compare=False)  # their history tells when they were looked at
    columns_change: bool
    changes: Changes | None = None


def export_ledger(session: Session, out: Path, ids: Iterable[str] | None = None) -> int:
    """Write the ledger, or only the findings `ids`, to `out` (XLSX); how many were written.

    UserError where there is nothing to write or an id is not there, StorageError where the disk does not take it.
    """
    content = _content(session, ids)
    if not content.rows:
        raise UserError("台账里还没有问题，没有导出", "请先导入专家的核查文件；台账里有了问题再导出。")
    write_ledger(content, out)
    return len(content.rows)


def import_ledger(session: Session, file: Path, dry_run: bool = False) -> LedgerImport:
    """Take what people changed in an exported workbook, all in one step; with `dry_run` only tell.

    See domain.ledger_edits for what is taken, and what is not and why. UserError where the workbook cannot be read, or
    is of another assessment or round, RefusedError where it is not to be trusted.
    """
    check_own(session)
    read = read_ledger(file.name, _content_of(file))
    _check_belongs(session, file.name, read)
    assessment, workspace = session.assessment, session.workspace
    found = edits(
        assessment.findings,
        read.table,
        session.pack.clause_by_id,
        session.user,
        workspace.now(),
        assessment.review_round,
    )
    changes = _changes(session, read, found)
    written = None
    if not dry_run and any(change.before != change.after for change in changes):
        written = session.write(f"导入台账 {file.name}：{_counted(found)}", changes)
    columns = changes[-1]
    return LedgerImport(
        found.changed, found.new, found.same, found.conflicts, found.refused, found.missing, found.after,
        columns.before != columns.after, written,
    )  # fmt: skip


# --- writing


def _content(session: Session, ids: Iterable[str] | None) -> LedgerContent:
    assessment, today = session.assessment, now(session)
    wanted = None if ids is None else frozenset(resolved(session, ids))
    findings = assessment.findings
    groups = {group.code: group.name for group in assessment.review_groups(session.pack)}
    rows: list[LedgerRow] = []
    for key in in_order(findings, today):
        if wanted is not None and key not in wanted:
            continue
        finding = findings[key]
        clause = session.pack.clause_by_id.get(finding.clause)
        pieces = [assessment.evidence[piece] for piece in finding.after if piece in assessment.evidence]
        rows.append(
            LedgerRow(
                key,
                finding,
                clause.text if clause else "",
                days_left(finding, today),
                tuple(piece.title or piece.current.file_name for piece in pieces),
                groups.get(finding.group, finding.group),
            )
        )
    more = dict.fromkeys(head for finding in findings.values() for head, _ in finding.more)
    departments = [department.name for department in assessment.departments.values()]
    return LedgerContent(
        assessment.hospital,
        assessment.id,
        assessment.review_round,
        session.workspace.now(),
        today,
        columns(assessment.ledger_columns, more),
        tuple(dict.fromkeys((*departments, *(finding.department for finding in findings.values())))),
        tuple(rows),
    )


# --- reading


def _content_of(file: Path) -> bytes:
    name = file.name
    try:
        if file.is_dir():
            raise UserError(f"{name} 是文件夹，不是文件", "请选择导出的台账（.xlsx）。")
        if file.stat().st_size > MAX_FILE:
            raise UserError(f"{name} 超过 {MAX_FILE // 1_000_000} MB，不像整改台账", _EXPORT_AGAIN)
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"无法读取文件 {name}：{why_unreadable(error)}",
            "请检查文件是否存在、能否打开；如果它正在 WPS 或 Excel 里打开着，请先关闭。",
        ) from None
    if content.startswith(_OLE):
        raise UserError(f"{name} 是旧版 .xls 文件，或者设了打开密码", _SAVE_AS)
    if not content.startswith(b"PK"):
        raise UserError(f"{name} 不是 Excel 工作簿（.xlsx）", _SAVE_AS)
    try:
        check_archive(name, content, "整改台账")
    except RefusedError as error:
        raise RefusedError(error.message, _EXPORT_AGAIN) from None
    return content


def _check_belongs(session: Session, name: str, read: ReadLedger) -> None:
    assessment = session.assessment
    if read.assessment != assessment.id:
        whose = f"“{read.hospital[:60]}”的另一份评价" if read.hospital else "另一份评价"
        raise UserError(f"{name} 是{whose}的台账，没有导入", "请打开导出它的那个评价，在那里导入。")
    if read.round != assessment.review_round:
        then, on = round_name(read.round), round_name(assessment.review_round)
        raise UserError(f"{name} 是{then}时导出的，现在已经是{on}，没有导入", _EXPORT_AGAIN)


def _changes(session: Session, read: ReadLedger, found: Edits) -> list[Change]:
    assessment = session.assessment
    changes = [finding_change(assessment, key, finding) for key, finding in found.after.items()]
    after = {**assessment.findings, **found.after}
    more = dict.fromkeys(head for finding in after.values() for head, _ in finding.more)
    kept = kept_columns(assessment.ledger_columns, read.table.heads, more)
    return [*changes, setting_change(assessment, "ledger_columns", kept)]


def _counted(found: Edits) -> str:
    counts = (("改动", len(found.changed)), ("新增", len(found.new)))
    return "，".join(f"{what} {number} 个" for what, number in counts if number) or "列的顺序"
