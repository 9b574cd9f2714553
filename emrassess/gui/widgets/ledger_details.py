"""The finding in hand: what is asked, what the experts found, what the hospital does about it, and how it went."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding
from emrassess.domain.review import SEVERITY_NAMES, Severity, round_name
from emrassess.gui.context import Context
from emrassess.gui.models.ledger import Column, LedgerRow, colour_of, why_fixed
from emrassess.gui.widgets.basics import button, label, rule, scrolled, set_role
from emrassess.gui.widgets.ledger_fields import LedgerFields
from emrassess.gui.widgets.ledger_proof import LedgerProof
from emrassess.gui.widgets.thumbnails import Thumbnails
from emrassess.reports.wording import minute

if TYPE_CHECKING:
    from emrassess.services.session import Session

NOTHING = "选一个问题，在这里看详情、填整改措施。"
SEVERAL = "选中 {} 个问题：上面的操作对它们一起做；下面是其中的一个。"


class LedgerDetails(QWidget):
    """`clause_wanted`: the clause of the finding was asked for."""

    clause_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.row: LedgerRow | None = None
        self.several = label("", "muted", wrap=True)
        self._nothing = label(NOTHING, "muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = label("", "heading", wrap=True)
        self._standing = label("", wrap=True)
        self._pressing = label("", "bad", wrap=True)
        self.clause_button = button("", self._go, look="link", tip="到条款页看这一条（回车键）")
        self._requirement, self._problem, self._suggestion, self._raised, self.history = (_text() for _ in range(5))
        for made, name in ((self._requirement, "条款要求"), (self._problem, "问题"), (self._suggestion, "整改建议")):
            made.setAccessibleName(name)
        self.history.setAccessibleName("经过")
        self._suggestion_head = label("整改建议", "heading")
        self.fields = LedgerFields()
        self.proof = LedgerProof(context, Thumbnails(context, self))
        self._fixed = label("", "fair", wrap=True)
        self._inner = QWidget()
        self._arrange()
        self.show_row(None, 0)

    def _arrange(self) -> None:
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(5)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._standing)
        column.addLayout(head)
        for widget in (self._pressing, self.several):
            column.addWidget(widget)
        column.addWidget(self.clause_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._requirement)
        column.addWidget(rule())
        column.addWidget(label("问题", "heading"))
        for widget in (self._problem, self._suggestion_head, self._suggestion, self._raised):
            column.addWidget(widget)
        column.addWidget(rule())
        column.addWidget(self._fixed)
        column.addWidget(self.fields)
        column.addWidget(self.proof)
        column.addWidget(rule())
        column.addWidget(label("经过", "heading"))
        column.addWidget(self.history)
        column.addStretch(1)
        self._area = scrolled(self._inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._nothing, 1)
        outer.addWidget(self._area, 1)

    def show_row(self, row: LedgerRow | None, selected: int) -> None:
        """Show this finding, one of `selected`; None: there is none to show."""
        session = self._context.session
        before, self.row = self.row, row
        self._nothing.setVisible(row is None)
        self._area.setVisible(row is not None)
        if row is None or session is None:
            self.fields.flush()
            self.fields.finding = ""
            return
        another = before is None or before.id != row.id
        finding = row.finding
        self.several.setText(SEVERAL.format(selected))
        self.several.setVisible(selected > 1)
        self._show_words(row)
        self.fields.offer_names(*_names(session, finding))
        if another or not self.fields.finding:
            self.fields.show_finding(row.id, finding)
            self._area.verticalScrollBar().setValue(0)
        else:
            self.fields.update_finding(finding)
        photos = [(key, session.assessment.photos[key]) for key in finding.before if key in session.assessment.photos]
        pieces = [
            session.assessment.evidence[key] for key in finding.after if key in session.assessment.evidence
        ]  # fmt: skip
        self.proof.show_pictures(photos, pieces)
        self._show_mode(session, finding)

    def _show_words(self, row: LedgerRow) -> None:
        finding = row.finding
        self._title.setText(f"问题 {row.id}")
        self._standing.setText(FINDING_STATE_NAMES[finding.state])
        set_role(self._standing, "role", colour_of(row, Column.STATE))
        pressing = [SEVERITY_NAMES[finding.severity]] if finding.severity is Severity.SERIOUS else []
        pressing += ["挂牌督办"] if finding.supervised else []
        pressing += [row.left] if row.line.overdue else []
        self._pressing.setText("　".join(pressing))
        self._pressing.setVisible(bool(pressing))
        set_role(self._pressing, "role", "muted" if row.is_closed else "bad")
        self.clause_button.setText(f"条款 {finding.clause}　{row.item}")
        self.clause_button.setAccessibleName(f"到条款 {finding.clause}")
        _say(self._requirement, row.line.text)
        _say(self._problem, finding.problem)
        _say(self._suggestion, finding.suggestion)
        self._suggestion_head.setVisible(bool(finding.suggestion))
        severity = "" if finding.severity is Severity.NONE else f"严重程度：{SEVERITY_NAMES[finding.severity]}"
        parts = (round_name(finding.raised), row.group, finding.raised_by, minute(finding.raised_at), severity)
        _say(self._raised, " · ".join(part for part in parts if part))
        _say(
            self.history,
            "\n".join(f"{minute(event.at)}　{event.who}　{event.what}" for event in reversed(finding.history)),
        )

    def _show_mode(self, session: "Session", finding: Finding) -> None:
        writable = self._context.writable
        fixed = why_fixed(finding, session.user)
        self.fields.set_writable(writable, fixed)
        self.proof.set_writable(writable and not fixed, self._context.why_not or f"{fixed}。")
        _say(self._fixed, f"{fixed}。" if fixed and writable else "")

    def forget(self) -> None:
        """Another workspace: nothing of the old one stays."""
        self.fields.forget()
        self.row = None

    def _go(self) -> None:
        if self.row is not None:
            self.clause_wanted.emit(self.row.finding.clause)


def _names(session: "Session", finding: Finding) -> tuple[Sequence[str], Sequence[str]]:
    """The departments to choose from, and the people of the finding's."""
    known = session.assessment.departments.values()
    others = dict.fromkeys(held.department for held in session.assessment.findings.values() if held.department)
    people = [name for department in known if department.name == finding.department for name in department.people]
    return list(dict.fromkeys((*(department.name for department in known), *others))), people


def _text() -> QLabel:
    made = label("", wrap=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _say(shown: QLabel, text: str) -> None:
    shown.setText(text)
    shown.setVisible(bool(text))
