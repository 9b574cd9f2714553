"""What a screen shows, and the window around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from emrassess.demonstration.drawing.canvas import (
    AMBER,
    BLUE,
    GREEN,
    HEIGHT,
    PAPER,
    RED,
    SOFT,
    WIDTH,
    Canvas,
    text_width,
)

# The systems of the demonstration hospital come from several makers: each has its own colours (bar, table head).
THEMES: Mapping[str, tuple[str, str]] = {
    "医师": ("#1f5fae", "#dbe7f5"),
    "护士": ("#0f766e", "#d8efec"),
    "护理": ("#0f766e", "#d8efec"),
    "检验": ("#2f6b3a", "#deeedd"),
    "药": ("#8a4b0f", "#f5e8d8"),
    "审方": ("#8a4b0f", "#f5e8d8"),
    "手术": ("#33507a", "#dfe6f0"),
    "麻醉": ("#33507a", "#dfe6f0"),
    "监护": ("#33507a", "#dfe6f0"),
    "输血": ("#8f2438", "#f6dfe3"),
    "质控": ("#5b3f8c", "#e8e2f3"),
    "病案": ("#5b3f8c", "#e8e2f3"),
    "治疗": ("#2c6e8a", "#d9ebf2"),
}
PLAIN_THEME = ("#394b59", "#e1e7ec")
WORDS: Mapping[str, str] = {
    **dict.fromkeys(("已完成", "已执行", "已审核", "正常", "已发药", "合格", "一致", "成功", "已签名", "通过", "已接收",
                     "已归档", "在线", "已通知", "已发布", "同步", "允许", "自动"), GREEN),
    **dict.fromkeys(("危急", "未通过", "不合格", "超限", "退回", "拦截", "失败", "缺陷", "不一致", "偏高 ↑", "偏低 ↓",
                     "↑", "↓", "禁止", "特级", "病危"), RED),
    **dict.fromkeys(("待审核", "进行中", "待执行", "待接收", "提醒", "整改中", "待处理", "一级", "待签名", "手工",
                     "限制级", "病重"), AMBER),
    **dict.fromkeys(("已预约", "已送达", "已登记", "特殊级"), BLUE),
}  # fmt: skip
# Invented patients by the last letter of their name: sex, age, bed.
PATIENTS: Mapping[str, tuple[str, int, int]] = {
    "甲": ("女", 64, 1), "乙": ("男", 58, 2), "丙": ("男", 71, 3), "丁": ("男", 49, 4),
    "戊": ("女", 28, 5), "己": ("男", 67, 6), "庚": ("男", 73, 7), "辛": ("女", 45, 8),
}  # fmt: skip
TOP = 84  # where the content of a window begins
BOTTOM = HEIGHT - 30


@dataclass(frozen=True)
class Popup:
    """A dialog over the page: its title, its lines, and how grave it is."""

    title: str
    lines: tuple[str, ...]
    grave: bool = False
    buttons: tuple[str, ...] = ("知道了",)


@dataclass(frozen=True)
class Shot:
    """One screen: whose, of which system, when, and what stands on it.

    `seed` varies invented figures; `lines` are texts whose place depends on the kind of screen; `boxed` are rows that
    staff framed in red to show what is meant.
    """

    hospital: str
    system: str
    title: str
    at: str
    path: tuple[str, ...] = ()
    user: str = "示例用户"
    patient: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    boxed: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()
    popup: Popup | None = None
    seed: int = 0

    @property
    def theme(self) -> tuple[str, str]:
        return next((theme for word, theme in THEMES.items() if word in self.system), PLAIN_THEME)

    @property
    def random(self) -> Random:
        """The same invented figures each time."""
        return Random(self.seed)


@dataclass
class Page:
    """A window being drawn: the canvas, what it shows, and where free room begins."""

    shot: Shot
    canvas: Canvas = field(default_factory=Canvas)
    top: float = TOP

    @property
    def bar(self) -> str:
        return self.shot.theme[0]

    def table(
        self, x: float, y: float, width: float, room: float | None = None, row_height: int = 31, *, boxed: bool = True
    ) -> float:
        """The shot's own table; the y below it."""
        return self.rows(
            x, y, width, self.shot.columns, self.shot.rows, room, row_height, self.shot.boxed if boxed else ()
        )

    def rows(
        self,
        x: float,
        y: float,
        width: float,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        room: float | None = None,
        row_height: int = 31,
        boxed: Sequence[int] = (),
    ) -> float:
        """Any table in the system's colours; the y below it."""
        return self.canvas.table(
            x, y, width, columns, rows, head=self.shot.theme[1], row_height=row_height, room=room, coloured=WORDS,
            boxed=boxed,
        )  # fmt: skip

    def panel(self, x: float, y: float, width: float, height: float, title: str) -> float:
        """A titled white panel; the y where its content begins."""
        self.canvas.box(x, y, width, height, PAPER, "#cfd8e0", radius=4)
        self.canvas.box(x, y + 6, 4, 22, self.bar)
        self.canvas.text(x + 14, y + 17, title, 16, bold=True, anchor="lm", room=width - 24)
        self.canvas.line([(x, y + 34), (x + width, y + 34)])
        return y + 44


