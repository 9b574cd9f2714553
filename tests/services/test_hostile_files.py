"""Every kind of file from outside, plain and sealed, spoilt in every way that formats.md names: each is refused with
the reason and the entry's name, and nothing is left on the disk."""

import hashlib
import io
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyzipper

from emrassess.errors import UserError
from emrassess.exchange.tree import DEFAULT_LIMITS
from tests.exchange.samples import bagged
from tests.hostile import TOP, Files, Sample, Samples, document_of, rebagged, unzipped, zipped

NAMES = [
    f"{mark}{what}"
    for mark in ("", "sealed ")
    for what in (
        "package verified",
        "package read",
        "package unpacked",
        "packet out, looked at",
        "packet out, opened",
        "packet back, merged",
        "package looked at by an expert",
        "package opened by an expert",
        "review looked at",
        "review imported by the hospital",
        "review imported by an expert",
    )
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sample]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMRASSESS_HOME", str(tmp_path_factory.mktemp("home")))
        with Samples(tmp_path_factory.mktemp("samples")) as made:
            yield {sample.name: sample for sample in made}


@pytest.fixture(params=NAMES)
def sample(samples: dict[str, Sample], request: pytest.FixtureRequest) -> Sample:
    return samples[request.param]


def test_every_kind_is_tried(samples: dict[str, Sample]) -> None:
    assert sorted(samples) == sorted(NAMES)


# --- spoiling


def retold(files: Files, **keys: object) -> Files:
    """With other values in its document."""
    name = document_of(files)
    told = json.loads(files[TOP + name]) | keys
    return rebagged(files, {name: json.dumps(told).encode()})


def said(files: Files, text: bytes) -> Files:
    return rebagged(files, {document_of(files): text})


def refusal(sample: Sample, content: bytes, tmp_path: Path) -> str:
    """Why `content` is refused, once nothing is left of it (`use` of a merge sees to the workspace itself)."""
    file, target = tmp_path / "file.zip", tmp_path / "target"
    file.write_bytes(content)
    with pytest.raises(UserError) as refused:
        sample.use(file, target)
    assert [path.name for path in tmp_path.iterdir()] == ["file.zip"]
    return str(refused.value)


def check(sample: Sample, files: Files, tmp_path: Path, entry: str, words: str, link: str = "") -> None:
    message = refusal(sample, zipped(files, sample.sealed, link), tmp_path)
    assert any(entry in line and words in line for line in message.splitlines()), message


def test_the_samples_are_sound_when_they_are_zipped_anew(sample: Sample, tmp_path: Path) -> None:
    """So that it is the spoiling that is refused."""
    (tmp_path / "file.zip").write_bytes(zipped(unzipped(sample), sample.sealed))
    sample.use(tmp_path / "file.zip", tmp_path / "target")
    (tmp_path / "again.zip").write_bytes(zipped(rebagged(unzipped(sample), {}), sample.sealed))
    sample.use(tmp_path / "again.zip", tmp_path / "target again")


# --- names and kinds of entries


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "绝对路径"),
        ("bag/data/../../outside.txt", "含“..”"),
        ("C:/windows/x.txt", "盘符"),
        ("bag\\data\\x.txt", "反斜杠"),
        ("bag/data/EVIDENCE/x", "只差大小写"),
        ("bag/data/" + "d/" * 30 + "x", "嵌套"),
        ("bag/data/\u202egnp.exe", "控制字符"),
        ("other/x.txt", "只有一个文件夹"),
        ("bag/data/evidence/x.png", "多出的文件"),
        ("bag/extra.txt", "多出的文件"),
    ],
)
def test_entries_that_should_not_be_there(sample: Sample, tmp_path: Path, name: str, words: str) -> None:
    entry = "" if name.startswith("other") else name.removeprefix(TOP)
    check(sample, unzipped(sample) | {name: b"x"}, tmp_path, entry, words)


def test_names_that_differ_only_in_composition(sample: Sample, tmp_path: Path) -> None:
    more = {f"{TOP}data/caf\u00e9.png": b"1", f"{TOP}data/cafe\u0301.png": b"2"}
    check(sample, unzipped(sample) | more, tmp_path, "data/cafe\u0301.png", "组合形式")


