"""A conflict side by side: what is here, what came back, what it was before; and the decision."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from emrassess.domain.assessment import Decision, Evidence, EvidenceKind
from emrassess.domain.merge import WHOLE, WHY_NAMES, MergeKind
from emrassess.domain.merge_values import LONG_TEXTS
from emrassess.domain.review import Photo
from emrassess.gui.context import Context
from emrassess.gui.models.merge_words import compared, known_file, name_text, place_text, sender_text, value_text
from emrassess.gui.models.merging import about_reviews
from emrassess.gui.widgets.basics import button, label, scrolled
from emrassess.gui.widgets.preview import PreviewPane
from emrassess.gui.widgets.review_photos import as_piece
from emrassess.reports.wording import minute

if TYPE_CHECKING:
    from emrassess.services.deciding import Shown

DECISIONS = {
    Decision.OURS: ("保留我们的", "1"),
    Decision.THEIRS: ("采用对方的", "2"),
    Decision.BOTH: ("两段都留", "3"),
}
"""What the buttons say, and their keys (as in actions.py)."""
MOST_BASE = 400  # letters of what it was before
LEAST_PREVIEW = 200  # pixels of height at a text size of 100 %; where that is not left, the view scrolls


class ConflictView(QWidget):
    """Shows one conflict. `decided`: its id and the Decision that was chosen."""

    decided = Signal(str, object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.shown: Shown | None = None
        self._title = label("", "heading", wrap=True)
        self._why = label("", "fair", wrap=True)
        self._clause = label("", "muted", wrap=True)
        self._base = label("", wrap=True)
        self._base.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.ours, self.theirs = _Side(context, "我们的"), _Side(context, "对方的")
        self.buttons = {
            decision: button(f"{text}（{key}）", lambda d=decision: self.decide(d))
            for decision, (text, key) in DECISIONS.items()
        }
        for decision, made in self.buttons.items():
            made.setAccessibleName(DECISIONS[decision][0])
        sides = QHBoxLayout()
        sides.setSpacing(10)
        sides.addWidget(self.ours, 1)
        sides.addWidget(self.theirs, 1)
        choice = QHBoxLayout()
        for made in self.buttons.values():
            choice.addWidget(made)
        choice.addStretch(1)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        for widget in (self._title, self._why, self._clause, self._base):
            inner.addWidget(widget)
        inner.addLayout(sides, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(scrolled(content), 1)
        box.addLayout(choice)
        context.theme.changed.connect(self._show_anew)

    def show_conflict(self, shown: "Shown | None") -> None:
        """Show a conflict; None leaves nothing to decide."""
        session = self._context.session
        self.shown = shown
        self.setEnabled(shown is not None)
        if shown is None or session is None:
            return
        found = shown.found
        self._title.setText(f"{place_text(found)}　{name_text(found, session)}")
        why = WHY_NAMES[found.why] if found.why else ""
        reviews = about_reviews(found)
        what = "导入的核查结果" if reviews else "合并的任务包"
        merged = f"{minute(shown.merge.at)} {what}" if shown.merge else what
        self._why.setText(f"{why}　·　{merged}")
        clauses = [c for c in found.clauses if c in session.pack.clause_by_id][:2]
        self._clause.setText("\n".join(f"{c}　{session.pack.clause_by_id[c].text}" for c in clauses))
        self._clause.setVisible(bool(clauses))
        base = value_text(found.key, found.base, known_file(session, found.key, found.base))
        self._base.setText(
            f"{'材料包里' if reviews else '发出任务包时'}：{base[:MOST_BASE]}{'…' if len(base) > MOST_BASE else ''}"
        )
        self._show_sides(shown)
        for decision, made in self.buttons.items():
            made.setEnabled(decision in shown.options and self._context.saves)

    def _show_anew(self) -> None:
        """The marks are in the colours in force."""
        self.show_conflict(self.shown)

    def decide(self, decision: Decision) -> None:
        """What the buttons do."""
        if self.shown is not None and self.buttons[decision].isEnabled() and decision in self.shown.options:
            self.decided.emit(self.shown.id, decision)

    def _show_sides(self, shown: "Shown") -> None:
        session = self._context.session
        found, key = shown.found, shown.found.key
        if session is None:
            return
        self.theirs.head.setText(f"对方的　{sender_text(shown.merge, session)}")
        if key.field in LONG_TEXTS.get(key.kind, ()):
            colour = self._context.theme.colours.accent_soft
            ours, theirs = (value or "" for value in (found.ours, found.theirs))
            left, right = compared(ours, theirs, colour)
            self.ours.show_text(left, value_text(key, found.ours))
            self.theirs.show_text(right, value_text(key, found.theirs))
            return
        piece = session.assessment.evidence.get(key.key)
        if key.kind is MergeKind.PHOTO and (photo := session.assessment.photos.get(key.key)):
            piece = as_piece(key.key, photo)
        ours_piece = piece if found.ours is not None else None
        self.ours.show_value(value_text(key, found.ours, shown.ours_file), ours_piece)
        self.theirs.show_value(value_text(key, found.theirs, shown.theirs_file), their_piece(shown, piece))


class _Side(QFrame):
    """One side: a text, or a value with the evidence it is about."""

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._theme = context.theme
        self.head = label(name, "muted", wrap=True)
        self.value = label("", "heading", wrap=True)
        self.value.setAccessibleName(f"{name}值")
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = QTextEdit()
        self.text.setAccessibleName(f"{name}文字")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.preview = PreviewPane(context, details=False, masks=False)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 10, 12, 10)
        box.setSpacing(6)
        box.addWidget(self.head)
        box.addWidget(self.value)
        box.addWidget(self.text, 1)
        box.addWidget(self.preview, 1)
        box.addStretch()

    def show_text(self, html: str, plain: str) -> None:
        """A text as HTML; `plain` stands there where it is empty."""
        self.text.setHtml(html)
        self._show("" if html else plain, text=bool(html), piece=None)

    def show_value(self, value: str, piece: Evidence | None) -> None:
        """A value, and the evidence that it is about."""
        self._show(value, text=False, piece=piece)

    def _show(self, value: str, *, text: bool, piece: Evidence | None) -> None:
        self.value.setText(value)
        self.value.setVisible(bool(value))
        self.text.setVisible(text)
        self.preview.setMinimumHeight(self._theme.px(LEAST_PREVIEW))
        self.preview.setVisible(piece is not None)
        self.preview.show_piece(piece)
        for said_already in (self.preview.title, self.preview.facts):
            said_already.hide()


def their_piece(shown: "Shown", piece: Evidence | None) -> Evidence | None:
    """The piece of evidence as they have it; None where they have none, or its file is not here."""
    key, theirs, file = shown.found.key, shown.found.theirs, shown.theirs_file
    if theirs is None or file is None:
        return None
    if key.kind is MergeKind.EVIDENCE and key.field == WHOLE:
        told: dict[str, Any] = theirs
        return Evidence(
            key.key, told.get("title", ""), EvidenceKind(told["kind"]), told.get("source_system", ""),
            told.get("captured_at", ""), (file,), tuple(told["clauses"]),
        )  # fmt: skip
    if key.kind is MergeKind.PHOTO:
        title, taken_at, by, _, *clauses = theirs
        return as_piece(
            key.key,
            Photo(title, tuple(clauses), file.sha256, file.file_name, file.size, file.media_type, taken_at, "", by),
        )
    if piece is None or key.kind is MergeKind.LINK:
        return piece
    if key.field == "file":
        return replace(piece, revisions=(file,))
    return replace(piece, **{key.field: EvidenceKind(theirs) if key.field == "kind" else theirs})
