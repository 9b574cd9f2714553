"""How the commands talk with whoever typed them: arguments and help in Chinese, output that may be cut off or full."""

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

_HEADINGS = (("usage: ", "用法："), ("\npositional arguments:\n", "\n参数：\n"), ("\noptions:\n", "\n选项：\n"))
_FAULTS = (
    (r"the following arguments are required: (.+)", r"缺少 \1"),
    (r"unrecognized arguments: (.+)", r"不认识 \1"),
    (r"argument (.+?): expected one argument", r"\1 后面要给一个值"),
    (r"argument (.+?): expected at least one argument", r"\1 后面至少要给一个值"),
    (r"argument (.+?): invalid choice: (.+) \(choose from (.+)\)", r"\1 不能是 \2，可用的：\3"),
    (r"argument (.+?): invalid \w+ value: (.+)", r"\1 不能是 \2"),
    (r"argument (.+?): ignored explicit argument (.+)", r"\1 后面不带值，现在是 \2"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 不能和 \2 一起用"),
    (r"ambiguous option: (.+) could match (.+)", r"\1 可能是 \2 中的任一个，请写全"),
)


class Parser(argparse.ArgumentParser):
    """As argparse's own, in Chinese. Names of options and commands stay as they are typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, **options)
        self.add_argument("-h", "--help", action="help", help="显示这些说明")

    def format_usage(self) -> str:
        return _in_chinese(super().format_usage())

    def format_help(self) -> str:
        return _in_chinese(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and leave with exit code 2."""
        for english, chinese in _FAULTS:
            message, found = re.subn(f"^{english}$", chinese, message, flags=re.DOTALL)
            if found:
                break
        self.print_usage(sys.stderr)
        self.exit(2, f"参数有误：{message}\n用 {self.prog} --help 查看用法。\n")


def _in_chinese(text: str) -> str:
    for english, chinese in _HEADINGS:
        text = text.replace(english, chinese, 1)
    return text


def use_utf8() -> None:
    """Print Chinese whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(data: object) -> None:
    """`data` on standard output, for other programs to read."""
    print(json.dumps(data, ensure_ascii=False, indent=1))


def confirm(question: str) -> bool | None:
    """Whether the person at the terminal says yes to `question`; None where nobody is there to read and answer it."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return None
    print(f"{question}[y/N]", end=" ", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


def drop_output() -> OSError | None:
    """Why standard output does not take what was printed, None where it does; what is stuck there is thrown away."""
    try:
        print(end="", flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return error
    return None


def progress_line() -> Callable[[int, int, str], None]:
    """A progress that prints a line a step on a terminal, and nothing where the output goes elsewhere."""
    last = ""

    def show(_done: int, _total: int, what: str) -> None:
        nonlocal last
        if what != last and sys.stderr and sys.stderr.isatty():
            print(f"… {what}", file=sys.stderr)
        last = what

    return show
