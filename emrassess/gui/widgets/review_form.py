"""The expert's own layer on the clause in hand: verdict, what was seen, problem, suggestion, place, photos."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from emrassess.domain.review import SEVERITY_NAMES, Opinion, Photo, Severity
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.autosave_text import AutosaveText
from emrassess.gui.widgets.basics import button, label, scrolled
from emrassess.gui.widgets.review_photos import PhotoStrip
from emrassess.gui.widgets.thumbnails import Thumbnails
from emrassess.gui.widgets.verdict_bar import ExpertVerdictBar
from emrassess.reports.wording import minute

SEEN, PROBLEM, SUGGESTION, SEVERITY, PLACE, VERDICT = (
    "seen", "problem", "suggestion", "severity", "place", "verdict",
)  # fmt: skip
TEXTS = {
    SEEN: ("现场所见", "看了什么、抽查了几份、看到什么", 1),
    PROBLEM: ("问题", "与要求不符的是什么", 2),
    SUGGESTION: ("整改建议", "怎样改、到什么程度算改好", 2),
}
NO_PHOTOS = "还没有照片。按 Ctrl+V 粘贴截图，或把照片拖到这里。"
NO_PHOTOS_THERE = "专家没有附照片。"
FINGER = 44


class _Choice(QComboBox):
    """The wheel scrolls the page, and never chooses."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class OpinionForm(QWidget):
    """Texts that could not be saved stay as drafts and are shown again. What is chosen is shown once it is saved."""

    verdict_chosen = Signal(str, object)
    said = Signal(str, str, object)
    """Clause, field, value. Answer by `saved` or `failed`."""
    left = Signal()
    """Escape was pressed in a text."""
    pasted = Signal(QMimeData)
    paste = Signal()
    add = Signal()
    phrases_wanted = Signal()
    previewed = Signal(str)
    removed = Signal(str)
    outside = Signal(str)

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clause = ""
        self._opinion = Opinion()
        self._drafts: dict[tuple[str, str], tuple[object, str]] = {}
        self._asked: dict[tuple[str, str], str] = {}
        self.verdicts = ExpertVerdictBar(theme)
        self.verdicts.chosen.connect(lambda verdict: self.verdict_chosen.emit(self.clause, verdict))
        self.texts = {name: AutosaveText(*words) for name, words in TEXTS.items()}
        self._heads = {name: label(words[0], "heading") for name, words in TEXTS.items()}
        self.severity, self.place, self.place_text = _Choice(), _Choice(), QLineEdit()
        self.phrases = button("常见问题…", self.phrases_wanted.emit, tip="选一条，问题和建议就填好了（P）")
        self._problems = {name: label("", "bad", wrap=True) for name in (VERDICT, *TEXTS, SEVERITY, PLACE)}
        self.stamp = label("", "muted", wrap=True)
        self.strip = PhotoStrip(theme, thumbnails)
        self.no_photos = label(NO_PHOTOS, "muted", wrap=True)
        self.paste_button = button("粘贴", self.paste.emit, tip="剪贴板里的截图（Ctrl+V）")
        self.add_button = button("添加照片…", self.add.emit, tip="选择一张或几张照片（Insert）")
        self._fill_choices()
        self._arrange()
        self._connect()

    def _fill_choices(self) -> None:
        self.severity.setAccessibleName("严重程度")
        for severity, name in SEVERITY_NAMES.items():
            self.severity.addItem(f"严重程度：{name}", severity.value)
        self.place.setAccessibleName("核查地点")
        self.place.setEditable(True)
        self.place.setLineEdit(self.place_text)
        self.place.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.place_text.setMaxLength(60)

    def _arrange(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(6)
        for name, text in self.texts.items():
            head = QHBoxLayout()
            head.addWidget(self._heads[name], 1)
            if name == PROBLEM:
                head.addWidget(self.severity)
                head.addWidget(self.phrases)
            column.addLayout(head)
            column.addWidget(text)
            column.addWidget(self._problems[name])
        where = QHBoxLayout()
        where.addWidget(label("地点"))
        where.addWidget(self.place, 1)
        column.addWidget(self._problems[SEVERITY])
        column.addLayout(where)
        column.addWidget(self._problems[PLACE])
        photos = QHBoxLayout()
        photos.addWidget(label("现场照片", "heading"), 1)
        photos.addWidget(self.paste_button)
        photos.addWidget(self.add_button)
        column.addLayout(photos)
        for widget in (self.no_photos, self.strip, self.stamp):
            column.addWidget(widget)
        column.addStretch(1)
        top = QWidget()
        box = QVBoxLayout(top)
        box.setContentsMargins(12, 8, 12, 0)
        box.setSpacing(4)
        box.addWidget(self.verdicts)
        box.addWidget(self._problems[VERDICT])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(top)
        outer.addWidget(scrolled(inner), 1)
        for problem in self._problems.values():
            problem.hide()

    def _connect(self) -> None:
        for name, text in self.texts.items():
            text.save.connect(lambda value, n=name: self._ask(n, value))
            text.left.connect(self.left)
            text.pasted.connect(self.pasted)
        self.severity.activated.connect(
            lambda _: self.said.emit(self.clause, SEVERITY, Severity(self.severity.currentData()))
        )
        self.place.activated.connect(lambda _: self._save_place())
        self.place_text.editingFinished.connect(self._save_place)
        self.strip.previewed.connect(self.previewed)
        self.strip.unlinked.connect(self.removed)
        self.strip.outside.connect(self.outside)

    # --- showing

    def offer_places(self, places: Mapping[str, str]) -> None:
        """The stops that there can be, by code."""
        self.place.clear()
        for code, name in places.items():
            self.place.addItem(name, code)

    def show_clause(
        self, clause: str, opinion: Opinion, photos: Sequence[tuple[str, Photo]], stop: str, *, writable: bool
    ) -> None:
        """Show another clause; what was typed for the one before is handed over first. `stop`: where it is seen."""
        self.flush()
        self.clause, self._opinion = clause, opinion
        for name, text in self.texts.items():
            draft, problem = self._drafts.get((clause, name), (None, ""))
            text.set_text(getattr(opinion, name), None if draft is None else str(draft))
            self._say(name, problem)
        for name in (VERDICT, SEVERITY, PLACE):
            self._say(name, "")
        self._show_chosen(opinion, stop)
        self.show_photos(photos, writable=writable)
        self._set_writable(writable)

    def update_opinion(self, opinion: Opinion, stop: str) -> None:
        """The clause in hand has another opinion, maybe by undo. Typing under way is kept."""
        self._opinion = opinion
        for name, text in self.texts.items():
            saved = getattr(opinion, name)
            draft = self._drafts.get((self.clause, name))
            if draft and str(draft[0]).strip() == saved:
                self.saved(self.clause, name, draft[0])  # the window tried again
            elif not draft and not text.unsaved and text.toPlainText().strip() != saved:
                text.set_text(saved)
        self._show_chosen(opinion, stop)

    def _show_chosen(self, opinion: Opinion, stop: str) -> None:
        self.verdicts.set_verdict(opinion.verdict)
        self.severity.setCurrentIndex(self.severity.findData(opinion.severity.value))
        where = opinion.place or stop
        row = self.place.findData(where)
        if row >= 0:
            self.place.setCurrentIndex(row)
        elif not self.place_text.hasFocus():
            self.place.setEditText(where)
        self.stamp.setText("" if opinion.is_empty else f"{opinion.by} {minute(opinion.at)} 最后修改")

    def show_photos(self, photos: Sequence[tuple[str, Photo]], *, writable: bool) -> None:
        """The photos of the clause in hand."""
        self.strip.show_photos(photos)
        self.strip.setVisible(bool(photos))
        self.no_photos.setText(NO_PHOTOS if writable else NO_PHOTOS_THERE)
        self.no_photos.setVisible(not photos)

    def _set_writable(self, writable: bool) -> None:
        self.verdicts.setEnabled(writable)
        for text in self.texts.values():
            text.setReadOnly(not writable)
        for box in (self.severity, self.place):
            box.setEnabled(writable)
        for made in (self.phrases, self.paste_button, self.add_button):
            made.setVisible(writable)
        self.strip.writable = writable

    def set_large(self, large: bool) -> None:
        """Buttons for fingers."""
        for made in self.verdicts.buttons.values():
            made.set_least(FINGER if large else 0)

    # --- saving

    @property
    def problem(self) -> str:
        """The problem as it stands there now."""
        return self.texts[PROBLEM].toPlainText()

    @property
    def suggestion(self) -> str:
        """The suggestion as it stands there now."""
        return self.texts[SUGGESTION].toPlainText()

    def flush(self) -> None:
        """Save what is typed and not saved yet."""
        if self.clause:
            for text in self.texts.values():
                text.flush()

    def saved(self, clause: str, name: str, value: object) -> None:
        """`value` is in the workspace now."""
        self._drafts.pop((clause, name), None)
        self._asked.pop((clause, name), None)
        if clause == self.clause:
            if name in self.texts:
                self.texts[name].saved(str(value))
            self._say(name, "")

    def failed(self, clause: str, name: str, value: object, why: str) -> None:
        """`value` could not be saved: keep a text, and say so beside it."""
        problem = f"没有保存：{why}"
        self._asked.pop((clause, name), None)
        if name in self.texts:
            problem += "文字还在这里，离开输入框时会再试。"
            self._drafts[clause, name] = value, problem
        if clause == self.clause:
            self._say(name, problem)
            if name not in self.texts:
                self._show_chosen(self._opinion, "")

    def forget(self) -> None:
        """Another workspace: nothing of the old one stays."""
        self.clause = ""
        self._drafts.clear()
        self._asked.clear()

    @property
    def where(self) -> str:
        """The place as it stands there now: the code of a stop, or a text."""
        text = self.place.currentText().strip()
        row = self.place.findText(text, Qt.MatchFlag.MatchExactly)
        return str(self.place.itemData(row)) if row >= 0 else text

    def _ask(self, name: str, text: str) -> None:
        """Have a text saved, once: it is still unsaved while that is under way."""
        if self._asked.get((self.clause, name)) != text:
            self._asked[self.clause, name] = text
            self.said.emit(self.clause, name, text)

    def _save_place(self) -> None:
        # Where nothing is said yet, the place alone is no opinion: it goes along with the first word.
        if self.clause and not self._opinion.is_empty and self.where != self._opinion.place:
            self.said.emit(self.clause, PLACE, self.where)

    def _say(self, name: str, problem: str) -> None:
        self._problems[name].setText(problem)
        self._problems[name].setVisible(bool(problem))
