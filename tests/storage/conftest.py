"""A workspace open for writing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emrassess.storage.workspace import Workspace
from tests.storage.samples import new_workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the workspace lies."""
    return tmp_path / "评价 2026"


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    """Empty, open for writing."""
    opened = new_workspace(folder)
    yield opened
    opened.close()
