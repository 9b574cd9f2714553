"""The demonstration hospital, made once a session: its tests run on one worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emrassess.demonstration import Outcome, demonstrate
from emrassess.demonstration.data import Demonstration, load


@pytest.fixture(scope="session")
def data() -> Demonstration:
    return load()


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """All that `emrassess demo` writes."""
    folder: Path = tmp_path_factory.mktemp("demonstration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMRASSESS_HOME", str(folder / "home"))
        yield demonstrate(folder / "out")
