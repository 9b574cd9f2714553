"""Merging packets that came back: look at what they bring, clause by clause; then merge those that are wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from emrassess.errors import Cancelled, UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.change_rows import ChangeRow
from emrassess.gui.models.merge_words import PACKET_WORDS, REVIEW_WORDS, MergeWords
from emrassess.gui.models.merging import (
    ROLE,
    PacketColumn,
    PacketModel,
    counts_of,
    merge_rows,
    mergeable,
    row_heads,
    state_text,
)
from emrassess.gui.operations import Handle
from emrassess.gui.passphrase import known_passphrase
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.change_table import ChangeTable
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.merge_pictures import MergePictures
from emrassess.gui.widgets.signature_note import SignatureNote

if TYPE_CHECKING:
    from emrassess.services.merging import MergedFile
    from emrassess.services.session import Changes, Progress, Session

PACKETS, REVIEWS = PACKET_WORDS, REVIEW_WORDS
PARTS = 1000  # of the progress, each file
LARGE = 125  # per cent of text size, from which on the list of packets leaves more room to what they bring


def can_merge(context: Context) -> bool:
    """Whether the open workspace takes packets: it is not one itself, and takes answers."""
    session = context.session
    return session is not None and context.saves and session.assessment.packet is None


def start_merge(context: Context, parent: QWidget, files: Sequence[Path], words: MergeWords = PACKETS) -> None:
    """Look into `files`, ask for passphrases where they are sealed, show what they bring, merge what is wanted.

    `words`: what they are taken for as long as they do not say otherwise.
    """
    if can_merge(context):
        _Preparing(context, parent, tuple(dict.fromkeys(files)), words).look()


def _words_of(found: "Sequence[MergedFile]", otherwise: MergeWords) -> MergeWords:
    """By what the files say that they are; `otherwise` where none can be read."""
    from emrassess.exchange.packet_format import PacketKind  # noqa: PLC0415 - not needed at start

    kinds = {file.summary.kind is PacketKind.REVIEW for file in found if file.summary}
    return otherwise if not kinds else REVIEWS if kinds == {True} else PACKETS


class _Preparing:
    """Looks into the files until no passphrase is missing that the user knows."""

    def __init__(self, context: Context, parent: QWidget, files: tuple[Path, ...], words: MergeWords) -> None:
        self._words = words
        self._context = context
        self._parent = parent
        self._files = files
        self._session = context.session
        self._passphrases: dict[Path, str] = {}
        self._given_up: set[Path] = set()

    def look(self) -> None:
        self._context.operations.read(
            f"查看{self._words.what}", _preview, self._session, self._files, dict(self._passphrases),
            progress=False, done=self._on_seen,
        )  # fmt: skip

    def _on_seen(self, found: "tuple[MergedFile, ...]") -> None:
        context, session = self._context, self._session
        if session is None or context.session is not session:
            return  # closed meanwhile
        locked = next((file for file in found if file.sealed and file.file not in self._given_up), None)
        if locked is None:
            words = _words_of(found, self._words)
            dialog = MergeDialog(context, session, found, self._passphrases, self._parent, words)
            dialogs.run(dialog)
            dialog.deleteLater()
            return
        wrong = locked.refused.replace("\n", "") if locked.file in self._passphrases else ""
        given = known_passphrase(self._parent, locked.file, wrong)
        if given is None:
            self._given_up.add(locked.file)
        else:
            self._passphrases[locked.file] = given
        self.look()


def _preview(session: "Session", files: Sequence[Path], passphrases: Mapping[Path, str]) -> "tuple[MergedFile, ...]":
    from emrassess.services.merging import preview  # noqa: PLC0415 - on the worker thread: it loads the ciphers

    return preview(session, files, passphrases)


@dataclass
class _Merged:
    """What has become of the files so far, and what stopped it."""

    files: "list[MergedFile]" = field(default_factory=list)
    error: UserError | None = None


def _merge_all(
    session: "Session",
    files: Sequence[Path],
    passphrases: Mapping[Path, str],
    so_far: _Merged,
    progress: "Progress",
) -> "Changes":
    """Merge one file after the other. What is merged stays where a later one fails: that is told in `so_far`, for the
    screen has to show the rest."""
    from emrassess.services.changes import together  # noqa: PLC0415
    from emrassess.services.merging import merge  # noqa: PLC0415

    written: list[Changes] = []
    for number, file in enumerate(files):

        def report(done: int, total: int, what: str, n: int = number, name: str = file.name) -> None:
            part = round(PARTS * done / total) if total else 0
            progress(n * PARTS + part, len(files) * PARTS, f"{n + 1}/{len(files)} {name}：{what}")

        try:
            report(0, 0, "正在合并")
            outcome = merge(session, [file], passphrases=passphrases, progress=report)
        except UserError as error:
            so_far.error = error
            break
        so_far.files += outcome.files
        written += outcome.changes
    return reduce(together, written) if written else session.report("没有合并", [])


class MergeDialog(QDialog):
    """What packets bring, each with who signed it; merges those that are ticked."""

    def __init__(
        self,
        context: Context,
        session: "Session",
        found: "Sequence[MergedFile]",
        passphrases: Mapping[Path, str],
        parent: QWidget | None = None,
        words: MergeWords = PACKETS,
    ) -> None:
        super().__init__(parent)
        self.words = words
        self.setWindowTitle(words.title)
        fit_on_screen(self, context.theme, 1180, 690)
        self._context, self._session, self._passphrases = context, session, passphrases
        self._working: Handle | None = None
        self._so_far = _Merged()
        self._row: ChangeRow | None = None
        self.packets = PacketModel(found, self, words)
        self._headline = label("", "heading", wrap=True)
        self._table = _PacketTable(context.theme, self.packets, words)
        self._note = SignatureNote(context.theme)
        self._refused = label("", "bad", wrap=True)
        self._rows = ChangeTable(context.theme, "会改什么", row_heads(words), (84, 110, 220))
        self._pictures = MergePictures(context, passphrases, self)
        self._warning = label("", "fair", wrap=True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(200)
        self._what = label("", "muted")
        self._cancel = button("取消", self.reject)
        self._merge = button("合并", self.accept, primary=True)
        self._arrange()
        self._table.selectionModel().currentChanged.connect(self._on_packet)
        self.packets.dataChanged.connect(self._show_state)
        self._note.remembered.connect(self.packets.judge_anew)
        self._rows.row_chosen.connect(self._show_pictures)
        self._pictures.ready.connect(lambda: self._show_pictures(self._row))
        self._table.setCurrentIndex(self.packets.index(0, 0))
        self._show_state()
        self._table.setFocus()

    def _arrange(self) -> None:
        last = QHBoxLayout()
        last.addWidget(self._bar)
        last.addWidget(self._what)
        last.addWidget(self._warning, 1)
        last.addWidget(self._cancel)
        last.addWidget(self._merge)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 14, 20, 14)
        box.setSpacing(8)
        box.addWidget(self._headline)
        box.addWidget(self._table)
        box.addWidget(self._note)
        box.addWidget(self._refused)
        box.addWidget(self._rows, 1)
        box.addLayout(last)

    def _on_packet(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        file: MergedFile | None = index.data(ROLE) if index.isValid() else None
        if file is None:
            return
        standing = self.packets.standings[index.row()]
        self._note.setVisible(standing is not None)
        if standing is not None and file.summary is not None:
            self._note.show_standing(standing, file.summary.signature)
        self._refused.setVisible(bool(file.refused))
        self._refused.setText(f"{file.file.name} 不能合并：{file.refused}")
        self._rows.show_rows(merge_rows(file, self._session, self.words))

    def _show_pictures(self, row: "ChangeRow | None") -> None:
        packet: MergedFile | None = self._table.currentIndex().data(ROLE)
        self._row = row
        if row is not None and packet is not None:
            self._rows.show_pictures(*(self._pictures.pixmap(packet, file) for file in row.files))

    def _show_state(self) -> None:
        working = self._working is not None
        chosen = self.packets.chosen
        counts = [counts_of(file) for file in chosen]
        taken, conflicts = (sum(c[kind] for c in counts) for kind in (PacketColumn.TAKEN, PacketColumn.CONFLICTS))
        others = f"，另有 {left} 个不合并" if (left := len(self.packets.files) - len(chosen)) else ""
        wait = f"；{conflicts} 处冲突留给你决定，现在不改" if conflicts else ""
        self._headline.setText(f"合并 {len(chosen)} {self.words.counted}{others}：采用 {taken} 处{wait}")
        loud, bare = self.packets.loud, self.packets.unmasking
        warnings = [f"{loud} {self.words.counted}的签名没有核对过。"] if loud else []
        warnings += [f"{bare} 张遮盖过的图片会换成没有遮盖的文件。"] if bare else []
        self._warning.setText("" if working else "".join(warnings))
        self._table.setEnabled(not working)
        self._merge.setEnabled(bool(chosen) and not working)
        self._cancel.setEnabled(True)
        self._bar.setVisible(working)
        self._what.setVisible(working)

    # --- merging

    def accept(self) -> None:
        """Merge what is ticked; the dialog ends once that is done, or says why not."""
        files = [file.file for file in self.packets.chosen]
        if self._working is not None or not files:
            return
        self._so_far = _Merged()
        handle = self._working = self._context.operations.write(
            self.words.title, _merge_all, files, self._passphrases, self._so_far, progress=True
        )
        handle.progressed.connect(self._on_progress)
        handle.done.connect(lambda _: self._on_done())
        handle.failed.connect(lambda _: self._on_failed())
        self._what.setText("正在合并…")
        self._bar.setRange(0, 0)
        self._show_state()

    def reject(self) -> None:
        """Close; while packets are being merged, stop that first."""
        if self._working is None:
            super().reject()
            return
        self._working.cancel()
        self._what.setText("正在取消…")
        self._cancel.setEnabled(False)

    def _on_progress(self, done: int, total: int, what: str) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._what.setText(what)

    def _on_done(self) -> None:
        self._working = None
        so_far, chosen = self._so_far, self.packets.chosen
        text, title = outcome_text(so_far.files, len(chosen), self.words), self.words.title
        super().accept()
        if so_far.error is not None and not isinstance(so_far.error, Cancelled):
            dialogs.error(self.parentWidget(), title, UserError(f"{text}\n{so_far.error.message}", so_far.error.hint))
        elif any(file.refused for file in so_far.files):
            dialogs.warn(self.parentWidget(), title, text, refusals(so_far.files))
        else:
            dialogs.inform(self.parentWidget(), title, text, "可以在“做过的合并”里整个撤销。" if so_far.files else "")

    def _on_failed(self) -> None:
        """A fault of the program: the window has said so."""
        self._working = None
        self._show_state()


def outcome_text(files: "Sequence[MergedFile]", asked: int, words: MergeWords = PACKETS) -> str:
    """What became of the packets, in one sentence."""
    merged = [file for file in files if mergeable(file)]
    if not merged:
        return f"没有合并{words.what}，什么都没有改。"
    counts = [counts_of(file) for file in merged]
    taken, conflicts = (sum(c[kind] for c in counts) for kind in (PacketColumn.TAKEN, PacketColumn.CONFLICTS))
    text = f"合并了 {len(merged)} {words.counted}，采用 {taken} 处。"
    if conflicts:
        text += f"有 {conflicts} 处冲突等你决定。"
    if len(merged) < asked:
        text += f"其余 {asked - len(merged)} 个没有合并。"
    return text


def refusals(files: "Sequence[MergedFile]") -> str:
    """Why packets were not merged, a line each."""
    return "\n".join(f"{file.file.name}：{file.refused or state_text(file)}" for file in files if not mergeable(file))


class _PacketTable(QTableView):
    """A click in the first column ticks its row; Space ticks the row in hand."""

    def __init__(self, theme: Theme, model: PacketModel, words: MergeWords) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setAccessibleName(words.what)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        row = self.fontMetrics().height() + 12
        self.verticalHeader().setDefaultSectionSize(row)
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in zip(PacketColumn, (0, 100, 160, 52, 52, 66, 52, 180), strict=True):
            if width:
                self.setColumnWidth(column, theme.px(width))
        heads.setSectionResizeMode(PacketColumn.WHO, QHeaderView.ResizeMode.Stretch)
        shown = min(max(model.rowCount(), 1), 5 if theme.scale < LARGE else 3)
        self.setFixedHeight(heads.sizeHint().height() + shown * row + 2 * self.frameWidth() + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._model.toggle(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
