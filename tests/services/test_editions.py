"""A workspace made from another under a newer edition of a made-up standard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import ClauseAnswer, Confirmation, Conflict, Decision, OfficialSource, Recheck
from emrassess.domain.editions import ChangeKind
from emrassess.domain.pack import Category, Dimension, ReviewGroup
from emrassess.domain.planning import Department, Task, WorkState
from emrassess.domain.review import ExpertVerdict, Opinion
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.packs import library
from emrassess.services import editions
from emrassess.services.session import Session
from emrassess.storage import changes, evidence_files, opening
from emrassess.storage.workspace import Workspace
from emrassess.typed_yaml import dump_yaml
from tests.storage.samples import Clock, piece

Files = Mapping[str, bytes]
Rows = Mapping[int, Sequence[str]]

SAME, REWORDED, GONE = "01.01.4(1)", "01.01.4(2)", "01.01.4(3)"
FIRST: Rows = {3: ["三级的要求"], 4: ["不变的要求", "改字的要求", "取消的要求"]}
SECOND: Rows = {3: ["新增的要求", "三级的要求"], 4: ["不变的要求", "已改字的要求"]}


def files_of(version: str, rows: Rows, pack_id: str = "made-up") -> dict[str, bytes]:
    """The files of a pack of one item."""
    clauses = {
        level: [
            {"id": f"01.01.{level}({n})", "text": text, "evidence": "截一张图来证明"} for n, text in enumerate(texts, 1)
        ]
        for level, texts in rows.items()
    }
    levels = [
        {"level": n, "category": "unverified", "summary": "摘要", "clauses": found} for n, found in clauses.items()
    ]
    requirements = [
        {"level": n, "name": "级", "basic_items": 1, "optional_required": 0, "optional_total": 0, "minimum_score": n}
        for n in rows
    ]
    scheme = {"kind": "product-2018", "basic_coverage": "0.80", "optional_coverage": "0.50", "quality": "0.50"}
    coverage = {"kind": "ratio", "numerator": "做到的人次", "denominator": "全部人次"}
    pack = {
        "format": "emrassess-pack/1",
        "id": pack_id,
        "version": version,
        "name": "标准",
        "standard": "标准",
        "document_number": "〔2018〕1号",
        "roles": {"01": "医师"},
        "scheme": {**scheme, "requirements": requirements},
        "groups": [{"code": "all", "name": "全部", "roles": ["01"], "quality": True}],
    }
    item = {"code": "01.01", "name": "医嘱", "coverage": coverage, "quality": True, "levels": levels}
    prose = [{"kind": "prose", "reason": "只能人工看"}]
    quality = {"tables": {}, "dictionaries": {}, "checks": {"01.01.4": {"consistency": prose}}}
    role = {"role": "01", "name": "医师", "items": [item]}
    content = {"pack.yaml": pack, "role-01.yaml": role, "quality.yaml": quality}
    return {name: dump_yaml(data).encode() for name, data in content.items()}


def session_on(workspace: Workspace, files: Files) -> Session:
    return Session(workspace, library.load_files(files), workspace.user)


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    """Under the first edition, with something of everything."""
    files = files_of("1.0", FIRST)
    workspace = opening.create(
        folder, hospital="示例医院", pack_id="made-up", pack_version="1.0", target=4, user="张三", clock=Clock(),
        pack_files=files,
    )  # fmt: skip
    now = workspace.assessment
    pieces = [
        piece(workspace, "e1", b"first", b"second", clauses=(SAME, GONE)),
        piece(workspace, "e2", b"x" * 3_000_000, clauses=(REWORDED,)),
        piece(workspace, "e3", b"second"),
    ]
    source = OfficialSource("标准.pdf", "0" * 64, "标准", "〔2018〕1号", "", "")
    confirmed = Confirmation(Category.BASIC, "李四", "2026-11-21T10:00:00+00:00")
    workspace.apply(
        "一切",
        [
            *(changes.answer_change(now, c, ClauseAnswer(Verdict.MET, f"备注{c}")) for c in (SAME, REWORDED, GONE)),
            *(changes.evidence_change(now, p.id, p) for p in pieces),
            changes.coverage_change(now, "01.01", 4, Ratio.counted(9, 10)),
            changes.quality_change(now, "01.01", 4, Dimension.CONSISTENCY, Ratio.plain("0.99")),
            changes.category_change(now, "01.01", 4, confirmed),
            changes.wording_change(now, SAME, "原文"),
            changes.setting_change(now, "official", source),
            changes.setting_change(now, "groups", (ReviewGroup("a", "甲组", ("01.01",), True),)),
        ],
    )
    yield session_on(workspace, files)
    workspace.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the new workspace is to lie."""
    return tmp_path / "新版评价"


