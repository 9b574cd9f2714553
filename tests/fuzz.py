"""Mutated packages and packets, as hostile as chance makes them: `python -m tests.fuzz [COUNT] [SEED]`.

Each must be refused in plain words or be as good as the original; none may crash, take longer than ten seconds, write
outside its target, or be half imported. Prints what became of them and ends with 1 where one did not hold.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment
from emrassess.errors import UserError
from emrassess.services import answering, merging, packages, packets, tasks
from emrassess.services.departments import department_named
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session, close, create_workspace, open_workspace

MOST_SECONDS = 10.0
CLAUSES = ["01.01.1(1)", "01.01.2(1)"]
PASSPHRASE = "fuzz-passphrase"


@dataclass(frozen=True)
class Sample:
    """A sound file, and what is done with it; that raises UserError where it is refused."""

    name: str
    content: bytes
    use: Callable[[Path, Path], None]


def main(count: int = 10_000, seed: int = 1) -> int:
    """Mutate `count` files in turn and use each; the number that did not hold."""
    chance = Random(seed)
    found: Counter[str] = Counter()
    slowest, started = 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="emrassess-fuzz-") as name:
        home = Path(name)
        os.environ["EMRASSESS_HOME"] = str(home / "home")
        with _Samples(home) as samples:
            for number in range(count):
                sample = samples[number % len(samples)]
                outcome, seconds = _try(home, sample, mutated(chance, sample.content))
                slowest = max(slowest, seconds)
                found[f"{sample.name}: {outcome}"] += 1
    for what, times in sorted(found.items()):
        sys.stdout.write(f"{what:<60}{times:>8}\n")
    minutes = (time.perf_counter() - started) / 60
    sys.stdout.write(f"{count} files in {minutes:.1f} min, the slowest took {slowest:.2f} s\n")
    return sum(times for what, times in found.items() if "!" in what)


def mutated(chance: Random, content: bytes) -> bytes:
    """`content` with a few bytes changed, cut, doubled, moved or taken out; half of the time near its end, where a zip
    keeps its directory."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 4, 16])):
        at = chance.randrange(max(len(data), 1))
        if chance.random() < 0.5:
            at = max(len(data) - 1 - chance.randrange(1, 4096), 0)
        length = chance.choice([1, 1, 2, 4, 64, 1024])
        match chance.randrange(6):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at : at + length] = chance.randbytes(length)
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                del data[at:]
            case _:
                data[at : at + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"PK\1\2", b"PK\3\4", b"PK\5\6", b"../."])
    return bytes(data)


def _try(home: Path, sample: Sample, content: bytes) -> tuple[str, float]:
    """What became of it ("!" where it did not hold), and how long it took in seconds."""
    with tempfile.TemporaryDirectory(dir=home, prefix="case-") as name:
        folder = Path(name)
        file, target = folder / "file.zip", folder / "target"
        file.write_bytes(content)
        start = time.perf_counter()
        try:
            sample.use(file, target)
            outcome = "used"
        except UserError:
            outcome = "refused"
            if target.exists() and any(target.iterdir()):
                outcome = "! something left behind"
        except Exception as error:  # that is what is looked for
            outcome = f"! {type(error).__name__}: {str(error)[:60]}"
        seconds = time.perf_counter() - start
        if seconds > MOST_SECONDS:
            outcome = f"! {seconds:.0f} s"
        if strange := {path.name for path in folder.iterdir()} - {"file.zip", "target"}:
            outcome = f"! written beside the target: {sorted(strange)[0]}"
    return outcome, seconds


class _Samples:
    """Sound files of every kind, and the session that packets are merged into."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> list[Sample]:
        self._session = session = create_workspace(self._home / "评价", "示例医院", 4, "示例")
        add_evidence(session, [NewEvidence(b"a,b\n1,2\n" * 40, "统计.csv", "统计")], CLAUSES)
        tasks.assign_by_name(session, ["01.01.1", "01.01.2"], "病房")
        department = department_named(session, "病房")
        assert department
        home = self._home
        package, sealed, out, back = (home / f"{n}.zip" for n in ("package", "sealed", "out", "back"))
        packages.create_package(session, package)
        packages.create_package(session, sealed, passphrase=PASSPHRASE)
        packets.create_packet(session, department.id, out)
        packets.open_packet(out, home / "科室", "示例")
        at_department = open_workspace(home / "科室", "示例")
        answering.set_verdict(at_department, CLAUSES, Verdict.MET)
        add_evidence(at_department, [NewEvidence(b"x,y\n" * 90, "新.csv", "新")], CLAUSES[:1])
        packets.return_packet(at_department, back)
        close(at_department)
        merge = _merging(session)
        return [
            Sample("package, verified and unpacked", package.read_bytes(), _unpack(None)),
            Sample("sealed package", sealed.read_bytes(), _unpack(PASSPHRASE)),
            Sample("packet out, opened", out.read_bytes(), lambda f, to: void(packets.open_packet(f, to, "示例"))),
            Sample("packet back, merged", back.read_bytes(), merge),
        ]

    def __exit__(self, *_: object) -> None:
        close(self._session)


def void(_: object) -> None:
    """What came out is not looked at."""


def _unpack(passphrase: str | None) -> Callable[[Path, Path], None]:
    def use(file: Path, target: Path) -> None:
        if not packages.verify_package(file, passphrase=passphrase).ok:
            raise UserError("refused")
        packages.extract_package(file, target, passphrase=passphrase)

    return use


def _merging(session: Session) -> Callable[[Path, Path], None]:
    """Merge, see that all or nothing came, and take it back."""
    whole: list[Assessment] = []

    def use(file: Path, _: Path) -> None:
        before = session.assessment
        outcome = merging.merge(session, [file])
        if not outcome.changes:
            if session.assessment is not before:
                raise AssertionError("half imported")
            raise UserError(outcome.files[0].refused or "nothing to merge")
        after = session.assessment
        whole.append(after)
        if after.answers != whole[0].answers or len(after.evidence) != len(whole[0].evidence):
            raise AssertionError("not what was sent")
        (merge,) = after.merges.keys() - before.merges.keys()
        merging.undo_merge(session, merge)

    return use


def sound(home: Path) -> Iterator[tuple[str, str]]:
    """Each kind as it is, unchanged: its name and what becomes of it. For a test that the samples are sound."""
    with _Samples(home) as samples:
        for sample in samples:
            yield sample.name, _try(home, sample, sample.content)[0]


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
