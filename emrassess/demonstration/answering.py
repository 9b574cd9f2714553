"""The demonstration hospital's answers as changes to a workspace: one step an item, as a coordinator would go."""

from emrassess.demonstration.data import HospitalFile, ItemData
from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer
from emrassess.domain.pack import Item
from emrassess.services.session import Session
from emrassess.storage.changes import Change, answer_change, coverage_change, quality_change


def answer_all(session: Session, hospital: HospitalFile) -> None:
    """Write every answer of `hospital`."""
    for code, data in hospital.items.items():
        item = session.pack.item_by_code[code]
        session.write(f"填写 {code} {item.name}", item_changes(session.assessment, item, data))


def clause_answers(item: Item, data: ItemData) -> dict[str, ClauseAnswer]:
    """What the hospital says to each clause of `item` that it says anything to."""
    found: dict[str, ClauseAnswer] = {}
    for row in item.rows:
        for clause in row.clauses:
            said = data.clauses.get(clause.id)
            verdict = Verdict.MET if row.level <= data.through else Verdict.NOT_ASSESSED
            if said and said.verdict:
                verdict = said.verdict
            if said or verdict is not Verdict.NOT_ASSESSED:
                found[clause.id] = ClauseAnswer(verdict, said.note if said else "", said.shown if said else "")
    return found


def item_changes(now: Assessment, item: Item, data: ItemData) -> list[Change]:
    """The changes that give `item` its answers, coverage and quality coefficients."""
    changes = [answer_change(now, clause, answer) for clause, answer in clause_answers(item, data).items()]
    changes += [
        coverage_change(now, item.code, level, Ratio.counted(*counts)) for level, counts in data.coverage.items()
    ]
    changes += [
        quality_change(now, item.code, level, dimension, Ratio.counted(*counts))
        for level, dimensions in data.quality.items()
        for dimension, counts in dimensions.items()
    ]
    return changes
