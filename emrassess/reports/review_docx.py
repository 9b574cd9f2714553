"""The feedback of a review group as a Word document that people go on editing, with lines to sign on."""

from collections.abc import Callable, Sequence
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from emrassess.atomic import replacing
from emrassess.domain.review import SEVERITY_NAMES, Severity
from emrassess.domain.verified import STANDS_NAMES
from emrassess.reports.fitting import one_line, plain_text
from emrassess.reports.pdf_parts import ALERT, BLUE, GREY, NAVY
from emrassess.reports.review_content import FindingLine, ReviewContent
from emrassess.reports.review_pictures import MOST_SHOTS, PictureOf, caption, fault, pictures
from emrassess.reports.review_words import (
    MEASURE_HEADS,
    NO_FINDINGS,
    NOTHING_TO_MEND,
    OPINION_LINE,
    PROGRESS_NOTE,
    SIGNERS,
    circumstances,
    deadline,
    facts,
    heading,
    looked_at,
    measure_row,
    numbered,
    proposals_note,
    responsible,
    severity_sentence,
    verdict_sentences,
    verdicts,
)

Progress = Callable[[int, int, str], None]
_FACE = "微软雅黑"
_OTHERS = "Noto Sans CJK SC, 思源黑体, 思源黑体 CN, 文泉驿微米黑"
"""What stands in for it where it is not installed, as on Linux desktops."""
_BOX = (1000, 800)  # pixels: half the width of A4 at 300 to the inch
_WIDE, _HALF = 16.6, 7.9  # centimetres: of the text, and of one of two pictures
_INKS = {Severity.SERIOUS: ALERT, Severity.ORDINARY: BLUE, Severity.MINOR: GREY, Severity.NONE: GREY}


def write_review_docx(content: ReviewContent, out: Path, progress: Progress | None = None) -> None:
    """Write the document to `out`, replacing it whole. `progress` and errors as those of the slides."""
    total = len(content.findings) + 1
    document = _blank(content)
    with pictures(content, _BOX) as picture:
        _front(document, content)
        _heading(document, f"发现的问题（{len(content.findings)} 个）", 1)
        if not content.findings:
            _text(document, NO_FINDINGS)
        for line in content.findings:
            if progress:
                progress(line.number, total, f"第 {line.number} 个问题")
            _finding(document, line, picture)
    _back(document, content)
    with replacing(out) as file:
        document.save(file)
        if progress:
            progress(total, total, "正在写入文件")


# --- the parts


def _front(document: Any, content: ReviewContent) -> None:
    title = _text(document, content.hospital, size=14, bold=True)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title = _text(document, heading(content), size=20, bold=True, color=NAVY)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _table(document, (3.0, _WIDE - 3.0), list(facts(content)), head=False)
    for sentence in (*verdict_sentences(content), severity_sentence(content)):
        _text(document, sentence)
    _heading(document, "核查了什么，结果如何", 1)
    tiles = looked_at(content)
    _table(document, [_WIDE / len(tiles)] * len(tiles), [[n for n, _ in tiles], [figure for _, figure in tiles]])
    _text(document, "", size=6)
    _table(document, (4.6, 4.0, 4.0, 4.0), [MEASURE_HEADS, *(measure_row(measure) for measure in content.measures)])
    _heading(document, f"离目标 {content.target} 级还有多远", 2)
    _text(document, PROGRESS_NOTE, size=9, color=GREY)
    heads = ("代码", "角色、项目", "条款", "属实", "待核查", "不成立", f"{content.target} 级")
    rows = [
        (line.code, line.name, *map(str, (line.total, line.confirmed, line.open, line.fallen)),
         STANDS_NAMES[line.stands] if line.stands is not None else "")
        for line in content.progress
    ]  # fmt: skip
    bold = frozenset(number for number, line in enumerate(content.progress, 1) if line.is_role)
    _table(document, (1.6, 5.4, 1.4, 1.4, 1.8, 1.8, 3.2), [heads, *rows], bold=bold)


def _finding(document: Any, line: FindingLine, picture: PictureOf) -> None:
    _heading(document, f"{line.number}　{line.clause} {line.item_name}", 3)
    head = _text(document, SEVERITY_NAMES[line.severity], label="程度：", bold=True, color=_INKS[line.severity])
    _run(head, "　　" + "　".join((verdicts(line), *circumstances(line))), size=10, color=GREY)
    head.paragraph_format.keep_with_next = True
    for label, text in (
        ("标准要求：", line.requirement),
        ("现场所见：", line.opinion.seen),
        ("存在问题：", line.problem),
        ("整改建议：", line.opinion.suggestion),
        ("责任与期限：", responsible(line)),
    ):
        if text.strip():
            _text(document, text, label=label)
    _shots(document, line, picture)


def _shots(document: Any, line: FindingLine, picture: PictureOf) -> None:
    """Pictures side by side, and below them whose they are; those that cannot be shown are named."""
    names = []
    row = None
    for number, shot in enumerate(line.shots[:MOST_SHOTS], 1):
        more = len(line.shots) - number if number == MOST_SHOTS else 0
        shown = picture(shot)
        if shown is None:
            names.append(f"{caption(shot, more)}（{fault(shot)}）")
            continue
        names.append(caption(shot, more))
        row = row or _text(document, "")
        wide = min(_HALF, 7.0 * shown.size[0] / shown.size[1])
        placed = row.add_run().add_picture(BytesIO(shown.content), width=Cm(wide))
        for side in "TBLR":
            placed._inline.set(f"dist{side}", "0")
        placed._inline.docPr.set("descr", one_line(names[-1])[:250])
        row.add_run(" ")
    if row is not None:
        row.paragraph_format.keep_with_next = True
    if names:
        _text(document, "　　".join(names), size=9, color=GREY)


