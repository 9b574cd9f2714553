"""Zips made to harm: each is refused with the entry's name and the reason, and nothing is left on the disk."""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrassess.exchange.tree import Limits
from emrassess.exchange.verify import verify
from tests.exchange.samples import bagged, zip_of_entries, zipped

GOOD = bagged({"a.txt": b"hello hello hello", "b.bin": b"0123456789" * 10})


def refusals(path: Path, limits: Limits | None = None) -> list[str]:
    before = sorted(path.parent.rglob("*"))
    found = verify(path, bag_only=True, limits=limits or Limits())
    assert not found.ok
    assert sorted(path.parent.rglob("*")) == before
    return [str(problem) for problem in found.problems]


def hostile(tmp_path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A good bag with more entries."""
    listed = [(zipfile.ZipInfo(f"bag/{name}"), content) for name, content in GOOD.items()]
    for name, content in entries:
        listed.append((name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name), content))
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of_entries(listed))
    return path


def patched(tmp_path: Path, change: Callable[[bytearray], bytes | bytearray | None], method: int = 0) -> Path:
    path = zipped(GOOD, tmp_path / "x.zip", method=method)
    data = bytearray(path.read_bytes())
    path.write_bytes(change(data) or data)
    return path


def central(data: bytearray, name: str) -> int:
    """Where the directory's record of `name` begins."""
    at = data.index(b"PK\x01\x02")
    while True:
        size, extra, comment = struct.unpack_from("<3H", data, at + 28)
        if data[at + 46 : at + 46 + size] == name.encode():
            return at
        at += 46 + size + extra + comment


def local(data: bytearray, name: str) -> int:
    return struct.unpack_from("<L", data, central(data, name) + 42)[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "绝对路径"),
        ("../outside.txt", "含“..”"),
        ("bag/data/../../outside.txt", "含“..”"),
        ("C:/windows/x.txt", "盘符"),
        ("bag\\data\\x.txt", "反斜杠"),
        ("bag/data/\u202egnp.exe", "控制字符"),
        ("bag//data/x", "空的一段"),
        ("bag/data/A.TXT", "只差大小写"),
        ("bag/data/a.txt", "出现了两次"),
        ("bag/data/a.txt/b", "既是文件又是文件夹"),
        ("bag/" + "d/" * 30 + "x", "嵌套"),
        ("other/x.txt", "只有一个文件夹"),
        ("loose.txt", "只有一个文件夹"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names(tmp_path: Path, name: str, words: str) -> None:
    found = refusals(hostile(tmp_path, (name, b"x")))
    assert any(words in line for line in found), found
    if "一个文件夹" not in words:
        assert found[0].startswith(name)


def test_names_that_differ_only_in_composition(tmp_path: Path) -> None:
    found = refusals(hostile(tmp_path, ("bag/data/caf\u00e9.png", b"1"), ("bag/data/cafe\u0301.png", b"2")))
    assert "组合形式" in found[0]


def test_a_name_with_a_nul_in_it(tmp_path: Path) -> None:
    path = hostile(tmp_path, ("bag/data/x.png_.exe", b"x"))
    path.write_bytes(path.read_bytes().replace(b"x.png_.exe", b"x.png\x00.exe"))
    assert "控制字符" in refusals(path)[0]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("bag/data/link")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    found = refusals(hostile(tmp_path, (info, b"/etc/passwd")))
    assert found == [f"bag/data/link：{'是链接' if kind == stat.S_IFLNK else '不是普通文件'}"]


def test_a_folder_with_content(tmp_path: Path) -> None:
    found = refusals(hostile(tmp_path, ("bag/data/dir/", b"x")))
    assert found == ["bag/data/dir/：是文件夹，却有内容"]


def test_empty_folders_are_harmless(tmp_path: Path) -> None:
    assert verify(hostile(tmp_path, ("bag/data/dir/", b"")), bag_only=True).ok


def test_an_entry_encrypted_in_the_old_way(tmp_path: Path) -> None:
    def encrypt(data: bytearray) -> None:
        data[local(data, "bag/data/a.txt") + 6] |= 1
        data[central(data, "bag/data/a.txt") + 8] |= 1

    found = refusals(patched(tmp_path, encrypt))
    assert len(found) == 1 and found[0].startswith("bag/data/a.txt：加密方式不支持")


def test_an_unknown_method(tmp_path: Path) -> None:
    path = zipped(GOOD, tmp_path / "x.zip", method=zipfile.ZIP_LZMA)
    assert all("压缩方法 14 不支持" in line for line in refusals(path))


def test_a_format_newer_than_archivers_know(tmp_path: Path) -> None:
    def newer(data: bytearray) -> None:
        data[central(data, "bag/data/a.txt") + 6] = 255

    assert refusals(patched(tmp_path, newer)) == ["bag/data/a.txt：需要 zip 255 版，不支持"]


def test_a_bomb_by_ratio(tmp_path: Path) -> None:
    files = bagged({"zeros.csv": bytes(17 << 20)})
    path = zipped(files, tmp_path / "x.zip", method=zipfile.ZIP_DEFLATED)
    assert refusals(path) == ["bag/data/zeros.csv：压缩比超过 200，疑似压缩炸弹"]


def test_a_bomb_by_total_ratio(tmp_path: Path) -> None:
    files = bagged({f"{n}.csv": bytes(1 << 20) for n in range(4)})
    path = zipped(files, tmp_path / "x.zip", method=zipfile.ZIP_DEFLATED)
    assert "总压缩比" in refusals(path, Limits(total_from=3 << 20))[0]


def test_a_bomb_by_size_and_by_count(tmp_path: Path) -> None:
    path = zipped(GOOD, tmp_path / "x.zip")
    assert "解开后共" in refusals(path, Limits(total=300))[0]
    assert refusals(path, Limits(total=90))[0].startswith("bag/data/b.bin：解开后 ")
    assert refusals(path, Limits(entries=2)) == [f"条目超过 2 个（{len(GOOD)} 个）"]
    assert refusals(path, Limits(directory=10)) == ["zip 的目录太大"]


def test_a_zip_in_the_zip_is_only_a_file(tmp_path: Path) -> None:
    inner = zip_of_entries([(zipfile.ZipInfo("../../evil"), b"x")])
    assert verify(zipped(bagged({"inner.zip": inner}), tmp_path / "x.zip"), bag_only=True).ok


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_sizes_that_lie(tmp_path: Path, method: int) -> None:
    def lie(by: int) -> Callable[[bytearray], None]:
        def change(data: bytearray) -> None:
            for at in (local(data, "bag/data/b.bin") + 22, central(data, "bag/data/b.bin") + 24):
                struct.pack_into("<L", data, at, 100 + by)

        return change

    for by, words in ((-50, "比声明的大"), (50, "比声明的小")):
        found = refusals(patched(tmp_path, lie(by), method))
        expected = words if method else "压缩前后的大小不同"
        assert any(line.startswith("bag/data/b.bin") and expected in line for line in found), found


def test_the_directory_contradicts_the_entry(tmp_path: Path) -> None:
    def rename(data: bytearray) -> None:
        at = local(data, "bag/data/a.txt") + 30
        data[at : at + 14] = b"bag/data/x.txt"

    assert refusals(patched(tmp_path, rename)) == ["bag/data/a.txt：目录里的名称和条目自己的名称不同"]

    def crc(data: bytearray) -> None:
        data[local(data, "bag/data/a.txt") + 14] ^= 1

    assert "校验值和条目自己的不同" in refusals(patched(tmp_path, crc))[0]

    def method(data: bytearray) -> None:
        data[local(data, "bag/data/a.txt") + 8] = 8

    assert "存储方式" in refusals(patched(tmp_path, method))[0]


def test_content_damaged_in_the_zip(tmp_path: Path) -> None:
    def damage(data: bytearray) -> None:
        at = data.index(b"0123456789")
        data[at] ^= 1

    found = refusals(patched(tmp_path, damage))
    assert found == ["bag/data/b.bin：内容已损坏（CRC 校验不符）"]


def test_packed_data_damaged(tmp_path: Path) -> None:
    def damage(data: bytearray) -> None:
        at = local(data, "bag/data/b.bin")
        data[at + 30 + 14] ^= 0xFF

    assert any(line.startswith("bag/data/b.bin") for line in refusals(patched(tmp_path, damage, zipfile.ZIP_DEFLATED)))


def test_entries_that_overlap(tmp_path: Path) -> None:
    """Many names for one range of bytes: the bomb that needs no nesting."""

    def overlap(data: bytearray) -> None:
        struct.pack_into("<L", data, central(data, "bag/data/b.bin") + 42, local(data, "bag/data/a.txt"))

    assert any("重叠" in line for line in refusals(patched(tmp_path, overlap)))


def test_bytes_that_belong_to_no_entry(tmp_path: Path) -> None:
    assert "目录位置不对" in refusals(patched(tmp_path, lambda data: b"MZ program" + data))[0]
    assert "不是 zip 文件" in refusals(patched(tmp_path, lambda data: data + b"tail"))[0]

    def hide(data: bytearray) -> bytearray:
        """A gap before the directory, with the directory's offset put right."""
        at = data.index(b"PK\x01\x02")
        hidden = data[:at] + b"hidden" + data[at:]
        struct.pack_into("<L", hidden, len(hidden) - 6, at + 6)
        return hidden

    assert "不属于任何条目" in refusals(patched(tmp_path, hide))[0]


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7, 0.95, 0.999])
def test_truncated_files(tmp_path: Path, keep: float) -> None:
    found = refusals(patched(tmp_path, lambda data: data[: int(len(data) * keep)]) if keep else _empty(tmp_path))
    assert "不完整" in found[0]


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "x.zip").write_bytes(b"")
    return tmp_path / "x.zip"


