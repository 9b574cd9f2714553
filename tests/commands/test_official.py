"""`criteria import-official` into a workspace, and `criteria import-quality`: shown first, taken only when agreed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from emrassess import paths
from emrassess.domain.assessment import Assessment
from emrassess.domain.pack import Category, Dimension, Pack
from emrassess.packs.loading import load_pack
from emrassess.packs.official import fingerprint
from emrassess.services.categories import confirm_category
from emrassess.services.session import close, open_workspace
from emrassess.typed_yaml import dump_yaml
from tests.commands.conftest import Command
from tests.packs.official.samples import Standard, criteria_table, level_row, quality_text
from tests.packs.official.wordml import docx, paragraph

# One worker reads all the whole documents, so that no other makes them again.
pytestmark = pytest.mark.xdist_group("official documents")


@pytest.fixture
def document(tmp_path: Path, pack: Pack) -> Path:
    """A made-up document that says what the pack says."""
    return docx(tmp_path, *Standard(pack).blocks())


def held(workspace: Path) -> Assessment:
    session = open_workspace(workspace, "x", write=False)
    close(session)
    return session.assessment


def open_cells(pack: Pack) -> int:
    return sum(row.category is Category.UNVERIFIED for item in pack.items for row in item.rows)


def test_without_a_yes_the_workspace_stays_as_it_is(
    command: Command, workspace: Path, document: Path, pack: Pack
) -> None:
    before = held(workspace)
    said = command("criteria", "import-official", document, "--workspace", workspace)
    assert said.code == 1
    assert f"可取用：原文 {len(pack.clause_by_id)} 条，评价类别 {open_cells(pack)} 格" in said.out
    assert "0 处不同" in said.out and "没有取用，工作区没有改动" in said.err
    shown = command("criteria", "import-official", document, "--workspace", workspace, "--json")
    assert shown.code == 1 and json.loads(shown.out)["taken"] is None
    assert held(workspace) == before


def test_with_yes_it_is_taken(command: Command, workspace: Path, document: Path, pack: Pack) -> None:
    taking = ("criteria", "import-official", document, "--pack", "emr-2018", "--workspace", workspace, "--yes")
    said = command(*taking, "--json")
    assert said.code == 0
    found = json.loads(said.out)
    assert found["taken"] == {"wording": len(pack.clause_by_id), "categories": open_cells(pack)}
    assert found["clauses"] == len(pack.clause_by_id)
    after = held(workspace)
    assert (len(after.wording), len(after.categories)) == (len(pack.clause_by_id), open_cells(pack))
    assert after.official is not None and after.official.file_name == document.name
    again = command(*taking)
    assert again.code == 0 and f"（取自“{document.name}”）将被换掉" in again.out
    assert held(workspace) == after


@pytest.mark.parametrize(("typed", "taken"), [("y\n", True), ("\n", False), ("", False)])
def test_at_a_terminal_a_person_decides(
    typed: str,
    taken: bool,
    command: Command,
    workspace: Path,
    document: Path,
    answering: Callable[[str], None],
) -> None:
    answering(typed)
    said = command("criteria", "import-official", document, "--workspace", workspace)
    assert said.code == (0 if taken else 1)
    assert "确认取用以上内容？[y/N]" in said.out and ("已取用：" in said.out) is taken
    assert bool(held(workspace).wording) is taken


def test_what_is_doubtful_or_decided_otherwise_is_shown_and_not_taken(
    command: Command, workspace: Path, tmp_path: Path, pack: Pack
) -> None:
    standard = Standard(pack)
    cells = [row for item in pack.items for row in item.rows if row.category is Category.UNVERIFIED]
    decided = next(row for row in cells if row.level == 5)
    theirs = standard.categories[decided.code]
    ours = Category.OPTIONAL if theirs is Category.BASIC else Category.BASIC
    wrong = next(row for row in cells if row.level == 6 and standard.categories[row.code] is Category.BASIC)
    standard.categories[wrong.code] = Category.OPTIONAL
    session = open_workspace(workspace, "张三")
    confirm_category(session, decided.item, decided.level, ours)
    close(session)
    said = command(
        "criteria", "import-official", docx(tmp_path, *standard.blocks()), "--workspace", workspace, "--yes"
    )  # fmt: skip
    assert said.code == 0
    assert f"不取：{decided.item} 5 级已确认为" in said.out and f"{wrong.item} 6 级" in said.out
    after = held(workspace).categories
    assert after[decided.item, 5].category is ours and (wrong.item, 6) not in after


def test_a_document_of_another_standard_or_pack_is_refused(
    command: Command, workspace: Path, document: Path, tmp_path: Path
) -> None:
    other = docx(tmp_path, criteria_table(level_row("77.01.1", item="别的项目")), name="别的.docx")
    said = command("criteria", "import-official", other, "--workspace", workspace, "--yes")
    assert said.code == 2 and "不是同一个标准" in said.err
    example = Path(__file__).parents[1] / "packs" / "fixtures" / "points-example"
    said = command("criteria", "import-official", document, "--pack", example, "--workspace", workspace, "--yes")
    assert said.code == 2 and "工作区用的标准包是“emr-2018”" in said.err
    assert not held(workspace).wording


def test_a_yes_needs_a_workspace(command: Command, document: Path) -> None:
    said = command("criteria", "import-official", document, "--yes")
    assert said.code == 2 and "--workspace" in said.err


# --- annex 4


@pytest.fixture
def made_up(tmp_path: Path, pack: Pack) -> Path:
    """The shipped pack's folder as though it had been made from our own wording."""
    folder = tmp_path / "标准包"
    shutil.copytree(paths.criteria_dir() / "emr-2018", folder)
    cells = {
        f"{row.code}/{dimension.value}": fingerprint(quality_text(row.code, dimension))
        for item in pack.items
        for row in item.rows
        for dimension in row.dimensions
    }
    prints = {"format": "emrassess-fingerprints/1", "edition": 2018, "quality": cells}
    (folder / "fingerprints.yaml").write_text(dump_yaml(prints), encoding="utf-8")
    return folder


