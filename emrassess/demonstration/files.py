"""Small files of the demonstration hospital: CSV of shares by department, XLSX tables. The same bytes each time."""

import io
import zipfile
from collections.abc import Sequence
from random import Random
from xml.sax.saxutils import escape

_NAMES = "内一科 内二科 外一科 外二科 妇产科 儿科 急诊科 重症 眼科 康复科 中医科 口腔科"
DEPARTMENTS = tuple(f"示例{name}" for name in _NAMES.split())
_DAY = (2026, 11, 14, 8, 0, 0)


def shares_csv(name: str, levels: dict[int, tuple[int, int]], seed: int) -> bytes:
    """Numerator and denominator by department for each level; each level's sum is the pair given."""
    random = Random(seed)
    lines = [f"示例数据：{name}，统计期 2026-08-01 至 2026-10-31", "科室,级别,分子,分母,比例"]
    wholes: dict[int, list[int]] = {}
    for level, (numerator, denominator) in sorted(levels.items()):
        whole = wholes.setdefault(denominator, _split(denominator, random))
        met = _within(numerator, whole, random)
        for department, part, total in zip(DEPARTMENTS, met, whole, strict=True):
            if total:
                lines.append(f"{department},{level},{part},{total},{part / total:.4f}")
        lines.append(f"合计,{level},{numerator},{denominator},{numerator / denominator:.4f}")
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig" if seed % 4 else "gb18030")


def _split(total: int, random: Random) -> list[int]:
    """`total` shared out among the departments."""
    weights = [random.uniform(0.4, 1.6) for _ in DEPARTMENTS]
    parts = [int(total * weight / sum(weights)) for weight in weights]
    parts[0] += total - sum(parts)
    return parts


def _within(total: int, limits: Sequence[int], random: Random) -> list[int]:
    """`total` shared out so that no part is above its limit; departments differ."""
    weights = [limit * random.uniform(0.4, 1.6) for limit in limits]
    lacking = (sum(limits) - total) / sum(weights)
    parts = [max(limit - int(weight * lacking), 0) for limit, weight in zip(limits, weights, strict=True)]
    rest = total - sum(parts)
    for number, limit in enumerate(limits):
        step = max(-parts[number], min(rest, limit - parts[number]))
        parts[number] += step
        rest -= step
    return parts


def workbook(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A one-sheet XLSX. Written by hand: openpyxl would put the time of writing into it."""
    widths = [
        min(max(len(row[number]) for row in (columns, *rows)) * 2 + 3, 60) for number in range(len(columns))
    ]  # fmt: skip
    cols = "".join(f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(widths, 1))
    lines = [[f"{title}（示例）"], columns, *rows]
    body = "".join(f'<row r="{n}">{"".join(map(_cell, line))}</row>' for n, line in enumerate(lines, 1))
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    sheet = f'{head}<worksheet xmlns="{_MAIN}"><cols>{cols}</cols><sheetData>{body}</sheetData></worksheet>'
    book = (
        f'{head}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets><sheet name="示例" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", head + _TYPES),
            ("_rels/.rels", head + _relations("officeDocument", "xl/workbook.xml")),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", head + _relations("worksheet", "worksheets/sheet1.xml")),
            ("xl/worksheets/sheet1.xml", sheet),
        ):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return out.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)


def _relations(kind: str, target: str) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/{kind}" Target="{target}"/></Relationships>'
    )


def _cell(text: str) -> str:
    if text.isascii() and text.isdecimal() and len(text) < 12:
        return f"<c><v>{int(text)}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
