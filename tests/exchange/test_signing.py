"""Signed packages: who signed is told, and whatever is changed afterwards breaks the signature."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from emrassess.exchange.package import create
from emrassess.exchange.signing import Identity, check, fingerprint, key_from_pem, key_to_pem
from emrassess.exchange.verify import extract, verify
from tests.exchange.samples import (
    PACKED_AT,
    bagged,
    contents,
    inputs_of,
    manifest,
    rebagged,
    sample_assessment,
    unpacked,
    zipped,
)

Files = dict[str, bytes]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Identity("张三", "示例医院", KEY)
PICTURE = "data/evidence/01.01/01.01.1(1)/1-截图.png"


@pytest.fixture(scope="module")
def signed_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signed")
    (folder / "store").mkdir()
    create(inputs_of(sample_assessment(folder / "store"), folder / "store"), folder / "p.zip", signer=SIGNER)
    return folder / "p.zip"


@pytest.fixture
def signed(signed_package: Path) -> Files:
    return contents(signed_package)


def problems(files: Files, tmp_path: Path, bag_only: bool = False) -> list[str]:
    found = verify(zipped(files, tmp_path / "x.zip"), bag_only)
    assert found.ok is (not found.problems)
    assert found.ok or found.signature is None
    return [str(problem) for problem in found.problems]


def resigned(files: Files, signer: Identity = SIGNER) -> Files:
    """Tag manifest and signature made anew."""
    tags = {p: c for p, c in files.items() if not p.startswith(("data/", "tagmanifest-", "signature"))}
    tagmanifest = manifest(tags)
    return files | {
        "tagmanifest-sha256.txt": tagmanifest,
        "signature.json": signer.sign(tagmanifest, PACKED_AT),
    }


def test_a_signed_package_tells_who_signed(signed_package: Path) -> None:
    found = verify(signed_package)
    assert found.ok and found.signature
    assert (found.signature.name, found.signature.organisation) == ("张三", "示例医院")
    assert found.signature.public_key == SIGNER.public_key
    told: Any = json.loads(json.dumps(found.as_json()))["signature"]
    assert told == {
        "name": "张三",
        "organisation": "示例医院",
        "fingerprint": SIGNER.fingerprint,
        "signed_at": "2026-11-21T08:30:00+08:00",
    }


def test_an_unsigned_package_is_fine(good_package: Path) -> None:
    found = verify(good_package)
    assert found.ok and found.signature is None and found.as_json()["signature"] is None


def test_the_signature_can_be_checked_with_nothing_but_the_documentation(signed: Files) -> None:
    document = json.loads(signed["signature.json"])
    signature = bytes.fromhex(document.pop("signature"))
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    statement = f"emrassess-signature/1\n{hashlib.sha256(signed['tagmanifest-sha256.txt']).hexdigest()}\n{text}\n"
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["public_key"])).verify(signature, statement.encode())


def test_an_unpacked_package_is_still_signed(tmp_path: Path, signed_package: Path, signed: Files) -> None:
    extract(signed_package, tmp_path / "out")
    assert verify(tmp_path / "out").signature == verify(signed_package).signature
    assert verify(unpacked(signed, tmp_path / "bag"), bag_only=True).signature


def test_the_fingerprint_is_six_groups_of_four_digits() -> None:
    assert re.fullmatch(r"\d{4}( \d{4}){5}", SIGNER.fingerprint)
    digest = hashlib.sha256(bytes.fromhex(SIGNER.public_key)).digest()
    assert int(SIGNER.fingerprint.replace(" ", "")) == int.from_bytes(digest, "big") % 10**24
    assert SIGNER.fingerprint == fingerprint(SIGNER.public_key)


def altered(**changes: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        document = json.loads(files["signature.json"]) | changes
        files["signature.json"] = json.dumps({k: v for k, v in document.items() if v is not ...}).encode()

    return change


def with_all_digests_right(files: Files) -> None:
    """What a careful attacker hands in: another picture, and every manifest made to fit."""
    signature = files["signature.json"]
    files[PICTURE] = b"\x89PNG 0ne"
    files.update(rebagged(files) | {"signature.json": signature})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_all_digests_right, "signature.json：签名不对"),
        (altered(name="李四"), "signature.json：签名不对"),
        (altered(organisation="别的医院"), "signature.json：签名不对"),
        (altered(signed_at="2026-11-22T08:30:00+08:00"), "signature.json：签名不对"),
        (altered(added="x"), "signature.json：签名不对"),
        (altered(signature="0" * 128), "signature.json：签名不对"),
        (altered(public_key="f" * 64), "signature.json：签名不对"),
        (altered(public_key="0" * 64), "signature.json：签名不对"),
        (altered(public_key="ab" * 31), "public_key 应为 64 位十六进制数"),
        (altered(public_key="ab" * 33), "public_key 应为 64 位十六进制数"),
        (altered(public_key=["ab"]), "每一项都应是文字"),
        (altered(signature=...), "signature 应为 128 位十六进制数"),
        (altered(signature="g" * 128), "signature 应为 128 位十六进制数"),
        (altered(name=...), "name 应为一行文字"),
        (altered(name=5), "每一项都应是文字"),
        (altered(name=[[[]]]), "每一项都应是文字"),
        (altered(name="x" * 201), "name 应为一行文字"),
        (altered(name="张三\u202e院医"), "name 应为一行文字"),
        (altered(organisation="一\n二"), "organisation 应为一行文字"),
        (altered(signed_at="昨天"), "signed_at 不是时间"),
        (altered(signed_at="2026-11-21" + " " * 100), "signed_at 不是时间"),
        (altered(format="emrassess-signature/2"), "第 2 版"),
        (altered(format="other/1"), "应为 emrassess-signature/1"),
        (lambda f: f.update({"signature.json": b"{"}), "不是有效的 JSON"),
        (lambda f: f.update({"signature.json": b"[]"}), "应为 emrassess-signature/1"),
        (lambda f: f.update({"signature.json": b""}), "不是有效的 JSON"),
        (lambda f: f.update({"signature.json": b"[" * 100_000}), "嵌套太深"),
        (lambda f: f.update({"signature.json": b'{"a":' * 5_000 + b"1" + b"}" * 5_000}), "signature.json"),
        (lambda f: f.update({"signature.json": b'{"name": "a", "name": "b"}'}), "键“name”重复"),
        (lambda f: f.update({"signature.json": b" " * (2 << 20)}), "signature.json：超过 1 MB"),
        (lambda f: f.pop("tagmanifest-sha256.txt"), "签了名，却没有"),
    ],
)
def test_a_broken_signature_is_a_fault(
    tmp_path: Path, signed: Files, change: Callable[[Files], object], words: str
) -> None:
    change(signed)
    found = problems(signed, tmp_path)
    assert any(words in line for line in found), found


def test_a_changed_file_is_a_fault_as_ever(tmp_path: Path, signed: Files) -> None:
    signed[PICTURE] = b"\x89PNG 0ne"
    assert problems(signed, tmp_path) == [f"{PICTURE}：内容和清单不符（sha256 校验值不同）：文件被改动或损坏"]


def test_files_smuggled_in_by_another_manifest_are_not_signed(tmp_path: Path, signed: Files) -> None:
    """tagmanifest-md5.txt is listed nowhere, and could list files that the signer never saw."""
    signed["more.txt"] = b"more"
    signed["tagmanifest-md5.txt"] = f"{hashlib.md5(b'more').hexdigest()}  more.txt\n".encode()
    for bag_only in (False, True):
        assert problems(signed, tmp_path, bag_only) == ["more.txt：不在签名的范围内：多出的文件"]


def test_payload_listed_by_another_algorithm_only_is_not_signed(tmp_path: Path) -> None:
    files = resigned(bagged({"a.txt": b"1"}, algorithms=("md5",)))
    assert any("data/a.txt：不在签名的范围内" in line for line in problems(files, tmp_path, bag_only=True))
    assert verify(zipped(resigned(bagged({"a.txt": b"1"})), tmp_path / "y.zip"), bag_only=True).signature


def test_a_later_minor_edition_may_say_more_if_it_is_signed(tmp_path: Path, signed: Files) -> None:
    class Later(Identity):
        def sign(self, tagmanifest: bytes, signed_at: datetime) -> bytes:
            document = {
                "format": "emrassess-signature/1",
                "name": "张三",
                "organisation": "",
                "public_key": self.public_key,
                "signed_at": signed_at.isoformat(),
                "phone": "1",
            }
            text = json.dumps(document, sort_keys=True, separators=(",", ":"))
            statement = f"emrassess-signature/1\n{hashlib.sha256(tagmanifest).hexdigest()}\n{text}\n".encode()
            return json.dumps(document | {"signature": self.key.sign(statement).hex()}).encode()

    assert problems(resigned(signed, Later("", "", KEY)), tmp_path) == []


def test_other_peoples_signature_json_is_none_of_ours(tmp_path: Path) -> None:
    for content in (b'{"format": "theirs"}', b"\x00\x01", b"[1]", b" " * (2 << 20)):
        files = bagged({"a.txt": b"1"}) | {"signature.json": content}
        found = verify(zipped(files, tmp_path / "x.zip"), bag_only=True)
        assert found.ok and found.signature is None
    files = bagged({"a.txt": b"1"}) | {"signature.json": b'{"format": "emrassess-signature/1"}'}
    assert not verify(zipped(files, tmp_path / "x.zip"), bag_only=True).ok


@given(name=st.text(max_size=300), organisation=st.text(max_size=300), content=st.binary(max_size=50))
def test_what_is_signed_checks_and_anything_else_does_not(name: str, organisation: str, content: bytes) -> None:
    document = json.loads(Identity(name, organisation, KEY).sign(content, PACKED_AT))
    found = check(document, content)
    assert found.public_key == SIGNER.public_key and found.name.isprintable() and found.signed_at
    with pytest.raises(ValueError, match="签名不对"):
        check(document, content + b"x")


def test_keys_outlast_a_file() -> None:
    assert key_from_pem(key_to_pem(KEY)).private_bytes_raw() == KEY.private_bytes_raw()


@pytest.mark.parametrize("kind", ["empty", "text", "half", "rsa", "locked", "public"])
def test_files_that_hold_no_key(kind: str) -> None:
    pem = serialization.Encoding.PEM
    pkcs8 = serialization.PrivateFormat.PKCS8
    content = {
        "empty": lambda: b"",
        "text": lambda: b"hello",
        "half": lambda: key_to_pem(KEY)[:60],
        "rsa": lambda: rsa.generate_private_key(65537, 1024).private_bytes(pem, pkcs8, serialization.NoEncryption()),
        "locked": lambda: KEY.private_bytes(pem, pkcs8, serialization.BestAvailableEncryption(b"x")),
        "public": lambda: KEY.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo),
    }[kind]()
    with pytest.raises(ValueError, match="key"):
        key_from_pem(content)