def upgraded(session: Session, target: Path, files: Files) -> Workspace:
    """The new workspace, open for reading."""
    assert editions.upgrade(session, library.load_files(files), files, target) == target
    return opening.open_(target, user="张三", write=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        f"{f.relative_to(folder)}": f.read_bytes() for f in folder.rglob("*") if f.is_file() and "-shm" not in f.name
    }


def test_everything_comes_along_into_a_new_workspace(session: Session, target: Path) -> None:
    before, held, files = contents(session.workspace.folder), session.assessment, files_of("2.0", SECOND)
    new = upgraded(session, target, files)
    now = new.assessment
    assert (now.hospital, now.pack, now.pack_version, now.target) == ("示例医院", "made-up", "2.0", 4)
    assert now.id != held.id and new.pack_files() == files
    assert now.answers == {SAME: held.answers[SAME], REWORDED: ClauseAnswer(Verdict.NOT_ASSESSED, f"备注{REWORDED}")}
    assert now.rechecks == {
        "01.01.3(1)": Recheck("新版新增的条款"),
        REWORDED: Recheck("条款文字有改动；原自评：达标"),
    }
    assert {key: p.clauses for key, p in now.evidence.items()} == {"e1": (SAME,), "e2": (REWORDED,), "e3": ()}
    assert [p.revisions for p in now.evidence.values()] == [p.revisions for p in held.evidence.values()]
    for name in ("coverage", "quality", "categories", "wording", "official", "groups"):
        assert getattr(now, name) == getattr(held, name), name
    label = new.audit(1)[0].label
    assert label == "按新版标准建立：从 made-up 1.0 转入"
    digests = {r.sha256 for p in held.evidence.values() for r in p.revisions}
    for sha256 in digests:
        copy, source = new.evidence_path(sha256), session.workspace.evidence_path(sha256)
        assert copy.read_bytes() == source.read_bytes() and copy.stat().st_nlink == 1
    assert len(digests) == 3 == len(list((target / "evidence").iterdir()))
    new.close()
    assert contents(session.workspace.folder) == before and session.assessment is held
    opening.open_(target, user="王五").close()


def test_departments_keep_their_tasks_and_open_conflicts_are_named(session: Session, target: Path) -> None:
    now, task = session.assessment, Task("d", "王五", "2026-12-01", WorkState.SUBMITTED)
    department, decided = Department("d", "检验科"), Conflict("m", "x", None, 1, 2, decision=Decision.OURS)
    session.write(
        "分派",
        [
            changes.department_change(now, "d", department),
            *(changes.task_change(now, clause, task) for clause in ("01.01.3(1)", SAME, GONE)),
            changes.conflict_change(now, "1", decided),
            changes.conflict_change(now, "2", replace(decided, decision=Decision.OPEN)),
        ],
    )
    files = files_of("2.0", SECOND)
    left = editions.preview(session, library.load_files(files)).carried.left_behind
    assert left[-1] == "合并时留下的 1 处冲突：还没有决定，没有转入"
    session.write("专家", [changes.opinion_change(now, SAME, Opinion(ExpertVerdict.CONFIRMED))])
    left = editions.preview(session, library.load_files(files)).carried.left_behind
    assert left[-1] == "专家的 1 条核查意见、整改台账的 0 个问题：没有转入，仍在原工作区"
    new = upgraded(session, target, files)
    assert new.assessment.departments == {"d": department}
    assert new.assessment.tasks == {"01.01.3(2)": task, SAME: task} and not new.assessment.conflicts
    new.close()


def test_what_it_would_do_is_said_beforehand(session: Session) -> None:
    found = editions.preview(session, library.load_files(files_of("2.0", SECOND)))
    counts = {ChangeKind.SAME: 1, ChangeKind.REWORDED: 1, ChangeKind.MOVED: 1, ChangeKind.NEW: 1, ChangeKind.GONE: 1}
    assert found.differences.counts == counts
    assert found.carried.left_behind == (
        f"{GONE}：新版没有对应的条款；自评达标；备注：备注{GONE}；1 件实证材料取消关联",
    )
    assert found.summary == (
        "条款：不变 1 条，文字有改动 1 条，移位 1 条，新增 1 条，取消 1 条",
        "转入：自评结论 1 条，实证材料 3 件，有效应用比例 1 个，数据质量系数 1 个，类别确认 1 格",
        "需再看的条款：2 条",
        "不能转入的内容：1 项",
    )


