"""Mutated packages and packets, as hostile as chance makes them: `python -m tests.fuzz [COUNT] [SEED]`.

Each must be refused in plain words or be as good as the original; none may crash, take longer than ten seconds, write
outside its target, or be half imported. Prints what became of them and ends with 1 where one did not hold.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from emrassess.errors import UserError
from tests.hostile import TOP, Sample, Samples, document_of, rebagged, unzipped, zipped

MOST_SECONDS = 10.0
_INSIDE = 0.2  # of the plain ones
STRANGE: list[Any] = [
    None, True, -1, 0, 10**17, 1.5, "", "\0", "\n", "\u202e", "\ud800", "x" * 5000, "../../x", "/etc/passwd",
    "9999-12-31", "0001-01-01T00:00:00+00:00", "<script>", "01.01.1(1)", "answer:01.01.1(1):verdict", "1/0", [], {},
    [[]], ["x"] * 3, {"x": "y"}, "0" * 64, "0" + "f" * 23,
]  # fmt: skip


def main(count: int = 10_000, seed: int = 1) -> int:
    """Mutate `count` files in turn and use each; the number that did not hold."""
    chance = Random(seed)
    found: Counter[str] = Counter()
    slowest, started = 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="emrassess-fuzz-") as name:
        home = Path(name)
        os.environ["EMRASSESS_HOME"] = str(home / "home")
        with Samples(home) as samples:
            for number in range(count):
                sample = samples[number % len(samples)]
                inside = not sample.sealed and chance.random() < _INSIDE
                content = retold(chance, sample) if inside else mutated(chance, sample.content)
                outcome, seconds = _try(home, sample, content)
                slowest = max(slowest, seconds)
                if outcome == "! Otherwise: " and inside:
                    outcome = "used"
                found[f"{sample.name}{' (documents)' if inside else ''}: {outcome}"] += 1
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


def retold(chance: Random, sample: Sample) -> bytes:
    """The sample, plain, with other words in one of its documents or its pack, and digests to fit: what only a look at
    the meaning finds out."""
    files = unzipped(sample)
    path = chance.choice([document_of(files), document_of(files), *(p.removeprefix(TOP) for p in files)])
    content = files[TOP + path]
    if path.endswith(".json"):
        told = json.loads(content)
        for _ in range(chance.choice([1, 1, 2, 5])):
            _retell(chance, told)
        content = json.dumps(told).encode()
    else:
        content = mutated(chance, content)
    return zipped(rebagged(files, {path: content}), sealed=False)


def _retell(chance: Random, told: Any) -> None:
    """Put something strange into `told` (parsed JSON), anywhere."""
    place = told
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = chance.choice(keys)
        if not isinstance(place[key], dict | list) or chance.random() < 0.15:
            break
        place = place[key]
    match chance.randrange(4):
        case 0:
            del place[key]
        case 1 if isinstance(place, dict):
            place[chance.choice([str(word) for word in STRANGE])] = place[key]
        case 2:
            place[key] = chance.choice([None, *_values(told)])
        case _:
            place[key] = chance.choice(STRANGE)


def _values(told: Any) -> Iterator[Any]:
    """Every value that is neither a list nor a mapping."""
    if isinstance(told, dict | list):
        for value in told.values() if isinstance(told, dict) else told:
            yield from _values(value)
    else:
        yield told


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


def sound(home: Path) -> Iterator[tuple[str, str]]:
    """Each kind as it is, unchanged: its name and what becomes of it. For a test that the samples are sound."""
    with Samples(home) as samples:
        for sample in samples:
            yield sample.name, _try(home, sample, sample.content)[0]


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
