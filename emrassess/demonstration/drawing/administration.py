"""Screens of management: quality of records, statistics, dictionaries, permissions, signatures, machine room."""

from emrassess.demonstration.drawing.canvas import AMBER, BLUE, GREEN, LINE, PAPER, RED, SOFT, WIDTH, Canvas
from emrassess.demonstration.drawing.shot import BOTTOM, Shot, close_window, open_window, patient_banner

FULL = WIDTH - 24
DEPARTMENTS = (
    "示例内一科",
    "示例内二科",
    "示例外一科",
    "示例外二科",
    "示例妇产科",
    "示例儿科",
    "示例急诊科",
    "示例重症",
)


def record_quality(shot: Shot) -> bytes:
    """The defects of a record, with its points and who has to mend what."""
    page = open_window(shot)
    patient_banner(page)
    c, random = page.canvas, shot.random
    room = BOTTOM - page.top - 12
    top = page.panel(12, page.top, 300, room, "病历得分")
    points = random.randrange(86, 96)
    c.draw.arc((72, top + 10, 252, top + 190), 135, 405, fill="#d9dfe6", width=22)
    c.draw.arc((72, top + 10, 252, top + 190), 135, 135 + 270 * points / 100, fill=page.bar, width=22)
    c.text(162, top + 98, str(points), 52, page.bar, bold=True, anchor="mm")
    c.text(162, top + 142, "甲级病历", 16, SOFT, anchor="mm")
    y = top + 216
    for name, value in (("时限", 98), ("内容完整", 91), ("内涵质量", 84), ("首页核查", 95)):
        c.text(30, y, name, 15)
        c.box(120, y + 4, 150, 14, "#e4e9ee")
        c.box(120, y + 4, 1.5 * value, 14, page.bar if value > 90 else AMBER)
        c.text(298, y + 10, str(value), 13, SOFT, anchor="rm")
        y += 34
    y += 10
    for line in shot.lines:
        y = c.paragraph(30, y, 266, line, 14, SOFT) + 4
    top = page.panel(324, page.top, 944, room, shot.title)
    page.table(336, top, 920, BOTTOM - top - 70, 36)
    return close_window(page)


def statistics(shot: Shot) -> bytes:
    """Four figures, bars (from the fifth line on "name：percent", else by department), and the table they come from."""
    page = open_window(shot)
    c, random = page.canvas, shot.random
    for number, line in enumerate(shot.lines[:4]):
        name, _, value = line.partition("：")
        x = 12 + number * 316
        c.box(x, page.top, 306, 78, PAPER, LINE, radius=4)
        c.text(x + 16, page.top + 12, name, 14, SOFT, room=276)
        c.text(x + 16, page.top + 34, value, 26, page.bar, bold=True, room=276)
    bars = [line.rstrip("%").split("：") for line in shot.lines[4:]]
    top = page.panel(12, page.top + 90, 500, BOTTOM - page.top - 102, "分布" if bars else "按科室")
    for number, (name, value) in enumerate(bars or [(name, f"{random.uniform(62, 98):.1f}") for name in DEPARTMENTS]):
        y, share = top + number * 62, float(value) / 100
        c.text(30, y + 12, name, 15, room=96)
        c.box(130, y + 10, 290, 26, "#e4e9ee")
        c.box(130, y + 10, 290 * share, 26, page.bar if share >= 0.8 else AMBER)
        c.text(494, y + 23, f"{value}%", 15, anchor="rm")
    top = page.panel(524, page.top + 90, 744, BOTTOM - page.top - 102, f"{shot.title}（统计时间 {shot.at}）")
    page.table(534, top, 724, BOTTOM - top - 74, 33)
    return close_window(page)


