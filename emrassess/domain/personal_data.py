"""Names, ID-card numbers and mobile numbers of people in texts and tables, found by their form; and masked.

What is found leaves this module only masked: first three and last two characters of a number, the surname of a name.
A name without a label (“患者姓名：…”, a column “姓名”) is not told from other words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class PersonalKind(StrEnum):
    """What it is."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"


class Found(NamedTuple):
    """Somebody's data, masked. `row` counts from 1; in a text it is the line."""

    kind: PersonalKind
    masked: str
    row: int


class _Span(NamedTuple):
    start: int
    end: int
    kind: PersonalKind
    masked: str


# Grouped as people write it, 6-8-4 and 3-4-4; the borders keep out longer numbers.
_ID = re.compile(r"(?<!\d)(\d{6})[ \-]?(\d{8})[ \-]?(\d{3}[\dXx])(?!\d)")
_PHONE = re.compile(r"(?<![\dA-Za-z_.])(?:\+?86[ \-]?)?(1[3-9]\d)([ \-]?)(\d{4})\2(\d{4})(?![\dA-Za-z_]|\.\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# A form goes on with the next label after the name, with or without a blank.
_LABELS = (
    "性别|年龄|出生|民族|籍贯|职业|科室|科别|病区|床号|住院|门诊|入院|病案|病历|"
    "就诊|诊断|身份证|证件|电话|手机|联系|地址"
)
_LABELLED = re.compile(
    rf"(患者|病人|病员|就诊人)?(?:姓[ \u3000]{{0,4}}名)[\"”]?[ \t\u3000]*:[ \t\u3000]*[\"“]?"
    rf"([{_HAN}]{{2,8}}·[{_HAN}]{{2,8}}|[{_HAN}]{{2,4}}?(?=[^{_HAN}·]|$|{_LABELS})|[{_HAN}]{{2,3}})"
)
_LABEL = re.compile(_LABELS)
_GOES_ON = re.compile(f"[{_HAN}]")
_WHOLE_NAME = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}]{{2,8}}·[{_HAN}]{{2,8}}")
_PLACEHOLDER = re.compile(
    "示例|样例|测试|演示|模拟|虚拟|匿名|脱敏|隐去|姓名|患者|病人|某|未知|无名|张三|李四|王五|赵六|甲乙|"
    f"^(?:{_LABELS})|^(?:必填|非空|文本|字符|汉字|合计|总计|小计|男|女)"
)
_BETWEEN_CELLS = re.compile(r"[\t|]")
_NAME_HEADERS = frozenset(("姓名", "患者姓名", "病人姓名", "患者名称", "病人名称", "患者", "病人", "就诊人姓名"))
# The surnames of nearly all people in China; with them "姓名：自动带出" is told from a name.
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟平黄穆萧肖尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪解应宗丁宣邓郁单"
    "杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊惠甄曲封储靳段焦巴弓牧谷车侯全班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶司黎乔苍双"
    "闻翟谭劳姬申冉桑桂牛边燕尚温庄晏柴阎充慕连习艾向古易廖庾衡步都耿满匡国文寇广欧阙东沃利蔚越隆师巩聂晁敖冷辛阚简饶曾沙"
    "丰关查游竺权盖桓公闫付代佟迟仝占岳帅涂商年苟宿初党郜上官皇甫尉迟令狐长孙鲜于东方独孤端木"
)


def in_text(text: str) -> Iterator[Found]:
    """All that is found in `text`, line by line; lines whose cells are set apart by tabs or | are rows of a table."""
    lines = ((line, _BETWEEN_CELLS.split(line)) for line in text.splitlines())
    return _in_lines((line, cells if len(cells) > 1 else ()) for line, cells in lines)


def in_rows(rows: Iterable[Sequence[str]]) -> Iterator[Found]:
    """All that is found in a table; below a head such as “患者姓名” every name counts, down to the next blank row."""
    return _in_lines(("\t".join(row), row) for row in rows)


def _in_lines(lines: Iterable[tuple[str, Sequence[str]]]) -> Iterator[Found]:
    """All that is found in lines and in their cells, if they have any."""
    names: set[int] = set()
    for number, (line, row) in enumerate(lines, 1):
        for span in _spans(_folded(line)):
            yield Found(span.kind, span.masked, number)
        if not any(row):
            names.clear()  # another table begins
            continue
        for column in names:
            if column < len(row) and _is_name(name := _folded(row[column]).strip()):
                yield Found(PersonalKind.NAME, _masked_name(name), number)
        names |= {column for column, cell in enumerate(row) if "".join(cell.split()) in _NAME_HEADERS}


def masked(text: str) -> str:
    """`text` with what is found in it masked; unchanged where nothing is."""
    folded = _folded(text)
    spans = sorted(_spans(folded))
    if not spans:
        return text
    parts, at = [], 0
    for span in spans:
        if span.start >= at:
            parts += [folded[at : span.start], span.masked]
            at = span.end
    return "".join((*parts, folded[at:]))


def _folded(text: str) -> str:
    """Full-width digits, letters and colons as half-width ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _spans(line: str) -> Iterator[_Span]:
    for match in _ID.finditer(line):
        number = "".join(match.groups()).upper()
        if _is_id(number):
            yield _Span(*match.span(), PersonalKind.ID_NUMBER, _masked_number(number))
    for match in _PHONE.finditer(line):
        yield _Span(*match.span(), PersonalKind.PHONE, _masked_number("".join(match.group(1, 3, 4))))
    for match in _LABELLED.finditer(line):
        name = match.group(2)
        # In the middle of a sentence only a patient's name is likely enough.
        ends = not _GOES_ON.match(line, match.end()) or _LABEL.match(line, match.end())
        label = line.startswith(":", match.end())
        if not label and (ends or match.group(1)) and _has_surname(name) and not _PLACEHOLDER.search(name):
            yield _Span(*match.span(2), PersonalKind.NAME, _masked_name(name))


def _is_id(number: str) -> bool:
    """Whether its check digit (GB 11643) is right and it holds a day of birth."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECK[total % 11] != number[17] or number[0] == "0":
        return False
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14])).year >= 1880
    except ValueError:
        return False


def _has_surname(name: str) -> bool:
    return "·" in name or name[0] in _SURNAMES


def _is_name(text: str) -> bool:
    return _WHOLE_NAME.fullmatch(text) is not None and not _PLACEHOLDER.search(text)


def _masked_number(number: str) -> str:
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def _masked_name(name: str) -> str:
    return name[0] + "*" * (len(name) - 1)
