"""The report page: what it rests on, writing, failing, cancelling."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from emrassess.errors import Cancelled, StorageError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.report_basis import basis
from emrassess.gui.pages import reports
from emrassess.gui.pages.reports import ReportsPage
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session


@pytest.fixture
def page(
    qtbot: QtBot, context: Context, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[ReportsPage]:
    context.set_session(session)
    monkeypatch.setattr(dialogs, "save_file", lambda _parent, _title, suggested, _kinds: tmp_path / suggested.name)
    made = ReportsPage(context)
    qtbot.addWidget(made)
    made.resize(1226, 660)
    made.show_session()
    made.show()
    yield made


def words(page: ReportsPage) -> str:
    return "\n".join(made.text() for made in page.findChildren(QLabel) if made.isVisible())


def press(qtbot: QtBot, page: ReportsPage, text: str) -> None:
    found = next(b for b in page.findChildren(QPushButton) if b.text() == text and b.isVisible())
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def test_the_page_warns_before_anything_goes_out(qtbot: QtBot, page: ReportsPage, context: Context) -> None:
    went: list[str] = []
    context.go_to.connect(went.append)
    assert "评价类别待核对" in words(page)
    assert "没有任何实证材料" in words(page)
    press(qtbot, page, "去确认类别")
    press(qtbot, page, "看第一条")
    assert went[0] == "page:standard/categories"
    assert went[1].startswith("clause:")


def test_what_no_clause_uses_is_named_before_the_package(session: Session) -> None:
    (piece,) = add_evidence(session, [NewEvidence(b"x", "a.txt")], []).evidence
    caution = next(c for c in basis(session).warnings if "没有关联条款" in c.text)
    assert caution.target == f"evidence:{piece}"


def test_the_headline_states_the_verdict(session: Session) -> None:
    now = basis(session)
    assert f"确定达到 {session.score.certain} 级" in now.headline
    assert "最低要求 110" in now.headline


def test_a_report_is_written_and_can_be_opened(
    qtbot: QtBot, page: ReportsPage, context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(dialogs, "open_path", lambda path: shown.append(path) or True)
    press(qtbot, page, "写 Excel 表…")
    qtbot.waitUntil(lambda: not context.operations.busy, timeout=30_000)
    written = next(tmp_path.glob("示例市第一人民医院_差距报告_*.xlsx"))
    assert f"已写好：{written}" in words(page)
    press(qtbot, page, "打开")
    press(qtbot, page, "打开所在文件夹")
    assert shown == [written, tmp_path]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (StorageError("磁盘已满", "请换个位置"), "没有写成，原来的文件没有动。"),
        (Cancelled(), "已取消，没有留下未完成的文件。"),
    ],
)
def test_what_failed_is_said(
    qtbot: QtBot, page: ReportsPage, context: Context, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str
) -> None:
    def fails(session: Session, out: Path, progress: object) -> None:
        raise error

    monkeypatch.setattr(reports, "OUTPUTS", tuple(_failing(output, fails) for output in reports.OUTPUTS))
    made = ReportsPage(context)
    qtbot.addWidget(made)
    made.show_session()
    made.show()
    with qtbot.waitSignal(context.operations.failed):
        press(qtbot, made, "写 PDF 报告…")
    assert text in words(made)


def _failing(output: reports.Output, fails: object) -> reports.Output:
    from dataclasses import replace

    return replace(output, writer=lambda: fails)  # type: ignore[arg-type, return-value]
