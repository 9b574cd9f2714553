"""`criteria`: which packs there are, what they lack, a new one from a table, one more made known."""

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from emrassess import paths
from emrassess.domain.pack import Pack
from emrassess.packs.loading import load_pack
from tests.commands.conftest import Command

EXAMPLE = Path(__file__).parents[1] / "packs" / "fixtures" / "points-example"
TABLE = (
    ("角色", "项目", "级别", "内容", "分值", "证明材料"),
    ("门诊", "预约", 1, "可以在网上预约", 2, "预约页面的截图，可见医院名称"),
    ("门诊", "预约", 2, "预约可以改期", "1.5", ""),
    ("急诊", "分诊", 1, "分诊有记录", 3, ""),
)
NEW = ("--id", "province-2026", "--name", "省级标准")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in TABLE:
        sheet.append(line)
    book.save(tmp_path / "条款.xlsx")
    return tmp_path / "条款.xlsx"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.yaml"
    file.write_text("format: emrassess-answers/1\npack: points-example\ntarget: 1\nitems: {}\n", encoding="utf-8")
    return file


def test_packs_are_listed_with_where_they_come_from(command: Command, pack: Pack) -> None:
    assert command("criteria", "list") == (0, f"emr-2018 {pack.version} {pack.name}（随程序提供）\n", "")
    assert command("criteria", "install", EXAMPLE).code == 0
    own = command("criteria", "list").out.splitlines()[1]
    folder = paths.user_dir() / "criteria" / "points-example-1.0"
    assert own == f"points-example 1.0 计分示例标准（自己装入：{folder}）"


def test_an_installed_pack_goes_by_its_id_and_any_by_its_folder(command: Command, answers: Path) -> None:
    assert command("criteria", "show", "--pack", "points-example").code == 2
    assert command("score", answers).code == 2
    for pack in (EXAMPLE, "points-example"):
        shown = command("criteria", "show", "--pack", pack, "--json")
        assert shown.code == 0 and json.loads(shown.out)["id"] == "points-example"
        assert command("score", answers, "--pack", pack).code == 0
        command("criteria", "install", EXAMPLE)
    assert command("score", answers).code == 0
    other = command("score", answers, "--pack", "emr-2018")
    assert other.code == 2 and "answers.yaml:2: " in other.err


def test_a_folder_named_as_a_known_pack_does_not_hide_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "emr-2018")
    monkeypatch.chdir(tmp_path)
    ids = [json.loads(command("criteria", "show", "--json", "--pack", p).out)["id"] for p in ("emr-2018", "./emr-2018")]
    assert ids == ["emr-2018", "points-example"]


def test_a_folder_that_is_no_pack_is_said(command: Command, tmp_path: Path) -> None:
    for arguments in (("show", "--pack", tmp_path), ("install", tmp_path)):
        said = command("criteria", *arguments)
        assert said.code == 2 and "没有 pack.yaml" in said.err


def test_other_content_is_installed_only_where_one_says_so(command: Command, tmp_path: Path) -> None:
    assert command("criteria", "install", EXAMPLE).code == 0
    changed = tmp_path / "pack"
    shutil.copytree(EXAMPLE, changed)
    head = (changed / "pack.yaml").read_text(encoding="utf-8")
    (changed / "pack.yaml").write_text(head.replace("计分示例标准", "改过的标准"), encoding="utf-8")
    assert command("criteria", "install", changed).code == 2
    assert "改过的标准" not in command("criteria", "list").out
    assert command("criteria", "install", changed, "--replace").code == 0
    assert "改过的标准" in command("criteria", "list").out


def test_check_says_what_is_missing_and_that_is_no_fault(command: Command) -> None:
    said = command("criteria", "check")
    assert said.code == 0
    head, *lacks = said.out.splitlines()
    assert head.startswith("emr-2018 ") and head.endswith("，可以使用，但还不完整：")
    assert lacks[0].startswith("  role-*.yaml：") and "待核对" in lacks[0]


def test_a_new_pack_from_a_table(command: Command, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "省级"
    said = command(
        "criteria", "new", table, *NEW, "--pass-share", "0.75", "--document-number", "省卫〔2026〕1号", "--out", folder
    )
    assert said.code == 0
    assert "province-2026 1.0：2 个项目，3 条条款" in said.out and "2 条条款没有写用什么材料证明" in said.out
    pack = load_pack(folder)
    assert (pack.name, pack.standard, pack.document_number) == ("省级标准", "省级标准", "省卫〔2026〕1号")
    assert str(pack.scheme.thresholds["pass_share"]) == "0.75"
    assert command("criteria", "check", folder).code == 0
    assert command("criteria", "install", folder).code == 0
    assert "province-2026 1.0 省级标准" in command("criteria", "list").out


def test_a_table_with_faults_makes_no_pack(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "条款.csv"
    table.write_text("角色,项目,级别,内容,分值\n门诊,预约,1,可以预约,许多\n", encoding="utf-8")
    said = command("criteria", "new", table, *NEW, "--out", tmp_path / "省级")
    assert said.code == 2 and "条款.csv:2: " in said.err
    assert not (tmp_path / "省级").exists()


def test_a_new_pack_overwrites_nothing(command: Command, table: Path, tmp_path: Path) -> None:
    said = command("criteria", "new", table, *NEW, "--out", tmp_path)
    assert said.code == 2 and "已经存在" in said.err
    assert [file.name for file in tmp_path.iterdir()] == [table.name]
