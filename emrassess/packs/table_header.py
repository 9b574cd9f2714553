"""The header of a criteria table: which column holds what, by the words in it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emrassess.errors import FileProblems, Problem
from emrassess.packs.table_sheets import Line, Sheet

WORDS: Mapping[str, tuple[str, ...]] = {
    "role": ("角色", "工作角色", "角色名称", "role"),
    "item": ("项目", "评价项目", "项目名称", "item"),
    "level": ("级别", "等级", "评价等级", "level"),
    "clause": ("条款", "条款号", "条款编号", "clause"),
    "points": ("分值", "分", "分数", "points"),
    "text": ("内容", "要求", "条款内容", "评价内容", "text"),
    "evidence": ("证明材料", "实证材料", "实证", "evidence"),
}
REQUIRED = ("role", "item", "level", "text")
HEADER_ROWS = 20

_NOTE = re.compile(r"\([^()]*\)$|[:*]+$")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the table begins: its sheet, the header's line, and the column (from 0) of each field found."""

    sheet: Sheet
    line: Line
    columns: Mapping[str, int]

    def cell(self, line: Line, field: str) -> str:
        """The text of `field` in `line`; "" where there is no such column or cell."""
        column = self.columns.get(field)
        return line.cells[column] if column is not None and column < len(line.cells) else ""

    def place(self, field: str | None) -> str:
        """Where a fault is, as words before it: the sheet, and the column of `field`."""
        sheet = f"工作表“{self.sheet.name}” " if self.sheet.name else ""
        column = self.columns.get(field) if field else None
        return f"{sheet}{column_letters(column)} 列：" if column is not None else f"{sheet.strip()}：" if sheet else ""


def find_header(file: str, sheets: Iterable[Sheet]) -> Header:
    """The first header that has every required column. FileProblems: what is missing in the line most like one."""
    best: Header | None = None
    for sheet in sheets:
        for line in sheet.lines:
            if line.number > HEADER_ROWS:
                break
            header = Header(sheet, line, _columns(line))
            if all(field in header.columns for field in REQUIRED):
                if sheet.fault:
                    raise FileProblems([sheet.fault], "请改正这一行的引号，或另存为 .xlsx 再导入。")
                _refuse_twins(file, header)
                return header
            if best is None or len(header.columns) > len(best.columns):
                best = header
    if best is None or len(best.columns) < 2:
        raise FileProblems([Problem(file, 0, f"前 {HEADER_ROWS} 行里没有找到表头")], _looked_for(REQUIRED))
    missing = [field for field in REQUIRED if field not in best.columns]
    names = "、".join(f"“{WORDS[field][0]}”" for field in missing)
    raise FileProblems([Problem(file, best.line.number, f"{best.place(None)}表头缺少{names}列")], _looked_for(missing))


def column_letters(column: int) -> str:
    """The name of a column (from 0) as spreadsheets show it: A … Z, AA …"""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _columns(line: Line) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in enumerate(line.cells):
        field = _field(cell)
        if field:
            found.setdefault(field, column)
    return found


def _field(cell: str) -> str | None:
    word = unicodedata.normalize("NFKC", cell).replace(" ", "").lower()
    while (shorter := _NOTE.sub("", word)) != word:
        word = shorter
    return next((field for field, words in WORDS.items() if word in words), None)


def _refuse_twins(file: str, header: Header) -> None:
    problems: list[Problem] = []
    for column, cell in enumerate(header.line.cells):
        field = _field(cell)
        if field and header.columns[field] != column:
            message = f"{header.place(field)}和 {column_letters(column)} 列都是“{WORDS[field][0]}”，不知道用哪一列"
            problems.append(Problem(file, header.line.number, message))
    if problems:
        raise FileProblems(problems, "请把不用的那一列改名或删去。")


def _looked_for(fields: Iterable[str]) -> str:
    words = "；".join("、".join(WORDS[field]) for field in fields)
    return f"表头里找的是这些词，每组有一个就行：{words}。"
