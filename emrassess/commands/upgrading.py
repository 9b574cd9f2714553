"""`criteria upgrade`: a workspace over to another edition of its standard, as a new workspace."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrassess.commands.options import Commands, chosen_files, opened, workspace_option
from emrassess.console import print_json, progress_line
from emrassess.errors import UserError

if TYPE_CHECKING:
    from emrassess.domain.editions import ClauseChange
    from emrassess.domain.pack import Pack
    from emrassess.services.editions import Upgrade

_SHOWN = (("new", "新增"), ("gone", "取消"), ("moved", "移位"), ("reworded", "文字有改动"))


def add(criteria: Commands) -> None:
    """Declare `criteria upgrade`."""
    text = "按新版标准另建一个工作区，转入原有的自评和材料；原工作区不动"
    upgrading = criteria.command("upgrade", _upgrade, text)
    workspace_option(upgrading)
    upgrading.add_argument(
        "--to", required=True, metavar="标准包", help="新版标准包的标识（取最新的一版），或它的文件夹"
    )
    upgrading.add_argument("--out", type=Path, metavar="目录", help="新工作区的文件夹")
    upgrading.add_argument("--dry-run", action="store_true", help="只显示有哪些不同，不建新工作区")
    upgrading.add_argument("--json", action="store_true")


def _upgrade(options: argparse.Namespace) -> int:
    from emrassess.packs.library import load_files
    from emrassess.services.editions import preview, upgrade

    if not options.out and not options.dry_run:
        raise UserError("没有给出新工作区的文件夹", "请加 --out 新文件夹；只看有哪些不同，请加 --dry-run。")
    files = _newest_files(options.to)
    pack = load_files(files)
    with opened(options) as session:
        old = session.pack
        if pack.digest == old.digest:
            raise UserError(f"工作区用的就是这个标准包：{_edition(old)}", "请用 --to 给出新版标准包，或它的文件夹。")
        found = preview(session, pack)
        if not options.json:
            _print_upgrade(old, pack, found)
        if not options.dry_run:
            upgrade(session, pack, files, options.out, progress_line())
    written = None if options.dry_run else options.out
    if options.json:
        print_json(_upgrade_json(old, pack, found, written))
    else:
        print(f"新工作区已建好：{written}；原工作区没有改动" if written else "只作了比较，没有建新工作区")
    return 0


def _newest_files(name: str) -> dict[str, bytes]:
    """As `chosen_files`, but an id means its newest edition at hand, also where an older one comes with the program."""
    from emrassess.domain.editions import version_order
    from emrassess.packs.library import known_packs, pack_files

    editions = [ref for ref in known_packs() if ref.id == name]
    if not editions:
        return chosen_files(name)
    return pack_files(max(editions, key=lambda ref: version_order(ref.version)).folder)


def _edition(pack: "Pack") -> str:
    return f"{pack.id} {pack.version} {pack.name}"


def _print_upgrade(old: "Pack", new: "Pack", found: "Upgrade") -> None:
    print(f"{_edition(old)} → {_edition(new)}")
    print("\n".join(found.summary))
    for kind, name in _SHOWN:
        changes = [change for change in found.differences.clauses if change.kind.value == kind]
        if changes:
            print(f"{name}：{'、'.join(map(_change, changes))}")
    for remark in found.differences.remarks:
        print(f"另外：{remark.place} {remark.message}" if remark.place else f"另外：{remark.message}")
    for line in found.carried.left_behind:
        print(f"注意：{line}")


def _change(change: "ClauseChange") -> str:
    if change.kind.value == "moved":
        return f"{change.old}→{change.new}{'（文字也有改动）' if change.reworded else ''}"
    return str(change.new or change.old)


def _upgrade_json(old: "Pack", new: "Pack", found: "Upgrade", out: Path | None) -> dict[str, Any]:
    """The result of `criteria upgrade --json`; clauses that are the same are only counted."""
    differences = found.differences
    return {
        "from": {"pack": old.id, "version": old.version},
        "to": {"pack": new.id, "version": new.version},
        "counts": {kind.value: count for kind, count in differences.counts.items()},
        "clauses": [
            {"kind": change.kind.value, "old": change.old, "new": change.new, "reworded": change.reworded}
            for change in differences.clauses
            if change.kind.value != "same"
        ],
        "remarks": [{"place": remark.place, "message": remark.message} for remark in differences.remarks],
        "rechecks": {clause: recheck.why for clause, recheck in found.carried.rechecks.items()},
        "left_behind": list(found.carried.left_behind),
        "out": str(out) if out else None,
    }
