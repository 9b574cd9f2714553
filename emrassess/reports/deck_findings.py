"""Slides of findings: one each, going on where there is more to say than a slide holds."""

from collections.abc import Sequence
from dataclasses import replace

from emrassess.domain.review import SEVERITY_NAMES, Severity
from emrassess.reports.deck_parts import BODY, LEFT, TOP, WIDTH, Area, Deck, Look, Page
from emrassess.reports.fitting import LEAST, Para, fit, one_line, plain_text
from emrassess.reports.pdf_parts import ALERT, BLUE, FAINT, GREY, NAVY, SKY
from emrassess.reports.pdf_text import INK
from emrassess.reports.review_content import FindingLine, ReviewContent, Shot
from emrassess.reports.review_pictures import MOST_SHOTS, PictureOf, caption, fault
from emrassess.reports.review_words import about, circumstances, deadline, verdicts

SEVERITY_LOOKS = {  # told apart by brightness too; the word stands on each
    Severity.SERIOUS: (ALERT, "#FFFFFF"),
    Severity.ORDINARY: (BLUE, "#FFFFFF"),
    Severity.MINOR: (SKY, INK),
    Severity.NONE: (GREY, "#FFFFFF"),
}
_STRIP, _GAP = 24.0, 8.0
_CONTENT = Area(LEFT, TOP + _STRIP + _GAP, WIDTH, BODY.high - _STRIP - _GAP)
_HALF = 428.0
_CAPTION = 18.0


def finding_slides(deck: Deck, content: ReviewContent, line: FindingLine, picture: PictureOf) -> None:
    """The slide of `line` and, where its texts need more room, those it goes on on."""
    title = f"问题 {line.number}/{len(content.findings)} · {line.clause} {line.item_name}"
    page = deck.page(title, about(line))
    _strip(page, line)
    shots = line.shots[:MOST_SHOTS]
    area = Area(_CONTENT.x, _CONTENT.y, _HALF, _CONTENT.high) if shots else _CONTENT
    fitted = fit(_paras(line), area.wide, area.high)
    page.text(area, fitted)
    if shots:
        _pictures(page, line, shots, picture)
    while fitted.rest:
        page = deck.page(f"{title}（续）", about(line))
        _strip(page, line)
        fitted = fit(fitted.rest, _CONTENT.wide, _CONTENT.high)
        page.text(_CONTENT, fitted)


def _paras(line: FindingLine) -> list[Para]:
    said = line.opinion
    texts = (
        ("标准要求：", line.requirement, NAVY),
        ("现场所见：", said.seen, NAVY),
        ("存在问题：", line.problem, ALERT),
        ("整改建议：", said.suggestion, NAVY),
    )
    found = [Para(plain_text(text), label, color) for label, text, color in texts if plain_text(text)]
    who = Para(one_line(line.who) or "待定", "责任科室：", NAVY)
    return [*found, who, Para(deadline(line), "整改期限：", NAVY)]


def _strip(page: Page, line: FindingLine) -> None:
    """Severity in colour and word; verdicts and where it was seen beside it."""
    fill, ink = SEVERITY_LOOKS[line.severity]
    pill = Look(ink, "center", "middle", fill)
    page.line(Area(LEFT, TOP, 64, _STRIP), SEVERITY_NAMES[line.severity], 14, pill, bold=True)
    text = "　".join((verdicts(line), *circumstances(line)))
    page.line(Area(LEFT + 76, TOP, WIDTH - 76, _STRIP), text, 14, Look(GREY, anchor="middle"))


def _pictures(page: Page, line: FindingLine, shots: Sequence[Shot], picture: PictureOf) -> None:
    """One above the other at the right, each with whose it is and what it is called."""
    x, high = LEFT + WIDTH - _HALF, (_CONTENT.high - _GAP * (len(shots) - 1)) / len(shots)
    left = len(line.shots) - len(shots)
    for number, shot in enumerate(shots):
        y = _CONTENT.y + number * (high + _GAP)
        area = Area(x, y, _HALF, high - _CAPTION - 2)
        shown = picture(shot)
        text = caption(shot, left if number == len(shots) - 1 else 0)
        if shown:
            end = page.picture(area, shown.content, shown.size, text)
        else:
            end = area.y + min(area.high, 150.0)
            page.line(replace(area, high=end - area.y), fault(shot), 14, Look(ALERT, "center", "middle", FAINT, 12))
        page.line(Area(x, end + 2, _HALF, _CAPTION), text, LEAST, Look(GREY, "center"))
