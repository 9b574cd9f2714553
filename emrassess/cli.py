"""The commands: parse, call a service, print. Exit codes: 0 done, 1 the answer is "no", 2 wrong input."""

import argparse
import getpass
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrassess import __version__
from emrassess.atomic import write_error
from emrassess.console import Parser, drop_output, print_json, progress_line, use_utf8
from emrassess.errors import UserError
from emrassess.logs import log_file, start_logging

if TYPE_CHECKING:
    from emrassess.domain.pack import Pack
    from emrassess.domain.scoring import Score

CLAUSE_ID = re.compile(r"\d\d\.\d\d\.\d\(\d+\)")
OUTCOMES = {"met": "达到", "undetermined": "待定", "not_met": "未达到"}


OpenWindow = Callable[[Path | None], int]
"""Opens the desktop program, on a workspace or on the start page; returns the exit code."""


def run(arguments: Sequence[str], open_window: OpenWindow | None = None) -> int:
    """Parse and run; what the user can cause is printed in Chinese, anything else goes to the log in full.

    `open_window` opens the desktop program; without one, commands that would open it only say so.
    """
    start_logging()
    use_utf8()
    options = _parser().parse_args(arguments)
    options.open_window = open_window
    try:
        code = options.run(options)
        print(end="", flush=True)
        return code
    except UserError as error:
        print(error.message, file=sys.stderr)
        if error.hint:
            print(error.hint, file=sys.stderr)
        return 2
    except BrokenPipeError:
        drop_output()
        return 0
    except KeyboardInterrupt:
        print("已取消。", file=sys.stderr)
        return 2
    except Exception:
        if fault := drop_output():
            print(write_error(Path("标准输出"), fault), file=sys.stderr)
            return 2
        logging.getLogger(__name__).exception("command failed: %s", options.command)
        print(f"程序出错了，数据没有改动。详细记录在 {log_file()}，请把它交给维护人员。", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="emrassess", description="医院电子病历系统应用水平分级评价的离线自评程序；不带命令时打开窗口。"
    )
    parser.add_argument("--version", action="version", version=f"emrassess {__version__}", help="显示版本")
    parser.set_defaults(run=_open_window, command="", workspace=None)
    commands = parser.add_subparsers(dest="command", metavar="命令")

    def command(to: Any, name: str, does: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = to.add_parser(name, help=text, description=text)
        added.set_defaults(run=does)
        return added

    def group(name: str, text: str) -> Any:
        added = commands.add_parser(name, help=text, description=text)
        return added.add_subparsers(dest="action", metavar="动作", required=True)

    add = command(commands, "open", _open_window, "打开窗口并打开一个工作区")
    add.add_argument("workspace", type=Path, metavar="工作区")

    add = command(commands, "demo", _demo, "生成示例医院：工作区、评分、材料包和报告，然后打开窗口")
    add.add_argument("--out", type=Path, required=True, metavar="目录")
    add.add_argument("--headless", action="store_true", help="不打开窗口")

    add = command(commands, "score", _score, "给答案文件评分")
    add.add_argument("answers", type=Path, metavar="答案文件")
    add.add_argument("--pack", metavar="标准包", help="答案文件应属于的标准包")
    add.add_argument("--target", type=int, choices=range(1, 9), metavar="1..8", help="目标级别，缺省用文件里的")
    add.add_argument("--assume-missing", metavar="0..1", help="推演：缺少的比例和系数按此值计；结果不是评分")
    add.add_argument("--json", action="store_true")

    criteria = group("criteria", "评价标准包")
    add = command(criteria, "check", _criteria_check, "检查标准包，逐条列出文件、行号和问题")
    add.add_argument(
        "path", type=Path, nargs="?", metavar="目录", help="标准包的目录或其中一个文件；缺省为随程序的标准包"
    )
    add = command(criteria, "show", _criteria_show, "显示一个标准包")
    add.add_argument("--pack", default="emr-2018", metavar="标准包")
    add.add_argument("--json", action="store_true")

    add = command(criteria, "import-official", _criteria_import, "读官方文件（.docx），与标准包核对；不改动标准包")
    add.add_argument("file", type=Path, metavar="文件")
    add.add_argument("--pack", default="emr-2018", metavar="标准包")
    add.add_argument("--out", type=Path, metavar="文件", help="把读到的原文、类别和要求写成 YAML")
    add.add_argument("--json", action="store_true")

    package = group("package", "实证材料包")
    add = command(package, "create", _package_create, "生成实证材料包并读回校验")
    _workspace_and_out(add)
    add = command(package, "verify", _package_verify, "校验实证材料包或任何 BagIt 包（目录或 zip）")
    add.add_argument("file", type=Path, metavar="文件")
    add.add_argument("--bag-only", action="store_true", help="只按 BagIt 校验，不要求是实证材料包")
    add.add_argument("--json", action="store_true")

    answers = group("answers", "工作区的答案文件")
    for name, does, text in (
        ("export", _answers_export, "把工作区的答案写成答案文件"),
        ("import", _answers_import, "把答案文件读入工作区（可一步撤销）"),
    ):
        add = command(answers, name, does, text)
        _workspace(add, writing=does is _answers_import)
        add.add_argument("file", type=Path, metavar="文件")

    evidence = group("evidence", "实证材料")
    add = command(evidence, "add", _evidence_add, "把文件作为材料附到条款")
    _workspace(add, writing=True)
    add.add_argument("--clause", nargs="+", action="extend", required=True, metavar="条款")
    add.add_argument("--title", default="", metavar="标题")
    add.add_argument("files", type=Path, nargs="*", metavar="文件")

    report = group("report", "报告")
    for name, text in (("pdf", "PDF 差距报告"), ("xlsx", "Excel 表格报告")):
        _workspace_and_out(command(report, name, _report, text))
    return parser


def _workspace(parser: argparse.ArgumentParser, *, writing: bool = False) -> None:
    parser.add_argument("--workspace", type=Path, required=True, metavar="工作区")
    if writing:
        text = "接管：确认另一台电脑上已不再使用这个工作区之后，越过它留下的锁"
        parser.add_argument("--take-over", action="store_true", help=text)


def _workspace_and_out(parser: argparse.ArgumentParser) -> None:
    _workspace(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="文件")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "命令行"


def _open_window(options: argparse.Namespace) -> int:
    if options.open_window is None or not _has_display():
        raise UserError("这里没有图形显示，窗口打不开", "请在有桌面的电脑上打开；命令见 emrassess --help。")
    return options.open_window(options.workspace)


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _demo(options: argparse.Namespace) -> int:
    from emrassess.demonstration import demonstrate

    outcome = demonstrate(options.out, progress=progress_line())
    print(outcome.summary)
    if options.headless:
        return 0
    if options.open_window is None or not _has_display():
        print("这里没有图形显示，窗口没有打开；工作区、材料包和报告都已写好，可拷到有桌面的电脑上打开。")
        return 0
    return options.open_window(outcome.workspace)


def _score(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from emrassess.domain.answers import Ratio
    from emrassess.domain.readiness import group_readiness
    from emrassess.domain.scoring import score
    from emrassess.exchange.answers_file import read_answers
    from emrassess.exchange.score_file import score_json
    from emrassess.packs.shipped import load_shipped

    answers = read_answers(options.answers, load_shipped)
    if options.pack and options.pack != answers.pack:
        raise UserError(f"答案文件属于标准包“{answers.pack}”，不是“{options.pack}”", "请改 --pack，或换答案文件。")
    pack = load_shipped(answers.pack)
    if options.target:
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
        need = result.requirement
        print(
            f"  {result.level} 级 {OUTCOMES[result.outcome]}：总分最低 {need.minimum_score}；"
            f"基本项已知 {len(result.basic_items)}/{need.basic_items}，通过 {result.basic_passed}；"
            f"选择项通过 {result.optional_passed}，要求 {need.optional_required}；待核对 {len(result.unverified_items)}"
        )
        if result.level == scored.target:
            for reason in result.reasons:
                print(f"      {reason_text(reason, pack)}")
    print("项目：代码、功能评分、计分级别、得分")
    for code, item in scored.items.items():
        name = pack.item_by_code[code].name
        print(f"  {code} {name}：功能 {item.function_level} 级，按 {item.scored_level} 级计 {item.score:.4f} 分")


def _criteria_check(options: argparse.Namespace) -> int:
    from emrassess import paths
    from emrassess.errors import FileProblems
    from emrassess.packs.loading import load_pack

    root: Path = options.path or paths.criteria_dir()
    if root.is_file():
        root = root.parent
    if not root.is_dir():
        raise UserError(f"{root} 不是目录", "请给标准包所在的目录（里面有 pack.yaml）。")
    folders = [root] if (root / "pack.yaml").exists() else sorted(p.parent for p in root.glob("*/pack.yaml"))
    if not folders:
        raise UserError(f"{root} 里没有 pack.yaml", "请给标准包的目录，或放着多个标准包的目录。")
    faulty = False
    for folder in folders:
        try:
            pack = load_pack(folder)
        except FileProblems as error:
            faulty = True
            print("\n".join(map(str, error.problems)))
            continue
        rules = sum(len(row.rules) for item in pack.items for row in item.rows)
        counts = f"{len(pack.items)} 个项目，{len(pack.clause_by_id)} 条条款，{rules} 条数据质量规则"
        print(f"{pack.id} {pack.version}：{counts}，没有问题")
    return 1 if faulty else 0


def _criteria_show(options: argparse.Namespace) -> int:
    from emrassess.packs.shipped import load_shipped
    from emrassess.packs.showing import pack_json

    pack = load_shipped(options.pack)
    if options.json:
        print_json(pack_json(pack))
        return 0
    print(f"{pack.name}（{pack.document_number}），版本 {pack.version}")
    for item in pack.items:
        print(f"\n{item.code} {item.name}")
        for row in item.rows:
            print(f"  {row.level} 级 {row.summary}")
            for clause in row.clauses:
                print(f"    {clause.id} {clause.text}")
    return 0


def _criteria_import(options: argparse.Namespace) -> int:
    from emrassess.packs.official import as_json, compare, read_official, write_overlay
    from emrassess.packs.shipped import load_shipped

    pack = load_shipped(options.pack)
    document = read_official(options.file)
    comparison = compare(document, pack)
    if options.out:
        write_overlay(document, comparison, pack, options.out)
    if options.json:
        print_json(as_json(document, comparison))
    else:
        cells = sum(len(levels) for levels in document.categories.values())
        print(
            f"读到 {len(document.wording)} 条条款原文，{cells} 个格子的评价类别，{len(document.quality)} 格数据质量要求"
        )
        for count in comparison.counts:
            agrees = "相符" if count.agrees else "不符"
            print(f"  {count.level} 级基本项：文件里 {count.found} 项，附表2 要求 {count.required} 项，{agrees}")
        for difference in comparison.differences:
            print(f"不同：{difference.message}")
        for doubt in comparison.doubts:
            print(f"存疑：{doubt.message}")
        print(f"共 {len(comparison.differences)} 处不同，{len(comparison.doubts)} 处存疑；标准包没有改动")
    return 0


def _package_create(options: argparse.Namespace) -> int:
    from emrassess.services.packages import create_package
    from emrassess.services.session import close, open_workspace

    session = open_workspace(options.workspace, _user(), write=False)
    try:
        create_package(session, options.out, progress=progress_line())
    finally:
        close(session)
    print(f"已写好并读回校验：{options.out}")
    return 0


def _package_verify(options: argparse.Namespace) -> int:
    from emrassess.services.packages import verify_package

    found = verify_package(options.file, progress=progress_line(), bag_only=options.bag_only)
    if options.json:
        print_json(found.as_json())
    else:
        for problem in found.problems:
            print(problem)
        print("校验通过" if found.ok else f"校验不通过：{len(found.problems)} 处问题")
    return 0 if found.ok else 1


def _answers_export(options: argparse.Namespace) -> int:
    from emrassess.services.answers_files import export_answers
    from emrassess.services.session import close, open_workspace

    session = open_workspace(options.workspace, _user(), write=False)
    try:
        export_answers(session, options.file)
    finally:
        close(session)
    print(f"已写好：{options.file}")
    return 0


def _answers_import(options: argparse.Namespace) -> int:
    from emrassess.services.answers_files import import_answers
    from emrassess.services.session import close, open_workspace

    session = open_workspace(options.workspace, _user(), take_over=options.take_over)
    try:
        changes = import_answers(session, options.file)
    finally:
        close(session)
    print(f"已读入：涉及 {len(changes.clauses)} 条条款、{len(changes.items)} 个项目")
    return 0


def _evidence_add(options: argparse.Namespace) -> int:
    from emrassess.services.evidence import NewEvidence, add_evidence
    from emrassess.services.session import close, open_workspace

    # `--clause ID... FILE...`: argparse gives --clause all that follows, so what is no clause id is a file.
    clauses = [text for text in options.clause if CLAUSE_ID.fullmatch(text)]
    files = [Path(text) for text in options.clause if not CLAUSE_ID.fullmatch(text)] + options.files
    if not clauses or not files:
        raise UserError("要给出至少一个条款和一个文件", "例：--clause '01.01.4(1)' 截图.png")
    session = open_workspace(options.workspace, _user(), take_over=options.take_over)
    try:
        pieces = [NewEvidence(file, file.name, title=options.title) for file in files]
        changes = add_evidence(session, pieces, clauses, progress=progress_line())
    finally:
        close(session)
    if changes.evidence:
        print(f"已附上 {len(changes.evidence)} 件材料：{'、'.join(clauses)}")
    else:
        print(f"没有改动，这些文件早已附在：{'、'.join(clauses)}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from emrassess.services.reporting import write_pdf, write_xlsx
    from emrassess.services.session import close, open_workspace

    session = open_workspace(options.workspace, _user(), write=False)
    try:
        write = write_pdf if options.action == "pdf" else write_xlsx
        write(session, options.out, progress=progress_line())
    finally:
        close(session)
    print(f"已写好：{options.out}")
    return 0
