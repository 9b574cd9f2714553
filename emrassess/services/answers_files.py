"""The workspace's answers as an answers file, and back."""

from dataclasses import replace
from pathlib import Path

from emrassess.domain.answers import Answers, Verdict
from emrassess.domain.assessment import Assessment, Confirmation
from emrassess.exchange.answers_file import read_answers, write_answers
from emrassess.services.changes import Changes
from emrassess.services.session import Session
from emrassess.storage.changes import (
    Change,
    answer_change,
    category_change,
    coverage_change,
    quality_change,
    setting_change,
)


def export_answers(session: Session, file: Path) -> None:
    """Write the answers to `file`, YAML or (by its ending) JSON. StorageError where the disk does not take it."""
    write_answers(session.answers, session.pack, file)


def import_answers(session: Session, file: Path) -> Changes:
    """Let the workspace say what `file` says, in one step that undo takes back; it then has the file's score.

    Clauses, ratios and coefficients that the file does not have are taken away; notes stay, and so do the verdicts
    partial and unmet (the format cannot tell them) and confirmed categories that it does not name. FileProblems names
    every fault of the file with its line; nothing is taken over then.
    """
    given = read_answers(file, session.pack)
    now = session.assessment
    changes = [
        setting_change(now, "target", given.target),
        *_verdicts(now, given),
        *_ratios(now, given),
        *_categories(session, given),
    ]
    return session.write(f"导入答案文件“{file.name}”", changes)


def _verdicts(now: Assessment, given: Answers) -> list[Change]:
    changes = []
    for clause in now.answers.keys() | given.verdicts.keys():
        answer = now.answer(clause)
        verdict = given.verdicts.get(clause)
        if verdict is None:
            verdict = Verdict.NOT_ASSESSED if answer.verdict is Verdict.MET else answer.verdict
        changes.append(answer_change(now, clause, replace(answer, verdict=verdict)))
    return sorted(changes, key=lambda change: change.key)


def _ratios(now: Assessment, given: Answers) -> list[Change]:
    coverage = {(i, n): ratio for i, levels in given.coverage.items() for n, ratio in levels.items()}
    quality = {
        (i, n, d): ratio
        for i, levels in given.quality.items()
        for n, dimensions in levels.items()
        for d, ratio in dimensions.items()
    }
    return [
        *(coverage_change(now, *cell, coverage.get(cell)) for cell in sorted(now.coverage.keys() | coverage.keys())),
        *(quality_change(now, *cell, quality.get(cell)) for cell in sorted(now.quality.keys() | quality.keys())),
    ]


def _categories(session: Session, given: Answers) -> list[Change]:
    now, at = session.assessment, session.workspace.now()
    return [
        category_change(now, item, level, Confirmation(category, session.user, at))
        for item, levels in given.categories.items()
        for level, category in levels.items()
        if (held := now.categories.get((item, level))) is None or held.category is not category
    ]
