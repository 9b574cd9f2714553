"""The packs at hand, for whoever has to choose one for a new assessment."""

from emrassess.domain.pack import Pack
from emrassess.packs.library import PackRef, known_packs, load_files, pack_files

__all__ = ["PackRef", "known_packs", "pack_of"]


def pack_of(ref: PackRef) -> Pack:
    """The pack itself; UserError or FileProblems where its files are not what they should be."""
    return load_files(pack_files(ref.folder))
