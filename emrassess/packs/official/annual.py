"""Annex 4 changes every year: what a new one changes in a pack, and the pack's files of a new edition.

Told apart are the cells (level row and dimension) by the fingerprints of their official text. A cell that says the same
keeps its rules. The rules of one that says something else, or is new, nobody has written yet: it gets one `prose` rule,
so that the dimension is asked for but not computed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from emrassess.domain.pack import Dimension, Pack
from emrassess.errors import UserError
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.document import OfficialDocument
from emrassess.packs.official.normalising import DIMENSION_NAMES
from emrassess.packs.official.quality import fingerprint
from emrassess.typed_yaml import dump_yaml, parse_marked

FORMAT = "emrassess-fingerprints/1"
FINGERPRINTS_FILE = "fingerprints.yaml"
YEARS = range(2000, 2100)
SHOWN = 80

_NAMES = {dimension: name for name, dimension in DIMENSION_NAMES.items()}
_Key = tuple[str, Dimension]


class ChangeKind(StrEnum):
    """What became of a cell. UNKNOWN_ROW: the pack has no such level row, so the cell cannot be taken over."""

    SAME = "same"
    REWORDED = "reworded"
    NEW = "new"
    GONE = "gone"
    UNKNOWN_ROW = "unknown_row"


KIND_NAMES = {
    ChangeKind.SAME: "未变",
    ChangeKind.REWORDED: "改动",
    ChangeKind.NEW: "新增",
    ChangeKind.GONE: "取消",
    ChangeKind.UNKNOWN_ROW: "没有这一行",
}


@dataclass(frozen=True, slots=True)
class QualityChange:
    """A cell of annex 4. `text`: its new official wording, "" where it is gone; `before`: the earlier, "" if not known.

    Both are official wording, to be shown and not to be kept in a pack.
    """

    kind: ChangeKind
    row: str
    dimension: Dimension
    text: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class AnnualDifferences:
    """A new annex 4 against a pack.

    `year`: of the document, None where it does not say; `edition_before`: of the pack, likewise. `changes` holds every
    cell in the pack's order, those of unknown rows last. `gaining` and `losing`: items that get their first quality
    cells, or lose their last. `problems`: what of annex 4 could not be read, and what of the earlier document could not
    be used, in Chinese.
    """

    year: int | None
    edition_before: int | None
    changes: tuple[QualityChange, ...]
    gaining: tuple[str, ...]
    losing: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        """How many cells there are of every kind."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in ChangeKind}

    @property
    def changed(self) -> bool:
        """Whether a new edition would ask for anything else than the present one."""
        kinds = (ChangeKind.REWORDED, ChangeKind.NEW, ChangeKind.GONE)
        return any(change.kind in kinds for change in self.changes)


def annual_differences(
    document: OfficialDocument, pack: Pack, earlier: OfficialDocument | None = None
) -> AnnualDifferences:
    """Annex 4 of `document` against the cells of `pack`.

    `earlier`: the document that the pack's rules were made from; it gives the wording before, and stands in for
    fingerprints that the pack lacks. UserError where the document has no annex 4, or where the pack has no cells or
    nothing to compare them by.
    """
    if Annex.QUALITY not in document.annexes:
        raise UserError(
            "文件里没有找到附表4（数据质量评估项目表）",
            "请选择带有这张表的文件，表头应有“项目代码”和“数据质量考察项目”。",
        )
    ours = {(row.code, dimension) for item in pack.items for row in item.rows for dimension in row.dimensions}
    if not ours:
        raise UserError(f"标准包“{pack.name}”没有数据质量检查项，不能按附表4更新", "请选择有数据质量检查项的标准包。")
    before = earlier.quality_texts if earlier else {}
    known = {_name(cell): fingerprint(text) for cell, text in before.items()} | dict(pack.quality_fingerprints)
    if not known:
        raise UserError(
            f"标准包“{pack.name}”里没有附表4各格的指纹（{FINGERPRINTS_FILE}），分不清哪些格有改动",
            "请同时给出编写这个标准包时所依据的官方文件作对照。",
        )
    given = len(before)
    before = {cell: text for cell, text in before.items() if fingerprint(text) == known[_name(cell)]}
    changes = tuple(_changes(document, pack, ours, known, before))
    gaining, losing = _items(pack, ours, changes)
    problems = [problem for problem in document.problems if problem.startswith("附表4")]
    if earlier and not given:
        problems.append("对照的文件里没有附表4，不能显示原来的文字")
    elif others := given - len(before):
        problems.append(
            f"对照的文件有 {others} 格与编写标准包时所依据的不同，这些格不显示原来的文字，请检查是否选错了文件"
        )
    return AnnualDifferences(
        document.edition.quality_year, pack.quality_edition, changes, gaining, losing, tuple(problems)
    )


def edition_files(
    differences: AnnualDifferences, pack: Pack, files: Mapping[str, bytes], year: int | None = None
) -> dict[str, bytes]:
    """The files of the pack's new edition, by name; `files` are those of `pack` itself and stay as they are.

    `year` is needed where the document does not say it. Comments in the files that change are lost. UserError where no
    year is known, or where nothing but an older or the same year is new.
    """
    year = _year(differences, year)
    head, quality = _plain(files, "pack.yaml"), _plain(files, "quality.yaml")
    fingerprints = {
        "format": FORMAT,
        "edition": year,
        "quality": {_name((c.row, c.dimension)): fingerprint(c.text) for c in differences.changes if _stays(c)},
    }
    changed = {
        "pack.yaml": head | {"version": f"{pack.version.partition('+')[0]}+{year}"},
        "quality.yaml": quality | {"checks": _checks(differences, quality["checks"], year)},
        FINGERPRINTS_FILE: fingerprints,
        **_roles_with_quality(files, differences.gaining),
    }
    return {**files, **{name: dump_yaml(content).encode() for name, content in changed.items()}}


