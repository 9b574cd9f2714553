"""Verifying bags and packages in zips and folders: every lie about the content is found, and nothing is left behind."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emrassess.errors import Cancelled, RefusedError, StorageError, UserError
from emrassess.exchange.tree import Limits, Refused
from emrassess.exchange.verify import extract, read_package, verify
from tests.exchange.samples import bagged, manifest, no_file_larger_than, rebagged, unpacked, zipped

Files = dict[str, bytes]
PICTURE = "data/evidence/01.01/01.01.1(1)/1-截图.png"


def declaration(version: str, encoding: str) -> bytes:
    return f"BagIt-Version: {version}\nTag-File-Character-Encoding: {encoding}\n".encode()


def problems(path: Path, bag_only: bool = False) -> list[str]:
    found = verify(path, bag_only=bag_only)
    assert found.ok is (not found.problems)
    return [str(problem) for problem in found.problems]


def changed_json(files: Files, name: str, change: Callable[[Any], Any]) -> Files:
    """The package with one document changed and all manifests made to fit: only its meaning is wrong."""
    document = json.loads(files[name])
    replaced = change(document)
    return rebagged(files | {name: json.dumps(document if replaced is None else replaced).encode()})


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_good_package_verifies_as_zip_and_as_folder(tmp_path: Path, files: Files, as_folder: bool) -> None:
    path = unpacked(files, tmp_path / "bag") if as_folder else zipped(files, tmp_path / "bag.zip")
    found = verify(path)
    assert found.ok and found.summary is not None
    assert (found.summary.hospital, found.summary.evidence, found.summary.files) == ("示例医院", 3, 10)
    assert found.total_bytes == sum(map(len, files.values()))
    assert json.loads(json.dumps(found.as_json()))["summary"]["hospital"] == "示例医院"


def test_a_folder_in_a_folder_is_found(tmp_path: Path, files: Files) -> None:
    unpacked(files, tmp_path / "outer" / "inner")
    assert verify(tmp_path / "outer").ok


@pytest.mark.parametrize("as_folder", [False, True])
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda f: f.update({PICTURE: b"\x89PNG 0ne"}), f"{PICTURE}：内容和清单不符"),
        (lambda f: f.pop(PICTURE), f"{PICTURE}：清单里有，包里没有"),
        (lambda f: f.update({"data/evidence/more.png": b"x"}), "data/evidence/more.png：包里有，清单里没有"),
        (lambda f: f.update({"extra.txt": b"x"}), "extra.txt：没有列在 tagmanifest-sha256.txt 里"),
        (lambda f: f.update({"bag-info.txt": b"Contact: x\n"}), "bag-info.txt：内容和清单不符"),
        (lambda f: f.update({"fetch.txt": b"http://x/ 1 data/x\n"}), "fetch.txt：要求从网络下载"),
        (lambda f: f.pop("bagit.txt"), "bagit.txt：缺少这个文件"),
        (lambda f: f.pop("manifest-sha256.txt"), "没有可用的清单"),
        (lambda f: f.pop("tagmanifest-sha256.txt"), "tagmanifest-sha256.txt：缺少这个文件"),
        (lambda f: f.pop("data/index.html"), "data/index.html：缺少这个文件"),
        (lambda f: f.update({"bagit.txt": declaration("2.0", "UTF-8")}), "2.0 版"),
        (lambda f: f.update({"bagit.txt": b"hello"}), "bagit.txt：内容不对"),
        (lambda f: f.update({"bagit.txt": declaration("1.0", "EBCDIC")}), "编码“EBCDIC”"),
        (lambda f: f.update({"manifest-sha256.txt": b"\xff\xfe"}), "manifest-sha256.txt：不是 bagit.txt 所说的编码"),
        (lambda f: f.update({"manifest-sha256.txt": b"12ab  data/x\n"}), "第 1 行不是“校验值 路径”"),
        (lambda f: f.update({"manifest-blake9.txt": b""}), "manifest-blake9.txt：不支持的校验算法"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    tmp_path: Path, files: Files, change: Callable[[Files], object], problem: str, as_folder: bool
) -> None:
    change(files)
    path = unpacked(files, tmp_path / "bag") if as_folder else zipped(files, tmp_path / "bag.zip")
    before = sorted(tmp_path.rglob("*"))
    assert any(problem in found for found in problems(path)), problems(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_every_fault_is_listed_not_only_the_first(tmp_path: Path, files: Files) -> None:
    files[PICTURE] = b"other"
    del files["data/score.json"]
    files["data/new.txt"] = b"x"
    found = problems(zipped(files, tmp_path / "bag.zip"))
    assert {line.split("：")[0] for line in found} >= {PICTURE, "data/score.json", "data/new.txt"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("../../etc/passwd", "含“..”"),
        ("/etc/passwd", "绝对路径"),
        ("C:/windows/x", "盘符"),
        ("data\\x", "反斜杠"),
        ("data/../bagit.txt", "含“..”"),
        ("bagit.txt", "不该列在"),
        ("data/missing.png", "缺少文件"),
    ],
)
def test_a_manifest_cannot_point_outside(tmp_path: Path, files: Files, line: str, words: str) -> None:
    files["manifest-sha256.txt"] += f"{'0' * 64}  {line}\n".encode()
    files |= {"tagmanifest-sha256.txt": manifest({p: c for p, c in files.items() if p[:4] in ("bagi", "bag-", "mani")})}
    assert any(found.startswith(line) and words in found for found in problems(zipped(files, tmp_path / "bag.zip")))


def test_contradicting_lines_of_a_manifest(tmp_path: Path, files: Files) -> None:
    files["manifest-sha256.txt"] += f"{'0' * 64}  {PICTURE}\n".encode()
    assert any("列了两次" in found for found in problems(zipped(files, tmp_path / "bag.zip")))


def test_payload_sum_is_held_against_the_payload(tmp_path: Path, files: Files) -> None:
    good = rebagged(files)
    good["bag-info.txt"] = b"Payload-Oxum: 7.1\n"
    del good["tagmanifest-sha256.txt"]
    found = problems(zipped(good, tmp_path / "bag.zip"), bag_only=True)
    assert len(found) == 1 and "Payload-Oxum 写着 7.1" in found[0]


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("data/assessment.json", lambda d: d.update(format="emrassess-package/2"), "第 2 版"),
        ("data/assessment.json", lambda d: d.update(format="other/1"), "应为 emrassess-package/1"),
        ("data/assessment.json", lambda d: d.__delitem__("hospital"), "hospital"),
        ("data/assessment.json", lambda d: d.update(target=9), "target"),
        ("data/assessment.json", lambda _: [1], "应为 emrassess-package/1"),
        ("data/assessment.json", lambda d: d["coverage"]["01.01"].update({"3": [5, 0]}), "分母不能为 0"),
        ("data/assessment.json", lambda d: d["coverage"]["01.01"].update({"3": "1.5"}), "不在 0 到 1 之间"),
        ("data/assessment.json", lambda d: d["evidence"].append(d["evidence"][0]), "编号有重复"),
        ("data/assessment.json", lambda d: d["evidence"][0].update(sha256="0" * 64), "校验值和清单不同"),
        ("data/assessment.json", lambda d: d["evidence"][0].update(size=1), "大小和文件不同"),
        ("data/assessment.json", lambda d: d["evidence"][0].update(path="evidence/none.png"), "不在包里"),
        ("data/assessment.json", lambda d: d["evidence"][0].update(path="evidence/../../x"), "不在包里"),
        ("data/assessment.json", lambda d: d.update(evidence=d["evidence"][:1]), "多出的文件"),
        ("data/score.json", lambda d: d.update(format="emrassess-score/3"), "第 3 版"),
        ("data/score.json", lambda d: d.update(format="emrassess-projection/1"), "不是得分"),
        ("data/score.json", lambda d: d.update(target=5), "目标级别和 assessment.json 不同"),
    ],
)
def test_documents_that_do_not_fit(
    tmp_path: Path, files: Files, name: str, change: Callable[[Any], Any], problem: str
) -> None:
    path = zipped(changed_json(files, name, change), tmp_path / "bag.zip")
    found = problems(path)
    assert any(problem in line for line in found), found
    assert problems(path, bag_only=True) == []


def test_later_minor_keys_are_passed_over(tmp_path: Path, files: Files) -> None:
    later = changed_json(files, "data/assessment.json", lambda d: d.update(added_in_1_1=True))
    assert verify(zipped(later, tmp_path / "bag.zip")).ok


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"format": 1, "format": 2}', "键“format”重复"),
        (b"[" * 100_000, "嵌套太深"),
        (b'{"format": NaN}', "NaN 不是数字"),
        (b"{", "不是有效的 JSON"),
        (b"\xff", "不是 UTF-8"),
    ],
)
def test_json_that_is_none(tmp_path: Path, files: Files, text: bytes, words: str) -> None:
    path = zipped(rebagged(files | {"data/assessment.json": text}), tmp_path / "bag.zip")
    assert any(words in line for line in problems(path))


@pytest.mark.parametrize("name", ["data/aux.txt", "data/a:b.txt", "data/point."])
def test_names_that_windows_cannot_store_are_refused_in_a_package(tmp_path: Path, files: Files, name: str) -> None:
    path = zipped(rebagged(files | {name: b"x"}), tmp_path / "bag.zip")
    assert any(line.startswith(f"{name}：") for line in problems(path))
    assert problems(path, bag_only=True) == []


@pytest.mark.parametrize("algorithms", [("sha512",), ("md5",), ("sha1", "sha256"), ("sha256", "sha512", "md5")])
@pytest.mark.parametrize("version", ["1.0", "0.97"])
def test_any_bag_verifies_with_bag_only(tmp_path: Path, version: str, algorithms: tuple[str, ...]) -> None:
    files = bagged({"a.txt": b"1", "深/b.bin": os.urandom(3 << 20)}, version, algorithms)
    assert problems(zipped(files, tmp_path / "bag.zip"), bag_only=True) == []
    assert problems(unpacked(files, tmp_path / "bag"), bag_only=True) == []
    assert any("缺少这个文件" in line for line in problems(tmp_path / "bag"))
    files["data/a.txt"] = b"2"
    assert len(problems(zipped(files, tmp_path / "bad.zip"), bag_only=True)) == len({"data/a.txt"})


def test_other_bags_habits_are_understood(tmp_path: Path) -> None:
    """Line ends of Windows, upper-case digests, md5sum's star, a leading ./, continued labels, another encoding."""
    files = bagged({"名.txt": b"1"})
    line = files["manifest-sha256.txt"].decode()
    digest = line.split("  ")[0].upper()
    files = {
        "bagit.txt": b"BagIt-Version: 0.97\r\nTag-File-Character-Encoding: GB18030\r\n",
        "bag-info.txt": "Contact: 张三\r\n  电话 1\r\n".encode("gb18030"),
        "manifest-sha256.txt": f"{digest} *./data/名.txt\r\n".encode("gb18030"),
        "data/名.txt": b"1",
    }
    assert problems(zipped(files, tmp_path / "bag.zip"), bag_only=True) == []


