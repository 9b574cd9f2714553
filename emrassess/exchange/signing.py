"""Signatures of bags: Ed25519 (RFC 8032), and short fingerprints that people can read to each other.

A signed bag has one tag file more, `signature.json` (`emrassess-signature/1`): name, organisation, signed_at, and in
hexadecimal public_key and signature. Signed are the digest of tagmanifest-sha256.txt, by which every other file of the
bag is held, and signature.json itself but for its `signature`, so that nobody can put another name to it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_FILE = "signature.json"
SIGNED_FILE = "tagmanifest-sha256.txt"
FORMAT_NAME = "emrassess-signature"
_MOST_TEXT = 200
_DIGITS, _GROUP = 24, 4


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a bag, as he calls himself, and with which key (hexadecimal); `signed_at` is his clock's, ISO."""

    name: str
    organisation: str
    public_key: str
    signed_at: str

    @property
    def fingerprint(self) -> str:
        """The key as people read it to each other."""
        return fingerprint(self.public_key)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs here: a name, an organisation, and the key."""

    name: str
    organisation: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> str:
        """Hexadecimal."""
        return self.key.public_key().public_bytes_raw().hex()

    @property
    def fingerprint(self) -> str:
        """The key as people read it to each other."""
        return fingerprint(self.public_key)

    def sign(self, tagmanifest: bytes, signed_at: datetime) -> bytes:
        """The content of signature.json for a bag with this tagmanifest-sha256.txt."""
        document: dict[str, object] = {
            "format": f"{FORMAT_NAME}/1",
            "name": _one_line(self.name),
            "organisation": _one_line(self.organisation),
            "public_key": self.public_key,
            "signed_at": signed_at.isoformat(timespec="seconds"),
        }
        document["signature"] = self.key.sign(_statement(document, tagmanifest)).hex()
        return json.dumps(document, ensure_ascii=False, indent=1).encode()


def new_key() -> Ed25519PrivateKey:
    """A key that nobody else has."""
    return Ed25519PrivateKey.generate()


def key_to_pem(key: Ed25519PrivateKey) -> bytes:
    """`key` as a file (PKCS #8, not encrypted)."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_from_pem(content: bytes) -> Ed25519PrivateKey:
    """The key in a file of `key_to_pem`; ValueError where there is none."""
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except Exception as error:  # the library has many ways to say that this is no key
        raise ValueError("no private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("a key of another kind")
    return key


def fingerprint(public_key: str) -> str:
    """24 decimal digits in six groups of four, from the SHA-256 of `public_key` (hexadecimal)."""
    number = int.from_bytes(hashlib.sha256(bytes.fromhex(public_key)).digest()) % 10**_DIGITS
    digits = f"{number:0{_DIGITS}}"
    return " ".join(digits[at : at + _GROUP] for at in range(0, _DIGITS, _GROUP))


def check(document: Mapping[str, object], tagmanifest: bytes) -> Signature:
    """The signature told by `document` (signature.json, its format known to be ours); ValueError (Chinese) if broken.

    Keys that a later minor edition adds are passed over, but signed like the others, and texts like them.
    """
    if not all(isinstance(value, str) for value in document.values()):
        raise ValueError("每一项都应是文字")
    signature = Signature(
        name=_text(document, "name"),
        organisation=_text(document, "organisation"),
        public_key=_hexadecimal(document, "public_key", 32),
        signed_at=_time(document, "signed_at"),
    )
    signed = bytes.fromhex(_hexadecimal(document, "signature", 64))
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
        key.verify(signed, _statement(document, tagmanifest))
    except (InvalidSignature, ValueError):
        raise ValueError("签名不对：签名之后有文件被改动，或签名是伪造的") from None
    return signature


def _statement(document: Mapping[str, object], tagmanifest: bytes) -> bytes:
    """What is signed. The first line keeps the signature from meaning anything elsewhere."""
    told = {key: value for key, value in document.items() if key != "signature"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f"{FORMAT_NAME}/1\n{hashlib.sha256(tagmanifest).hexdigest()}\n{text}\n".encode()


def _one_line(text: str) -> str:
    """`text` as `_text` takes it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MOST_TEXT]


def _text(document: Mapping[str, object], key: str) -> str:
    """One visible line: what stands on the screen beside a fingerprint must not pretend to be anything else."""
    value = document.get(key)
    if not isinstance(value, str) or len(value) > _MOST_TEXT or not value.isprintable():
        raise ValueError(f"{key} 应为一行文字，最多 {_MOST_TEXT} 个字")
    return value


def _hexadecimal(document: Mapping[str, object], key: str, size: int) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value):
        raise ValueError(f"{key} 应为 {2 * size} 位十六进制数")
    return value


def _time(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    try:
        if isinstance(value, str) and len(value) <= 40 and value.isascii():
            return datetime.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise ValueError(f"{key} 不是时间")
