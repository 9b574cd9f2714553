"""The settings of an assessment: target level, name of the hospital, composition of the review groups."""

from collections.abc import Sequence

from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.errors import UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import checked_hospital, checked_target
from emrassess.services.session import Session
from emrassess.storage.changes import setting_change


def set_target(session: Session, level: int) -> Changes:
    """Aim at `level`, 1 to 8."""
    target = checked_target(session.pack, level)
    return session.write(f"目标级别改为 {target} 级", [setting_change(session.assessment, "target", target)])


def set_hospital(session: Session, name: str) -> Changes:
    """Name the hospital; an empty name is refused."""
    hospital = checked_hospital(name)
    return session.write(f"医院名称改为“{hospital}”", [setting_change(session.assessment, "hospital", hospital)])


def set_groups(session: Session, groups: Sequence[ReviewGroup] | None) -> Changes:
    """Compose the review groups; None goes back to the pack's. Each item of the pack must be in exactly one group."""
    if groups is None:
        return session.write("核查组恢复为标准的分法", [setting_change(session.assessment, "groups", None)])
    _check_groups(session.pack, groups)
    return session.write("修改核查组的分法", [setting_change(session.assessment, "groups", tuple(groups))])


def _check_groups(pack: Pack, groups: Sequence[ReviewGroup]) -> None:
    taken: dict[str, str] = {}
    if len({g.code for g in groups}) != len(groups) or not all(g.name.strip() for g in groups):
        raise UserError("核查组的代码重复，或名称是空的", "请给每个组一个不同的代码和名称。")
    for group in groups:
        for code in group.items:
            if code not in pack.item_by_code:
                raise UserError(f"标准里没有评价项目 {code}", "请从列表中选择项目。")
            if code in taken:
                raise UserError(f"{code} 同时在“{taken[code]}”和“{group.name}”里", "每个项目只能属于一个核查组。")
            taken[code] = group.name
    if missing := [item.code for item in pack.items if item.code not in taken]:
        raise UserError(f"这些项目不在任何核查组里：{'、'.join(missing)}", "每个项目都要属于一个核查组。")
