"""The evidence package: made from a session, and verified when one comes back."""

import tempfile
from dataclasses import replace
from pathlib import Path

import emrassess
from emrassess.atomic import replacing
from emrassess.domain.assessment import Assessment
from emrassess.exchange import package
from emrassess.exchange.names import safe_name
from emrassess.exchange.package import PackageInputs
from emrassess.exchange.score_file import score_json
from emrassess.exchange.sealing import checked_passphrase
from emrassess.exchange.verify import PackageSummary, Verification, extract, verify
from emrassess.reports import pdf, site
from emrassess.reports.content import ReportContent, gather
from emrassess.services.checks import check_hospitals
from emrassess.services.outgoing import check_outgoing
from emrassess.services.session import Progress, Session
from emrassess.services.trust import identity


def create_package(
    session: Session,
    out: Path,
    progress: Progress | None = None,
    *,
    with_wording: bool = False,
    passphrase: str | None = None,
    sign: bool = True,
) -> PackageSummary:
    """Write the evidence package `out` (a zip), with the page, the score and the PDF report in it, and read it back.

    The official wording stays at home unless `with_wording`. The pack goes along, so that any receiver can read it.
    It is signed in the name of the session's user and hospital (see trust.identity) unless `sign` is off, and sealed
    where there is a `passphrase`; names and sizes of the files stay visible then.

    UserError in an expert's workspace, where a file of evidence is missing, damaged or the original of a masked one,
    the passphrase is too weak or the key cannot be read, StorageError where the disk refuses. After an error or a
    cancel (`progress` may raise `Cancelled`), what was at `out` before is still there.
    """
    check_hospitals(session.assessment, "不能再导出材料包")
    if passphrase is not None:
        checked_passphrase(passphrase)
    linked = [piece.id for piece in session.assessment.evidence.values() if piece.clauses]
    check_outgoing(session, linked, "导出材料包")
    assessment = _outgoing(session.assessment, with_wording)
    signer = identity(session.user, assessment.hospital) if sign else None
    now = session.workspace.clock()
    with tempfile.TemporaryDirectory(prefix="emrassess-", ignore_cleanup_errors=True) as scratch:
        page, report = Path(scratch) / "index.html", Path(scratch) / "report.pdf"
        content = gather(session.pack, assessment, now, session.workspace.evidence_path, with_wording=with_wording)
        _write_page(content, assessment, page)
        pdf.write_pdf(content, report, progress)
        del content  # thousands of pieces take their memory, and the package wants some of its own
        inputs = PackageInputs(
            pack=session.pack,
            assessment=assessment,
            score=score_json(session.pack, session.score, session.groups),
            index_html=page,
            evidence_path=session.workspace.evidence_path,
            packed_at=now,
            generator=f"emrassess {emrassess.__version__}",
            attachments={safe_name(f"{assessment.hospital} 差距报告.pdf"): report},
            pack_files=session.workspace.pack_files(),
        )
        return package.create(inputs, out, progress, signer=signer, passphrase=passphrase)


def verify_package(
    path: Path, progress: Progress | None = None, bag_only: bool = False, passphrase: str | None = None
) -> Verification:
    """Verify an evidence package, or with `bag_only` any BagIt bag, folder or zip; see exchange.verify.verify.

    What is known of whoever signed it, trust.judge tells of its `signature`.
    """
    return verify(path, bag_only, progress, passphrase=passphrase)


def extract_package(
    path: Path, target: Path, progress: Progress | None = None, passphrase: str | None = None
) -> PackageSummary:
    """Unpack an evidence package into the new folder `target`, verified first; see exchange.verify.extract."""
    return extract(path, target, progress, passphrase=passphrase)


def _write_page(content: ReportContent, assessment: Assessment, page: Path) -> None:
    paths = package.evidence_paths(assessment)
    with replacing(page) as file:
        for part in site.site_html(content, lambda piece, _clause: paths.get(piece.id)):
            file.write(part.encode("utf-8", "replace"))


def _outgoing(assessment: Assessment, with_wording: bool) -> Assessment:
    """The assessment without what stays at home: pieces that prove no clause, with their names, and unless
    `with_wording` the official wording."""
    linked = {key: piece for key, piece in assessment.evidence.items() if piece.clauses}
    wording = assessment.wording if with_wording else {}
    return replace(assessment, evidence=linked, wording=wording, official=None, rechecks={})
