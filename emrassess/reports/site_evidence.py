"""The web page's list of evidence: every piece with its file, clauses and digest."""

from collections.abc import Callable, Iterator

from emrassess.domain.assessment import Evidence
from emrassess.reports.content import Exhibit, ReportContent
from emrassess.reports.site_items import frame
from emrassess.reports.site_parts import anchor, escape, head_row, url
from emrassess.reports.wording import KIND_NAMES, minute, size_text


def evidence_view(content: ReportContent, evidence_href: Callable[[Evidence, str], str | None]) -> Iterator[str]:
    """The view of all evidence with a search box and a filter by kind, in parts."""
    kinds = "".join(f'<option value="{kind.value}">{name}</option>' for kind, name in KIND_NAMES.items())
    heads = head_row("编号", "预览", "标题和文件", "类型、来源、截取时间", "证明的条款", numbers=("编号",))
    heads = heads.replace("</tr>", '<th scope="col" class="hash">SHA-256 摘要</th></tr>')
    yield (
        '<section id="evidence">\n<h2>实证材料</h2>\n<div class="filters" role="search">'
        f'<label>类型 <select id="e-kind"><option value="">全部</option>{kinds}</select></label>'
        '<label>查找 <input id="e-search" type="search" placeholder="标题、文件名、条款、摘要"></label>'
        '<span id="e-count" class="soft" role="status"></span></div>\n'
        f"<table>{heads}<tbody>"
    )
    for exhibit in content.evidence:
        yield _row(exhibit, evidence_href)
    yield "</tbody></table></section>\n"


def _row(exhibit: Exhibit, evidence_href: Callable[[Evidence, str], str | None]) -> str:
    piece, file = exhibit.piece, exhibit.piece.current
    href = evidence_href(piece, piece.clauses[0]) if piece.clauses else None
    name = escape(file.file_name)
    opened = f'<a href="{escape(url(href))}" target="_blank" rel="noopener">{name}</a>' if href else f"{name}（未收入）"
    lacks = f'<br><span class="tag v-partial">缺：{"、".join(piece.lacks)}</span>' if piece.lacks else ""
    told = (KIND_NAMES[piece.kind], piece.source_system.strip(), minute(piece.captured_at))
    source = "<br>".join(escape(part) for part in told if part)
    clauses = "、".join(f'<a href="#{anchor(clause)}">{clause}</a>' for clause in piece.clauses)
    return (
        f'<tr id="e-{exhibit.number}" data-kind="{piece.kind.value}"><td class="n">{exhibit.number}</td>'
        f"<td>{frame(exhibit, href)}</td><td><b>{escape(piece.title.strip())}</b><br>{opened}"
        f' <span class="soft small">{size_text(file.size)}</span>{lacks}</td><td>{source}</td>'
        f'<td>{clauses}</td><td class="digest hash">{file.sha256}</td></tr>\n'
    )
