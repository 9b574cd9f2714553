"""A file or folder that was double-clicked, named on the command line or dropped: the right thing opens."""

import zipfile
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.file_kinds import FileKind, kind_of
from emrassess.gui.main_window import MainWindow
from emrassess.gui.package_dialog import PackageDialog
from emrassess.gui.packet_opening import PacketDialog
from emrassess.services.packages import create_package
from emrassess.services.packets import create_packet
from emrassess.services.session import Session, close, create_workspace
from tests.services.packet_samples import A, assign

PASSPHRASE = "correct horse battery"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "工作区"
    close(create_workspace(folder, "示例医院", 5, "张三"))
    return folder


@pytest.fixture
def packet(empty_session: Session, tmp_path: Path) -> Path:
    create_packet(empty_session, assign(empty_session, A), tmp_path / "任务包.zip", sign=False)
    return tmp_path / "任务包.zip"


@pytest.fixture
def package(empty_session: Session, tmp_path: Path) -> Path:
    create_package(empty_session, tmp_path / "材料包.zip")
    return tmp_path / "材料包.zip"


def unpacked(file: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        archive.extractall(file.with_suffix(""))
    (folder,) = file.with_suffix("").iterdir()
    return folder


def test_what_files_are(workspace: Path, packet: Path, package: Path, tmp_path: Path) -> None:
    text, other, broken = tmp_path / "说明.txt", tmp_path / "别的.zip", tmp_path / "坏的.zip"
    text.write_text("一段话")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("照片/1.jpg", b"")
    broken.write_bytes(package.read_bytes()[:-100])
    assert {path.name: kind_of(path) for path in (workspace, workspace / "workspace.sqlite3")} == {
        "工作区": FileKind.WORKSPACE,
        "workspace.sqlite3": FileKind.WORKSPACE,
    }
    assert kind_of(packet) is kind_of(unpacked(packet)) is FileKind.PACKET
    assert kind_of(package) is kind_of(unpacked(package)) is kind_of(broken) is FileKind.PACKAGE
    assert kind_of(text) is kind_of(other) is kind_of(tmp_path) is FileKind.UNKNOWN
    with pytest.raises(UserError, match="找不到"):
        kind_of(tmp_path / "没有.zip")


def test_a_sealed_packet_is_known(empty_session: Session, tmp_path: Path) -> None:
    create_packet(empty_session, assign(empty_session, A), tmp_path / "密.zip", passphrase=PASSPHRASE)
    assert kind_of(tmp_path / "密.zip") is FileKind.PACKET


@pytest.mark.parametrize("named", ["", "workspace.sqlite3"])
def test_a_workspace_is_opened(qtbot: QtBot, window: MainWindow, workspace: Path, named: str) -> None:
    with qtbot.waitSignal(window.context.session_changed, timeout=20_000):
        window.commands.open_file(workspace / named)
    session = window.context.session
    assert session is not None and session.workspace.folder == workspace
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()


@pytest.mark.parametrize(("name", "kind"), [("packet", PacketDialog), ("package", PackageDialog)])
def test_a_packet_and_a_package_show_their_dialog(
    qtbot: QtBot,
    window: MainWindow,
    name: str,
    kind: type,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(dialogs, "choose", lambda *_, **__: "look")
    monkeypatch.setattr(dialogs, "run", lambda dialog: bool(seen.append(dialog)))
    window.commands.open_file(request.getfixturevalue(name))
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert isinstance(seen[0], kind)


@pytest.mark.parametrize(("name", "told"), [("说明.txt", "不是本程序能打开的"), ("没有.zip", "找不到")])
def test_what_cannot_be_opened_is_said(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, said: list[tuple[str, str]], name: str, told: str
) -> None:
    (tmp_path / "说明.txt").write_text("一段话")
    window.commands.open_file(tmp_path / name)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said[0][0] == "error" and told in said[0][1]
