"""`ledger`: what the experts found, given to somebody, moved, proven, as a workbook and back."""

import argparse
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from emrassess.commands.options import Commands, opened, out_option, workspace_option
from emrassess.console import print_json, progress_line
from emrassess.errors import UserError

if TYPE_CHECKING:
    from emrassess.domain.ledger_edits import RowChange
    from emrassess.services.ledger import Line, Summary
    from emrassess.services.ledger_files import LedgerImport

E = TypeVar("E", bound=StrEnum)


def add(commands: Commands) -> None:
    """Declare `ledger list`, `assign`, `move`, `proof`, `export`, `import` and `recheck`."""
    ledger = commands.group("ledger", "整改台账：专家查出的问题，由谁、何时、怎样改好")
    listing = ledger.command("list", _list, "列出台账，最急的在前")
    workspace_option(listing)
    listing.add_argument("--department", metavar="科室", help="只列这个责任科室的；空字符串是还没有科室的")
    listing.add_argument("--state", metavar="状态", help="open、in_progress、done、closed、reopened，或中文名称")
    listing.add_argument("--overdue", action="store_true", help="只列已逾期的")
    listing.add_argument("--json", action="store_true")

    assign = ledger.command("assign", _assign, "改责任科室、责任人、期限、措施或挂牌督办；没有写的不变")
    workspace_option(assign, writing=True)
    assign.add_argument("--department", metavar="科室")
    assign.add_argument("--owner", metavar="姓名", help="责任人")
    assign.add_argument("--deadline", metavar="日期", help="期限，如 2026-11-30")
    assign.add_argument("--measures", metavar="文字", help="整改措施")
    assign.add_argument("--supervised", action=argparse.BooleanOptionalAction, help="挂牌督办，或解除")
    _ids(assign)

    move = ledger.command("move", _move, "改状态：in_progress 整改中、done 报完成、closed 销号、reopened 退回再改")
    workspace_option(move, writing=True)
    move.add_argument("--to", required=True, metavar="状态")
    move.add_argument("--note", default="", metavar="文字", help="写进经过")
    _ids(move)

    proof = ledger.command("proof", _proof, "附上整改后的材料：文件，或工作区里已有的实证材料")
    workspace_option(proof, writing=True)
    proof.add_argument(
        "--evidence", action="append", default=[], metavar="材料编号", help="工作区里已有的一件实证材料；几件就写几次"
    )
    proof.add_argument("id", metavar="编号", help="问题 01.01.4(1)#1，或只有一个问题的条款")
    proof.add_argument("files", nargs="*", type=Path, metavar="文件")

    export = ledger.command("export", _export, "写成 Excel 工作簿，改好后可以再导入")
    workspace_option(export)
    out_option(export)

    taking = ledger.command("import", _import, "读回改过的工作簿；两边都改过的和不合规则的逐个说明，不采用")
    workspace_option(taking, writing=True)
    taking.add_argument("file", type=Path, metavar="文件")
    taking.add_argument("--dry-run", action="store_true", help="只显示会怎样，不改动工作区")
    taking.add_argument("--json", action="store_true")

    recheck = ledger.command("recheck", _recheck, "开始下一次回看：之后做的材料包给专家回看用")
    workspace_option(recheck, writing=True)


def _ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="编号", help="问题 01.01.4(1)#1，或条款 01.01.4(1)（它的全部问题）")


def _named(text: str, names: Mapping[E, str]) -> E:
    """The member that `text` means: its value or its Chinese name."""
    for member, name in names.items():
        if text in (member.value, name):
            return member
    known = "、".join(f"{member.value}（{name}）" for member, name in names.items())
    raise UserError(f"没有“{text}”这样的状态", f"可以写：{known}。")


# --- looking at it


