"""What nobody would write in the part of a package that tells of reviews, in a review file's photos, and in a file of
verdicts: refused in Chinese, and nothing is left."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emrassess.domain.review import ExpertVerdict
from emrassess.errors import UserError
from emrassess.services import ledger, merging, packets, reviewing
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session, close, create_workspace
from tests.exchange.samples import contents, rebagged, zipped
from tests.services.packet_samples import assign
from tests.services.review_samples import A, claim, expert, packed, packs_read_once, picture, sent
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]

FINDING = f"{A}#1"
Told = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A hospital in its second round, the package of it, and an expert at work on that."""

    hospital: Session
    package: Path
    there: Session


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("reviews")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMRASSESS_HOME", str(folder / "home"))
        session = create_workspace(folder / "医院", "示例医院", 5, "张三", clock=Clock())
        claim(session)
        with expert(packed(session, folder / "一.zip"), folder / "专家一") as there:
            reviewing.record(there, A, verdict=ExpertVerdict.PARTLY, problem="没有时间")
            file = sent(there, folder / "核查.zip")
        merging.merge(session, [file])
        ledger.assign(session, [FINDING], deadline="2026-12-01", owner="王五")
        ledger.start_recheck(session)
        package = packed(session, folder / "二.zip")
        with expert(package, folder / "专家二") as there:
            yield Made(session, package, there)
        close(session)


@pytest.fixture
def package(made: Made) -> Path:
    return made.package


def held(session: Session) -> tuple[object, ...]:
    """All that a session holds, and the files of its evidence."""
    return session.assessment, sorted((session.workspace.folder / "evidence").iterdir())


def retold(file: Path, out: Path, spoil: Callable[[Told], object], name: str = "data/assessment.json") -> Path:
    """With other values in its document, and digests to fit."""
    entries = {key: value for key, value in contents(file).items() if "signature" not in key}
    told = json.loads(entries[name])
    spoil(told)
    return zipped(rebagged({**entries, name: json.dumps(told).encode()}), out)


def opinion(**told: object) -> Callable[[Told], object]:
    return lambda document: document["review"]["opinions"][A].update(told)


def finding(**told: object) -> Callable[[Told], object]:
    return lambda document: document["review"]["findings"][FINDING].update(told)


def renamed(part: str, before: str, after: str) -> Callable[[Told], object]:
    def spoil(document: Told) -> None:
        held = document["review"][part]
        held[after] = held.pop(before)

    return spoil


def event(**told: object) -> Callable[[Told], object]:
    return lambda document: document["review"]["findings"][FINDING]["history"][0].update(told)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (opinion(verdict="splendid"), "verdict"),
        (opinion(at="昨天"), "“昨天”不是时间"),
        (opinion(by="甲\u202e"), "控制字符"),
        (opinion(seen="\0"), "不能保存的字符"),
        (opinion(problem="\ud800"), "不能保存的字符"),
        (opinion(round=3), "轮次不对"),
        (opinion(round=10**17), "应 ≤ 99"),
        (renamed("opinions", A, "99.99.4(1)"), "没有这样的条款"),
        (finding(clause="01.01.4(2)"), "和它的条款、轮次不符"),
        (finding(raised=2, checked=2), "和它的条款、轮次不符"),
        (finding(checked=3), "轮次不对"),
        (finding(deadline="2026-02-30"), "“2026-02-30”不是日期"),
        (finding(claimed_at="x" * 5000), "不是时间"),
        (finding(department="一\n二"), "控制字符"),
        (finding(state="lost"), "state"),
        (finding(after="x"), "after"),
        (event(at="昨天"), "不是时间"),
        (event(who="\x07"), "控制字符"),
        (renamed("findings", FINDING, f"{A}#own0"), "和它的条款、轮次不符"),
        (renamed("findings", FINDING, "99.99.4(1)#1"), "和它的条款、轮次不符"),
        (lambda document: document["review"].update(round=0), "应 ≥ 1"),
        (lambda document: document.update(id="../../x"), "评价的编号"),
        (lambda document: document["evidence"][0].update(id=""), "实证材料的编号"),
        (lambda document: document.update(groups=[{"code": "病.", "name": "x", "items": [], "quality": True}]), "代码"),
        (lambda document: document.update(coverage={"01.01": {"8": "1"}, "99.99": {"4": "1"}}), "99.99"),
    ],
)  # fmt: skip
def test_a_package_told_otherwise_is_not_opened(
    package: Path, tmp_path: Path, spoil: Callable[[Told], object], why: str
) -> None:
    file = retold(package, tmp_path / "坏.zip", spoil)
    with pytest.raises(UserError) as refused:
        reviewing.open_as_expert(file, tmp_path / "新", "专家乙")
    assert why in str(refused.value) and "data/assessment.json" in str(refused.value)
    assert not (tmp_path / "新").exists()


