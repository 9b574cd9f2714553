"""Opening a package as an expert: the dialog, and what then opens."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from emrassess.domain.review import ExpertVerdict
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.merge_dialog import MergeDialog
from emrassess.gui.pages.review import ReviewPage
from emrassess.gui.passphrase import PassphraseDialog
from emrassess.gui.review_opening import ExpertDialog, facts
from emrassess.gui.widgets.signature_note import SignatureNote
from emrassess.services import reviewing
from emrassess.services.packages import create_package
from emrassess.services.reviewing import look_at_package
from emrassess.services.session import Session
from tests.gui.driving import Drive, push, words
from tests.gui.review_samples import drive, package
from tests.services.review_samples import A, expert, sent

__all__ = ["drive", "package"]

PASSPHRASE = "correct horse battery"


def opened(qtbot: QtBot, window: MainWindow) -> Session:
    qtbot.waitUntil(lambda: window.context.session is not None, timeout=30_000)
    session = window.context.session
    assert session is not None
    return session


def left(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.context.session_changed, timeout=20_000):
        window.sessions.close()


def test_an_expert_opens_a_package(
    qtbot: QtBot,
    window: MainWindow,
    package: Path,
    tmp_path: Path,
    drive: Drive,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def fill(dialog: ExpertDialog) -> None:
        seen.append(words(dialog))
        dialog.expert.setText("  ")
        assert not dialog.make.isEnabled()
        dialog.expert.setText("专家丁")
        dialog.group.setCurrentIndex(dialog.group.findText("门诊组"))
        dialog.folder.setText(str(tmp_path / "核查"))
        push(qtbot, dialog, "打开")

    monkeypatch.setattr(dialogs, "open_file", lambda *_: package)
    drive(fill)
    window.start_page.chosen.emit("open_expert")
    session = opened(qtbot, window)
    review = session.assessment.review
    assert review is not None and (review.expert, review.group) == ("专家丁", "outpatient")
    assert "示例市第一人民医院　现场核查" in seen[0] and "自评达标 4 条，实证材料 1 件" in seen[0]
    assert "4 级" in seen[0] and "签名" in seen[0]
    assert isinstance(window.page, ReviewPage)
    assert "门诊组" in window.page._who.text()
    left(qtbot, window)


def test_a_package_that_is_dropped_asks_how(
    qtbot: QtBot, window: MainWindow, package: Path, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "choose", lambda *_, **__: "check")
    seen: list[ExpertDialog] = []

    def go_back(dialog: ExpertDialog) -> None:
        seen.append(dialog)
        dialog.reject()

    drive(go_back)
    window.start_page.dropped.emit(package)
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert isinstance(seen[0], ExpertDialog)
    monkeypatch.setattr(dialogs, "choose", lambda *_, **__: "")
    window.commands.open_file(package)
    qtbot.waitUntil(lambda: not window.context.operations.busy, timeout=20_000)
    assert window.context.session is None


def test_a_sealed_package_asks_for_its_passphrase(
    qtbot: QtBot, window: MainWindow, empty_session: Session, tmp_path: Path, drive: Drive
) -> None:
    file = tmp_path / "密.zip"
    create_package(empty_session, file, passphrase=PASSPHRASE)
    seen: list[ExpertDialog] = []

    def unlock(dialog: PassphraseDialog) -> None:
        dialog._line.setText(PASSPHRASE)
        dialog.accept()

    def go_back(dialog: ExpertDialog) -> None:
        assert dialog.findChild(SignatureNote) is not None
        seen.append(dialog)
        dialog.reject()

    drive(unlock, go_back)
    window.commands._expert_opening().open(file)
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert isinstance(seen[0], ExpertDialog)


def test_a_review_file_goes_to_the_merge(
    qtbot: QtBot,
    window: MainWindow,
    empty_session: Session,
    package: Path,
    tmp_path: Path,
    drive: Drive,
    said: list[tuple[str, str]],
) -> None:
    with expert(package, tmp_path / "专家") as there:
        reviewing.record(there, A, verdict=ExpertVerdict.PARTLY)
        file = sent(there, tmp_path / "结果.zip")
    window.commands.open_file(file)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert "“病房组”的核查结果" in said[0][1]
    window.context.set_session(empty_session)
    seen: list[str] = []

    def take(dialog: MergeDialog) -> None:
        seen.append(dialog.windowTitle())
        push(qtbot, dialog, "合并")

    drive(take)
    window.commands.open_file(file)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=20_000)
    assert seen == ["导入核查结果"] and "合并了 1 份核查结果" in said[1][1]
    assert isinstance(window.page, ReviewPage) and empty_session.assessment.findings


def test_a_bad_package_is_refused(qtbot: QtBot, window: MainWindow, package: Path, said: list[tuple[str, str]]) -> None:
    package.write_bytes(package.read_bytes()[:-200])
    window.commands._expert_opening().open(package)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said[0][0] == "error" and window.context.session is None


def test_a_folder_that_is_not_empty_leaves_the_dialog_open(
    qtbot: QtBot, window: MainWindow, package: Path, tmp_path: Path, drive: Drive, said: list[tuple[str, str]]
) -> None:
    (tmp_path / "满").mkdir()
    (tmp_path / "满" / "别的.txt").write_text("字")
    told: list[str] = []

    def fill(dialog: ExpertDialog) -> None:
        dialog.folder.setText(str(tmp_path / "满"))
        push(qtbot, dialog, "打开")
        qtbot.waitUntil(lambda: bool(said) and dialog.making is None, timeout=20_000)
        told.append(words(dialog))
        dialog.reject()

    drive(fill)
    window.commands._expert_opening().open(package)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "没有打开" in told[0] and window.context.session is None


def test_facts_name_findings_of_earlier_rounds(package: Path) -> None:
    found = look_at_package(package)
    assert "整改台账" not in dict(facts(found))
    assert dict(facts(replace(found, findings=3)))["整改台账"].startswith("以前的问题 3 个")
