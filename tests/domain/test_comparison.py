"""What changed between two states of an assessment, and how it is said."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Evidence, EvidenceKind, Revision
from emrassess.domain.comparison import (
    EvidenceChange,
    FigureChange,
    LevelChange,
    PieceChange,
    PieceWay,
    ScoreChange,
    VerdictChange,
    change_text,
    compare,
    facts,
    lines,
    piece_changes,
)
from emrassess.domain.pack import Category, Dimension, Pack
from emrassess.domain.scoring import LevelOutcome
from emrassess.packs.loading import load_pack
from tests.builders import ratio
from tests.domain.samples import pack_of, rule, with_row

FIRST, SECOND, THIRD = "01.01.3(1)", "01.01.3(2)", "01.01.4(1)"
PACK = pack_of({"01.01.3": ["甲", "乙"], "01.01.4": ["丙"], "01.02.3": ["丁"]})
PACK = with_row(PACK, "01.01.4", rules=(rule(Dimension.CONSISTENCY),))


def state(verdicts: Mapping[str, Verdict] | None = None, **changes: object) -> Assessment:
    """An assessment with these verdicts."""
    answers = {clause: ClauseAnswer(verdict) for clause, verdict in (verdicts or {}).items()}
    return replace(Assessment("a", "示例医院", PACK.id, "1.0", 4, answers=answers), **changes)


def piece(key: str, *contents: str, clauses: tuple[str, ...] = (), title: str = "") -> Evidence:
    """A piece with a revision of each of `contents`."""
    revisions = tuple(Revision(content, f"{content}.png", 1, "image/png", "", "") for content in contents)
    return Evidence(key, title, EvidenceKind.SCREENSHOT, "HIS", "2026-11-20", revisions, clauses)


def pieces(*listed: Evidence) -> dict[str, Evidence]:
    return {found.id: found for found in listed}


def test_the_same_is_nothing() -> None:
    held = state({FIRST: Verdict.MET}, evidence=pieces(piece("a", "x", clauses=(FIRST,))))
    found = compare(held, replace(held), PACK)
    assert not lines(found, PACK) and found.before == found.after and not found.verdicts


def test_verdicts_rise_and_fall_in_the_order_of_the_pack() -> None:
    before = state({SECOND: Verdict.MET, THIRD: Verdict.PARTIAL, "01.02.3(1)": Verdict.UNMET})
    after = state({SECOND: Verdict.PARTIAL, THIRD: Verdict.MET, FIRST: Verdict.UNMET, "99.99.1(1)": Verdict.MET})
    found = compare(before, after, PACK)
    assert [change.clause for change in found.verdicts] == [FIRST, SECOND, THIRD, "01.02.3(1)"]
    assert found.rose == (VerdictChange(THIRD, Verdict.PARTIAL, Verdict.MET),)
    assert found.fell == (VerdictChange(SECOND, Verdict.MET, Verdict.PARTIAL),)
    assert [change.clause for change in found.sidestepped] == [FIRST, "01.02.3(1)"]
    assert lines(found, PACK) == (
        f"{SECOND}：达标 → 部分达标",
        f"{THIRD}：部分达标 → 达标",
        f"{FIRST}：待评 → 未达标",
        "01.02.3(1)：未达标 → 待评",
    )


def test_scores_levels_and_figures() -> None:
    level3 = {FIRST: Verdict.MET, SECOND: Verdict.MET, "01.02.3(1)": Verdict.MET}
    full = {("01.01", 3): ratio("90/100"), ("01.02", 3): ratio("1")}
    read = {"01.01": {3: Category.BASIC}, "01.02": {3: Category.OPTIONAL}}
    pack = PACK
    for code, rows in read.items():
        for level, category in rows.items():
            pack = with_row(pack, f"{code}.{level}", category=category)
    before = state({}, coverage={("01.01", 3): ratio("0.705")})
    quality = {("01.01", 4, Dimension.CONSISTENCY): ratio("99/100")}
    after = state(level3, coverage=full, quality=quality, target=3)
    found = compare(before, after, pack)
    assert found.items == (
        ScoreChange("01.01", Decimal(0), Decimal("2.70")),
        ScoreChange("01.02", Decimal(0), Decimal(3)),
    )
    assert LevelChange(3, "3 级", LevelOutcome.NOT_MET, LevelOutcome.MET) in found.levels
    assert found.figures == (
        FigureChange("01.01", 3, None, ratio("0.705"), ratio("90/100")),
        FigureChange("01.01", 4, Dimension.CONSISTENCY, None, ratio("99/100")),
        FigureChange("01.02", 3, None, None, ratio("1")),
    )
    assert (found.before.total, found.after.total) == (0, Decimal("5.70"))
    said = lines(found, pack)
    assert said[:5] == (
        "目标级别：4 级 → 3 级",
        "总分：0 → 5.7（升 5.7）",
        "确定达到：0 级 → 3 级",
        "可能达到：0 级 → 3 级",
        "达标条款：0 条 → 3 条",
    )
    assert "3 级：未达到 → 达到" in said and "01.01 项目01.01：得分 0 → 2.7（升 2.7）" in said
    assert said[-3:] == (
        "01.01.3 有效应用比例：0.705 → 0.90（90/100）",
        "01.01.4 数据质量系数（一致性）：未填 → 0.99（99/100）",
        "01.02.3 有效应用比例：未填 → 1",
    )
    assert "01.01 项目01.01：得分 2.7 → 0（降 2.7）" in lines(compare(after, before, pack), pack)


def test_evidence_by_clause() -> None:
    kept, edited = piece("k", "1", clauses=(FIRST,)), piece("e", "2", clauses=(FIRST, SECOND), title="旧")
    gone, loose = piece("g", "3", clauses=(SECOND,), title="走"), piece("l", "4")
    new = replace(edited, revisions=(*edited.revisions, *piece("e", "5").revisions), title="新")
    moved, added = replace(loose, clauses=(THIRD,)), piece("n", "6", clauses=(FIRST,), title="来")
    before = state(evidence=pieces(kept, edited, gone, loose))
    after = state(evidence=pieces(replace(kept, title="改了标题"), new, moved, added))
    found = compare(before, after, PACK)
    assert found.evidence == (
        EvidenceChange(FIRST, new=(added,), replaced=(new,)),
        EvidenceChange(SECOND, removed=(gone,), replaced=(new,)),
        EvidenceChange(THIRD, new=(moved,)),
        EvidenceChange("", removed=(loose,)),
    )
    assert (found.added, found.gone) == ((added,), (gone,))
    assert piece_changes(found) == (
        PieceChange(PieceWay.ADDED, added, (FIRST,)),
        PieceChange(PieceWay.GONE, gone, (SECOND,)),
        PieceChange(PieceWay.REPLACED, new, (FIRST, SECOND)),
        PieceChange(PieceWay.LINKED, moved, (THIRD,)),
    )
    back = piece_changes(compare(after, before, PACK))
    assert [(change.way, change.clauses) for change in back][-1] == (PieceWay.UNLINKED, (THIRD,))
    assert lines(found, PACK) == (
        f"{FIRST}：新增 1 件（来）；更换 1 件（新）",
        f"{SECOND}：移除 1 件（走）；更换 1 件（新）",
        f"{THIRD}：新增 1 件（4.png）",
        "未关联条款的实证材料：移除 1 件（4.png）",
    )


def test_a_piece_that_proves_nothing_comes_and_goes() -> None:
    loose = piece("l", "4")
    (change,) = piece_changes(compare(state(), state(evidence=pieces(loose)), PACK))
    assert change == PieceChange(PieceWay.ADDED, loose, ())


def test_where_nothing_is_undetermined_one_level_is_attained() -> None:
    points = load_pack(Path(__file__).parents[1] / "packs" / "fixtures" / "points-example")
    held = Assessment("a", "示例医院", points.id, points.version, 3)
    assert [fact.name for fact in facts(compare(held, held, points), points)] == [
        "目标级别", "总分", "达到", "达标条款", "实证材料",
    ]  # fmt: skip


def test_many_pieces_are_said_shortly() -> None:
    many = tuple(piece(f"{n}", f"{n}", title=f"图{n}") for n in range(5))
    assert change_text(EvidenceChange(FIRST, new=many), PACK) == f"{FIRST}：新增 5 件（图0、图1、图2 等）"
    found = compare(state(), state(evidence=pieces(*many)), PACK)
    assert lines(found, PACK)[0] == "实证材料：0 件 → 5 件"


verdicts = st.dictionaries(st.sampled_from(list(PACK.clause_by_id)), st.sampled_from(list(Verdict)))


@settings(max_examples=60, deadline=None)
@given(one=verdicts, other=verdicts)
def test_there_and_back_mirror_each_other(one: dict[str, Verdict], other: dict[str, Verdict]) -> None:
    there, back = (compare(state(a), state(b), PACK) for a, b in ((one, other), (other, one)))
    assert [change.clause for change in there.rose] == [change.clause for change in back.fell]
    assert (there.before, there.after) == (back.after, back.before)
    assert [(c.item, c.before, c.after) for c in there.items] == [(c.item, c.after, c.before) for c in back.items]
    assert len(lines(there, PACK)) == len(lines(back, PACK))


def test_with_the_shipped_pack(pack: Pack) -> None:
    clause = next(iter(pack.clause_by_id))
    before = Assessment("a", "示例医院", pack.id, pack.version, 5)
    after = replace(before, answers={clause: ClauseAnswer(Verdict.MET)})
    found = compare(before, after, pack)
    assert [change.clause for change in found.rose] == [clause] and found.after.met == 1
