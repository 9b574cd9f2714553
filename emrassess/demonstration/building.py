"""Makes the demonstration hospital's workspace, the same each time: answers, then evidence, then the experts' visit, by
a clock of its own."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from emrassess.atomic import new_folder
from emrassess.demonstration.answering import answer_all
from emrassess.demonstration.clock import Clock
from emrassess.demonstration.data import load
from emrassess.demonstration.evidence import pieces
from emrassess.demonstration.reviews import visit
from emrassess.errors import UserError
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.packages import create_package
from emrassess.services.session import Progress, Session, close, create_workspace

# By this a workspace is known to have been made here, whatever a person has changed in it since.
IDENTITY = "emrassess-demonstration-hospital"

_START = datetime(2026, 11, 16, 8, 30)


def build_demonstration(folder: Path, progress: Progress | None = None, package: Path | None = None) -> None:
    """Make the demonstration hospital's workspace in `folder`, new or empty; nothing stays behind after an error.

    `package`: also write its evidence package there as it was before the experts came, signed. `progress` counts pieces
    of evidence and may raise Cancelled. UserError where `folder` holds something, StorageError where the disk does not
    take it.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(entry.name[0] != "." for entry in folder.iterdir())):
        raise UserError(f"{folder} 里已有别的内容，没有改动它", "示例医院要放在一个新的或空的文件夹里，请换一个位置。")
    data, clock = load(), Clock(_START)
    with new_folder(folder) as building, TemporaryDirectory(prefix="emrassess-demo-") as aside:
        session = create_workspace(
            building,
            data.hospital.hospital,
            data.hospital.target,
            data.hospital.user,
            clock=clock,
            assessment_id=IDENTITY,
        )
        try:
            _fill(session, progress or _silent)
            made = package or Path(aside) / "package.zip"
            create_package(session, made, progress, sign=package is not None)
            visit(session, made, data, clock, progress or _silent)
        finally:
            close(session)


def _fill(session: Session, progress: Progress) -> None:
    data = load()
    total = len(data.pictures) + sum(
        len(group)
        for group in (data.documents.shares, data.documents.texts, data.documents.sheets, data.documents.papers)
    )
    progress(0, total, "填写示例医院的自评")
    answer_all(session, data.hospital)
    for number, piece in enumerate(pieces(data, session.pack), 1):
        new = NewEvidence(
            piece.content, piece.file_name, piece.title, piece.kind, piece.source_system, piece.captured_at
        )
        add_evidence(session, [new], piece.clauses)
        progress(number, total, "绘制并收入示例材料")


def _silent(_done: int, _total: int, _what: str) -> None:
    """Nobody watches."""
