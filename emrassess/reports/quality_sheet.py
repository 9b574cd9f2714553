"""A run of the data-quality rules as a workbook (XLSX): for experts to read, and to compare the next run with.

It holds counts, coefficients, keys of offending records and digests of the extracts; nothing else of them.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook

from emrassess.domain.pack import Pack, QualityRule
from emrassess.domain.quality import MOST_SAMPLES, DimensionResult, QualityRun, RuleResult, dimensions_of
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.reports.sheet_parts import Column, page, put, table

FORMAT = "emrassess-quality/1"
FACTS, CELLS, RULES, FILES, NOTES = "说明", "系数", "规则", "数据文件", "没有计入的行"
KIND_NAMES: Mapping[str, str] = {
    "dictionary": "对照字典",
    "filled": "不为空",
    "matched": "可对照",
    "ordered": "时间先后",
    "within": "时间间隔",
    "prose": "文字说明",
}
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class ExtractFile:
    """An extract as it was when it was read; `size` in bytes, `modified` ISO 8601 with offset."""

    name: str
    size: int
    sha256: str
    modified: str


@dataclass(frozen=True)
class QualityContent:
    """What is written. `at`: ISO 8601 with offset, when it was run; `period`: the dates the extracts are of."""

    hospital: str
    at: str
    period: tuple[date, date] | None
    files: tuple[ExtractFile, ...]
    run: QualityRun


def quality_workbook(content: QualityContent, pack: Pack) -> bytes:
    """The workbook."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    run = content.run
    _facts(book.create_sheet(FACTS), content, pack)
    table(book.create_sheet(CELLS), _cell_columns(pack), run.dimensions)
    table(book.create_sheet(RULES), _rule_columns(pack), run.rules)
    files: list[Column[ExtractFile]] = [
        Column("文件", 40, lambda file: file.name),
        Column("字节", 16, lambda file: file.size),
        Column("修改时间", 28, lambda file: file.modified),
        Column("SHA-256", 70, lambda file: file.sha256),
    ]
    table(book.create_sheet(FILES), files, content.files)
    if run.notes:
        noted: list[Column[Any]] = [
            Column("位置", 40, lambda note: note.place),
            # The first line says what; the second, what is in the file.
            Column("原因", 60, lambda note: note.message.partition("\n")[0]),
        ]
        table(book.create_sheet(NOTES), noted, run.notes)
    book.properties.title = "数据质量检查结果"
    book.properties.creator = "emrassess"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _facts(sheet: Any, content: QualityContent, pack: Pack) -> None:
    run, period = content.run, content.period
    examined = sum(result.examined for result in run.rules)
    computed = sum(found.coefficient is not None for found in run.dimensions)
    facts = (
        ("格式", FORMAT),
        ("医院", content.hospital),
        ("检查时间", content.at),
        ("数据时段", f"{period[0]} 至 {period[1]}" if period else "没有写明"),
        ("标准包", f"{pack.id} {pack.version}"),
        ("读取的行数", run.rows_read),
        ("规则", f"{len(run.rules)} 条，检查了 {examined} 条"),
        ("系数", f"{len(run.dimensions)} 个，算出 {computed} 个"),
        ("怎样算", "系数＝各条规则的 分子÷分母 的平均值，只算检查过的规则；没有检查的不算作 1。"),
        ("不含", "这里只有个数、系数和出错记录的号码，没有病人的姓名，也没有整行的数据。"),
    )
    for row, (name, value) in enumerate(facts, 1):
        put(sheet, row, 1, name)
        put(sheet, row, 2, value)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 14, 90
    page(sheet)


def _cell_columns(pack: Pack) -> list[Column[DimensionResult]]:
    def share(found: DimensionResult) -> float | str:
        return float(found.coefficient) if found.coefficient is not None else "未检查"

    return [
        Column("项目", 10, lambda found: found.item, center=True),
        Column("名称", 26, lambda found: pack.item_by_code[found.item].name),
        Column("级别", 8, lambda found: found.level),
        Column("维度", 10, lambda found: DIMENSION_NAMES[found.dimension], center=True),
        Column("系数", 12, share, "0.0000"),
        Column("检查的规则", 12, lambda found: found.examined),
        Column("全部规则", 12, lambda found: found.rules),
    ]