@pytest.mark.parametrize(("version", "escaped"), [("1.0", True), ("1.0", False), ("0.97", False)])
def test_escapes_in_manifests(tmp_path: Path, version: str, escaped: bool) -> None:
    """Tools differ in whether they escape; a name is taken either way where the file is there."""
    files = bagged({"100%25.txt": b"1", "50%.txt": b"2"}, version)
    if escaped:
        files["manifest-sha256.txt"] = files["manifest-sha256.txt"].replace(b"%", b"%25")
        del files["tagmanifest-sha256.txt"]
    assert problems(zipped(files, tmp_path / "bag.zip"), bag_only=True) == []


def test_since_1_0_every_manifest_lists_all_files(tmp_path: Path) -> None:
    for version, count in (("1.0", 1), ("0.97", 0)):
        files = bagged({"a": b"1", "b": b"2"}, version, ("sha256", "md5"))
        files["manifest-md5.txt"] = manifest({"data/a": b"1"}, "md5")
        files = {path: content for path, content in files.items() if not path.startswith("tagmanifest")}
        found = problems(zipped(files, tmp_path / f"{version}.zip"), bag_only=True)
        assert len(found) == count, found


def test_links_and_special_files_in_a_folder_are_refused(tmp_path: Path, files: Files) -> None:
    folder = unpacked(files, tmp_path / "bag")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (folder / PICTURE).unlink()
    (folder / PICTURE).symlink_to(secret)
    (folder / "data" / "more").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "data" / "pipe")
    found = problems(folder)
    assert f"{PICTURE}：是链接" in found and "data/more：是链接" in found and "data/pipe：不是普通文件" in found


