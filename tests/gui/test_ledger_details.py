"""The finding in hand on the page 整改台账: what is filled in, attached and looked at."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from emrassess.domain.ledger import FindingState
from emrassess.domain.review import Photo
from emrassess.errors import StorageError
from emrassess.gui.widgets.ledger_look import LookDialog, ProofPicker
from emrassess.services import evidence, history, ledger
from emrassess.services.session import Session
from emrassess.storage.changes import finding_change, photo_change
from tests.gui.ledger_driving import (
    PICTURE,
    Make,
    answer,
    found,
    make,
    notice,
    press,
    ready,
    saved,
    select,
)
from tests.services.ledger_samples import A1, B1, C1, A

__all__ = ["found", "make"]


# --- fields


def test_fields_are_saved_when_they_are_left_and_can_be_undone(found: Session, make: Make, qtbot: QtBot) -> None:
    page = make(found)
    select(page, C1)
    fields = page.ledger.details.fields
    line = fields.department.lineEdit()
    assert isinstance(line, QLineEdit)
    line.setFocus()
    line.insert("药学部")
    saved(qtbot, page, lambda: QTest.keyClick(line, Qt.Key.Key_Tab))
    saved(qtbot, page, lambda: fields.deadline.line.setText("2026-12-31"))
    fields.measures.setFocus()
    fields.measures.insertPlainText("每周抽查")
    saved(qtbot, page, lambda: QTest.keyClick(fields.measures, Qt.Key.Key_Escape))
    finding = found.assessment.findings[C1]
    assert (finding.department, finding.deadline, finding.measures) == ("药学部", "2026-12-31", "每周抽查")
    assert page.ledger.table.hasFocus()
    for _ in range(3):
        saved(qtbot, page, lambda: page.context.operations.write("撤销", history.undo))
    assert (fields.department.currentText(), fields.deadline.line.text(), fields.typed_measures) == ("", "", "")


def test_what_is_typed_for_one_finding_is_saved_for_it_when_another_is_taken(
    found: Session, make: Make, qtbot: QtBot
) -> None:
    page = make(found)
    select(page, C1)
    page.ledger.details.fields.measures.insertPlainText("给丙的")
    saved(qtbot, page, lambda: page.ledger.choose(A1))
    assert found.assessment.findings[C1].measures == "给丙的"
    assert found.assessment.findings[A1].measures == ""
    assert page.ledger.details.fields.typed_measures == ""


def test_a_failed_save_keeps_the_input_and_says_so(
    found: Session, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(found)
    select(page, C1)
    fields = page.ledger.details.fields

    def full(*_: object, **__: object) -> None:
        raise StorageError("磁盘满了", "请清理。")

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "assign", full)
        fields.measures.setFocus()
        fields.measures.insertPlainText("写了很久")
        with qtbot.waitSignal(page.context.operations.failed):
            QTest.keyClick(fields.measures, Qt.Key.Key_Escape)
    page.ledger.choose(A1)
    page.ledger.choose(C1)
    assert fields.typed_measures == "写了很久"
    assert any("没有保存：磁盘满了" in made.text() for made in fields.findChildren(type(page.ledger.count)))
    saved(qtbot, page, fields.flush)
    assert found.assessment.findings[C1].measures == "写了很久"


def test_a_deadline_that_is_none_is_said_beside_it_and_not_saved(found: Session, make: Make) -> None:
    page = make(found)
    select(page, B1)
    fields = page.ledger.details.fields
    fields.deadline.line.setText("下周五")
    fields.flush()
    assert any("下周五" in made.text() for made in fields.findChildren(type(page.ledger.count)) if made.isVisible())
    assert found.assessment.findings[B1].deadline == "2099-01-31"


def test_who_looks_again_sees_what_was_claimed_and_cannot_change_it(found: Session, make: Make) -> None:
    ready(found, A1)
    ledger.move(found, [A1], FindingState.DONE)
    found.answer_as("质控科")
    page = make(found)
    select(page, A1)
    details = page.ledger.details
    assert details.fields.measures.isReadOnly()
    assert not details.proof.add_button.isEnabled()
    assert "只能由本人补充" in details.proof.add_button.toolTip()
    press(Qt.Key.Key_Insert)
    assert "只能由本人补充" in notice(page)
    assert details.fields.owner.isEnabled()


# --- proof


def test_proof_is_pasted_dropped_chosen_and_taken_down(
    found: Session, make: Make, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence.add_evidence(found, [evidence.NewEvidence(PICTURE, "原有.png", "原有")], [A])
    [held] = found.evidence_by_clause[A]
    page = make(found)
    select(page, A1)
    answer(monkeypatch, ProofPicker, lambda d: (d.strip.selectAll(), d.accept()))
    saved(qtbot, page, lambda: press(Qt.Key.Key_P))
    assert found.assessment.findings[A1].after == (held.id,)
    press(Qt.Key.Key_P)
    assert "没有别的实证材料" in notice(page)
    file = tmp_path / "改后.txt"
    file.write_text("改好了", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    saved(qtbot, page, lambda: page.ledger.details.proof.dropped.emit(mime))
    assert len(found.assessment.findings[A1].after) == 2
    QGuiApplication.clipboard().setText("抽查 20 份，都有时间")
    saved(qtbot, page, lambda: press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    assert len(found.assessment.findings[A1].after) == 3
    strip = page.ledger.details.proof.after
    strip.setFocus()
    strip.setCurrentIndex(strip.pieces.index(0))
    saved(qtbot, page, lambda: press(Qt.Key.Key_Delete))
    assert held.id not in found.assessment.findings[A1].after
    assert held.id in {piece.id for piece in found.evidence_by_clause[A]}


def test_the_experts_photos_can_be_looked_at(found: Session, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    at = "2026-11-20T09:00:00+08:00"
    photo = Photo("病区屏幕", (A,), "0" * 64, "a.png", 10, "image/png", at, at, "专家甲")
    finding = replace(found.assessment.findings[A1], before=("p",))
    found.write("照片", [photo_change(found.assessment, "p", photo), finding_change(found.assessment, A1, finding)])
    page = make(found)
    select(page, A1)
    strip = page.ledger.details.proof.before
    seen = answer(monkeypatch, LookDialog, lambda dialog: dialog.accept())
    strip.setFocus()
    strip.setCurrentIndex(strip.pieces.index(0))
    press(Qt.Key.Key_Return)
    assert seen and seen[0].preview.piece is not None and seen[0].preview.piece.title == "病区屏幕"
    press(Qt.Key.Key_Delete)
    assert found.assessment.photos
