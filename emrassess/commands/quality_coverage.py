"""`quality coverage`: effective-application ratios counted from extracts."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrassess.commands.options import Commands, chosen_pack, opened, pack_option, take_over_option
from emrassess.console import print_json, progress_line

if TYPE_CHECKING:
    from emrassess.services.coverage_counting import CoverageCount


def add(quality: Commands) -> None:
    """Declare `quality coverage` in the group of `quality`."""
    text = "按定义文件（emrassess-coverage/1）数数据文件的行，得出有效应用比例；给出工作区时采用并存为材料"
    command = quality.command("coverage", _coverage, text)
    command.add_argument("file", type=Path, metavar="定义文件")
    pack_option(command, "emr-2018")
    command.add_argument("--workspace", type=Path, metavar="工作区", help="采用到这个工作区")
    take_over_option(command)
    command.add_argument("--json", action="store_true")


def _coverage(options: argparse.Namespace) -> int:
    from emrassess.services.coverage_counting import count_coverage, read_definitions, take_coverage

    if options.workspace is None:
        counts = [
            count_coverage(each, progress_line()) for each in read_definitions(options.file, chosen_pack(options.pack))
        ]
    else:
        with opened(options, write=True) as session:
            definitions = read_definitions(options.file, session.pack)
            counts = [count_coverage(each, progress_line()) for each in definitions]
            take_coverage(session, counts)
    if options.json:
        print_json({"format": "emrassess-coverage/1", "counts": [_as_json(found) for found in counts]})
        return 0
    for found in counts:
        definition, counted = found.counted.definition, found.counted
        share = counted.numerator / counted.denominator
        named = f"{definition.item} {definition.level} 级"
        print(f"{named}：分子 {counted.numerator} ÷ 分母 {counted.denominator} ＝ {share:.4f}")
        for note in counted.notes:
            print(f"  {note.place}：{note.message}")
    if options.workspace is not None:
        print(f"已采用 {len(counts)} 个比例，定义和结果存为材料。")
    return 0


def _as_json(found: "CoverageCount") -> dict[str, Any]:
    counted = found.counted
    return {
        "item": counted.definition.item,
        "level": counted.definition.level,
        "numerator": counted.numerator,
        "denominator": counted.denominator,
        "at": found.at,
        "files": [asdict(file) for file in found.files],
        "notes": [asdict(note) for note in counted.notes],
    }