def annex_4(folder: Path, pack: Pack, year: str = "（2026版）") -> Path:
    """Annex 4 with one cell reworded."""
    standard = Standard(pack)
    standard.quality["01.01.4", Dimension.COMPLETENESS] = "改过的记录"
    tables = [standard.quality_table(role.code) for role in pack.roles]
    return docx(folder, paragraph(f"附表4. 数据质量评估项目表{year}"), *tables, name="附表4.docx")


def test_a_new_annex_4_is_only_shown_without_a_folder(
    command: Command, made_up: Path, tmp_path: Path, pack: Pack
) -> None:
    file = annex_4(tmp_path, pack)
    said = command("criteria", "import-quality", file, "--pack", made_up)
    assert said.code == 0
    assert "2018 版 → 2026 版" in said.out and "改动 01.01.4 完整性：改过的记录" in said.out and "--out" in said.out
    found = json.loads(command("criteria", "import-quality", file, "--pack", made_up, "--json").out)
    assert (found["year"], found["edition_before"], found["changed"], found["out"]) == (2026, 2018, True, None)
    assert found["counts"]["reworded"] == len(found["changes"]) == 1
    assert found["changes"][0] | {"row": "01.01.4", "dimension": "completeness"} == found["changes"][0]


def test_a_new_annex_4_makes_an_edition_to_go_over_to(
    command: Command, made_up: Path, workspace: Path, tmp_path: Path, pack: Pack
) -> None:
    edition, version = tmp_path / "新版", f"{pack.version}+2026"
    said = command("criteria", "import-quality", annex_4(tmp_path, pack), "--pack", made_up, "--out", edition)
    assert said.code == 0
    assert f"emr-2018 {version}" in said.out and "criteria upgrade" in said.out
    assert load_pack(edition).version == version
    assert command("criteria", "check", edition).code == 0
    assert command("criteria", "install", edition).code == 0
    over = tmp_path / "转入"
    said = command("criteria", "upgrade", "--workspace", workspace, "--to", "emr-2018", "--out", over)
    assert said.code == 0 and f"emr-2018 {version}" in said.out
    assert held(over).pack_version == version and held(workspace).pack_version == pack.version


def test_a_year_that_the_document_does_not_say_is_asked_for(
    command: Command, made_up: Path, tmp_path: Path, pack: Pack
) -> None:
    file, out = annex_4(tmp_path, pack, year=""), tmp_path / "新版"
    said = command("criteria", "import-quality", file, "--pack", made_up, "--out", out)
    assert said.code == 2 and "哪一年" in said.err and not out.exists()
    said = command("criteria", "import-quality", file, "--pack", made_up, "--out", out, "--year", "2027", "--json")
    assert said.code == 0 and json.loads(said.out)["out"] == str(out)
    assert load_pack(out).version.endswith("+2027")


def test_the_earlier_document_stands_in_for_fingerprints(
    command: Command, made_up: Path, document: Path, tmp_path: Path, pack: Pack
) -> None:
    (made_up / "fingerprints.yaml").unlink()
    file = annex_4(tmp_path, pack)
    assert command("criteria", "import-quality", file, "--pack", made_up).code == 2
    said = command("criteria", "import-quality", file, "--pack", made_up, "--earlier", document)
    assert said.code == 0 and "改过的记录（原为：" in said.out
