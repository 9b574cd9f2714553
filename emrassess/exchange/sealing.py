"""Zips sealed with a passphrase: AES-256 as WinZip defined it (AE-2), which 7-Zip and most other archivers open.

Sealed are the contents of the files. Their names, sizes and times, and so the list of them, can be read by anybody who
has the zip: this is how such zips are. Each file has a salt, a key and a message authentication code of its own.
"""

import hashlib
import hmac
import secrets
from typing import BinaryIO

from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter
from pyzipper.zipfile_aes import WZ_AES, WZ_AES_V2, WZ_AES_VENDOR_ID, AESZipFile, AESZipInfo, BaseZipEncrypter

from emrassess.errors import UserError

SEAL_FIELD = 0x9901  # extra field of a sealed entry: version, vendor, strength, method
METHOD_SEALED = 99
_SALT, _CHECK, _MAC, _KEY = 16, 2, 10, 32
AES_256 = 3
HEAD = _SALT + _CHECK
TAIL = _MAC
_ROUNDS = 1000  # fixed by the format: what a passphrase is worth, its length has to bring
_SHORTEST, _LONGEST = 8, 99
_VERSION = 51


class NeedsPassphrase(UserError):
    """The zip is sealed, and no passphrase was given."""

    def __init__(self) -> None:
        super().__init__("需要口令：这个文件是加密的。", "请向送来的人问口令（不要和文件一起传）。")


class WrongPassphrase(UserError):
    """The zip is sealed with another passphrase."""

    def __init__(self) -> None:
        super().__init__("口令不对。", "请核对大小写、全角半角和前后空格，再输一次。")


def checked_passphrase(passphrase: str) -> str:
    """`passphrase` where it is good enough to seal with; UserError where it is not.

    Archivers do not agree on how to encode other than ASCII characters, so only those are taken.
    """
    if not passphrase.strip():
        raise UserError("口令是空的。", f"请输入至少 {_SHORTEST} 个字符的口令；不需要加密时，不要选加密。")
    if len(passphrase) < _SHORTEST:
        message = f"口令太短：只有 {len(passphrase)} 个字符，猜得出来。"
        raise UserError(message, f"请用至少 {_SHORTEST} 个字符，例如几个不相干的词。")
    if len(passphrase) > _LONGEST:
        raise UserError(f"口令太长：{len(passphrase)} 个字符。", f"最多 {_LONGEST} 个字符，再长有的解压软件打不开。")
    if not (passphrase.isascii() and passphrase.isprintable()):
        hint = "请只用英文字母、数字、空格和半角标点。"
        raise UserError("口令里有中文、全角字符或控制字符：有的解压软件用它打不开文件。", hint)
    return passphrase


def sealed_zip(file: BinaryIO, passphrase: str) -> AESZipFile:
    """A zip to be written to `file`, sealed with `passphrase` (as of `checked_passphrase`); used as zipfile.ZipFile."""
    return _SealedZip(file, passphrase)


def sealed_info(name: str, time: tuple[int, ...]) -> AESZipInfo:
    """An entry for `sealed_zip`, as zipfile.ZipInfo."""
    info = AESZipInfo(name, time)
    info.create_version = info.extract_version = _VERSION
    return info


class Unsealing:
    """Opens one entry. `head`: its first HEAD bytes, the salt and two bytes that a wrong passphrase nearly never meets.

    `fits`: the passphrase seems to be right; then pass all that lies between head and tail through `open`.
    """

    def __init__(self, passphrase: str, head: bytes) -> None:
        self._keys = _Keys(passphrase, head[:_SALT])
        self.fits = hmac.compare_digest(self._keys.check, head[_SALT:])

    def open(self, piece: memoryview) -> None:
        """Decrypt the next bytes where they are."""
        self._keys.mac.update(piece)
        self._keys.cipher.decrypt(piece, output=piece)

    def is_whole(self, tail: bytes) -> bool:
        """Whether all that was opened is what was sealed; `tail`: the entry's last TAIL bytes."""
        return hmac.compare_digest(self._keys.tail(), tail)


class _Keys:
    """What passphrase and salt of one entry give: the cipher, the code, and two bytes to know the passphrase by."""

    def __init__(self, passphrase: str, salt: bytes) -> None:
        secret = passphrase.encode("utf-8", "surrogatepass")
        keys = hashlib.pbkdf2_hmac("sha1", secret, salt, _ROUNDS, 2 * _KEY + _CHECK)
        self.cipher = AES.new(keys[:_KEY], AES.MODE_CTR, counter=Counter.new(128, little_endian=True))
        self.mac = hmac.new(keys[_KEY : 2 * _KEY], digestmod="sha1")
        self.check = keys[2 * _KEY :]

    def tail(self) -> bytes:
        return self.mac.digest()[:_MAC]


class _Sealing(BaseZipEncrypter):
    """Seals one entry. As pyzipper's own, but with the digests of OpenSSL: twice as fast.

    (pyzipper declares no types, and those inferred of it are narrower than what it says.)
    """

    def __init__(self, passphrase: str) -> None:
        self._salt = secrets.token_bytes(_SALT)
        self._keys = _Keys(passphrase, self._salt)

    def update_zipinfo(self, zipinfo: AESZipInfo) -> None:
        zipinfo.wz_aes_vendor_id = WZ_AES_VENDOR_ID
        zipinfo.wz_aes_strength = AES_256
        zipinfo.wz_aes_version = WZ_AES_V2  # tells no CRC of the content

    def finalize_zipinfo(self, zipinfo: AESZipInfo) -> None:
        """All is known from the start."""

    def encryption_header(self) -> bytes:
        return self._salt + self._keys.check

    def encrypt(self, data: bytes | memoryview) -> bytearray:
        sealed = bytearray(len(data))
        self._keys.cipher.encrypt(data, output=sealed)
        self._keys.mac.update(sealed)
        return sealed

    def flush(self) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._keys.tail()


class _SealedZip(AESZipFile):
    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        super().__init__(file, "w", encryption=WZ_AES)
        self._passphrase = passphrase

    def get_encrypter(self) -> _Sealing:  # pyright: ignore[reportIncompatibleMethodOverride]
        return _Sealing(self._passphrase)
