"""The packs that come with the program, loaded once and remembered.

To check and type some 350 KB of YAML takes a quarter of a second, a quarter of what the window may take to start. The
loaded pack is therefore kept in the user's own folder, under a name made of the digest of the pack's files and of the
program's version: anything that changes makes another name.
"""

import hashlib
import logging
import pickle
import sys
from contextlib import suppress
from pathlib import Path

from emrassess import __version__, paths
from emrassess.domain.pack import Pack
from emrassess.errors import UserError

log = logging.getLogger(__name__)


def shipped_packs() -> tuple[str, ...]:
    """Ids of the packs that come with the program."""
    return tuple(sorted(p.parent.name for p in paths.criteria_dir().glob("*/pack.yaml")))


def load_shipped(pack_id: str) -> Pack:
    """The shipped pack of that id; UserError where there is none, FileProblems where it is malformed."""
    if pack_id not in shipped_packs():
        raise UserError(f"没有评价标准包“{pack_id}”", f"可用的标准包：{'、'.join(shipped_packs())}。")
    folder = paths.criteria_dir() / pack_id
    kept = _kept_file(folder)
    pack = _kept(kept)
    if pack is None:
        from emrassess.packs.loading import load_pack  # noqa: PLC0415 - pydantic and YAML, not needed where it is kept

        pack = load_pack(folder)
        _keep(kept, pack)
    return pack


def _kept_file(folder: Path) -> Path:
    digest = hashlib.sha256(f"{__version__} {sys.version}".encode())
    shape = Path(sys.modules[Pack.__module__].__file__ or "")
    for file in (shape, *sorted(folder.glob("*.yaml"))):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return paths.user_dir() / "cache" / f"pack-{folder.name}-{digest.hexdigest()[:32]}.pickle"


def _kept(file: Path) -> Pack | None:
    try:
        with file.open("rb") as stream:
            pack = pickle.load(stream)
    except FileNotFoundError:
        return None
    except Exception:  # whatever a damaged file makes pickle raise, the pack itself is at hand
        log.warning("kept pack not readable, loading anew")
        return None
    return pack if isinstance(pack, Pack) else None


def _keep(file: Path, pack: Pack) -> None:
    fresh = file.with_suffix(f".{id(pack)}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob(f"pack-{pack.id}-*.pickle"):
            old.unlink(missing_ok=True)
        fresh.write_bytes(pickle.dumps(pack))
        fresh.replace(file)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
