"""A deadline to type or to pick from a calendar."""

import re
import unicodedata

from PySide6.QtCore import QDate, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from emrassess.domain.planning import checked_deadline
from emrassess.gui.widgets.basics import button, set_role

ROWS = 7  # of a calendar: the days' names and six weeks
_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?")


class DeadlineField(QWidget):
    """Takes 2026-11-30, 2026/11/30, 2026年11月30日; empty: no deadline."""

    edited = Signal()

    def __init__(self, deadline: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(deadline)
        self.line.setAccessibleName("期限")
        self.line.setPlaceholderText("如 2026-11-30，可不填")
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._on_changed)
        self.calendar = button("日历…", self._pick, tip="从日历里选一天")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(self.calendar)
        self.setFocusProxy(self.line)

    def read(self, *, take_focus: bool = True) -> str:
        """The deadline as an ISO date, "" for none; UserError where it is no date, which is marked."""
        typed = unicodedata.normalize("NFKC", self.line.text()).strip()
        found = _DATE.fullmatch(typed)
        if found:
            year, month, day = found.groups()
            typed = f"{year}-{month:0>2}-{day:0>2}"
        try:
            return checked_deadline(typed)
        except Exception:
            set_role(self.line, "invalid", True)
            if take_focus:
                self.line.setFocus()
            raise

    def _on_changed(self) -> None:
        set_role(self.line, "invalid", False)
        self.edited.emit()

    def _pick(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = _calendar()
        day = QDate.fromString(self.line.text().strip(), Qt.DateFormat.ISODate)
        if day.isValid():
            calendar.setSelectedDate(day)

        def taken(day: QDate) -> None:
            self.line.setText(day.toString(Qt.DateFormat.ISODate))
            menu.close()

        calendar.clicked.connect(taken)
        calendar.activated.connect(taken)
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)
        menu.popup(self._place(menu.sizeHint()))

    def _place(self, size: QSize) -> QPoint:
        """Where a calendar of that size is seen whole: under the button, or over it."""
        under = self.calendar.mapToGlobal(QPoint(0, self.calendar.height()))
        if under.y() + size.height() <= self.screen().availableGeometry().bottom():
            return under
        return self.calendar.mapToGlobal(QPoint(0, -size.height()))


def _calendar() -> QCalendarWidget:
    """From today on, as high as its rows are in the program's own style."""
    made = QCalendarWidget()
    made.setMinimumDate(QDate.currentDate())
    made.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        made.setWeekdayTextFormat(weekend, QTextCharFormat())  # Qt's own red is too faint on dark
    for name, text, says in (("prevmonth", "‹", "上个月"), ("nextmonth", "›", "下个月")):
        turn = made.findChild(QToolButton, f"qt_calendar_{name}")
        if turn is not None:
            turn.setIcon(QIcon())  # Qt's own arrows are black, also on dark
            turn.setText(text)
            turn.setAccessibleName(says)
    days = made.findChild(QTableView, "qt_calendar_calendarview")
    if days is not None:
        made.ensurePolished()
        made.setMinimumHeight(made.fontMetrics().height() + 20 + ROWS * (days.fontMetrics().height() + 12))
    return made
