"""报告: the PDF, the table, the evidence package, verifying a package, and what was submitted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.checkup import TARGET as CHECKUP
from emrassess.gui.models.checkup import checkup_of, standing
from emrassess.gui.models.report_basis import basis
from emrassess.gui.package_dialog import PackageCheck
from emrassess.gui.page import Page
from emrassess.gui.snapshots_dialog import TARGET as SNAPSHOTS
from emrassess.gui.widgets.basics import button, clear, label, moment, rule, scrolled, set_role
from emrassess.gui.widgets.output_card import OutputCard
from emrassess.gui.widgets.protection import Protection
from emrassess.gui.widgets.snapshots_section import SnapshotsSection

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.snapshots import SnapshotInfo

FORBIDDEN = '<>:"/\\|?*'
WITH_WORDING = (
    "专家在材料包里也能看到每条条款的官方原文。原文出自你们导入的官方文件，会随包交到别人手里；"
    "不勾选时，材料包里只有本程序自己的表述。"
)


# Each writer is imported when it is first used: reportlab and openpyxl take their time.
def _pdf() -> Callable[..., Any]:
    from emrassess.services.reporting import write_pdf  # noqa: PLC0415

    return write_pdf


def _xlsx() -> Callable[..., Any]:
    from emrassess.services.reporting import write_xlsx  # noqa: PLC0415

    return write_xlsx


def _package() -> Callable[..., Any]:
    from emrassess.services.packages import create_package  # noqa: PLC0415

    return create_package


@dataclass(frozen=True)
class Output:
    """Something that can be written. `key` names its icon, `kind` stands in the file name. `may_hold_wording`: the
    official wording goes along where the user wants it to. `protected`: it is signed, and sealed where that is
    wanted."""

    key: str
    title: str
    text: str
    does: str
    kinds: str
    suffix: str
    kind: str
    writer: Callable[[], Callable[..., Any]]
    may_hold_wording: bool = False
    protected: bool = False


OUTPUTS = (
    Output(
        "pdf", "差距报告（PDF）", "给领导和专家看：结论和依据、差在哪里、先补什么，每个项目一页以内",
        "写 PDF 报告…", "PDF 报告 (*.pdf)", ".pdf", "差距报告", _pdf,
    ),
    Output(
        "xlsx", "差距报告（Excel）", "同样的内容做成表：项目、条款、差距各一张，便于筛选和分工",
        "写 Excel 表…", "Excel 工作簿 (*.xlsx)", ".xlsx", "差距报告", _xlsx,
    ),
    Output(
        "open_package", "实证材料包", "交给专家的压缩包：不用装程序，用浏览器就能看；写好后读回来逐个文件核对",
        "生成材料包…", "实证材料包 (*.zip)", ".zip", "实证材料包", _package, may_hold_wording=True, protected=True,
    ),
)  # fmt: skip


class ReportsPage(Page):
    """What goes out, with what it rests on above."""

    key = "reports"
    title = "报告"
    icon = "reports"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._check = PackageCheck(context, self)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(12)
        self._headline = label("", "heading", wrap=True)
        self._rests = label("", "muted", wrap=True)
        self._since = label("", "muted", wrap=True)
        self._since.hide()
        column.addWidget(self._headline)
        column.addWidget(self._rests)
        column.addWidget(self._since)
        self._notice = QFrame()
        self._notice.setObjectName("notice")
        self._warnings = QVBoxLayout(self._notice)
        self._warnings.setContentsMargins(16, 10, 12, 10)
        self._warnings.setSpacing(4)
        column.addWidget(self._notice)
        self._cards: dict[str, OutputCard] = {}
        self.with_wording = QCheckBox("带上官方原文")
        self.with_wording.setToolTip(WITH_WORDING)
        self.protection = Protection(context, "这个材料包")
        for output in OUTPUTS:
            made = OutputCard(
                context, output.key, output.title, output.text, output.does, lambda o=output: self._write(o),
                self._choices() if output.protected else None,
            )  # fmt: skip
            self._cards[output.key] = made
            column.addWidget(made)
        self.snapshots = SnapshotsSection(context)
        self.snapshots.read.connect(self._on_snapshots)
        self._to_snapshots = False
        column.addWidget(self.snapshots)
        column.addWidget(rule())
        self._verify = OutputCard(
            context, "verify", "校验材料包", "核对一个材料包是否完整、有没有被改动，也可以解开来看", "选择材料包…",
            self._check.choose,
        )  # fmt: skip
        column.addWidget(self._verify)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._area = scrolled(inner)
        outer.addWidget(self._area)
        checkup_of(context).changed.connect(self._show_checkup)
        self._show_checkup()
        self.setFocusProxy(self._cards["pdf"].does)

    def _choices(self) -> QWidget:
        """What can be chosen for a package."""
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(3)
        box.addWidget(self.with_wording)
        box.addWidget(self.protection)
        self._checkup = label("", "muted", wrap=True)
        checked = QHBoxLayout()
        checked.addWidget(self._checkup, 1)
        checked.addWidget(button("去体检", lambda: self.context.go_to.emit(CHECKUP), look="link"))
        box.addLayout(checked)
        return holder

    def show_session(self) -> None:
        """Show what a report made now rests on; forget what was written for another session."""
        for made in self._cards.values():
            made.show_idle()
        self.with_wording.setChecked(False)
        self.protection.show_session()
        self.snapshots.refresh()
        self._show()

    def refresh(self, changes: "Changes") -> None:  # noqa: ARG002
        """Any write may change the verdict, and be a submission."""
        self.snapshots.refresh()
        self._show()

    def show_target(self, target: str) -> None:
        """Target "page:reports/snapshots" brings what was submitted into view."""
        if target == SNAPSHOTS:
            self._to_snapshots = True
            self.snapshots.refresh()

    def _on_snapshots(self) -> None:
        from emrassess.services.snapshots import last_other  # noqa: PLC0415 - not needed at start

        session = self.context.session
        if session is not None:
            handle = self.context.operations.background(last_other, session)
            handle.done.connect(self._show_since)
            handle.failed.connect(self._show_no_since)
        if self._to_snapshots:
            self._to_snapshots = False
            self.snapshots.take_focus()
            # The card has to grow around the list first.
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.snapshots))

    def _show_since(self, found: "SnapshotInfo | None") -> None:
        """What the reports compare with."""
        self._since.setVisible(found is not None)
        if found is not None:
            which = "，".join(filter(None, (moment(found.at), found.label)))
            self._since.setText(f"差距报告附有与第 {found.number} 次提交（{which}）的比较；材料包里不带。")

    def _show_no_since(self, _error: Exception) -> None:
        """Where a snapshot is damaged, reports do without."""
        self._show_since(None)

    def _show_checkup(self) -> None:
        """How the last check-up stands: it is good to know before a package goes out, and keeps nobody from it."""
        run = checkup_of(self.context)
        self._checkup.setText(standing(run))
        set_role(self._checkup, "role", "fair" if run.open or run.stale else "muted")

    def _show(self) -> None:
        session = self.context.session
        if session is None:
            return
        # Never taken along where it cannot be seen that it is.
        imported = bool(session.assessment.wording)
        self.with_wording.setVisible(imported)
        self.with_wording.setChecked(imported and self.with_wording.isChecked())
        now = basis(session)
        self._headline.setText(now.headline)
        self._rests.setText(now.rests_on)
        clear(self._warnings)
        self._notice.setVisible(bool(now.warnings))
        self._warnings.addWidget(label("导出前请先看看", "heading"))
        for warning in now.warnings:
            row = QHBoxLayout()
            row.addWidget(label(f"·　{warning.text}", wrap=True), 1)
            row.addWidget(button(warning.does, lambda t=warning.target: self.context.go_to.emit(t)))
            self._warnings.addLayout(row)

    def _write(self, output: Output) -> None:
        session = self.context.session
        if session is None:
            return
        stem = _file_stem(session.assessment.hospital, output.kind)
        suggested = session.workspace.folder.parent / f"{stem}{output.suffix}"
        out = dialogs.save_file(self, output.title, suggested, output.kinds)
        if out is None:
            return
        also: dict[str, Any] | None = self.protection.options() if output.protected else {}
        if also is None:
            return
        if output.may_hold_wording and self.with_wording.isChecked():
            also["with_wording"] = True
        made = self._cards[output.key]
        made.show_busy(out)

        def work(progress: Callable[[int, int, str], None]) -> Path:
            output.writer()(session, out, progress=progress, **also)
            return out

        handle = self.context.operations.run(f"写{output.title}", work, done=made.show_done)
        made.follow(handle)


def _file_stem(hospital: str, kind: str) -> str:
    name = "".join("_" if c in FORBIDDEN else c for c in hospital) or "医院"
    return f"{name}_{kind}_{date.today().isoformat()}"
