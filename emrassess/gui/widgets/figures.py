"""The figures of the overview: a number with its bar, and the readiness of a group."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emrassess.domain.readiness import Readiness
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label, points
from emrassess.gui.widgets.click_card import ClickCard
from emrassess.gui.widgets.meter import Meter
from emrassess.gui.widgets.radar import percent


class Figure(ClickCard):
    """A name, a large number, a bar and a sentence; a click asks for the reasons."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._value = label("", "figure")
        self._note = label("", "muted", wrap=True)
        self._meter = Meter(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 12, 10)
        column.setSpacing(3)
        column.addWidget(label(name, "muted"))
        column.addWidget(self._value)
        column.addWidget(self._meter)
        column.addWidget(self._note)
        column.addStretch(1)
        self.setToolTip("点开看依据")
        self.settle()

    def show_figure(self, value: str, note: str, shares: tuple[float, float] | None, colour: str = "accent") -> None:
        """`shares`: filled and pale part of the bar, None for no bar."""
        self._value.setText(value)
        self._note.setText(note)
        self._meter.setVisible(shares is not None)
        if shares:
            self._meter.show_share(shares[0], also=shares[1], colour=colour)
        self.setAccessibleName(f"{self._name} {value}，{note}")


class GroupCard(ClickCard):
    """Readiness of a group as a bar with numbers."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = label("", "heading")
        self._share = label("", "heading")
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._meter = Meter(theme)
        self._lines = [label("", "muted", wrap=True) for _ in range(3)]
        top = QHBoxLayout()
        top.addWidget(self._name)
        top.addWidget(self._share, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 9, 14, 9)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._meter)
        for line in self._lines:
            column.addWidget(line)
        column.addStretch(1)
        self.setToolTip("点开看依据")
        self.settle()

    def show_readiness(self, r: Readiness) -> None:
        """Show a group's figures."""
        share = float(r.share)
        self._name.setText(r.name)
        self._share.setText(f"就绪 {percent(share)}")
        self._meter.show_share(share, also=r.clauses_met / max(r.clauses, 1), colour="good" if share >= 1 else "accent")
        quality = f"，质量 {r.quality.passed}/{r.quality.total}" if r.quality and r.quality.total else ""
        words = (
            "，".join(f"{part.name.removesuffix('项')} {part.passed}/{part.total}" for part in r.parts),
            f"条款达标 {r.clauses_met}/{r.clauses}，实证完整 {r.clauses_ready}",
            f"得分 {points(r.points)}/{points(r.points_at_target)}{quality}",
        )
        for line, text in zip(self._lines, words, strict=True):
            line.setText(text)
        self.setAccessibleName(f"{r.name} 就绪 {percent(share)}，{'；'.join(words)}")
