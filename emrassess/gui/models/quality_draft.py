"""The mapping in hand: which extract is which logical table, and which of its columns which field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from emrassess.services import quality

if TYPE_CHECKING:
    from emrassess.domain.pack import Pack
    from emrassess.services.quality import Extracts, Guessed, QualityPlan, Source, TableKey, TableNeed


@dataclass
class Chosen:
    """The source of a table and the columns of its fields. `guessed`: how sure a guess is that nobody has looked at."""

    source: "Source"
    columns: dict[str, str] = field(default_factory=dict)
    guessed: dict[str, float] = field(default_factory=dict)
    sure: float | None = None


class Draft:
    """Changes are made by its methods; what follows from them is computed when asked for."""

    def __init__(self, pack: "Pack", level: int) -> None:
        self.pack = pack
        self.level = level
        self.sources: list[Source] = []
        self.chosen: dict[TableKey, Chosen] = {}
        self.file: Path | None = None
        self.period: tuple[date, date] | None = None
        self.changed = False
        self._plans: dict[int, QualityPlan] = {}

    @property
    def plan(self) -> "QualityPlan":
        """What is needed up to the level."""
        return self._planned(self.level)

    @property
    def whole(self) -> "QualityPlan":
        """What is needed for all levels."""
        return self._planned(9)

    def _planned(self, level: int) -> "QualityPlan":
        if level not in self._plans:
            self._plans[level] = quality.plan(self.pack, level)
        return self._plans[level]

    @property
    def mapped(self) -> "Mapping[TableKey, Mapping[str, str]]":
        """The columns by field of each table that has a source."""
        return {key: chosen.columns for key, chosen in self.chosen.items()}

    def not_examined(self) -> dict[str, str]:
        """By rule of the plan why it cannot be examined now."""
        return quality.not_examined(self.plan, self.mapped)

    def missing(self, need: "TableNeed") -> tuple[str, ...]:
        """The fields of `need` that have no column."""
        chosen = self.chosen.get(need.key)
        return tuple(name for name in need.fields if chosen is None or name not in chosen.columns)

    # --- changing it

    def add(self, found: "Guessed") -> int:
        """Take in sources and the guesses about them; tables that have a source keep it. How many tables got one."""
        self.sources += found.sources
        new = {key: guess for key, guess in found.guesses.items() if key not in self.chosen}
        for key, guess in new.items():
            columns = {name: column for name, (column, _) in guess.columns.items()}
            guessed = {name: sure for name, (_, sure) in guess.columns.items()}
            self.chosen[key] = Chosen(found.sources[guess.source], columns, guessed, guess.confidence)
        self.changed = self.changed or bool(new)
        return len(new)

    def open(self, extracts: "Extracts", sources: "Mapping[TableKey, Source]") -> None:
        """Show an extracts file in place of what is in hand."""
        self.sources = list(dict.fromkeys(sources.values()))
        tables = {(name, False): each for name, each in extracts.tables.items()}
        tables |= {(name, True): each for name, each in extracts.dictionaries.items()}
        self.chosen = {key: Chosen(sources[key], dict(each.columns)) for key, each in tables.items()}
        self.file, self.period, self.changed = extracts.source, extracts.period, False

    def choose_source(self, need: "TableNeed", source: "Source | None") -> None:
        """Give a table another source, its columns guessed; None: it has none."""
        self.changed = True
        self.chosen.pop(need.key, None)
        if source is None:
            return
        columns = quality.guess_columns_of(need, source)
        self.chosen[need.key] = Chosen(
            source,
            {name: column for name, (column, _) in columns.items()},
            {n: sure for n, (_, sure) in columns.items()},
        )

    def choose_column(self, need: "TableNeed", name: str, column: str | None) -> None:
        """Give a field another column; None: it has none."""
        chosen = self.chosen[need.key]
        self.changed = True
        chosen.guessed.pop(name, None)
        chosen.sure = None
        chosen.columns.pop(name, None)
        if column is not None:
            chosen.columns[name] = column

    def confirm(self, need: "TableNeed") -> None:
        """Somebody looked at all guesses about a table."""
        chosen = self.chosen[need.key]
        chosen.guessed.clear()
        chosen.sure = None

    # --- as extracts

    def extracts(self, file: Path | None = None) -> "Extracts":
        """What is mapped, as an extracts file at `file` says it; UserError where the period is wrong."""
        place = file or self.file or Path("抽取说明.yaml").absolute()
        mapped = {key: (chosen.source, chosen.columns) for key, chosen in self.chosen.items()}
        return quality.extracts_of(self.pack, place, self.period, mapped)

    def saved(self, file: Path) -> None:
        """It lies in `file` now."""
        self.file, self.changed = file, False


def source_name(source: "Source") -> str:
    """What a source is called on screen."""
    first = source.files[0].name
    sheet = f"：{source.sheet}" if source.sheet else ""
    return f"{first}{sheet}" if len(source.files) == 1 else f"{first} 等 {len(source.files)} 个文件"


def with_values(source: "Source", column: str) -> str:
    """A column with some of its values, unless they may be of a person."""
    seen = next((each for each in source.columns if each.name == column), None)
    if seen is None:
        return f"{column}　（文件里没有这一列）"
    if seen.private:
        return f"{column}　（内容不显示）"
    shown = "、".join(value if len(value) <= 20 else f"{value[:19]}…" for value in seen.values[:3])
    return f"{column}　如：{shown}" if shown else f"{column}　（前几行是空的）"


def faults(sources: "Iterable[Source]") -> list[str]:
    """Why sources cannot be read."""
    return [source.fault for source in sources if source.fault]
