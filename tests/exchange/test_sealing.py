"""Packages sealed with a passphrase: others open them, the wrong passphrase is said at once, and nothing gets by."""

import io
import os
import shutil
import struct
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import pyzipper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyzipper.zipfile_aes import AESZipInfo

from emrassess.errors import UserError
from emrassess.exchange.package import create
from emrassess.exchange.safe_zip import ZipTree
from emrassess.exchange.sealing import NeedsPassphrase, WrongPassphrase, checked_passphrase
from emrassess.exchange.tree import Limits
from emrassess.exchange.verify import extract, read_package, verify
from tests.exchange.samples import bagged, contents, inputs_of, piece, sample_assessment
from tests.exchange.test_hostile_zips import central, local
from tests.exchange.test_signing import SIGNER

PASSPHRASE = "correct horse"
GOOD = bagged({"a.txt": b"hello hello hello", "b.bin": b"0123456789" * 10})
A = "bag/data/a.txt"


@pytest.fixture(scope="module")
def sealed_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed")
    (folder / "store").mkdir()
    inputs = inputs_of(sample_assessment(folder / "store"), folder / "store")
    create(inputs, folder / "p.zip", signer=SIGNER, passphrase=PASSPHRASE)
    return folder / "p.zip"


def sealed(
    files: Mapping[str, bytes],
    path: Path,
    *,
    method: int = zipfile.ZIP_STORED,
    version: int = 2,
    bits: int = 256,
    plain: tuple[str, ...] = (),
    passphrases: Mapping[str, str] | None = None,
) -> Path:
    """A bag as pyzipper seals it; entries in `plain` are not."""
    kwargs = {"force_wz_aes_version": version, "nbits": bits}
    with pyzipper.AESZipFile(path, "w", method) as archive:
        for name, content in files.items():
            if name in plain:
                archive.encryption, archive.pwd = None, None
            else:
                archive.setencryption(pyzipper.WZ_AES, **kwargs)
                archive.setpassword((passphrases or {}).get(name, PASSPHRASE).encode())
            archive.writestr(AESZipInfo(f"bag/{name}"), content, method)
    return path


def refusals(path: Path, limits: Limits | None = None) -> list[str]:
    before = sorted(path.parent.rglob("*"))
    found = verify(path, bag_only=True, limits=limits or Limits(), passphrase=PASSPHRASE)
    assert not found.ok and sorted(path.parent.rglob("*")) == before
    return [str(problem) for problem in found.problems]


def patched(path: Path, change: Callable[[bytearray], bytes | bytearray | None]) -> Path:
    data = bytearray(path.read_bytes())
    path.write_bytes(change(data) or data)
    return path


def test_a_sealed_package_verifies_and_reads_back(
    tmp_path: Path, sealed_package: Path, good_package: Path, files: dict[str, bytes]
) -> None:
    found = verify(sealed_package, passphrase=PASSPHRASE)
    assert found.ok and found.signature and found.signature.public_key == SIGNER.public_key
    assert read_package(sealed_package, passphrase=PASSPHRASE) == read_package(good_package)
    extract(sealed_package, tmp_path / "out", passphrase=PASSPHRASE)
    for path, content in files.items():
        assert (tmp_path / "out" / path).read_bytes() == content


def test_contents_are_not_in_the_file(sealed_package: Path) -> None:
    data = sealed_package.read_bytes()
    assert b"\x89PNG one" not in data and "示例医院".encode() not in data and b"BagIt" not in data
    assert "1-截图.png".encode() in data  # names are: see sealing.py


def test_another_program_opens_it(sealed_package: Path, files: dict[str, bytes]) -> None:
    with pyzipper.AESZipFile(sealed_package) as archive:
        archive.setpassword(PASSPHRASE.encode())
        assert archive.testzip() is None
        for info in archive.infolist():
            name = info.filename.partition("/")[2]
            assert info.wz_aes_version == 2 and info.wz_aes_strength == 3 and info.CRC == 0
            if name != "signature.json":
                assert archive.read(info) == files[name]
        archive.setpassword(b"wrong horse")
        with pytest.raises(RuntimeError, match="Bad password"):
            archive.read(archive.infolist()[0])


