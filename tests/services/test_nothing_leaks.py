"""Nothing of a masked picture's original goes outward: every file of every outward thing is opened and looked at."""

import base64
import io
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdf
import pypdfium2
import pytest
import pyzipper
from PIL import Image, ImageChops, ImageDraw
from pypdf.generic import StreamObject

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Box, Evidence
from emrassess.services import answering, evidence, masking
from emrassess.services.answers_files import export_answers
from emrassess.services.evidence import NewEvidence
from emrassess.services.packages import create_package
from emrassess.services.packets import create_packet
from emrassess.services.reporting import write_pdf, write_task_list, write_xlsx
from emrassess.services.session import Session
from emrassess.services.thumbnails import Thumbnails
from tests.services.packet_samples import (
    A,
    B,
    assign,
    attach,
    department,
    department_id,
    given_back,
    packs_read_once,
)
from tests.services.test_masking import extrema

__all__ = ["packs_read_once"]

C = "01.01.3(1)"
OWNER = "Zhang-Sanfeng-0815"
PASSPHRASE = "correct-horse-battery"
WIDE, HIGH = 640, 400
PLACE = (160, 100, 480, 200)  # where the patient's name stands, in pixels
BOX = Box(0.2, 0.2, 0.6, 0.35)  # with a margin: WebP spreads colours by some pixels
ARTIST, MAKER_NOTE = 0x013B, 0x927C


# --- a picture that tells a lot


def _drawn(size: tuple[int, int]) -> Image.Image:
    """Grey all over, but for a medley of colours where the name stands."""
    picture = Image.new("RGB", (WIDE, HIGH), (200, 200, 200))
    draw, chance = ImageDraw.Draw(picture), random.Random(815)
    for x in range(PLACE[0], PLACE[2], 4):
        for y in range(PLACE[1], PLACE[3], 4):
            draw.rectangle((x, y, x + 3, y + 3), fill=chance.choice(((255, 0, 255), (0, 255, 0), (255, 40, 0))))
    return picture.resize(size)


def _telling(kind: str) -> bytes:
    """The picture with a name in its EXIF data, and for a JPEG a thumbnail there too."""
    exif = Image.Exif()
    exif[ARTIST] = OWNER
    out, block = io.BytesIO(), exif.tobytes()
    if kind == "JPEG":
        block = _with_thumbnail(_saved(_drawn((64, 40))))
    _drawn((WIDE, HIGH)).save(out, kind, exif=block)
    return out.getvalue()


