"""What the ledger's page writes: states, who mends it by when, proof, the next round, the workbook."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, FindingState, refusal
from emrassess.domain.review import round_name
from emrassess.errors import UserError
from emrassess.gui import dialogs, intake
from emrassess.gui.context import Context
from emrassess.gui.task_writing import suggested_file
from emrassess.gui.widgets.ledger_fields import FIELD_NAMES
from emrassess.services import ledger

if TYPE_CHECKING:
    from emrassess.domain.pack import ReviewGroup
    from emrassess.services.session import Changes, Progress, Session

WORKBOOK = "Excel 工作簿 (*.xlsx)"
MOVE_NAMES = {
    FindingState.OPEN: "回到待整改",
    FindingState.IN_PROGRESS: "开始整改",
    FindingState.DONE: "报完成",
    FindingState.CLOSED: "回看通过（销号）",
    FindingState.REOPENED: "退回再改",
}
EDIT = "在 Excel 或 WPS 里改好以后，可以用“导入表格…”读回来。"
PDF, WORD = "PDF", "Word"
FEEDBACK = {
    PDF: ("核查反馈", "PDF 文件 (*.pdf)", ".pdf"),
    WORD: ("核查反馈", "Word 文档 (*.docx)", ".docx"),
}
RECHECK = (
    "下一次导出的实证材料包会带上这份台账。专家打开它，逐条看报了完成的问题：确认改好的销号，没有改好的退回再改。"
    "台账里的内容都不变。"
)


class LedgerWriting(QObject):
    """Writes through the context's operations, for `page`."""

    said = Signal(str)
    """What did not go without saying."""
    saved = Signal(str, str, str)
    """Id, field and text: it is in the workspace now."""
    failed = Signal(str, str, str, str)
    """Id, field, text, and why it was not saved."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page

    # --- fields and states

    def save(self, key: str, name: str, text: str) -> None:
        """Save one field of a finding."""
        session = self._writable()
        if session is None or key not in session.assessment.findings:
            return
        label = f"台账 {session.assessment.findings[key].clause}：{FIELD_NAMES[name]}"
        handle = self._context.operations.write(label, _assign, [key], {name: text}, about=[f"finding {name} {key}"])
        handle.done.connect(lambda _: self.saved.emit(key, name, text))
        handle.failed.connect(lambda error: self.failed.emit(key, name, text, _why(error)))

    def move(self, keys: Sequence[str], to: FindingState) -> None:
        """Bring those of `keys` that can be into the state `to`, and say how many cannot."""
        session = self._writable()
        if session is None or not keys:
            return
        able, why = movable({key: session.assessment.findings[key] for key in keys}, to, session.user)
        if not able:
            self.said.emit(why)
            return
        note = ""
        if to is FindingState.REOPENED:
            note = self._ask_why(len(able))
            if not note:
                return
        self._context.operations.write(MOVE_NAMES[to], ledger.move, able, to, note)
        if len(able) < len(keys):
            rest = len(keys) - len(able)
            self.said.emit(f"{len(able)} 个改为“{FINDING_STATE_NAMES[to]}”；另外 {rest} 个没有动：{why}")

    def _ask_why(self, count: int) -> str:
        from emrassess.gui.widgets.ledger_dialogs import BackDialog  # noqa: PLC0415 - not needed at start

        dialog = BackDialog(self._context.theme, count, self._page)
        text = dialog.text if dialogs.run(dialog) else ""
        dialog.deleteLater()
        return text

    def supervise(self, keys: Sequence[str]) -> None:
        """Put findings under supervision, or all of them out of it where all are."""
        session = self._writable()
        if session is None or not keys:
            return
        wanted = not all(session.assessment.findings[key].supervised for key in keys)
        self._context.operations.write("挂牌督办" if wanted else "解除挂牌督办", _supervise, list(keys), wanted)

    def assign(self, keys: Sequence[str]) -> None:
        """Ask who mends findings by when."""
        from emrassess.gui.widgets.ledger_dialogs import GiveDialog  # noqa: PLC0415

        session = self._writable()
        if session is None or not keys:
            return
        held = [session.assessment.findings[key] for key in keys]
        dialog = GiveDialog(self._context.theme, held, session.assessment.departments, self._page)
        if dialogs.run(dialog) and (value := dialog.value):
            self._context.operations.write("分派", _assign, list(keys), value)
        dialog.deleteLater()

    # --- proof

    def paste(self, key: str) -> bool:
        """Attach what the clipboard holds; False where there is nothing to attach."""
        return self.take_in(key, QGuiApplication.clipboard().mimeData())

    def take_in(self, key: str, mime: QMimeData | None) -> bool:
        """Attach what was pasted or dropped; False where there is nothing to attach."""
        return self._attach(key, intake.pieces_of(mime))

    def add(self, key: str) -> None:
        """Let the user choose files that prove a finding mended."""
        if (finding := self._finding(key)) is not None:
            self._attach(key, list(dialogs.open_files(self._page, f"{finding.clause} 整改后的材料", intake.PICKED)))

    def pick(self, key: str) -> None:
        """Let the user choose among the evidence that the clause has."""
        from emrassess.gui.widgets.ledger_look import ProofPicker  # noqa: PLC0415

        session, finding = self._writable(), self._finding(key)
        if session is None or finding is None:
            return
        pieces = [p for p in session.evidence_by_clause.get(finding.clause, ()) if p.id not in finding.after]
        if not pieces:
            self.said.emit(f"{finding.clause} 没有别的实证材料。请添加文件，或粘贴截图。")
            return
        dialog = ProofPicker(self._context, finding.clause, pieces, self._page)
        if dialogs.run(dialog) and (chosen := dialog.chosen):
            self._context.operations.write("附上整改后的材料", ledger.attach_proof, key, chosen)
        dialog.deleteLater()

    def detach(self, key: str, piece: str) -> None:
        """Take a piece down; it stays evidence of the clause."""
        if self._finding(key) is not None:
            self._context.operations.write("取下整改后的材料", ledger.detach_proof, key, [piece])

    def _attach(self, key: str, pieces: list[intake.Piece]) -> bool:
        if not pieces or self._finding(key) is None:
            return False
        if taken := intake.checked(self._page, pieces):
            self._context.operations.write("附上整改后的材料", _attach, key, taken, progress=True)
        return True

    # --- rounds and files

    def start_recheck(self) -> None:
        """Begin the next round, once it is said what that does."""
        session = self._writable()
        if session is None:
            return
        done = sum(held.state is FindingState.DONE for held in session.assessment.findings.values())
        name = round_name(session.assessment.review_round + 1)
        waiting = f"现在有 {done} 个问题报了完成，等着回看。" if done else "现在还没有问题报了完成。"
        if dialogs.ask(self._page, "开始回看", f"开始{name}？{waiting}", RECHECK, yes="开始回看", no="再等等"):
            self._context.operations.write(f"开始{name}", ledger.start_recheck)

    def export(self, keys: Sequence[str] | None) -> None:
        """Write the ledger as a workbook; only `keys` where some are given."""
        session = self._context.session
        if session is None:
            return
        out = dialogs.save_file(self._page, "导出台账", suggested_file(session, "整改台账", ".xlsx"), WORKBOOK)
        if out is None:
            return

        def work() -> int:
            from emrassess.services.ledger_files import export_ledger  # noqa: PLC0415 - openpyxl takes its time

            return export_ledger(session, out, keys)

        handle = self._context.operations.run("导出台账", work, progress=False)
        handle.done.connect(lambda count: self._tell_written(out, f"已写好 {count} 个问题：{out}", EDIT))

    def _tell_written(self, out: Path, text: str, detail: str) -> None:
        if dialogs.ask(self._page, "导出", text, detail, yes="打开", no="知道了"):
            dialogs.open_path(out)

    def feedback(self, group: "ReviewGroup", kind: str) -> None:
        """Write what a review group found as a "PDF" or "Word" document."""
        session = self._context.session
        if session is None:
            return
        what, kinds, suffix = FEEDBACK[kind]
        title = f"{group.name}{what}"
        out = dialogs.save_file(self._page, f"导出{title}", suggested_file(session, title, suffix), kinds)
        if out is None:
            return

        def work(progress: "Progress") -> None:
            from emrassess.services import reporting  # noqa: PLC0415 - its libraries take a while

            write = reporting.review_pdf if kind == PDF else reporting.review_docx
            write(session, group.code, out, progress)

        handle = self._context.operations.run(f"导出{title}", work)
        handle.done.connect(lambda _: self._tell_written(out, f"已写好：{out}", ""))

    def import_workbook(self) -> None:
        """Read a workbook back, after showing what it changes."""
        from emrassess.gui.ledger_import import start_ledger_import  # noqa: PLC0415

        if self._writable() is None:
            return
        file = dialogs.open_file(self._page, "导入改过的台账", WORKBOOK)
        if file is not None:
            start_ledger_import(self._context, self._page, file)

    def import_reviews(self) -> None:
        """Take in what the experts found."""
        from emrassess.gui.merge_dialog import REVIEWS, start_merge  # noqa: PLC0415

        if self._writable() is None:
            return
        files = dialogs.open_files(self._page, "导入专家的核查结果", "核查文件 (*.zip)")
        if files:
            start_merge(self._context, self._page, files, REVIEWS)

    def _writable(self) -> "Session | None":
        return self._context.session if self._context.writable else None

    def _finding(self, key: str) -> Finding | None:
        session = self._writable()
        return session.assessment.findings.get(key) if session else None


def movable(findings: Mapping[str, Finding], to: FindingState, who: str) -> tuple[list[str], str]:
    """Ids of those that `who` can bring into `to`, and why the first of the others cannot be, "" where all can."""
    refused = {key: why for key, finding in findings.items() if (why := refusal(finding, to, who))}
    return [key for key in findings if key not in refused], next((f"{why}。" for why in refused.values()), "")


def _assign(session: "Session", keys: Sequence[str], wanted: Mapping[str, Any]) -> "Changes":
    return ledger.assign(session, keys, **wanted)


def _supervise(session: "Session", keys: Sequence[str], wanted: bool) -> "Changes":
    return ledger.assign(session, keys, supervised=wanted)


def _attach(session: "Session", key: str, pieces: Sequence[intake.Piece], progress: "Progress") -> "Changes":
    """On the worker thread: packing a large picture takes a while."""
    return ledger.attach_files(session, key, intake.as_evidence(pieces), progress)


def _why(error: Exception) -> str:
    return f"{error.message}。" if isinstance(error, UserError) else "程序内部出错。"