@pytest.mark.skipif(not (shutil.which("7z") or shutil.which("7zz")), reason="7-Zip is not installed")
def test_7_zip_opens_it_and_we_open_what_7_zip_makes(tmp_path: Path, sealed_package: Path) -> None:
    program = shutil.which("7zz") or shutil.which("7z") or ""
    key = f"-p{PASSPHRASE}"
    made, folder = tmp_path / "y.zip", tmp_path / "x"
    folder.mkdir()
    for arguments in (
        ["t", key, str(sealed_package)],
        ["x", key, str(sealed_package)],
        ["a", "-tzip", "-mem=AES256", key, str(made), "."],
    ):
        environment = os.environ | {"LANG": "C.UTF-8"}
        subprocess.run([program, *arguments], check=True, capture_output=True, timeout=60, cwd=folder, env=environment)
    assert verify(made, passphrase=PASSPHRASE).ok


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("version", [1, 2])
def test_what_others_seal_is_read(tmp_path: Path, method: int, version: int) -> None:
    files = bagged({"a.txt": b"", "b.bin": os.urandom(3 << 20), "c.txt": b"abc" * 100_000})
    path = sealed(files, tmp_path / "x.zip", method=method, version=version)
    assert verify(path, bag_only=True, passphrase=PASSPHRASE).ok


def test_each_file_has_a_salt_of_its_own(sealed_package: Path) -> None:
    data = bytearray(sealed_package.read_bytes())
    with zipfile.ZipFile(sealed_package) as archive:
        found = [(info.header_offset, len(info.orig_filename.encode())) for info in archive.infolist()]
    salts: set[bytes] = set()
    for at, length in found:
        start = at + 30 + length + struct.unpack_from("<H", data, at + 28)[0]
        salts.add(bytes(data[start : start + 16]))
    assert len(salts) == len(found)


@pytest.mark.parametrize("passphrase", [None, ""])
def test_without_a_passphrase_it_is_asked_for(tmp_path: Path, sealed_package: Path, passphrase: str | None) -> None:
    for use in (verify, read_package):
        with pytest.raises(NeedsPassphrase, match="需要口令"):
            use(sealed_package, passphrase=passphrase)
    with pytest.raises(NeedsPassphrase):
        extract(sealed_package, tmp_path / "out", passphrase=passphrase)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("passphrase", ["Correct horse", "口令口令口令口令", "x", "\udc80", " correct horse"])
def test_the_wrong_passphrase_is_said_at_once(
    sealed_package: Path, passphrase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ZipTree, "chunks", lambda *_: pytest.fail("content was read"))
    with pytest.raises(WrongPassphrase, match="口令不对"):
        verify(sealed_package, passphrase=passphrase)


