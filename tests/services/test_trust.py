"""The key of this computer, known senders, and what is told of a signature."""

import errno
import os
import stat
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emrassess.errors import StorageError, UserError
from emrassess.exchange.package_format import parse_json
from emrassess.exchange.sealing import NeedsPassphrase, WrongPassphrase
from emrassess.exchange.signing import Identity, Signature, check, new_key
from emrassess.services.packages import create_package, extract_package, verify_package
from emrassess.services.session import Session
from emrassess.services.trust import Trust, forget, identity, judge, known_senders, remember

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def signed_by(signer: Identity) -> Signature:
    document = parse_json(signer.sign(b"x", AT))
    assert isinstance(document, dict)
    return check(document, b"x")


def stranger(name: str = "李四", organisation: str = "示例医院检验科") -> Signature:
    return signed_by(Identity(name, organisation, new_key()))


def key_file(home: Path) -> Path:
    return home / "identity" / "key.pem"


def test_the_key_is_made_once(home: Path) -> None:
    first = identity("张三", "示例医院")
    again = identity("王五", "另一家")
    assert first.fingerprint == again.fingerprint and (again.name, again.organisation) == ("王五", "另一家")
    assert [file.name for file in key_file(home).parent.iterdir()] == ["key.pem"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_nobody_else_can_read_the_key(home: Path) -> None:
    before = os.umask(0)
    try:
        identity("张三", "示例医院")
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_file(home).stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file(home).parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_damaged_key_is_said_and_kept(home: Path, content: bytes) -> None:
    identity("张三", "示例医院")
    key_file(home).write_bytes(content)
    with pytest.raises(UserError, match="密钥已损坏") as error:
        identity("张三", "示例医院")
    assert "备份" in error.value.hint and key_file(home).read_bytes() == content
    assert judge(stranger()).trust == Trust.UNKNOWN


def test_a_key_that_cannot_be_read_is_said(home: Path) -> None:
    key_file(home).mkdir(parents=True)
    with pytest.raises(UserError, match="读不出来"):
        identity("张三", "示例医院")


def test_a_folder_that_takes_no_key_is_said(home: Path) -> None:
    (home / "identity").write_bytes(b"")
    with pytest.raises(UserError, match="不是文件夹"):
        identity("张三", "示例医院")


def test_two_programs_at_first_start_agree_on_one_key() -> None:
    found: list[str] = []
    ready = threading.Barrier(8)

    def start() -> None:
        ready.wait()
        found.append(identity("张三", "示例医院").fingerprint)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


def test_a_drive_without_hard_links(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    first = identity("张三", "示例医院")
    assert identity("张三", "示例医院").fingerprint == first.fingerprint
    assert [file.name for file in key_file(home).parent.iterdir()] == ["key.pem"]


def test_no_signature() -> None:
    found = judge(None)
    assert (found.trust, found.loud) == (Trust.UNSIGNED, False) and "没有签名" in found.title


def test_ones_own_signature() -> None:
    found = judge(signed_by(identity("张三", "示例医院")))
    assert (found.trust, found.loud) == (Trust.OWN, False)


def test_judging_makes_no_key(home: Path) -> None:
    judge(stranger())
    assert list(home.iterdir()) == []


def test_a_stranger_is_said_loudly_until_remembered() -> None:
    signature = stranger()
    found = judge(signature)
    assert (found.trust, found.loud, found.earlier) == (Trust.UNKNOWN, True, None)
    assert signature.fingerprint in found.text and "李四" in found.text and "示例医院检验科" in found.text
    sender = remember(signature)
    found = judge(signature)
    assert (found.trust, found.loud, found.earlier) == (Trust.KNOWN, False, sender)
    assert known_senders() == (sender,) and sender.fingerprint == signature.fingerprint
    forget(signature.fingerprint)
    forget(signature.fingerprint)
    assert known_senders() == () and judge(signature).trust == Trust.UNKNOWN


@pytest.mark.parametrize(
    ("name", "organisation"),
    [("李四", "示例医院检验科"), ("李 四", "示例医院检验科"), ("李四", "示例医院\u3000检验科")],
)
def test_a_changed_key_is_said_loudly(name: str, organisation: str) -> None:
    before = remember(stranger())
    changed = stranger(name, organisation)
    found = judge(changed)
    assert (found.trust, found.loud, found.earlier) == (Trust.CHANGED, True, before)
    assert before.fingerprint in found.text and changed.fingerprint in found.text and "冒名" in found.title


def test_a_new_key_takes_the_place_of_the_old_one() -> None:
    before, after, other = stranger(), stranger(), stranger("赵六")
    for signature in (other, before, after):
        remember(signature)
    assert {sender.fingerprint for sender in known_senders()} == {after.fingerprint, other.fingerprint}
    assert judge(before).trust == Trust.CHANGED and judge(after).trust == Trust.KNOWN


def test_a_known_key_under_another_name_stays_known_but_is_told() -> None:
    signature = stranger()
    remember(signature)
    found = judge(replace(signature, name="王五"))
    assert found.trust == Trust.KNOWN and "王五" in found.text and "李四" in found.text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"format": "x"}', b"[" * 60_000, b"\xff"])
def test_a_damaged_record_makes_nobody_known(home: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    signature = stranger()
    kept = remember(stranger("赵六"))
    remember(signature)
    file = home / "senders" / f"{signature.fingerprint.replace(' ', '')}.json"
    file.write_bytes(content)
    assert known_senders() == (kept,) and judge(signature).trust == Trust.UNKNOWN
    assert file.name in caplog.text


def test_a_record_speaks_only_for_the_key_it_is_named_after(home: Path) -> None:
    one, other = stranger("一"), stranger("二")
    remember(one)
    remember(other)
    files = sorted((home / "senders").iterdir())
    files[0].write_bytes(files[1].read_bytes())
    assert len(known_senders()) == 1


def test_forgetting_touches_nothing_else(home: Path) -> None:
    outside = home / "1234.json"
    outside.write_bytes(b"x")
    for fingerprint in ("../1234", "", "../../1234.json"):
        forget(fingerprint)
    assert outside.read_bytes() == b"x"


def test_many_at_once_lose_nobody() -> None:
    signatures = [stranger(f"部门{n}") for n in range(12)]
    threads = [threading.Thread(target=remember, args=[signature]) for signature in signatures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {s.public_key for s in known_senders()} == {s.public_key for s in signatures}


def test_a_folder_that_takes_no_sender_is_said(home: Path) -> None:
    (home / "senders").write_bytes(b"")
    with pytest.raises(StorageError):
        remember(stranger())
    assert known_senders() == ()


def test_packages_are_signed_in_the_name_of_user_and_hospital(session: Session, tmp_path: Path) -> None:
    create_package(session, tmp_path / "p.zip")
    found = verify_package(tmp_path / "p.zip")
    assert found.signature and (found.signature.name, found.signature.organisation) == ("张三", "示例医院")
    assert judge(found.signature).trust == Trust.OWN
    create_package(session, tmp_path / "plain.zip", sign=False)
    assert judge(verify_package(tmp_path / "plain.zip").signature).trust == Trust.UNSIGNED


def test_packages_are_sealed_with_a_passphrase(session: Session, tmp_path: Path) -> None:
    out = tmp_path / "p.zip"
    create_package(session, out, passphrase="correct horse")
    with pytest.raises(NeedsPassphrase):
        verify_package(out)
    with pytest.raises(WrongPassphrase):
        verify_package(out, passphrase="correct mouse")
    assert verify_package(out, passphrase="correct horse").signature
    assert extract_package(out, tmp_path / "out", passphrase="correct horse").hospital == "示例医院"


@pytest.mark.parametrize("passphrase", ["", "short", "全是汉字的口令"])
def test_a_weak_passphrase_is_refused_before_anything_is_done(
    session: Session, tmp_path: Path, home: Path, passphrase: str
) -> None:
    with pytest.raises(UserError, match="口令"):
        create_package(session, tmp_path / "p.zip", passphrase=passphrase)
    assert not (tmp_path / "p.zip").exists() and not key_file(home).exists()


def test_a_damaged_key_stops_a_signed_package(session: Session, tmp_path: Path, home: Path) -> None:
    key_file(home).parent.mkdir()
    key_file(home).write_bytes(b"damaged")
    with pytest.raises(UserError, match="密钥已损坏"):
        create_package(session, tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()
