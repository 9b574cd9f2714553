"""Extracts as hospitals send them: what cannot be read is named by file, line and column, and the rest still runs."""

import csv
import os
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from emrassess.domain.pack import Pack
from emrassess.domain.quality import QualityRun
from emrassess.errors import Cancelled, FileProblems, StorageError
from emrassess.quality import files, tables
from emrassess.quality.extracts import read_extracts
from tests.quality.conftest import Checked, counts, extract, result, write_rows

HEAD = ("order_no", "name", "at", "done_at")
COLUMNS = {name: name for name in HEAD}
ROWS = [("1", "甲", "2026-08-01 08:00", "2026-08-01 08:10"), ("2", "", "2026-08-01 09:00", "2026-08-01 08:10")]


def notes(found: QualityRun) -> list[str]:
    return [f"{note.place}：{note.message}" for note in found.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_ragged_lines_are_left_out_and_named_once_by_the_line_of_the_hospitals_file(
    checked: Checked, tmp_path: Path, encoding: str
) -> None:
    lines = ["order_no,name,at,done_at", '1,"甲', '乙",,', "2", "3,丙,,,,x", '"4"x,丁,,', "", "5,戊,,"]
    file = tmp_path / "医嘱.csv"
    file.write_bytes("\r\n".join(lines).encode(encoding))
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (2, 2)
    assert notes(found) == [
        "医嘱.csv 第 4 行：列数比表头少，没有计入",
        "医嘱.csv 第 5 行：列数比表头多，没有计入",
        "医嘱.csv 第 6 行：引号没有配对，没有计入",
    ]


def test_many_faulty_lines_are_counted(checked: Checked, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.csv", HEAD, [*ROWS, *[("x",)] * 30])
    found = notes(checked(extract("orders", file, columns=COLUMNS)))
    assert len(found) == 21 and found[-1] == "a.csv：还有 10 行读不出来，没有计入"


def test_a_quote_left_open_takes_the_rest_of_the_file(checked: Checked, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('order_no,name,at,done_at\n1,甲,,\n2,"乙,,\n3,丙,,\n', encoding="utf-8")
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (1, 1)
    assert notes(found) == ["a.csv 第 3 行：引号没有配对，它和后面各行都没有计入"]


def test_line_breaks_within_quotes_are_read_right_in_files_of_any_size(checked: Checked, tmp_path: Path) -> None:
    """DuckDB's threads would begin in the middle of a quoted text and count its lines as rows."""
    chance = random.Random(2)
    rows = [(str(n), "x\n" + f"{n},假,假,假\n" * chance.randint(0, 60), "", "") for n in range(60_000)]
    file = write_rows(tmp_path / "a.csv", HEAD, rows)
    assert file.stat().st_size > 30_000_000
    found = checked(extract("orders", file, columns=COLUMNS))
    assert found.rows_read == 60_000 and not found.notes
    assert counts(found, "filled") == (60_000, 60_000)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_the_forms_of_a_text_file(
    checked: Checked, tmp_path: Path, delimiter: str, encoding: str, ends: str, quoting: int
) -> None:
    names = ("order_no", "name", "at", "done_at", "备注;|,\t 一")
    rows = [(*row, '引"号\n换行') for row in ROWS]
    file = write_rows(
        tmp_path / "a.csv", names, rows, encoding, delimiter=delimiter, lineterminator=ends, quoting=quoting
    )
    found = checked(extract("orders", file, columns=COLUMNS))
    assert (counts(found, "filled"), counts(found, "record"), found.notes) == ((1, 2), (1, 2), ())


def test_lone_returns_end_lines_and_zero_bytes_are_passed_over(checked: Checked, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("order_no,name,at,done_at\n1,甲,,\r2,乙,,\n3,,,\n".encode())
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (2, 3) and not found.notes
    file.write_bytes(b"order_no,name,at,done_at\n" + b"1,a,,\n" * 2000 + b"\x002,,,\n")
    assert counts(checked(extract("orders", file, columns=COLUMNS)), "filled") == (2000, 2001)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_character_that_cannot_be_read_costs_its_line(checked: Checked, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    lines = [f"{n},{'甲乙丙丁' * 10},,".encode(encoding) for n in range(5)]
    lines[2] += b"\xff"
    file.write_bytes(b"\n".join([b"order_no,name,at,done_at", *lines]))
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (4, 4)
    assert notes(found) == ["a.csv 第 4 行：有不能识别的文字，没有计入"]


def test_chinese_that_begins_late_is_still_told_apart(checked: Checked, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"order_no,name,at,done_at\n" + b"1,a,,\n" * 300_000 + "2,甲乙,,\n".encode("gb18030") * 10)
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (300_010, 300_010) and not found.notes


def test_another_encoding_than_said_is_refused_with_the_line(checked: Checked, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.csv", HEAD, ROWS, "gb18030")
    found = checked(extract("orders", file, columns=COLUMNS, encoding="utf-8"))
    assert result(found, "filled").reason == "a.csv 第 2 行不是 UTF-8 编码的文字"
    wide = write_rows(tmp_path / "b.csv", HEAD, ROWS, "utf-16")
    assert "UTF-16" in result(checked(extract("orders", wide, columns=COLUMNS)), "filled").reason


def test_a_column_that_is_missing_or_there_twice_costs_only_its_rules(checked: Checked, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.csv", ("order_no", "name", "at", "at"), ROWS)
    found = checked(extract("orders", file, columns=COLUMNS))
    assert counts(found, "filled") == (1, 2)
    assert result(found, "record").reason == (
        "a.csv 有 2 列都叫“at”（对应 字段at）；a.csv 没有“done_at”这一列（对应 字段done_at）"
    )
    assert "医嘱记录：a.csv 没有“done_at”这一列（对应 字段done_at）" in notes(found)


def test_names_that_differ_by_case_are_two_columns(checked: Checked, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.csv", ("order_no", "NAME", "name"), [("1", "甲", ""), ("2", "甲", "")])
    assert counts(checked(extract("orders", file, columns={"name": "NAME"})), "filled") == (2, 2)
    assert counts(checked(extract("orders", file, columns={"name": "name"})), "filled") == (0, 2)


def test_an_empty_file_and_one_of_only_a_header(checked: Checked, tmp_path: Path) -> None:
    empty, header = tmp_path / "空.csv", write_rows(tmp_path / "表头.csv", HEAD, [])
    empty.write_bytes(b"\xef\xbb\xbf\r\n")
    found = checked(extract("orders", empty, columns=COLUMNS), extract("reviews", header))
    assert result(found, "filled").reason == "空.csv 是空的"
    assert notes(found)[0] == "医嘱记录：空.csv 是空的"
    found = checked(extract("orders", header, columns=COLUMNS))
    assert not result(found, "filled").examined and result(found, "filled").reason == "没有可查的记录"
    assert found.dimensions[0].coefficient is None


def test_several_files_may_have_their_columns_in_another_order(checked: Checked, tmp_path: Path) -> None:
    one = write_rows(tmp_path / "8月.csv", HEAD, ROWS)
    two = write_rows(tmp_path / "9月.csv", HEAD[::-1], [row[::-1] for row in ROWS], "gb18030", delimiter="\t")
    empty = tmp_path / "10月.csv"
    empty.touch()
    found = checked(extract("orders", one, two, empty, columns=COLUMNS))
    assert (counts(found, "filled"), counts(found, "record"), found.rows_read) == ((2, 4), (2, 4), 4)
    assert notes(found) == ["10月.csv：是空的，没有计入"]
    less = write_rows(tmp_path / "11月.csv", HEAD[:2], [row[:2] for row in ROWS])
    found = checked(extract("orders", one, less, columns=COLUMNS))
    assert counts(found, "filled") == (2, 4)
    assert result(found, "record").reason.startswith("11月.csv 没有“at”这一列")


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(checked: Checked, pack: Pack, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "医嘱[1].csv", HEAD, ROWS)
    write_rows(tmp_path / "医嘱1.csv", HEAD, ROWS * 5)
    assert checked(extract("orders", file, columns=COLUMNS)).rows_read == 2
    named = tmp_path / "extracts.yaml"
    named.write_text(
        "format: emrassess-extracts/1\npack: emr-2018\ntables:\n"
        "  orders: {file: 医嘱*.csv, columns: {order_no: order_no}}\n  specimens: {file: 文件夹, columns: {}}\n",
        encoding="utf-8",
    )
    (tmp_path / "文件夹").mkdir()
    with pytest.raises(FileProblems, match=r"extracts.yaml:5: .*“文件夹”是文件夹"):
        read_extracts(named, pack)
    named.write_text(named.read_text(encoding="utf-8").replace("文件夹", "医嘱1.csv"), encoding="utf-8")
    assert len(read_extracts(named, pack).tables["orders"].files) == 2


def test_text_where_a_time_belongs_is_out_of_order_and_counted(checked: Checked, tmp_path: Path) -> None:
    rows = [*ROWS, ("3", "x", "明天", "2026-08-01 08:10"), ("4", "x", " ", "2026-08-01 08:10")]
    found = checked(extract("orders", write_rows(tmp_path / "a.csv", HEAD, rows), columns=COLUMNS))
    assert counts(found, "record") == (1, 4)
    assert notes(found) == ["a.csv 列“at”：有 1 个值不是能识别的时间，按没有时间计（如第 4 行）"]


def test_typed_columns_of_parquet_are_as_their_text(checked: Checked, tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    statement = (
        "SELECT 1.0::DOUBLE AS order_no, 1.50::DECIMAL(9, 2) AS code, TIMESTAMP '2026-08-01 08:00:00' AS at, "
        "TIMESTAMPTZ '2026-08-01 00:30:00+00' AS done_at, NULL::VARCHAR AS name UNION ALL BY NAME "
        "SELECT 2.0 AS order_no, 10.00 AS code, DATE '2026-08-02' AS at, NULL AS done_at, '　甲' AS name"
    )
    duckdb.execute(f"COPY ({statement}) TO '{file}' (FORMAT parquet)")
    others = write_rows(tmp_path / "b.csv", ("order_no", "code"), [("1", "1.5"), ("2", "10")])
    found = checked(
        extract("orders", file, columns={n: n for n in ("order_no", "code", "at", "done_at", "name")}),
        extract("executions", others, columns={"order_no": "order_no", "code": "code"}),
    )
    assert counts(found, "matched") == (2, 2)
    assert counts(found, "within") == (1, 2) and counts(found, "filled") == (1, 2)
    file.write_bytes(b"PAR1 no more")
    found = checked(extract("orders", file))
    assert result(found, "filled").reason == "a.parquet 读不出来：不是 Parquet 文件，或已损坏"


def test_a_file_that_is_gone_or_changes_while_it_is_read(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_rows(tmp_path / "a.csv", HEAD, ROWS)
    good = write_rows(tmp_path / "b.csv", ("code", "name"), [("1", "甲")])
    through = files._Looking.through

    def growing(self: files._Looking, told: Callable[[float], None]) -> None:
        through(self, told)
        if self.file == file:
            with file.open("a", encoding="utf-8") as out:
                out.write("3,丙,,\n")

    monkeypatch.setattr(files._Looking, "through", growing)
    found = checked(extract("orders", file, columns=COLUMNS), extract("items", good))
    assert result(found, "filled").reason == "a.csv 在读的时候被改动了"
    file.unlink()
    found = checked(extract("orders", file, columns=COLUMNS))
    assert result(found, "filled").reason == "a.csv 读不出来：文件不在了，可能已被移走、删除或改名"


def test_tables_in_the_same_file_are_read_once(checked: Checked, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.csv", HEAD, ROWS)
    found = checked(extract("orders", file, columns=COLUMNS), extract("reviews", file, columns=COLUMNS))
    assert found.rows_read == 2
    assert counts(found, "filled") == (1, 2) and counts(found, "record") == (1, 2)


def test_a_cancel_stops_and_leaves_nothing(checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temp").mkdir()
    file = write_rows(tmp_path / "a.csv", HEAD, ROWS * 1000)
    seen: list[str] = []

    def stop(done: int, total: int, what: str) -> None:
        seen.extend(each.name for each in (tmp_path / "temp").iterdir())
        if what == "正在计算":
            raise Cancelled

    with pytest.raises(Cancelled):
        checked(extract("orders", file, columns=COLUMNS), progress=stop)
    assert seen and not list((tmp_path / "temp").iterdir())


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="内存和临时文件夹的空间都不够"), tables.opened(0.05, 1) as database:
        database.rows("SET max_temp_directory_size = '1MB'")
        database.rows("CREATE TABLE x AS SELECT i::VARCHAR || repeat('x', 200) AS a FROM range(2000000) t(i)")
    full = duckdb.IOException("Could not write file: No space left on device")
    assert isinstance(tables._as_ours(full), StorageError)


@pytest.mark.skipif(os.name != "posix", reason="permissions as on Unix")
def test_what_a_killed_run_left_is_deleted_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    script = (
        "import os, signal\nfrom emrassess.quality.scratch import scratch_folder\n"
        "with scratch_folder() as folder:\n"
        " (folder / 'data').write_text('姓名')\n os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    (left,) = tmp_path.iterdir()
    assert (left / "data").exists() and left.stat().st_mode & 0o777 == 0o700
    with tables.opened(0.5) as database:
        assert database.rows("SELECT 1") == [(1,)] and not left.exists()
        (own,) = tmp_path.iterdir()
        with tables.opened(0.5):
            assert own.exists() and len(list(tmp_path.iterdir())) == 2
    assert not list(tmp_path.iterdir())
