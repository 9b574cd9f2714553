"""Commands that open the window: on a workspace, packet or package, or on the demonstration hospital."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from emrassess.commands.options import Commands
from emrassess.console import progress_line
from emrassess.errors import UserError

OpenWindow = Callable[[Path | None], int]
"""Opens the desktop program, on a workspace, packet or package, or on the start page; returns the exit code."""


def add(commands: Commands) -> None:
    """Declare `open` and `demo`."""
    opening = commands.command("open", open_window, "打开窗口，并在里面打开一个工作区、任务包或实证材料包")
    opening.add_argument("file", type=Path, metavar="文件", help="工作区文件夹、任务包或材料包；open 可以不写")

    demo = commands.command("demo", _demo, "生成示例医院：工作区、评分、材料包和报告，然后打开窗口")
    demo.add_argument("--out", type=Path, required=True, metavar="目录")
    demo.add_argument("--headless", action="store_true", help="不打开窗口")


def open_window(options: argparse.Namespace) -> int:
    """Open the desktop program on `options.file`, or on the start page where that is None."""
    if options.file is not None and not options.file.exists():
        raise UserError(f"找不到 {options.file}", "请检查路径；命令见 emrassess --help。")
    if not _can_open(options):
        raise UserError("这里没有图形显示，窗口打不开", "请在有桌面的电脑上打开；命令见 emrassess --help。")
    return options.open_window(options.file)


def _demo(options: argparse.Namespace) -> int:
    from emrassess.demonstration import demonstrate

    outcome = demonstrate(options.out, progress=progress_line())
    print(outcome.summary)
    if options.headless:
        return 0
    if not _can_open(options):
        print("这里没有图形显示，窗口没有打开；工作区、材料包和报告都已写好，可拷到有桌面的电脑上打开。")
        return 0
    return options.open_window(outcome.workspace)


def _can_open(options: argparse.Namespace) -> bool:
    return options.open_window is not None and _has_display()


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
