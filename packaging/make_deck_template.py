"""Makes resources/deck/template.pptx, the master that feedback slides are built on. Run it after changing the design:

    .venv/bin/python packaging/make_deck_template.py

16:9, 960 × 540 points, two layouts: 0 the cover, 1 a page with a title, a rule, a footer and the number of the page.
Latin is Arial, for which every system has letters of the same widths: texts are measured before anybody sees them.
PowerPoint knows no list of fonts to fall back on: 微软雅黑 is named with its panose, by which systems without it choose
another sans (思源黑体, Noto Sans CJK), and the theme names Noto Sans CJK SC for Chinese where even that fails.
"""

import re
from pathlib import Path

from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.util import Pt

OUT = Path(__file__).resolve().parent.parent / "resources" / "deck" / "template.pptx"
NAVY, BLUE, SKY, ORANGE, GREY, INK, PALE = "17406B", "3B74A8", "A9C7E3", "A8480A", "565E67", "1B1F24", "E8F0F8"
NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
COLORS = {
    "dk1": INK, "dk2": NAVY, "lt2": PALE, "accent1": NAVY, "accent2": BLUE, "accent3": SKY, "accent4": ORANGE,
    "accent5": PALE, "accent6": GREY, "hlink": BLUE, "folHlink": GREY,
}  # fmt: skip
FACE = 'typeface="微软雅黑" panose="020B0503020204020204" pitchFamily="34" charset="-122"'
FONTS = (
    f'<a:latin typeface="Arial" panose="020B0604020202020204"/><a:ea {FACE}/><a:cs typeface=""/>'
    '<a:font script="Hans" typeface="Noto Sans CJK SC"/><a:font script="Hant" typeface="Noto Sans CJK TC"/>'
)


def emu(points: float) -> int:
    return round(points * 12700)


