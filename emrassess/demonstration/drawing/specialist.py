"""Screens of operating rooms, intensive care, blood bank and booking: grids, curves, stocks, closed loops."""

import math

from emrassess.demonstration.drawing.canvas import AMBER, BLUE, GREEN, LINE, PAPER, RED, SOFT, WIDTH
from emrassess.demonstration.drawing.shot import BOTTOM, Page, Shot, close_window, open_window, patient_banner

FULL = WIDTH - 24


def schedule(shot: Shot) -> bytes:
    """Rooms against hours, as for operations and booked examinations; the list of the day beneath."""
    page = open_window(shot)
    c, random = page.canvas, shot.random
    names = shot.lines or tuple(f"手术间 {n}" for n in range(1, 8))
    left, top, line = 150.0, page.top + 40, 46.0
    height = line * len(names)
    hour = (FULL - 168) / 11
    c.box(12, page.top, FULL, height + 48, PAPER, LINE)
    for step in range(12):
        x = left + hour * step
        c.text(x, page.top + 20, f"{7 + step:02d}:00", 13, SOFT, anchor="mm")
        c.line([(x, top), (x, top + height)])
    shades = ("#bcd4f2", "#c9e6d3", "#f6dfb0", "#e2d4f3", "#f3cfcf")
    cases = [row[_case_column(shot)] for row in shot.rows]
    number = 0
    for place, name in enumerate(names):
        y = top + line * place
        c.line([(12, y), (12 + FULL, y)])
        c.text(26, y + line / 2, name, 15, bold=True, anchor="lm", room=116)
        at = random.choice((0.6, 1.0, 1.2))
        while at < 9.4:
            length = min(random.choice((1.2, 1.6, 2.2, 2.8)), 10.9 - at)
            x = left + hour * at
            c.box(x, y + 5, hour * length - 6, line - 10, shades[(number + place) % 5], "#8aa0b4", radius=4)
            c.text(x + 8, y + line / 2, cases[number % len(cases)], 14, anchor="lm", room=hour * length - 20)
            number += 1
            at += length + random.choice((0.2, 0.5))
    now = left + hour * 3.4
    c.line([(now, top), (now, top + height)], RED, 2)
    page.table(12, top + height + 20, FULL, BOTTOM - top - height - 34, 31)
    return close_window(page)


def _case_column(shot: Shot) -> int:
    """The column that names what is done."""
    return next(number for number, name in enumerate(shot.columns) if name in ("检查项目", "治疗项目", "手术名称"))


# Drug, first and length of its bar in steps of five minutes, dose.
_DRUGS = (
    ("丙泊酚", 1, 2, "100 mg"),
    ("瑞芬太尼", 1, 20, "0.1 μg/kg·min"),
    ("罗库溴铵", 2, 2, "40 mg"),
    ("七氟烷", 3, 18, "2 %"),
    ("复方氯化钠", 0, 22, "500 ml"),
)


def anaesthesia(shot: Shot) -> bytes:
    """An anaesthesia record: drugs over time, curves of pressure, pulse and oxygen."""
    page = open_window(shot)
    patient_banner(page)
    c, random = page.canvas, shot.random
    left, right = 210.0, 1252.0
    c.box(12, page.top, FULL, BOTTOM - page.top - 10, PAPER, LINE)
    y = page.top + 34
    times = 25
    for step in range(times):
        x = left + (right - left) * step / (times - 1)
        if step % 3 == 0:
            c.text(x, page.top + 18, f"{9 + step * 5 // 60:02d}:{step * 5 % 60:02d}", 13, SOFT, anchor="mm")
        c.line([(x, y), (x, y + 480)], LINE if step % 3 == 0 else "#eef2f5")
    for name, start, length, dose in _DRUGS:
        c.text(26, y + 16, name, 15, anchor="lm")
        x = left + (right - left) * start / (times - 1)
        width = max((right - left) * length / (times - 1), 70)
        c.box(x, y + 5, width, 22, shot.theme[1], page.bar, radius=3)
        c.text(x + 6, y + 16, dose, 13, anchor="lm", room=width - 8)
        y += 32
    base, height = y + 10, 300.0
    for step in range(7):
        level = base + height * step / 6
        c.line([(left, level), (right, level)])
        c.text(left - 10, level, f"{180 - step * 25}", 13, SOFT, anchor="rm")
    for name, colour, middle, swing in (("收缩压", RED, 118, 9), ("舒张压", BLUE, 70, 6), ("脉搏", GREEN, 82, 6)):
        values = [
            middle + swing * math.sin(n / 5) + random.uniform(-3, 3) + (34 if swing == 9 and 30 <= n <= 32 else 0)
            for n in range(49)
        ]
        points = [(left + (right - left) * n / 48, base + height * (180 - v) / 150) for n, v in enumerate(values)]
        c.line(points, colour, 2)
        c.badge(26, base + 20 + 34 * ("收缩压", "舒张压", "脉搏").index(name), name, colour)
    _abnormal(page, left + (right - left) * 31 / 48, base + 34)
    y = base + height + 22
    for line in shot.lines:
        y = c.paragraph(26, y, FULL - 180, line, 15) + 4
    return close_window(page)


