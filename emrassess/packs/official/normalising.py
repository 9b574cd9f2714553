"""The same thing written in different widths, brackets and dots, read as one."""

import re
import unicodedata

from emrassess.domain.pack import Category, Dimension

# Ligatures of the two sets of forms that official texts mix.
_VARIANTS = str.maketrans(
    {"象": "像", "帐": "账", "檢": "检", "《": "“", "》": "”", '"': "“", "〔": "(", "〕": ")", "～": "~"}
)
_DOTS = r"[.．。·•・‧∙｡﹒、,，_\-－—]"
_ROW_CODE = re.compile(rf"(?<!\d)(\d{{1,2}}){_DOTS}(\d{{1,2}}){_DOTS}(\d)(?!\d)")
_ITEM_CODE = re.compile(rf"(?<!\d)(\d{{1,2}}){_DOTS}(\d{{1,2}}){_DOTS}?$")
_CHINESE = "零一二三四五六七八九十"
_CATEGORIES = {
    "基本": Category.BASIC,
    "基本项": Category.BASIC,
    "基本项目": Category.BASIC,
    "选择": Category.OPTIONAL,
    "选择项": Category.OPTIONAL,
    "选择项目": Category.OPTIONAL,
}
# Words that stand in copies of the document where "基本" or "选择" is meant: taken so, but said to be unusual.
_UNUSUAL_CATEGORIES = {
    "基础": Category.BASIC,
    "基础项": Category.BASIC,
    "基础项目": Category.BASIC,
    "可选": Category.OPTIONAL,
    "可选项": Category.OPTIONAL,
}
DIMENSION_NAMES = {
    "一致性": Dimension.CONSISTENCY,
    "完整性": Dimension.COMPLETENESS,
    "整合性": Dimension.INTEGRATION,
    "及时性": Dimension.TIMELINESS,
}


def squash(text: str) -> str:
    """`text` without white space, in half width, for headers, codes and names."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def key(text: str) -> str:
    """What two wordings have in common that differ in widths, white space, variant forms and a last full stop only."""
    return squash(text).translate(_VARIANTS).rstrip("。.;,")


def row_code(text: str) -> str | None:
    """ "01.01.4" from "０１．０１．４", "1.1.4" or "01。01。4"; None where there is none."""
    found = _ROW_CODE.search(squash(text))
    return f"{int(found[1]):02}.{int(found[2]):02}.{int(found[3])}" if found else None


def item_code(text: str) -> str | None:
    """ "01.01" where a cell names the item alone, without a level."""
    found = _ITEM_CODE.fullmatch(squash(text))
    return f"{int(found[1]):02}.{int(found[2]):02}" if found else None


def level(text: str) -> int | None:
    """0..8 from "4", "４级", "第4级" or "四级"; None for anything else."""
    found = re.fullmatch(r"(?:第)?(?:([0-8])|([零一二三四五六七八]))(?:级|分)?", squash(text))
    if not found:
        return None
    return int(found[1]) if found[1] else _CHINESE.index(found[2])


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers in `text`, at most six digits each."""
    return tuple(int(n) for n in re.findall(r"(?<!\d)\d{1,6}(?!\d)", squash(text)))


def category(text: str) -> tuple[Category | None, bool]:
    """The category that a word stands for, and whether it is one of the document's own words. None: unreadable."""
    word = re.sub(r"[^\w]|_", "", squash(text))
    if word in _CATEGORIES:
        return _CATEGORIES[word], True
    return _UNUSUAL_CATEGORIES.get(word), False


def role_name(text: str) -> str:
    """A role without the number before it ("一、病房医师")."""
    return re.sub(rf"^[({_CHINESE}\d]{{1,4}}[).、,.]+", "", squash(text))


def item_name(text: str) -> str:
    """The name at the head of a 业务项目 cell, without how its 有效应用 is counted."""
    name = re.split(r"[(\[【]|有效应用|实现比例", squash(text), maxsplit=1)[0]
    return name.rstrip(":。.;")
