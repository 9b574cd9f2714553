"""Nothing but counts, coefficients and record numbers comes out of the extracts: not the name of a patient."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from emrassess.logs import log_file
from emrassess.quality import tables
from emrassess.quality.tables import opened
from tests.commands.conftest import Command, command
from tests.quality.conftest import write_rows

__all__ = ["command"]

NAME = "慕容示例"
EXTRACTS = """format: emrassess-extracts/1
pack: emr-2018
tables:
  orders: {{file: 医嘱.csv, columns: {{order_no: 号, patient_id: 病人, item_name: {column}, ordered_at: 时间}}}}
  medication_orders: {{file: 医嘱.csv, columns: {{order_no: 号, ordered_at: 时间}}}}
  inpatient_dispensings: {{file: 发药.csv, columns: {{order_no: 号, dispensed_at: 时间, patient_name: 姓名}}}}
"""


def _extracts(folder: Path, column: str, lines: Sequence[str] = ()) -> Path:
    rows = [("1", "P1", NAME, "2026-08-01 08:00"), ("", "P2", NAME, NAME), ("3", "P3", NAME, "2026-08-01 08:00")]
    orders = write_rows(folder / "医嘱.csv", ("号", "病人", "姓名", "时间"), rows)
    with orders.open("a", encoding="utf-8") as out:
        out.write("".join(f"{line}\n" for line in lines))
    write_rows(folder / "发药.csv", ("号", "姓名", "时间"), [("1", NAME, NAME), ("3", NAME, "2026-07-31")])
    file = folder / "extracts.yaml"
    file.write_text(EXTRACTS.format(column=column), encoding="utf-8")
    return file


@pytest.mark.parametrize("json", [(), ("--json",)])
@pytest.mark.parametrize("column", ["姓名", "没有的列"])
@pytest.mark.parametrize("lines", [(), (NAME, f'"{NAME}"x,1,2,3', f"1,2,3,4,{NAME}", f'7,"{NAME}')])
def test_no_name_is_told_by_a_run(
    command: Command, tmp_path: Path, json: tuple[str, ...], column: str, lines: tuple[str, ...]
) -> None:
    said = command("quality", "run", _extracts(tmp_path, column, lines), "--item", "01.01", *json)
    assert said.code == 0
    assert NAME not in said.out + said.err
    assert not log_file().exists() or NAME not in log_file().read_text(encoding="utf-8")


def test_a_file_without_a_header_does_not_tell_its_first_row(command: Command, tmp_path: Path) -> None:
    file = _extracts(tmp_path, "姓名")
    (tmp_path / "医嘱.csv").write_text(f"1,P1,{NAME},2026-08-01 08:00\n", encoding="utf-8")
    said = command("quality", "run", file)
    assert "医嘱.csv 没有“号”这一列" in said.out and NAME not in said.out + said.err


def test_what_duckdb_says_of_rows_is_not_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    with opened(0.5) as database, caplog.at_level(logging.DEBUG):
        with pytest.raises(tables._DatabaseFault) as raised:
            database.rows(f"SELECT '{NAME}'::INTEGER")
        logging.getLogger("emrassess").error("failed", exc_info=raised.value)
    assert str(raised.value) == "ConversionException" and raised.value.__cause__ is None
    assert NAME not in caplog.text


def test_names_of_columns_are_not_samples(pack: Pack, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "extracts.yaml"
    write_rows(tmp_path / "a.csv", ("姓名", "药"), [(NAME, "")])
    file.write_text(
        "format: emrassess-extracts/1\npack: emr-2018\ntables:\n"
        "  inpatient_dispensings: {file: a.csv, columns: {patient_name: 姓名, drug_name: 药}}\n",
        encoding="utf-8",
    )
    said = command("quality", "run", file, "--json")
    assert said.code == 0 and '"samples": []' in said.out and NAME not in said.out
