"""`review`: what experts found on site: noted, passed on, taken home."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrassess.commands.options import Commands, opened, out_option, workspace_option
from emrassess.commands.packet import merged_json, print_merged
from emrassess.commands.passphrases import passphrase_of, passphrase_option
from emrassess.console import print_json, progress_line

if TYPE_CHECKING:
    from emrassess.domain.ledger import Finding
    from emrassess.domain.verified import Verified
    from emrassess.services.merging import MergedFile
    from emrassess.services.session import Session


def add(commands: Commands) -> None:
    """Declare `review record`, `review status`, `review export` and `review import`."""
    review = commands.group("review", "专家核查：记录、导出、导入核查结果")
    record = review.command("record", _record, "把文件里写好的核查结论记入专家的工作区（一步，可撤销）")
    workspace_option(record, writing=True)
    text = "YAML 或 JSON：条款编号: {verdict: confirmed|partly|not_confirmed|not_shown, problem, suggestion, severity}"
    record.add_argument("file", type=Path, metavar="文件", help=text)

    status = review.command("status", _status, "各组核查了多少，核查后的得分和级别")
    workspace_option(status)
    status.add_argument("--json", action="store_true")

    export = review.command("export", _export, "把一个核查组的结果写成签名的文件，交给同事或医院")
    workspace_option(export, writing=True)
    export.add_argument("--group", required=True, metavar="核查组", help="代码或名称，如 ward 或 病房组")
    out_option(export)
    passphrase_option(export, "加密")
    export.add_argument("--no-sign", action="store_true", help="不签名")

    taking = review.command("import", _import, "导入核查结果：专家之间合并；在医院的工作区里同时记入整改台账")
    workspace_option(taking, writing=True)
    taking.add_argument("files", nargs="+", type=Path, metavar="文件")
    taking.add_argument("--dry-run", action="store_true", help="只显示会怎样，不改动工作区")
    prefer = taking.add_mutually_exclusive_group()
    prefer.add_argument("--theirs", action="store_true", help="冲突一律采用对方")
    prefer.add_argument("--ours", action="store_true", help="冲突一律保留本方")
    passphrase_option(taking, "解密")
    taking.add_argument("--json", action="store_true")


def _record(options: argparse.Namespace) -> int:
    from emrassess.services.reviewing import record_file

    with opened(options, write=True) as session:
        changes = record_file(session, options.file, progress_line())
    count = len(changes.clauses)
    print(f"已记录 {count} 条核查意见" if count else "没有新的内容，工作区没有改动")
    return 0


def _export(options: argparse.Namespace) -> int:
    from emrassess.services.merging import conflicts
    from emrassess.services.review_files import export_review

    passphrase = passphrase_of(options)
    with opened(options, write=True) as session:
        made = export_review(
            session,
            options.group,
            options.out,
            passphrase=passphrase,
            sign=not options.no_sign,
            progress=progress_line(),
        )
        waiting, others = len(conflicts(session)), _said_of_others(session, options.group)
    print(f"已写好并读回校验：{options.out}")
    print(f"{made.hospital}，{made.department}：{made.answered} 条有核查结论，照片 {made.evidence} 张")
    if waiting:
        print(f"请注意：有 {waiting} 处冲突还没有决定，文件里写的是这里的内容")
    if others:
        print(f"不在这个文件里的：{'、'.join(f'{name} {count} 条' for name, count in others)}；请按那个组另外导出")
    return 0


def _said_of_others(session: "Session", chosen: str) -> list[tuple[str, int]]:
    """How many clauses of each other group have been looked at in this visit, by the group's name."""
    from emrassess.services.review_files import clauses_of_group
    from emrassess.services.reviewing import expert_review, find_group

    held, group = session.assessment, find_group(session, chosen)
    now = {c for c, opinion in held.opinions.items() if opinion.round >= expert_review(session).round}
    now.difference_update(clauses_of_group(session.pack, group))
    counted = [
        (other.name, len(now.intersection(clauses_of_group(session.pack, other))))
        for other in held.review_groups(session.pack)
    ]
    return [(name, count) for name, count in counted if count]


