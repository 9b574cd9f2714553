"""Digests made on a second thread while the caller reads, checks and writes: each byte is read once."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")

CHUNK = 1 << 20
_BUFFERS = 4

# BagIt names of the digests that we can hold a bag against.
ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def few_behind(entries: Iterable[T]) -> Iterator[T]:
    """`entries`, each given out when a few more were begun: its digest is there by then, and need not be waited for.

    The alternative, to keep those of all files for the end, takes more memory than anything else of a large package.
    """
    begun: deque[T] = deque()
    for entry in entries:
        begun.append(entry)
        if len(begun) > _BUFFERS:
            yield begun.popleft()
    yield from begun


class Digesting:
    """A few reused buffers and the thread that digests them, in order; memory does not grow with the file.

    Use as a context manager. `buffer()` gives the next free buffer to read into, `Digest.update` hands it on.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="digest")
        self._views = [memoryview(bytearray(CHUNK)) for _ in range(_BUFFERS)]
        self._busy: list[Future[None] | None] = [None] * _BUFFERS
        self._at = 0

    def __enter__(self) -> "Digesting":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=error is not None)

    def start(self, algorithms: Iterable[str] = ("sha256",)) -> "Digest":
        """A new digest by each of `algorithms` (of ALGORITHMS)."""
        return Digest(self, algorithms)

    def buffer(self) -> memoryview:
        """The next buffer that no digest still reads; it stays the caller's until it is handed to `update`."""
        self._at = (self._at + 1) % _BUFFERS
        if busy := self._busy[self._at]:
            busy.result()
            self._busy[self._at] = None
        return self._views[self._at]

    def hand_on(self, hashers: Iterable["hashlib._Hash"], data: bytes | memoryview) -> None:
        """Digest `data` behind all that was handed on before; waits where too much is waiting already."""
        if self._busy[self._at]:
            self.buffer()
        self._busy[self._at] = self._pool.submit(_update, tuple(hashers), data)

    def finish(self, hashers: Mapping[str, "hashlib._Hash"]) -> "Future[dict[str, str]]":
        return self._pool.submit(lambda: {name: hasher.hexdigest() for name, hasher in hashers.items()})


class Digest:
    """The digests of one file, in the making."""

    def __init__(self, digesting: Digesting, algorithms: Iterable[str]) -> None:
        self._digesting = digesting
        self._hashers = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}

    def update(self, data: bytes | memoryview) -> None:
        """Take in `data`; a buffer of `Digesting.buffer` must not be written to again before it is given out anew."""
        if self._hashers:
            self._digesting.hand_on(self._hashers.values(), data)

    def finish(self) -> "Future[dict[str, str]]":
        """Hexadecimal digests by algorithm, once the second thread is there; the caller need not wait for it."""
        return self._digesting.finish(self._hashers)


def _update(hashers: Iterable["hashlib._Hash"], data: bytes | memoryview) -> None:
    for hasher in hashers:
        hasher.update(data)
