"""Answers to clauses, effective-application ratios, data-quality coefficients. Each call is one step of undo."""

from collections.abc import Sequence
from dataclasses import replace

from emrassess.domain.answers import VERDICT_NAMES, Ratio, Verdict
from emrassess.domain.assessment import ClauseAnswer
from emrassess.domain.pack import Dimension
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.errors import UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_text, known_clauses, known_item
from emrassess.services.rechecks import marks_off
from emrassess.services.session import Session
from emrassess.services.tasks import begun
from emrassess.storage.changes import answer_change, coverage_change, quality_change


def set_verdict(session: Session, clause_ids: Sequence[str], verdict: Verdict) -> Changes:
    """Give all these clauses the same self verdict; a mark for another look is thereby done with, and work on what
    changes has begun.

    UserError for a clause that the pack does not have.
    """
    clauses = known_clauses(session.pack, clause_ids)
    what = clauses[0] if len(clauses) == 1 else f"{len(clauses)} 条"
    now = session.assessment
    changes = [answer_change(now, c, replace(now.answer(c), verdict=verdict)) for c in clauses]
    begins = begun(session, (c for c in clauses if now.answer(c).verdict is not verdict))
    return session.write(f"自评 {what}：{VERDICT_NAMES[verdict]}", [*changes, *marks_off(session, clauses), *begins])


def set_note(session: Session, clause: str, text: str) -> Changes:
    """The note to a clause; empty takes it away."""
    known_clauses(session.pack, [clause])
    answer = replace(session.assessment.answer(clause), note=clean_text(text))
    return _write_text(session, f"修改 {clause} 的说明", clause, answer)


def set_demonstration(session: Session, clause: str, text: str) -> Changes:
    """Where in the system a clause is shown; empty takes it away."""
    known_clauses(session.pack, [clause])
    answer = replace(session.assessment.answer(clause), demonstration=clean_text(text))
    return _write_text(session, f"修改 {clause} 的演示路径", clause, answer)


def _write_text(session: Session, label: str, clause: str, answer: ClauseAnswer) -> Changes:
    begins = begun(session, [clause]) if answer != session.assessment.answer(clause) else []
    return session.write(label, [answer_change(session.assessment, clause, answer), *begins])


def set_coverage(session: Session, item: str, level: int, ratio: Ratio | None) -> Changes:
    """Effective-application ratio of `item` at `level`; None takes it away.

    UserError where the item has no such level, or is one of those whose coverage follows from its function.
    """
    found = known_item(session.pack, item, level)
    if found.coverage.functional and ratio is not None:
        raise UserError(f"{item} {found.name} 的有效应用按功能评定，不填比例", "达到功能要求的级别即按 1.00 计。")
    return session.write(
        f"修改 {item} {level} 级的有效应用比例", [coverage_change(session.assessment, item, level, ratio)]
    )


def set_quality(session: Session, item: str, level: int, dimension: Dimension, ratio: Ratio | None) -> Changes:
    """Data-quality coefficient of `item` at `level`; None takes it away.

    UserError where annex 4 asks for no such coefficient there.
    """
    found = known_item(session.pack, item, level)
    source = found.quality_rows[level]
    name = DIMENSION_NAMES[dimension]
    if ratio is not None:
        if source is None:
            raise UserError(f"{item} {level} 级没有数据质量要求", "它的数据质量指数按 1.00 计，不用填。")
        if source.level != level:
            raise UserError(f"{item} {level} 级沿用 {source.level} 级的数据质量系数", f"请填在 {source.level} 级。")
        if dimension not in source.dimensions:
            asked = "、".join(DIMENSION_NAMES[d] for d in source.dimensions)
            raise UserError(f"{item} {level} 级不要求{name}", f"这里要求的是：{asked}。")
    return session.write(
        f"修改 {item} {level} 级的{name}系数", [quality_change(session.assessment, item, level, dimension, ratio)]
    )
