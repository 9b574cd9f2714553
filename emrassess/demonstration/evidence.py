"""The demonstration hospital's evidence: pictures drawn, documents written, each with the clauses it proves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from emrassess.demonstration.data import Demonstration, PictureData, TableData
from emrassess.demonstration.drawing.paper import paper
from emrassess.demonstration.drawing.screens import draw
from emrassess.demonstration.drawing.shot import Popup, Shot
from emrassess.demonstration.files import shares_csv, workbook
from emrassess.domain.assessment import EvidenceKind
from emrassess.domain.pack import Pack


@dataclass(frozen=True)
class Piece:
    """One piece, ready to be added. `captured_at` as a user writes it, empty where the hospital forgot it."""

    file_name: str
    content: bytes
    title: str
    kind: EvidenceKind
    source_system: str
    captured_at: str
    clauses: tuple[str, ...]


def pieces(data: Demonstration, pack: Pack) -> Iterator[Piece]:
    """Every piece in the order of the clauses' data; the same bytes each time."""
    # Pillow lets go of the interpreter while it packs a picture: two at a time are quicker.
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(lambda pair: _picture(data, *pair), enumerate(data.pictures))
    yield from _shares(data, pack)
    yield from _texts(data)
    yield from _sheets(data)
    yield from _papers(data)


def shot(data: Demonstration, picture: PictureData, seed: int) -> Shot:
    """What the screen of `picture` shows."""
    table = data.tables[picture.table] if picture.table else TableData(columns=[], rows=[])
    rows = [tuple(row) for row in table.rows]
    if not picture.boxed and rows:
        # Without a framed row the order does not matter: another one keeps pictures of one table apart.
        turn = seed % len(rows)
        rows = rows[turn:] + rows[:turn]
    popup = picture.popup
    return Shot(
        hospital=data.hospital.hospital,
        system=picture.system,
        title=picture.title,
        at=picture.at,
        path=(picture.system,),
        user=picture.user,
        patient=picture.patient,
        columns=tuple(table.columns),
        rows=tuple(rows),
        boxed=tuple(picture.boxed),
        lines=tuple(picture.lines),
        popup=popup and Popup(popup.title, tuple(popup.lines), popup.grave, tuple(popup.buttons)),
        seed=seed,
    )


def _picture(data: Demonstration, seed: int, picture: PictureData) -> Piece:
    return Piece(
        f"{picture.system}-{picture.title}.png",
        draw(picture.screen, shot(data, picture, seed)),
        picture.title,
        EvidenceKind.SCREENSHOT,
        picture.system,
        "" if picture.undated else picture.at,
        tuple(picture.clauses),
    )


def _shares(data: Demonstration, pack: Pack) -> Iterator[Piece]:
    for seed, share in enumerate(data.documents.shares):
        name = pack.item_by_code[share.item].name
        counts = {level: (pair[0], pair[1]) for level, pair in data.hospital.items[share.item].coverage.items()}
        yield Piece(
            f"有效应用比例-{share.item}-{name}.csv",
            shares_csv(f"{name}有效应用比例", counts, seed),
            f"{name}有效应用比例（分科室）",
            EvidenceKind.STATISTIC,
            share.system,
            "" if share.undated else f"2026-11-14 {8 + seed // 6:02d}:{seed % 6 * 10:02d}",
            tuple(share.clauses),
        )


def _texts(data: Demonstration) -> Iterator[Piece]:
    for text in data.documents.texts:
        yield Piece(f"{text.title}.txt", text.text.encode(), text.title, text.kind, "", "", tuple(text.clauses))


def _sheets(data: Demonstration) -> Iterator[Piece]:
    for sheet in data.documents.sheets:
        table = data.tables[sheet.table]
        content = workbook(sheet.title, table.columns, table.rows)
        yield Piece(
            f"{sheet.title}.xlsx", content, sheet.title, sheet.kind, sheet.system, sheet.at, tuple(sheet.clauses)
        )


def _papers(data: Demonstration) -> Iterator[Piece]:
    for sheet in data.documents.papers:
        content = paper(data.hospital.hospital, sheet.title, sheet.number, sheet.lines, sheet.day)
        yield Piece(f"{sheet.title}.pdf", content, sheet.title, EvidenceKind.DOCUMENT, "", "", tuple(sheet.clauses))