def _rule_columns(pack: Pack) -> list[Column[RuleResult]]:
    return [
        Column("规则", 26, lambda result: result.rule.id),
        Column("依据", 22, lambda result: result.rule.source),
        Column("方式", 10, lambda result: KIND_NAMES.get(result.rule.kind, result.rule.kind), center=True),
        Column("检查内容", 50, lambda result: rule_words(result.rule, pack)),
        Column("分子", 12, lambda result: result.numerator),
        Column("分母", 12, lambda result: result.denominator),
        Column("系数", 12, _rule_share, "0.0000"),
        Column("没有检查的原因", 40, lambda result: result.reason),
        Column("出错的记录（部分）", 40, lambda result: "\n".join(map(key_text, result.samples)), tall=False),
    ]


def _rule_share(result: RuleResult) -> float | str:
    return result.numerator / result.denominator if result.denominator else "未检查"


def key_text(sample: Sequence[tuple[str, str]]) -> str:
    """The keys of one row: order_no=1001, item_code=A3."""
    return ", ".join(f"{field}={value}" for field, value in sample)


def rule_words(rule: QualityRule, pack: Pack) -> str:
    """What a rule looks at, in the words of annex 4."""
    if rule.left is None:
        return rule.reason

    def named(table_id: str, fields: Sequence[str], dictionary: bool = False) -> str:
        found = (pack.dictionaries if dictionary else pack.tables)[table_id]
        return f"{found.name}的{'、'.join(found.fields[field] for field in fields)}"

    left = named(rule.left.table, rule.left.fields)
    match rule.kind:
        case "filled":
            return f"{left}不少于 {rule.min_length} 字" if rule.min_length else f"{left}不为空"
        case "dictionary" | "matched":
            assert rule.right
            verb = "在" if rule.right.dictionary else "对上"
            there = named(rule.right.table, rule.right.fields, rule.right.dictionary)
            return f"{left}{verb}{there}{'里' if rule.right.dictionary else ''}"
        case _:
            assert rule.right
            parts = [left, rule.operator, named(rule.right.table, rule.right.fields)]
            for step in rule.then:
                parts += [step.operator, named(step.side.table, step.side.fields)]
            limit = f"，相差不超过 {rule.limit_minutes} 分钟" if rule.limit_minutes is not None else ""
            return " ".join(parts).replace("<=", "不晚于").replace("<", "早于") + limit


# --- read back


@dataclass(frozen=True)
class ReadQuality:
    """A run as a workbook tells of it; rules that the pack does not have any more are left out."""

    at: str
    run: QualityRun
    files: tuple[ExtractFile, ...]


def read_quality(content: bytes, pack: Pack) -> ReadQuality | None:
    """The run in a workbook; None where it is no workbook of ours. The archive itself has been checked."""
    try:
        with closing(load_workbook(io.BytesIO(content), read_only=True, keep_links=False)) as book:
            facts = {str(row[0]): row[1] for row in _rows(book[FACTS]) if len(row) > 1}
            if facts.get("格式") != FORMAT:
                return None
            rules = {rule.id: rule for item in pack.items for row in item.rows for rule in row.rules}
            results = tuple(
                _result(rules[str(row[0])], row) for row in list(_rows(book[RULES]))[1:] if str(row[0]) in rules
            )
            files = tuple(
                ExtractFile(str(row[0]), int(row[1]), str(row[3]), str(row[2])) for row in list(_rows(book[FILES]))[1:]
            )
            run = QualityRun(results, dimensions_of(results), int(facts["读取的行数"]), 0.0)
            return ReadQuality(str(facts["检查时间"]), run, files)
    except Exception:  # whatever a damaged workbook makes openpyxl raise
        return None


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    return sheet.iter_rows(values_only=True, max_row=_MOST_ROWS, max_col=12)


def _result(rule: QualityRule, row: Sequence[Any]) -> RuleResult:
    numerator, denominator = int(row[4]), int(row[5])
    if not 0 <= numerator <= denominator:
        raise ValueError(rule.id)
    return RuleResult(rule, numerator, denominator, str(row[7] or ""), tuple(_samples(str(row[8] or "").split("\n"))))


def _samples(lines: Iterable[str]) -> Iterator[tuple[tuple[str, str], ...]]:
    for line in list(lines)[:MOST_SAMPLES]:
        if line:
            fields = (part.partition("=") for part in line.split(", "))
            yield tuple((name, value) for name, _, value in fields)
