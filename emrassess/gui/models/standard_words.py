"""The pack as pages of rich text: requirement table, roles, items with clauses and hints, annex 4 rules, glossary."""

from collections.abc import Iterable
from html import escape

from emrassess.domain.answers import Answers
from emrassess.domain.pack import Item, LevelRow, Pack, QualityRule, Side
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.theme import Colours
from emrassess.reports.wording import CATEGORY_NAMES

OPERATORS = {"<": "早于", "<=": "不晚于"}


class StandardWords:
    """Renders parts of a pack as HTML; `query` marks the words searched for."""

    def __init__(self, pack: Pack, answers: Answers | None, colours: Colours, query: str = "") -> None:
        self._pack = pack
        self._answers = answers
        self._colours = colours
        self._words = [word for word in query.split() if word]

    def page(self, key: str) -> str:
        """The page of "pack", "glossary", a role ("01"), an item ("01.01") or a level row ("01.01.4")."""
        if key == "pack":
            body = self._requirements()
        elif key == "glossary":
            body = self._glossary()
        elif len(key) == 2:
            body = self._role(key)
        else:
            body = self._item(self._pack.item_by_code[key[:5]])
        colours = self._colours
        style = (
            f"<style>a{{color:{colours.accent};text-decoration:none}} .m{{color:{colours.muted}}}"
            f" h2{{margin:0 0 6px 0}} h3{{margin:18px 0 4px 0}} p{{margin:4px 0}} td,th{{padding:4px 10px}}"
            f" .hit{{background-color:{colours.fair_soft};color:{colours.text}}}</style>"
        )
        return style + body

    def _text(self, text: str) -> str:
        shown = escape(text)
        for word in self._words:
            marked = escape(word)
            shown = shown.replace(marked, f'<span class="hit">{marked}</span>')
        return shown

    def _requirements(self) -> str:
        pack = self._pack
        rows = "".join(
            f"<tr><td>{r.level} 级</td><td>{escape(r.name)}</td><td align='right'>{r.basic_items}</td>"
            f"<td align='right'>{r.optional_required}/{r.optional_total}</td>"
            f"<td align='right'>{r.minimum_score}</td></tr>"
            for r in pack.requirements
        )
        s = pack.scoring
        return (
            f"<h2>{escape(pack.name)}</h2><p class='m'>{escape(pack.standard)}　{escape(pack.document_number)}　"
            f"标准包 {escape(pack.id)} {escape(pack.version)}</p>"
            "<h3>各级别的要求（附件 2）</h3>"
            "<table border='0' cellspacing='0'><tr><th align='left'>级别</th><th align='left'>名称</th>"
            f"<th>基本项</th><th>选择项（至少/共）</th><th>最低总分</th></tr>{rows}</table>"
            "<h3>怎样算分</h3>"
            "<p>功能评分：某级别及以下各级的条款全部达标，才算有该级别的功能。</p>"
            "<p>项目得分 = 级别 × 有效应用比例 × 数据质量指数，取各级别里最高的；总分是各项目得分之和。</p>"
            f"<p>基本项通过：有效应用比例不低于 {s.basic_coverage}，数据质量指数不低于 {s.quality}；"
            f"选择项通过：有效应用比例不低于 {s.optional_coverage}，数据质量指数不低于 {s.quality}。</p>"
            f"<p>低一级的数据质量指数低于 {s.quality} 时，更高级别不能计分。</p>"
        )

    def _glossary(self) -> str:
        rows = "".join(
            f"<tr><td><b>{self._text(term)}</b></td><td>{self._text(meaning)}</td></tr>"
            for term, meaning in self._pack.glossary.items()
        )
        return f"<h2>名词解释</h2><table border='0' cellspacing='0'>{rows}</table>"

    def _role(self, code: str) -> str:
        role = self._pack.role_by_code[code]
        items = [item for item in self._pack.items if item.role == code]
        rows = "".join(
            f"<p><a href='{item.code}'>{item.code} {self._text(item.name)}</a>"
            f"<span class='m'>　{'、'.join(str(row.level) for row in item.rows)} 级，"
            f"{sum(len(row.clauses) for row in item.rows)} 条</span></p>"
            for item in items
        )
        return f"<h2>{code} {escape(role.name)}</h2>{rows}"

    def _item(self, item: Item) -> str:
        basis = item.coverage
        if basis.functional:
            coverage = f"<p>按功能计：{self._text(basis.basis)}，不用填分子、分母。</p>"
        else:
            coverage = f"<p>分子：{self._text(basis.numerator)}</p><p>分母：{self._text(basis.denominator)}</p>"
        if basis.note:
            coverage += f"<p class='m'>{self._text(basis.note)}</p>"
        rows = "".join(self._row(item, row) for row in item.rows)
        role = self._pack.role_by_code[item.role]
        return (
            f"<p class='m'>{item.role} {escape(role.name)}</p><h2>{item.code} {self._text(item.name)}</h2>"
            f"<h3>有效应用比例怎样算</h3>{coverage}{rows}"
        )

    def _row(self, item: Item, row: LevelRow) -> str:
        category = self._answers.category(self._pack, item.code, row.level) if self._answers else row.category
        clauses = "".join(
            f"<p><a name='{clause.id}'></a><a href='clause:{clause.id}'>{clause.id}</a>　"
            f"<b>{self._text(clause.text)}</b></p>"
            f"<p class='m' style='margin:0 0 8px 18px'>{self._text(clause.evidence)}</p>"
            for clause in row.clauses
        )
        rules = "".join(f"<p style='margin-left:18px'>{self._text(line)}</p>" for line in rule_lines(self._pack, row))
        quality = f"<p><b>数据质量（附件 4）</b></p>{rules}" if rules else ""
        named = CATEGORY_NAMES[category or row.category]
        return (
            f"<h3><a name='{row.code}'></a>{row.level} 级　{self._text(row.summary)}"
            f"<span class='m'>　{named}</span></h3>{clauses}{quality}"
        )


