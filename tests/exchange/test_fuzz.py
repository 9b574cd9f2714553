"""A few mutated packages and packets; `make fuzz` tries ten thousand."""

from pathlib import Path
from random import Random

import pytest

from tests import fuzz


def test_the_samples_are_sound_as_they_are(tmp_path: Path) -> None:
    assert {outcome for _, outcome in fuzz.sound(tmp_path)} == {"used"}


def test_mutated_files_are_refused_or_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(60, 3) == 0, capsys.readouterr().out


def test_a_mutation_changes_something() -> None:
    content = bytes(range(256)) * 40
    chance = Random(1)
    assert sum(fuzz.mutated(chance, content) != content for _ in range(50)) > 45
