"""What kind of file a piece of evidence is: by its first bytes where they tell, else by its name."""

import re
from pathlib import Path, PurePosixPath

from emrassess.domain.assessment import EvidenceKind
from emrassess.services.checks import clean_line

# Written out rather than asked of the system: Windows keeps its own list, and it differs from desktop to desktop.
_BY_SUFFIX = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".pdf": "application/pdf",
    ".ofd": "application/ofd",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".wps": "application/vnd.ms-works",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".et": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".log": "text/plain",
    ".sql": "text/plain",
    ".xml": "text/xml",
    ".json": "application/json",
    ".html": "text/html",
    ".htm": "text/html",
    ".zip": "application/zip",
    ".mp4": "video/mp4",
    ".avi": "video/x-msvideo",
    ".wmv": "video/x-ms-wmv",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
}
_BY_START = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_STATISTICS = {".csv", ".tsv", ".xls", ".xlsx", ".et"}
_TEXTS = {"text/plain", "text/markdown"}
START_BYTES = 16
LONGEST_NAME = 150


def media_type(file_name: str, start: bytes) -> str:
    """Media type by the first bytes of the content (`START_BYTES` are enough) and the name."""
    for magic, kind in _BY_START:
        if start.startswith(magic):
            return kind
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "image/webp"
    return _BY_SUFFIX.get(PurePosixPath(file_name).suffix.lower(), "application/octet-stream")


def is_picture(file: Path) -> bool:
    """Whether a file that is here begins as a picture does, whatever its name says."""
    with file.open("rb") as stream:
        start = stream.read(START_BYTES)
    return media_type("", start).startswith("image/") or start.startswith(b"BM")


def kind_of(media: str, file_name: str) -> EvidenceKind:
    """The likeliest kind of evidence for such a file; the user may say otherwise."""
    if media.startswith("image/"):
        return EvidenceKind.SCREENSHOT
    if media.startswith("video/"):
        return EvidenceKind.DEMONSTRATION
    if PurePosixPath(file_name).suffix.lower() in _STATISTICS:
        return EvidenceKind.STATISTIC
    return EvidenceKind.NARRATIVE if media in _TEXTS else EvidenceKind.DOCUMENT


def shown_name(file_name: str) -> str:
    """The name to keep: without folders and what no file name may hold, at most `LONGEST_NAME` characters."""
    base = re.split(r"[\\/]", file_name.rstrip("\\/"))[-1]
    base = clean_line("".join(" " if c in '<>:"|?*' or not c.isprintable() else c for c in clean_line(base)))
    if len(base) > LONGEST_NAME:
        suffix = PurePosixPath(base).suffix[:12]
        base = base[: LONGEST_NAME - len(suffix)].rstrip() + suffix
    return base if base.strip(". ") else "未命名"
