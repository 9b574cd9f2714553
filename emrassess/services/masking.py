"""Masking: boxes burnt into a copy of a picture, which replaces it everywhere outward.

The original stays in the workspace as an earlier revision. The copy is drawn anew from its pixels alone, so that
nothing else of the original's file is in it: no EXIF, no thumbnail, no comment, no colour profile.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePath
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageOps

from emrassess.domain.assessment import Assessment, Box, Evidence, Revision
from emrassess.errors import UserError
from emrassess.reports.thumbnails import MAX_PIXELS
from emrassess.services.changes import Changes
from emrassess.services.evidence import find_piece, quoted
from emrassess.services.media import shown_name
from emrassess.services.session import Progress, Session
from emrassess.storage.changes import evidence_change

log = logging.getLogger(__name__)

LONGEST_SHOWN = 5000  # pixels of the longer side that a screen is given: names can be read, memory lasts
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_AS_JPEG = ("JPEG", "MPO")  # MPO: a JPEG with more pictures behind the first, as telephones write it
_JPEG_QUALITY = 95
_STEPS = ("读取图片", "遮盖", "保存")


@dataclass(frozen=True)
class Upright:
    """A picture as boxes lie on it, turned as its EXIF says. `rgba`: 4 bytes a pixel, row by row.

    `note`: what the user should know before masking, "" where nothing.
    """

    width: int
    height: int
    rgba: bytes
    note: str


def mask(session: Session, evidence_id: str, boxes: Sequence[Box], progress: Progress | None = None) -> Changes:
    """Put a copy of the picture in force on which `boxes`, and nothing else, are black; one step.

    Each box is enlarged to whole pixels. Every piece that shows the same picture gets the copy, so that the original
    goes out by none. UserError where there is no box within the picture, or where the file is no picture, missing,
    damaged or too large.
    """
    kept = _within(boxes)
    if not kept:
        raise UserError("没有画出要遮盖的地方", "请在图片上拖出框，盖住姓名、病历号、电话等，再保存。")
    piece = find_piece(session, evidence_id)
    original = original_of(piece)
    with session.workspace.storing() as store:
        _tell(progress, 0)
        image, kind, _ = _opened(session.workspace.evidence_path(original.sha256), original)
        _tell(progress, 1)
        content = _burnt(image, kind, kept)
        _tell(progress, 2)
        stored = store(BytesIO(content), None)
        masked = Revision(
            stored.sha256,
            original.file_name if kind else shown_name(f"{PurePath(original.file_name).stem}.png"),
            stored.size,
            "image/jpeg" if kind in _AS_JPEG else "image/png",
            session.workspace.now(),
            session.user,
            original.sha256,
            kept,
        )
        return _put_in_force(session, f"遮盖{quoted(piece)}的 {len(kept)} 处", original, masked)


def unmask(session: Session, evidence_id: str) -> Changes:
    """Put the original of a masked picture in force again, wherever the copy is; one step.

    It goes outward again then: ask the user first. UserError where the picture is not masked.
    """
    piece = find_piece(session, evidence_id)
    original = original_of(piece)
    if original is piece.current:
        raise UserError(f"{quoted(piece)}没有遮盖，不用恢复", "它现在就是原图。")
    again = replace(original, added_at=session.workspace.now(), added_by=session.user)
    return _put_in_force(session, f"去掉{quoted(piece)}的遮盖，恢复原图", original, again)


def original_of(piece: Evidence) -> Revision:
    """The revision that the one in force was masked from; that one itself where it is not masked.

    UserError where the workspace has not got the original.
    """
    current = piece.current
    if not current.masked_from:
        return current
    for revision in reversed(piece.revisions):
        if revision.sha256 == current.masked_from:
            return revision
    raise UserError(f"{quoted(piece)}的原图不在这个工作区里", "请向遮盖它的人要原图，用“替换文件”放进来再遮盖。")


def exposed(assessment: Assessment) -> list[Evidence]:
    """Pieces that would send the original of another, masked piece outward."""
    originals = {piece.current.masked_from for piece in assessment.evidence.values()}
    return [piece for piece in assessment.evidence.values() if piece.current.sha256 in originals]


def upright(file: Path, revision: Revision) -> Upright:
    """The picture of `revision`, stored at `file`, to draw boxes on; UserError as of `mask`.

    Reduced to `LONGEST_SHOWN` where it is larger.
    """
    image, _, frames = _opened(file, revision)
    image.thumbnail((LONGEST_SHOWN, LONGEST_SHOWN))
    note = f"文件里有 {frames} 页（帧），遮盖后的副本只有第一页（帧）。" if frames > 1 else ""
    return Upright(image.width, image.height, image.convert("RGBA").tobytes(), note)


# --- helpers


def _put_in_force(session: Session, label: str, original: Revision, revision: Revision) -> Changes:
    """`revision` in force for every piece that shows the picture `original`."""
    changes = []
    for piece in session.assessment.evidence.values():
        current = piece.current
        if original.sha256 in (current.sha256, current.masked_from) and current.sha256 != revision.sha256:
            shown = replace(piece, revisions=(*piece.revisions, revision))
            changes.append(evidence_change(session.assessment, piece.id, shown))
    if len(changes) > 1:
        label += f"（{len(changes)} 件用的是同一张图片）"
    return session.write(label, changes)


def _within(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The boxes cut to the picture; those without a place in it are left out."""
    kept = []
    for box in boxes:
        edges = (box.x, box.y, box.x + box.w, box.y + box.h)
        if not all(map(math.isfinite, edges)):
            continue
        left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in edges)
        if right > left and bottom > top:
            kept.append(Box(left, top, right - left, bottom - top))
    return tuple(kept)


