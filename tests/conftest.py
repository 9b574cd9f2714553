"""What every test shares: the shipped pack, no user folder of the machine, no display."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from emrassess.domain.pack import Pack
from emrassess.packs.library import load_known


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_known("emr-2018")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings, cache and log of the program go to a folder of the test's own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("EMRASSESS_HOME", str(folder))
    yield folder
