"""Criteria tables: columns by their words, blanks that continue, codes given or not, and every fault by its place."""

import io
import struct
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from emrassess.domain.schemes.role_points import RolePoints
from emrassess.errors import FileProblems, RefusedError, StorageError, UserError
from emrassess.packs import table_sheets
from emrassess.packs.loading import load_pack
from emrassess.packs.table import CriteriaTable, TableClause, TableItem, TableRole, TableRow, read_table, write_pack

HEAD = ("角色", "项目", "级别", "条款", "分值", "内容", "证明材料")
ROWS = (
    ("病房医师", "医嘱", "1", "(1)", "2", "医师在电脑上开医嘱", "医嘱页截图"),
    ("", "", "", "(2)", "1.5", "医嘱可以打印出来", ""),
    ("", "", "2", "(1)", "3", "医嘱送到药房和护士站", ""),
    ("", "病历", "1", "(1)", "2", "病历在电脑上书写", ""),
    ("信息部门", "备份", "1", "(1)", "1", "主要数据每天备份", ""),
)
Cells = Sequence[Sequence[object]]


def csv_file(folder: Path, rows: Cells, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    file = folder / "条款表.csv"
    file.write_bytes("\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding))
    return file


def xlsx_file(folder: Path, *sheets: tuple[str, Cells], merged: Sequence[str] = ()) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
    file = folder / "条款表.xlsx"
    book.save(file)
    return file


def shape(table: CriteriaTable) -> list[tuple[str, str, list[tuple[str, str, list[tuple[int, int]]]]]]:
    """Roles and items with, per level, how many clauses."""
    return [
        (r.code, r.name, [(i.code, i.name, [(row.level, len(row.clauses)) for row in i.rows]) for i in r.items])
        for r in table.roles
    ]


SHAPE = [
    ("01", "病房医师", [("01.01", "医嘱", [(1, 2), (2, 1)]), ("01.02", "病历", [(1, 1)])]),
    ("02", "信息部门", [("02.01", "备份", [(1, 1)])]),
]


def faults(file: Path) -> list[tuple[int, str]]:
    with pytest.raises(FileProblems) as caught:
        read_table(file)
    assert {problem.file for problem in caught.value.problems} == {file.name}
    return [(problem.line, problem.message) for problem in caught.value.problems]


def changed(row: int, column: int, value: str) -> Cells:
    rows = [list(HEAD), *map(list, ROWS)]
    rows[row][column] = value
    return rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_the_usual_encodings_and_separators(tmp_path: Path, encoding: str, delimiter: str) -> None:
    table = read_table(csv_file(tmp_path, [HEAD, *ROWS], encoding, delimiter))
    assert shape(table) == SHAPE
    assert table.clauses[0] == TableClause(1, "医师在电脑上开医嘱", "医嘱页截图", Decimal(2))
    assert (table.levels, table.has_points, table.sheet) == ((1, 2), True, "")


def test_a_workbook_s_first_sheet_with_a_header_that_fits_is_taken(tmp_path: Path) -> None:
    title = [("某地计分标准",), (), ("编制单位", "信息科")]
    file = xlsx_file(tmp_path, ("说明", [("角色", "说明")]), ("条款", [*title, HEAD, *ROWS]), ("草稿", [HEAD]))
    table = read_table(file)
    assert table.sheet == "条款"
    assert shape(table) == SHAPE


def test_merged_cells_continue(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, ("条款", [HEAD, *ROWS]), merged=["A2:A5", "B2:B4", "C2:C3"])
    assert shape(read_table(file)) == SHAPE


def test_columns_in_any_order_in_english_and_with_notes(tmp_path: Path) -> None:
    order = (5, 4, 2, 1, 0)
    head = [("Role", "ITEM", "Level", "clause", "Points", "text")[i] for i in order]
    english = read_table(csv_file(tmp_path, [head, *([row[i] for i in order] for row in filled())]))
    noted = ("工作角色：", "评价项目", "等级（1—4）", "条款号", "分 值（分）", "条款内容*", "实证")
    chinese = read_table(csv_file(tmp_path, [noted, *ROWS]))
    assert shape(english) == shape(chinese) == SHAPE


def filled() -> list[list[str]]:
    """ROWS with nothing left to continue."""
    last = ["", "", ""]
    rows: list[list[str]] = []
    for row in ROWS:
        last = [cell or before for cell, before in zip(row[:3], last, strict=True)]
        rows.append([*last, *row[3:]])
    return rows


def test_codes_as_given_in_any_order(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ("03 信息部门", "03.02 备份", "３级", "（１）", "２分", "主要数据每天备份", ""),
        ("01、病房医师", "1.4 病历", "第二级", "2", 1.50, "病历必填项不能缺", ""),
        ("", "", "", "1", "1", "病历在电脑上书写", ""),
        ("01 病房医师", "查房", "1级", "01.03.1(1)", "1", "查房记录写在系统里", ""),
        ("检验", "", "2 级", "", "1", "", ""),
    ]
    table = read_table(csv_file(tmp_path, rows[:-1]))
    assert shape(table) == [
        ("01", "病房医师", [("01.03", "查房", [(1, 1)]), ("01.04", "病历", [(2, 2)])]),
        ("03", "信息部门", [("03.02", "备份", [(3, 1)])]),
    ]
    assert [c.text for c in table.items[1].rows[0].clauses] == ["病历在电脑上书写", "病历必填项不能缺"]


def test_clauses_without_numbers_are_numbered_and_names_keep_their_digits(tmp_path: Path) -> None:
    rows = [
        ("角色", "项目", "级别", "内容"),
        ("24小时值班组", "120 急救记录", "一", "急救记录写在系统里"),
        ("", "", "", "急救记录可以查询"),
    ]
    table = read_table(csv_file(tmp_path, rows))
    assert shape(table) == [("01", "24小时值班组", [("01.01", "120 急救记录", [(1, 2)])])]
    assert not table.has_points


def test_what_spreadsheets_make_of_cells(tmp_path: Path) -> None:
    rows = [
        (*HEAD, "分管人"),
        ("病房医师", "医嘱", 1, -1, 2.0, "医师在电脑上\n开医嘱", None, ""),
        (None, None, 1.0, -2, 0.5, "  医嘱可以打印出来　", "#REF!", "张三"),
        (None, None, None, None, None, None, None, "合计"),
    ]
    table = read_table(xlsx_file(tmp_path, ("条款", rows)))
    assert table.clauses == (
        TableClause(1, "医师在电脑上 开医嘱", "", Decimal(2)),
        TableClause(2, "医嘱可以打印出来", "", Decimal("0.5")),
    )


def test_quoted_cells_over_several_lines_keep_the_line_numbers(tmp_path: Path) -> None:
    rows = changed(3, 4, "x")
    file = csv_file(tmp_path, rows)
    file.write_text(file.read_text().replace("医嘱可以打印出来", '"医嘱可以,\n打印"'), newline="")
    ((line, message),) = faults(file)
    assert line == 5 and message == "E 列：分值应为大于 0 的数，现在是“x”"


@pytest.mark.parametrize("cell", ['"医嘱可以', '"医嘱"可以打印'])
def test_a_quote_that_does_not_close_swallows_no_lines(tmp_path: Path, cell: str) -> None:
    assert faults(csv_file(tmp_path, changed(2, 5, cell))) == [(3, "这一行的引号没有成对，或者一格的文字太长")]


@pytest.mark.parametrize(
    ("row", "column", "value", "expected"),
    [
        (1, 4, "-2", "E 列：分值应为大于 0 的数，现在是“-2”"),
        (2, 4, "0", "E 列：分值应为大于 0 的数，现在是“0”"),
        (2, 4, "nan", "E 列：分值应为大于 0 的数，现在是“nan”"),
        (2, 4, "", "E 列：分值是空的"),
        (3, 2, "9", "C 列：级别应为 1 到 8，现在是“9”"),
        (3, 2, "0级", "C 列：级别应为 1 到 8，现在是“0级”"),
        (3, 2, "高", "C 列：级别应为 1 到 8，现在是“高”"),
        (2, 5, "", "F 列：内容是空的"),
        (2, 5, "打印", "F 列：内容“打印”太短，至少 4 个字"),
        (2, 3, "(1)", "D 列：条款 01.01.1(1) 重复，第 2 行已有"),
        (2, 3, "(3)", "D 列：01.01.1 有条款 (3)，却没有 (2)；条款号应从 1 起不缺号"),
        (2, 3, "乙", "D 列：“乙”不是条款号，可以写“2”“(2)”或“01.03.3(2)”"),
        (2, 3, "01.01.2(2)", "D 列：条款号“01.01.2(2)”与所在的项目 01.01、级别 1 不一致"),
        (4, 2, "", "C 列：级别是空的，上面也没有可以沿用的"),
        (1, 0, "", "A 列：角色是空的，上面也没有可以沿用的"),
        (5, 1, "01.02 病历", "B 列：项目 01.02 不属于角色 02“信息部门”"),
        (5, 1, "医嘱", "B 列：项目“医嘱”已在角色 01（第 2 行）下；如果是两个项目，请给它们各写编号，如“02.01 医嘱”"),
        (4, 1, "01.01 病历", "B 列：编号 01.01 已用于“医嘱”（第 2 行），这里是“病历”"),
        (4, 1, "01.07 医嘱", "B 列：“医嘱”的编号已是 01.01（第 2 行），这里是 01.07"),
        (5, 0, "01 信息部门", "A 列：编号 01 已用于“病房医师”（第 2 行），这里是“信息部门”"),
        (5, 0, "05", "A 列：编号 05 后面缺少角色名称"),
        (5, 0, "00 信息部门", "A 列：角色编号只能从 01 到 99，这里是 00"),
    ],
)
def test_faults_by_line_and_column(tmp_path: Path, row: int, column: int, value: str, expected: str) -> None:
    found = faults(csv_file(tmp_path, changed(row, column, value)))
    assert (row + 1, expected) in found
    assert len(found) <= 2, "a fault is told once, not on every line after it"


def test_faults_of_a_workbook_name_the_sheet_and_all_are_told(tmp_path: Path) -> None:
    rows = [list(row) for row in changed(1, 4, "x")]
    rows[3][2] = "九"
    found = faults(xlsx_file(tmp_path, ("条款", [("标题",), *rows])))
    assert found == [
        (3, "工作表“条款” E 列：分值应为大于 0 的数，现在是“x”"),
        (5, "工作表“条款” C 列：级别应为 1 到 8，现在是“九”"),
    ]


def test_very_many_faults_are_cut_short(tmp_path: Path) -> None:
    found = faults(csv_file(tmp_path, [HEAD, ROWS[0], *[("", "", "", "", "-1", "医嘱可以打印出来", "")] * 500]))
    assert len(found) == 201 and found[-1] == (0, "还有 300 处，没有列出")


def test_missing_columns_are_named_with_the_words_looked_for(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, ("条款", [("标题",), ("角色", "项目", "得分", "要求")]))
    with pytest.raises(FileProblems) as caught:
        read_table(file)
    assert str(caught.value.problems[0]) == "条款表.xlsx:2: 工作表“条款”：表头缺少“级别”列"
    assert "级别、等级" in caught.value.hint


def test_no_header_names_the_words_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FileProblems) as caught:
        read_table(csv_file(tmp_path, [("甲", "乙"), ("1", "2")]))
    assert str(caught.value.problems[0]) == "条款表.csv: 前 20 行里没有找到表头"
    assert all(word in caught.value.hint for word in ("工作角色", "评价项目", "级别", "条款内容"))


def test_a_header_below_the_twentieth_line_or_with_twins_or_nothing_below_is_refused(tmp_path: Path) -> None:
    assert faults(csv_file(tmp_path, [*[("说明",)] * 20, HEAD, *ROWS]))[0][1].startswith("前 20 行")
    ((line, message),) = faults(csv_file(tmp_path, [(*HEAD, "要求"), *ROWS]))
    assert (line, message) == (1, "F 列：和 H 列都是“内容”，不知道用哪一列")
    assert faults(csv_file(tmp_path, [HEAD])) == [(1, "表头下面没有条款")]


# --- files that are no table, or want to do harm


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .xls"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "不是表格"),
        (b"PK\x03\x04 broken", "不是完整的 Excel"),
        (b"\xff\xfe" + "角色,项目".encode("utf-16-le"), "不是表格"),
        (b"", "没有找到表头"),
        (f'{",".join(HEAD)}\n"{"长" * 200_000}\n'.encode(), "引号没有成对"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "表.csv"
    file.write_bytes(content)
    with pytest.raises(UserError, match=expected) as caught:
        read_table(file)
    assert caught.value.hint


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="是文件夹"):
        read_table(tmp_path)
    with pytest.raises(UserError, match="无法读取"):
        read_table(tmp_path / "没有.xlsx")


def repacked(file: Path, part: str, content: bytes) -> Path:
    """The workbook with one part replaced."""
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == part else old.read(entry))
    return file


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_sheets, "MAX_UNPACKED", 1_000_000)
    file = repacked(xlsx_file(tmp_path, ("条款", [HEAD])), "xl/worksheets/sheet1.xml", b" " * 2_000_000)
    with pytest.raises(RefusedError, match="解开后超过"):
        read_table(file)


