"""The pack as pages of rich text: requirement table, roles, items with clauses and hints, annex 4 rules, glossary."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from emrassess.domain.answers import Answers
from emrassess.domain.pack import Clause, Item, LevelRow, Pack, QualityRule, Side
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.theme import Colours
from emrassess.gui.widgets.basics import worth
from emrassess.reports.wording import CATEGORY_NAMES

OPERATORS = {"<": "早于", "<=": "不晚于"}


class StandardWords:
    """Renders parts of a pack as HTML; `query`: words to mark, `wording`: the official one by clause."""

    def __init__(
        self, pack: Pack, answers: Answers | None, colours: Colours, query: str = "",
        wording: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._pack = pack
        self._answers = answers
        self._colours = colours
        self._words = [word for word in query.split() if word]
        self._wording = wording or {}

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
        heads, rows = pack.scheme.requirement_table
        annex = "（附件 2）" if pack.requirements else ""
        method = "".join(f"<p>{escape(sentence)}</p>" for sentence in pack.scheme.method)
        return (
            f"<h2>{escape(pack.name)}</h2><p class='m'>{escape(pack.standard)}　{escape(pack.document_number)}　"
            f"标准包 {escape(pack.id)} {escape(pack.version)}</p>"
            f"<h3>各级别的要求{annex}</h3>{_table(heads, rows)}"
            f"<p>{escape(pack.scheme.level_rule)}</p><h3>怎样算分</h3>{method}"
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
        rows = "".join(self._row(item, row) for row in item.rows)
        role = self._pack.role_by_code[item.role]
        return (
            f"<p class='m'>{item.role} {escape(role.name)}</p><h2>{item.code} {self._text(item.name)}</h2>"
            f"{self._coverage(item) if self._pack.scheme.has_coverage else ''}{rows}"
        )

    def _coverage(self, item: Item) -> str:
        basis = item.coverage
        if basis.functional:
            coverage = f"<p>按功能计：{self._text(basis.basis)}，不用填分子、分母。</p>"
        else:
            coverage = f"<p>分子：{self._text(basis.numerator)}</p><p>分母：{self._text(basis.denominator)}</p>"
        if basis.note:
            coverage += f"<p class='m'>{self._text(basis.note)}</p>"
        return f"<h3>有效应用比例怎样算</h3>{coverage}"

    def _row(self, item: Item, row: LevelRow) -> str:
        category = self._answers.category(self._pack, item.code, row.level) if self._answers else row.category
        clauses = "".join(self._clause(clause) for clause in row.clauses)
        rules = "".join(f"<p style='margin-left:18px'>{self._text(line)}</p>" for line in rule_lines(self._pack, row))
        annex = "（附件 4）" if self._pack.requirements else ""
        quality = f"<p><b>数据质量{annex}</b></p>{rules}" if rules else ""
        named = f"<span class='m'>　{CATEGORY_NAMES[category]}</span>" if category else ""
        return f"<h3><a name='{row.code}'></a>{row.level} 级　{self._text(row.summary)}{named}</h3>{clauses}{quality}"

    def _clause(self, clause: Clause) -> str:
        points = f"<span class='m'>　{worth(clause)}</span>" if clause.points is not None else ""
        hint = f"<p class='m' style='margin:0 0 8px 18px'>{self._text(clause.evidence)}</p>" if clause.evidence else ""
        return (
            f"<p><a name='{clause.id}'></a><a href='clause:{clause.id}'>{clause.id}</a>{points}　"
            f"<b>{self._text(clause.text)}</b></p>{self._official(clause)}{hint}"
        )

    def _official(self, clause: Clause) -> str:
        """The official wording beside a bar: rich text has no border at one side, so it is a narrow cell."""
        text = self._wording.get(clause.id)
        if not text:
            return ""
        return (
            f"<table cellspacing='0' cellpadding='0' style='margin:2px 0 6px 18px'><tr>"
            f"<td bgcolor='{self._colours.strong_border}' style='padding:0 1px'></td>"
            f"<td class='m'>官方原文　{self._text(text)}</td></tr></table>"
        )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; columns of figures ("16", "10/23") stand at the right."""
    columns = range(len(heads))
    right = {n for n in columns if all(row[n].replace("/", "").isdigit() for row in rows)}

    def line(cells: Sequence[str], tag: str) -> str:
        sides = ("right" if n in right else "left" for n in columns)
        cells_html = (f"<{tag} align='{side}'>{escape(cell)}</{tag}>" for side, cell in zip(sides, cells, strict=True))
        return f"<tr>{''.join(cells_html)}</tr>"

    return f"<table border='0' cellspacing='0'>{line(heads, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


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
