"""The first page: new assessment, open a workspace, open a package, try the demonstration hospital, recent ones."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from emrassess import paths
from emrassess.gui.context import Context
from emrassess.gui.widgets.basics import button, card, clear, label, scrolled
from emrassess.gui.widgets.click_card import ClickCard
from emrassess.gui.widgets.dropped import dropped_files
from emrassess.gui.widgets.own_fingerprint import OwnFingerprint

CHOICES = (
    ("new", "新建自评", "填写医院名称和目标级别，从第一条开始"),
    ("open", "打开工作区", "打开自己或别人建好的工作区文件夹"),
    ("open_packet", "打开任务包", "打开医院发给本科室的任务包，填好后交回"),
    ("open_package", "打开材料包", "校验一个实证材料包，并打开来看"),
    ("open_expert", "打开材料包（专家核查）", "专家在现场逐条核查，写意见、拍照，不用联网"),
    ("demonstration", "试用示例医院", "一家虚构医院，已评到一半，随意试"),
)


class StartPage(QWidget):
    """Choices of a first start. `chosen` carries the key of an action, `recent_chosen` a folder, `dropped` a file or
    folder."""

    chosen = Signal(str)
    recent_chosen = Signal(str)
    dropped = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setAcceptDrops(True)
        inner = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))
        row = QHBoxLayout(inner)
        column = QVBoxLayout()
        column.setSpacing(14)
        column.setContentsMargins(24, 24, 24, 24)
        row.addStretch(1)
        row.addLayout(column, 3)
        row.addStretch(1)
        column.addStretch(1)
        column.addLayout(self._heading())
        column.addLayout(self._choices())
        self._recent_card, self._recent = card(spacing=2)
        column.addWidget(self._recent_card)
        fingerprint = OwnFingerprint(context)
        fingerprint.asked.connect(lambda: self.chosen.emit("trust"))
        column.addWidget(fingerprint)
        column.addStretch(2)
        context.theme.changed.connect(self._dress)
        self._dress()
        self.show_recent()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """One file or folder: with several, it would not be clear which to open."""
        files = dropped_files(event.mimeData())
        if len(files) == 1:
            event.acceptProposedAction()
            # Once the drop has ended: what sent it waits for that, and a dialog may open.
            QTimer.singleShot(0, self, lambda: self.dropped.emit(files[0]))

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        mark = label()
        picture = QPixmap(str(paths.resources_dir() / "icons" / "emrassess.svg"))
        mark.setPixmap(picture.scaled(52, 52, mode=Qt.TransformationMode.SmoothTransformation))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label("电子病历分级评价自评", "title"))
        words.addWidget(
            label("对照国家评价标准逐条自评、整理实证材料、算分、找差距。全部在本机，不联网。", "muted", wrap=True)
        )
        row.addWidget(mark)
        row.addLayout(words, 1)
        return row

    def _choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(12)
        self._tiles: dict[str, _Tile] = {}
        for index, (key, title, text) in enumerate(CHOICES):
            tile = _Tile(title, text)
            tile.clicked.connect(lambda *_, k=key: self.chosen.emit(k))
            self._tiles[key] = tile
            grid.addWidget(tile, index // 2, index % 2)
        return grid

    def show_recent(self) -> None:
        """Show the recent workspaces that are still there."""
        clear(self._recent)
        folders = [Path(folder) for folder in self._context.preferences.recent]
        self._recent_card.setVisible(bool(folders))
        self._recent.addWidget(label("最近的工作区", "heading"))
        for folder in folders:
            row = QHBoxLayout()
            opener = button(folder.name or str(folder), lambda f=folder: self.recent_chosen.emit(str(f)), look="link")
            opener.setAccessibleDescription(str(folder))
            row.addWidget(opener)
            row.addWidget(label(str(folder.parent), "muted"), 1)
            row.addWidget(button("移除", lambda f=folder: self._forget(f), look="link", tip="只从这里移除，不删除文件"))
            self._recent.addLayout(row)

    def _forget(self, folder: Path) -> None:
        self._context.preferences.forget(str(folder))
        self.show_recent()

    def _dress(self) -> None:
        theme = self._context.theme
        for key, tile in self._tiles.items():
            tile.picture.setPixmap(theme.icon(key, "accent").pixmap(theme.px(30)))


class _Tile(ClickCard):
    """A large choice with a picture, a title and a sentence."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.picture = label()
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 16, 18, 16)
        row.setSpacing(14)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(text, "muted", wrap=True))
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.settle()