def test_a_sheet_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_sheets, "MAX_TAGS", 2_000)
    sheet = b'<worksheet><sheetData><row r="1">' + b"<c/>" * 2_000 + b"</row></sheetData></worksheet>"
    with pytest.raises(RefusedError, match="单元格太多"):
        read_table(repacked(xlsx_file(tmp_path, ("条款", [HEAD])), "xl/worksheets/sheet1.xml", sheet))


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    file = repacked(xlsx_file(tmp_path, ("条款", [HEAD])), "xl/worksheets/sheet1.xml", b" " * 5_000_000)
    content = bytearray(file.read_bytes())
    size = struct.pack("<I", 5_000_000)
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = struct.pack("<I", 100)
    file.write_bytes(content)
    with pytest.raises(UserError, match="不是完整的 Excel"):
        read_table(file)


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(RefusedError, match="文档类型声明"):
        read_table(repacked(xlsx_file(tmp_path, ("条款", [HEAD])), "xl/worksheets/sheet1.xml", bomb))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_damaged_workbook_is_refused(tmp_path: Path, part: str) -> None:
    with pytest.raises(UserError, match="不是完整的 Excel"):
        read_table(repacked(xlsx_file(tmp_path, ("条款", [HEAD])), part, b"<broken"))


def test_another_archive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "文件.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(UserError, match="不是 Excel 工作簿"):
        read_table(file)


