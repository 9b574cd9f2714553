"""How the window writes: a service function on the one worker thread that owns the database, errors to one place."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from emrassess.errors import Cancelled, StorageError, UserError

if TYPE_CHECKING:
    from emrassess.services.session import Changes, Session

log = logging.getLogger(__name__)

SHOW_AFTER_MS = 300
PROGRESS_EVERY_S = 0.05


class Handle(QObject):
    """One piece of work under way. Signals arrive on the GUI thread."""

    done = Signal(object)
    """The result."""
    failed = Signal(object)
    """The exception, also after a cancel (errors.Cancelled)."""
    progressed = Signal(object, object, str)
    """Done, total, what."""

    def __init__(
        self,
        label: str,
        work: Callable[["Handle"], object],
        worker: "_Worker",
        *,
        writes: bool,
        progress: bool,
        about: frozenset[str] = frozenset(),
        reads: bool = False,
    ) -> None:
        super().__init__()
        self.label = label
        self.about = about
        self.work = work
        self.worker = worker
        self.writes = writes
        self.shows_progress = progress
        self.reads = reads
        self.ended = False
        self.error: Exception | None = None
        self._stop = threading.Event()
        self._last = 0.0

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._stop.set()

    @property
    def given_up(self) -> bool:
        """Whether nobody waits for it any more: it only reads, and was asked to stop."""
        return self.reads and self._stop.is_set()

    def report(self, done: int, total: int, what: str) -> None:
        """The `progress` callback for services; called on the worker thread. Raises Cancelled once asked to stop."""
        if self._stop.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._last >= PROGRESS_EVERY_S or done >= total:
            self._last = now
            self.progressed.emit(done, total, what)


@dataclass(frozen=True)
class Failure:
    """What went wrong; `retry` does the same again. `unsaved`: an answer that is not in the workspace yet.

    `about`: the values it was to give, so that a later answer to the same question takes its place.
    """

    label: str
    error: Exception
    retry: Callable[[], object]
    unsaved: bool
    about: frozenset[str] = frozenset()


class _Worker(QThread):
    """Runs one handle after the other."""

    ended = Signal(object, object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._queue: SimpleQueue[Handle | None] = SimpleQueue()
        self._dropping = False
        self._finished = False

    def submit(self, handle: Handle) -> None:
        if self._finished:
            return  # A page that still hears of the last write may ask for a thumbnail.
        self._queue.put(handle)
        if not self.isRunning():
            self.start()

    def run(self) -> None:
        while (handle := self._queue.get()) is not None:
            if self._dropping:
                continue
            try:
                result = handle.work(handle)
            except Exception as error:
                self.ended.emit(handle, None, error)
            else:
                self.ended.emit(handle, result, None)

    def finish(self, *, drop: bool = False) -> None:
        """Let the queued work end (with `drop`: only the piece in hand), then the thread."""
        self._dropping = drop
        self._finished = True
        if self.isRunning():
            self._queue.put(None)
            self.wait()


class Operations(QObject):
    """The only way to write. `write` and `open` use the thread that owns the database; `run` a second one, so that a
    long export never keeps an answer from being saved; `background` is for small reading work such as thumbnails."""

    written = Signal(object)
    """services' Changes after each write."""
    failed = Signal(object)
    """A Failure; the main window shows it."""
    busy_changed = Signal(bool)
    """Whether writes are under way."""
    long_running = Signal(object)
    """A Handle that has run for 300 ms: show its progress until it ends."""
    finished = Signal(object)
    """A Handle whose work is over, before anything follows from it: what follows may be a dialog."""
    ended = Signal(object)
    """A Handle that has ended, whichever way."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self._database = _Worker(self)
        self._long = _Worker(self)
        self._background = _Worker(self)
        for worker in (self._database, self._long, self._background):
            worker.ended.connect(self._on_ended)
        self._handles: set[Handle] = set()
        self._after: dict[Handle, Callable[[Any], None]] = {}
        self._caught: dict[Handle, Callable[[Exception], bool]] = {}

    @property
    def busy(self) -> bool:
        """Whether anything but background reading is under way, or reading that was given up."""
        return any((handle.writes or handle.shows_progress) and not handle.given_up for handle in self._handles)

    @property
    def writing(self) -> bool:
        """Whether a write is under way."""
        return any(handle.writes for handle in self._handles)

    def write(
        self,
        label: str,
        work: "Callable[..., Changes]",
        *args: Any,
        progress: bool = False,
        about: Iterable[str] = (),
        **kwargs: Any,
    ) -> Handle:
        """Run `work(session, *args, **kwargs)`, then emit `written` with its Changes.

        With `progress`, `work` also gets `progress=`, and the window shows it with a cancel after 300 ms. A failure
        goes to `failed` and to the handle's own `failed`; what was typed is the caller's to keep. `about` names the
        values that are given, so that trying a failed write again never undoes a later one about the same.
        """
        session = self.session
        if session is None:
            raise RuntimeError(f"{label}: no session")

        def call(handle: Handle) -> object:
            extra = {"progress": handle.report} if progress else {}
            return work(session, *args, **kwargs, **extra)

        handle = Handle(label, call, self._database, writes=True, progress=progress, about=frozenset(about))
        return self._start(handle, self.written.emit)

    def run(
        self,
        label: str,
        work: Callable[..., Any],
        *args: Any,
        progress: bool = True,
        done: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> Handle:
        """Run long work that writes no workspace, as `work(*args, **kwargs)` with `progress=` if wanted; `done` gets
        its result on the GUI thread."""
        return self._call(self._long, label, work, args, kwargs, progress, done)

    def read(
        self,
        label: str,
        work: Callable[..., Any],
        *args: Any,
        progress: bool = True,
        done: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> Handle:
        """As `run`, for work that leaves nothing behind: who closes does not wait for it, and after a cancel it has
        failed, however far it came."""
        return self._call(self._long, label, work, args, kwargs, progress, done, reads=True)

    def give_up_reading(self) -> None:
        """Cancel the work of `read`: somebody closes."""
        for handle in self._handles:
            if handle.reads:
                handle.cancel()

    def open(
        self,
        label: str,
        work: Callable[..., Any],
        *args: Any,
        progress: bool = False,
        done: Callable[[Any], None] | None = None,
        caught: Callable[[Exception], bool] | None = None,
        **kwargs: Any,
    ) -> Handle:
        """As `run`, on the thread that owns the database: what opens, creates or closes a workspace.

        `caught` may deal with an error itself; True from it keeps the error from `failed`.
        """
        handle = self._call(self._database, label, work, args, kwargs, progress, done)
        if caught:
            self._caught[handle] = caught
        return handle

    def background(
        self, work: Callable[..., Any], *args: Any, done: Callable[[Any], None] | None = None, **kwargs: Any
    ) -> Handle:
        """Small reading work on its own thread, in turn; failures are logged and told to the handle only."""
        handle = Handle("", lambda _: work(*args, **kwargs), self._background, writes=False, progress=False)
        return self._start(handle, done)

    def finish(self) -> None:
        """End the threads after what is queued; background work still waiting is dropped."""
        for handle in self._handles:
            if not handle.writes:
                handle.cancel()
        self._background.finish(drop=True)
        self._long.finish()
        self._database.finish()

    def _call(
        self,
        worker: _Worker,
        label: str,
        work: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        progress: bool,
        done: Callable[[Any], None] | None,
        *,
        reads: bool = False,
    ) -> Handle:
        def call(handle: Handle) -> object:
            extra = {"progress": handle.report} if progress else {}
            return work(*args, **kwargs, **extra)

        return self._start(Handle(label, call, worker, writes=False, progress=True, reads=reads), done)

    def _start(self, handle: Handle, done: Callable[[Any], None] | None) -> Handle:
        was_writing = self.writing
        self._handles.add(handle)
        if done:
            self._after[handle] = done
        if handle.shows_progress:
            QTimer.singleShot(SHOW_AFTER_MS, handle, lambda: None if handle.ended else self.long_running.emit(handle))
        if handle.writes and not was_writing:
            self.busy_changed.emit(True)
        handle.worker.submit(handle)
        return handle

    def _on_ended(self, handle: Handle, result: object, error: Exception | None) -> None:
        if error is None and handle.given_up:
            error = Cancelled()
        handle.ended, handle.error = True, error
        self._handles.discard(handle)
        done = self._after.pop(handle, None)
        caught = self._caught.pop(handle, None)
        self.finished.emit(handle)
        if handle.writes and not self.writing:
            self.busy_changed.emit(False)
        try:
            if error is None:
                if done:
                    done(result)
                handle.done.emit(result)
            else:
                self._tell(handle, error, done, caught)
        finally:
            self.ended.emit(handle)

    def _tell(
        self,
        handle: Handle,
        error: Exception,
        done: Callable[[Any], None] | None,
        caught: Callable[[Exception], bool] | None,
    ) -> None:
        handle.failed.emit(error)
        if caught and caught(error):
            return
        if not handle.label:
            if isinstance(error, UserError):
                log.info("background work refused: %s", error.message)
            else:
                log.warning("background work failed", exc_info=error)
            return
        if isinstance(error, Cancelled):
            log.info("cancelled: %s", handle.label)
        again = Handle(
            handle.label, handle.work, handle.worker,
            writes=handle.writes, progress=handle.shows_progress, about=handle.about, reads=handle.reads,
        )  # fmt: skip
        unsaved = handle.writes and isinstance(error, StorageError)
        self.failed.emit(Failure(handle.label, error, lambda: self._start(again, done), unsaved, handle.about))
