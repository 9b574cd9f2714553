"""packet.json as it is written and read back, and packets that are not trusted."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrassess.domain.assessment import Sender
from emrassess.domain.merge_values import pieces_of
from emrassess.domain.planning import Department, Task, WorkState
from emrassess.errors import UserError
from emrassess.exchange.packet import evidence_path, opened_packet, write_packet
from emrassess.exchange.packet_format import (
    MOST_EARLIER,
    Earlier,
    Packet,
    PacketFile,
    PacketKind,
    PackName,
    Values,
    contains,
    packet_json,
    read_packet,
)
from emrassess.exchange.signing import Identity, new_key
from emrassess.exchange.tree import Limits, Refused
from emrassess.exchange.verify import verify
from tests.domain.merge_samples import OUTSIDE, A, B, C, answer, coverage, piece
from tests.exchange.samples import bagged, contents, rebagged, sample_package, zipped

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
IDS = [f"0{n:023x}" for n in range(1, 4)]
FILES = {hashlib.sha256(content).hexdigest(): content for content in (b"\x89PNG one", b"two", b"three")}
FIRST, SECOND, _ = FILES


def files_of(values: Values) -> dict[str, PacketFile]:
    found: dict[str, PacketFile] = {}
    for key, known in pieces_of(values).items():
        sha256 = known.fields["file"]
        path = evidence_path(sha256, "图.png")
        found[key] = PacketFile(sha256, "图.png", len(FILES[sha256]), "image/png", AT.isoformat(), path)
    return found


def packet(base: Values, now: Values | None = None, **others: Any) -> Packet:
    """A packet of A and B; back where there is a `now`."""
    in_force = base if now is None else now
    made = Packet(
        id="p1" if now is None else "p1.abc",
        kind=PacketKind.OUT if now is None else PacketKind.BACK,
        generator="emrassess test",
        made_at=AT.isoformat(),
        sender=Sender("张三", "示例医院"),
        hospital="示例医院",
        assessment="whole",
        target=5,
        pack=PackName("small", "1.0", "小标准", "0" * 64),
        department=Department("d1", "检验科", ("王五",)),
        person="王五",
        deadline="2026-12-01",
        clauses=(A, B),
        tasks={A: Task("d1", "王五", "2026-12-01", WorkState.IN_PROGRESS, "请补图\n两张")},
        base=base,
        now=in_force,
        evidence=files_of(in_force),
    )
    return replace(made, **others)


BASE: Values = {
    answer(A): "原话\n第二行",
    coverage("01.01/4"): ["95", "100"],
    **piece(IDS[0], (A, B), FIRST, title="图"),
}
NOW: Values = {**BASE, answer(B, "verdict"): "met", **piece(IDS[1], (B,), SECOND)}
CRITERIA = {"pack.yaml": b"id: small\n", "role-01.yaml": b"items: []\n"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    for sha256, content in FILES.items():
        (folder / sha256).write_bytes(content)
    return folder


def written(made: Packet, store: Path, name: str = "任务包.zip", **options: Any) -> Path:
    out = store.parent / name
    write_packet(made, CRITERIA, lambda sha256: store / sha256, out, **options)
    return out


# --- written and read back


def test_a_packet_is_a_bag_that_is_read_back(store: Path) -> None:
    made, signer = packet(BASE, NOW), Identity("王五", "检验科", new_key())
    out = written(made, store, signer=signer)
    path = evidence_path(SECOND, "图.png")
    assert path == f"evidence/{SECOND}-图.png"
    files = contents(out)
    assert {"data/packet.json", "data/criteria/pack.yaml", f"data/{path}", "signature.json"} <= files.keys()
    assert "External-Description: 检验科 交回的任务包\n" in files["bag-info.txt"].decode()
    with opened_packet(out) as found:
        assert found.packet == made and found.pack_files() == CRITERIA
        assert found.signature is not None and found.signature.fingerprint == signer.fingerprint
        assert found.evidence == {file.path: file.size for file in made.evidence.values()}
        with found.stream(path) as stream:
            assert stream.read() == b"two"
        found.check(found.evidence.keys())


def test_a_sealed_packet_is_read_back(store: Path) -> None:
    out = written(packet(BASE), store, passphrase="correct-horse-battery")
    with opened_packet(out, passphrase="correct-horse-battery") as found:
        assert found.packet == packet(BASE)
        with found.stream(evidence_path(FIRST, "图.png")) as stream:
            assert stream.read() == FILES[FIRST]


def test_an_unpacked_packet_is_read_too(store: Path) -> None:
    for name, content in contents(written(packet(BASE), store)).items():
        (store.parent / "bag" / name).parent.mkdir(parents=True, exist_ok=True)
        (store.parent / "bag" / name).write_bytes(content)
    with opened_packet(store.parent / "bag") as found:
        assert found.packet == packet(BASE)


def test_a_large_file_is_streamed_in_pieces(store: Path) -> None:
    content = bytes(range(256)) * (3 << 12) + b"end"
    sha256 = hashlib.sha256(content).hexdigest()
    (store / sha256).write_bytes(content)
    values: Values = piece(IDS[0], (A,), sha256)
    file = PacketFile(sha256, "图.png", len(content), "image/png", AT.isoformat(), evidence_path(sha256, "图.png"))
    large = replace(packet({}), base=values, now=values, evidence={IDS[0]: file})
    with opened_packet(written(large, store)) as found:
        with found.stream(file.path) as stream:
            pieces = list(iter(lambda: stream.read(1 << 20), b""))
        assert len(pieces) == 4 and b"".join(pieces) == content


def test_what_one_contains_shows_in_its_id() -> None:
    assert contains("p1.a.b", "p1.a") and contains("p1.a", "p1.a") and contains("p1.a", "p1")
    assert not contains("p1.a", "p1.a.b") and not contains("p1.ab", "p1.a")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def states(draw: st.DrawFn) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for clause in draw(st.lists(st.sampled_from([A, B, C, OUTSIDE]), unique=True)):
        found[answer(clause)] = draw(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
        )
    for key in draw(st.lists(st.sampled_from(IDS), unique=True)):
        found |= piece(key, draw(st.lists(st.sampled_from([A, B]), unique=True)), draw(st.sampled_from(list(FILES))))
    return found


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    base, now = states(draw), states(draw)
    earlier = tuple(Earlier(f"p1.{n}", states(draw)) for n in range(draw(st.integers(0, 3))))
    return packet(base, now, earlier=earlier)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=packets())
def test_documents_are_read_back(made: Packet) -> None:
    assert read_packet(json.loads(json.dumps(packet_json(made))), "packet.json") == made


def test_only_the_newest_earlier_states_go_along() -> None:
    earlier = tuple(Earlier(f"p1.{n}", {answer(A): f"{n}"}) for n in range(MOST_EARLIER + 5))
    read = read_packet(packet_json(packet(BASE, NOW, earlier=earlier)), "packet.json")
    assert read.earlier == earlier[5:]


# --- not trusted


def spoilt(out: Path, **keys: Any) -> Path:
    """The packet with other values in its document and manifests made anew; a value of None takes the key away."""
    files = contents(out)
    told = json.loads(files["data/packet.json"])
    told = {key: value for key, value in {**told, **keys}.items() if value is not None or key == "now"}
    files["data/packet.json"] = json.dumps(told).encode()
    return zipped(rebagged(files), out.with_name("spoilt.zip"))


def refusal(path: Path) -> str:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(Refused) as refused, opened_packet(path):
        pass
    assert sorted(path.parent.rglob("*")) == before
    return refused.value.message


PIECE = packet_json(packet(BASE))["evidence"]
assert isinstance(PIECE, list)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"format": "emrassess-packet/2"}, "请升级本程序"),
        ({"format": "emrassess-package/1"}, "格式应为 emrassess-packet/1"),
        ({"kind": "sideways"}, "kind"),
        ({"id": "p1/../x"}, "id"),
        ({"id": None}, "缺少必填的键“id”"),
        ({"target": "5"}, "应为整数"),
        ({"clauses": []}, "clauses"),
        ({"deadline": "2026-13-01"}, "不是日期"),
        ({"made_at": "2026-11-21T99:00"}, "不是时间"),
        ({"hospital": "医院\0"}, "不能保存的字符"),
        ({"hospital": "医院\ud800"}, "不能保存的字符"),
        ({"tasks": {A: {"person": "", "deadline": "", "state": "done", "comment": ""}}}, "state"),
        ({"base": {"answer::note": "x", "x": "y"}}, "x"),
        ({"base": {"evidence:x:title": "a\nb"}}, "控制字符"),
        ({"base": {f"answer:{A}:verdict": "best"}}, "verdict"),
        ({"now": {}}, "只有交回的任务包才有"),
        ({"evidence": []}, "没有写明实证材料"),
        ({"evidence": PIECE * 2}, "重复"),
        ({"evidence": [{**PIECE[0], "id": "f" * 24}]}, "id"),
        ({"evidence": [{**PIECE[0], "sha256": SECOND}]}, "前后写的文件或条款不同"),
        ({"evidence": [{**PIECE[0], "clauses": [A]}]}, "前后写的文件或条款不同"),
        ({"evidence": [{**PIECE[0], "size": 7}]}, "大小和文件不同"),
        ({"evidence": [{**PIECE[0], "path": "evidence/other.png"}]}, "不在包里"),
        ({"evidence": [{**PIECE[0], "path": "evidence/../packet.json"}]}, "path"),
        ({"evidence": [{**PIECE[0], "path": ""}]}, "多出的文件"),
    ],
)
def test_a_document_that_nobody_would_write_is_refused(store: Path, keys: Mapping[str, Any], words: str) -> None:
    assert words in refusal(spoilt(written(packet(BASE), store), **keys))


def test_a_packet_that_goes_out_brings_its_pack(store: Path) -> None:
    files = contents(written(packet(BASE), store))
    del files["data/criteria/pack.yaml"]
    assert "发出的任务包要带标准包" in refusal(zipped(rebagged(files), store.parent / "x.zip"))


def test_too_large_a_pack_is_not_read(store: Path) -> None:
    files = contents(written(packet(BASE), store))
    files["data/criteria/role-02.yaml"] = b"x" * (9 << 20)
    with opened_packet(zipped(rebagged(files), store.parent / "x.zip")) as found, pytest.raises(Refused, match="8 MB"):
        found.pack_files()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("packet.json", b"{", "JSON"),
        ("packet.json", b"[]", "格式应为"),
        ("packet.json", b'{"a": 1, "a": 2}', "重复"),
        ("packet.json", b"[" * 100_000, "嵌套太深"),
        ("packet.json", b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_document_that_is_none_is_refused(store: Path, name: str, content: bytes, words: str) -> None:
    files = contents(written(packet(BASE), store))
    files[f"data/{name}"] = content
    assert words in refusal(zipped(rebagged(files), store.parent / "x.zip"))


def test_an_evidence_file_that_nothing_names_is_refused(store: Path) -> None:
    files = contents(written(packet(BASE), store))
    files["data/evidence/more.png"] = b"more"
    assert "多出的文件" in refusal(zipped(rebagged(files), store.parent / "x.zip"))


def test_an_evidence_file_outside_the_manifest_is_refused(store: Path) -> None:
    files = contents(written(packet(BASE), store))
    path = f"data/{evidence_path(FIRST, '图.png')}"
    lines = [line for line in files["manifest-sha256.txt"].decode().splitlines() if path not in line]
    files["manifest-sha256.txt"] = "".join(f"{line}\n" for line in lines).encode()
    assert "多出的文件" in refusal(zipped(files, store.parent / "x.zip"))


def test_another_bag_is_no_packet(store: Path) -> None:
    assert "不是完整的任务包" in refusal(zipped(bagged({"a.txt": b"a"}), store.parent / "x.zip"))


def test_another_bag_of_ours_is_named(store: Path, tmp_path: Path) -> None:
    other = tmp_path / "材料包"
    other.mkdir()
    with pytest.raises(Refused) as refused, opened_packet(sample_package(other)):
        pass
    assert refused.value.message == "这是实证材料包，不是任务包或核查结果" and "package open" in refused.value.hint
    found = verify(written(packet(BASE), store))
    assert [str(fault) for fault in found.problems] == ["这是科室任务包，不是实证材料包"]


@pytest.mark.parametrize("changed", ["packet.json", "criteria/pack.yaml", "evidence"])
def test_a_changed_file_is_noticed(store: Path, changed: str) -> None:
    files = contents(written(packet(BASE), store))
    path = evidence_path(FIRST, "图.png") if changed == "evidence" else changed
    files[f"data/{path}"] = files[f"data/{path}"][:-1] + b"~"
    bad = zipped(files, store.parent / "x.zip")
    if changed != "evidence":
        assert changed in refusal(bad)
        return
    with opened_packet(bad) as found, pytest.raises(Refused, match="内容和清单不符"):
        found.check([path])


def test_limits_hold_for_packets_too(store: Path) -> None:
    out = written(packet(BASE), store)
    with pytest.raises(Refused, match="条目超过"), opened_packet(out, Limits(entries=3)):
        pass


def test_a_truncated_packet_is_refused_wherever_it_ends(store: Path) -> None:
    data = written(packet(BASE, NOW), store).read_bytes()
    for length in range(0, len(data), max(len(data) // 40, 1)):
        (store.parent / "x.zip").write_bytes(data[:length])
        with pytest.raises(UserError), opened_packet(store.parent / "x.zip"):
            pass
