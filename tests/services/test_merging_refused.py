"""Packets that are not for here, that are damaged or not to be trusted; and a merge that is cancelled."""

import json
from pathlib import Path

import pytest

from emrassess.errors import Cancelled, UserError
from emrassess.services import merging
from emrassess.services.merging import merge, preview
from emrassess.services.packets import create_packet, return_packet
from emrassess.services.session import Session, close, create_workspace
from tests.exchange.samples import contents, rebagged, zipped
from tests.services.packet_samples import (
    OUTSIDE,
    A,
    B,
    adding,
    all_of,
    assign,
    department,
    given_back,
    last_entry,
    note,
    noting,
    packs_read_once,
    returned,
)
from tests.storage.samples import Clock

__all__ = ["packs_read_once"]


def test_what_is_no_packet_for_here_is_refused_and_the_others_merged(session: Session, tmp_path: Path) -> None:
    lab_id = assign(session, A)
    create_packet(session, lab_id, tmp_path / "out.zip")
    (tmp_path / "no.zip").write_bytes(b"no zip at all")
    other = create_workspace(tmp_path / "另一份", "别的医院", 5, "张三", clock=Clock())
    assign(other, A)
    stray = returned(other, tmp_path, noting(A, "别人的"))
    close(other)
    good = returned(session, tmp_path, noting(A, "他们"))
    files = [tmp_path / "out.zip", tmp_path / "no.zip", stray, tmp_path / "gone.zip", good]
    done = merge(session, files)
    reasons = [told.refused for told in done.files]
    for words, reason in zip(["发给科室", "不是 zip", "另一份评价", "找不到"], reasons, strict=False):
        assert words in reason
    assert reasons[-1] == "" and note(session, A) == "他们" and len(done.changes) == 1
    assert done.files[2].summary is not None and done.files[2].summary.hospital == "别的医院"


def changed(back: Path, target: Path, **keys: object) -> Path:
    """The packet with other values in its document, and its manifests made anew."""
    files = contents(back)
    told = json.loads(files["data/packet.json"])
    for key, value in keys.items():
        told[key] = {**told[key], **value} if isinstance(value, dict) else value
    files["data/packet.json"] = json.dumps(told).encode()
    return zipped(rebagged(files), target)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"pack": {"digest": "0" * 64}}, "不是同一版"),
        ({"now": {"answer:09.99.9(9):note": "x"}}, "09.99.9(9)"),
        ({"now": {"answer:01.01.4(1):verdict": "perfect"}}, "answer:01.01.4(1):verdict"),
        ({"now": {"coverage:01.01/4:": ["3", "2"]}}, "coverage:01.01/4:"),
        ({"now": {"evidence:0123:title": "x"}}, "0123"),
        ({"now": {"answer:01.01.4(1):note": "\ud800"}}, "不能保存的字符"),
        ({"format": "emrassess-packet/2"}, "请升级本程序"),
        ({"earlier": [{"id": "x", "changed": {"what": None, "ever": "x"}}]}, "ever"),
        ({"made_at": "yesterday"}, "不是时间"),
        ({"evidence": []}, "没有写明实证材料"),
    ],
)
def test_values_from_outside_are_not_trusted(
    session: Session, tmp_path: Path, keys: dict[str, object], words: str
) -> None:
    assign(session, A)
    back = returned(session, tmp_path, adding(b"x", A))
    before, last = session.assessment, last_entry(session)
    (told,) = merge(session, [changed(back, tmp_path / "bad.zip", **keys)]).files
    assert words in told.refused
    assert session.assessment is before and last_entry(session) == last
    assert not list((session.workspace.folder / "evidence").iterdir())


def test_evidence_that_is_nowhere_is_refused(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, adding(b"x", A))
    files = contents(back)
    told = json.loads(files["data/packet.json"])
    del files[f"data/{told['evidence'][0]['path']}"]
    bad = zipped(rebagged(files), tmp_path / "1.zip")
    assert "不在包里" in merge(session, [bad]).files[0].refused
    told["evidence"][0]["path"] = ""
    files["data/packet.json"] = json.dumps(told).encode()
    bad = zipped(rebagged(files), tmp_path / "2.zip")
    for look in (preview(session, [bad]), merge(session, [bad]).files):
        assert "不在任务包里，这里也没有" in look[0].refused


@pytest.mark.parametrize("spoilt", ["wanted", "ignored"])
def test_a_packet_with_a_damaged_file_is_refused_as_a_whole(session: Session, tmp_path: Path, spoilt: str) -> None:
    assign(session, A, B)
    clause = A if spoilt == "wanted" else OUTSIDE
    work = all_of(adding(b"first", B, name="1.png"), adding(b"damage", clause, name="2.png"))
    back = returned(session, tmp_path, work)
    data = back.read_bytes()
    assert data.count(b"damage") == 1
    back.write_bytes(data.replace(b"damage", b"DAMAGE"))
    before = session.assessment
    assert preview(session, [back])[0].refused == ""
    assert "已损坏" in merge(session, [back]).files[0].refused
    assert session.assessment is before and not list((session.workspace.folder / "evidence").iterdir())


def test_cancelling_leaves_nothing_of_the_packet(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, all_of(adding(b"one", A), adding(b"two", A)))
    before, calls = session.assessment, 0

    def cancel(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        merge(session, [back], progress=cancel)
    assert session.assessment is before and not list((session.workspace.folder / "evidence").iterdir())


def test_clauses_of_others_are_named_and_not_touched(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    back = returned(session, tmp_path, all_of(noting(A, "他们"), noting(OUTSIDE, "越界")))
    (told,) = merge(session, [back]).files
    assert told.merge and [found.key.key for found in told.merge.ignored] == [OUTSIDE]
    assert note(session, OUTSIDE) == ""


def test_a_sealed_packet_needs_its_passphrase(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        noting(A, "他们")(lab)
        back = tmp_path / "back.zip"
        return_packet(lab, back, passphrase="correct-horse-battery")
    for passphrases in ({}, {back: "wrong-horse-battery"}):
        (told,) = merge(session, [back], passphrases=passphrases).files
        assert told.sealed and told.summary is None and "口令" in told.refused
    (told,) = merge(session, [back], passphrases={back: "correct-horse-battery"}).files
    assert not told.refused and note(session, A) == "他们"


def test_a_packet_is_not_merged_into_a_packet(session: Session, tmp_path: Path) -> None:
    assign(session, A)
    with department(session, tmp_path / "d") as lab:
        back = given_back(lab, tmp_path / "back.zip")
        for act in (preview, merging.merge):
            with pytest.raises(UserError, match="不能合并"):
                act(lab, [back])
