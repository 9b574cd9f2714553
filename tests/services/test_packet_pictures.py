"""Small pictures out of packets that are not merged yet."""

import io
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from emrassess.errors import UserError
from emrassess.services.packet_pictures import packet_picture
from emrassess.services.packets import return_packet
from emrassess.services.session import Session
from tests.services.packet_samples import A, adding, assign, attach, department, packs_read_once, returned

__all__ = ["packs_read_once"]


def drawn() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_drawn_small_and_nothing_stays(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(session, A)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with department(session, tmp_path / "d") as lab:
        piece, text = attach(lab, drawn(), A, name="界面.png"), attach(lab, b"words", A)
        back = tmp_path / "back.zip"
        return_packet(lab, back, passphrase="correct-horse-battery")
    made = packet_picture(back, piece.current.sha256, 100, "correct-horse-battery")
    assert made and Image.open(io.BytesIO(made)).size == (100, 50)
    assert packet_picture(back, text.current.sha256, 100, "correct-horse-battery") is None
    assert packet_picture(back, "0" * 64, 100, "correct-horse-battery") is None
    with pytest.raises(UserError):
        packet_picture(back, piece.current.sha256, 100)
    assert not list(temporary.iterdir())


def test_a_damaged_picture_is_refused(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    content = drawn()
    back = returned(session, tmp_path, adding(content, A, name="界面.png"))
    data = back.read_bytes()
    assert data.count(content[-40:]) == 1
    back.write_bytes(data.replace(content[-40:], bytes(40)))
    with pytest.raises(UserError):
        packet_picture(back, sha256(content).hexdigest(), 100)
