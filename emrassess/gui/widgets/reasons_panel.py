"""A panel of Chinese sentences behind a number, each leading to where it is mended."""

from html import escape

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from emrassess.gui.models.explanations import Explanation, Line
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label


class ReasonsPanel(QFrame):
    """`go_to` with a sentence's target; `closed` once the reader is done."""

    go_to = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._theme = theme
        self._shown: Explanation | None = None
        self._title = label("", "heading", wrap=True)
        self._text = QTextBrowser()
        self._text.setProperty("look", "plain")
        self._text.setAccessibleName("依据")
        self._text.setOpenLinks(False)
        self._text.anchorClicked.connect(self._on_link)
        self._close = button("关闭", self.closed.emit, tip="回到阻碍列表（Esc）")
        escape_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape_key.activated.connect(self.closed)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.addLayout(top)
        layout.addWidget(self._text, 1)
        theme.changed.connect(self._render)

    def show_explanation(self, explanation: Explanation, *, anew: bool) -> None:
        """Show sentences; `anew` goes to their start, else the place is kept."""
        self._shown = explanation
        self._title.setText(explanation.title)
        bar = self._text.verticalScrollBar()
        place = bar.value()
        self._render()
        bar.setValue(0 if anew else place)
        if anew:
            self._text.setFocus()

    def _render(self) -> None:
        if self._shown is None:
            return
        colours = self._theme.colours
        style = f"<style>a {{color: {colours.accent}; text-decoration: none}}</style>"
        body = "".join(_html(line, colours.good) for line in self._shown.lines)
        self._text.setHtml(style + body)

    def _on_link(self, url: QUrl) -> None:
        self.go_to.emit(url.toString())


def _html(line: Line, good: str) -> str:
    text = escape(line.text)
    if line.heading:
        return f'<p style="margin:12px 0 4px 0"><b>{text}</b></p>'
    if line.good:
        text = f'<span style="color:{good}">√ </span>{text}'
    if line.target:
        text = f'<a href="{escape(line.target, quote=True)}">{text} ›</a>'
    return f'<p style="margin:3px 0">{text}</p>'
