"""The engine against the reference, on small random extracts in the forms that hospitals write."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emrassess.domain.pack import Pack
from emrassess.quality.engine import run
from emrassess.quality.sql import filled, length, literal, time, value
from tests.quality import reference
from tests.quality.conftest import FIELDS, RULES, extract, extracts, write_rows

BLANK = ["", " ", "　", "\t ", "\u00a0", "\ufeff ", "\u2003", "\n"]
WORDS = [
    "1",
    "１",
    "A",
    "Ａ",
    " A",
    "A　",
    "a",
    "甲",
    "甲乙丙",
    "甲\n乙",
    "a,b",
    'a"b',
    '"',
    "x y",
    "－",
    "-",
    "é",
    "a;\tb",
]
TIMES = [
    "2026-08-01 08:30", "2026-08-01 08:30:00", "2026/8/1 8:30", "20260801083000", "202608010830", "2026-08-01T08:30:00",
    "2026-08-01T08:30:00+08:00", "2026-08-01T08:30Z", "2026-08-01 08:30:00.000", "46235.354166667", "2026-08-01 09:30",
    "2026-08-01 09:30:00.5", "2026/08/01 09:30:01", "2026-08-02", "20260802", "46236", "2026-08-01 24:00:00",
    "2026-08-01 08:30:0Z",    "2026-07-31",
    "２０２６－０８－０１　０８：３０", " 2026-08-01 09:00 ", "2026-08-01 08:60", "2026-02-30 08:30", "明天", "08:30",
    "2026-08-01 08:30 PM", "2026-08-01  8:45:00", "2026-08-01 08: 3:00", "-026-08-01 08:30:00", "infinity", "9",
    "0000-01-01",
]  # fmt: skip

numbers = st.sampled_from(["1", "2", "3", "１", "2 ", ""])
words = st.sampled_from(BLANK + WORDS)
times = st.sampled_from(TIMES + BLANK[:3])
rows = st.lists(st.tuples(numbers, numbers, words, words, words, times, times), max_size=8)
entries = st.lists(st.tuples(words, words), min_size=1, max_size=8)
forms = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
        "delimiter": st.sampled_from([",", "\t", ";", "|"]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=rows, reviews=rows, executions=rows, items=entries, form=forms)
def test_the_engine_counts_as_the_reference_does(
    standard: Pack, tmp_path: Path, orders: list[tuple[str, ...]], reviews: list[tuple[str, ...]],
    executions: list[tuple[str, ...]], items: list[tuple[str, ...]], form: dict[str, str],
) -> None:  # fmt: skip
    given_rows = {"orders": orders, "reviews": reviews, "executions": executions}
    found = [extract(name, write_rows(tmp_path / f"{name}.csv", FIELDS, r, **form)) for name, r in given_rows.items()]
    found.append(extract("items", write_rows(tmp_path / "items.csv", ("code", "name"), items, **form)))
    tables: dict[tuple[str, bool], list[reference.Row]] = {
        (name, False): [dict(zip(FIELDS, row, strict=True)) for row in r] for name, r in given_rows.items()
    }
    tables["items", True] = [dict(zip(("code", "name"), row, strict=True)) for row in items]
    done = run(standard, extracts(*found))
    assert not [note for note in done.notes if "时间" not in note.message]
    assert done.rows_read == sum(map(len, (orders, reviews, executions, items)))
    for each in done.rules:
        wanted = reference.count(each.rule, tables)
        assert (each.rule.id, each.numerator, each.denominator) == (each.rule.id, *wanted)
        assert each.examined == (wanted[1] > 0) and bool(each.reason) == (wanted[1] == 0)
        assert len(each.samples) <= 20 and (bool(each.samples) == (wanted[0] < wanted[1]))
    assert len(done.rules) == len(RULES)


texts = st.text(alphabet="0123456789-/:T .Z+２：", min_size=1, max_size=20)
near = st.tuples(st.sampled_from(TIMES), st.integers(0, 25), st.sampled_from("0129-/:T .Z+x ")).map(
    lambda each: each[0][: each[1]] + each[2] + each[0][each[1] + 1 :]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(texts, near, times), min_size=1, max_size=40))
@example(["2026-08-01 08:30:60", "2026-08-01 24:00:01", "20260801083", "99999", "19999.9", "80000", "1e5"])
def test_times_are_read_as_the_reference_reads_them(given_times: list[str]) -> None:
    assert _times(given_times) == [reference.time(text) for text in given_times]


def _selected(what: str, texts: list[str]) -> list[tuple[Any, ...]]:
    listed = ", ".join(f"({number}, {literal(text)})" for number, text in enumerate(texts))
    return duckdb.execute(f"SELECT {what} FROM (VALUES {listed}) t(n, x) ORDER BY n").fetchall()


def _times(texts: list[str]) -> list[object]:
    return [row[0] for row in _selected(time("x"), texts)]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.one_of(words, st.text(alphabet="a1　 Ａ１～！\t甲\u200b\x1c\x7f", max_size=6)), min_size=1, max_size=40)
)
def test_blanks_widths_and_lengths(given_words: list[str]) -> None:
    found = _selected(f"{value('x')}, {filled('x')}, {length('x')}", given_words)
    for text, row in zip(given_words, found, strict=True):
        wanted = (reference.value(text), reference.value(text) is not None, reference.length(text))
        assert (text, *row) == (text, *wanted)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-21 08:30", "2026-11-21T08:30:00"),
        ("2026-11-21 08:30:15", "2026-11-21T08:30:15"),
        ("2026/11/21 8:30", "2026-11-21T08:30:00"),
        ("20261121083000", "2026-11-21T08:30:00"),
        ("2026-11-21T08:30:00", "2026-11-21T08:30:00"),
        ("2026-11-21T08:30:00+08:00", "2026-11-21T08:30:00"),
        ("46347.354166666664", "2026-11-21T08:30:00"),
        ("46347", "2026-11-21T00:00:00"),
        ("２０２６－１１－２１ ０８：３０", "2026-11-21T08:30:00"),
        ("21.11.2026 08:30", None),
        ("未执行", None),
    ],
)
def test_each_form_of_a_time_that_quality_md_names(text: str, read: str | None) -> None:
    found = _times([text])[0]
    assert (found.isoformat() if found else None) == read  # type: ignore[attr-defined]
    assert reference.time(text) == found