def test_too_many_rows_or_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_sheets, "MAX_ROWS", 4)
    for file in (csv_file(tmp_path, [HEAD, *ROWS]), xlsx_file(tmp_path, ("条款", [HEAD, *ROWS]))):
        with pytest.raises(UserError, match="超过 4 行"):
            read_table(file)
    monkeypatch.setattr(table_sheets, "MAX_FILE", 100)
    with pytest.raises(UserError, match="MB"):
        read_table(csv_file(tmp_path, [HEAD, *ROWS]))


def test_a_wrong_size_in_the_workbook_loses_no_rows(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path, ("条款", [HEAD, *ROWS]))
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b'<dimension ref="A1:G6"' in sheet
    small = repacked(file, "xl/worksheets/sheet1.xml", sheet.replace(b'ref="A1:G6"', b'ref="A1:B2"'))
    assert shape(read_table(small)) == SHAPE


def test_a_formula_counts_with_its_last_value_only(tmp_path: Path) -> None:
    rows = changed(1, 4, "=1+1")
    assert "分值是空的" in faults(xlsx_file(tmp_path, ("条款", rows)))[0][1]


# --- written as a pack


def written(table: CriteriaTable, folder: Path, **changes: str) -> None:
    given = {"pack_id": "own-2026", "name": "自编标准", "standard": "某地计分标准", **changes}
    write_pack(table, folder, **given)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("能够开医嘱", "能够开医嘱"),
        ("医嘱录入：医师在电脑上开医嘱并能保存在本机里供以后查看", "医嘱录入"),
        ("开，然后医师在电脑上开医嘱并能保存在本机里供以后查看", "开，然后医师在电脑上开医嘱并能保存在本…"),
        ("医师在电脑上开医嘱并能保存在本机里供以后查看和打印", "医师在电脑上开医嘱并能保存在本机里供以…"),
        ("达到 3.5 分以上的病历应当占全部病历的九成及以上", "达到 3.5 分以上的病历应当占全部病…"),
    ],
)
def test_a_level_row_is_named_after_its_first_clause(tmp_path: Path, text: str, summary: str) -> None:
    rows = changed(1, HEAD.index("内容"), text)
    written(read_table(csv_file(tmp_path, rows)), tmp_path / "pack")
    assert load_pack(tmp_path / "pack").item_by_code["01.01"].rows[0].summary == summary


