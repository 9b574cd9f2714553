"""Categories that a person read in the official document (annex 2), where the pack leaves them open."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emrassess.atomic import write_bytes
from emrassess.domain.assessment import Confirmation
from emrassess.domain.pack import LEVELS, Category, Pack, Requirement
from emrassess.errors import FileProblems, Problem, UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import known_item
from emrassess.services.session import Session
from emrassess.storage.changes import category_change
from emrassess.typed_yaml import Marked, Model, dump_yaml, read_marked, validate

FORMAT = "emrassess-categories/1"
_NAMES = {Category.BASIC: "基本项", Category.OPTIONAL: "选择项"}


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """The categories of one level against annex 2.

    `basic`, `optional`: items known to be so, of which `confirmed_basic` and `confirmed_optional` by a person;
    `open`: items still unverified. Annex 2 asks for `requirement.basic_items` and `requirement.optional_total`.
    """

    level: int
    requirement: Requirement
    basic: int
    optional: int
    confirmed_basic: int
    confirmed_optional: int
    open: int

    @property
    def contradiction(self) -> str:
        """What cannot be by annex 2, as a Chinese sentence without a full stop; "" where all may be right."""
        wanted = self.requirement
        if self.basic > wanted.basic_items:
            return f"已有 {self.basic} 个基本项，附表只有 {wanted.basic_items} 个"
        if self.optional > wanted.optional_total:
            return f"已有 {self.optional} 个选择项，附表只有 {wanted.optional_total} 个"
        if self.basic + self.open < wanted.basic_items:
            return f"基本项最多还能到 {self.basic + self.open} 个，附表有 {wanted.basic_items} 个"
        if self.optional + self.open < wanted.optional_total:
            return f"选择项最多还能到 {self.optional + self.open} 个，附表有 {wanted.optional_total} 个"
        return ""


def counts(session: Session) -> dict[int, LevelCounts]:
    """How far the categories of each level are known, by level."""
    answers, confirmed = session.answers, session.assessment.categories
    found: dict[int, LevelCounts] = {}
    for requirement in session.pack.requirements:
        level = requirement.level
        by_category = dict.fromkeys(Category, 0)
        for item in session.pack.items:
            category = answers.category(session.pack, item.code, level) if level in item.by_level else None
            if category is not None:
                by_category[category] += 1
        by_person = [c.category for (_, at), c in confirmed.items() if at == level]
        found[level] = LevelCounts(
            level,
            requirement,
            by_category[Category.BASIC],
            by_category[Category.OPTIONAL],
            by_person.count(Category.BASIC),
            by_person.count(Category.OPTIONAL),
            by_category[Category.UNVERIFIED],
        )
    return found


def confirm_category(session: Session, item: str, level: int, category: Category | None) -> Changes:
    """Note that the official document says so of `item` at `level`; None takes it back.

    UserError where the pack itself knows the category, or `category` is neither basic nor optional.
    """
    known_item(session.pack, item, level)
    if category is Category.UNVERIFIED:
        category = None
    if fault := _fault(session.pack, item, level):
        raise UserError(fault, "只有“待核对”的格子需要人工确认。")
    held = session.assessment.categories.get((item, level))
    if category is None:
        change = category_change(session.assessment, item, level, None)
        return session.write(f"收回 {item} {level} 级的类别确认", [change])
    confirmation = Confirmation(category, session.user, session.workspace.now())
    if held is not None and held.category is category:
        confirmation = held
    return session.write(
        f"确认 {item} {level} 级为{_NAMES[category]}",
        [category_change(session.assessment, item, level, confirmation)],
    )


def confirm_categories(session: Session, cells: Sequence[tuple[str, int]], category: Category | None) -> Changes:
    """As `confirm_category` for several cells (item, level) in one step; UserError names the first that cannot be."""
    if len(cells) == 1:
        return confirm_category(session, *cells[0], category)
    wanted = None if category is Category.UNVERIFIED else category
    for item, level in cells:
        known_item(session.pack, item, level)
        if fault := _fault(session.pack, item, level):
            raise UserError(fault, "只有“待核对”的格子需要人工确认。")
    held = session.assessment.categories
    at = session.workspace.now()
    changes = []
    for item, level in cells:
        now = held.get((item, level))
        same = now is not None and now.category is wanted
        confirmation = now if same else Confirmation(wanted, session.user, at) if wanted else None
        changes.append(category_change(session.assessment, item, level, confirmation))
    does = f"确认 {len(cells)} 格为{_NAMES[wanted]}" if wanted else f"收回 {len(cells)} 格的类别确认"
    return session.write(does, changes)


def _fault(pack: Pack, item: str, level: int) -> str:
    """Why a person cannot confirm this cell; "" where one can."""
    found = pack.item_by_code.get(item)
    if found is None:
        return f"标准里没有评价项目 {item}"
    row = found.by_level.get(level)
    if row is None:
        return f"{item} {found.name} 没有 {level} 级的要求"
    if row.category is None:
        return f"标准包 {pack.id} 没有评价类别"
    if row.category is not Category.UNVERIFIED:
        return f"{item} {found.name} {level} 级的类别标准包里已有：{_NAMES[row.category]}"
    return ""


class _Confirmed(Model):
    category: Literal["basic", "optional"]
    by: str
    at: str


class _File(Model):
    format: Literal["emrassess-categories/1"]
    pack: str
    confirmed: dict[str, dict[str, _Confirmed]]


def export_categories(session: Session, file: Path) -> None:
    """Write what was confirmed to a YAML file, for other assessments of the same pack."""
    confirmed: dict[str, dict[str, dict[str, str]]] = {}
    for (item, level), c in sorted(session.assessment.categories.items()):
        confirmed.setdefault(item, {})[str(level)] = {"category": c.category.value, "by": c.by, "at": c.at}
    write_bytes(file, dump_yaml({"format": FORMAT, "pack": session.pack.id, "confirmed": confirmed}).encode())


def import_categories(session: Session, file: Path) -> Changes:
    """Take over the confirmations of a file, in one step; those of the same cells give way.

    FileProblems names every fault with its line; nothing is taken over then.
    """
    marked = read_marked(file)
    content = validate(marked, _File)
    _check(session.pack, marked, content)
    changes = [
        category_change(session.assessment, item, int(level), Confirmation(Category(c.category), c.by, c.at))
        for item, levels in content.confirmed.items()
        for level, c in levels.items()
    ]
    return session.write(f"导入 {len(changes)} 格类别确认", changes)


def _check(pack: Pack, marked: Marked, content: _File) -> None:
    problems: list[Problem] = []
    if content.pack != pack.id:
        problems.append(marked.problem(["pack"], f"这是标准包“{content.pack}”的确认，当前评价用的是“{pack.id}”"))
    for item, levels in content.confirmed.items():
        problems += [p for level in levels if (p := _cell_problem(pack, marked, item, level))]
    if problems:
        raise FileProblems(problems)


def _cell_problem(pack: Pack, marked: Marked, item: str, level: str) -> Problem | None:
    place = ["confirmed", item, level]
    if not level.isascii() or not level.isdigit() or int(level) not in LEVELS:
        return marked.problem(place, f"应为级别 {LEVELS[0]} 到 {LEVELS[-1]}")
    fault = _fault(pack, item, int(level))
    return marked.problem(place, fault) if fault else None
