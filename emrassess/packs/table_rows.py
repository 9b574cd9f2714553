"""The lines of a criteria table put together: roles > items > level rows > clauses, with every fault by its place."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal

from emrassess.domain.pack import LEVELS
from emrassess.errors import FileProblems, Problem
from emrassess.packs.table_header import WORDS, Header
from emrassess.packs.table_sheets import MAX_TEXT, Line

MAX_PROBLEMS = 200
MIN_TEXT = 4
MAX_NAME = 100
NUMERALS = "一二三四五六七八"


@dataclass(frozen=True, slots=True)
class TableClause:
    """A clause: its number within the level row, and what it earns; None in a table without points."""

    number: int
    text: str
    evidence: str
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class TableRow:
    level: int
    clauses: tuple[TableClause, ...]


@dataclass(frozen=True, slots=True)
class TableItem:
    code: str
    name: str
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class TableRole:
    code: str
    name: str
    items: tuple[TableItem, ...]


@dataclass(frozen=True, slots=True)
class CriteriaTable:
    """A criteria table as read: ascending by code, level and number. `sheet` is "" for a text file."""

    file: str
    sheet: str
    roles: tuple[TableRole, ...]

    @property
    def items(self) -> tuple[TableItem, ...]:
        return tuple(item for role in self.roles for item in role.items)

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels that have clauses, ascending."""
        return tuple(sorted({row.level for item in self.items for row in item.rows}))

    @property
    def clauses(self) -> tuple[TableClause, ...]:
        return tuple(clause for item in self.items for row in item.rows for clause in row.clauses)

    @property
    def has_points(self) -> bool:
        return all(clause.points is not None for clause in self.clauses)


def build_table(file: str, header: Header) -> CriteriaTable:
    """The table under `header`; FileProblems with its faults (the first 200), in the order of lines."""
    gathering = _Gathering(file, header)
    for line in header.sheet.lines:
        if line.number > header.line.number:
            gathering.take(line)
    gathering.close()
    if not gathering.problems and not gathering.roles:
        gathering.problems.append(Problem(file, header.line.number, f"{header.place(None)}表头下面没有条款"))
    if gathering.problems:
        found = sorted(gathering.problems, key=lambda p: p.line)[:MAX_PROBLEMS]
        if more := len(gathering.problems) - len(found):
            found.append(Problem(file, 0, f"还有 {more} 处，没有列出"))
        raise FileProblems(found)
    return CriteriaTable(file, header.sheet.name, gathering.built())


@dataclass(slots=True)
class _Part:
    """A role or an item in the making, with the line it first stands in."""

    code: str
    name: str
    line: int


