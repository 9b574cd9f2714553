"""Packages written: what is in them, that they verify and read back, and that failure leaves nothing behind."""

import errno
import gc
import hashlib
import json
import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrassess import atomic
from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Confirmation, Evidence, EvidenceKind, Revision
from emrassess.domain.pack import Category, Dimension, ReviewGroup
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.exchange import bag_writer
from emrassess.exchange.names import path_fault
from emrassess.exchange.package import create, evidence_paths, href
from emrassess.exchange.verify import read_package, verify
from tests.exchange.samples import (
    PACKED_AT,
    contents,
    inputs_of,
    no_file_larger_than,
    piece,
    sample_assessment,
    sample_pack,
    sample_package,
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


def left_over(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name != "store")


def test_a_package_is_a_bag_with_all_its_parts(good_package: Path) -> None:
    with zipfile.ZipFile(good_package) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert sorted(names) == [
        "材料包/bag-info.txt",
        "材料包/bagit.txt",
        "材料包/data/assessment.json",
        "材料包/data/evidence/01.01/01.01.1(1)/1-截图.png",
        "材料包/data/evidence/01.01/01.01.1(1)/2-统计 表.csv",
        "材料包/data/index.html",
        "材料包/data/score.json",
        "材料包/data/自评报告.pdf",
        "材料包/manifest-sha256.txt",
        "材料包/tagmanifest-sha256.txt",
    ]


def test_tag_files_say_what_the_bag_holds(files: dict[str, bytes]) -> None:
    assert files["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload = {path: content for path, content in files.items() if path.startswith("data/")}
    listed = dict(line.split("  ")[::-1] for line in files["manifest-sha256.txt"].decode().splitlines())
    assert listed == {path: hashlib.sha256(content).hexdigest() for path, content in payload.items()}
    info = files["bag-info.txt"].decode()
    assert f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n" in info
    assert "Source-Organization: 示例医院\n" in info and "Bagging-Date: 2026-11-21\n" in info


def test_assessment_json_tells_the_evidence(files: dict[str, bytes]) -> None:
    document: dict[str, Any] = json.loads(files["data/assessment.json"])
    assert document["format"] == "emrassess-package/1"
    assert document["hospital"] == "示例医院"
    assert document["pack"] == {"id": "small", "version": "1.0", "name": "小标准", "digest": "0" * 64}
    assert document["answers"]["01.01.1(1)"] == {"verdict": "met", "note": "备注", "demonstration": "门诊 › 医嘱"}
    assert document["coverage"] == {"01.01": {"3": [950, 1000]}, "01.02": {"1": "0.795"}}
    by_id = {part["id"]: part for part in document["evidence"]}
    assert set(by_id) == {"e1", "e2", "e3"}  # e4 is linked to no clause
    assert "张三" not in files["data/assessment.json"].decode()  # who added it
    assert by_id["e1"]["clauses"] == ["01.01.1(1)", "01.01.3(2)"]
    assert by_id["e1"]["path"] == by_id["e3"]["path"] == "evidence/01.01/01.01.1(1)/1-截图.png"


def test_text_is_packed_and_pictures_are_stored(good_package: Path) -> None:
    with zipfile.ZipFile(good_package) as archive:
        methods = {info.filename.rsplit(".", 1)[1]: info.compress_type for info in archive.infolist()}
    assert methods["png"] == methods["pdf"] == zipfile.ZIP_STORED
    assert methods["csv"] == methods["html"] == zipfile.ZIP_DEFLATED


def test_the_same_input_gives_the_same_file(tmp_path: Path, good_package: Path) -> None:
    assert sample_package(tmp_path).read_bytes() == good_package.read_bytes()


def test_summary_counts(tmp_path: Path, store: Path) -> None:
    summary = create(inputs_of(sample_assessment(store), store), tmp_path / "p.zip")
    assert (summary.hospital, summary.pack, summary.target) == ("示例医院", "small", 4)
    assert (summary.clauses_answered, summary.clauses_met, summary.evidence, summary.files) == (3, 2, 3, 10)
    assert summary.packed_at == "2026-11-21T08:30:00+08:00"


def test_read_package_gives_the_assessment_back(store: Path, good_package: Path) -> None:
    written = sample_assessment(store)
    linked = {key: unnamed(found) for key, found in written.evidence.items() if found.clauses}
    assert read_package(good_package) == replace(written, evidence=linked)


def unnamed(piece: Evidence) -> Evidence:
    """As a package tells it: the revision in force, without who added it."""
    return replace(piece, revisions=(replace(piece.current, added_by=""),))


def test_progress_counts_bytes_up_to_the_end(tmp_path: Path, store: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    create(inputs_of(sample_assessment(store), store), tmp_path / "p.zip", lambda *told: seen.append(told))
    done = [told[0] for told in seen]
    assert done == sorted(done)
    assert seen[-1][0] == seen[-1][1]
    assert {told[2] for told in seen} == {"正在写入实证材料包", "正在回读校验"}


@pytest.mark.parametrize("stop_at", [1, 3, 6, 8, 12])
def test_cancelling_leaves_the_old_file_and_nothing_else(tmp_path: Path, store: Path, stop_at: int) -> None:
    out = tmp_path / "p.zip"
    out.write_bytes(b"old")
    calls = 0

    def progress(done: int, total: int, what: str) -> None:
        nonlocal calls
        calls += 1
        if calls == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        create(inputs_of(sample_assessment(store), store), out, progress)
    assert left_over(tmp_path) == ["p.zip"] and out.read_bytes() == b"old"


def test_cancelling_in_the_middle_of_a_large_file(tmp_path: Path, store: Path) -> None:
    large = piece("e1", os.urandom(5 << 20), "01.01.1(1)", folder=store)
    assessment = replace(sample_assessment(store), evidence={"e1": large})

    def progress(done: int, total: int, what: str) -> None:
        if done > 3 << 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        create(inputs_of(assessment, store), tmp_path / "p.zip", progress)
    assert left_over(tmp_path) == []


def test_a_damaged_piece_of_evidence_is_named(tmp_path: Path, store: Path) -> None:
    assessment = sample_assessment(store)
    (store / assessment.evidence["e1"].current.sha256).write_bytes(b"\x89PNG 0ne")
    with pytest.raises(UserError, match=r"材料e1.*01\.01\.1\(1\).*已损坏"):
        create(inputs_of(assessment, store), tmp_path / "p.zip")
    assert left_over(tmp_path) == []


def test_a_missing_piece_of_evidence_is_named(tmp_path: Path, store: Path) -> None:
    assessment = sample_assessment(store)
    (store / assessment.evidence["e2"].current.sha256).unlink()
    with pytest.raises(UserError, match=r"材料e2.*读不出来"):
        create(inputs_of(assessment, store), tmp_path / "p.zip")
    assert left_over(tmp_path) == []


def test_a_full_disk_is_said_plainly(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(StorageError, match="磁盘空间不足"):
        create(inputs_of(sample_assessment(store), store), tmp_path / "p.zip")
    assert left_over(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file sizes")
@pytest.mark.filterwarnings("error")  # a zip thrown away half made must not complain either
@pytest.mark.parametrize("passphrase", [None, "correct horse"])
@pytest.mark.parametrize("room", [10, 20_000, 61_000, 65_500, 131_072])
def test_a_disk_that_is_full_in_the_middle_is_said_plainly(
    tmp_path: Path, store: Path, room: int, passphrase: str | None
) -> None:
    large = piece("e9", os.urandom(200_000), "01.01.1(1)", folder=store)
    inputs = inputs_of(replace(sample_assessment(store), evidence={"e9": large}), store)
    with no_file_larger_than(room), pytest.raises(StorageError, match="磁盘放不下"):
        create(inputs, tmp_path / "p.zip", passphrase=passphrase)
    gc.collect()
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
@pytest.mark.parametrize("year", [1, 1970, 1979, 1980, 2107, 2108, 9999])
def test_any_clock_will_do(tmp_path: Path, store: Path, year: int, passphrase: str | None) -> None:
    """Zips know the years from 1980 to 2107; a computer whose battery is flat is in another."""
    at = PACKED_AT.replace(year=year)
    inputs = inputs_of(sample_assessment(store), store, packed_at=at)
    assert create(inputs, tmp_path / "p.zip", passphrase=passphrase).packed_at == at.isoformat()


def test_too_little_space_is_noticed_before_writing(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3))
    with pytest.raises(StorageError, match="空间不足"):
        create(inputs_of(sample_assessment(store), store), tmp_path / "p.zip")


def test_a_folder_that_is_not_there_is_said_plainly(tmp_path: Path, store: Path) -> None:
    with pytest.raises(StorageError, match="文件夹不存在"):
        create(inputs_of(sample_assessment(store), store), tmp_path / "gone" / "p.zip")


def test_what_reads_back_differently_is_not_delivered(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(handle: int) -> None:
        os.pwrite(handle, b"X", 2000)

    monkeypatch.setattr(atomic.os, "fsync", spoil)
    original = bag_writer.read

    def late(path: Path, *told: Any, **options: Any) -> Any:
        deadline = time.monotonic() + 5
        while b"X" not in path.read_bytes()[2000:2001] and time.monotonic() < deadline:
            time.sleep(0.001)
        return original(path, *told, **options)

    monkeypatch.setattr(bag_writer, "read", late)
    with pytest.raises(StorageError, match="回读校验"):
        create(inputs_of(sample_assessment(store), store), tmp_path / "p.zip")
    assert left_over(tmp_path) == []


def test_paths_count_within_the_first_clause_and_store_equal_files_once() -> None:
    pieces = [
        piece("a", b"1", "01.01.1(1)", "01.02.1(1)", name="CON.png"),
        piece("b", b"2", "01.02.1(1)", name="图.png"),
        piece("c", b"1", "01.02.1(2)"),
        piece("d", b"4"),
    ]
    paths = evidence_paths(Assessment("x", "h", "small", "1.0", 4, evidence={p.id: p for p in pieces}))
    assert paths == {
        "a": "evidence/01.01/01.01.1(1)/1-_CON.png",
        "b": "evidence/01.02/01.02.1(1)/2-图.png",
        "c": "evidence/01.01/01.01.1(1)/1-_CON.png",
    }
    assert href(paths["b"]) == "evidence/01.02/01.02.1(1)/2-%E5%9B%BE.png"


def test_names_need_no_escaping_in_the_manifest(tmp_path: Path, store: Path) -> None:
    """Widely used BagIt tools do not undo RFC 8493's escapes."""
    found = piece("p", b"x", "01.01.1(1)", name="100%0A%\n.png", folder=store)
    assessment = replace(sample_assessment(store), evidence={"p": found})
    create(inputs_of(assessment, store), tmp_path / "p.zip")
    manifest = contents(tmp_path / "p.zip")["manifest-sha256.txt"].decode()
    assert "  data/evidence/01.01/01.01.1(1)/1-100％0A％_.png\n" in manifest and "%" not in manifest


def test_an_empty_assessment_makes_a_package(tmp_path: Path) -> None:
    assessment = Assessment("x", "一家\n医院", "small", "1.0", 3)
    summary = create(inputs_of(assessment, tmp_path, attachments={}), tmp_path / "p.zip")
    assert (summary.evidence, summary.hospital) == (0, "一家\n医院")


def test_two_attachments_of_one_name_are_a_bug(tmp_path: Path, store: Path) -> None:
    with pytest.raises(ValueError, match=r"INDEX\.html"):
        create(inputs_of(sample_assessment(store), store, attachments={"INDEX.html": b""}), tmp_path / "p.zip")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
RATIOS = st.one_of(
    st.integers(1, 10**6).flatmap(lambda d: st.integers(0, d).map(lambda n: Ratio.counted(n, d))),
    st.decimals(0, 1, places=4).map(lambda d: Ratio.plain(str(d))),
)
CLAUSES = list(sample_pack().clause_by_id)


@st.composite
def assessments(draw: st.DrawFn) -> tuple[Assessment, dict[str, bytes]]:
    answers = draw(
        st.dictionaries(
            st.sampled_from(CLAUSES), st.builds(ClauseAnswer, st.sampled_from(Verdict), TEXT, TEXT), max_size=6
        )
    )
    files: dict[str, bytes] = {}
    evidence: dict[str, Evidence] = {}
    for number in range(draw(st.integers(0, 5))):
        content = draw(st.binary(max_size=30))
        sha256 = hashlib.sha256(content).hexdigest()
        files[sha256] = content
        revision = Revision(sha256, draw(TEXT), len(content), draw(TEXT), draw(TEXT), "")
        clauses = tuple(draw(st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=4, unique=True)))
        evidence[str(number)] = Evidence(
            str(number), draw(TEXT), draw(st.sampled_from(EvidenceKind)), draw(TEXT), draw(TEXT), (revision,), clauses
        )
    category = st.builds(Confirmation, st.sampled_from([Category.BASIC, Category.OPTIONAL]), TEXT, TEXT)
    group = st.builds(ReviewGroup, TEXT, TEXT, st.tuples(TEXT), st.booleans())
    assessment = Assessment(
        id=draw(TEXT),
        hospital=draw(TEXT),
        pack="small",
        pack_version="1.0",
        target=draw(st.integers(1, 8)),
        created_at=draw(TEXT),
        answers=answers,
        coverage=draw(st.dictionaries(st.tuples(st.just("01.01"), st.integers(1, 8)), RATIOS, max_size=3)),
        quality=draw(st.dictionaries(st.tuples(st.just("01.01"), st.just(3), st.sampled_from(Dimension)), RATIOS)),
        categories=draw(st.dictionaries(st.tuples(st.just("01.02"), st.integers(1, 8)), category, max_size=2)),
        evidence=evidence,
        groups=draw(st.none() | st.tuples(group)),
    )
    return assessment, files


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=assessments())
def test_a_package_verifies_and_reads_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[Assessment, dict[str, bytes]]
) -> None:
    assessment, files = made
    folder = tmp_path_factory.mktemp("made")
    for sha256, content in files.items():
        (folder / sha256).write_bytes(content)
    out = folder / "材料包.zip"
    create(inputs_of(assessment, folder, packed_at=PACKED_AT), out)
    assert verify(out).ok
    assert read_package(out) == assessment
    written = contents(out)
    assert all(path_fault(path, portable=True) == "" for path in written)
    for key, path in evidence_paths(assessment).items():
        assert written[f"data/{path}"] == files[assessment.evidence[key].current.sha256]
