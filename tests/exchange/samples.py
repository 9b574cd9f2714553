"""A small pack and a small assessment, and ways to make hostile zips, for the tests of exchange."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Confirmation, Evidence, EvidenceKind, Revision
from emrassess.domain.pack import (
    Category,
    Clause,
    CoverageBasis,
    Dimension,
    Item,
    LevelRow,
    Pack,
    QualityRule,
    Requirement,
    ReviewGroup,
    Role,
)
from emrassess.domain.readiness import group_readiness
from emrassess.domain.schemes.product_2018 import Product2018
from emrassess.domain.scoring import score
from emrassess.exchange.package import PackageInputs, create
from emrassess.exchange.score_file import score_json

PACKED_AT = datetime(2026, 11, 21, 8, 30, tzinfo=timezone(timedelta(hours=8)))


def _row(item: str, level: int, category: Category, clauses: int = 2, *dimensions: Dimension) -> LevelRow:
    rules = tuple(
        QualityRule(f"{item}.{level}.{d}.1", item, level, d, "prose", "附件4", reason="x") for d in dimensions
    )
    found = tuple(Clause(f"{item}.{level}({n})", f"要求{n}", "截图") for n in range(1, clauses + 1))
    return LevelRow(item, level, category, "摘要", found, rules)


def sample_pack() -> Pack:
    """Three items; 01.01 has quality checks at 3 and 4 and no level 2; all of 01.02 is unverified; 01.03 functional."""
    ratio = CoverageBasis(False, "分子", "分母")
    consistency, completeness = Dimension.CONSISTENCY, Dimension.COMPLETENESS
    items = (
        Item(
            "01.01", "病房医嘱处理", "01", ratio, True,
            (
                _row("01.01", 1, Category.BASIC),
                _row("01.01", 3, Category.BASIC, 2, consistency),
                _row("01.01", 4, Category.BASIC, 3, consistency, completeness),
            ),
        ),
        Item(
            "01.02", "病房检验申请", "01", ratio, False,
            tuple(_row("01.02", n, Category.UNVERIFIED) for n in (1, 2, 3, 4)),
        ),
        Item(
            "01.03", "病房检验报告", "01", CoverageBasis(True, basis="功能"), False,
            tuple(_row("01.03", n, Category.OPTIONAL) for n in (1, 2, 3, 4)),
        ),
    )  # fmt: skip
    return Pack(
        id="small",
        version="1.0",
        name="小标准",
        standard="小标准",
        document_number="〔2018〕1号",
        digest="0" * 64,
        scheme=Product2018(
            Decimal("0.80"),
            Decimal("0.50"),
            Decimal("0.50"),
            tuple(Requirement(n, f"{n} 级", 1, 1, 2, n * 2) for n in range(1, 9)),
        ),
        roles=(Role("01", "病房医师"),),
        groups=(ReviewGroup("ward", "病房组", ("01.01", "01.02", "01.03"), True),),
        items=items,
        glossary={},
    )


def piece(key: str, content: bytes, *clauses: str, name: str = "截图.png", folder: Path | None = None) -> Evidence:
    """A piece of evidence; with `folder` its content is put there, named by its digest."""
    sha256 = hashlib.sha256(content).hexdigest()
    if folder:
        (folder / sha256).write_bytes(content)
    revision = Revision(sha256, name, len(content), "image/png", "2026-11-20T09:00:00+08:00", "张三")
    return Evidence(key, f"材料{key}", EvidenceKind.SCREENSHOT, "HIS", "2026-11-19", (revision,), clauses)


def sample_assessment(folder: Path) -> Assessment:
    """Answers of every kind and four pieces of evidence, whose files are put into `folder`."""
    pieces = [
        piece("e1", b"\x89PNG one", "01.01.1(1)", "01.01.3(2)", folder=folder),
        piece("e2", b"a,b\n" * 5000, "01.01.1(1)", name="统计 表.csv", folder=folder),
        piece("e3", b"\x89PNG one", "01.02.1(1)", name="同一张.png", folder=folder),
        piece("e4", b"unlinked", name="没有条款.png", folder=folder),
    ]
    return Assessment(
        id="a1",
        hospital="示例医院",
        pack="small",
        pack_version="1.0",
        target=4,
        created_at="2026-10-01T08:00:00+08:00",
        answers={
            "01.01.1(1)": ClauseAnswer(Verdict.MET, "备注", "门诊 › 医嘱"),
            "01.01.1(2)": ClauseAnswer(Verdict.MET),
            "01.01.3(1)": ClauseAnswer(Verdict.PARTIAL),
        },
        coverage={("01.01", 3): Ratio.counted(950, 1000), ("01.02", 1): Ratio.plain("0.795")},
        quality={("01.01", 3, Dimension.CONSISTENCY): Ratio.plain("0.99")},
        categories={("01.02", 3): Confirmation(Category.BASIC, "李四", "2026-11-01T10:00:00+08:00")},
        evidence={p.id: p for p in pieces},
    )


def inputs_of(assessment: Assessment, folder: Path, **changes: object) -> PackageInputs:
    pack = sample_pack()
    answers = assessment.as_answers()
    result = score(pack, answers)
    document = score_json(pack, result, group_readiness(pack, answers, result, {}, pack.groups))
    given: dict[str, object] = {
        "pack": pack,
        "assessment": assessment,
        "score": document,
        "index_html": "<!doctype html><title>示例医院</title>".encode(),
        "evidence_path": lambda sha256: folder / sha256,
        "packed_at": PACKED_AT,
        "generator": "emrassess test",
        "attachments": {"自评报告.pdf": b"%PDF-1.7 test"},
    }
    return PackageInputs(**(given | changes))  # type: ignore[arg-type]


def sample_package(folder: Path, name: str = "材料包.zip") -> Path:
    """A good package in `folder`."""
    store = folder / "store"
    store.mkdir()
    create(inputs_of(sample_assessment(store), store), folder / name)
    return folder / name


def contents(package: Path) -> dict[str, bytes]:
    """Every file of a zip by its path below the top folder."""
    with zipfile.ZipFile(package) as archive:
        return {info.filename.split("/", 1)[1]: archive.read(info) for info in archive.infolist()}


def bagged(
    payload: Mapping[str, bytes], version: str = "1.0", algorithms: tuple[str, ...] = ("sha256",)
) -> dict[str, bytes]:
    """A bag around `payload` (paths below data/), digests right."""
    files = {f"data/{path}": content for path, content in payload.items()}
    tags = {
        "bagit.txt": f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n".encode(),
        "bag-info.txt": b"",
    }
    for algorithm in algorithms:
        tags[f"manifest-{algorithm}.txt"] = manifest(files, algorithm)
    for algorithm in algorithms:
        tags[f"tagmanifest-{algorithm}.txt"] = manifest({k: v for k, v in tags.items() if "tagm" not in k}, algorithm)
    return files | tags


def manifest(files: Mapping[str, bytes], algorithm: str = "sha256") -> bytes:
    return "".join(f"{hashlib.new(algorithm, c).hexdigest()}  {p}\n" for p, c in files.items()).encode()


def rebagged(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """`files` of a package with its manifests made anew: what a careful attacker would hand in."""
    return bagged({path.removeprefix("data/"): content for path, content in files.items() if path.startswith("data/")})


def zipped(files: Mapping[str, bytes], path: Path, top: str = "bag/", method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return path


def unpacked(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def zip_of_entries(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return file.getvalue()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The nearest thing to a full disk that needs none."""
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
