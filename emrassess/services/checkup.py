"""The check-up before submission: run it, accept what is to stay as it is, with a reason, and take that back."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from os import cpu_count
from pathlib import Path

from emrassess.domain.assessment import Acceptance, Evidence, Revision
from emrassess.domain.checkup import Finding, accepted_findings, counts, open_findings, ordered
from emrassess.domain.checkup_files import FileFacts, PictureFacts, findings_in, similar
from emrassess.domain.checkup_rules import findings_of, is_picture, submitted
from emrassess.errors import UserError
from emrassess.reports.thumbnails import can_picture
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_text
from emrassess.services.picture_checks import PictureCache, read_picture
from emrassess.services.session import Progress, Session
from emrassess.services.text_checks import read_document
from emrassess.storage.changes import accepted_change

__all__ = ["FileChecks", "accept", "accepted_findings", "counts", "open_findings", "run", "withdraw"]

_WORKERS = min(4, cpu_count() or 1)
_COMPARING = "比较图片"


class FileChecks:
    """What was found in files, by their SHA-256, so that a second run looks only at new ones.

    Pictures are kept in the user's cache too; of texts nothing is written anywhere.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._pictures = PictureCache(cache)
        self._texts: dict[tuple[str, str], FileFacts] = {}
        self._one_at_a_time = threading.Lock()

    def examine(
        self, revisions: Sequence[Revision], place: Callable[[str], Path], progress: Progress
    ) -> dict[str, FileFacts]:
        """The facts of each revision by SHA-256 and file name; `progress` counts files, and may raise to stop.

        What was read until then is kept.
        """
        facts: dict[str, FileFacts] = {}
        with self._one_at_a_time:
            pool = ThreadPoolExecutor(_WORKERS, "checkup")
            try:
                waiting: dict[Future[FileFacts], Revision] = {
                    pool.submit(self._look, place(revision.sha256), revision): revision for revision in revisions
                }
                for done, future in enumerate(as_completed(waiting), 1):
                    revision = waiting[future]
                    facts[_key(revision)] = found = future.result()
                    self._keep(revision, found)
                    progress(done, len(revisions), "检查文件")
            finally:
                pool.shutdown(cancel_futures=True)
                self._pictures.save()
        return facts

    def _look(self, file: Path, revision: Revision) -> FileFacts:
        if missing := _missing(file, revision):
            return FileFacts(unreadable=missing)
        if revision.size == 0:
            return FileFacts(empty="文件是空的（0 字节）")
        if not _is_drawn(revision):
            return self._texts.get((revision.sha256, revision.file_name)) or read_document(file, revision)
        known = self._pictures.get(revision.sha256)
        found = FileFacts(picture=known) if known else read_picture(file)
        if found.picture is not None and found.picture.blank:
            return FileFacts(picture=found.picture, empty="整张图片是同一个颜色，什么也看不到")
        return found

    def _keep(self, revision: Revision, found: FileFacts) -> None:
        if found.picture is not None:
            if self._pictures.get(revision.sha256) is None:
                self._pictures.put(revision.sha256, found.picture)
        elif not found.unreadable:
            self._texts[revision.sha256, revision.file_name] = found


def _is_drawn(revision: Revision) -> bool:
    return can_picture(revision.media_type) and revision.media_type != "application/pdf"


def _missing(file: Path, revision: Revision) -> str:
    try:
        whole = file.stat().st_size == revision.size
    except OSError:
        return "文件不在工作区的 evidence 文件夹里，可能被移走或误删"
    return "" if whole else "文件不完整，大小与添加时不同"


def _key(revision: Revision) -> str:
    """The same bytes under another name may be read as something else."""
    return f"{revision.sha256}/{revision.file_name}"


def run(session: Session, progress: Progress | None = None, checks: FileChecks | None = None) -> tuple[Finding, ...]:
    """All findings about what would go to the experts, accepted ones too, the gravest first.

    Reads only, from any thread. `progress` counts files, then pictures compared, and may raise Cancelled. A `checks`
    that is used again makes the next run quick. Broken and hostile files are findings, never errors.
    """
    assessment = session.assessment
    report = progress or _silent
    pieces = submitted(assessment)
    revisions = {_key(piece.current): piece.current for piece in pieces}
    facts = (checks or FileChecks()).examine(tuple(revisions.values()), session.workspace.evidence_path, report)

    def found() -> Iterator[Finding]:
        yield from findings_of(session.pack, assessment, session.workspace.clock())
        for piece in pieces:
            yield from findings_in(piece, facts[_key(piece.current)])
        yield from similar(list(_pictures(pieces, facts)), lambda done, total: report(done, total, _COMPARING))

    return ordered(found())


def _pictures(pieces: Sequence[Evidence], facts: dict[str, FileFacts]) -> Iterator[tuple[Evidence, PictureFacts]]:
    for piece in filter(is_picture, pieces):
        picture = facts[_key(piece.current)].picture
        if picture is not None:
            yield piece, picture


def accept(session: Session, findings: Sequence[Finding], reason: str) -> Changes:
    """Let `findings` stay as they are, in one step; UserError without a reason. One comes back when its content
    changes."""
    said = clean_text(reason).strip()
    if not said:
        raise UserError("没有写接受的理由", "请用一句话写明为什么可以这样提交，例如谁核对过、怎样核对的。")
    acceptance = Acceptance(said, session.user, session.workspace.now())
    first, rest = findings[0], len(findings) - 1
    what = f"“{first.name}”：{first.where}" + (f"等 {rest + 1} 项" if rest else "")
    changes = [accepted_change(session.assessment, finding.id, acceptance) for finding in findings]
    return session.write(f"接受检查结果{what}", changes)


def withdraw(session: Session, finding_ids: Iterable[str]) -> Changes:
    """Take acceptances back, in one step, so that the findings are open again; nothing happens where there is none."""
    changes = [accepted_change(session.assessment, key, None) for key in finding_ids]
    return session.write("撤回对检查结果的接受", changes)


def _silent(_done: int, _total: int, _what: str) -> None:
    """Nobody watches."""
