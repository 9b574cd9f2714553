"""The evidence package: made from a session, and verified when one comes back."""

import tempfile
from dataclasses import replace
from pathlib import Path

import emrassess
from emrassess.domain.assessment import Assessment
from emrassess.errors import UserError
from emrassess.exchange import package
from emrassess.exchange.names import safe_name
from emrassess.exchange.package import PackageInputs
from emrassess.exchange.score_file import score_json
from emrassess.exchange.verify import PackageSummary, Verification, extract, verify
from emrassess.reports import pdf, site
from emrassess.reports.content import gather
from emrassess.services.evidence import missing_files
from emrassess.services.session import Progress, Session


def create_package(session: Session, out: Path, progress: Progress | None = None) -> PackageSummary:
    """Write the evidence package `out` (a zip), with the page, the score and the PDF report in it, and read it back.

    UserError where a file of evidence is missing or damaged, StorageError where the disk refuses. After an error or a
    cancel (`progress` may raise `Cancelled`), what was at `out` before is still there.
    """
    _check_files(session)
    assessment = _linked(session.assessment)
    content = gather(session.pack, assessment, session.workspace.clock(), session.workspace.evidence_path)
    paths = package.evidence_paths(assessment)
    with tempfile.TemporaryDirectory(prefix="emrassess-", ignore_cleanup_errors=True) as scratch:
        report = Path(scratch) / "report.pdf"
        pdf.write_pdf(content, report, progress)
        inputs = PackageInputs(
            pack=session.pack,
            assessment=assessment,
            score=score_json(session.pack, session.score, session.groups),
            index_html=site.site_html(content, lambda piece, _clause: paths.get(piece.id)),
            evidence_path=session.workspace.evidence_path,
            packed_at=session.workspace.clock(),
            generator=f"emrassess {emrassess.__version__}",
            attachments={safe_name(f"{assessment.hospital} 差距报告.pdf"): report},
        )
        return package.create(inputs, out, progress)


def verify_package(path: Path, progress: Progress | None = None, bag_only: bool = False) -> Verification:
    """Verify an evidence package, or with `bag_only` any BagIt bag, folder or zip; see exchange.verify.verify."""
    return verify(path, bag_only, progress)


def extract_package(path: Path, target: Path, progress: Progress | None = None) -> PackageSummary:
    """Unpack an evidence package into the new folder `target`, verified first; see exchange.verify.extract."""
    return extract(path, target, progress)


def _linked(assessment: Assessment) -> Assessment:
    """The assessment without the pieces that prove no clause: they stay at home, and so do their names."""
    return replace(assessment, evidence={key: piece for key, piece in assessment.evidence.items() if piece.clauses})


def _check_files(session: Session) -> None:
    """Say at once, and of all pieces together, what would stop the package half-way."""
    missing = [piece for piece in missing_files(session) if piece.clauses]
    if missing:
        named = "；".join(f"{p.clauses[0]}“{p.title or p.current.file_name}”" for p in missing[:5])
        raise UserError(
            f"{len(missing)} 件实证材料的文件不在工作区里，或不完整：{named}",
            "请用“替换”重新添加这些文件，或取消它们与条款的关联，再导出材料包。",
        )
