"""What is written and shown for the clause in hand: hint, note, demonstration path, evidence. One for all cards."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.assessment import ClauseAnswer, Evidence
from emrassess.domain.pack import Clause
from emrassess.gui.preferences import Preferences
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.autosave_text import AutosaveText
from emrassess.gui.widgets.basics import button, label, offer
from emrassess.gui.widgets.evidence_strip import EvidenceStrip
from emrassess.gui.widgets.thumbnails import Thumbnails

NOTE, DEMONSTRATION = "note", "demonstration"
NO_EVIDENCE = "还没有实证。按 Ctrl+V 粘贴截图，或把文件拖到这张卡片上。"


class ClauseDetails(QWidget):
    """Sits in the card of the clause in hand. Texts that could not be saved stay as drafts and are shown again."""

    save = Signal(str, str, str)
    """Clause, field (NOTE or DEMONSTRATION), text. Answer by `text_saved` or `text_failed`."""
    left = Signal()
    pasted = Signal(QMimeData)
    add_files = Signal()
    paste = Signal()
    drafts_changed = Signal()

    def __init__(
        self, theme: Theme, preferences: Preferences, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.clause = ""
        self._drafts: dict[tuple[str, str], tuple[str, str]] = {}
        self.hint_button = button("", self._fold, look="link")
        self.hint = label("", "muted", wrap=True)
        self.hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fields = {
            NOTE: AutosaveText("自评说明", "怎么做到的、还差什么"),
            DEMONSTRATION: AutosaveText(
                "演示路径", "专家到现场时在哪个系统、哪个菜单看，如：医师工作站 › 医嘱 › 新开", 1
            ),
        }
        self._problems = {name: label("", "bad", wrap=True) for name in self.fields}
        for name, field in self.fields.items():
            field.save.connect(lambda text, n=name: self.save.emit(self.clause, n, text))
            field.left.connect(self.left)
            field.pasted.connect(self.pasted)
        self.strip = EvidenceStrip(theme, thumbnails)
        self.empty = label(NO_EVIDENCE, "muted", wrap=True)
        self.add_button = button("添加文件…", self.add_files.emit, tip="选择一个或多个文件作为本条款的实证")
        self.paste_button = button("粘贴截图", self.paste.emit, tip="剪贴板里的截图、文件或文字（Ctrl+V）")
        self._arrange()
        self._show_hint()

    def _arrange(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.hint_button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.hint)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for row, (name, text) in enumerate(((NOTE, "说明"), (DEMONSTRATION, "演示路径"))):
            grid.addWidget(label(text), 2 * row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.fields[name], 2 * row, 1)
            grid.addWidget(self._problems[name], 2 * row + 1, 1)
            self._problems[name].hide()
        grid.setColumnStretch(1, 1)
        box.addLayout(grid)
        line = QHBoxLayout()
        line.addWidget(label("实证材料"))
        line.addStretch(1)
        line.addWidget(self.paste_button)
        line.addWidget(self.add_button)
        box.addLayout(line)
        box.addWidget(self.empty)
        box.addWidget(self.strip)

    def follow(self, before: QWidget) -> None:
        """Have Tab come here after `before`: the details move from card to card."""
        order = (self.hint_button, *self.fields.values(), self.paste_button, self.add_button, self.strip)
        for widget in order:
            QWidget.setTabOrder(before, widget)
            before = widget

    def show_clause(self, clause: Clause, answer: ClauseAnswer, pieces: Sequence[Evidence]) -> None:
        """Show another clause; what was typed for the one before is handed over first."""
        self.flush()
        self.clause = clause.id
        self.hint.setText(clause.evidence)
        self._show_hint()
        for name, saved in ((NOTE, answer.note), (DEMONSTRATION, answer.demonstration)):
            draft, problem = self._drafts.get((clause.id, name), (None, ""))
            self.fields[name].set_text(saved, draft)
            self._say(name, problem)
        self.show_pieces(pieces)

    def update_answer(self, answer: ClauseAnswer) -> None:
        """The clause in hand was answered anew, maybe by undo. Typing under way is kept."""
        for name, saved in ((NOTE, answer.note), (DEMONSTRATION, answer.demonstration)):
            draft = self._drafts.get((self.clause, name))
            if draft and draft[0] == saved:
                self.text_saved(self.clause, name, saved)  # the window tried again
            elif not draft and not self.fields[name].unsaved:
                self.fields[name].set_text(saved)

    def show_pieces(self, pieces: Sequence[Evidence]) -> None:
        """The evidence of the clause in hand."""
        self.strip.pieces.set_pieces(pieces)
        self.strip.setVisible(bool(pieces))
        self.empty.setVisible(not pieces)

    def set_writable(self, writable: bool, why_not: str) -> None:
        """Whether anything may be changed, and why not."""
        for field in self.fields.values():
            field.setReadOnly(not writable)
        for made in (self.add_button, self.paste_button):
            offer(made, writable, why_not)
        self.empty.setText(NO_EVIDENCE if writable else "没有实证。")
        self.strip.writable = writable

    def flush(self) -> None:
        """Save what is typed and not saved yet."""
        if self.clause:
            for field in self.fields.values():
                field.flush()

    def text_saved(self, clause: str, name: str, text: str) -> None:
        """`text` is in the workspace now."""
        if clause == self.clause:
            self.fields[name].saved(text)
            self._say(name, "")
        if self._drafts.pop((clause, name), None):
            self.drafts_changed.emit()

    def text_failed(self, clause: str, name: str, text: str, why: str) -> None:
        """`text` could not be saved: keep it, and say so beside it."""
        problem = f"没有保存：{why} 文字还在这里，离开输入框时会再试。"
        self._drafts[clause, name] = text, problem
        if clause == self.clause:
            self._say(name, problem)
        self.drafts_changed.emit()

    def has_draft(self, clause: str) -> bool:
        """Whether a text of this clause could not be saved."""
        return any(owner == clause for owner, _ in self._drafts)

    def forget(self) -> None:
        """Another workspace: nothing of the old one stays."""
        self.clause = ""
        self._drafts.clear()
        self.drafts_changed.emit()

    def _say(self, name: str, problem: str) -> None:
        self._problems[name].setText(problem)
        self._problems[name].setVisible(bool(problem))

    def _fold(self) -> None:
        self._preferences.hints = not self._preferences.hints
        self._preferences.save()
        self._show_hint()

    def _show_hint(self) -> None:
        """Open or folded; nothing at all where nobody has said what proves the clause."""
        shown = self._preferences.hints
        self.hint.setVisible(shown and bool(self.hint.text()))
        self.hint_button.setVisible(bool(self.hint.text()))
        text = "▾ 通常怎样证明" if shown else "▸ 通常怎样证明"
        self.hint_button.setText(text)
        self.hint_button.setAccessibleName(f"{'收起' if shown else '展开'}：通常怎样证明")
