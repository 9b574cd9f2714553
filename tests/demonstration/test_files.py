"""CSV and XLSX of the demonstration."""

import io

import openpyxl

from emrassess.demonstration.files import DEPARTMENTS, shares_csv, workbook


def lines(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return [line.split(",") for line in text.splitlines()[2:]]


def test_departments_add_up_to_the_figures_of_the_item() -> None:
    for seed, counts in enumerate(((11812, 12480), (9, 14), (0, 500), (500, 500), (2750, 12480))):
        rows = lines(shares_csv("示例", {4: counts}, seed))
        parts = [(int(row[2]), int(row[3])) for row in rows if row[0] in DEPARTMENTS]
        assert (sum(p for p, _ in parts), sum(t for _, t in parts)) == counts
        assert all(0 <= part <= total for part, total in parts)
        assert rows[-1][:4] == ["合计", "4", str(counts[0]), str(counts[1])]


def test_a_department_keeps_its_denominator_at_every_level() -> None:
    rows = lines(shares_csv("示例", {4: (900, 1000), 5: (500, 1000)}, 3))
    at = [[row[3] for row in rows if row[1] == level] for level in ("4", "5")]
    assert at[0] == at[1]


def test_a_workbook_opens_with_its_table() -> None:
    content = workbook("示例表", ("名称", "数"), [("甲 <&>", "12"), ("乙", "—")])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    found = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert found == [["名称", "数"], ["甲 <&>", 12], ["乙", "—"]]
    assert content == workbook("示例表", ("名称", "数"), [("甲 <&>", "12"), ("乙", "—")])