def test_a_link(sample: Sample, tmp_path: Path) -> None:
    name = f"{TOP}data/link"
    check(sample, unzipped(sample) | {name: b"/etc/passwd"}, tmp_path, name, "是链接", link=name)


# --- bombs


def test_a_bomb_by_ratio(sample: Sample, tmp_path: Path) -> None:
    files = rebagged(unzipped(sample), {"data/zeros.csv": bytes(17 << 20)})
    check(sample, files, tmp_path, "data/zeros.csv", "疑似压缩炸弹")


def test_a_bomb_by_size(sample: Sample, tmp_path: Path) -> None:
    """An entry that says it is 300 GB."""
    name = (TOP + document_of(unzipped(sample))).encode()
    content = bytearray(zipped(unzipped(sample), sample.sealed, pack_from=0))
    at = content.rindex(name) - 46  # its record in the directory
    names, extra = struct.unpack_from("<2H", content, at + 28)
    wide = struct.pack("<2HQ", 1, 8, 300 << 30)
    struct.pack_into("<L", content, at + 24, 0xFFFFFFFF)
    struct.pack_into("<H", content, at + 30, extra + len(wide))
    content[at + 46 + names : at + 46 + names] = wide
    end = content.rindex(b"PK\5\6")
    struct.pack_into("<L", content, end + 12, struct.unpack_from("<L", content, end + 12)[0] + len(wide))
    message = refusal(sample, bytes(content), tmp_path)
    assert name.decode() in message and "疑似压缩炸弹" in message, message


@pytest.mark.parametrize(
    ("limit", "words"), [("total", "超过"), ("entries", "条目超过 3 个"), ("directory", "目录太大")]
)
def test_bombs_by_total_and_count(sample: Sample, tmp_path: Path, limit: str, words: str) -> None:
    """Limits that a sound file of this size keeps to are set lower: those in force take long to reach."""
    usual = getattr(DEFAULT_LIMITS, limit)
    object.__setattr__(DEFAULT_LIMITS, limit, 3)
    try:
        assert words in refusal(sample, sample.content, tmp_path)
    finally:
        object.__setattr__(DEFAULT_LIMITS, limit, usual)


# --- contents


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7, 0.95, 0.999])
def test_truncated_files(sample: Sample, tmp_path: Path, keep: float) -> None:
    assert "不完整" in refusal(sample, sample.content[: int(len(sample.content) * keep)], tmp_path)


def test_a_wrong_digest(sample: Sample, tmp_path: Path) -> None:
    files = unzipped(sample)
    name = document_of(files)
    files[TOP + name] += b" "
    check(sample, files, tmp_path, name, "校验值不同")


def _evidence(files: Files) -> str:
    return next(path for path in files if path.startswith(f"{TOP}data/evidence/")).removeprefix(TOP)


def test_a_wrong_digest_of_evidence(sample: Sample, tmp_path: Path) -> None:
    if not sample.in_full:
        pytest.skip("the contents of evidence are not looked at yet")
    files = unzipped(sample)
    name = _evidence(files)
    files[TOP + name] = files[TOP + name][::-1]
    check(sample, files, tmp_path, name, "校验值不同")


def test_a_missing_file(sample: Sample, tmp_path: Path) -> None:
    files = unzipped(sample)
    name = _evidence(files)
    del files[TOP + name]
    check(sample, files, tmp_path, name, "缺少文件")
    check(sample, rebagged(files, {}), tmp_path, name, "不在包里")


@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", ""])
def test_a_missing_tag_file_or_document(sample: Sample, tmp_path: Path, name: str) -> None:
    files = unzipped(sample)
    name = name or document_of(files)
    del files[TOP + name]
    check(sample, files, tmp_path, name, "缺少")


def test_a_broken_signature(sample: Sample, tmp_path: Path) -> None:
    files = unzipped(sample)
    signed = json.loads(files[f"{TOP}signature.json"])
    files[f"{TOP}signature.json"] = json.dumps({**signed, "name": "别人"}).encode()
    check(sample, files, tmp_path, "signature.json", "签名不对")


