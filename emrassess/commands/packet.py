"""`packet`: tasks of a department as one file, out and back, and merged."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrassess.commands.options import Commands, opened, out_option, user_name, workspace_option
from emrassess.commands.passphrases import passphrase_of, passphrase_option
from emrassess.console import print_json, progress_line
from emrassess.errors import UserError

if TYPE_CHECKING:
    from emrassess.domain.merge import Difference
    from emrassess.services.merging import MergedFile
    from emrassess.services.packets import PacketSummary
    from emrassess.services.session import Session


def add(commands: Commands) -> None:
    """Declare `packet create`, `packet open`, `packet return` and `packet merge`."""
    packet = commands.group("packet", "科室任务包：发出、打开、交回、合并")
    create = packet.command("create", _create, "把一个科室的条款写成一个任务包")
    workspace_option(create)
    create.add_argument("--department", required=True, metavar="科室", help="科室的名称")
    out_option(create)
    passphrase_option(create, "加密")
    create.add_argument("--no-sign", action="store_true", help="不签名")

    opening = packet.command("open", _open, "打开收到的任务包，成为一个新工作区")
    opening.add_argument("file", type=Path, metavar="文件")
    opening.add_argument("--out", type=Path, required=True, metavar="目录", help="新工作区的文件夹")
    passphrase_option(opening, "解密")

    back = packet.command("return", _return, "把填好的任务包交回：只含改动和新增的材料")
    workspace_option(back, writing=True)
    out_option(back)
    passphrase_option(back, "加密")
    back.add_argument("--no-sign", action="store_true", help="不签名")

    merge = packet.command("merge", _merge, "合并交回的任务包，按给出的顺序；同一个包再合并一次不会有变化")
    workspace_option(merge, writing=True)
    merge.add_argument("files", nargs="+", type=Path, metavar="文件")
    merge.add_argument("--dry-run", action="store_true", help="只显示会怎样合并，不改动工作区")
    prefer = merge.add_mutually_exclusive_group()
    prefer.add_argument("--theirs", action="store_true", help="冲突一律采用对方；已验收的、别处也在用的仍留待决定")
    prefer.add_argument("--ours", action="store_true", help="冲突一律保留本方")
    passphrase_option(merge, "解密")
    merge.add_argument("--json", action="store_true")


def _create(options: argparse.Namespace) -> int:
    from emrassess.services.departments import department_named
    from emrassess.services.packets import create_packet

    passphrase = passphrase_of(options)
    with opened(options) as session:
        department = department_named(session, options.department)
        if department is None:
            there = "、".join(found.name for found in session.assessment.departments.values())
            raise UserError(
                f"没有科室“{options.department}”",
                f"有这些科室：{there}。" if there else "还没有科室；请先用 tasks assign 把条款分派给科室。",
            )
        made = create_packet(
            session,
            department.id,
            options.out,
            passphrase=passphrase,
            sign=not options.no_sign,
            progress=progress_line(),
        )
    print(f"已写好并读回校验：{options.out}\n{_in_short(made)}")
    return 0


def _open(options: argparse.Namespace) -> int:
    from emrassess.services.packets import open_packet

    found = open_packet(
        options.file, options.out, user_name(), passphrase=passphrase_of(options), progress=progress_line()
    )
    print(f"来自 {found.sender.name}（{found.hospital}）：{_in_short(found)}")
    print(_signed(found))
    print(f"已打开为新工作区：{options.out}")
    return 0


def _return(options: argparse.Namespace) -> int:
    from emrassess.services.packets import return_packet

    passphrase = passphrase_of(options)
    with opened(options, write=True) as session:
        made = return_packet(
            session, options.out, passphrase=passphrase, sign=not options.no_sign, progress=progress_line()
        )
    print(f"已写好并读回校验：{options.out}\n{_in_short(made)}")
    return 0


def _in_short(packet: "PacketSummary") -> str:
    until = f"，期限 {packet.deadline}" if packet.deadline else ""
    person = f"（{packet.person}）" if packet.person else ""
    return (
        f"{packet.department}{person}：{packet.clauses} 条，已自评 {packet.answered} 条，"
        f"实证材料 {packet.evidence} 件（包里的文件 {packet.files} 个）{until}"
    )


def _signed(packet: "PacketSummary") -> str:
    return f"签名：{packet.standing.title}。{packet.standing.text}"


# --- merging


def _merge(options: argparse.Namespace) -> int:
    passphrase = passphrase_of(options)
    passphrases = {} if passphrase is None else dict.fromkeys(options.files, passphrase)
    with opened(options, write=not options.dry_run) as session:
        files = _merged(session, options, passphrases)
        waiting = _waiting(session)
    if options.json:
        print_json(merged_json(files, waiting))
    else:
        print_merged(files, waiting, dry_run=options.dry_run)
    return 1 if any(file.refused for file in files) else 0


def print_merged(files: "Iterable[MergedFile]", waiting: int, *, dry_run: bool) -> None:
    """Tell what merging `files` did, or would do."""
    for file in files:
        _print_file(file, in_full=dry_run)
    if dry_run:
        print("只作了预览，工作区没有改动")
    elif waiting:
        print(f"有 {waiting} 处冲突等待决定：请在窗口的“任务与合并”页逐条决定")


def _merged(session: "Session", options: argparse.Namespace, passphrases: dict[Path, str]) -> "tuple[MergedFile, ...]":
    from emrassess.domain.assessment import Decision
    from emrassess.services.merging import merge, preview

    if options.dry_run:
        return preview(session, options.files, passphrases)
    prefer = Decision.OURS if options.ours else Decision.THEIRS if options.theirs else Decision.OPEN
    outcome = merge(session, options.files, prefer=prefer, passphrases=passphrases, progress=progress_line())
    return outcome.files


def _waiting(session: "Session") -> int:
    from emrassess.services.merging import conflicts

    return len(conflicts(session))


def _print_file(file: "MergedFile", *, in_full: bool) -> None:
    from emrassess.domain.merge import WHY_NAMES

    if file.summary:
        print(f"{file.file}：{file.summary.department}，来自 {file.summary.sender.name}")
        print(f"  {_signed(file.summary)}")
    if file.refused:
        print(f"  没有合并：{file.refused}" if file.summary else f"{file.file} 没有合并：{file.refused}")
        return
    if file.before:
        print(f"  {file.before.at} 已由 {file.before.by} 合并过，没有变化")
        return
    found = file.merge
    if found is None:
        return
    rarer = {"先前已决定": len(found.settled), "不在它的条款里": len(found.ignored)}
    told = "".join(f"，{what} {count} 处" for what, count in rarer.items() if count)
    print(f"  采用 {len(found.taken)} 处，相同 {len(found.same)} 处，冲突 {len(found.conflicts)} 处{told}")
    if in_full:
        _print_places("采用", found.taken)
    for difference in found.taken:
        if difference.why:
            print(f"  请看 {_place(difference)} {difference.key.name}：{WHY_NAMES[difference.why]}")
    for difference in found.conflicts:
        why = WHY_NAMES[difference.why] if difference.why else ""
        print(f"  冲突 {_place(difference)} {difference.key.name}：{why}")
    _print_places("没有采用", found.ignored)


def _print_places(what: str, differences: "Iterable[Difference]") -> None:
    """What changes, a line a clause."""
    by_place: dict[str, list[str]] = {}
    for difference in differences:
        by_place.setdefault(_place(difference), []).append(difference.key.name)
    for place, names in by_place.items():
        print(f"  {what} {place}：{'、'.join(dict.fromkeys(names))}")


def _place(difference: "Difference") -> str:
    """The clause or level row; of a piece of evidence the first clause that it proves."""
    return difference.key.place or next(iter(difference.clauses), "")


def merged_json(files: "Iterable[MergedFile]", waiting: int) -> dict[str, Any]:
    """The result of `packet merge --json`. `refused`: files that were not merged (no clause), and values that are not
    the department's to change. `settled`: what a person has decided before."""
    data: dict[str, Any] = {"taken": [], "same": [], "conflicts": [], "refused": [], "settled": [], "packets": []}
    for file in files:
        data["packets"].append(_file_json(file))
        if file.refused:
            data["refused"].append({"file": str(file.file), "clause": "", "field": "", "reason": file.refused})
        if file.merge is None:
            continue
        for name in ("taken", "same", "conflicts", "settled"):
            data[name] += [_difference_json(file.file, difference) for difference in getattr(file.merge, name)]
        for difference in file.merge.ignored:
            data["refused"].append({**_difference_json(file.file, difference), "reason": _ignored(difference)})
    return {**data, "waiting": waiting}


