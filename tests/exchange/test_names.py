"""Names: what we write is safe everywhere, what we read is refused where it is not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrassess.exchange.names import Clashes, path_fault, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("截图 1.png", "截图 1.png"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("LPT¹.log", "_LPT¹.log"),
        ("a/b\\c:d*e?.png", "a_b_c_d_e_.png"),
        ("报告. . ", "报告"),
        ("合格率98%.png", "合格率98％.png"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        (".png", ".png"),
        ("x\u202egnp.exe", "x_gnp.exe"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("e\u0301.txt", "é.txt"),
        ("bad\udc80.png", "bad_.png"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_names_keep_their_extension() -> None:
    found = safe_name("截" * 300 + ".docx")
    assert found.endswith(".docx") and len(found) <= 80 and len(found.encode()) <= 180


@given(st.text(max_size=300))
def test_every_name_becomes_safe(name: str) -> None:
    found = safe_name(name)
    assert path_fault(found, portable=True) == ""
    assert "/" not in found and len(found.encode()) <= 181
    assert unicodedata.is_normalized("NFC", found)
    assert safe_name(found) == found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/etc/passwd", "绝对路径"),
        ("data/../../x", "含“..”"),
        ("..", "含“..”"),
        ("C:/x", "盘符"),
        ("c:x", "盘符"),
        ("data\\x", "反斜杠"),
        ("data//x", "空的一段"),
        ("data/./x", "“.”"),
        ("data/x\x00.png", "控制字符"),
        ("data/\u202egnp.exe", "控制字符"),
        ("", "空的"),
        ("/".join("a" * 30), "嵌套"),
        ("data/" + "长" * 100, "太长"),
    ],
)
def test_unsafe_paths(path: str, words: str) -> None:
    assert words in path_fault(path)


@pytest.mark.parametrize("path", ["data/aux.txt", "data/a.", "data/a ", "data/a:b", "data/a?", "data/con/x"])
def test_paths_that_windows_cannot_store(path: str) -> None:
    assert path_fault(path) == ""
    assert path_fault(path, portable=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("data/a.png", "data/A.png"),
        ("data/é", "data/e\u0301"),
        ("data/x/1", "data/X/2"),
        ("data/ß", "data/SS"),
        ("data/a", "data/a"),
        ("data/a", "data/a/b"),
        ("data/a/b", "data/a"),
    ],
)
def test_clashes(first: str, second: str) -> None:
    clashes = Clashes()
    assert clashes.add(first) == ""
    assert clashes.add(second)


def test_a_folder_may_be_named_again() -> None:
    clashes = Clashes()
    assert not any(
        [clashes.add("data", folder=True), clashes.add("data/a"), clashes.add("data/b"), clashes.add("data", True)]
    )
