"""What people paste, drop or pick, taken in as evidence: pictures, files, text; and what has to be said first."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from emrassess.domain.assessment import EvidenceKind
from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.media import media_type

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.session import Progress, Session

log = logging.getLogger(__name__)

LARGE = 1 << 30  # bytes: from here on people are asked before a copy is made
COMMON = "png jpg jpeg bmp gif webp tif tiff pdf doc docx xls xlsx csv txt ofd wps et ppt pptx"
PICKED = f"常见材料 ({' '.join(f'*.{suffix}' for suffix in COMMON.split())});;所有文件 (*)"


@dataclass(frozen=True)
class Pasted:
    """Something from the clipboard: a picture or a text, with the moment it was pasted."""

    content: QImage | str
    at: datetime

    def piece(self) -> NewEvidence:
        """As evidence; run on the worker thread, for packing a large picture takes a while."""
        stamp = self.at.strftime("%H%M%S")
        if isinstance(self.content, str):
            name = f"说明 {self.at:%Y-%m-%d} {stamp}.txt"
            first = next((line.strip() for line in self.content.splitlines() if line.strip()), "说明")
            data = self.content.encode("utf-8", "replace")
            return NewEvidence(data, name, title=first[:40], kind=EvidenceKind.NARRATIVE)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if not QImageWriter(buffer, b"png").write(self.content):
            raise UserError("剪贴板里的图片读不出来", "请重新截图，或先存成文件再拖进来。")
        title = f"截图 {self.at:%Y-%m-%d %H:%M.%S}"
        name = f"截图 {self.at:%Y-%m-%d} {stamp}.png"
        return NewEvidence(
            bytes(buffer.data().data()), name, title, EvidenceKind.SCREENSHOT, captured_at=f"{self.at:%Y-%m-%d %H:%M}"
        )


Piece = Pasted | Path


def copied(mime: QMimeData) -> QMimeData:
    """What a drop holds, kept beyond the drop."""
    kept = QMimeData()
    if mime.hasUrls():
        kept.setUrls(mime.urls())
    if mime.hasImage():
        kept.setImageData(mime.imageData())
    if mime.hasText():
        kept.setText(mime.text())
    return kept


def pieces_of(mime: QMimeData | None) -> list[Piece]:
    """What a paste or drop holds: files, else a picture, else text that is not blank; None is an empty clipboard."""
    if mime is None:
        return []
    if mime.hasUrls():
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if files:
            return list(files)
    now = datetime.now().astimezone()
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return [Pasted(image, now)]
    if mime.hasText() and mime.text().strip():
        return [Pasted(mime.text(), now)]
    return []


def checked(parent: QWidget, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that can be taken: folders and unreadable files are said, large ones asked for, odd ones told."""
    taken: list[Piece] = []
    refused: list[str] = []
    large: list[Path] = []
    told: list[str] = []
    for piece in pieces:
        if isinstance(piece, Pasted):
            taken.append(piece)
            continue
        try:
            reason, size = _refusal(piece), piece.stat().st_size
        except (OSError, ValueError) as error:
            log.info("not taken: %s", error)
            reason, size = "找不到，或没有读取权限", 0
        if reason:
            refused.append(f"{piece.name or piece}：{reason}")
        else:
            (large if size >= LARGE else taken).append(piece)
            if remark := _remark(piece, size):
                told.append(f"{piece.name}：{remark}")
    if large and _wants_large(parent, large):
        taken += large
    if refused:
        dialogs.warn(parent, "没有全部添加", "这些没有添加：", "\n".join(refused[:10]))
    if told:
        dialogs.inform(parent, "请留意", "已照样添加，不过：", "\n".join(told[:10]))
    return taken


def _refusal(path: Path) -> str:
    if path.is_dir():
        return "这是文件夹，请打开它选里面的文件"
    if not path.exists():
        return "文件不在了"
    if not path.is_file():
        return "不是普通文件"
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return "打不开，可能没有读取权限或正被别的程序占用"
    return ""


def _remark(path: Path, size: int) -> str:
    if size == 0:
        return "文件是空的，专家看不到内容"
    if media_type(path.name, b"") == "application/octet-stream":
        return "这种文件不能在程序里预览，专家也可能打不开"
    return ""


def _wants_large(parent: QWidget, large: Sequence[Path]) -> bool:
    names = "\n".join(f"{path.name}（{path.stat().st_size / LARGE:.1f} GB）" for path in large[:5])
    text = "文件超过 1 GB，会复制进工作区，实证材料包也会变大。"
    return dialogs.ask(parent, "文件很大", text, names, yes="仍然添加", no="不添加")


def add_pieces(
    session: "Session", pieces: Sequence[Piece], clauses: Sequence[str], progress: "Progress | None" = None
) -> "Changes":
    """Add what was pasted, dropped or picked to `clauses`, as one step; run on the worker thread."""
    return add_evidence(session, as_evidence(pieces), clauses, progress)


def as_evidence(pieces: Iterable[Piece]) -> list[NewEvidence]:
    """What was pasted, dropped or picked as services take it; run on the worker thread."""
    return [piece.piece() if isinstance(piece, Pasted) else _from_file(piece) for piece in pieces]


def _from_file(path: Path) -> NewEvidence:
    """A file, titled by its name; what it is is guessed from its first bytes later."""
    return NewEvidence(path, path.name, title=path.stem)
