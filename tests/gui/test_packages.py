"""Packages from outside: verified, told, unpacked to be read; and the demonstration hospital."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.services import answering
from emrassess.services.packages import create_package
from emrassess.services.session import Session, close, create_workspace


@pytest.fixture
def package(empty_session: Session, tmp_path: Path) -> Path:
    answering.set_verdict(empty_session, ["01.01.1(1)"], Verdict.MET)
    out = tmp_path / "送来的包.zip"
    create_package(empty_session, out)
    return out


def test_a_good_package_is_unpacked_and_opened(
    qtbot: QtBot, window: MainWindow, package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []
    opened: list[Path] = []

    def run(dialog: QDialog) -> bool:
        told.append("\n".join(made.text() for made in dialog.findChildren(QLabel)))
        return True

    (tmp_path / "看").mkdir()
    monkeypatch.setattr(dialogs, "open_file", lambda *_: package)
    monkeypatch.setattr(dialogs, "run", run)
    monkeypatch.setattr(dialogs, "folder", lambda *_: tmp_path / "看")
    monkeypatch.setattr(dialogs, "open_path", lambda path: opened.append(path) or True)
    window.start_page.chosen.emit("open_package")
    qtbot.waitUntil(lambda: bool(opened), timeout=20_000)
    assert "校验通过" in told[0]
    assert "示例市第一人民医院" in told[0]
    assert opened == [tmp_path / "看" / "送来的包" / "data" / "index.html"]
    assert opened[0].is_file()


def test_a_bad_package_is_refused_with_its_entries(
    qtbot: QtBot, window: MainWindow, package: Path, monkeypatch: pytest.MonkeyPatch, said: list[tuple[str, str]]
) -> None:
    package.write_bytes(package.read_bytes()[:-200])
    monkeypatch.setattr(dialogs, "open_file", lambda *_: package)
    window.start_page.chosen.emit("open_package")
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said[0][0] == "error"
    assert "校验没有通过" in said[0][1]


def test_the_demonstration_is_made_and_opened(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def build(folder: Path, progress: Callable[[int, int, str], None]) -> None:
        progress(0, 1, "示例")
        close(create_workspace(folder, "示例医院", 5, "示例"))

    monkeypatch.setattr("emrassess.demonstration.build_demonstration", build)
    monkeypatch.setattr(dialogs, "folder", lambda *_: tmp_path)
    with qtbot.waitSignal(window.context.session_changed, timeout=20_000):
        window.start_page.chosen.emit("demonstration")
    session = window.context.session
    assert session is not None
    assert session.workspace.folder == tmp_path / "示例医院自评"
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()
