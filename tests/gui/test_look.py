"""Colours, actions, help, preferences."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from emrassess import paths
from emrassess.gui import actions
from emrassess.gui.help_window import about_text, help_html
from emrassess.gui.preferences import Preferences, load_preferences
from emrassess.gui.theme import DARK, LIGHT, Colours, Theme


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast of two colours, 1 to 21."""

    def luminance(name: str) -> float:
        parts = [c / 255 for c in QColor(name).getRgb()[:3]]  # type: ignore[index]
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(colours: Colours) -> None:
    for ground in (colours.window, colours.surface, colours.raised):
        for text in ("text", "muted", "accent", "good", "fair", "bad", "none"):
            assert contrast(getattr(colours, text), ground) >= 4.5, (text, ground)
    for name in ("good", "fair", "bad", "none"):
        assert contrast(getattr(colours, name), getattr(colours, f"{name}_soft")) >= 4.5, name
        assert contrast(colours.text, getattr(colours, f"{name}_soft")) >= 4.5, name
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.accent, colours.accent_soft) >= 4.5
    assert contrast(colours.muted, colours.accent_soft) >= 4.5
    for ground, sign in zip(colours.heat, colours.heat_text, strict=True):
        assert contrast(sign, ground) >= 4.5, ground
    assert contrast(colours.strong_border, colours.surface) >= 3


def test_the_style_sheet_follows_mode_and_scale(qapp: QApplication) -> None:
    theme = Theme(qapp, "dark", 125)
    assert theme.dark
    assert DARK.accent in qapp.styleSheet()
    assert theme.px(100) == 125
    theme.set_mode("light")
    assert LIGHT.accent in qapp.styleSheet()
    assert not theme.icon("search").isNull()


# An open list asks for what the offscreen platform has not got.
@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
@pytest.mark.parametrize("scale", [100, 150])
def test_an_open_list_shows_its_last_entry_whole(qtbot: QtBot, qapp: QApplication, scale: int) -> None:
    Theme(qapp, "light", scale)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems([f"第 {number} 版" for number in range(4)])
    box.show()
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    last = view.visualRect(view.model().index(3, 0))
    assert view.viewport().rect().contains(last)
    box.hidePopup()
    Theme(qapp, "light", 100)


def test_no_two_actions_of_a_place_share_a_key() -> None:
    for page in {spec.page for spec in actions.ACTIONS}:
        keys = [key for spec in actions.ACTIONS if spec.page in ("", page) for key in spec.keys]
        assert len(keys) == len(set(keys)), page
        assert all(not QKeySequence(key).isEmpty() for key in keys)


def test_every_icon_and_menu_is_there() -> None:
    for spec in actions.ACTIONS:
        assert not spec.icon or (paths.resources_dir() / "icons" / f"{spec.icon}.svg").is_file()
        assert spec.menu in (*actions.MENUS, "")
        assert re.search(r"[\u4e00-\u9fff]", spec.text)


def test_help_names_every_key() -> None:
    page = help_html()
    assert "<!-- keys -->" not in page
    for spec in actions.ACTIONS:
        if spec.keys:
            assert actions.shown_keys(spec) in page
    assert "MIT" in about_text()[1]


def test_preferences_come_back(tmp_path: Path) -> None:
    kept = Preferences(user="王医生", mode="dark", scale=125, file=tmp_path / "s.json")
    kept.remember(tmp_path / "a")
    kept.remember(tmp_path / "b")
    kept.remember(tmp_path / "a")
    again = load_preferences(tmp_path / "s.json")
    assert (again.user, again.mode, again.scale) == ("王医生", "dark", 125)
    assert again.recent == [str(tmp_path / "a"), str(tmp_path / "b")]
    again.forget(str(tmp_path / "a"))
    assert load_preferences(tmp_path / "s.json").recent == [str(tmp_path / "b")]


@pytest.mark.parametrize("content", ["", "[1]", '{"scale": 9000, "mode": 3, "recent": "x", "user": null}', "\x00"])
def test_damaged_preferences_are_defaults(tmp_path: Path, content: str) -> None:
    file = tmp_path / "s.json"
    file.write_text(content)
    assert load_preferences(file) == Preferences(file=file)


def test_preferences_that_cannot_be_written_cost_nothing(tmp_path: Path) -> None:
    Preferences(file=tmp_path / "没有" / "s.json").save()
