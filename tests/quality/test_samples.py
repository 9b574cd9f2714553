"""A look into extracts: columns, sheets, files of several months, and values that are not to be shown."""

from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from emrassess.quality.samples import is_private, sources


def test_text_in_both_encodings_and_months_as_one(tmp_path: Path) -> None:
    for month, encoding in (("202608", "utf-8-sig"), ("202609", "gb18030")):
        (tmp_path / f"医嘱_{month}.csv").write_text("医嘱号,状态\n1,执行\n2,停止\n2,停止\n", encoding=encoding)
    (tmp_path / "发药.tsv").write_text("医嘱号\t发药时间\n1\t2026-08-01\n", encoding="utf-8")
    orders, dispensing = sources(sorted(tmp_path.iterdir(), key=lambda file: (file.suffix, file.name)))
    assert [file.name for file in orders.files] == ["医嘱_202608.csv", "医嘱_202609.csv"]
    assert [(seen.name, seen.values) for seen in orders.columns] == [("医嘱号", ("1", "2")), ("状态", ("执行", "停止"))]
    assert [seen.name for seen in dispensing.columns] == ["医嘱号", "发药时间"]


def test_sheets_and_parquet(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "药品"  # type: ignore[union-attr]
    book["药品"].append(["编码", "名称"])
    book["药品"].append([1, "头孢"])
    book.create_sheet("合并").append(["检验", None, "结果"])
    book.save(tmp_path / "字典.xlsx")
    values = "SELECT 7 AS no, TIMESTAMP '2026-08-01 08:00:00' AS t"
    duckdb.sql(f"COPY ({values}) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    drugs, merged, parquet = sources([tmp_path / "字典.xlsx", tmp_path / "a.parquet"])
    assert (drugs.sheet, drugs.columns[0].values, drugs.fault) == ("药品", ("1",), "")
    assert "合并过的表头" in merged.fault
    assert [(seen.name, seen.values) for seen in parquet.columns] == [("no", ("7",)), ("t", ("2026-08-01 08:00:00",))]


def test_what_cannot_be_read_says_why_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.xlsx").write_bytes(b"no workbook")
    (tmp_path / "c.doc").write_bytes(b"x")
    (tmp_path / "d.parquet").write_bytes(b"x")
    (tmp_path / "e.csv").write_text("a,b\n1,2\n")
    found = sources(sorted(tmp_path.iterdir()))
    assert [bool(source.fault) for source in found] == [True, True, True, True, False]
    assert all(source.files[0].name in source.fault for source in found[:4])


@pytest.mark.parametrize(
    ("name", "values", "private"),
    [
        ("患者姓名", ("x",), True),
        ("联系电话", (), True),
        ("XM", (), True),
        ("col7", ("13912345678", "1"), True),
        ("col8", ("11010519491231002X",), True),
        ("col9", ("王小明", "李建国", "张丽", "陈红"), True),
        ("项目名称", ("王浆", "李子", "张口"), False),
        ("医嘱号", ("1001", "1002"), False),
        ("状态", ("执行", "停止", "作废"), False),
    ],
)
def test_columns_that_may_tell_who_somebody_is(name: str, values: tuple[str, ...], private: bool) -> None:
    assert is_private(name, values) is private