def box(x: float, y: float, wide: float, high: float) -> str:
    return (
        f'<a:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/><a:ext cx="{emu(wide)}" cy="{emu(high)}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    )


def shape(number: int, name: str, kind: str, place: str, body: str, fill: str = "<a:noFill/>") -> str:
    """`kind`: what stands in nvPr, such as a placeholder."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr/><p:nvPr>{kind}</p:nvPr></p:nvSpPr>'
        f"<p:spPr>{place}{fill}<a:ln><a:noFill/></a:ln></p:spPr>{body}</p:sp>"
    )


def text(content: str, anchor: str = "ctr") -> str:
    return (
        f'<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle/><a:p>{content}</a:p></p:txBody>"
    )


def run(content: str, size: int, color: str) -> str:
    return f"<a:r>{properties(size, color, 'a:rPr')}<a:t>{content}</a:t></a:r>"


def properties(size: int, color: str, tag: str) -> str:
    fill = f'<a:solidFill><a:schemeClr val="{color}"/></a:solidFill>'
    return f'<{tag} lang="zh-CN" altLang="en-US" sz="{size * 100}">{fill}</{tag}>'


def solid(color: str) -> str:
    return f'<a:solidFill><a:schemeClr val="{color}"/></a:solidFill>'


def tree(*shapes: str) -> str:
    return (
        '<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        + "".join(shapes)
        + "</p:spTree>"
    )


def title(place: str, color: str = "tx2") -> str:
    default = f'<a:defRPr lang="zh-CN" b="1">{solid(color)}</a:defRPr>'
    style = f'<a:lstStyle><a:lvl1pPr algn="l">{default}</a:lvl1pPr></a:lstStyle>'
    body = text(run("标题", 24, color)).replace("<a:lstStyle/>", style)
    return shape(2, "标题", '<p:ph type="title"/>', place, body)


def master() -> str:
    body = shape(
        3, "正文", '<p:ph type="body" idx="1"/>', box(40, 96, 880, 400), text(run("正文", 16, "tx1"), "t")
    )  # fmt: skip
    return tree(title(box(40, 20, 880, 52)), body)


def cover() -> str:
    return tree(
        shape(10, "色带", "", box(0, 0, 960, 190), text(""), solid("tx2")),
        shape(11, "边线", "", box(0, 190, 960, 5), text(""), solid("accent2")),
        title(box(60, 84, 840, 84), "bg1"),
    )


def page() -> str:
    number = (
        '<a:pPr algn="r"/><a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
        f"{properties(12, 'accent6', 'a:rPr')}<a:t>‹#›</a:t></a:fld>"
    )
    return tree(
        shape(10, "色块", "", box(0, 20, 12, 52), text(""), solid("tx2")),
        shape(11, "标题下线", "", box(40, 78, 880, 1.2), text(""), solid("accent2")),
        title(box(40, 20, 880, 52)),
        shape(12, "页脚", "", box(40, 512, 780, 18), text(run(" ", 12, "accent6"))),
        shape(13, "页码", "", box(830, 512, 90, 18), text(number)),
    )


def set_tree(part, shapes: str, name: str) -> None:
    content = part._element.cSld
    content.set("name", name)
    old = content.spTree
    content.replace(old, parse_xml(shapes.replace("<p:spTree>", f"<p:spTree {NAMESPACES}>", 1)))


def set_theme(presentation) -> None:
    relation = next(r for r in presentation.slide_master.part.rels.values() if r.reltype.endswith("/theme"))
    theme = relation.target_part
    xml = theme.blob.decode()
    for kind in ("major", "minor"):
        xml = re.sub(rf"<a:{kind}Font>.*?</a:{kind}Font>", f"<a:{kind}Font>{FONTS}</a:{kind}Font>", xml, flags=re.S)
    for name, value in COLORS.items():
        xml = re.sub(rf"<a:{name}>.*?</a:{name}>", f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>', xml, flags=re.S)
    xml = xml.replace('name="Office Theme"', 'name="emrassess"')
    parse_xml(xml.encode())  # it is still well-formed
    theme._blob = xml.encode()


def set_styles(master) -> None:
    """Titles at the left and in bold; nothing is capitalised, indented or bulleted of itself."""
    style = (
        f'<p:txStyles {NAMESPACES}><p:titleStyle><a:lvl1pPr algn="l"><a:defRPr lang="zh-CN" sz="2400" b="1">'
        f'{solid("tx2")}<a:latin typeface="+mj-lt"/><a:ea typeface="+mj-ea"/></a:defRPr></a:lvl1pPr></p:titleStyle>'
        '<p:bodyStyle><a:lvl1pPr marL="0" indent="0"><a:buNone/><a:defRPr lang="zh-CN" sz="1600">'
        f'{solid("tx1")}<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/></a:defRPr></a:lvl1pPr></p:bodyStyle>'
        '<p:otherStyle><a:lvl1pPr><a:defRPr lang="zh-CN" sz="1600">'
        f'{solid("tx1")}<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/></a:defRPr></a:lvl1pPr></p:otherStyle>'
        "</p:txStyles>"
    )
    old = next(child for child in master._element if child.tag.endswith("}txStyles"))
    master._element.replace(old, parse_xml(style))


def drop(part, kind: str) -> None:
    """Drop what the library's own template carries along, such as the settings of a printer."""
    for key, relation in list(part._rels.items()):
        if relation.reltype.endswith(kind):
            part._rels.pop(key)


def main() -> None:
    presentation = Presentation()
    drop(presentation.part, "/printerSettings")
    drop(presentation.part.package, "/thumbnail")
    presentation.slide_width, presentation.slide_height = Pt(960), Pt(540)
    layouts = list(presentation.slide_layouts)
    kept = (layouts[0], layouts[5])
    for layout in layouts:
        if layout not in kept:
            presentation.slide_layouts.remove(layout)
    set_theme(presentation)
    set_styles(presentation.slide_master)
    set_tree(presentation.slide_master, master(), "emrassess")
    set_tree(kept[0], cover(), "封面")
    set_tree(kept[1], page(), "内容")
    for layout in kept:
        layout._element.set("preserve", "1")
        layout._element.set("type", "titleOnly")
    properties_ = presentation.core_properties
    properties_.author = properties_.last_modified_by = "emrassess"
    properties_.title = "专家核查反馈"
    OUT.parent.mkdir(parents=True, exist_ok=True)
    presentation.save(str(OUT))


if __name__ == "__main__":
    main()