def _import(options: argparse.Namespace) -> int:
    from emrassess.domain.assessment import Decision
    from emrassess.services.merging import conflicts, merge, preview

    passphrase = passphrase_of(options)
    passphrases = {} if passphrase is None else dict.fromkeys(options.files, passphrase)
    with opened(options, write=not options.dry_run) as session:
        before = session.assessment.findings
        if options.dry_run:
            files = preview(session, options.files, passphrases, reviews_only=True)
        else:
            prefer = Decision.OURS if options.ours else Decision.THEIRS if options.theirs else Decision.OPEN
            files = merge(
                session,
                options.files,
                prefer=prefer,
                passphrases=passphrases,
                reviews_only=True,
                progress=progress_line(),
            ).files
        waiting = len(conflicts(session))
    findings = _ledger_counts(before, files)
    if options.json:
        print_json({**merged_json(files, waiting), "findings": findings})
    else:
        print_merged(files, waiting, dry_run=options.dry_run)
        if told := _ledger_told(findings):
            print(f"整改台账{'会' if options.dry_run else ''}{told}，共 {findings['total']} 个问题")
    return 1 if any(file.refused for file in files) else 0


def _ledger_counts(before: "Mapping[str, Finding]", files: "Iterable[MergedFile]") -> dict[str, int]:
    """What importing `files` makes of the ledger `before`: `total` afterwards; `new`, `closed`, `reopened` by it."""
    from emrassess.domain.ledger import FindingState

    after = dict(before)
    for file in files:
        after.update(file.ledger)
    moved = [f.state for key, f in after.items() if key in before and before[key].state is not f.state]
    return {
        "total": len(after),
        "new": len(after) - len(before),
        "closed": moved.count(FindingState.CLOSED),
        "reopened": moved.count(FindingState.REOPENED),
    }


def _ledger_told(counts: "Mapping[str, int]") -> str:
    named = (("new", "新增"), ("closed", "销号"), ("reopened", "退回再改"))
    return "，".join(f"{name} {counts[key]} 个" for key, name in named if counts[key])


# --- status


def _status(options: argparse.Namespace) -> int:
    with opened(options) as session:
        data = _status_data(session)
    if options.json:
        print_json(data)
    else:
        _print_status(data)
    return 0


def _status_data(session: "Session") -> dict[str, Any]:
    from emrassess.domain.verified import clauses_of, tally, verified

    held, pack = session.assessment, session.pack
    found = verified(pack, session.answers, held.opinions)
    this_round = {clause: said for clause, said in held.opinions.items() if said.round >= held.current_round}
    groups: list[dict[str, Any]] = []
    for group in held.review_groups(pack):
        clauses = clauses_of(pack, group, held.target)
        counts = tally(clauses, session.answers, held.opinions)
        by_verdict = {verdict.value or "open": number for verdict, number in counts.by_verdict.items()}
        told = {name: getattr(counts, name) for name in ("total", "looked_at", "claimed", "fallen", "findings")}
        now = tally(clauses, session.answers, this_round).looked_at
        named = {"code": group.code, "name": group.name}
        groups.append({**named, **told, "looked_at_this_round": now, "verdicts": by_verdict})
    return {
        "hospital": held.hospital,
        "round": held.current_round,
        "target": held.target,
        "groups": groups,
        **_score_data(found, held.target),
    }


def _score_data(found: "Verified", target: int) -> dict[str, Any]:
    scores = {"claimed": found.claimed, "at_most": found.at_most, "at_least": found.at_least}
    return {
        "scores": {
            name: {
                "total": f"{score.total:.4f}",
                "attained": {"certain": score.certain, "possible": score.possible},
            }
            for name, score in scores.items()
        },
        "target_stands": found.stands[target].value,
        "fallen": list(found.fallen),
    }


def _print_status(data: dict[str, Any]) -> None:
    from emrassess.domain.review import ROUND_ONE, round_name
    from emrassess.domain.verified import STANDS_NAMES, Stands

    print(f"{data['hospital']}，{round_name(data['round'])}，目标 {data['target']} 级")
    for group in data["groups"]:
        now = f"（其中这一次 {group['looked_at_this_round']} 条）" if data["round"] > ROUND_ONE else ""
        print(
            f"  {group['name']}：{group['total']} 条，已核查 {group['looked_at']} 条{now}；"
            f"自评达标 {group['claimed']} 条，其中核查后不成立 {group['fallen']} 条；问题 {group['findings']} 个"
        )
    scores = data["scores"]
    print(
        f"得分：自评 {scores['claimed']['total']}；核查后最高 {scores['at_most']['total']}（未看到的按自评算），"
        f"最低 {scores['at_least']['total']}（只算已核实的）"
    )
    print(f"{data['target']} 级：{STANDS_NAMES[Stands(data['target_stands'])]}")
