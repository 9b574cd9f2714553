"""The boxes that are being drawn on a picture: a list to read, with a way back from each step."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from emrassess.domain.assessment import Box

Index = QModelIndex | QPersistentModelIndex


class MaskBoxes(QAbstractListModel):
    """The boxes in the order they were drawn, and the one in hand."""

    edited = Signal()
    """Boxes were added, moved, removed or taken back."""
    chosen = Signal(int)
    """Another one is in hand; -1: none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.boxes: tuple[Box, ...] = ()
        self.current = -1
        self._history: list[tuple[Box, ...]] = []
        self._step = ""

    # --- reading

    @property
    def box(self) -> Box | None:
        """The one in hand."""
        return self.boxes[self.current] if self.current >= 0 else None

    @property
    def can_undo(self) -> bool:
        return any(state != self.boxes for state in self._history)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.boxes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return box_text(index.row(), self.boxes[index.row()])
        return None

    # --- changing

    def start(self, boxes: Sequence[Box]) -> None:
        """Begin with these boxes, none in hand and nothing to take back."""
        self._history.clear()
        self._step = ""
        self._show(tuple(boxes), -1)

    def choose(self, row: int) -> None:
        """Take a box in hand; -1: none."""
        if row != self.current:
            self.current, self._step = row, ""
            self.chosen.emit(row)

    def begin(self, step: str = "") -> None:
        """Remember the boxes as they are: the next change starts a step of undo.

        Equal names one after another are one step, as where an arrow key is held down.
        """
        if not step or step != self._step:
            self._history.append(self.boxes)
        self._step = step

    def add(self, box: Box) -> None:
        """A further box, then in hand; a step of undo."""
        self.begin()
        self._show((*self.boxes, box), len(self.boxes))

    def put(self, box: Box) -> None:
        """The box in hand is there now; part of the step begun last."""
        row = self.current
        if row >= 0 and self.boxes[row] != box:
            self.boxes = (*self.boxes[:row], box, *self.boxes[row + 1 :])
            self.dataChanged.emit(self.index(row), self.index(row))
            self.edited.emit()

    def remove(self) -> None:
        """Take the box in hand away, the next one in hand; a step of undo."""
        row = self.current
        if row >= 0:
            self.begin()
            left = (*self.boxes[:row], *self.boxes[row + 1 :])
            self._show(left, min(row, len(left) - 1))

    def undo(self) -> None:
        """Take the last step back."""
        while self._history:
            state = self._history.pop()
            if state != self.boxes:
                changed = (row for row, box in enumerate(state) if self.boxes[row : row + 1] != (box,))
                self._step = ""
                self._show(state, next(changed, len(state) - 1))
                return

    def _show(self, boxes: tuple[Box, ...], current: int) -> None:
        self.beginResetModel()
        self.boxes, self.current = boxes, current
        self.endResetModel()
        self.chosen.emit(current)
        self.edited.emit()


def box_text(row: int, box: Box) -> str:
    """A box in words: "第 1 处　左 12% 上 8% 宽 20% 高 5%"."""
    parts = (("左", box.x), ("上", box.y), ("宽", box.w), ("高", box.h))
    return f"第 {row + 1} 处　" + " ".join(f"{name} {share:.0%}" for name, share in parts)
