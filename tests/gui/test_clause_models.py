"""Tree, filter, ladder and strip of the clauses page."""

from pytestqt.modeltest import ModelTester

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.pack import Dimension
from emrassess.gui.context import Context
from emrassess.gui.models.clause_filter import ClauseFilter, blocking_clauses, filter_text, shown_clauses
from emrassess.gui.models.clause_tree import ClauseTreeModel, TreeRole
from emrassess.gui.models.evidence_strip import EvidenceStripModel, StripRole
from emrassess.gui.models.ladder import LadderModel
from emrassess.services import answering
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.session import Session


def test_shown_are_the_clauses_up_to_the_target_or_all(session: Session) -> None:
    upto = shown_clauses(session)
    assert {clause.level for clauses in upto.values() for clause in clauses} == {1, 2, 3, 4}
    everything = shown_clauses(session, above_target=True)
    assert sum(map(len, everything.values())) == len(session.pack.clause_by_id) == 738


def test_a_filter_for_a_level_above_the_target_shows_it(session: Session) -> None:
    shown = shown_clauses(session, ClauseFilter(level=6))
    assert {clause.level for clauses in shown.values() for clause in clauses} == {6}


def test_filters_hold_together(session: Session) -> None:
    answering.set_verdict(session, ["01.01.4(1)", "08.01.4(1)"], Verdict.UNMET)
    add_evidence(session, [NewEvidence(b"x", "x.txt", "x")], ["01.01.4(1)"])
    wanted = ClauseFilter(group="ward", verdict=Verdict.UNMET)
    assert [c.id for clauses in shown_clauses(session, wanted).values() for c in clauses] == ["01.01.4(1)"]
    proved = ClauseFilter(evidence=EvidenceState.COMPLETE)
    assert [c.id for clauses in shown_clauses(session, proved).values() for c in clauses] == ["01.01.4(1)"]
    assert filter_text(session, wanted).endswith("未达标")
    blocking = {c.id for clauses in shown_clauses(session, ClauseFilter(blocking=True)).values() for c in clauses}
    assert blocking == set(blocking_clauses(session))
    assert blocking


def test_tree_model_keeps_qts_rules(session: Session, qtmodeltester: ModelTester) -> None:
    tree = ClauseTreeModel()
    qtmodeltester.check(tree)
    tree.show(session, shown_clauses(session, above_target=True))
    qtmodeltester.check(tree)
    assert tree.rowCount() == 10
    tree.show(None, {})
    assert tree.rowCount() == 0


def test_tree_counts_and_announces_only_what_changed(session: Session) -> None:
    tree = ClauseTreeModel()
    tree.show(session, shown_clauses(session))
    row = tree.index_of("01.01.4")
    before, total = row.data(TreeRole.MET), row.data(TreeRole.TOTAL)
    assert before == total
    answering.set_verdict(session, ["01.01.4(1)"], Verdict.UNMET)
    changed: list[str] = []
    tree.dataChanged.connect(lambda top, _: changed.append(top.data(TreeRole.KEY)))
    tree.update_progress()
    assert {"01", "01.01", "01.01.4"} <= set(changed)
    assert "01.01.3" not in changed
    assert tree.index_of("01.01.4").data(TreeRole.MET) == total - 1
    assert "达标" in tree.index_of("01.01.4").data(0x000B)  # AccessibleTextRole
    assert tree.index_of("01.01").data(TreeRole.BLOCK)
    assert "01.01.4(1)" in tree.index_of("01.01").data(3)


def test_ladder_shows_the_score_of_each_level(session: Session, context: Context, qtmodeltester: ModelTester) -> None:
    ladder = LadderModel(context.theme)
    item = session.pack.items[1]
    ladder.show_item(session, item)
    qtmodeltester.check(ladder)
    levels = [ladder.index(row, 0).data() for row in range(ladder.rowCount())]
    assert levels == sorted(levels, reverse=True)
    scored = session.score.items[item.code]
    row = levels.index(str(scored.scored_level))
    assert ladder.index(row, 0).data(6).bold()


def test_ladder_shows_no_figure_that_nobody_gave(session: Session, context: Context) -> None:
    answering.set_coverage(session, "01.01", 4, Ratio.plain("0.9"))
    answering.set_quality(session, "01.01", 3, Dimension.CONSISTENCY, Ratio.plain("0.8"))
    for level in (5, 6, 7, 8):
        answering.set_coverage(session, "01.01", level, None)
        for dimension in session.pack.item_by_code["01.01"].by_level[level].dimensions:
            answering.set_quality(session, "01.01", level, dimension, None)
    ladder = LadderModel(context.theme)
    ladder.show_item(session, session.pack.item_by_code["01.01"])
    shown = {ladder.index(r, 0).data(): (ladder.index(r, 3).data(), ladder.index(r, 4).data()) for r in range(8)}
    assert shown["8"] == shown["5"] == ("未填", "未填")
    assert shown["3"] == ("0.90", "0.80")
    assert shown["2"] == ("0.90", "1.00")


def test_strip_tells_what_each_piece_lacks(session: Session, qtmodeltester: ModelTester) -> None:
    add_evidence(session, [NewEvidence(b"\x89PNG\r\n\x1a\n", "a.png", "截图")], ["01.01.4(1)"])
    strip = EvidenceStripModel(lambda _: None)
    strip.set_pieces(session.evidence_by_clause["01.01.4(1)"])
    qtmodeltester.check(strip)
    index = strip.index(0)
    assert index.data() == "截图"
    assert index.data(StripRole.LACKS) == "来源系统、截取时间"
    assert index.data(StripRole.SUFFIX) == "PNG"
