"""Shapes, texts and tables of slides as XML.

Made through python-pptx, one property at a time, they would take ten times as long.

All measures are points. Texts have been through `fitting.plain_text`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pptx.oxml import parse_xml

from emrassess.reports.fitting import GAP, Fitted, Para, leading
from emrassess.reports.pdf_text import INK

_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_TABLE = "http://schemas.openxmlformats.org/drawingml/2006/table"
_ALIGN = {"left": "l", "center": "ctr", "right": "r"}
_ANCHOR = {"top": "t", "middle": "ctr"}
_NO_LINE = "<a:ln><a:noFill/></a:ln>"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a slide, points."""

    x: float
    y: float
    wide: float
    high: float


@dataclass(frozen=True, slots=True)
class Look:
    """How a text stands in its box. `color` "" leaves it to the master."""

    color: str = INK
    align: str = "left"
    anchor: str = "top"
    fill: str = ""
    inset: float = 0.0


def emu(points: float) -> int:
    """Points in the units of the file."""
    return round(points * 12700)


def _fill(color: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{color.lstrip("#")}"/></a:solidFill>' if color else "<a:noFill/>"


def _place(area: Area, tag: str = "a:xfrm") -> str:
    off, ext = (emu(area.x), emu(area.y)), (emu(area.wide), emu(area.high))
    return f'<{tag}><a:off x="{off[0]}" y="{off[1]}"/><a:ext cx="{ext[0]}" cy="{ext[1]}"/></{tag}>'


def body(fitted: Fitted, look: Look) -> str:
    """What stands in a text box: its properties and its paragraphs."""
    inset = emu(look.inset)
    return (
        f'<a:bodyPr wrap="square" lIns="{inset}" tIns="0" rIns="{inset}" bIns="0" anchor="{_ANCHOR[look.anchor]}">'
        f"<a:noAutofit/></a:bodyPr><a:lstStyle/>{_paragraphs(fitted, look)}"
    )


def _paragraphs(fitted: Fitted, look: Look) -> str:
    last = len(fitted.paras) - 1
    return "".join(
        _paragraph(para, fitted.size * para.scale, look, GAP if number < last else 0)
        for number, para in enumerate(fitted.paras)
    )


def _paragraph(para: Para, size: float, look: Look, after: float) -> str:
    """Lines stand at an exact distance, so that they take what was measured whatever the font."""
    spacing = (
        f'<a:lnSpc><a:spcPts val="{round(leading(size) * 100)}"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>'
        f'<a:spcAft><a:spcPts val="{round(after * 100)}"/></a:spcAft>'
    )
    runs = [_run(para.label, size, para.color or look.color, bold=True)] if para.label else []
    lines = [_run(line, size, look.color, bold=para.bold) for line in para.text.split("\n")]
    runs.append(f'<a:br><a:rPr sz="{round(size * 100)}"/></a:br>'.join(lines))
    return f'<a:p><a:pPr algn="{_ALIGN[look.align]}">{spacing}</a:pPr>{"".join(runs)}</a:p>'


def _run(text: str, size: float, color: str, *, bold: bool) -> str:
    fill = _fill(color) if color else ""
    properties = f'lang="zh-CN" altLang="en-US" sz="{round(size * 100)}" b="{int(bold)}"'
    return f"<a:r><a:rPr {properties}>{fill}</a:rPr><a:t>{escape(text)}</a:t></a:r>"


def text_box(number: int, area: Area, fitted: Fitted, look: Look) -> Any:
    """A text box as an element; `number` is its id on the slide."""
    return parse_xml(
        f'<p:sp {_SPACES}><p:nvSpPr><p:cNvPr id="{number}" name="文字 {number}"/><p:cNvSpPr txBox="1"/><p:nvPr/>'
        f'</p:nvSpPr><p:spPr>{_place(area)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{_fill(look.fill)}'
        f"{_NO_LINE}</p:spPr><p:txBody>{body(fitted, look)}</p:txBody></p:sp>"
    )


def rectangle(number: int, area: Area, fill: str, outline: str) -> Any:
    """A rectangle without text as an element."""
    line = f'<a:ln w="9525">{_fill(outline)}</a:ln>' if outline else _NO_LINE
    return parse_xml(
        f'<p:sp {_SPACES}><p:nvSpPr><p:cNvPr id="{number}" name="图形 {number}"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f'<p:spPr>{_place(area)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{_fill(fill)}{line}</p:spPr></p:sp>'
    )


def set_text(shape: Any, fitted: Fitted, look: Look) -> None:
    """The text of a shape that is there, such as a title."""
    element = shape._element
    element.replace(element.txBody, parse_xml(f"<p:txBody {_SPACES}>{body(fitted, look)}</p:txBody>"))


def picture(number: int, area: Area, relation: str, text: str, outline: str) -> Any:
    """A picture as an element. `relation`: id of its part; `text`: for who cannot see it."""
    return parse_xml(
        f'<p:pic {_SPACES}><p:nvPicPr><p:cNvPr id="{number}" name="图片 {number}" descr={quoteattr(text)}/><p:cNvPicPr>'
        f'<a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="{relation}"/>'
        f'<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr>{_place(area)}<a:prstGeom prst="rect"><a:avLst/>'
        f'</a:prstGeom><a:ln w="9525">{_fill(outline)}</a:ln></p:spPr></p:pic>'
    )


def notes(fitted: Fitted) -> Any:
    """A page of notes as an element: the slide in small, and what the speaker reads."""
    return parse_xml(
        f'<p:notes {_SPACES}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        '</p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id="2" name="幻灯片"/><p:cNvSpPr><a:spLocks noGrp="1" '
        'noRot="1" noChangeAspect="1"/></p:cNvSpPr><p:nvPr><p:ph type="sldImg"/></p:nvPr></p:nvSpPr><p:spPr/></p:sp>'
        '<p:sp><p:nvSpPr><p:cNvPr id="3" name="备注"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
        '<p:ph type="body" idx="1"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>'
        f"{_paragraphs(fitted, Look())}</p:txBody></p:sp></p:spTree></p:cSld>"
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>"
    )


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell as it is written: its text, and its ground."""

    fitted: Fitted
    look: Look


def table(
    number: int,
    place: tuple[float, float],
    widths: Sequence[float],
    rows: Sequence[tuple[float, Sequence[TableCell]]],
    pads: tuple[float, float],
    line: str,
) -> Any:
    """A table that people can edit, its first row a head. `rows`: height and cells; `pads`: beside and above a text."""
    area = Area(*place, sum(widths), sum(high for high, _ in rows))
    columns = "".join(f'<a:gridCol w="{emu(wide)}"/>' for wide in widths)
    body_rows = "".join(
        f'<a:tr h="{emu(high)}">{"".join(_cell(cell, pads, line) for cell in cells)}</a:tr>' for high, cells in rows
    )
    return parse_xml(
        f'<p:graphicFrame {_SPACES}><p:nvGraphicFramePr><p:cNvPr id="{number}" name="表格 {number}"/>'
        f'<p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>'
        f'{_place(area, "p:xfrm")}<a:graphic><a:graphicData uri="{_TABLE}"><a:tbl><a:tblPr firstRow="1" bandRow="1"/>'
        f"<a:tblGrid>{columns}</a:tblGrid>{body_rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )


def _cell(cell: TableCell, pads: tuple[float, float], line: str) -> str:
    beside, above = (emu(pad) for pad in pads)
    rule = f'<a:lnB w="9525">{_fill(line)}</a:lnB>'
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{_paragraphs(cell.fitted, cell.look)}</a:txBody>"
        f'<a:tcPr marL="{beside}" marR="{beside}" marT="{above}" marB="{above}">{rule}{_fill(cell.look.fill)}</a:tcPr>'
        "</a:tc>"
    )
