"""The reports of an assessment as files."""

import logging
from pathlib import Path

from emrassess.errors import StorageError, UserError
from emrassess.reports import contrast_sheet, pdf, sheet, task_list
from emrassess.reports.content import ReportContent, gather, hospital_named
from emrassess.reports.contrast import Contrast, ContrastReport, Side, gather_contrast
from emrassess.reports.review_content import ReviewContent, gather_review
from emrassess.services import snapshots, tasks
from emrassess.services.outgoing import check_masked
from emrassess.services.phrases import phrases
from emrassess.services.reviewing import find_group
from emrassess.services.session import Progress, Session
from emrassess.services.snapshots import SnapshotInfo

log = logging.getLogger(__name__)


def report_content(session: Session, since: int | None = None) -> ReportContent:
    """What reports say of the assessment as it is now, and what is other than in the snapshot `since`.

    Without `since` that is snapshots.last_other, if there is any. UserError where there is no such snapshot,
    StorageError where it is damaged.
    """
    contrast = _unasked(session) if since is None else _since(session, snapshots.info(session, since))
    clock, path = session.workspace.clock, session.workspace.evidence_path
    return gather(session.pack, session.assessment, clock(), path, contrast=contrast)


def write_pdf(session: Session, out: Path, progress: Progress | None = None, *, since: int | None = None) -> int:
    """Write the PDF gap report to `out`, replacing it whole; the number of pages. StorageError where the disk refuses.

    `since` and its errors as in `report_content`. UserError too where it would show the original of a masked picture.
    `progress` may raise `Cancelled`; then `out` is as it was.
    """
    check_masked(session, session.assessment.evidence.keys(), "导出报告")
    return pdf.write_pdf(report_content(session, since), out, progress)


def write_xlsx(session: Session, out: Path, progress: Progress | None = None, *, since: int | None = None) -> None:
    """Write the tables to `out`, replacing it whole. StorageError where the disk refuses; `since` as `write_pdf`."""
    if progress:
        progress(0, 1, "正在生成表格")
    sheet.write_xlsx(report_content(session, since), out)
    if progress:
        progress(1, 1, "表格已写好")


def write_comparison(session: Session, before: int, after: int, out: Path, progress: Progress | None = None) -> None:
    """Write what differs between two snapshots, 0 for the present, to `out`: a table where it ends in .xlsx, else PDF.

    Errors as `write_pdf`; what was at `out` is still there after one.
    """
    if progress:
        progress(0, 1, "正在比较")
    was, now = (_side(session, number) for number in (before, after))
    contrast = _contrast(session, was, now, f"从{was.name}到{now.name}")
    created = session.workspace.clock()
    report = ContrastReport(hospital_named(session.assessment), session.pack.standard, created, contrast)
    if out.suffix.lower() == ".xlsx":
        contrast_sheet.write_contrast_xlsx(report, out)
    else:
        pdf.write_contrast_pdf(report, out, progress)
    if progress:
        progress(1, 1, "已写好")


def _unasked(session: Session) -> Contrast | None:
    """What a report compares with of itself. A damaged snapshot keeps nobody from a report of the present."""
    try:
        found = snapshots.last_other(session)
        return _since(session, found) if found else None
    except StorageError as error:
        log.warning("the report compares with nothing: %s", error.message)
        return None


def _since(session: Session, info: SnapshotInfo) -> Contrast:
    newest = snapshots.listed(session)[-1].number
    title = "与上一次提交相比" if info.number == newest else f"与第 {info.number} 次提交相比"
    return _contrast(session, _side(session, info.number), _side(session, 0), title)


def _contrast(session: Session, before: Side, after: Side, title: str) -> Contrast:
    found = snapshots.compare(session, before.number, after.number)
    return gather_contrast(session.pack, found, before, after, title)


def _side(session: Session, number: int) -> Side:
    if not number:
        return Side(0, session.workspace.now())
    info = snapshots.info(session, number)
    return Side(number, info.at, info.who, info.label)


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


# --- the feedback of a review group


def review_content(session: Session, group: str) -> ReviewContent:
    """What the review group of that code or name feeds back.

    UserError where there is no such group, where nobody has written an opinion for it yet, or where a picture of its
    findings is the original of a masked one.
    """
    chosen = find_group(session, group)
    clock, path = session.workspace.clock, session.workspace.evidence_path
    known = [phrase.text for phrase in phrases()]
    content = gather_review(session.pack, session.assessment, chosen, clock(), path, known)
    if not content.recorded:
        raise UserError(
            f"{chosen.name}还没有核查意见，没有可以反馈的内容",
            "请先在“专家核查”里写意见，或导入专家的核查文件。",
        )
    check_masked(session, {piece.id for line in content.findings for piece in line.pieces}, "导出反馈")
    return content


def review_deck(session: Session, group: str, out: Path, progress: Progress | None = None) -> int:
    """Write a group's feedback as slides to `out`, replacing it whole; the number of slides.

    Errors as `review_content`, and StorageError where the disk refuses. `progress` may raise `Cancelled`; then `out` is
    as it was.
    """
    from emrassess.reports.deck import write_deck  # noqa: PLC0415 - its libraries take a while, and few reports need them

    return write_deck(review_content(session, group), out, progress)


def review_pdf(session: Session, group: str, out: Path, progress: Progress | None = None) -> int:
    """Write a group's feedback as a PDF to `out`; the number of pages. Otherwise as `review_deck`."""
    return pdf.write_review_pdf(review_content(session, group), out, progress)


def review_docx(session: Session, group: str, out: Path, progress: Progress | None = None) -> None:
    """Write a group's feedback as a Word document to `out`. Otherwise as `review_deck`."""
    from emrassess.reports.review_docx import write_review_docx  # noqa: PLC0415

    write_review_docx(review_content(session, group), out, progress)
