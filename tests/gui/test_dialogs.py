"""The file picker that asks where to write."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs

save_file = dialogs.save_file
KINDS = "PDF 报告 (*.pdf);;Excel 工作簿 (*.xlsx)"


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("", 0, "医院_2026.11.22.pdf"),
        ("", 1, "医院_2026.11.22.xlsx"),
        ("比较", 1, "比较.xlsx"),
        ("比较", 0, "比较.pdf"),
        ("比较.xlsx", 0, "比较.xlsx"),
    ],
)
def test_the_kind_that_is_picked_gives_the_suffix(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, kind: int, written: str
) -> None:
    def choose(picker: QFileDialog) -> bool:
        name = picker.nameFilters()[kind]
        picker.selectNameFilter(name)
        if kind:
            picker.filterSelected.emit(name)  # as a click in the list does
        if typed:
            picker.selectFile(typed)
        return True

    monkeypatch.setattr(QFileDialog, "exec", choose)
    assert save_file(None, "导出", tmp_path / "医院_2026.11.22.pdf", KINDS) == tmp_path / written
