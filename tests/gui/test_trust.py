"""Passphrases, signatures, known senders; packets opened by those who receive them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.packet_opening import PacketDialog
from emrassess.gui.pages.reports import ReportsPage
from emrassess.gui.passphrase import NewPassphraseDialog, new_passphrase
from emrassess.gui.trust_dialog import SenderModel, TrustDialog
from emrassess.gui.widgets.own_fingerprint import OwnFingerprint
from emrassess.gui.widgets.protection import Protection
from emrassess.gui.widgets.signature_note import SignatureNote
from emrassess.services import trust
from emrassess.services.packages import create_package, verify_package
from emrassess.services.packets import create_packet, look_at, open_packet, return_packet
from emrassess.services.session import Session
from tests.gui.driving import Drive, named, push, words
from tests.services.packet_samples import A, assign, working

PASSPHRASE = "correct horse battery"
OtherComputer = Callable[[str], None]


@pytest.fixture(autouse=True)
def packages_are_looked_at(said: list, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is dropped may also be opened by an expert; here nobody does."""
    monkeypatch.setattr(dialogs, "choose", lambda *_, **__: "look")


@pytest.fixture
def drive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    made = Drive(qtbot)
    monkeypatch.setattr(dialogs, "run", made.run)
    yield made
    assert not made.left


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherComputer:
    """Whose computer this is from now on: each has its own key and known senders."""
    return lambda name: monkeypatch.setenv("EMRASSESS_HOME", str(tmp_path / f"home of {name}"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Questions; all are answered with yes."""
    heard: list[str] = []

    def ask(_parent: object, _title: str, text: str, detail: str = "", **_: object) -> bool:
        heard.append(text + detail)
        return True

    monkeypatch.setattr(dialogs, "ask", ask)
    return heard


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    window.start_page.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def type_passphrase(text: str) -> Callable[[QDialog], None]:
    def step(dialog: QDialog) -> None:
        line = named(dialog, QLineEdit, "口令")
        assert line.echoMode() is QLineEdit.EchoMode.Password
        line.setText(text)
        named(dialog, QPushButton, "打开").click()

    return step


# --- passphrases


def test_a_new_passphrase_is_checked_and_typed_twice(qtbot: QtBot, drive: Drive, context: Context) -> None:
    def type_in(dialog: NewPassphraseDialog) -> None:
        first, again = named(dialog, QLineEdit, "口令"), named(dialog, QLineEdit, "再输一次")
        for text, other, told in (
            ("", "", "口令是空的"),
            ("short", "short", "太短"),
            ("汉字口令汉字口令", "汉字口令汉字口令", "中文"),
            (PASSPHRASE, PASSPHRASE.upper(), "两次输入的不一样"),
        ):
            first.setText(text)
            again.setText(other)
            push(qtbot, dialog, "加密")
            assert told in words(dialog)
            assert dialog.isVisible()
        qtbot.keyClick(again, Qt.Key.Key_A)
        assert "两次输入" not in words(dialog)
        seen = dialog.findChild(QCheckBox)
        assert seen is not None
        seen.click()
        assert first.echoMode() is QLineEdit.EchoMode.Normal
        again.setText(PASSPHRASE)
        qtbot.keyClick(again, Qt.Key.Key_Return)

    drive(type_in, lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape))
    assert new_passphrase(None, "这个材料包") == PASSPHRASE
    assert new_passphrase(None, "这个材料包") is None


def test_a_package_is_signed_and_sealed_from_the_page(
    qtbot: QtBot, window: MainWindow, empty_session: Session, drive: Drive, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    window.context.set_session(empty_session)
    window.go_to("page:reports")
    page = window.page
    assert isinstance(page, ReportsPage)
    own = trust.identity("", "").fingerprint
    qtbot.waitUntil(lambda: own in words(page))
    assert page.protection.sign.isChecked()
    assert not page.protection.seal.isChecked()
    out = tmp_path / "包.zip"
    monkeypatch.setattr(dialogs, "save_file", lambda *_: out)
    page.protection.seal.click()

    def type_twice(dialog: QDialog) -> None:
        for name in ("口令", "再输一次"):
            named(dialog, QLineEdit, name).setText(PASSPHRASE)
        push(qtbot, dialog, "加密")

    drive(lambda dialog: push(qtbot, dialog, "取消"), type_twice)
    push(qtbot, page, "生成材料包…")
    assert not window.context.operations.busy
    push(qtbot, page, "生成材料包…")
    qtbot.waitUntil(out.exists, timeout=20_000)
    qtbot.waitUntil(lambda: not window.context.operations.busy, timeout=20_000)
    found = verify_package(out, passphrase=PASSPHRASE)
    assert found.ok
    assert found.signature is not None
    assert found.signature.name == "王医生"


def test_a_sealed_package_asks_until_the_passphrase_is_right(
    qtbot: QtBot, window: MainWindow, empty_session: Session, drive: Drive, tmp_path: Path
) -> None:
    out = tmp_path / "包.zip"
    create_package(empty_session, out, passphrase=PASSPHRASE)
    told: list[str] = []

    def wrong(dialog: QDialog) -> None:
        assert "口令不对" in words(dialog)
        type_passphrase(PASSPHRASE)(dialog)

    def look(dialog: QDialog) -> None:
        told.append(words(dialog))
        dialog.reject()

    drive(type_passphrase("wrong wrong"), wrong, look)
    drop(window, out)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "校验通过" in told[0]
    assert "本机的签名" in told[0]


def test_no_passphrase_no_package(
    qtbot: QtBot, window: MainWindow, empty_session: Session, drive: Drive, said: list, tmp_path: Path
) -> None:
    out = tmp_path / "包.zip"
    create_package(empty_session, out, passphrase=PASSPHRASE)
    drive(lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape))
    drop(window, out)
    qtbot.waitUntil(lambda: not drive.left and not window.context.operations.busy, timeout=20_000)
    assert not said


# --- signatures


def test_an_unknown_sender_is_said_loudly_and_can_be_remembered(
    qtbot: QtBot, window: MainWindow, empty_session: Session, drive: Drive, at: OtherComputer, asked: list[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    out = tmp_path / "包.zip"
    at("the sender")
    create_package(empty_session, out)
    his = trust.identity("", "").fingerprint
    at("the receiver")
    seen: list[str] = []

    def remember(dialog: QDialog) -> None:
        note = dialog.findChild(SignatureNote)
        assert note is not None
        assert note.objectName() == "notice"
        assert his.replace(" ", "\u00a0") in words(note)  # on one line, to be read out
        assert "打电话" in words(note)
        push(qtbot, dialog, "记住这个发送人…")
        assert his in asked[0]
        assert note.objectName() == "card"
        assert "已核对的发件人" in words(note)
        assert not note.remember.isVisible()
        seen.append("first")
        dialog.reject()

    def again(dialog: QDialog) -> None:
        assert "已核对的发件人" in words(dialog)
        seen.append("again")
        dialog.reject()

    drive(remember, again)
    for count in (1, 2):
        drop(window, out)
        qtbot.waitUntil(lambda n=count: len(seen) == n, timeout=20_000)
    assert [sender.fingerprint for sender in trust.known_senders()] == [his]


def test_a_changed_key_is_an_alarm_and_stays_one(
    qtbot: QtBot, context: Context, empty_session: Session, at: OtherComputer, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    signatures = []
    for name in ("the sender", "somebody else"):
        at(name)
        create_package(empty_session, tmp_path / f"{name}.zip")
        signatures.append(verify_package(tmp_path / f"{name}.zip").signature)
    at("the receiver")
    trust.remember(signatures[0])
    note = SignatureNote(context.theme)
    qtbot.addWidget(note)
    note.show_standing(trust.judge(signatures[1]), signatures[1])
    note.show()
    assert note.objectName() == "banner"
    assert "冒名" in words(note)
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: False)
    push(qtbot, note, "记住这个发送人…")
    assert note.objectName() == "banner"
    assert len(trust.known_senders()) == 1
    note.show_standing(trust.judge(None), None)
    assert "没有签名" in words(note)
    assert note.objectName() == "card"


def test_the_own_fingerprint_is_read_out_and_senders_are_removed(
    qtbot: QtBot, window: MainWindow, empty_session: Session, drive: Drive, at: OtherComputer, asked: list[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    at("the sender")
    create_package(empty_session, tmp_path / "包.zip")
    at("the receiver")
    signature = verify_package(tmp_path / "包.zip").signature
    assert signature is not None
    trust.remember(signature)
    window.context.set_session(empty_session)

    def look(dialog: TrustDialog) -> None:
        own = named(dialog, QLabel, "本机的指纹").text()
        assert own == trust.identity("", "").fingerprint
        assert len(own.split()) == 6
        push(qtbot, dialog, "复制指纹")
        assert QGuiApplication.clipboard().text() == own
        assert "王医生" in words(dialog)
        assert "示例市第一人民医院" in words(dialog)
        table = named(dialog, QTableView, "记住的发送人")
        assert table.model().index(0, 2).data() == signature.fingerprint
        table.setFocus()
        qtbot.keyClick(table, Qt.Key.Key_Delete)
        assert "王医生" in asked[0]
        assert trust.known_senders() == ()
        assert "还没有记住的发送人" in words(dialog)
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    drive(look)
    window.commands.trigger("trust")


def test_the_first_page_shows_the_own_fingerprint(qtbot: QtBot, window: MainWindow, drive: Drive) -> None:
    shown = window.start_page.findChild(OwnFingerprint)
    assert shown is not None
    qtbot.waitUntil(lambda: bool(shown.text.text()))
    assert trust.identity("", "").fingerprint in shown.text.text()
    drive(lambda dialog: dialog.reject())
    push(qtbot, window, "签名与发送人…")


def test_the_table_of_senders_is_sound() -> None:
    model = SenderModel()
    model.show_senders((trust.Sender("王医生", "示例医院", "ab" * 32, "2026-11-22T08:00:00+08:00"),))
    ModelTester(None).check(model)
    assert model.index(0, 3).data() == "2026-11-22 08:00"


def test_a_key_that_cannot_be_read_is_said(
    qtbot: QtBot, context: Context, empty_session: Session, tmp_path: Path
) -> None:
    trust.identity("", "")
    (key,) = (tmp_path / "home").rglob("key.pem")
    key.write_text("broken")
    context.set_session(empty_session)
    protection = Protection(context, "这个材料包")
    qtbot.addWidget(protection)
    protection.show()
    qtbot.waitUntil(lambda: "密钥已损坏" in words(protection))
    dialog = TrustDialog(context, "", "")
    qtbot.addWidget(dialog)
    dialog.show()
    assert "密钥已损坏" in words(dialog)
    assert "还没有填报人姓名" in words(dialog)


# --- packets


@pytest.fixture
def sent(empty_session: Session, tmp_path: Path, at: OtherComputer) -> Path:
    """A sealed packet of another computer."""
    department = assign(empty_session, A)
    at("the sender")
    create_packet(empty_session, department, tmp_path / "任务包.zip", passphrase=PASSPHRASE)
    at("the receiver")
    return tmp_path / "任务包.zip"


def test_a_packet_is_dropped_looked_at_and_opened(
    qtbot: QtBot, window: MainWindow, sent: Path, drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "文档").mkdir()
    monkeypatch.setattr(dialogs, "folder", lambda *_: tmp_path / "文档")

    def open_it(dialog: QDialog) -> None:
        told = words(dialog)
        assert "示例市第一人民医院 发给“检验科”的任务包" in told
        assert "2026-12-01" in told
        assert "1 条，其中 0 条已有答案" in told
        assert "没有核对过的发件人" in told
        folder = named(dialog, QLineEdit, "任务包的工作区文件夹")
        folder.clear()
        push(qtbot, dialog, "打开")
        assert "请选择放在哪个文件夹" in words(dialog)
        folder.setText(str(tmp_path / "检验科的任务包"))
        push(qtbot, dialog, "选择…")
        assert Path(folder.text()) == tmp_path / "文档" / "检验科的任务包"
        push(qtbot, dialog, "打开")

    drive(type_passphrase(PASSPHRASE), open_it)
    with qtbot.waitSignal(window.context.session_changed, timeout=20_000):
        drop(window, sent)
    session = window.context.session
    assert session is not None
    assert session.assessment.scope == {A}
    assert session.workspace.folder == tmp_path / "文档" / "检验科的任务包"
    qtbot.waitUntil(lambda: not window.context.operations.busy)
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()


def test_a_loud_signature_squashes_nothing(
    qtbot: QtBot, window: MainWindow, empty_session: Session, at: OtherComputer, tmp_path: Path
) -> None:
    at("the sender")
    create_packet(empty_session, assign(empty_session, A), tmp_path / "出.zip")
    at("the receiver")
    dialog = PacketDialog(window.context, tmp_path / "出.zip", look_at(tmp_path / "出.zip"), "李护士", None, window)
    qtbot.addWidget(dialog)
    dialog.show()
    line = named(dialog, QLineEdit, "任务包的工作区文件夹")
    qtbot.waitUntil(lambda: line.height() >= line.sizeHint().height())


def test_a_folder_in_use_is_said_in_the_dialog(
    qtbot: QtBot, window: MainWindow, sent: Path, drive: Drive, said: list, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    (tmp_path / "占用").mkdir()
    (tmp_path / "占用" / "文件").touch()
    monkeypatch.setattr(dialogs, "open_file", lambda *_: sent)

    def try_it(dialog: QDialog) -> None:
        named(dialog, QLineEdit, "任务包的工作区文件夹").setText(str(tmp_path / "占用"))
        push(qtbot, dialog, "打开")
        qtbot.waitUntil(lambda: "没有打开" in words(dialog))
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    drive(type_passphrase(PASSPHRASE), try_it)
    window.start_page.chosen.emit("open_packet")
    qtbot.waitUntil(lambda: not drive.left, timeout=20_000)
    qtbot.waitUntil(lambda: bool(said))
    assert "已有别的内容" in said[0][1]


def test_a_packet_that_came_back_is_for_merging(
    qtbot: QtBot, window: MainWindow, empty_session: Session, said: list, tmp_path: Path
) -> None:
    create_packet(empty_session, assign(empty_session, A), tmp_path / "去.zip")
    open_packet(tmp_path / "去.zip", tmp_path / "科室", "王五")
    with working(tmp_path / "科室") as there:
        return_packet(there, tmp_path / "回.zip")
    drop(window, tmp_path / "回.zip")
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == [("inform", "回.zip 是“检验科”交回的任务包。")]


def test_what_is_no_zip_is_refused(qtbot: QtBot, window: MainWindow, said: list, tmp_path: Path) -> None:
    (tmp_path / "照片.jpg").write_bytes(b"no zip")
    drop(window, tmp_path / "照片.jpg")
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said[0][0] == "error"
    assert QApplication.activeModalWidget() is None
