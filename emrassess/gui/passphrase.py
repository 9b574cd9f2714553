"""Asking for passphrases: a new one to seal a file with, and that of a file that is sealed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.dialog_size import grow

ADVICE = (
    "至少 8 个字符：英文字母、数字、空格和半角标点，例如几个不相干的词。"
    "口令请另外告诉收件人（打电话或当面），不要和文件一起传。忘了口令，谁也打不开这个文件。"
)


def new_passphrase(parent: QWidget | None, what: str) -> str | None:
    """A passphrase to seal `what` with, typed twice; None where the user went back."""
    dialog = NewPassphraseDialog(what, parent)
    given = dialog.value if dialogs.run(dialog) else None
    dialog.deleteLater()
    return given


def known_passphrase(parent: QWidget | None, file: Path, problem: str = "") -> str | None:
    """The passphrase of `file`, which is sealed; None where the user went back. `problem`: what was wrong before."""
    dialog = PassphraseDialog(file, problem, parent)
    given = dialog.value if dialogs.run(dialog) else None
    dialog.deleteLater()
    return given


def run_unsealed(
    context: Context,
    parent: QWidget,
    title: str,
    work: Callable[..., Any],
    file: Path,
    done: Callable[[Any, str | None], None],
    *,
    progress: bool = False,
    passphrase: str | None = None,
) -> None:
    """Run `work(file, passphrase=…)`, which only reads; where it is sealed, ask for the passphrase until it is right.

    `done` gets the result and the passphrase that was right, None for a file that is not sealed.
    """

    def ended(result: object) -> None:
        if not isinstance(result, _Locked):
            done(result, passphrase)
            return
        given = known_passphrase(parent, file, result.problem)
        if given is not None:
            run_unsealed(context, parent, title, work, file, done, progress=progress, passphrase=given)

    context.operations.read(title, _Unsealing(work), file, progress=progress, done=ended, passphrase=passphrase)


class _Locked:
    """Instead of a result: the passphrase is needed, or was another (`problem` says so)."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


class _Unsealing:
    """`work`, with what is wrong with the passphrase as a result: only the passphrase is asked for anew then."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self._work = work

    def __call__(self, file: Path, **options: Any) -> object:
        from emrassess.exchange.sealing import NeedsPassphrase, WrongPassphrase  # noqa: PLC0415 - loads the ciphers

        try:
            return self._work(file, **options)
        except NeedsPassphrase:
            return _Locked("")
        except WrongPassphrase as error:
            return _Locked(f"{error.message}{error.hint}")


class _Hidden(QLineEdit):
    """A line that hides what is typed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(200)


class _Asking(QDialog):
    """What both dialogs have: lines, a way to see what is typed, a fault, two buttons."""

    def __init__(self, title: str, does: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self.value = ""
        self.form = QFormLayout()
        self.form.setSpacing(10)
        self._lines: list[_Hidden] = []
        self._problem = label("", "bad", wrap=True)
        self._seen = QCheckBox("显示口令")
        self._seen.toggled.connect(self._show_typed)
        self._does = button(does, self.accept, primary=True)
        self._does.setDefault(True)

    def arrange(self, text: str, advice: str = "") -> None:
        """Put it together once the lines are there."""
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self._does)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 20, 22, 16)
        box.setSpacing(12)
        box.addWidget(label(text, wrap=True))
        box.addLayout(self.form)
        box.addWidget(self._seen)
        if advice:
            box.addWidget(label(advice, "muted", wrap=True))
        box.addWidget(self._problem)
        box.addLayout(last)
        self.say("")

    def line(self, name: str) -> _Hidden:
        """A line more, with its name before it."""
        made = _Hidden(name)
        made.textEdited.connect(lambda _: self.say(""))
        self.form.addRow(name, made)
        self._lines.append(made)
        return made

    def say(self, problem: str, at: QLineEdit | None = None) -> None:
        """Say what is wrong, "" for nothing, and go to where it is."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        for line in self._lines:
            set_role(line, "invalid", line is at)
        grow(self)
        if at is not None:
            at.selectAll()
            at.setFocus()

    def _show_typed(self, seen: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if seen else QLineEdit.EchoMode.Password
        for line in self._lines:
            line.setEchoMode(mode)


class NewPassphraseDialog(_Asking):
    """A passphrase to seal with; `value` once accepted."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__("用口令加密", "加密", parent)
        self._first = self.line("口令")
        self._again = self.line("再输一次")
        self.arrange(f"给{what}设一个口令，收件人用它打开（本程序或 7-Zip）。", ADVICE)

    def accept(self) -> None:
        """Take it over where it is good enough and typed the same twice."""
        from emrassess.exchange.sealing import checked_passphrase  # noqa: PLC0415 - loads the ciphers

        try:
            checked = checked_passphrase(self._first.text())
        except UserError as error:
            self.say(f"{error.message}{error.hint}", self._first)
            return
        if checked != self._again.text():
            self.say("两次输入的不一样，请再输一次。", self._again)
            return
        self.value = checked
        super().accept()


class PassphraseDialog(_Asking):
    """The passphrase of a sealed file; `value` once accepted. Whether it is right is not known here."""

    def __init__(self, file: Path, problem: str = "", parent: QWidget | None = None) -> None:
        super().__init__("需要口令", "打开", parent)
        self._line = self.line("口令")
        self.arrange(f"“{file.name}”是加密的。请输入送来的人告诉你的口令。")
        if problem:
            self.say(problem, self._line)

    def accept(self) -> None:
        """Take over what was typed."""
        if not self._line.text():
            self.say("请输入口令。", self._line)
            return
        self.value = self._line.text()
        super().accept()
