"""Help: a short Chinese page, with all keys from the table of actions."""

from html import escape

from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from emrassess import __version__, paths
from emrassess.gui import actions
from emrassess.gui.widgets.basics import button

SECTIONS = (
    ("", "窗口"),
    *((spec.key.removeprefix("page."), f"{spec.text}页") for spec in actions.ACTIONS if spec.key.startswith("page.")),
    ("merge", "任务与合并页：合并"),
)


class HelpWindow(QDialog):
    """Shows resources/help/help.html and the keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("使用帮助")
        self.resize(760, 620)
        text = QTextBrowser()
        text.setAccessibleName("使用帮助")
        text.setHtml(help_html())
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("关闭", self.accept))
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addLayout(row)


def help_html() -> str:
    """The page as HTML."""
    page = (paths.resources_dir() / "help" / "help.html").read_text(encoding="utf-8")
    return page.replace("<!-- keys -->", "".join(_keys(key, title) for key, title in SECTIONS))


def _keys(page: str, title: str) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(actions.shown_keys(spec))}</b></td><td>{escape(spec.text.rstrip('…'))}</td>"
        f"<td>{escape(spec.tip)}</td></tr>"
        for spec in actions.ACTIONS
        if spec.page == page and spec.keys
    )
    return f"<h3>{escape(title)}</h3><table cellpadding='3'>{rows}</table>" if rows else ""


def about_text() -> tuple[str, str]:
    """Title and text of 关于."""
    return (
        f"电子病历分级评价自评　{__version__}",
        "对照《电子病历系统应用水平分级评价标准（试行）》（2018）离线自评。\n"
        "评价标准的条款由本项目用自己的话写成，以国家正式文件为准。\n\n"
        "程序按 MIT 许可发布；随附字体 Noto Sans SC 按 SIL OFL 1.1 许可使用。",
    )
