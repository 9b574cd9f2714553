"""What makes two cells of annex 4 the same, and the fingerprints that come with the program."""

import re

import pytest

from emrassess.domain.pack import Pack
from emrassess.packs.official import fingerprint

CELL = "1、编造的记录（甲字段、乙时间）<=丙记录（丁时间）2、戊记录，超过50%"


@pytest.mark.parametrize(
    "same",
    [
        "１、编造的记录（甲字段、乙时间）＜=丙记录（丁时间）２、戊记录，超过５０％",
        "1．编造的记录(甲字段，乙时间) ≤ 丙记录(丁时间)。\n2．戊记录，超过 50%。",
        "（1）编造的记录（甲字段、乙时间）≤丙记录（丁时间）；\n（2）戊记录，超过50%",
        "①编造的记录[甲字段/乙时间]≦丙记录【丁时间】②戊记录：超过50%",
        "1，编造的记录（甲字段，乙时间）<=丙记录（丁时间）2，戊记录，超过50%",
        "编造的记录（甲字段、\n乙时间）≤丙记录（丁时间）\n戊记录，超过\u200b50%",
    ],
)
def test_how_it_is_written_does_not_count(same: str) -> None:
    assert fingerprint(same) == fingerprint(CELL)


@pytest.mark.parametrize(
    "other",
    [
        CELL.replace("甲字段", "己字段"),
        CELL.replace("甲字段、", ""),
        CELL.replace("<=", "<"),
        CELL.replace("50%", "60%"),
        CELL.replace("50%", "5.0%"),
        CELL.replace("50%", "50"),
        CELL.replace("甲字段、乙时间", "乙时间、甲字段"),
        "",
    ],
)
def test_what_it_says_counts(other: str) -> None:
    assert fingerprint(other) != fingerprint(CELL)


def test_numbers_within_the_text_are_no_numbering() -> None:
    assert fingerprint("编造的记录差距小于1小时") != fingerprint("编造的记录差距小于2小时")
    assert fingerprint("值为1~2") == fingerprint("值为1－2") != fingerprint("值为12")


def test_a_very_long_cell_is_read_to_its_end() -> None:
    assert fingerprint("编造" * 4000 + "甲") != fingerprint("编造" * 4000 + "乙")


def test_the_shipped_fingerprints_are_those_of_the_shipped_cells(pack: Pack) -> None:
    cells = {f"{row.code}/{d.value}" for item in pack.items for row in item.rows for d in row.dimensions}
    assert pack.quality_edition == 2018
    assert pack.quality_fingerprints.keys() == cells and len(cells) == 216
    assert all(re.fullmatch("[0-9a-f]{16}", value) for value in pack.quality_fingerprints.values())
