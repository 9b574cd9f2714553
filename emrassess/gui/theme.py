"""One table of colours for light and dark, the palette and style sheet made from it, fonts and text size."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from emrassess import paths
from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.pack import Category
from emrassess.reports.wording import CATEGORY_NAMES

BASE_POINTS = 10.5
CHINESE_FONTS = (
    "Microsoft YaHei UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC",
    "HarmonyOS Sans SC", "MiSans", "WenQuanYi Micro Hei",
)  # fmt: skip


@dataclass(frozen=True)
class Colours:
    """Every colour the window uses. Text colours stand at 4.5:1 or more on window, surface and raised."""

    window: str
    surface: str
    raised: str
    border: str
    strong_border: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    good_soft: str
    fair: str
    fair_soft: str
    bad: str
    bad_soft: str
    none: str
    none_soft: str
    heat: tuple[str, ...]
    """Fills from nothing to full, for heat maps; text on them is `heat_text`."""
    heat_text: tuple[str, ...]


# Blue, orange and vermilion keep apart for the colour-blind; each also carries a letter or a shape.
LIGHT = Colours(
    window="#f4f6f8", surface="#ffffff", raised="#eef2f6", border="#d9dfe6", strong_border="#8a96a3",
    text="#1b2733", muted="#566472", accent="#0b5cad", accent_soft="#dceafa", on_accent="#ffffff",
    good="#0a6b52", good_soft="#d9f0e8", fair="#8a5200", fair_soft="#fff3d6", bad="#b3261e", bad_soft="#fbe1de",
    none="#566472", none_soft="#e8ecf0",
    heat=("#e9edf1", "#fbe3b4", "#d8e8f6", "#a3c9ec", "#1f6fb5"),
    heat_text=("#566472", "#734400", "#1b2733", "#0d2c4a", "#ffffff"),
)  # fmt: skip
DARK = Colours(
    window="#14191f", surface="#1c232b", raised="#252e38", border="#36424f", strong_border="#7c8b9a",
    text="#e8edf2", muted="#a7b4c1", accent="#7cbcff", accent_soft="#1d3a57", on_accent="#0b1a2b",
    good="#63d2ae", good_soft="#163a30", fair="#f2bd62", fair_soft="#43330f", bad="#ff9d92", bad_soft="#4a1f1b",
    none="#a7b4c1", none_soft="#2b343e",
    heat=("#2b343e", "#4a3812", "#20384f", "#27587f", "#6fb4f0"),
    heat_text=("#a7b4c1", "#ffdc9c", "#e8edf2", "#eef6ff", "#0b1a2b"),
)  # fmt: skip

__all__ = [
    "CATEGORY_LETTERS",
    "CATEGORY_NAMES",
    "DARK",
    "LIGHT",
    "VERDICT_LETTERS",
    "VERDICT_NAMES",
    "Colours",
    "Theme",
]

VERDICT_LETTERS = {Verdict.MET: "达", Verdict.PARTIAL: "部", Verdict.UNMET: "未", Verdict.NOT_ASSESSED: "待"}
CATEGORY_LETTERS = {Category.BASIC: "基", Category.OPTIONAL: "选", Category.UNVERIFIED: "？"}


class Theme(QObject):
    """The look in force. `changed` is emitted when colours or text size change; painted widgets then repaint."""

    changed = Signal()

    def __init__(self, app: QApplication, mode: str = "system", scale: int = 100) -> None:
        super().__init__(app)
        self._app = app
        self.mode = mode
        self.scale = scale
        self.family = chinese_family()
        self.colours = LIGHT
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in force."""
        return self.colours is DARK

    def set_mode(self, mode: str) -> None:
        """`mode`: light, dark or system."""
        self.mode = mode
        self._apply()

    def set_scale(self, scale: int) -> None:
        """Text size in per cent, 100 to 150."""
        self.scale = scale
        self._apply()

    def font(self, points: float = BASE_POINTS, *, bold: bool = False) -> QFont:
        """A font of the window's family, `points` at 100 %."""
        font = QFont(self.family)
        font.setPointSizeF(points * self.scale / 100)
        font.setBold(bold)
        return font

    def px(self, pixels: float) -> int:
        """A length that grows with the text."""
        return round(pixels * self.scale / 100)

    def colour(self, name: str) -> QColor:
        """A colour of the table in force."""
        return QColor(getattr(self.colours, name))

    def verdict_colours(self, verdict: Verdict) -> tuple[QColor, QColor]:
        """Text and fill for a verdict."""
        name = {Verdict.MET: "good", Verdict.PARTIAL: "fair", Verdict.UNMET: "bad", Verdict.NOT_ASSESSED: "none"}
        return self.colour(name[verdict]), self.colour(f"{name[verdict]}_soft")

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """An icon of resources/icons in a colour of the table."""
        return _icon(name, getattr(self.colours, colour), self.px(20))

    def _on_system_changed(self) -> None:
        if self.mode == "system":
            self._apply()

    def _apply(self) -> None:
        system_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = self.mode == "dark" or (self.mode == "system" and system_dark)
        self.colours = DARK if dark else LIGHT
        self._app.setPalette(_palette(self.colours))
        self._app.setFont(self.font())
        self._app.setStyleSheet(_sheet(self))
        self.changed.emit()


