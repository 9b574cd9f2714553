"""Evidence: added once, described, linked, replaced with the earlier revision kept, removed only when unused."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emrassess.domain.assessment import Evidence, EvidenceKind, EvidenceState
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.services import evidence, history
from emrassess.services.evidence import NewEvidence
from emrassess.services.media import LONGEST_NAME
from emrassess.services.session import Session, close, open_workspace
from emrassess.storage import evidence_files

A, B = "01.01.4(1)", "01.01.4(2)"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def only(session: Session) -> Evidence:
    (piece,) = session.assessment.evidence.values()
    return piece


def files(session: Session) -> list[Path]:
    return list((session.workspace.folder / "evidence").iterdir())


def add(session: Session, content: bytes = PNG, *clauses: str, name: str = "截图.png") -> str:
    """One pasted piece; its id."""
    (found,) = evidence.add_evidence(session, [NewEvidence(content, name)], clauses or (A,)).evidence
    return found


def test_a_file_becomes_evidence(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(PNG)
    new = NewEvidence(file, "医嘱.png", " 医嘱\n下达 ", source_system="HIS", captured_at="2026-11-20 10:00")
    changes = evidence.add_evidence(session, [new], [A, B, A])
    piece = only(session)
    assert changes.evidence == {piece.id} and changes.clauses == {A, B} and not changes.items
    assert (piece.title, piece.kind, piece.clauses) == ("医嘱 下达", EvidenceKind.SCREENSHOT, (A, B))
    current = piece.current
    assert (current.file_name, current.media_type, current.size) == ("医嘱.png", "image/png", len(PNG))
    assert current.added_by == "张三" and current.added_at.startswith("2026-11-21")
    assert session.workspace.evidence_path(current.sha256).read_bytes() == PNG
    assert session.states == {A: EvidenceState.COMPLETE, B: EvidenceState.COMPLETE}
    assert file.exists()


@pytest.mark.parametrize(
    ("name", "content", "media", "kind"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg", EvidenceKind.SCREENSHOT),
        ("misnamed.txt", PNG, "image/png", EvidenceKind.SCREENSHOT),
        ("制度.pdf", b"%PDF-1.7", "application/pdf", EvidenceKind.DOCUMENT),
        ("统计.xls", b"\xd0\xcf", "application/vnd.ms-excel", EvidenceKind.STATISTIC),
        ("数据.CSV", b"a,b", "text/csv", EvidenceKind.STATISTIC),
        ("说明.txt", b"x", "text/plain", EvidenceKind.NARRATIVE),
        ("演示.mp4", b"x", "video/mp4", EvidenceKind.DEMONSTRATION),
        ("unknown", b"x", "application/octet-stream", EvidenceKind.DOCUMENT),
        ("空.png", b"", "image/png", EvidenceKind.SCREENSHOT),
    ],
)
def test_kinds_are_guessed(session: Session, name: str, content: bytes, media: str, kind: EvidenceKind) -> None:
    add(session, content, name=name)
    assert (only(session).current.media_type, only(session).kind) == (media, kind)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\桌面\\图.png", "图.png"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\0c\ud800.png", "a bc\N{REPLACEMENT CHARACTER}.png"),
        ('a<b>:"|?*.png', "a b .png"),
        ("", "未命名"),
        ("..", "未命名"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_names_fit_into_any_file(session: Session, name: str, kept: str) -> None:
    add(session, name=name)
    assert only(session).current.file_name == kept


def test_a_very_long_name_keeps_its_ending(session: Session, tmp_path: Path) -> None:
    add(session, name="长" * 500 + ".docx")
    name = only(session).current.file_name
    assert len(name) == LONGEST_NAME and name.endswith("长.docx")
    odd = tmp_path / ("x" * 250 + ".png")
    odd.write_bytes(b"1")
    evidence.add_evidence(session, [NewEvidence(odd, odd.name)], [A])


def test_an_empty_file_is_taken_and_marked(session: Session) -> None:
    add(session, b"")
    assert "内容（文件为空）" in only(session).lacks
    assert session.states[A] is EvidenceState.INCOMPLETE


def test_the_same_file_is_linked_and_not_doubled(session: Session) -> None:
    first = add(session, PNG, A)
    assert add(session, PNG, B, name="other.png") == first
    assert only(session).clauses == (A, B) and only(session).current.file_name == "截图.png"
    both = [NewEvidence(b"new", "1.txt"), NewEvidence(b"new", "2.txt")]
    changes = evidence.add_evidence(session, both, [A])
    assert len(changes.evidence) == 1 and len(session.assessment.evidence) == 2
    again = evidence.add_evidence(session, both, [A])
    assert not again.evidence and len(session.undo_stack) == 3


def test_evidence_without_a_clause_waits(session: Session) -> None:
    evidence.add_evidence(session, [NewEvidence(PNG, "x.png")], [])
    assert only(session).clauses == () and session.states == {}


def test_order_is_that_of_adding_even_with_a_clock_set_back(session: Session) -> None:
    pieces = [NewEvidence(bytes([n]), f"{n}.txt") for n in range(5)]
    evidence.add_evidence(session, pieces, [A])
    session.workspace.clock = lambda: datetime(2001, 1, 1, tzinfo=UTC)
    add(session, b"last", A, name="last.txt")
    names = [piece.current.file_name for piece in session.assessment.evidence.values()]
    assert names == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "last.txt"]
    assert list(session.assessment.evidence) == sorted(session.assessment.evidence)


def test_a_vanished_file_stops_all_of_it(session: Session, tmp_path: Path) -> None:
    pieces = [NewEvidence(b"first", "1.txt"), NewEvidence(tmp_path / "gone.png", "gone.png")]
    with pytest.raises(UserError, match=r"gone\.png.*不在了"):
        evidence.add_evidence(session, pieces, [A])
    assert not session.assessment.evidence and files(session) == []
    with pytest.raises(UserError, match="不是文件"):
        evidence.add_evidence(session, [NewEvidence(tmp_path, "folder")], [A])
    add(session)


def test_a_file_that_vanishes_while_it_is_read(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "网络盘.png"
    file.write_bytes(PNG)

    class Gone:
        def __enter__(self) -> "Gone":
            return self

        def __exit__(self, *_: object) -> None: ...

        def fileno(self) -> int:
            return 0

        def read(self, _: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched, pytest.raises(UserError, match=r"无法读取文件“网络盘\.png”"):
        patched.setattr(evidence_files, "_opened", lambda _: Gone())
        evidence.add_evidence(session, [NewEvidence(file, "网络盘.png")], [A])
    assert files(session) == []
    add(session)


def test_a_full_disk_leaves_nothing_and_the_session_usable(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched, pytest.raises(StorageError, match="空间不足"):
        patched.setattr(evidence_files.os, "fsync", full)
        add(session)
    assert not session.assessment.evidence and not session.undo_stack and files(session) == []
    add(session)


def test_a_cancel_leaves_nothing(session: Session) -> None:
    told: list[tuple[int, int, str]] = []

    def stop_at_the_second(done: int, total: int, what: str) -> None:
        told.append((done, total, what))
        if what == "2.txt":
            raise Cancelled

    pieces = [NewEvidence(b"aaa", "1.txt"), NewEvidence(b"bb", "2.txt")]
    with pytest.raises(Cancelled):
        evidence.add_evidence(session, pieces, [A], stop_at_the_second)
    assert told == [(3, 5, "1.txt"), (5, 5, "2.txt")]
    assert not session.assessment.evidence and files(session) == []


def test_a_cancel_does_not_take_the_file_from_redo(session: Session) -> None:
    add(session)
    history.undo(session)

    def stop(done: int, total: int, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        evidence.add_evidence(session, [NewEvidence(PNG, "x.png")], [A], stop)
    history.redo(session)
    assert evidence.missing_files(session) == ()


def test_editing_changes_only_what_is_given(session: Session) -> None:
    key = add(session)
    evidence.edit_evidence(session, key, title="新标题", source_system="LIS")
    evidence.edit_evidence(session, key, kind=EvidenceKind.STATISTIC, captured_at="2026-11-01")
    piece = only(session)
    assert (piece.title, piece.source_system, piece.captured_at) == ("新标题", "LIS", "2026-11-01")
    assert piece.kind is EvidenceKind.STATISTIC and piece.lacks == ()


def test_linking_and_unlinking(session: Session) -> None:
    key = add(session, PNG, A)
    assert evidence.link_evidence(session, key, [B, A]).clauses == {A, B}
    assert only(session).clauses == (A, B)
    assert evidence.unlink_evidence(session, key, A).clauses == {A, B}
    assert only(session).clauses == (B,)
    assert not evidence.unlink_evidence(session, key, A).evidence
    with pytest.raises(UserError, match="没有这样的条款"):
        evidence.link_evidence(session, key, ["x"])


def test_replacing_keeps_the_earlier_file(session: Session, folder: Path) -> None:
    key = add(session, PNG, A)
    evidence.replace_evidence(session, key, b"%PDF-1.4", "新.pdf")
    piece = only(session)
    assert [r.file_name for r in piece.revisions] == ["截图.png", "新.pdf"]
    assert piece.current.media_type == "application/pdf" and piece.clauses == (A,)
    with pytest.raises(UserError, match="完全相同"):
        evidence.replace_evidence(session, key, b"%PDF-1.4", "新.pdf")
    evidence.replace_evidence(session, key, PNG, "截图.png")
    close(session)
    again = open_workspace(folder, "李四")
    assert len(only(again).revisions) == 3
    assert all(again.workspace.evidence_path(r.sha256).exists() for r in piece.revisions)
    close(again)


@pytest.mark.parametrize("damage", [None, b"short", b"\x89PNG\r\n\x1a\n" + b"y" * 20])
def test_the_same_file_puts_a_missing_or_damaged_one_back(session: Session, damage: bytes | None) -> None:
    key = add(session, PNG, A)
    path = session.workspace.evidence_path(only(session).current.sha256)
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    changes = evidence.replace_evidence(session, key, PNG, "截图.png")
    assert path.read_bytes() == PNG and not evidence.missing_files(session)
    assert changes.evidence == {key} and len(only(session).revisions) == 1


def test_removing_is_refused_while_it_is_used(session: Session) -> None:
    key = add(session, PNG, A, B)
    with pytest.raises(UserError, match="还在使用") as caught:
        evidence.remove_evidence(session, key)
    assert A in caught.value.message and B in caught.value.message
    for clause in (A, B):
        evidence.unlink_evidence(session, key, clause)
    assert evidence.remove_evidence(session, key).evidence == {key}
    history.undo(session)
    assert only(session).id == key and evidence.missing_files(session) == ()
    with pytest.raises(UserError, match="已经不在了"):
        evidence.remove_evidence(session, "nothing")


def test_missing_and_cut_files_are_found(session: Session) -> None:
    add(session)
    path = session.workspace.evidence_path(only(session).current.sha256)
    path.write_bytes(b"cut")
    assert evidence.missing_files(session) == (only(session),)
    path.unlink()
    assert evidence.missing_files(session) == (only(session),)