def test_a_workspace_that_is_only_read_will_do(session: Session, target: Path) -> None:
    session.workspace.close()
    reader = opening.open_(session.workspace.folder, user="李四", write=False)
    new = upgraded(session_on(reader, reader.pack_files()), target, files_of("1.0+2026", FIRST))
    assert new.assessment.answers == reader.assessment.answers and not new.assessment.rechecks
    assert new.audit(1)[0].who == "李四"
    new.close()
    reader.close()


def test_another_standard_takes_what_reads_the_same(session: Session, target: Path) -> None:
    new = upgraded(session, target, files_of("1.0", SECOND, "successor"))
    now = new.assessment
    assert now.pack == "successor" and [*now.answers] == [SAME] and not now.coverage and now.groups is None
    assert now.evidence["e1"].clauses == (SAME,) and now.evidence["e2"].clauses == ()
    new.close()


def test_missing_and_damaged_files_are_left_behind(session: Session, target: Path) -> None:
    store = session.workspace.evidence_path
    e1, e2, e3 = session.assessment.evidence.values()
    store(e1.revisions[0].sha256).unlink()
    store(e2.current.sha256).write_bytes(b"y" * e2.current.size)
    files = files_of("2.0", SECOND)
    pack = library.load_files(files)
    assert len(editions.preview(session, pack).carried.evidence) == 3, "damage shows only in reading"
    new = upgraded(session, target, files)
    assert [*new.assessment.evidence] == ["e1", "e3"]
    lost = "实证材料“医嘱界面”的文件缺失或损坏，没有转入"
    assert new.assessment.rechecks[REWORDED].why == f"条款文字有改动；原自评：达标；{lost}"
    new.close()
    assert {f.name for f in (target / "evidence").iterdir()} == {e3.current.sha256}

    store(e1.current.sha256).unlink()
    found = editions.preview(session, pack).carried
    assert [*found.evidence] == ["e2"] and found.rechecks[SAME].why == lost
    assert found.left_behind[-2:] == (f"{lost}（{SAME}）", lost)


def test_a_cancel_leaves_nothing(session: Session, target: Path) -> None:
    said: list[tuple[int, int, str]] = []

    def stop(done: int, total: int, what: str) -> None:
        said.append((done, total, what))
        if done > 1_000_000:
            raise Cancelled

    files, around = files_of("2.0", SECOND), sorted(target.parent.iterdir())
    with pytest.raises(Cancelled):
        editions.upgrade(session, library.load_files(files), files, target, stop)
    assert said[0][2] == "复制实证材料 1/3" and {total for _, total, _ in said} == {3_000_011}
    assert sorted(target.parent.iterdir()) == around
    target.mkdir()
    with pytest.raises(Cancelled):
        editions.upgrade(session, library.load_files(files), files, target, stop)
    assert not [*target.iterdir()], "a folder that was there stays"


def test_a_full_disk_leaves_nothing_and_names_the_folder(
    session: Session, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    files, around = files_of("2.0", SECOND), sorted(target.parent.iterdir())
    monkeypatch.setattr(evidence_files.os, "fsync", full)
    with pytest.raises(StorageError) as caught:
        editions.upgrade(session, library.load_files(files), files, target)
    assert "磁盘空间不足" in caught.value.message and str(target) in caught.value.message
    assert "在别处建立新工作区" in caught.value.hint
    assert sorted(target.parent.iterdir()) == around


def test_places_that_cannot_be(session: Session, target: Path) -> None:
    files = files_of("2.0", SECOND)
    pack = library.load_files(files)
    target.mkdir()
    (target / "文件").touch()
    for place, words in (
        (target, "已有别的内容"),
        (target / "文件", "已有别的内容"),
        (session.workspace.folder / "新版", "不能放在原工作区"),
        (target / "没有" / "这里", "文件夹不存在"),
    ):
        with pytest.raises(UserError, match=words):
            editions.upgrade(session, pack, files, place)


def test_a_drive_that_is_gone_is_not_a_missing_file(session: Session, target: Path) -> None:
    files = files_of("2.0", SECOND)
    away = session.workspace.folder.rename(target.with_name("拔走"))
    with pytest.raises(StorageError, match="找不到工作区文件夹"):
        editions.upgrade(session, library.load_files(files), files, target)
    away.rename(session.workspace.folder)
    assert not target.exists()


def test_the_newest_edition_at_hand_is_offered(session: Session, home: Path) -> None:
    assert editions.offers(session) is None
    for version in ("0.9", "1.0", "1.0+2026", "1.0.1", "1.0+2027"):
        library.install(files_of(version, SECOND))
    library.install(files_of("3.0", SECOND, "successor"))
    found = editions.offers(session)
    assert found is not None and (found.id, found.version) == ("made-up", "1.0.1")
    assert library.load_files(library.pack_files(found.folder)).version == "1.0.1"