def dictionary(shot: Shot) -> bytes:
    """A dictionary that all systems share: its groups, its entries, and where it was sent."""
    page = open_window(shot)
    c = page.canvas
    room = BOTTOM - page.top - 12
    y = page.panel(12, page.top, 250, room, "字典目录")
    groups = ("药品字典", "检验项目字典", "检验标本字典", "检查项目字典", "手术名称字典", "诊断字典", "治疗项目字典",
              "血液品种字典", "科室字典", "人员字典", "给药途径字典", "频次字典")  # fmt: skip
    for name in groups:
        if name in shot.title:
            c.box(14, y - 5, 246, 30, shot.theme[1])
        c.box(28, y + 3, 12, 12, page.bar, radius=2)
        c.text(50, y + 9, name, 15, anchor="lm")
        y += 40
    top = page.panel(274, page.top, 994, room - 150, shot.title)
    page.table(286, top, 970, BOTTOM - top - 216, 32)
    y = page.panel(274, BOTTOM - 152, 994, 140, "已同步到的系统")
    x = 290.0
    for number, name in enumerate(shot.lines):
        x = c.badge(x, y, f"{name} √", GREEN, solid=False, size=15)
        if number % 5 == 4:
            x, y = 290.0, y + 36
    return close_window(page)


def permissions(shot: Shot) -> bytes:
    """Who may do what: staff against rights."""
    page = open_window(shot)
    c = page.canvas
    columns = shot.columns
    c.box(12, page.top, FULL, 40, PAPER, LINE)
    x = 24.0
    for line in shot.lines:
        c.text(x, page.top + 20, line, 15, SOFT, anchor="lm")
        x += 15 * len(line) + 34
    top, height = page.top + 52, 42
    first, width = 250, (FULL - 250) / (len(columns) - 1)
    c.box(12, top, FULL, height, shot.theme[1])
    c.text(24, top + height / 2, columns[0], 15, bold=True, anchor="lm")
    for number, name in enumerate(columns[1:]):
        c.text(12 + first + width * (number + 0.5), top + height / 2, name, 15, bold=True, anchor="mm", room=width - 6)
    for place, row in enumerate(shot.rows[:13]):
        y = top + height * (place + 1)
        c.box(12, y, FULL, height, PAPER if place % 2 else "#f6f9fb", LINE)
        c.text(24, y + height / 2, row[0], 15, anchor="lm", room=first - 20)
        for number, cell in enumerate(row[1:]):
            _right(page.canvas, 12 + first + width * (number + 0.5), y + height / 2, cell, page.bar)
        if place in shot.boxed:
            c.box(10, y, FULL + 4, height, None, RED, stroke=3)
    return close_window(page)


def _right(c: Canvas, x: float, y: float, cell: str, colour: str) -> None:
    if cell not in ("是", "否"):
        c.text(x, y, cell, 14, anchor="mm")
        return
    c.box(x - 9, y - 9, 18, 18, colour if cell == "是" else PAPER, colour, radius=3)
    if cell == "是":
        c.line([(x - 5, y), (x - 1, y + 5), (x + 6, y - 5)], PAPER, 3)


def signature(shot: Shot) -> bytes:
    """A signed record and the check of its certificate."""
    page = open_window(shot)
    patient_banner(page)
    c = page.canvas
    room = BOTTOM - page.top - 12
    top = page.panel(12, page.top, 740, room, "已签名的最终档案")
    c.text(382, top + 14, shot.hospital, 20, bold=True, anchor="mm")
    c.text(382, top + 48, "检验报告单（归档件）", 17, anchor="mm")
    page.table(28, top + 76, 708, 330, 31)
    y = BOTTOM - 130
    c.text(40, y, "签名人", 15, SOFT)
    c.line([(110, y + 24), (150, y - 4), (176, y + 22), (206, y), (250, y + 18)], BLUE, 3)
    c.text(268, y, f"示例技师丁　{shot.at}", 15)
    c.text(40, y + 38, "时间戳 示例时间戳机构　已签发", 15, SOFT)
    top = page.panel(764, page.top, 504, room, "签名验证")
    c.draw.ellipse((964, top + 10, 1068, top + 114), fill=GREEN)
    c.line([(992, top + 62), (1010, top + 82), (1042, top + 42)], PAPER, 9)
    c.text(1016, top + 142, "签名有效，签后未改动", 20, GREEN, bold=True, anchor="mm")
    y = top + 180
    for line in shot.lines:
        head, _, rest = line.partition("：")
        c.text(784, y, head, 15, SOFT)
        y = c.paragraph(884, y, 366, rest, 15) + 10
    return close_window(page)


