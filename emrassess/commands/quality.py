"""`quality`: the rules of annex 4, an extracts file to fill in, a run over a hospital's extracts."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emrassess.commands import quality_coverage
from emrassess.commands.options import Commands, chosen_pack, opened, pack_option, take_over_option
from emrassess.console import print_json
from emrassess.errors import UserError

if TYPE_CHECKING:
    from emrassess.domain.pack import Pack, QualityRule
    from emrassess.domain.quality import QualityRun
    from emrassess.services.quality import Examined

KINDS = {
    "filled": "字段有值",
    "dictionary": "与字典一致",
    "matched": "两边对照",
    "ordered": "时间先后",
    "within": "时限",
    "prose": "只有文字，不能计算",
}


def add(commands: Commands) -> None:
    """Declare `quality` and what it does."""
    quality = commands.group("quality", "附件 4 的数据质量规则，和按规则检查医院的数据文件")
    planned = quality.command("plan", _plan, "列出每一条规则，和要用的表、字段")
    pack_option(planned, "emr-2018")
    _item_option(planned)
    planned.add_argument("--json", action="store_true")
    to_fill_in = quality.command("template", _template, "打印一份要填写的数据文件说明（emrassess-extracts/1）")
    pack_option(to_fill_in, "emr-2018")
    _item_option(to_fill_in)
    text = "按规则检查数据文件；给出工作区时采用算出的系数，结果存为材料。没有一条规则能检查时，退出码是 1"
    run = quality.command("run", _run, text)
    run.add_argument("extracts", type=Path, metavar="数据文件说明")
    pack_option(run, text="缺省用说明里写的：")
    _item_option(run)
    run.add_argument("--workspace", type=Path, metavar="工作区", help="采用到这个工作区")
    take_over_option(run)
    run.add_argument("--json", action="store_true")
    demo = quality.command("demo", _demo, "生成虚构的数据文件，差错按已知比例，应得的结果写在 truth.json")
    pack_option(demo, "emr-2018")
    _item_option(demo)
    demo.add_argument("--out", type=Path, required=True, metavar="目录", help="新的或空的文件夹")
    demo.add_argument("--rows", type=int, default=60, metavar="条数", help="每张表约多少条记录，缺省 60，可到千万以上")
    demo.add_argument("--seed", type=int, default=1, metavar="数", help="种子：同一个数生成同样的文件，缺省 1")
    quality_coverage.add(quality)


def _item_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--item", action="append", default=[], metavar="项目", help="只要这个项目，如 01.01；可以重复")


def _checked_items(pack: "Pack", items: Sequence[str]) -> tuple[str, ...]:
    if unknown := [item for item in items if item not in pack.item_by_code]:
        raise UserError(f"标准包里没有项目 {'、'.join(unknown)}", "请给项目代码，如 01.01。")
    return tuple(items)


# --- plan and template


def _plan(options: argparse.Namespace) -> int:
    from emrassess.packs.showing import rule_json
    from emrassess.quality.engine import rules_of

    pack = chosen_pack(options.pack)
    rules = rules_of(pack, _checked_items(pack, options.item))
    kinds = Counter(rule.kind for rule in rules)
    prose = [rule for rule in rules if rule.kind == "prose"]
    if options.json:
        counts = {"rules": len(rules), "computable": len(rules) - len(prose), "prose": len(prose), "kinds": dict(kinds)}
        reasons = [{"id": rule.id, "reason": rule.reason} for rule in prose]
        listed = [rule_json(rule) for rule in rules]
        print_json({"pack": pack.id, "pack_version": pack.version, "counts": counts, "prose": reasons, "rules": listed})
        return 0
    by_kind = "，".join(f"{name} {kinds[kind]}" for kind, name in KINDS.items() if kinds[kind])
    print(f"{pack.name}：{len(rules)} 条规则，可以计算 {len(rules) - len(prose)} 条。{by_kind}")
    for rule in rules:
        print(f"  {rule.id} {KINDS[rule.kind]}：{_rule_text(rule)}")
    return 0


def _rule_text(rule: "QualityRule") -> str:
    if rule.kind == "prose" or rule.left is None:
        return rule.reason
    parts = [f"{rule.left.table}({', '.join(rule.left.fields)})"]
    if rule.right:
        parts.append(f"{rule.operator or '→'} {rule.right.table}({', '.join(rule.right.fields)})")
    parts += [f"{step.operator} {step.side.table}({', '.join(step.side.fields)})" for step in rule.then]
    if rule.min_length:
        parts.append(f"至少 {rule.min_length} 字")
    if rule.limit_minutes:
        parts.append(f"不超过 {rule.limit_minutes} 分钟")
    return " ".join(parts)


def _template(options: argparse.Namespace) -> int:
    from emrassess.quality.template import template

    pack = chosen_pack(options.pack)
    print(template(pack, _checked_items(pack, options.item)), end="")
    return 0


# --- run


def _run(options: argparse.Namespace) -> int:
    if options.workspace is None:
        pack = _pack_of(options)
        examined = _examined(options, pack)
    else:
        from emrassess.services.quality_taking import take_in

        with opened(options, write=True) as session:
            pack = session.pack
            examined = _examined(options, pack)
            take_in(session, examined)
    run = examined.run
    if options.json:
        from emrassess.exchange.quality_file import quality_json

        print_json(quality_json(pack, run))
    else:
        _print_run(run)
    return 0 if any(result.examined for result in run.rules) else 1


def _pack_of(options: argparse.Namespace) -> "Pack":
    from emrassess.quality.extracts import pack_named_in

    return chosen_pack(options.pack or pack_named_in(options.extracts))


def _examined(options: argparse.Namespace, pack: "Pack") -> "Examined":
    from emrassess.services.quality import run_extracts

    show, clear = _progress()
    try:
        return run_extracts(pack, options.extracts, items=_checked_items(pack, options.item), progress=show)
    finally:
        clear()


def _demo(options: argparse.Namespace) -> int:
    from emrassess.demonstration.extracts import make_extracts

    pack = chosen_pack(options.pack)
    items = _checked_items(pack, options.item)
    show, clear = _progress()
    try:
        made = make_extracts(options.out, pack, items=items, rows=options.rows, seed=options.seed, progress=show)
    finally:
        clear()
    print(f"已写 {made.tables} 张表和字典，共 {made.rows} 行；用到它们的规则 {made.rules} 条。内容全部虚构")
    print(f"检查：emrassess quality run {made.extracts}")
    print(f"应得的结果：{made.truth}")
    return 0


def _progress() -> tuple[Callable[[int, int, str], None], Callable[[], None]]:
    """A line on a terminal that tells how far it is, and what takes it away; elsewhere nothing."""
    seen = bool(sys.stderr and sys.stderr.isatty())

    def show(done: int, total: int, what: str) -> None:
        if seen:
            print(f"\r\x1b[K{100 * done // max(total, 1):3d}% {what[:30]}", end="", file=sys.stderr, flush=True)

    def clear() -> None:
        if seen:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    return show, clear


def _print_run(run: "QualityRun") -> None:
    from emrassess.domain.reasons import DIMENSION_NAMES

    examined = [result for result in run.rules if result.examined]
    print(f"读了 {run.rows_read} 行，检查了 {len(examined)} 条规则（共 {len(run.rules)} 条），用 {run.seconds:.1f} 秒")
    for found in run.dimensions:
        if found.coefficient is not None:
            share = f"{float(found.coefficient):.4f}（{found.examined}/{found.rules} 条规则）"
            print(f"  {found.item} {found.level} 级 {DIMENSION_NAMES[found.dimension]}：{share}")
    for result in examined:
        if result.numerator < result.denominator:
            share = result.numerator / result.denominator
            print(f"    {result.rule.id}：{result.numerator}/{result.denominator}，系数 {share:.4f}")
    reasons: Counter[str] = Counter(result.reason for result in run.rules if not result.examined)
    if reasons:
        print("没有检查的规则：")
    for reason, count in reasons.most_common():
        print(f"  {count} 条：{reason}")
    if run.notes:
        print("数据文件里的问题：")
    for note in run.notes:
        print(f"  {note.place}：{note.message}")
