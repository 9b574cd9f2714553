"""The directory of a zip file, read with suspicion.

The standard library's reader is made to open what it can; this one refuses what two archivers could understand in
different ways: names that differ between the directory and the entry, overlaps, gaps, trailing bytes, lying sizes.
(Layout: PKWARE APPNOTE 4.3.)
"""

import stat
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from emrassess.exchange.sealing import AES_256, HEAD, METHOD_SEALED, SEAL_FIELD, TAIL
from emrassess.exchange.tree import Fault, Limits, Refused

STORED, DEFLATED = 0, 8
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x0001
_ENCRYPTED_OTHERWISE = 0x0040 | 0x2000  # PKWARE's own ways
_SEAL = struct.Struct("<H2sBH")
_DESCRIPTOR = 0x0008
_UTF8 = 0x0800
_NEWEST = 63  # version 6.3 of the format; the upper byte is of no meaning here
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_DOS_REPARSE = 0x0400


@dataclass(slots=True)
class ZipEntry:
    """One entry as the directory tells it; `start` is where its data begin, known once the entry itself was read.

    `method` is what stands in the headers; `seal` the extra field of a sealed entry, which tells its method proper.
    """

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    attributes: int
    seal: bytes = b""
    start: int = 0

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")

    @property
    def is_sealed(self) -> bool:
        return bool(self.flags & _ENCRYPTED)

    @property
    def packing(self) -> int:
        """STORED or DEFLATED, also of a sealed entry."""
        return _SEAL.unpack(self.seal)[3] if self.is_sealed else self.method

    @property
    def has_crc(self) -> bool:
        """Sealed entries of the second edition have none: it would tell of the content."""
        return not self.is_sealed or _SEAL.unpack(self.seal)[0] == 1


def read_directory(file: BinaryIO, limits: Limits) -> list[ZipEntry]:
    """All entries, in the order they lie in the file. Refused with every fault of form found; contents are not read."""
    size = file.seek(0, 2)
    count, length, offset, end = _find_end(file, size)
    if count > limits.entries:
        raise Refused([Fault("", f"条目超过 {limits.entries} 个（{count} 个）")])
    if length > limits.directory:
        raise Refused([Fault("", "zip 的目录太大")])
    if offset + length != end:
        raise Refused([Fault("", "zip 的目录位置不对：文件前面或中间有不属于它的数据，或文件不完整")])
    entries = _parse(_read(file, offset, length), count)
    faults = [Fault(entry.name, fault) for entry in entries if (fault := _entry_fault(entry, limits))]
    if faults:
        raise Refused(faults)
    _check_all_sealed(entries)
    entries.sort(key=lambda e: e.offset)
    _check_places(file, entries, offset)
    _check_totals(entries, size, limits)
    return entries


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = b""
    while len(data) < length and (piece := file.read(length - len(data))):
        data += piece
    if len(data) != length:
        raise Refused([Fault("", "文件不完整")])
    return data