def _list(options: argparse.Namespace) -> int:
    from emrassess.domain.ledger import FINDING_STATE_NAMES
    from emrassess.services import ledger, tasks

    state = None if options.state is None else _named(options.state, FINDING_STATE_NAMES)
    with opened(options) as session:
        today = tasks.now(session)
        lines = ledger.listed(session, department=options.department, state=state, overdue=options.overdue, today=today)
        summary = ledger.summary(session, today)
    if options.json:
        findings = [_line_json(line) for line in lines]
        print_json({"today": today.isoformat(), "findings": findings, "summary": _summary_json(summary)})
        return 0
    for line in lines:
        _print_line(line)
    if not summary.total:
        print("台账里还没有问题。专家的核查文件用 emrassess review import 导入后，问题会列在这里。")
        return 0
    if not lines:
        print("没有符合条件的问题")
    counts = "，".join(f"{FINDING_STATE_NAMES[state]} {count}" for state, count in summary.states.items() if count)
    print(f"台账共 {summary.total} 个问题：{counts}；已逾期 {summary.overdue}，挂牌督办 {summary.supervised}")
    return 0


def _print_line(line: "Line") -> None:
    from emrassess.domain.ledger import FINDING_STATE_NAMES
    from emrassess.domain.review import SEVERITY_NAMES

    finding = line.finding
    late = f"已逾期 {-line.days_left} 天" if line.overdue and line.days_left is not None else ""
    facts = [
        FINDING_STATE_NAMES[finding.state],
        SEVERITY_NAMES[finding.severity] if finding.severity else "",
        "挂牌督办" if finding.supervised else "",
        finding.department or "没有责任科室",
        finding.owner,
        f"期限 {finding.deadline}" if finding.deadline else "没有期限",
        late,
    ]
    print(f"{line.id}　{'，'.join(fact for fact in facts if fact)}")
    print(f"  {' '.join(finding.problem.split())}")


def _line_json(line: "Line") -> dict[str, Any]:
    finding = line.finding
    return {
        "id": line.id,
        "clause": finding.clause,
        "requirement": line.text,
        "problem": finding.problem,
        "suggestion": finding.suggestion,
        "severity": finding.severity.value,
        "group": finding.group,
        "raised": finding.raised,
        "checked": finding.checked,
        "raised_by": finding.raised_by,
        "raised_at": finding.raised_at,
        "department": finding.department,
        "owner": finding.owner,
        "deadline": finding.deadline,
        "days_left": line.days_left,
        "overdue": line.overdue,
        "supervised": finding.supervised,
        "state": finding.state.value,
        "measures": finding.measures,
        "claimed_by": finding.claimed_by,
        "claimed_at": finding.claimed_at,
        "before": list(finding.before),
        "after": list(finding.after),
        "more": dict(finding.more),
        "history": [
            {"at": event.at, "who": event.who, "state": event.state.value, "what": event.what}
            for event in finding.history
        ],
    }


def _summary_json(summary: "Summary") -> dict[str, Any]:
    return {
        "total": summary.total,
        "states": {state.value: count for state, count in summary.states.items()},
        "severities": {severity.value or "none": count for severity, count in summary.severities.items()},
        "departments": {
            name: {"total": share.total, "open": share.open, "overdue": share.overdue}
            for name, share in summary.departments.items()
        },
        "overdue": summary.overdue,
        "supervised": summary.supervised,
    }


# --- changing it


def _assign(options: argparse.Namespace) -> int:
    from emrassess.services import ledger

    wanted = {
        name: value
        for name in ("department", "owner", "deadline", "measures", "supervised")
        if (value := getattr(options, name)) is not None
    }
    if not wanted:
        raise UserError("没有说要改什么", "请写 --department、--owner、--deadline、--measures 或 --supervised。")
    with opened(options, write=True) as session:
        ledger.check_own(session)
        keys = ledger.resolved(session, options.ids)
        changes = ledger.assign(session, keys, **wanted)
    print(changes.label if changes.findings else f"没有改动，这 {len(keys)} 个问题早已如此")
    return 0


def _move(options: argparse.Namespace) -> int:
    from emrassess.domain.ledger import FINDING_STATE_NAMES
    from emrassess.services import ledger

    to = _named(options.to, FINDING_STATE_NAMES)
    with opened(options, write=True) as session:
        ledger.check_own(session)
        keys = ledger.resolved(session, options.ids)
        changes = ledger.move(session, keys, to, options.note)
    print(changes.label if changes.findings else f"没有改动，这 {len(keys)} 个问题早已是“{FINDING_STATE_NAMES[to]}”")
    return 0