def open_window(shot: Shot, *, dark: bool = False) -> Page:
    """The window of the shot's system: title bar with hospital, user and time, the way to the page, status bar."""
    page = Page(shot, Canvas(ground="#11181f" if dark else "#eef2f6"))
    c = page.canvas
    c.box(0, 0, WIDTH, 46, page.bar)
    c.box(14, 11, 24, 24, PAPER, radius=5)
    c.box(24, 15, 4, 16, page.bar)
    c.box(18, 21, 16, 4, page.bar)
    c.text(50, 23, shot.system, 19, PAPER, bold=True, anchor="lm", room=430)
    c.text(WIDTH / 2, 23, shot.hospital, 16, PAPER, anchor="mm", room=420)
    c.text(WIDTH - 16, 23, f"{shot.user}　{shot.at}", 14, PAPER, anchor="rm")
    c.box(0, 46, WIDTH, 32, "#1c2732" if dark else PAPER)
    x = 16.0
    tabs = [*shot.path, shot.title] if shot.title not in shot.path else list(shot.path)
    for number, name in enumerate(tabs):
        last = number == len(tabs) - 1
        if number:
            c.text(x, 62, "›", 14, SOFT, anchor="lm")
            x += 18
        colour = ("#e6edf3" if dark else page.bar) if last else ("#9fb0bf" if dark else SOFT)
        room = WIDTH - 170 - x
        c.text(x, 62, name, 15, colour, bold=last, anchor="lm", room=room)
        x += min(text_width(name, 15, last), room) + 10
    c.badge(WIDTH - 148, 51, "示例数据　非真实", RED, solid=False, size=13)
    c.box(0, BOTTOM, WIDTH, 30, "#1c2732" if dark else "#dde4ea")
    status = f"{shot.hospital}　{shot.system}　{shot.at}　网络正常"
    c.text(16, BOTTOM + 15, status, 13, "#9fb0bf" if dark else SOFT, anchor="lm")
    return page


def patient_banner(page: Page) -> None:
    """The line that says which (invented) patient is open."""
    c, shot = page.canvas, page.shot
    letter = shot.patient[-1:]
    c.box(12, page.top, WIDTH - 24, 40, PAPER, "#cfd8e0", radius=4)
    c.box(24, page.top + 8, 24, 24, shot.theme[1], radius=12)
    c.text(36, page.top + 20, letter, 14, page.bar, bold=True, anchor="mm")
    c.text(58, page.top + 20, shot.patient, 17, bold=True, anchor="lm")
    sex, age, bed = PATIENTS.get(letter, ("女", 50, 30))
    shown = (sex, f"{age} 岁", f"住院号 示例{260100 + bed * 37}", f"{bed:02d} 床")
    x = 58 + 17 * len(shot.patient) + 26
    for fact in shown[:2] if "门诊" in shot.system else shown:
        c.text(x, page.top + 20, fact, 15, SOFT, anchor="lm")
        x += text_width(fact, 15) + 28
    page.top += 50


def close_window(page: Page) -> bytes:
    """Draw the dialog, if there is one, and the mark 示例 over all; the PNG."""
    popup = page.shot.popup
    if popup:
        page.canvas.darken()
        _dialog(page, popup)
    page.canvas.stamp(WIDTH - 112, BOTTOM + 2)
    return page.canvas.png()


def _dialog(page: Page, popup: Popup) -> None:
    c = page.canvas
    colour = RED if popup.grave else page.bar
    width = 620
    height = 130 + sum(24 * (1 + len(line) // 37) + 4 for line in popup.lines)
    x, y = (WIDTH - width) / 2, (HEIGHT - height) / 2 - 10
    c.box(x, y, width, height, PAPER, colour, radius=6, stroke=2)
    c.box(x, y, width, 44, colour, radius=6)
    c.box(x, y + 30, width, 14, colour)
    c.draw.polygon([(x + 32, y + 9), (x + 46, y + 35), (x + 18, y + 35)], fill=PAPER)
    c.text(x + 32, y + 25, "!", 18, colour, bold=True, anchor="mm")
    c.text(x + 60, y + 22, popup.title, 18, PAPER, bold=True, anchor="lm", room=width - 80)
    top = y + 62
    for number, line in enumerate(popup.lines):
        top = c.paragraph(x + 24, top, width - 48, line, 16, bold=number == 0) + 2
    left = x + 24.0
    for number, name in enumerate(popup.buttons):
        left = c.button(left, y + height - 46, name, colour, primary=number == 0)
    c.text(x + width - 20, y + height - 31, page.shot.at, 13, SOFT, anchor="rm")
