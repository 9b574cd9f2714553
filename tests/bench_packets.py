"""Packets of many departments merged in a process of its own, for tests.bench: prints seconds and memory as JSON."""

import json
import os
import random
import sys
import time
from pathlib import Path

from emrassess.domain.answers import Verdict
from emrassess.services import answering, merging, packets, tasks
from emrassess.services.departments import department_named
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session, close, create_workspace, open_workspace
from tests.bench_memory import most_memory_mb

USER = "基准"


def main(folder: Path, departments: int, clauses: int, megabytes: int) -> None:
    """`departments` packets of `clauses` clauses (they may share some) and `megabytes` of evidence each: made, then
    looked at and merged with the clock running."""
    session = create_workspace(folder / "评价", "示例医院", 6, USER)
    files = [_returned(session, folder, number, clauses, megabytes) for number in range(departments)]
    everything = _returned(session, folder, departments, len(session.pack.clause_by_id), 0)
    start = time.perf_counter()
    merging.preview(session, [everything])
    preview = time.perf_counter() - start
    start = time.perf_counter()
    outcome = merging.merge(session, files)
    seconds = time.perf_counter() - start
    if refused := [file.refused for file in outcome.files if file.refused]:
        raise SystemExit(f"refused: {refused[0]}")
    close(session)
    found = {"seconds": seconds, "preview": preview, "memory_mb": most_memory_mb(), "waiting": outcome.waiting}
    sys.stdout.write(json.dumps(found) + "\n")


def _returned(session: Session, folder: Path, number: int, count: int, megabytes: int) -> Path:
    """What a department gives back: its clauses answered, with evidence in pieces of 5 MB."""
    ids = list(session.pack.clause_by_id)
    first = number * count % len(ids)
    clauses = (ids + ids)[first : first + count]
    name = f"科室{number}"
    tasks.assign_by_name(session, clauses, name)
    department = department_named(session, name)
    assert department
    out, back, at = folder / f"{number}-out.zip", folder / f"{number}.zip", folder / name
    packets.create_packet(session, department.id, out, sign=False)
    packets.open_packet(out, at, USER)
    theirs = open_workspace(at, USER)
    chance = random.Random(number)
    answering.set_verdict(theirs, clauses, Verdict.MET)
    for piece in range(megabytes // 5):
        content = chance.randbytes(5 << 20)
        add_evidence(theirs, [NewEvidence(content, f"{piece}.png", f"材料{piece}")], [clauses[piece % count]])
    packets.return_packet(theirs, back, sign=False)
    close(theirs)
    out.unlink()
    return back


if __name__ == "__main__":
    os.environ.setdefault("EMRASSESS_HOME", sys.argv[1])
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