def test_clashing_names_in_a_folder_are_refused(tmp_path: Path, files: Files) -> None:
    folder = unpacked(files | {"data/A.txt": b"", "data/a.txt": b""}, tmp_path / "bag")
    assert any("只差大小写" in line for line in problems(folder))


def test_a_folder_beyond_the_limits_is_refused(tmp_path: Path, files: Files) -> None:
    folder = unpacked(files, tmp_path / "bag")
    assert "超过 3 个" in str(verify(folder, limits=Limits(entries=3)).problems[0])
    assert "总大小" in str(verify(folder, limits=Limits(total=100)).problems[0])


def test_verifying_can_be_cancelled(tmp_path: Path, files: Files) -> None:
    def progress(done: int, total: int, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        verify(zipped(files, tmp_path / "bag.zip"), progress=progress)


def test_a_path_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="找不到"):
        verify(tmp_path / "gone.zip")


def test_read_package_refuses_what_does_not_verify(tmp_path: Path, files: Files) -> None:
    files[PICTURE] = b"other"
    with pytest.raises(RefusedError, match="内容和清单不符"):
        read_package(zipped(files, tmp_path / "bag.zip"))


def test_extract_gives_the_files_below_the_top_folder(tmp_path: Path, good_package: Path, files: Files) -> None:
    seen: list[tuple[int, int, str]] = []
    summary = extract(good_package, tmp_path / "out", lambda *told: seen.append(told))
    found = {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()
    }
    assert found == files and summary.hospital == "示例医院"
    assert seen[-1][0] == seen[-1][1]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert verify(tmp_path / "out").ok


