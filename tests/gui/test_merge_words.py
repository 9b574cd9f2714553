"""Values of a merge as words."""

from emrassess.domain.merge import WHOLE, MergeKey, MergeKind
from emrassess.gui.models.merge_words import compared, value_text
from tests.services.packet_samples import A


def test_only_words_that_differ_are_marked() -> None:
    ours, theirs = compared("由护士核对 HIS 5", "由责任护士核对 LIS 5", "#eee")
    assert ours.count("<span") == 1
    assert ">HIS</span> 5" in ours
    assert ">责任</span>护士核对" in theirs
    assert compared("<a>\n", "完全不同的话", "#eee") == ("&lt;a&gt;<br>", "完全不同的话")


def test_values_are_read_as_words() -> None:
    def key(kind: MergeKind, place: str, field: str = "") -> MergeKey:
        return MergeKey(kind, place, field)

    share = key(MergeKind.COVERAGE, "01.01/4")
    assert value_text(share, ["950", "1000"]) == "0.95（950/1000）"
    assert value_text(share, None) == "（没有填）"
    assert value_text(key(MergeKind.ANSWER, A, "note"), None) == "（空）"
    assert value_text(key(MergeKind.LINK, "e", A), True) == f"用于 {A}"
    assert value_text(key(MergeKind.LINK, "e", A), None) == f"不用于 {A}"
    assert value_text(key(MergeKind.EVIDENCE, "e", "kind"), "screenshot") == "截图"
    assert value_text(key(MergeKind.EVIDENCE, "e", "file"), "ab" * 32) == "另一个文件（这里没有）"
    whole = {"title": "界面", "kind": "document", "file": "ab" * 32, "clauses": [A]}
    assert value_text(key(MergeKind.EVIDENCE, "e", WHOLE), whole) == f"“界面”（文件）用于 {A}"
