"""The scheme of points a role: each clause that is met earns its points, and each role has to reach a share of its own.

So scores the successor of the standard of 2018. Its text is not public; what it leaves open is read the strict way:
a role passes a level where it reaches the share at that level and at each lower one, level by level.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.gaps import Gap, Need, Plan
from emrassess.domain.pack import Category, Dimension, Item, Level, LevelRow, Pack, Requirement, Role
from emrassess.domain.reasons import Cause, Reason, plain
from emrassess.domain.schemes.base import Outlook, Part
from emrassess.domain.scoring import (
    Demand,
    ItemScore,
    LevelOutcome,
    LevelResult,
    Member,
    Score,
    Standing,
    attained,
    function_level,
    open_clauses,
    quality_indices,
)


@dataclass(frozen=True)
class RolePoints:
    """`pass_share`: the least share of its points that a role needs at each level, above 0 and at most 1.

    `quality_threshold`: the least quality index, share 0..1; 0 where indices decide nothing.
    """

    pass_share: Decimal
    quality_threshold: Decimal
    levels: tuple[Level, ...]

    @property
    def kind(self) -> str:
        return "role-points"

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        return ()

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return (
            Dimension.UNIQUENESS, Dimension.COMPLETENESS, Dimension.COMPLIANCE, Dimension.IDENTITY,
            Dimension.CURRENCY,
        )  # fmt: skip

    @property
    def has_categories(self) -> bool:
        return False

    @property
    def has_coverage(self) -> bool:
        return False

    @property
    def thresholds(self) -> Mapping[str, Decimal]:
        return {"pass_share": self.pass_share, "quality": self.quality_threshold}

    def score(self, pack: Pack, answers: Answers, assumed: Ratio | None) -> Score:
        """See `scoring.score`."""
        items = {item.code: self._score_item(item, answers, assumed) for item in pack.items}
        total = sum((scored.score for scored in items.values()), Decimal(0))
        levels = {level.level: self._judge(pack, answers, items, level) for level in self.levels}
        return Score(answers.target, total, items, levels, *attained(levels), assumed)

    def item_limits(
        self, item: Item, answers: Answers, scored: ItemScore, level: int, category: Category | None
    ) -> tuple[Reason, ...]:
        """See `Scheme.item_limits`."""
        if level not in item.by_level or scored.passes(level, category):
            return ()
        reasons: list[Reason] = []
        for row in item.rows:
            if row.level > level:
                break
            if not self._enough(scored.points[row.level], scored.whole[row.level]):
                needed = self.pass_share * scored.whole[row.level]
                still_open = open_clauses(row, answers)
                reasons.append(
                    Reason(
                        Cause.POINTS_SHORT, row.level, item.code, still_open, (), (), scored.points[row.level], needed
                    )
                )
            reasons += self._quality_limits(item, answers, scored, row.level)
        return tuple(reasons)

    def outlook(self, pack: Pack, answers: Answers, score: Score, items: Sequence[Item]) -> Outlook:
        """See `Scheme.outlook`. Points are those of the clauses up to the target; a role passes or fails as a whole,
        also where only some of its items are asked about."""
        target = score.target
        codes = {item.role for item in items if any(row.level <= target for row in item.rows)}
        roles = [role for role in _roles(pack, pack.items, target) if role.role.code in codes]
        limits = [self._role_limits(answers, score.items, role, target) for role in roles]
        parts = (
            Part("roles", "工作角色", sum(not reasons for reasons in limits), len(roles)),
            Part(
                "items", "评价项目",
                sum(score.items[i.code].passes(target, None) for i in items if target in i.by_level),
                sum(target in i.by_level for i in items),
            ),
        )  # fmt: skip
        points, whole = _sums(score.items, items, target)
        blockers = [reason for reasons in limits for reason in reasons]
        return Outlook(parts, points, whole, tuple(sorted(blockers, key=lambda r: (r.level, r.actual - r.needed))))

    def plan(self, pack: Pack, answers: Answers, score: Score) -> Plan:
        """The fewest clauses that let every role pass, and the others up to the target as spare.

        Within a role and level those with most points come first.
        """
        target = score.target
        chosen: dict[str, list[str]] = {}
        for role in _roles(pack, pack.items, target):
            for level in range(1, target + 1):
                for row, clause in self._fewest(role.rows(level), answers):
                    chosen.setdefault(row.item, []).append(clause)
        needed, spare = [], []
        for item in pack.items:
            taken = frozenset(chosen.get(item.code, ()))
            quality = [
                reason for row in item.rows if row.level <= target
                for reason in self._quality_limits(item, answers, score.items[item.code], row.level)
            ]  # fmt: skip
            if gap := _gap(item, answers, target, taken, quality, Need.POINTS):
                needed.append(gap)
            rest = {c for row in item.rows if row.level <= target for c in open_clauses(row, answers)} - taken
            if gap := _gap(item, answers, target, rest, [], Need.SPARE):
                spare.append(gap)
        needed.sort(key=lambda gap: (min(r.level for r in gap.reasons), -gap.effort, gap.item))
        after = score.total + sum((gap.gain for gap in needed), Decimal(0))
        return Plan(target, (*needed, *spare), score.total, after, Decimal(0), True)

    # --- in words

    @property
    def _share(self) -> str:
        return f"{plain(self.pass_share * 100)}%"

    @property
    def method(self) -> tuple[str, ...]:
        quality = (
            f"要求的数据质量指数还都要不低于 {self.quality_threshold}；指数是各维度系数的平均值，"
            "四舍五入取两位小数，缺的系数按 0 计。"
            if self.quality_threshold
            else "数据质量指数只作参考，不影响级别。"
        )
        return (
            "条款达标得该条的全部分值；部分达标、未达标、待评都不得分。总分是各条款得分之和。",
            f"工作角色通过某一级：该角色在这一级和每一个更低的级别，得分都达到该级分值的 {self._share}。",
            quality,
            "所有工作角色都通过某一级，才达到这一级。",
        )

    @property
    def level_rule(self) -> str:
        return f"每个工作角色在该级和各低级别的得分都达到分值的 {self._share}，才算达到。"

    @property
    def coverage_note(self) -> str:
        return ""

    @property
    def standings(self) -> Mapping[Standing, str]:
        names = {
            Standing.BASIC: f"得分到 {self._share}",
            Standing.FUNCTION: "条款全部达标，数据质量不足",
            Standing.SOME: "本级条款部分达标",
            Standing.NOTHING: "本级条款都未达标",
        }
        if not self.quality_threshold:
            del names[Standing.FUNCTION]
        return names

    @property
    def requirement_table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        rows = tuple((f"{n.level} 级", n.name, self._share) for n in self.levels)
        return ("级别", "名称", "每个工作角色的得分至少"), rows

    def working(self, scored: ItemScore) -> str:
        return f"达标条款的分值之和，满分 {plain(sum(scored.whole.values(), Decimal(0)))}"

    # --- points

    def _score_item(self, item: Item, answers: Answers, assumed: Ratio | None) -> ItemScore:
        quality = quality_indices(item, answers, assumed)
        points = {row.level: _points(row, answers) for row in item.rows}
        whole = {row.level: _whole(row) for row in item.rows}
        passed: set[int] = set()
        for row in item.rows:
            if not self._enough(points[row.level], whole[row.level]) or quality[row.level] < self.quality_threshold:
                break
            passed.add(row.level)
        total = sum(points.values(), Decimal(0))
        reached = function_level(item, answers)
        scored = ItemScore(
            item.code, reached, total, 0, {}, quality, points, whole, frozenset(passed), frozenset(passed)
        )
        open_rows = (row.level for row in item.rows if row.level > answers.target and row.level not in passed)
        at_target = answers.target in item.by_level and answers.target not in passed
        level = answers.target if at_target else next(open_rows, 0)
        return replace(scored, limits=self.item_limits(item, answers, scored, level, None))

    def _enough(self, points: Decimal, whole: Decimal) -> bool:
        return points >= self.pass_share * whole

    def _quality_limits(self, item: Item, answers: Answers, scored: ItemScore, level: int) -> list[Reason]:
        index, needed = scored.quality[level], self.quality_threshold
        source = item.quality_rows[level]
        if source is None or index >= needed:
            return []
        at = source.level
        given = answers.quality.get(item.code, {}).get(at, {})
        missing = tuple(d for d in source.dimensions if d not in given)
        cause = Cause.QUALITY_MISSING if missing else Cause.QUALITY_SHORT
        return [Reason(cause, at, item.code, dimensions=missing, actual=index, needed=needed)]

    def _fewest(self, rows: Sequence[LevelRow], answers: Answers) -> Iterator[tuple[LevelRow, str]]:
        """The fewest clauses of a role's level that bring it to its share, by most points."""
        points = sum((_points(row, answers) for row in rows), Decimal(0))
        whole = sum((_whole(row) for row in rows), Decimal(0))
        still_open = [(row, c) for row in rows for c in row.clauses if answers.verdict(c.id) is not Verdict.MET]
        still_open.sort(key=lambda pair: (-(pair[1].points or 0), pair[1].id))
        for row, clause in still_open:
            if self._enough(points, whole):
                return
            points += clause.points or 0
            yield row, clause.id

    # --- roles and levels

    def _role_limits(
        self, answers: Answers, scored: Mapping[str, ItemScore], role: "_RoleItems", target: int
    ) -> list[Reason]:
        """What keeps a role from passing `target`, low levels first; empty where it passes."""
        reasons: list[Reason] = []
        for level in range(1, target + 1):
            rows = role.rows(level)
            points = sum((scored[row.item].points[level] for row in rows), Decimal(0))
            whole = sum((scored[row.item].whole[level] for row in rows), Decimal(0))
            if not self._enough(points, whole):
                still_open = tuple(clause for row in rows for clause in open_clauses(row, answers))
                needed = self.pass_share * whole
                reasons.append(
                    Reason(Cause.POINTS_SHORT, level, "", still_open, (), (), points, needed, (role.role.code,))
                )
            for item in role.items:
                if level in item.by_level:
                    reasons += self._quality_limits(item, answers, scored[item.code], level)
        return reasons

    def _judge(self, pack: Pack, answers: Answers, items: Mapping[str, ItemScore], level: Level) -> LevelResult:
        roles = _roles(pack, pack.items, level.level)
        limits = {r.role.code: self._role_limits(answers, items, r, level.level) for r in roles}
        failing = tuple(code for code, reasons in limits.items() if reasons)
        reasons: list[Reason] = []
        if not any(level.level in item.by_level for item in pack.items):
            reasons.append(Reason(Cause.NO_CLAUSES, level.level))
        if failing:
            passed = len(roles) - len(failing)
            reasons.append(
                Reason(Cause.ROLES_FAIL, level.level, actual=Decimal(passed), needed=Decimal(len(roles)), roles=failing)
            )
            reasons += [reason for code in failing for reason in limits[code]]
        outcome = LevelOutcome.NOT_MET if reasons else LevelOutcome.MET
        return LevelResult(
            level.level, level.name, outcome, self._demands(items, pack, level.level, limits), tuple(reasons)
        )

    def _demands(
        self, items: Mapping[str, ItemScore], pack: Pack, level: int, limits: Mapping[str, Sequence[Reason]]
    ) -> tuple[Demand, ...]:
        points, whole = _sums(items, pack.items, level)
        members = tuple(Member(code, not reasons, is_role=True) for code, reasons in limits.items())
        passed, count = Decimal(sum(member.passes for member in members)), Decimal(len(members))
        return (
            Demand("total", "得分", "分", points, None, f"{level} 级及以下条款的得分，总分不另设最低要求。", whole),
            Demand("roles", "工作角色", "个", passed, count, self.level_rule, count, members),
        )