def _back(document: Any, content: ReviewContent) -> None:
    if content.common:
        _heading(document, "共性问题", 1)
        rows = [(problem.what, f"{problem.count} 处", "、".join(problem.clauses)) for problem in content.common]
        _table(document, (8.6, 1.8, 6.2), [("问题", "出现", "条款"), *rows])
    _heading(document, "下一步", 1)
    if content.steps:
        if note := proposals_note(content):
            _text(document, note, size=9, color=GREY)
        rows = [
            (deadline(step), SEVERITY_NAMES[step.severity], one_line(step.who) or "待定",
             numbered(step))
            for step in content.steps
        ]  # fmt: skip
        _table(document, (3.8, 1.5, 4.2, 7.1), [("期限", "程度", "责任科室、责任人", "问题序号和条款"), *rows])
    else:
        _text(document, NOTHING_TO_MEND)
    _signatures(document, content)


def _signatures(document: Any, content: ReviewContent) -> None:
    """Kept together: nobody signs a page of lines alone, or half of them."""
    _heading(document, "确认与签名", 1)
    for text in (OPINION_LINE, "", "", ""):
        _text(document, text).paragraph_format.keep_with_next = True
    rows = [(f"医院确认：{signer}", "", "日期：") for signer in SIGNERS]
    rows += [(f"专家签名：{name}", "", "日期：") for name in content.experts or ("",)]
    table = _table(document, (6.0, 6.4, 4.2), rows, head=False)
    for number, row in enumerate(table._tbl.tr_lst):
        height = f'<w:trHeight {nsdecls("w")} w:val="720" w:hRule="atLeast"/>'
        row.get_or_add_trPr().append(parse_xml(height))
        for cell in row.tc_lst:
            for paragraph in cell.p_lst:
                paragraph.get_or_add_pPr().keepNext_val = number < len(rows) - 1


# --- what they are made of


def _blank(content: ReviewContent) -> Any:
    """An empty document, A4, in our fonts, with the hospital above and the number of the page below."""
    document: Any = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.0)
    for name, size, color in (("Normal", 10.5, ""), ("Heading 1", 15, NAVY), ("Heading 2", 12, NAVY),
                              ("Heading 3", 11, "")):  # fmt: skip
        _set_style(document.styles[name], size, color)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    _stand_ins(document)
    _run(section.header.paragraphs[0], f"{one_line(content.hospital)}　{heading(content)}", size=9, color=GREY)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number = '<w:r><w:rPr><w:color w:val="565E67"/><w:sz w:val="18"/></w:rPr><w:t>1</w:t></w:r>'
    for before, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES")):
        _run(foot, before, size=9, color=GREY)
        field_xml = f'<w:fldSimple {nsdecls("w")} w:instr="{field}">{number}</w:fldSimple>'
        foot._p.append(parse_xml(field_xml))
    _run(foot, " 页", size=9, color=GREY)
    properties = document.core_properties
    properties.title = f"{one_line(content.hospital)} {heading(content)}"[:250]
    properties.author = properties.last_modified_by = "emrassess"
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = content.created.astimezone(UTC).replace(tzinfo=None)
    return document


def _set_style(style: Any, size: float, color: str) -> None:
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor.from_string((color or "#1B1F24").lstrip("#"))
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), _FACE)
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="zh-CN" w:eastAsia="zh-CN"/>'))


def _stand_ins(document: Any) -> None:
    """Names the fonts that may stand in for ours, which a Word document can, unlike slides."""
    part = next(part for part in document.part.package.iter_parts() if part.partname.endswith("/fontTable.xml"))
    font = (
        f'<w:font w:name="{_FACE}"><w:altName w:val="{_OTHERS}"/><w:panose1 w:val="020B0503020204020204"/>'
        '<w:charset w:val="86"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font></w:fonts>'
    )
    part._blob = part.blob.replace(b"</w:fonts>", font.encode())


def _heading(document: Any, text: str, level: int) -> None:
    document.add_heading(one_line(text), level)


def _text(
    document: Any, text: str, *, label: str = "", size: float = 0, bold: bool = False, color: str = ""
) -> Paragraph:
    paragraph = document.add_paragraph()
    if label:
        _run(paragraph, label, bold=True, color=NAVY)
    _run(paragraph, text, size=size, bold=bold, color=color)
    return paragraph


def _run(paragraph: Paragraph, text: str, *, size: float = 0, bold: bool = False, color: str = "") -> None:
    kept = text if text.isspace() or text[:1] == "　" else plain_text(text)
    run = paragraph.add_run(kept)
    if size:
        run.font.size = Pt(size)
    if bold:
        run.font.bold = True
    if color:
        run.font.color.rgb = RGBColor.from_string(color.lstrip("#"))


def _table(
    document: Any,
    widths: Sequence[float],
    rows: Sequence[Sequence[str]],
    *,
    head: bool = True,
    bold: frozenset[int] = frozenset(),
) -> Any:
    """A table with lines, `widths` in centimetres; its first row repeats on each page where it is a head."""
    table = document.add_table(len(rows), len(widths), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, wide in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Cm(wide)
    for number, (row, texts) in enumerate(zip(table._tbl.tr_lst, rows, strict=True)):
        heading_row = head and not number
        row.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        if heading_row:
            row.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for cell, text, wide in zip(row.tc_lst, texts, widths, strict=True):
            cell.width = Cm(wide)
            paragraph = Paragraph(cell.p_lst[0], table)
            paragraph.paragraph_format.space_after = Pt(0)
            _run(paragraph, text, size=9.5, bold=heading_row or number in bold)
            if heading_row:
                shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="E8F0F8"/>'
                cell.get_or_add_tcPr().append(parse_xml(shade))
    return table
