"""What the page 专家核查 writes, and what it says in place where that fails."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from emrassess.domain.review import EXPERT_VERDICT_NAMES, ExpertVerdict
from emrassess.errors import UserError
from emrassess.gui import dialogs, intake
from emrassess.gui.context import Context

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.session import Progress, Session

PICTURES = "图片 (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff)"
FIELD_NAMES = {
    "seen": "现场所见", "problem": "问题", "severity": "严重程度", "suggestion": "整改建议", "place": "地点",
}  # fmt: skip


def can_check(context: Context) -> bool:
    """Whether the open workspace takes an expert's opinions."""
    session = context.session
    return session is not None and context.saves and session.assessment.review is not None


class ReviewWriting(QObject):
    """Writes through the context's operations, for `page`. `place`: where, unless the opinion says so already."""

    said = Signal(str, str, object)
    """Clause, field, value: it is in the workspace now."""
    failed = Signal(str, str, object, str)
    """Clause, field, value, and why it was not saved."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page

    def give_verdict(self, clause: str, verdict: ExpertVerdict, place: str) -> None:
        """Give a clause a verdict; `place` is where, if nobody has said so yet."""
        self._record(f"核查 {clause}：{EXPERT_VERDICT_NAMES[verdict]}", clause, "verdict", verdict, place)

    def say(self, clause: str, field: str, value: object, place: str) -> None:
        """Save another field of an opinion."""
        self._record(f"修改 {clause} 的{FIELD_NAMES[field]}", clause, field, value, place)

    def use_phrase(self, clause: str, problem: str, suggestion: str, place: str) -> None:
        """Take problem and suggestion from the list of phrases, in one step."""
        if not can_check(self._context):
            return
        values = {"problem": problem, "suggestion": suggestion}
        about = [f"{field} {clause}" for field in values]
        handle = self._context.operations.write(f"核查 {clause}：常见问题", _record, clause, values, place, about=about)
        for field, value in values.items():
            handle.done.connect(lambda _, f=field, v=value: self.said.emit(clause, f, v))
            handle.failed.connect(lambda error, f=field, v=value: self.failed.emit(clause, f, v, _why(error)))

    def _record(self, label: str, clause: str, field: str, value: object, place: str) -> None:
        if not can_check(self._context):
            return
        about = [f"{field} {clause}"]
        handle = self._context.operations.write(label, _record, clause, {field: value}, place, about=about)
        handle.done.connect(lambda _: self.said.emit(clause, field, value))
        handle.failed.connect(lambda error: self.failed.emit(clause, field, value, _why(error)))

    # --- photos

    def paste(self, clause: str) -> bool:
        """Add the picture that the clipboard holds; False where there is none."""
        return self.take_in(clause, QGuiApplication.clipboard().mimeData())

    def take_in(self, clause: str, mime: QMimeData | None) -> bool:
        """Add the pictures that were pasted or dropped; False where there are none."""
        pieces = [piece for piece in intake.pieces_of(mime) if not _is_text(piece)]
        return self._add(clause, pieces)

    def pick(self, clause: str) -> None:
        """Let the expert pick pictures."""
        if can_check(self._context):
            self._add(clause, list(dialogs.open_files(self._page, f"选择 {clause} 的现场照片", PICTURES)))

    def remove(self, photo: str) -> None:
        """Delete a photo; undo brings it back."""
        from emrassess.services.reviewing import remove_photo  # noqa: PLC0415 - loads the ciphers

        if can_check(self._context):
            self._context.operations.write("删除照片", remove_photo, photo)

    def _add(self, clause: str, pieces: Sequence[intake.Piece]) -> bool:
        if not pieces or not clause or not can_check(self._context):
            return False
        self._context.operations.write(f"添加 {clause} 的照片", _add_photos, clause, list(pieces), progress=True)
        return True


def _is_text(piece: intake.Piece) -> bool:
    return isinstance(piece, intake.Pasted) and isinstance(piece.content, str)


def _record(session: "Session", clause: str, values: dict[str, Any], place: str) -> "Changes":
    """Write an opinion, on the worker thread; with where it was seen, unless it says so already."""
    from emrassess.services.reviewing import record  # noqa: PLC0415 - loads the ciphers

    held = session.assessment.opinion(clause)
    own_place = held.place if held.round >= session.assessment.current_round else ""
    emptied = values.get("verdict") is ExpertVerdict.OPEN or not any(values.values())
    if not own_place and "place" not in values and not emptied:
        values = {**values, "place": place}
    return record(session, clause, **values)


def _add_photos(session: "Session", clause: str, pieces: Sequence[intake.Piece], progress: "Progress") -> "Changes":
    """Add pictures, on the worker thread: packing a large one takes a while."""
    from emrassess.services.reviewing import add_photos  # noqa: PLC0415

    sources: list[tuple[Path | bytes, str]] = []
    for piece in pieces:
        if isinstance(piece, intake.Pasted):
            packed = piece.piece()
            sources.append((packed.source, packed.file_name))
        else:
            sources.append((piece, piece.name))
    return add_photos(session, clause, sources, progress=progress)


def _why(error: Exception) -> str:
    return f"{error.message}。" if isinstance(error, UserError) else "程序内部出错。"
