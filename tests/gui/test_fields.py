"""Shares and times as people type them."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Ratio
from emrassess.gui.widgets.captured_field import read_captured
from emrassess.gui.widgets.ratio_field import RatioField, read_ratio


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (("950", "1000", ""), Ratio.counted(950, 1000)),
        (("９５０", "1,000", "0.1"), Ratio.counted(950, 1000)),
        (("", "", "0.95"), Ratio.plain("0.95")),
        (("", "", "０．９５"), Ratio.plain("0.95")),
        (("", " ", ""), None),
        (("0", "5", ""), Ratio.counted(0, 5)),
    ],
)
def test_shares_are_read_as_meant(typed: tuple[str, str, str], found: Ratio | None) -> None:
    assert read_ratio(*typed) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("5", "", ""), "还缺分母"),
        (("", "5", ""), "还缺分子"),
        (("12", "10", ""), "分子 12 大于分母 10"),
        (("0", "0", ""), "分母不能为 0"),
        (("1.5", "3", ""), "不是整数"),
        (("-1", "3", ""), "负数"),
        (("一", "3", ""), "不是整数"),
        (("1", "9" * 19, ""), "超过"),
        (("", "", "1.2"), "不在 0 到 1 之间"),
        (("", "", "95%"), "小数"),
        (("", "", "nan"), "不在 0 到 1"),
    ],
)
def test_wrong_shares_are_said(typed: tuple[str, str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_ratio(*typed)


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[RatioField]:
    window = QWidget()
    box = QVBoxLayout(window)
    made = RatioField("01.01 4 级")
    box.addWidget(made)
    box.addWidget(QLineEdit())
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    made.numerator.setFocus()
    yield made
    window.close()


def test_ratio_follows_while_typing_and_is_committed_by_enter(qtbot: QtBot, field: RatioField) -> None:
    QTest.keyClicks(field.numerator, "2")
    QTest.keyClick(field.numerator, Qt.Key.Key_Tab)
    QTest.keyClicks(field.denominator, "3")
    assert field.plain.text() == "0.67"
    with qtbot.waitSignal(field.committed) as given:
        QTest.keyClick(field.denominator, Qt.Key.Key_Return)
    assert given.args == [Ratio.counted(2, 3)]


def test_it_is_committed_when_the_focus_leaves_all_three(qtbot: QtBot, field: RatioField) -> None:
    QTest.keyClicks(field.numerator, "1")
    with qtbot.assertNotEmitted(field.committed):
        QTest.keyClick(field.numerator, Qt.Key.Key_Tab)
        QTest.keyClicks(field.denominator, "4")
    with qtbot.waitSignal(field.committed) as given:
        QTest.keyClick(field.denominator, Qt.Key.Key_Tab)
        QTest.keyClick(field.plain, Qt.Key.Key_Tab)
    assert given.args == [Ratio.counted(1, 4)]


def test_a_wrong_share_is_said_in_place_and_kept(field: RatioField) -> None:
    QTest.keyClicks(field.numerator, "12")
    QTest.keyClicks(field.denominator, "10")
    assert field.problem.text() == "分子 12 大于分母 10"
    assert field.numerator.property("invalid")
    field.set_ratio(None)
    assert field.numerator.text() == "12"
    QTest.keyClick(field.denominator, Qt.Key.Key_Escape)
    assert not field.problem.isVisible()
    assert field.numerator.text() == ""


def test_clearing_takes_it_back(qtbot: QtBot, field: RatioField) -> None:
    field.set_ratio(Ratio.plain("0.95"))
    assert field.plain.text() == "0.95"
    field.plain.setFocus()
    field.plain.selectAll()
    QTest.keyClick(field.plain, Qt.Key.Key_Delete)
    with qtbot.waitSignal(field.committed) as given:
        QTest.keyClick(field.plain, Qt.Key.Key_Return)
    assert given.args == [None]


NOW = datetime(2026, 11, 22, 9, 0)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2026-11-21 08:30", "2026-11-21 08:30"),
        ("2026-11-21", "2026-11-21"),
        ("2026/11/21 8:30", "2026-11-21 08:30"),
        ("2026.11.1 8:05", "2026-11-01 08:05"),
        ("2026年11月21日8时30分", "2026-11-21 08:30"),
        ("20261121 0830", "2026-11-21 08:30"),
        ("２０２６-11-21　08：30", "2026-11-21 08:30"),
        ("2026-11-21T08:30:15+08:00", "2026-11-21 08:30"),
        ("  ", ""),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, found: str) -> None:
    assert read_captured(typed, NOW) == found


@pytest.mark.parametrize("typed", ["昨天", "2026-13-01", "2026-02-30 08:00", "2027-01-01", "8:30", "2026-11-21 25:00"])
def test_what_is_no_time_is_said(typed: str) -> None:
    with pytest.raises(ValueError):
        read_captured(typed, NOW)
