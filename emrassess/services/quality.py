"""Data quality computed from a hospital's extracts: what is needed, what is mapped, guesses, the run itself.

Nothing of the extracts leaves here but counts, coefficients, and keys of offending rows.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from emrassess.atomic import write_bytes
from emrassess.domain.pack import LogicalTable, Pack, QualityRule
from emrassess.domain.quality import QualityRun, RuleResult
from emrassess.domain.quality_keys import shown_key
from emrassess.errors import UserError, why_unreadable
from emrassess.quality import engine
from emrassess.quality.extracts import Extract, Extracts, read_extracts, write_extracts
from emrassess.quality.guessing import Guess, Source, TableKey, Wanted, guess, guess_columns
from emrassess.quality.rules import missing, needs, reason_of_prose
from emrassess.quality.samples import source_at, sources
from emrassess.reports.quality_sheet import ExtractFile
from emrassess.storage.evidence_files import Progress

__all__ = ["Extract", "Extracts", "Source", "TableKey", "read_extracts", "sources"]

_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class TableNeed:
    """A logical table or dictionary that rules look at. `fields`: those they look at; `keys`: further ones by which
    offending rows can be named; `rules`: how many look at it; `items`: whose rules these are.
    """

    table: LogicalTable
    dictionary: bool
    fields: tuple[str, ...]
    keys: tuple[str, ...]
    rules: int
    items: tuple[str, ...]

    @property
    def key(self) -> TableKey:
        return self.table.id, self.dictionary


@dataclass(frozen=True)
class QualityPlan:
    """What is needed to examine the rules up to a level. `prose`: rules that are words only."""

    rules: tuple[QualityRule, ...]
    prose: tuple[QualityRule, ...]
    tables: tuple[TableNeed, ...]

    @property
    def names(self) -> Mapping[TableKey, str]:
        return {need.key: need.table.name for need in self.tables}


def plan(pack: Pack, target: int) -> QualityPlan:
    """What examining all rules of levels up to `target` takes; tables in the order in which rules name them."""
    rules = tuple(rule for rule in engine.rules_of(pack) if rule.level <= target)
    fields: dict[TableKey, dict[str, None]] = {}
    users: dict[TableKey, list[QualityRule]] = {}
    for rule in rules:
        for key, wanted in needs(rule).items():
            fields.setdefault(key, {}).update(dict.fromkeys(wanted))
            users.setdefault(key, []).append(rule)
    found: list[TableNeed] = []
    for key, wanted in fields.items():
        table = (pack.dictionaries if key[1] else pack.tables)[key[0]]
        spare = () if key[1] else tuple(f for f in table.fields if f not in wanted and f.endswith(("_no", "_id")))
        items = tuple(dict.fromkeys(rule.item for rule in users[key]))
        found.append(TableNeed(table, key[1], tuple(wanted), spare, len(users[key]), items))
    found.sort(key=lambda need: need.dictionary)
    return QualityPlan(rules, tuple(rule for rule in rules if rule.kind == "prose"), tuple(found))


def not_examined(wanted: QualityPlan, mapped: Mapping[TableKey, Collection[str]]) -> dict[str, str]:
    """By rule id why it cannot be examined with the fields that are mapped; rules that can are not in it."""
    fields = {key: tuple(names) for key, names in mapped.items()}
    found: dict[str, str] = {}
    for rule in wanted.rules:
        reason = reason_of_prose(rule) if rule.kind == "prose" else missing(rule, fields, wanted.names)
        if reason:
            found[rule.id] = reason
    return found


# --- mapping


@dataclass(frozen=True)
class Guessed:
    """What is in the files, and which logical table each source seems to be."""

    sources: tuple[Source, ...]
    guesses: Mapping[TableKey, Guess]


def guess_mapping(wanted: QualityPlan, files: Iterable[Path], progress: Progress | None = None) -> Guessed:
    """Look into `files` and guess what they are; one that cannot be read is a source with a fault."""
    found = sources(files, progress)
    return Guessed(found, guess_sources(wanted, found))


def guess_sources(wanted: QualityPlan, found: Sequence[Source]) -> dict[TableKey, Guess]:
    """Which logical table each of `found` seems to be."""
    return guess(found, [Wanted(need.table, need.dictionary, (*need.fields, *need.keys)) for need in wanted.tables])


def guess_columns_of(need: TableNeed, source: Source) -> dict[str, tuple[str, float]]:
    """The likeliest column of each field of a table, with how sure that is, 0..1."""
    return guess_columns(source, Wanted(need.table, need.dictionary, (*need.fields, *need.keys)))


def opened_extracts(pack: Pack, file: Path) -> tuple[Extracts, dict[TableKey, Source]]:
    """An extracts file with what is in the files that it names; FileProblems as for `read_extracts`."""
    extracts = read_extracts(file, pack)
    mapped = {(name, False): each for name, each in extracts.tables.items()}
    mapped |= {(name, True): each for name, each in extracts.dictionaries.items()}
    return extracts, {key: source_at(extract.files, extract.encoding, extract.sheet) for key, extract in mapped.items()}


def extracts_of(
    pack: Pack,
    file: Path,
    period: tuple[date, date] | None,
    mapped: Mapping[TableKey, tuple[Source, Mapping[str, str]]],
) -> Extracts:
    """What is mapped, by table the source and the column of each field, as an extracts file at `file` says it.

    UserError where the period ends before it begins.
    """
    if period and period[0] > period[1]:
        raise UserError(f"数据时段的开始日期 {period[0]} 晚于结束日期 {period[1]}", "请改正数据时段。")
    tables: dict[bool, dict[str, Extract]] = {False: {}, True: {}}
    for (name, dictionary), (source, columns) in mapped.items():
        table = (pack.dictionaries if dictionary else pack.tables)[name]
        if columns:
            tables[dictionary][name] = Extract(table, source.files, dict(columns), source.encoding, source.sheet)
    return Extracts(file, pack.id, period, tables[False], tables[True])


def save_extracts(extracts: Extracts, file: Path) -> None:
    """Write the extracts file; StorageError where the disk does not take it."""
    write_bytes(file, write_extracts(replace(extracts, source=file)).encode())


# --- running


@dataclass(frozen=True)
class Examined:
    """A run with what it was of. `at`: ISO 8601 with offset; `files`: the extracts, as they were when read."""

    run: QualityRun
    at: str
    period: tuple[date, date] | None
    files: tuple[ExtractFile, ...]


def run_extracts(
    pack: Pack, extracts: Extracts | Path, *, items: Sequence[str] = (), progress: Progress | None = None
) -> Examined:
    """Check extracts by all rules of the pack, or those of `items` only. `progress` may raise Cancelled.

    UserError where nothing is mapped, or a file changed meanwhile; FileProblems and StorageError as the engine has it.
    """
    if isinstance(extracts, Path):
        extracts = read_extracts(extracts, pack)
    files = _files_of(extracts)
    if not files:
        raise UserError("还没有对应任何数据文件", "请先添加数据文件，说明每个文件是哪张表、每一列是什么。")
    before = {file: _stamp(file) for file in files}
    at = datetime.now().astimezone().isoformat(timespec="milliseconds")
    run = engine.run(pack, extracts, items=items, progress=progress)
    facts = tuple(digests(files, progress))
    for file in files:
        if _stamp(file) != before[file]:
            raise UserError(f"{file.name} 在检查的时候被改动了，结果不可用", "请等导出结束，再检查一次。")
    return Examined(replace(run, rules=tuple(map(_with_keys, run.rules))), at, extracts.period, facts)


def _with_keys(result: RuleResult) -> RuleResult:
    """Keys as far as they may be shown."""
    shown = (tuple((field, shown_key(value)) for field, value in sample) for sample in result.samples)
    return replace(result, samples=tuple(dict.fromkeys(shown)))


def _files_of(extracts: Extracts) -> tuple[Path, ...]:
    listed = (*extracts.tables.values(), *extracts.dictionaries.values())
    return tuple(dict.fromkeys(file for extract in listed for file in extract.files))


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError as error:
        raise UserError(f"{file.name} 读不出来：{why_unreadable(error)}", "请检查文件是否还在、能否打开。") from None
    return status.st_size, status.st_mtime_ns


def digests(files: Sequence[Path], progress: Progress | None = None) -> list[ExtractFile]:
    """What is to be kept of each extract; `progress` counts bytes. UserError where one cannot be read."""
    total, done = sum(_stamp(file)[0] for file in files), 0
    found: list[ExtractFile] = []
    for file in files:
        size, modified = _stamp(file)
        digest = hashlib.sha256()
        try:
            with file.open("rb") as content:
                while chunk := content.read(_CHUNK):
                    digest.update(chunk)
                    done += len(chunk)
                    if progress:
                        progress(done, max(total, done), f"正在核对 {file.name}")
        except OSError as error:
            raise UserError(
                f"{file.name} 读不出来：{why_unreadable(error)}", "请检查文件是否还在、能否打开。"
            ) from None
        stamp = datetime.fromtimestamp(modified // 10**9).astimezone().isoformat(timespec="seconds")
        found.append(ExtractFile(file.name, size, digest.hexdigest(), stamp))
    return found
