"""The window without a screen: bundled font, small workspaces, and no dialog that waits for a person."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from emrassess.app import application, build
from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.pack import Pack
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.operations import Operations
from emrassess.gui.preferences import Preferences
from emrassess.gui.theme import Theme
from emrassess.services import answering
from emrassess.services.session import Session, close, create_workspace, open_workspace
from tests.packs.official.samples import Standard
from tests.packs.official.wordml import docx

HOSPITAL = "示例市第一人民医院"


@pytest.fixture(scope="session")
def qapp_cls() -> Callable[[list[str]], QApplication]:
    """pytest-qt's application is made as the program makes its own."""
    return lambda arguments: QApplication.instance() or application(arguments)  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own folder."""
    monkeypatch.setenv("EMRASSESS_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What dialogs would have said, as (function, text); a question nobody answers fails the test."""
    heard: list[tuple[str, str]] = []

    def hear(name: str) -> Callable[..., None]:
        return lambda _parent, _title, said: heard.append((name, getattr(said, "message", said)))

    for name in ("inform", "warn", "error"):
        monkeypatch.setattr(dialogs, name, lambda *said, n=name: hear(n)(*said[:3]))
    monkeypatch.setattr(dialogs, "bug", lambda _, title: heard.append(("bug", title)))
    for name in ("choose", "ask", "text", "open_file", "open_files", "save_file", "folder", "run", "open_path"):

        def unexpected(*args: object, n: str = name, **kwargs: object) -> None:
            raise AssertionError(f"dialogs.{n} {args[1:]}")

        monkeypatch.setattr(dialogs, name, unexpected)
    return heard


@pytest.fixture
def empty_session(tmp_path: Path) -> Iterator[Session]:
    """A fresh assessment with target 4."""
    session = create_workspace(tmp_path / "空", HOSPITAL, 4, "王医生")
    yield session
    close(session)


@pytest.fixture(scope="session")
def official_file(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Path:
    """An official document that agrees with the pack."""
    return docx(tmp_path_factory.mktemp("official"), *Standard(pack).blocks(), name="标准.docx")


@pytest.fixture(scope="session")
def half_answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that `session` copies: filling one in takes a second or two."""
    folder = tmp_path_factory.mktemp("gui") / "半"
    made = create_workspace(folder, HOSPITAL, 4, "王医生")
    fill(made)
    close(made)
    return folder


@pytest.fixture
def session(half_answered: Path, tmp_path: Path) -> Iterator[Session]:
    """An assessment with target 4 that is half answered."""
    folder = tmp_path / half_answered.name
    shutil.copytree(half_answered, folder)
    made = open_workspace(folder, "王医生")
    yield made
    close(made)


def fill(session: Session) -> None:
    """Answer about half: every third item short of level 4, coverage and quality for most."""
    for index, item in enumerate(session.pack.items):
        through = (4, 5, 3, 4, 2)[index % 5]
        met = [clause.id for clause in item.clauses_through(through)]
        answering.set_verdict(session, met, Verdict.MET)
        for level in (3, 4, 5):
            if level in item.by_level and not item.coverage.functional and index % 4:
                answering.set_coverage(session, item.code, level, Ratio.counted(1000 - 90 * level, 1000))
        for level, row in item.quality_rows.items():
            if row is not None and level <= 4 and index % 3:
                for dimension in row.dimensions:
                    answering.set_quality(session, item.code, level, dimension, Ratio.plain("0.9"))


@pytest.fixture
def context(qapp: QApplication) -> Iterator[Context]:
    """A context without a session: `context.set_session(session)` gives it one."""
    made = Context(Operations(), Theme(qapp, "light", 100), Preferences(user="王医生"))
    yield made
    made.operations.finish()


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """The whole window at its start page, 1366 by 768, light."""
    made = build(qapp, Preferences(user="王医生", mode="light", file=tmp_path / "settings.json"))
    made.resize(1366, 768)
    made.show()
    yield made
    made.context.set_session(None)
    made.context.operations.finish()
    made.hide()
    made.deleteLater()