@dataclass
class _Gathering:
    file: str
    header: Header
    problems: list[Problem] = field(default_factory=list)
    roles: dict[str, _Part] = field(default_factory=dict)
    items: dict[str, _Part] = field(default_factory=dict)
    rows: dict[tuple[str, int], dict[int, tuple[Line, TableClause]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = self.header.columns
        self._outer_first = sorted(("role", "item", "level"), key=lambda name: columns[name])
        self._carried: dict[str, str] = {}
        self._line = self.header.line
        after = [line for line in self.header.sheet.lines if line.number > self._line.number]
        self._with_points = any(self.header.cell(line, "points") for line in after)

    def take(self, line: Line) -> None:
        """One line of the table; what is wrong with it goes to `problems`."""
        if not any(self.header.cell(line, name) for name in WORDS):
            return
        self._line = line
        given = self._continued()
        number, full = self._clause_number()
        text = self._plain_text()
        points = self._points() if self._with_points else None
        level = self._level(given["level"])
        role = self._role(given["role"], _code_hint(given["item"], full, 1))
        item = self._item(given["item"], full[:5], role) if role else ""
        if item and full and (full[:5] != item or int(full[6]) != level):
            self._note("clause", f"条款号“{full}({number})”与所在的项目 {item}、级别 {level} 不一致")
        elif item and level in LEVELS and number != 0:
            self._add(item, level, number, TableClause(0, text, self.header.cell(line, "evidence"), points))

    def close(self) -> None:
        """What only shows at the end: numbers of clauses that leave one out."""
        for (item, level), clauses in self.rows.items():
            for expected, number in enumerate(sorted(clauses), 1):
                if number != expected:
                    self._line = clauses[number][0]
                    self._note(
                        "clause", f"{item}.{level} 有条款 ({number})，却没有 ({expected})；条款号应从 1 起不缺号"
                    )
                    break

    def built(self) -> tuple[TableRole, ...]:
        """All roles, sorted by code."""
        items: dict[str, list[TableItem]] = {}
        for code, item in sorted(self.items.items()):
            levels = sorted(level for owner, level in self.rows if owner == code)
            rows = tuple(
                TableRow(k, tuple(self.rows[code, k][n][1] for n in sorted(self.rows[code, k]))) for k in levels
            )
            items.setdefault(code[:2], []).append(TableItem(code, item.name, rows))
        return tuple(TableRole(code, role.name, tuple(items[code])) for code, role in sorted(self.roles.items()))

    def _note(self, name: str | None, message: str) -> None:
        self.problems.append(Problem(self.file, self._line.number, f"{self.header.place(name)}{message}"))

    def _continued(self) -> dict[str, str]:
        """Role, item and level of the line; a blank cell continues the one above.

        But not past a new value further left: under a new item the level above is another item's.
        """
        fresh = False
        for name in self._outer_first:
            cell = self.header.cell(self._line, name)
            if cell:
                fresh = fresh or cell != self._carried.get(name)
                self._carried[name] = cell
            elif fresh or name not in self._carried:
                self._carried[name] = ""
                self._note(name, f"{WORDS[name][0]}是空的，上面也没有可以沿用的")
        return self._carried

    def _level(self, cell: str) -> int:
        level = _level_of(cell)
        if cell and level not in LEVELS:
            self._note("level", f"级别应为 1 到 {LEVELS[-1]}，现在是“{cell}”")
        return level

    def _clause_number(self) -> tuple[int | None, str]:
        """The clause's number, and of a whole id ("01.03.3(2)") what stands before it; None: not given."""
        cell = self.header.cell(self._line, "clause")
        plain = unicodedata.normalize("NFKC", cell).replace(" ", "")
        if not plain:
            return None, ""
        if whole := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d)\((\d{1,3})\)", plain):
            number = int(whole[4])
            full = f"{int(whole[1]):02}.{int(whole[2]):02}.{whole[3]}"
        else:
            # Spreadsheets turn a typed "(2)" into -2.
            short = re.fullmatch(r"[-(第]?(\d{1,3})[).、,条款]?", plain)
            number, full = int(short[1]) if short else 0, ""
        if not number:
            self._note("clause", f"“{cell}”不是条款号，可以写“2”“(2)”或“01.03.3(2)”")
        return number, full

    def _plain_text(self) -> str:
        text = self.header.cell(self._line, "text")
        if len(text) < MIN_TEXT:
            self._note("text", f"内容“{text}”太短，至少 {MIN_TEXT} 个字" if text else "内容是空的")
        for name in ("text", "evidence"):
            if len(self.header.cell(self._line, name)) > MAX_TEXT:
                self._note(name, f"文字超过 {MAX_TEXT} 字")
        return text

    def _points(self) -> Decimal | None:
        cell = self.header.cell(self._line, "points")
        plain = re.fullmatch(r"(\d{1,6}(?:\.\d{1,4})?)分?", unicodedata.normalize("NFKC", cell).replace(" ", ""))
        points = Decimal(plain[1]) if plain else None
        if not points:
            self._note("points", f"分值应为大于 0 的数，现在是“{cell}”" if cell else "分值是空的")
        return points

    def _role(self, cell: str, hint: str) -> str:
        code, name = _split_role(cell)
        return self._part("role", self.roles, (code, hint), name, "") if cell else ""

    def _item(self, cell: str, hint: str, role: str) -> str:
        code, name = _split_item(cell)
        owner = next((part for part in self.items.values() if part.name == name and part.code[:2] != role), None)
        if (code or hint or role)[:2] != role:
            self._note("item", f"项目 {code or hint} 不属于角色 {role}“{self.roles[role].name}”")
        elif owner and not (code or hint):
            where = f"角色 {owner.code[:2]}（第 {owner.line} 行）"
            self._note("item", f"项目“{name}”已在{where}下；如果是两个项目，请给它们各写编号，如“{role}.01 {name}”")
        elif cell:
            return self._part("item", self.items, (code, hint), name, f"{role}.")
        return ""

    def _part(self, name: str, known: dict[str, _Part], codes: tuple[str, str], title: str, under: str) -> str:
        """The code of the role or item called `title`; "" where something is wrong with it.

        Its code is the one given, or the one the title has already, or the one hinted at if it is free, or the next.
        """
        given, hint = codes
        siblings = [part for code, part in known.items() if code.startswith(under)]
        same = next((part for part in siblings if part.name == title), None)
        following = f"{under}{1 + max((int(part.code[-2:]) for part in siblings), default=0):02}"
        code = given or (same.code if same else "") or (hint if hint not in known else "") or following
        what = WORDS[name][0]
        if not title or len(title) > MAX_NAME:
            self._note(name, f"{what}名称超过 {MAX_NAME} 字" if title else f"编号 {code} 后面缺少{what}名称")
        elif code.endswith("00") or len(code) != len(under) + 2:
            self._note(name, f"{what}编号只能从 {under}01 到 {under}99，这里是 {code}")
        elif code in known and known[code].name != title:
            self._note(name, f"编号 {code} 已用于“{known[code].name}”（第 {known[code].line} 行），这里是“{title}”")
        elif same and same.code != code:
            self._note(name, f"“{title}”的编号已是 {same.code}（第 {same.line} 行），这里是 {code}")
        else:
            known.setdefault(code, _Part(code, title, self._line.number))
            return code
        return ""

    def _add(self, item: str, level: int, number: int | None, clause: TableClause) -> None:
        clauses = self.rows.setdefault((item, level), {})
        number = number or 1 + max(clauses, default=0)
        if number in clauses:
            self._note("clause", f"条款 {item}.{level}({number}) 重复，第 {clauses[number][0].number} 行已有")
        else:
            clauses[number] = self._line, replace(clause, number=number)


def _split_role(cell: str) -> tuple[str, str]:
    """ "01 病房医师" as code and name; a code without a sign after it has to begin with 0 ("24小时" is no code)."""
    found = re.match(r"([0０]\d|\d{1,2}(?=[\s.．、:：)）]|$))[\s.．、:：)）]*", cell)
    return (f"{int(found[1]):02}", cell[found.end() :]) if found else ("", cell)


def _split_item(cell: str) -> tuple[str, str]:
    found = re.match(r"(\d{1,2})[.．](\d{1,2})(?![\d.．])[\s、:：]*", cell)
    return (f"{int(found[1]):02}.{int(found[2]):02}", cell[found.end() :]) if found else ("", cell)


def _code_hint(item_cell: str, full: str, parts: int) -> str:
    """A role's (1 part) or item's (2 parts) code, as the item's own code or a whole clause id tells it."""
    code = _split_item(item_cell)[0] or full[:5]
    return code[: 3 * parts - 1]


def _level_of(cell: str) -> int:
    """A level as written: 3, 3级, 第三级, Level 3; 0 where it is none."""
    plain = unicodedata.normalize("NFKC", cell).replace(" ", "").lower()
    found = re.fullmatch(rf"(?:第|level|等级|级别)?(\d{{1,2}}|[{NUMERALS}])级?", plain)
    if not found:
        return 0
    return int(found[1]) if found[1].isdecimal() else NUMERALS.index(found[1]) + 1