def test_an_entry_that_is_not_sealed_among_others_that_are(sample: Sample, tmp_path: Path) -> None:
    if not sample.sealed:
        pytest.skip("a plain file")
    files = unzipped(sample)
    last = list(files)[-1]
    content = zipped({name: text for name, text in files.items() if name != last}, sealed=True)
    file = io.BytesIO(content)
    with pyzipper.AESZipFile(file, "a") as archive:
        archive.writestr(last, files[last])
    message = refusal(sample, file.getvalue(), tmp_path)
    assert last in message and "没有加密" in message, message


# --- documents


def _next_format(files: Files) -> str:
    written: str = json.loads(files[TOP + document_of(files)])["format"]
    return written.replace("/1", "/2")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: retold(f, format="emrassess-other/1"), "格式应为"),
        (lambda f: retold(f, format=1), "格式应为"),
        (lambda f: retold(f, format=_next_format(f)), "第 2 版"),
        (lambda f: retold(f, target=10**17), "应 ≤ 8"),
        (lambda f: retold(f, hospital=["列表"] * 1000), "应为文字，现在是“列表”"),
        (lambda f: retold(f, hospital=None), "应为文字"),
        (lambda f: said(f, b'{"format": ' + b"1" * 5000 + b"}"), "数字太大：1111"),
        (lambda f: said(f, b'{"format": 1e999}'), "数字太大：1e999"),
        (lambda f: said(f, b"[" * 100_000), "嵌套太深"),
        (lambda f: said(f, b'{"hospital":' * 900 + b"1" + b"}" * 900), "格式应为"),
        (lambda f: said(f, b"{"), "不是有效的 JSON"),
        (lambda f: said(f, b"\xff\xfe"), "不是 UTF-8"),
        (lambda f: said(f, b'{"a": 1, "a": 2}'), "重复"),
        (lambda f: said(f, b""), "不是有效的 JSON"),
    ],
)  # fmt: skip
def test_documents_that_nobody_would_write(
    sample: Sample, tmp_path: Path, spoil: Callable[[Files], Files], words: str
) -> None:
    files = unzipped(sample)
    name = document_of(files)
    check(sample, spoil(files), tmp_path, name, words)


def test_values_nested_as_deep_as_json_goes(sample: Sample, tmp_path: Path) -> None:
    """Below a key that is read: to show it must not end the program either."""
    files = unzipped(sample)
    name = document_of(files)
    text = json.dumps(json.loads(files[TOP + name]) | {"hospital": "@"}).encode()
    for depth in (100, 900, 970):
        deep = text.replace(b'"@"', b"[" * depth + b"]" * depth)
        message = refusal(sample, zipped(said(files, deep), sample.sealed), tmp_path)
        assert "应为文字" in message or "嵌套太深" in message, message


def test_a_file_of_another_kind(sample: Sample, tmp_path: Path) -> None:
    check(sample, {TOP + path: text for path, text in bagged({"a.txt": b"a"}).items()}, tmp_path, "data/", "缺少")
    assert "不是 zip 文件" in refusal(sample, hashlib.sha256(b"x").digest() * 100, tmp_path)


# --- what only packets hold


def test_a_pack_that_would_take_minutes_to_read(samples: dict[str, Sample], tmp_path: Path) -> None:
    sample = samples["packet out, opened"]
    more = {f"data/criteria/role-0{n}.yaml": b"- a: b\n" * 60_000 for n in range(1, 4)}
    content = zipped(rebagged(unzipped(sample), more), sealed=False)
    assert "data/criteria：标准包的内容太多" in refusal(sample, content, tmp_path)


def test_a_file_left_at_home_is_as_large_as_it_is_said_to_be(samples: dict[str, Sample], tmp_path: Path) -> None:
    """Only its digest was looked at: a size of any kind would have come into the workspace."""
    sample = samples["packet back, merged"]
    files = unzipped(sample)
    told = json.loads(files[f"{TOP}data/packet.json"])
    known = next(piece for piece in told["evidence"] if not piece["path"])
    lost, here = "0" + "a" * 23, {**known, "id": "0" + "a" * 23, "size": 10**17}
    values = {key.replace(known["id"], lost): value for key, value in told["now"].items() if known["id"] in key}
    changed = retold(files, now=told["now"] | values, evidence=[*told["evidence"], here])
    assert "大小和这里的文件不同" in refusal(sample, zipped(changed, sealed=False), tmp_path)
