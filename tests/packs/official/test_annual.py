"""Annex 4 of another year: what it changes, and the edition of the pack that comes of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess import paths
from emrassess.domain.pack import Dimension, Pack
from emrassess.errors import UserError
from emrassess.packs.loading import load_pack
from emrassess.packs.official import (
    AnnualDifferences,
    ChangeKind,
    OfficialDocument,
    annual_differences,
    difference_lines,
    edition_files,
    fingerprint,
    read_official,
)
from tests.packs.official.samples import Standard, criteria_table, level_row, quality_text
from tests.packs.official.wordml import docx, paragraph

SAME = ("01.02.3", Dimension.CONSISTENCY)
REWORDED = ("01.01.4", Dimension.COMPLETENESS)
NEW = ("01.01.3", Dimension.TIMELINESS)
GONE = ("01.01.5", Dimension.INTEGRATION)
UNKNOWN = ("01.09.3", Dimension.CONSISTENCY)
Texts = dict[tuple[str, Dimension], str]


@pytest.fixture(scope="module")
def made_up(pack: Pack) -> Pack:
    """The shipped pack as though it had been made from our own wording."""
    cells = {
        f"{row.code}/{dimension.value}": fingerprint(quality_text(row.code, dimension))
        for item in pack.items
        for row in item.rows
        for dimension in row.dimensions
    }
    return replace(pack, quality_edition=2018, quality_fingerprints=cells)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (paths.criteria_dir() / "emr-2018").glob("*.yaml")}


def texts_of(pack: Pack) -> Texts:
    return dict(Standard(pack).quality)


def changed_texts(pack: Pack) -> Texts:
    """One cell reworded, one written otherwise, one new, one gone, and one at a level row that does not exist."""
    texts = texts_of(pack)
    texts[REWORDED] = "改过的记录"
    texts[SAME] = texts[SAME].replace("（", " (").replace("）", ")。")
    texts[NEW] = "新编造的时间"
    texts[UNKNOWN] = "没有的行"
    del texts[GONE]
    return texts


def annex_4(
    folder: Path, pack: Pack, texts: Texts, heading: str = "附表4. 数据质量评估项目表（2026版）"
) -> OfficialDocument:
    standard = Standard(pack)
    standard.quality = texts
    roles = dict.fromkeys(code[:2] for code, _ in texts)
    return read_official(docx(folder, paragraph(heading), *[standard.quality_table(role) for role in roles]))


def loaded(folder: Path, files: Mapping[str, bytes]) -> Pack:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return load_pack(folder)


def rules(pack: Pack) -> dict[tuple[str, Dimension], list[str]]:
    """Kinds of the rules of every cell."""
    found: dict[tuple[str, Dimension], list[str]] = {}
    for rule in (rule for item in pack.items for row in item.rows for rule in row.rules):
        found.setdefault((f"{rule.item}.{rule.level}", rule.dimension), []).append(rule.kind)
    return found


def of_kind(differences: AnnualDifferences, kind: ChangeKind) -> list[tuple[str, Dimension]]:
    return [(change.row, change.dimension) for change in differences.changes if change.kind is kind]


def test_the_same_table_changes_nothing(tmp_path: Path, made_up: Pack, files: dict[str, bytes]) -> None:
    found = annual_differences(annex_4(tmp_path, made_up, texts_of(made_up)), made_up)
    assert (found.year, found.edition_before, found.changed) == (2026, 2018, False)
    assert found.counts[ChangeKind.SAME] == len(found.changes) == 216
    assert found.gaining == found.losing == found.problems == ()
    edition = loaded(tmp_path / "edition", edition_files(found, made_up, files))
    assert edition.items == made_up.items
    assert (edition.quality_edition, edition.quality_fingerprints) == (2026, made_up.quality_fingerprints)
    assert (edition.id, edition.version) == (made_up.id, f"{made_up.version}+2026")


def test_every_kind_of_change_is_told_apart(tmp_path: Path, made_up: Pack) -> None:
    found = annual_differences(annex_4(tmp_path, made_up, changed_texts(made_up)), made_up)
    assert found.changed
    assert of_kind(found, ChangeKind.REWORDED) == [REWORDED]
    assert of_kind(found, ChangeKind.NEW) == [NEW]
    assert of_kind(found, ChangeKind.GONE) == [GONE]
    assert of_kind(found, ChangeKind.UNKNOWN_ROW) == [UNKNOWN]
    assert SAME in of_kind(found, ChangeKind.SAME) and found.counts[ChangeKind.SAME] == 214
    texts = {(change.row, change.dimension): change.text for change in found.changes}
    assert (texts[REWORDED], texts[GONE]) == ("改过的记录", "")
    shown = "\n".join(difference_lines(found))
    assert "2018 版 → 2026 版" in shown and "未变 214 格，改动 1 格，新增 1 格，取消 1 格" in shown
    assert "改动 01.01.4 完整性：改过的记录" in shown and "取消 01.01.5 整合性" in shown
    assert "没有取用 01.09.3 一致性" in shown and "01.02.3" not in shown


def test_an_edition_asks_for_changed_cells_but_does_not_compute_them(
    tmp_path: Path, made_up: Pack, files: dict[str, bytes]
) -> None:
    given = dict(files)
    found = annual_differences(annex_4(tmp_path, made_up, changed_texts(made_up)), made_up)
    written = edition_files(found, made_up, files)
    edition = loaded(tmp_path / "edition", written)
    assert (
        files == given
        and {name for name in files if name.startswith("role-") and written[name] != files[name]} == set()
    )
    before, after = rules(made_up), rules(edition)
    assert len(before[REWORDED]) > 1 and after[REWORDED] == after[NEW] == ["prose"]
    assert GONE not in after and UNKNOWN not in after
    assert {c: k for c, k in after.items() if c not in (REWORDED, NEW)} == {
        c: k for c, k in before.items() if c not in (REWORDED, GONE)
    }
    row = edition.item_by_code["01.01"].by_level[4]
    assert row.dimensions == made_up.item_by_code["01.01"].by_level[4].dimensions
    assert "2026" in row.rules[-1].reason
    assert edition.item_by_code["01.01"].by_level[3].dimensions == (Dimension.CONSISTENCY, Dimension.TIMELINESS)
    assert (edition.tables, edition.dictionaries) == (made_up.tables, made_up.dictionaries)
    assert not any("改过的记录" in content.decode() for content in written.values())


def test_items_that_gain_or_lose_all_cells(tmp_path: Path, made_up: Pack, files: dict[str, bytes]) -> None:
    gaining = next(item for item in made_up.items if not item.has_quality)
    row = gaining.rows[-1].code
    texts: Texts = {cell: text for cell, text in texts_of(made_up).items() if not cell[0].startswith("01.01")}
    texts[row, Dimension.COMPLETENESS] = "编造的新要求"
    found = annual_differences(annex_4(tmp_path, made_up, texts), made_up)
    assert (found.gaining, found.losing) == ((gaining.code,), ("01.01",))
    edition = loaded(tmp_path / "edition", edition_files(found, made_up, files))
    gained, lost = edition.item_by_code[gaining.code], edition.item_by_code["01.01"]
    assert gained.has_quality and gained.rows[-1].dimensions == (Dimension.COMPLETENESS,)
    assert gained.rows[-1].clauses == gaining.rows[-1].clauses
    assert lost.has_quality and set(lost.quality_rows.values()) == {None}
    shown = difference_lines(found)
    assert any(line.startswith(gaining.code) for line in shown) and any(line.startswith("01.01 ") for line in shown)


def test_an_edition_of_an_edition(tmp_path: Path, made_up: Pack, files: dict[str, bytes]) -> None:
    first = edition_files(
        annual_differences(annex_4(tmp_path, made_up, changed_texts(made_up)), made_up), made_up, files
    )
    pack = loaded(tmp_path / "first", first)
    texts = changed_texts(made_up)
    texts[NEW] = "又改过的时间"
    document = annex_4(tmp_path, made_up, texts, "附表4. 数据质量评估项目表（2027版）")
    found = annual_differences(document, pack)
    assert of_kind(found, ChangeKind.REWORDED) == [NEW] and REWORDED in of_kind(found, ChangeKind.SAME)
    second = loaded(tmp_path / "second", edition_files(found, pack, first))
    assert (second.version, second.quality_edition) == (f"{made_up.version}+2027", 2027)
    reasons = {r.dimension: r.reason for level in (3, 4) for r in second.item_by_code["01.01"].by_level[level].rules}
    assert "2026" in reasons[Dimension.COMPLETENESS] and "2027" in reasons[Dimension.TIMELINESS]


def test_the_year_has_to_be_known_and_newer_unless_something_changed(
    tmp_path: Path, made_up: Pack, files: dict[str, bytes]
) -> None:
    unnamed = annual_differences(annex_4(tmp_path, made_up, texts_of(made_up), "附表4"), made_up)
    assert unnamed.year is None and "没有写明年份" in difference_lines(unnamed)[0]
    with pytest.raises(UserError, match="哪一年"):
        edition_files(unnamed, made_up, files)
    with pytest.raises(UserError, match="26"):
        edition_files(unnamed, made_up, files, 26)
    with pytest.raises(UserError, match="内容相同"):
        edition_files(unnamed, made_up, files, 2018)
    assert b"+2027" in edition_files(unnamed, made_up, files, 2027)["pack.yaml"]
    changed = annual_differences(annex_4(tmp_path, made_up, changed_texts(made_up)), made_up)
    assert b"+2018" in edition_files(changed, made_up, files, 2018)["pack.yaml"]


def test_an_earlier_document_gives_the_wording_before(tmp_path: Path, made_up: Pack) -> None:
    earlier = annex_4(tmp_path, made_up, texts_of(made_up))
    document = annex_4(tmp_path, made_up, changed_texts(made_up))
    for pack in (made_up, replace(made_up, quality_edition=None, quality_fingerprints={})):
        found = annual_differences(document, pack, earlier)
        before = {(change.row, change.dimension): change.before for change in found.changes}
        assert before[REWORDED] == quality_text(*REWORDED) and before[GONE] == quality_text(*GONE)
        assert found.counts[ChangeKind.SAME] == 214
        assert f"（原为：{quality_text(*REWORDED)}）" in "\n".join(difference_lines(found))


def test_an_earlier_document_that_the_pack_was_not_made_from_gives_no_wording(tmp_path: Path, made_up: Pack) -> None:
    other = texts_of(made_up)
    other[REWORDED] = "别的一年的文字"
    found = annual_differences(
        annex_4(tmp_path, made_up, changed_texts(made_up)), made_up, annex_4(tmp_path, made_up, other)
    )
    change = next(c for c in found.changes if (c.row, c.dimension) == REWORDED)
    assert (change.kind, change.before) == (ChangeKind.REWORDED, "")
    assert "对照的文件有 1 格与编写标准包时所依据的不同" in "\n".join(difference_lines(found))
    without = read_official(docx(tmp_path, criteria_table(level_row("01.01.1"))))
    found = annual_differences(annex_4(tmp_path, made_up, changed_texts(made_up)), made_up, without)
    assert "对照的文件里没有附表4" in "\n".join(difference_lines(found))


def test_what_cannot_be_compared_is_refused(tmp_path: Path, made_up: Pack) -> None:
    document = annex_4(tmp_path, made_up, texts_of(made_up))
    with pytest.raises(UserError, match="指纹"):
        annual_differences(document, replace(made_up, quality_fingerprints={}))
    with pytest.raises(UserError, match="没有数据质量检查项"):
        annual_differences(document, replace(made_up, items=()))
    with pytest.raises(UserError, match="附表4"):
        annual_differences(read_official(docx(tmp_path, criteria_table(level_row("01.01.1")))), made_up)


def test_a_table_of_which_most_is_missing_is_doubted(tmp_path: Path, made_up: Pack) -> None:
    texts = {cell: text for cell, text in texts_of(made_up).items() if cell[0] < "03"}
    texts["01.01.3", Dimension.CONSISTENCY] = ""
    shown = "\n".join(difference_lines(annual_differences(annex_4(tmp_path, made_up, texts), made_up)))
    assert "可能不完整" in shown