def _file_json(file: "MergedFile") -> dict[str, Any]:
    summary = file.summary
    return {
        "file": str(file.file),
        "department": summary.department if summary else None,
        "sender": summary.sender.name if summary else None,
        "trust": summary.standing.trust.value if summary else None,
        "fingerprint": summary.signature.fingerprint if summary and summary.signature else None,
        "merged_before": file.before.at if file.before else None,
    }


def _difference_json(file: Path, found: "Difference") -> dict[str, Any]:
    key = found.key
    return {
        "file": str(file),
        "clause": _place(found),
        "field": _field(found),
        "clauses": list(found.clauses),
        "key": key.text,
        "base": found.base,
        "ours": found.ours,
        "theirs": found.theirs,
        "why": found.why.value if found.why else None,
    }


def _field(found: "Difference") -> str:
    """`verdict`, `note`, `demonstration`; `coverage`; `consistency` and its like; `link`; `evidence` for a whole piece,
    else its field."""
    key = found.key
    match key.kind.value:
        case "link":
            return "link"
        case "coverage":
            return "coverage"
        case "quality":
            return key.key.rpartition("/")[2]
        case _:
            return key.field or "evidence"


def _ignored(found: "Difference") -> str:
    from emrassess.domain.merge import WHY_NAMES

    return WHY_NAMES[found.why] if found.why else "不在这个任务包的条款里"