def test_a_passphrase_for_a_package_that_is_not_sealed_is_not_looked_at(good_package: Path) -> None:
    assert verify(good_package, passphrase="x").ok


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("", "是空的"),
        (" " * 12, "是空的"),
        ("1234567", "太短"),
        ("x" * 100, "太长"),
        ("口令" * 5, "中文"),
        ("1234567\t8", "控制字符"),
    ],
)
def test_passphrases_too_weak_or_not_for_everybody(passphrase: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as error:
        checked_passphrase(passphrase)
    assert error.value.hint


def test_passphrases_that_do() -> None:
    for passphrase in ("12345678", "four unrelated words here!", "x" * 99):
        assert checked_passphrase(passphrase) == passphrase


def test_sealed_and_plain_entries_do_not_mix(tmp_path: Path) -> None:
    path = sealed(GOOD, tmp_path / "x.zip", plain=("data/a.txt",))
    assert refusals(path) == [f"{A}：没有加密，包里别的文件却是加密的"]
    empty = bagged({"a.txt": b"", "b.txt": b"b"})
    assert verify(
        sealed(empty, tmp_path / "y.zip", plain=("data/a.txt",)), bag_only=True, passphrase=PASSPHRASE
    ).ok  # some archivers seal nothing where nothing is


@pytest.mark.parametrize("bits", [128, 192])
def test_weaker_encryption_is_refused(tmp_path: Path, bits: int) -> None:
    found = refusals(sealed(GOOD, tmp_path / "x.zip", bits=bits))
    assert len(found) == len(GOOD) and all("只认 AES-256" in line for line in found)


def _in_both(change: Callable[[bytearray, int], None], with_local: bool = True) -> Callable[[bytearray], None]:
    """Change the extra field of a.txt's seal, in the directory and in the entry."""

    def apply(data: bytearray) -> None:
        at = central(data, A)
        change(data, at + 46 + len(A))
        if with_local:
            change(data, local(data, A) + 30 + len(A))

    return apply


def _put(offset: int, value: int) -> Callable[[bytearray, int], None]:
    def put(data: bytearray, at: int) -> None:
        data[at + offset] = value

    return put


def _flag(bit: int) -> Callable[[bytearray], None]:
    def apply(data: bytearray) -> None:
        for at in (central(data, A) + 8, local(data, A) + 6):
            struct.pack_into("<H", data, at, struct.unpack_from("<H", data, at)[0] ^ bit)

    return apply


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_in_both(_put(4, 3)), "只认 AES-256"),  # a third edition
        (_in_both(_put(6, ord("X"))), "只认 AES-256"),  # another vendor
        (_in_both(_put(8, 1)), "只认 AES-256"),
        (_in_both(_put(8, 0)), "只认 AES-256"),
        (_in_both(_put(9, 14)), "压缩方法 14 不支持"),
        (_in_both(_put(9, 99)), "压缩方法 99 不支持"),
        (_in_both(_put(2, 6)), "加密信息不完整"),
        (_in_both(_put(3, 1)), "加密信息不完整"),  # longer than there is
        (_in_both(_put(0, 2)), "加密信息不完整"),  # no such field
        (_in_both(_put(4, 1), with_local=False), "存储方式和条目自己的不同"),
        (_in_both(_put(4, 1)), "CRC"),  # of the first edition, that has a CRC
        (_flag(0x0001), "加密方式不支持"),  # sealed, but not flagged so
        (_flag(0x0040), "加密方式不支持"),
        (_flag(0x2000), "加密方式不支持"),
        (lambda d: struct.pack_into("<L", d, central(d, A) + 16, 7), "加密信息自相矛盾"),
        (lambda d: struct.pack_into("<L", d, central(d, A) + 20, 27), "加密的数据不完整"),
        (lambda d: struct.pack_into("<L", d, central(d, A) + 20, 40), "压缩前后的大小不同"),
        (lambda d: struct.pack_into("<L", d, central(d, A) + 24, 45), "压缩前后的大小不同"),
    ],
)
def test_seals_that_are_none(tmp_path: Path, change: Callable[[bytearray], None], words: str) -> None:
    found = refusals(patched(sealed(GOOD, tmp_path / "x.zip"), change))
    assert len(found) == 1 and found[0].startswith(A) and words in found[0], found


def _start(data: bytearray, name: str) -> int:
    at = local(data, name)
    return at + 30 + sum(struct.unpack_from("<2H", data, at + 26))


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (0, "口令和别的文件的不同"),
        (17, "口令和别的文件的不同"),
        (18, "校验码不符"),
        (40, "校验码不符"),
        (-1, "校验码不符"),
    ],
)
def test_a_changed_byte_of_a_sealed_entry_is_found(tmp_path: Path, offset: int, words: str) -> None:
    path = sealed(GOOD, tmp_path / "x.zip")

    def change(data: bytearray) -> None:
        length = 18 + len(GOOD["data/b.bin"]) + 10
        data[_start(data, "bag/data/b.bin") + offset % length] ^= 1

    found = refusals(patched(path, change))
    assert len(found) == 1 and found[0].startswith("bag/data/b.bin") and words in found[0], found


