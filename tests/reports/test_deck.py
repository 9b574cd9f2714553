"""Feedback slides, reopened: what is on them, and that every text has its room."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFont
from pptx import Presentation
from pptx.util import Pt

from emrassess import paths
from emrassess.domain.assessment import Assessment
from emrassess.domain.pack import Pack
from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.errors import Cancelled
from emrassess.reports.deck import write_deck
from emrassess.reports.review_content import ReviewContent
from tests.reports.conftest import Store
from tests.reports.review_samples import (
    MINOR,
    ORDINARY,
    SERIOUS,
    UNSHORT,
    built,
    content_of,
    finding,
    many,
    opinion,
    photo,
    reviewed,
)

_TOKEN = re.compile(r"[!-~]+|.")


@dataclass(frozen=True)
class Read:
    """A deck as another reader sees it: shapes, texts and notes, slide by slide."""

    slides: list[Any]

    def texts(self, number: int) -> str:
        return "\n".join(paragraph_text for shape in self.slides[number].shapes for paragraph_text in _texts(shape))

    @property
    def text(self) -> str:
        return "\n".join(self.texts(number) for number in range(len(self.slides)))

    @property
    def titles(self) -> list[str]:
        return [slide.shapes.title.text_frame.text for slide in self.slides]

    def notes(self, number: int) -> str:
        return self.slides[number].notes_slide.notes_text_frame.text

    def pictures(self, number: int) -> list[Any]:
        return [shape for shape in self.slides[number].shapes if hasattr(shape, "image")]

    def at(self, title: str) -> int:
        return next(number for number, found in enumerate(self.titles) if found.startswith(title))


def _texts(shape: Any) -> Iterator[str]:
    if shape.has_text_frame:
        yield shape.text_frame.text
    elif shape.has_table:
        yield from (cell.text for row in shape.table.rows for cell in row.cells)


def read(content: ReviewContent, out: Path) -> Read:
    count = write_deck(content, out)
    found = Read(list(Presentation(str(out)).slides))
    assert len(found.slides) == count
    return found


@pytest.fixture(scope="module")
def deck(pack: Pack, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Read:
    out = tmp_path_factory.mktemp("deck") / "反馈.pptx"
    return read(content_of(pack, reviewed(pack, store), store), out)


# --- what is on them


def test_one_finding_a_slide_from_the_cover_to_the_next_steps(deck: Read) -> None:
    assert [title for title in deck.titles if "（续）" not in title] == [
        "专家核查反馈意见（病房组）",
        "核查了什么，结果如何",
        "离目标 5 级还有多远：病房组各项目",
        "发现的问题：3 个",
        f"问题 1/3 · {SERIOUS} 病房医嘱处理",
        f"问题 2/3 · {ORDINARY} 病房检验申请",
        f"问题 3/3 · {MINOR} 一般治疗记录",
        "共性问题",
        "下一步：谁在什么时候以前整改什么",
    ]


def test_the_front_says_whose_it_is_and_how_far_it_got(deck: Read) -> None:
    cover, overview, progress = (deck.texts(number) for number in range(3))
    for text in ("示例市第一人民医院", "李专家", "现场核查，病房组", "2026-11-20", "2026-11-21"):
        assert text in cover
    for text in ("应核查条款", "未能演示", "严重 1 个，一般 1 个，轻微 1 个", "本组条款达标"):
        assert text in overview
    for text in ("病房医师", "01.01 病房医嘱处理", "不成立 1", "自评未达标"):
        assert text in progress


def test_a_finding_has_requirement_problem_proposal_and_severity_as_a_word(deck: Read, pack: Pack) -> None:
    text = deck.texts(deck.at("问题 2/3"))
    for expected in (pack.clause_by_id[ORDINARY].text, "存在问题：药品字典没有统一维护", "整改建议：由信息科统一字典",
                     "责任科室：药学部 王药师", "整改期限：2026-12-31", "自评：达标　核查：不属实", "地点：病房",
                     "台账：整改中", "挂牌督办"):  # fmt: skip
        assert expected in text
    assert text.split("\n")[1] == "一般"


def test_the_evidence_picture_is_on_the_slide_whole_and_without_metadata(deck: Read) -> None:
    pictures = deck.pictures(deck.at("问题 1/3"))
    assert len(pictures) == 2
    first = Image.open(io.BytesIO(pictures[0].image.blob))
    assert (first.format, max(first.size) <= 1600, dict(first.getexif())) == ("JPEG", True, {})
    assert pictures[0].width / pictures[0].height == pytest.approx(1920 / 1080, rel=0.01)
    assert pictures[0]._element.nvPicPr.cNvPr.get("descr") == "专家现场照片：病房电脑 1"
    assert "医院材料：医嘱页（另有 1 张）" in deck.texts(deck.at("问题 1/3"))


def test_pictures_that_are_broken_or_gone_are_named(deck: Read) -> None:
    assert "图片打不开，可能已损坏：坏图.png" in deck.texts(deck.at("问题 2/3"))
    assert "图片文件不在工作区里：丢失.jpg" in deck.texts(deck.at("问题 3/3"))


def test_notes_name_clause_pieces_and_digests(deck: Read, pack: Pack, store: Store) -> None:
    notes = deck.notes(deck.at("问题 1/3"))
    [line, *_] = content_of(pack, reviewed(pack, store), store).findings
    for shot in line.shots:
        assert shot.id in notes and shot.sha256 in notes
    assert f"条款 {SERIOUS}" in notes and "表.csv" in notes
    assert "遮盖后.png" in notes and "原图.png" not in notes.replace("又是原图.png", "")


def test_nothing_of_a_masked_pictures_original_is_in_the_file(pack: Pack, store: Store, tmp_path: Path) -> None:
    content = content_of(pack, reviewed(pack, store), store)
    out = tmp_path / "a.pptx"
    write_deck(replace(content, findings=content.findings[:1]), out)
    with zipfile.ZipFile(out) as archive:
        for name in archive.namelist():
            if "/media/" in name:
                with Image.open(io.BytesIO(archive.read(name))) as image:
                    red, _, blue = (band.getextrema()[0] for band in image.convert("RGB").split())
                assert not (float(red) > 120 and float(blue) < 40), name  # type: ignore[arg-type]


def test_what_is_common_and_what_is_next(deck: Read) -> None:
    assert "药品字典没有统一维护\n2 处\n01.02.4(1)、06.01.5(3)" in deck.texts(deck.at("共性问题"))
    text = deck.texts(deck.at("下一步"))
    assert "2026-12-06（建议）\n严重\n待定\n1 个\n1. 01.01.5(2)" in text
    assert "2026-12-31\n一般\n药学部 王药师" in text
    assert "严重 15 天，一般 30 天，轻微 60 天" in text


def test_characters_that_xml_refuses_are_dropped(deck: Read) -> None:
    assert "危急值提示" in deck.text and "<b>&" in deck.text and "结束" in deck.text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", deck.text.replace("\x0b", "\n"))
    assert "_x00" not in deck.text


def test_a_long_text_goes_on_and_loses_nothing(deck: Read) -> None:
    first = deck.at("问题 1/3")
    pages = [number for number, title in enumerate(deck.titles) if title.startswith("问题 1/3")]
    assert pages[0] == first and len(pages) > 1
    assert all(deck.titles[number].endswith("（续）") for number in pages[1:])
    lines = [text for number in pages for text in deck.texts(number).split("\n") if text.startswith("现场所见")]
    whole = "".join(text.partition("：")[2] for text in lines)
    assert whole == UNSHORT


def test_no_findings(pack: Pack, store: Store, tmp_path: Path) -> None:
    content = content_of(pack, built(pack, {SERIOUS: opinion(ExpertVerdict.CONFIRMED)}), store)
    found = read(content, tmp_path / "a.pptx")
    assert "本组在已核查的条款中没有发现问题。" in found.text
    assert "没有要整改的问题。" in found.text
    assert "共性问题" not in found.titles
    check_room(found)


def test_a_pack_without_categories_and_coverage(points_pack: Pack, store: Store, tmp_path: Path) -> None:
    group = points_pack.groups[0]
    clause = points_pack.item_by_code[group.items[0]].clauses_through(3)[0].id
    assessment = built(points_pack, {clause: finding(group=group.code)}, target=3)
    found = read(content_of(points_pack, assessment, store, group.code), tmp_path / "a.pptx")
    assert f"问题 1/1 · {clause}" in "\n".join(found.titles)
    assert "功能等级" not in found.text and "基本项" not in found.text
    check_room(found)


def test_two_hundred_findings(pack: Pack, store: Store, tmp_path: Path) -> None:
    assessment = many(pack, store, 200, (64, 36))
    steps: list[tuple[int, int, str]] = []
    content = content_of(pack, assessment, store)
    write_deck(content, tmp_path / "a.pptx", lambda *step: steps.append(step))
    found = Read(list(Presentation(str(tmp_path / "a.pptx")).slides))
    assert sum(title.startswith("问题 ") for title in found.titles) == 200
    assert [step[0] for step in steps] == list(range(1, 202)) and {step[1] for step in steps} == {201}
    check_room(found)
    names = zipfile.ZipFile(tmp_path / "a.pptx").namelist()
    assert len(names) == len(set(names))


def test_a_picture_that_many_findings_show_is_in_the_file_once(pack: Pack, store: Store, tmp_path: Path) -> None:
    assessment = many(pack, store, 20)
    shared = next(iter(assessment.photos.values()))
    clauses = tuple(assessment.opinions)
    write_deck(content_of(pack, replace(assessment, photos={"p": replace(shared, clauses=clauses)}), store),
               tmp_path / "a.pptx")  # fmt: skip
    with zipfile.ZipFile(tmp_path / "a.pptx") as archive:
        assert sum("/media/" in name for name in archive.namelist()) == 1


def test_large_pictures_are_scaled_down(pack: Pack, store: Store, tmp_path: Path) -> None:
    noise = Image.effect_noise((1920, 1080), 80).convert("RGB")
    photos, opinions = {}, {}
    clauses = [clause.id for clause in pack.item_by_code["01.01"].clauses_through(5)]
    for number, clause in enumerate(clauses):
        noise.putpixel((0, 0), (number, 0, 0))
        out = io.BytesIO()
        noise.save(out, "JPEG", quality=95)
        photos[f"p{number}"] = photo(number, store.add(out.getvalue()), clause)
        opinions[clause] = finding()
    write_deck(content_of(pack, built(pack, opinions, photos=photos), store), tmp_path / "a.pptx")
    assert (tmp_path / "a.pptx").stat().st_size < len(clauses) * 420_000 + 100_000


def test_stopping_leaves_what_was_there(pack: Pack, store: Store, tmp_path: Path) -> None:
    out = tmp_path / "a.pptx"
    out.write_bytes(b"before")

    def stop(done: int, total: int, what: str) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_deck(content_of(pack, reviewed(pack, store), store), out, stop)
    assert out.read_bytes() == b"before" and [file.name for file in tmp_path.iterdir()] == ["a.pptx"]


# --- every text has its room


def check_room(found: Read) -> None:
    """By a measure other than the one the slides were made with: no text is higher than its box."""
    for number, slide in enumerate(found.slides):
        for shape in slide.shapes:
            where = f"slide {number + 1}: {shape.name}"
            assert shape.left >= 0 and shape.top >= 0, where
            assert shape.left + shape.width <= Pt(960) and shape.top + shape.height <= Pt(540), where
            if shape.has_text_frame:
                frame = shape.text_frame
                check_frame(frame, shape.width - frame.margin_left - frame.margin_right, shape.height, where)
            elif shape.has_table:
                check_table(shape.table, where)


def check_table(table: Any, where: str) -> None:
    for row in table.rows:
        for cell, column in zip(row.cells, table.columns, strict=True):
            inner = row.height - cell.margin_top - cell.margin_bottom
            check_frame(cell.text_frame, column.width - cell.margin_left - cell.margin_right, inner, where)


def check_frame(frame: Any, width: int, height: int, where: str) -> None:
    high = 0.0
    for paragraph in frame.paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs if run.text]
        if not sizes:
            continue
        assert min(sizes) >= 12, where
        lines = sum(line_count(part, max(sizes), width / 12700) for part in paragraph.text.split("\v"))
        high += lines * paragraph.line_spacing.pt + paragraph.space_after.pt
        assert paragraph.line_spacing.pt >= 1.2 * max(sizes), where
    assert high <= height / 12700 + 0.5, f"{where}: {high} > {height / 12700}"


@cache
def _em(text: str) -> float:
    """Width in units of the size."""
    font = ImageFont.truetype(str(paths.resources_dir() / "fonts" / "NotoSansSC-Regular.ttf"), 1000)
    return font.getlength(text) / 1000


def line_count(text: str, size: float, wide: float) -> int:
    """Lines of `text`, broken between characters and between words."""
    lines, used = 1, 0.0
    for token in _TOKEN.findall(text):
        for part in [token] if _em(token) * size <= wide else token:
            taken = _em(part) * size
            if used + taken > wide:
                lines, used = lines + 1, 0.0
            used += taken
    return lines


def test_every_text_has_its_room(deck: Read) -> None:
    check_room(deck)


@pytest.mark.parametrize(
    "text",
    ["x" * 2000, "汉" * 2000, "字段名_" * 400, "word " * 500, "行\n" * 200, "（“，。》" * 300, "W" * 700 + "汉" * 900],
)
def test_long_texts_of_any_kind_have_their_room(text: str, pack: Pack, store: Store, tmp_path: Path) -> None:
    said = finding(Severity.SERIOUS, text, seen=text, suggestion=text, by=text[:300], place=text[:300])
    assessment: Assessment = built(pack, {SERIOUS: said, ORDINARY: said}, hospital=text)
    found = read(content_of(pack, assessment, store), tmp_path / "a.pptx")
    check_room(found)
    flat = "".join(found.text.split())
    assert flat.count(text[0]) >= 6 * text.count(text[0])
