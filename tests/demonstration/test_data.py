"""The data of the demonstration hospital fit the pack, the pictures and each other."""

import re

from PIL import Image, ImageDraw, ImageFont

from emrassess import paths
from emrassess.demonstration.answering import clause_answers
from emrassess.demonstration.data import Demonstration
from emrassess.demonstration.drawing.screens import SCREENS
from emrassess.demonstration.reviews import load_reviews
from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.pack import Pack
from emrassess.domain.route import place_names


def test_every_item_answers_what_the_pack_asks(data: Demonstration, pack: Pack) -> None:
    assert list(data.hospital.items) == [item.code for item in pack.items]
    for item in pack.items:
        told = data.hospital.items[item.code]
        assert bool(told.coverage) != item.coverage.functional, item.code
        assert set(told.coverage) <= set(item.by_level), item.code
        for counts in told.coverage.values():
            Ratio.counted(*counts)
        asked = {row.level: set(source.dimensions) for row in item.rows if (source := item.quality_rows[row.level])}
        for level, dimensions in told.quality.items():
            assert set(dimensions) <= asked[level], (item.code, level)
        assert set(told.clauses) <= {clause.id for row in item.rows for clause in row.clauses}


def test_coverage_never_grows_with_the_level(data: Demonstration) -> None:
    for code, item in data.hospital.items.items():
        shares = [Ratio.counted(*item.coverage[level]).value for level in sorted(item.coverage) if level > 2]
        if code != "09.04":  # its denominator changes: all systems at level 3, the related ones at level 4
            assert shares == sorted(shares, reverse=True), code


def test_what_is_not_met_up_to_the_target_says_why(data: Demonstration, pack: Pack) -> None:
    for item in pack.items:
        for clause, answer in clause_answers(item, data.hospital.items[item.code]).items():
            if int(clause[6]) <= data.hospital.target and answer.verdict in (Verdict.PARTIAL, Verdict.UNMET):
                assert len(answer.note) > 8, clause


def test_evidence_names_clauses_screens_and_tables_that_are_there(data: Demonstration, pack: Pack) -> None:
    documents = data.documents
    for piece in (*data.pictures, *documents.shares, *documents.texts, *documents.sheets, *documents.papers):
        assert set(piece.clauses) <= set(pack.clause_by_id), piece.clauses
        assert len(set(piece.clauses)) == len(piece.clauses)
    for picture in data.pictures:
        assert picture.screen in SCREENS
        assert not picture.table or picture.table in data.tables, picture.table
        assert all(row < len(data.tables[picture.table].rows) for row in picture.boxed), picture.title
    assert {sheet.table for sheet in documents.sheets} <= set(data.tables)
    assert {picture.screen for picture in data.pictures} == set(SCREENS)


def test_tables_are_rectangular(data: Demonstration) -> None:
    for name, table in data.tables.items():
        assert {len(row) for row in table.rows} == {len(table.columns)}, name


def test_experts_look_at_claims_and_places_that_are_there(data: Demonstration, pack: Pack) -> None:
    told = load_reviews()
    codes = {group.code: group.items for group in pack.groups}
    assert [group.group for group in told.groups] == list(codes)
    for group in told.groups:
        for clause, said in group.opinions.items():
            answer = clause_answers(pack.item_by_code[clause[:5]], data.hospital.items[clause[:5]])[clause]
            assert clause[:5] in codes[group.group] and answer.verdict is Verdict.MET, clause
            assert said.place in place_names(pack)
            assert bool(said.problem) == bool(said.severity) == bool(said.suggestion), clause
    found = {clause for group in told.groups for clause, said in group.opinions.items() if said.problem}
    assert set(told.ledger) < found
    by_group = {(group.group, clause) for group in told.groups for clause in group.opinions}
    assert all((photo.group, photo.photo_of) in by_group for photo in told.photos)


def test_patients_and_staff_are_plainly_invented(data: Demonstration) -> None:
    people = re.compile(r"(?<!示例)(?<!示例麻醉)(?:病人|医师|护士|技师|药师|治疗师)[甲乙丙丁戊己庚辛壬癸]")
    told = f"{data} {load_reviews()}"
    assert not people.search(told)
    assert all(picture.patient.startswith("示例病人") for picture in data.pictures if picture.patient)
    assert "示例" in data.hospital.hospital


def test_the_font_has_every_character(data: Demonstration) -> None:
    font = ImageFont.truetype(paths.resources_dir() / "fonts" / "NotoSansSC-Regular.ttf", 16)

    def drawn(letter: str) -> bytes:
        image = Image.new("L", (24, 24))
        ImageDraw.Draw(image).text((2, 0), letter, fill=255, font=font)
        return image.tobytes()

    missing = drawn("\uffff")
    letters = set(f"{data} {load_reviews()}".replace("\\n", "").replace("\\u3000", ""))
    assert {letter for letter in letters if letter.isprintable() and drawn(letter) == missing} == set()
