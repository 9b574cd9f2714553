"""A session on an empty workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from emrassess.services import session as session_module
from emrassess.services.session import Session, close, create_workspace
from tests.storage.samples import Clock


@pytest.fixture(autouse=True)
def pack_read_once(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a workspace reads its pack; the tests open many."""
    packs = {pack.id: pack}
    monkeypatch.setattr(session_module, "load_shipped", packs.__getitem__)


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
