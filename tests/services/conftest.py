"""A session on an empty workspace."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from emrassess.packs.library import load_files
from emrassess.services import session as session_module
from emrassess.services.session import Session, close, create_workspace
from tests.storage.samples import Clock

_READ: dict[frozenset[tuple[str, bytes]], Pack] = {}


@pytest.fixture(autouse=True)
def pack_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a workspace reads its pack; the tests open many."""

    def read(files: Mapping[str, bytes]) -> Pack:
        key = frozenset(files.items())
        if key not in _READ:
            _READ[key] = load_files(files)
        return _READ[key]

    monkeypatch.setattr(session_module, "load_files", read)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the workspace lies."""
    return tmp_path / "评价"


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    """Empty, target 5, open for writing."""
    opened = create_workspace(folder, "示例医院", 5, "张三", clock=Clock())
    yield opened
    close(opened)
