"""Bags of ours that are open: their documents are read, the contents of their evidence still to be taken.

So each byte of the evidence is read once: it is held against its digest as it is taken.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from types import TracebackType
from typing import Any, BinaryIO

from emrassess.exchange.bag import Bag, Progress, check_contents
from emrassess.exchange.digests import CHUNK, Digesting
from emrassess.exchange.signing import Signature
from emrassess.exchange.tree import Fault, Refused, Tree, read_small

CRITERIA, FILES = "data/criteria/", "data/evidence/"
"""Where the pack and the evidence lie in bags of ours."""
_MOST_CRITERIA = 8 << 20


@dataclass(frozen=True)
class Opened:
    """A bag whose form, document and signature were found good; its evidence is still to be held against digests.

    `signature`: None where it is unsigned.
    """

    signature: Signature | None
    tree: Tree
    bag: Bag

    @property
    def evidence(self) -> dict[str, int]:
        """The evidence files by path (below `data/`) with their sizes in bytes."""
        return {p.removeprefix("data/"): size for p, size in self.tree.files.items() if p.startswith(FILES)}

    def pack_files(self) -> dict[str, bytes]:
        """The files of the pack by name. Refused where they are too large."""
        names = [path for path in self.tree.files if path.startswith(CRITERIA)]
        if sum(self.tree.files[path] for path in names) > _MOST_CRITERIA:
            raise Refused([Fault(CRITERIA, f"超过 {_MOST_CRITERIA >> 20} MB，不读取")])
        return {path.removeprefix(CRITERIA): read_small(self.tree, path, _MOST_CRITERIA) for path in names}

    @contextmanager
    def stream(self, path: str) -> Iterator[BinaryIO]:
        """The content of one evidence file; whoever reads it holds its digest against the document.

        Refused, in the midst of it, where size, CRC-32 or authentication code is not right.
        """
        with Digesting() as buffers, BufferedReader(_Chunks(self.tree.chunks(f"data/{path}", buffers)), CHUNK) as file:
            yield file

    def check(self, paths: Collection[str], progress: Progress | None = None) -> None:
        """Hold these evidence files against their digests; Refused with every fault."""
        part = Part(self.tree, lambda path: path.removeprefix("data/") in paths)
        if faults := check_contents(part, self.bag, progress):
            raise Refused(faults)


class Part:
    """Some of the files of a tree, as a tree; the tree itself stays whoever's it is."""

    def __init__(self, tree: Tree, wanted: Callable[[str], bool]) -> None:
        self._tree = tree
        self.files = {path: size for path, size in tree.files.items() if wanted(path)}

    def __enter__(self) -> "Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is opened here."""

    def chunks(self, path: str, digesting: Digesting) -> Iterator[bytes | memoryview]:
        return self._tree.chunks(path, digesting)


class _Chunks(RawIOBase):
    """Pieces of a file as a file to be read."""

    def __init__(self, pieces: Iterator[bytes | memoryview]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