@dataclass(frozen=True, slots=True)
class _RoleItems:
    """A role with those of its items that matter."""

    role: Role
    items: tuple[Item, ...]

    def rows(self, level: int) -> tuple[LevelRow, ...]:
        return tuple(item.by_level[level] for item in self.items if level in item.by_level)


def _roles(pack: Pack, items: Sequence[Item], target: int) -> tuple[_RoleItems, ...]:
    """The roles among `items` that have clauses up to `target`, each with all of those items."""
    found = []
    for role in pack.roles:
        its = tuple(item for item in items if item.role == role.code)
        if any(row.level <= target for item in its for row in item.rows):
            found.append(_RoleItems(role, its))
    return tuple(found)


def _sums(scored: Mapping[str, ItemScore], items: Sequence[Item], target: int) -> tuple[Decimal, Decimal]:
    """Points earned, and the most there are, up to `target`."""
    levels = [(scored[item.code], row.level) for item in items for row in item.rows if row.level <= target]
    return (
        sum((item.points[level] for item, level in levels), Decimal(0)),
        sum((item.whole[level] for item, level in levels), Decimal(0)),
    )


def _points(row: LevelRow, answers: Answers) -> Decimal:
    return sum((c.points or Decimal(0) for c in row.clauses if answers.verdict(c.id) is Verdict.MET), Decimal(0))


def _whole(row: LevelRow) -> Decimal:
    return sum((clause.points or Decimal(0) for clause in row.clauses), Decimal(0))


def _gap(
    item: Item, answers: Answers, target: int, clauses: frozenset[str] | set[str], quality: list[Reason], need: Need
) -> Gap | None:
    reasons = []
    for row in item.rows:
        if row.level <= target and (still_open := tuple(c for c in open_clauses(row, answers) if c in clauses)):
            cause = Cause.CLAUSES_CHOSEN if need is Need.POINTS else Cause.CLAUSES
            reasons.append(Reason(cause, row.level, item.code, still_open))
    reasons = sorted([*reasons, *quality], key=lambda reason: reason.level)
    if not reasons:
        return None
    gain = sum((c.points or Decimal(0) for row in item.rows for c in row.clauses if c.id in clauses), Decimal(0))
    effort = sum(len(r.clauses) or max(len(r.dimensions), 1) for r in reasons)
    return Gap(item.code, need, tuple(reasons), effort, gain)
