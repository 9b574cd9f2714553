"""The packs at hand: those that come with the program, and those the user brought in.

To check and type some 350 KB of YAML takes a quarter of a second, a quarter of what the window may take to start. A
loaded pack is therefore kept in the user's own folder, under a name made of its files' contents and of what the program
makes of them: anything that changes makes another name.
"""

import hashlib
import logging
import os
import pickle
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emrassess import __version__, paths
from emrassess.atomic import new_folder, write_error
from emrassess.domain import pack as shape
from emrassess.domain import schemes
from emrassess.domain.editions import version_order
from emrassess.domain.pack import Pack
from emrassess.errors import FileProblems, Problem, UserError, why_unreadable
from emrassess.packs import PACK_FILE

log = logging.getLogger(__name__)

KEPT = 8  # as many loaded packs are kept
_HEAD = 8192
_VALUE = r"""[ ]*(?:"([^"\\\n]+)"|'([^'\n]+)'|([^\s"'\[{>|&*!%@`#][^#\n]*?))[ ]*(?:[ ]#[^\n]*)?\r?$"""


@dataclass(frozen=True, slots=True)
class PackRef:
    """A pack that is there: `folder` holds its files; `shipped`: it comes with the program."""

    id: str
    version: str
    name: str
    folder: Path
    shipped: bool


def known_packs() -> tuple[PackRef, ...]:
    """All packs at hand: shipped ones first, then the user's own, by id and version.

    Only the head of each pack.yaml is looked at. A pack of the user's that is broken is left out and logged, and so is
    one that comes with the program by now.
    """
    shipped = _refs(paths.criteria_dir(), shipped=True)
    taken = {(ref.id, ref.version) for ref in shipped}
    own = [ref for ref in _refs(_own_dir(), shipped=False) if (ref.id, ref.version) not in taken]
    return (*shipped, *own)


def find_known(pack_id: str, version: str | None = None) -> PackRef:
    """The pack of that id and version; without a version the shipped one, else the newest of the user's.

    UserError naming what is there where it is not.
    """
    known = known_packs()
    found = [ref for ref in known if ref.id == pack_id and version in (None, ref.version)]
    if not found:
        there = "、".join(f"{ref.id} {ref.version}" for ref in known)
        wanted = f"{pack_id} {version}" if version else pack_id
        raise UserError(f"没有评价标准包“{wanted}”", f"可用的标准包：{there}。")
    return max(found, key=lambda ref: (ref.shipped, version_order(ref.version)))


def load_known(pack_id: str, version: str | None = None) -> Pack:
    """The pack that `find_known` finds, loaded; FileProblems where it is malformed."""
    return load(find_known(pack_id, version))


def load(ref: PackRef) -> Pack:
    """The pack itself; UserError or FileProblems where its files are not what they should be."""
    return load_files(pack_files(ref.folder))


