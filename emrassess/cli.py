"""The commands: parse, call a service, print. Exit codes: 0 done, 1 the answer is "no", 2 wrong input."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from emrassess import __version__
from emrassess.atomic import write_error
from emrassess.commands import answers, criteria, evidence, opening, package, packet, report, scoring, tasks
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
    parser.set_defaults(run=opening.open_window, command="", workspace=None)
    commands = Commands(parser, "command", "命令", required=False)
    for module in (opening, scoring, criteria, package, packet, tasks, answers, evidence, report):
        module.add(commands)
    return parser
