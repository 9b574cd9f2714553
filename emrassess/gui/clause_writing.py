"""What the clauses page writes, and what it says in place where that fails."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from emrassess.domain.answers import Ratio, Verdict
from emrassess.errors import UserError
from emrassess.gui import dialogs, intake
from emrassess.gui.context import Context
from emrassess.gui.models.scope import scoped
from emrassess.gui.theme import VERDICT_NAMES
from emrassess.gui.widgets.clause_details import NOTE, ClauseDetails
from emrassess.gui.widgets.shares import Place, Shares
from emrassess.services import answering, evidence, rechecks

if TYPE_CHECKING:
    from emrassess.domain.pack import Clause


class ClauseWriting(QObject):
    """Writes through the context's operations, for `page`."""

    verdict_failed = Signal(list, str)
    """Clauses and why."""

    def __init__(self, context: Context, page: QWidget, details: ClauseDetails, shares: Shares) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self._details = details
        self._shares = shares
        details.save.connect(self.save_text)
        shares.edited.connect(self.save_share)

    def give_verdict(self, clauses: Sequence[str], verdict: Verdict) -> None:
        """Give these clauses a verdict, as one step."""
        if not clauses or not self._context.writable:
            return
        named = clauses[0] if len(clauses) == 1 else f"{len(clauses)} 条"
        handle = self._context.operations.write(
            f"自评 {named}：{VERDICT_NAMES[verdict]}", answering.set_verdict, list(clauses), verdict,
            about=[f"verdict {clause}" for clause in clauses],
        )  # fmt: skip
        handle.failed.connect(lambda error: self.verdict_failed.emit(list(clauses), _why(error)))

    def look_at(self, clause: str) -> None:
        """Take the mark for another look away; the answer stays."""
        if self._context.writable:
            self._context.operations.write(f"{clause} 已看过", rechecks.looked_at, [clause])

    def meet_rows(self, rows: Sequence[str]) -> None:
        """Meet whole level rows as one step; asked first only where a partial or unmet verdict would be lost."""
        session = self._context.session
        if session is None or not self._context.writable:
            return
        clauses: list[Clause] = []
        for code in rows:
            clauses += scoped(session, session.pack.item_by_code[code[:5]].by_level[int(code[6])].clauses)
        wanted = [c.id for c in clauses if session.assessment.answer(c.id).verdict is not Verdict.MET]
        lost = [c for c in wanted if session.assessment.answer(c).verdict is not Verdict.NOT_ASSESSED]
        if lost:
            named = "、".join(lost[:6]) + ("…" if len(lost) > 6 else "")
            text = f"其中 {len(lost)} 条已评为部分达标或未达标，会改为达标。"
            if not dialogs.ask(self._page, "整级达标", text, named, yes="改为达标", no="取消"):
                return
        self.give_verdict(wanted, Verdict.MET)

    def save_text(self, clause: str, name: str, text: str) -> None:
        """Save the note or the demonstration path of a clause."""
        work = answering.set_note if name == NOTE else answering.set_demonstration
        what = "说明" if name == NOTE else "演示路径"
        if self._context.session is None:
            return
        handle = self._context.operations.write(
            f"修改 {clause} 的{what}", work, clause, text, about=[f"{name} {clause}"]
        )
        handle.done.connect(lambda _: self._details.text_saved(clause, name, text))
        handle.failed.connect(lambda error: self._details.text_failed(clause, name, text, _why(error)))

    def save_share(self, place: Place, ratio: Ratio | None) -> None:
        """Save or take back a coverage ratio or a quality coefficient."""
        operations, about = self._context.operations, [repr(place)]
        if self._context.session is None:
            return
        if place.dimension is None:
            label = f"修改 {place.item} {place.level} 级的有效应用比例"
            handle = operations.write(label, answering.set_coverage, place.item, place.level, ratio, about=about)
        else:
            label = f"修改 {place.item} {place.level} 级的数据质量系数"
            handle = operations.write(
                label, answering.set_quality, place.item, place.level, place.dimension, ratio, about=about
            )
        handle.failed.connect(lambda error: self._shares.failed(place, _why(error)))

    def take_in(self, clause: str, mime: QMimeData | None) -> bool:
        """Add what was pasted or dropped to a clause; False where there is nothing to add."""
        return self._add(clause, intake.pieces_of(mime))

    def paste(self, clause: str) -> bool:
        """Add what the clipboard holds to a clause; False where there is nothing to add."""
        return self.take_in(clause, QGuiApplication.clipboard().mimeData())

    def pick(self, clause: str) -> None:
        """Let the user pick files for a clause."""
        if self._context.writable:
            self._add(clause, list(dialogs.open_files(self._page, f"选择 {clause} 的实证材料", intake.PICKED)))

    def unlink(self, clause: str, piece: str) -> None:
        """Take a piece off a clause; the piece itself stays."""
        if self._context.writable:
            self._context.operations.write(f"从 {clause} 移除实证", evidence.unlink_evidence, piece, clause)

    def _add(self, clause: str, pieces: list[intake.Piece]) -> bool:
        if not pieces or not clause or not self._context.writable:
            return False
        taken = intake.checked(self._page, pieces)
        if taken:
            self._context.operations.write(f"添加 {clause} 的实证", intake.add_pieces, taken, [clause], progress=True)
        return True


def _why(error: Exception) -> str:
    return f"{error.message}。" if isinstance(error, UserError) else "程序内部出错。"
