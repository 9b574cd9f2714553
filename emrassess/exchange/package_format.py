"""`data/assessment.json` of an evidence package, `emrassess-package/1`: an assessment as JSON, and back.

Keys that a later minor edition adds are passed over; a later major one is refused (see verify.py).
"""

import json
import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import (
    Assessment,
    ClauseAnswer,
    Confirmation,
    Evidence,
    EvidenceKind,
    Revision,
)
from emrassess.domain.pack import Category, Dimension, Pack, ReviewGroup
from emrassess.domain.review import ROUND_ONE
from emrassess.exchange.ratios import ratio_of, ratio_text
from emrassess.exchange.review_part import ReviewPart, findings_of, opinions_of, review_json
from emrassess.typed_yaml import Marked, Model, validate

FORMAT = "emrassess-package/1"

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Level = Annotated[str, StringConstraints(pattern=r"^[1-8]$")]
Count = Annotated[int, Field(ge=0)]
_MOST_DIGITS = 18
DimensionName = Literal[
    "consistency",
    "completeness",
    "integration",
    "timeliness",
    "uniqueness",
    "compliance",
    "identity",
    "currency",
]
RatioFile = str | Annotated[list[int], Field(min_length=2, max_length=2)]


class _Part(Model):
    model_config = ConfigDict(extra="ignore")


class PackPart(_Part):
    id: str
    version: str
    name: str
    digest: Digest


class AnswerPart(_Part):
    verdict: Literal["met", "partial", "unmet", "not_assessed"]
    note: str
    demonstration: str


class CategoryPart(_Part):
    category: Literal["basic", "optional"]
    by: str
    at: str


class GroupPart(_Part):
    code: str
    name: str
    items: list[str]
    quality: bool


class EvidencePart(_Part):
    """A piece of evidence; `path` lies below `data/`. One file may be the path of several pieces."""

    id: str
    title: str
    kind: Literal["screenshot", "document", "statistic", "narrative", "demonstration"]
    source_system: str
    captured_at: str
    clauses: Annotated[list[str], Field(min_length=1)]
    file_name: str
    media_type: str
    size: Count
    sha256: Digest
    added_at: str
    path: Annotated[str, StringConstraints(pattern=r"^evidence/")]


class PackageFile(_Part):
    """The whole document. Ratios are decimal texts, or [numerator, denominator] where they were counted.

    `wording`: the official wording of clauses, only where the hospital chose to send it along. `review`: once experts
    have been there.
    """

    format: Literal["emrassess-package/1"]
    generator: str
    packed_at: str
    pack: PackPart
    id: str
    hospital: str
    target: Annotated[int, Field(ge=1, le=8)]
    created_at: str
    answers: dict[str, AnswerPart]
    coverage: dict[str, dict[Level, RatioFile]]
    quality: dict[str, dict[Level, dict[DimensionName, RatioFile]]]
    categories: dict[str, dict[Level, CategoryPart]]
    groups: list[GroupPart] | None
    evidence: list[EvidencePart]
    wording: Annotated[dict[str, str], Field(default_factory=dict)]
    review: ReviewPart | None = None


def package_json(
    pack: Pack, assessment: Assessment, paths: Mapping[str, str], packed_at: str, generator: str
) -> dict[str, object]:
    """The document for `assessment`. `paths`: where each piece of evidence lies below `data/`, by its id.

    The assessment's official wording goes along: whoever does not want that hands over an assessment without it.
    Pieces without a path (linked to no clause) are left out; of each piece only the revision in force is told, and not
    who added it: that is often the name of an account of the hospital's computers.
    """
    coverage: dict[str, dict[str, object]] = {}
    for (item, level), ratio in assessment.coverage.items():
        coverage.setdefault(item, {})[str(level)] = ratio_text(ratio)
    quality: dict[str, dict[str, dict[str, object]]] = {}
    for (item, level, dimension), ratio in assessment.quality.items():
        quality.setdefault(item, {}).setdefault(str(level), {})[dimension.value] = ratio_text(ratio)
    categories: dict[str, dict[str, object]] = {}
    for (item, level), found in assessment.categories.items():
        part = {"category": found.category.value, "by": found.by, "at": found.at}
        categories.setdefault(item, {})[str(level)] = part
    groups = assessment.groups
    return {
        "format": FORMAT,
        "generator": generator,
        "packed_at": packed_at,
        "pack": {"id": pack.id, "version": pack.version, "name": pack.name, "digest": pack.digest},
        "id": assessment.id,
        "hospital": assessment.hospital,
        "target": assessment.target,
        "created_at": assessment.created_at,
        "answers": {
            clause: {"verdict": a.verdict.value, "note": a.note, "demonstration": a.demonstration}
            for clause, a in assessment.answers.items()
        },
        "coverage": coverage,
        "quality": quality,
        "categories": categories,
        "groups": None if groups is None else [_group(group) for group in groups],
        "evidence": [_piece(piece, paths[key]) for key, piece in assessment.evidence.items() if key in paths],
        **({"wording": dict(assessment.wording)} if assessment.wording else {}),
        **({"review": review} if (review := review_json(assessment)) else {}),
    }


