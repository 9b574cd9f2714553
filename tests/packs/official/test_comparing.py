"""The document against the pack: differences, categories in doubt, annex 4 of another year."""

import json
from pathlib import Path

import pytest

from emrassess.cli import run
from emrassess.domain.pack import Category, Pack
from emrassess.packs.official import Comparison, OfficialDocument, as_json, compare, read_official
from emrassess.typed_yaml import read_marked
from tests.packs.official.samples import Standard, clause_text, criteria_table, level_row
from tests.packs.official.wordml import docx

# One worker reads all the whole documents, so that no other makes them again.
pytestmark = pytest.mark.xdist_group("official documents")


def compared(folder: Path, standard: Standard) -> tuple[OfficialDocument, Comparison]:
    document = read_official(docx(folder, *standard.blocks()))
    return document, compare(document, standard.pack)


@pytest.mark.parametrize("merged", [False, True])
def test_a_document_that_says_what_the_pack_says(tmp_path: Path, pack: Pack, merged: bool) -> None:
    standard = Standard(pack, merged=merged)
    document, comparison = compared(tmp_path, standard)
    assert comparison.differences == comparison.doubts == ()
    assert document.wording == {clause: clause_text(clause) for clause in pack.clause_by_id}
    assert {
        f"{i}.{n}": c for i, levels in document.categories.items() for n, c in levels.items()
    } == standard.categories
    assert document.requirements == pack.requirements
    assert all(count.agrees for count in comparison.counts)


