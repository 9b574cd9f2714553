"""kill -9 at any moment: what was reported as saved is there, with its files, and the next start needs no repair."""

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emrassess.domain.answers import Verdict
from emrassess.storage import opening
from emrassess.storage.workspace import Workspace

WRITE = """
import sys
from io import BytesIO
from pathlib import Path
from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import ClauseAnswer, Evidence, EvidenceKind, Revision
from emrassess.storage import changes, opening

workspace = opening.open_(Path(sys.argv[1]), user="x", take_over=True)
start = len(workspace.assessment.answers)
for n in range(start, start + 100_000):
    clause = f"01.01.4({n})"
    answer = ClauseAnswer(Verdict.MET, f"note {n} " * 50)
    workspace.apply("a", [changes.answer_change(workspace.assessment, clause, answer)])
    print("answer", clause, flush=True)
    if n % 3 == 0:
        stored = workspace.store_file(BytesIO(f"evidence {n}".encode() * 5000))
        revision = Revision(stored.sha256, "x.png", stored.size, "image/png", "", "")
        piece = Evidence(f"{n:08d}", "", EvidenceKind.SCREENSHOT, "", "", (revision,), (clause,))
        workspace.apply("e", [changes.evidence_change(workspace.assessment, piece.id, piece)])
        print("evidence", piece.id, flush=True)
"""


def written_until_killed(folder: Path, delay: float) -> list[list[str]]:
    """Start a writer, kill it `delay` seconds after its first word, and give back what it reported as saved."""
    process = subprocess.Popen([sys.executable, "-c", WRITE, str(folder)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(delay)
        process.kill()
        lines = (first + process.stdout.read()).decode().splitlines()
    # The last line may be half a line: then it was not said.
    return [line.split() for line in lines if len(line.split()) == 2]


def check(folder: Path, said: list[list[str]]) -> None:
    workspace = opening.open_(folder, user="y")
    assessment = workspace.assessment
    for kind, key in said:
        if kind == "answer":
            assert assessment.answer(key).verdict is Verdict.MET
            assert assessment.answer(key).note.startswith("note")
        else:
            assert key in assessment.evidence
    for piece in assessment.evidence.values():
        content = workspace.evidence_path(piece.current.sha256).read_bytes()
        assert hashlib.sha256(content).hexdigest() == piece.current.sha256
    steps = len(assessment.answers) + len(assessment.evidence)
    assert [entry.id for entry in workspace.audit(limit=1)] == [steps + 1]
    workspace.close()
    assert {f.name for f in (folder / "evidence").iterdir()} == {
        piece.current.sha256 for piece in assessment.evidence.values()
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9; the same rests on SQLite there")
def test_killed_at_any_moment(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    moments = random.Random(7)
    for _ in range(4):
        said = written_until_killed(folder, moments.uniform(0, 0.08))
        assert said
        check(folder, said)


@pytest.mark.skipif(os.name == "nt", reason="as above")
def test_a_killed_writers_workspace_can_be_read_as_it_lies(workspace: Workspace, folder: Path) -> None:
    """Also when it is copied to a stick just then, its journal with it."""
    workspace.close()
    said = written_until_killed(folder, 0.05)
    assert (folder / "workspace.sqlite3-wal").exists()
    reader = opening.open_(folder, user="y", write=False)
    assert all(key in reader.assessment.answers for kind, key in said if kind == "answer")
    reader.close()
    check(folder, said)