def test_a_wrong_count_in_the_directory(tmp_path: Path) -> None:
    def count(data: bytearray) -> None:
        struct.pack_into("<2H", data, len(data) - 14, len(GOOD) - 1, len(GOOD) - 1)

    assert "实际" in refusals(patched(tmp_path, count))[0]


def test_an_empty_zip(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zip_of_entries([]))
    assert refusals(tmp_path / "x.zip") == ["zip 是空的"]


def test_names_in_gbk_without_saying_so_are_understood(tmp_path: Path) -> None:
    """Chinese Windows archivers do that; the manifest decides whether the name is right."""
    files = bagged({"截图.png": b"1"})
    path = zipped({name.replace("截图", "????"): content for name, content in files.items()}, tmp_path / "x.zip")
    path.write_bytes(path.read_bytes().replace(b"????", "截图".encode("gbk")))
    assert verify(path, bag_only=True).ok


@pytest.mark.parametrize(("second", "ok"), [("bag/data/a.txt", True), ("../../evil.txt", False)])
def test_a_second_name_must_be_the_same(tmp_path: Path, second: str, ok: bool) -> None:
    """Some archivers go by the one, some by the other."""
    entries = [(zipfile.ZipInfo(f"bag/{name}"), content) for name, content in GOOD.items()]
    info = next(info for info, _ in entries if info.filename == "bag/data/a.txt")
    field = struct.pack("<BL", 1, zlib.crc32(b"bag/data/a.txt")) + second.encode()
    info.extra = struct.pack("<2H", 0x7075, len(field)) + field
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of_entries(entries))
    if ok:
        assert verify(path, bag_only=True).ok
    else:
        assert refusals(path) == ["bag/data/a.txt：条目有两个不同的名称"]


