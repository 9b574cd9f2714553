"""What the hospital claims of the clause in hand: verdict, where it is shown, evidence; and what was before."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from emrassess.domain.answers import VERDICT_NAMES
from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding
from emrassess.domain.review import EXPERT_VERDICT_NAMES, SEVERITY_NAMES, Opinion, round_name
from emrassess.gui.models.review_scope import findings_of, opinion_before
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label, set_role, worth
from emrassess.gui.widgets.evidence_strip import EvidenceStrip
from emrassess.gui.widgets.official_wording import OfficialWording
from emrassess.gui.widgets.signs import VERDICT_COLOURS
from emrassess.gui.widgets.thumbnails import Thumbnails
from emrassess.reports.wording import VERDICT_SIGNS, minute

if TYPE_CHECKING:
    from emrassess.services.session import Session

NO_PATH = "医院没有写演示路径。"
NO_EVIDENCE = "医院没有附实证材料。"


class ClaimView(QWidget):
    """Read only. `previewed`: a piece of evidence is to be looked at."""

    previewed = Signal(str)

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = label("", "muted", wrap=True)
        self.requirement = _selectable(label("", "clause", wrap=True))
        self.wording = OfficialWording(theme)
        self.verdict = label("", "heading")
        self.note = _selectable(label("", wrap=True))
        self.path = _selectable(label("", "clause", wrap=True))
        self.path.setAccessibleName("演示路径")
        self.before = _selectable(label("", wrap=True))
        self.ledger = _selectable(label("", wrap=True))
        self.strip = EvidenceStrip(theme, thumbnails)
        self.strip.writable = False
        self.strip.previewed.connect(self.previewed)
        self.no_evidence = label(NO_EVIDENCE, "muted", wrap=True)
        self._evidence = label("实证材料", "heading")
        self._past = _framed("notice", "核查和整改的经过", self.before, self.ledger)
        self._arrange()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.number)
        column.addWidget(self.requirement)
        column.addWidget(self.wording)
        column.addWidget(_framed("shown", "演示路径（请医院照这里演示）", self.path))
        claim = QHBoxLayout()
        claim.addWidget(label("医院自评", "heading"))
        claim.addWidget(self.verdict)
        claim.addStretch(1)
        column.addLayout(claim)
        column.addWidget(self.note)
        column.addWidget(self._past)
        column.addWidget(self._evidence)
        column.addWidget(self.no_evidence)
        column.addWidget(self.strip)
        column.addStretch(1)

    def show_clause(self, session: "Session", clause: str, place: str) -> None:
        """Show a clause; `place`: where it stands on the way."""
        held, found = session.assessment, session.pack.clause_by_id[clause]
        answer, item = held.answer(clause), session.pack.item_by_code[clause[:5]]
        parts = (f"{clause}　{found.level} 级　{item.name}", worth(found), place)
        self.number.setText("　".join(part for part in parts if part))
        self.requirement.setText(found.text)
        self.wording.show_text(held.wording.get(clause, ""))
        self.verdict.setText(f"{VERDICT_SIGNS[answer.verdict]} {VERDICT_NAMES[answer.verdict]}")
        set_role(self.verdict, "tone", VERDICT_COLOURS[answer.verdict])
        self.note.setText(answer.note)
        self.note.setVisible(bool(answer.note.strip()))
        self.path.setText(answer.demonstration.strip() or NO_PATH)
        set_role(self.path, "role", "clause" if answer.demonstration.strip() else "muted")
        self._show_past(opinion_before(held, clause), findings_of(held, clause))
        self._show_pieces(session, clause)
        self.setAccessibleName(f"条款 {clause}，自评{VERDICT_NAMES[answer.verdict]}")

    def _show_pieces(self, session: "Session", clause: str) -> None:
        pieces = {piece.id: piece for piece in session.evidence_by_clause.get(clause, ())}
        held = session.assessment.evidence
        for _, finding in findings_of(session.assessment, clause):
            pieces |= {key: held[key] for key in finding.after if key in held}
        self._evidence.setText(f"实证材料（{len(pieces)} 件，点开看）" if pieces else "实证材料")
        self.strip.pieces.set_pieces(tuple(pieces.values()))
        self.strip.setVisible(bool(pieces))
        self.no_evidence.setVisible(not pieces)

    def _show_past(self, opinion: Opinion | None, findings: tuple[tuple[str, Finding], ...]) -> None:
        self.before.setText(earlier_text(opinion) if opinion else "")
        self.before.setVisible(opinion is not None)
        self.ledger.setText("\n".join(finding_text(finding) for _, finding in findings))
        self.ledger.setVisible(bool(findings))
        self._past.setVisible(opinion is not None or bool(findings))


def earlier_text(opinion: Opinion) -> str:
    """An opinion of an earlier visit, in words."""
    parts = [
        f"{round_name(opinion.round)}：{EXPERT_VERDICT_NAMES[opinion.verdict]}（{opinion.by} {minute(opinion.at)}）"
    ]
    if opinion.seen.strip():
        parts.append(f"现场所见：{opinion.seen}")
    if opinion.problem.strip():
        parts.append(f"问题：{opinion.problem}（{SEVERITY_NAMES[opinion.severity]}）")
    if opinion.suggestion.strip():
        parts.append(f"整改建议：{opinion.suggestion}")
    return "\n".join(parts)


def finding_text(finding: Finding) -> str:
    """A line of the ledger, in words."""
    supervised = "，挂牌督办" if finding.supervised else ""
    whose = "　".join(part for part in (finding.department, finding.owner) if part)
    lines = [f"整改台账：{FINDING_STATE_NAMES[finding.state]}{supervised}　{finding.problem}"]
    if finding.measures.strip():
        lines.append(f"整改措施：{finding.measures}")
    if finding.after:
        lines.append(f"整改后的材料 {len(finding.after)} 件，在下面的实证材料里")
    if whose:
        lines.append(f"责任：{whose}")
    return "\n".join(lines)


def _selectable(made: QLabel) -> QLabel:
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _framed(name: str, title: str, *content: QWidget) -> QFrame:
    frame = QFrame()
    frame.setObjectName(name)
    box = QVBoxLayout(frame)
    box.setContentsMargins(14, 8, 12, 10)
    box.setSpacing(4)
    box.addWidget(label(title, "muted"))
    for widget in content:
        box.addWidget(widget)
    return frame
