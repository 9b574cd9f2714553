"""The commands: parse, call a service, print. Exit codes: 0 done, 1 the answer is "no", 2 wrong input."""

import argparse
import logging
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from emrassess import __version__
from emrassess.atomic import write_error
from emrassess.commands import (
    answers,
    criteria,
    evidence,
    ledger,
    opening,
    package,
    packet,
    quality,
    report,
    review,
    scoring,
    tasks,
)
from emrassess.commands.opening import OpenWindow
from emrassess.commands.options import Commands
from emrassess.console import Parser, drop_output, use_utf8
from emrassess.errors import UserError
from emrassess.logs import log_file, start_logging


def run(arguments: Sequence[str], open_window: OpenWindow | None = None) -> int:
    """Parse and run; what the user can cause is printed in Chinese, anything else goes to the log in full.

    `open_window` opens the desktop program; without one, commands that would open it only say so.
    """
    start_logging()
    use_utf8()
    parser, commands = _parser()
    options = parser.parse_args(_opening(arguments, commands.names))
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


def _opening(arguments: Sequence[str], commands: Collection[str]) -> Sequence[str]:
    """A file or folder alone stands for `open`: so the desktop calls a program when one is double-clicked."""
    if len(arguments) != 1 or arguments[0] in commands or arguments[0].startswith("-"):
        return arguments
    path = Path(arguments[0])
    return ["open", arguments[0]] if path.exists() or path.suffix or len(path.parts) > 1 else arguments


def _parser() -> tuple[argparse.ArgumentParser, Commands]:
    parser = Parser(
        prog="emrassess",
        description="医院电子病历系统应用水平分级评价的离线自评程序；不带命令时打开窗口，只给一个文件时在窗口里打开它。",
    )
    parser.add_argument("--version", action="version", version=f"emrassess {__version__}", help="显示版本")
    parser.set_defaults(run=opening.open_window, command="", file=None)
    commands = Commands(parser, "command", "命令", required=False)
    modules = (opening, scoring, criteria, package, packet, tasks, answers, evidence, review, ledger, quality, report)
    for module in modules:
        module.add(commands)
    return parser, commands
