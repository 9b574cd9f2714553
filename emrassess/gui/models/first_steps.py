"""What to do first where nothing has been answered yet: only what counts in the pack's scheme."""

from dataclasses import dataclass

from emrassess.domain.pack import Pack


@dataclass(frozen=True)
class Step:
    """A sentence, and where it is done (`does` on the button, `target` of navigation)."""

    text: str
    does: str
    target: str


def first_steps(pack: Pack) -> tuple[Step, ...]:
    """The steps in the order that saves work."""
    scheme, steps = pack.scheme, []
    if scheme.has_categories:
        text = "对照正式文件，确认目标级别里哪些是基本项、哪些是选择项"
        steps.append(Step(text, "去确认类别", "page:standard/categories"))
    steps.append(Step("从第一个角色开始，逐条自评，随手附上截图", "去逐条自评", "page:clauses"))
    counted = next((item.code for item in pack.items if not item.coverage.functional), "")
    examined = next((item.code for item in pack.items if any(item.quality_rows.values())), "")
    if scheme.has_coverage and counted:
        also = "和数据质量系数" if examined else ""
        steps.append(Step(f"填有效应用比例的分子、分母{also}", "去填比例", f"item:{counted}"))
    elif examined:
        steps.append(Step("填数据质量系数", "去填系数", f"item:{examined}"))
    return tuple(steps)
