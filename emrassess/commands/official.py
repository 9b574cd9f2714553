"""`criteria import-…`: the official document of the standard, and what a workspace or a pack takes from it."""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrassess.atomic import new_folder
from emrassess.commands.options import Commands, chosen_files, chosen_pack, opened, pack_option, take_over_option
from emrassess.console import confirm, print_json, progress_line
from emrassess.errors import UserError

if TYPE_CHECKING:
    from emrassess.packs.official import AnnualDifferences, Comparison, OfficialDocument
    from emrassess.services.official import Cell, Proposal
    from emrassess.services.session import Session

PACK = "emr-2018"
_NAMES = {"basic": "基本项", "optional": "选择项"}


def add(criteria: Commands) -> None:
    """Declare the actions of `criteria` that read the official document."""
    whole = criteria.command(
        "import-official", _import_official, "读官方文件（.docx），与标准包核对；可取入工作区，不改动标准包"
    )
    whole.add_argument("file", type=Path, metavar="文件")
    pack_option(whole)
    to = whole.add_mutually_exclusive_group()
    to.add_argument("--workspace", type=Path, metavar="工作区", help="确认后，把原文和类别取入这个工作区")
    to.add_argument("--out", type=Path, metavar="文件", help="把读到的原文、类别和要求写成 YAML")
    whole.add_argument("--yes", action="store_true", help="不再询问，直接取入工作区；存疑的类别不取")
    take_over_option(whole)
    whole.add_argument("--json", action="store_true")

    annual = criteria.command(
        "import-quality", _import_quality, "读新一年的附表4（数据质量评估项目表，.docx），与标准包核对，写成新版标准包"
    )
    annual.add_argument("file", type=Path, metavar="文件")
    pack_option(annual, default=PACK)
    annual.add_argument("--earlier", type=Path, metavar="文件", help="编写标准包时所依据的官方文件，作对照")
    annual.add_argument("--year", type=int, metavar="年份", help="附表4是哪一年的，文件里没有写明时要给出")
    annual.add_argument("--out", type=Path, metavar="目录", help="把新版标准包写到这个新文件夹")
    annual.add_argument("--json", action="store_true")


# --- the whole document


def _import_official(options: argparse.Namespace) -> int:
    from emrassess.packs.official import as_json, compare, read_official, write_overlay

    if options.workspace:
        return _import_to_workspace(options)
    if options.yes or options.take_over:
        raise UserError("--yes 和 --take-over 只和 --workspace 一起用", "请给出要取入的工作区。")
    pack = chosen_pack(options.pack or PACK)
    document = read_official(options.file)
    comparison = compare(document, pack)
    if options.out:
        write_overlay(document, comparison, pack, options.out)
    if options.json:
        print_json(as_json(document, comparison))
    else:
        _print_comparison(document, comparison)
        if options.out:
            print(f"已写好：{options.out}（含官方原文，请只在本院内使用）")
    return 0


def _import_to_workspace(options: argparse.Namespace) -> int:
    """Show what the document offers to the workspace, and take it where a person or `--yes` says so."""
    from emrassess.packs.official import as_json
    from emrassess.services.official import propose, take_over

    with opened(options) as session:
        _check_pack(options.pack, session)
        proposal = propose(session, options.file, progress_line())
        if not options.json:
            _print_comparison(proposal.document, proposal.comparison)
            _print_proposal(session, proposal)
    offered = {"wording": len(proposal.wording), "categories": len(proposal.categories)}
    taken = any(offered.values()) and _agreed(options)
    if taken:
        with opened(options, write=True) as session:
            take_over(session, proposal, wording=bool(proposal.wording))
    if options.json:
        print_json({**as_json(proposal.document, proposal.comparison), "taken": offered if taken else None})
    elif taken:
        print(f"已取用：{_offer(proposal)}")
    return 0 if taken else 1


def _check_pack(name: str | None, session: "Session") -> None:
    """`--pack` says again which pack is meant; a workspace has one of its own."""
    if name and chosen_pack(name).id != session.pack.id:
        raise UserError(f"工作区用的标准包是“{session.pack.id}”，不是“{name}”", "请去掉 --pack，或换一个工作区。")


def _agreed(options: argparse.Namespace) -> bool:
    """Whether to take what was shown; says so where it is not."""
    if options.yes:
        return True
    answer = None if options.json else confirm("确认取用以上内容？")
    if answer is None:
        print("没有取用，工作区没有改动；看过之后要取用，请加 --yes。", file=sys.stderr)
    elif not answer:
        print("没有取用，工作区没有改动。")
    return bool(answer)