def test_a_table_becomes_a_pack(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, [HEAD, *ROWS]))
    written(table, tmp_path / "pack", document_number="某〔2026〕1号", version="2.0", pass_share="0.75")
    pack = load_pack(tmp_path / "pack")
    assert (pack.id, pack.version, pack.name, pack.document_number) == ("own-2026", "2.0", "自编标准", "某〔2026〕1号")
    assert isinstance(pack.scheme, RolePoints) and pack.scheme.pass_share == Decimal("0.75")
    assert [level.level for level in pack.levels] == [1, 2]
    assert [(g.name, len(g.items)) for g in pack.groups] == [("核查组", 3)]
    assert pack.item_by_code["01.01"].rows[0].summary == "医师在电脑上开医嘱"
    text = (tmp_path / "pack" / "role-01.yaml").read_text(encoding="utf-8")
    assert "text: 医师在电脑上开医嘱" in text and "evidence: 医嘱页截图" in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pack_id": "某标准"}, "标识"),
        ({"version": "一"}, "版本号"),
        ({"name": " "}, "名称"),
        ({"pass_share": "0"}, "得分比例"),
        ({"pass_share": "1.2"}, "得分比例"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    table = read_table(csv_file(tmp_path, [HEAD, *ROWS]))
    with pytest.raises(UserError, match=expected):
        written(table, tmp_path / "pack", **changes)
    assert [file.name for file in tmp_path.iterdir()] == ["条款表.csv"]


def test_a_table_without_points_is_not_made_into_a_pack(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, [[*row[:4], *row[5:]] for row in (HEAD, *ROWS)]))
    with pytest.raises(UserError, match="没有分值"):
        written(table, tmp_path / "pack")


