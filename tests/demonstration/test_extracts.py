"""Demonstration extracts: what checking them gives is known beforehand, and nobody in them is real."""

import csv
import hashlib
import json
import re
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from emrassess.cli import run as command
from emrassess.demonstration.extracts import MadeExtracts, Rates, make_extracts
from emrassess.domain.pack import Pack
from emrassess.domain.personal_data import in_rows
from emrassess.domain.quality import QualityRun
from emrassess.errors import Cancelled, UserError
from emrassess.quality.engine import run
from emrassess.quality.extracts import read_extracts

# Chains and times in one record, pairs against dictionaries, texts with a least length, records of other hospitals.
SOME = ("01.01", "02.03", "03.06", "04.03", "05.02", "07.02")
NONE = Rates(0, 0, 0, 0, 0.05)


@pytest.fixture(scope="module")
def small(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> MadeExtracts:
    """All items, as `emrassess demo` makes them."""
    return make_extracts(tmp_path_factory.mktemp("extracts") / "数据抽取", pack)


def checked(made: MadeExtracts, pack: Pack, items: tuple[str, ...] = ()) -> QualityRun:
    return run(pack, read_extracts(made.extracts, pack), items=items)


def truth(made: MadeExtracts) -> dict[str, tuple[int, int]]:
    rules = json.loads(made.truth.read_text(encoding="utf-8"))["rules"]
    return {rule["id"]: (rule["numerator"], rule["denominator"]) for rule in rules}


def counted(found: QualityRun) -> dict[str, tuple[int, int]]:
    return {r.rule.id: (r.numerator, r.denominator) for r in found.rules if r.rule.kind != "prose"}


def test_the_engine_finds_the_truth_in_all_items(small: MadeExtracts, pack: Pack) -> None:
    found = checked(small, pack)
    assert counted(found) == truth(small)
    assert found.rows_read == small.rows
    assert all("不是能识别的时间" in note.message for note in found.notes)  # no line was left out
    assert all(examined for _, examined in truth(small).values())


@pytest.mark.parametrize(
    ("rows", "seed", "rates"),
    [
        (150, 2, NONE),
        (150, 3, Rates(1, 0, 0, 0, 0)),
        (150, 4, Rates(0, 1, 0, 0, 0)),
        (150, 5, Rates(0, 0, 1, 0, 0.5)),
        (150, 6, Rates(0, 0, 0, 1, 0)),
        (150, 7, Rates(0.3, 0.3, 0.4, 0.3, 0.5)),
        (1, 8, Rates()),
        (2345, 9, Rates(0.1, 0.1, 0.1, 0.1, 0.1)),
    ],
    ids=["no defects", "all blank", "all wrong", "no order", "no records", "many defects", "one record", "periods"],
)
def test_the_engine_finds_the_truth(rows: int, seed: int, rates: Rates, pack: Pack, tmp_path: Path) -> None:
    made = make_extracts(tmp_path / "out", pack, items=SOME, rows=rows, seed=seed, rates=rates)
    assert counted(checked(made, pack, SOME)) == truth(made)


def test_without_defects_every_coefficient_is_one(pack: Pack, tmp_path: Path) -> None:
    made = make_extracts(tmp_path / "out", pack, rates=NONE)
    assert all(kept == examined > 0 for kept, examined in truth(made).values())


def test_truth_follows_by_formula(pack: Pack, tmp_path: Path) -> None:
    rates = Rates(blank=0.125, wrong=0, disordered=0, absent=0, again=0)
    made = make_extracts(tmp_path / "out", pack, items=("01.01",), rows=3000, rates=rates)
    found = truth(made)
    filled = {pair for rule, pair in found.items() if ".completeness." in rule}
    assert filled == {(2625, 3000)}  # of each thousand 125 are blank
    assert all(Fraction(*pair) < 1 for pair in found.values())


def test_the_same_seed_gives_the_same_bytes(small: MadeExtracts, pack: Pack, tmp_path: Path) -> None:
    again = make_extracts(tmp_path / "again", pack)
    other = make_extracts(tmp_path / "other", pack, seed=2)
    assert digests(again) == digests(small)
    assert digests(other) != digests(small)


def digests(made: MadeExtracts) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(made.extracts.parent.iterdir())}


def test_it_is_made_quickly(pack: Pack, tmp_path: Path) -> None:
    begun = time.process_time()
    made = make_extracts(tmp_path / "out", pack)
    assert time.process_time() - begun < 3
    assert 3000 < made.rows < 10_000


def test_files_are_as_different_as_a_hospitals(small: MadeExtracts) -> None:
    files = list(small.extracts.parent.iterdir())
    assert {".csv", ".CSV", ".tsv", ".parquet", ".xlsx"} <= {path.suffix for path in files}
    texts = [path.read_bytes() for path in files if path.suffix == ".csv"]
    assert any(not is_utf8(text) and text.decode("gb18030") for text in texts)
    assert any(path.name.endswith("_2.csv") for path in files)


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_columns_are_not_called_as_in_annex_4(small: MadeExtracts, pack: Pack) -> None:
    for extract in read_extracts(small.extracts, pack).tables.values():
        for field, column in extract.columns.items():
            assert column != extract.table.fields[field]


def test_nobody_in_it_is_real(small: MadeExtracts) -> None:
    names: set[str] = set()
    for table in tables_in(small):
        assert not list(in_rows(table))
        for column in (n for n, head in enumerate(table[0]) if head.startswith(("患者姓名", "姓名"))):
            names |= {row[column].strip().rstrip("X") for row in table[1:]}
    assert len(names) > 10
    assert all(re.fullmatch(r"(示例患者[0-9０-９]+[XＸ]?)?", name) for name in names)


def tables_in(made: MadeExtracts) -> Iterator[list[list[str]]]:
    """All sheets and text files."""
    for path in sorted(made.extracts.parent.iterdir()):
        if path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path).worksheets:
                yield [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
        elif path.suffix.lower() in (".csv", ".tsv"):
            content = path.read_bytes()
            text = content.decode("utf-8-sig" if is_utf8(content) else "gb18030")
            yield list(csv.reader(text.splitlines(keepends=True), delimiter="\t" if path.suffix == ".tsv" else ","))


def test_what_cannot_be_made_is_refused(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "别的.txt").write_text("别人的", encoding="utf-8")
    with pytest.raises(UserError, match="已有别的内容"):
        make_extracts(tmp_path, pack)
    with pytest.raises(UserError, match=r"没有项目“99\.01”"):
        make_extracts(tmp_path / "out", pack, items=("99.01",))
    with pytest.raises(UserError, match="不能生成 0 条"):
        make_extracts(tmp_path / "out", pack, rows=0)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    asked = ["quality", "demo", "--out", str(out), "--rows", "40", "--seed", "5", "--item", "01.01", "--item", "05.02"]
    assert command(asked) == 0
    assert str(out / "truth.json") in capsys.readouterr().out
    made = json.loads((out / "truth.json").read_text(encoding="utf-8"))
    assert (made["seed"], made["rows"]) == (5, 40)
    assert {rule["id"][:5] for rule in made["rules"]} == {"01.01", "05.02"}
    assert command(asked) != 0


def test_a_cancel_leaves_nothing(pack: Pack, tmp_path: Path) -> None:
    def stop(done: int, _total: int, _what: str) -> None:
        if done > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_extracts(tmp_path / "out", pack, items=("01.01",), rows=5000, progress=stop)
    assert list(tmp_path.iterdir()) == []
