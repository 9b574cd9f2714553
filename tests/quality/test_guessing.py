"""Which extract is which table, and which column which field, as far as names and values tell."""

from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from emrassess.quality.guessing import Seen, Source, Wanted, guess, guess_columns, initials
from emrassess.quality.rules import needs


@pytest.fixture(scope="module")
def wanted(pack: Pack) -> list[Wanted]:
    found: dict[tuple[str, bool], dict[str, None]] = {}
    for item in pack.items:
        for row in item.rows:
            for rule in row.rules:
                for key, fields in needs(rule).items():
                    found.setdefault(key, {}).update(dict.fromkeys(fields))
    return [
        Wanted((pack.dictionaries if dictionary else pack.tables)[name], dictionary, tuple(fields))
        for (name, dictionary), fields in found.items()
    ]


def source(name: str, *columns: str | Seen) -> Source:
    return Source((Path(name),), tuple(c if isinstance(c, Seen) else Seen(c) for c in columns))


def named(wanted: list[Wanted], name: str) -> Wanted:
    return next(w for w in wanted if w.table.id == name)


@pytest.mark.parametrize("how", ["chinese", "english", "initials"])
def test_every_table_is_found_where_files_and_columns_are_called_after_it(wanted: list[Wanted], how: str) -> None:
    def file(w: Wanted) -> str:
        names = {"chinese": f"{w.table.name}_202608", "english": w.table.id, "initials": initials(w.table.name).upper()}
        return names[how]

    def column(w: Wanted, field: str) -> str:
        chinese = w.table.fields[field]
        return {"chinese": chinese, "english": field.upper(), "initials": initials(chinese).upper()}[how]

    few = wanted[::6]
    sources = [source(f"{file(w)}.csv", *(column(w, f) for f in w.fields)) for w in few]
    guesses = guess(sources, wanted)
    right = [number for number, w in enumerate(few) if w.key in guesses and guesses[w.key].source == number]
    assert len(right) == len(few)
    if how != "initials":  # two fields may have the same initials
        for w in few:
            assert {f: c for f, (c, _) in guesses[w.key].columns.items()} == {f: column(w, f) for f in w.fields}


def test_a_hospitals_own_words(wanted: list[Wanted]) -> None:
    names = ("患者ID", "医嘱编号", "项目代码", "医嘱类别", "开始时间", "下达日期", "状态", "床号")
    guesses = guess([source("住院医嘱202608.csv", *names)], wanted)
    assert list(guesses) == [("orders", False)]
    columns = {field: column for field, (column, _) in guesses["orders", False].columns.items()}
    assert columns == {
        "patient_id": "患者ID", "order_no": "医嘱编号", "item_code": "项目代码", "order_class": "医嘱类别",
        "start_at": "开始时间", "ordered_at": "下达日期", "status": "状态",
    }  # fmt: skip


def test_a_dictionary_is_no_table(wanted: list[Wanted]) -> None:
    guesses = guess([source("医嘱项目字典.csv", "编码", "名称")], wanted)
    assert list(guesses) == [("order_items", True)]
    assert {f: c for f, (c, _) in guesses["order_items", True].columns.items()} == {"code": "编码", "name": "名称"}


def test_a_code_is_no_name_and_values_count(wanted: list[Wanted]) -> None:
    orders = named(wanted, "orders")
    found = guess_columns(source("医嘱.csv", "医嘱项目名称"), orders)
    assert set(found) == {"item_name"}
    times, words = ("2026-08-01 08:00", "2026/8/1 9:00"), ("长期", "临时")
    assert "ordered_at" in guess_columns(source("医嘱.csv", Seen("下达时间", times)), orders)
    assert "ordered_at" not in guess_columns(source("医嘱.csv", Seen("下达时间", words)), orders)
    assert "order_no" not in guess_columns(source("医嘱.csv", Seen("医嘱号", times)), orders)


def test_nothing_is_guessed_of_something_else(wanted: list[Wanted]) -> None:
    assert (
        guess([source("工资表.csv", "工号", "基本工资", "实发"), Source((Path("坏.xlsx"),), fault="打不开")], wanted)
        == {}
    )
