"""The official document of the standard, as the hospital has it, read into what its four annexes say."""

import re
from collections.abc import Sequence
from pathlib import Path

from emrassess.domain.pack import Category
from emrassess.errors import UserError
from emrassess.packs.official import annexes
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.container import DocxFile
from emrassess.packs.official.criteria import CriteriaRead, read_criteria
from emrassess.packs.official.document import Edition, OfficialDocument
from emrassess.packs.official.normalising import squash
from emrassess.packs.official.walking import annex_rows
from emrassess.packs.official.word_body import Body, read_body


def read_official(file: Path) -> OfficialDocument:
    """Read the official document from a .docx file, wherever annexes 1 to 4 stand in it.

    UserError where it is another kind of file or holds none of the annexes, RefusedError where it is damaged or
    hostile. What is there but cannot be understood is in the result's `problems`.
    """
    with DocxFile(file) as docx:
        body = read_body(docx)
    rows = list(annex_rows(body.tables))
    by_annex = {annex: [row for row in rows if row.annex is annex] for annex in Annex}
    found = frozenset(annex for annex, its_rows in by_annex.items() if its_rows)
    if not found:
        raise UserError(
            f"在文件 {file.name} 里没有找到标准的附表1 至附表4（共有 {len(body.tables)} 个表格）",
            "请选择带有“评分标准”等附表的完整文件。附表是靠表头认出来的（如“项目代码”“评价类别”“主要评价内容”），"
            "表头被改过或附表是图片时认不出来。",
        )
    criteria = read_criteria(by_annex[Annex.CRITERIA])
    divided = criteria.divided()
    problems: list[str] = []
    requirements = annexes.read_requirements(by_annex[Annex.REQUIREMENTS], problems)
    quality, quality_names = annexes.read_quality(by_annex[Annex.QUALITY], problems)
    items = annexes.read_items(by_annex[Annex.ITEMS], criteria.sequences)
    return OfficialDocument(
        wording={f"{code}({n})": text for code, texts in divided.items() for n, text in enumerate(texts, 1)},
        clause_counts={code: len(texts) for code, texts in divided.items()},
        categories=_categories(criteria),
        readings={code: row.reading for code, row in criteria.rows.items() if not code.endswith(".0")},
        requirements=tuple(requirements),
        items=(*items, *criteria.names.values(), *quality_names),
        quality=tuple(quality),
        edition=_edition(body),
        annexes=found,
        problems=(*criteria.problems, *problems),
    )


def _categories(criteria: CriteriaRead) -> dict[str, dict[int, Category]]:
    found: dict[str, dict[int, Category]] = {}
    for code, row in criteria.rows.items():
        if not code.endswith(".0") and row.reading.category:
            found.setdefault(code[:5], {})[int(code[-1])] = row.reading.category
    return found


def _edition(body: Body) -> Edition:
    """What the paragraphs outside tables, and titles inside them, say about the edition."""
    titles = [cell.text for table in body.tables for row in table.rows[:2] if len(row.cells) == 1 for cell in row.cells]
    texts = ["".join(text.split()) for text in (*body.paragraphs, *titles) if len(text) < 200]
    return Edition(_title(texts), _document_number(texts), _quality_year(texts))


def _title(texts: Sequence[str]) -> str:
    for index, text in enumerate(texts):
        if (
            re.fullmatch(r".*电子病历.*(?:评价|评级)标准(?:[(（].*[)）])?", text)
            and len(text) <= 60
            and "。" not in text
        ):
            follows = texts[index + 1] if index + 1 < len(texts) else ""
            return text + follows if re.fullmatch(r"[(（].{2,10}[)）]", follows) else text
    return ""


def _document_number(texts: Sequence[str]) -> str:
    for text in texts:
        if found := re.search(r"国卫\w{1,10}[(〔\[]\d{4}[)〕\]]\d{1,5}号", squash(text)):
            return found[0]
    return ""


def _quality_year(texts: Sequence[str]) -> int | None:
    """The year of annex 4, from its heading ("附表4. 数据质量评估项目表（2018版）")."""
    for text in texts:
        if "数据质量" in text and (found := re.search(r"(20\d\d)", squash(text))) and "表" in text:
            return int(found[1])
    return None
