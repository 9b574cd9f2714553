"""Chinese line breaking, missing glyphs, texts that do not fit."""

from collections.abc import Sequence
from typing import Any

import pytest

from emrassess.reports.pdf_front import Summary
from emrassess.reports.pdf_parts import Column, Ledger, Rows, Stack
from emrassess.reports.pdf_text import (
    BOLD,
    REGULAR,
    SUBSTITUTE,
    Scribe,
    Style,
    Text,
    break_lines,
    shorten,
    width,
)


@pytest.mark.parametrize("available", [40, 55.5, 90, 123, 300])
def test_no_line_is_wider_than_its_column(available: float) -> None:
    text = "医师下达的药品、检验、检查医嘱，要能送达（各自的）执行科室：9500/10000，DICOM 图像“共享”。" * 3
    lines = break_lines(text, REGULAR, 9, available)
    assert all(width(line, REGULAR, 9) <= available + 0.02 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_punctuation_stays_with_its_word() -> None:
    lines = break_lines("一二三四，五六七八。（九十）", REGULAR, 10, 40)
    assert not any(line[0] in "，。）" for line in lines)
    assert not any(line[-1] == "（" for line in lines)


def test_words_and_numbers_are_not_torn() -> None:
    lines = break_lines("比例是 9500/10000 左右，见 SHA-256 摘要", REGULAR, 9, 70)
    assert any("9500/10000" in line for line in lines)
    assert any("SHA-256" in line for line in lines)


def test_a_word_longer_than_the_line_is_cut() -> None:
    lines = break_lines("a" * 200, BOLD, 9, 100)
    assert "".join(lines) == "a" * 200
    assert all(width(line, BOLD, 9) <= 100.02 for line in lines)


def test_paragraphs_and_empty_lines_are_kept() -> None:
    assert break_lines("甲\n\n乙", REGULAR, 9, 100) == ["甲", "", "乙"]


def test_missing_glyphs_are_shown_and_remembered() -> None:
    scribe = Scribe()
    assert scribe.printable("好👍𠮷\x07\u200d\ufe0f e\u0301\u2009完") == f"好{SUBSTITUTE}{SUBSTITUTE} é 完"
    assert scribe.replaced == {"👍", "𠮷"}
    assert scribe.printable("abc") == "abc"


def test_shortened_texts_say_so() -> None:
    assert shorten("短", REGULAR, 9, 100) == "短"
    cut = shorten("很长的一个名称" * 9, REGULAR, 9, 100)
    assert cut.endswith("…")
    assert width(cut, REGULAR, 9) <= 100


def test_a_text_limited_to_lines_ends_visibly() -> None:
    text = Text("字" * 100, Style(), most=2)
    lines = text.lines_for(90)
    assert len(lines) == 2
    assert lines[-1].endswith("…")


def test_a_split_text_loses_nothing() -> None:
    text = Text("字句。" * 100, Style())
    text.wrap(100, 1000)
    parts = text.split(100, 13.5 * 5)
    assert len(parts) == 2
    assert "".join(line for part in parts if isinstance(part, Text) for line in part.lines_for(100)) == "字句。" * 100
    assert Text("一行", Style()).split(100, 5) == []


def test_rows_split_between_rows_and_repeat_the_header() -> None:
    table = Rows(
        [Column("甲", 100), Column("乙", 100, "right")], [(str(i), "值") for i in range(50)], tints={3: "#ffffff"}
    )
    table.wrap(200, 1000)
    upper, lower = table.split(200, 200)
    assert isinstance(upper, Rows)
    assert isinstance(lower, Rows)
    assert upper.wrap(200, 200)[1] <= 200
    assert len(upper.rows) + len(lower.rows) == 50
    assert lower.header


class Asked(list[Sequence[str]]):
    """Rows that remember how far they were looked at."""

    furthest = 0

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, int):
            self.furthest = max(self.furthest, at)
        return super().__getitem__(at)


def test_a_long_table_is_set_page_by_page() -> None:
    asked = Asked((str(number), "值") for number in range(3000))
    rest = Rows([Column("甲", 100), Column("乙", 100)], asked)
    assert rest.wrap(200, 700)[1] > 700
    assert asked.furthest < 100
    printed: list[object] = []
    while len(parts := rest.split(200, 700)) == 2:
        page, rest = parts
        assert isinstance(page, Rows) and isinstance(rest, Rows)
        assert 600 < page.wrap(200, 700)[1] <= 700
        printed += page.rows
    assert [*printed, *rest.rows] == list(asked)


def test_a_row_higher_than_a_page_is_cut_through() -> None:
    cell = Stack([Text("短", Style()), Text("很长的说明。" * 900, Style())])
    table = Rows([Column("甲", 100), Column("乙", 300)], [("名称", cell), ("下一行", "值")])
    assert table.wrap(400, 700)[1] > 700
    parts = table.split(400, 700)
    assert len(parts) == 2
    assert parts[0].wrap(400, 700)[1] <= 700


def test_the_glance_never_leaves_its_page() -> None:
    assert Summary([Text("字" * 20_000, Style())], Ledger()).wrap(499, 736) == (499, 736)
    assert Summary([Text("字", Style())], Ledger()).wrap(499, 736)[1] < 20
