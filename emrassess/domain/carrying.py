"""What an assessment takes along when it goes over to another edition of its standard, and what it cannot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from emrassess.domain.answers import VERDICT_NAMES, Ratio, Verdict
from emrassess.domain.assessment import (
    UNANSWERED,
    Assessment,
    ClauseAnswer,
    Confirmation,
    Evidence,
    OfficialSource,
    Recheck,
    with_clauses,
)
from emrassess.domain.editions import ChangeKind, ClauseChange, EditionDifferences, asked, same_basis, same_check
from emrassess.domain.pack import Category, Dimension, Pack, ReviewGroup
from emrassess.domain.reasons import DIMENSION_NAMES

_CATEGORIES = {Category.BASIC: "基本项", Category.OPTIONAL: "选择项", Category.UNVERIFIED: "待核对"}


@dataclass(frozen=True)
class CarriedOver:
    """What the new assessment starts with, fields as in Assessment.

    `unlinked`: how many pieces of evidence proved only clauses that are gone, and now prove none.
    `left_behind`: what could not come along and why, Chinese, a line each.
    """

    target: int
    answers: Mapping[str, ClauseAnswer]
    rechecks: Mapping[str, Recheck]
    coverage: Mapping[tuple[str, int], Ratio]
    quality: Mapping[tuple[str, int, Dimension], Ratio]
    categories: Mapping[tuple[str, int], Confirmation]
    evidence: Mapping[str, Evidence]
    groups: tuple[ReviewGroup, ...] | None
    wording: Mapping[str, str]
    official: OfficialSource | None
    unlinked: int
    left_behind: tuple[str, ...]


def carried(assessment: Assessment, differences: EditionDifferences, old: Pack, new: Pack) -> CarriedOver:
    """What of `assessment`, made under `old`, holds under `new`; `differences` as `compare_packs(old, new)` found them.

    A verdict holds where the text is the same; where it differs, note and evidence come along and the clause is marked
    for another look, as every new one is. Figures hold where they count the same thing, what a person read in the
    official document where the document is the same.
    """
    return _Carrying(assessment, differences, old, new).carried()


class _Carrying:
    def __init__(self, assessment: Assessment, differences: EditionDifferences, old: Pack, new: Pack) -> None:
        self.assessment = assessment
        self.differences = differences
        self.old = old
        self.new = new
        self.same_standard = old.id == new.id
        # Two standards that both name no document do not name the same one.
        named = self.same_standard or bool(old.document_number)
        self.same_document = named and old.document_number == new.document_number
        self.lines: list[str] = []

    def carried(self) -> CarriedOver:
        target = self._target()
        evidence, unlinked = self._evidence()
        self.lines += self._gone_clauses()
        return CarriedOver(
            target=target,
            answers=self._answers(),
            rechecks=dict(self._rechecks()),
            evidence=evidence,
            unlinked=unlinked,
            coverage=self._coverage(),
            quality=self._quality(),
            categories=self._categories(),
            groups=self._groups(),
            wording=self._wording(),
            official=self.assessment.official if self.same_document else None,
            left_behind=tuple(self.lines),
        )

    def _target(self) -> int:
        """The same level, the next one below where there is no such, or the lowest there is."""
        target = self.assessment.target
        levels = [level.level for level in self.new.levels]
        found = max((level for level in levels if level <= target), default=min(levels, default=target))
        if found != target:
            self.lines.append(f"目标级别 {target} 级：新版没有这一级，改为 {found} 级")
        return found

    # --- clauses

    def _now(self, clause: str) -> ClauseChange | None:
        """What became of a clause of the old edition; None where it is gone."""
        change = self.differences.by_old.get(clause)
        return change if change is not None and change.new is not None else None

    def _answers(self) -> dict[str, ClauseAnswer]:
        found: dict[str, ClauseAnswer] = {}
        for clause, answer in self.assessment.answers.items():
            change = self._now(clause)
            if change is None or change.new is None:
                continue
            kept = replace(answer, verdict=Verdict.NOT_ASSESSED) if change.reworded else answer
            if kept != UNANSWERED:
                found[change.new] = kept
        return found

    def _rechecks(self) -> Iterator[tuple[str, Recheck]]:
        for change in self.differences.clauses:
            if change.new is None:
                continue
            before = self.assessment.rechecks.get(change.old) if change.old else None
            if change.kind is ChangeKind.NEW:
                yield change.new, Recheck("新版新增的条款")
            elif change.old and change.reworded:
                moved = f"（原为 {change.old}）" if change.old != change.new else ""
                verdict = VERDICT_NAMES[self.assessment.answer(change.old).verdict]
                earlier = f"；此前：{before.why}" if before else ""
                yield change.new, Recheck(f"条款文字有改动{moved}；原自评：{verdict}{earlier}")
            elif before:
                yield change.new, before

    def _evidence(self) -> tuple[dict[str, Evidence], int]:
        found: dict[str, Evidence] = {}
        unlinked = 0
        for key, piece in self.assessment.evidence.items():
            links = [change.new for clause in piece.clauses if (change := self._now(clause)) and change.new]
            unlinked += bool(piece.clauses and not links)
            found[key] = with_clauses(piece, links)
        return found, unlinked

    def _gone_clauses(self) -> Iterator[str]:
        """What was said to clauses that are gone: verdict, notes, number of pieces."""
        pieces: dict[str, int] = {}
        for piece in self.assessment.evidence.values():
            for clause in piece.clauses:
                pieces[clause] = pieces.get(clause, 0) + 1
        for clause in sorted({*self.assessment.answers, *pieces}):
            if self._now(clause):
                continue
            answer = self.assessment.answer(clause)
            said = [f"自评{VERDICT_NAMES[answer.verdict]}"] if answer.verdict is not Verdict.NOT_ASSESSED else []
            said += [
                f"{name}：{text}" for name, text in (("备注", answer.note), ("演示位置", answer.demonstration)) if text
            ]
            said += [f"{pieces[clause]} 件实证材料取消关联"] if clause in pieces else []
            yield f"{clause}：新版没有对应的条款；{'；'.join(said)}"

    # --- figures

    def _coverage(self) -> dict[tuple[str, int], Ratio]:
        found: dict[tuple[str, int], Ratio] = {}
        for (code, level), ratio in self.assessment.coverage.items():
            why = self._row_fault(code, level)
            if not why and not same_basis(self.old.item_by_code[code].coverage, self.new.item_by_code[code].coverage):
                why = "计算口径有改动"
            if why:
                self._leave(f"{self._row(code, level)}的有效应用比例 {_figure(ratio)}", why)
            else:
                found[code, level] = ratio
        return found

    def _quality(self) -> dict[tuple[str, int, Dimension], Ratio]:
        found: dict[tuple[str, int, Dimension], Ratio] = {}
        for (code, level, dimension), ratio in self.assessment.quality.items():
            why = self._row_fault(code, level)
            if not why:
                item = self.new.item_by_code[code]
                if dimension not in asked(item, item.by_level[level]):
                    why = "新版在这里不检查这个维度"
                elif not same_check(self.old, self.new, f"{code}.{level}", dimension):
                    why = "检查的内容有改动，请按新的要求重新计算"
            if why:
                self._leave(
                    f"{self._row(code, level)}的数据质量系数（{DIMENSION_NAMES[dimension]}）{_figure(ratio)}", why
                )
            else:
                found[code, level, dimension] = ratio
        return found

    def _categories(self) -> dict[tuple[str, int], Confirmation]:
        found: dict[tuple[str, int], Confirmation] = {}
        for (code, level), confirmation in self.assessment.categories.items():
            item = self.new.item_by_code.get(code)
            row = item.by_level.get(level) if item else None
            if not self.same_document:
                why = "文号不同，请按新版的官方文件确认"
            elif row is None:
                why = "新版没有这个项目或级别"
            else:
                why = "" if row.category is Category.UNVERIFIED else "新版标准包已写明类别"
            if why:
                said = f"{_CATEGORIES[confirmation.category]}（{confirmation.by}）"
                self._leave(f"{self._row(code, level)}的类别确认 {said}", why)
            else:
                found[code, level] = confirmation
        return found

    def _row_fault(self, code: str, level: int) -> str:
        """Why a figure of this row has no place in the new edition; "" where it has one."""
        if not self.same_standard:
            return "换成了另一个标准"
        if code not in self.new.item_by_code or code not in self.old.item_by_code:
            return "新版没有这个项目"
        return "" if level in self.new.item_by_code[code].by_level else "新版没有这一级"

    # --- what else a person brought

    def _groups(self) -> tuple[ReviewGroup, ...] | None:
        groups = self.assessment.groups
        if groups is None:
            return None
        codes = self.new.item_by_code
        kept = tuple(replace(group, items=tuple(code for code in group.items if code in codes)) for group in groups)
        if self.same_standard and sorted(code for group in kept for code in group.items) == sorted(codes):
            return kept
        self._leave(
            f"自定的核查组（{'、'.join(group.name for group in groups)}）", "不能覆盖新版的全部项目，改用标准的分法"
        )
        return None

    def _wording(self) -> dict[str, str]:
        held = self.assessment.wording
        if held and not self.same_document:
            self._leave(f"官方原文 {len(held)} 条", "文号不同，请重新导入新版的官方文件")
            return {}
        found: dict[str, str] = {}
        for clause, text in held.items():
            change = self._now(clause)
            if change and change.new and not change.reworded:
                found[change.new] = text
            else:
                self._leave(f"{clause} 的官方原文", "条款文字有改动" if change else "新版没有对应的条款")
        return found

    # --- words

    def _leave(self, what: str, why: str) -> None:
        self.lines.append(f"{what}：{why}，没有转入")

    def _row(self, code: str, level: int) -> str:
        item = self.old.item_by_code.get(code)
        return f"{code} {item.name} {level} 级" if item else f"{code} {level} 级"


def _figure(ratio: Ratio) -> str:
    if ratio.denominator is not None:
        return f"{ratio.numerator}/{ratio.denominator}"
    return str(Decimal(ratio.value.numerator) / ratio.value.denominator)
