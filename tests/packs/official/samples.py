"""Made-up documents with the structure of the true one: the pack's ids, names and numbers, wording of our own."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emrassess.domain.pack import Category, Dimension, Item, LevelRow, Pack
from tests.packs.official.wordml import CONTINUE, RESTART, cell, paragraph, row, table

CRITERIA_HEAD = (
    "项目序号",
    "项目代码",
    "工作角色",
    "业务项目",
    "评价类别",
    "主要评价内容",
    "功能评分",
    "数据质量评价内容",
)
QUALITY_HEAD = ("项目代码", "业务项目", "数据质量考察项目")
REQUIREMENTS_HEAD = ("等级", "内容", "基本项目数（项）", "选择项目数（项）", "最低总评分（分）")
ITEMS_HEAD = ("项目序号", "工作角色", "评价项目", "有效应用评价指标", "数据质量评价指标")
DIMENSIONS = {
    Dimension.CONSISTENCY: "一致性",
    Dimension.COMPLETENESS: "完整性",
    Dimension.INTEGRATION: "整合性",
    Dimension.TIMELINESS: "及时性",
}


def head(*words: str) -> str:
    return row(*(words or CRITERIA_HEAD))


def level_row(code: str, content: str = "编造的要求", category: str = "", **other: str) -> str:
    """A row of annex 3; a value that begins with "<" is a whole cell. `other`: sequence, role, item, score, quality."""
    return row(
        other.get("sequence", "1"),
        code,
        other.get("role", "病房医师"),
        other.get("item", "病房医嘱处理（有效应用按编造的比例计算）"),
        category or cell(),
        content,
        other.get("score", code[-1:]),
        other.get("quality", cell()),
    )


def further_row(content: str, category: str = "", **other: str) -> str:
    """The rest of a level row on the next page: no code, no score."""
    blank = dict.fromkeys(("sequence", "role", "item", "score"), cell())
    return level_row(cell(), content, category, **{**blank, **other})


def criteria_table(*rows: str) -> str:
    return table([head(), *rows])


def clause_text(clause: str) -> str:
    return f"编造的要求 {clause} 之内容"


def quality_text(code: str, dimension: Dimension) -> str:
    return f"编造的记录（{code}{DIMENSIONS[dimension][0]}字段）"


def made_up_categories(pack: Pack) -> dict[str, Category]:
    """Categories that agree with the pack's known ones and with annex 2."""
    chooser = random.Random(3)
    found = {row.code: row.category for item in pack.items for row in item.rows if row.category}
    for requirement in pack.requirements:
        level = [code for code in found if code.endswith(f".{requirement.level}")]
        open_ = [code for code in level if found[code] is Category.UNVERIFIED]
        missing = requirement.basic_items - sum(found[code] is Category.BASIC for code in level)
        basic = set(chooser.sample(open_, missing))
        found |= {code: Category.BASIC if code in basic else Category.OPTIONAL for code in open_}
    return found


@dataclass
class Standard:
    """The whole document for `pack`. Change `categories`, `texts` or the hooks before `blocks` is called."""

    pack: Pack
    categories: dict[str, Category] = field(default_factory=dict)
    merged: bool = False
    optional_word: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    requirement_cells: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    quality: dict[tuple[str, Dimension], str] = field(default_factory=dict)
    year: int = 2018
    skip: Callable[[str], bool] = lambda _: False

    def __post_init__(self) -> None:
        self.categories = self.categories or made_up_categories(self.pack)
        for item in self.pack.items:
            for level in item.rows:
                self.contents.setdefault(level.code, content_of(level))
                for dimension in level.dimensions:
                    self.quality.setdefault((level.code, dimension), quality_text(level.code, dimension))

    def name(self, item: Item) -> str:
        return self.names.get(item.code, item.name)

    def blocks(self) -> list[str]:
        found = [paragraph("附件2"), paragraph("电子病历系统应用水平分级评价标准"), paragraph("（试行）")]
        found += [paragraph("附表1. 项目"), self.items_table(), paragraph("附表2. 基本要求"), self.requirements_table()]
        found.append(table([row("无关的表格", "甲"), row("乙", "丙")], 2))
        for role in self.pack.roles:
            found += [paragraph(role.name), self.criteria_table(role.code)]
        found.append(paragraph(f"附表4. 数据质量评估项目表（{self.year}版）"))
        found += [self.quality_table(role.code) for role in self.pack.roles if self._quality_rows(role.code)]
        return found

    def items_table(self) -> str:
        rows = [head(*ITEMS_HEAD)]
        for number, item in enumerate(self.pack.items, 1):
            first = number == 1 or self.pack.items[number - 2].role != item.role
            role = "一、" + self.pack.role_by_code[item.role].name
            shown = cell(role, merge=RESTART) if first else cell(merge=CONTINUE)
            rows.append(row(str(number), shown, self.name(item), "按编造的比例计算", "无"))
        return table(rows, 5)

    def requirements_table(self) -> str:
        rows = [head(*REQUIREMENTS_HEAD), row("0级", "未形成", "--", "--", "--")]
        for r in self.pack.requirements:
            plain = (str(r.basic_items), f"{r.optional_required}/{r.optional_total}", str(r.minimum_score))
            rows.append(row(f"{r.level}级", r.name, *self.requirement_cells.get(r.level, plain)))
        return table(rows, 5)

    def criteria_table(self, role: str) -> str:
        rows, before = [head()], ""
        for number, item in enumerate(self.pack.items, 1):
            if item.role != role:
                continue
            for level in (0, *item.by_level):
                code = f"{item.code}.{level}"
                if self.skip(code):
                    continue
                category = self.categories.get(code)
                word = "基本" if category is Category.BASIC else self.optional_word if category else ""
                goes_on = self.merged and word == before and len(rows) > 1
                shown = cell(merge=CONTINUE) if goes_on else cell(word, merge=RESTART if self.merged else "")
                before = word
                rows.append(self._level_row(item, number, code, shown, first=level == 0))
        return table(rows)

    def _level_row(self, item: Item, number: int, code: str, category: str, first: bool) -> str:
        name = f"{self.name(item)}（有效应用按编造的比例计算）统计编造的数"
        merged = [
            cell(text, merge=RESTART) if first else cell(merge=CONTINUE)
            for text in (str(number), self.pack.role_by_code[item.role].name, name)
        ]
        content = self.contents.get(code, "编造：没有系统")
        return row(merged[0], code, merged[1], merged[2], category, content, code[-1], cell())

    def _quality_rows(self, role: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for (code, dimension), text in self.quality.items():
            if code.startswith(role):
                found.setdefault(code, []).append(f"{DIMENSIONS[dimension]}：{text}")
        return found

    def quality_table(self, role: str) -> str:
        rows = [head(*QUALITY_HEAD)]
        for code, cells in self._quality_rows(role).items():
            item = self.pack.item_by_code.get(code[:5])
            rows.append(row(code, item.name if item else "新项目", "".join(cells)))
        return table(rows, 3)


def content_of(level: LevelRow) -> str:
    """The clauses of a level row in one paragraph, numbered where there are several."""
    if len(level.clauses) == 1:
        return clause_text(level.clauses[0].id)
    return "".join(f"（{n}）{clause_text(c.id)}" for n, c in enumerate(level.clauses, 1))