def test_the_command_shows_and_writes_what_it_read_and_leaves_the_pack_alone(
    tmp_path: Path, pack: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    file, overlay = docx(tmp_path, *Standard(pack).blocks()), tmp_path / "overlay.yaml"
    assert run(["criteria", "import-official", str(file), "--json", "--out", str(overlay)]) == 0
    assert json.loads(capsys.readouterr().out)["clauses"] == len(pack.clause_by_id)
    assert run(["criteria", "import-official", str(file), "--out", str(overlay)]) == 0
    assert f"已写好：{overlay}" in capsys.readouterr().out
    written = read_marked(overlay).data
    assert isinstance(written, dict) and written["format"] == "emrassess-overlay/1"
    assert written["wording"] == {clause: clause_text(clause) for clause in pack.clause_by_id}
    assert run(["criteria", "import-official", str(file)]) == 0
    assert "0 处不同" in capsys.readouterr().out
    assert run(["criteria", "import-official", str(overlay)]) == 2


def test_as_json_has_the_published_shape(tmp_path: Path, pack: Pack) -> None:
    shown = json.loads(json.dumps(as_json(*compared(tmp_path, Standard(pack)))))
    assert shown.keys() == {"clauses", "categories", "requirements", "differences", "doubts"}
    assert shown["clauses"] == len(pack.clause_by_id)
    assert shown["categories"]["01.01"]["1"] == "basic"
    assert shown["requirements"][0]["basic_items"] == 5
    assert len(shown["requirements"]) == 8


def test_every_kind_of_difference_is_named_with_its_place(tmp_path: Path, pack: Pack) -> None:
    standard = Standard(pack, names={"02.01": "别的名字"}, requirement_cells={4: ("17", "10/23", "110")})
    standard.contents["01.01.4"] = "（1）甲（2）乙（3）丙"
    standard.categories["01.01.2"] = Category.OPTIONAL
    standard.skip = lambda code: code == "01.02.6" or code.startswith("05.03")
    extra = criteria_table(level_row("01.03.2", sequence="3"), level_row("11.01.1", item="多出的项目", sequence="40"))
    document = read_official(docx(tmp_path, *standard.blocks(), extra))
    found = {(d.kind, d.place): d.message for d in compare(document, pack).differences}
    assert found.keys() == {
        ("clause_count", "01.01.4"),
        ("missing_row", "01.02.6"),
        ("missing_item", "05.03"),
        ("extra_row", "01.03.2"),
        ("extra_item", "11.01"),
        ("item_name", "02.01"),
        ("requirement", "4"),
        ("category", "01.01.2"),
    }
    assert "3 条" in found["clause_count", "01.01.4"] and "2 条" in found["clause_count", "01.01.4"]
    assert "基本 17" in found["requirement", "4"] and "基本 16" in found["requirement", "4"]
    assert "多出的项目" in found["extra_item", "11.01"]


def test_variant_forms_of_a_name_are_no_difference(tmp_path: Path, pack: Pack) -> None:
    _, comparison = compared(tmp_path, Standard(pack, names={"04.04": "检查 图象"}))
    assert comparison.differences == ()


def test_where_too_few_are_basic_the_blank_rows_of_that_level_are_in_doubt(tmp_path: Path, pack: Pack) -> None:
    standard = Standard(pack)
    wrong = next(c for c, v in standard.categories.items() if c.endswith(".6") and v is Category.BASIC and c > "02")
    if pack.item_by_code[wrong[:5]].by_level[6].category is not Category.UNVERIFIED:
        wrong = next(c for c in standard.categories if c.endswith(".6") and c > wrong)
    standard.categories[wrong] = Category.OPTIONAL
    _, comparison = compared(tmp_path, standard)
    assert {doubt.level for doubt in comparison.doubts} == {6}
    assert "要求 21 个基本项，附表3 读到 20 个" in comparison.doubts[0].message
    rows = {doubt.row for doubt in comparison.doubts[1:]}
    assert wrong in rows and len(rows) == 19
    assert all(doubt.likely for doubt in comparison.doubts[1:])


def test_where_too_many_are_basic_the_merged_rows_come_first(tmp_path: Path, pack: Pack) -> None:
    standard = Standard(pack, merged=True)
    standard.categories |= {f"01.02.{level}": Category.BASIC for level in range(1, 9)}
    _, comparison = compared(tmp_path, standard)
    first = {d.level: d for d in reversed(comparison.doubts) if d.kind == "category"}
    assert first and all(d.likely for d in first.values())
    likely = {d.row for d in comparison.doubts if d.likely}
    assert "01.02.2" in likely
    assert "01.02.1" in likely  # there the merge begins, in a cell that says 基本 itself: none but such can be wrong


@pytest.mark.parametrize("to", [Category.BASIC, Category.OPTIONAL])
def test_where_only_plain_words_can_be_wrong_they_are_in_doubt(tmp_path: Path, pack: Pack, to: Category) -> None:
    standard = Standard(pack)
    known = {row.code for item in pack.items for row in item.rows if row.category is not Category.UNVERIFIED}
    wrong = next(c for c, v in standard.categories.items() if c.endswith(".5") and c not in known and v is not to)
    standard.categories[wrong] = to
    standard.optional_word = "选择" if to is Category.OPTIONAL else ""
    _, comparison = compared(tmp_path, standard)
    rows = {d.row for d in comparison.doubts if d.likely}
    assert wrong in rows and all(row.endswith(".5") for row in rows)
    assert not rows & known
    assert "本格写明" in next(d.message for d in comparison.doubts if d.row == wrong)


def test_a_plain_word_that_the_pack_knows_to_be_wrong_is_the_one_in_doubt(tmp_path: Path, pack: Pack) -> None:
    standard = Standard(pack)
    wrong = next(row.code for item in pack.items for row in item.rows if row.category is Category.OPTIONAL)
    standard.categories[wrong] = Category.BASIC
    _, comparison = compared(tmp_path, standard)
    assert [d.row for d in comparison.doubts if d.likely] == [wrong]


def test_an_unreadable_category_leaves_its_level_in_doubt(tmp_path: Path, pack: Pack) -> None:
    document = read_official(docx(tmp_path, criteria_table(level_row("01.01.1", category="★"))))
    doubts = compare(document, pack).doubts
    assert any(d.row == "01.01.1" and "★" in d.message and d.likely for d in doubts)
    assert "01" not in as_json(document, compare(document, pack))["categories"]


def test_a_word_that_is_not_the_documents_own_is_always_mentioned(tmp_path: Path, pack: Pack) -> None:
    blocks = [b.replace('<w:t xml:space="preserve">基本</w:t>', "<w:t>基础</w:t>", 1) for b in Standard(pack).blocks()]
    comparison = compare(read_official(docx(tmp_path, *blocks)), pack)
    assert comparison.doubts and {d.kind for d in comparison.doubts} == {"category"}
    assert all("基础" in d.message and "基本项" in d.message for d in comparison.doubts)


def test_what_could_not_be_read_is_among_the_doubts(tmp_path: Path, pack: Pack) -> None:
    document = read_official(docx(tmp_path, criteria_table(level_row("01.01.1"), level_row("乱码"))))
    reading = [d for d in compare(document, pack).doubts if d.kind == "reading"]
    assert "乱码" in reading[0].message


def test_a_document_with_annex_4_alone_has_nothing_to_settle(tmp_path: Path, pack: Pack) -> None:
    document = read_official(docx(tmp_path, Standard(pack).quality_table("01")))
    comparison = compare(document, pack)
    assert [d.kind for d in comparison.differences] == ["missing_annex"]
    assert comparison.counts == ()