def test_a_truncated_code_is_found(tmp_path: Path) -> None:
    """The last entry's authentication code cut off, and everything else made to fit."""
    last = list(GOOD)[-1]
    path = sealed(GOOD, tmp_path / "x.zip")

    def cut(data: bytearray) -> bytearray:
        directory = data.index(b"PK\x01\x02")
        head, record = local(data, f"bag/{last}"), central(data, f"bag/{last}")
        for at in (head + 18, record + 20):
            struct.pack_into("<L", data, at, struct.unpack_from("<L", data, at)[0] - 10)
        shorter = data[: directory - 10] + data[directory:]
        end = shorter.index(b"PK\x05\x06")
        struct.pack_into("<L", shorter, end + 16, directory - 10)
        return shorter

    found = refusals(patched(path, cut))
    assert found == [f"bag/{last}：没有压缩，但压缩前后的大小不同"]
    packed = patched(sealed(GOOD, tmp_path / "y.zip", method=zipfile.ZIP_DEFLATED), cut)
    assert all(line.startswith(f"bag/{last}：") for line in refusals(packed))


def test_an_entry_under_another_passphrase(tmp_path: Path) -> None:
    path = sealed(GOOD, tmp_path / "x.zip", passphrases={"data/b.bin": "another one"})
    assert refusals(path) == ["bag/data/b.bin：口令和别的文件的不同，或文件被改动"]


def test_limits_hold_for_sealed_zips_too(tmp_path: Path) -> None:
    path = sealed(bagged({"zeros.csv": bytes(17 << 20)}), tmp_path / "x.zip", method=zipfile.ZIP_DEFLATED)
    assert refusals(path) == ["bag/data/zeros.csv：压缩比超过 200，疑似压缩炸弹"]
    path = sealed(GOOD, tmp_path / "y.zip")
    assert "解开后共" in refusals(path, Limits(total=300))[0]
    assert refusals(path, Limits(entries=2))[0].startswith("条目超过 2 个")


@pytest.mark.parametrize(("name", "words"), [("../x", "含“..”"), ("/x", "绝对路径"), ("data/A.TXT", "只差大小写")])
def test_names_in_sealed_zips(tmp_path: Path, name: str, words: str) -> None:
    path = tmp_path / "x.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSPHRASE.encode())
        for known, content in GOOD.items():
            archive.writestr(f"bag/{known}", content)
        archive.writestr(name if name[0] in "./" else f"bag/{name}", b"x")
    assert any(words in line for line in refusals(path))


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    large = piece("e1", os.urandom(24 << 20), "01.01.1(1)", folder=tmp_path)
    inputs = inputs_of(replace(sample_assessment(tmp_path), evidence={"e1": large}), tmp_path)
    tracemalloc.start()
    try:
        create(inputs, tmp_path / "p.zip", passphrase=PASSPHRASE)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_only_the_contents_differ_from_a_plain_package(sealed_package: Path, good_package: Path) -> None:
    with zipfile.ZipFile(sealed_package) as one, zipfile.ZipFile(good_package) as other:
        listed = [info.filename.partition("/")[2] for info in one.infolist()]
        assert listed == [info.filename.partition("/")[2] for info in other.infolist()] + ["signature.json"]
        assert all(info.extract_version == 51 and info.flag_bits & 1 for info in one.infolist())
    assert set(contents(good_package)) == set(listed) - {"signature.json"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_spoilt_byte_ever_breaks_the_program(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is changed: an answer comes, never a traceback; and what is found good has the bag's content."""
    if not (tmp_path / "good.zip").exists():
        sealed(GOOD, tmp_path / "good.zip", method=zipfile.ZIP_DEFLATED)
    content = bytearray((tmp_path / "good.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    try:
        found = verify(path, bag_only=True, passphrase=PASSPHRASE)
    except WrongPassphrase:
        return
    if found.ok:
        with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
            archive.setpassword(PASSPHRASE.encode())
            assert {n: archive.read(f"bag/{n}") for n in GOOD} == GOOD
