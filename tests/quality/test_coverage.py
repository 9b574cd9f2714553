"""Coverage by counting rows that meet conditions."""

from pathlib import Path

import pytest

from emrassess.domain.pack import Pack
from emrassess.errors import Cancelled, FileProblems, UserError
from emrassess.quality.coverage import Condition, Definition, RowsOf, Side, count
from emrassess.quality.coverage_file import read_definitions, write_definitions

ORDERS = "号,类别,时间\n1, 药疗 ,2026-08-01\n2,药疗,　\n3,检验,2026-08-01\n4,ＡＢ,2026\n,药疗,x\n"
DONE = "单号,类\n1,药疗\n1,药疗\n3,检验\n,药疗\n4,AB\n"
FILE = """format: emrassess-coverage/1
pack: emr-2018
counts:
  - item: "01.01"
    level: 4
    denominator: {file: 医嘱.csv, where: [{column: 类别, in: [药疗, 检验]}]}
    numerator:
      where: [{column: 时间, filled: true}, {column: [号, 类别], matches: {file: 执行.csv, column: [单号, 类]}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "医嘱.csv").write_text(ORDERS, encoding="gb18030")
    (tmp_path / "执行.csv").write_text(DONE, encoding="utf-8")
    (tmp_path / "d.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


def counted(folder: Path, above: Side, *below: Condition) -> tuple[int, int]:
    definition = Definition("01.01", 4, Side(RowsOf((folder / "医嘱.csv",)), below), above)
    found = count(definition)
    return found.numerator, found.denominator


def test_each_condition(folder: Path) -> None:
    done = RowsOf((folder / "执行.csv",))
    assert counted(folder, Side(None)) == (5, 5)
    assert counted(folder, Side(None, (Condition(("时间",)),))) == (4, 5)  # a full-width blank is blank
    assert counted(folder, Side(None, (Condition(("号", "时间")),))) == (3, 5)
    assert counted(folder, Side(None, (Condition(("类别",), ("药疗",)),))) == (3, 5)  # trimmed
    assert counted(folder, Side(None, (Condition(("类别",), ("AB", "检验")),))) == (2, 5)  # full-width letters
    assert counted(folder, Side(None, (Condition(("号",), (), done, ("单号",)),))) == (3, 5)  # never blank with blank
    assert counted(folder, Side(None, (Condition(("号", "类别"), (), done, ("单号", "类")),))) == (3, 5)
    assert counted(folder, Side(None, (Condition(("时间",)),)), Condition(("类别",), ("药疗",))) == (2, 3)
    assert counted(folder, Side(done, (Condition(("类",), ("药疗",)),))) == (3, 5)


def test_a_file_says_the_same(folder: Path, pack: Pack) -> None:
    (definition,) = read_definitions(folder / "d.yaml", pack)
    found = count(definition)
    assert (found.numerator, found.denominator) == (2, 4)
    again = folder / "again.yaml"
    again.write_text(write_definitions([definition], pack.id, folder), encoding="utf-8")
    assert read_definitions(again, pack) == (definition,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('item: "01.01"', 'item: "99.01"', "4: counts[0].item：标准包里没有项目“99.01”"),
        ("level: 4", "level: 9", "没有 9 级"),
        ("file: 医嘱.csv", "file: 没有.csv", "6: counts[0].denominator.file：找不到文件“没有.csv”"),
        ("in: [药疗, 检验]", "in: [药疗], equals: x", "要写、也只能写一个"),
        ("column: [单号, 类]", "column: 单号", "两边的列数不同"),
        ("pack: emr-2018", "pack: other", "2: pack：这里用的标准包是 emr-2018"),
    ],
)
def test_faults_are_named_by_line(folder: Path, pack: Pack, old: str, new: str, said: str) -> None:
    (folder / "d.yaml").write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(FileProblems) as caught:
        read_definitions(folder / "d.yaml", pack)
    assert said in str(caught.value)


def test_what_cannot_be_counted_says_so(folder: Path) -> None:
    with pytest.raises(UserError, match="没有“无”这一列"):
        counted(folder, Side(None, (Condition(("无",)),)))
    with pytest.raises(UserError, match="分母是 0"):
        counted(folder, Side(None), Condition(("类别",), ("没有",)))
    with pytest.raises(UserError, match="分子 5 大于分母 3"):
        counted(folder, Side(RowsOf((folder / "执行.csv",))), Condition(("类别",), ("药疗",)))


def test_it_can_be_cancelled(folder: Path, pack: Pack) -> None:
    def stop(_done: int, _total: int, _what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        count(read_definitions(folder / "d.yaml", pack)[0], progress=stop)