def _abnormal(page: Page, x: float, y: float) -> None:
    """The mark at a value that the system itself found abnormal."""
    c = page.canvas
    c.draw.ellipse((x - 22, y, x + 22, y + 44), outline=RED, width=3)
    c.box(x + 30, y - 4, 232, 28, "#fdecec", RED, radius=4)
    c.text(x + 40, y + 10, "10:18 收缩压异常，自动标记", 14, RED, anchor="lm")


def central_station(shot: Shot) -> bytes:
    """The central station of intensive care: eight beds, their curves and figures."""
    page = open_window(shot, dark=True)
    c, random = page.canvas, shot.random
    width, height = 312, 318
    for bed in range(8):
        x, y = 12 + (bed % 4) * (width + 3), 88 + (bed // 4) * (height + 6)
        alarm = bed == 5
        c.box(x, y, width, height, "#0b1015", RED if alarm else "#33424f", stroke=3 if alarm else 1)
        c.text(x + 10, y + 8, f"{bed + 1:02d} 床　示例病人{'甲乙丙丁戊己庚辛'[bed]}", 15, "#dfe7ee")
        if alarm:
            c.badge(x + 232, y + 8, "心率高", RED)
        for wave, colour in enumerate(("#46d17c", "#f0b429", "#5cc3f2")):
            base = y + 78 + wave * 62
            c.line([(x + 8 + n * 3, base - _wave(wave, n + bed * 7)) for n in range(66)], colour, 2)
        figures = (
            ("HR", 134 if alarm else random.randrange(66, 96), "#46d17c"),
            ("RR", random.randrange(14, 22), "#f0b429"),
            ("SpO2", random.randrange(95, 100), "#5cc3f2"),
        )
        for number, (name, value, colour) in enumerate(figures):
            c.text(x + 222, y + 48 + number * 62, name, 13, colour)
            shade = RED if alarm and not number else colour
            c.text(x + 300, y + 62 + number * 62, str(value), 30, shade, bold=True, anchor="ra")
        pressure = f"{random.randrange(102, 138)}/{random.randrange(60, 84)}"
        c.text(x + 10, y + 250, f"血压 {pressure}　体温 {random.uniform(36.4, 38):.1f}", 15, "#dfe7ee")
        points = 6 if alarm else random.randrange(0, 4)
        c.text(x + 10, y + 280, f"{shot.lines[0]} {points} 分", 15, "#f0b429" if alarm else "#9fb0bf", room=190)
    return close_window(page)


def _wave(kind: int, at: int) -> float:
    if kind == 0:
        beat = at % 11
        return {4: 8, 5: 34, 6: -8, 9: 6}.get(beat, 0)
    return (14 if kind == 1 else 18) * math.sin(at / (4.5 if kind == 1 else 2.2)) ** (1 if kind == 1 else 2)


def blood_bank(shot: Shot) -> bytes:
    """The stock of blood by type, and the requests being matched."""
    page = open_window(shot)
    c, random = page.canvas, shot.random
    top = page.panel(12, page.top, 470, 330, "库存血液（单位）　全院可查")
    base = top + 232
    for number, (name, colour) in enumerate((("A 型", RED), ("B 型", BLUE), ("O 型", GREEN), ("AB 型", AMBER))):
        x = 44 + number * 108
        for part, shade in ((0, colour), (1, "#9fb0bf")):
            amount = random.randrange(40, 118) if part == 0 else random.randrange(20, 60)
            c.box(x + part * 38, base - amount * 1.7, 34, amount * 1.7, shade)
            c.text(x + part * 38 + 17, base - amount * 1.7 - 10, str(amount), 14, anchor="mm")
        c.text(x + 36, base + 14, name, 15, bold=True, anchor="mm")
    c.text(40, base + 32, "左：悬浮红细胞　右：血浆", 13, SOFT)
    top = page.panel(494, page.top, 774, 330, shot.title)
    for line in shot.lines:
        top = c.paragraph(512, top, 738, line, 16) + 8
    page.table(12, page.top + 344, FULL, BOTTOM - page.top - 356, 32)
    return close_window(page)


def closed_loop(shot: Shot) -> bytes:
    """The steps of one order or specimen, each with who, when and where."""
    page = open_window(shot)
    patient_banner(page)
    c = page.canvas
    top = page.panel(12, page.top, FULL, 268, f"{shot.title}　全过程")
    steps = shot.lines
    gap = (FULL - 160) / max(len(steps) - 1, 1)
    y = top + 66
    c.line([(88, y), (92 + gap * (len(steps) - 1), y)], page.bar, 5)
    for number, step in enumerate(steps):
        name, _, rest = step.partition("：")
        x = 92 + gap * number
        done = "待" not in rest
        c.draw.ellipse((x - 22, y - 22, x + 22, y + 22), fill=page.bar if done else PAPER, outline=page.bar, width=3)
        c.text(x, y, str(number + 1), 18, PAPER if done else page.bar, bold=True, anchor="mm")
        c.text(x, y + 44, name, 15, bold=True, anchor="mm", room=min(gap, 160) - 4)
        for place, part in enumerate(rest.split("，")):
            c.text(x, y + 70 + place * 22, part, 13, SOFT, anchor="mm", room=min(gap, 160) - 4)
    page.table(12, page.top + 282, FULL, BOTTOM - page.top - 294, 32)
    return close_window(page)