_CLIMATE = {
    "温度": "22.4 ℃",
    "湿度": "46 %",
    "市电": "双路正常",
    "不间断电源": "在线 98 %",
    "漏水": "无",
    "门禁": "已关闭",
}


def machine_room(shot: Shot) -> bytes:
    """The monitor of the machine room: racks, climate and power, tasks or devices."""
    page = open_window(shot)
    c, random = page.canvas, shot.random
    top = page.panel(12, page.top, 620, 330, "机柜与环境")
    for rack in range(6):
        x = 30 + rack * 98
        c.box(x, top, 84, 228, "#2a333c", radius=4)
        for unit in range(11):
            c.box(x + 6, top + 8 + unit * 20, 72, 15, "#3d4954")
            for light in range(3):
                shade = "#f0b429" if random.random() < 0.08 else "#46d17c"
                c.box(x + 12 + light * 10, top + 13 + unit * 20, 5, 5, shade)
        c.text(x + 42, top + 244, f"{'ABCDEF'[rack]}0{rack + 1} 柜", 14, SOFT, anchor="mm")
    top = page.panel(644, page.top, 624, 330, "监测")
    for number, (name, value) in enumerate(_CLIMATE.items()):
        x, y = 662 + (number % 3) * 200, top + (number // 3) * 88
        c.box(x, y, 190, 76, shot.theme[1], radius=4)
        c.text(x + 14, y + 10, name, 14, SOFT)
        c.text(x + 14, y + 36, value, 21, GREEN, bold=True)
    y = top + 188
    for line in shot.lines[:3]:
        y = c.paragraph(664, y, 586, line, 15)
    page.table(12, page.top + 344, FULL, BOTTOM - page.top - 356, 32)
    return close_window(page)


def overview(shot: Shot) -> bytes:
    """All of a patient's care on one time line: visits, orders, results, pictures, operations."""
    page = open_window(shot)
    patient_banner(page)
    c, random = page.canvas, shot.random
    lanes = ("就诊", "诊断", "医嘱", "检验", "检查", "手术", "护理", "病历文书")
    height = 40
    c.box(12, page.top, FULL, 36 + height * len(lanes), PAPER, LINE)
    for month in range(9):
        x = 130 + month * 126
        c.text(x + 60, page.top + 18, f"2026-{month + 2:02d}", 14, SOFT, anchor="mm")
        c.line([(x, page.top), (x, page.top + 36 + height * len(lanes))])
    for lane, name in enumerate(lanes):
        y = page.top + 36 + lane * height
        c.line([(12, y), (12 + FULL, y)])
        c.text(28, y + height / 2, name, 15, bold=True, anchor="lm")
        for _ in range(random.randrange(4, 9)):
            x = 140 + random.random() * 1090
            shade = (page.bar, GREEN, AMBER, BLUE)[lane % 4]
            c.box(x, y + 10, random.choice((14, 14, 26, 44)), height - 20, shade, radius=4)
    top = page.top + 50 + height * len(lanes)
    if shot.lines:
        y = page.panel(12, top, 400, BOTTOM - top - 12, "重要病历信息")
        for line in shot.lines:
            y = c.paragraph(30, y, 366, line, 15) + 4
        page.table(424, top, 844, BOTTOM - top - 12, 32)
    else:
        page.table(12, top, FULL, BOTTOM - top - 12, 32)
    return close_window(page)
