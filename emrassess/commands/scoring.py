"""`score`: the score of an answers file."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from emrassess.commands.options import Commands, chosen_pack, pack_option
from emrassess.console import print_json
from emrassess.errors import UserError

if TYPE_CHECKING:
    from emrassess.domain.pack import Pack
    from emrassess.domain.scoring import Demand, Score

OUTCOMES = {"met": "达到", "undetermined": "待定", "not_met": "未达到"}


def add(commands: Commands) -> None:
    """Declare `score`."""
    scoring = commands.command("score", _score, "给答案文件评分")
    scoring.add_argument("answers", type=Path, metavar="答案文件")
    pack_option(scoring, text="答案文件应属于的标准包：")
    scoring.add_argument("--target", type=int, choices=range(1, 9), metavar="1..8", help="目标级别，缺省用文件里的")
    scoring.add_argument("--assume-missing", metavar="0..1", help="推演：缺少的比例和系数按此值计；结果不是评分")
    scoring.add_argument("--json", action="store_true")


def _score(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from emrassess.domain.answers import Ratio
    from emrassess.domain.readiness import group_readiness
    from emrassess.domain.scoring import score
    from emrassess.exchange.answers_file import read_answers
    from emrassess.exchange.score_file import score_json
    from emrassess.packs.library import load_known

    chosen = chosen_pack(options.pack) if options.pack else None
    answers = read_answers(options.answers, chosen or load_known)
    pack = chosen or load_known(answers.pack)
    if options.target:
        if options.target not in {level.level for level in pack.levels}:
            known = "、".join(str(level.level) for level in pack.levels)
            raise UserError(f"“{pack.name}”没有 {options.target} 级", f"请给它有的级别：{known}。")
        answers = replace(answers, target=options.target)
    assumed = None
    if options.assume_missing is not None:
        try:
            assumed = Ratio.plain(options.assume_missing)
        except ValueError as error:
            raise UserError(f"--assume-missing：{error}", "请给 0 到 1 之间的小数，如 0.8。") from None
    scored = score(pack, answers)
    projected = score(pack, answers, assumed) if assumed else None
    shown = projected or scored
    if options.json:
        groups = group_readiness(pack, answers, shown, {}, pack.groups)
        print_json(score_json(pack, shown, groups))
    else:
        _print_score(pack, scored)
        if projected:
            print(f"\n以下是推演，不是评分：缺少的比例和系数都按 {options.assume_missing} 计")
            _print_score(pack, projected)
    return 0


def _print_score(pack: "Pack", scored: "Score") -> None:
    from emrassess.domain.reasons import reason_text

    print(f"{pack.name}，目标 {scored.target} 级")
    print(f"达到等级：确定 {scored.certain} 级，可能 {scored.possible} 级；总分 {scored.total:.4f}")
    for result in scored.levels.values():
        demands = "；".join(map(_demand, result.demands))
        unverified = f"；待核对 {len(result.unverified_items)}" if pack.scheme.has_categories else ""
        print(f"  {result.level} 级 {OUTCOMES[result.outcome]}：{demands}{unverified}")
        if result.level == scored.target:
            for reason in result.reasons:
                print(f"      {reason_text(reason, pack)}")
    print("项目：代码、功能评分、得分")
    for code, item in scored.items.items():
        name = pack.item_by_code[code].name
        print(f"  {code} {name}：功能 {item.function_level} 级，{item.score:.4f} 分（{pack.scheme.working(item)}）")


def _demand(demand: "Demand") -> str:
    if demand.in_points:
        least = "" if demand.needed is None else f"，最低 {demand.needed}"
        return f"{demand.name} {demand.actual:.4f}{least}"
    return f"{demand.name}已知 {len(demand.members)}，通过 {demand.actual}，要求 {demand.needed}"
