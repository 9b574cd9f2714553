"""Writes an evidence package: a bag (see bag_writer.py) with the page, the documents and the evidence.

A file that proves several clauses is stored once, under the first clause of the first piece that uses it
(`data/evidence/<item>/<clause>/<n>-<name>`); assessment.json tells its path for every clause, and index.html links to
it from each. BagIt knows no links, and most archivers store a file twice rather than refer to it, so this is the way
that every BagIt tool and every archiver understands without doubling the bytes. Pieces linked to no clause prove
nothing and stay out.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from emrassess.domain.assessment import Assessment, Evidence
from emrassess.domain.pack import Pack
from emrassess.exchange.bag import Progress
from emrassess.exchange.bag_writer import NewBag, Payload, write_bag
from emrassess.exchange.names import safe_name
from emrassess.exchange.package_format import package_json
from emrassess.exchange.signing import Identity
from emrassess.exchange.verify import PACKAGE, PackageSummary, summary_of


@dataclass(frozen=True)
class PackageInputs:
    """What goes into a package.

    `score`: the score document (score_file.score_json); `index_html`: the page, whose links to evidence come from
    `evidence_paths`; `evidence_path`: where the workspace keeps the file of a digest; `attachments`: more files for
    `data/` by name, such as the PDF report; `pack_files`: those of the pack by name, for a receiver who has not got it.
    """

    pack: Pack
    assessment: Assessment
    score: Mapping[str, object]
    index_html: Path | bytes
    evidence_path: Callable[[str], Path]
    packed_at: datetime
    generator: str
    attachments: Mapping[str, Path | bytes] = field(default_factory=dict)
    pack_files: Mapping[str, bytes] = field(default_factory=dict)


def evidence_paths(assessment: Assessment) -> dict[str, str]:
    """Where each piece of evidence lies below `data/` (with `/`), by its id; pieces linked to no clause have none.

    `n` in the name counts the pieces of the clause in the order they were added. Equal files share one path.
    """
    paths: dict[str, str] = {}
    by_digest: dict[str, str] = {}
    counts: dict[str, int] = {}
    for piece in assessment.evidence.values():
        for clause in piece.clauses:
            counts[clause] = counts.get(clause, 0) + 1
        if piece.clauses:
            first = piece.clauses[0]
            name = f"{counts[first]}-{safe_name(piece.current.file_name)}"
            path = f"evidence/{first.split('(')[0][:5]}/{first}/{name}"
            paths[piece.id] = by_digest.setdefault(piece.current.sha256, path)
    return paths


def href(path: str) -> str:
    """`path` (as of `evidence_paths`) as a link from index.html, which lies beside the folder `evidence`."""
    return quote(path, safe="/()")


def create(
    inputs: PackageInputs,
    out: Path,
    progress: Progress | None = None,
    *,
    signer: Identity | None = None,
    passphrase: str | None = None,
) -> PackageSummary:
    """Write the package `out` (a .zip; replaced whole) and verify it by reading it back; see bag_writer.write_bag."""
    labels = {
        "Source-Organization": inputs.assessment.hospital,
        "External-Description": f"{inputs.pack.name} {inputs.assessment.target} 级 实证材料包",
        "Bag-Software-Agent": inputs.generator,
    }
    return summary_of(
        *write_bag(
            NewBag(_payload(inputs), labels, inputs.packed_at),
            out, PACKAGE, progress, signer=signer, passphrase=passphrase,
        )
    )  # fmt: skip


def _payload(inputs: PackageInputs) -> list[Payload]:
    """Every file of the package once, evidence last."""
    paths = evidence_paths(inputs.assessment)
    packed_at = inputs.packed_at.isoformat(timespec="seconds")
    document = package_json(inputs.pack, inputs.assessment, paths, packed_at, inputs.generator)
    texts = {
        "index.html": inputs.index_html,
        "assessment.json": _json(document),
        "score.json": _json(inputs.score),
    }
    files = [Payload(name, text, name) for name, text in texts.items()]
    for name, content in inputs.pack_files.items():
        path = f"criteria/{safe_name(name)}"
        files.append(Payload(path, content, path))
    files += [Payload(safe_name(name), source, f"附件“{name}”") for name, source in inputs.attachments.items()]
    evidence: dict[str, Payload] = {}
    for piece in inputs.assessment.evidence.values():
        if path := paths.get(piece.id):
            sha256 = piece.current.sha256
            evidence.setdefault(path, Payload(path, inputs.evidence_path(sha256), _what(piece), sha256))
    return [*files, *evidence.values()]


def _json(document: object) -> bytes:
    """Not by way of one text: its parts are many times as large, where there are thousands of pieces."""
    content = io.BytesIO()
    with io.TextIOWrapper(content, "utf-8", "replace", newline="\n") as text:
        json.dump(document, text, ensure_ascii=False, indent=1)
        text.flush()
        return content.getvalue()


def _what(piece: Evidence) -> str:
    return f"实证材料“{piece.title or piece.current.file_name}”（{piece.clauses[0]}）"