def test_extract_refuses_a_bad_package_and_leaves_nothing(tmp_path: Path, files: Files) -> None:
    files[PICTURE] = b"other"
    package = zipped(files, tmp_path / "bag.zip")
    with pytest.raises(Refused) as error:
        extract(package, tmp_path / "out")
    assert PICTURE in [fault.entry for fault in error.value.faults]
    assert [p.name for p in tmp_path.iterdir()] == ["bag.zip"]


def test_extract_leaves_nothing_when_cancelled(tmp_path: Path, good_package: Path) -> None:
    def progress(done: int, total: int, what: str) -> None:
        if what == "正在解开" and done > total * 3 // 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        extract(good_package, tmp_path / "out", progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file sizes")
@pytest.mark.parametrize("room", [10, 150_000, 199_999])
def test_extract_leaves_nothing_on_a_disk_that_is_full_in_the_middle(tmp_path: Path, files: Files, room: int) -> None:
    """A disk may take a part of what it is given, and say so only by the number of bytes it took."""
    large = rebagged({**files, "data/large.bin": os.urandom(200_000)})
    package = zipped(large, tmp_path / "bag.zip")
    with no_file_larger_than(room), pytest.raises(StorageError, match="磁盘放不下"):
        extract(package, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["bag.zip"]


def test_extract_never_writes_into_what_is_there(tmp_path: Path, good_package: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(StorageError, match="已经存在"):
        extract(good_package, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_extract_notices_a_package_changed_after_verifying(tmp_path: Path, files: Files) -> None:
    package = zipped(files, tmp_path / "bag.zip")

    def progress(done: int, total: int, what: str) -> None:
        if done == total // 2:
            package.write_bytes(package.read_bytes().replace(b"\x89PNG one", b"\x89PNG 0ne"))

    with pytest.raises(Refused, match="已损坏") as error:
        extract(package, tmp_path / "out", progress)
    assert "校验之后被改动" in error.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["bag.zip"]


def test_extract_unpacks_what_it_verified_even_if_another_package_takes_its_place(tmp_path: Path, files: Files) -> None:
    package = zipped(files, tmp_path / "bag.zip")
    other = zipped(bagged({"other.txt": b"other"}), tmp_path / "other.zip")

    def progress(done: int, total: int, what: str) -> None:
        if done == total // 2 and other.exists():
            other.replace(package)

    extract(package, tmp_path / "out", progress)
    assert (tmp_path / "out" / PICTURE).read_bytes() == files[PICTURE]
