"""What holds for every merge of packets, and how quick its preview is."""

import json
import time
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment
from emrassess.domain.merge import flatten
from emrassess.services import answering, evidence, history
from emrassess.services.evidence import NewEvidence
from emrassess.services.merging import merge, preview
from emrassess.services.session import Session, close, create_workspace
from tests.services.packet_samples import (
    A,
    B,
    C,
    D,
    assign,
    department,
    given_back,
    last_entry,
    packs_read_once,
    returned,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]


OWN = {"检验科": (A, B), "护理部": (C,), "病案室": (D,)}
EDITS = st.lists(
    st.tuples(st.sampled_from(["note", "verdict", "add", "unlink", "title"]), st.integers(0, 5)), max_size=4
)


def edit(session: Session, clauses: tuple[str, ...], edits: list[tuple[str, int]]) -> None:
    for what, number in edits:
        clause = clauses[number % len(clauses)]
        mine = [p for p in session.assessment.evidence.values() if clause in p.clauses]
        if what == "note":
            answering.set_note(session, clause, f"说明{number}")
        elif what == "verdict":
            answering.set_verdict(session, [clause], list(Verdict)[number % 4])
        elif what == "add":
            # Few files, so that departments often bring the same one.
            new = NewEvidence(b"file %d" % (number % 3), "图.txt", "标题")
            evidence.add_evidence(session, [new], [clause])
        elif mine and what == "unlink":
            evidence.unlink_evidence(session, mine[0].id, clause)
        elif mine:
            evidence.edit_evidence(session, mine[0].id, title=f"标题{number}")


def told(assessment: Assessment) -> set[tuple[object, ...]]:
    """What it says, pieces told by what they are and prove rather than by their ids."""
    names = {p.id: (p.current.sha256, p.title, frozenset(p.clauses)) for p in assessment.evidence.values()}
    return {
        (key.kind, names.get(key.key, key.key), key.field, json.dumps(value))
        for key, value in flatten(assessment).items()
    }


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)
@given(works=st.fixed_dictionaries(dict.fromkeys(OWN, EDITS)), here=EDITS)
def test_the_order_of_packets_does_not_matter_where_they_do_not_conflict(
    tmp_path_factory: pytest.TempPathFactory, works: dict[str, list[tuple[str, int]]], here: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("hub")
    hub = create_workspace(folder / "hub", "示例医院", 5, "张三", clock=Clock())
    try:
        for name, clauses in OWN.items():
            assign(hub, *clauses, name=name)
        edit(hub, (A, B, C, D), here)
        files = []
        for name, clauses in OWN.items():
            with department(hub, folder / name, name) as there:
                edit(there, clauses, works[name])
                files.append(given_back(there, folder / f"{name}-back.zip"))
        before, results = hub.assessment, []
        for order in permutations(files):
            done = merge(hub, order)
            last = last_entry(hub)
            assert not merge(hub, order[::-1]).changes and last_entry(hub) == last
            results.append((done.waiting, told(hub.assessment)))
            for _ in order:
                history.undo(hub)
            assert hub.assessment == before
        if not any(waiting for waiting, _ in results):
            assert all(result == results[0] for result in results)
    finally:
        close(hub)


def test_a_preview_of_700_clauses_is_quick(session: Session, tmp_path: Path) -> None:
    clauses = list(session.pack.clause_by_id)[:700]
    assign(session, *clauses)
    new = [NewEvidence(b"%d" % n, f"{n}.txt", f"材料 {n}") for n in range(200)]
    evidence.add_evidence(session, new, clauses[:2])

    def work(lab: Session) -> None:
        answering.set_verdict(lab, clauses, Verdict.MET)
        for piece in list(lab.assessment.evidence)[:20]:
            evidence.edit_evidence(lab, piece, title="改")

    back = returned(session, tmp_path, work)
    started = time.perf_counter()
    (told,) = preview(session, [back])
    assert told.merge and len(told.merge.taken) >= len(clauses)
    assert time.perf_counter() - started < 3  # 1 s on a quiet machine; see the benchmark
