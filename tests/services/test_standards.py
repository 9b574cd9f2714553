"""Packs from a folder, from a table, from an annual quality table; and which a workspace may go over to."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from emrassess.domain.pack import Category, Dimension
from emrassess.errors import FileProblems, UserError
from emrassess.packs import library
from emrassess.packs.official import fingerprint
from emrassess.services import standards
from emrassess.services.session import Session, close, create_workspace
from emrassess.typed_yaml import dump_yaml
from tests.packs.official.samples import Standard, quality_text
from tests.packs.official.wordml import docx, paragraph
from tests.services.test_editions import FIRST, SECOND, files_of

TABLE = (
    "角色,项目,级别,条款,分值,内容\n病房医师,医嘱,1,(1),2,医师在电脑上开医嘱\n病房医师,医嘱,2,(1),1.5,医嘱送到药房\n"
)
CELL = ("01.01.4", Dimension.CONSISTENCY)


def with_fingerprints(files: Mapping[str, bytes], text: str = quality_text(*CELL)) -> dict[str, bytes]:
    """The made-up pack with the fingerprint of its one quality cell, edition 2018."""
    cells = {f"{CELL[0]}/{CELL[1].value}": fingerprint(text)}
    data = {"format": "emrassess-fingerprints/1", "edition": 2018, "quality": cells}
    return {**files, "fingerprints.yaml": dump_yaml(data).encode()}


def annual(folder: Path, session: Session, text: str, heading: str = "附表4. 数据质量评估项目表（2026版）") -> Path:
    """A document with annex 4 in which the one cell says `text`."""
    standard = Standard(session.pack, categories={"01.01.4": Category.BASIC})
    standard.quality = {CELL: text}
    folder.mkdir(exist_ok=True)
    return docx(folder, paragraph(heading), standard.quality_table("01"))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    library.install(with_fingerprints(files_of("1.0", FIRST)))
    made = create_workspace(tmp_path / "自评", "示例医院", 4, "张三", pack_id="made-up")
    yield made
    close(made)


@pytest.fixture
def table(tmp_path: Path) -> standards.CriteriaTable:
    file = tmp_path / "条款表.csv"
    file.write_text(TABLE, encoding="utf-8")
    return standards.read_table(file)


def test_newer_editions_are_offered_first_then_other_standards(session: Session) -> None:
    for version in ("0.9", "2.0", "10.0"):
        library.install(files_of(version, SECOND))
    library.install(files_of("1.0", SECOND, "other"))
    offered = [(ref.id, ref.version) for ref in standards.offered(session)]
    assert offered[:2] == [("made-up", "10.0"), ("made-up", "2.0")]
    assert ("other", "1.0") in offered
    assert not {("made-up", "1.0"), ("made-up", "0.9")} & set(offered)


def test_a_folder_becomes_a_pack_at_hand(tmp_path: Path) -> None:
    folder = tmp_path / "包"
    folder.mkdir()
    for name, content in files_of("1.0", FIRST).items():
        (folder / name).write_bytes(content)
    new = standards.from_folder(folder)
    assert new.replaces is None
    assert "没有名词解释（pack.yaml）" in standards.lines_of(new.lacks)
    ref = standards.install(new)
    assert standards.opened(ref).pack.digest == new.pack.digest
    assert standards.from_folder(folder).replaces is None, "the very same pack takes nobody's place"


def test_what_would_take_the_place_of_another_says_so(tmp_path: Path) -> None:
    old = library.install(files_of("1.0", FIRST))
    folder = tmp_path / "包"
    folder.mkdir()
    for name, content in files_of("1.0", SECOND).items():
        (folder / name).write_bytes(content)
    new = standards.from_folder(folder)
    assert new.replaces == old
    with pytest.raises(UserError, match="内容与这一份不同"):
        standards.install(new)
    assert standards.opened(standards.install(new, replace=True)).pack.digest == new.pack.digest


def test_faults_of_a_folder_have_their_place(tmp_path: Path) -> None:
    folder = tmp_path / "包"
    folder.mkdir()
    for name, content in files_of("1.0", FIRST).items():
        (folder / name).write_bytes(content.replace(b"version:", b"ersion:"))
    with pytest.raises(FileProblems, match=r"pack\.yaml:\d+"):
        standards.from_folder(folder)


def test_a_table_becomes_a_pack(table: standards.CriteriaTable) -> None:
    new = standards.from_table(
        table, pack_id="province-2026", name="某省标准", standard="某省评价标准", document_number="某〔2026〕1号",
        pass_share="0.7",
    )  # fmt: skip
    pack = new.pack
    assert (pack.id, pack.name, pack.document_number, len(pack.clause_by_id)) == (
        "province-2026", "某省标准", "某〔2026〕1号", 2,
    )  # fmt: skip
    assert any("用什么材料证明" in line for line in standards.lines_of(new.lacks))
    standards.install(new)
    assert library.load_known("province-2026").digest == pack.digest


def test_ids_are_suggested_that_nobody_has(table: standards.CriteriaTable) -> None:
    assert standards.suggested_id("Shanghai 2026 标准", 2026) == "shanghai-2026"
    assert standards.suggested_id("某省标准2026", 2026) == "local-2026"
    library.install(files_of("1.0", FIRST, "local-2026"))
    assert standards.suggested_id("某省标准", 2026) == "local-2026-2"
    assert standards.suggested_id("EMR-2018", 2026) == "emr-2018-2"


def test_a_new_quality_table_makes_an_edition(session: Session, tmp_path: Path) -> None:
    found = standards.read_annual(session, annual(tmp_path / "一", session, "改过的记录"))
    assert found.differences.year == 2026
    assert found.heads == ("附表4：2018 版 → 2026 版", "未变 0 格，改动 1 格，新增 0 格，取消 0 格")
    assert found.notes == ()
    new = standards.edition_of(session, found, 2026)
    assert (new.pack.version, new.pack.quality_edition, new.replaces) == ("1.0+2026", 2026, None)
    standards.install(new)
    again = standards.read_annual(session, annual(tmp_path / "二", session, "又改过的记录"))
    assert standards.edition_of(session, again, 2026).replaces is not None


def test_the_document_before_gives_the_wording_before(session: Session, tmp_path: Path) -> None:
    earlier = annual(tmp_path / "旧", session, quality_text(*CELL), "附表4. 数据质量评估项目表（2018版）")
    found = standards.read_annual(session, annual(tmp_path / "新", session, "改过的记录"), earlier)
    assert found.differences.changes[0].before == quality_text(*CELL)


def test_the_same_table_makes_no_edition(session: Session, tmp_path: Path) -> None:
    same = annual(tmp_path / "同", session, quality_text(*CELL), "附表4. 数据质量评估项目表（2018版）")
    found = standards.read_annual(session, same)
    with pytest.raises(UserError, match="内容相同"):
        standards.edition_of(session, found, 2018)
