"""The phrase list: what comes with the program, what is learnt, and what is never kept."""

import json
from pathlib import Path

import pytest

from emrassess import paths
from emrassess.domain.common_problems import folded
from emrassess.errors import StorageError
from emrassess.services import phrases as module
from emrassess.services.phrases import MOST_TEXT, Phrase, forget, is_personal, phrases, remember

SHIPPED = "截图没有时间"


def texts(search: str = "") -> list[str]:
    return [phrase.text for phrase in phrases(search)]


def test_the_list_that_comes_with_the_program() -> None:
    found = phrases()
    assert len(found) >= 30 and found[0].text == SHIPPED
    assert len({folded(phrase.text) for phrase in found}) == len(found)
    for phrase in found:
        assert phrase.suggestion and not phrase.own and not phrase.used
        assert max(len(phrase.text), len(phrase.suggestion)) <= 40
        assert not is_personal(phrase.text + phrase.suggestion)
    assert "未见医院名称" in texts() and "闭环缺环节" in texts()


def test_what_is_written_is_learnt_and_counted() -> None:
    assert remember(" 病程记录 没有签名\n", "补签") and remember("护理记录缺页")
    assert phrases()[:2] == (Phrase("护理记录缺页", "", 1, True), Phrase("病程记录 没有签名", "补签", 1, True))
    assert remember("病程记录没有签名。")
    assert phrases()[0] == Phrase("病程记录 没有签名", "补签", 2, True)
    assert remember("病程记录没有签名", "当天补签")
    assert phrases()[0].suggestion == "当天补签"
    assert remember("未见医院名称", "换模板") and remember("未见医院名称")
    assert phrases()[1] == Phrase("未见医院名称", "换模板", 2, False)
    assert texts().count("未见医院名称") == 1


def test_the_latest_own_come_before_the_programs() -> None:
    for text in ("第一种问题", "第二种问题"):
        remember(text)
    assert texts()[:3] == ["第二种问题", "第一种问题", SHIPPED]


def test_phrases_are_found_by_text_or_suggestion() -> None:
    remember("病程记录没有签名", "当天补签")
    assert texts("签名") == ["病程记录没有签名", "没有可靠的电子签名"]
    assert texts("当天，补签") == ["病程记录没有签名"] and texts("没有这样的") == []


@pytest.mark.parametrize(
    "text",
    [
        "患者姓名：王小明的医嘱没有时间",
        "身份证 11010519491231002X 未遮盖",
        "电话 138 1234 5678 可见",
        "住院号 ００１２３４５６ 的病历缺页",
    ],
)
def test_nothing_about_a_person_is_kept(text: str, home: Path) -> None:
    assert not remember(text) and text not in texts()
    assert remember("病历缺页", text)
    assert phrases("病历缺页")[0].suggestion == ""
    for file in home.rglob("*"):
        assert not file.is_file() or text not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", " ", "缺页", "长" * (MOST_TEXT + 1)])
def test_what_is_no_phrase_is_not_kept(text: str) -> None:
    before = phrases()
    assert not remember(text) and phrases() == before
    assert remember("护理记录缺页", "长" * (MOST_TEXT + 1)) and phrases()[0].suggestion == ""


def test_phrases_can_be_removed_and_come_back_when_they_are_written_again() -> None:
    remember("护理记录缺页")
    forget("护理记录缺页。")
    forget(SHIPPED)
    forget("从来没有过")
    assert "护理记录缺页" not in texts() and SHIPPED not in texts()
    remember(SHIPPED)
    assert texts()[0] == SHIPPED and phrases()[0].suggestion


def test_the_least_used_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PHRASES", 3)
    for text in ("问题甲甲", "问题甲甲", "问题乙乙", "问题丙丙", "问题丁丁"):
        remember(text)
    assert [phrase.text for phrase in phrases() if phrase.own] == ["问题甲甲", "问题丁丁", "问题丙丙"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"format": "emrassess-phrases/1"}', '{"format": "other"}', "[" * 10_000]
)
def test_a_damaged_file_costs_only_what_was_in_it(content: str, home: Path) -> None:
    (home / "phrases.json").write_text(content, encoding="utf-8")
    assert texts()[0] == SHIPPED
    assert remember("护理记录缺页") and texts()[0] == "护理记录缺页"


def test_a_newer_programs_file_is_left_alone(home: Path) -> None:
    file = home / "phrases.json"
    file.write_text(json.dumps({"format": "emrassess-phrases/2"}), encoding="utf-8")
    assert texts()[0] == SHIPPED and not remember("护理记录缺页")
    with pytest.raises(StorageError, match="更新版本"):
        forget(SHIPPED)
    assert json.loads(file.read_text(encoding="utf-8")) == {"format": "emrassess-phrases/2"}


def test_what_cannot_be_saved_is_no_trouble_to_the_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "user_dir", lambda: tmp_path / "没有")
    assert not remember("护理记录缺页") and texts()[0] == SHIPPED
    with pytest.raises(StorageError):
        forget(SHIPPED)