class _Opened(NamedTuple):
    """The first picture of a file, upright and with its pixels only; its format, "" unless PNG or JPEG; how many
    pictures there are.
    """

    image: Image.Image
    kind: str
    frames: int


def _opened(file: Path, revision: Revision) -> _Opened:
    """UserError where it is none that can be masked."""
    name = f"“{revision.file_name}”"
    if not file.exists():
        raise UserError(f"{name}不在工作区的 evidence 文件夹里", "它可能被移走或误删，请用“替换文件”重新添加。")
    try:
        with Image.open(file, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            kind = image.format or ""
            # The further pictures of an MPO are smaller ones of the same.
            frames = 1 if kind in _AS_JPEG else getattr(image, "n_frames", 1)
            image.seek(0)
            found = _bare(ImageOps.exif_transpose(_plain(image)))
            return _Opened(found, kind if kind in ("PNG", *_AS_JPEG) else "", frames)
    except Image.DecompressionBombError:
        raise UserError(
            f"{name}像素太多（超过 {MAX_PIXELS // 1_000_000} 百万），不能在这里遮盖",
            "请用其他程序裁剪或缩小并遮盖，再用“替换文件”放进来。",
        ) from None
    except MemoryError:
        raise
    except Exception as error:
        # Decoders raise almost anything on a damaged file.
        log.info("no picture in %s: %s", file.name[:12], type(error).__name__)
        raise UserError(f"{name}不是能遮盖的图片，或已损坏", "能遮盖 PNG、JPEG、BMP、GIF、WebP、TIFF 图片。") from None


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that PNG holds and a box can be drawn on: L, RGB or RGBA."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("1", "L", "F"):
        return image.convert("L")
    return image.convert("RGB")


def _bare(image: Image.Image) -> Image.Image:
    """The pixels without anything else that a file says about them."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _burnt(image: Image.Image, kind: str, boxes: Sequence[Box]) -> bytes:
    """The picture as a file, with `boxes` in opaque black; `kind` as of `_opened`. It draws on `image` itself."""
    wide, high = image.size
    black = {"L": 0, "RGB": (0, 0, 0), "RGBA": (0, 0, 0, 255)}[image.mode]
    draw = ImageDraw.Draw(image)
    for box in boxes:
        left, top = math.floor(box.x * wide), math.floor(box.y * high)
        right, bottom = math.ceil((box.x + box.w) * wide), math.ceil((box.y + box.h) * high)
        draw.rectangle((left, top, max(right, left + 1) - 1, max(bottom, top + 1) - 1), fill=black)
    out = BytesIO()
    if kind in _AS_JPEG:
        # Colours at full size: text beside a box stays sharp.
        image.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    else:
        image.save(out, "PNG")
    return out.getvalue()


def _tell(progress: Progress | None, step: int) -> None:
    if progress:
        progress(step, len(_STEPS), _STEPS[step])