def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, [HEAD, *ROWS]))
    folder = tmp_path / "pack"
    folder.mkdir()
    written(table, folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(StorageError, match="已经存在"):
        written(table, folder, name="另一个")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


_TEXT = st.text(
    st.sampled_from("医嘱病历检查护士药房系统，。：；“”（）()#'\"-:>|&*!%@`{}[]~=?1.0 aYn\\/"), min_size=4, max_size=40
).map(lambda text: "要" + " ".join(text.split()) + "全部做到")
_CLAUSE = st.tuples(_TEXT, st.sampled_from(["", "截图：见 #1"]), st.decimals("0.0001", "999", places=4))


def _row(level: int, clauses: list[tuple[str, str, Decimal]]) -> TableRow:
    numbered = enumerate(clauses, 1)
    return TableRow(
        level, tuple(TableClause(n, text, proof, points.normalize()) for n, (text, proof, points) in numbered)
    )


_LEVELS = st.dictionaries(st.integers(1, 8), st.lists(_CLAUSE, min_size=1, max_size=2), min_size=1, max_size=3)
_ROWS = _LEVELS.map(lambda levels: tuple(_row(level, levels[level]) for level in sorted(levels)))
_ROLES = st.dictionaries(
    st.integers(1, 99), st.dictionaries(st.integers(1, 99), _ROWS, min_size=1, max_size=2), min_size=1, max_size=2
)


@st.composite
def tables(draw: st.DrawFn) -> CriteriaTable:
    roles = [
        TableRole(
            f"{r:02}",
            f"角色甲{r}",
            tuple(TableItem(f"{r:02}.{i:02}", f"项目乙{r}-{i}", rows) for i, rows in sorted(items.items())),
        )
        for r, items in sorted(draw(_ROLES).items())
    ]
    return CriteriaTable("条款表.xlsx", "条款", tuple(roles))


def lines(table: CriteriaTable) -> list[tuple[object, ...]]:
    return [
        (f"{role.code} {role.name}", f"{item.code} {item.name}", row.level, f"({clause.number})",
         f"{clause.points:f}", clause.text, clause.evidence)
        for role in table.roles for item in role.items for row in item.rows for clause in row.clauses
    ]  # fmt: skip


@given(table=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_table_to_workbook_to_table_to_pack_loses_nothing(
    table: CriteriaTable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("table")
    assert read_table(xlsx_file(folder, ("条款", [HEAD, *lines(table)]))) == table
    written(table, folder / "pack")
    pack = load_pack(folder / "pack")
    assert [(role.code, role.name) for role in pack.roles] == [(role.code, role.name) for role in table.roles]
    assert [(item.code, item.name) for item in pack.items] == [(item.code, item.name) for item in table.items]
    assert [(item.code, row.level) for item in pack.items for row in item.rows] == [
        (item.code, row.level) for item in table.items for row in item.rows
    ]
    assert [(c.id, c.text, c.evidence, c.points) for c in pack.clause_by_id.values()] == [
        (f"{item.code}.{row.level}({c.number})", c.text, c.evidence, c.points)
        for item in table.items
        for row in item.rows
        for c in row.clauses
    ]