def _saved(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def _with_thumbnail(thumbnail: bytes) -> bytes:
    """EXIF data as cameras write it: a name, and a second directory with a JPEG."""
    name = OWNER.encode() + b"\0"

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        return b"".join(n.to_bytes(size, "little") for n, size in ((tag, 2), (kind, 2), (count, 4), (value, 4)))

    after_first = 8 + 2 + 12 + 4
    second = after_first + len(name)
    pictured = second + 2 + 24 + 4
    first = (1).to_bytes(2, "little") + entry(ARTIST, 2, len(name), after_first) + second.to_bytes(4, "little")
    directory = (2).to_bytes(2, "little") + entry(0x0201, 4, 1, pictured) + entry(0x0202, 4, 1, len(thumbnail))
    return b"Exif\0\0II*\0" + (8).to_bytes(4, "little") + first + name + directory + bytes(4) + thumbnail


# --- looking at everything there is


def _inside(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """`content`, and all that can be taken out of it: entries of zips, streams of PDFs, data in pages."""
    yield name, content
    if content.startswith(b"PK\x03\x04"):
        with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
            archive.setpassword(PASSPHRASE.encode())
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield from _inside(f"{name}/{entry.filename}", archive.read(entry))
    elif content.startswith(b"%PDF-"):
        yield from _of_pdf(name, content)
    elif name.endswith((".html", ".json", ".yaml", ".xml")):
        for number, found in enumerate(re.findall(rb"base64,([A-Za-z0-9+/=]+)", content)):
            yield from _inside(f"{name}#{number}", base64.b64decode(found))


def _of_pdf(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert not reader.attachments
    size = reader.trailer["/Size"]
    assert isinstance(size, int)
    for number, page in enumerate(pypdfium2.PdfDocument(content)):
        yield f"{name}/text of page {number}", page.get_textpage().get_text_range().encode("utf-8", "replace")
    yield f"{name}/about", f"{reader.metadata} {reader.xmp_metadata}".encode()
    for number in range(1, size):
        found = reader.get_object(number)
        if isinstance(found, StreamObject):
            yield f"{name}/stream {number}", found.get_data()
            if found.get("/Subtype") == "/Image":
                out = io.BytesIO()
                found.decode_as_image().save(out, "PNG")
                yield f"{name}/picture {number}", out.getvalue()


def _faults(content: bytes, original: Evidence, given: bytes) -> Iterator[str]:
    """What of the original is in `content`."""
    first = original.revisions[0]
    digest = bytes.fromhex(first.sha256)
    for what, secret in (
        ("digest", first.sha256[:20].encode()),  # some places break it into lines
        ("digest", first.sha256[-20:].encode()),
        ("digest", first.sha256[:20].upper().encode()),
        ("digest", digest),
        ("digest", base64.b64encode(digest)),
        *(("owner", OWNER.encode(code)) for code in ("utf-8", "utf-16-le", "utf-16-be")),
        ("file", given[1000:1100]),  # of the thumbnail in a JPEG
        ("file", given[len(given) // 2 :][:100]),  # of the place where the name stands
    ):
        if secret in content:
            yield what
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.getexif() or "exif" in picture.info:
                yield "exif"
            red, green, _ = picture.convert("RGB").split()
    except OSError:
        return
    if extrema(ImageChops.difference(red, green))[1] > 60:
        yield "pixels"


def _packet(session: Session, out: Path, passphrase: str | None = None) -> None:
    """What goes to a department."""
    assign(session, A, B, C)
    create_packet(session, department_id(session), out, passphrase=passphrase)


OUTWARD: dict[str, Callable[[Session, Path], object]] = {
    "package.zip": create_package,
    "sealed.zip": lambda session, out: create_package(session, out, passphrase=PASSPHRASE),
    "packet.zip": _packet,
    "sealed packet.zip": lambda session, out: _packet(session, out, passphrase=PASSPHRASE),
    "report.pdf": write_pdf,
    "report.xlsx": write_xlsx,
    "tasks.xlsx": write_task_list,
    "answers.yaml": export_answers,
    "answers.json": export_answers,
}


def _searched(session: Session, folder: Path, name: str, piece: Evidence, given: bytes) -> tuple[set[str], list[str]]:
    """What leaked by the outward thing `name`, and the names of all that was looked at."""
    out = folder / name
    OUTWARD[name](session, out)
    faults: set[str] = set()
    looked: list[str] = []
    for inner, content in _inside(name, out.read_bytes()):
        looked.append(inner)
        faults.update(f"{inner}: {fault}" for fault in _faults(content, piece, given))
        faults.update(f"{inner}: named" for fault in _faults(inner.encode(), piece, given))
    return faults, looked


@pytest.fixture
def given(request: pytest.FixtureRequest) -> bytes:
    """The file of the picture, in the format that a test names, else a JPEG."""
    content = _telling(getattr(request, "param", "JPEG"))
    assert OWNER.encode() in content
    return content


@pytest.fixture
def piece(session: Session, given: bytes) -> Evidence:
    answering.set_verdict(session, [A, B, C], Verdict.MET)
    (added,) = evidence.add_evidence(session, [NewEvidence(given, "医嘱界面.jpg", "医嘱")], [A, B]).evidence
    evidence.add_evidence(session, [NewEvidence(b"text", "制度.txt")], [C])
    return session.assessment.evidence[added]


@pytest.mark.parametrize(
    ("name", "given"),
    [*((name, "JPEG") for name in OUTWARD), *(("package.zip", kind) for kind in ("PNG", "TIFF", "WEBP"))],
    indirect=["given"],
)
def test_nothing_of_the_original_goes_outward(
    session: Session, tmp_path: Path, piece: Evidence, given: bytes, name: str
) -> None:
    # The screen has shown it before, so that its thumbnail lies in the cache.
    assert Thumbnails().get(session.workspace.evidence_path(piece.current.sha256), piece.current, 240)
    masking.mask(session, piece.id, [Box(0, 0, 0.1, 0.1)])
    masking.mask(session, piece.id, [BOX])
    faults, looked = _searched(session, tmp_path, name, piece, given)
    assert not faults
    if name.endswith("zip"):
        assert any("/evidence/" in inner for inner in looked)
    if name in ("package.zip", "sealed.zip"):
        assert {"index.html", "assessment.json", "score.json"} <= {inner.rpartition("/")[2] for inner in looked}
        assert any("差距报告.pdf/picture" in inner for inner in looked)


@pytest.mark.parametrize("given", ["JPEG", "PNG"], indirect=True)
def test_the_search_finds_what_is_there(session: Session, tmp_path: Path, piece: Evidence, given: bytes) -> None:
    """The same search over the same picture before it is masked."""
    for name in ("package.zip", "sealed.zip", "packet.zip", "sealed packet.zip", "report.pdf"):
        faults, _ = _searched(session, tmp_path, name, piece, given)
        wanted = {"pixels", "digest"} | ({"owner", "exif", "file"} if name.endswith("zip") else set())
        assert wanted <= {fault.rpartition(": ")[2] for fault in faults}, name
        if name in ("package.zip", "sealed.zip"):
            assert any("差距报告.pdf/picture" in fault and "pixels" in fault for fault in faults)
            assert any("index.html: digest" in fault for fault in faults)
    assert any(fault.endswith("digest") for fault in _searched(session, tmp_path, "report.xlsx", piece, given)[0])


def test_nothing_goes_back_from_a_department_either(session: Session, tmp_path: Path, given: bytes) -> None:
    """Neither of a picture that it added, nor of one that it was sent and that the sender has masked."""
    answering.set_verdict(session, [A], Verdict.MET)
    sent = attach(session, given + b"sent", A, name="医嘱界面.jpg")
    masking.mask(session, sent.id, [BOX])
    assign(session, A, B)
    with department(session, tmp_path / "检验科") as opened:
        added = attach(opened, given, A, B, name="检验界面.jpg")
        masking.mask(opened, added.id, [BOX])
        content = given_back(opened, tmp_path / "back.zip").read_bytes()
    for original in (sent, added):
        faults = {
            f"{inner}: {fault}"
            for inner, found in _inside("back.zip", content)
            for fault in _faults(found, original, given)
        }
        assert not faults
    assert any("/evidence/" in inner for inner, _ in _inside("back.zip", content))


def test_the_covered_place_is_black_wherever_the_picture_is(session: Session, tmp_path: Path, piece: Evidence) -> None:
    masking.mask(session, piece.id, [BOX])
    create_package(session, tmp_path / "p.zip")
    seen = 0
    for name, content in _inside("p.zip", (tmp_path / "p.zip").read_bytes()):
        try:
            picture = Image.open(io.BytesIO(content)).convert("L")
        except OSError:
            continue
        if picture.height * WIDE // HIGH - picture.width in range(-3, 4):
            wide, high = picture.size
            scale = (wide / WIDE, high / HIGH) * 2
            left, top, right, bottom = (round(edge * by) for edge, by in zip(PLACE, scale, strict=True))
            assert extrema(picture.crop((left, top, right, bottom)))[1] < 40, name
            assert extrema(picture.crop((0, high - 5, wide, high)))[0] > 180, name
            seen += 1
    assert seen >= 2


def test_undoing_the_mask_is_the_only_way_back_out(
    session: Session, tmp_path: Path, piece: Evidence, given: bytes
) -> None:
    masking.mask(session, piece.id, [BOX])
    masking.unmask(session, piece.id)
    assert _searched(session, tmp_path, "package.zip", piece, given)[0]
