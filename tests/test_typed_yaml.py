"""YAML and JSON from outside: what cannot be taken is refused in Chinese, whatever it is."""

from pathlib import Path

import pytest

from emrassess import typed_yaml
from emrassess.errors import FileProblems, UserError
from emrassess.typed_yaml import MAX_DEPTH, parse_marked, read_marked


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 100_000, "- " * 5_000])
def test_nesting_without_end_is_refused(text: str) -> None:
    with pytest.raises(FileProblems, match=f"嵌套超过 {MAX_DEPTH} 层"):
        parse_marked(text, "deep.yaml")


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse_marked("[" * MAX_DEPTH + "]" * MAX_DEPTH, "x").data
    with pytest.raises(FileProblems, match=r"deep\.yaml:2: 嵌套"):
        parse_marked("\n" + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "deep.yaml")


def test_no_more_is_read_than_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"a: 1\n")
    monkeypatch.setattr(typed_yaml, "MAX_BYTES", 5)
    assert read_marked(file).data == {"a": 1}
    file.write_bytes(b"a: 11\n")
    with pytest.raises(FileProblems, match="不是本程序的文件"):
        read_marked(file)


def test_what_cannot_be_read_is_said_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="文件不在了"):
        read_marked(tmp_path / "nowhere.yaml")
    with pytest.raises(UserError, match="是文件夹"):
        read_marked(tmp_path)