def rule_lines(pack: Pack, row: LevelRow) -> list[str]:
    """Annex 4's rules of a level row in words, one line a dimension and table."""
    lines: list[str] = []
    for dimension in row.dimensions:
        rules = [rule for rule in row.rules if rule.dimension is dimension]
        name = DIMENSION_NAMES[dimension]
        lines += [f"{name}：{text}" for text in dict.fromkeys(_filled(pack, rules))]
        lines += [f"{name}：{_rule(pack, rule)}" for rule in rules if rule.kind != "filled"]
    return lines


def _filled(pack: Pack, rules: Iterable[QualityRule]) -> list[str]:
    by_table: dict[str, list[str]] = {}
    for rule in rules:
        if rule.kind == "filled" and rule.left:
            least = f"（{rule.min_length} 字以上）" if rule.min_length else ""
            by_table.setdefault(rule.left.table, []).append(_fields(pack, rule.left) + least)
    return [f"{pack.tables[table].name}的{'、'.join(names)} 必填" for table, names in by_table.items()]


def _rule(pack: Pack, rule: QualityRule) -> str:
    left = _side(pack, rule.left) if rule.left else ""
    right = _side(pack, rule.right) if rule.right else ""
    match rule.kind:
        case "dictionary":
            return f"{left} 与 {right} 一致"
        case "matched":
            return f"{left} 能对应到 {right}"
        case "ordered":
            steps = "".join(f" {OPERATORS[step.operator]} {_side(pack, step.side)}" for step in rule.then)
            return f"{left} {OPERATORS[rule.operator]} {right}{steps}"
        case "within":
            return f"{left} 与 {right} 相差不超过 {rule.limit_minutes} 分钟"
    return rule.reason


def _side(pack: Pack, side: Side) -> str:
    table = (pack.dictionaries if side.dictionary else pack.tables)[side.table]
    return f"{table.name}（{_fields(pack, side)}）"


def _fields(pack: Pack, side: Side) -> str:
    table = (pack.dictionaries if side.dictionary else pack.tables)[side.table]
    return "、".join(table.fields.get(name, name) for name in side.fields)
