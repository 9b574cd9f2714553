"""Screens of wards, outpatient rooms and their support: orders, reports of laboratory and imaging, nursing, records."""

import math

from PIL import Image, ImageDraw, ImageFilter

from emrassess.demonstration.drawing.canvas import AMBER, BLUE, GREEN, INK, LINE, PAPER, RED, SOFT, WIDTH, wrap
from emrassess.demonstration.drawing.shot import BOTTOM, Page, Shot, close_window, open_window, patient_banner

FULL = WIDTH - 24


def work_list(shot: Shot) -> bytes:
    """A patient's list with a tool bar: orders, requests, executions, prescriptions."""
    page = open_window(shot)
    if shot.patient:
        patient_banner(page)
    c = page.canvas
    x = 12.0
    for number, name in enumerate(shot.lines or ("新增", "保存", "提交", "打印", "刷新")):
        x = c.button(x, page.top, name, page.bar, primary=number == 0)
    c.text(FULL, page.top + 15, f"共 {len(shot.rows)} 条", 14, SOFT, anchor="rm")
    bottom = page.table(12, page.top + 42, FULL, BOTTOM - page.top - 90, 34)
    c.box(12, bottom + 10, FULL, 34, "#f6f9fb", LINE)
    footer = f"核对：{shot.hospital}　{shot.user}　{shot.at}　数据来自全院统一平台，与各执行科室一致"
    c.text(24, bottom + 27, footer, 14, SOFT, anchor="lm", room=FULL - 24)
    if BOTTOM - bottom > 190:
        _details(page, bottom + 56)
    return close_window(page)


def _details(page: Page, y: float) -> None:
    """The row in hand, field by field."""
    shot = page.shot
    top = page.panel(12, y, FULL, 130, "当前选中")
    row = shot.rows[shot.boxed[0] if shot.boxed else 0]
    for number, (name, value) in enumerate(zip(shot.columns, row, strict=True)):
        x, line = 28 + number % 5 * 246, top + number // 5 * 40
        page.canvas.text(x, line, name, 14, SOFT, room=86)
        page.canvas.text(x + 92, line, value, 14, room=144)


def laboratory_report(shot: Shot) -> bytes:
    """A laboratory report with reference ranges, flags and the trend of one result."""
    page = open_window(shot)
    patient_banner(page)
    c = page.canvas
    top = page.panel(12, page.top, 806, BOTTOM - page.top - 12, "检验报告单")
    number = shot.random.randrange(1000, 9999)
    heads = (f"申请单号 示例A2611{number}", f"条码 示例88{number}07", "标本 静脉血", "状态 已审核")
    for place, text in enumerate(heads):
        c.text(28 + place * 196, top, text, 14, SOFT, room=190)
    bottom = page.table(24, top + 28, 782, BOTTOM - top - 130, 30)
    c.text(28, bottom + 18, "检验者 示例技师乙　　审核者 示例技师丁", 14, SOFT)
    c.text(28, bottom + 40, f"采集 {shot.at[:10]} 06:40　接收 07:12　审核 08:55　{shot.hospital}", 14, SOFT)
    top = page.panel(830, page.top, 438, 300, "历次结果趋势")
    _trend(page, 830, top, 438, 236)
    top = page.panel(830, page.top + 312, 438, BOTTOM - page.top - 324, "项目说明与提示")
    for line in shot.lines:
        top = c.paragraph(846, top, 406, line, 15) + 6
    return close_window(page)


def _trend(page: Page, x: float, y: float, width: float, height: float) -> None:
    c, random = page.canvas, page.shot.random
    left, right, low, high = x + 46, x + width - 20, y + height - 26, y + 14
    c.box(left, high + 50, right - left, 70, "#e4f2e8", None)
    for step in range(5):
        level = low - (low - high) * step / 4
        c.line([(left, level), (right, level)])
        c.text(left - 8, level, f"{3 + step * 0.8:.1f}", 12, SOFT, anchor="rm")
    points = [
        (left + 20 + (right - left - 40) * n / 6, high + 86 + random.uniform(-26, 26) - (52 if n == 6 else 0))
        for n in range(7)
    ]
    c.line(points, BLUE, 3)
    for n, (px, py) in enumerate(points):
        last = n == len(points) - 1
        c.draw.ellipse((px - 5, py - 5, px + 5, py + 5), fill=RED if last else BLUE)
        c.text(px, low + 12, f"{5 + n:02d}月", 12, SOFT, anchor="mm")
    c.text(left + 6, high + 54, "参考范围", 12, GREEN, anchor="lt")


