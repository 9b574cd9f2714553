"""Load a pack's folder into a Pack, collecting every fault before giving up."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from emrassess.domain.pack import (
    Category,
    Clause,
    CoverageBasis,
    Item,
    Level,
    LevelRow,
    LogicalTable,
    Pack,
    Place,
    QualityRule,
    Requirement,
    ReviewGroup,
    Role,
)
from emrassess.domain.schemes.base import Scheme
from emrassess.domain.schemes.product_2018 import Product2018
from emrassess.domain.schemes.role_points import RolePoints
from emrassess.errors import FileProblems, Problem, UserError
from emrassess.packs import PACK_FILE, files, quality_rules
from emrassess.typed_yaml import M, Marked, read_marked, validate


def load_pack(folder: Path) -> Pack:
    """The pack in `folder` (pack.yaml, role-*.yaml, quality.yaml, fingerprints.yaml).

    FileProblems names every fault of every file.
    """
    return _Loading(folder).pack()


class _Loading:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.marked: dict[str, Marked] = {}

    def pack(self) -> Pack:
        head = self._read("pack.yaml", files.PackFile)
        names = sorted(p.name for p in self.folder.glob("role-*.yaml"))
        roles = {name: self._read(name, files.RoleFile) for name in names}
        quality = self._read_optional("quality.yaml", files.QualityFile)
        prints = self._read_optional("fingerprints.yaml", files.FingerprintsFile)
        if head and not names:
            self.problems.append(Problem(str(self.folder), 0, "没有 role-*.yaml 文件：每个工作角色一个"))
        present = {name: role for name, role in roles.items() if role is not None}
        if head:
            self._check_roles(head, present, complete=len(present) == len(roles))
        rows = self._check_items(present)
        rules: dict[str, tuple[QualityRule, ...]] = {}
        if quality:
            known_rows = rows if len(present) == len(roles) else None
            rules, problems = quality_rules.rules_by_row(self.marked["quality.yaml"], quality, known_rows)
            self.problems += problems
        if head:
            self._check_parts(head, present, complete=len(present) == len(roles))
            self._check_scheme(head, present, quality)
        if self.problems or not head:
            raise FileProblems(self.problems)
        return self._build(head, list(present.values()), quality, prints, rules)

    def _read_optional(self, name: str, model: type[M]) -> M | None:
        return self._read(name, model) if (self.folder / name).exists() else None

    def _read(self, name: str, model: type[M]) -> M | None:
        try:
            marked = read_marked(self.folder / name)
            self.marked[name] = marked
            return validate(marked, model)
        except FileProblems as error:
            self.problems += error.problems
        except UserError as error:
            self.problems.append(Problem(str(self.folder / name), 0, error.message))
        return None

    def _note(self, name: str, path: tuple[str | int, ...], message: str) -> None:
        self.problems.append(self.marked[name].problem(path, message))

    def _check_roles(self, head: files.PackFile, roles: dict[str, files.RoleFile], complete: bool) -> None:
        seen: dict[str, str] = {}
        for name, role in roles.items():
            if role.role not in head.roles:
                self._note(name, ("role",), f"pack.yaml 里没有工作角色“{role.role}”")
            elif role.name != head.roles[role.role]:
                self._note(name, ("name",), f"pack.yaml 里叫“{head.roles[role.role]}”，这里是“{role.name}”")
            if role.role in seen:
                self._note(name, ("role",), f"工作角色“{role.role}”已在 {seen[role.role]} 中")
            seen[role.role] = name
        for code in head.roles:
            if complete and code not in seen:
                self._note("pack.yaml", ("roles", code), "没有这个工作角色的 role 文件")
        key, listed = _levels(head.scheme)
        levels = [entry.level for entry in listed]
        for index, level in enumerate(levels):
            if level in levels[:index]:
                self._note("pack.yaml", ("scheme", key, index, "level"), f"级别 {level} 重复")

    def _check_items(self, roles: dict[str, files.RoleFile]) -> set[str]:
        """Cross-checks of ids; returns the codes of all level rows."""
        rows: set[str] = set()
        items: set[str] = set()
        for name, role in roles.items():
            for i, item in enumerate(role.items):
                at: tuple[str | int, ...] = ("items", i)
                if item.code[:2] != role.role:
                    self._note(name, (*at, "code"), f"项目“{item.code}”不属于工作角色“{role.role}”")
                if item.code in items:
                    self._note(name, (*at, "code"), f"项目“{item.code}”重复")
                items.add(item.code)
                if item.coverage:
                    self._check_coverage(name, (*at, "coverage"), item.coverage)
                before = 0
                for j, row in enumerate(item.levels):
                    if row.level <= before:
                        self._note(name, (*at, "levels", j, "level"), f"级别应从低到高，{row.level} 跟在 {before} 之后")
                    before = row.level
                    rows.add(f"{item.code}.{row.level}")
                    for k, clause in enumerate(row.clauses):
                        expected = f"{item.code}.{row.level}({k + 1})"
                        if clause.id != expected:
                            self._note(
                                name, (*at, "levels", j, "clauses", k, "id"), f"应为“{expected}”，现在是“{clause.id}”"
                            )
        return rows

    def _check_coverage(self, name: str, path: tuple[str | int, ...], coverage: files.CoverageFile) -> None:
        if coverage.kind == "ratio":
            for key in ("numerator", "denominator"):
                if not getattr(coverage, key).strip():
                    self._note(name, path, f"kind 为 ratio 时缺少“{key}”")
        elif not coverage.basis.strip():
            self._note(name, path, "kind 为 functional 时缺少“basis”")

    def _check_parts(self, head: files.PackFile, roles: dict[str, files.RoleFile], complete: bool) -> None:
        """Review groups, and places: each item is in one of them."""
        items = {item.code for role in roles.values() for item in role.items}
        for key, listed, what in (("groups", head.groups, "核查组"), ("places", head.places, "核查地点")):
            taken: dict[str, str] = {}
            for i, part in enumerate(listed):
                for j, code in enumerate(part.roles):
                    if code not in head.roles:
                        self._note("pack.yaml", (key, i, "roles", j), f"没有工作角色“{code}”")
                for j, code in enumerate(part.items):
                    if complete and code not in items:
                        self._note("pack.yaml", (key, i, "items", j), f"没有项目“{code}”")
                for code in [c for c in items if c[:2] in part.roles or c in part.items]:
                    if code in taken:
                        self._note("pack.yaml", (key, i), f"项目“{code}”已属于“{taken[code]}”")
                    taken[code] = part.name
            if complete and listed:
                for code in sorted(items - set(taken)):
                    self._note("pack.yaml", (key,), f"项目“{code}”不属于任何{what}")

    def _check_scheme(
        self, head: files.PackFile, roles: dict[str, files.RoleFile], quality: files.QualityFile | None
    ) -> None:
        """Each scheme has parts of its own in the role files: what it needs is there, what it does not know is not."""
        kind, scheme = head.scheme.kind, _scheme(head.scheme)
        for name, role in roles.items():
            for i, item in enumerate(role.items):
                at: tuple[str | int, ...] = ("items", i)
                self._check_part(name, at, "coverage", item.coverage, scheme.has_coverage, kind)
                for j, row in enumerate(item.levels):
                    place = (*at, "levels", j)
                    self._check_part(name, place, "category", row.category, scheme.has_categories, kind)
                    for k, clause in enumerate(row.clauses):
                        here = (*place, "clauses", k)
                        self._check_part(name, here, "points", clause.points, kind == "role-points", kind)
                        if clause.points is not None and not Decimal(clause.points):
                            self._note(name, (*here, "points"), "分值应大于 0")
        if isinstance(head.scheme, files.RolePointsFile) and not Decimal(head.scheme.pass_share):
            self._note("pack.yaml", ("scheme", "pass_share"), "应大于 0")
        for row, dimensions in quality.checks.items() if quality else ():
            for dimension in dimensions:
                if dimension not in set(scheme.dimensions):
                    known = "、".join(scheme.dimensions)
                    self._note("quality.yaml", ("checks", row, dimension), f"{kind} 没有这个维度（可用的：{known}）")

    def _check_part(
        self, name: str, place: tuple[str | int, ...], key: str, value: object, wanted: bool, kind: str
    ) -> None:
        if wanted and value is None:
            self._note(name, place, f"缺少“{key}”（{kind} 要求）")
        elif not wanted and value is not None:
            self._note(name, (*place, key), f"{kind} 没有“{key}”")

    def _build(
        self,
        head: files.PackFile,
        roles: list[files.RoleFile],
        quality: files.QualityFile | None,
        prints: files.FingerprintsFile | None,
        rules: dict[str, tuple[QualityRule, ...]],
    ) -> Pack:
        items = tuple(_item(role.role, item, rules) for role in roles for item in role.items)
        return Pack(
            id=head.id,
            version=head.version,
            name=head.name,
            standard=head.standard,
            document_number=head.document_number,
            digest=_digest(self.folder),
            scheme=_scheme(head.scheme),
            roles=tuple(Role(code, name) for code, name in head.roles.items()),
            groups=tuple(
                ReviewGroup(
                    g.code,
                    g.name,
                    tuple(i.code for i in items if i.role in g.roles or i.code in g.items),
                    g.quality,
                )
                for g in head.groups
            ),
            places=tuple(
                Place(p.code, p.name, tuple(i.code for i in items if i.role in p.roles or i.code in p.items))
                for p in head.places
            ),
            items=items,
            glossary=dict(head.glossary),
            tables={k: _table(k, t) for k, t in quality.tables.items()} if quality else {},
            dictionaries={k: _table(k, t) for k, t in quality.dictionaries.items()} if quality else {},
            renames=dict(head.renames),
            quality_edition=prints.edition if prints else None,
            quality_fingerprints=dict(prints.quality) if prints else {},
        )


def _levels(
    scheme: files.ProductFile | files.RolePointsFile,
) -> tuple[str, Sequence[files.RequirementFile | files.LevelNameFile]]:
    """Where the scheme lists its levels, and the list."""
    if isinstance(scheme, files.ProductFile):
        return "requirements", scheme.requirements
    return "levels", scheme.levels


def _scheme(scheme: files.ProductFile | files.RolePointsFile) -> Scheme:
    if isinstance(scheme, files.ProductFile):
        return Product2018(
            Decimal(scheme.basic_coverage),
            Decimal(scheme.optional_coverage),
            Decimal(scheme.quality),
            tuple(Requirement(**r.model_dump()) for r in sorted(scheme.requirements, key=lambda r: r.level)),
        )
    levels = tuple(Level(n.level, n.name) for n in sorted(scheme.levels, key=lambda n: n.level))
    return RolePoints(Decimal(scheme.pass_share), Decimal(scheme.quality), levels)


def _item(role: str, item: files.ItemFile, rules: dict[str, tuple[QualityRule, ...]]) -> Item:
    c = item.coverage or files.CoverageFile(kind="functional")
    rows = tuple(
        LevelRow(
            item.code,
            row.level,
            Category(row.category) if row.category else None,
            row.summary,
            tuple(
                Clause(clause.id, clause.text, clause.evidence, Decimal(clause.points) if clause.points else None)
                for clause in row.clauses
            ),
            rules.get(f"{item.code}.{row.level}", ()),
        )
        for row in item.levels
    )
    basis = CoverageBasis(c.kind == "functional", c.numerator, c.denominator, c.basis, c.note)
    return Item(item.code, item.name, role, basis, item.quality, rows)


def _table(key: str, table: files.TableFile) -> LogicalTable:
    fields = {k: f if isinstance(f, str) else f.name for k, f in table.fields.items()}
    detailed = {k: f for k, f in table.fields.items() if isinstance(f, files.FieldFile)}
    return LogicalTable(
        key,
        table.name,
        fields,
        tuple(table.also),
        frozenset(k for k, f in detailed.items() if f.type == "time"),
        {k: tuple(f.also) for k, f in detailed.items() if f.also},
    )


def _digest(folder: Path) -> str:
    """SHA-256 over names and contents of the pack's files."""
    total = hashlib.sha256()
    for file in sorted(f for f in folder.iterdir() if PACK_FILE.fullmatch(f.name)):
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
