"""Undo and redo through the session, and the audit trail behind them."""

from emrassess.services.changes import Changes
from emrassess.services.session import Session
from emrassess.storage.changes import AuditEntry, inverse


def undo(session: Session) -> Changes:
    """Take back the last step of this session; it becomes a new entry of the audit trail. Nothing to do: no change."""
    if not session.undo_stack:
        return session.report("没有可撤销的操作", [])
    step = session.undo_stack[-1]
    changes = inverse(step.changes)
    session.apply(f"撤销：{step.label}", changes)
    session.redo_stack.append(session.undo_stack.pop())
    return session.report(f"撤销：{step.label}", changes)


def redo(session: Session) -> Changes:
    """Do again what was last undone, unless something was written since."""
    if not session.redo_stack:
        return session.report("没有可重做的操作", [])
    step = session.redo_stack[-1]
    session.apply(f"重做：{step.label}", step.changes)
    session.undo_stack.append(session.redo_stack.pop())
    return session.report(f"重做：{step.label}", step.changes)


def history(session: Session, limit: int = 200, before: int | None = None) -> list[AuditEntry]:
    """Who changed what and when, newest first; with `before`, the entries numbered below it."""
    return session.workspace.audit(limit, before)
