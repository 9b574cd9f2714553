"""Choosing the level to aim at: those that most hospitals aim at side by side, the others in a list."""

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from emrassess.domain.pack import Level
from emrassess.gui.widgets.basics import clear, label

FIRST_TARGETS = (4, 5, 6)
USUAL_TARGET = 4
AT_ONCE = 5
"""So many levels stand side by side; of more only the first targets do."""


class TargetChoice(QWidget):
    """The levels of a pack, with the name of the chosen one below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: dict[int, str] = {}
        self._group = QButtonGroup(self)
        self._group.idToggled.connect(self._show_name)
        self._other = QComboBox()
        self._row = QHBoxLayout()
        self._name = label("", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._row)
        column.addWidget(self._name)

    @property
    def level(self) -> int:
        """The chosen level; 0 where there is none to choose."""
        chosen = self._group.checkedId()
        return chosen if chosen > 0 else self._other.currentData() or 0

    def show_levels(self, levels: Sequence[Level]) -> None:
        """Offer these; the level that was chosen stays where it is among them, else it is the usual one."""
        known = [level.level for level in levels]
        chosen = self.level if self.level in known else usual_target(known)
        first = [n for n in known if n in FIRST_TARGETS or len(known) <= AT_ONCE]
        others = [n for n in known if n not in first]
        self._names = {level.level: level.name for level in levels}
        for made in self._group.buttons():
            self._group.removeButton(made)
        clear(self._row)
        for level in first:
            self._add(f"{level} 级", level).setChecked(level == chosen)
        self._other = QComboBox()
        if others:
            self._add_others(others, chosen)
        self._row.addStretch(1)
        self._show_name()

    def _add(self, text: str, number: int) -> QRadioButton:
        made = QRadioButton(text)
        self._group.addButton(made, number)
        self._row.addWidget(made)
        return made

    def _add_others(self, levels: list[int], chosen: int) -> None:
        other, box = self._add("其他", 0), self._other
        box.setAccessibleName("其他目标级别")
        for level in levels:
            box.addItem(f"{level} 级", level)
        box.setCurrentIndex(levels.index(chosen) if chosen in levels else 0)
        box.setEnabled(chosen in levels)
        box.currentIndexChanged.connect(self._show_name)
        other.toggled.connect(box.setEnabled)
        other.setChecked(chosen in levels)
        self._row.addWidget(box)

    def _show_name(self) -> None:
        name = self._names.get(self.level, "")
        self._name.setText(f"{self.level} 级：{name}" if name else "")


def usual_target(levels: Sequence[int]) -> int:
    """The level most hospitals aim at, else the highest below it, else the lowest; 0 where there is none."""
    return max((n for n in levels if n <= USUAL_TARGET), default=min(levels, default=0))
