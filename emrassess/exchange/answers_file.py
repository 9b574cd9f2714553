"""The answers file, `emrassess-answers/1` (YAML or JSON): read against a pack with every fault in its place, written.

The format knows only what is met. A reader's `Answers` therefore holds no `partial` and no `unmet`; whoever brings
them into a workspace should change only the clauses that this decides: those it says are met, and those met until now
that it does not name. A `partial` or `unmet` there does not contradict the file.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from emrassess.atomic import write_bytes
from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.pack import LEVELS, Category, Dimension, Item, Pack
from emrassess.domain.scoring import function_level
from emrassess.errors import FileProblems, Problem, UserError
from emrassess.exchange.ratios import ratio_of, ratio_text
from emrassess.typed_yaml import Marked, Number, Place, dump_yaml, read_marked

FORMAT = "emrassess-answers/1"
_KEYS = ("format", "pack", "target", "categories", "items")
_ITEM_KEYS = ("met_through", "met", "coverage", "quality")

Packs = Callable[[str], Pack] | Pack


def read_answers(file: Path, pack_of: Packs) -> Answers:
    """The answers in `file`. `pack_of` gives the pack by its id (UserError where there is none), or is the pack.

    FileProblems names every fault with line and key: unknown keys, items, clauses, levels and dimensions, ratios
    outside 0..1, counts that are none, categories that contradict the pack. UserError where the file cannot be read.
    Categories that only repeat what the pack knows are taken, and left out of the result.
    """
    return _Reading(read_marked(file), pack_of).answers()


def write_answers(answers: Answers, pack: Pack, file: Path) -> None:
    """Write what is met, the ratios and the confirmed categories: JSON where `file` ends in .json, else YAML.

    `partial` and `unmet` cannot be told in this format and are left out. StorageError where the disk does not take it.
    """
    document = answers_document(answers, pack)
    text = json.dumps(document, ensure_ascii=False, indent=2) if file.suffix.lower() == ".json" else dump_yaml(document)
    write_bytes(file, text.encode())


def answers_document(answers: Answers, pack: Pack) -> dict[str, object]:
    """The answers as plain data in the form of the file, items in the pack's order, clauses compressed."""
    document: dict[str, object] = {"format": FORMAT, "pack": answers.pack, "target": answers.target}
    categories = {
        item.code: {str(level): category.value for level, category in sorted(found.items())}
        for item in pack.items
        if (found := answers.categories.get(item.code))
    }
    if categories:
        document["categories"] = categories
    items = {item.code: found for item in pack.items if (found := _item_document(answers, item))}
    document["items"] = items
    return document


def _item_document(answers: Answers, item: Item) -> dict[str, object]:
    found: dict[str, object] = {}
    through = function_level(item, answers)
    if through:
        found["met_through"] = through
    met = [
        clause.id
        for row in item.rows
        for clause in row.clauses
        if row.level > through and answers.verdict(clause.id) is Verdict.MET
    ]
    if met:
        found["met"] = met
    if coverage := answers.coverage.get(item.code):
        found["coverage"] = {str(level): ratio_text(coverage[level]) for level in sorted(coverage)}
    if quality := answers.quality.get(item.code):
        found["quality"] = {
            str(level): {dimension.value: ratio_text(ratio) for dimension, ratio in quality[level].items()}
            for level in sorted(quality)
            if quality[level]
        }
    return found


