"""What a file or folder is that somebody dropped, double-clicked or named: what it calls itself, nothing trusted."""

from collections.abc import Collection
from enum import Enum
from pathlib import Path

from emrassess.errors import UserError

DATABASE = "workspace.sqlite3"
_ZIP_START = b"PK"
_PACKAGE = "data/assessment.json"


class FileKind(Enum):
    """What can be opened. PACKAGE also for a zip too damaged to tell: verifying it says what is wrong."""

    WORKSPACE = "workspace"
    PACKET = "packet"
    PACKAGE = "package"
    UNKNOWN = "unknown"


def kind_of(path: Path) -> FileKind:
    """What `path` is; UserError where it is not there or cannot be read. For the background thread."""
    try:
        if path.is_dir():
            if (path / DATABASE).is_file():
                return FileKind.WORKSPACE
            return _by_names({name for name in (*_packets(), _PACKAGE) if (path / name).is_file()})
        if path.name == DATABASE:
            return FileKind.WORKSPACE
        with path.open("rb") as source:
            zipped = source.read(len(_ZIP_START)) == _ZIP_START
    except FileNotFoundError:
        raise UserError(f"找不到 {path}", "它可能被移走、改名，或者 U 盘没有插好。") from None
    except OSError as error:
        raise UserError(f"{path} 打不开：{error.strerror}", "请看看有没有权限读它。") from error
    return _of_zip(path) if zipped or path.suffix.lower() == ".zip" else FileKind.UNKNOWN


def _of_zip(path: Path) -> FileKind:
    from emrassess.exchange.tree import DEFAULT_LIMITS  # noqa: PLC0415 - not needed at start
    from emrassess.exchange.zip_directory import read_directory  # noqa: PLC0415

    try:
        with path.open("rb") as source:
            entries = read_directory(source, DEFAULT_LIMITS)
    except (OSError, UserError):
        return FileKind.PACKAGE
    return _by_names({entry.name.partition("/")[2] for entry in entries})


def _packets() -> list[str]:
    from emrassess.exchange.packet_format import PacketKind  # noqa: PLC0415 - not needed at start

    return [f"data/{kind.document}" for kind in PacketKind]


def _by_names(names: Collection[str]) -> FileKind:
    if any(name in names for name in _packets()):
        return FileKind.PACKET
    return FileKind.PACKAGE if _PACKAGE in names else FileKind.UNKNOWN