def difference_lines(differences: AnnualDifferences) -> tuple[str, ...]:
    """What a person has to know before taking over the new table, one line each, wording shortened."""
    return tuple(_lines(differences))


def _name(cell: _Key) -> str:
    """ "01.01.3/consistency": a cell as fingerprints.yaml names it."""
    return f"{cell[0]}/{cell[1].value}"


def _changes(
    document: OfficialDocument, pack: Pack, ours: set[_Key], known: Mapping[str, str], before: Mapping[_Key, str]
) -> Iterator[QualityChange]:
    texts = document.quality_texts
    rows = {row.code: dict.fromkeys((*row.dimensions, *Dimension)) for item in pack.items for row in item.rows}
    for cell in ((row, dimension) for row, dimensions in rows.items() for dimension in dimensions):
        if cell in texts:
            same = known.get(_name(cell)) == fingerprint(texts[cell])
            kind = ChangeKind.SAME if same else ChangeKind.REWORDED
            yield QualityChange(kind if cell in ours else ChangeKind.NEW, *cell, texts[cell], before.get(cell, ""))
        elif cell in ours:
            yield QualityChange(ChangeKind.GONE, *cell, before=before.get(cell, ""))
    for cell, text in texts.items():
        if cell[0] not in rows:
            yield QualityChange(ChangeKind.UNKNOWN_ROW, *cell, text)


def _items(pack: Pack, ours: set[_Key], changes: tuple[QualityChange, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Items that get their first cells, and items that lose their last."""
    had = {row[:5] for row, _ in ours}
    has = {change.row[:5] for change in changes if _stays(change)}
    codes = [item.code for item in pack.items]
    return tuple(c for c in codes if c in has - had), tuple(c for c in codes if c in had - has)


def _stays(change: QualityChange) -> bool:
    """Whether the new edition has the cell."""
    return change.kind in (ChangeKind.SAME, ChangeKind.REWORDED, ChangeKind.NEW)


def _year(differences: AnnualDifferences, year: int | None) -> int:
    found = differences.year if year is None else year
    if found is None:
        raise UserError("文件里没有写明附表4是哪一年的", "请给出年份，例如 2026。")
    if found not in YEARS:
        raise UserError(f"附表4的年份“{found}”不对", "请给出四位数的年份，例如 2026。")
    before = differences.edition_before
    if before is not None and found <= before and not differences.changed:
        raise UserError(
            f"文件里的附表4（{found} 版）与现用的 {before} 版内容相同，不用更新",
            "请检查是否选错了文件。内容有改动时，同一年的表也可以更新。",
        )
    return found


def _plain(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    data: Any = parse_marked(files[name].decode("utf-8-sig"), name).data
    return data


def _roles_with_quality(files: Mapping[str, bytes], gaining: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The role files in which an item of `gaining` had `quality: false`, now `true`."""
    found: dict[str, dict[str, Any]] = {}
    for name in files if gaining else ():
        if name.startswith("role-"):
            role = _plain(files, name)
            items = [item for item in role["items"] if item["code"] in gaining and not item["quality"]]
            for item in items:
                item["quality"] = True
            if items:
                found[name] = role
    return found


def _checks(
    differences: AnnualDifferences, checks: Mapping[str, Mapping[str, Any]], year: int
) -> dict[str, dict[str, Any]]:
    """The new `checks` of quality.yaml, in the order of the pack."""
    reasons = {ChangeKind.REWORDED: f"{year} 版有改动，规则尚未写成", ChangeKind.NEW: f"{year} 版新增，规则尚未写成"}
    found: dict[str, dict[str, Any]] = {}
    for change in differences.changes:
        name = change.dimension.value
        if change.kind is ChangeKind.SAME:
            found.setdefault(change.row, {})[name] = checks[change.row][name]
        elif change.kind in reasons:
            found.setdefault(change.row, {})[name] = [{"kind": "prose", "reason": reasons[change.kind]}]
    return found


def _lines(differences: AnnualDifferences) -> Iterator[str]:
    before = f"{differences.edition_before} 版" if differences.edition_before else "现用的"
    yield f"附表4：{before} → {f'{differences.year} 版' if differences.year else '新的（文件里没有写明年份）'}"
    counts = differences.counts
    shown = [f"{name} {counts[kind]} 格" for kind, name in KIND_NAMES.items() if kind is not ChangeKind.UNKNOWN_ROW]
    yield "，".join(shown)
    if counts[ChangeKind.GONE] > counts[ChangeKind.SAME] + counts[ChangeKind.REWORDED]:
        yield "取消的格超过一半：文件里的附表4可能不完整，请先核对"
    for change in differences.changes:
        if change.kind is not ChangeKind.SAME:
            yield _line(change)
    for code in differences.gaining:
        yield f"{code} 原来没有数据质量要求，新表里有了：数据质量指数不再固定为 1.00"
    for code in differences.losing:
        yield f"{code} 的数据质量要求全部取消：仍列为要评数据质量的项目，指数按 1.00 计"
    yield from (f"存疑：{problem}" for problem in differences.problems)


def _line(change: QualityChange) -> str:
    place = f"{change.row} {_NAMES.get(change.dimension, change.dimension.value)}"
    old = f"（原为：{_short(change.before)}）" if change.before else ""
    match change.kind:
        case ChangeKind.UNKNOWN_ROW:
            return f"没有取用 {place}：标准包里没有 {change.row} 这一行"
        case ChangeKind.GONE:
            return f"取消 {place}{old}"
        case _:
            return f"{KIND_NAMES[change.kind]} {place}：{_short(change.text)}{old}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[:SHOWN] + "…"