def test_an_own_finding_comes_along(package: Path, tmp_path: Path) -> None:
    file = retold(package, tmp_path / "坏.zip", renamed("findings", FINDING, f"{A}#own12"))
    with expert(file, tmp_path / "新") as there:
        assert list(there.assessment.findings) == [f"{A}#own12"]


def test_a_photo_that_is_no_picture_stays_outside(made: Made, tmp_path: Path) -> None:
    reviewing.add_photos(made.there, A, [(picture(), "现场.png")])
    file = sent(made.there, tmp_path / "二轮.zip")
    entries = {key: value for key, value in contents(file).items() if "signature" not in key}
    (path,) = (key for key in entries if "/evidence/" in key)
    program, told = b"MZ" + bytes(200), entries["data/review.json"].decode()
    shown, named = (hashlib.sha256(content).hexdigest() for content in (entries[path], program))
    told = told.replace(shown, named).replace(f'"size": {len(entries[path])}', '"size": 202')
    del entries[path]
    spoilt = {path.replace(shown, named): program, "data/review.json": told.encode()}
    hostile = zipped(rebagged({**entries, **spoilt}), tmp_path / "坏.zip")
    before = held(made.hospital)
    assert "不是图片" in merging.merge(made.hospital, [hostile]).files[0].refused
    assert held(made.hospital) == before


# --- files of verdicts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "文件是空的"),
        ("[]", "键值对"),
        ("just a text", "键值对"),
        (f'"{A}": [partly]', "应为核查结论"),
        (f'"{A}": 1', "应为核查结论"),
        (f'"{A}": null', "应为核查结论"),
        (f'"{A}": {{verdict: splendid}}', "splendid"),
        (f'"{A}": {{verdict: {{a: b}}}}', "可选的"),
        (f'"{A}": {{problem: 5}}', "加引号"),
        (f'"{A}": {{problem: 2026-11-22}}', "加引号"),
        (f'"{A}": {{severity: true}}', "可选的"),
        (f'"{A}": {{photos: {{}}}}', "列表"),
        (f'"{A}": {{photos: ["../../etc/passwd\\0"]}}', "找不到照片"),
        (f'"{A}": {{photos: ["."]}}', "找不到照片"),
        (f'"{A}": {{1: partly}}', "不认识的键"),
        ('1: partly', "标准里没有条款“1”"),
        ('"99.99.4(1)": partly', "标准里没有条款"),
        (f'"{A}": partly\n"{A}": confirmed', "重复"),
        (f'"{A}": &a {{seen: *a}}', ""),
        ("format: emrassess-verdicts/2", "emrassess-verdicts/1"),
        (f'"{A}": {{seen: "\\ud800"}}', ""),
        ("&a [*a, *a]", ""),
        ("!!python/object/apply:os.system [ls]", ""),
    ],
)  # fmt: skip
def test_a_file_of_verdicts_that_nobody_would_write(made: Made, tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "V.yaml"
    file.write_text(text, encoding="utf-8")
    before = held(made.there)
    with pytest.raises(UserError) as refused:
        reviewing.record_file(made.there, file)
    assert why in str(refused.value)
    assert held(made.there) == before


def test_one_bad_photo_holds_all_of_the_file_back(made: Made, tmp_path: Path) -> None:
    (tmp_path / "好.png").write_bytes(picture((1, 2, 3)))
    (tmp_path / "坏.png").write_bytes(b"MZ not a picture")
    file = tmp_path / "V.yaml"
    file.write_text(f'"{A}": {{verdict: partly, photos: [好.png, 坏.png]}}', encoding="utf-8")
    before = held(made.there)
    with pytest.raises(UserError, match="不是图片"):
        reviewing.record_file(made.there, file)
    assert held(made.there) == before


# --- and what is no harm


def test_a_title_with_marks_that_nobody_sees_goes_out(session: Session, tmp_path: Path) -> None:
    """Pasted from a page, or with a rare character of a name in it."""
    add_evidence(session, [NewEvidence(b"a,b\n", "统计.csv", "统\u200b计\ue000\u202e")], [A])
    department = assign(session, A)
    assert packets.create_packet(session, department, tmp_path / "任务.zip").clauses == 1
