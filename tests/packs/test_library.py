"""Packs at hand: those of the program, those the user brought in, and those a workspace carries."""

import logging
import pickle
import shutil
from pathlib import Path

import pytest

from emrassess import paths
from emrassess.domain.pack import Pack
from emrassess.errors import FileProblems, StorageError, UserError
from emrassess.packs import library
from emrassess.packs.library import PackRef, install, known_packs, load_files, load_known, pack_files, remove
from emrassess.packs.loading import load_pack

EXAMPLE = Path(__file__).parent / "fixtures" / "points-example"


def example(**changes: str) -> dict[str, bytes]:
    """The example pack's files, keys of pack.yaml replaced by line."""
    files = pack_files(EXAMPLE)
    lines = files["pack.yaml"].decode().splitlines()
    head = [f"{line.split(':')[0]}: {changes.get(line.split(':')[0], '')}" for line in lines]
    kept = [new if line.split(":")[0] in changes else line for line, new in zip(lines, head, strict=True)]
    return {**files, "pack.yaml": ("\n".join(kept) + "\n").encode()}


def own() -> list[tuple[str, str]]:
    return [(ref.id, ref.version) for ref in known_packs() if not ref.shipped]


def test_the_shipped_pack_is_known_and_loads(pack: Pack) -> None:
    (ref,) = known_packs()
    assert (ref.id, ref.version, ref.name, ref.shipped) == (pack.id, pack.version, pack.name, True)
    assert load_known("emr-2018") == pack == load_pack(ref.folder)


def test_an_unknown_pack_is_refused_naming_what_is_there() -> None:
    install(EXAMPLE)
    with pytest.raises(UserError, match="emr-1999") as caught:
        load_known("emr-1999")
    assert "emr-2018" in caught.value.hint and "points-example 1.0" in caught.value.hint
    with pytest.raises(UserError, match=r"points-example 7\.0"):
        load_known("points-example", "7.0")


def test_an_installed_pack_is_known_and_loads_as_the_folder_it_came_from(home: Path) -> None:
    ref = install(EXAMPLE)
    assert ref == PackRef("points-example", "1.0", "计分示例标准", home / "criteria" / "points-example-1.0", False)
    assert ref in known_packs()
    assert load_known("points-example") == load_pack(EXAMPLE)
    assert install(EXAMPLE) == ref


def test_without_a_version_the_newest_of_one_s_own_is_taken_and_with_it_that_one() -> None:
    for version in ("1.9", "1.10", "1.10+2026"):
        install(example(version=f'"{version}"'))
    assert own() == [("points-example", v) for v in ("1.9", "1.10", "1.10+2026")]
    assert load_known("points-example").version == "1.10+2026"
    assert load_known("points-example", "1.9").version == "1.9"


def test_the_shipped_version_comes_before_a_newer_one_of_one_s_own() -> None:
    install(example(id="emr-2018", version='"99.0"'))
    assert load_known("emr-2018").version != "99.0"
    assert load_known("emr-2018", "99.0").name == "计分示例标准"


def test_other_content_under_the_same_version_needs_replace() -> None:
    install(EXAMPLE)
    changed = example(name="改过的标准")
    with pytest.raises(UserError, match="内容与这一份不同"):
        install(changed)
    assert load_known("points-example").name == "计分示例标准"
    ref = install(changed, replace=True)
    assert load_known("points-example").name == "改过的标准"
    assert sorted(p.name for p in ref.folder.parent.iterdir()) == ["points-example-1.0"]


def test_a_replacement_that_fails_leaves_the_old_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    install(EXAMPLE)

    def full(path: Path) -> None:
        raise StorageError("磁盘空间不足")

    monkeypatch.setattr(library, "new_folder", full)
    with pytest.raises(StorageError):
        install(example(name="改过的标准"), replace=True)
    assert load_known("points-example").name == "计分示例标准"


def test_a_shipped_pack_cannot_be_installed_over_nor_removed(pack: Pack) -> None:
    (shipped,) = known_packs()
    with pytest.raises(UserError, match="随程序提供"):
        install(example(id=shipped.id, version=f'"{shipped.version}"'), replace=True)
    with pytest.raises(UserError, match="不能删除"):
        remove(shipped)
    assert load_known(shipped.id) == pack


