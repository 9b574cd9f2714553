"""Word documents written by hand, so that merges, splits and nastiness are exactly what a test says."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/>'
    "</Relationships>"
)
NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="（%1）"/></w:lvl></w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0">'
    '<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
)
RESTART, CONTINUE = "restart", "continue"


def run(text: str, properties: str = "") -> str:
    """A run; line breaks become w:br."""
    parts = f"</w:t><w:br/><w:t>{''}".join(escape(part) for part in text.split("\n"))
    return f'<w:r>{properties}<w:t xml:space="preserve">{parts}</w:t></w:r>'


def paragraph(text: str = "", properties: str = "") -> str:
    """A paragraph of one run; `properties` goes into w:pPr."""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{run(text) if text else ''}</w:p>"


def numbered(text: str, list_id: int = 1) -> str:
    """A paragraph that Word numbers by itself."""
    return paragraph(text, f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{list_id}"/></w:numPr>')


def cell(text: str = "", *, span: int = 1, merge: str = "", raw: str = "", properties: str = "") -> str:
    """A cell: `merge` is RESTART or CONTINUE; `raw` replaces the paragraphs."""
    grid = f'<w:gridSpan w:val="{span}"/>' if span != 1 else ""
    vertical = {RESTART: '<w:vMerge w:val="restart"/>', CONTINUE: "<w:vMerge/>"}.get(merge, "")
    content = raw or "".join(paragraph(line) for line in text.split("\v"))
    return f"<w:tc><w:tcPr>{grid}{vertical}{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A row; a plain text stands for a plain cell."""
    content = "".join(part if part.startswith("<") else cell(part) for part in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{content}</w:tr>"


def table(rows: Iterable[str], columns: int = 8) -> str:
    grid = "<w:gridCol/>" * columns
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def document_xml(blocks: Sequence[str], namespace: str = W) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{namespace}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        f"<w:body>{''.join(blocks)}<w:sectPr/></w:body></w:document>"
    )


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 8, 30, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx_bytes(xml: str | bytes, main: str = "word/document.xml", **more: str) -> bytes:
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": RELATIONSHIPS.format(main),
            main: xml,
            "word/numbering.xml": NUMBERING,
            **more,
        }
    )


def docx(folder: Path, *blocks: str, name: str = "标准.docx") -> Path:
    """A document of these paragraphs and tables, written to `folder`."""
    file = folder / name
    file.write_bytes(docx_bytes(document_xml(blocks)))
    return file
