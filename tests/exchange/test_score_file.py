"""The score document: exact texts, reasons, and projections kept apart."""

import json
from typing import Any

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.readiness import group_readiness
from emrassess.domain.scoring import score
from emrassess.exchange.score_file import score_json


def document(pack: Pack, answers: Answers, assume: Ratio | None = None) -> dict[str, Any]:
    result = score(pack, answers, assume)
    states = {"01.01.1(1)": EvidenceState.COMPLETE}
    groups = group_readiness(pack, answers, result, states, pack.groups)
    return json.loads(json.dumps(score_json(pack, result, groups)))


def some_answers(pack: Pack) -> Answers:
    met = [c.id for c in pack.item_by_code["01.01"].clauses_through(3)]
    return Answers(
        "small",
        3,
        dict.fromkeys(met, Verdict.MET),
        {"01.01": {3: Ratio.counted(795, 1000)}},
        {"01.01": {3: {Dimension.CONSISTENCY: Ratio.plain("0.985")}}},
    )


def test_document_is_that_of_formats_md(small_pack: Pack) -> None:
    found = document(small_pack, some_answers(small_pack))
    assert list(found) == ["format", "pack", "target", "total", "attained", "items", "levels", "groups"]
    assert (found["format"], found["pack"], found["target"]) == ("emrassess-score/1", "small", 3)
    assert found["total"] == "2.3760"  # 3 x 0.80 x 0.99
    assert found["attained"] == {"certain": 0, "possible": 0}
    item = found["items"][0]
    assert item.pop("limits")[0]["cause"] == "clauses"
    assert item == {
        "code": "01.01",
        "function_level": 3,
        "score": "2.3760",
        "scored_level": 3,
        "coverage": "0.80",
        "quality": "0.99",
    }
    level = found["levels"][2]
    assert [reason["cause"] for reason in level.pop("reasons")]
    assert level == {
        "level": 3,
        "verdict": "not_met",
        "total": {"minimum": 6, "actual": "2.3760"},
        "basic": {"required": 1, "known": 1, "known_met": 1},
        "optional": {"required": 1, "known": 1, "known_met": 0},
        "unverified": 1,
    }
    group = found["groups"][0]
    assert (group["code"], group["name"], group["points"]) == ("ward", "病房组", "2.3760")
    assert group["clauses"] == {"ready": 1, "met": 4, "total": 16}
    assert group["quality"] == {"passed": 1, "total": 1}


def test_reasons_carry_their_sentence_and_figures(small_pack: Pack) -> None:
    found = document(small_pack, some_answers(small_pack))
    total = next(r for r in found["levels"][2]["reasons"] if r["cause"] == "total_short")
    assert (total["actual"], total["needed"]) == ("2.3760", "6.0000")
    assert total["text"].startswith("总分 2.3760")
    limits = found["items"][1]["limits"]
    assert limits[-1] == {
        "cause": "coverage_missing",
        "level": 3,
        "item": "01.02",
        "clauses": [],
        "items": [],
        "roles": [],
        "dimensions": [],
        "actual": "0.00",
        "needed": "0.80",
        "text": "01.02.3 没有填有效应用比例（按 0 计），要求 0.80",
    }


def test_an_item_without_any_level_has_zero_shares(small_pack: Pack) -> None:
    item = document(small_pack, some_answers(small_pack))["items"][1]
    assert (item["scored_level"], item["coverage"], item["quality"]) == (0, "0.00", "0.00")


def test_a_projection_is_not_a_score(small_pack: Pack) -> None:
    found = document(small_pack, some_answers(small_pack), Ratio.plain("0.9"))
    assert found["format"] == "emrassess-projection/1"
    assert found["assume_missing"] == "0.90"