def imaging_report(shot: Shot) -> bytes:
    """An imaging viewer: a phantom in greys, and the report beside it."""
    page = open_window(shot, dark=True)
    c = page.canvas
    random = shot.random
    picture = _phantom(shot)
    for number in range(4):
        y = 92 + number * 166
        c.image.paste(picture.resize((146, 146)).rotate(number * 3), (16, y))
        c.box(16, y, 146, 146, None, "#f0b429" if number == 1 else "#41505d", stroke=2)
        c.text(22, y + 4, f"{number + 1}/24", 12, "#cbd5df")
    c.image.paste(picture.resize((630, 630)), (176, 92))
    c.box(176, 92, 630, 630, None, "#41505d")
    for number, text in enumerate((shot.patient, f"影像号 示例CT{random.randrange(10000, 99999)}", shot.at)):
        c.text(188, 100 + number * 20, text, 14, "#dfe7ee")
    for number, text in enumerate(("W 1500　L -600", "层厚 5.0 mm", "仿体图像　示例")):
        c.text(796, 662 + number * 20, text, 14, "#dfe7ee", anchor="ra")
    c.line([(700, 600), (780, 600)], "#f0b429", 2)
    c.text(740, 612, "50 mm", 12, "#f0b429", anchor="ma")
    x = 820
    c.box(x, 92, 448, BOTTOM - 104, "#1c2732", "#41505d", radius=4)
    y = 106.0
    for number, line in enumerate(shot.lines):
        head, _, rest = line.partition("：")
        c.text(x + 16, y, head, 16, "#8ec5ff", bold=True)
        y = c.paragraph(x + 16, y + 28, 416, rest, 15, "#e6edf3") + (10 if number else 6)
    c.text(x + 16, BOTTOM - 92, "报告 示例医师戊　审核 示例医师己", 14, "#9fb0bf")
    c.text(x + 16, BOTTOM - 70, f"{shot.hospital}", 14, "#9fb0bf", room=290)
    return close_window(page)


def _phantom(shot: Shot) -> Image.Image:
    """A test body in greys, as imaging departments scan for quality checks: no person."""
    image = Image.new("L", (420, 420), 6)
    draw = ImageDraw.Draw(image)
    words = "".join(shot.lines)
    if "射血" in words:
        _sector(draw)
    elif "头颅" in words:
        _head(draw)
    else:
        _chest(draw, shot.seed)
    return image.filter(ImageFilter.GaussianBlur(2.2)).convert("RGB")


def _chest(draw: ImageDraw.ImageDraw, seed: int) -> None:
    draw.ellipse((30, 60, 390, 370), fill=150)
    draw.ellipse((44, 74, 376, 356), fill=92)
    draw.ellipse((70, 110, 200, 320), fill=22)
    draw.ellipse((222, 110, 350, 320), fill=26)
    draw.ellipse((186, 250, 236, 330), fill=205)
    draw.ellipse((196, 262, 226, 296), fill=120)
    draw.ellipse((180, 130, 262, 225), fill=112)
    for step in range(9):
        angle = step * 0.7 + seed
        px, py = 135 + 40 * math.cos(angle), 215 + 70 * math.sin(angle)
        size = 3 + (step + seed) % 4
        draw.ellipse((px - size, py - size, px + size, py + size), fill=70 + step * 9)
        draw.ellipse((px + 148 - size, py - size, px + 148 + size, py + size), fill=66 + step * 8)


