"""What the hospital fills in of a finding: department, owner, deadline, measures. A failed save keeps the input."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from emrassess.domain.ledger import Finding
from emrassess.errors import UserError
from emrassess.gui.widgets.autosave_text import AutosaveText
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.task_assign import name_choice
from emrassess.gui.widgets.task_deadline import DeadlineField

DEPARTMENT, OWNER, DEADLINE, MEASURES = "department", "owner", "deadline", "measures"
FIELD_NAMES = {DEPARTMENT: "责任科室", OWNER: "责任人", DEADLINE: "期限", MEASURES: "整改措施"}
ISO_DATE = 10  # characters
MEASURES_PAUSE_MS = 10_000
"""Each save of the measures is a line of the finding's history: they are not saved at every breath."""


@dataclass
class _Field:
    """How a field is read and filled. `known`: what is saved; `problem`: where it is said that it could not be."""

    widget: QWidget
    text: Callable[[], str]
    show: Callable[[str], None]
    problem: QLabel
    known: str = ""

    @property
    def unsaved(self) -> bool:
        return self.text().strip() != self.known.strip()


class LedgerFields(QWidget):
    """Each field is saved when it is left."""

    save = Signal(str, str, str)
    """Id of the finding, field, text. Answer by `saved` or `failed`."""
    edited = Signal()
    """Something is typed that is not saved yet."""
    left = Signal()
    """Escape was pressed in the measures."""
    pasted = Signal(QMimeData)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = ""
        self._drafts: dict[tuple[str, str], tuple[str, str]] = {}
        self._loading = False
        self.department = name_choice(FIELD_NAMES[DEPARTMENT], "选择，或者写科室名称")
        self.owner = name_choice(FIELD_NAMES[OWNER], "谁负责改")
        self.deadline = DeadlineField()
        self.measures = AutosaveText(
            FIELD_NAMES[MEASURES], "改了什么、怎样保证以后不再发生", 3, pause_ms=MEASURES_PAUSE_MS
        )
        self._form = QWidget()
        self.told = label("", wrap=True)
        """The same in words, where nothing can be changed."""
        self._fields = {
            DEPARTMENT: _Field(self.department, self.department.currentText, self.department.setEditText, _problem()),
            OWNER: _Field(self.owner, self.owner.currentText, self.owner.setEditText, _problem()),
            DEADLINE: _Field(self.deadline, self.deadline.line.text, self.deadline.line.setText, _problem()),
            MEASURES: _Field(self.measures, self.measures.toPlainText, self.measures.set_text, _problem()),
        }
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for row, (name, field) in enumerate(self._fields.items()):
            place = Qt.AlignmentFlag.AlignTop if name == MEASURES else Qt.AlignmentFlag.AlignVCenter
            grid.addWidget(label(FIELD_NAMES[name]), 2 * row, 0, place)
            grid.addWidget(field.widget, 2 * row, 1)
            grid.addWidget(field.problem, 2 * row + 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.told)
        box.addWidget(self._form)

    def _connect(self) -> None:
        for name, combo in ((DEPARTMENT, self.department), (OWNER, self.owner)):
            combo.activated.connect(lambda _, n=name: self._flush(n))
            _line(combo).editingFinished.connect(lambda n=name: self._flush(n))
            combo.editTextChanged.connect(lambda _: self._on_edited())
        self.deadline.line.editingFinished.connect(lambda: self._flush(DEADLINE))
        self.deadline.edited.connect(self._on_deadline)
        self.measures.save.connect(lambda _: self._flush(MEASURES))
        self.measures.textChanged.connect(self._on_edited)
        self.measures.left.connect(self.left)
        self.measures.pasted.connect(self.pasted)

    # --- showing

    def offer_names(self, departments: Sequence[str], people: Sequence[str]) -> None:
        """The departments and people one can choose."""
        self._loading = True
        for combo, names in ((self.department, departments), (self.owner, people)):
            if [combo.itemText(place) for place in range(combo.count())] != list(names):
                typed = combo.currentText()
                combo.clear()
                combo.addItems(list(names))
                combo.setCurrentIndex(-1)
                combo.setEditText(typed)
        self._loading = False

    def show_finding(self, key: str, finding: Finding) -> None:
        """Show another finding; what was typed for the one before is handed over first."""
        self.flush()
        self.finding = key
        for name, field in self._fields.items():
            field.known = getattr(finding, name)
            draft, problem = self._drafts.get((key, name), (None, ""))
            self._show(name, field.known, draft)
            self._say(name, problem)

    def update_finding(self, finding: Finding) -> None:
        """The finding in hand was written anew, maybe by undo. Typing under way is kept."""
        for name, field in self._fields.items():
            saved = getattr(finding, name)
            draft = self._drafts.get((self.finding, name))
            if draft and draft[0].strip() == saved.strip():
                self.saved(self.finding, name, saved)  # the window tried again
            elif not draft and not field.unsaved:
                field.known = saved
                if field.text().strip() != saved.strip():
                    self._show(name, saved, None)

    def _show(self, name: str, saved: str, draft: str | None) -> None:
        self._loading = True
        if name == MEASURES:
            self.measures.set_text(saved, draft)
        else:
            self._fields[name].show(saved if draft is None else draft)
        self._loading = False

    def set_writable(self, writable: bool, fixed: str) -> None:
        """Whether anything may be changed; `fixed`: why the measures may not."""
        self._form.setVisible(writable)
        self.told.setVisible(not writable)
        self.told.setText("\n".join(f"{name}：{self._fields[key].known or '无'}" for key, name in FIELD_NAMES.items()))
        for name in (DEPARTMENT, OWNER, DEADLINE):
            self._fields[name].widget.setEnabled(writable)
        self.measures.setReadOnly(not writable or bool(fixed))
        self.measures.setToolTip(f"{fixed}。" if fixed and writable else "")

    # --- saving

    @property
    def typed_measures(self) -> str:
        """The measures as they stand there now, saved or not."""
        return self.measures.toPlainText().strip()

    def flush(self) -> None:
        """Save what is typed and not saved yet."""
        for name in self._fields:
            self._flush(name)

    def _flush(self, name: str) -> None:
        field = self._fields[name]
        if self._loading or not self.finding or not field.unsaved or not self._takes_input(name):
            return
        text = field.text().strip()
        if name == DEADLINE:
            try:
                text = self.deadline.read(take_focus=False)
            except UserError as error:
                self.failed(self.finding, name, text, f"{error.message}。{error.hint}")
                return
        self._say(name, "")
        self.save.emit(self.finding, name, text)

    def _takes_input(self, name: str) -> bool:
        return not self.measures.isReadOnly() if name == MEASURES else self._fields[name].widget.isEnabled()

    def saved(self, key: str, name: str, text: str) -> None:
        """`text` is in the workspace now."""
        self._drafts.pop((key, name), None)
        if key == self.finding:
            self._fields[name].known = text
            if name == MEASURES:
                self.measures.saved(self.measures.toPlainText() if not self._fields[name].unsaved else text)
            self._say(name, "")

    def failed(self, key: str, name: str, text: str, why: str) -> None:
        """`text` could not be saved: keep it, and say so beside it."""
        problem = f"没有保存：{why}"
        self._drafts[key, name] = text, problem
        if key == self.finding:
            self._say(name, problem)

    def forget(self) -> None:
        """Another workspace: nothing of the old one stays."""
        self.finding = ""
        self._drafts.clear()

    def _on_edited(self) -> None:
        if not self._loading:
            self.edited.emit()

    def _on_deadline(self) -> None:
        """A whole date is saved at once: the calendar does not take the focus away."""
        if not self._loading and len(self.deadline.line.text().strip()) == ISO_DATE:
            self._flush(DEADLINE)

    def _say(self, name: str, problem: str) -> None:
        self._fields[name].problem.setText(problem)
        self._fields[name].problem.setVisible(bool(problem))


def _problem() -> QLabel:
    made = label("", "bad", wrap=True)
    made.hide()
    return made


def _line(combo: QComboBox) -> QLineEdit:
    return combo.lineEdit() or QLineEdit()