def test_a_faulty_pack_is_not_installed() -> None:
    files = pack_files(EXAMPLE)
    files["role-02.yaml"] = files["role-02.yaml"].replace(b'points: "2"', b'points: "0"', 1)
    with pytest.raises(FileProblems) as caught:
        install(files)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("role-02.yaml", 13)
    assert not own()


def test_a_removed_pack_is_gone_and_may_be_removed_again() -> None:
    ref = install(EXAMPLE)
    remove(ref)
    remove(ref)
    assert not own()
    assert not list(ref.folder.parent.iterdir())


def test_a_broken_pack_of_one_s_own_is_left_out_and_logged(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    install(EXAMPLE)
    broken = home / "criteria" / "broken"
    broken.mkdir()
    (broken / "pack.yaml").write_bytes(b"\xff\xfe no pack [")
    with caplog.at_level(logging.WARNING):
        assert own() == [("points-example", "1.0")]
    assert "pack left out" in caplog.text and "broken" in caplog.text


def test_a_head_written_in_another_way_is_read_as_yaml(home: Path) -> None:
    files = pack_files(EXAMPLE)
    text = files["pack.yaml"].decode().replace("id: points-example", "id: >-\n  points-example")
    install({**files, "pack.yaml": text.replace("name: 计分示例标准", 'name: "计分\\u793a例"').encode()})
    assert [(ref.id, ref.name) for ref in known_packs() if not ref.shipped] == [("points-example", "计分示例")]


def test_a_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"没有 pack\.yaml"):
        pack_files(tmp_path)
    with pytest.raises(UserError, match="无法读取"):
        pack_files(tmp_path / "nowhere")


def test_only_the_files_of_a_pack_are_taken(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(EXAMPLE, folder)
    (folder / "notes.yaml").write_text("a: 1", encoding="utf-8")
    (folder / "readme.txt").write_text("x", encoding="utf-8")
    assert sorted(pack_files(folder)) == [
        "pack.yaml", "quality.yaml", "role-01.yaml", "role-02.yaml", "role-03.yaml",
    ]  # fmt: skip


def test_faults_name_the_files_and_no_temporary_folder() -> None:
    files = pack_files(EXAMPLE)
    del files["role-03.yaml"]
    files["role-01.yaml"] = b"role: ["
    files["quality.yaml"] = b"\xff"
    with pytest.raises(FileProblems) as caught:
        load_files(files)
    assert {p.file for p in caught.value.problems} >= {"role-01.yaml", "quality.yaml"}
    assert "emrassess-" not in str(caught.value)


@pytest.mark.parametrize("name", ["../pack.yaml", "a/pack.yaml", "role-01.yml", "role-..yaml", "C:pack.yaml"])
def test_a_name_that_is_no_file_of_a_pack_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="不认识的文件"):
        load_files({**pack_files(EXAMPLE), name: b"x"})


def test_a_carried_pack_shares_what_is_kept_of_the_shipped_one(pack: Pack, home: Path) -> None:
    (shipped,) = known_packs()
    assert load_known("emr-2018") == pack
    (kept,) = (home / "cache").iterdir()
    assert load_files(pack_files(shipped.folder)) == pack
    assert list((home / "cache").iterdir()) == [kept]


def test_a_kept_pack_is_not_loaded_anew_and_a_damaged_one_does_no_harm(
    pack: Pack, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = pack_files(known_packs()[0].folder)
    load_files(files)
    with monkeypatch.context() as without:
        without.delattr("emrassess.packs.loading.load_pack")
        assert load_files(files) == pack
    (kept,) = (home / "cache").iterdir()
    for damaged in (b"no pickle", b"", pickle.dumps({"id": "emr-2018"})):
        kept.write_bytes(damaged)
        assert load_files(files) == pack


def test_only_some_loaded_packs_are_kept(home: Path) -> None:
    for number in range(library.KEPT + 2):
        load_files(example(version=f'"1.{number}"'))
    assert len(list((home / "cache").iterdir())) == library.KEPT


def test_without_a_place_to_keep_it_a_pack_still_loads(home: Path) -> None:
    (home / "cache").write_text("a file in the way", encoding="utf-8")
    assert load_files(pack_files(EXAMPLE)).id == "points-example"


def test_the_user_s_folder_may_be_missing(home: Path) -> None:
    shutil.rmtree(home)
    assert [ref.id for ref in known_packs()] == sorted(p.parent.name for p in paths.criteria_dir().glob("*/pack.yaml"))
