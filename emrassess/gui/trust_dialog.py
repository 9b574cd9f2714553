"""签名与发送人: the own fingerprint to be read out, and the senders whose fingerprints were compared."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, card, label, moment, set_role
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.trust import Sender

Index = QModelIndex | QPersistentModelIndex
HEADS = ("姓名", "单位", "指纹", "何时记住")
WHAT_FOR = (
    "材料包和任务包在发出时签名。第一次收到你的文件，对方会打电话来核对：把上面的数字一组一组念给他听，"
    "一致才说明文件是你做的、路上没有被换过。密钥只在这台电脑的这个账户里，换了电脑，指纹就不同。"
)
NO_SENDERS = "还没有记住的发送人。收到别人签名的文件，核对过指纹以后点“记住这个发送人…”，就会列在这里。"


class SenderModel(QAbstractTableModel):
    """The known senders, one a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.senders: tuple[Sender, ...] = ()

    def show_senders(self, senders: "tuple[Sender, ...]") -> None:
        """Show these and no others."""
        self.beginResetModel()
        self.senders = senders
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.senders)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        sender = self.senders[index.row()]
        cells = (sender.name, sender.organisation, sender.fingerprint, moment(sender.remembered_at))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[index.column()]}：{cells[index.column()] or '无'}"
        return None


class TrustDialog(QDialog):
    """Who signs here, and who is known. `user_name` and `organisation` are what signatures name."""

    def __init__(self, context: Context, user_name: str, organisation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("签名与发送人")
        fit_on_screen(self, context.theme, 860, 600)
        self.model = SenderModel(self)
        self._table = _SenderTable(context.theme, self.model, self._forget)
        self._nothing = label(NO_SENDERS, "muted", wrap=True)
        self._forget_button = button("移除", self._forget, tip="以后他的签名又算没有核对过（Delete）")
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(10)
        box.addWidget(self._own(user_name, organisation))
        box.addWidget(label("记住的发送人", "heading"))
        box.addWidget(self._nothing)
        box.addWidget(self._table, 1)
        box.addStretch()
        last = QHBoxLayout()
        last.addWidget(self._forget_button)
        last.addStretch(1)
        close = button("关闭", self.accept, primary=True)
        last.addWidget(close)
        box.addLayout(last)
        self._table.selectionModel().selectionChanged.connect(self._show_state)
        self._show_senders()
        close.setFocus()

    def _own(self, user_name: str, organisation: str) -> QWidget:
        frame, box = card(spacing=6)
        box.addWidget(label("本机的签名", "heading"))
        box.addWidget(
            label(f"署名：{user_name or '（还没有填报人姓名）'}　单位：{organisation or '（没有打开工作区）'}")
        )
        row = QHBoxLayout()
        digits = label("", "figure", wrap=True)
        digits.setAccessibleName("本机的指纹")
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        digits.setTextInteractionFlags(flags)
        copy = button("复制指纹", lambda: QGuiApplication.clipboard().setText(digits.text()))
        row.addWidget(digits, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignVCenter)
        box.addLayout(row)
        box.addWidget(label(WHAT_FOR, "muted", wrap=True))
        self._show_own(digits, user_name, organisation)
        copy.setEnabled(digits.property("role") == "figure")
        return frame

    def _show_own(self, digits: QLabel, user_name: str, organisation: str) -> None:
        """The fingerprint, or why there is none."""
        from emrassess.services.trust import identity  # noqa: PLC0415 - loads the ciphers

        try:
            digits.setText(identity(user_name, organisation).fingerprint)
        except UserError as error:
            set_role(digits, "role", "bad")
            digits.setText(str(error))

    def _show_senders(self) -> None:
        from emrassess.services.trust import known_senders  # noqa: PLC0415

        senders = known_senders()
        self.model.show_senders(senders)
        self._nothing.setVisible(not senders)
        self._table.setVisible(bool(senders))
        self._table.setCurrentIndex(self.model.index(0, 0))
        self._show_state()

    def _show_state(self) -> None:
        self._forget_button.setVisible(bool(self.model.senders))
        self._forget_button.setEnabled(self._table.currentIndex().isValid())

    def _forget(self) -> None:
        from emrassess.services.trust import forget  # noqa: PLC0415

        index = self._table.currentIndex()
        if not index.isValid():
            return
        sender = self.model.senders[index.row()]
        text = f"不再记住“{sender.name}”（{sender.organisation}）？"
        detail = f"指纹 {sender.fingerprint}。下次收到他的文件，要重新核对指纹。"
        if not dialogs.ask(self, "移除发送人", text, detail, yes="移除"):
            return
        try:
            forget(sender.fingerprint)
        except UserError as error:
            dialogs.error(self, "没有移除", error)
        self._show_senders()


class _SenderTable(QTableView):
    """Delete takes a sender away, as the button does."""

    def __init__(self, theme: Theme, model: SenderModel, forget: Callable[[], None]) -> None:
        super().__init__()
        self._forget = forget
        self.setModel(model)
        self.setAccessibleName("记住的发送人")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in ((0, 110), (2, 270), (3, 140)):
            self.setColumnWidth(column, theme.px(width))
        heads.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._forget()
        else:
            super().keyPressEvent(event)