class _Reading:
    """One file being read: goes through all of it and collects every fault before giving up."""

    def __init__(self, marked: Marked, pack_of: Packs) -> None:
        self.marked = marked
        self.pack_of = pack_of
        self.problems: list[Problem] = []

    def answers(self) -> Answers:
        data = self.marked.data
        if not isinstance(data, dict):
            raise FileProblems([self.marked.problem((), "应为键值对，第一行是 format")])
        self._check_format(data)
        self._known((), data, _KEYS)
        pack = self._pack(data)
        target = self._target(data)
        if pack is None:
            raise FileProblems(self.problems)
        categories = self._categories(pack, self._mapping(("categories",), data.get("categories", {})))
        verdicts: dict[str, Verdict] = {}
        coverage: dict[str, Mapping[int, Ratio]] = {}
        quality: dict[str, Mapping[int, Mapping[Dimension, Ratio]]] = {}
        if "items" not in data:
            self._note((), "缺少必填的键“items”")
        for code, content in self._mapping(("items",), data.get("items", {})).items():
            place: Place = ("items", _step(code))
            item = self._item(pack, place, code)
            if item is None:
                continue
            found = self._mapping(place, content)
            self._known(place, found, _ITEM_KEYS)
            verdicts |= self._met(item, place, found)
            if ratios := self._coverage(item, (*place, "coverage"), found.get("coverage", {})):
                coverage[item.code] = ratios
            if coefficients := self._quality(item, (*place, "quality"), found.get("quality", {})):
                quality[item.code] = coefficients
        if self.problems:
            raise FileProblems(sorted(self.problems, key=lambda p: p.line))
        return Answers(pack.id, target, verdicts, coverage, quality, categories)

    def _note(self, place: Place, message: str) -> None:
        self.problems.append(self.marked.problem(place, message))

    def _check_format(self, data: dict[object, object]) -> None:
        """Nothing else can be judged where the format is another."""
        written = data.get("format")
        if written == FORMAT:
            return
        if "format" not in data:
            raise FileProblems([self.marked.problem((), f"缺少必填的键“format”（应为 {FORMAT}）：不是答案文件")])
        newer = re.fullmatch(r"emrassess-answers/(\d+)", str(written))
        if newer and int(newer[1]) > 1:
            message = f"这是第 {newer[1]} 版的答案文件，本程序只认识第 1 版"
            raise FileProblems([self.marked.problem(("format",), message)], "请升级本程序，或请对方另存为第 1 版。")
        raise FileProblems([self.marked.problem(("format",), f"应为 {FORMAT}，现在是“{written}”")], "请选择答案文件。")

    def _known(self, place: Place, data: Mapping[object, object], keys: tuple[str, ...]) -> None:
        for key in data:
            if key not in keys:
                self._note((*place, _step(key)), f"不认识的键（可用的键：{'、'.join(keys)}）")

    def _mapping(self, place: Place, value: object) -> Mapping[object, object]:
        if isinstance(value, dict):
            return value
        self._note(place, "应为键值对" if value is not None else "是空的：删去这个键，或写上内容")
        return {}

    def _pack(self, data: dict[object, object]) -> Pack | None:
        written = data.get("pack")
        if not isinstance(written, str):
            self._note(("pack",), "应为评价标准包的名称" if "pack" in data else "缺少必填的键“pack”")
            return None
        if isinstance(self.pack_of, Pack):
            if written != self.pack_of.id:
                self._note(("pack",), f"文件写的标准包是“{written}”，不是“{self.pack_of.id}”")
                return None
            return self.pack_of
        try:
            return self.pack_of(written)
        except FileProblems:
            raise
        except UserError as error:
            self._note(("pack",), error.message)
            return None

    def _target(self, data: dict[object, object]) -> int:
        target = data.get("target")
        if type(target) is int and target in LEVELS:
            return target
        self._note(("target",), f"应为 1 到 8 的整数，现在是“{target}”" if "target" in data else "缺少必填的键“target”")
        return 1

    def _item(self, pack: Pack, place: Place, code: object) -> Item | None:
        item = pack.item_by_code.get(code) if isinstance(code, str) else None
        if item is None:
            self._note(place, f"标准包 {pack.id} 没有项目“{code}”")
        return item

    def _level(self, item: Item, place: Place, written: object) -> int | None:
        """The level that a key names, as text or number; None and a fault where the item has no such row."""
        text = str(written)
        level = int(text) if re.fullmatch("[1-8]", text) else None
        if level is None:
            self._note(place, f"级别应为 1 到 8，现在是“{text}”")
        elif level not in item.by_level:
            self._note(place, f"项目 {item.code} 没有 {level} 级的要求")
            return None
        return level

    def _levels(self, item: Item, place: Place, value: object) -> list[tuple[int, Place, object]]:
        """Level, place and value of each entry that has a level of the item; a level told twice is a fault."""
        found: dict[int, tuple[int, Place, object]] = {}
        for key, content in self._mapping(place, value).items():
            at = (*place, _step(key))
            level = self._level(item, at, key)
            if level in found:
                self._note(at, f"{level} 级写了两次")
            elif level is not None:
                found[level] = level, at, content
        return list(found.values())

    def _categories(self, pack: Pack, data: Mapping[object, object]) -> dict[str, dict[int, Category]]:
        found: dict[str, dict[int, Category]] = {}
        for code, rows in data.items():
            place: Place = ("categories", _step(code))
            item = self._item(pack, place, code)
            if item is None:
                continue
            for level, at, written in self._levels(item, place, rows):
                known = item.by_level[level].category
                if known is None:
                    self._note(at, f"标准包 {pack.id} 没有评价类别")
                elif written not in (Category.BASIC.value, Category.OPTIONAL.value):
                    self._note(at, f"应为 basic 或 optional，现在是“{written}”")
                elif known is Category.UNVERIFIED:
                    found.setdefault(item.code, {})[level] = Category(written)
                elif known.value != written:
                    self._note(at, f"标准包已确定为 {known.value}，不能改为 {written}")
        return found

    def _met(self, item: Item, place: Place, data: Mapping[object, object]) -> dict[str, Verdict]:
        through = data.get("met_through", 0)
        if type(through) is not int or not 0 <= through <= 8:
            self._note((*place, "met_through"), f"应为 0 到 8 的整数，现在是“{through}”")
            through = 0
        met = [clause.id for clause in item.clauses_through(through)]
        clauses = {clause.id for clause in item.clauses_through(8)}
        listed = data.get("met", [])
        if not isinstance(listed, list):
            self._note((*place, "met"), "应为条款编号的列表")
            listed = []
        for index, clause in enumerate(listed):
            if not isinstance(clause, str) or clause not in clauses:
                self._note((*place, "met", index), f"项目 {item.code} 没有条款“{clause}”")
            else:
                met.append(clause)
        return dict.fromkeys(met, Verdict.MET)

    def _coverage(self, item: Item, place: Place, value: object) -> dict[int, Ratio]:
        found: dict[int, Ratio] = {}
        for level, at, written in self._levels(item, place, value):
            if (ratio := self._ratio(at, written)) is not None:
                found[level] = ratio
        return found

    def _quality(self, item: Item, place: Place, value: object) -> dict[int, dict[Dimension, Ratio]]:
        found: dict[int, dict[Dimension, Ratio]] = {}
        for level, at, content in self._levels(item, place, value):
            asked = item.by_level[level].dimensions if item.has_quality else ()
            for name, written in self._mapping(at, content).items():
                where = (*at, _step(name))
                dimension = next((d for d in asked if d.value == name), None)
                if name not in set(Dimension):
                    self._note(where, f"没有这个维度（可用的：{'、'.join(Dimension)}）")
                elif dimension is None:
                    these = f"只要求 {'、'.join(asked)}" if asked else "没有数据质量要求"
                    self._note(where, f"{item.code}.{level} {these}")
                elif (ratio := self._ratio(where, written)) is not None:
                    found.setdefault(level, {})[dimension] = ratio
        return found

    def _ratio(self, place: Place, written: object) -> Ratio | None:
        if isinstance(written, Number):
            written = written.text.replace("_", "")
        elif type(written) is int:
            written = str(written)
        try:
            return ratio_of(written)
        except ValueError as error:
            self._note(place, str(error))
            return None


def _step(key: object) -> str | int:
    """A key as a step of a place; YAML's keys are text or whole numbers here."""
    return key if isinstance(key, str | int) else str(key)
