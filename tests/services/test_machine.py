"""Any sequence of writes, undo and redo against a model of plain dicts; and reopening gives what memory held."""

import copy
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emrassess.domain.answers import Ratio, Verdict
from emrassess.errors import UserError
from emrassess.services import answering, evidence, history
from emrassess.services.evidence import NewEvidence
from emrassess.services.session import Session, close, create_workspace, open_workspace

CLAUSES = ("01.01.4(1)", "01.01.4(2)", "02.01.3(1)")
clauses = st.sampled_from(CLAUSES)
contents = st.sampled_from([b"", b"a", b"b", b"c"])
texts = st.text(alphabet="医嘱a'%\n😀", max_size=4)

Model = dict[str, dict[Any, Any]]


class Machine(RuleBasedStateMachine):
    """The model: verdicts, notes, coverage by key; evidence by the content in force, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.session: Session = create_workspace(self.folder / "w", "示例医院", 5, "张三")
        self.model: Model = {"verdict": {}, "note": {}, "coverage": {}, "evidence": {}}
        self.back: list[Model] = []
        self.forth: list[Model] = []

    def wrote(self, before: Model) -> None:
        """A step, if anything changed."""
        if self.model != before:
            self.back.append(before)
            self.forth.clear()

    @rule(clause=clauses, verdict=st.sampled_from(list(Verdict)))
    def answer(self, clause: str, verdict: Verdict) -> None:
        before = copy.deepcopy(self.model)
        answering.set_verdict(self.session, [clause], verdict)
        self.model["verdict"][clause] = verdict
        if verdict is Verdict.NOT_ASSESSED:
            del self.model["verdict"][clause]
        self.wrote(before)

    @rule(clause=clauses, text=texts)
    def note(self, clause: str, text: str) -> None:
        before = copy.deepcopy(self.model)
        answering.set_note(self.session, clause, text)
        self.model["note"][clause] = text
        if not text:
            del self.model["note"][clause]
        self.wrote(before)

    @rule(level=st.integers(3, 5), numerator=st.integers(0, 3))
    def cover(self, level: int, numerator: int) -> None:
        before = copy.deepcopy(self.model)
        answering.set_coverage(self.session, "01.01", level, Ratio.counted(numerator, 3))
        self.model["coverage"][level] = numerator
        self.wrote(before)

    @rule(content=contents, clause=clauses)
    def add(self, content: bytes, clause: str) -> None:
        before = copy.deepcopy(self.model)
        evidence.add_evidence(self.session, [NewEvidence(content, "x.png")], [clause])
        found = self.model["evidence"].setdefault(content, {"clauses": [], "earlier": 0})
        if clause not in found["clauses"]:
            found["clauses"].append(clause)
        self.wrote(before)

    def piece(self, content: bytes) -> str:
        for key, piece in self.session.assessment.evidence.items():
            if self.session.workspace.evidence_path(piece.current.sha256).read_bytes() == content:
                return key
        raise AssertionError(content)

    @precondition(lambda self: self.model["evidence"])
    @rule(data=st.data(), clause=clauses)
    def unlink(self, data: st.DataObject, clause: str) -> None:
        content = data.draw(st.sampled_from(list(self.model["evidence"])))
        before = copy.deepcopy(self.model)
        evidence.unlink_evidence(self.session, self.piece(content), clause)
        linked = self.model["evidence"][content]["clauses"]
        if clause in linked:
            linked.remove(clause)
        self.wrote(before)

    @precondition(lambda self: self.model["evidence"])
    @rule(data=st.data(), new=contents)
    def replace(self, data: st.DataObject, new: bytes) -> None:
        content = data.draw(st.sampled_from(list(self.model["evidence"])))
        if new in self.model["evidence"]:
            return
        before = copy.deepcopy(self.model)
        evidence.replace_evidence(self.session, self.piece(content), new, "y.png")
        self.model["evidence"] = {
            new if key == content else key: value for key, value in self.model["evidence"].items()
        }
        self.model["evidence"][new]["earlier"] += 1
        self.wrote(before)

    @precondition(lambda self: self.model["evidence"])
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        content = data.draw(st.sampled_from(list(self.model["evidence"])))
        before = copy.deepcopy(self.model)
        try:
            evidence.remove_evidence(self.session, self.piece(content))
        except UserError:
            assert self.model["evidence"][content]["clauses"]
        else:
            assert not self.model["evidence"].pop(content)["clauses"]
        self.wrote(before)

    @rule()
    def undo(self) -> None:
        changes = history.undo(self.session)
        if self.back:
            self.forth.append(self.model)
            self.model = self.back.pop()
        assert (changes.undo is None) == (not self.back)

    @rule()
    def redo(self) -> None:
        changes = history.redo(self.session)
        if self.forth:
            self.back.append(self.model)
            self.model = self.forth.pop()
        assert (changes.redo is None) == (not self.forth)

    @rule()
    def reopen(self) -> None:
        held = self.session.assessment
        close(self.session)
        self.session = open_workspace(self.folder / "w", "李四")
        assert self.session.assessment == held
        self.back, self.forth = [], []

    @invariant()
    def agrees(self) -> None:
        now = self.session.assessment
        assert {c: a.verdict for c, a in now.answers.items() if a.verdict is not Verdict.NOT_ASSESSED} == self.model[
            "verdict"
        ]
        assert {c: a.note for c, a in now.answers.items() if a.note} == self.model["note"]
        assert {level: ratio.numerator for (_, level), ratio in now.coverage.items()} == self.model["coverage"]
        assert [
            (self.session.workspace.evidence_path(p.current.sha256).read_bytes(), list(p.clauses), len(p.revisions) - 1)
            for p in now.evidence.values()
        ] == [(content, found["clauses"], found["earlier"]) for content, found in self.model["evidence"].items()]

    def teardown(self) -> None:
        close(self.session)
        shutil.rmtree(self.folder)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
