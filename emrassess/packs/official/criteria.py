"""Annex 3: the level rows with their clauses and categories."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from emrassess.domain.pack import Category
from emrassess.packs.official import clauses, normalising
from emrassess.packs.official.columns import Annex
from emrassess.packs.official.document import CategoryReading, CategorySource, ItemName
from emrassess.packs.official.walking import AnnexRow, Shown, Source
from emrassess.packs.official.word_body import Line

_BLANK = (CategorySource.BLANK, CategorySource.AFTER_BREAK)


@dataclass(slots=True)
class LevelRowRead:
    """A level row, gathered from one physical row or several; `parts`: the lines of its content, in order."""

    code: str
    place: str
    reading: CategoryReading
    parts: dict[tuple[Line, ...], None] = field(default_factory=dict)


@dataclass(slots=True)
class CriteriaRead:
    """Annex 3 as read: level rows by code, in the document's order; items by code with their numbers in annex 1."""

    rows: dict[str, LevelRowRead] = field(default_factory=dict)
    names: dict[str, ItemName] = field(default_factory=dict)
    sequences: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def divided(self) -> dict[str, tuple[str, ...]]:
        """The clauses of each level row from level 1 up; oddities go to `problems`."""
        found: dict[str, tuple[str, ...]] = {}
        for code, row in self.rows.items():
            if code.endswith(".0"):
                continue
            divided = clauses.divide(clauses.joined(list(row.parts)))
            found[code] = divided.clauses
            if divided.oddity:
                self.problems.append(f"附表3 {code}（{row.place}）：{divided.oddity}，条款按先后顺序编号")
            if not divided.clauses:
                self.problems.append(f"附表3 {code}（{row.place}）：没有评价内容")
        return found


def read_criteria(rows: Iterable[AnnexRow]) -> CriteriaRead:
    """Gather the level rows of annex 3; what is cut by pages, headers and tables is put together."""
    reading = _Reading()
    for row in rows:
        reading.row(row)
    return reading.read


class _Reading:
    def __init__(self) -> None:
        self.read = CriteriaRead()
        self._current: LevelRowRead | None = None

    def row(self, row: AnnexRow) -> None:
        code = self._code(row)
        if code is None:
            return
        if self._current is None or code != self._current.code:
            if code in self.read.rows:
                self.read.problems.append(f"附表3 {code} 出现了不止一次（{row.place}），只用了第一次的")
                self._current = None
                return
            self._current = LevelRowRead(code, row.place, _category(row))
            self.read.rows[code] = self._current
            self._note_item(code, row)
        else:
            self._current.reading = _of_both(self._current.reading, row)
        self._add_content(row)

    def _code(self, row: AnnexRow) -> str | None:
        """The level row that a physical row belongs to; None where it belongs to none."""
        shown = row.shown("code")
        current = self._current.code if self._current else None
        score = normalising.level(row.text("score")) if row.shown("score").source is Source.OWN else None
        if code := normalising.row_code(shown.text):
            return code
        if (item := normalising.item_code(shown.text)) and score is not None:
            return f"{item}.{score}"
        if shown.own and shown.source is Source.OWN:
            self.read.problems.append(f"附表3 {row.place}：项目代码“{_short(shown.text)}”无法识别，这一行没有读入")
            return None
        if current and score is not None and score != int(current[-1]):
            code = f"{current[:-1]}{score}"
            self.read.problems.append(f"附表3 {row.place}：没有项目代码，按功能评分当作 {code}")
            return code
        if current is None and row.shown("content").own:
            self.read.problems.append(f"附表3 {row.place}：没有项目代码，不知道属于哪一项，这一行没有读入")
        return current

    def _note_item(self, code: str, row: AnnexRow) -> None:
        item = code[:5]
        name = normalising.item_name(row.text("item"))
        if name and item not in self.read.names:
            role = normalising.role_name(row.text("role"))
            self.read.names[item] = ItemName(item, name, role, Annex.CRITERIA)
        sequence = normalising.numbers(row.text("sequence"))
        if len(sequence) == 1:
            self.read.sequences.setdefault(sequence[0], item)

    def _add_content(self, row: AnnexRow) -> None:
        assert self._current
        shown = row.shown("content")
        first = not self._current.parts
        lines = shown.lines if first and shown.source is not Source.MERGED else shown.own
        # A page break may repeat what went before in full.
        if lines:
            self._current.parts[lines] = None


def _category(row: AnnexRow) -> CategoryReading:
    shown = row.shown("category")
    if not row.cells.get("category"):
        return CategoryReading(None, CategorySource.UNREADABLE, "")
    return _read_word(shown, row.after_break)


def _read_word(shown: Shown, after_break: bool) -> CategoryReading:
    text = "".join(shown.text.split())
    if shown.source is Source.WIDE:
        return CategoryReading(None, CategorySource.UNREADABLE, _short(text))
    if not text:
        blank = CategorySource.AFTER_BREAK if after_break else CategorySource.BLANK
        return CategoryReading(Category.OPTIONAL, CategorySource.MERGED if shown.source is Source.MERGED else blank, "")
    category, usual = normalising.category(text)
    if category is None:
        return CategoryReading(None, CategorySource.UNREADABLE, _short(text))
    if not usual:
        return CategoryReading(category, CategorySource.UNUSUAL, text)
    source = CategorySource.MERGED if shown.source is Source.MERGED else CategorySource.STATED
    return CategoryReading(category, source, text)


def _of_both(before: CategoryReading, row: AnnexRow) -> CategoryReading:
    """The category where a level row goes on in a further physical row, whose cell counts only if it says something."""
    shown = row.shown("category")
    if shown.source is not Source.OWN or not shown.text.strip():
        return before
    further = _read_word(shown, after_break=False)
    if before.source in _BLANK or further.category is before.category:
        return further if before.source is not CategorySource.STATED else before
    return CategoryReading(None, CategorySource.UNREADABLE, f"{before.word}／{further.word}")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 20 else text[:20] + "…"
