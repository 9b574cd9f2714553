"""The drawn screens: what they are as files, and what keeps letters inside their room."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from emrassess.demonstration.data import Demonstration
from emrassess.demonstration.drawing.canvas import Canvas, cut, text_width, wrap
from emrassess.demonstration.drawing.paper import paper
from emrassess.demonstration.drawing.screens import SCREENS, draw
from emrassess.demonstration.evidence import shot


@pytest.mark.parametrize("screen", SCREENS)
def test_each_kind_of_screen_is_a_small_palette_png_and_the_same_each_time(data: Demonstration, screen: str) -> None:
    seed, picture = next((n, p) for n, p in enumerate(data.pictures) if p.screen == screen)
    drawn = draw(screen, shot(data, picture, seed))
    image = Image.open(io.BytesIO(drawn))
    assert (image.size, image.mode, image.format) == ((1280, 800), "P", "PNG")
    assert len(drawn) <= 60_000
    assert drawn == draw(screen, shot(data, picture, seed))


def test_every_screen_carries_the_mark(data: Demonstration) -> None:
    picture = data.pictures[0]
    image = Image.open(io.BytesIO(draw(picture.screen, shot(data, picture, 0)))).convert("RGB")
    red = image.getpixel((1280 - 112, 772 + 13))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[1] + 60


def test_the_title_is_on_the_screen(data: Demonstration) -> None:
    first = shot(data, data.pictures[0], 0)
    assert draw("work_list", first) != draw("work_list", replace(first, title="另一个标题"))


def test_a_popup_stands_over_the_page(data: Demonstration) -> None:
    seed, picture = next((n, p) for n, p in enumerate(data.pictures) if p.popup)
    with_popup = shot(data, picture, seed)
    assert draw(picture.screen, with_popup) != draw(picture.screen, replace(with_popup, popup=None))


def test_text_too_wide_is_cut() -> None:
    assert cut("示例", 14, 100) == "示例"
    shortened = cut("一二三四五六七八九十", 14, 60)
    assert shortened.endswith("…")
    assert text_width(shortened, 14) <= 60


def test_wrapped_lines_fit_and_do_not_begin_with_a_full_stop() -> None:
    text = "系统按性别、年龄、生理周期选用参考范围，" * 4 + "完。"
    lines = wrap(text, 14, 150)
    assert "".join(lines) == text
    assert all(text_width(line.rstrip("，。、"), 14) <= 150 for line in lines)
    assert not any(line.startswith(("，", "。", "、")) for line in lines)


def test_a_table_leaves_away_rows_without_room() -> None:
    canvas = Canvas()
    rows = [(str(number), "内容") for number in range(40)]
    assert canvas.table(0, 0, 600, ("序号", "说明"), rows, room=300) <= 300


def test_a_paper_is_one_page_of_pdf_and_the_same_each_time() -> None:
    made = paper("示例医院", "制度", "示例〔2026〕1 号", ["第一条　示例。"], "2026 年 1 月 1 日")
    assert made.startswith(b"%PDF-")
    assert made == paper("示例医院", "制度", "示例〔2026〕1 号", ["第一条　示例。"], "2026 年 1 月 1 日")
