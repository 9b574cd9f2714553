"""BagIt bags (RFC 8493, and 0.93 to 0.97 before it): is everything there, and is it what was announced?"""

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from emrassess.exchange.digests import ALGORITHMS, Digesting, few_behind
from emrassess.exchange.names import path_fault
from emrassess.exchange.tree import Fault, Refused, Tree, read_small

Progress = Callable[[int, int, str], None]

MAX_TAG_FILE = 32 << 20
_VERSION = re.compile(r"BagIt-Version:[ \t]*(\d+)\.(\d+)[ \t]*")
_ENCODING = re.compile(r"Tag-File-Character-Encoding:[ \t]*([A-Za-z0-9_-]+)[ \t]*")
_ENCODINGS = {"UTF-8": "utf-8", "US-ASCII": "ascii", "ISO-8859-1": "latin-1", "UTF-16": "utf-16", "GB18030": "gb18030"}
_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_LENGTH = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}


@dataclass
class Bag:
    """What the tag files announce: digests by path and algorithm, the labels of bag-info.txt, and their own faults."""

    version: tuple[int, int] = (1, 0)
    encoding: str = "utf-8"
    payload: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    info: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def expected(self, path: str) -> Mapping[str, str]:
        """The digests announced for `path`, by algorithm; empty where it is not listed."""
        return (self.payload if path.startswith("data/") else self.tags).get(path, {})


def read_bag(tree: Tree) -> Bag:
    """The tag files of `tree`. Refused where it is no bag at all; smaller faults are collected in the result."""
    bag = Bag()
    if "bagit.txt" not in tree.files:
        raise Refused([Fault("bagit.txt", "缺少这个文件：不是 BagIt 包")], "请选择实证材料包，或解压后的整个文件夹。")
    _read_declaration(bag, read_small(tree, "bagit.txt", MAX_TAG_FILE))
    if "fetch.txt" in tree.files:
        bag.faults.append(Fault("fetch.txt", "要求从网络下载内容；实证材料包必须自带全部内容"))
    algorithms: list[str] = []
    for path in tree.files:
        if found := _MANIFEST.fullmatch(path):
            is_tag, algorithm = bool(found[1]), found[2]
            if algorithm not in ALGORITHMS:
                bag.faults.append(Fault(path, f"不支持的校验算法“{algorithm}”"))
                continue
            if not is_tag:
                algorithms.append(algorithm)
            _read_manifest(bag, tree, path, algorithm, is_tag)
    if not algorithms:
        bag.faults.append(Fault("", "没有可用的清单（manifest-sha256.txt 等）"))
    _check_complete(bag, tree, algorithms)
    if "bag-info.txt" in tree.files:
        bag.info = _read_info(bag, _text(bag, tree, "bag-info.txt"))
        _check_sum(bag, tree)
    return bag


def _read_declaration(bag: Bag, content: bytes) -> None:
    lines = content.decode("utf-8", "replace").splitlines()
    version = _VERSION.fullmatch(lines[0]) if lines else None
    encoding = _ENCODING.fullmatch(lines[1]) if len(lines) > 1 else None
    if not version or not encoding or any(line.strip() for line in lines[2:]):
        raise Refused([Fault("bagit.txt", "内容不对：应当是 BagIt-Version 和 Tag-File-Character-Encoding 两行")])
    bag.version = int(version[1]), int(version[2])
    if not (0, 93) <= bag.version <= (1, 0):
        raise Refused([Fault("bagit.txt", f"BagIt {version[1]}.{version[2]} 版，本程序只认识 0.93 到 1.0 版")])
    if encoding[1].upper() not in _ENCODINGS:
        raise Refused([Fault("bagit.txt", f"不支持的编码“{encoding[1]}”")])
    bag.encoding = _ENCODINGS[encoding[1].upper()]


def _text(bag: Bag, tree: Tree, path: str) -> str:
    try:
        return read_small(tree, path, MAX_TAG_FILE).decode(bag.encoding)
    except UnicodeDecodeError:
        raise Refused([Fault(path, f"不是 bagit.txt 所说的编码（{bag.encoding}）")]) from None


