"""One finding of the check-up, or several at once: why experts reject it, how to mend it, or that it is to stay."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListView, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from emrassess.domain.assessment import Acceptance, Evidence
from emrassess.domain.checkup import SEVERITY_NAMES, Finding, FindingKind
from emrassess.gui.context import Context
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label, moment, scrolled, set_role
from emrassess.gui.widgets.evidence_strip import EvidenceStrip
from emrassess.gui.widgets.finding_tree import COLOURS
from emrassess.gui.widgets.preview import PreviewPane
from emrassess.gui.widgets.thumbnails import Thumbnails

NAMED = 6
"""More clauses than this are counted, not named."""


class FindingDetails(QWidget):
    """Words and buttons above, the file that it is about below."""

    wanted = Signal(str)
    """Go where it can be mended: a target of navigation."""
    accepted = Signal(str)
    """Let it stay, for the reason given."""
    withdrawn = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._findings: tuple[Finding, ...] = ()
        self._can_accept = False
        self._severity = label("")
        self._name = label("", "heading", wrap=True)
        self._where, self._what, self._why, self._fix, self._held = (_text() for _ in range(5))
        self._why_head, self._fix_head = label("专家为什么不认", "muted"), label("怎样处理", "muted")
        self.go = button("去处理", self._go, primary=True, tip="到可以改正的地方（回车键）")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("可以这样提交的理由，例如谁看过、怎样核对的")
        self.reason.setAccessibleName("接受的理由")
        self.accept = button("接受", self._accept, tip="写明理由后，这个问题不再算待处理")
        self.withdraw = button("撤回接受", self.withdrawn.emit, tip="重新算作待处理")
        thumbnails = Thumbnails(context, self)
        self.strip = _Pieces(context.theme, thumbnails)
        self.preview = PreviewPane(context)
        self._build()
        self.reason.textChanged.connect(self._show_state)
        self.reason.returnPressed.connect(self._accept)
        self.strip.selectionModel().currentChanged.connect(lambda index, _: self._preview(index.row()))
        self.show_findings((), {})

    def _build(self) -> None:
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(4)
        first = QHBoxLayout()
        first.addWidget(self._name, 1)
        first.addWidget(self._severity, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(first)
        for widget in (self._where, self._what, self._why_head, self._why, self._fix_head, self._fix, self._held):
            column.addWidget(widget)
        column.addStretch(1)
        last = QHBoxLayout()
        last.setContentsMargins(12, 0, 12, 0)
        last.addWidget(self.go)
        last.addWidget(self.reason, 1000)
        last.addWidget(self.accept)
        last.addWidget(self.withdraw)
        last.addStretch(1)  # where there is no reason to be given
        self._hint = label("", "muted", wrap=True)
        self._hint.setContentsMargins(12, 0, 12, 0)
        above = QWidget()
        box = QVBoxLayout(above)
        box.setContentsMargins(0, 0, 0, 4)
        box.addWidget(scrolled(words), 1)
        box.addLayout(last)
        box.addWidget(self._hint)
        self._file = QWidget()
        side = QHBoxLayout(self._file)
        side.setContentsMargins(12, 6, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.strip)
        side.addWidget(self.preview, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(above)
        split.addWidget(self._file)
        split.setSizes([290, 270])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(split)

    def show_findings(self, findings: Sequence[Finding], accepted: Mapping[str, Acceptance]) -> None:
        """Show what is selected; of several only what they share."""
        if tuple(finding.id for finding in findings) != tuple(finding.id for finding in self._findings):
            self.reason.clear()
        self._findings = tuple(findings)
        kinds = {finding.kind: finding for finding in findings}
        one = findings[0] if len(findings) == 1 else None
        alike = next(iter(kinds.values())) if len(kinds) == 1 else None
        self._name.setText(_name(findings, kinds))
        self._severity.setText(SEVERITY_NAMES[one.severity] if one else "")
        set_role(self._severity, "role", COLOURS[one.severity] if one else "")
        _say(self._where, one.where if one else "")
        _say(self._what, _said(one) if one else "")
        for head, shown, text in (
            (self._why_head, self._why, alike.why if alike else ""),
            (self._fix_head, self._fix, alike.fix if alike else ""),
        ):
            head.setVisible(bool(text))
            _say(shown, text)
        held = [accepted[finding.id] for finding in findings if finding.id in accepted]
        _say(self._held, _held(held[0]) if one and held else "")
        self._show_pieces(one)
        self._can_accept = len(held) < len(findings)
        for widget in (self.reason, self.accept):
            widget.setVisible(self._can_accept)
        self.withdraw.setVisible(bool(held))
        self._show_state()

    def _show_state(self) -> None:
        writable = self._context.writable
        self.go.setEnabled(len(self._findings) == 1)
        self.reason.setEnabled(writable)
        self.accept.setEnabled(writable and self._can_accept and bool(self.reason.text().strip()))
        self.withdraw.setEnabled(writable)
        self._hint.setText(self._context.why_not)
        self._hint.setVisible(not writable)

    def _show_pieces(self, finding: Finding | None) -> None:
        """The pictures below each other where it is about several; the first is shown large."""
        pieces = self._pieces(finding)
        self.strip.pieces.set_pieces(pieces)
        self.strip.setVisible(len(pieces) > 1)
        self._file.setVisible(bool(pieces))
        if len(pieces) > 1:
            self.strip.setCurrentIndex(self.strip.pieces.index(0))
        self._preview(0)

    def _pieces(self, finding: Finding | None) -> tuple[Evidence, ...]:
        session = self._context.session
        if session is None or finding is None:
            return ()
        return tuple(session.assessment.evidence[key] for key in finding.evidence if key in session.assessment.evidence)

    def _preview(self, row: int) -> None:
        pieces = self.strip.pieces.pieces
        self.preview.show_piece(pieces[row] if 0 <= row < len(pieces) else None)

    def _go(self) -> None:
        if len(self._findings) == 1:
            self.wanted.emit(self._findings[0].target)

    def _accept(self) -> None:
        if self.accept.isEnabled():
            self.accepted.emit(self.reason.text().strip())


class _Pieces(EvidenceStrip):
    """The pieces below each other; ↑ and ↓ choose the one that is shown large."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__(theme, thumbnails)
        self.setAccessibleName("涉及的材料")
        self.setFlow(QListView.Flow.TopToBottom)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self.sizeHintForColumn(0) + bar + 2 * self.frameWidth(), 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 60)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        QListView.keyPressEvent(self, event)


def _text() -> QLabel:
    made = label("", wrap=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _say(shown: QLabel, text: str) -> None:
    shown.setText(text)
    shown.setVisible(bool(text))


def _name(findings: Sequence[Finding], kinds: Mapping[FindingKind, Finding]) -> str:
    if not findings:
        return "选一个问题，在这里看原因和办法"
    name = next(iter(kinds.values())).name if len(kinds) == 1 else f"{len(kinds)} 类问题"
    return name if len(findings) == 1 else f"选中 {len(findings)} 个：{name}"


def _said(finding: Finding) -> str:
    lines = [finding.what]
    lines += [f"例如：{'；'.join(finding.excerpts)}"] if finding.excerpts else []
    if len(finding.clauses) > 1:
        more = f" 等 {len(finding.clauses)} 条" if len(finding.clauses) > NAMED else ""
        lines.append(f"涉及条款：{'、'.join(finding.clauses[:NAMED])}{more}")
    return "\n".join(lines)


def _held(acceptance: Acceptance) -> str:
    return f"已接受：{acceptance.reason}（{acceptance.by}，{moment(acceptance.at)}）"
