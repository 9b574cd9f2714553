"""How packs come to hand (from a folder, a table, the annual quality table), and which a workspace may go over to."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from emrassess.atomic import write_error
from emrassess.domain.editions import version_order
from emrassess.domain.pack import Pack
from emrassess.errors import UserError
from emrassess.packs import library
from emrassess.packs.completeness import Lack, missing
from emrassess.packs.library import PackRef, find_known, known_packs, load_files, pack_files
from emrassess.packs.official import (
    AnnualDifferences,
    ChangeKind,
    annual_differences,
    difference_lines,
    edition_files,
    read_official,
)
from emrassess.packs.table import CriteriaTable, read_table, write_pack
from emrassess.services.session import Session

__all__ = [
    "AnnualTable",
    "CriteriaTable",
    "Lack",
    "NewPack",
    "PackRef",
    "edition_of",
    "from_folder",
    "from_table",
    "install",
    "lines_of",
    "offered",
    "opened",
    "read_annual",
    "read_table",
    "suggested_id",
]


@dataclass(frozen=True)
class NewPack:
    """A pack that loads, with its files. `replaces`: one at hand of the same id and version, with other content."""

    files: Mapping[str, bytes] = field(repr=False)
    pack: Pack = field(repr=False)
    replaces: PackRef | None = None

    @cached_property
    def lacks(self) -> tuple[Lack, ...]:
        """What it lacks to be complete."""
        return missing(self.pack)


@dataclass(frozen=True)
class AnnualTable:
    """An annual quality table as read from `file_name`, held against the workspace's pack."""

    file_name: str
    differences: AnnualDifferences

    @property
    def heads(self) -> tuple[str, ...]:
        """Editions and figures, and a warning where the table may not be whole; Chinese, a line each."""
        return self._lines[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known besides the cells: items that gain or lose their quality cells, what is in doubt."""
        return self._lines[1]

    @cached_property
    def _lines(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found, lines = self.differences, difference_lines(self.differences)
        notes = len(found.gaining) + len(found.losing) + len(found.problems)
        cells = len(found.changes) - found.counts[ChangeKind.SAME]
        return lines[: len(lines) - cells - notes], lines[len(lines) - notes :]


def offered(session: Session) -> tuple[PackRef, ...]:
    """The packs a workspace may go over to: newer editions of its standard, newest first, then other standards."""
    own = session.pack
    newer = [
        ref for ref in known_packs() if ref.id == own.id and version_order(ref.version) > version_order(own.version)
    ]
    newer.sort(key=lambda ref: version_order(ref.version), reverse=True)
    return (*newer, *(ref for ref in known_packs() if ref.id != own.id))


def opened(ref: PackRef) -> NewPack:
    """A pack at hand. UserError or FileProblems where its files are not what they should be."""
    files = pack_files(ref.folder)
    return NewPack(files, load_files(files))


# --- new ones


def from_folder(folder: Path) -> NewPack:
    """The pack in `folder`, not installed yet. UserError where it is none, FileProblems naming every fault."""
    return _new(pack_files(folder))


def from_table(
    table: CriteriaTable, *, pack_id: str, name: str, standard: str, document_number: str, pass_share: str
) -> NewPack:
    """The pack that `table` makes, not installed yet; `pass_share` over 0 to 1, as text. UserError where that fails."""
    with tempfile.TemporaryDirectory(prefix="emrassess-") as scratch:
        folder = Path(scratch) / "pack"
        try:
            write_pack(
                table,
                folder,
                pack_id=pack_id,
                name=name,
                standard=standard,
                document_number=document_number,
                pass_share=pass_share,
            )
        except OSError as error:
            raise write_error(folder, error) from error
        return _new(pack_files(folder))


def suggested_id(hint: str, year: int) -> str:
    """An id that no pack at hand has: the Latin letters and digits of `hint`, or "local" where it has no letters."""
    words = re.findall(r"[a-z0-9]+", hint.lower())
    found = "-".join(words)[:40].strip("-") if any(re.search("[a-z]", word) for word in words) else f"local-{year}"
    taken = {ref.id for ref in known_packs()}
    ids = (found if number == 1 else f"{found}-{number}" for number in range(1, len(taken) + 2))
    return next(candidate for candidate in ids if candidate not in taken)


def read_annual(session: Session, file: Path, earlier: Path | None = None) -> AnnualTable:
    """The quality table (annex 4) of `file` (.docx) against the workspace's pack; nothing changes.

    `earlier`: the document that the pack's rules were made from; it gives the wording before. UserError where a file
    cannot be read or has no such table, or where there is nothing to compare by; RefusedError for a hostile one.
    """
    before = read_official(earlier) if earlier else None
    return AnnualTable(file.name, annual_differences(read_official(file), session.pack, before))


def edition_of(session: Session, table: AnnualTable, year: int) -> NewPack:
    """The workspace's pack with the quality table of `year`, not installed yet. UserError where nothing is new."""
    carried = session.workspace.pack_files()
    files = carried or pack_files(find_known(session.pack.id, session.pack.version).folder)
    return _new(edition_files(table.differences, session.pack, files, year))


def install(new: NewPack, *, replace: bool = False) -> PackRef:
    """Take a pack into the user's own.

    UserError where one of its id and version comes with the program, or, without `replace`, is there with other
    content; StorageError where the disk fails.
    """
    return library.install(new.files, replace=replace)


def _new(files: Mapping[str, bytes]) -> NewPack:
    pack = load_files(files)
    there = next((ref for ref in known_packs() if (ref.id, ref.version) == (pack.id, pack.version)), None)
    clash = there is not None and not there.shipped and _differs(there, files)
    return NewPack(files, pack, there if clash else None)


def _differs(ref: PackRef, files: Mapping[str, bytes]) -> bool:
    try:
        return pack_files(ref.folder) != files
    except UserError:
        return True  # damaged: what is new takes its place


def lines_of(lacks: tuple[Lack, ...]) -> tuple[str, ...]:
    """What a pack lacks, a line each, with the file to mend."""
    return tuple(f"{lack.message}（{lack.place}）" for lack in lacks)
