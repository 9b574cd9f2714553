"""The small pack, and one good package that tests spoil copies of."""

from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from tests.exchange.samples import contents, sample_pack, sample_package


@pytest.fixture(scope="session")
def small_pack() -> Pack:
    return sample_pack()


@pytest.fixture(scope="session")
def good_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_package(tmp_path_factory.mktemp("package"))


@pytest.fixture
def files(good_package: Path) -> dict[str, bytes]:
    """The good package's files by their path in the bag, free to be changed."""
    return contents(good_package)
