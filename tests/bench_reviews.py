"""Reviews of experts in a process of its own, for tests.bench: prints seconds and sizes as JSON.

python -m tests.bench_reviews make FOLDER [KB]    a review of every clause with 500 photos of 512 KB (KB), sent home
python -m tests.bench_reviews open FOLDER/专家    the expert's workspace, from nothing to a usable session
python -m tests.bench_reviews deck FOLDER         the slides of 60 findings with full-HD pictures
"""

import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from PIL import Image

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import ReviewGroup
from emrassess.domain.route import next_open, route
from emrassess.domain.verified import verified
from emrassess.services import answering, merging, reviewing
from emrassess.services.packages import create_package
from emrassess.services.reporting import review_deck
from emrassess.services.review_files import export_review
from emrassess.services.session import Session, close, create_workspace, open_workspace
from emrassess.services.settings import set_groups
from tests.bench_memory import most_memory_mb

USER, GROUP = "示例基准专家", "all"
PHOTOS, FINDINGS = 500, 60


def make(folder: Path, kilobytes: int) -> dict[str, float]:
    """A hospital, an expert's workspace with every clause looked at, and the review sent and imported."""
    with _hospital(folder / "医院") as hospital:
        create_package(hospital, folder / "package.zip", sign=False)
    opened = _seconds(lambda: reviewing.open_as_expert(folder / "package.zip", folder / "专家", USER, group=GROUP))
    with _at_work(folder / "专家") as there:
        _look_at_all(there, folder, 3)
        clauses, random, start = list(there.pack.clause_by_id), Random(1), _picture(320, 200, Random(1))
        for first in range(0, PHOTOS, 10):
            photos = [(start + random.randbytes(kilobytes << 10), f"现场-{first + n}.jpg") for n in range(10)]
            reviewing.add_photos(there, clauses[first], photos)
        exported = _seconds(lambda: export_review(there, GROUP, folder / "review.zip"))
    with _at_work(folder / "医院") as hospital:
        imported = _seconds(lambda: _merge(hospital, folder / "review.zip"))
    size = (folder / "review.zip").stat().st_size / 1e6
    memory = most_memory_mb()
    return {"opened": opened, "exported": exported, "imported": imported, "megabytes": size, "memory_mb": memory}


def usable(folder: Path) -> dict[str, float]:
    """Open the workspace and ask for all that the page of reviews shows first."""
    start = time.perf_counter()
    with _at_work(folder) as there:
        held, pack = there.assessment, there.pack
        verified(pack, there.answers, held.opinions)
        photos = reviewing.photos_by_clause(held)
        stops = route(pack, list(pack.clause_by_id))
        next_open(stops, held.opinions, "")
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "photos": sum(map(len, photos.values())), "opinions": len(held.opinions)}


def deck(folder: Path) -> dict[str, float]:
    """The feedback of a group with many findings, each with a picture of the expert's."""
    with _hospital(folder / "医院") as hospital:
        create_package(hospital, folder / "package.zip", sign=False)
    reviewing.open_as_expert(folder / "package.zip", folder / "专家", USER, group=GROUP)
    with _at_work(folder / "专家") as there:
        _look_at_all(there, folder, len(there.pack.clause_by_id) // FINDINGS)
        found = [clause for clause, opinion in there.assessment.opinions.items() if opinion.is_finding][:FINDINGS]
        for number, clause in enumerate(found):
            reviewing.add_photos(there, clause, [(_picture(1920, 1080, Random(number)), f"现场-{number}.jpg")])
        taken = [_seconds(lambda: review_deck(there, GROUP, folder / "deck.pptx")) for _ in range(3)]
    return {"seconds": sorted(taken)[1], "megabytes": (folder / "deck.pptx").stat().st_size / 1e6, "slides": len(found)}


@contextmanager
def _hospital(folder: Path) -> Iterator[Session]:
    """One that claims every clause, with one review group for all."""
    session = create_workspace(folder, "示例基准医院", 8, "基准")
    try:
        answering.set_verdict(session, list(session.pack.clause_by_id), Verdict.MET)
        set_groups(session, [ReviewGroup(GROUP, "核查组", tuple(session.pack.item_by_code), quality=True)])
        yield session
    finally:
        close(session)


@contextmanager
def _at_work(folder: Path) -> Iterator[Session]:
    session = open_workspace(folder, USER)
    try:
        yield session
    finally:
        close(session)


def _look_at_all(there: Session, folder: Path, every: int) -> None:
    """An opinion on each clause; one in `every` is a problem."""
    problem = {"verdict": "partly", "problem": "现场抽查 10 份，2 份没有时间，和自评说的不同。" * 2}
    problem |= {"suggestion": "按系统时间自动记录，并补齐近三个月的。", "severity": "ordinary", "seen": "抽查 10 份。"}
    told = {clause: problem if n % every == 0 else "confirmed" for n, clause in enumerate(there.pack.clause_by_id)}
    file = folder / "verdicts.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    reviewing.record_file(there, file)


def _picture(width: int, height: int, random: Random) -> bytes:
    """As a camera takes it: it does not pack well."""
    small = Image.frombytes("RGB", (width // 6, height // 6), random.randbytes(width // 6 * (height // 6) * 3))
    content = io.BytesIO()
    small.resize((width, height), Image.Resampling.BICUBIC).save(content, "JPEG", quality=90)
    return content.getvalue()


def _merge(hospital: Session, file: Path) -> None:
    (found,) = merging.merge(hospital, [file]).files
    if found.refused or len(hospital.assessment.photos) != PHOTOS:
        raise SystemExit(f"refused: {found.refused}")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    made = {"make": lambda: make(place, int(sys.argv[3])), "open": lambda: usable(place), "deck": lambda: deck(place)}
    sys.stdout.write(json.dumps(made[what]()) + "\n")