def _find_end(file: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """Number of entries, length and offset of the directory, and where it must end."""
    tail_at = max(size - _END.size - _FULL16, 0)
    tail = _read(file, tail_at, size - tail_at)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + _END.size <= len(tail) and _END.unpack_from(tail, at)[7] == len(tail) - at - _END.size:
            break
        at = tail.rfind(b"PK\x05\x06", 0, at)
    if at < 0:
        raise Refused([Fault("", "不是 zip 文件，或文件不完整（没有复制完？）")])
    _, disk, first_disk, here, count, length, offset, _ = _END.unpack_from(tail, at)
    end = tail_at + at
    if end >= _END64_LOCATOR.size:
        locator = _END64_LOCATOR.unpack(_read(file, end - _END64_LOCATOR.size, _END64_LOCATOR.size))
        if locator[0] == b"PK\x06\x07":
            return _find_end64(file, locator[2], end, (count, length, offset))
    if disk or first_disk or here != count:
        raise Refused([Fault("", "是分卷压缩包的一部分")])
    return count, length, offset, end


def _find_end64(file: BinaryIO, at: int, end: int, short: tuple[int, int, int]) -> tuple[int, int, int, int]:
    if at + _END64.size + _END64_LOCATOR.size != end:
        raise Refused([Fault("", "zip64 的结尾记录位置不对")])
    mark, length_here, _, _, disk, first_disk, here, count, length, offset = _END64.unpack(_read(file, at, _END64.size))
    if mark != b"PK\x06\x06" or length_here != _END64.size - 12 or disk or first_disk or here != count:
        raise Refused([Fault("", "zip64 的结尾记录不对")])
    for given, full, value in zip(short, (_FULL16, _FULL32, _FULL32), (count, length, offset), strict=True):
        if given not in (full, value):
            raise Refused([Fault("", "zip 的两份结尾记录不一致")])
    return count, length, offset, at


def _parse(data: bytes, count: int) -> list[ZipEntry]:
    entries: list[ZipEntry] = []
    at = 0
    while at < len(data):
        if at + _CENTRAL.size > len(data):
            raise Refused([Fault("", "zip 的目录不完整")])
        fields = _CENTRAL.unpack_from(data, at)
        mark, _, needed, flags, method, _, _, crc, packed, size, name_size, extra_size, comment_size = fields[:13]
        disk, _, attributes, offset = fields[13:]
        at += _CENTRAL.size
        raw = data[at : at + name_size]
        extra = data[at + name_size : at + name_size + extra_size]
        at += name_size + extra_size + comment_size
        if mark != b"PK\x01\x02" or at > len(data) or disk not in (0, _FULL16):
            raise Refused([Fault("", f"zip 的目录从第 {len(entries) + 1} 条起不可读")])
        name = _decode(raw, flags, extra)
        if needed & 0xFF > _NEWEST:
            raise Refused([Fault(name, f"需要 zip {needed & 0xFF} 版，不支持")])
        size, packed, offset = _wide(name, extra, [size, packed, offset])
        seal = _fields(extra).get(SEAL_FIELD, b"")
        entries.append(ZipEntry(name, raw, flags, method, crc, packed, size, offset, attributes, seal))
    if len(entries) != count:
        raise Refused([Fault("", f"zip 的目录写着 {count} 条，实际 {len(entries)} 条")])
    return entries


def _fields(extra: bytes) -> dict[int, bytes]:
    """The extra fields by kind, the first of each; one that is cut short is none."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if at + 4 + length > len(extra):
            break
        found.setdefault(kind, extra[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _wide(name: str, extra: bytes, values: list[int]) -> list[int]:
    """`values` with the 64-bit ones of the zip64 field put where the 32-bit ones say "see there"."""
    wide = _fields(extra).get(0x0001, b"")
    at = 0
    for index, value in enumerate(values):
        if value == _FULL32:
            if at + 8 > len(wide):
                raise Refused([Fault(name, "zip64 的大小信息不完整")])
            (values[index],) = struct.unpack_from("<Q", wide, at)
            at += 8
    return values


def _decode(raw: bytes, flags: int, extra: bytes) -> str:
    """The name. Archivers on Chinese Windows write GBK without saying so, those on macOS UTF-8 without saying so.

    Some add the name once more as UTF-8 (field 0x7075), which only some read: both must say the same.
    """
    name = None
    for encoding in ("utf-8",) if flags & _UTF8 else ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if name is None:
        raise Refused([Fault(raw.decode("ascii", "backslashreplace"), "名称的编码不可识别")])
    again = _fields(extra).get(0x7075, b"")
    if len(again) > 5 and struct.unpack_from("<L", again, 1)[0] == zlib.crc32(raw) and again[5:] != name.encode():
        raise Refused([Fault(name, "条目有两个不同的名称")])
    return name


def _entry_fault(entry: ZipEntry, limits: Limits) -> str:
    kind = stat.S_IFMT(entry.attributes >> 16)
    if fault := _seal_fault(entry):
        return fault
    if kind == stat.S_IFLNK or entry.attributes & _DOS_REPARSE:
        return "是链接"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR and not entry.is_folder):
        return "不是普通文件"
    if entry.packing not in (STORED, DEFLATED):
        return f"压缩方法 {entry.packing} 不支持"
    if entry.is_folder and entry.size:
        return "是文件夹，却有内容"
    if entry.packing == STORED and entry.packed - (HEAD + TAIL if entry.is_sealed else 0) != entry.size:
        return "没有压缩，但压缩前后的大小不同"
    if entry.size > limits.total:
        return f"解开后 {_gb(entry.size)}，超过 {_gb(limits.total)}，疑似压缩炸弹"
    if entry.size > limits.ratio_from and entry.size > limits.ratio * entry.packed:
        return f"压缩比超过 {limits.ratio}，疑似压缩炸弹"
    return ""


def _seal_fault(entry: ZipEntry) -> str:
    """Why the way an entry is encrypted is not taken; empty also where it is not encrypted."""
    if not entry.flags & (_ENCRYPTED | _ENCRYPTED_OTHERWISE) and entry.method != METHOD_SEALED:
        return ""
    if entry.flags & _ENCRYPTED_OTHERWISE or not entry.is_sealed or entry.method != METHOD_SEALED:
        return "加密方式不支持：只认 AES-256（旧式的 zip 加密不安全）"
    if len(entry.seal) != _SEAL.size:
        return "加密信息不完整"
    version, vendor, strength, _ = _SEAL.unpack(entry.seal)
    if version not in (1, 2) or vendor != b"AE" or strength != AES_256:
        return "加密方式不支持：只认 AES-256"
    if version == 2 and entry.crc:
        return "加密信息自相矛盾"
    if entry.packed < HEAD + TAIL:
        return "加密的数据不完整"
    return ""


def _check_all_sealed(entries: list[ZipEntry]) -> None:
    """Where one entry is sealed all are, but for folders and empty files: some archivers see nothing there to seal."""
    if any(entry.is_sealed for entry in entries):
        plain = [entry for entry in entries if not entry.is_sealed and entry.size]
        if plain:
            raise Refused([Fault(entry.name, "没有加密，包里别的文件却是加密的") for entry in plain])


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _check_totals(entries: list[ZipEntry], size: int, limits: Limits) -> None:
    total = sum(entry.size for entry in entries)
    if total > limits.total:
        raise Refused([Fault("", f"解开后共 {_gb(total)}，超过 {_gb(limits.total)}，疑似压缩炸弹")])
    if total > limits.total_from and total > limits.ratio * size:
        raise Refused([Fault("", f"总压缩比超过 {limits.ratio}，疑似压缩炸弹")])


def _check_places(file: BinaryIO, entries: list[ZipEntry], directory: int) -> None:
    """Every entry says of itself what the directory says of it, and they lie one after the other without a gap."""
    at = 0
    for entry in entries:
        if entry.offset < at:
            raise Refused([Fault(entry.name, "和前一个条目重叠，疑似压缩炸弹")])
        if entry.offset > at:
            raise Refused([Fault(entry.name, "前面有不属于任何条目的数据")])
        if entry.offset + _LOCAL.size > directory:
            raise Refused([Fault(entry.name, "位置超出文件，文件不完整")])
        at = _check_local(file, entry, directory)
    if at != directory:
        raise Refused([Fault("", "最后一个条目后面有不属于任何条目的数据")])


def _check_local(file: BinaryIO, entry: ZipEntry, directory: int) -> int:
    """Where the entry ends. Refused where its own header contradicts the directory."""
    head = _read(file, entry.offset, _LOCAL.size)
    mark, needed, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(head)
    if mark != b"PK\x03\x04" or needed & 0xFF > _NEWEST:
        raise Refused([Fault(entry.name, "条目的开头不对，文件已损坏")])
    rest = _read(file, entry.offset + _LOCAL.size, name_size + extra_size)
    if rest[:name_size] != entry.raw_name:
        raise Refused([Fault(entry.name, "目录里的名称和条目自己的名称不同")])
    told_alike = _ENCRYPTED | _ENCRYPTED_OTHERWISE | _DESCRIPTOR | _UTF8
    seal = _fields(rest[name_size:]).get(SEAL_FIELD, b"")
    if method != entry.method or (flags ^ entry.flags) & told_alike or (entry.is_sealed and seal != entry.seal):
        raise Refused([Fault(entry.name, "目录里的存储方式和条目自己的不同")])
    entry.start = entry.offset + _LOCAL.size + name_size + extra_size
    end = entry.start + entry.packed
    if end > directory:
        raise Refused([Fault(entry.name, "数据超出文件，文件不完整或大小不实")])
    if flags & _DESCRIPTOR:
        return end + _descriptor_size(file, entry, end)
    size, packed = _wide(entry.name, rest[name_size:], [size, packed])
    if (crc, packed, size) != (entry.crc, entry.packed, entry.size):
        raise Refused([Fault(entry.name, "目录里的大小或校验值和条目自己的不同")])
    return end


def _descriptor_size(file: BinaryIO, entry: ZipEntry, at: int) -> int:
    """Length of the record that writers who cannot seek put behind the data: sizes of 4 or 8 bytes, marked or not."""
    file.seek(at)
    found = file.read(24)
    for width in ("L", "Q"):
        for mark in (b"PK\x07\x08", b""):
            try:
                expected = mark + struct.pack(f"<L2{width}", entry.crc, entry.packed, entry.size)
            except struct.error:
                continue
            if found.startswith(expected):
                return len(expected)
    raise Refused([Fault(entry.name, "数据后面的大小记录和目录不一致")])