def _print_comparison(document: "OfficialDocument", comparison: "Comparison") -> None:
    cells = sum(len(levels) for levels in document.categories.values())
    print(f"读到 {len(document.wording)} 条条款原文，{cells} 个格子的评价类别，{len(document.quality)} 格数据质量要求")
    for count in comparison.counts:
        agrees = "相符" if count.agrees else "不符"
        print(f"  {count.level} 级基本项：文件里 {count.found} 项，附表2 要求 {count.required} 项，{agrees}")
    for difference in comparison.differences:
        print(f"不同：{difference.message}")
    for doubt in comparison.doubts:
        print(f"存疑：{doubt.message}")
    print(f"共 {len(comparison.differences)} 处不同，{len(comparison.doubts)} 处存疑；标准包没有改动")


def _print_proposal(session: "Session", proposal: "Proposal") -> None:
    """What would be taken, and what would not."""
    print()
    if not proposal.wording and not proposal.categories:
        print("没有可取用的内容，工作区没有改动")
    else:
        print(f"可取用：{_offer(proposal)}")
    if (held := session.assessment.official) and proposal.wording:
        print(f"  工作区里现有的原文（取自“{held.file_name}”）将被换掉")
    if proposal.unsure_rows:
        print(f"  不取原文，分条与标准包不同：{'、'.join(proposal.unsure_rows)}")
    if proposal.doubtful:
        print(f"  存疑的类别 {len(proposal.doubtful)} 格不取，请在窗口里逐格确认：{_cells(proposal.doubtful)}")
    for found in proposal.contradicting:
        ours, theirs = (_NAMES.get(category.value, "待核对") for category in (found.ours, found.documents))
        print(f"  不取：{found.item} {found.level} 级已确认为{ours}，文件里是{theirs}")


def _offer(proposal: "Proposal") -> str:
    return f"原文 {len(proposal.wording)} 条，评价类别 {len(proposal.categories)} 格"


def _cells(cells: Iterable["Cell"]) -> str:
    return "、".join(f"{item} {level} 级" for item, level in cells)


# --- annex 4


def _import_quality(options: argparse.Namespace) -> int:
    from emrassess.packs.library import load_files
    from emrassess.packs.official import annual_differences, difference_lines, edition_files, read_official

    files = chosen_files(options.pack)
    pack = load_files(files)
    earlier = read_official(options.earlier) if options.earlier else None
    found = annual_differences(read_official(options.file), pack, earlier)
    if options.year is not None:
        found = replace(found, year=options.year)
    if not options.json:
        print("\n".join(difference_lines(found)))
    if options.out:
        edition = edition_files(found, pack, files)
        version = load_files(edition).version
        _write_folder(options.out.absolute(), edition)
        if not options.json:
            _print_way_on(options.out, f"{pack.id} {version}")
    elif not options.json:
        print("只作了核对，没有写出新版；要写出，请加 --out 新文件夹")
    if options.json:
        print_json(_annual_json(found, options.out))
    return 0


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    with new_folder(folder) as fresh:
        for name, content in files.items():
            (fresh / name).write_bytes(content)


def _print_way_on(folder: Path, edition: str) -> None:
    print(f"已写好新版标准包 {edition}：{folder}")
    print(f"接下来：1. 在 {folder / 'quality.yaml'} 里给改动和新增的格写检查规则（不写也能用，系数由医院自己填）；")
    print(f"　　　　2. emrassess criteria check {folder}，看还缺什么；")
    print(f"　　　　3. emrassess criteria install {folder}，装入；")
    print(f"　　　　4. emrassess criteria upgrade --workspace 工作区 --to {folder} --out 新文件夹，转入新版。")


def _annual_json(found: "AnnualDifferences", out: Path | None) -> dict[str, Any]:
    """The result of `criteria import-quality --json`; cells that are the same are only counted."""
    return {
        "year": found.year,
        "edition_before": found.edition_before,
        "changed": found.changed,
        "counts": {kind.value: count for kind, count in found.counts.items()},
        "changes": [
            {
                "kind": change.kind.value,
                "row": change.row,
                "dimension": change.dimension.value,
                "text": change.text,
                "before": change.before,
            }
            for change in found.changes
            if change.kind.value != "same"
        ],
        "gaining": list(found.gaining),
        "losing": list(found.losing),
        "problems": list(found.problems),
        "out": str(out) if out else None,
    }