def _read_manifest(bag: Bag, tree: Tree, manifest: str, algorithm: str, is_tag: bool) -> None:
    listed = bag.tags if is_tag else bag.payload
    for number, line in enumerate(re.split(r"\r\n|\r|\n", _text(bag, tree, manifest)), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if not found or len(found[1]) != _LENGTH[algorithm]:
            bag.faults.append(Fault(manifest, f"第 {number} 行不是“校验值 路径”"))
            continue
        path = _listed_path(bag, tree, found[2].removeprefix("./"))
        if fault := path_fault(path):
            bag.faults.append(Fault(path, f"{fault}（{manifest} 第 {number} 行）"))
        elif path.startswith("data/") == is_tag:
            bag.faults.append(Fault(path, f"不该列在 {manifest} 里"))
        elif listed.setdefault(path, {}).setdefault(algorithm, found[1].lower()) != found[1].lower():
            bag.faults.append(Fault(path, f"在 {manifest} 里列了两次，校验值不同"))


def _listed_path(bag: Bag, tree: Tree, written: str) -> str:
    """The path that a manifest line names. Since 1.0 `%` and line ends are escaped, but not by every tool."""
    path = re.sub("%(0[AaDd]|25)", lambda m: chr(int(m[1], 16)), written) if bag.version >= (1, 0) else written
    return written if path not in tree.files and written in tree.files else path


def _check_complete(bag: Bag, tree: Tree, algorithms: list[str]) -> None:
    """Nothing listed is missing, nothing in the payload unlisted; since 1.0 every manifest lists all of it."""
    for path in (*bag.payload, *bag.tags):
        if path not in tree.files:
            bag.faults.append(Fault(path, "清单里有，包里没有：缺少文件"))
    for path in tree.files:
        if not path.startswith("data/"):
            continue
        listed = bag.payload.get(path, {})
        if not listed:
            bag.faults.append(Fault(path, "包里有，清单里没有：多出的文件"))
        elif bag.version >= (1, 0) and (lacking := [a for a in algorithms if a not in listed]):
            bag.faults.append(Fault(path, f"没有列在 manifest-{lacking[0]}.txt 里"))


def _read_info(bag: Bag, text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        label, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif colon:
            found.append((label.strip(), value.strip()))
        elif line.strip():
            bag.faults.append(Fault("bag-info.txt", f"“{line[:40]}”不是“标签: 内容”"))
    return found


def _check_sum(bag: Bag, tree: Tree) -> None:
    sizes = [size for path, size in tree.files.items() if path.startswith("data/")]
    for label, value in bag.info:
        if label.lower() == "payload-oxum" and value != f"{sum(sizes)}.{len(sizes)}":
            message = f"Payload-Oxum 写着 {value}，实际是 {sum(sizes)}.{len(sizes)}（字节数.文件数）"
            bag.faults.append(Fault("bag-info.txt", message))


def check_contents(tree: Tree, bag: Bag, progress: Progress | None = None, copy_to: Path | None = None) -> list[Fault]:
    """Read every file once and hold it against the digests announced; the faults found, in the order of the files.

    `progress(done, total, what)` counts bytes; it may raise to stop. `copy_to`: an empty folder that the files are
    copied to as they are read; whoever asks for that must throw it away where faults were found.
    """
    with Digesting() as digesting:

        def read(path: str, done: Callable[[int], None]) -> Future[dict[str, str]] | Fault:
            digest = digesting.start(bag.expected(path))
            try:
                with _copy(copy_to, path) as copy:
                    for piece in tree.chunks(path, digesting):
                        digest.update(piece)
                        copy.write(piece)
                        done(len(piece))
            except Refused as error:
                return error.faults[0]
            return digest.finish()

        results = few_behind((path, read(path, done)) for path, done in _counted(tree, progress))
        return [fault for path, result in results if (fault := _content_fault(bag, path, result))]


def _copy(folder: Path | None, path: str) -> AbstractContextManager["_Sink"]:
    if folder is None:
        return nullcontext(_Nowhere())
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    return (folder / path).open("xb")  # buffered: without, a full disk takes less than it is given and raises nothing


class _Sink(Protocol):
    def write(self, data: bytes | memoryview, /) -> object: ...


class _Nowhere:
    def write(self, data: bytes | memoryview, /) -> object:
        """Taken and dropped: verifying leaves nothing on the disk."""


def _counted(tree: Tree, progress: Progress | None) -> Iterator[tuple[str, Callable[[int], None]]]:
    total = sum(tree.files.values())
    so_far = 0

    def done(count: int) -> None:
        nonlocal so_far
        so_far += count
        if progress:
            progress(so_far, total, "正在校验")

    for path in tree.files:
        yield path, done


def _content_fault(bag: Bag, path: str, result: Future[dict[str, str]] | Fault) -> Fault | None:
    if isinstance(result, Fault):
        return result
    actual = result.result()
    for algorithm, announced in bag.expected(path).items():
        if actual[algorithm] != announced:
            return Fault(path, f"内容和清单不符（{algorithm} 校验值不同）：文件被改动或损坏")
    return None