def _head(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((70, 30, 350, 390), fill=214)
    draw.ellipse((84, 46, 336, 374), fill=88)
    draw.line((210, 48, 210, 372), fill=128, width=4)
    for side in (-1, 1):
        draw.ellipse((210 + side * 34 - 20, 140, 210 + side * 34 + 20, 236), fill=30)
        for step in range(6):
            x, y = 210 + side * (92 - step * 4), 90 + step * 48
            draw.arc((x - 26, y - 22, x + 26, y + 22), 40 * step, 40 * step + 190, fill=118, width=7)


def _sector(draw: ImageDraw.ImageDraw) -> None:
    draw.pieslice((-70, -200, 490, 400), 50, 130, fill=58)
    for ring in range(9):
        edge = 60 + ring * 34
        draw.arc((210 - edge, 60 - edge, 210 + edge, 60 + edge), 48, 132, fill=70 + ring * 4, width=5)
    draw.ellipse((150, 170, 235, 300), fill=14)
    draw.ellipse((230, 190, 290, 290), fill=20)
    draw.line((180, 300, 262, 306), fill=190, width=8)


def vital_signs(shot: Shot) -> bytes:
    """The chart of temperature and pulse of a week, figures beneath."""
    page = open_window(shot)
    patient_banner(page)
    c, random = page.canvas, page.shot.random
    x, y, width, height = 120.0, page.top + 34, 1130.0, 380.0
    c.box(12, page.top, FULL, BOTTOM - page.top - 10, PAPER, LINE)
    days = [f"11-{2 + n:02d}" for n in range(7)]
    for number, day in enumerate(days):
        c.text(x + width * (number + 0.5) / 7, y - 16, day, 14, SOFT, anchor="mm")
    for step in range(41):
        c.line(
            [(x, y + height * step / 40), (x + width, y + height * step / 40)],
            "#b9c6d2" if step % 5 == 0 else "#e9eef2",
        )
    for step in range(43):
        c.line(
            [(x + width * step / 42, y), (x + width * step / 42, y + height)], "#d58a8a" if step % 6 == 0 else "#eef2f5"
        )
    for step in range(8):
        level = y + height * step / 8
        c.text(x - 10, level, f"{42 - step}", 13, BLUE, anchor="rm")
        c.text(x - 52, level, f"{180 - step * 20}", 13, RED, anchor="rm")
    c.text(x - 10, y - 16, "体温", 13, BLUE, anchor="rm")
    c.text(x - 52, y - 16, "脉搏", 13, RED, anchor="rm")
    _temperature_and_pulse(page, x, y, width, height)
    rows = [(name, *(made(random) for _ in days)) for name, made in _DAILY.items()]
    page.rows(24, y + height + 14, FULL - 24, ("项目", *days), rows, BOTTOM - y - height - 26, 30)
    return close_window(page)


def _temperature_and_pulse(page: Page, x: float, y: float, width: float, height: float) -> None:
    """Six readings a day for a week: a fever that goes down."""
    c, random = page.canvas, page.shot.random
    places = [x + width * (n + 0.5) / 42 for n in range(42)]
    warm = [38.6 - 1.9 * (1 - math.exp(-n / 9)) + random.uniform(-0.15, 0.25) for n in range(42)]
    beats = [104 - 22 * (1 - math.exp(-n / 12)) + random.uniform(-4, 5) for n in range(42)]
    c.line([(p, y + height * (42 - v) / 8) for p, v in zip(places, warm, strict=True)], BLUE, 2)
    c.line([(p, y + height * (180 - v) / 160) for p, v in zip(places, beats, strict=True)], RED, 2)
    for p, v, b in zip(places, warm, beats, strict=True):
        level = y + height * (42 - v) / 8
        c.line([(p - 4, level - 4), (p + 4, level + 4)], BLUE, 2)
        c.line([(p - 4, level + 4), (p + 4, level - 4)], BLUE, 2)
        level = y + height * (180 - b) / 160
        c.draw.ellipse((p - 4, level - 4, p + 4, level + 4), fill=RED)


_DAILY = {
    "呼吸（次/分）": lambda r: str(r.randrange(16, 22)),
    "血压（mmHg）": lambda r: f"{r.randrange(112, 138)}/{r.randrange(66, 86)}",
    "入量（ml）": lambda r: str(r.randrange(160, 260) * 10),
    "尿量（ml）": lambda r: str(r.randrange(140, 220) * 10),
    "采集来源": lambda r: "移动终端" if r.random() < 0.85 else "手工",
}


def handheld(shot: Shot) -> bytes:
    """A nurse's handheld terminal beside the list it fills."""
    page = open_window(shot)
    patient_banner(page)
    c = page.canvas
    c.box(24, page.top + 4, 330, 620, "#20262c", radius=26)
    c.box(38, page.top + 34, 302, 560, PAPER)
    c.box(38, page.top + 34, 302, 46, page.bar)
    c.text(189, page.top + 57, f"{shot.system}　扫码核对", 17, PAPER, bold=True, anchor="mm")
    y = page.top + 96
    for bar in range(48):
        if (bar * 7 + shot.seed) % 3:
            c.box(78 + bar * 4.6, y, 2 + (bar + shot.seed) % 2, 56, "#101418")
    y += 72
    for number, line in enumerate(shot.lines):
        y = c.paragraph(54, y, 272, line, 16, GREEN if "√" in line else INK, bold=number == 0) + 4
    c.box(54, page.top + 530, 270, 46, page.bar, radius=6)
    c.text(189, page.top + 553, "确认执行", 18, PAPER, bold=True, anchor="mm")
    top = page.panel(372, page.top, 896, BOTTOM - page.top - 12, "执行记录（与移动终端同步）")
    page.table(384, top, 872, BOTTOM - top - 70, 34)
    return close_window(page)


def record_editor(shot: Shot) -> bytes:
    """A structured record being written: outline, text with fields, what can be inserted."""
    page = open_window(shot)
    patient_banner(page)
    c = page.canvas
    room = BOTTOM - page.top - 12
    y = page.panel(12, page.top, 216, room, "病历目录")
    for number, name in enumerate(("病案首页", "入院记录", "首次病程记录", "日常病程记录", "上级查房记录", "会诊记录",
                                   "手术记录", "知情同意书", "出院记录", "护理记录", "检验检查报告")):  # fmt: skip
        if name in shot.title or number == 1:
            c.box(14, y - 4, 212, 28, shot.theme[1])
        c.text(30, y + 9, name, 15, anchor="lm")
        y += 34
    y = page.panel(240, page.top, 650, room, shot.title)
    c.text(565, y + 8, shot.hospital, 18, bold=True, anchor="mm")
    y += 32
    for line in shot.lines:
        head, _, rest = line.partition("：")
        c.text(260, y, head, 16, page.bar, bold=True)
        for part in wrap(rest, 15, 596):
            y += 26
            c.text(272, y, part, 15)
            c.line([(272, y + 22), (872, y + 22)], "#d9c7a0")
        y += 36
    c.text(260, BOTTOM - 46, f"记录者 {shot.user}　{shot.at}", 14, SOFT)
    top = page.panel(902, page.top, 366, room, shot.columns[0] if len(shot.columns) == 1 else "可引用的结果与修改痕迹")
    if shot.rows:
        page.table(912, top, 346, BOTTOM - top - 90, 30)
    return close_window(page)


def review(shot: Shot) -> bytes:
    """A pharmacist's review: the queue, the prescription, what the knowledge base found."""
    page = open_window(shot)
    c = page.canvas
    room = BOTTOM - page.top - 12
    y = page.panel(12, page.top, 232, room, "待审处方")
    for number in range(11):
        c.box(16, y - 2, 224, 46, shot.theme[1] if number == 2 else PAPER)
        c.text(26, y + 10, f"示例病人{'甲乙丙丁戊己庚辛壬癸子'[number]}", 15, bold=number == 2, anchor="lm")
        state, colour = (("拦截", RED), ("提醒", AMBER), ("通过", GREEN))[(number * 2 + shot.seed) % 3]
        c.text(232, y + 10, state, 14, colour, bold=True, anchor="rm")
        c.text(
            26, y + 31, f"示例科室{number % 4 + 1}　{8 + number // 4:02d}:{number * 5 % 60:02d}", 13, SOFT, anchor="lm"
        )
        y += 54
    y = page.panel(256, page.top, 1012, 352, "处方内容")
    page.table(268, y, 988, 280, 32)
    y = page.panel(256, page.top + 364, 1012, room - 364, "合理用药核查")
    for number, line in enumerate(shot.lines):
        level, _, rest = line.partition("：")
        colour = {"拦截": RED, "提醒": AMBER}.get(level, GREEN)
        c.badge(272, y, level, colour)
        y = c.paragraph(340, y, 900, rest, 15) + 10
        if number == len(shot.lines) - 1:
            c.button(272, BOTTOM - 62, "退回医师", RED)
            c.button(390, BOTTOM - 62, "审核通过", page.bar, primary=True)
    return close_window(page)
