"""Runs the rules of a pack over extracts: reads each file once, counts, and takes the keys of offending rows."""

import time
from collections.abc import Callable, Mapping, Sequence

from emrassess.domain.pack import Pack, QualityRule
from emrassess.domain.quality import MOST_SAMPLES, ExtractNote, QualityRun, RuleResult, dimensions_of
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.quality.counting import Found, count_together
from emrassess.quality.extracts import Extract, Extracts
from emrassess.quality.rules import As, Count, Needs, TableKey, counts, missing, needs, reason_of_prose, sample_fields
from emrassess.quality.tables import Database, Part, Progress, opened


def rules_of(pack: Pack, items: Sequence[str] = ()) -> tuple[QualityRule, ...]:
    """Every rule of the pack, in its order; only of `items` (codes) where there are any."""
    chosen = (item for item in pack.items if not items or item.code in items)
    return tuple(rule for item in chosen for row in item.rows for rule in row.rules)


def run(
    pack: Pack,
    extracts: Extracts,
    *,
    items: Sequence[str] = (),
    progress: Progress | None = None,
    memory_gb: float = 3.0,
) -> QualityRun:
    """Check `extracts` by the rules of the pack, or of `items` only.

    A rule whose tables or columns are not mapped, or cannot be read, is not examined, with the reason; the rest still
    runs. `progress` counts in hundredths of steps, and may raise Cancelled. StorageError where memory and disk do not
    suffice.
    """
    begun = time.monotonic()
    rules = rules_of(pack, items)
    mapped = {(name, False): found for name, found in extracts.tables.items()}
    mapped |= {(name, True): found for name, found in extracts.dictionaries.items()}
    with opened(memory_gb) as database:
        running = _Running(pack, rules, mapped, database, progress)
        results = running.results()
        notes = tuple(dict.fromkeys(database.notes))
        return QualityRun(results, dimensions_of(results), running.rows, time.monotonic() - begun, notes)


class _Running:
    def __init__(
        self,
        pack: Pack,
        rules: Sequence[QualityRule],
        mapped: Mapping[TableKey, Extract],
        database: Database,
        progress: Progress | None,
    ) -> None:
        self.rules = rules
        self.mapped = mapped
        self.database = database
        self.progress = progress
        self.rows = 0
        self.refused: dict[TableKey, str] = {}
        self.lacking: dict[tuple[TableKey, str], str] = {}
        tables = {(name, False): table.name for name, table in pack.tables.items()}
        self.names = tables | {(name, True): table.name for name, table in pack.dictionaries.items()}
        self.step, self.steps = 0, 1

    def results(self) -> tuple[RuleResult, ...]:
        reasons = {rule.id: self._unmapped(rule) for rule in self.rules}
        wanted = self._wanted([rule for rule in self.rules if not reasons[rule.id]])
        groups = self._groups(wanted)
        self.steps = 2 * len(groups) + 1
        for keys in groups:
            self._load(keys, wanted)
        reasons |= {rule.id: self._unread(rule) for rule in self.rules if not reasons[rule.id]}
        counted = {rule.id: counts(rule) for rule in self.rules if not reasons[rule.id]}
        found = self._count(counted)
        return tuple(self._result(rule, reasons[rule.id], counted.get(rule.id, ()), found) for rule in self.rules)

    def _unmapped(self, rule: QualityRule) -> str:
        if rule.kind == "prose":
            return reason_of_prose(rule)
        return missing(rule, {key: tuple(extract.columns) for key, extract in self.mapped.items()}, self.names)

    def _wanted(self, rules: Sequence[QualityRule]) -> Needs:
        """What the rules look at, and the keys by which offending rows are named."""
        found: Needs = {}
        for rule in rules:
            for key, fields in needs(rule).items():
                for name, forms in fields.items():
                    found.setdefault(key, {}).setdefault(name, set()).update(forms)
            for count in counts(rule):
                key = (count.left.table, count.left.dictionary)
                for name in sample_fields(count.left, tuple(self.mapped[key].columns)):
                    found[key].setdefault(name, set()).add(As.VALUE)
        return found

    def _groups(self, wanted: Needs) -> list[list[TableKey]]:
        """Tables that lie in the same files, together: those are read once."""
        groups: dict[object, list[TableKey]] = {}
        for key in wanted:
            extract = self.mapped[key]
            groups.setdefault((extract.files, extract.encoding, extract.sheet), []).append(key)
        return list(groups.values())

    def _load(self, keys: Sequence[TableKey], wanted: Needs) -> None:
        names = "、".join(self.names[key] for key in keys)
        told = self._told(f"正在读取{names}")
        try:
            parts = [Part(self.mapped[key], key[1], wanted[key]) for key in keys]
            loaded = self.database.load_together(parts, told)
        except (StorageError, Cancelled):  # a full disk, or a cancel, ends it all
            raise
        except UserError as error:
            self.refused |= dict.fromkeys(keys, error.message)
            self.database.notes.append(ExtractNote(names, error.message))
        else:
            self.rows += loaded.rows
            for (number, field), fault in loaded.faults.items():
                self.lacking[keys[number], field] = fault.message
                self.database.notes.append(ExtractNote(self.names[keys[number]], fault.message))
        self.step += 1

    def _unread(self, rule: QualityRule) -> str:
        """Why the rule cannot be examined though all is mapped; "" where it can."""
        found: dict[str, None] = {}
        for key, fields in needs(rule).items():
            if key in self.refused:
                found[self.refused[key]] = None
            found |= {self.lacking[key, name]: None for name in fields if (key, name) in self.lacking}
        return "；".join(found)

    def _count(self, counted: Mapping[str, Sequence[Count]]) -> dict[Count, Found]:
        """All counts; those over the same rows together."""
        by_source: dict[str, dict[Count, tuple[str, ...]]] = {}
        for listed in counted.values():
            for count in listed:
                by_source.setdefault(count.source, {})[count] = self._keys(count)
        self.steps = self.step + len(by_source)
        found: dict[Count, Found] = {}
        for listed in by_source.values():
            told = self._told("正在计算")
            found |= count_together(self.database.rows, listed, told)
            self.step += 1
        return found

    def _keys(self, count: Count) -> tuple[str, ...]:
        """The fields by which an offending row is named, of those that could be read."""
        key = (count.left.table, count.left.dictionary)
        listed = sample_fields(count.left, tuple(self.mapped[key].columns))
        return tuple(name for name in listed if (key, name) not in self.lacking)

    def _result(
        self, rule: QualityRule, reason: str, listed: Sequence[Count], found: Mapping[Count, Found]
    ) -> RuleResult:
        examined = sum(found[count].examined for count in listed)
        if reason or not examined:
            return RuleResult(rule, reason=reason or "没有可查的记录")
        kept = examined - sum(found[count].offending for count in listed)
        samples = dict.fromkeys(sample for count in listed for sample in found[count].samples)
        return RuleResult(rule, kept, examined, samples=tuple(samples)[:MOST_SAMPLES])

    def _told(self, what: str) -> Callable[[float], None]:
        progress = self.progress
        if progress:
            progress(100 * self.step, 100 * self.steps, what)

        def told(share: float) -> None:
            if progress:
                progress(int(100 * (self.step + share)), 100 * self.steps, what)

        return told
