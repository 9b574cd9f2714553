"""The only module that opens message boxes, file pickers and input dialogs, so that tests replace one module."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox, QWidget

from emrassess import logs
from emrassess.errors import UserError

log = logging.getLogger(__name__)

_SUFFIX = re.compile(r"\*(\.\w+)")


def _box(parent: QWidget | None, icon: QMessageBox.Icon, title: str, text: str, detail: str) -> QMessageBox:
    box = QMessageBox(icon, title, text, QMessageBox.StandardButton.NoButton, parent)
    box.setInformativeText(detail)
    box.setWindowTitle(title)
    return box


def ask(
    parent: QWidget | None,
    title: str,
    text: str,
    detail: str = "",
    *,
    yes: str = "确定",
    no: str = "取消",
    careful: bool = False,
) -> bool:
    """Whether the user chose `yes`. Escape means `no`; with `careful`, Enter does too."""
    options = [("yes", yes), ("no", no)]
    return choose(parent, title, text, options[:: -1 if careful else 1], detail=detail, escape="no") == "yes"


def choose(
    parent: QWidget | None,
    title: str,
    text: str,
    options: Sequence[tuple[str, str]],
    *,
    detail: str = "",
    escape: str = "",
) -> str | None:
    """The key of the chosen button; `escape` (or None) where the dialog was closed. The first option is the default."""
    box = _box(parent, QMessageBox.Icon.Question, title, text, detail)
    buttons = {box.addButton(label, QMessageBox.ButtonRole.ActionRole): key for key, label in options}
    box.setDefaultButton(next(iter(buttons)))
    hidden = next((button for button, key in buttons.items() if key == escape), None)
    box.setEscapeButton(hidden or list(buttons)[-1])
    box.exec()
    return next((key for button, key in buttons.items() if button is box.clickedButton()), escape or None)


def inform(parent: QWidget | None, title: str, text: str, detail: str = "") -> None:
    """Say something that needs no decision."""
    _say(_box(parent, QMessageBox.Icon.Information, title, text, detail))


def warn(parent: QWidget | None, title: str, text: str, detail: str = "") -> None:
    """Say something the user should look at."""
    _say(_box(parent, QMessageBox.Icon.Warning, title, text, detail))


def error(parent: QWidget | None, title: str, problem: UserError) -> None:
    """Say what is wrong and what to do; long lists of faults go into the details."""
    lines = problem.message.splitlines()
    shown = "\n".join(lines[:8]) + (f"\n…… 共 {len(lines)} 处" if len(lines) > 8 else "")
    box = _box(parent, QMessageBox.Icon.Warning, title, shown, problem.hint)
    if len(lines) > 8:
        box.setDetailedText(problem.message)
    _say(box)


def bug(parent: QWidget | None, title: str) -> None:
    """Say that the program failed; the traceback is in the log already."""
    detail = f"已保存的内容不受影响。详细情况记录在：\n{logs.log_file()}\n请把该文件交给维护人员。"
    _say(_box(parent, QMessageBox.Icon.Critical, title, "程序内部出错，这一步没有完成。", detail))


def _say(box: QMessageBox) -> None:
    box.addButton("知道了", QMessageBox.ButtonRole.AcceptRole)
    box.exec()


def _picker(
    parent: QWidget | None, title: str, start: str, kinds: str, mode: QFileDialog.FileMode, *, writing: bool = False
) -> list[Path]:
    picker = QFileDialog(parent, title, start, kinds)
    picker.setFileMode(mode)
    if writing:
        picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        picker.selectFile(start)
        picker.setDefaultSuffix(Path(start).suffix.lstrip("."))
        picker.filterSelected.connect(lambda kind: _rename(picker, kind))
    if mode is QFileDialog.FileMode.Directory:
        picker.setOption(QFileDialog.Option.ShowDirsOnly)
    # Qt's own Chinese lacks these; where the system has a picker of its own, they are not seen.
    picker.setLabelText(QFileDialog.DialogLabel.LookIn, "位置：")
    picker.setLabelText(QFileDialog.DialogLabel.FileType, "文件类型：")
    picker.setLabelText(
        QFileDialog.DialogLabel.FileName, "文件夹：" if mode is QFileDialog.FileMode.Directory else "文件名："
    )
    picker.setLabelText(QFileDialog.DialogLabel.Reject, "取消")
    accept = "保存" if writing else "选择" if mode is QFileDialog.FileMode.Directory else "打开"
    picker.setLabelText(QFileDialog.DialogLabel.Accept, accept)
    return [Path(name) for name in picker.selectedFiles()] if picker.exec() else []


def _rename(picker: QFileDialog, kind: str) -> None:
    """Give the name the suffix of `kind`, as in "PDF 报告 (*.pdf)", where it has that of another kind to choose."""
    suffixes = [found for each in picker.nameFilters() for found in _SUFFIX.findall(each)]
    for suffix in _SUFFIX.findall(kind)[:1]:
        picker.setDefaultSuffix(suffix.lstrip("."))
        for name in picker.selectedFiles()[:1]:
            if Path(name).suffix in suffixes:
                picker.selectFile(str(Path(name).with_suffix(suffix)))


def open_file(parent: QWidget | None, title: str, kinds: str, start: str = "") -> Path | None:
    """One existing file; `kinds` as in "答案文件 (*.yaml *.json)"."""
    return next(iter(_picker(parent, title, start, kinds, QFileDialog.FileMode.ExistingFile)), None)


def open_files(parent: QWidget | None, title: str, kinds: str, start: str = "") -> list[Path]:
    """Existing files, maybe none."""
    return _picker(parent, title, start, kinds, QFileDialog.FileMode.ExistingFiles)


def save_file(parent: QWidget | None, title: str, suggested: Path, kinds: str) -> Path | None:
    """Where to write; the picker has asked before an existing file is replaced.

    The suffix is that of `suggested`, or of the kind that the user picks where `kinds` has several, ";;" between.
    """
    mode = QFileDialog.FileMode.AnyFile
    chosen = next(iter(_picker(parent, title, str(suggested), kinds, mode, writing=True)), None)
    if chosen is None:
        return None
    return chosen if chosen.suffix else chosen.with_suffix(suggested.suffix)


def folder(parent: QWidget | None, title: str, start: str = "") -> Path | None:
    """An existing folder."""
    return next(iter(_picker(parent, title, start, "", QFileDialog.FileMode.Directory)), None)


def text(parent: QWidget | None, title: str, label: str, value: str = "") -> str | None:
    """One line of text, stripped; None where the dialog was closed."""
    answer, accepted = QInputDialog.getText(parent, title, label, text=value)
    return answer.strip() if accepted else None


def run(dialog: QDialog) -> bool:
    """Show a dialog of our own; whether it was accepted."""
    return dialog.exec() == QDialog.DialogCode.Accepted


def open_path(path: Path) -> bool:
    """Open a file or folder with the system's program for it."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