def _proof(options: argparse.Namespace) -> int:
    from emrassess.services import ledger
    from emrassess.services.evidence import NewEvidence

    if not options.files and not options.evidence:
        raise UserError("没有给出整改后的材料", "请写文件，或用 --evidence 写工作区里材料的编号。")
    with opened(options, write=True) as session:
        ledger.check_own(session)
        key, *others = ledger.resolved(session, [options.id])
        if others:
            raise UserError(
                f"{options.id} 有 {len(others) + 1} 个问题", f"请写其中一个的编号：{'、'.join([key, *others])}。"
            )
        known = session.assessment.evidence
        if gone := [piece for piece in options.evidence if piece not in known]:
            raise UserError(f"工作区里没有实证材料 {'、'.join(gone)}", "请直接写文件，程序会把它收为实证材料并附上。")
        made = []
        if options.evidence:
            made.append(ledger.attach_proof(session, key, options.evidence))
        if options.files:
            files = [NewEvidence(file, file.name) for file in options.files]
            made.append(ledger.attach_files(session, key, files, progress_line()))
    for changes in made:
        print(changes.label if changes.findings else "没有改动，这些材料早已附上")
    return 0


def _recheck(options: argparse.Namespace) -> int:
    from emrassess.services import ledger

    with opened(options, write=True) as session:
        print(ledger.start_recheck(session).label)
    print("现在生成的材料包（package create）给专家回看用；上一轮还没有导入的核查结果，以后不能再导入")
    return 0


# --- as a workbook


def _export(options: argparse.Namespace) -> int:
    from emrassess.services.ledger_files import export_ledger

    with opened(options) as session:
        count = export_ledger(session, options.out)
    print(f"已写好 {count} 个问题：{options.out}")
    return 0


def _import(options: argparse.Namespace) -> int:
    from emrassess.services.ledger_files import import_ledger

    with opened(options, write=not options.dry_run) as session:
        found = import_ledger(session, options.file, options.dry_run)
    if options.json:
        print_json(_import_json(found))
    else:
        _print_import(found)
        if options.dry_run:
            print("只作了预览，工作区没有改动")
    return 1 if found.refused or found.conflicts else 0


def _print_import(found: "LedgerImport") -> None:
    print(f"改动 {len(found.changed)} 个，新增 {len(found.new)} 个，没有变化 {found.same} 个")
    for change in (*found.changed, *found.new):
        print(f"  第 {change.row} 行 {change.id}：{'、'.join(change.heads) or '新问题'}")
    for conflict in found.conflicts:
        both = f"这里是“{conflict.ours}”，表里是“{conflict.theirs}”"
        print(f"  冲突 第 {conflict.row} 行 {conflict.id} {conflict.head}：{both}")
    for refusal in found.refused:
        place = " ".join(part for part in (refusal.id, refusal.head) if part)
        print(f"  没有采用 第 {refusal.row} 行{' ' if place else ''}{place}：{refusal.reason}")
    if found.missing:
        shown = "、".join(found.missing[:5]) + (" 等" if len(found.missing) > 5 else "")
        print(f"  表里少了 {len(found.missing)} 个问题（{shown}）；台账里没有删除")


def _import_json(found: "LedgerImport") -> dict[str, Any]:
    return {
        "changed": [_row_json(change) for change in found.changed],
        "new": [_row_json(change) for change in found.new],
        "same": found.same,
        "conflicts": [
            {
                "row": conflict.row,
                "id": conflict.id,
                "field": conflict.head,
                "base": conflict.base,
                "ours": conflict.ours,
                "theirs": conflict.theirs,
            }
            for conflict in found.conflicts
        ],
        "refused": [
            {"row": refusal.row, "id": refusal.id, "field": refusal.head, "reason": refusal.reason}
            for refusal in found.refused
        ],
        "missing": list(found.missing),
    }


def _row_json(change: "RowChange") -> dict[str, Any]:
    return {"row": change.row, "id": change.id, "clause": change.clause, "fields": list(change.heads)}
