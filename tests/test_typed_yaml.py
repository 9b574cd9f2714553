"""YAML and JSON from outside: what cannot be taken is refused in Chinese, whatever it is."""

from pathlib import Path

import pytest

from emrassess import typed_yaml
from emrassess.errors import FileProblems, UserError
from emrassess.typed_yaml import MAX_DEPTH, Marked, Model, is_endless, parse_marked, read_marked, validate


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


class Counted(Model):
    number: int


@pytest.mark.parametrize("number", ["1" * 5000, "0x" + "f" * 5000, "1:" * 3000 + "1", "9999-99-99"])
@pytest.mark.parametrize("text", ["a: {}", "? {}\n: a"])
def test_numbers_that_nobody_means_are_said_in_plain_words(text: str, number: str) -> None:
    with pytest.raises(FileProblems, match="数字") as refused:
        parse_marked(text.format(number), "x.yaml")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("value", [["x"] * 9999, {"x": "y" * 9999}, "x" * 9999])
def test_a_message_does_not_repeat_an_endless_value(value: object) -> None:
    with pytest.raises(FileProblems, match="number：应为整数") as refused:
        validate(Marked("x", {"number": value}, {}), Counted)
    assert len(str(refused.value)) < 200


def test_endless_files_are_told_before_they_are_read() -> None:
    files = [b"- a: b\n" * 100, b"[" + b"a," * 100 + b"]"]
    assert is_endless(files, 500) and not is_endless(files, 600)
    assert not is_endless([b"\0", b": : :", b"\xff\xff", b""], 10)
