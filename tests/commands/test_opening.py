"""The window opened from the command line: on nothing, on a workspace, on a packet or package."""

from pathlib import Path

import pytest

from emrassess.cli import run
from tests.commands.conftest import Command


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """What the window was asked to open."""
    monkeypatch.setenv("DISPLAY", ":0")
    return []


def start(opened: list[Path | None], *arguments: str) -> int:
    return run(arguments, lambda file: opened.append(file) or 0)


def test_a_file_or_folder_as_the_only_argument_opens_the_window(
    opened: list[Path | None], workspace: Path, tmp_path: Path
) -> None:
    packet = tmp_path / "护理部 任务包.zip"
    packet.write_bytes(b"PK")
    for given in (str(workspace), str(packet)):
        assert start(opened, given) == 0
        assert start(opened, "open", given) == 0
    assert start(opened) == 0
    assert opened == [workspace, workspace, packet, packet, None]


def test_the_name_of_a_command_is_the_command(
    opened: list[Path | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "score").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        start(opened, "score")
    assert "缺少" in capsys.readouterr().err and not opened
    assert start(opened, "./score") == 0 and opened == [Path("score")]


@pytest.mark.parametrize("given", [["没有.zip"], ["某处/工作区"], ["open", "没有"]])
def test_what_is_not_there_is_said(opened: list[Path | None], command: Command, given: list[str]) -> None:
    said = command(*given)
    assert said.code == 2 and f"找不到 {given[-1]}" in said.err


def test_a_command_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["scor"])
    said = capsys.readouterr().err
    assert "scor" in said and "可用的" in said
