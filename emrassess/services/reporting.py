"""The reports of an assessment as files."""

from pathlib import Path

from emrassess.reports import pdf, sheet, task_list
from emrassess.reports.content import ReportContent, gather
from emrassess.services import tasks
from emrassess.services.outgoing import check_masked
from emrassess.services.session import Progress, Session


def report_content(session: Session) -> ReportContent:
    """What reports say of the assessment as it is now."""
    return gather(session.pack, session.assessment, session.workspace.clock(), session.workspace.evidence_path)


def write_pdf(session: Session, out: Path, progress: Progress | None = None) -> int:
    """Write the PDF gap report to `out`, replacing it whole; the number of pages. StorageError where the disk refuses.

    UserError where it would show the original of a masked picture. `progress` may raise `Cancelled`; then `out` is as
    it was.
    """
    check_masked(session, session.assessment.evidence.keys(), "导出报告")
    return pdf.write_pdf(report_content(session), out, progress)


def write_xlsx(session: Session, out: Path, progress: Progress | None = None) -> None:
    """Write the tables to `out`, replacing it whole. StorageError where the disk refuses."""
    if progress:
        progress(0, 1, "正在生成表格")
    sheet.write_xlsx(report_content(session), out)
    if progress:
        progress(1, 1, "表格已写好")


def write_task_list(session: Session, out: Path, progress: Progress | None = None) -> None:
    """Write the departments' task list to `out`, replacing it whole. StorageError where the disk refuses."""
    if progress:
        progress(0, 1, "正在生成任务清单")
    today = tasks.now(session)
    left = len(tasks.unassigned(session))
    parts = tasks.progress(session, today)
    task_list.write_task_list(task_list.gather(session.pack, session.assessment, parts, left, today), out)
    if progress:
        progress(1, 1, "任务清单已写好")