def _group(group: ReviewGroup) -> dict[str, object]:
    return {"code": group.code, "name": group.name, "items": list(group.items), "quality": group.quality}


def _piece(piece: Evidence, path: str) -> dict[str, object]:
    file = piece.current
    return {
        "id": piece.id,
        "title": piece.title,
        "kind": piece.kind.value,
        "source_system": piece.source_system,
        "captured_at": piece.captured_at,
        "clauses": list(piece.clauses),
        "file_name": file.file_name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "added_at": file.added_at,
        "path": path,
    }


def parse_json(content: bytes) -> object:
    """JSON from outside; ValueError (Chinese) where it is none, repeats a key, nests too deep, or has NaN or a number
    that nobody means."""
    try:
        text = content.decode("utf-8")
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_whole, parse_float=_decimal
        )
    except RecursionError:
        raise ValueError("嵌套太深") from None
    except UnicodeDecodeError:
        raise ValueError("不是 UTF-8 编码") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"不是有效的 JSON（第 {error.lineno} 行）") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"键“{name[:60]}”重复")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise ValueError(f"数字太大：{digits[:_MOST_DIGITS]}……（共 {len(digits)} 位）")
    return int(digits)


def _decimal(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"数字太大：{text[:40]}")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} 不是数字")


def read_package_file(data: object, name: str = "assessment.json") -> PackageFile:
    """`data` (parsed JSON) as the document; FileProblems with every fault of its form."""
    return validate(Marked(name, data, {}), PackageFile)


def assessment_of(document: PackageFile) -> Assessment:
    """The assessment told by the document; ValueError (Chinese) for a ratio that is none."""
    answers = {
        clause: ClauseAnswer(Verdict(a.verdict), a.note, a.demonstration) for clause, a in document.answers.items()
    }
    coverage = {
        (item, int(level)): ratio_of(ratio) for item, rows in document.coverage.items() for level, ratio in rows.items()
    }
    quality = {
        (item, int(level), Dimension(dimension)): ratio_of(ratio)
        for item, rows in document.quality.items()
        for level, found in rows.items()
        for dimension, ratio in found.items()
    }
    categories = {
        (item, int(level)): Confirmation(Category(c.category), c.by, c.at)
        for item, rows in document.categories.items()
        for level, c in rows.items()
    }
    groups, review = document.groups, document.review
    return Assessment(
        id=document.id,
        hospital=document.hospital,
        pack=document.pack.id,
        pack_version=document.pack.version,
        target=document.target,
        created_at=document.created_at,
        answers=answers,
        coverage=coverage,
        quality=quality,
        categories=categories,
        evidence={part.id: _evidence(part) for part in document.evidence},
        wording=document.wording,
        groups=None
        if groups is None
        else tuple(ReviewGroup(g.code, g.name, tuple(g.items), g.quality) for g in groups),
        opinions=opinions_of(review) if review else {},
        findings=findings_of(review) if review else {},
        review_round=review.round if review else ROUND_ONE,
    )


def _evidence(part: EvidencePart) -> Evidence:
    revision = Revision(part.sha256, part.file_name, part.size, part.media_type, part.added_at, added_by="")
    kind = EvidenceKind(part.kind)
    return Evidence(part.id, part.title, kind, part.source_system, part.captured_at, (revision,), tuple(part.clauses))
