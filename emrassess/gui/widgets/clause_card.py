"""A clause as a card, and the heading of its level above the first one."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import ClauseAnswer, Evidence, Recheck
from emrassess.domain.pack import Category, Clause, LevelRow
from emrassess.gui.theme import CATEGORY_NAMES, VERDICT_NAMES, Theme
from emrassess.gui.widgets.basics import button, label, set_role, worth
from emrassess.gui.widgets.official_wording import OfficialWording
from emrassess.gui.widgets.verdict_bar import VerdictBar


class ClauseCard(QFrame):
    """Id, points, requirement, verdict, and in a line what else there is. The card in hand also holds the details."""

    taken = Signal(str)
    """The clause was clicked or focused: take it in hand."""
    verdict_chosen = Signal(str, object)
    looked_at = Signal(str)
    """The mark for another look is to be taken away."""
    dropped = Signal(str, QMimeData)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.clause: Clause | None = None
        self.verdict = Verdict.NOT_ASSESSED
        self._current = False
        self._dragged_over = False
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.number = label("", "muted")
        self.facts = label("", "muted")
        self.requirement = label("", wrap=True)
        self.wording = OfficialWording(theme)
        self.wording.pressed.connect(self._on_wording_pressed)
        self.task = label("", "muted", wrap=True)
        self.problem = label("", "bad", wrap=True)
        self.mark = label("", "fair", wrap=True)
        self.looked = button("已看过", self._on_looked, tip="去掉“需再看”的标记，自评不变")
        self.verdicts = VerdictBar(theme)
        self.verdicts.chosen.connect(self._on_chosen)
        self.excerpt = label("", "muted", wrap=True)
        self._arrange()
        self.set_current(False)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.number)
        head.addStretch(1)
        head.addWidget(self.facts)
        marked = QHBoxLayout()
        marked.addWidget(self.mark, 1)
        marked.addWidget(self.looked)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(16, 10, 14, 12)
        self.box.setSpacing(6)
        self.box.addLayout(head)
        self.box.addWidget(self.requirement)
        self.box.addWidget(self.task)
        self.box.addLayout(marked)
        self.box.addWidget(self.wording)
        self.box.addWidget(self.verdicts)
        self.box.addWidget(self.problem)
        self.box.addWidget(self.excerpt)

    def show_clause(self, clause: Clause, answer: ClauseAnswer, pieces: Sequence[Evidence], unsaved: bool) -> None:
        """Show a clause with its answer. `unsaved`: a text of it could not be saved."""
        if clause is not self.clause:
            self.clause = clause
            self.number.setText(f"{clause.id}　{worth(clause)}".strip())
            self.requirement.setText(clause.text)
        self.verdict = answer.verdict
        self.fail("")
        self.show_facts(answer, pieces, unsaved)
        points = f"，{worth(clause)}" if clause.points is not None else ""
        self.setAccessibleName(f"条款 {clause.id}{points}，{VERDICT_NAMES[answer.verdict]}")
        self.setAccessibleDescription(clause.text)
        self.update()

    def show_wording(self, text: str) -> None:
        """The official wording of the clause shown, "" where none is imported."""
        self.wording.show_text(text)
        if self.clause:
            self.setAccessibleDescription(f"{self.clause.text}　官方原文：{text}" if text else self.clause.text)

    def show_facts(self, answer: ClauseAnswer, pieces: Sequence[Evidence], unsaved: bool) -> None:
        """How much evidence there is, what it lacks, and how the note begins."""
        lacking = sum(bool(piece.lacks) for piece in pieces)
        parts = ["文字没有保存"] if unsaved else []
        parts.append(f"实证 {len(pieces)} 件" + (f"（{lacking} 件不全）" if lacking else "") if pieces else "无实证")
        self.facts.setText(" · ".join(parts))
        lines = [f"说明：{_start(answer.note)}"] if answer.note.strip() else []
        if answer.demonstration.strip():
            lines.append(f"演示：{_start(answer.demonstration)}")
        self.excerpt.setText("\n".join(lines))
        self.excerpt.setVisible(bool(lines) and not self._current)

    def show_mark(self, recheck: Recheck | None) -> None:
        """Show why the clause is marked for another look, if it is; after the rest of the clause is shown."""
        self.mark.setText(f"需再看：{recheck.why}" if recheck else "")
        self.mark.setVisible(recheck is not None)
        self.looked.setVisible(recheck is not None)
        if recheck and self.clause:
            self.looked.setAccessibleName(f"{self.clause.id} 已看过")
            self.setAccessibleDescription(f"{self.mark.text()}。{self.accessibleDescription()}")

    def show_task(self, text: str, *, pressing: bool) -> None:
        """Show whose the clause is, by when and how far, "" for nobody's; after the rest of the clause is shown."""
        self.task.setText(text)
        self.task.setVisible(bool(text))
        set_role(self.task, "role", "bad" if pressing else "muted")
        if text and self.clause:
            self.setAccessibleDescription(f"{self.accessibleDescription()}。{text}")

    def set_current(self, current: bool) -> None:
        """Whether this is the clause in hand."""
        self._current = current
        self.excerpt.setVisible(bool(self.excerpt.text()) and not current)
        self.verdicts.set_reachable(current)
        self.looked.setFocusPolicy(Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.NoFocus)
        self.update()

    def set_writable(self, writable: bool) -> None:
        """Whether it takes a verdict and files."""
        self.verdicts.setEnabled(writable)
        self.looked.setEnabled(writable)
        self.setAcceptDrops(writable)

    def fail(self, message: str) -> None:
        """Say in place that the verdict was not saved; "" takes it back."""
        self.verdicts.set_verdict(self.verdict)
        self.problem.setText(message)
        self.problem.setVisible(bool(message))

    def _on_chosen(self, verdict: Verdict) -> None:
        if self.clause:
            self.verdict_chosen.emit(self.clause.id, verdict)

    def _on_looked(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.clause:
            self.looked_at.emit(self.clause.id)

    def _on_wording_pressed(self) -> None:
        # Not once it is in hand: taking it again moves the focus, and what is being selected would be lost.
        if self.clause and not self._current:
            self.taken.emit(self.clause.id)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.clause:
            self.taken.emit(self.clause.id)
        super().mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or mime.hasText():
            self._dragged_over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._dragged_over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dragged_over = False
        self.update()
        event.acceptProposedAction()
        if self.clause:
            self.dropped.emit(self.clause.id, event.mimeData())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = "accent" if self._current or self._dragged_over else "border"
        painter.setPen(QPen(theme.colour(frame), 2 if frame == "accent" else 1))
        painter.setBrush(theme.colour("accent_soft" if self._dragged_over else "surface"))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, 8, 8)
        ink, _ = theme.verdict_colours(self.verdict)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink if self.verdict is not Verdict.NOT_ASSESSED else theme.colour("border"))
        painter.drawRoundedRect(QRectF(5, 12, 4, self.height() - 24), 2, 2)


def _start(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


class LevelHeading(QWidget):
    """Level, summary, category, how many clauses are met, and the button that meets the whole row."""

    meet_row = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = ""
        self.title = label("", "heading", wrap=True)
        self.state = label("", "muted")
        self.meet = button("整级达标", lambda: self.meet_row.emit(self._row), look="link")
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 8, 4, 0)
        line.addWidget(self.title, 1)
        line.addWidget(self.state)
        line.addWidget(self.meet)

    def show_row(self, row: LevelRow, category: Category | None, met: int, total: int, writable: bool) -> None:
        """Show a level row with `met` of its `total` clauses met, as far as they are here."""
        self._row = row.code
        self.title.setText(f"{row.level} 级　{row.summary}")
        name = f"{CATEGORY_NAMES[category]} · " if category else ""
        self.state.setText(f"{name}达标 {met}/{total}")
        self.meet.setToolTip(f"把 {row.code} 的 {total} 条全部评为达标，一步可撤销")
        self.meet.setAccessibleName(f"{row.code} 整级达标")
        self.meet.setEnabled(writable and met < total)
