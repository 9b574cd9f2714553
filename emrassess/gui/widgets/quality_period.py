"""The dates that extracts are of: from and to, both included."""

import re
import unicodedata
from datetime import date

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from emrassess.errors import UserError
from emrassess.gui.widgets.basics import label, set_role

_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?")


class PeriodField(QWidget):
    """Takes 2026-08-01, 2026/8/1, 2026年8月1日; both empty: not told."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.last = QLineEdit(), QLineEdit()
        for line, name in ((self.first, "数据时段：从哪天"), (self.last, "数据时段：到哪天")):
            line.setAccessibleName(name)
            line.setPlaceholderText("如 2026-08-01")
            line.setMaxLength(20)
            line.setMinimumWidth(line.fontMetrics().horizontalAdvance("2026-08-01") + 30)
            line.textChanged.connect(lambda _, edit=line: set_role(edit, "invalid", False))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.first)
        row.addWidget(label("至"))
        row.addWidget(self.last)

    def show_period(self, period: tuple[date, date] | None) -> None:
        """Show a period; None: none."""
        for line, day in zip((self.first, self.last), period or ("", ""), strict=True):
            line.setText(str(day))

    def read(self) -> tuple[date, date] | None:
        """The period; UserError where it is none, which is marked."""
        texts = [unicodedata.normalize("NFKC", line.text()).strip() for line in (self.first, self.last)]
        if not any(texts):
            return None
        first, last = (self._day(line, text) for line, text in zip((self.first, self.last), texts, strict=True))
        if first > last:
            self._refuse(self.last, f"数据时段的结束日期 {last} 早于开始日期 {first}。")
        return first, last

    def _day(self, line: QLineEdit, text: str) -> date:
        found = _DATE.fullmatch(text)
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            pass
        self._refuse(line, "数据时段请写成两个日期，如 2026-08-01 至 2026-10-31；不知道就都不填。")
        raise AssertionError

    def _refuse(self, line: QLineEdit, message: str) -> None:
        set_role(line, "invalid", True)
        line.setFocus()
        raise UserError(message)