def chinese_family() -> str:
    """The system's Chinese font if it has a good one, else the bundled Noto Sans SC."""
    installed = set(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))
    found = next((name for name in CHINESE_FONTS if name in installed), None)
    if found:
        return found
    for name in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"):
        QFontDatabase.addApplicationFont(str(paths.resources_dir() / "fonts" / name))
    return "Noto Sans SC"


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, size: int) -> QIcon:
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415 - first needed once the window is drawn

    drawing = (paths.resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(drawing.replace("currentColor", colour).encode())
    icon = QIcon()
    for ratio in (1, 2):
        pixmap = QPixmap(QSize(size, size) * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        icon.addPixmap(pixmap)
    return icon


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, name in (
        (role.Window, "window"), (role.WindowText, "text"), (role.Base, "surface"), (role.AlternateBase, "raised"),
        (role.Text, "text"), (role.Button, "raised"), (role.ButtonText, "text"), (role.BrightText, "bad"),
        (role.ToolTipBase, "raised"), (role.ToolTipText, "text"), (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"), (role.Link, "accent"), (role.LinkVisited, "accent"),
        (role.PlaceholderText, "muted"), (role.Mid, "border"), (role.Accent, "accent"),
    ):  # fmt: skip
        palette.setColor(which, QColor(getattr(colours, name)))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.strong_border))
    return palette


_SHEET = """
* {{ outline: none; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {strong_border}; padding: 4px; }}
QFrame#card {{ background: {surface}; border: 1px solid {border}; border-radius: 8px; }}
QPushButton[look="card"] {{ background: {surface}; border: 1px solid {border}; border-radius: 8px; padding: 0; }}
QPushButton[look="card"]:hover {{ border: 1px solid {accent}; background: {surface}; }}
QPushButton[look="card"]:focus {{ border: 2px solid {accent}; padding: 0; }}
QPushButton[look="card"]:pressed {{ background: {accent_soft}; }}
QFrame#rule {{ background: {border}; border: none; max-height: 1px; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="title"] {{ font-size: {title}pt; font-weight: bold; }}
QLabel[role="heading"] {{ font-size: {heading}pt; font-weight: bold; }}
QLabel[role="figure"] {{ font-size: {figure}pt; font-weight: bold; }}
QLabel[role="clause"] {{ font-size: {clause}pt; }}
QLabel[tone="good"] {{ color: {good}; }}
QLabel[tone="fair"] {{ color: {fair}; }}
QLabel[tone="bad"] {{ color: {bad}; }}
QLabel[tone="none"] {{ color: {muted}; }}
QLabel[tone="accent"] {{ color: {accent}; }}
QFrame#shown {{ background: {accent_soft}; border: none; border-left: 4px solid {accent}; border-radius: 6px; }}
QFrame#shown QLabel {{ background: transparent; }}
QLabel[role="bad"] {{ color: {bad}; }}
QLabel[role="good"] {{ color: {good}; }}
QLabel[role="fair"] {{ color: {fair}; }}
QPushButton, QToolButton[look="button"] {{ background: {surface}; color: {text}; border: 1px solid {strong_border};
  border-radius: 6px; padding: 5px 14px; }}
QPushButton:hover, QToolButton[look="button"]:hover {{ background: {raised}; }}
QPushButton:pressed, QToolButton[look="button"]:pressed {{ background: {accent_soft}; }}
QPushButton:focus, QToolButton[look="button"]:focus {{ border: 2px solid {accent}; padding: 4px 13px; }}
QPushButton:disabled {{ color: {strong_border}; border-color: {border}; background: {raised}; }}
QPushButton[primary="true"] {{ background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: bold; }}
QPushButton[primary="true"]:focus {{ border: 2px solid {text}; }}
QPushButton[primary="true"]:disabled {{ background: {raised}; color: {strong_border}; border-color: {border}; }}
QPushButton[flat="true"] {{ border-color: transparent; background: transparent; color: {accent}; }}
QPushButton[flat="true"]:hover {{ background: {accent_soft}; }}
QPushButton[flat="true"]:focus {{ border: 2px solid {accent}; }}
QPushButton[look="link"] {{ border: 1px solid transparent; background: transparent; color: {accent}; padding: 2px 4px;
  text-align: left; }}
QPushButton[look="link"]:hover {{ text-decoration: underline; }}
QPushButton[look="link"]:disabled {{ color: {strong_border}; text-decoration: none; }}
QPushButton[look="link"]:focus {{ border: 1px solid {accent}; padding: 2px 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 6px; padding: 4px 8px; color: {text}; }}
QToolButton:hover {{ background: {raised}; }}
QToolButton:pressed, QToolButton:checked {{ background: {accent_soft}; }}
QToolButton:focus {{ border: 2px solid {accent}; padding: 3px 7px; }}
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit {{ background: {surface}; color: {text};
  border: 1px solid {strong_border}; border-radius: 6px; padding: 4px 8px; selection-background-color: {accent};
  selection-color: {on_accent}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDateTimeEdit:focus {{
  border: 2px solid {accent}; padding: 3px 7px; }}
QLineEdit[invalid="true"] {{ border: 2px solid {bad}; padding: 3px 7px; }}
QTextBrowser[look="plain"], QTextEdit[look="plain"] {{ border: none; background: transparent; padding: 0; }}
QTextBrowser[look="plain"]:focus {{ border: 2px solid {accent}; border-radius: 6px; padding: 0; }}
QComboBox {{ background: {surface}; color: {text}; border: 1px solid {strong_border}; border-radius: 6px;
  padding: 4px 8px; min-height: {row}px; combobox-popup: 0; }}
QComboBox:hover {{ background: {raised}; }}
QComboBox:focus {{ border: 2px solid {accent}; padding: 3px 7px; }}
QComboBox:disabled {{ color: {strong_border}; border-color: {border}; background: {raised}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {surface}; border: 1px solid {strong_border}; }}
QListView, QTreeView, QTableView {{ background: {surface}; border: 1px solid {border}; border-radius: 6px;
  selection-background-color: {accent_soft}; selection-color: {text}; alternate-background-color: {raised}; }}
QListView:focus, QTreeView:focus, QTableView:focus {{ border: 2px solid {accent}; }}
QListView[look="plain"] {{ border: 2px solid transparent; }}
QListView[look="plain"]:focus {{ border: 2px solid {accent}; }}
QListView::item, QTreeView::item {{ padding: 4px; color: {text}; }}
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected {{ background: {accent_soft};
  color: {text}; }}
QListView::item:hover, QTreeView::item:hover {{ background: {raised}; }}
QListView::item:selected:hover, QTreeView::item:selected:hover {{ background: {accent_soft}; }}
QHeaderView {{ background: {raised}; }}
QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {raised}; }}
QHeaderView::section {{ background: {raised}; color: {muted}; border: none; border-bottom: 1px solid {border};
  padding: 5px 8px; font-weight: bold; }}
QTableView::item {{ padding: 0 5px; }}
QTableView[look="tight"]::item {{ padding: 0; }}
QTableView[look="tight"] QHeaderView::section {{ padding: 5px 0; }}
QTableCornerButton::section {{ background: {raised}; border: none; }}
QListView#pages {{ background: {surface}; border: none; border-right: 1px solid {border}; border-radius: 0;
  padding: 8px 6px; }}
QListView#pages::item {{ border-radius: 6px; padding: 9px 8px; margin: 1px 0; }}
QListView#pages::item:selected {{ background: {accent_soft}; color: {accent}; font-weight: bold; }}
QListView#pages:focus {{ border: none; border-right: 1px solid {border}; }}
QListView#pages::item:selected:focus {{ border: 2px solid {accent}; padding: 7px 6px; }}
QWidget#header {{ background: {surface}; border-bottom: 1px solid {border}; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget#scrolled {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {strong_border}; border-radius: 4px; margin: 2px; min-height: 28px;
  min-width: 28px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QTabWidget::pane {{ border: none; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {muted}; padding: 7px 16px; border-bottom: 3px solid transparent; }}
QTabBar::tab:selected {{ color: {accent}; border-bottom: 3px solid {accent}; font-weight: bold; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected:focus {{ background: {accent_soft}; }}
QMenuBar {{ background: {surface}; border-bottom: 1px solid {border}; padding: 1px 4px; }}
QMenuBar::item {{ padding: 4px 10px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {accent_soft}; }}
QMenu {{ background: {surface}; border: 1px solid {strong_border}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {accent_soft}; color: {text}; }}
QMenu::item:disabled {{ color: {strong_border}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}
QStatusBar {{ background: {surface}; border-top: 1px solid {border}; }}
QStatusBar::item {{ border: none; }}
QFrame#banner {{ background: {bad_soft}; border: 1px solid {bad}; border-radius: 6px; }}
QFrame#notice {{ background: {fair_soft}; border: 1px solid {border}; border-left: 4px solid {fair};
  border-radius: 6px; }}
QFrame#notice QLabel, QFrame#banner QLabel {{ color: {text}; background: transparent; }}
QProgressBar {{ background: {none_soft}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 4px; }}
QSplitter::handle {{ background: {border}; }}
QCheckBox::indicator, QTableView::indicator, QTreeView::indicator {{ width: {indicator}px; height: {indicator}px;
  border: 1px solid {strong_border}; border-radius: 3px; background: {surface}; }}
QRadioButton::indicator {{ width: {indicator}px; height: {indicator}px; border: 1px solid {strong_border};
  border-radius: {half_indicator}px; background: {surface}; }}
QRadioButton::indicator:checked {{ width: {radio_dot}px; height: {radio_dot}px;
  border: {radio_ring}px solid {accent}; background: {surface}; }}
QRadioButton::indicator:focus {{ border-color: {accent}; }}
QCheckBox::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:focus {{ border: 2px solid {accent}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked {{
  image: url("{tick}"); background: {accent}; border-color: {accent}; }}
QTreeView::indicator:indeterminate {{ border-color: {accent}; background: qlineargradient(x1:0, y1:0, x2:0, y2:1,
  stop:0.38 {surface}, stop:0.4 {accent}, stop:0.6 {accent}, stop:0.62 {surface}); }}
QTableView::indicator:disabled {{ background: {raised}; border-color: {border}; }}
QCheckBox:focus, QRadioButton:focus {{ color: {accent}; text-decoration: underline; }}
"""


def _sheet(theme: Theme) -> str:
    scale = theme.scale / 100
    sizes = {
        "title": round(17 * scale, 1), "heading": round(12 * scale, 1), "figure": round(22 * scale, 1),
        "clause": round(11.5 * scale, 1),
        "row": theme.px(20), "indicator": theme.px(15),
        "half_indicator": theme.px(15) // 2 + 1, "radio_ring": theme.px(5),
        "radio_dot": theme.px(15) - 2 * (theme.px(5) - 1),  # as large as unchecked, whose border is 1
        "arrow": _drawing("arrow", theme.dark), "tick": _drawing("tick", theme.dark),
    }  # fmt: skip
    colours = {name: value for name, value in vars(theme.colours).items() if isinstance(value, str)}
    return _SHEET.format(**colours, **sizes)


def _drawing(name: str, dark: bool) -> str:
    """The file of an arrow or tick: a style sheet takes pictures from files only."""
    return (paths.resources_dir() / "icons" / f"{name}_{'dark' if dark else 'light'}.svg").as_posix()
