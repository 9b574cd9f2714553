"""Annexes 1, 2 and 4: names of items, the demands of the levels, and what data quality is examined."""

import re
from collections.abc import Iterable, Mapping

from emrassess.domain.pack import Requirement
from emrassess.packs.official import normalising
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.document import ItemName, QualityCell
from emrassess.packs.official.walking import AnnexRow, Source

_NAMES = "|".join(r"\s*".join(name) for name in normalising.DIMENSION_NAMES)
_NUMBER = r"(?:[（(]\d[)）]|\d[、.．)）])?\s*"
# One of the four names with a colon anywhere; a name that is not known only at the head of a line.
_DIMENSION = re.compile(
    rf"{_NUMBER}(?:数据)?(?P<known>{_NAMES})\s*[:：]|^\s*{_NUMBER}(?P<other>\w\w性)\s*[:：]", re.MULTILINE
)


def read_items(rows: Iterable[AnnexRow], sequences: Mapping[int, str]) -> list[ItemName]:
    """The items of annex 1. It has numbers but no codes: `sequences` says which code annex 3 gives to a number."""
    found: list[ItemName] = []
    count = 0
    for row in rows:
        name = normalising.item_name(row.text("item"))
        if not name or row.shown("item").source is Source.MERGED:
            continue
        count += 1
        given = normalising.numbers(row.text("sequence"))
        code = sequences.get(given[0] if len(given) == 1 else count)
        if code:
            found.append(ItemName(code, name, normalising.role_name(row.text("role")), Annex.ITEMS))
    return found


def read_requirements(rows: Iterable[AnnexRow], problems: list[str]) -> list[Requirement]:
    """The demands of levels 1 to 8 of annex 2, ascending; what cannot be read goes to `problems`."""
    found: dict[int, Requirement] = {}
    for row in rows:
        level = normalising.level(row.text("level"))
        if level is None:
            if row.shown("basic").own:
                problems.append(f"附表2 {row.place}：等级“{row.text('level')[:10]}”无法识别")
            continue
        basic, optional, minimum = (normalising.numbers(row.text(n)) for n in ("basic", "optional", "minimum"))
        if level == 0 or level in found:
            continue
        if (len(basic), len(optional), len(minimum)) != (1, 2, 1):
            problems.append(f"附表2 {level} 级（{row.place}）：基本项目数、选择项目数或最低总评分无法识别")
            continue
        name = normalising.squash(row.text("name")).replace(",", "，")
        found[level] = Requirement(level, name, basic[0], optional[0], optional[1], minimum[0])
    return [found[level] for level in sorted(found)]


def read_quality(rows: Iterable[AnnexRow], problems: list[str]) -> tuple[list[QualityCell], list[ItemName]]:
    """The cells of annex 4 by level row and dimension, and the items as annex 4 names them."""
    texts: dict[str, dict[str, None]] = {}  # a page break may repeat what went before
    names: dict[str, ItemName] = {}
    code = ""
    for row in rows:
        shown = row.shown("code")
        own = normalising.row_code(shown.text)
        if own is None and shown.own:
            problems.append(f"附表4 {row.place}：项目代码“{shown.text[:20]}”无法识别，这一行没有读入")
            code = ""
            continue
        code = own or code
        content = "\n".join(line.text for line in row.shown("quality").own)
        if code and content:
            texts.setdefault(code, {})[content] = None
        elif content:
            problems.append(f"附表4 {row.place}：没有项目代码，这一行没有读入")
        name = normalising.item_name(row.text("item"))
        if code and name:
            names.setdefault(code[:5], ItemName(code[:5], name, "", Annex.QUALITY))
    cells = [cell for key, parts in texts.items() for cell in _cells(key, "\n".join(parts), problems)]
    return cells, list(names.values())


def _cells(row: str, text: str, problems: list[str]) -> list[QualityCell]:
    """One cell of annex 4, divided by the names of dimensions."""
    heads = list(_DIMENSION.finditer(text))
    if not heads or text[: heads[0].start()].strip():
        problems.append(f"附表4 {row}：没有写明是哪个维度（一致性、完整性、整合性、及时性）")
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found: dict[str, str] = {}
    for head, end in zip(heads, ends, strict=False):
        name = normalising.squash(head["known"] or head["other"])
        body = "\n".join(line.strip() for line in text[head.end() : end].split("\n") if line.strip())
        if name not in normalising.DIMENSION_NAMES:
            problems.append(f"附表4 {row}：不认识的维度“{name}”")
        found[name] = f"{found[name]}\n{body}" if name in found else body
    known = normalising.DIMENSION_NAMES
    return [QualityCell(row, known[name], body) for name, body in found.items() if name in known]
