"""Showing a stored file: reading a picture off the GUI thread, handing a copy to the system's program."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from emrassess import paths
from emrassess.domain.assessment import Revision
from emrassess.errors import UserError
from emrassess.services.media import media_type
from emrassess.services.previews import Preview, Shape, page_picture, preview

MOST_PIXELS = 60_000_000
LONGEST_SIDE = 6000


@dataclass(frozen=True)
class Shown:
    """A preview with its picture, if it is one; `page` counts from 0."""

    preview: Preview
    image: QImage | None = None
    page: int = 0
    note: str = ""


def load(file: Path, revision: Revision, page: int, width: int) -> Shown:
    """What to show of a stored file; for the background thread. A PDF's page is drawn `width` pixels wide."""
    found = preview(file, revision)
    if found.shape is Shape.PICTURE:
        image, note = _picture(file)
        return Shown(found, image, note=note)
    if found.shape is Shape.PAGES:
        page = min(max(page, 0), max(found.pages - 1, 0))
        drawn = page_picture(file, page, width)
        image = QImage.fromData(drawn) if drawn else None
        return Shown(found, image, page, found.note if image else "这一页画不出来，请用其他程序打开")
    return Shown(found, note=found.note)


def _picture(file: Path) -> tuple[QImage | None, str]:
    reader = QImageReader(str(file))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MOST_PIXELS and bytes(reader.format().data()) != b"jpeg":
        return None, f"图片有 {size.width()}×{size.height()} 像素，太大，不在这里显示，请用其他程序打开"
    note = ""
    if max(size.width(), size.height()) > LONGEST_SIDE:
        reader.setScaledSize(size.scaled(QSize(LONGEST_SIDE, LONGEST_SIDE), Qt.AspectRatioMode.KeepAspectRatio))
        note = f"图片有 {size.width()}×{size.height()} 像素，显示的是缩小的"
    image = reader.read()
    if image.isNull():
        return None, "图片读不出来，可能已损坏或太大"
    return image, note


def readable_copy(file: Path, revision: Revision) -> Path:
    """A copy of a stored file under its own name, for the system's program; for the background thread.

    UserError for a file that is no document: opening it might run it.
    """
    if media_type(revision.file_name, b"") == "application/octet-stream":
        raise UserError(f"“{revision.file_name}”不是常见的材料文件，没有打开它", "它可能是程序，打开就会运行。")
    if not file.exists():
        raise UserError(f"“{revision.file_name}”不在工作区的 evidence 文件夹里", "它可能被移走或误删，请重新添加。")
    folder = paths.user_dir() / "cache" / "opened" / revision.sha256[:16]
    copy = folder / revision.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not copy.exists() or copy.stat().st_size != revision.size:
            shutil.copyfile(file, copy)
    except OSError as error:
        raise UserError(f"“{revision.file_name}”打不开：{error.strerror}", "请看看磁盘空间和权限。") from error
    return copy
