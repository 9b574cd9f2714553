"""Boxes burnt into a copy of a picture, the original kept at home."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from emrassess.domain.assessment import Box, Evidence, Revision
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.services import evidence, history, masking
from emrassess.services.evidence import NewEvidence
from emrassess.services.packages import create_package
from emrassess.services.reporting import write_pdf
from emrassess.services.session import Session, close, open_workspace
from emrassess.storage.changes import evidence_change

A, B = "01.01.4(1)", "01.01.4(2)"
NAME = Box(0.25, 0.5, 0.25, 0.125)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
SECRET = "患者张某某 patient-zhang"
ORIENTATION, ARTIST = 0x0112, 0x013B


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def white(mode: str = "RGB", size: tuple[int, int] = (80, 40)) -> Image.Image:
    return Image.new("RGB", size, "white").convert(mode)


def telling() -> Image.Exif:
    exif = Image.Exif()
    exif[ARTIST] = SECRET.encode().decode("latin-1")
    return exif


def add(session: Session, content: bytes, name: str = "截图.png", *clauses: str) -> Evidence:
    (added,) = evidence.add_evidence(session, [NewEvidence(content, name, "医嘱")], clauses or (A,)).evidence
    return session.assessment.evidence[added]


def now(session: Session, piece: Evidence) -> Evidence:
    return session.assessment.evidence[piece.id]


def content(session: Session, revision: Revision) -> bytes:
    return session.workspace.evidence_path(revision.sha256).read_bytes()


def masked(session: Session, piece: Evidence, *boxes: Box) -> Image.Image:
    """The picture in force after masking."""
    masking.mask(session, piece.id, boxes or (NAME,))
    return Image.open(io.BytesIO(content(session, now(session, piece).current)))


def extrema(image: Image.Image) -> tuple[int, int]:
    """The darkest and the lightest value of a grey picture."""
    low, high = image.convert("L").getextrema()
    assert isinstance(low, int) and isinstance(high, int)
    return low, high


# --- what becomes of a picture


def test_a_box_is_black_to_its_last_pixel_and_nothing_else_is(session: Session) -> None:
    piece = add(session, saved(white(), "PNG"))
    image = masked(session, piece)
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (80, 40))
    black = {(x, y) for x in range(80) for y in range(40) if image.getpixel((x, y)) == BLACK}
    assert black == {(x, y) for x in range(20, 40) for y in range(20, 25)}
    assert all(image.getpixel((x, y)) in (BLACK, WHITE) for x in range(80) for y in range(40))


@pytest.mark.parametrize(
    ("box", "edges"),
    [
        (Box(0.251, 0.51, 0.2, 0.1), (20, 20, 37, 25)),  # outward to whole pixels
        (Box(0.5, 0.5, 0.0001, 0.0001), (40, 20, 41, 21)),
        (Box(-1, -1, 3, 3), (0, 0, 80, 40)),
        (Box(0.9, 0.9, 5, 5), (72, 36, 80, 40)),
    ],
)
def test_boxes_are_rounded_outward_and_cut_to_the_picture(
    session: Session, box: Box, edges: tuple[int, int, int, int]
) -> None:
    image = masked(session, add(session, saved(white(), "PNG")), box)
    dark = image.convert("L").point(lambda value: 255 - value)
    assert dark.getbbox() == edges


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "RGB"])
def test_every_kind_of_png_is_masked_opaquely(session: Session, mode: str) -> None:
    picture = Image.new("I;16", (80, 40), 65535) if mode == "I;16" else white(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(0)
    image = masked(session, add(session, saved(picture, "PNG"))).convert("RGBA")
    assert image.getpixel((30, 22)) == (0, 0, 0, 255)
    assert image.getpixel((5, 5)) == (*WHITE, 0 if mode in ("LA", "RGBA") else 255)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_stays_one(session: Session, mode: str) -> None:
    piece = add(session, saved(white(mode), "JPEG", quality=90), "照片.jpeg")
    image = masked(session, piece)
    revision = now(session, piece).current
    assert (image.format, revision.media_type, revision.file_name) == ("JPEG", "image/jpeg", "照片.jpeg")
    assert extrema(image.crop((20, 20, 40, 25)))[1] < 12
    assert extrema(image.crop((50, 5, 80, 15)))[0] > 245


@pytest.mark.parametrize("kind", ["BMP", "WEBP", "TIFF", "GIF"])
def test_others_become_a_png_of_their_first_picture(session: Session, kind: str) -> None:
    more = {"save_all": True, "append_images": [Image.new("RGB", (80, 40), "red")]} if kind in ("TIFF", "GIF") else {}
    piece = add(session, saved(white(), kind, **more), f"截图.1.{kind.lower()}")
    shown = masking.upright(session.workspace.evidence_path(piece.current.sha256), piece.current)
    assert ("2 页" in shown.note) == bool(more)
    image = masked(session, piece)
    revision = now(session, piece).current
    assert (image.format, revision.media_type, revision.file_name) == ("PNG", "image/png", "截图.1.png")
    assert getattr(image, "n_frames", 1) == 1
    assert image.convert("RGB").getpixel((30, 22)) == BLACK
    assert extrema(image.crop((0, 0, 80, 20)))[0] > 250


def test_boxes_lie_on_the_picture_as_it_is_seen(session: Session) -> None:
    picture = white(size=(40, 80))
    ImageDraw.Draw(picture).rectangle((0, 60, 9, 79), fill="red")  # seen at the upper left once turned
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    piece = add(session, saved(picture, "JPEG", exif=exif, quality=100, subsampling=0), "照片.jpg")
    shown = masking.upright(session.workspace.evidence_path(piece.current.sha256), piece.current)
    assert (shown.width, shown.height, len(shown.rgba)) == (80, 40, 80 * 40 * 4)
    assert shown.rgba[0] > 200 and shown.rgba[1] < 60
    image = masked(session, piece, Box(0, 0, 0.25, 0.25))
    assert image.size == (80, 40)
    assert extrema(image.crop((0, 0, 20, 10)))[1] < 30
    assert image.getexif().get(ORIENTATION) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_nothing_but_pixels_goes_into_the_copy(session: Session, kind: str) -> None:
    options: dict[str, object] = {"exif": telling(), "icc_profile": SECRET.encode()}
    if kind == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Comment", "patient-zhang")  # type: ignore[attr-defined]
    elif kind == "JPEG":
        options |= {"comment": b"patient-zhang", "xmp": b"<x>patient-zhang</x>", "dpi": (72, 72)}
    elif kind == "WEBP":
        options["xmp"] = b"<x>patient-zhang</x>"
    given = saved(white(), kind, **options)
    assert b"patient-zhang" in given
    piece = add(session, given, f"截图.{kind.lower()}")
    image = masked(session, piece)
    found = content(session, now(session, piece).current)
    assert b"patient-zhang" not in found and SECRET.encode() not in found
    assert not image.getexif() and not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_large_picture_is_shown_reduced_and_masked_at_full_size(session: Session) -> None:
    piece = add(session, saved(white("L", (6000, 30)), "PNG"))
    shown = masking.upright(session.workspace.evidence_path(piece.current.sha256), piece.current)
    assert (shown.width, shown.height) == (5000, 25)
    assert masked(session, piece).size == (6000, 30)


# --- what becomes of the piece


def test_the_copy_is_in_force_and_the_original_an_earlier_revision(session: Session) -> None:
    piece = add(session, saved(white(), "PNG"), "截图.png", A, B)
    steps: list[tuple[int, int, str]] = []
    changes = masking.mask(session, piece.id, [NAME], lambda *step: steps.append(step))
    assert changes.label == "遮盖“医嘱”的 1 处" and changes.evidence == {piece.id} and changes.clauses == {A, B}
    assert [step[:2] for step in steps] == [(0, 3), (1, 3), (2, 3)]
    after = now(session, piece)
    assert after.revisions[:-1] == piece.revisions and replace(after, revisions=piece.revisions) == piece
    assert (after.current.masked_from, after.current.masks) == (piece.current.sha256, (NAME,))
    assert after.current.size == len(content(session, after.current))
    history.undo(session)
    assert now(session, piece) == piece
    history.redo(session)
    assert now(session, piece) == after


def test_masks_outlive_the_program(session: Session, folder: Path) -> None:
    piece = add(session, saved(white(), "PNG"))
    masking.mask(session, piece.id, [NAME, Box(1 / 3, 0.1, 0.1, 1 / 7)])
    after = now(session, piece)
    close(session)
    again = open_workspace(folder, "李四")
    assert again.assessment.evidence[piece.id] == after
    assert all(again.workspace.evidence_path(revision.sha256).exists() for revision in after.revisions)
    close(again)


def test_masking_again_starts_from_the_original(session: Session) -> None:
    piece = add(session, saved(white(), "PNG"))
    masking.mask(session, piece.id, [NAME])
    image = masked(session, piece, Box(0, 0, 0.1, 0.1))
    assert image.getpixel((30, 22)) == WHITE and image.getpixel((2, 2)) == BLACK
    assert len(now(session, piece).revisions) == 3
    assert now(session, piece).current.masked_from == piece.current.sha256
    before = now(session, piece)
    assert not masking.mask(session, piece.id, [Box(0, 0, 0.1, 0.1)]).evidence
    assert now(session, piece) == before


def test_the_original_comes_back_as_a_revision_and_the_trail_says_so(session: Session) -> None:
    piece = add(session, saved(white(), "PNG"))
    masking.mask(session, piece.id, [NAME])
    masking.unmask(session, piece.id)
    after = now(session, piece).current
    assert (after.sha256, after.masked_from, after.masks) == (piece.current.sha256, "", ())
    assert after.added_at > piece.current.added_at and len(now(session, piece).revisions) == 3
    assert session.workspace.audit()[0].label == "去掉“医嘱”的遮盖，恢复原图"
    with pytest.raises(UserError, match="没有遮盖"):
        masking.unmask(session, piece.id)


def test_every_piece_with_the_same_picture_is_masked(session: Session) -> None:
    first = add(session, saved(white(), "PNG"))
    other = add(session, b"another", "b.txt", B)
    evidence.replace_evidence(session, other.id, saved(white(), "PNG"), "b.png")
    changes = masking.mask(session, first.id, [NAME])
    assert changes.evidence == {first.id, other.id} and "2 件" in changes.label
    assert now(session, other).current.sha256 == now(session, first).current.sha256
    assert not masking.exposed(session.assessment)
    masking.unmask(session, other.id)
    assert now(session, first).current.sha256 == first.current.sha256


def test_the_original_does_not_come_in_again_by_the_back_door(session: Session, tmp_path: Path) -> None:
    given = saved(white(), "PNG")
    piece = add(session, given)
    masking.mask(session, piece.id, [NAME])
    copy = now(session, piece).current
    again = add(session, given, "又一次.png", B)
    assert (again.id, again.current, again.clauses) == (piece.id, copy, (A, B))
    other = add(session, b"another", "b.txt")
    for target in (piece, other):
        with pytest.raises(UserError, match="原图"):
            evidence.replace_evidence(session, target.id, given, "又一次.png")
    session.workspace.evidence_path(piece.current.sha256).unlink()
    assert evidence.replace_evidence(session, piece.id, given, "又一次.png").evidence == {piece.id}
    assert content(session, piece.current) == given and now(session, piece).current == copy
    # By a merge, say.
    bare = replace(other, revisions=(*other.revisions, piece.current))
    session.write("合并", [evidence_change(session.assessment, other.id, bare)])
    assert [found.id for found in masking.exposed(session.assessment)] == [other.id]
    with pytest.raises(UserError, match="没有遮盖"):
        create_package(session, tmp_path / "p.zip")
    with pytest.raises(UserError, match="没有遮盖"):
        write_pdf(session, tmp_path / "p.pdf")


# --- what is refused


@pytest.mark.parametrize("boxes", [(), (Box(0.5, 0.5, 0, 0.1),), (Box(2, 2, 1, 1),), (Box(float("nan"), 0, 1, 1),)])
def test_without_a_box_nothing_happens(session: Session, boxes: tuple[Box, ...]) -> None:
    piece = add(session, saved(white(), "PNG"))
    with pytest.raises(UserError, match="没有画出"):
        masking.mask(session, piece.id, boxes)
    assert now(session, piece) == piece


BROKEN = saved(white(size=(400, 400)), "PNG")[:200]


@pytest.mark.parametrize(
    ("name", "given"), [("a.png", BROKEN), ("a.txt", b"text"), ("a.svg", b"<svg/>"), ("a.png", b"")]
)
def test_what_is_no_picture_is_refused(session: Session, name: str, given: bytes) -> None:
    piece = add(session, given, name)
    with pytest.raises(UserError, match="不是能遮盖的图片") as caught:
        masking.mask(session, piece.id, [NAME])
    assert name in caught.value.message and "PNG" in caught.value.hint


def test_too_many_pixels_are_not_decoded(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = add(session, saved(white("1", (8100, 8100)), "PNG"))
    with pytest.raises(UserError, match="像素太多"):
        masking.mask(session, piece.id, [NAME])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    with pytest.raises(UserError, match="像素太多"):
        masking.upright(session.workspace.evidence_path(piece.current.sha256), piece.current)


def test_what_is_gone_is_said(session: Session) -> None:
    piece = add(session, saved(white(), "PNG"))
    masking.mask(session, piece.id, [NAME])
    session.workspace.evidence_path(piece.current.sha256).unlink()
    with pytest.raises(UserError, match="不在工作区"):
        masking.mask(session, piece.id, [NAME])
    alone = replace(now(session, piece), revisions=now(session, piece).revisions[1:])
    session.write("合并", [evidence_change(session.assessment, piece.id, alone)])
    with pytest.raises(UserError, match="原图不在"):
        masking.unmask(session, piece.id)
    with pytest.raises(UserError, match="已经不在"):
        masking.mask(session, "gone", [NAME])


def test_a_cancel_leaves_nothing(session: Session, folder: Path) -> None:
    piece = add(session, saved(white(), "PNG"))
    files = set((folder / "evidence").iterdir())

    def stop(done: int, total: int, what: str) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        masking.mask(session, piece.id, [NAME], stop)
    assert now(session, piece) == piece and set((folder / "evidence").iterdir()) == files


def test_a_workspace_opened_for_reading_is_not_masked(session: Session, folder: Path) -> None:
    piece = add(session, saved(white(), "PNG"))
    masking.mask(session, piece.id, [NAME])
    reader = open_workspace(folder, "李四", write=False)
    with pytest.raises(StorageError, match="只读"):
        masking.mask(reader, piece.id, [Box(0, 0, 1, 1)])
    with pytest.raises(StorageError, match="只读"):
        masking.unmask(reader, piece.id)
    close(reader)
