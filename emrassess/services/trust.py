"""Who signs here, and whose signatures are known: keys are told apart by fingerprints that people read to each other.

The user's own folder holds the key, `identity/key.pem`, and one file for each known sender, `senders/<digits>.json`
(`emrassess-sender/1`), so that two programs at once cannot lose each other's.
"""

import json
import logging
import os
import re
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from emrassess import paths
from emrassess.atomic import write_bytes, write_error
from emrassess.errors import UserError, why_unreadable
from emrassess.exchange.signing import Identity, Signature, fingerprint, key_from_pem, key_to_pem, new_key

log = logging.getLogger(__name__)

_FORMAT = "emrassess-sender/1"
_MOST = 1 << 16  # bytes of a file here


class Trust(StrEnum):
    """What is known of a signature."""

    OWN = "own"
    KNOWN = "known"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody whose fingerprint was compared and remembered; `public_key` hexadecimal, `remembered_at` ISO."""

    name: str
    organisation: str
    public_key: str
    remembered_at: str

    @property
    def fingerprint(self) -> str:
        """The key as people read it to each other."""
        return fingerprint(self.public_key)


@dataclass(frozen=True, slots=True)
class Standing:
    """What to tell of a signature: `title` short, `text` with what to do. `loud`: not to be overlooked.

    `earlier`: the sender as remembered, where he is; of a changed key the one before.
    """

    trust: Trust
    title: str
    text: str
    loud: bool = False
    earlier: Sender | None = None


def identity(user_name: str, organisation: str) -> Identity:
    """The identity that signs on this computer for this account, as `user_name` of `organisation`.

    The key is made at first use. UserError where its file cannot be read: another one is never made in its place
    without a word, for receivers would take it for somebody else's. StorageError where it cannot be saved.
    """
    file = _key_file()
    if (content := _read(file)) is None:
        _make_key(file)
        content = _read(file) or b""
    try:
        return Identity(user_name, organisation, key_from_pem(content))
    except ValueError:
        message = f"签名用的密钥已损坏：{file}"
        hint = "请从备份恢复这个文件。没有备份时，把它改名移走，程序会另做一把；然后请收件人重新核对指纹。"
        raise UserError(message, hint) from None


def known_senders() -> tuple[Sender, ...]:
    """All who are remembered, by organisation and name. A damaged file is left out and logged: its sender is unknown
    again, and told so loudly."""
    try:
        files = sorted(_senders_dir().glob("*.json"))
    except OSError:
        return ()
    found = [sender for file in files if (sender := _sender(file))]
    return tuple(sorted(found, key=lambda sender: (sender.organisation, sender.name, sender.remembered_at)))


def judge(signature: Signature | None) -> Standing:
    """What is known here of a signature that was found good (None: unsigned)."""
    if signature is None:
        text = "没有人签名，无法确认是谁做的。内容和清单一致，只说明传送中没有损坏。"
        return Standing(Trust.UNSIGNED, "没有签名", text)
    who, read_out = _who(signature), signature.fingerprint
    if signature.public_key == _own_public_key():
        return Standing(Trust.OWN, "本机的签名", f"由本机的密钥签名：{who}，指纹 {read_out}。")
    known = known_senders()
    if same_key := next((sender for sender in known if sender.public_key == signature.public_key), None):
        text = f"由已核对过的密钥签名：{who}，指纹 {read_out}。"
        if not _same_name(same_key, signature):
            text += f"记住这把密钥时，署名是{_who(same_key)}。"
        return Standing(Trust.KNOWN, "已核对的发件人", text, earlier=same_key)
    ask = f"请打电话或当面请对方念出指纹，和 {read_out} 一致才可以采用；不一致，或联系不上，不要采用。"
    if earlier := next((sender for sender in reversed(known) if _same_name(sender, signature)), None):
        text = (
            f"签名人自称 {who}，但不是上次的密钥：以前的指纹是 {earlier.fingerprint}，现在是 {read_out}。"
            f"换了电脑、重装了系统会这样，有人冒名也会这样。{ask}"
        )
        return Standing(Trust.CHANGED, "密钥变了，可能有人冒名", text, loud=True, earlier=earlier)
    text = f"签名人自称 {who}，这里还没有核对过他的密钥。{ask}"
    return Standing(Trust.UNKNOWN, "没有核对过的发件人", text, loud=True)


def remember(signature: Signature) -> Sender:
    """Take the signer for known from now on, in place of what was known under the same name and organisation.

    Only to be done once people have compared the fingerprints. StorageError where it cannot be saved.
    """
    sender = Sender(signature.name, signature.organisation, signature.public_key, _now())
    before = known_senders()
    document = {
        "format": _FORMAT,
        "name": sender.name,
        "organisation": sender.organisation,
        "public_key": sender.public_key,
        "remembered_at": sender.remembered_at,
    }
    folder = _senders_dir()
    _make_folder(folder)
    write_bytes(_sender_file(sender.fingerprint), json.dumps(document, ensure_ascii=False, indent=1).encode())
    for other in before:
        if other.public_key != sender.public_key and _same_name(other, signature):
            forget(other.fingerprint)
    return sender


def forget(fingerprint: str) -> None:
    """Take the sender of that fingerprint for unknown from now on; nothing happens where he is not known."""
    file = _sender_file(fingerprint)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(file, error) from error


def _key_file() -> Path:
    return paths.user_dir() / "identity" / "key.pem"


def _senders_dir() -> Path:
    return paths.user_dir() / "senders"


def _sender_file(fingerprint: str) -> Path:
    return _senders_dir() / f"{re.sub('[^0-9]', '', fingerprint)}.json"


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _who(signed: Signature | Sender) -> str:
    return f"“{signed.name or '没有署名'}”（{signed.organisation or '没有写单位'}）"


def _same_name(one: Signature | Sender, other: Signature | Sender) -> bool:
    """Whether people would take the two for the same, however they are spelt."""

    def plain(signed: Signature | Sender) -> list[str]:
        told = (signed.name, signed.organisation)
        return ["".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in told]

    return plain(one) == plain(other)


def _read(file: Path) -> bytes | None:
    """The content, None where there is no such file. UserError where it cannot be read."""
    try:
        with file.open("rb") as source:
            return source.read(_MOST)
    except FileNotFoundError:
        return None
    except OSError as error:
        hint = "请用本机原来的账户登录，或请管理员恢复这个文件的读取权限。"
        raise UserError(f"签名用的密钥 {file} 读不出来：{why_unreadable(error)}", hint) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


def _make_key(file: Path) -> None:
    """Put a new key at `file`, whole and for nobody else to read; where another program was quicker, its key stays."""
    _make_folder(file.parent)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(key_to_pem(new_key()))
            out.flush()
            os.fsync(out.fileno())
        _take_name(temporary, file)
    except OSError as error:
        raise write_error(file, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _take_name(temporary: Path, file: Path) -> None:
    """Give `temporary` the name `file`, but never in place of a file."""
    try:
        os.link(temporary, file)
    except FileExistsError:
        return
    except OSError:  # a drive without hard links
        if not file.exists():
            temporary.replace(file)


def _own_public_key() -> str:
    """Hexadecimal; empty where there is no key, or none that can be read: `identity` says so where it matters."""
    try:
        return Identity("", "", key_from_pem(_read(_key_file()) or b"")).public_key
    except (UserError, ValueError):
        return ""


def _sender(file: Path) -> Sender | None:
    try:
        with file.open("rb") as source:
            told = json.loads(source.read(_MOST))
        if told["format"] != _FORMAT:
            raise ValueError("another format")
        sender = Sender(*(str(told[key]) for key in ("name", "organisation", "public_key", "remembered_at")))
        if _sender_file(sender.fingerprint).name != file.name:
            raise ValueError("another key than the name says")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.warning("known sender %s not taken: %s", file.name, error)
        return None
    return sender
