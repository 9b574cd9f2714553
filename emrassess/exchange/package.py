"""Writes an evidence package: a BagIt 1.0 bag (RFC 8493) in a zip with one top folder.

A file that proves several clauses is stored once, under the first clause of the first piece that uses it
(`data/evidence/<item>/<clause>/<n>-<name>`); assessment.json tells its path for every clause, and index.html links to
it from each. BagIt knows no links, and most archivers store a file twice rather than refer to it, so this is the way
that every BagIt tool and every archiver understands without doubling the bytes. Pieces linked to no clause prove
nothing and stay out.

Each byte of evidence is read once: CRC-32 and SHA-256 are made while it is copied. The finished file is read back and
verified, as a receiver would, before it takes its name.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from emrassess.atomic import replacing
from emrassess.domain.assessment import Assessment, Evidence
from emrassess.domain.pack import Pack
from emrassess.errors import StorageError, UserError, why_unreadable
from emrassess.exchange.bag import Progress
from emrassess.exchange.digests import Digest, Digesting
from emrassess.exchange.names import safe_name
from emrassess.exchange.package_format import package_json
from emrassess.exchange.verify import PackageSummary, verify

# Only what packs well is packed, at the fastest setting (four times faster than the usual one, a tenth larger). Above
# this size it is stored: memory stays bounded, a large extract does not hold up the package, and no entry of ours can
# look like a bomb.
_PACKED = (".html", ".htm", ".json", ".txt", ".csv", ".tsv", ".xml", ".md", ".svg", ".log", ".sql", ".yaml", ".bmp")
_PACK_MOST = 8 << 20
_LEVEL = 1


@dataclass(frozen=True)
class PackageInputs:
    """What goes into a package.

    `score`: the score document (score_file.score_json); `index_html`: the page, whose links to evidence come from
    `evidence_paths`; `evidence_path`: where the workspace keeps the file of a digest; `attachments`: more files for
    `data/` by name, such as the PDF report.
    """

    pack: Pack
    assessment: Assessment
    score: Mapping[str, object]
    index_html: str
    evidence_path: Callable[[str], Path]
    packed_at: datetime
    generator: str
    attachments: Mapping[str, Path | bytes] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class _Payload:
    """A file to be packed: `path` below `data/`; `what` names it where it cannot be read; `sha256` if known before."""

    path: str
    source: Path | bytes
    size: int
    what: str
    sha256: str = ""

    @property
    def packed(self) -> bool:
        return self.size <= _PACK_MOST and PurePosixPath(self.path).suffix.lower() in _PACKED


def create(inputs: PackageInputs, out: Path, progress: Progress | None = None) -> PackageSummary:
    """Write the package `out` (a .zip; replaced whole) and verify it by reading it back.

    `progress(done, total, what)` counts bytes, written and read back; it may raise `Cancelled`. After any error
    nothing stays behind, and what was at `out` before is still there. UserError where a piece of evidence is missing
    or damaged, StorageError where the disk does not take the file or it reads back differently.
    """
    payload = _payload(inputs)
    total = sum(file.size for file in payload)
    _check_space(out, sum(file.size for file in payload if not file.packed))
    report = progress or _silent
    found: list[PackageSummary] = []

    def read_back(written: Path) -> None:
        result = verify(
            written, progress=lambda done, of, _: report(total + done * total // of, 2 * total, "正在回读校验")
        )
        if not result.ok or result.summary is None:
            listed = "；".join(map(str, result.problems[:5]))
            raise StorageError(f"写出的材料包没有通过回读校验，已删除：{listed}", "请重试；再次出现时请换一个磁盘。")
        found.append(result.summary)

    with replacing(out, read_back) as file:
        writer = _Writer(file, safe_name(out.stem, 60), inputs)
        writer.write(payload, lambda done: report(done, 2 * total, "正在写入材料包"))
    return found[0]


def _silent(done: int, total: int, what: str) -> None:
    """Nobody watches."""


def _payload(inputs: PackageInputs) -> list[_Payload]:
    """Every file of the package once, evidence last. UserError where one is not there."""
    paths = evidence_paths(inputs.assessment)
    packed_at = inputs.packed_at.isoformat(timespec="seconds")
    document = package_json(inputs.pack, inputs.assessment, paths, packed_at, inputs.generator)
    texts = {
        "index.html": inputs.index_html,
        "assessment.json": _json(document),
        "score.json": _json(inputs.score),
    }
    found: dict[str, _Payload] = {}
    for name, text in texts.items():
        content = text.encode("utf-8", "replace")
        found[name] = _Payload(name, content, len(content), name)
    for name, source in inputs.attachments.items():
        path = safe_name(name)
        if path.casefold() in found:
            raise ValueError(f"two files named {path}")
        found[path.casefold()] = _Payload(path, source, _size(source, f"附件“{name}”"), f"附件“{name}”")
    for piece in inputs.assessment.evidence.values():
        path = paths.get(piece.id)
        if path is not None and path not in found:
            source, what = inputs.evidence_path(piece.current.sha256), _what(piece)
            found[path] = _Payload(path, source, _size(source, what), what, piece.current.sha256)
    return list(found.values())


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def _what(piece: Evidence) -> str:
    return f"实证材料“{piece.title or piece.current.file_name}”（{piece.clauses[0]}）"


def _size(source: Path | bytes, what: str) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return source.stat().st_size
    except OSError as error:
        raise _unreadable(what, error) from error


def _unreadable(what: str, error: OSError) -> UserError:
    return UserError(f"{what}的文件读不出来：{why_unreadable(error)}", "请检查工作区所在的磁盘，或重新添加这份文件。")


def _check_space(out: Path, needed: int) -> None:
    """A full disk is better said at once than after minutes; where it cannot be asked, writing will tell."""
    try:
        free = shutil.disk_usage(out.parent).free
    except OSError:
        return
    if free < needed:
        message = f"{out.parent} 空间不足：需要 {needed / 1e6:.0f} MB，剩余 {free / 1e6:.0f} MB。"
        raise StorageError(message, "请清理空间，或换一个位置再保存。")


class _Writer:
    """Streams the files into the zip, makes their digests on the way, and writes the tag files from those."""

    def __init__(self, file: BinaryIO, top: str, inputs: PackageInputs) -> None:
        self._file = file
        self._top = top
        self._inputs = inputs
        self._time = inputs.packed_at.timetuple()[:6]

    def write(self, payload: list[_Payload], done: Callable[[int], None]) -> None:
        digests: list[tuple[_Payload, Future[dict[str, str]]]] = []
        so_far = 0
        with Digesting() as digesting, zipfile.ZipFile(self._file, "w") as archive:
            for file in payload:
                digest = digesting.start()

                def take(piece: bytes | memoryview, digest: Digest = digest) -> None:
                    nonlocal so_far
                    digest.update(piece)
                    so_far += len(piece)
                    done(so_far)

                self._copy(archive, file, digesting, take)
                digests.append((file, digest.finish()))
            manifest = {f"data/{file.path}": self._checked(file, found) for file, found in digests}
            tags = {
                "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
                "bag-info.txt": self._info(so_far, len(payload)),
                "manifest-sha256.txt": _lines(manifest),
            }
            tag_digests = {name: _sha256(digesting, text) for name, text in tags.items()}
            tags["tagmanifest-sha256.txt"] = _lines({name: d.result()["sha256"] for name, d in tag_digests.items()})
            for name, text in tags.items():
                archive.writestr(self._entry(name), text.encode())

    def _entry(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(f"{self._top}/{path}", self._time)
        info.external_attr = 0o100644 << 16
        info.create_system = 3  # Unix, so that the mode above is understood, and the same file is made everywhere
        return info

    def _copy(
        self,
        archive: zipfile.ZipFile,
        file: _Payload,
        digesting: Digesting,
        take: Callable[[bytes | memoryview], None],
    ) -> None:
        """Write one file, and give its pieces on to `take`."""
        info = self._entry(f"data/{file.path}")
        if file.packed or isinstance(file.source, bytes):
            content = file.source if isinstance(file.source, bytes) else _read_whole(file)
            method = zipfile.ZIP_DEFLATED if file.packed else zipfile.ZIP_STORED
            archive.writestr(info, content, method, _LEVEL)
            take(content)
            return
        info.file_size = file.size  # for the zip to choose 64-bit sizes only where they are needed
        with archive.open(info, "w") as entry:
            for piece in _pieces(file, digesting):
                entry.write(piece)
                take(piece)

    def _checked(self, file: _Payload, found: Future[dict[str, str]]) -> str:
        sha256 = found.result()["sha256"]
        if file.sha256 and sha256 != file.sha256:
            raise UserError(
                f"{file.what}的文件已损坏：内容和登记的校验值不符。", "请用“替换”重新添加这份材料，再导出材料包。"
            )
        return sha256

    def _info(self, size: int, count: int) -> str:
        inputs = self._inputs
        labels = {
            "Source-Organization": inputs.assessment.hospital,
            "External-Description": f"{inputs.pack.name} {inputs.assessment.target} 级 实证材料包",
            "Bag-Software-Agent": inputs.generator,
            "Bagging-Date": inputs.packed_at.date().isoformat(),
            "Payload-Oxum": f"{size}.{count}",
        }
        return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in labels.items())


def _pieces(file: _Payload, digesting: Digesting) -> Iterator[memoryview]:
    assert isinstance(file.source, Path)
    try:
        with file.source.open("rb", buffering=0) as source:
            while True:
                view = digesting.buffer()
                got = source.readinto(view)
                if not got:
                    return
                yield view[:got]
    except OSError as error:
        raise _unreadable(file.what, error) from error


def _read_whole(file: _Payload) -> bytes:
    assert isinstance(file.source, Path)
    try:
        return file.source.read_bytes()
    except OSError as error:
        raise _unreadable(file.what, error) from error


def _sha256(digesting: Digesting, text: str) -> "Future[dict[str, str]]":
    digest = digesting.start()
    digest.update(text.encode())
    return digest.finish()


def _lines(digests: Mapping[str, str]) -> str:
    """A manifest: digest, two spaces, path. `safe_name` leaves nothing in a path that would have to be escaped."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
