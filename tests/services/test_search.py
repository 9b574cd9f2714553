"""Search finds what a person would expect, and follows every change."""

import pytest

from emrassess.services import answering, evidence, history
from emrassess.services.evidence import NewEvidence
from emrassess.services.search import Field, Hit, Search
from emrassess.services.session import Session
from emrassess.storage.changes import wording_change

A = "01.01.4(1)"


@pytest.fixture
def index(session: Session) -> Search:
    return Search(session.pack)


def marked(hit: Hit) -> list[str]:
    return [hit.excerpt[start:end] for start, end in hit.marks]


def test_a_clause_is_found_by_its_number(session: Session, index: Search) -> None:
    hits = index.search(session.assessment, "01.01.4(")
    assert [hit.clause for hit in hits] == ["01.01.4(1)", "01.01.4(2)"]
    assert hits[0].field is Field.CLAUSE_ID and marked(hits[0]) == ["01.01.4("]
    assert index.search(session.assessment, "０１．０１．４（１）")[0].clause == A


def test_every_word_must_be_there(session: Session, index: Search) -> None:
    both = index.search(session.assessment, "危急值 护士", limit=1000)
    assert both and len(both) < len(index.search(session.assessment, "护士", limit=1000))
    for hit in both:
        clause = session.pack.clause_by_id[hit.clause]
        item = session.pack.item_by_code[clause.item]
        assert all(word in clause.text + clause.evidence + item.name for word in ("危急值", "护士"))


def test_the_clauses_own_words_come_before_hints(session: Session, index: Search) -> None:
    fields = [hit.field for hit in index.search(session.assessment, "医嘱", limit=1000)]
    assert fields == sorted(fields, key=list(Field).index)
    assert fields[0] is Field.CLAUSE_TEXT and Field.HINT in fields


@pytest.mark.parametrize("query", ["", "   ", "\n"])
def test_nothing_asked_nothing_found(session: Session, index: Search, query: str) -> None:
    assert index.search(session.assessment, query) == []
    assert index.search(session.assessment, "没有这样的话") == []


def test_notes_follow_changes(session: Session, index: Search) -> None:
    assert not index.search(session.assessment, "lis接口")
    answering.set_note(session, A, "等厂商改造：缺 LIS接口，\n下月上线" + "。" * 100)
    (hit,) = index.search(session.assessment, "ｌｉｓ接口")
    assert (hit.clause, hit.field, marked(hit)) == (A, Field.NOTE, ["LIS接口"])
    assert "\n" not in hit.excerpt and hit.excerpt.endswith("…") and len(hit.excerpt) < 90
    answering.set_demonstration(session, A, "菜单丙")
    assert index.search(session.assessment, "菜单丙")[0].field is Field.DEMONSTRATION
    history.undo(session)
    history.undo(session)
    assert not index.search(session.assessment, "lis接口") and not index.search(session.assessment, "菜单丙")


def test_evidence_is_found_by_title_file_and_system(session: Session, index: Search) -> None:
    new = NewEvidence(b"x", "IMG_0042.png", "危重评分页", source_system="重症系统甲")
    (key,) = evidence.add_evidence(session, [new], [A]).evidence
    places = {"危重评分页": Field.TITLE, "img_0042": Field.FILE_NAME, "重症系统甲": Field.SOURCE_SYSTEM}
    for query, field in places.items():
        (hit,) = index.search(session.assessment, query)
        assert (hit.evidence, hit.clause, hit.field) == (key, A, field)
    evidence.unlink_evidence(session, key, A)
    assert index.search(session.assessment, "img_0042")[0].clause == ""
    evidence.remove_evidence(session, key)
    assert not index.search(session.assessment, "img_0042")


def test_odd_characters_keep_their_places(session: Session, index: Search) -> None:
    """Characters whose lower or compatible form is longer must not shift the marks."""
    answering.set_note(session, A, "㎎ İ ﬁ ① 目标词")
    (hit,) = index.search(session.assessment, "目标词")
    assert marked(hit) == ["目标词"]


def test_official_wording_is_found_as_long_as_it_is_there(session: Session, index: Search) -> None:
    assert not index.search(session.assessment, "杜撰的原文")
    session.write("原文", [wording_change(session.assessment, A, "一句杜撰的原文")])
    (hit,) = index.search(session.assessment, "杜撰的原文")
    assert (hit.clause, hit.field, marked(hit)) == (A, Field.WORDING, ["杜撰的原文"])
    history.undo(session)
    assert not index.search(session.assessment, "杜撰的原文")
