"""A small hospital: everything met through level 4, gaps at 5, evidence of each kind, hostile texts."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PIL import Image

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Evidence, EvidenceKind, Revision
from emrassess.domain.pack import Pack
from emrassess.packs.loading import load_pack
from emrassess.reports.content import ReportContent, gather
from tests.builders import ratio

NOW = datetime(2026, 11, 21, 16, 30, tzinfo=timezone(timedelta(hours=8)))
HOSPITAL = "示例市<b>第一</b>&人民医院"
LONG_NOTE = "=1+1 备注<script>alert(1)</script>&😀" + "说明文字，" * 1000
TITLE = "医嘱页 <img src=x onerror=alert(1)> & \"引号\" '单' 👍"


@dataclass(frozen=True)
class Store:
    """Evidence files by digest."""

    folder: Path

    def add(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / digest).write_bytes(content)
        return digest

    def path(self, digest: str) -> Path:
        return self.folder / digest


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 360), color: str = "#4477aa") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


def piece(number: int, digest: str, name: str, media_type: str, *clauses: str, title: str = "材料") -> Evidence:
    revision = Revision(digest, name, 1234, media_type, "2026-11-01T08:00:00+08:00", "王示例")
    kind = EvidenceKind.SCREENSHOT if media_type.startswith("image") else EvidenceKind.DOCUMENT
    return Evidence(f"e{number}", title, kind, "HIS", "2026-10-12T09:30:00+08:00", (revision,), clauses)


def build(pack: Pack, store: Store) -> Assessment:
    answers = {clause.id: ClauseAnswer(Verdict.MET) for item in pack.items for clause in item.clauses_through(5)}
    answers["01.01.5(2)"] = ClauseAnswer(Verdict.PARTIAL, LONG_NOTE, "医师工作站 → 医嘱 & 查询")
    answers["06.01.5(3)"] = ClauseAnswer(Verdict.UNMET, "+86 12 月完成")
    answers["01.01.1(1)"] = ClauseAnswer(Verdict.MET, "已上线", "@首页")
    coverage = {(item.code, 5): ratio("1") for item in pack.items}
    coverage["01.01", 4] = ratio("9500/10000")
    coverage["01.01", 5] = ratio("0.60")
    quality = {
        (item.code, row.level, dimension): ratio("1")
        for item in pack.items for row in item.rows for dimension in row.dimensions
    }  # fmt: skip
    pieces = (
        piece(1, store.add(picture()), "截图1.png", "image/png", "01.01.1(1)", "01.02.1(1)", title=TITLE),
        piece(2, store.add(picture("PDF", (300, 420))), "制度.pdf", "application/pdf", "01.01.4(1)"),
        piece(3, store.add(b"\x89PNG broken"), "坏图.png", "image/png", "01.01.4(2)", title="坏图"),
        piece(4, "0" * 64, "丢失.png", "image/png", "02.01.3(1)", title=""),
        piece(5, store.add(b"a,b\n"), "表.csv", "text/csv", "10.01.1(1)", title="=cmd|' /C calc'!A0"),
        piece(6, store.add(b"free"), "未用.txt", "text/plain", title="长" * 200),
    )
    return Assessment(
        "assess-1", HOSPITAL, pack.id, pack.version, 5, answers=answers, coverage=coverage, quality=quality,
        evidence={p.id: p for p in pieces},
    )  # fmt: skip


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def assessment(pack: Pack, store: Store) -> Assessment:
    return build(pack, store)


@pytest.fixture(scope="session")
def content(pack: Pack, assessment: Assessment, store: Store) -> ReportContent:
    return gather(pack, assessment, NOW, store.path)


@pytest.fixture(scope="session")
def gathered(pack: Pack, store: Store) -> Callable[[Assessment], ReportContent]:
    """Gathers any assessment with the same store."""
    return lambda assessment: gather(pack, assessment, NOW, store.path)


@pytest.fixture(scope="session")
def points_pack() -> Pack:
    """A made-up standard of points a role: three roles, four levels, no categories and no coverage."""
    return load_pack(Path(__file__).parents[1] / "packs" / "fixtures" / "points-example")


@pytest.fixture(scope="session")
def points_assessment(points_pack: Pack, store: Store) -> Assessment:
    """At level 3 two of the three roles pass; the nurses lack their bedside check and one quality index."""
    answers = {c.id: ClauseAnswer(Verdict.MET) for item in points_pack.items for c in item.clauses_through(3)}
    answers["02.01.3(1)"] = ClauseAnswer(Verdict.PARTIAL, "移动终端还没有到货", "护士站 → 执行")
    answers["02.02.3(2)"] = ClauseAnswer(Verdict.UNMET)
    answers["01.02.4(1)"] = ClauseAnswer(Verdict.MET)
    quality = {
        (item.code, row.level, dimension): ratio("0.9")
        for item in points_pack.items for row in item.rows for dimension in row.dimensions
    }  # fmt: skip
    quality = {key: value for key, value in quality.items() if key[0] != "02.01"}
    pieces = (
        piece(1, store.add(picture()), "处方.png", "image/png", "01.01.1(1)"),
        piece(2, store.add(picture("PDF", (300, 420))), "演练.pdf", "application/pdf", "03.02.2(1)"),
    )
    return Assessment(
        "points-1", "示例医院", points_pack.id, points_pack.version, 3, answers=answers, quality=quality,
        evidence={p.id: p for p in pieces}, wording={"01.01.1(1)": "编造的原文第一句。\n编造的原文<第二句>。"},
    )  # fmt: skip


@pytest.fixture(scope="session")
def points_content(points_pack: Pack, points_assessment: Assessment, store: Store) -> ReportContent:
    return gather(points_pack, points_assessment, NOW, store.path)