def test_a_name_in_no_encoding(tmp_path: Path) -> None:
    path = hostile(tmp_path, ("bag/data/??.png", b"1"))
    path.write_bytes(path.read_bytes().replace(b"??.png", b"\xff\xff.png"))
    assert "编码" in refusals(path)[0]


class _Pipe(io.RawIOBase):
    """Takes bytes, but cannot seek: zipfile then writes the sizes behind the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += bytes(data)
        return len(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zips_written_to_a_pipe_are_understood_and_held_to_it(tmp_path: Path, method: int) -> None:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        for name, content in GOOD.items():
            archive.writestr(f"bag/{name}", content)
    path = tmp_path / "x.zip"
    path.write_bytes(pipe.data)
    assert verify(path, bag_only=True).ok
    path.write_bytes(pipe.data.replace(b"PK\x07\x08", b"PK\x07\x09", 1))
    assert "大小记录" in refusals(path)[0]


def test_zip64_is_understood(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in GOOD.items():
            with archive.open(f"bag/{name}", "w", force_zip64=True) as entry:
                entry.write(content)
    data = bytearray(file.getvalue())
    end = data.index(b"PK\x05\x06")
    count, length, offset = struct.unpack_from("<H2L", data, end + 10)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    short = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path = tmp_path / "x.zip"
    path.write_bytes(bytes(data[:end]) + wide + locator + short)
    assert verify(path, bag_only=True).ok
    lying = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(bytes(data[:end]) + wide + locator + lying)
    assert refusals(path) == ["zip 的两份结尾记录不一致"]


def test_a_large_packed_file_comes_out_whole(tmp_path: Path) -> None:
    """Output may wait inside the inflater after its input has ended."""
    for size in (1 << 20, (1 << 20) + 1, (3 << 20) + 257):
        content = bytes(size - 100) + os.urandom(100)
        path = zipped(bagged({"x.txt": content}), tmp_path / "x.zip", method=zipfile.ZIP_DEFLATED)
        assert verify(path, bag_only=True).ok


def test_data_after_the_packed_stream(tmp_path: Path) -> None:
    packed = zlib.compress(b"hello", wbits=-15) + b"hidden"
    name = b"bag/bagit.txt"
    head = struct.pack("<2L", zlib.crc32(b"hello"), len(packed)) + struct.pack("<L2H", 5, len(name), 0)
    entry = struct.pack("<4s5H", b"PK\x03\x04", 20, 0, 8, 0, 0x21) + head + name + packed
    record = (
        struct.pack("<4s6H", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21) + head + struct.pack("<3H2L", 0, 0, 0, 0, 0) + name
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(record), len(entry), 0)
    path = tmp_path / "x.zip"
    path.write_bytes(entry + record + end)
    assert "多余的数据" in refusals(path)[0]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_spoilt_byte_ever_breaks_the_program(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is changed: an answer comes, never a traceback; and what is found good has the bag's content."""
    path = zipped(GOOD, tmp_path / "x.zip", method=zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    path.write_bytes(content)
    found = verify(path, bag_only=True)
    if found.ok:
        with zipfile.ZipFile(path) as archive:
            assert {n: archive.read(f"bag/{n}") for n in GOOD} == GOOD