def pack_files(folder: Path) -> dict[str, bytes]:
    """The files that make the pack in `folder`, by name. UserError where it has no pack.yaml or is not readable."""
    try:
        names = sorted(file.name for file in folder.iterdir() if PACK_FILE.fullmatch(file.name))
        if "pack.yaml" not in names:
            raise UserError(f"{folder} 不是评价标准包：里面没有 pack.yaml", "请选择装有 pack.yaml 的那个文件夹。")
        return {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise UserError(
            f"无法读取标准包 {folder}：{why_unreadable(error)}", "请检查文件夹是否存在、能否打开。"
        ) from None


def load_files(files: Mapping[str, bytes]) -> Pack:
    """The pack that `files` (name to content) make, as a workspace carries them.

    FileProblems names every fault of every file; UserError for a name that is no file of a pack.
    """
    kept = paths.user_dir() / "cache" / f"pack-{_key(files)}.pickle"
    pack = _kept(kept)
    if pack is None:
        pack = _load(files)
        _keep(kept, pack)
    return pack


def install(source: Path | Mapping[str, bytes], *, replace: bool = False) -> PackRef:
    """Take a pack, a folder or its files, into the user's own, once it loads without a fault.

    The same pack again changes nothing. UserError where one of that id and version comes with the program, or, without
    `replace`, is there with other content; FileProblems as for `load_files`; StorageError where the disk fails.
    """
    files = pack_files(source) if isinstance(source, Path) else dict(source)
    pack = load_files(files)
    there = next((ref for ref in known_packs() if (ref.id, ref.version) == (pack.id, pack.version)), None)
    if there and there.shipped:
        raise UserError(
            f"标准包“{pack.id}”{pack.version} 版是随程序提供的，不能另装一份", "请给它另起一个标识，或者换一个版本号。"
        )
    if there and pack_files(there.folder) == files:
        return there
    if there and not replace:
        raise UserError(
            f"已有标准包“{pack.id}”{pack.version} 版，内容与这一份不同",
            "请换一个版本号；确实要换掉原来的，请选择替换。",
        )
    folder = there.folder if there else _own_dir() / f"{pack.id}-{pack.version}"
    _write(folder, files)
    return PackRef(pack.id, pack.version, pack.name, folder, shipped=False)


def remove(ref: PackRef) -> None:
    """Delete one of the user's own packs; workspaces carry theirs and are not touched.

    UserError for one that is not the user's own, StorageError where the disk does not let go of it.
    """
    if ref.shipped or ref.folder.parent != _own_dir():
        raise UserError(f"标准包“{ref.id}”{ref.version} 版不是自己装入的，不能删除")
    with suppress(FileNotFoundError):
        _delete(_set_aside(ref.folder))


def _own_dir() -> Path:
    return paths.user_dir() / "criteria"


def _refs(parent: Path, shipped: bool) -> list[PackRef]:
    found: list[PackRef] = []
    for file in sorted(parent.glob("*/pack.yaml")):
        if file.parent.name.startswith("."):
            continue
        try:
            found.append(PackRef(*_peek(file), file.parent, shipped))
        except (OSError, UserError) as error:
            log.warning("pack left out: %s", error)
    return sorted(found, key=lambda ref: (ref.id, version_order(ref.version)))


def _peek(file: Path) -> tuple[str, str, str]:
    """Id, version and name of a pack.yaml, mostly without reading it as YAML."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD).decode("utf-8-sig", errors="replace")
    values = [re.search(rf"^{key}:{_VALUE}", head, re.MULTILINE) for key in ("id", "version", "name")]
    found = [next(filter(None, value.groups())).strip() for value in values if value]
    if len(found) < 3:  # written in another way
        from emrassess.packs import files  # noqa: PLC0415 - pydantic and YAML, seldom needed here
        from emrassess.typed_yaml import read_marked, validate  # noqa: PLC0415

        pack = validate(read_marked(file), files.PackFile)
        found = [pack.id, pack.version, pack.name]
    return found[0], found[1], found[2]


def _load(files: Mapping[str, bytes]) -> Pack:
    from emrassess.packs.loading import load_pack  # noqa: PLC0415 - pydantic and YAML, not needed where it is kept

    if strange := [name for name in files if not PACK_FILE.fullmatch(name)]:
        raise UserError(f"标准包里有不认识的文件“{strange[0]}”", "请重新取一份完整的标准包。")
    with tempfile.TemporaryDirectory(prefix="emrassess-") as name:
        folder = Path(name)
        try:
            for file, content in files.items():
                (folder / file).write_bytes(content)
        except OSError as error:
            raise write_error(folder, error) from error
        try:
            return load_pack(folder)
        except FileProblems as error:
            raise FileProblems([_without(folder, problem) for problem in error.problems], error.hint) from None


def _without(folder: Path, problem: Problem) -> Problem:
    """The problem by the file's own name: where it lay for the moment tells nobody anything."""

    def bare(text: str) -> str:
        return text.replace(f"{folder}{os.sep}", "").replace(str(folder), "pack.yaml")

    return Problem(bare(problem.file), problem.line, bare(problem.message))


def _key(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(f"{__version__} {sys.version}".encode())
    sources = [Path(shape.__file__), *sorted(Path(schemes.__file__).parent.glob("*.py"))]
    for name, content in [*((s.name, s.read_bytes()) for s in sources if s.exists()), *sorted(files.items())]:
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:32]


def _kept(file: Path) -> Pack | None:
    """The pack kept in `file`, of the user's own folder: nothing that came from elsewhere is ever unpickled."""
    try:
        with file.open("rb") as stream:
            pack = pickle.load(stream)
        os.utime(file)
    except FileNotFoundError:
        return None
    except Exception:  # whatever a damaged file makes pickle raise, the pack itself is at hand
        log.warning("kept pack not readable, loading anew")
        return None
    return pack if isinstance(pack, Pack) else None


def _keep(file: Path, pack: Pack) -> None:
    fresh = file.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(pickle.dumps(pack))
        fresh.replace(file)
        by_use = sorted(file.parent.glob("pack-*.pickle"), key=lambda old: old.stat().st_mtime)
        for old in by_use[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """`files` as `folder`, in place of what is there; if that fails, what was there is there again."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    aside = _set_aside(folder) if folder.exists() else None
    try:
        with new_folder(folder) as fresh:
            for name, content in files.items():
                (fresh / name).write_bytes(content)
    except BaseException:
        if aside:
            with suppress(OSError):
                aside.rename(folder)
        raise
    if aside:
        _delete(aside)


def _set_aside(folder: Path) -> Path:
    """Give `folder` a name that `known_packs` passes over, in one step."""
    aside = folder.with_name(f".{folder.name[:40]}.{secrets.token_hex(4)}.old")
    try:
        folder.rename(aside)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise write_error(folder, error) from error
    return aside


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        log.warning("left behind: %s", error)
