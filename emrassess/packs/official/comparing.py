"""The official document against a pack: what differs, and which categories are in doubt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emrassess.domain.pack import LEVELS, Category, Item, Pack, Requirement
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.document import CategoryReading, CategorySource, OfficialDocument
from emrassess.packs.official.normalising import key

_NAMES = {Category.BASIC: "基本项", Category.OPTIONAL: "选择项"}
_PLACES = {Annex.ITEMS: "附表1", Annex.REQUIREMENTS: "附表2", Annex.CRITERIA: "附表3", Annex.QUALITY: "附表4"}
_WHY = {
    CategorySource.STATED: "本格写明",
    CategorySource.MERGED: "本格是合并单元格的后续部分，类别取自合并的内容",
    CategorySource.BLANK: "本格空白，按选择项计",
    CategorySource.AFTER_BREAK: "本格空白，但表格恰好在这一行之前断开，可能丢了合并，暂按选择项计",
    CategorySource.UNUSUAL: "本格写的不是“基本”或“选择”",
    CategorySource.UNREADABLE: "本格无法识别，没有给出类别",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which document and pack differ.

    `kind`: missing_annex, missing_item, extra_item, missing_row, extra_row, clause_count, item_name, role_name,
    requirement, category. `place`: an item, a level row, a level ("4") or an annex. `message`: Chinese.
    """

    kind: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that a person has to look at in the document.

    `kind`: count (the basic items of `level` do not agree with annex 2), category (a row whose category did not come
    from its own plain word, or, where no such row would mend the count, one that the pack does not bear out; `likely`
    where it would mend the count), reading (what could not be read; `level` is 0
    where it is not about one). `row` is "" where no row is meant.
    """

    kind: str
    level: int
    row: str
    message: str
    likely: bool = False


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many basic items the document has at a level: required by annex 2, found, and rows without a category."""

    level: int
    required: int
    found: int
    unreadable: int

    @property
    def agrees(self) -> bool:
        return self.required == self.found and not self.unreadable


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a user sees before agreeing to take anything over."""

    differences: tuple[Difference, ...]
    doubts: tuple[Doubt, ...]
    counts: tuple[LevelCount, ...]


def compare(document: OfficialDocument, pack: Pack) -> Comparison:
    """`document` against `pack`. Annex 4 changes every year and is compared apart (`annual_differences`).

    Annexes that the document does not have are not held against it, but for annex 3.
    """
    differences: list[Difference] = []
    if Annex.CRITERIA in document.annexes:
        differences += _rows(document, pack)
    else:
        differences.append(Difference("missing_annex", "附表3", "文件里没有附表3（评分标准），没有官方原文和类别可取"))
    differences += _names(document, pack)
    if document.requirements:
        differences += _requirements(document, pack)
    differences += _known_categories(document, pack)
    counts = tuple(_counts(document, pack)) if Annex.CRITERIA in document.annexes else ()
    return Comparison(tuple(differences), tuple(_doubts(document, pack, counts)), counts)


def as_json(document: OfficialDocument, comparison: Comparison) -> dict[str, Any]:
    """The result of `criteria import-official --json`; levels are keys, so texts."""
    return {
        "clauses": len(document.wording),
        "categories": {
            item: {str(level): category.value for level, category in sorted(levels.items())}
            for item, levels in document.categories.items()
        },
        "requirements": [
            {
                "level": r.level,
                "name": r.name,
                "basic_items": r.basic_items,
                "optional_required": r.optional_required,
                "optional_total": r.optional_total,
                "minimum_score": r.minimum_score,
            }
            for r in document.requirements
        ],
        "differences": [{"kind": d.kind, "place": d.place, "message": d.message} for d in comparison.differences],
        "doubts": [
            {"kind": d.kind, "level": d.level, "row": d.row, "likely": d.likely, "message": d.message}
            for d in comparison.doubts
        ],
    }


def _rows(document: OfficialDocument, pack: Pack) -> Iterator[Difference]:
    ours = {row.code: len(row.clauses) for item in pack.items for row in item.rows}
    theirs = document.clause_counts
    their_items = {code[:5] for code in theirs}
    for item in pack.items:
        if item.code not in their_items:
            yield Difference("missing_item", item.code, f"文件里没有 {item.code} {item.name}")
            continue
        yield from (_row_difference(item, row.level, ours, theirs.get(row.code)) for row in item.rows
                    if theirs.get(row.code) != ours[row.code])  # fmt: skip
    for code in sorted(their_items - set(pack.item_by_code)):
        name = next((i.name for i in document.items if i.code == code), "")
        yield Difference("extra_item", code, f"文件里多出项目 {code} {name}，标准包里没有")
    for code in theirs:
        if code not in ours and code[:5] in pack.item_by_code:
            yield Difference("extra_row", code, f"文件里多出 {code}，标准包里没有")


def _row_difference(item: Item, level: int, ours: dict[str, int], theirs: int | None) -> Difference:
    code = f"{item.code}.{level}"
    if theirs is None:
        return Difference("missing_row", code, f"文件里没有 {code}（{item.name} {level} 级）")
    return Difference("clause_count", code, f"{code} 在文件里有 {theirs} 条，在标准包里有 {ours[code]} 条")


def _names(document: OfficialDocument, pack: Pack) -> Iterator[Difference]:
    """Other names of items and roles. Annex 4 only repeats names, not always well: it counts where no other has one."""
    defined = {found.code for found in document.items if found.annex is not Annex.QUALITY}
    for found in document.items:
        item = pack.item_by_code.get(found.code)
        if item is None or (found.annex is Annex.QUALITY and found.code in defined):
            continue
        if key(found.name) != key(item.name):
            yield Difference(
                "item_name",
                item.code,
                f"{item.code} 在{_PLACES[found.annex]}里叫“{found.name}”，在标准包里叫“{item.name}”",
            )
        role = pack.role_by_code[item.role].name
        if found.role and key(found.role) != key(role):
            yield Difference(
                "role_name",
                item.code,
                f"{item.code} 在{_PLACES[found.annex]}里属于“{found.role}”，在标准包里属于“{role}”",
            )


def _requirements(document: OfficialDocument, pack: Pack) -> Iterator[Difference]:
    theirs = {r.level: r for r in document.requirements}
    for ours in pack.requirements:
        found = theirs.pop(ours.level, None)
        if found is None:
            yield Difference("requirement", str(ours.level), f"附表2 里没有读到 {ours.level} 级的要求")
        elif _figures(found) != _figures(ours):
            message = f"附表2 {ours.level} 级：文件是{_figures_text(found)}；标准包是{_figures_text(ours)}"
            yield Difference("requirement", str(ours.level), message)
        elif found.name and key(found.name) != key(ours.name):
            message = f"附表2 {ours.level} 级的名称在文件里是“{found.name}”，在标准包里是“{ours.name}”"
            yield Difference("requirement", str(ours.level), message)
    for level in theirs:
        yield Difference("requirement", str(level), f"附表2 多出 {level} 级，标准包里没有")


def _figures(r: Requirement) -> tuple[int, int, int, int]:
    return r.basic_items, r.optional_required, r.optional_total, r.minimum_score


def _figures_text(r: Requirement) -> str:
    return f"基本 {r.basic_items}、选择 {r.optional_required}/{r.optional_total}、最低 {r.minimum_score} 分"


def _known_categories(document: OfficialDocument, pack: Pack) -> Iterator[Difference]:
    for item in pack.items:
        for row in item.rows:
            reading = document.readings.get(row.code)
            if reading is None or reading.category is None or row.category in (None, Category.UNVERIFIED):
                continue
            if reading.category is not row.category:
                message = f"{row.code} 在文件里是{_NAMES[reading.category]}，在标准包里是{_NAMES[row.category]}"
                yield Difference("category", row.code, message)


def _counts(document: OfficialDocument, pack: Pack) -> Iterator[LevelCount]:
    """The basic items of each level, held against the document's own annex 2, or the pack's where it has none."""
    required = {r.level: r.basic_items for r in document.requirements or pack.requirements}
    for level in LEVELS:
        categories = [r.category for code, r in document.readings.items() if int(code[-1]) == level]
        if level in required:
            unreadable = sum(c is None for c in categories)
            yield LevelCount(level, required[level], categories.count(Category.BASIC), unreadable)


def _doubts(document: OfficialDocument, pack: Pack, counts: tuple[LevelCount, ...]) -> Iterator[Doubt]:
    agreed = {count.level for count in counts if count.agrees}
    for count in counts:
        if not count.agrees:
            yield from _level_doubts(document, pack, count)
    for code, reading in document.readings.items():
        if int(code[-1]) in agreed and reading.source is CategorySource.UNUSUAL:
            yield Doubt("category", int(code[-1]), code, _row_message(code, reading))
    for problem in document.problems:
        yield Doubt("reading", 0, "", problem)


def _level_doubts(document: OfficialDocument, pack: Pack, count: LevelCount) -> Iterator[Doubt]:
    """The level itself, then its rows in doubt, those first that would mend the count."""
    message = f"{count.level} 级：附表2 要求 {count.required} 个基本项，附表3 读到 {count.found} 个"
    if count.unreadable:
        message += f"，另有 {count.unreadable} 格无法识别"
    yield Doubt("count", count.level, "", message)
    wrong = Category.BASIC if count.found > count.required else Category.OPTIONAL
    level = {code: reading for code, reading in document.readings.items() if int(code[-1]) == count.level}
    rows = [
        Doubt("category", count.level, code, _row_message(code, reading), reading.category in (wrong, None))
        for code, reading in level.items()
        if reading.source is not CategorySource.STATED
    ]
    if count.found != count.required and not any(doubt.likely for doubt in rows):
        # The words themselves must be wrong then, or annex 2: every row that they may be wrong in.
        suspects = _stated(level, pack, wrong, abs(count.found - count.required))
        rows += [
            Doubt("category", count.level, code, _row_message(code, level[code]), likely=True) for code in suspects
        ]
    yield from sorted(rows, key=lambda doubt: not doubt.likely)


def _stated(level: Mapping[str, CategoryReading], pack: Pack, category: Category, gap: int) -> list[str]:
    """Rows of one level that plainly say `category` and are not known to be right: only those that the pack knows to
    be otherwise, where they make up for the `gap`."""
    known = {row.code: row.category for item in pack.items for row in item.rows}
    stated = [c for c, r in level.items() if r.source is CategorySource.STATED and r.category is category]
    unsure = [code for code in stated if known.get(code) is not category]
    wrong = [code for code in unsure if known.get(code) in (Category.BASIC, Category.OPTIONAL)]
    return wrong if len(wrong) >= gap else unsure


def _row_message(code: str, reading: CategoryReading) -> str:
    taken = f"，读作{_NAMES[reading.category]}" if reading.category else ""
    word = f"（“{reading.word}”）" if reading.word else ""
    return f"{code}：{_WHY[reading.source]}{word}{taken}"
